/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Target: any bytes as a recording, to every container repair; and any bytes as
 * the file that a muxer wrote beside it, where they end in that one's size (two
 * bytes, little-endian) and "MRF".  The plan keeps to its promises; making it
 * leaves a file that needs nothing more, also where a crash had left a part of
 * it.  Of recordings, which the replayed corpus is, it leaves the same file then,
 * unless it cuts it: what is left then stays, covered.  Garbage can happen to
 * read otherwise once the first half of an index is written over its end.
 *
 * The mutator sets the checksums right that would keep it out.
 */
#include "fuzz-checksums.h"
#include "fuzz-disk.h"
#include "fuzz.h"
#include "sc-byte-order.h"
#include "sc-container-apply.h"
#include "sc-container-companion.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define MAX_SIZE (256u << 10)
#define BESIDE_MAGIC "MRF"
#define BESIDE_FOOT (2 + sizeof (BESIDE_MAGIC) - 1)

/* A recording on a disk of its own. */
typedef struct
{
  FuzzDisk disk;
  int fd;
  ScContainerFile beside;       /* what its muxer wrote; fd -1: nothing */
  bool cuts;                    /* a plan had something to cut */
  bool done;                    /* repaired */
} Take;

/* Bytes at the end of an input, with their foot, that are not the recording's;
 * 0: none. */
static size_t
companion_size (const uint8_t * data, size_t size)
{
  size_t beside;

  if (size < BESIDE_FOOT || memcmp (data + size - 3, BESIDE_MAGIC, 3) != 0)
    return 0;
  beside = BESIDE_FOOT + sc_get_le16 (data + size - BESIDE_FOOT);
  return beside <= size ? beside : size;
}

static void
check_plan (const ScContainerPlan * plan, uint64_t size)
{
  fuzz_check (strlen (plan->detail) < sizeof (plan->detail));
  fuzz_check (plan->size >= plan->tail_size);
  /* What is appended is an index of what there is, or padding. */
  fuzz_check (plan->size <= 4 * size + (64 << 10));
  fuzz_check (plan->media_offset <= plan->size);
  fuzz_check (plan->media_size <= plan->size - plan->media_offset);
  fuzz_check (plan->edit_count <= SC_CONTAINER_EDITS);
  for (unsigned i = 0; i < plan->edit_count; i++) {
    fuzz_check (plan->edits[i].size <= SC_CONTAINER_EDIT_BYTES);
    fuzz_check (plan->edits[i].offset <= plan->size);
    fuzz_check (plan->edits[i].size <= plan->size - plan->edits[i].offset);
  }
  for (unsigned i = 1; i < plan->point_count; i++) {
    fuzz_check (plan->points[i - 1].offset <= plan->points[i].offset);
    fuzz_check (plan->points[i - 1].time_ns <= plan->points[i].time_ns);
  }
}

static void
print_plan (const ScContainerPlan * plan, const ScContainerFile * file)
{
  fprintf (stderr, "%s (%s): %llu bytes to %llu, the last %llu anew\n",
      plan->name, plan->detail, (unsigned long long) file->size,
      (unsigned long long) plan->size, (unsigned long long) plan->tail_size);
  for (unsigned i = 0; i < plan->edit_count; i++)
    fprintf (stderr, "%u bytes at %llu\n", plan->edits[i].size,
        (unsigned long long) plan->edits[i].offset);
}

static int
make_plan (Take * take, ScContainerFile * file, ScContainerPlan * plan)
{
  const ScFileOps *ops = &take->disk.ops;
  int ret;

  *file = (ScContainerFile) {
    .ops = ops,.fd = take->fd,.size = (uint64_t) ops->size (ops, take->fd),
    .companion = take->beside.fd >= 0 ? &take->beside : NULL
  };
  ret = sc_container_plan (file, plan);
  fuzz_check (ret == 1 || ret == 0 || ret == -EBADMSG);
  fuzz_check (ret == 0 || plan->name != NULL);
  return ret;
}

/* A crash, as far as the journal lets it come: before all of the edits are in
 * it nothing is appended, and then all of them are made. */
static void
lose_end (Take * take, const ScContainerFile * file,
    const ScContainerPlan * plan, bool all_edits, unsigned eighths)
{
  const ScFileOps *ops = &take->disk.ops;
  uint64_t added = plan->size > file->size && all_edits
      ? plan->size - file->size : 0;

  fuzz_check (ops->truncate (ops, take->fd, file->size + added * eighths / 8)
      == 0);
}

/* Repairs as recovery does; whether that was done.  @edits: make only so many of
 * them, as before a crash; UINT32_MAX: all */
static bool
repair (Take * take, unsigned edits)
{
  const ScFileOps *ops = &take->disk.ops;
  ScContainerFile file;
  ScContainerPlan plan;
  int ret = make_plan (take, &file, &plan);
  bool all_edits;

  if (ret == 1) {
    check_plan (&plan, file.size);
    take->cuts |= plan.size < file.size;
    all_edits = edits >= plan.edit_count;
    if (!all_edits)
      plan.edit_count = edits;
    ret = sc_container_write (&file, &plan, NULL);
    fuzz_check (ret == 0 || ret == -ENOSPC);
    if (ret == 0 && edits == UINT32_MAX)
      ret = ops->truncate (ops, take->fd, plan.size);
    else if (ret == 0)
      lose_end (take, &file, &plan, all_edits, 8 - edits);
    ret = ret == 0;
  }
  sc_container_plan_clear (&plan);
  return ret == 1;
}

/* A repaired file needs nothing more. */
static void
check_done (Take * take)
{
  ScContainerFile file;
  ScContainerPlan plan;

  fuzz_check (make_plan (take, &file, &plan) == 1);
  if (plan.needs_repair) {
    print_plan (&plan, &file);
    fuzz_check (!plan.needs_repair);
  }
  sc_container_plan_clear (&plan);
}

/* @edits: make only so many at first; UINT32_MAX: all at once */
static void
repair_all (Take * take, unsigned edits)
{
  const ScFileOps *ops = &take->disk.ops;

  take->fd = ops->open (ops, "take", O_RDWR, 0);
  take->cuts = false;
  sc_container_companion_find (&take->beside, ops, "take");
  if (edits != UINT32_MAX)
    repair (take, edits);
  take->done = repair (take, UINT32_MAX);
  if (take->done)
    check_done (take);
  sc_container_companion_close (&take->beside);
  ops->close (ops, take->fd);
}

static void
check_same (Take * one, Take * other)
{
  const FuzzFile *a = fuzz_disk_get (&one->disk, "take");
  const FuzzFile *b = fuzz_disk_get (&other->disk, "take");

  fuzz_check (one->done == other->done);
  fuzz_check (!one->done || (a->size == b->size
          && memcmp (a->data, b->data, a->size) == 0));
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  size_t beside = companion_size (data, size);
  Take takes[2];

  if (size == 0 || size > MAX_SIZE)
    return 0;
  for (int i = 0; i < 2; i++) {
    fuzz_disk_init (&takes[i].disk);
    fuzz_disk_put (&takes[i].disk, "take", data, size - beside);
    if (beside > 0)
      fuzz_disk_put (&takes[i].disk, "take.mrf", data + size - beside,
          beside - BESIDE_FOOT);
    repair_all (&takes[i], i == 0 ? UINT32_MAX : data[size / 2] % 8);
  }
  if (FUZZ_REPLAY && !takes[0].cuts)
    check_same (&takes[0], &takes[1]);
  for (int i = 0; i < 2; i++)
    fuzz_disk_clear (&takes[i].disk);
  return 0;
}

size_t
LLVMFuzzerCustomMutator (uint8_t * data, size_t size, size_t max_size,
    unsigned seed)
{
  size = LLVMFuzzerMutate (data, size, max_size);
  if (seed % 8 != 0)
    fuzz_fix_container (data, size);
  return size;
}
