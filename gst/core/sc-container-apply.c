/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-apply.h"

#include "sc-crc32c.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK (64u << 10)

typedef struct Tail Tail;

/* Collects the tail in blocks, for the journal or for the file. */
struct Tail
{
  const ScContainerFile *file;
  ScJournalWriter *journal;     /* NULL: none */
  int (*flush) (Tail * self);
  uint64_t at;                  /* where the block goes */
  uint64_t end;                 /* of the tail */
  size_t used;
  uint64_t vouched;             /* the journal's highest byte before the tail */
  uint64_t appended;            /* bytes behind it */
  uint32_t crc;                 /* of those */
  uint8_t block[BLOCK];
  uint8_t present[BLOCK];
};

/* The part of the block that the journal vouches for, and that a crash has not
 * cut off, becomes an OVERWRITE. */
static int
flush_to_journal (Tail * self)
{
  uint64_t end = self->vouched < self->file->size ? self->vouched
      : self->file->size;
  size_t size = self->used;
  ssize_t got;

  if (self->at >= end)
    return 0;
  if (end - self->at < size)
    size = (size_t) (end - self->at);
  got = sc_file_read_all (self->file->ops, self->file->fd, self->present, size,
      self->at);
  if (got != (ssize_t) size)
    return got < 0 ? (int) got : -ESTALE;
  return sc_journal_writer_overwrite (self->journal, self->at, self->present,
      self->block, size);
}

static int
flush_to_file (Tail * self)
{
  struct iovec iov = { self->block, self->used };
  uint64_t end = self->at + self->used;

  if (end > self->vouched) {
    size_t skip = self->at < self->vouched
        ? (size_t) (self->vouched - self->at) : 0;

    self->crc = sc_crc32c (self->crc, self->block + skip, self->used - skip);
    self->appended += self->used - skip;
  }
  return sc_file_write_all (self->file->ops, self->file->fd, &iov, 1, self->at);
}

static int
flush (Tail * self)
{
  int ret = self->used > 0 ? self->flush (self) : 0;

  self->at += self->used;
  self->used = 0;
  return ret;
}

static int
collect (void *user, const void *bytes, size_t size)
{
  Tail *self = user;
  const uint8_t *next = bytes;
  int ret = 0;

  /* A planner that does not keep to what it said would write anywhere. */
  if (size > self->end - self->at - self->used)
    return -EOVERFLOW;
  while (size > 0 && ret == 0) {
    size_t part = size < BLOCK - self->used ? size : BLOCK - self->used;

    memcpy (self->block + self->used, next, part);
    self->used += part;
    next += part;
    size -= part;
    if (self->used == BLOCK)
      ret = flush (self);
  }
  return ret;
}

static int
run_tail (Tail * self, const ScContainerPlan * plan)
{
  int ret;

  if (plan->tail_size == 0)
    return 0;
  self->end = plan->size;
  self->at = plan->size - plan->tail_size;
  ret = plan->write_tail (self->file, plan, collect, self);
  if (ret == 0)
    ret = flush (self);
  return ret == 0 && self->at != self->end ? -EIO : ret;
}

static Tail *
tail_new (const ScContainerFile * file, ScJournalWriter * journal,
    int (*flush_block) (Tail * self))
{
  Tail *self = malloc (sizeof (*self));

  if (self == NULL)
    return NULL;
  self->file = file;
  self->journal = journal;
  self->flush = flush_block;
  self->at = self->end = 0;
  self->used = 0;
  self->vouched = journal != NULL ? journal->high_water : UINT64_MAX;
  self->appended = 0;
  self->crc = 0;
  return self;
}

static int
journal_edit (const ScContainerFile * file, const ScContainerEdit * edit,
    ScJournalWriter * journal)
{
  uint8_t present[SC_CONTAINER_EDIT_BYTES];
  ssize_t got;

  if (edit->size == 0 || edit->offset + edit->size > journal->high_water)
    return 0;                   /* the journal does not vouch for this place */
  got = sc_file_read_all (file->ops, file->fd, present, edit->size,
      edit->offset);
  return got != (ssize_t) edit->size ? got < 0 ? (int) got : -EIO
      : sc_journal_writer_overwrite (journal, edit->offset, present,
      edit->bytes, edit->size);
}

int
sc_container_journal (const ScContainerFile * file,
    const ScContainerPlan * plan, ScJournalWriter * journal)
{
  Tail *tail = tail_new (file, journal, flush_to_journal);
  int ret = tail != NULL ? run_tail (tail, plan) : -ENOMEM;

  /* The edits go last: a journal that is torn among them has all that they
   * make valid. */
  if (ret == 0)
    ret = journal_edit (file, &plan->cover, journal);
  for (unsigned i = 0; ret == 0 && i < plan->edit_count; i++)
    ret = journal_edit (file, &plan->edits[i], journal);
  if (ret == 0)
    ret = sc_journal_writer_sync (journal);
  free (tail);
  return ret;
}

static int
write_edit (const ScContainerFile * file, const ScContainerEdit * edit)
{
  struct iovec iov = { (void *) edit->bytes, edit->size };

  return edit->size == 0 ? 0
      : sc_file_write_all (file->ops, file->fd, &iov, 1, edit->offset);
}

/* A tail that begins behind all that the journal knows of is left out of it, as
 * what lies between is none of its holes. */
static int
journal_appended (const Tail * tail, const ScContainerPlan * plan)
{
  ScJournalWriter *journal = tail->journal;
  int ret;

  if (journal == NULL || tail->appended == 0 || journal->closed
      || plan->size - plan->tail_size > tail->vouched)
    return 0;
  ret = sc_journal_writer_extent (journal, tail->vouched, tail->appended,
      tail->crc);
  return ret == 0 ? sc_journal_writer_sync (journal) : ret;
}

int
sc_container_write (const ScContainerFile * file,
    const ScContainerPlan * plan, ScJournalWriter * journal)
{
  Tail *tail = tail_new (file, journal, flush_to_file);
  int ret = tail != NULL ? run_tail (tail, plan) : -ENOMEM;

  if (ret == 0 && plan->size < file->size)
    ret = write_edit (file, &plan->cover);
  for (unsigned i = 0; ret == 0 && i < plan->edit_count; i++)
    ret = write_edit (file, &plan->edits[i]);
  if (ret == 0)
    ret = file->ops->datasync (file->ops, file->fd);
  if (ret == 0)
    ret = journal_appended (tail, plan);
  free (tail);
  return ret;
}
