/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-channel.h"

#include "tieredqueue-wait.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Slots beyond max-size-buffers, for the events among them. */
#define EVENT_SLOTS 64
/* Where the number of buffers has no limit of its own. */
#define UNLIMITED_SLOTS 1024
/* Reserve no more than this ahead; beyond it the ring grows when needed. */
#define MAX_RESERVED_SLOTS 65536
#define CARRY_SLOTS 64

/* Of sample_index: no item is being timed. */
#define SAMPLE_FREE G_MAXUINT64
/* One item in so many is timed: two clock readings cost 42 ns. */
#define SAMPLE_EVERY 8

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)
/* For a cell with one writer: no read-modify-write is needed. */
#define ADD(cell, value) STORE ((cell), LOAD (cell) + (value))

static guint64
clock_now (void)
{
  struct timespec t;

  if (clock_gettime (CLOCK_MONOTONIC, &t) != 0)
    return 0;                   /* cannot happen on a system with the clock */
  return (guint64) t.tv_sec * GST_SECOND + (guint64) t.tv_nsec;
}

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
  STORE (self->buffers_out, 0);
  STORE (self->bytes_out, 0);
  STORE (self->peak_buffers, 0);
  STORE (self->growths, 0);
  tieredqueue_drops_clear (&self->drops);
  STORE (self->items.wakes, 0);
  STORE (self->space.wakes, 0);
  sc_watermark_reset (&self->watermark);
  sc_histogram_init (&self->latency);
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
  STORE (self->sample_index, SAMPLE_FREE);
  STORE (self->min_is_off, FALSE);
  self->known = (ScRingLevel) { 0 };
  self->time_fell_at = 0;
  self->head_needs_discont = FALSE;
  tieredqueue_timeline_init (&self->timeline);
  tieredqueue_wait_init (self);
  clear_accounts (self);
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
  follow_settings (self);
}

void
tieredqueue_channel_set (TieredQueueChannel * self, TieredQueueSetting which,
    const GValue * value)
{
  tieredqueue_settings_set (&self->settings, which, value);
  follow_settings (self);
  /* A changed limit or threshold may end a wait. */
  tieredqueue_channel_interrupt (self);
}

/* ---- levels ---- */

void
tieredqueue_channel_level (TieredQueueChannel * self, ScRingLevel * level)
{
  sc_ring_level (&self->ring.ring, level);
  level->time = MAX (level->time, 0);
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

static void
refresh_known (TieredQueueChannel * self)
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
  refresh_known (self);
  return reaches (&self->known, &self->settings.max);
}

/* ---- the producer ---- */

/* Links a segment of twice the slots.  Only bursts of events and limits without
 * max-size-buffers come here; it is counted. */
static void
grow (TieredQueueChannel * self, ScRing * ring)
{
  guint32 slots = (ring->tail_segment->mask + 1) * 2;
  gpointer memory = allocate_segment (self, slots);

  if (memory == NULL || sc_ring_link (ring, memory, slots) != 0)
    g_error ("tieredqueue: out of memory for %u more slots", slots);
  ADD (self->growths, 1);
  if (ring == &self->ring.ring)
    STORE (self->slots, slots);
}

static void
start_sample (TieredQueueChannel * self)
{
  /* Acquire: pairs with the consumer's release when it frees the sample. */
  if (atomic_load_explicit (&self->sample_index, memory_order_acquire)
      != SAMPLE_FREE)
    return;
  self->sample_time = clock_now ();
  /* Release: the consumer must see the time with the index. */
  atomic_store_explicit (&self->sample_index,
      LOAD (self->ring.ring.tail), memory_order_release);
}

static gboolean
raise_watermark (TieredQueueChannel * self)
{
  if (known_is_a_bound (self) && !sc_watermark_would_raise (&self->watermark,
          fraction (&self->known, &self->settings.max)))
    return FALSE;
  refresh_known (self);
  if (!sc_watermark_would_raise (&self->watermark,
          fraction (&self->known, &self->settings.max)))
    return FALSE;
  return sc_watermark_raise (&self->watermark,
      fraction (&self->known, &self->settings.max), clock_now ());
}

gboolean
tieredqueue_channel_push (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object, guint buffers, guint64 bytes, gint64 time)
{
  const ScRingLevel weight = { buffers, bytes, time };
  gpointer item = (gpointer) ((guintptr) object | kind);
  gboolean sampled = buffers > 0
      && LOAD (self->ring.ring.tail) % SAMPLE_EVERY == 0;

  if (buffers > 0) {
    ADD (self->buffers_in, buffers);
    ADD (self->bytes_in, bytes);
  }
  if (sampled)
    start_sample (self);
  /* Relaxed: the ring's release publishes it with the item. */
  STORE (self->tail_is_data, buffers > 0);
  self->known.buffers += buffers;
  self->known.bytes += bytes;
  self->known.time += time - LOAD (self->ring.ring.time);
  if (G_UNLIKELY (time < LOAD (self->ring.ring.time)))
    self->time_fell_at = tieredqueue_channel_next_index (self) + 1;
  while (sc_ring_push (&self->ring.ring, item, &weight) != 0)
    grow (self, &self->ring.ring);
  if (sampled)
    refresh_known (self);       /* for the peak */
  tieredqueue_wait_notify_items (self, buffers > 0);
  return buffers > 0 && raise_watermark (self);
}

static TieredQueueKind
kind_of (gconstpointer item)
{
  return (TieredQueueKind) sc_item_tag (item);
}

static gboolean
is_data (TieredQueueKind kind)
{
  return kind == TIEREDQUEUE_BUFFER || kind == TIEREDQUEUE_LIST;
}

static void
weigh (TieredQueueKind kind, gpointer object, guint * buffers, gsize * bytes)
{
  if (kind == TIEREDQUEUE_LIST) {
    *buffers = gst_buffer_list_length (object);
    *bytes = gst_buffer_list_calculate_size (object);
  } else {
    *buffers = 1;
    *bytes = gst_buffer_get_size (object);
  }
}

void
tieredqueue_channel_drop (TieredQueueChannel * self,
    TieredQueueDropReason reason, TieredQueueKind kind, gpointer object,
    gint64 time)
{
  guint buffers;
  gsize bytes;

  weigh (kind, object, &buffers, &bytes);
  tieredqueue_drops_add (&self->drops, reason, buffers, bytes, time);
  gst_mini_object_unref (object);
}

void
tieredqueue_channel_refuse (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object, TieredQueueDropReason reason)
{
  guint buffers;
  gsize bytes;

  weigh (kind, object, &buffers, &bytes);
  ADD (self->buffers_in, buffers);
  ADD (self->bytes_in, bytes);
  tieredqueue_channel_drop (self, reason, kind, object, self->timeline.time);
}

/* Takes the oldest item out; a buffer is dropped, an event carried.  FALSE when
 * there is none. */
static gboolean
evict_one (TieredQueueChannel * self, TieredQueueDropReason reason)
{
  ScRingItem out;

  switch (sc_channel_ring_evict (&self->ring, &out)) {
    case SC_EVICT_DROPPED:
      tieredqueue_channel_drop (self, reason, kind_of (out.item),
          sc_item_pointer (out.item), out.time);
      return TRUE;
    case SC_EVICT_CARRIED:
      return TRUE;
    case SC_EVICT_CARRY_FULL:
      grow (self, &self->ring.carry);
      return TRUE;
    default:
      return FALSE;
  }
}

void
tieredqueue_channel_leak (TieredQueueChannel * self)
{
  while (tieredqueue_channel_is_filled (self)
      && evict_one (self, TIEREDQUEUE_DROP_FULL));
}

void
tieredqueue_channel_drop_queued (TieredQueueChannel * self,
    TieredQueueDropReason reason)
{
  while (evict_one (self, reason));
}

/* ---- the consumer ---- */

static gboolean
below_threshold (TieredQueueChannel * self)
{
  guint buffers = LOAD (self->settings.min.buffers);
  guint bytes = LOAD (self->settings.min.bytes);
  guint64 time = LOAD (self->settings.min.time);
  ScRingLevel level;

  if ((buffers == 0 && bytes == 0 && time == 0) || LOAD (self->min_is_off)
      || !LOAD (self->tail_is_data))
    return FALSE;
  tieredqueue_channel_level (self, &level);
  return (level.buffers < buffers || level.bytes < bytes
      || (guint64) level.time < time) && !reaches (&level, &self->settings.max);
}

gboolean
tieredqueue_channel_is_empty (TieredQueueChannel * self)
{
  return sc_channel_ring_is_empty (&self->ring) || below_threshold (self);
}

/* Records the time in the queue if @index is the item being timed. */
static void
end_sample (TieredQueueChannel * self, guint64 index)
{
  /* Acquire: pairs with the release in start_sample. */
  guint64 sampled =
      atomic_load_explicit (&self->sample_index, memory_order_acquire);

  if (index < sampled)          /* or none is: SAMPLE_FREE is the largest */
    return;
  if (index == sampled)
    sc_histogram_record (&self->latency, clock_now () - self->sample_time);
  /* Release: gives sample_time back to the producer.  A later index means that
   * the timed item was dropped. */
  atomic_store_explicit (&self->sample_index, SAMPLE_FREE,
      memory_order_release);
}

static gboolean
clear_watermark (TieredQueueChannel * self)
{
  ScRingLevel level;

  if (!sc_watermark_is_active (&self->watermark))
    return FALSE;
  tieredqueue_channel_level (self, &level);
  return sc_watermark_clear (&self->watermark,
      fraction (&level, &self->settings.max), clock_now ());
}

gboolean
tieredqueue_channel_pop (TieredQueueChannel * self, TieredQueueItem * item,
    gboolean * cleared)
{
  ScChannelItem out;

  if (!sc_channel_ring_pop (&self->ring, &out))
    return FALSE;
  item->kind = kind_of (out.item);
  item->object = sc_item_pointer (out.item);
  item->index = out.index;
  item->time = out.time;
  /* An event may come out between the gap and the buffer that must tell it. */
  self->head_needs_discont |= out.skipped > 0;
  item->discont = self->head_needs_discont && is_data (item->kind);
  if (is_data (item->kind))
    self->head_needs_discont = FALSE;
  tieredqueue_wait_notify_space (self, out.index + 1);
  end_sample (self, out.index);
  *cleared = clear_watermark (self);
  return TRUE;
}

gboolean
tieredqueue_channel_pop_carried (TieredQueueChannel * self,
    TieredQueueItem * item)
{
  void *carried;

  if (!sc_channel_ring_pop_carried (&self->ring, &carried))
    return FALSE;
  item->kind = kind_of (carried);
  item->object = sc_item_pointer (carried);
  item->index = 0;              /* nobody asks */
  item->time = 0;
  item->discont = FALSE;
  return TRUE;
}
