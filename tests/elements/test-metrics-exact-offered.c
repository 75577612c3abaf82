/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory that a queue or a sink offers upstream: what its statistics say of it is
 * what upstream did with it. */
#include "fake-clock.h"
#include "metrics-exact-pool.h"

#include <gst/check/gstharness.h>

/* A picture of 4 KiB. */
#define CAPS "video/x-raw,format=GRAY8,width=64,height=64,framerate=25/1"
#define SIZE 4096

static void
compare_offered (Exact * e, gconstpointer user_data)
{
  const KnownPool *known = user_data;

  exact_count (e, "arenas", 1);
  /* The slots, and what each has beside its data: less than a half more. */
  exact_between (e, "memory", known->bytes, known->bytes * 3 / 2);
  compare_pool (e, known);
}

static void
check_offered (GstElement * element, const KnownPool * known)
{
  GstStructure *stats = exact_stats (element);
  const GValue *pool = gst_structure_get_value (stats, "pool");

  fail_unless (pool != NULL);
  exact_check (gst_value_get_structure (pool), "pool", compare_offered,
      known);
  gst_structure_free (stats);
}

/* @slots: (out) */
static GstBufferPool *
take_offer (GstHarness * h, guint * slots)
{
  GstCaps *caps = gst_caps_from_string (CAPS);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  GstBufferPool *pool;
  GstStructure *config;
  guint size, least;

  fail_unless (gst_pad_peer_query (h->srcpad, query));
  fail_unless (gst_query_get_n_allocation_pools (query) > 0);
  gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &least, slots);
  fail_unless_equals_int (size, SIZE);
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, size, least, *slots);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  gst_query_unref (query);
  gst_caps_unref (caps);
  return pool;
}

static void
know (KnownPool * known, guint slots)
{
  static const gchar *const names[N_CLASSES] = {
    "primary", "conversion", "scratch", "input", "output", "metadata"
  };

  *known = (KnownPool) {
    .tiers = {{SIZE, slots}},
    .n_tiers = 1,
    .bytes = (guint64) slots * SIZE,
    .state = "active",
  };
  for (guint i = 0; i < N_CLASSES; i++)
    known->classes[i].name = names[i];
}

/* So many are out, of which the first, a sample, was had in no time. */
static void
note_acquired (KnownPart * part, guint n)
{
  part->acquired = part->hits = part->in_use = part->peak = n;
  part->acquires[0] = (ExactTime) { 0, 1 };
  part->n_acquires = 1;
}

/* It has been out for that long. */
static void
note_first_released (KnownPart * part, guint64 held)
{
  part->released++;
  part->in_use--;
  part->hold = held;
  part->releases[0] = (ExactTime) { 0, 1 };
  part->n_releases = 1;
}

GST_START_TEST (test_what_upstream_takes_of_a_queues_memory_is_told)
{
  GstHarness *h;
  GstBufferPool *pool;
  GstBuffer *out[5];
  KnownPool known;
  guint slots;

  fake_clock_stop ();
  h = gst_harness_new ("tieredqueue");
  gst_harness_set_src_caps_str (h, CAPS);
  pool = take_offer (h, &slots);
  know (&known, slots);
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &out[i],
            NULL), GST_FLOW_OK);
  note_acquired (&known.tiers[0], 5);
  note_acquired (&known.classes[0], 5);
  known.asked = known.given = SIZE;
  known.in_use_bytes = 5 * SIZE;
  check_offered (h->element, &known);

  fake_clock_advance (40 * GST_MSECOND);
  gst_buffer_unref (out[0]);
  note_first_released (&known.tiers[0], 40 * GST_MSECOND);
  note_first_released (&known.classes[0], 40 * GST_MSECOND);
  known.in_use_bytes -= SIZE;
  check_offered (h->element, &known);

  for (guint i = 1; i < G_N_ELEMENTS (out); i++)
    gst_buffer_unref (out[i]);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
metrics_exact_offered_suite (void)
{
  Suite *s = suite_create ("metrics-exact-offered");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_what_upstream_takes_of_a_queues_memory_is_told);
  return s;
}

GST_CHECK_MAIN (metrics_exact_offered);
