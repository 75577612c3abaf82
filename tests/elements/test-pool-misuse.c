/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What applications and elements do wrong with the pool, beyond what the tests of
 * the pool itself try: each is refused or answered, counted, posted by bufpoolsrc,
 * and leaves the pool as it was.
 *
 * What cannot be told: a write into a slot's data after its release, or a second
 * unref when the buffer has been handed out again by then.  Both look like the
 * next holder's own doing.
 */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

static GstTieredAllocator *
make_allocator (const gchar * tiers)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();

  g_object_set (allocator, "tiers", tiers, NULL);
  return allocator;
}

/* Configured, not active. */
static GstBufferPool *
make_pool (const gchar * tiers, guint size)
{
  GstTieredAllocator *allocator = make_allocator (tiers);
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, size, 0,
      gst_tiered_allocator_count_slots (allocator, size));
  fail_unless (gst_buffer_pool_set_config (pool, config));
  g_object_set (pool, "on-exhausted", GST_TIERED_ON_EXHAUSTED_ERROR, NULL);
  gst_object_unref (allocator);
  return pool;
}

static GstBufferPool *
start_pool (const gchar * tiers, guint size)
{
  GstBufferPool *pool = make_pool (tiers, size);

  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  return pool;
}

static void
free_pool (GstBufferPool * pool)
{
  fail_unless (gst_buffer_pool_set_active (pool, FALSE));
  gst_object_unref (pool);
}

static GstTieredAllocator *
allocator_of (GstBufferPool * pool)
{
  return gst_tiered_pool_get_allocator (GST_TIERED_POOL (pool));
}

static guint64
stat_of (GstTieredAllocator * allocator, const gchar * field)
{
  GstStructure *stats = gst_tiered_allocator_get_stats (allocator);
  guint64 value = G_MAXUINT64;

  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  return value;
}

static GstBuffer *
acquire (GstBufferPool * pool)
{
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL),
      GST_FLOW_OK);
  return buffer;
}

static GstBuffer *
acquire_direct (GstTieredAllocator * allocator, gsize size)
{
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, size,
          GST_TIERED_CLASS_PRIMARY, 0, &buffer), GST_FLOW_OK);
  return buffer;
}

/* The pool still has two slots, no more and no fewer. */
static void
check_two_slots (GstBufferPool * pool)
{
  GstBuffer *a = acquire (pool), *b = acquire (pool), *none = NULL;

  fail_unless (a != b);
  fail_unless (gst_buffer_peek_memory (a, 0) != gst_buffer_peek_memory (b, 0));
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &none, NULL),
      GST_TIERED_POOL_FLOW_EXHAUSTED);
  gst_buffer_unref (a);
  gst_buffer_unref (b);
  fail_unless_equals_uint64 (stat_of (allocator_of (pool), "in-use"), 0);
}

/* ---- releases ---- */

GST_START_TEST (test_a_second_unref_of_a_pools_buffer_is_counted)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstBuffer *buffer = acquire (pool);

  gst_buffer_unref (buffer);
  gst_buffer_unref (buffer);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat_of (allocator_of (pool), "double-releases"),
      2);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_second_unref_of_a_direct_buffer_is_counted)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");
  GstBuffer *a, *b;

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  a = acquire_direct (allocator, 100);
  gst_buffer_unref (a);
  gst_buffer_unref (a);
  fail_unless_equals_uint64 (stat_of (allocator, "double-releases"), 1);
  a = acquire_direct (allocator, 100);
  b = acquire_direct (allocator, 100);
  fail_unless (a != b);
  gst_buffer_unref (a);
  gst_buffer_unref (b);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_after_a_second_unref_what_is_out_at_stop_still_stays_valid)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");
  GWeakRef alive;
  GstBuffer *a, *b;
  GstMapInfo map;

  g_weak_ref_init (&alive, allocator);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  a = acquire_direct (allocator, 100);
  b = acquire_direct (allocator, 100);
  gst_buffer_unref (a);
  gst_buffer_unref (a);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 1);
  gst_object_unref (allocator);

  allocator = g_weak_ref_get (&alive);
  fail_unless (allocator != NULL, "the allocator went before its last buffer");
  gst_object_unref (allocator);
  fail_unless (gst_buffer_map (b, &map, GST_MAP_WRITE));
  memset (map.data, 1, map.size);
  gst_buffer_unmap (b, &map);
  gst_buffer_unref (b);
  fail_unless (g_weak_ref_get (&alive) == NULL);
  g_weak_ref_clear (&alive);
}

GST_END_TEST;

GST_START_TEST (test_a_slot_with_a_corrupted_header_goes_with_the_stop)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");
  GWeakRef alive;
  GstBuffer *buffer;

  g_weak_ref_init (&alive, allocator);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  buffer = acquire_direct (allocator, 100);
  ((GstTieredSlotHeader *) gst_buffer_get_tiered_slot_meta (buffer)->header)
      ->capacity ^= 1;
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat_of (allocator, "corrupted-headers"), 1);
  fail_unless_equals_uint64 (stat_of (allocator, "in-use"), 1);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 1);
  gst_object_unref (allocator);
  fail_unless (g_weak_ref_get (&alive) == NULL);
  g_weak_ref_clear (&alive);
}

GST_END_TEST;

GST_START_TEST (test_a_corrupted_slot_unreffed_twice_counts_as_one_that_is_out)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");
  GWeakRef alive;
  GstBuffer *a, *b;

  g_weak_ref_init (&alive, allocator);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  a = acquire_direct (allocator, 100);
  b = acquire_direct (allocator, 100);
  ((GstTieredSlotHeader *) gst_buffer_get_tiered_slot_meta (a)->header)
      ->capacity ^= 1;
  gst_buffer_unref (a);
  gst_buffer_unref (a);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 2);
  gst_object_unref (allocator);

  allocator = g_weak_ref_get (&alive);
  fail_unless (allocator != NULL, "the allocator went before its last buffer");
  gst_object_unref (allocator);
  gst_buffer_unref (b);
  fail_unless (g_weak_ref_get (&alive) == NULL);
  g_weak_ref_clear (&alive);
}

GST_END_TEST;

GST_START_TEST (test_a_second_unref_of_a_single_memory_is_counted)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");
  GstBuffer *buffer;
  GstMemory *memory;

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  memory = gst_allocator_alloc (GST_ALLOCATOR (allocator), 10, NULL);
  gst_memory_unref (memory);
  gst_memory_unref (memory);
  fail_unless_equals_uint64 (stat_of (allocator, "double-releases"), 1);
  fail_unless_equals_uint64 (stat_of (allocator, "in-use"), 0);

  /* The unit is not out of step: a memory out of its buffer keeps the slot. */
  buffer = acquire_direct (allocator, 10);
  memory = gst_buffer_get_memory (buffer, 0);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat_of (allocator, "in-use"), 1);
  gst_memory_unref (memory);
  fail_unless_equals_uint64 (stat_of (allocator, "in-use"), 0);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_second_unref_does_not_take_the_slot_from_a_copy)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstTieredAllocator *allocator = allocator_of (pool);
  GstBuffer *buffer = acquire (pool), *copy, *other;

  gst_buffer_memset (buffer, 0, 7, 100);
  copy = gst_buffer_copy (buffer);
  gst_buffer_unref (buffer);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat_of (allocator, "double-releases"), 1);
  fail_unless_equals_uint64 (stat_of (allocator, "in-use"), 1);
  other = acquire (pool);
  fail_unless (other != buffer);
  gst_buffer_memset (other, 0, 8, 100);
  fail_unless_equals_int (gst_buffer_memcmp (copy, 99, "\7", 1), 0);
  gst_buffer_unref (copy);
  gst_buffer_unref (other);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_of_no_pool_is_not_taken)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstBuffer *plain = gst_buffer_new_allocate (NULL, 100, NULL);
  GstBuffer *direct = acquire_direct (allocator_of (pool), 100);

  gst_buffer_pool_release_buffer (pool, plain);
  gst_buffer_pool_release_buffer (pool, direct);
  fail_unless_equals_uint64 (stat_of (allocator_of (pool), "in-use"), 1);
  ASSERT_MINI_OBJECT_REFCOUNT (plain, "plain", 1);
  gst_buffer_unref (plain);
  gst_buffer_unref (direct);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_late_write_behind_the_data_is_found_at_the_next_release)
{
  GstBufferPool *pool = start_pool ("4096x1", 4096);
  GstBuffer *buffer = acquire (pool);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  map.data[4096] ^= 1;
  fail_unless_equals_uint64 (stat_of (allocator_of (pool), "overruns"), 0);
  gst_buffer_unref (acquire (pool));
  fail_unless_equals_uint64 (stat_of (allocator_of (pool), "overruns"), 1);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_write_into_a_copy_leaves_the_original_alone)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstBuffer *buffer = acquire (pool), *copy;
  GstMapInfo map;

  gst_buffer_memset (buffer, 0, 7, 100);
  copy = gst_buffer_copy (buffer);
  fail_unless (gst_buffer_peek_memory (copy, 0)
      == gst_buffer_peek_memory (buffer, 0));
  fail_unless (!gst_buffer_is_all_memory_writable (copy));
  fail_unless (gst_buffer_map (copy, &map, GST_MAP_WRITE));
  memset (map.data, 8, map.size);
  gst_buffer_unmap (copy, &map);
  fail_unless_equals_int (gst_buffer_memcmp (buffer, 99, "\7", 1), 0);
  fail_unless_equals_int (gst_buffer_memcmp (copy, 99, "\10", 1), 0);
  gst_buffer_unref (buffer);
  gst_buffer_unref (copy);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

/* ---- states ---- */

GST_START_TEST (test_a_pool_is_not_configured_while_it_is_active)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GstBuffer *buffer;

  gst_buffer_pool_config_set_params (config, NULL, 200, 0, 2);
  fail_unless (!gst_buffer_pool_set_config (pool, config));
  buffer = acquire (pool);
  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), 100);
  gst_buffer_unref (buffer);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_activating_twice_is_activating_once)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstBuffer *none = NULL;

  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  check_two_slots (pool);
  fail_unless (gst_buffer_pool_set_active (pool, FALSE));
  fail_unless (gst_buffer_pool_set_active (pool, FALSE));
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &none, NULL),
      GST_FLOW_FLUSHING);
  fail_unless (gst_allocator_alloc (GST_ALLOCATOR (allocator_of (pool)), 10,
          NULL) == NULL);
  gst_object_unref (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_pool_that_is_not_active_gives_nothing)
{
  GstBufferPool *pool = make_pool ("4096x2", 100);
  GstBuffer *none = NULL;

  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &none, NULL),
      GST_FLOW_FLUSHING);
  fail_unless_equals_int (gst_tiered_pool_acquire (GST_TIERED_POOL (pool), 10,
          &none), GST_FLOW_FLUSHING);
  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator_of (pool),
          10, GST_TIERED_CLASS_PRIMARY, GST_CLOCK_TIME_NONE, &none),
      GST_FLOW_FLUSHING);
  fail_unless (none == NULL);
  gst_object_unref (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_stop_too_many_stops_nothing)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");

  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  gst_buffer_unref (acquire_direct (allocator, 10));
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  gst_buffer_unref (acquire_direct (allocator, 10));
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

/* ---- arguments ---- */

GST_START_TEST (test_no_size_is_too_large_to_be_refused)
{
  static const gsize sizes[] = {
    4097, G_MAXUINT32, (gsize) G_MAXUINT32 + 1, G_MAXINT64,
    (gsize) G_MAXINT64 + 1, G_MAXSIZE - 63, G_MAXSIZE,
  };
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstTieredAllocator *allocator = allocator_of (pool);
  GstBuffer *none = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    fail_unless_equals_int (gst_tiered_pool_acquire (GST_TIERED_POOL (pool),
            sizes[i], &none), GST_FLOW_ERROR);
    fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, sizes[i],
            GST_TIERED_CLASS_PRIMARY, GST_CLOCK_TIME_NONE, &none),
        GST_FLOW_ERROR);
    fail_unless (gst_allocator_alloc (GST_ALLOCATOR (allocator), sizes[i],
            NULL) == NULL);
    fail_unless (none == NULL);
    fail_unless_equals_uint64 (stat_of (allocator, "too-large"), 3 * (i + 1));
  }
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_nothing_at_all_is_a_size)
{
  GstBufferPool *pool = start_pool ("4096x2", 0);
  GstTieredAllocator *allocator = allocator_of (pool);
  GstBuffer *buffer = acquire (pool), *direct;
  GstMemory *memory;

  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), 0);
  direct = acquire_direct (allocator, 0);
  fail_unless_equals_uint64 (gst_buffer_get_size (direct), 0);
  gst_buffer_unref (buffer);
  memory = gst_allocator_alloc (GST_ALLOCATOR (allocator), 0, NULL);
  fail_unless (memory != NULL);
  gst_memory_unref (memory);
  gst_buffer_unref (direct);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_class_that_is_none_is_refused)
{
  GstBufferPool *pool = start_pool ("4096x2", 100);
  GstBuffer *none = NULL;

  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator_of (pool), 1,
          (GstTieredClass) 6, 0, &none), GST_FLOW_ERROR);
  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator_of (pool), 1,
          (GstTieredClass) -1, GST_CLOCK_TIME_NONE, &none), GST_FLOW_ERROR);
  fail_unless (none == NULL);
  check_two_slots (pool);
  free_pool (pool);
}

GST_END_TEST;

static void
expect_critical (const gchar * about)
{
  gchar *pattern = g_strdup_printf ("*assertion*%s*", about);

  g_test_expect_message ("GStreamer-Safecapture", G_LOG_LEVEL_CRITICAL,
      pattern);
  g_free (pattern);
}

GST_START_TEST (test_missing_arguments_are_critical)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2");
  GstBuffer *none = NULL;

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  expect_critical ("buffer");
  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 1,
          GST_TIERED_CLASS_PRIMARY, 0, NULL), GST_FLOW_ERROR);
  expect_critical ("ALLOCATOR");
  fail_unless_equals_int (gst_tiered_allocator_acquire (NULL, 1,
          GST_TIERED_CLASS_PRIMARY, 0, &none), GST_FLOW_ERROR);
  expect_critical ("ALLOCATOR");
  fail_unless (!gst_tiered_allocator_start (NULL, NULL));
  expect_critical ("ALLOCATOR");
  fail_unless_equals_int (gst_tiered_allocator_stop (NULL), 0);
  g_test_assert_expected_messages ();
  fail_unless_equals_uint64 (stat_of (allocator, "acquired"), 0);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

/* ---- what bufpoolsrc posts ---- */

typedef enum
{
  OVERRUN,
  CORRUPTED,
  DOUBLE,
  NONE,
} Misuse;

static const gchar *const fields[] = {
  "overruns", "corrupted-headers", "double-releases",
};

/* The second buffer is misused, when the sink has the third. */
static GstPadProbeReturn
misuse (GstPad * pad, GstPadProbeInfo * info, gpointer which)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
  GstMapInfo map;

  if (meta->header->sequence != 2)
    return GST_PAD_PROBE_OK;
  switch ((Misuse) GPOINTER_TO_INT (which)) {
    case OVERRUN:
      fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
      map.data[meta->header->capacity] ^= 1;
      gst_buffer_unmap (buffer, &map);
      break;
    case CORRUPTED:
      ((GstTieredSlotHeader *) meta->header)->magic ^= 1;
      break;
    case DOUBLE:
      gst_buffer_unref (buffer);
      gst_buffer_unref (buffer);
      return GST_PAD_PROBE_HANDLED;
    default:
      break;
  }
  return GST_PAD_PROBE_OK;
}

/* Runs to the end, and returns the warning or NULL. */
static GstMessage *
run_with (Misuse which)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=src num-buffers=8 "
      "metrics-interval=0 ! fakesink name=sink", NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, misuse,
      GINT_TO_POINTER (which), NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  /* The last look is at the stop; READY, as NULL would flush the bus. */
  gst_element_set_state (pipeline, GST_STATE_READY);
  while ((message = gst_bus_pop (bus)) != NULL
      && !gst_message_has_name (message, "bufpoolsrc-warning"))
    gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  return message;
}

GST_START_TEST (test_bufpoolsrc_posts_what_was_done_to_its_buffers)
{
  Misuse which = (Misuse) __i__;
  GstMessage *message = run_with (which);
  const GstStructure *warning;

  fail_unless (message != NULL, "%s: nothing was posted", fields[which]);
  warning = gst_message_get_structure (message);
  fail_unless_equals_string (gst_structure_get_string (warning, "code"),
      "buffer-misuse");
  fail_unless (strlen (gst_structure_get_string (warning, "text")) > 20);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    guint64 count = G_MAXUINT64;

    fail_unless (gst_structure_get_uint64 (warning, fields[i], &count));
    fail_unless_equals_uint64 (count, i == which ? 1 : 0);
  }
  gst_message_unref (message);
}

GST_END_TEST;

GST_START_TEST (test_control_buffers_that_are_used_well_are_no_warning)
{
  fail_unless (run_with (NONE) == NULL);
}

GST_END_TEST;

static Suite *
pool_misuse_suite (void)
{
  Suite *suite = suite_create ("pool-misuse");
  TCase *tcase = tcase_create ("pool-misuse");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_second_unref_of_a_pools_buffer_is_counted);
  tcase_add_test (tcase, test_a_second_unref_of_a_direct_buffer_is_counted);
  tcase_add_test (tcase,
      test_after_a_second_unref_what_is_out_at_stop_still_stays_valid);
  tcase_add_test (tcase,
      test_a_slot_with_a_corrupted_header_goes_with_the_stop);
  tcase_add_test (tcase,
      test_a_corrupted_slot_unreffed_twice_counts_as_one_that_is_out);
  tcase_add_test (tcase, test_a_second_unref_of_a_single_memory_is_counted);
  tcase_add_test (tcase,
      test_a_second_unref_does_not_take_the_slot_from_a_copy);
  tcase_add_test (tcase, test_a_buffer_of_no_pool_is_not_taken);
  tcase_add_test (tcase,
      test_a_late_write_behind_the_data_is_found_at_the_next_release);
  tcase_add_test (tcase, test_a_write_into_a_copy_leaves_the_original_alone);
  tcase_add_test (tcase, test_a_pool_is_not_configured_while_it_is_active);
  tcase_add_test (tcase, test_activating_twice_is_activating_once);
  tcase_add_test (tcase, test_a_pool_that_is_not_active_gives_nothing);
  tcase_add_test (tcase, test_a_stop_too_many_stops_nothing);
  tcase_add_test (tcase, test_no_size_is_too_large_to_be_refused);
  tcase_add_test (tcase, test_nothing_at_all_is_a_size);
  tcase_add_test (tcase, test_a_class_that_is_none_is_refused);
  tcase_add_test (tcase, test_missing_arguments_are_critical);
  tcase_add_loop_test (tcase,
      test_bufpoolsrc_posts_what_was_done_to_its_buffers, 0,
      G_N_ELEMENTS (fields));
  tcase_add_test (tcase,
      test_control_buffers_that_are_used_well_are_no_warning);
  return suite;
}

GST_CHECK_MAIN (pool_misuse);
