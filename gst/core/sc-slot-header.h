/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every slot of the pool says about its data.  The headers lie in a region
 * apart from the data, so that an overrun of the data does not reach them.
 *
 *   offset size
 *        0    4  magic             0xAE550001
 *        4    4  buffer_id         the slot's number in its arena, from 0
 *        8    4  buffer_class      ScClass
 *       12    4  flags             the application's own
 *       16    8  sequence          number of the buffer in its stream
 *       24    8  timestamp_ns      presentation time, SC_TIME_NONE unknown
 *       32    8  duration_ns       SC_TIME_NONE unknown
 *       40    8  capture_ns        capture clock's time, SC_TIME_NONE unknown
 *       48    4  sample_rate       Hz, 0 not audio
 *       52    2  channels
 *       54    2  sample_bits       bits of a stored sample, padding included
 *       56    4  samples           samples per frame (buffer) and channel
 *       60    4  data_size         bytes in use
 *       64    4  capacity          bytes that fit
 *       68    4  processing_count  times a stage has worked on the data
 *       72    8  processing_start_ns  when the last one began, SC_TIME_NONE never
 *       80    4  crc               CRC-32C of the 80 bytes before it
 *       84    4  zero
 *       88    8  uses              times the slot was handed out (the arena's)
 *       96    8  held              `uses` while the slot is out, 0 at home
 *      104    8  since_ns          when it was handed out, to within the arena's
 *                                  coarse clock
 *      112    8  issued            what for: see sc-arena-private.h
 *      120    4  issued_crc        the CRC of the header as it was handed out
 *      124    4  zero
 *
 * In memory only, so in the machine's own byte order.  A slot's holder alone
 * reads and writes its header up to the CRC; from `uses` on it is the arena's,
 * which reads it while others hold it.
 */
#ifndef SC_SLOT_HEADER_H
#define SC_SLOT_HEADER_H

#include "sc-crc32c.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_SLOT_MAGIC 0xAE550001u
#define SC_TIME_NONE UINT64_MAX

/* What a slot is wanted for. */
typedef enum
{
  SC_CLASS_PRIMARY,
  SC_CLASS_CONVERSION,
  SC_CLASS_SCRATCH,
  SC_CLASS_INPUT,
  SC_CLASS_OUTPUT,
  SC_CLASS_METADATA,
} ScClass;

#define SC_CLASSES 6

typedef struct
{
  uint32_t magic;
  uint32_t buffer_id;
  uint32_t buffer_class;
  uint32_t flags;
  uint64_t sequence;
  uint64_t timestamp_ns;
  uint64_t duration_ns;
  uint64_t capture_ns;
  uint32_t sample_rate;
  uint16_t channels;
  uint16_t sample_bits;
  uint32_t samples;
  uint32_t data_size;
  uint32_t capacity;
  uint32_t processing_count;
  uint64_t processing_start_ns;
  uint32_t crc;
  uint32_t zero;
  _Atomic uint64_t uses;
  _Atomic uint64_t held;
  _Atomic uint64_t since_ns;
  _Atomic uint64_t issued;
  uint32_t issued_crc;
  uint32_t zero_too;
} ScSlotHeader;

#define SC_SLOT_HEADER_SEALED offsetof (ScSlotHeader, crc)

_Static_assert (sizeof (ScSlotHeader) == 128, "two cache lines a header");
_Static_assert (offsetof (ScSlotHeader, buffer_class) == 8, "layout");
_Static_assert (offsetof (ScSlotHeader, sequence) == 16, "layout");
_Static_assert (offsetof (ScSlotHeader, timestamp_ns) == 24, "layout");
_Static_assert (offsetof (ScSlotHeader, capture_ns) == 40, "layout");
_Static_assert (offsetof (ScSlotHeader, sample_rate) == 48, "layout");
_Static_assert (offsetof (ScSlotHeader, sample_bits) == 54, "layout");
_Static_assert (offsetof (ScSlotHeader, samples) == 56, "layout");
_Static_assert (offsetof (ScSlotHeader, data_size) == 60, "layout");
_Static_assert (offsetof (ScSlotHeader, capacity) == 64, "layout");
_Static_assert (offsetof (ScSlotHeader, processing_count) == 68, "layout");
_Static_assert (offsetof (ScSlotHeader, processing_start_ns) == 72, "layout");
_Static_assert (offsetof (ScSlotHeader, crc) == 80, "layout");
_Static_assert (offsetof (ScSlotHeader, uses) == 88, "layout");

/**
 * sc_slot_header_seal:
 *
 * Writes the CRC after fields were changed.  The slot's holder only.
 */
static inline void
sc_slot_header_seal (ScSlotHeader * self)
{
  self->crc = sc_crc32c (0, self, SC_SLOT_HEADER_SEALED);
}

/**
 * sc_slot_header_is_intact:
 *
 * Returns: whether magic and CRC are right.  The slot's holder only.
 */
static inline bool
sc_slot_header_is_intact (const ScSlotHeader * self)
{
  return self->magic == SC_SLOT_MAGIC
      && self->crc == sc_crc32c (0, self, SC_SLOT_HEADER_SEALED);
}

#endif
