/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pool in the hands of elements that know nothing of it. */
#include "tieredpool-check.h"

#include <gst/video/video.h>

/* What GstBaseSrc and others do with a pool that they were offered. */
static gboolean
configure (GstBufferPool * pool, GstStructure * config, GstCaps * caps,
    guint size, guint min)
{
  if (gst_buffer_pool_set_config (pool, config))
    return TRUE;
  config = gst_buffer_pool_get_config (pool);
  if (!gst_buffer_pool_config_validate_params (config, caps, size, min, 0)) {
    gst_structure_free (config);
    return FALSE;
  }
  return gst_buffer_pool_set_config (pool, config);
}

static GstBufferPool *
make_plain_pool (const gchar * tiers)
{
  GstTieredAllocator *allocator = make_allocator (tiers);
  GstBufferPool *pool = gst_tiered_pool_new (allocator);

  gst_object_unref (allocator);
  return pool;
}

GST_START_TEST (test_a_configuration_that_cannot_be_had_is_rewritten)
{
  GstBufferPool *pool = make_plain_pool ("4096x4,65536x2");
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GstCaps *caps = gst_caps_new_empty_simple ("application/x-test");
  guint size, min, max;

  gst_buffer_pool_config_set_params (config, caps, 100000, 9, 0);
  fail_if (gst_buffer_pool_set_config (pool, config));
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_params (config, NULL, &size, &min, &max);
  fail_unless_equals_int (size, 65536);
  fail_unless_equals_int (min, 2);
  fail_unless_equals_int (max, 2);
  fail_if (gst_buffer_pool_config_validate_params (config, caps, 100000, 9,
          0));
  fail_unless (gst_buffer_pool_set_config (pool, config));

  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, 4000, 1, 0);
  fail_unless (configure (pool, config, caps, 4000, 1));
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_params (config, NULL, &size, &min, &max);
  fail_unless_equals_int (size, 4000);
  fail_unless_equals_int (max, 6);
  gst_structure_free (config);
  gst_object_unref (pool);
  gst_caps_unref (caps);
}

GST_END_TEST;

GST_START_TEST (test_prefix_padding_and_alignment_are_kept_as_far_as_slots_go)
{
  GstBufferPool *pool = make_plain_pool ("4096x1");
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GstAllocationParams params = { GST_MEMORY_FLAG_ZERO_PADDED, 127, 64, 32 };
  GstCaps *caps = gst_caps_new_empty_simple ("application/x-test");
  gsize offset, maxsize;
  GstBuffer *buffer;
  GstMapInfo map;

  gst_buffer_pool_config_set_params (config, caps, 4000, 0, 1);
  gst_buffer_pool_config_set_allocator (config, NULL, &params);
  fail_unless (configure (pool, config, caps, 4000, 0));
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_allocator (config, NULL, &params);
  fail_unless_equals_int (params.align, 63);
  fail_unless_equals_int (params.flags, 0);
  fail_unless_equals_int (params.prefix, 64);
  fail_unless_equals_int (params.padding, 32);
  gst_structure_free (config);

  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  for (int i = 0; i < 2; i++) {
    fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer,
            NULL), GST_FLOW_OK);
    fail_unless_equals_uint64 (gst_buffer_get_sizes (buffer, &offset,
            &maxsize), 4000);
    fail_unless_equals_uint64 (offset, 64);
    fail_unless (maxsize >= 64 + 4000 + 32);
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
    fail_unless_equals_int ((gsize) map.data % 64, 0);
    memset (map.data, 0xFF, map.size);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_set_size (buffer, 10);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (stat (GST_TIERED_POOL (pool), "overruns"), 0);
  gst_buffer_pool_set_active (pool, FALSE);

  /* No room for what goes beside it. */
  params.prefix = 100;
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, 4096, 0, 1);
  gst_buffer_pool_config_set_allocator (config, NULL, &params);
  fail_if (configure (pool, config, caps, 4096, 0));
  gst_caps_unref (caps);
  gst_object_unref (pool);
}

GST_END_TEST;

#define FRAME "video/x-raw,format=I420,width=100,height=50,framerate=25/1"

static GstVideoMeta *
video_meta_of (GstBufferPool * pool, GstBuffer ** buffer)
{
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, buffer, NULL),
      GST_FLOW_OK);
  return gst_buffer_get_video_meta (*buffer);
}

static GstStructure *
video_config (GstBufferPool * pool, GstCaps * caps, guint size)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, size, 0, 0);
  gst_buffer_pool_config_add_option (config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  return config;
}

GST_START_TEST (test_the_video_meta_is_made_once_and_with_each_configuration)
{
  GstBufferPool *pool = make_plain_pool ("65536x1");
  GstCaps *caps = gst_caps_from_string (FRAME);
  GstCaps *larger = gst_caps_from_string ("video/x-raw,format=GRAY8,"
      "width=200,height=200,framerate=25/1");
  GstVideoMeta *made, *meta;
  GstBuffer *buffer;

  fail_unless (gst_buffer_pool_has_option (pool,
          GST_BUFFER_POOL_OPTION_VIDEO_META));
  fail_unless (gst_buffer_pool_has_option (pool,
          GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT));
  fail_unless (configure (pool, video_config (pool, caps, 1), caps, 1, 0));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  made = video_meta_of (pool, &buffer);
  fail_unless (made != NULL);
  fail_unless_equals_int (made->width, 100);
  fail_unless_equals_int (made->stride[0], 100);
  fail_unless_equals_int (made->offset[1], 5000);
  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), 100 * 50 + 2 * 52
      * 25);
  gst_buffer_unref (buffer);
  fail_unless (video_meta_of (pool, &buffer) == made);
  gst_buffer_unref (buffer);
  gst_buffer_pool_set_active (pool, FALSE);

  fail_unless (configure (pool, video_config (pool, larger, 40000), larger,
          40000, 0));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  meta = video_meta_of (pool, &buffer);
  fail_unless_equals_int (meta->format, GST_VIDEO_FORMAT_GRAY8);
  fail_unless_equals_int (meta->stride[0], 200);
  fail_unless_equals_int (gst_buffer_get_n_meta (buffer,
          GST_VIDEO_META_API_TYPE), 1);
  gst_buffer_unref (buffer);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  gst_caps_unref (caps);
  gst_caps_unref (larger);
}

GST_END_TEST;

GST_START_TEST (test_strides_are_aligned_as_asked_and_the_size_grows)
{
  GstBufferPool *pool = make_plain_pool ("65536x2");
  GstCaps *caps = gst_caps_from_string (FRAME);
  GstStructure *config = video_config (pool, caps, 7600);
  GstVideoAlignment alignment;
  guint size;
  GstVideoMeta *meta;
  GstBuffer *buffer;
  GstMapInfo map;
  gpointer data;
  gint stride;

  gst_video_alignment_reset (&alignment);
  alignment.padding_left = alignment.padding_right = 16;
  alignment.padding_bottom = 14;
  alignment.stride_align[0] = 31;
  gst_buffer_pool_config_add_option (config,
      GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
  gst_buffer_pool_config_set_video_alignment (config, &alignment);
  fail_unless (configure (pool, config, caps, 7600, 0));
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_params (config, NULL, &size, NULL, NULL);
  fail_unless (size > 7600);
  gst_buffer_pool_config_get_video_alignment (config, &alignment);
  fail_unless_equals_int (alignment.stride_align[2], 31);
  gst_structure_free (config);

  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  meta = video_meta_of (pool, &buffer);
  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), size);
  fail_unless_equals_int (meta->stride[0] % 32, 0);
  fail_unless_equals_int (meta->alignment.padding_bottom, 14);
  for (guint plane = 0; plane < 3; plane++) {
    fail_unless (gst_video_meta_map (meta, plane, &map, &data, &stride,
            GST_MAP_WRITE));
    gst_video_meta_unmap (meta, plane, &map);
  }
  gst_buffer_unref (buffer);
  gst_buffer_pool_set_active (pool, FALSE);

  /* More than slots are aligned to. */
  alignment.stride_align[0] = 255;
  config = video_config (pool, caps, 7600);
  gst_buffer_pool_config_add_option (config,
      GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
  gst_buffer_pool_config_set_video_alignment (config, &alignment);
  fail_if (gst_buffer_pool_set_config (pool, config));
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_get_video_alignment (config, &alignment);
  fail_unless_equals_int (alignment.stride_align[0], 63);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  gst_object_unref (pool);
  gst_caps_unref (caps);
}

GST_END_TEST;

GST_START_TEST (test_pools_with_and_without_video_meta_share_their_slots)
{
  GstTieredPool *plain = make_pool ("65536x1", 0);
  GstBufferPool *video = gst_tiered_pool_new (gst_tiered_pool_get_allocator
      (plain));
  GstCaps *caps = gst_caps_from_string (FRAME);
  GstBuffer *buffer;

  fail_unless (configure (video, video_config (video, caps, 7600), caps, 7600,
          0));
  fail_unless (gst_buffer_pool_set_active (video, TRUE));
  for (int i = 0; i < 3; i++) {
    fail_unless (video_meta_of (video, &buffer) != NULL);
    gst_buffer_unref (buffer);
    buffer = acquire (plain, 100);
    fail_unless (gst_buffer_get_video_meta (buffer) == NULL);
    fail_unless (gst_buffer_get_tiered_slot_meta (buffer) != NULL);
    gst_buffer_unref (buffer);
  }
  gst_buffer_pool_set_active (video, FALSE);
  gst_object_unref (video);
  free_pool (plain);
  gst_caps_unref (caps);
}

GST_END_TEST;

GST_START_TEST (test_each_tier_can_be_a_pool_of_its_own)
{
  GstTieredAllocator *allocator = make_allocator ("4096x2,65536x1,1000x3");
  GstBufferPool *pools[3];
  GstBuffer *held[3][3];
  static const guint counts[3] = { 3, 2, 1 };
  static const guint sizes[3] = { 1024, 4096, 65536 };
  GstBufferPoolAcquireParams dont_wait = {
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT
  };
  GstBuffer *none = NULL;
  GstStructure *config;
  guint size, max;

  fail_unless (gst_tiered_pool_new_for_tier (allocator, 3) == NULL);
  for (guint tier = 0; tier < 3; tier++) {
    pools[tier] = gst_tiered_pool_new_for_tier (allocator, tier);
    config = gst_buffer_pool_get_config (pools[tier]);
    gst_buffer_pool_config_get_params (config, NULL, &size, NULL, &max);
    gst_structure_free (config);
    fail_unless_equals_int (size, sizes[tier]);
    fail_unless_equals_int (max, counts[tier]);
    fail_unless (gst_buffer_pool_set_active (pools[tier], TRUE));
  }
  for (guint tier = 0; tier < 3; tier++)
    for (guint i = 0; i < counts[tier]; i++) {
      fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pools[tier],
              &held[tier][i], NULL), GST_FLOW_OK);
      fail_unless_equals_uint64 (gst_buffer_get_size (held[tier][i]),
          sizes[tier]);
      fail_unless_equals_int (gst_buffer_get_tiered_slot_meta
          (held[tier][i])->header->capacity, sizes[tier]);
    }
  for (guint tier = 0; tier < 3; tier++)
    fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pools[tier], &none,
            &dont_wait), GST_FLOW_EOS);
  /* What the next tier has free is shared. */
  gst_buffer_unref (held[1][1]);
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pools[0],
          &held[1][1], &dont_wait), GST_FLOW_OK);
  fail_unless_equals_uint64 (gst_buffer_get_size (held[1][1]), 1024);

  for (guint tier = 0; tier < 3; tier++) {
    for (guint i = 0; i < counts[tier]; i++)
      gst_buffer_unref (held[tier][i]);
    gst_buffer_pool_set_active (pools[tier], FALSE);
    gst_object_unref (pools[tier]);
  }
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_tiers_pool_takes_no_size_of_another_tier)
{
  GstTieredAllocator *allocator = make_allocator ("1024x3,4096x2,65536x1");
  GstBufferPool *pool = gst_tiered_pool_new_for_tier (allocator, 1);
  static const guint asked[] = { 0, 100, 1024, 1025, 4096, 4097 };
  static const guint given[] = { 4096, 4096, 4096, 1025, 4096, 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++) {
    GstStructure *config = gst_buffer_pool_get_config (pool);
    guint size;

    gst_buffer_pool_config_set_params (config, NULL, asked[i], 0, 2);
    fail_unless_equals_int (gst_buffer_pool_set_config (pool, config),
        asked[i] == given[i]);
    config = gst_buffer_pool_get_config (pool);
    gst_buffer_pool_config_get_params (config, NULL, &size, NULL, NULL);
    fail_unless_equals_int (size, given[i]);
    gst_structure_free (config);
  }
  gst_object_unref (pool);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_pool_with_fallback_never_runs_out)
{
  GstBufferPool *pool = make_plain_pool ("8192x2");
  GstTieredPool *self = GST_TIERED_POOL (pool);
  GstCaps *caps = gst_caps_from_string (FRAME);
  GstBuffer *held[5], *copy;
  guint system_memories = 0;
  GstStructure *config;

  g_object_set (pool, "fallback", TRUE, NULL);
  config = video_config (pool, caps, 7600);
  gst_buffer_pool_config_set_params (config, caps, 7600, 20, 0);
  fail_unless (configure (pool, config, caps, 7600, 20));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  for (int round = 0; round < 3; round++) {
    system_memories = 0;
    for (guint i = 0; i < 5; i++) {
      GstVideoMeta *meta = video_meta_of (pool, &held[i]);

      fail_unless (meta != NULL);
      fail_unless_equals_int (meta->stride[0], 100);
      fail_unless_equals_uint64 (gst_buffer_get_size (held[i]), 7600);
      fail_unless (gst_buffer_is_all_memory_writable (held[i]));
      system_memories += !gst_memory_is_type (gst_buffer_peek_memory
          (held[i], 0), GST_TIERED_MEMORY_TYPE);
    }
    fail_unless_equals_int (system_memories, 3);
    fail_unless_equals_uint64 (stat (self, "fallbacks"), 3 * (guint64) (round
            + 1));
    copy = gst_buffer_copy (held[4]);
    for (guint i = 0; i < 5; i++)
      gst_buffer_unref (held[i]);
    gst_buffer_unref (copy);
    fail_unless_equals_uint64 (stat (self, "in-use"), 0);
  }
  /* One that is larger than any slot. */
  held[0] = acquire (self, 10000);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_buffer_unref (held[0]);
  fail_unless_equals_uint64 (stat (self, "fallbacks"), 10);
  gst_object_unref (pool);
  gst_caps_unref (caps);
}

GST_END_TEST;

GST_START_TEST (test_an_allocator_with_fallback_never_runs_out)
{
  GstTieredAllocator *self = make_allocator ("4096x1");
  GstAllocator *allocator = GST_ALLOCATOR (self);
  GstAllocationParams params = { 0, 255, 3, 5 };
  GstMemory *memories[4];
  GstStructure *stats;
  guint64 fallbacks;

  g_object_set (self, "fallback", TRUE, NULL);
  fail_unless (gst_tiered_allocator_start (self, NULL));
  memories[0] = gst_allocator_alloc (allocator, 100, NULL);
  memories[1] = gst_allocator_alloc (allocator, 100, NULL);
  memories[2] = gst_allocator_alloc (allocator, 5000, NULL);
  memories[3] = gst_allocator_alloc (allocator, 100, &params);
  for (guint i = 0; i < 4; i++) {
    fail_unless (memories[i] != NULL);
    fail_unless_equals_int (gst_memory_is_type (memories[i],
            GST_TIERED_MEMORY_TYPE), i == 0);
    fail_unless_equals_uint64 (memories[i]->size, i == 2 ? 5000 : 100);
    gst_memory_unref (memories[i]);
  }
  stats = gst_tiered_allocator_get_stats (self);
  fail_unless (gst_structure_get_uint64 (stats, "fallbacks", &fallbacks));
  fail_unless_equals_uint64 (fallbacks, 3);
  gst_structure_free (stats);
  gst_tiered_allocator_stop (self);
  memories[0] = gst_allocator_alloc (allocator, 100, NULL);
  fail_unless (memories[0] != NULL);
  gst_memory_unref (memories[0]);

  /* Negative control. */
  g_object_set (self, "fallback", FALSE, NULL);
  fail_unless (gst_allocator_alloc (allocator, 100, NULL) == NULL);
  gst_object_unref (self);
}

GST_END_TEST;

static Suite *
tieredpool_peers_suite (void)
{
  Suite *suite = suite_create ("tieredpool-peers");
  TCase *tcase = tcase_create ("tieredpool-peers");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_configuration_that_cannot_be_had_is_rewritten);
  tcase_add_test (tcase,
      test_prefix_padding_and_alignment_are_kept_as_far_as_slots_go);
  tcase_add_test (tcase,
      test_the_video_meta_is_made_once_and_with_each_configuration);
  tcase_add_test (tcase, test_strides_are_aligned_as_asked_and_the_size_grows);
  tcase_add_test (tcase,
      test_pools_with_and_without_video_meta_share_their_slots);
  tcase_add_test (tcase, test_each_tier_can_be_a_pool_of_its_own);
  tcase_add_test (tcase, test_a_tiers_pool_takes_no_size_of_another_tier);
  tcase_add_test (tcase, test_a_pool_with_fallback_never_runs_out);
  tcase_add_test (tcase, test_an_allocator_with_fallback_never_runs_out);
  return suite;
}

GST_CHECK_MAIN (tieredpool_peers);
