/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The watermark, between the producer that raises it, those who clear it (the
 * consumer, and the producer itself) and a third thread that looks.  See
 * model-main.h.
 *
 * The source is included, so that each of its operations is there once. */
#include "model-main.h"

#include "sc-watermark.c"

enum { MOST = 2 };

static ScWatermark watermark;
/* When it was raised; and how often each clock has cleared it, which are later. */
static uint64_t raised[MOST];
static unsigned raises, cleared[3];

static void
begin (void)
{
  sc_watermark_init (&watermark);
  raises = 0;
  for (unsigned i = 0; i < 3; i++)
    cleared[i] = 0;
}

static void
raise_at (uint64_t now)
{
  if (sc_watermark_raise (&watermark, 1.0, now))
    raised[raises++] = now;
}

/* Each clock is one thread's. */
static void
clear_at (uint64_t now)
{
  cleared[now / 100 - 1] += sc_watermark_clear (&watermark, 0.0, now);
}

static void
raise_twice (void)
{
  raise_at (1);
  raise_at (3);
}

static void
clear_twice (void)
{
  clear_at (100);
  clear_at (200);
}

static void
clear_once (void)
{
  clear_at (100);
}

/* What it has queued is dropped in between. */
static void
raise_clear_raise (void)
{
  raise_at (1);
  clear_at (300);
  raise_at (3);
}

/* They take turns, and each period counts from its raise to its clear. */
static void
each_period_counts_once (void)
{
  unsigned clears = cleared[0] + cleared[1] + cleared[2];
  uint64_t total = 0;

  mc_assert (raises == clears || raises == clears + 1);
  for (unsigned i = 0; i < 3; i++)
    total += cleared[i] * 100 * (i + 1);
  for (unsigned i = 0; i < clears; i++)
    total -= raised[i];
  mc_assert (atomic_load_explicit (&watermark.triggers,
          memory_order_relaxed) == raises);
  mc_assert (atomic_load_explicit (&watermark.total,
          memory_order_relaxed) == total);
  mc_assert (clears == 0 || (atomic_load_explicit (&watermark.last,
              memory_order_relaxed) + raised[clears - 1]) % 100 == 0);
  mc_assert (sc_watermark_is_active (&watermark) == (raises > clears));
  if (raises > clears)
    mc_assert (atomic_load_explicit (&watermark.since,
            memory_order_relaxed) == raised[raises - 1]);
}

/* Who has seen it raised and then sees it cleared, sees for how long it was. */
static void
look_at_duration (void)
{
  if (!sc_watermark_is_active (&watermark))
    return;
  mc_assert (sc_watermark_duration (&watermark, 1000) >= 100 - 3);
}

static void
look_at_total (void)
{
  if (!sc_watermark_is_active (&watermark))
    return;
  mc_assert (sc_watermark_total (&watermark, 1000) >= 100 - 3);
}

static const McScenario scenarios[] = {
  {"turns", begin, each_period_counts_once, {raise_twice, clear_twice}},
  {"duration", begin, each_period_counts_once,
        {raise_twice, clear_once, look_at_duration}},
  {"total", begin, each_period_counts_once,
        {raise_twice, clear_twice, look_at_total}},
  {"two who clear", begin, each_period_counts_once,
        {raise_clear_raise, clear_twice}},
};

static const McVerdict verdicts[] = {
  {"sc_watermark_raise", "load", 2, "acquire to relaxed", NULL},
  {"sc_watermark_raise", "store", 3, "release to relaxed", NULL},
  {"sc_watermark_clear", "compare_exchange", 1, "acquire to relaxed", NULL},
  {"sc_watermark_clear", "store", 4, "release to relaxed", NULL},
  {"sc_watermark_duration", "load", 1, "acquire to relaxed", NULL},
  {"sc_watermark_total", "load", 1, "acquire to relaxed", NULL},
};

MC_MAIN ("watermark", "sc-watermark.c", scenarios, verdicts)
