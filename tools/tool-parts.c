/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-parts.h"

#include "sc-manifest-file.h"
#include "sc-recording-name.h"

#include <stdio.h>
#include <string.h>

/* The file's name less what a later part has behind it: .XXXXXXXX-K */
static void
strip_part (char *stem, const ScRecoveryReport * report)
{
  const uint8_t *uuid = report->header.uuid;
  size_t length = strlen (stem), behind;
  char suffix[32];

  behind = (size_t) snprintf (suffix, sizeof (suffix), ".%02x%02x%02x%02x-%u",
      uuid[0], uuid[1], uuid[2], uuid[3], report->part);
  if (length > behind && strcmp (stem + length - behind, suffix) == 0)
    stem[length - behind] = '\0';
}

static bool
names (const char *manifest_path, const ScRecoveryReport * report)
{
  ScManifest manifest;
  bool does = sc_manifest_file_read (&manifest, &sc_file_ops_posix,
      manifest_path) == 0
      && memcmp (manifest.uuid, report->header.uuid, 16) == 0;

  sc_manifest_clear (&manifest);
  return does;
}

bool
sc_parts_find_manifest (const char *path, const ScRecoveryReport * report,
    char manifest[PATH_MAX])
{
  char stem[PATH_MAX];

  manifest[0] = '\0';
  if (report->journal_error < 0)
    return false;
  if (sc_recording_final_path (path, stem, PATH_MAX) < 0
      && snprintf (stem, PATH_MAX, "%s", path) >= PATH_MAX)
    return report->part > 0;
  strip_part (stem, report);
  if (snprintf (manifest, PATH_MAX, "%s" SC_MANIFEST_SUFFIX, stem) >= PATH_MAX
      || !names (manifest, report))
    manifest[0] = '\0';
  return report->part > 0 || manifest[0] != '\0';
}
