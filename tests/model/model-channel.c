/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The channel ring's scenarios: events are carried, in their place and once. */
#include "model-ring.h"

#include "sc-channel-ring.h"

#include <errno.h>

static ScChannelRing channel;
static unsigned pushed, kept;
/* What the consumer got, and the producer dropped; bit n: item n. */
static unsigned delivered, dropped;
static unsigned last;           /* delivered, plus 1 */

static void
begin (unsigned keep)
{
  mc_ring_at (&channel.ring, mc_segments[0], MC_BASE);
  mc_assert (sc_ring_init (&channel.carry, mc_segments[1], MC_SLOTS) == 0);
  channel.evict_cursor = channel.cursor = channel.carry_cursor
      = (ScRingCursor) { 0 };
  channel.expected = MC_BASE;
  pushed = delivered = dropped = last = 0;
  kept = keep;
}

static int
push (void)
{
  int ret = mc_push (&channel.ring, pushed,
      kept >> pushed & 1 ? SC_ITEM_KEEP : 0);

  if (ret == 0)
    pushed++;
  return ret;
}

static void
begin_full (unsigned keep)
{
  begin (keep);
  mc_assert (push () == 0);
  mc_assert (push () == 0);
}

void
mc_channel_event_first (void)
{
  begin_full (1);
}

void
mc_channel_event_second (void)
{
  begin_full (2);
}

void
mc_channel_events (void)
{
  begin_full (7);
}

void
mc_channel_empty (void)
{
  begin (2);
}

void
mc_channel_only_events (void)
{
  begin (7);
}

void
mc_channel_evict (void)
{
  ScEvictResult result = SC_EVICT_LOST;
  ScRingItem oldest;

  while (result == SC_EVICT_LOST
      && sc_channel_ring_peek_oldest (&channel, &oldest))
    result = sc_channel_ring_evict_seen (&channel, &oldest);
  if (result == SC_EVICT_DROPPED) {
    unsigned n = mc_take (oldest.item);

    mc_assert ((kept >> n & 1) == 0);
    dropped |= 1u << n;
  }
}

void
mc_channel_push_one (void)
{
  while (push () == -EAGAIN)
    mc_channel_evict ();
}

void
mc_channel_evict_two (void)
{
  mc_channel_evict ();
  mc_channel_evict ();
}

void
mc_channel_push_two (void)
{
  mc_channel_push_one ();
  mc_channel_push_one ();
}

void
mc_channel_push_three (void)
{
  mc_channel_push_two ();
  mc_channel_push_one ();
}

/* Wrong: the event is claimed before it is carried. */
static void
claim_then_carry (void)
{
  const ScRingLevel weightless = { 0 };
  ScRingItem seen;

  if (!sc_ring_pop (&channel.ring, &channel.evict_cursor, &seen))
    return;
  if (sc_item_tag (seen.item) & SC_ITEM_KEEP) {
    sc_ring_set_time (&channel.carry, (int64_t) seen.index);
    (void) sc_ring_push (&channel.carry, seen.item, &weightless);
  } else {
    dropped |= 1u << mc_take (seen.item);
  }
}

void
mc_channel_push_one_wrong (void)
{
  while (push () == -EAGAIN)
    claim_then_carry ();
}

static void
deliver (void *item, uint64_t index, uint64_t skipped)
{
  unsigned n = mc_take (item);

  mc_assert (n == index - MC_BASE);
  mc_assert (n >= last && skipped == n - last);
  mc_assert ((delivered & 1u << n) == 0);
  delivered |= 1u << n;
  last = n + 1;
}

bool
mc_channel_pop (void)
{
  ScChannelItem out;

  if (!sc_channel_ring_pop (&channel, &out))
    return false;
  deliver (out.item, out.index, out.skipped);
  return true;
}

/* The second item, an event, is there from the beginning: in the ring or carried,
 * it is never not found. */
void
mc_channel_pop_to_second (void)
{
  while ((delivered & 2) == 0) {
    mc_assert (!sc_channel_ring_is_empty (&channel));
    mc_assert (mc_channel_pop ());
  }
}

bool
mc_channel_is_empty (void)
{
  return sc_channel_ring_is_empty (&channel);
}

bool
mc_channel_ring_is_empty (void)
{
  return sc_ring_is_empty (&channel.ring, &channel.cursor);
}

void
mc_channel_pop_two (void)
{
  (void) mc_channel_pop ();
  (void) mc_channel_pop ();
}

void
mc_channel_pop_three (void)
{
  mc_channel_pop_two ();
  (void) mc_channel_pop ();
}

/* All stand still: what is left is delivered; nothing is missing but what was
 * dropped, and no event is. */
void
mc_channel_finish (void)
{
  while (mc_channel_pop ())
    continue;
  mc_assert ((delivered & dropped) == 0);
  mc_assert ((delivered | dropped) == (1u << pushed) - 1);
}
