/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Target: any bytes as a recording, to every container repair; and any bytes as
 * the file that a muxer wrote beside it, where they end in that one's size (two
 * bytes, little-endian) and "MRF".  The plan keeps
 * to its promises; with SC_FUZZ_THOROUGH in the environment, making it also leaves
 * a file that needs nothing more, and so it does when only a part of it had been
 * made.
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
#include <stdlib.h>
#include <string.h>

#define MAX_SIZE (256u << 10)
#define BESIDE_MAGIC "MRF"
#define BESIDE_FOOT (2 + sizeof (BESIDE_MAGIC) - 1)

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
make_plan (FuzzDisk * disk, int fd, ScContainerFile * file,
    ScContainerPlan * plan)
{
  int ret;

  file->ops = &disk->ops;
  file->fd = fd;
  file->size = (uint64_t) disk->ops.size (&disk->ops, fd);
  ret = sc_container_plan (file, plan);
  fuzz_check (ret == 1 || ret == 0 || ret == -EBADMSG);
  fuzz_check (ret == 0 || plan->name != NULL);
  return ret;
}

/* Repairs as recovery does.  @edits: make only so many of them, then start
 * anew, as after a crash; UINT32_MAX: all */
static int
repair (FuzzDisk * disk, int fd, const ScContainerFile * companion,
    unsigned edits)
{
  ScContainerFile file = {.companion = companion };
  ScContainerPlan plan;
  int ret = make_plan (disk, fd, &file, &plan);

  if (ret == 1) {
    check_plan (&plan, file.size);
    if (edits < plan.edit_count)
      plan.edit_count = edits;
    ret = sc_container_write (&file, &plan, NULL);
    fuzz_check (ret == 0 || ret == -ENOSPC);
    if (ret == 0 && edits == UINT32_MAX && plan.size != file.size)
      ret = disk->ops.truncate (&disk->ops, fd, plan.size);
    ret = ret == 0;
  }
  sc_container_plan_clear (&plan);
  return ret;
}

/* On the disk: the recording, and perhaps what a muxer wrote beside it. */
static void
repair_all (FuzzDisk * disk, unsigned edits)
{
  int fd = disk->ops.open (&disk->ops, "take", O_RDWR, 0);
  ScContainerFile beside, file = { 0 };
  ScContainerPlan plan;

  if (sc_container_companion_find (&beside, &disk->ops, "take") == 0)
    file.companion = &beside;
  repair (disk, fd, file.companion, edits);
  if (repair (disk, fd, file.companion, UINT32_MAX) == 1) {
    fuzz_check (make_plan (disk, fd, &file, &plan) == 1);
    if (plan.needs_repair && getenv ("SC_FUZZ_THOROUGH") != NULL) {
      print_plan (&plan, &file);
      fuzz_check (!plan.needs_repair);
    }
    sc_container_plan_clear (&plan);
  }
  sc_container_companion_close (&beside);
  disk->ops.close (&disk->ops, fd);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  size_t beside = companion_size (data, size);
  FuzzDisk disk;

  if (size == 0 || size > MAX_SIZE)
    return 0;
  fuzz_disk_init (&disk);
  fuzz_disk_put (&disk, "take", data, size - beside);
  if (beside > 0)
    fuzz_disk_put (&disk, "take.mrf", data + size - beside,
        beside - BESIDE_FOOT);
  repair_all (&disk, data[size / 2] % 8);
  fuzz_disk_clear (&disk);
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
