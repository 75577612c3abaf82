/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaving out what memory has no room for, instead of waiting.  What is left
 * out in a row is one gap, kept here until the next bytes, or the end, take it
 * with them through the ring: so it comes to the journal in its place, also
 * after the recording went on at another target.
 */
#include "sc-recorder-private.h"

#include <errno.h>

/* So much of the ring is for small writes alone: what holds a file together
 * (the heads of blocks, fragments and pages) costs little and is worth most. */
#define SPARE_SHARE 8
#define SMALL 512u

static bool
fits (const ScRecorder * self, uint64_t bytes, uint64_t records,
    uint64_t used_bytes, uint64_t used_records)
{
  const ScByteRing *ring = &self->ring;
  uint64_t spare = bytes <= SMALL ? 0 : ring->data_size / SPARE_SHARE;
  uint64_t spare_records = bytes <= SMALL ? 0
      : ring->record_count / SPARE_SHARE;

  return bytes <= ring->data_size - spare
      && used_bytes <= ring->data_size - spare - bytes
      && records <= ring->record_count - spare_records
      && used_records <= ring->record_count - spare_records - records;
}

bool
sc_recorder_has_room (ScRecorder * self, uint64_t bytes, uint64_t records)
{
  const ScByteRing *ring = &self->ring;
  uint64_t used_bytes = sc_byte_ring_level (ring);
  uint64_t used_records = sc_byte_ring_head (ring)
      - sc_byte_ring_released_position (ring);

  if (self->gap.size > 0)
    used_records += SC_BYTE_RING_GAP_RECORDS;
  /* What is too large for the empty ring, too, has to be waited with. */
  return fits (self, bytes, records, used_bytes, used_records)
      || !fits (self, bytes, records + SC_BYTE_RING_GAP_RECORDS, 0, 0);
}

int
sc_recorder_put_gap (ScRecorder * self, uint64_t timeout_ns)
{
  int ret;

  if (self->gap.size == 0)
    return 0;
  ret = sc_byte_ring_put_gap (&self->ring, &self->gap, timeout_ns);
  if (ret == 0)
    self->gap.size = 0;
  return ret == -EPIPE && sc_recorder_has_failed (self) ? self->fault.error
      : ret;
}

int
sc_recorder_drop (ScRecorder * self, const ScGap * dropped, uint64_t timeout_ns)
{
  ScGap *gap = &self->gap;
  int ret = 0;

  if (sc_recorder_has_failed (self))
    return self->fault.error;
  if (sc_recorder_ending (self) != SC_ENDING_NO
      || dropped->offset < self->top)
    return -EINVAL;
  if (gap->size > 0 && gap->offset + gap->size != dropped->offset)
    ret = sc_recorder_put_gap (self, timeout_ns);
  if (ret < 0)
    return ret;
  if (gap->size == 0) {
    *gap = *dropped;
  } else {
    gap->size += dropped->size;
    gap->buffers += dropped->buffers;
    gap->last = dropped->last;
  }
  self->top = dropped->offset + dropped->size;
  sc_drops_add (&self->drops, dropped);
  sc_recorder_notify (self);
  return 0;
}
