/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-channel.h"

#include <stdlib.h>
#include <string.h>

#include "sc-clock.h"

#include "tieredqueue-fill.h"

/* Slots beyond max-size-buffers, for the events among them. */
#define EVENT_SLOTS 64
/* Where the number of buffers has no limit of its own. */
#define UNLIMITED_SLOTS 1024
/* Reserve no more than this ahead; beyond it the ring grows when needed. */
#define MAX_RESERVED_SLOTS 65536
#define CARRY_SLOTS 64

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

static guint32
slots_for (guint buffers)
{
  guint64 wanted = buffers == 0 ? UNLIMITED_SLOTS
      : (guint64) buffers + EVENT_SLOTS;
  guint32 slots = 2;

  while (slots < wanted && slots < MAX_RESERVED_SLOTS)
    slots *= 2;
  return slots;
}

static gpointer
allocate_segment (TieredQueueChannel * self, guint32 slots)
{
  gpointer memory = NULL;

  if (posix_memalign (&memory, SC_CACHE_LINE, sc_ring_segment_size (slots)))
    return NULL;
  g_ptr_array_add (self->memory, memory);
  return memory;
}

TieredQueueChannel *
tieredqueue_channel_new (void)
{
  TieredQueueChannel *self;
  gpointer memory;

  if (posix_memalign (&memory, SC_CACHE_LINE, sizeof (*self)) != 0)
    g_error ("tieredqueue: out of memory");
  self = memset (memory, 0, sizeof (*self));
  if (sc_eventcount_init (&self->items) != 0
      || sc_eventcount_init (&self->space) != 0)
    g_error ("tieredqueue: the system cannot make a mutex");
  sc_watermark_init (&self->watermark);
  tieredqueue_settings_init (&self->settings);
  atomic_init (&self->flow, GST_FLOW_FLUSHING);
  if (!tieredqueue_channel_reserve (self))
    g_error ("tieredqueue: out of memory");
  return self;
}

void
tieredqueue_channel_free (TieredQueueChannel * self)
{
  sc_eventcount_clear (&self->items);
  sc_eventcount_clear (&self->space);
  g_ptr_array_unref (self->memory);
  free (self);
}

static void
clear_accounts (TieredQueueChannel * self)
{
  STORE (self->buffers_in, 0);
  STORE (self->bytes_in, 0);
  STORE (self->headers_in, 0);
  STORE (self->header_bytes_in, 0);
  STORE (self->headers_out, 0);
  STORE (self->header_bytes_out, 0);
  STORE (self->buffers_out, 0);
  STORE (self->bytes_out, 0);
  STORE (self->peak_buffers, 0);
  STORE (self->growths, 0);
  tieredqueue_drops_clear (&self->drops);
  tieredqueue_rate_init (&self->rate, sc_clock_now ());
  STORE (self->items.wakes, 0);
  STORE (self->space.wakes, 0);
  sc_watermark_reset (&self->watermark);
  tieredqueue_sample_init (&self->sample);
}

static void
init_waits (TieredQueueChannel * self)
{
  sc_spin_init (&self->item_spin);
  sc_spin_init (&self->space_spin);
  sc_pace_init (&self->item_pace);
  sc_pace_init (&self->space_pace);
  STORE (self->items_due, 0);
  STORE (self->space_due, 0);
}

gboolean
tieredqueue_channel_reserve (TieredQueueChannel * self)
{
  guint32 slots = slots_for (LOAD (self->settings.max.buffers));
  GPtrArray *before = self->memory;
  gpointer memory, carry;

  self->memory = g_ptr_array_new_with_free_func (free);
  memory = allocate_segment (self, slots);
  carry = allocate_segment (self, CARRY_SLOTS);
  if (memory == NULL || carry == NULL
      || sc_channel_ring_init (&self->ring, memory, slots, carry,
          CARRY_SLOTS) != 0) {
    g_ptr_array_unref (self->memory);
    self->memory = before;      /* the old ring stays, for who reads levels */
    return FALSE;
  }
  g_clear_pointer (&before, g_ptr_array_unref);
  STORE (self->slots, slots);
  tieredqueue_channel_restore_thresholds (self);
  STORE (self->stale_before, 0);
  self->known = (ScRingLevel) { 0 };
  self->time_fell_at = 0;
  self->has_evicted = FALSE;
  self->head_needs_discont = FALSE;
  self->head_needs_key = FALSE;
  tieredqueue_gop_init (&self->gop);
  tieredqueue_timeline_init (&self->timeline);
  init_waits (self);
  clear_accounts (self);
  return TRUE;
}

gboolean
tieredqueue_channel_grow (TieredQueueChannel * self, ScRing * ring)
{
  guint32 slots = (ring->tail_segment->mask + 1) * 2;
  gpointer memory = allocate_segment (self, slots);

  if (memory == NULL || sc_ring_link (ring, memory, slots) != 0)
    return FALSE;
  STORE (self->growths, LOAD (self->growths) + 1);
  if (ring == &self->ring.ring)
    STORE (self->slots, slots);
  return TRUE;
}

void
tieredqueue_channel_set_flow (TieredQueueChannel * self, GstFlowReturn flow)
{
  /* Release: pairs with the acquire in tieredqueue_channel_flow. */
  atomic_store_explicit (&self->flow, flow, memory_order_release);
  tieredqueue_channel_interrupt (self);
}

void
tieredqueue_channel_interrupt (TieredQueueChannel * self)
{
  sc_eventcount_notify (&self->items);
  sc_eventcount_notify (&self->space);
}

/* ---- settings ---- */

void
tieredqueue_channel_lift_thresholds (TieredQueueChannel * self)
{
  STORE (self->min.buffers, 0);
  STORE (self->min.bytes, 0);
  STORE (self->min.time, 0);
}

void
tieredqueue_channel_restore_thresholds (TieredQueueChannel * self)
{
  TieredQueueLimits *min = &self->settings.min;

  STORE (self->min.buffers, LOAD (min->buffers));
  STORE (self->min.bytes, LOAD (min->bytes));
  STORE (self->min.time, LOAD (min->time));
}

/* A threshold that is set holds also where EOS has lifted the others. */
static void
follow_threshold (TieredQueueChannel * self, TieredQueueSetting which)
{
  TieredQueueLimits *min = &self->settings.min;

  if (which == TIEREDQUEUE_SETTING_MIN_THRESHOLD_BUFFERS)
    STORE (self->min.buffers, LOAD (min->buffers));
  else if (which == TIEREDQUEUE_SETTING_MIN_THRESHOLD_BYTES)
    STORE (self->min.bytes, LOAD (min->bytes));
  else if (which == TIEREDQUEUE_SETTING_MIN_THRESHOLD_TIME)
    STORE (self->min.time, LOAD (min->time));
}

static void
follow_settings (TieredQueueChannel * self)
{
  TieredQueueSettings *settings = &self->settings;

  (void) sc_watermark_set (&self->watermark, LOAD (settings->low_watermark),
      LOAD (settings->high_watermark));
}

void
tieredqueue_channel_configure (TieredQueueChannel * self,
    TieredQueueSettings * settings)
{
  tieredqueue_settings_copy (&self->settings, settings);
  tieredqueue_channel_restore_thresholds (self);
  follow_settings (self);
}

gboolean
tieredqueue_channel_set (TieredQueueChannel * self, TieredQueueSetting which,
    const GValue * value)
{
  tieredqueue_settings_set (&self->settings, which, value);
  follow_threshold (self, which);
  follow_settings (self);
  /* A changed limit or threshold may end a wait. */
  tieredqueue_channel_interrupt (self);
  /* Store buffer, with the fence in tieredqueue_fill_raise: the one in interrupt
   * stands between the limits and our look at the watermark. */
  return tieredqueue_fill_clear (self);
}

void
tieredqueue_channel_drop (TieredQueueChannel * self,
    TieredQueueDropReason reason, TieredQueueKind kind, gpointer object,
    gint64 time)
{
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (kind, object, &buffers, &bytes);
  tieredqueue_drops_add (&self->drops, reason, buffers, bytes,
      tieredqueue_timeline_running_time (&self->timeline, time));
  gst_mini_object_unref (object);
}
