/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The safecapture command: looks after recordings of safefilesink. */
#include "tool.h"

#include "tool-text.h"

#include <stdio.h>
#include <string.h>

static const struct
{
  const char *name;
  int (*run) (int argc, char **argv);
} commands[] = {
  {"verify", sc_tool_verify},
  {"recover", sc_tool_recover},
  {"join", sc_tool_join},
  {"info", sc_tool_info},
  {"monitor", sc_tool_monitor},
};

static const char help[] =
    "safecapture: looks after recordings made with safefilesink\n"
    "\n"
    "  safecapture verify FILE...\n"
    "      Holds files against their journals (NAME.sfj), read-only: an\n"
    "      unfinished NAME.part, or a published file whose journal was kept.\n"
    "\n"
    "  safecapture recover [-o OUT | --in-place] [OPTIONS] FILE.part\n"
    "      Makes a playable file of what a crash left, and tells exactly what\n"
    "      is kept and lost.  Writes FILE (or OUT) and leaves FILE.part and its\n"
    "      journal as they are; never replaces a file.\n"
    "        -o, --output OUT    the file to write\n"
    "        --in-place          repair FILE.part itself, rename it to FILE and\n"
    "                            remove the journal: needs no space\n"
    "        --keep-unverified   keep bytes at the end that the journal does\n"
    "                            not vouch for\n"
    "        --without-journal   repair the container alone\n"
    "        --moov-recovery M   mp4mux's moov-recovery-file, where it is not\n"
    "                            called FILE.mrf\n"
    "\n"
    "  safecapture join MANIFEST -o OUT\n"
    "      Makes one file of a recording that had to go on at another place:\n"
    "      of the parts that NAME.sfm names.  They stay as they are.\n"
    "\n"
    "  safecapture info FILE\n"
    "      What a file and its journal (or a journal alone) say, unchecked.\n"
    "\n"
    "  safecapture monitor [OPTIONS] PIPELINE\n"
    "      Runs a line of gst-launch-1.0 and shows how the recording does; see\n"
    "      safecapture monitor --help.  Needs GStreamer.\n"
    "\n"
    "  safecapture --help | --version\n"
    "\n"
    "Exit codes: 0 whole, 1 repaired (verify: can be repaired), 2 loss below\n"
    "the durable mark, 3 cannot be read or vouched for, 64 wrong usage.\n";

static int
run (int argc, char **argv)
{
  if (argc < 2) {
    fputs (help, stderr);
    return SC_EXIT_USAGE;
  }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0) {
    fputs (help, stdout);
    return SC_EXIT_WHOLE;
  }
  if (strcmp (argv[1], "--version") == 0) {
    puts ("safecapture " PACKAGE_VERSION);
    return SC_EXIT_WHOLE;
  }
  for (size_t i = 0; i < sizeof (commands) / sizeof (commands[0]); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 1, argv + 1);
  sc_text_complain (argv[1], "no such command; see safecapture --help");
  return SC_EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  int code = run (argc, argv);

  if (fflush (stdout) != 0 || ferror (stdout)) {
    sc_text_complain (NULL, "standard output cannot be written");
    return code == SC_EXIT_WHOLE ? SC_EXIT_CANNOT_READ : code;
  }
  return code;
}
