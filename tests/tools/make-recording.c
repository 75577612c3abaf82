/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes an interrupted recording for the tests of the command: NAME.part, a WAV
 * of 8 channels in blocks of 0.1 s, and NAME.sfj, by the writer's rules.
 *
 *   make-recording NAME BLOCKS MARKED [close] [hold] [gap] [odd]
 *
 * The mark stands behind block MARKED.  Behind every fifth block the sizes in
 * the WAV header are written again.  close: marks all and closes the journal.
 * odd: 7 bytes of a frame follow the last block, below its mark.
 * hold: says so and keeps the file's lock until standard input ends.  gap: behind
 * the second block so much as two more was left out. */
#include "sc-crc32c.h"
#include "sc-journal-writer.h"
#include "sc-recording-name.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4800 * 16, HEADER = 44 };

static const ScFileOps *ops = &sc_file_ops_posix;
static ScJournalWriter journal;
static uint8_t buffer[SC_JOURNAL_BUFFER_DEFAULT];
static uint8_t block[BLOCK];
static uint8_t header[HEADER] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\10\0"
    "\x80\xbb\0\0\0\xb8\x0b\0\x10\0\x10\0data";
static uint64_t end;
static int fd;

static void
must (int ret, const char *what)
{
  if (ret >= 0)
    return;
  fprintf (stderr, "make-recording: %s: %s\n", what, strerror (-ret));
  exit (1);
}

static void
write_at (const void *data, size_t size, uint64_t at)
{
  struct iovec iov = { (void *) data, size };

  must (sc_file_write_all (ops, fd, &iov, 1, at), "write");
}

static void
append (const void *data, size_t size)
{
  write_at (data, size, end);
  must (sc_journal_writer_extent (&journal, end, size, sc_crc32c (0, data,
              size)), "extent");
  must (sc_journal_writer_flush (&journal), "flush");
  end += size;
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
  uint8_t now[HEADER];

  memcpy (now, header, HEADER);
  put_le32 (now + 4, end - 8);
  put_le32 (now + 40, end - HEADER);
  must (sc_journal_writer_overwrite (&journal, 0, header, now, HEADER),
      "overwrite");
  must (sc_journal_writer_sync (&journal), "sync");
  write_at (now, HEADER, 0);
  memcpy (header, now, HEADER);
}

static void
mark (void)
{
  must (ops->datasync (ops, fd), "datasync");
  must (sc_journal_writer_mark (&journal, end, SC_JOURNAL_NO_TIME), "mark");
  must (sc_journal_writer_sync (&journal), "sync");
}

static void
leave_out (uint64_t size)
{
  const uint64_t second = 1000000000;
  ScJournalGap gap = {.offset = end,.size = size,.buffers = 4,
    .first_ns = 2 * second,.last_ns = 2 * second + second / 4
  };

  must (ops->truncate (ops, fd, end + size), "truncate");
  must (sc_journal_writer_gap (&journal, &gap), "gap");
  end += size;
}

static void
record (int blocks, int marked, bool gap, bool odd)
{
  append (header, HEADER);
  for (int i = 0; i < blocks; i++) {
    for (size_t b = 0; b < BLOCK; b++)
      block[b] = (uint8_t) (sc_crc32c ((uint32_t) i, &b, sizeof (b)));
    append (block, BLOCK);
    if (i == 1 && gap)
      leave_out (2 * BLOCK);
    if (i % 5 == 4)
      rewrite_header ();
    if (i + 1 == blocks && odd)
      append (block, 7);
    if (i + 1 == marked)
      mark ();
  }
}

int
main (int argc, char **argv)
{
  ScJournalHeader head;
  char part[4096], path[4096];
  bool closes = false, holds = false, gap = false, odd = false;

  for (int i = 4; i < argc; i++) {
    closes |= strcmp (argv[i], "close") == 0;
    holds |= strcmp (argv[i], "hold") == 0;
    gap |= strcmp (argv[i], "gap") == 0;
    odd |= strcmp (argv[i], "odd") == 0;
  }
  if (argc < 4)
    return 64;
  must (sc_recording_part_path (argv[1], part, sizeof (part)), "name");
  must (sc_recording_journal_path (argv[1], path, sizeof (path)), "name");
  fd = ops->open (ops, part, O_RDWR | O_CREAT | O_EXCL, 0600);
  must (fd, part);
  must (ops->lock (ops, fd), "lock");
  must (sc_journal_header_init (&head, sc_recording_base_name (argv[1]), 0),
      "name");
  must (sc_journal_writer_create (&journal, ops, path, 0600, &head, buffer,
          sizeof (buffer)), path);
  record (atoi (argv[2]), atoi (argv[3]), gap, odd);
  if (closes) {
    rewrite_header ();
    mark ();
    must (sc_journal_writer_close_record (&journal, 0), "close");
    must (sc_journal_writer_sync (&journal), "sync");
  }
  must (sc_journal_writer_close (&journal), "close");
  if (holds) {
    puts ("recording");
    fflush (stdout);
    while (getchar () != EOF);
  }
  must (ops->close (ops, fd), "close");
  return 0;
}
