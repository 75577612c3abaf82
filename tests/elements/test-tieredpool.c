/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredpool-check.h"

GST_START_TEST (test_it_works_as_an_ordinary_pool)
{
  GstTieredPool *pool = make_pool ("4096x2", 1000);
  GstBufferPoolAcquireParams params = {
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT
  };
  GstBuffer *a, *b, *c;

  fail_unless_equals_int (gst_buffer_pool_acquire_buffer
      (GST_BUFFER_POOL (pool), &a, NULL), GST_FLOW_OK);
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer
      (GST_BUFFER_POOL (pool), &b, NULL), GST_FLOW_OK);
  fail_unless_equals_uint64 (gst_buffer_get_size (a), 1000);
  fail_unless (gst_buffer_is_writable (a));
  fail_unless (gst_buffer_is_all_memory_writable (a));
  fail_unless_equals_int (gst_buffer_memset (a, 0, 1, 1000), 1000);
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer
      (GST_BUFFER_POOL (pool), &c, &params), GST_FLOW_EOS);
  gst_buffer_unref (a);
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer
      (GST_BUFFER_POOL (pool), &c, &params), GST_FLOW_OK);
  fail_unless (c == a);
  gst_buffer_unref (b);
  gst_buffer_unref (c);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_each_acquire_may_have_a_size_of_its_own)
{
  GstTieredPool *pool = make_pool ("64x1,4096x2,65536x1", 0);
  GstBuffer *buffer = NULL;

  for (gsize size = 1; size <= 65536; size = size * 3 + 1) {
    buffer = acquire (pool, size);
    fail_unless (gst_buffer_get_tiered_slot_meta (buffer)->header->capacity
        >= size);
    gst_buffer_unref (buffer);
  }
  buffer = NULL;
  fail_unless_equals_int (gst_tiered_pool_acquire (pool, 65537, &buffer),
      GST_FLOW_ERROR);
  fail_unless (buffer == NULL);
  fail_unless_equals_uint64 (stat (pool, "too-large"), 1);
  free_pool (pool);
}

GST_END_TEST;

static gint freed_metas;

static gboolean
count_meta_init (GstMeta * meta, gpointer params, GstBuffer * buffer)
{
  return TRUE;
}

static void
count_meta_free (GstMeta * meta, GstBuffer * buffer)
{
  freed_metas++;
}

GST_START_TEST (test_a_buffer_comes_back_as_new)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);
  GstBuffer *once = acquire (pool, 4000), *again;
  const GstMetaInfo *info = gst_meta_register (gst_meta_api_type_register
      ("TestMetaAPI", (const gchar *[]) { NULL }), "TestMeta",
      sizeof (GstMeta), count_meta_init, count_meta_free, NULL);
  gpointer state = NULL;
  GstMapInfo map;

  gst_buffer_resize (once, 100, 50);
  GST_BUFFER_PTS (once) = GST_BUFFER_DTS (once) = 1;
  GST_BUFFER_DURATION (once) = GST_BUFFER_OFFSET (once) = 2;
  GST_BUFFER_OFFSET_END (once) = 3;
  GST_BUFFER_FLAG_SET (once, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_add_meta (once, info, NULL);
  GST_MINI_OBJECT_FLAG_SET (gst_buffer_peek_memory (once, 0),
      GST_MEMORY_FLAG_READONLY);
  gst_buffer_unref (once);
  fail_unless_equals_int (freed_metas, 1);

  again = acquire (pool, 4096);
  fail_unless (again == once);
  fail_unless (!GST_BUFFER_PTS_IS_VALID (again));
  fail_unless (!GST_BUFFER_DTS_IS_VALID (again));
  fail_unless (!GST_BUFFER_DURATION_IS_VALID (again));
  fail_unless (!GST_BUFFER_OFFSET_IS_VALID (again));
  fail_unless (!GST_BUFFER_OFFSET_END_IS_VALID (again));
  fail_unless_equals_int (GST_BUFFER_FLAGS (again), 0);
  fail_unless (gst_buffer_iterate_meta (again, &state)
      == (GstMeta *) gst_buffer_get_tiered_slot_meta (again));
  fail_unless (gst_buffer_iterate_meta (again, &state) == NULL);
  fail_unless (gst_buffer_map (again, &map, GST_MAP_WRITE));
  fail_unless_equals_int (map.size, 4096);
  fail_unless_equals_int ((gsize) map.data % 64, 0);
  gst_buffer_unmap (again, &map);
  gst_buffer_unref (again);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_copy_only_delays_the_slots_return)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);

  for (int i = 0; i < 3; i++) {
    GstBuffer *buffer = acquire (pool, 100), *copy;

    gst_buffer_memset (buffer, 0, 0x5A, 100);
    copy = gst_buffer_copy (buffer);
    gst_buffer_unref (buffer);
    fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
    fail_unless_equals_int (gst_buffer_memcmp (copy, 99, "\x5A", 1), 0);
    gst_buffer_unref (copy);
    fail_unless_equals_uint64 (stat (pool, "in-use"), 0);
  }
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_share_of_a_part_keeps_the_whole_slot)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);
  GstBuffer *buffer = acquire (pool, 100), *part;
  GstMemory *memory;
  gsize offset = 0;

  part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, 10, 20);
  fail_unless_equals_uint64 (gst_buffer_get_size (part), 20);
  gst_buffer_append_region (part, gst_buffer_ref (buffer), 30, 5);
  fail_unless_equals_int (gst_buffer_n_memory (part), 2);
  fail_unless (gst_memory_is_span (gst_buffer_peek_memory (part, 0),
          gst_buffer_peek_memory (part, 1), &offset));
  fail_unless_equals_int (offset, 10);
  gst_buffer_unref (buffer);
  memory = gst_buffer_get_memory (part, 1);
  gst_buffer_unref (part);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
  gst_memory_unref (memory);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 0);
  gst_buffer_unref (acquire (pool, 4096));
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_memory_taken_out_of_its_buffer_comes_home_alone)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);
  GstBuffer *buffer = acquire (pool, 100);

  /* First the memory, then the buffer. */
  gst_buffer_remove_all_memory (buffer);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
  gst_buffer_append_memory (buffer, gst_allocator_alloc (NULL, 5, NULL));
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 0);

  /* First the buffer, with another memory added, then the memory. */
  buffer = acquire (pool, 100);
  GstMemory *memory = gst_buffer_get_memory (buffer, 0);
  gst_buffer_append_memory (buffer, gst_allocator_alloc (NULL, 5, NULL));
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
  gst_memory_unref (memory);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 0);
  buffer = acquire (pool, 100);
  fail_unless_equals_int (gst_buffer_n_memory (buffer), 1);
  gst_buffer_unref (buffer);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_deep_copies_are_outside_the_arena)
{
  GstTieredPool *pool = make_pool ("4096x2", 0);
  GstBuffer *buffer = acquire (pool, 100), *copy;

  gst_buffer_memset (buffer, 0, 7, 100);
  copy = gst_buffer_copy_deep (buffer);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
  fail_unless (!gst_memory_is_type (gst_buffer_peek_memory (copy, 0),
          GST_TIERED_MEMORY_TYPE));
  gst_buffer_unref (buffer);
  fail_unless_equals_int (gst_buffer_memcmp (copy, 99, "\7", 1), 0);
  gst_buffer_unref (copy);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_the_slot_meta_tells_and_takes_what_the_header_says)
{
  GstTieredPool *pool = make_pool ("4096x2", 0);
  GstBuffer *buffer = acquire (pool, 100), *copy;
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
  GstTieredSlotHeader values = *meta->header;

  fail_unless_equals_int (values.magic, 0xAE550001);
  fail_unless_equals_int (values.data_size, 100);
  fail_unless_equals_int (values.capacity, 4096);
  fail_unless_equals_uint64 (values.uses, 1);
  fail_unless_equals_uint64 (values.timestamp, GST_CLOCK_TIME_NONE);
  values.sequence = 4711;
  values.sample_rate = 48000;
  values.buffer_id = values.capacity = values.magic = 0;
  gst_tiered_slot_meta_update (meta, &values);
  gst_tiered_slot_meta_begin_processing (meta, 12345);
  fail_unless (gst_tiered_slot_meta_is_intact (meta));
  fail_unless_equals_uint64 (meta->header->sequence, 4711);
  fail_unless_equals_int (meta->header->capacity, 4096);
  fail_unless_equals_int (meta->header->processing_count, 1);
  fail_unless_equals_uint64 (meta->header->processing_start, 12345);

  copy = gst_buffer_copy (buffer);
  gst_buffer_unref (buffer);
  meta = gst_buffer_get_tiered_slot_meta (copy);
  fail_unless (gst_tiered_slot_meta_is_intact (meta));
  fail_unless_equals_uint64 (meta->header->sequence, 4711);
  gst_buffer_unref (copy);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_corrupted_header_is_refused_and_counted)
{
  GstTieredPool *pool = make_pool ("4096x2", 0);
  GstBuffer *buffer = acquire (pool, 100);
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);

  ((GstTieredSlotHeader *) meta->header)->sequence = 1;
  fail_unless (!gst_tiered_slot_meta_is_intact (meta));
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat (pool, "corrupted-headers"), 1);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
  gst_buffer_unref (acquire (pool, 100));
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_an_overrun_is_counted_and_the_slot_comes_back)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);
  GstBuffer *buffer = acquire (pool, 4096);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  map.data[4096] ^= 1;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat (pool, "overruns"), 1);
  gst_buffer_unref (acquire (pool, 4096));
  fail_unless_equals_uint64 (stat (pool, "overruns"), 1);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_of_another_pool_is_not_taken)
{
  GstTieredPool *pool = make_pool ("4096x1", 0), *other = make_pool ("64x1",
      0);
  GstBuffer *buffer = acquire (pool, 100);

  gst_buffer_pool_release_buffer (GST_BUFFER_POOL (other), buffer);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 1);
  fail_unless_equals_uint64 (stat (other, "foreign-releases"), 0);
  gst_buffer_unref (buffer);
  fail_unless_equals_uint64 (stat (pool, "in-use"), 0);
  free_pool (pool);
  free_pool (other);
}

GST_END_TEST;

typedef struct
{
  GstTieredPool *pool;
  GstBuffer *buffer;
  GstFlowReturn result;
} Waiter;

static gpointer
wait_for_buffer (gpointer data)
{
  Waiter *self = data;

  self->result = gst_tiered_pool_acquire (self->pool, 100, &self->buffer);
  return NULL;
}

/* Begins an acquire that cannot succeed and returns when it waits. */
static GThread *
start_waiter (Waiter * waiter)
{
  GThread *thread = g_thread_new ("waiter", wait_for_buffer, waiter);

  while (stat (waiter->pool, "waits") == 0)
    g_thread_yield ();
  return thread;
}

GST_START_TEST (test_a_wait_ends_by_flush)
{
  Waiter waiter = {.pool = make_pool ("4096x1", 0) };
  GstBuffer *buffer = acquire (waiter.pool, 1);
  GThread *thread = start_waiter (&waiter);

  gst_buffer_pool_set_flushing (GST_BUFFER_POOL (waiter.pool), TRUE);
  g_thread_join (thread);
  fail_unless_equals_int (waiter.result, GST_FLOW_FLUSHING);
  gst_buffer_unref (buffer);
  gst_buffer_pool_set_flushing (GST_BUFFER_POOL (waiter.pool), FALSE);
  gst_buffer_unref (acquire (waiter.pool, 1));
  free_pool (waiter.pool);
}

GST_END_TEST;

GST_START_TEST (test_a_wait_ends_by_deactivation)
{
  Waiter waiter = {.pool = make_pool ("4096x1", 0) };
  GstBuffer *buffer = acquire (waiter.pool, 1);
  GThread *thread = start_waiter (&waiter);

  gst_buffer_pool_set_active (GST_BUFFER_POOL (waiter.pool), FALSE);
  g_thread_join (thread);
  fail_unless_equals_int (waiter.result, GST_FLOW_FLUSHING);
  gst_buffer_unref (buffer);
  gst_object_unref (waiter.pool);
}

GST_END_TEST;

GST_START_TEST (test_a_wait_ends_by_a_release)
{
  Waiter waiter = {.pool = make_pool ("4096x1", 0) };
  GstBuffer *buffer = acquire (waiter.pool, 1);
  GThread *thread = start_waiter (&waiter);

  gst_buffer_unref (buffer);
  g_thread_join (thread);
  fail_unless_equals_int (waiter.result, GST_FLOW_OK);
  gst_buffer_unref (waiter.buffer);
  free_pool (waiter.pool);
}

GST_END_TEST;

GST_START_TEST (test_flushing_one_pool_leaves_its_neighbour_waiting)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);
  GstTieredAllocator *allocator = gst_tiered_pool_get_allocator (pool);
  GstBufferPool *other = gst_tiered_pool_new (allocator);
  Waiter waiter = {.pool = GST_TIERED_POOL (other) };
  GstBuffer *buffer = acquire (pool, 1);
  GstStructure *config = gst_buffer_pool_get_config (other);
  GThread *thread;

  gst_buffer_pool_config_set_params (config, NULL, 4096, 0, 1);
  fail_unless (gst_buffer_pool_set_config (other, config));
  fail_unless (gst_buffer_pool_set_active (other, TRUE));
  thread = start_waiter (&waiter);
  gst_buffer_pool_set_flushing (GST_BUFFER_POOL (pool), TRUE);
  gst_buffer_unref (buffer);
  g_thread_join (thread);
  fail_unless_equals_int (waiter.result, GST_FLOW_OK);
  gst_buffer_unref (waiter.buffer);
  gst_buffer_pool_set_flushing (GST_BUFFER_POOL (pool), FALSE);
  free_pool (GST_TIERED_POOL (other));
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_exhaustion_is_answered_as_the_property_says)
{
  GstTieredPool *pool = make_pool ("4096x1", 0);
  GstBuffer *held = acquire (pool, 1), *none = NULL;

  g_object_set (pool, "acquire-timeout", GST_MSECOND, NULL);
  fail_unless_equals_int (gst_tiered_pool_acquire (pool, 1, &none),
      GST_TIERED_POOL_FLOW_EXHAUSTED);
  fail_unless_equals_uint64 (stat (pool, "timeouts"), 1);
  g_object_set (pool, "acquire-timeout", GST_CLOCK_TIME_NONE, NULL);
  gst_util_set_object_arg (G_OBJECT (pool), "on-exhausted", "drop");
  fail_unless_equals_int (gst_tiered_pool_acquire (pool, 1, &none),
      GST_TIERED_POOL_FLOW_DROPPED);
  gst_util_set_object_arg (G_OBJECT (pool), "on-exhausted", "error");
  fail_unless_equals_int (gst_tiered_pool_acquire (pool, 1, &none),
      GST_TIERED_POOL_FLOW_EXHAUSTED);
  fail_unless (none == NULL);
  fail_unless_equals_uint64 (stat (pool, "failures"), 3);
  gst_buffer_unref (held);
  free_pool (pool);
}

GST_END_TEST;

GST_START_TEST (test_what_is_out_at_stop_stays_valid)
{
  GstTieredPool *pool = make_pool ("4096x4", 0);
  GstTieredAllocator *allocator = gst_object_ref
      (gst_tiered_pool_get_allocator (pool));
  GstBuffer *buffer = acquire (pool, 100), *copied = acquire (pool, 100);
  GstBuffer *copy = gst_buffer_copy (copied);
  GstMemory *memory = gst_buffer_get_memory (copied, 0), *single;
  GstMapInfo map;

  single = gst_allocator_alloc (GST_ALLOCATOR (allocator), 50, NULL);
  gst_buffer_unref (copied);
  free_pool (pool);
  gst_buffer_memset (buffer, 0, 1, 100);
  gst_buffer_unref (buffer);
  fail_unless_equals_int (gst_buffer_memset (copy, 0, 1, 100), 100);
  gst_buffer_unref (copy);
  gst_memory_unref (memory);
  fail_unless (gst_allocator_alloc (GST_ALLOCATOR (allocator), 50, NULL)
      == NULL);
  /* The memory alone keeps the rest. */
  gst_object_unref (allocator);
  fail_unless (gst_memory_map (single, &map, GST_MAP_WRITE));
  memset (map.data, 1, map.size);
  gst_memory_unmap (single, &map);
  gst_memory_unref (single);
}

GST_END_TEST;

GST_START_TEST (test_stop_says_how_many_are_out)
{
  GstTieredAllocator *allocator = make_allocator ("64x4");
  GstMemory *a, *b;

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  a = gst_allocator_alloc (GST_ALLOCATOR (allocator), 50, NULL);
  b = gst_allocator_alloc (GST_ALLOCATOR (allocator), 50, NULL);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_memory_unref (a);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 1);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  /* Again, while a memory of the first run is still out. */
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  a = gst_allocator_alloc (GST_ALLOCATOR (allocator), 50, NULL);
  gst_memory_unref (b);
  gst_memory_unref (a);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_allocation_parameters_are_kept_or_refused)
{
  GstTieredAllocator *allocator = make_allocator ("128x2");
  GstAllocationParams params = {.align = 63,.prefix = 16,.padding = 12,
    .flags = GST_MEMORY_FLAG_ZERO_PREFIXED | GST_MEMORY_FLAG_ZERO_PADDED,
  };
  GstMemory *memory;
  GstMapInfo map;

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  memory = gst_allocator_alloc (GST_ALLOCATOR (allocator), 100, &params);
  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  fail_unless_equals_int (map.size, 100);
  for (int i = 1; i <= 16; i++)
    fail_unless_equals_int (map.data[-i], 0);
  for (int i = 0; i < 12; i++)
    fail_unless_equals_int (map.data[100 + i], 0);
  gst_memory_unmap (memory, &map);
  gst_memory_unref (memory);
  params.padding = 13;
  fail_unless (gst_allocator_alloc (GST_ALLOCATOR (allocator), 100, &params)
      == NULL);
  params.padding = G_MAXSIZE - 10;
  fail_unless (gst_allocator_alloc (GST_ALLOCATOR (allocator), 100, &params)
      == NULL);
  params.padding = 0;
  params.align = 127;
  fail_unless (gst_allocator_alloc (GST_ALLOCATOR (allocator), 10, &params)
      == NULL);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

static void
check_config (GstTieredPool * pool, guint size, guint min, guint max,
    guint right_size, guint right_min, guint right_max)
{
  gboolean right = size == right_size && min == right_min && max == right_max;
  GstStructure *config = gst_buffer_pool_get_config (GST_BUFFER_POOL (pool));
  GstAllocator *allocator;

  gst_buffer_pool_config_set_params (config, NULL, size, min, max);
  fail_unless_equals_int (gst_buffer_pool_set_config (GST_BUFFER_POOL (pool),
          config), right);
  config = gst_buffer_pool_get_config (GST_BUFFER_POOL (pool));
  fail_unless (gst_buffer_pool_config_get_params (config, NULL, &size, &min,
          &max));
  fail_unless (gst_buffer_pool_config_get_allocator (config, &allocator,
          NULL));
  fail_unless (GST_TIERED_ALLOCATOR (allocator)
      == gst_tiered_pool_get_allocator (pool));
  fail_unless_equals_int (size, right_size);
  fail_unless_equals_int (min, right_min);
  fail_unless_equals_int (max, right_max);
  /* What it said can be had. */
  fail_unless (gst_buffer_pool_set_config (GST_BUFFER_POOL (pool), config));
}

GST_START_TEST (test_impossible_configurations_are_corrected)
{
  GstTieredPool *pool = make_pool ("64x10,4096x5", 0);

  gst_buffer_pool_set_active (GST_BUFFER_POOL (pool), FALSE);
  check_config (pool, 64, 0, 0, 64, 0, 15);
  check_config (pool, 64, 2, 15, 64, 2, 15);
  check_config (pool, 65, 20, 0, 65, 5, 5);
  check_config (pool, 65, 2, 3, 65, 2, 5);
  check_config (pool, 5000, 0, 0, 4096, 0, 5);
  gst_object_unref (pool);
}

GST_END_TEST;

GST_START_TEST (test_bad_tiers_are_explained_and_refused)
{
  GstTieredAllocator *allocator = make_allocator ("4096x64,8192");
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GError *error = NULL;

  fail_unless (!gst_tiered_allocator_start (allocator, &error));
  fail_unless (g_error_matches (error, GST_LIBRARY_ERROR,
          GST_LIBRARY_ERROR_SETTINGS));
  fail_unless (strstr (error->message, "at byte 12") != NULL);
  g_clear_error (&error);
  fail_unless (!gst_buffer_pool_set_config (pool, config));
  g_object_set (allocator, "tiers", NULL, NULL);
  fail_unless (!gst_tiered_allocator_start (allocator, &error));
  g_clear_error (&error);
  g_object_set (allocator, "tiers", "1073741824x16128", NULL);
  fail_unless (!gst_tiered_allocator_start (allocator, &error));
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT));
  g_clear_error (&error);
  gst_object_unref (pool);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_as_many_buffers_as_are_counted_can_be_out_at_once)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstBuffer *taken[9];
  guint out = 0;

  g_object_set (allocator, "tiers", "64x3,1024x2,4096x4", NULL);
  fail_unless_equals_int (gst_tiered_allocator_count_slots (allocator, 0), 9);
  fail_unless_equals_int (gst_tiered_allocator_count_slots (allocator, 65), 6);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  while (out < 9 && gst_tiered_allocator_acquire (allocator, 64,
          GST_TIERED_CLASS_PRIMARY, 0, &taken[out]) == GST_FLOW_OK)
    out++;
  fail_unless_equals_int (gst_tiered_allocator_count_slots (allocator, 64),
      out);
  while (out > 0)
    gst_buffer_unref (taken[--out]);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_the_embedded_profile_gives_its_eight_buffers)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstMemory *memories[8];

  g_object_set (allocator, "profile", GST_TIERED_PROFILE_EMBEDDED, NULL);
  fail_unless_equals_int (gst_tiered_allocator_get_max_size (allocator), 4096);
  fail_unless_equals_int (gst_tiered_allocator_count_slots (allocator, 4096),
      6);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  for (int i = 0; i < 8; i++) {
    memories[i] = gst_allocator_alloc (GST_ALLOCATOR (allocator),
        i < 6 ? 4096 : 2048, NULL);
    fail_unless (memories[i] != NULL);
  }
  for (int i = 0; i < 8; i++)
    gst_memory_unref (memories[i]);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

static gpointer
unref_all (gpointer data)
{
  g_ptr_array_unref (data);
  return NULL;
}

/* Half of the buffers are released beside the stop, in two threads; some of them
 * live on in a share of their memory. */
GST_START_TEST (test_the_last_late_buffer_takes_the_arena_with_it)
{
  for (guint round = 0; round < 200; round++) {
    GstTieredAllocator *allocator = make_allocator ("64x6,4096x60");
    GPtrArray *late[2];
    GThread *threads[2];

    fail_unless (gst_tiered_allocator_start (allocator, NULL));
    for (guint t = 0; t < 2; t++) {
      late[t] = g_ptr_array_new_with_free_func ((GDestroyNotify)
          gst_mini_object_unref);
      for (guint i = 0; i < 20; i++) {
        GstBuffer *buffer = NULL;

        fail_unless_equals_int (gst_tiered_allocator_acquire (allocator,
                i % 4 == 0 ? 64 : 4096, GST_TIERED_CLASS_PRIMARY, 0, &buffer),
            GST_FLOW_OK);
        if (i % 5 == 0)
          g_ptr_array_add (late[t], gst_buffer_copy_region (buffer,
                  GST_BUFFER_COPY_ALL, 1, 10));
        g_ptr_array_add (late[t], buffer);
      }
    }
    for (guint t = 0; t < 2; t++)
      threads[t] = g_thread_new ("late", unref_all, late[t]);
    fail_unless (gst_tiered_allocator_stop (allocator) <= 40);
    gst_object_unref (allocator);
    for (guint t = 0; t < 2; t++)
      g_thread_join (threads[t]);
  }
}

GST_END_TEST;

typedef struct
{
  GstTieredAllocator *allocator;
  GstFlowReturn ret;
} DirectWaiter;

static gpointer
wait_for_direct (gpointer data)
{
  DirectWaiter *self = data;
  GstBuffer *buffer = NULL;

  self->ret = gst_tiered_allocator_acquire (self->allocator, 1,
      GST_TIERED_CLASS_PRIMARY, GST_CLOCK_TIME_NONE, &buffer);
  if (buffer != NULL)
    gst_buffer_unref (buffer);
  return NULL;
}

static guint64
waits_of (GstTieredAllocator * allocator)
{
  GstStructure *stats = gst_tiered_allocator_get_stats (allocator);
  guint64 waits = 0;

  fail_unless (gst_structure_get_uint64 (stats, "waits", &waits));
  gst_structure_free (stats);
  return waits;
}

GST_START_TEST (test_a_wait_without_a_pool_ends_by_a_release_and_by_stop)
{
  for (guint by_stop = 0; by_stop < 2; by_stop++) {
    DirectWaiter waiter = { make_allocator ("4096x1"), GST_FLOW_OK };
    GstBuffer *buffer = NULL;
    GThread *thread;

    fail_unless (gst_tiered_allocator_start (waiter.allocator, NULL));
    fail_unless_equals_int (gst_tiered_allocator_acquire (waiter.allocator, 1,
            GST_TIERED_CLASS_PRIMARY, 0, &buffer), GST_FLOW_OK);
    thread = g_thread_new ("waiter", wait_for_direct, &waiter);
    while (waits_of (waiter.allocator) == 0)
      g_thread_yield ();
    if (by_stop) {
      fail_unless_equals_int (gst_tiered_allocator_stop (waiter.allocator), 1);
    } else {
      gst_buffer_unref (buffer);
    }
    g_thread_join (thread);
    fail_unless_equals_int (waiter.ret,
        by_stop ? GST_FLOW_FLUSHING : GST_FLOW_OK);
    if (by_stop) {
      gst_buffer_unref (buffer);
    } else {
      fail_unless_equals_int (gst_tiered_allocator_stop (waiter.allocator), 0);
    }
    gst_object_unref (waiter.allocator);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_can_be_had_without_a_pool)
{
  GstTieredAllocator *allocator = make_allocator ("4096x1");
  GstBuffer *buffer = NULL, *copy;

  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 100,
          GST_TIERED_CLASS_OUTPUT, 0, &buffer), GST_FLOW_FLUSHING);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 4097,
          GST_TIERED_CLASS_OUTPUT, 0, &buffer), GST_FLOW_ERROR);
  for (gint i = 0; i < 3; i++) {
    fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 100 + i,
            GST_TIERED_CLASS_OUTPUT, GST_CLOCK_TIME_NONE, &buffer),
        GST_FLOW_OK);
    fail_unless_equals_uint64 (gst_buffer_get_size (buffer), 100 + i);
    fail_unless (!GST_BUFFER_PTS_IS_VALID (buffer));
    fail_unless_equals_int (gst_buffer_get_tiered_slot_meta (buffer)->header->
        buffer_class, GST_TIERED_CLASS_OUTPUT);
    fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 1,
            GST_TIERED_CLASS_OUTPUT, 1, &copy), GST_FLOW_CUSTOM_ERROR);
    copy = gst_buffer_copy (buffer);
    GST_BUFFER_PTS (buffer) = 4711;
    gst_buffer_unref (buffer);
    fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 1,
            GST_TIERED_CLASS_OUTPUT, 0, &buffer), GST_FLOW_CUSTOM_ERROR);
    gst_buffer_unref (copy);
  }
  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, 100,
          GST_TIERED_CLASS_OUTPUT, 0, &buffer), GST_FLOW_OK);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 1);
  gst_object_unref (allocator);
  fail_unless_equals_int (gst_buffer_memset (buffer, 0, 1, 100), 100);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_200_starts_and_stops_end_as_they_began)
{
  GstTieredPool *pool = make_pool ("4096x8", 0);

  for (int i = 0; i < 200; i++) {
    GstBuffer *buffer = acquire (pool, 100), *late = NULL;

    if (i % 2)
      late = gst_buffer_copy (buffer);
    gst_buffer_pool_set_active (GST_BUFFER_POOL (pool), FALSE);
    gst_buffer_unref (buffer);
    fail_unless_equals_uint64 (stat (pool, "acquired"), 1);
    fail_unless (gst_buffer_pool_set_active (GST_BUFFER_POOL (pool), TRUE));
    gst_clear_buffer (&late);
    fail_unless_equals_uint64 (stat (pool, "in-use"), 0);
  }
  free_pool (pool);
}

GST_END_TEST;

static gpointer
release_until_eos (gpointer data)
{
  GAsyncQueue *queue = data;
  gboolean eos = FALSE;

  while (!eos) {
    GstMiniObject *item = g_async_queue_pop (queue);

    eos = GST_IS_EVENT (item);
    gst_mini_object_unref (item);
  }
  return NULL;
}

GST_START_TEST (test_buffers_and_their_copies_are_released_by_two_threads)
{
  GstTieredPool *pool = make_pool ("4096x6", 0);
  GAsyncQueue *queues[2] = { g_async_queue_new (), g_async_queue_new () };
  GThread *threads[2];

  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("copier", release_until_eos, queues[i]);
  for (int i = 0; i < 20000; i++) {
    GstBuffer *buffer = acquire (pool, 16);

    if (i % 3 == 0)
      g_async_queue_push (queues[1], gst_buffer_copy (buffer));
    g_async_queue_push (queues[0], buffer);
  }
  for (int i = 0; i < 2; i++)
    g_async_queue_push (queues[i], gst_event_new_eos ());
  for (int i = 0; i < 2; i++) {
    g_thread_join (threads[i]);
    g_async_queue_unref (queues[i]);
  }
  fail_unless_equals_uint64 (stat (pool, "in-use"), 0);
  fail_unless_equals_uint64 (stat (pool, "acquired"), 20000);
  fail_unless_equals_uint64 (stat (pool, "double-releases")
      + stat (pool, "foreign-releases") + stat (pool, "corrupted-headers"), 0);
  free_pool (pool);
}

GST_END_TEST;

static Suite *
tieredpool_suite (void)
{
  Suite *suite = suite_create ("tieredpool");
  TCase *tcase = tcase_create ("tieredpool");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_it_works_as_an_ordinary_pool);
  tcase_add_test (tcase, test_each_acquire_may_have_a_size_of_its_own);
  tcase_add_test (tcase, test_a_buffer_comes_back_as_new);
  tcase_add_test (tcase, test_a_copy_only_delays_the_slots_return);
  tcase_add_test (tcase, test_a_share_of_a_part_keeps_the_whole_slot);
  tcase_add_test (tcase, test_a_memory_taken_out_of_its_buffer_comes_home_alone);
  tcase_add_test (tcase, test_deep_copies_are_outside_the_arena);
  tcase_add_test (tcase,
      test_the_slot_meta_tells_and_takes_what_the_header_says);
  tcase_add_test (tcase, test_a_corrupted_header_is_refused_and_counted);
  tcase_add_test (tcase, test_an_overrun_is_counted_and_the_slot_comes_back);
  tcase_add_test (tcase, test_a_buffer_of_another_pool_is_not_taken);
  tcase_add_test (tcase, test_a_wait_ends_by_flush);
  tcase_add_test (tcase, test_a_wait_ends_by_deactivation);
  tcase_add_test (tcase, test_a_wait_ends_by_a_release);
  tcase_add_test (tcase, test_flushing_one_pool_leaves_its_neighbour_waiting);
  tcase_add_test (tcase, test_exhaustion_is_answered_as_the_property_says);
  tcase_add_test (tcase, test_what_is_out_at_stop_stays_valid);
  tcase_add_test (tcase, test_stop_says_how_many_are_out);
  tcase_add_test (tcase, test_allocation_parameters_are_kept_or_refused);
  tcase_add_test (tcase, test_impossible_configurations_are_corrected);
  tcase_add_test (tcase, test_bad_tiers_are_explained_and_refused);
  tcase_add_test (tcase,
      test_as_many_buffers_as_are_counted_can_be_out_at_once);
  tcase_add_test (tcase, test_the_embedded_profile_gives_its_eight_buffers);
  tcase_add_test (tcase,
      test_the_last_late_buffer_takes_the_arena_with_it);
  tcase_add_test (tcase,
      test_a_wait_without_a_pool_ends_by_a_release_and_by_stop);
  tcase_add_test (tcase, test_a_buffer_can_be_had_without_a_pool);
  tcase_add_test (tcase, test_200_starts_and_stops_end_as_they_began);
  tcase_add_test (tcase,
      test_buffers_and_their_copies_are_released_by_two_threads);
  return suite;
}

GST_CHECK_MAIN (tieredpool);
