/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-join.h"

#include "sc-container-apply.h"
#include "sc-container-companion.h"
#include "sc-join-find.h"
#include "sc-manifest-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define COPY_STEP (192u << 10)
/* More pieces than that and the loss is not counted exactly, only known. */
#define RANGES_MAX (1u << 20)

static uint64_t
min64 (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

/* Finds and examines one part. */
static int
examine_part (ScJoinReport * report, const ScFileOps * ops,
    const char *manifest_path, unsigned number)
{
  const ScRecoveryOptions options = {.max_ranges = RANGES_MAX };
  ScJoinPart *part = &report->parts[number];
  int ret = sc_join_find (&report->manifest, ops, manifest_path, number, part);

  part->base = report->manifest.parts[number].base;
  if (ret < 0 || !part->found)
    return ret;
  ret = sc_recovery_examine (&part->report, ops, part->path,
      part->journal[0] != '\0' ? part->journal : NULL, &options);
  if (ret == 0 && part->report.journal_error == 0)
    part->base = part->report.part_base;
  return ret;
}

/* A part counts up to where any later one begins. */
static void
set_limits (ScJoinReport * report)
{
  uint64_t limit = UINT64_MAX;

  for (unsigned i = report->part_count; i-- > 0;) {
    ScJoinPart *part = &report->parts[i];
    bool is_last = limit == UINT64_MAX;

    part->limit = limit;
    if (is_last && part->found) {
      part->limit = part->base + (part->report.closed
          ? part->report.recorded_size : part->report.keep_size);
      report->size = part->limit;
    } else if (is_last) {
      part->limit = report->manifest.parts[i].end;
      report->size = part->base;
    }
    if (part->base < limit)
      limit = part->base;
  }
}

/* Bytes of the range that lie in [@start, @end). */
static uint64_t
overlap (const ScRecoveryRange * range, uint64_t start, uint64_t end)
{
  uint64_t from = range->start > start ? range->start : start;
  uint64_t to = min64 (range->end, end);

  return to > from ? to - from : 0;
}

/* Of an earlier part all that counts had been durable. */
static void
count_loss (ScJoinPart * part)
{
  uint64_t size = part->limit > part->base ? part->limit - part->base : 0;
  const ScRecoveryReport *found = &part->report;

  if (!part->found) {
    part->lost = size;
    return;
  }
  for (unsigned i = 0; i < found->range_count; i++)
    if (found->ranges[i].kind != SC_RANGE_HOLE
        && found->ranges[i].kind != SC_RANGE_GAP)
      part->lost += overlap (&found->ranges[i], found->base_size, size);
  if (found->journal_error == 0 && found->recorded_size < size
      && found->payload_size < size)
    part->lost += size - (found->payload_size > found->recorded_size
        ? found->payload_size : found->recorded_size);
  if (found->journal_error < 0 && found->payload_size < size)
    part->lost = size - found->payload_size;
}

/* Of the last part both sides of its mark may have suffered.  If it is not to be
 * found, the manifest may know how far it had come at least. */
static void
count_last (ScJoinReport * report, ScJoinPart * part)
{
  report->durable_offset = part->base;
  if (!part->found) {
    count_loss (part);
    report->lost_below += part->lost;
    return;
  }
  report->durable_offset += part->report.durable_offset;
  report->lost_below += part->report.lost_below;
  report->lost_above += part->report.lost_above;
  report->closed = part->report.closed;
}

/* What was left out of the bytes of the part that count. */
static int
add_gaps (ScJoinReport * report, const ScJoinPart * part)
{
  const ScGapList *gaps = &part->report.gaps;
  int ret = 0;

  for (unsigned i = 0; ret == 0 && part->found && i < gaps->count; i++) {
    ScJournalGap gap = gaps->gaps[i];

    gap.offset += part->base;
    if (gap.offset >= part->limit)
      break;
    gap.size = min64 (gap.size, part->limit - gap.offset);
    ret = sc_gap_list_add (&report->gaps, &gap, RANGES_MAX);
  }
  return ret;
}

static ScRecoveryVerdict
judge (const ScJoinReport * report)
{
  const ScJoinPart *last = &report->parts[report->part_count - 1];
  bool damaged = false;

  for (unsigned i = 0; i < report->part_count; i++) {
    const ScJoinPart *part = &report->parts[i];

    if (part->found && part->limit > part->base)
      damaged |= part->report.journal_damaged;
  }
  if (report->size == 0)
    return SC_RECOVERY_UNVOUCHED;
  if (report->lost_below > 0 || damaged || !last->found)
    return SC_RECOVERY_LOSS;
  return report->closed && report->lost_above == 0 ? SC_RECOVERY_WHOLE
      : SC_RECOVERY_REPAIRABLE;
}

int
sc_join_examine (ScJoinReport * report, const ScFileOps * ops,
    const char *manifest_path)
{
  int ret;

  memset (report, 0, sizeof (*report));
  ret = sc_manifest_file_read (&report->manifest, ops, manifest_path);
  if (ret < 0)
    return ret;
  report->part_count = report->manifest.part_count;
  for (unsigned i = 0; ret == 0 && i < report->part_count; i++)
    ret = examine_part (report, ops, manifest_path, i);
  if (ret < 0)
    return ret;
  set_limits (report);
  for (unsigned i = 0; i + 1 < report->part_count; i++) {
    count_loss (&report->parts[i]);
    report->lost_below += report->parts[i].lost;
  }
  count_last (report, &report->parts[report->part_count - 1]);
  report->verdict = judge (report);
  for (unsigned i = 0; ret == 0 && i < report->part_count; i++)
    ret = add_gaps (report, &report->parts[i]);
  return ret;
}

/* Everything one join needs, in one allocation. */
typedef struct
{
  const ScJoinReport *report;
  const ScFileOps *ops;
  ScRecoveryResult *result;
  int to;
  int from;                     /* the part's payload */
  ScJournalReader reader;       /* and its journal */
  uint8_t data[COPY_STEP];
} Join;

static int
write_at (Join * self, size_t size, uint64_t at)
{
  struct iovec iov = { self->data, size };

  return sc_file_write_all (self->ops, self->to, &iov, 1, at);
}

/* The first @size bytes, or what there is of them. */
static int
copy_payload (Join * self, const ScJoinPart * part, uint64_t size)
{
  for (uint64_t at = 0; at < size;) {
    size_t step = size - at < COPY_STEP ? (size_t) (size - at) : COPY_STEP;
    ssize_t got = sc_file_read_all (self->ops, self->from, self->data, step,
        at);
    int ret;

    if (got <= 0)
      return (int) got;
    ret = write_at (self, (size_t) got, part->base + at);
    if (ret < 0)
      return ret;
    at += (uint64_t) got;
  }
  return 0;
}

/* Writes @size bytes from the journal at @place. */
static int
write_logged (Join * self, uint64_t data_at, size_t size, uint64_t place)
{
  ssize_t got = sc_file_read_all (self->ops, self->reader.fd, self->data, size,
      data_at);

  if (got != (ssize_t) size)
    return got < 0 ? (int) got : -EIO;
  self->result->replayed++;
  return write_at (self, size, place);
}

static int
replay_record (Join * self, const ScJoinPart * part, uint64_t size,
    const ScJournalRecord * record)
{
  uint64_t data_at = sc_journal_reader_data_at (&self->reader, record);
  const ScJournalOverwrite *overwrite = &record->overwrite;

  /* The limit is below the base where a later part emptied the recording. */
  if (record->type == SC_JOURNAL_REDO)
    return record->redo.offset >= part->limit ? 0
        : write_logged (self, data_at, (size_t) min64 (record->redo.size,
            part->limit - record->redo.offset), record->redo.offset);
  if (record->type != SC_JOURNAL_OVERWRITE || overwrite->offset >= size)
    return 0;
  return write_logged (self, data_at + overwrite->size,
      (size_t) min64 (overwrite->size, size - overwrite->offset),
      part->base + overwrite->offset);
}

/* The newest bytes of what was written over, in the journal's order. */
static int
replay (Join * self, const ScJoinPart * part, uint64_t size)
{
  ScJournalRecord record;
  uint64_t first = 0;
  int ret;

  while ((ret = sc_journal_reader_next (&self->reader, &record)) == 1)
    if (record.type == SC_JOURNAL_RESTART)
      first = record.sequence;
  if (ret == 0)
    ret = sc_journal_reader_rewind (&self->reader);
  while (ret == 0) {
    ret = sc_journal_reader_next (&self->reader, &record);
    if (ret < 1)
      return ret;
    ret = record.sequence < first ? 0
        : replay_record (self, part, size, &record);
  }
  return ret;
}

/* @is_last: the others are done with, even where a thread that hangs still has
 * the file */
static int
add_part (Join * self, const ScJoinPart * part, bool is_last)
{
  uint64_t size = part->limit > part->base ? part->limit - part->base : 0;
  int ret;

  self->from = self->ops->open (self->ops, part->path, O_RDONLY, 0);
  if (self->from < 0)
    return self->from;
  /* Another error: a file system without locks. */
  ret = is_last && self->ops->lock (self->ops, self->from) == -EWOULDBLOCK
      ? -EWOULDBLOCK : copy_payload (self, part, size);
  if (ret == 0 && part->journal[0] != '\0'
      && part->report.journal_error == 0) {
    ret = sc_journal_reader_open (&self->reader, self->ops, part->journal);
    if (ret == 0) {
      ret = replay (self, part, size);
      sc_journal_reader_close (&self->reader);
    }
  }
  self->ops->close (self->ops, self->from);
  return ret;
}

static int
repair_container (Join * self, const ScContainerFile * companion)
{
  ScRecoveryResult *result = self->result;
  ScContainerFile file = {.ops = self->ops,.fd = self->to,
    .size = self->report->size,
    .companion = companion->fd >= 0 ? companion : NULL
  };
  int ret;

  result->container = sc_container_plan (&file, &result->plan);
  ret = result->container < 0 && result->container != -EBADMSG
      ? result->container : 0;
  if (result->container == 1) {
    ret = sc_container_write (&file, &result->plan, NULL);
    /* Shorter, or longer by the padding of samples of an odd size. */
    if (ret == 0 && result->plan.size != file.size)
      ret = self->ops->truncate (self->ops, self->to, result->plan.size);
    if (ret == 0)
      result->size = result->plan.size;
  }
  return ret;
}

/* With what the muxer wrote for it, which is beside the first part. */
static int
repair (Join * self)
{
  ScContainerFile companion = {.fd = -1 };
  int ret;

  sc_container_companion_find (&companion, self->ops,
      self->report->parts[0].path);
  ret = repair_container (self, &companion);
  sc_container_companion_close (&companion);
  return ret;
}

static int
fill (Join * self)
{
  const ScJoinReport *report = self->report;
  int ret = 0;

  for (unsigned i = 0; ret == 0 && i < report->part_count; i++)
    if (report->parts[i].found)
      ret = add_part (self, &report->parts[i], i + 1 == report->part_count);
  /* Where the end of the last part is a hole, or could not be read. */
  if (ret == 0)
    ret = self->ops->truncate (self->ops, self->to, report->size);
  self->result->size = report->size;
  if (ret == 0 && report->verdict != SC_RECOVERY_WHOLE)
    ret = repair (self);
  return ret == 0 ? self->ops->datasync (self->ops, self->to) : ret;
}

int
sc_join_write (const ScJoinReport * report, const ScFileOps * ops,
    const char *out_path, mode_t mode, ScRecoveryResult * result)
{
  Join *self;
  int ret, closed;

  memset (result, 0, sizeof (*result));
  if (report->verdict == SC_RECOVERY_UNVOUCHED)
    return -EINVAL;
  self = malloc (sizeof (*self));
  if (self == NULL)
    return -ENOMEM;
  *self = (Join) {.report = report,.ops = ops,.result = result };
  self->to = ops->open (ops, out_path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
      mode);
  ret = self->to;
  if (self->to >= 0) {
    ret = fill (self);
    closed = ops->close (ops, self->to);
    if (ret == 0)
      ret = closed;
    if (ret == 0)
      ret = ops->sync_parent (ops, out_path);
    if (ret < 0)
      ops->unlink (ops, out_path);
    sc_container_plan_clear (&result->plan);
  }
  free (self);
  return ret;
}

void
sc_join_report_clear (ScJoinReport * report)
{
  for (unsigned i = 0; i < report->part_count; i++)
    sc_recovery_report_clear (&report->parts[i].report);
  sc_gap_list_clear (&report->gaps);
  sc_manifest_clear (&report->manifest);
}
