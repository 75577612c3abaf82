/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a recording in parts for the tests of the command, by the recorder: a WAV
 * of 8 channels in blocks of 0.1 s, whose sizes are written again behind every
 * fifth block and at the end, and NAME.expected, the same by plain writes.
 *
 *   make-parts NAME BLOCKS FAILING BACKUP... [stop]
 *
 * Every FAILING-th sync fails.  stop: it is not brought to its end. */
#include "sc-crc32c.h"
#include "sc-recorder.h"
#include "sc-recording-name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4800 * 16, HEADER = 44 };

static ScFileOps ops;
static _Atomic int syncs;
static int failing;
static ScRecorder recorder;
static FILE *plain;
static uint8_t header[HEADER] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\10\0"
    "\x80\xbb\0\0\0\xb8\x0b\0\x10\0\x10\0data";
static uint64_t end;

static int
failing_datasync (const ScFileOps * self, int fd)
{
  return (syncs++ + 1) % failing == 0 ? -EIO
      : sc_file_ops_posix.datasync (self, fd);
}

static void
must (int ret, const char *what)
{
  if (ret >= 0)
    return;
  fprintf (stderr, "make-parts: %s: %s\n", what, strerror (-ret));
  exit (1);
}

static void
write_at (const void *data, size_t size, uint64_t at)
{
  size_t taken;

  must (sc_recorder_write (&recorder, at, SC_BYTE_RING_NO_TIME, data, size,
          SC_WAIT_FOREVER, &taken), "write");
  if (fseek (plain, (long) at, SEEK_SET) != 0
      || fwrite (data, 1, size, plain) != size)
    must (-EIO, "plain");
  if (at + size > end)
    end = at + size;
}

static void
put_le32 (uint8_t * p, uint64_t value)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t) (value >> 8 * i);
}

static void
rewrite_header (void)
{
  put_le32 (header + 4, end - 8);
  put_le32 (header + 40, end - HEADER);
  write_at (header, HEADER, 0);
}

static void
record (int blocks)
{
  static uint8_t block[BLOCK];

  write_at (header, HEADER, 0);
  for (int i = 0; i < blocks; i++) {
    for (size_t b = 0; b < BLOCK; b++)
      block[b] = (uint8_t) sc_crc32c ((uint32_t) i, &b, sizeof (b));
    write_at (block, BLOCK, end);
    if (i % 5 == 4)
      rewrite_header ();
    must (sc_recorder_sync (&recorder, SC_WAIT_FOREVER), "sync");
  }
  rewrite_header ();
}

int
main (int argc, char **argv)
{
  char part[4096], journal[4096], expected[4096];
  ScRecorderConfig config = {.policy = SC_SYNC_ON_REQUEST,
    .ring_size = 1 << 20
  };
  ScRecorderStateLog log;
  ScFault fault;
  bool stops = argc > 4 && strcmp (argv[argc - 1], "stop") == 0;

  if (argc < 4)
    return 64;
  failing = atoi (argv[3]);
  ops = sc_file_ops_posix;
  ops.datasync = failing_datasync;
  must (sc_recording_part_path (argv[1], part, sizeof (part)), "name");
  must (sc_recording_journal_path (argv[1], journal, sizeof (journal)), "name");
  snprintf (expected, sizeof (expected), "%s.expected", argv[1]);
  plain = fopen (expected, "wb");
  if (plain == NULL)
    must (-errno, expected);
  config.target = (ScTargetConfig) {.ops = &ops,.path = part,
    .publish_path = argv[1],.journal_path = journal,.exclusive = true,
    .permissions = 0600
  };
  config.backups = (const char *const *) argv + 4;
  config.backup_count = (unsigned) (argc - 4 - stops);
  config.region = aligned_alloc (4096, sc_recorder_region_size (&config));
  config.release_region = free;
  sc_recorder_state_log_init (&log);
  must (sc_recorder_open (&recorder, &config, &log, &fault), "open");
  record (atoi (argv[2]));
  if (!stops)
    must (sc_recorder_finish (&recorder, SC_WAIT_FOREVER), "finish");
  must (sc_recorder_close (&recorder, &fault), "close");
  fclose (plain);
  return 0;
}
