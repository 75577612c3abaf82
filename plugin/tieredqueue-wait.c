/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-wait.h"

#include "sc-clock.h"

#include "tieredqueue-fill.h"

/* The longest nap; Linux adds up to 50 us by default. */
#define NAP_NS 50000
/* A nap is to last until a quarter of the queue has filled or become free, which
 * leaves the other side enough to go on with while the napper is on its way. */
#define NAP_PART 4
/* Fewer are not worth a nap. */
#define NAP_ITEMS 8

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

/* On one processor there is nothing to gain: no line travels, and where that processor
 * is a virtual one, a timer costs several us. */
static gboolean
has_other_processors (TieredQueueChannel * self)
{
  return self->item_spin.budget > 0;    /* zero for ever on one */
}

/* Sleeps a little: until the other side has reached index @due, the flow result
 * changes, or an event comes. */
static void
nap (TieredQueueChannel * self, ScEventcount * eventcount,
    _Atomic guint64 * due_cell, guint64 due)
{
  uint32_t key;

  /* Relaxed: as the announcement, it stands before the fence in prepare, and the
   * notifier reads both behind its own.  So who goes to sleep in earnest (where it
   * is 0 again) without having seen an item is woken by it; and a stale value can
   * do no more than end a nap early or leave it to its limit. */
  STORE (*due_cell, due);
  key = sc_eventcount_prepare (eventcount);
  if (tieredqueue_channel_flow (self) != GST_FLOW_OK)
    sc_eventcount_cancel (eventcount);
  else
    (void) sc_eventcount_wait (eventcount, key, NAP_NS);
  STORE (*due_cell, 0);
}

/* ---- the producer ---- */

static gboolean
nap_for_space (TieredQueueChannel * self)
{
  guint64 head = self->ring.ring.known_head;
  guint part = self->known.buffers / NAP_PART;

  /* With a put-timeout, of which a nap may be a large part, no nap. */
  if (part < NAP_ITEMS || !has_other_processors (self)
      || LOAD (self->settings.put_timeout) > 0
      || !sc_pace_is_fast (&self->space_pace, head, sc_clock_now ()))
    return FALSE;
  nap (self, &self->space, &self->space_due, head + part);
  return !tieredqueue_channel_is_filled (self);
}

static gboolean
spin_for_space (TieredQueueChannel * self)
{
  if (nap_for_space (self))
    return TRUE;
  for (guint i = 0; i < self->space_spin.budget; i++) {
    sc_cpu_relax ();
    if (!tieredqueue_channel_is_filled (self)) {
      sc_spin_learn (&self->space_spin, true);
      return TRUE;
    }
  }
  sc_spin_learn (&self->space_spin, false);
  return FALSE;
}

/* What put-timeout leaves of a wait that began at @since; 0 when it is over. */
static guint64
time_left (TieredQueueChannel * self, guint64 * since)
{
  guint64 timeout = LOAD (self->settings.put_timeout);
  guint64 now = sc_clock_now ();

  if (*since == 0)
    *since = now;
  if (timeout == 0)
    return SC_WAIT_FOREVER;
  return now - *since < timeout ? timeout - (now - *since) : 0;
}

/* With another `leaky` there is another way to find room. */
static gboolean
must_wait (TieredQueueChannel * self)
{
  return LOAD (self->settings.leaky) == TIEREDQUEUE_LEAKY_NO
      && tieredqueue_channel_is_filled (self);
}

GstFlowReturn
tieredqueue_channel_wait_for_space (TieredQueueChannel * self,
    guint64 * since)
{
  GstFlowReturn flow;

  /* A consumer that naps has enough to do now. */
  sc_eventcount_notify (&self->items);
  while ((flow = tieredqueue_channel_flow (self)) == GST_FLOW_OK) {
    uint32_t key;
    guint64 left;

    if (!must_wait (self) || spin_for_space (self))
      return GST_FLOW_OK;
    left = time_left (self, since);
    if (left == 0)
      return TIEREDQUEUE_FLOW_TIMEOUT;
    key = sc_eventcount_prepare (&self->space);
    if (tieredqueue_channel_flow (self) != GST_FLOW_OK
        || !must_wait (self))
      sc_eventcount_cancel (&self->space);
    else
      (void) sc_eventcount_wait (&self->space, key, left);
  }
  return flow;
}

/* ---- the consumer ---- */

static gboolean
nap_for_items (TieredQueueChannel * self)
{
  guint64 head = LOAD (self->ring.ring.head);
  guint limit = LOAD (self->settings.max.buffers);
  guint part = (limit > 0 ? limit : LOAD (self->slots)) / NAP_PART;

  if (part < NAP_ITEMS || !has_other_processors (self)
      || !sc_pace_is_fast (&self->item_pace, head, sc_clock_now ()))
    return FALSE;
  nap (self, &self->items, &self->items_due, head + part);
  return !tieredqueue_fill_is_empty (self);
}

gboolean
tieredqueue_channel_spin_for_item (TieredQueueChannel * self)
{
  if (nap_for_items (self))
    return TRUE;
  for (guint i = 0; i < self->item_spin.budget; i++) {
    sc_cpu_relax ();
    if (!tieredqueue_fill_is_empty (self)) {
      sc_spin_learn (&self->item_spin, true);
      return TRUE;
    }
  }
  sc_spin_learn (&self->item_spin, false);
  return FALSE;
}

gboolean
tieredqueue_channel_wait_for_item (TieredQueueChannel * self)
{
  while (tieredqueue_channel_flow (self) == GST_FLOW_OK) {
    uint32_t key;

    if (!tieredqueue_fill_is_empty (self))
      return TRUE;
    key = sc_eventcount_prepare (&self->items);
    if (tieredqueue_channel_flow (self) != GST_FLOW_OK
        || !tieredqueue_fill_is_empty (self))
      sc_eventcount_cancel (&self->items);
    else
      (void) sc_eventcount_wait (&self->items, key, SC_WAIT_FOREVER);
  }
  return FALSE;
}
