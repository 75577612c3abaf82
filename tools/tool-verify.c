/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safecapture verify: holds files against their journals, read-only. */
#include "tool.h"

#include "sc-recording-name.h"
#include "tool-certificate.h"
#include "tool-gaps.h"
#include "tool-parts.h"
#include "tool-text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void
note_if_live (const char *path)
{
  const ScFileOps *ops = &sc_file_ops_posix;
  int fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK, 0);

  if (fd < 0)
    return;
  if (ops->lock (ops, fd) == -EWOULDBLOCK)
    sc_certificate_line ("note", "it is being recorded at this moment: what "
        "was written since the look began is missing here");
  ops->close (ops, fd);
}

static void
note_if_part (const char *path, const ScRecoveryReport * report)
{
  char manifest[PATH_MAX], name[SC_TEXT_NAME];

  if (sc_parts_find_manifest (path, report, manifest))
    sc_certificate_line ("note", "it is a part of a recording that went on "
        "elsewhere: \"safecapture join %s -o OUT\" makes one file of it",
        manifest[0] != '\0' ? sc_text_name (manifest, name) : "MANIFEST");
}

static int
verify (const char *path)
{
  ScRecoveryReport report;
  ScContainerPlan plan;
  char journal[PATH_MAX];
  int ret = sc_recording_journal_path (path, journal, sizeof (journal));
  int code = SC_EXIT_CANNOT_READ;

  if (ret < 0) {
    sc_text_complain (path, "not a file name: %s", strerror (-ret));
    return SC_EXIT_CANNOT_READ;
  }
  ret = sc_recovery_examine (&report, &sc_file_ops_posix, path, journal, NULL);
  if (ret < 0) {
    sc_text_complain (path, "cannot be read: %s", strerror (-ret));
  } else {
    sc_certificate_print (path, journal, &report,
        sc_certificate_plan (path, NULL, &plan));
    note_if_live (path);
    note_if_part (path, &report);
    sc_certificate_line ("verdict", "%s%s", sc_certificate_verdict (&report),
        sc_gaps_verdict (&report.gaps));
    code = sc_gaps_exit_code (&report.gaps, (int) report.verdict);
  }
  sc_recovery_report_clear (&report);
  return code;
}

int
sc_tool_verify (int argc, char **argv)
{
  int worst = SC_EXIT_WHOLE, first = 1;

  if (argc > 1 && strcmp (argv[1], "--") == 0)
    first = 2;
  else if (argc > 1 && argv[1][0] == '-' && argv[1][1] != '\0') {
    sc_text_complain (NULL, "verify has no options; write \"verify -- %s\" for "
        "a file of this name", "FILE");
    return SC_EXIT_USAGE;
  }
  if (first >= argc) {
    sc_text_complain (NULL, "verify needs the name of a file");
    return SC_EXIT_USAGE;
  }
  for (int i = first; i < argc; i++) {
    int code;

    if (strcmp (argv[i], "-") == 0) {
      sc_text_complain (NULL, "standard input cannot be verified: name a file");
      return SC_EXIT_USAGE;
    }
    code = verify (argv[i]);
    worst = code > worst ? code : worst;
  }
  return worst;
}

_Static_assert ((int) SC_RECOVERY_WHOLE == SC_EXIT_WHOLE
    && (int) SC_RECOVERY_REPAIRABLE == SC_EXIT_REPAIRED
    && (int) SC_RECOVERY_LOSS == SC_EXIT_LOSS
    && (int) SC_RECOVERY_UNVOUCHED == SC_EXIT_CANNOT_READ,
    "verdicts are exit codes");
