/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What test-crash-images.py does with GStreamer:
 *
 *   crash-take record WAY FRAMES LOCATION LOG SINK [claims-all]
 *   crash-take check PATH SCRATCH COMMAND WAY LOG REFERENCE
 *
 * WAY is a number of take.h's table.  `record` exits with 77 where an element is
 * missing.  `check` reads positions of the disk from its standard input, one a
 * line, each once the image of that moment is mounted, and answers with a line:
 * the mark that was promised, and what is wrong or "right".
 */
#include "take.h"

#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
record (char **argv)
{
  const TakeWay *way = &take_ways[atoi (argv[2])];

  if (!take_way_is_there (way))
    return 77;
  return !take_record (way, (guint) atoi (argv[3]), argv[6], argv[4],
      g_strcmp0 (argv[7], "claims-all") == 0, take_log_map (argv[5]));
}

static int
check (char **argv)
{
  const TakeWay *way = &take_ways[atoi (argv[5])];
  const TakeLog *log = take_log_map (argv[6]);
  const TakeLog *reference = take_log_map (argv[7]);
  char line[64];

  take_way_is_there (way);
  while (fgets (line, sizeof (line), stdin) != NULL) {
    guint64 promised;
    gchar *wrong = take_check (way, log, reference, argv[2], argv[3], argv[4],
        g_ascii_strtoull (line, NULL, 10), &promised);

    printf ("%" G_GUINT64_FORMAT " %s\n", promised,
        wrong != NULL ? wrong : "right");
    fflush (stdout);
    g_free (wrong);
  }
  return 0;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc >= 7 && argc <= 8 && g_str_equal (argv[1], "record"))
    return record (argv);
  if (argc == 8 && g_str_equal (argv[1], "check"))
    return check (argv);
  return 64;
}
