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
/* A stream has a few; more at once go the way of other buffers. */
#define MAX_HEADERS 64

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
  STORE (self->headers_in, 0);
  STORE (self->header_bytes_in, 0);
  STORE (self->headers_out, 0);
  STORE (self->header_bytes_out, 0);
  STORE (self->buffers_out, 0);
  STORE (self->bytes_out, 0);
  STORE (self->peak_buffers, 0);
  STORE (self->growths, 0);
  tieredqueue_drops_clear (&self->drops);
  tieredqueue_rate_init (&self->rate, clock_now ());
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
  self->head_needs_key = FALSE;
  tieredqueue_gop_init (&self->gop);
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
 * max-size-buffers come here; it is counted.  FALSE without memory. */
static gboolean
grow (TieredQueueChannel * self, ScRing * ring)
{
  guint32 slots = (ring->tail_segment->mask + 1) * 2;
  gpointer memory = allocate_segment (self, slots);

  if (memory == NULL || sc_ring_link (ring, memory, slots) != 0)
    return FALSE;
  ADD (self->growths, 1);
  if (ring == &self->ring.ring)
    STORE (self->slots, slots);
  return TRUE;
}

gboolean
tieredqueue_channel_grow_carry (TieredQueueChannel * self)
{
  return grow (self, &self->ring.carry);
}

gboolean
tieredqueue_channel_has_data (TieredQueueChannel * self)
{
  refresh_known (self);
  return self->known.buffers > 0;
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

/* FALSE without memory: nothing has changed then. */
static gboolean
push_item (TieredQueueChannel * self, gpointer item, const ScRingLevel * weight)
{
  gint64 time_before = LOAD (self->ring.ring.time);
  gboolean was_data = LOAD (self->tail_is_data);

  /* Relaxed: the ring's release publishes it with the item. */
  STORE (self->tail_is_data, weight->buffers > 0);
  while (G_UNLIKELY (sc_ring_push (&self->ring.ring, item, weight) != 0)) {
    if (!grow (self, &self->ring.ring)) {
      STORE (self->tail_is_data, was_data);
      return FALSE;
    }
  }
  self->known.buffers += weight->buffers;
  self->known.bytes += weight->bytes;
  self->known.time += weight->time - time_before;
  if (G_UNLIKELY (weight->time < time_before))
    self->time_fell_at = tieredqueue_channel_next_index (self);
  return TRUE;
}

TieredQueuePush
tieredqueue_channel_push (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object, gint64 time)
{
  const ScRingLevel weight = { 0, 0, time };
  gpointer item =
      tieredqueue_item_tagged (kind, TIEREDQUEUE_UNIT_KEY, object);

  if (!push_item (self, item, &weight))
    return TIEREDQUEUE_PUSH_NO_MEMORY;
  tieredqueue_wait_notify_items (self, FALSE);
  return TIEREDQUEUE_PUSHED;
}

gboolean
tieredqueue_channel_takes_header (TieredQueueChannel * self)
{
  /* Relaxed: who sees an old count takes one fewer. */
  return LOAD (self->headers_in) - LOAD (self->headers_out) < MAX_HEADERS;
}

static void
count_in (TieredQueueChannel * self, TieredQueueUnit unit, guint64 buffers,
    guint64 bytes)
{
  ADD (self->buffers_in, buffers);
  ADD (self->bytes_in, bytes);
  if (G_UNLIKELY (unit == TIEREDQUEUE_UNIT_HEADER)) {
    ADD (self->headers_in, buffers);
    ADD (self->header_bytes_in, bytes);
  }
}

static gint64
time_after_data (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object)
{
  return kind == TIEREDQUEUE_BUFFER
      ? tieredqueue_timeline_buffer (&self->timeline, object)
      : tieredqueue_timeline_list (&self->timeline, object);
}

TieredQueuePush
tieredqueue_channel_push_data (TieredQueueChannel * self,
    TieredQueueKind kind, TieredQueueUnit unit, gpointer object)
{
  guint64 index = tieredqueue_channel_next_index (self);
  gboolean sampled = index % SAMPLE_EVERY == 0;
  ScRingLevel weight = { 0, 0, time_after_data (self, kind, object) };
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (kind, object, &buffers, &bytes);
  if (G_LIKELY (unit != TIEREDQUEUE_UNIT_HEADER)) {
    weight.buffers = buffers;
    weight.bytes = bytes;
  }
  count_in (self, unit, buffers, bytes);
  if (sampled)
    start_sample (self);
  if (!push_item (self, tieredqueue_item_tagged (kind, unit, object),
          &weight)) {
    count_in (self, unit, -(guint64) buffers, -(guint64) bytes);
    return TIEREDQUEUE_PUSH_NO_MEMORY;
  }
  tieredqueue_gop_let_in (&self->gop, unit, index);
  if (sampled)
    refresh_known (self);       /* for the peak */
  tieredqueue_wait_notify_items (self, TRUE);
  return raise_watermark (self) ? TIEREDQUEUE_PUSHED_HIGH : TIEREDQUEUE_PUSHED;
}

void
tieredqueue_channel_drop (TieredQueueChannel * self,
    TieredQueueDropReason reason, TieredQueueKind kind, gpointer object,
    gint64 time)
{
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (kind, object, &buffers, &bytes);
  tieredqueue_drops_add (&self->drops, reason, buffers, bytes, time);
  gst_mini_object_unref (object);
}

void
tieredqueue_channel_refuse (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object, TieredQueueDropReason reason)
{
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (kind, object, &buffers, &bytes);
  count_in (self, TIEREDQUEUE_UNIT_KEY, buffers, bytes);
  tieredqueue_gop_refused (&self->gop);
  tieredqueue_channel_drop (self, reason, kind, object, self->timeline.time);
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
  ring_level (self, &level);
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
  gdouble filled;

  if (!sc_watermark_is_active (&self->watermark))
    return FALSE;
  ring_level (self, &level);
  filled = fraction (&level, &self->settings.max);
  return sc_watermark_would_clear (&self->watermark, filled)
      && sc_watermark_clear (&self->watermark, filled, clock_now ());
}

static void
header_out (TieredQueueChannel * self, TieredQueueItem * item)
{
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (item->kind, item->object, &buffers, &bytes);
  ADD (self->header_bytes_out, bytes);
  /* Release: pairs with the acquire in level. */
  atomic_store_explicit (&self->headers_out,
      LOAD (self->headers_out) + buffers, memory_order_release);
}

/* Works out what the gap before @item means for it.  FALSE if it needs what is
 * missing. */
static gboolean
is_whole (TieredQueueChannel * self, TieredQueueItem * item,
    TieredQueueUnit unit, gboolean gap)
{
  /* An event may come out between the gap and the buffer that must tell it. */
  self->head_needs_discont |= gap;
  self->head_needs_key |= gap;
  item->discont = FALSE;
  if (!tieredqueue_kind_is_data (item->kind)) {
    if (G_UNLIKELY (self->head_needs_key) && item->kind == TIEREDQUEUE_EVENT
        && GST_EVENT_TYPE (item->object) == GST_EVENT_STREAM_START)
      self->head_needs_key = FALSE;
    return TRUE;
  }
  if (G_UNLIKELY (self->head_needs_key)) {
    if (unit == TIEREDQUEUE_UNIT_DELTA && tieredqueue_channel_drops_gops (self))
      return FALSE;
    if (unit == TIEREDQUEUE_UNIT_KEY)
      self->head_needs_key = FALSE;
  }
  item->discont = self->head_needs_discont;
  self->head_needs_discont = FALSE;
  return TRUE;
}

/* FALSE: it was dropped, as it needs what is missing before it. */
static gboolean
take_out (TieredQueueChannel * self, const ScChannelItem * out,
    TieredQueueItem * item, gboolean * news)
{
  TieredQueueUnit unit = tieredqueue_item_unit (out->item);

  item->kind = tieredqueue_item_kind (out->item);
  item->object = sc_item_pointer (out->item);
  item->index = out->index;
  /* Of a stream header that was kept aside it is not known, nor needed. */
  item->time = out->time != INT64_MIN ? out->time : 0;
  tieredqueue_wait_notify_space (self, out->index + 1);
  end_sample (self, out->index);
  *news |= clear_watermark (self);
  if (G_UNLIKELY (unit == TIEREDQUEUE_UNIT_HEADER))
    header_out (self, item);
  if (G_LIKELY (is_whole (self, item, unit, out->skipped > 0)))
    return TRUE;
  self->head_needs_discont = TRUE;
  tieredqueue_channel_drop (self, TIEREDQUEUE_DROP_GOP, item->kind,
      item->object, item->time);
  *news = TRUE;
  return FALSE;
}

gboolean
tieredqueue_channel_pop (TieredQueueChannel * self, TieredQueueItem * item,
    gboolean * news)
{
  ScChannelItem out;

  while (sc_channel_ring_pop (&self->ring, &out))
    if (G_LIKELY (take_out (self, &out, item, news)))
      return TRUE;
  return FALSE;
}

gboolean
tieredqueue_channel_pop_next_buffer (TieredQueueChannel * self,
    TieredQueueItem * item, gboolean * news)
{
  const uintptr_t not_a_buffer = SC_ITEM_KEEP | TIEREDQUEUE_LIST;
  ScChannelItem out;

  return !below_threshold (self)
      && sc_channel_ring_pop_next (&self->ring, not_a_buffer, &out)
      && take_out (self, &out, item, news);
}

gboolean
tieredqueue_channel_pop_carried (TieredQueueChannel * self,
    TieredQueueItem * item)
{
  void *carried;

  if (!sc_channel_ring_pop_carried (&self->ring, &carried))
    return FALSE;
  item->kind = tieredqueue_item_kind (carried);
  item->object = sc_item_pointer (carried);
  item->index = 0;              /* nobody asks */
  item->time = 0;
  item->discont = FALSE;
  if (tieredqueue_item_unit (carried) == TIEREDQUEUE_UNIT_HEADER)
    header_out (self, item);
  return TRUE;
}
