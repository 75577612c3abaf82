/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recording-name.h"

#include <errno.h>
#include <string.h>

#define PART_SIZE (sizeof (SC_PART_SUFFIX) - 1)

const char *
sc_recording_base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash == NULL ? path : slash + 1;
}

bool
sc_recording_is_part (const char *path)
{
  const char *base = sc_recording_base_name (path);
  size_t size = strlen (base);

  return size > PART_SIZE
      && strcmp (base + size - PART_SIZE, SC_PART_SUFFIX) == 0;
}

/* The first @stem bytes of @path, then @suffix. */
static int
join (const char *path, size_t stem, const char *suffix, char *out, size_t size)
{
  size_t suffix_size = strlen (suffix) + 1;

  if (stem > size || suffix_size > size - stem)
    return -ENAMETOOLONG;
  memcpy (out, path, stem);
  memcpy (out + stem, suffix, suffix_size);
  return 0;
}

int
sc_recording_part_path (const char *final_path, char *out, size_t size)
{
  if (sc_recording_base_name (final_path)[0] == '\0')
    return -EINVAL;
  return join (final_path, strlen (final_path), SC_PART_SUFFIX, out, size);
}

/* The published name, then @suffix. */
static int
beside (const char *path, const char *suffix, char *out, size_t size)
{
  size_t stem = strlen (path);

  if (sc_recording_base_name (path)[0] == '\0')
    return -EINVAL;
  if (sc_recording_is_part (path))
    stem -= PART_SIZE;
  return join (path, stem, suffix, out, size);
}

int
sc_recording_journal_path (const char *path, char *out, size_t size)
{
  return beside (path, SC_JOURNAL_SUFFIX, out, size);
}

int
sc_recording_companion_path (const char *path, char *out, size_t size)
{
  return beside (path, SC_COMPANION_SUFFIX, out, size);
}

int
sc_recording_final_path (const char *part_path, char *out, size_t size)
{
  if (!sc_recording_is_part (part_path))
    return -EINVAL;
  return join (part_path, strlen (part_path) - PART_SIZE, "", out, size);
}
