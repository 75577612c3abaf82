/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safecapture monitor is a program of its own, as it needs GStreamer: recordings
 * can then be recovered where there is none.
 */
#include "tool.h"

#include "tool-text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "safecapture-monitor"

/* Beside this program, as where it was built: false if that has no name. */
static int
find_beside (char path[PATH_MAX])
{
  ssize_t length = readlink ("/proc/self/exe", path, PATH_MAX - 1);
  char *slash;

  if (length < 0)
    return 0;
  path[length] = '\0';
  slash = strrchr (path, '/');
  if (slash == NULL || (size_t) (slash + 1 - path) + sizeof (PROGRAM)
      > PATH_MAX)
    return 0;
  strcpy (slash + 1, PROGRAM);
  return 1;
}

int
sc_tool_monitor (int argc, char **argv)
{
  char path[PATH_MAX];

  (void) argc;
  argv[0] = (char *) PROGRAM;
  if (find_beside (path))
    execv (path, argv);
  execv (LIBEXECDIR "/" PROGRAM, argv);
  sc_text_complain ("monitor", "%s", errno == ENOENT
      ? "not there: it needs GStreamer, and safecapture was built or "
      "installed without it" : strerror (errno));
  return SC_EXIT_USAGE;
}
