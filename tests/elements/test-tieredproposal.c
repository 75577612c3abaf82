/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What elements upstream are offered when they ask for memory. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/safecapture/gsttieredneed.h>
#include <gst/safecapture/safecapture.h>
#include <gst/video/video.h>

#include "sc-arena.h"

#define AUDIO "audio/x-raw,format=S16LE,rate=48000,channels=2," \
    "layout=interleaved"
#define VIDEO "video/x-raw,format=I420,width=320,height=240,framerate=25/1"
#define LARGE_VIDEO "video/x-raw,format=I420,width=640,height=480," \
    "framerate=25/1"
#define FRAME_SIZE (320 * 240 * 3 / 2)

static GstQuery *
new_query (const gchar * caps_text, gboolean wants_pool)
{
  GstCaps *caps = gst_caps_from_string (caps_text);
  GstQuery *query = gst_query_new_allocation (caps, wants_pool);

  gst_caps_unref (caps);
  return query;
}

static GstBufferPool *
pool_of (GstQuery * query)
{
  GstBufferPool *pool = NULL;

  if (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_parse_nth_allocation_pool (query, 0, &pool, NULL, NULL, NULL);
  return pool;
}

static GstAllocator *
allocator_of (GstQuery * query)
{
  GstAllocator *allocator = NULL;

  if (gst_query_get_n_allocation_params (query) > 0)
    gst_query_parse_nth_allocation_param (query, 0, &allocator, NULL);
  return allocator;
}

/* Fails unless the query has, or has not, these of ours. */
static void
check_offer (GstQuery * query, gboolean has_pool, gboolean has_allocator)
{
  GstBufferPool *pool = pool_of (query);
  GstAllocator *allocator = allocator_of (query);

  fail_unless_equals_int (pool != NULL && GST_IS_TIERED_POOL (pool), has_pool);
  fail_unless_equals_int (allocator != NULL
      && GST_IS_TIERED_ALLOCATOR (allocator), has_allocator);
  gst_clear_object (&pool);
  gst_clear_object (&allocator);
}

/* ---- how large ---- */

static void
choose (const gchar * caps_text, GstTieredHold hold, gsize size,
    ScTiers * tiers)
{
  GstCaps *caps = gst_caps_from_string (caps_text);
  GstTieredNeed need;

  fail_unless (gst_tiered_need_from_caps (caps, &need));
  gst_tiered_need_add_hold (&need, &hold);
  gst_tiered_need_choose (&need, size, tiers);
  fail_unless_equals_int (sc_tiers_validate (tiers), SC_TIERS_OK);
  gst_caps_unref (caps);
}

static const GstTieredHold of_queue = { 200, 10 * 1024 * 1024, GST_SECOND };

GST_START_TEST (test_an_arena_is_as_large_as_what_is_held_and_no_larger)
{
  ScTiers tiers;

  /* 25 frames are 1 s, 91 are 10 MiB, 200 are the third limit. */
  choose (VIDEO, of_queue, FRAME_SIZE, &tiers);
  fail_unless_equals_int (tiers.count, 1);
  fail_unless_equals_int (tiers.tiers[0].size, FRAME_SIZE);
  fail_unless_equals_int (tiers.tiers[0].slots, 26 + 8);
  /* An aligned frame is larger. */
  choose (VIDEO, of_queue, FRAME_SIZE + 1000, &tiers);
  fail_unless_equals_int (tiers.tiers[0].size, FRAME_SIZE + 1000);
  /* The budget. */
  choose (LARGE_VIDEO, of_queue, 460800, &tiers);
  fail_unless_equals_int (tiers.tiers[0].slots, 8 * 1024 * 1024 / 460800);
  choose ("video/x-raw,format=I420,width=3840,height=2160,framerate=60/1",
      of_queue, 1, &tiers);
  fail_unless_equals_int (tiers.tiers[0].size, 3840 * 2160 * 3 / 2);
  fail_unless_equals_int (tiers.tiers[0].slots, 4);

  /* 1024 samples: 46 of them are 1 s. */
  choose (AUDIO, of_queue, 4096, &tiers);
  fail_unless_equals_int (tiers.count, 2);
  fail_unless_equals_int (tiers.tiers[0].size, 4096);
  fail_unless_equals_int (tiers.tiers[0].slots, 47 + 8);
  fail_unless_equals_int (tiers.tiers[1].size, 16384);
  fail_unless_equals_int (tiers.tiers[1].slots, 12 + 8);
  /* A short first buffer says nothing about those that follow. */
  choose (AUDIO, of_queue, 4, &tiers);
  fail_unless_equals_int (tiers.tiers[0].size, 4096);
  fail_unless_equals_int (tiers.tiers[0].slots, 200 + 8);
  /* Nothing limits what is held but the budget. */
  choose (AUDIO, (GstTieredHold) { 0, 0, 0 }, 4096, &tiers);
  fail_unless_equals_int (tiers.tiers[0].slots, 1024);
}

GST_END_TEST;

GST_START_TEST (test_any_size_gives_valid_tiers)
{
  static const gsize sizes[] = { 0, 1, 1 << 20, 1 << 26, G_MAXUINT32,
    G_MAXSIZE
  };
  ScTiers tiers;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    choose (AUDIO, of_queue, sizes[i], &tiers);
    fail_unless (sc_arena_size (&tiers) <= GST_TIERED_NEED_CEILING * 9 / 8);
    choose (VIDEO, of_queue, sizes[i], &tiers);
    fail_unless (sc_arena_size (&tiers) <= GST_TIERED_NEED_CEILING * 9 / 8);
    choose ("audio/x-raw,format=F64LE,rate=384000,channels=64,"
        "channel-mask=(bitmask)0,layout=interleaved", of_queue, sizes[i],
        &tiers);
    fail_unless (sc_arena_size (&tiers) <= GST_TIERED_NEED_CEILING * 9 / 8);
  }
}

GST_END_TEST;

GST_START_TEST (test_only_raw_media_in_ordinary_memory_has_a_need)
{
  static const gchar *const others[] = { "video/x-h264", "audio/mpeg",
    "application/x-rtp", "audio/x-raw,rate=48000", "ANY",
    ("video/x-raw(memory:DMABuf),format=I420,width=320,height=240,"
        "framerate=25/1")
  };
  GstTieredNeed need;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    GstCaps *caps = gst_caps_from_string (others[i]);

    fail_if (gst_tiered_need_from_caps (caps, &need), "%s", others[i]);
    gst_caps_unref (caps);
  }
  fail_if (gst_tiered_need_from_caps (NULL, &need));
}

GST_END_TEST;

/* ---- an application's allocator ---- */

GST_START_TEST (test_an_applications_allocator_is_proposed_as_it_fits)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstQuery *query = new_query (VIDEO, TRUE);
  GstBufferPool *pool;
  gboolean fallback;
  guint size, max;

  fail_unless (gst_tiered_pool_propose_allocation (allocator, query));
  gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, NULL, &max);
  fail_unless (GST_IS_TIERED_POOL (pool));
  fail_unless_equals_int (size, FRAME_SIZE);
  /* 16 slots, and no end of system memory. */
  fail_unless_equals_int (max, 33);
  g_object_get (pool, "fallback", &fallback, NULL);
  fail_unless (fallback);
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  fail_if (gst_tiered_pool_propose_allocation (allocator, query));
  gst_query_unref (query);

  /* Audio would fail where the allocator has none free. */
  query = new_query (AUDIO, TRUE);
  fail_if (gst_tiered_pool_propose_allocation (allocator, query));
  check_offer (query, FALSE, FALSE);
  g_object_set (allocator, "fallback", TRUE, NULL);
  fail_unless (gst_tiered_pool_propose_allocation (allocator, query));
  check_offer (query, FALSE, TRUE);
  gst_query_unref (query);

  query = new_query ("video/x-raw,format=I420,width=3840,height=2160,"
      "framerate=25/1", TRUE);
  fail_if (gst_tiered_pool_propose_allocation (allocator, query));
  check_offer (query, FALSE, FALSE);
  gst_query_unref (query);
  gst_object_unref (allocator);
}

GST_END_TEST;

/* ---- an element's own ---- */

static GstStructure *
pool_stats (GstElement * element)
{
  GstStructure *stats, *pool = NULL;

  g_object_get (element, "stats", &stats, NULL);
  if (gst_structure_has_field (stats, "pool"))
    fail_unless (gst_structure_get (stats, "pool", GST_TYPE_STRUCTURE, &pool,
            NULL));
  gst_structure_free (stats);
  return pool;
}

static guint64
pool_stat (GstElement * element, const gchar * field)
{
  GstStructure *pool = pool_stats (element);
  guint64 value;

  fail_unless (pool != NULL, "there is no pool");
  fail_unless (gst_structure_get_uint64 (pool, field, &value), "%s", field);
  gst_structure_free (pool);
  return value;
}

/* A tieredqueue whose downstream answers no query. */
static GstHarness *
queue_harness (void)
{
  GstHarness *harness = gst_harness_new ("tieredqueue");

  gst_harness_set_src_caps_str (harness, VIDEO);
  return harness;
}

static GstQuery *
ask (GstHarness * harness, const gchar * caps, gboolean wants_pool,
    gboolean answered)
{
  GstQuery *query = new_query (caps, wants_pool);

  fail_unless_equals_int (gst_pad_peer_query (harness->srcpad, query),
      answered);
  return query;
}

GST_START_TEST (test_video_gets_a_pool_and_audio_an_allocator)
{
  GstHarness *harness = queue_harness ();
  GstQuery *query = ask (harness, VIDEO, TRUE, TRUE);

  check_offer (query, TRUE, TRUE);
  gst_query_unref (query);
  query = ask (harness, AUDIO, TRUE, TRUE);
  check_offer (query, FALSE, TRUE);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_offered_to_who_wants_or_needs_none)
{
  GstHarness *harness = queue_harness ();

  gst_query_unref (ask (harness, VIDEO, FALSE, TRUE));
  fail_unless (pool_stats (harness->element) == NULL);
  gst_query_unref (ask (harness, "video/x-h264", TRUE, TRUE));
  fail_unless (pool_stats (harness->element) == NULL);
  gst_harness_set (harness, "tieredqueue", "propose-allocation", FALSE, NULL);
  gst_query_unref (ask (harness, VIDEO, TRUE, TRUE));
  fail_unless (pool_stats (harness->element) == NULL);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A peer downstream that has a pool, or only wishes. */
static GstBufferPool *their_pool;

static gboolean
answer_theirs (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstAllocationParams params = { 0, 15, 0, 0 };

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  if (their_pool != NULL) {
    gst_query_add_allocation_pool (query, their_pool, FRAME_SIZE, 2, 3);
  } else {
    gst_query_add_allocation_pool (query, NULL, FRAME_SIZE + 100, 40, 0);
    gst_query_add_allocation_param (query, NULL, &params);
  }
  return TRUE;
}

GST_START_TEST (test_downstreams_own_answer_stands)
{
  GstHarness *harness = queue_harness ();
  GstElement *queue = gst_harness_find_element (harness, "tieredqueue");
  GstAllocationParams params;
  GstAllocator *allocator;
  guint size, min, max;
  GstBufferPool *pool;
  GstQuery *query;

  gst_pad_set_query_function (harness->sinkpad, answer_theirs);
  their_pool = gst_buffer_pool_new ();
  query = ask (harness, VIDEO, TRUE, TRUE);
  pool = pool_of (query);
  fail_unless (pool == their_pool);
  fail_unless_equals_int (gst_query_get_n_allocation_pools (query), 1);
  fail_unless (pool_stats (queue) == NULL);
  gst_query_unref (query);
  gst_object_unref (pool);
  gst_clear_object (&their_pool);

  /* What is needed of a pool or memory is not one. */
  query = ask (harness, VIDEO, TRUE, TRUE);
  fail_unless_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min, &max);
  fail_unless (GST_IS_TIERED_POOL (pool));
  fail_unless (size >= FRAME_SIZE + 100);
  fail_unless_equals_int (min, 40);
  fail_unless (max >= 40);
  gst_object_unref (pool);
  gst_query_parse_nth_allocation_param (query, 0, &allocator, &params);
  fail_unless (GST_IS_TIERED_ALLOCATOR (allocator));
  fail_unless_equals_int (params.align, 15);
  gst_object_unref (allocator);
  gst_query_unref (query);
  gst_object_unref (queue);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_memory_is_reserved_only_while_it_is_used)
{
  GstHarness *harness = queue_harness ();
  GstElement *queue = gst_harness_find_element (harness, "tieredqueue");
  GstQuery *query = ask (harness, VIDEO, TRUE, TRUE);
  GstBufferPool *pool = pool_of (query);
  GstAllocator *allocator = allocator_of (query);
  GstMemory *memory;

  fail_unless_equals_uint64 (pool_stat (queue, "memory"), 0);
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  fail_unless (pool_stat (queue, "memory") > 34 * FRAME_SIZE);
  fail_unless (pool_stat (queue, "memory") < 35 * FRAME_SIZE);
  gst_buffer_pool_set_active (pool, FALSE);
  fail_unless_equals_uint64 (pool_stat (queue, "memory"), 0);

  memory = gst_allocator_alloc (allocator, FRAME_SIZE, NULL);
  fail_unless (gst_memory_is_type (memory, GST_TIERED_MEMORY_TYPE));
  fail_unless (pool_stat (queue, "memory") > 34 * FRAME_SIZE);
  gst_memory_unref (memory);
  gst_object_unref (allocator);
  gst_object_unref (pool);
  gst_query_unref (query);
  gst_object_unref (queue);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_a_hundred_negotiations_make_one_arena)
{
  GstHarness *harness = queue_harness ();
  GstElement *queue = gst_harness_find_element (harness, "tieredqueue");
  GstBufferPool *last = NULL;

  for (int i = 0; i < 100; i++) {
    GstQuery *query = ask (harness, VIDEO, TRUE, TRUE);
    GstBufferPool *pool = pool_of (query);

    /* As GstBaseSrc: the new one first. */
    fail_unless (gst_buffer_pool_set_active (pool, TRUE));
    if (last != NULL)
      gst_buffer_pool_set_active (last, FALSE);
    gst_clear_object (&last);
    last = pool;
    gst_query_unref (query);
  }
  fail_unless_equals_uint64 (pool_stat (queue, "arenas"), 1);
  fail_unless (pool_stat (queue, "memory") < 35 * FRAME_SIZE);
  gst_buffer_pool_set_active (last, FALSE);
  gst_object_unref (last);
  gst_object_unref (queue);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_larger_frames_replace_the_arena_and_old_ones_stay_valid)
{
  GstHarness *harness = queue_harness ();
  GstElement *queue = gst_harness_find_element (harness, "tieredqueue");
  GstQuery *query = ask (harness, VIDEO, TRUE, TRUE);
  GstBufferPool *small = pool_of (query), *large;
  GstBuffer *old, *buffer;

  gst_query_unref (query);
  fail_unless (gst_buffer_pool_set_active (small, TRUE));
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (small, &old, NULL),
      GST_FLOW_OK);
  query = ask (harness, LARGE_VIDEO, TRUE, TRUE);
  large = pool_of (query);
  gst_query_unref (query);
  fail_unless_equals_uint64 (pool_stat (queue, "arenas"), 2);
  fail_unless (gst_buffer_pool_set_active (large, TRUE));
  gst_buffer_pool_set_active (small, FALSE);
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (large, &buffer,
          NULL), GST_FLOW_OK);
  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), 4 * FRAME_SIZE);
  fail_unless (gst_memory_is_type (gst_buffer_peek_memory (buffer, 0),
          GST_TIERED_MEMORY_TYPE));
  fail_unless_equals_int (gst_buffer_memset (old, 0, 1, FRAME_SIZE),
      FRAME_SIZE);
  gst_buffer_unref (buffer);
  gst_buffer_pool_set_active (large, FALSE);
  gst_object_unref (large);
  gst_object_unref (small);

  /* And beyond the end of the element. */
  gst_object_unref (queue);
  gst_harness_teardown (harness);
  fail_unless_equals_int (gst_buffer_memset (old, 0, 2, FRAME_SIZE),
      FRAME_SIZE);
  gst_buffer_unref (old);
}

GST_END_TEST;

GST_START_TEST (test_the_figures_go_with_state_null)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstHarness *harness = gst_harness_new_with_element (queue, "sink", "src");
  GstAllocator *allocator;
  GstMemory *memory;
  GstQuery *query;

  gst_harness_set_src_caps_str (harness, AUDIO);
  query = ask (harness, AUDIO, TRUE, TRUE);
  allocator = allocator_of (query);
  gst_query_unref (query);
  memory = gst_allocator_alloc (allocator, 4096, NULL);
  fail_unless (gst_memory_is_type (memory, GST_TIERED_MEMORY_TYPE));
  fail_unless_equals_uint64 (pool_stat (queue, "in-use"), 1);
  gst_element_set_state (queue, GST_STATE_NULL);
  fail_unless (pool_stats (queue) == NULL);
  gst_memory_unref (memory);

  /* Who goes on allocating gets system memory. */
  memory = gst_allocator_alloc (allocator, 4096, NULL);
  fail_unless (memory != NULL);
  fail_if (gst_memory_is_type (memory, GST_TIERED_MEMORY_TYPE));
  gst_memory_unref (memory);
  gst_object_unref (allocator);
  gst_harness_teardown (harness);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_queues_in_a_row_offer_one_arena_for_all)
{
  GstHarness *harness = gst_harness_new_parse ("tieredqueue name=first ! "
      "tieredqueue name=second ! tieredqueue name=last");
  GstElement *elements[3];
  GstBufferPool *pool;
  GstQuery *query;
  guint max;

  elements[0] = gst_bin_get_by_name (GST_BIN (harness->element), "first");
  elements[1] = gst_bin_get_by_name (GST_BIN (harness->element), "second");
  elements[2] = gst_bin_get_by_name (GST_BIN (harness->element), "last");
  gst_harness_set_src_caps_str (harness, VIDEO);
  /* A second query does not add the holds again. */
  for (int i = 0; i < 2; i++) {
    query = ask (harness, VIDEO, TRUE, TRUE);
    gst_query_parse_nth_allocation_pool (query, 0, NULL, NULL, NULL, &max);
    fail_unless_equals_int (max, 8 * 1024 * 1024 / FRAME_SIZE);
    gst_query_unref (query);
  }
  for (int i = 0; i < 3; i++)
    g_object_set (elements[i], "max-size-buffers", 5, NULL);
  query = ask (harness, VIDEO, TRUE, TRUE);
  pool = pool_of (query);
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  fail_unless_equals_uint64 (pool_stat (elements[2], "slots"), 3 * 5 + 8);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  gst_query_unref (query);
  fail_unless (pool_stats (elements[0]) == NULL);
  fail_unless (pool_stats (elements[1]) == NULL);
  for (int i = 0; i < 3; i++)
    gst_object_unref (elements[i]);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_a_driver_with_few_buffers_is_told_to_copy)
{
  GstHarness *harness = queue_harness ();
  GstQuery *query;
  guint min;

  /* Whatever the queue may hold: v4l2src pushes up to 32 buffers of its own. */
  gst_harness_set (harness, "tieredqueue", "max-size-buffers", 1, NULL);
  query = ask (harness, VIDEO, TRUE, TRUE);
  gst_query_parse_nth_allocation_pool (query, 0, NULL, NULL, &min, NULL);
  fail_unless (min > 32);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (test_who_holds_more_than_the_arena_has_is_not_blocked)
{
  GstHarness *harness = queue_harness ();
  GstElement *queue = gst_harness_find_element (harness, "tieredqueue");
  GstQuery *query = ask (harness, VIDEO, TRUE, TRUE);
  GstBufferPool *pool = pool_of (query);
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_buffer_unref);

  gst_query_unref (query);
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  for (int i = 0; i < 100; i++) {
    GstBuffer *buffer;

    fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer,
            NULL), GST_FLOW_OK);
    g_ptr_array_add (out, buffer);
  }
  fail_unless_equals_uint64 (pool_stat (queue, "in-use"), 34);
  fail_unless_equals_uint64 (pool_stat (queue, "fallbacks"), 66);
  g_ptr_array_unref (out);
  fail_unless_equals_uint64 (pool_stat (queue, "in-use"), 0);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  gst_object_unref (queue);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static Suite *
tieredproposal_suite (void)
{
  Suite *suite = suite_create ("tieredproposal");
  TCase *tcase = tcase_create ("tieredproposal");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_an_arena_is_as_large_as_what_is_held_and_no_larger);
  tcase_add_test (tcase, test_any_size_gives_valid_tiers);
  tcase_add_test (tcase, test_only_raw_media_in_ordinary_memory_has_a_need);
  tcase_add_test (tcase, test_an_applications_allocator_is_proposed_as_it_fits);
  tcase_add_test (tcase, test_video_gets_a_pool_and_audio_an_allocator);
  tcase_add_test (tcase, test_nothing_is_offered_to_who_wants_or_needs_none);
  tcase_add_test (tcase, test_downstreams_own_answer_stands);
  tcase_add_test (tcase, test_memory_is_reserved_only_while_it_is_used);
  tcase_add_test (tcase, test_a_hundred_negotiations_make_one_arena);
  tcase_add_test (tcase,
      test_larger_frames_replace_the_arena_and_old_ones_stay_valid);
  tcase_add_test (tcase, test_the_figures_go_with_state_null);
  tcase_add_test (tcase, test_queues_in_a_row_offer_one_arena_for_all);
  tcase_add_test (tcase, test_a_driver_with_few_buffers_is_told_to_copy);
  tcase_add_test (tcase, test_who_holds_more_than_the_arena_has_is_not_blocked);
  return suite;
}

GST_CHECK_MAIN (tieredproposal);
