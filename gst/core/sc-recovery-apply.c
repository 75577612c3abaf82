/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recovery-apply.h"

#include "sc-container-apply.h"
#include "sc-container-companion.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define COPY_STEP (192u << 10)

/* Everything one run needs, in one allocation. */
typedef struct
{
  const ScRecoveryReport *report;
  const ScFileOps *ops;
  ScRecoveryResult *result;
  ScJournalReader reader;
  bool has_journal;
  ScContainerFile companion;    /* fd -1: none */
  uint8_t journal_buffer[SC_JOURNAL_BUFFER_MIN];
  uint8_t data[COPY_STEP];
} Run;

static void
open_companion (ScContainerFile * companion, const ScRecoveryReport * report,
    const ScFileOps * ops, const char *payload_path)
{
  companion->fd = -1;
  if (report->companion_path != NULL)
    sc_container_companion_open (companion, ops, report->companion_path);
  else
    sc_container_companion_find (companion, ops, payload_path);
}

static int
run_new (Run ** run, const ScRecoveryReport * report, const ScFileOps * ops,
    const char *payload_path, const char *journal_path,
    ScRecoveryResult * result)
{
  int ret = 0;

  memset (result, 0, sizeof (*result));
  *run = NULL;
  if ((report->verdict == SC_RECOVERY_UNVOUCHED && report->journal_error == 0)
      || report->keep_size == 0)
    return -EINVAL;
  *run = malloc (sizeof (**run));
  if (*run == NULL)
    return -ENOMEM;
  (*run)->report = report;
  (*run)->ops = ops;
  (*run)->result = result;
  (*run)->reader.fd = -1;
  (*run)->has_journal = report->journal_error == 0;
  open_companion (&(*run)->companion, report, ops, payload_path);
  if ((*run)->has_journal)
    ret = sc_journal_reader_open (&(*run)->reader, ops, journal_path);
  return ret;
}

static void
run_free (Run * run)
{
  if (run != NULL) {
    sc_journal_reader_close (&run->reader);
    sc_container_companion_close (&run->companion);
    sc_container_plan_clear (&run->result->plan);
  }
  free (run);
}

static int
write_at (Run * self, int fd, const void *data, size_t size, uint64_t at)
{
  struct iovec iov = { (void *) data, size };

  return sc_file_write_all (self->ops, fd, &iov, 1, at);
}

static int
copy_bytes (Run * self, int from, int to)
{
  uint64_t end = self->report->keep_size;

  for (uint64_t at = 0; at < end;) {
    ssize_t got = sc_file_read_all (self->ops, from, self->data,
        end - at < COPY_STEP ? (size_t) (end - at) : COPY_STEP, at);
    int ret;

    if (got <= 0)
      return got < 0 ? (int) got : -ESTALE;     /* it has shrunk */
    ret = write_at (self, to, self->data, (size_t) got, at);
    if (ret < 0)
      return ret;
    at += (uint64_t) got;
  }
  return 0;
}

/* Writes the new bytes of one OVERWRITE record, below the size to keep. */
static int
replay_one (Run * self, int fd, const ScJournalOverwrite * overwrite,
    uint64_t data_at)
{
  uint64_t end = self->report->keep_size;
  size_t size = overwrite->size;
  ssize_t got;

  if (overwrite->offset >= end)
    return 0;
  if (end - overwrite->offset < size)
    size = (size_t) (end - overwrite->offset);
  got = sc_file_read_all (self->ops, self->reader.fd, self->data,
      size, data_at + overwrite->size);
  if (got != (ssize_t) size)
    return got < 0 ? (int) got : -EIO;
  self->result->replayed++;
  return write_at (self, fd, self->data, size, overwrite->offset);
}

/* Redoes every overwrite, oldest first, whether it was in place or not: the end
 * is the same. */
static int
replay (Run * self, int fd)
{
  uint64_t first = 0;
  ScJournalRecord record;
  int ret;

  if (!self->has_journal)
    return 0;
  while ((ret = sc_journal_reader_next (&self->reader, &record)) == 1)
    if (record.type == SC_JOURNAL_RESTART)
      first = record.sequence;
  /* A killed recorder may have left records in the page cache alone: they must
   * be on the disk before what they describe is written over the payload. */
  if (ret == 0)
    ret = self->ops->datasync (self->ops, self->reader.fd);
  if (ret == 0)
    ret = sc_journal_reader_rewind (&self->reader);
  while (ret == 0) {
    ret = sc_journal_reader_next (&self->reader, &record);
    if (ret < 1)
      return ret;
    ret = 0;
    if (record.type == SC_JOURNAL_OVERWRITE && record.sequence >= first)
      ret = replay_one (self, fd, &record.overwrite,
          sc_journal_reader_data_at (&self->reader, &record));
  }
  return ret;
}

/* Fills in @file, which the plan is for. */
static int
plan_container (Run * self, int fd, ScContainerFile * file)
{
  int64_t size = self->ops->size (self->ops, fd);

  *file = (ScContainerFile) {
    .ops = self->ops,.fd = fd,.companion = self->companion.fd >= 0
    ? &self->companion : NULL
  };
  if (size < 0)
    return (int) size;
  file->size = (uint64_t) size;
  self->result->size = file->size;
  self->result->container = sc_container_plan (file, &self->result->plan);
  return self->result->container < 0 && self->result->container != -EBADMSG
      ? self->result->container : 0;
}

static int
write_container (Run * self, const ScContainerFile * file,
    ScJournalWriter * journal)
{
  const ScContainerPlan *plan = &self->result->plan;
  int ret = sc_container_write (file, plan, journal);

  if (ret == 0 && plan->tail_size > 0 && plan->size > self->result->size)
    self->result->size = plan->size;
  return ret;
}

static int
resize (Run * self, int fd)
{
  int ret;

  if (self->result->plan.size == self->result->size)
    return 0;
  ret = self->ops->truncate (self->ops, fd, self->result->plan.size);
  if (ret == 0)
    self->result->size = self->result->plan.size;
  return ret;
}

static int
fill_copy (Run * self, int from, int to)
{
  ScContainerFile file;
  int ret = copy_bytes (self, from, to);

  if (ret == 0)
    ret = replay (self, to);
  if (ret == 0)
    ret = plan_container (self, to, &file);
  if (ret == 0 && self->result->container == 1)
    ret = write_container (self, &file, NULL);
  if (ret == 0 && self->result->container == 1)
    ret = resize (self, to);
  return ret == 0 ? self->ops->datasync (self->ops, to) : ret;
}

static int
copy_to (Run * self, int from, const char *out_path, mode_t mode)
{
  const ScFileOps *ops = self->ops;
  int to = ops->open (ops, out_path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
      mode);
  int ret, closed;

  if (to < 0)
    return to;
  ret = fill_copy (self, from, to);
  closed = ops->close (ops, to);
  if (ret == 0)
    ret = closed;
  if (ret == 0)
    ret = ops->sync_parent (ops, out_path);
  if (ret < 0)
    ops->unlink (ops, out_path);
  return ret;
}

int
sc_recovery_copy (const ScRecoveryReport * report, const ScFileOps * ops,
    const char *payload_path, const char *journal_path, const char *out_path,
    mode_t mode, ScRecoveryResult * result)
{
  Run *run;
  int ret = run_new (&run, report, ops, payload_path, journal_path, result);
  int from = ret;

  if (ret == 0)
    from = ops->open (ops, payload_path, O_RDONLY, 0);
  if (from >= 0 && ret == 0) {
    ret = copy_to (run, from, out_path, mode);
    ops->close (ops, from);
  } else {
    ret = from;
  }
  run_free (run);
  return ret;
}

/* Step 2 of the header's list, for a container that needs something. */
static int
repair_container (Run * self, const ScContainerFile * file,
    const char *journal_path)
{
  ScJournalWriter writer;
  int ret, closed;

  if (!self->has_journal || !self->result->plan.needs_repair)
    return write_container (self, file, NULL);
  ret = sc_journal_writer_resume (&writer, self->ops, journal_path,
      &self->reader, self->journal_buffer, sizeof (self->journal_buffer));
  if (ret == 0)
    ret = sc_container_journal (file, &self->result->plan, &writer);
  if (ret == 0)
    ret = write_container (self, file, &writer);
  closed = sc_journal_writer_close (&writer);
  return ret != 0 ? ret : closed;
}

/* Steps 1 and 2. */
static int
repair_in_place (Run * self, int fd, const char *journal_path)
{
  const ScFileOps *ops = self->ops;
  ScContainerFile file;
  int ret = 0;

  /* Also where nothing is cut off: blocks that were allocated behind the end for
   * more to come are given back. */
  if (self->report->keep_size <= self->report->payload_size)
    ret = ops->truncate (ops, fd, self->report->keep_size);
  if (ret == 0)
    ret = replay (self, fd);
  if (ret == 0)
    ret = ops->datasync (ops, fd);
  if (ret == 0)
    ret = plan_container (self, fd, &file);
  if (ret < 0 || self->result->container != 1)
    return ret;
  return repair_container (self, &file, journal_path);
}

/* Steps 3 and 4. */
static int
publish (Run * self, int fd, const char *part_path, const char *journal_path,
    const char *final_path)
{
  const ScFileOps *ops = self->ops;
  int ret = ops->rename (ops, part_path, final_path, false);

  if (ret == 0)
    ret = ops->sync_parent (ops, final_path);
  if (ret < 0)
    return ret;
  self->result->journal_kept = self->has_journal
      && self->report->verdict == SC_RECOVERY_LOSS;
  if (self->result->journal_kept)
    return 0;
  if (self->has_journal) {
    ret = ops->unlink (ops, journal_path);
    if (ret == 0)
      ret = ops->sync_parent (ops, journal_path);
  }
  if (ret == 0 && self->result->container == 1)
    ret = resize (self, fd);
  return ret == 0 ? ops->datasync (ops, fd) : ret;
}

/* Takes the file for us, if it is still the one that was examined and its final
 * name is free. */
static int
claim (Run * self, int fd, const char *final_path)
{
  int ret = self->ops->lock (self->ops, fd);
  int64_t size;

  if (ret == -EWOULDBLOCK)
    return ret;                 /* other errors: a file system without locks */
  /* rename() refuses again; this saves the work where it is known to. */
  ret = self->ops->open (self->ops, final_path, O_PATH | O_NOFOLLOW, 0);
  if (ret >= 0)
    self->ops->close (self->ops, ret);
  if (ret != -ENOENT)
    return ret < 0 ? ret : -EEXIST;
  size = self->ops->size (self->ops, fd);
  if (size < 0)
    return (int) size;
  if ((uint64_t) size != self->report->payload_size)
    return -ESTALE;
  return self->has_journal && self->reader.size != self->report->journal_size
      ? -ESTALE : 0;
}

int
sc_recovery_in_place (const ScRecoveryReport * report, const ScFileOps * ops,
    const char *part_path, const char *journal_path, const char *final_path,
    ScRecoveryResult * result)
{
  Run *run = NULL;
  int ret = report->journal_damaged || report->part > 0 ? -EINVAL
      : run_new (&run, report, ops, part_path, journal_path, result);
  int fd = ret, closed;

  if (ret == 0)
    fd = ops->open (ops, part_path, O_RDWR | O_NOFOLLOW, 0);
  if (fd >= 0 && ret == 0) {
    ret = claim (run, fd, final_path);
    if (ret == 0)
      ret = repair_in_place (run, fd, journal_path);
    if (ret == 0)
      ret = publish (run, fd, part_path, journal_path, final_path);
    closed = ops->close (ops, fd);
    if (ret == 0)
      ret = closed;
  } else {
    ret = fd;
  }
  run_free (run);
  return ret;
}
