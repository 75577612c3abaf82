/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests of container repairs: a file under construction in memory, and what
 * a caller does with a plan. */
#ifndef SC_CONTAINER_CHECK_H
#define SC_CONTAINER_CHECK_H

#include "sc-check.h"
#include "sc-container.h"
#include "sc-memory-file.h"

static uint8_t data[4 << 20];
static size_t size;

static inline void
put (const void *bytes, size_t count)
{
  memcpy (data + size, bytes, count);
  size += count;
}

static inline void
put_le (uint64_t value, size_t count)
{
  for (; count > 0; count--, value >>= 8)
    data[size++] = (uint8_t) value;
}

static inline void
put_be (uint64_t value, size_t count)
{
  while (count > 0)
    data[size++] = (uint8_t) (value >> 8 * --count);
}

static inline uint64_t
get_le (const uint8_t * p, size_t count)
{
  uint64_t value = 0;

  while (count > 0)
    value = value << 8 | p[--count];
  return value;
}

static inline uint64_t
get_be (const uint8_t * p, size_t count)
{
  uint64_t value = 0;

  for (; count > 0; count--, p++)
    value = value << 8 | *p;
  return value;
}

static inline int
plan (ScContainerPlan * out)
{
  static ScMemoryFile memory;
  ScContainerFile file = {.ops = &memory.ops,.size = size };

  sc_memory_file_init (&memory, data, size);
  return sc_container_plan (&file, out);
}

/* Does what the plan says, as a caller would, and clears it. */
static inline void
apply (ScContainerPlan * out)
{
  for (unsigned i = 0; i < out->edit_count; i++)
    memcpy (data + out->edits[i].offset, out->edits[i].bytes,
        out->edits[i].size);
  for (; size < out->size; size++)
    data[size] = 0;
  size = (size_t) out->size;
  sc_container_plan_clear (out);
}

/* Applies a plan, and asserts that a second look finds nothing more to do. */
static inline void
apply_once (ScContainerPlan * out)
{
  ScContainerPlan again;

  apply (out);
  ck_assert_int_eq (plan (&again), 1);
  ck_assert (!again.needs_repair);
  ck_assert_uint_eq (again.media_size, out->media_size);
  ck_assert_uint_eq (again.duration_ns, out->duration_ns);
  sc_container_plan_clear (&again);
}

/* Makes the first @edits of a plan only, as a crash may leave it; then repairs
 * what there is. */
static inline void
repair_resumed (unsigned edits)
{
  ScContainerPlan out;

  ck_assert_int_eq (plan (&out), 1);
  for (unsigned i = 0; i < edits; i++)
    memcpy (data + out.edits[i].offset, out.edits[i].bytes, out.edits[i].size);
  sc_container_plan_clear (&out);
  ck_assert_int_eq (plan (&out), 1);
  apply (&out);
}

/* Repairs a file of this format that needs it, and asserts that it comes to the
 * same where a crash interrupts it. */
static inline void
repair (const char *format, ScContainerPlan * out)
{
  static uint8_t broken[sizeof (data)], repaired[sizeof (data)];
  size_t broken_size = size, repaired_size;
  unsigned edits;

  memcpy (broken, data, size);
  ck_assert_int_eq (plan (out), 1);
  ck_assert_str_eq (out->name, format);
  ck_assert (out->needs_repair);
  edits = out->edit_count;
  apply_once (out);
  memcpy (repaired, data, repaired_size = size);
  for (unsigned i = 0; i <= edits; i++) {
    memcpy (data, broken, size = broken_size);
    repair_resumed (i);
    ck_assert_uint_eq (size, repaired_size);
    ck_assert_mem_eq (data, repaired, size);
  }
}

/* Changes a few bytes of the file and cuts it at times. */
static inline void
make_garbage (uint64_t * seed)
{
  for (uint64_t i = sc_random (seed) % 8; i > 0; i--)
    data[sc_random (seed) % size] = (uint8_t) sc_random (seed);
  size -= sc_random (seed) % 3 == 0 ? sc_random (seed) % size : 0;
}

/* What must hold of any plan at all: everything in bounds, and done once it is
 * applied.  @growth: bytes of padding that the format may add.  Returns whether
 * there was one. */
static inline bool
check_any_plan (size_t growth)
{
  ScContainerPlan out;

  if (plan (&out) != 1) {
    sc_container_plan_clear (&out);
    return false;
  }
  ck_assert_uint_le (out.media_offset, size);
  ck_assert_uint_le (out.media_size, size - out.media_offset);
  ck_assert_uint_le (out.size, size + growth);
  for (unsigned i = 0; i < out.edit_count; i++)
    ck_assert_uint_le (out.edits[i].offset + out.edits[i].size, out.size);
  apply (&out);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  sc_container_plan_clear (&out);
  return true;
}

#endif
