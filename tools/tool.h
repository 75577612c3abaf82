/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The subcommands of safecapture: one file each.  Each gets its own arguments
 * (argv[0] is its name), prints results on standard output and complaints on
 * standard error, and returns an exit code.
 */
#ifndef SC_TOOL_H
#define SC_TOOL_H

enum
{
  SC_EXIT_WHOLE = 0,
  SC_EXIT_REPAIRED = 1,         /* or, where nothing is written, repairable */
  SC_EXIT_LOSS = 2,             /* below the durable mark */
  SC_EXIT_CANNOT_READ = 3,
  SC_EXIT_USAGE = 64,
};

int sc_tool_verify (int argc, char **argv);
int sc_tool_recover (int argc, char **argv);
int sc_tool_info (int argc, char **argv);
int sc_tool_join (int argc, char **argv);
int sc_tool_monitor (int argc, char **argv);

#endif
