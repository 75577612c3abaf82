/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safecapture info: what a file and its journal say, unchecked. */
#include "tool.h"

#include "sc-journal-reader.h"
#include "sc-manifest-file.h"
#include "sc-recording-name.h"
#include "tool-certificate.h"
#include "tool-gaps.h"
#include "tool-text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of those that are summed up; 48 bytes each. */
#define GAPS_MAX (1u << 16)

static bool
ends_in (const char *path, const char *suffix)
{
  size_t size = strlen (path), end = strlen (suffix);

  return size > end && strcmp (path + size - end, suffix) == 0;
}

static void
print_media (const char *path, uint64_t size)
{
  char amount[SC_TEXT_SHORT], duration[SC_TEXT_SHORT];
  ScContainerPlan plan;
  const ScContainerPlan *known = sc_certificate_plan (path, NULL, &plan);

  sc_certificate_line ("file size", "%s", sc_text_bytes (size, amount));
  sc_certificate_print_format (known);
  if (known == NULL || plan.beyond_repair)
    return;
  sc_certificate_line ("running time", "%s",
      sc_text_duration (plan.duration_ns, duration));
  if (plan.needs_repair)
    sc_certificate_line ("container", "its headers do not say all that is "
        "there: not finished, or of a muxer that never comes back to them");
}

static void
print_counts (const ScJournalReader * reader)
{
  const ScJournalClose *totals = &reader->totals;
  char amount[SC_TEXT_SHORT];

  sc_certificate_line ("records", "%" PRIu64 ": %" PRIu64 " extents, %" PRIu64
      " overwrites, %" PRIu64 " marks", reader->records, totals->extents,
      totals->overwrites, totals->syncs);
  if (reader->header.base_size > 0)
    sc_certificate_line ("appended to", "%s that were there before",
        sc_text_bytes (reader->header.base_size, amount));
  sc_certificate_line ("recorded", "%s",
      sc_text_bytes (reader->high_water, amount));
  sc_certificate_line ("overwritten", "%s",
      sc_text_bytes (totals->overwritten_bytes, amount));
  sc_certificate_line ("durable mark", "%s",
      sc_text_bytes (reader->durable_offset, amount));
}

/* Reads all of it.  @mark, @gaps: (out) */
static int
read_journal (ScJournalReader * reader, ScJournalSync * mark, ScGapList * gaps)
{
  ScJournalRecord record;
  int ret;

  while ((ret = sc_journal_reader_next (reader, &record)) == 1) {
    if (record.type == SC_JOURNAL_SYNC)
      *mark = record.sync;
    else if (record.type == SC_JOURNAL_RESTART)
      sc_gap_list_clear (gaps);
    else if (record.type == SC_JOURNAL_GAP)
      ret = sc_gap_list_add (gaps, &record.gap, GAPS_MAX);
    if (ret < 0)
      return ret;
  }
  return ret;
}

static int
print_journal (ScJournalReader * reader, const char *path)
{
  char name[SC_TEXT_NAME], date[SC_TEXT_SHORT], time[SC_TEXT_SHORT];
  ScJournalSync mark = { 0 };
  ScGapList gaps = { 0 };
  int ret = read_journal (reader, &mark, &gaps);

  if (ret < 0) {
    sc_gap_list_clear (&gaps);
    return ret;
  }
  sc_certificate_print_journal (path, &reader->header, reader->stop,
      reader->position, reader->closed);
  sc_certificate_line ("", "for a file named %s, in format version %u",
      sc_text_name (reader->header.name, name), reader->header.version);
  if (reader->part > 0)
    sc_certificate_line ("part", "%" PRIu32 " of the recording, from its byte "
        "%" PRIu64 " on", reader->part, reader->base);
  print_counts (reader);
  if (reader->totals.syncs > 0)
    sc_certificate_line ("last mark", "%s, running time %s",
        sc_text_date (mark.wall_ns, date),
        sc_text_duration (mark.running_time_ns, time));
  sc_gaps_print (&gaps, 0, NULL);
  sc_gap_list_clear (&gaps);
  return 0;
}

static int
show_journal (const char *path, bool wanted)
{
  ScJournalReader *reader = malloc (sizeof (*reader));
  char name[SC_TEXT_NAME];
  int ret;

  if (reader == NULL)
    return -ENOMEM;
  ret = sc_journal_reader_open (reader, &sc_file_ops_posix, path);
  if (ret == 0)
    ret = print_journal (reader, path);
  if (ret == -ENOENT && !wanted) {
    sc_certificate_line ("journal", "none");
    ret = 0;
  } else if (ret < 0) {
    sc_certificate_line ("journal", "%s: %s", sc_text_name (path, name),
        ret == -EBADMSG ? "not a journal, or its header is damaged"
        : ret == -EPROTONOSUPPORT || ret == -ENOTSUP
        ? "a version that this safecapture cannot read" : strerror (-ret));
  }
  sc_journal_reader_close (reader);
  free (reader);
  return ret;
}

/* A manifest names the parts; "join" looks at them. */
static int
show_manifest (const char *path)
{
  char name[SC_TEXT_NAME], uuid[SC_TEXT_SHORT], label[SC_TEXT_SHORT];
  char amount[SC_TEXT_SHORT];
  ScManifest manifest;
  int ret = sc_manifest_file_read (&manifest, &sc_file_ops_posix, path);

  if (ret == 0) {
    sc_certificate_line ("recording", "%s, of a file named %s",
        sc_text_uuid (manifest.uuid, uuid), sc_text_name (manifest.name, name));
    sc_certificate_line ("state", "%s, in %u parts; revision %" PRIu64,
        sc_part_result_name (manifest.state), manifest.part_count,
        manifest.revision);
    if (manifest.dropped_bytes > 0)
      sc_certificate_line ("dropped", "%s in %" PRIu64 " buffers, while "
          "recording", sc_text_bytes (manifest.dropped_bytes, amount),
          manifest.dropped_buffers);
    for (unsigned i = 0; i < manifest.part_count; i++) {
      const ScManifestPart *part = &manifest.parts[i];

      snprintf (label, sizeof (label), "part %u", i);
      sc_certificate_line (label, "%s", sc_text_name (part->path, name));
      sc_certificate_line ("", "from byte %" PRIu64 " to %" PRIu64 ", %s",
          part->base, part->end, sc_part_result_name (part->result));
    }
  }
  sc_manifest_clear (&manifest);
  return ret;
}

static int
show_file (const char *path)
{
  const ScFileOps *ops = &sc_file_ops_posix;
  int fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK, 0);
  char journal[PATH_MAX], name[SC_TEXT_NAME];
  uint8_t byte;
  int64_t size;
  ssize_t ret;

  if (fd < 0)
    return fd;
  size = ops->size (ops, fd);
  ret = size < 0 ? (ssize_t) size : ops->pread (ops, fd, &byte, 1, 0);
  ops->close (ops, fd);
  if (ret < 0)
    return ret == -ESPIPE ? -EINVAL : (int) ret;
  printf ("%s\n", sc_text_name (path, name));
  print_media (path, (uint64_t) size);
  ret = sc_recording_journal_path (path, journal, sizeof (journal));
  if (ret == 0)
    ret = show_journal (journal, false);
  return (int) ret;
}

int
sc_tool_info (int argc, char **argv)
{
  int at = argc > 1 && strcmp (argv[1], "--") == 0 ? 2 : 1;
  char name[SC_TEXT_NAME];
  int ret;

  if (argc - at != 1 || (at == 1 && argv[1][0] == '-')) {
    sc_text_complain (NULL, "info needs the name of one file and has no "
        "options");
    return SC_EXIT_USAGE;
  }
  if (ends_in (argv[at], SC_JOURNAL_SUFFIX)) {
    printf ("%s\n", sc_text_name (argv[at], name));
    ret = show_journal (argv[at], true);
  } else {
    ret = ends_in (argv[at], SC_MANIFEST_SUFFIX) ? show_manifest (argv[at])
        : show_file (argv[at]);
    if (ret < 0)
      sc_text_complain (argv[at], "cannot be read: %s", ret == -EBADMSG
          ? "not a manifest, or it is damaged" : strerror (-ret));
  }
  return ret < 0 ? SC_EXIT_CANNOT_READ : SC_EXIT_WHOLE;
}
