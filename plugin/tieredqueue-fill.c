/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-fill.h"

#include "sc-clock.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

/* ---- levels ---- */

/* What counts towards limits and thresholds. */
static void
ring_level (TieredQueueChannel * self, ScRingLevel * level)
{
  sc_ring_level (&self->ring.ring, level);
  level->time = MAX (level->time, 0);
}

void
tieredqueue_channel_level (TieredQueueChannel * self, ScRingLevel * level)
{
  /* What is out before what is in, so that no header is out that is not in.
   * Acquire: keeps the two looks in this order; pairs with the release in
   * header_out. */
  guint64 out = atomic_load_explicit (&self->headers_out,
      memory_order_acquire);
  guint64 bytes_out = LOAD (self->header_bytes_out);

  ring_level (self, level);
  level->buffers += (guint) (LOAD (self->headers_in) - out);
  level->bytes += LOAD (self->header_bytes_in) - bytes_out;
}

static gboolean
reaches (const ScRingLevel * level, TieredQueueLimits * limits)
{
  guint buffers = LOAD (limits->buffers);
  guint bytes = LOAD (limits->bytes);
  guint64 time = LOAD (limits->time);

  return (buffers > 0 && level->buffers >= buffers)
      || (bytes > 0 && level->bytes >= bytes)
      || (time > 0 && level->time >= 0 && (guint64) level->time >= time);
}

/* The fullest of the limited measures, as a fraction of its limit. */
static gdouble
fraction (const ScRingLevel * level, TieredQueueLimits * limits)
{
  guint buffers = LOAD (limits->buffers);
  guint bytes = LOAD (limits->bytes);
  guint64 time = LOAD (limits->time);
  gdouble fullest = 0.0;

  if (buffers > 0)
    fullest = (gdouble) level->buffers / buffers;
  if (bytes > 0)
    fullest = MAX (fullest, (gdouble) level->bytes / bytes);
  if (time > 0 && level->time > 0)
    fullest = MAX (fullest, (gdouble) level->time / (gdouble) time);
  return fullest;
}

gdouble
tieredqueue_fill_fraction (TieredQueueChannel * self,
    const ScRingLevel * level)
{
  return fraction (level, &self->settings.max);
}

void
tieredqueue_fill_refresh (TieredQueueChannel * self)
{
  sc_ring_producer_level (&self->ring.ring, &self->known);
  self->known.time = MAX (self->known.time, 0);
  if (self->known.buffers > LOAD (self->peak_buffers))
    STORE (self->peak_buffers, self->known.buffers);
}

/* FALSE while an item may be queued that moved the time back: the level in time
 * then rises when it goes, and the known one does not follow. */
static gboolean
known_is_a_bound (TieredQueueChannel * self)
{
  return self->ring.ring.known_head >= self->time_fell_at;
}

gboolean
tieredqueue_channel_is_filled (TieredQueueChannel * self)
{
  /* The level known from before is not below the real one: as long as it is
   * not full, the consumer's cache line need not be fetched. */
  if (known_is_a_bound (self) && !reaches (&self->known, &self->settings.max))
    return FALSE;
  tieredqueue_fill_refresh (self);
  return reaches (&self->known, &self->settings.max);
}

gboolean
tieredqueue_channel_has_data (TieredQueueChannel * self)
{
  tieredqueue_fill_refresh (self);
  return self->known.buffers > 0;
}

/* ---- back-pressure ---- */

gboolean
tieredqueue_fill_raise (TieredQueueChannel * self)
{
  if (known_is_a_bound (self) && !sc_watermark_would_raise (&self->watermark,
          fraction (&self->known, &self->settings.max)))
    return FALSE;
  tieredqueue_fill_refresh (self);
  if (!sc_watermark_would_raise (&self->watermark,
          fraction (&self->known, &self->settings.max)))
    return FALSE;
  if (!sc_watermark_raise (&self->watermark,
          fraction (&self->known, &self->settings.max), sc_clock_now ()))
    return FALSE;
  /* Store buffer, with the fence between the consumer's claim and its look at the
   * watermark (in notify_space): either it sees the watermark raised, or we see
   * the level that it has left behind.  Else an empty queue could stay under
   * back-pressure until the next item. */
  atomic_thread_fence (memory_order_seq_cst);
  (void) tieredqueue_fill_clear (self);
  return TRUE;
}

gboolean
tieredqueue_fill_clear_now (TieredQueueChannel * self)
{
  ScRingLevel level;
  gdouble filled;

  ring_level (self, &level);
  filled = fraction (&level, &self->settings.max);
  return sc_watermark_would_clear (&self->watermark, filled)
      && sc_watermark_clear (&self->watermark, filled, sc_clock_now ());
}

gboolean
tieredqueue_fill_settle (TieredQueueChannel * self)
{
  if (G_LIKELY (!self->has_evicted))
    return FALSE;
  self->has_evicted = FALSE;
  return tieredqueue_fill_clear (self);
}

/* ---- thresholds ---- */

gboolean
tieredqueue_fill_misses_threshold (TieredQueueChannel * self)
{
  ScRingLevel level;

  if (!LOAD (self->tail_is_data))
    return FALSE;
  ring_level (self, &level);
  /* Without data there is nothing to wait for: what is there has been kept from
   * among evicted buffers. */
  return level.buffers > 0 && (level.buffers < LOAD (self->min.buffers)
      || level.bytes < LOAD (self->min.bytes)
      || (guint64) level.time < LOAD (self->min.time))
      && !reaches (&level, &self->settings.max);
}

gboolean
tieredqueue_fill_is_empty (TieredQueueChannel * self)
{
  return sc_channel_ring_is_empty (&self->ring)
      || tieredqueue_fill_is_below_threshold (self);
}
