/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recovery.h"

#include "sc-crc32c.h"
#include "sc-payload-view.h"
#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_INDEX_BYTES ((size_t) 64 << 20)
#define DEFAULT_RANGES 1024u

typedef struct
{
  const ScFileOps *ops;
  ScRecoveryReport *report;
  unsigned max_ranges;
  ScJournalReader *reader;
  ScPayloadView view;
  uint64_t first_record;        /* those before are void */
  uint64_t records;             /* good ones in the journal */
  uint64_t mismatches;          /* extents there, below the mark, not right */
  uint64_t mismatched_bytes;
  uint64_t keep;                /* end of the last right extent */
  bool broken;                  /* something before is not right */
} Examination;

static uint64_t
max64 (uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

static uint64_t
min64 (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

/* Opens the payload: a descriptor and its size, or -errno. */
static int
open_payload (const ScFileOps * ops, const char *path, uint64_t * size)
{
  int fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK, 0);
  int64_t found;
  uint8_t byte;
  ssize_t got;

  if (fd < 0)
    return fd;
  found = ops->size (ops, fd);
  /* Folders and FIFOs open, but neither is read from at an offset. */
  got = found < 0 ? (ssize_t) found : ops->pread (ops, fd, &byte, 1, 0);
  if (got < 0) {
    ops->close (ops, fd);
    return got == -ESPIPE ? -EINVAL : (int) got;
  }
  *size = (uint64_t) found;
  return fd;
}

/* Adds a range, joined to the one before where that is of its kind. */
static int
add_range (Examination * self, uint64_t start, uint64_t end, ScRangeKind kind)
{
  ScRecoveryReport *report = self->report;
  ScRecoveryRange *last = report->range_count == 0 ? NULL
      : &report->ranges[report->range_count - 1];

  if (start >= end)
    return 0;
  if (last != NULL && report->range_total == report->range_count
      && last->end == start && last->kind == kind) {
    last->end = end;
    return 0;
  }
  report->range_total++;
  if (report->range_count == self->max_ranges)
    return 0;
  if ((report->range_count & (report->range_count - 1)) == 0) {
    size_t capacity = report->range_count == 0 ? 1 : 2 * report->range_count;
    ScRecoveryRange *grown = realloc (report->ranges,
        capacity * sizeof (*grown));

    if (grown == NULL)
      return -ENOMEM;
    report->ranges = grown;
  }
  report->ranges[report->range_count++] = (ScRecoveryRange) {
    .start = start,.end = end,.kind = kind
  };
  return 0;
}

/* Counts [start, end) as lost on either side of the mark. */
static void
count_lost (ScRecoveryReport * report, uint64_t start, uint64_t end)
{
  uint64_t mark = report->durable_offset;

  if (start < mark)
    report->lost_below += (end < mark ? end : mark) - start;
  if (end > mark)
    report->lost_above += end - (start > mark ? start : mark);
}

static int
add_lost (Examination * self, uint64_t start, uint64_t end, ScRangeKind kind)
{
  if (start >= end)
    return 0;
  count_lost (self->report, start, end);
  if (!self->broken)
    self->report->right_prefix = min64 (start, self->report->payload_size);
  self->broken = true;
  return add_range (self, start, end, kind);
}

/* First pass: what the journal says, and an index of its overwrites. */
static int
scan (Examination * self)
{
  ScRecoveryReport *report = self->report;
  ScJournalReader *reader = self->reader;
  ScJournalRecord record;
  int ret;

  report->base_size = reader->header.base_size;
  while ((ret = sc_journal_reader_next (reader, &record)) == 1) {
    if (record.type == SC_JOURNAL_OVERWRITE) {
      ret = sc_payload_view_add (&self->view, record.overwrite.offset,
          record.overwrite.size, sc_journal_reader_data_at (reader, &record));
      if (ret < 0)
        return ret;
    } else if (record.type == SC_JOURNAL_SYNC) {
      report->has_mark = true;
      report->mark = record.sync;
    } else if (record.type == SC_JOURNAL_GAP) {
      ret = sc_gap_list_add (&report->gaps, &record.gap, self->max_ranges);
      if (ret < 0)
        return ret;
    } else if (record.type == SC_JOURNAL_RESTART) {
      sc_gap_list_clear (&report->gaps);
      sc_payload_view_forget (&self->view);
      report->has_mark = false;
      report->base_size = 0;
      self->first_record = record.sequence;
    }
    if (record.type == SC_JOURNAL_CLOSE)
      report->totals = record.close;
  }
  if (ret < 0)
    return ret;
  self->records = reader->records;
  report->journal_stop = reader->stop;
  report->journal_stop_at = reader->position;
  report->journal_damaged = reader->stop == SC_JOURNAL_CORRUPT
      || reader->stop == SC_JOURNAL_UNKNOWN;
  report->recorded_size = reader->high_water;
  report->durable_offset = reader->durable_offset;
  report->closed = reader->closed;
  report->part = reader->part;
  report->part_base = reader->base;
  if (!reader->closed)
    report->totals = reader->totals;
  return sc_payload_view_seal (&self->view);
}

/* Whether the file has zeros there, as far as it goes; 1, 0 or -errno.  Reading
 * also finds overwrites that are not in place. */
static int
are_zeros (Examination * self, uint64_t start, uint64_t end)
{
  bool zeros = true;

  for (uint64_t at = start; at < end;) {
    const uint8_t *data;
    ssize_t got = sc_payload_view_read (&self->view, at, end, &data);

    if (got < 0)
      return (int) got;
    for (ssize_t i = 0; i < got && zeros; i++)
      zeros = data[i] == 0;
    at += (uint64_t) got;
  }
  return zeros;
}

/* The part of a hole, or of the bytes from before the recording, that the file
 * has. */
static int
check_between (Examination * self, uint64_t start, uint64_t end)
{
  ScRecoveryReport *report = self->report;
  bool base = end <= report->base_size;
  uint64_t present = end < report->payload_size ? end : report->payload_size;
  int zeros = are_zeros (self, start, present), ret;

  if (zeros < 0)
    return zeros;
  if (base) {
    ret = add_range (self, start, present, SC_RANGE_UNCHECKED);
    return ret < 0 ? ret : add_lost (self, present > start ? present : start,
        end, SC_RANGE_MISSING);
  }
  if (!zeros)
    return add_lost (self, start, end, SC_RANGE_DAMAGED);
  report->hole_bytes += end - start;
  return add_range (self, start, end, SC_RANGE_HOLE);
}

/* What was left out counts neither as right nor as lost; but where the mark says
 * that the file was as long, it must be. */
static int
check_gap (Examination * self, const ScJournalGap * gap)
{
  ScRecoveryReport *report = self->report;
  uint64_t end = gap->offset + gap->size;
  uint64_t present = max64 (gap->offset, min64 (end, report->payload_size));
  int ret = are_zeros (self, gap->offset, present);

  if (ret < 0)
    return ret;
  ret = ret == 0 ? add_lost (self, gap->offset, present, SC_RANGE_DAMAGED)
      : add_range (self, gap->offset, present, SC_RANGE_GAP);
  if (ret == 0 && end <= report->durable_offset)
    ret = add_lost (self, present, end, SC_RANGE_MISSING);
  if (ret == 0 && present == end)
    self->keep = end;
  return ret;
}

static int
check_extent (Examination * self, const ScJournalExtent * extent)
{
  ScRecoveryReport *report = self->report;
  uint64_t end = extent->offset + extent->size, split;
  uint32_t crc = 0;
  int ret;

  if (end > report->payload_size) {
    split = report->payload_size > extent->offset ? report->payload_size
        : extent->offset;
    ret = add_lost (self, extent->offset, split, SC_RANGE_CUT);
    return ret < 0 ? ret : add_lost (self, split, end, SC_RANGE_MISSING);
  }
  for (uint64_t at = extent->offset; at < end;) {
    const uint8_t *data;
    ssize_t got = sc_payload_view_read (&self->view, at, end, &data);

    if (got < 0)
      return (int) got;
    crc = sc_crc32c (crc, data, (size_t) got);
    at += (uint64_t) got;
  }
  if (crc != extent->crc) {
    if (end <= report->durable_offset) {
      self->mismatches++;
      self->mismatched_bytes += extent->size;
    }
    return add_lost (self, extent->offset, end, SC_RANGE_DAMAGED);
  }
  report->verified_bytes += extent->size;
  report->verified_extents++;
  self->keep = end;
  return 0;
}

/* @cursor: (inout): end of what was checked so far */
static int
check_record (Examination * self, const ScJournalRecord * record,
    uint64_t * cursor)
{
  bool gap = record->type == SC_JOURNAL_GAP;
  uint64_t start = gap ? record->gap.offset : record->extent.offset;
  int ret = 0;

  if (!gap && record->type != SC_JOURNAL_EXTENT)
    return 0;
  if (start > *cursor)
    ret = check_between (self, *cursor, start);
  *cursor = start + (gap ? record->gap.size : record->extent.size);
  if (ret < 0)
    return ret;
  return gap ? check_gap (self, &record->gap)
      : check_extent (self, &record->extent);
}

/* Second pass: every extent against the payload. */
static int
check (Examination * self)
{
  ScRecoveryReport *report = self->report;
  uint64_t cursor = report->base_size;
  ScJournalRecord record;
  int ret = check_between (self, 0, cursor);

  while (ret == 0 && self->reader->records < self->records) {
    ret = sc_journal_reader_next (self->reader, &record);
    if (ret < 1)
      return ret < 0 ? ret : -EIO;      /* it was readable a moment ago */
    ret = 0;
    if (record.sequence >= self->first_record)
      ret = check_record (self, &record, &cursor);
  }
  if (ret == 0 && !self->broken)
    report->right_prefix = cursor;
  if (ret == 0)
    ret = add_range (self, cursor, report->payload_size, SC_RANGE_UNCHECKED);
  report->redo_bytes = self->view.redo_bytes;
  return ret;
}

static void
decide_size (ScRecoveryReport * report, uint64_t right_end,
    bool keep_unverified)
{
  uint64_t keep = max64 (right_end,
      min64 (report->base_size, report->payload_size));

  /* A byte below the mark is never thrown away, nor is anything because the
   * journal, not the payload, is damaged. */
  keep = max64 (keep, min64 (report->payload_size, report->durable_offset));
  if (keep_unverified || report->journal_damaged
      || report->journal_stop == SC_JOURNAL_RAGGED)
    keep = max64 (keep, report->payload_size);
  right_end = max64 (right_end, report->base_size);
  report->unverified_tail = report->payload_size > right_end
      ? report->payload_size - right_end : 0;
  report->keep_size = keep;
}

static ScRecoveryVerdict
judge (const Examination * self)
{
  ScRecoveryReport *report = self->report;

  /* Small extents can be right by the journal alone, where overwrites cover
   * them; and one that does not match may simply be damaged. */
  report->foreign = self->mismatches >= (report->name_differs ? 1 : 2)
      && report->verified_bytes < self->mismatched_bytes / 16;
  if (report->foreign
      || (report->journal_damaged && report->verified_extents == 0))
    return SC_RECOVERY_UNVOUCHED;
  /* All of a published file was below a mark, if perhaps an unreadable one. */
  if (report->lost_below > 0 || report->journal_damaged
      || (report->published && !report->closed))
    return SC_RECOVERY_LOSS;
  if (report->closed && report->lost_above == 0 && report->redo_bytes == 0
      && report->journal_stop == SC_JOURNAL_END
      && report->payload_size == report->recorded_size)
    return SC_RECOVERY_WHOLE;
  return report->keep_size > 0 ? SC_RECOVERY_REPAIRABLE
      : SC_RECOVERY_UNVOUCHED;
}

static int
examine (Examination * self, int payload_fd,
    const ScRecoveryOptions * options)
{
  ScRecoveryReport *report = self->report;
  int ret = sc_payload_view_init (&self->view, self->ops, payload_fd,
      report->payload_size, self->reader->fd,
      options != NULL && options->max_index_bytes != 0
      ? options->max_index_bytes : DEFAULT_INDEX_BYTES);

  if (ret == 0)
    ret = scan (self);
  if (ret < 0)
    return ret;
  ret = sc_journal_reader_rewind (self->reader);
  if (ret == 0)
    ret = check (self);
  if (ret < 0)
    return ret;
  decide_size (report, self->keep, options != NULL && options->keep_unverified);
  report->verdict = judge (self);
  return 0;
}

int
sc_recovery_examine (ScRecoveryReport * report, const ScFileOps * ops,
    const char *payload_path, const char *journal_path,
    const ScRecoveryOptions * options)
{
  Examination self = {.ops = ops,.report = report };
  int fd, ret;

  memset (report, 0, sizeof (*report));
  report->verdict = SC_RECOVERY_UNVOUCHED;
  report->companion_path = options != NULL ? options->companion_path : NULL;
  self.max_ranges = options != NULL && options->max_ranges != 0
      ? options->max_ranges : DEFAULT_RANGES;
  fd = open_payload (ops, payload_path, &report->payload_size);
  if (fd < 0)
    return fd;
  self.reader = malloc (sizeof (*self.reader));
  if (self.reader == NULL) {
    ops->close (ops, fd);
    return -ENOMEM;
  }
  report->journal_error = journal_path == NULL ? -ENOENT
      : sc_journal_reader_open (self.reader, ops, journal_path);
  if (report->journal_error < 0) {
    report->keep_size = report->unverified_tail = report->payload_size;
    ret = 0;
  } else {
    const char *base = sc_recording_base_name (payload_path);
    size_t size = strlen (self.reader->header.name);

    report->header = self.reader->header;
    report->published = !sc_recording_is_part (payload_path)
        && !(report->header.compatible & SC_JOURNAL_IN_PLACE);
    report->journal_size = self.reader->size;
    report->name_differs = strncmp (base, report->header.name, size) != 0
        || (base[size] != '\0' && strcmp (base + size, SC_PART_SUFFIX) != 0);
    ret = examine (&self, fd, options);
    sc_payload_view_clear (&self.view);
    sc_journal_reader_close (self.reader);
  }
  free (self.reader);
  ops->close (ops, fd);
  return ret;
}

void
sc_recovery_report_clear (ScRecoveryReport * report)
{
  sc_gap_list_clear (&report->gaps);
  free (report->ranges);
  report->ranges = NULL;
  report->range_count = 0;
}
