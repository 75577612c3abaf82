/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-evict.h"

#include "tieredqueue-fill.h"
#include "tieredqueue-wait.h"

/* What one run of evictions has done. */
typedef struct
{
  guint64 next;                 /* index after the last item it took out */
  guint64 dropped;              /* index after the last one it dropped; 0 = none */
  gboolean carried;             /* it has kept some aside */
} Run;

/* Takes @seen out, if it is still there.  FALSE without memory. */
static gboolean
evict (TieredQueueChannel * self, Run * run, const ScRingItem * seen,
    TieredQueueDropReason reason)
{
  switch (sc_channel_ring_evict_seen (&self->ring, seen)) {
    case SC_EVICT_DROPPED:
      tieredqueue_channel_drop (self, reason,
          tieredqueue_item_kind (seen->item), sc_item_pointer (seen->item),
          seen->time);
      run->next = run->dropped = seen->index + 1;
      return TRUE;
    case SC_EVICT_CARRIED:
      run->next = seen->index + 1;
      run->carried = TRUE;
      return TRUE;
    case SC_EVICT_CARRY_FULL:
      return tieredqueue_channel_grow (self, &self->ring.carry);
    default:                   /* the consumer was faster */
      return TRUE;
  }
}

/* Whether @seen, now the oldest, belongs to what has lost a buffer. */
static gboolean
is_broken_off (TieredQueueChannel * self, const Run * run,
    const ScRingItem * seen)
{
  if (run->dropped == 0 || !tieredqueue_channel_drops_gops (self))
    return FALSE;
  /* Events behind the last buffer are best left: they come out by themselves. */
  if (!tieredqueue_channel_has_data (self))
    return FALSE;
  /* The consumer has taken items since, perhaps a key unit: what it needs is
   * then here.  Else it has seen the gap, and drops the rest itself. */
  if (seen->index > run->next && self->gop.key_index >= run->next)
    return FALSE;
  return tieredqueue_item_unit (seen->item) == TIEREDQUEUE_UNIT_DELTA
      || (sc_item_tag (seen->item) & SC_ITEM_KEEP) != 0;
}

static void
end_run (TieredQueueChannel * self, const Run * run)
{
  self->has_evicted |= run->dropped > 0;
  tieredqueue_gop_evicted (&self->gop, run->dropped);
  /* A consumer that sleeps below a threshold: what it kept back may have gone,
   * and then nothing holds back the events any more. */
  if (run->carried)
    tieredqueue_wait_notify_items (self, FALSE);
}

gboolean
tieredqueue_evict_for_room (TieredQueueChannel * self)
{
  gboolean memory = TRUE;
  Run run = { 0 };

  while (memory) {
    gboolean filled = tieredqueue_channel_is_filled (self);
    ScRingItem seen;

    if (!sc_channel_ring_peek_oldest (&self->ring, &seen)
        || !(filled || is_broken_off (self, &run, &seen)))
      break;
    memory = evict (self, &run, &seen,
        filled ? TIEREDQUEUE_DROP_FULL : TIEREDQUEUE_DROP_GOP);
  }
  end_run (self, &run);
  return memory;
}

void
tieredqueue_evict_all (TieredQueueChannel * self, TieredQueueDropReason reason)
{
  Run run = { 0 };
  ScRingItem seen;

  while (sc_channel_ring_peek_oldest (&self->ring, &seen)
      && evict (self, &run, &seen, reason));
  end_run (self, &run);
  (void) tieredqueue_fill_settle (self);
}
