/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The allocator's figures, quotas, states and shutdown. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

static GstTieredAllocator *
make (const gchar * tiers)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();

  g_object_set (allocator, "tiers", tiers, NULL);
  return allocator;
}

static GstTieredAllocator *
make_started (const gchar * tiers)
{
  GstTieredAllocator *allocator = make (tiers);

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  return allocator;
}

static GstBuffer *
acquire (GstTieredAllocator * allocator, gsize size, GstTieredClass slot_class)
{
  GstBuffer *buffer;

  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, size,
          slot_class, 0, &buffer), GST_FLOW_OK);
  return buffer;
}

static void
fail_to_acquire (GstTieredAllocator * allocator, gsize size,
    GstTieredClass slot_class)
{
  GstBuffer *buffer;

  fail_unless_equals_int (gst_tiered_allocator_acquire (allocator, size,
          slot_class, 0, &buffer), GST_FLOW_CUSTOM_ERROR);
}

/* Writes behind the end of the buffer's slot of 64 bytes. */
static void
overrun (GstBuffer * buffer)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  map.data[64] ^= 1;
  gst_buffer_unmap (buffer, &map);
}

static guint64
number (const GstStructure * structure, const gchar * field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (structure, field, &value), "%s",
      field);
  return value;
}

static gdouble
real (const GstStructure * structure, const gchar * field)
{
  gdouble value = 0;

  fail_unless (gst_structure_get_double (structure, field, &value), "%s",
      field);
  return value;
}

static const GstStructure *
entry (const GstStructure * structure, const gchar * array, guint index)
{
  const GValue *value = gst_structure_get_value (structure, array);

  fail_unless (index < gst_value_array_get_size (value), "%s[%u]", array,
      index);
  return gst_value_get_structure (gst_value_array_get_value (value, index));
}

static void
fail_unless_state (GstTieredAllocator * allocator, GstTieredState expected)
{
  GstTieredState state;

  g_object_get (allocator, "state", &state, NULL);
  fail_unless_equals_int (state, expected);
}

/* ---- figures ---- */

GST_START_TEST (test_figures_add_up_by_tier_and_by_class)
{
  GstTieredAllocator *allocator = make_started ("64x2,256x1");
  GstBuffer *held[3];
  const GstStructure *tier, *primary, *scratch;
  GstStructure *stats;

  held[0] = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);
  held[1] = acquire (allocator, 64, GST_TIERED_CLASS_SCRATCH);
  held[2] = acquire (allocator, 64, GST_TIERED_CLASS_SCRATCH);
  fail_to_acquire (allocator, 64, GST_TIERED_CLASS_SCRATCH);
  gst_buffer_unref (held[1]);

  stats = gst_tiered_allocator_get_stats (allocator);
  fail_unless_equals_uint64 (number (stats, "acquired"), 3);
  fail_unless_equals_uint64 (number (stats, "released"), 1);
  fail_unless_equals_uint64 (number (stats, "failures"), 1);
  fail_unless_equals_uint64 (number (stats, "hits"), 2);
  fail_unless_equals_float (real (stats, "success-rate"), 0.75);
  /* 64 and 256 of 384 bytes. */
  fail_unless_equals_float (real (stats, "utilisation"), 320.0 / 384);
  fail_unless_equals_string (gst_structure_get_string (stats, "state"),
      "active");

  tier = entry (stats, "tiers", 0);
  fail_unless_equals_uint64 (number (tier, "hits"), 2);
  fail_unless_equals_uint64 (number (tier, "borrows"), 1);
  fail_unless_equals_uint64 (number (tier, "failures"), 1);
  fail_unless_equals_float (real (tier, "success-rate"), 0.75);
  (void) number (tier, "acquire-latency-p50");
  (void) number (tier, "release-latency-max");
  (void) number (tier, "acquire-latency-sum");

  primary = entry (stats, "classes", GST_TIERED_CLASS_PRIMARY);
  scratch = entry (stats, "classes", GST_TIERED_CLASS_SCRATCH);
  fail_unless_equals_string (gst_structure_get_string (scratch, "name"),
      "scratch");
  fail_unless_equals_uint64 (number (primary, "acquired"), 1);
  fail_unless_equals_float (real (primary, "success-rate"), 1.0);
  fail_unless_equals_uint64 (number (scratch, "acquired"), 2);
  fail_unless_equals_uint64 (number (scratch, "in-use"), 1);
  fail_unless_equals_uint64 (number (scratch, "borrows"), 1);
  fail_unless_equals_uint64 (number (scratch, "failures"), 1);
  gst_structure_free (stats);

  gst_buffer_unref (held[0]);
  gst_buffer_unref (held[2]);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_bytes_free_in_other_slots_are_fragmentation)
{
  GstTieredAllocator *allocator = make_started ("64x4,256x1");
  GstBuffer *large = acquire (allocator, 256, GST_TIERED_CLASS_PRIMARY);
  GstStructure *stats;

  /* The 4 x 64 bytes that are free would do, if they were one slot. */
  fail_to_acquire (allocator, 200, GST_TIERED_CLASS_PRIMARY);
  stats = gst_tiered_allocator_get_stats (allocator);
  fail_unless_equals_float (real (stats, "fragmentation"), 0.5);
  gst_structure_free (stats);
  gst_buffer_unref (large);
  gst_tiered_allocator_stop (allocator);

  /* The negative control: refused for want of bytes. */
  g_object_set (allocator, "tiers", "256x1", NULL);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  large = acquire (allocator, 256, GST_TIERED_CLASS_PRIMARY);
  fail_to_acquire (allocator, 200, GST_TIERED_CLASS_PRIMARY);
  stats = gst_tiered_allocator_get_stats (allocator);
  fail_unless_equals_float (real (stats, "fragmentation"), 0.0);
  gst_structure_free (stats);
  gst_buffer_unref (large);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_the_embedded_profile_is_metered_only_when_asked)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstStructure *stats;

  g_object_set (allocator, "profile", GST_TIERED_PROFILE_EMBEDDED, NULL);
  for (int metered = 0; metered < 2; metered++) {
    fail_unless (gst_tiered_allocator_start (allocator, NULL));
    gst_buffer_unref (acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY));
    fail_unless_equals_int (gst_tiered_allocator_take_snapshot (allocator),
        metered);
    stats = gst_tiered_allocator_get_stats (allocator);
    fail_unless_equals_int (gst_structure_has_field (entry (stats, "tiers", 0),
            "acquire-latency-p50"), metered);
    gst_structure_free (stats);
    gst_tiered_allocator_stop (allocator);
    g_object_set (allocator, "metering", GST_TIERED_METERING_ON, NULL);
  }
  gst_object_unref (allocator);
}

GST_END_TEST;

/* ---- quotas ---- */

GST_START_TEST (test_a_class_gets_no_more_than_its_quota)
{
  GstTieredAllocator *allocator = make ("64x4");
  GstBuffer *a, *b, *c;
  GstStructure *stats;
  gchar *quotas;

  g_object_set (allocator, "quotas", " scratch = 1,output=2", NULL);
  g_object_get (allocator, "quotas", &quotas, NULL);
  fail_unless_equals_string (quotas, "scratch=1,output=2");
  g_free (quotas);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  a = acquire (allocator, 64, GST_TIERED_CLASS_SCRATCH);
  fail_to_acquire (allocator, 64, GST_TIERED_CLASS_SCRATCH);
  /* The negative control: another class is free to. */
  b = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);

  stats = gst_tiered_allocator_get_stats (allocator);
  fail_unless_equals_uint64 (number (stats, "quota-refusals"), 1);
  fail_unless_equals_uint64 (number (entry (stats, "classes",
              GST_TIERED_CLASS_SCRATCH), "quota"), 1);
  gst_structure_free (stats);

  /* A larger one holds at once. */
  gst_tiered_allocator_set_quota (allocator, GST_TIERED_CLASS_SCRATCH, 2);
  c = acquire (allocator, 64, GST_TIERED_CLASS_SCRATCH);
  gst_buffer_unref (a);
  gst_buffer_unref (b);
  gst_buffer_unref (c);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_bad_quotas_are_an_error_of_the_start)
{
  static const gchar *const bad[] = {
    "scratch", "scratch=", "scratch=-1", "scratch=x", "waste=1", "scratch=1,",
    "scratch=99999999999", "scratch=1,output=2,scratch=3",
  };
  GstTieredAllocator *allocator = make ("64x4");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    GError *error = NULL;

    g_object_set (allocator, "quotas", bad[i], NULL);
    fail_if (gst_tiered_allocator_start (allocator, &error), "%s", bad[i]);
    fail_unless (g_error_matches (error, GST_LIBRARY_ERROR,
            GST_LIBRARY_ERROR_SETTINGS));
    g_error_free (error);
    fail_unless_state (allocator, GST_TIERED_STATE_ERROR);
  }
  g_object_set (allocator, "quotas", NULL, NULL);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless_state (allocator, GST_TIERED_STATE_READY);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

/* ---- states ---- */

static void
count_notify (GObject * object, GParamSpec * pspec, gpointer count)
{
  (*(guint *) count)++;
}

GST_START_TEST (test_the_state_follows_a_run_and_readers_hear_each_change)
{
  static const GstTieredState way[] = {
    GST_TIERED_STATE_INITIALIZING, GST_TIERED_STATE_READY,
    GST_TIERED_STATE_ACTIVE, GST_TIERED_STATE_SHUTTING_DOWN,
    GST_TIERED_STATE_SHUTDOWN,
  };
  GstTieredAllocator *allocator = make ("64x4");
  GstTieredState old_state = GST_TIERED_STATE_UNINITIALIZED, from, to;
  guint place = 0, notified = 0;
  const gchar *reason;
  GstBuffer *buffer;

  g_signal_connect (allocator, "notify::state", G_CALLBACK (count_notify),
      &notified);
  fail_unless_state (allocator, GST_TIERED_STATE_UNINITIALIZED);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless_equals_int (notified, 1);
  fail_unless_state (allocator, GST_TIERED_STATE_READY);
  buffer = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);
  fail_unless_state (allocator, GST_TIERED_STATE_ACTIVE);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless_equals_int (notified, 2);

  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 1);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTTING_DOWN);
  gst_buffer_unref (buffer);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTDOWN);
  for (guint i = 0; i < G_N_ELEMENTS (way); i++) {
    fail_unless (gst_tiered_allocator_next_state_change (allocator, &place,
            &from, &to, &reason));
    fail_unless_equals_int (from, old_state);
    fail_unless_equals_int (to, way[i]);
    fail_unless (reason != NULL && *reason != '\0');
    old_state = to;
  }
  fail_if (gst_tiered_allocator_next_state_change (allocator, &place, NULL,
          NULL, NULL));
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_write_behind_a_slot_is_an_error_until_the_next_run)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBuffer *buffer = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);

  gst_buffer_unref (buffer);
  fail_unless_state (allocator, GST_TIERED_STATE_ACTIVE);
  buffer = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);
  overrun (buffer);
  gst_buffer_unref (buffer);
  fail_unless_state (allocator, GST_TIERED_STATE_ERROR);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless_state (allocator, GST_TIERED_STATE_ERROR);
  gst_tiered_allocator_stop (allocator);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTDOWN);

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless_state (allocator, GST_TIERED_STATE_READY);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_stop_waits_in_state_for_buffers_of_every_run)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBuffer *old = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);

  gst_tiered_allocator_stop (allocator);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless_state (allocator, GST_TIERED_STATE_READY);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTTING_DOWN);
  gst_buffer_unref (old);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTDOWN);
  gst_object_unref (allocator);
}

GST_END_TEST;

/* ---- shutdown ---- */

GST_START_TEST (test_a_shutdown_with_every_buffer_home_completes)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstStructure *report;
  GError *error = NULL;

  gst_buffer_unref (acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY));
  fail_unless (gst_tiered_allocator_shutdown (allocator, 0, &report, &error));
  fail_unless (error == NULL);
  fail_unless_equals_string (gst_structure_get_string (report, "cleanup"),
      "completed");
  fail_unless_equals_uint64 (number (report, "count"), 0);
  gst_structure_free (report);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTDOWN);

  /* Nothing is left to be shut down, or stopped. */
  fail_if (gst_tiered_allocator_shutdown (allocator, 0, &report, &error));
  fail_unless (g_error_matches (error, GST_LIBRARY_ERROR,
          GST_LIBRARY_ERROR_SHUTDOWN));
  fail_unless (report == NULL);
  g_error_free (error);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 0);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_shutdown_does_not_wait_for_a_slot_that_is_out_for_good)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBuffer *buffer = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);
  GstStructure *report;

  ((GstTieredSlotHeader *) gst_buffer_get_tiered_slot_meta (buffer)->header)
      ->capacity ^= 1;
  gst_buffer_unref (buffer);
  fail_if (gst_tiered_allocator_shutdown (allocator, GST_CLOCK_TIME_NONE,
          &report, NULL));
  fail_unless_equals_uint64 (number (report, "count"), 1);
  gst_structure_free (report);
  fail_unless_equals_int (gst_tiered_allocator_stop (allocator), 1);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_shutdown_names_the_holders_and_goes_on_as_before)
{
  GstTieredAllocator *allocator = make_started ("64x4,256x1");
  GstBuffer *held = acquire (allocator, 100, GST_TIERED_CLASS_CONVERSION);
  const GstStructure *holder;
  GstStructure *report;
  GError *error = NULL;

  fail_unless_state (allocator, GST_TIERED_STATE_ACTIVE);
  fail_if (gst_tiered_allocator_shutdown (allocator, 5 * GST_MSECOND, &report,
          &error));
  fail_unless (g_error_matches (error, GST_LIBRARY_ERROR,
          GST_LIBRARY_ERROR_SHUTDOWN));
  g_clear_error (&error);
  fail_unless_equals_string (gst_structure_get_string (report, "cleanup"),
      "failed");
  fail_unless_equals_uint64 (number (report, "count"), 1);
  fail_unless_equals_uint64 (number (report, "other-users"), 0);
  holder = entry (report, "buffers", 0);
  fail_unless_equals_uint64 (number (holder, "buffer-id"), 4);
  fail_unless_equals_uint64 (number (holder, "size"), 100);
  fail_unless_equals_string (gst_structure_get_string (holder, "class"),
      "conversion");
  fail_unless (number (holder, "held") >= 5 * GST_MSECOND);
  gst_structure_free (report);

  fail_unless_state (allocator, GST_TIERED_STATE_ACTIVE);
  gst_buffer_unref (acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY));
  gst_buffer_unref (held);
  fail_unless (gst_tiered_allocator_shutdown (allocator, 0, NULL, NULL));
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTDOWN);
  gst_object_unref (allocator);
}

GST_END_TEST;

typedef struct
{
  GstTieredAllocator *allocator;
  GstBuffer *buffer;
  GstFlowReturn flow;           /* of an acquire while it flushes */
  gboolean started;             /* a start while it flushes */
} Meanwhile;

/* Waits until the shutdown goes on, is refused by it, and lets it complete. */
static gpointer
use_meanwhile (gpointer data)
{
  Meanwhile *self = data;
  GstBuffer *more;

  while (gst_tiered_allocator_get_state (self->allocator)
      != GST_TIERED_STATE_SHUTTING_DOWN)
    g_thread_yield ();
  self->flow = gst_tiered_allocator_acquire (self->allocator, 64,
      GST_TIERED_CLASS_PRIMARY, 0, &more);
  self->started = gst_tiered_allocator_start (self->allocator, NULL);
  gst_buffer_unref (self->buffer);
  return NULL;
}

GST_START_TEST (test_a_shutdown_gives_nothing_out_while_it_waits)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  Meanwhile meanwhile = { allocator,
    acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY), GST_FLOW_OK, TRUE
  };
  GThread *thread = g_thread_new ("meanwhile", use_meanwhile, &meanwhile);

  fail_unless (gst_tiered_allocator_shutdown (allocator, GST_CLOCK_TIME_NONE,
          NULL, NULL));
  g_thread_join (thread);
  fail_unless_equals_int (meanwhile.flow, GST_FLOW_FLUSHING);
  fail_if (meanwhile.started);
  fail_unless_state (allocator, GST_TIERED_STATE_SHUTDOWN);
  gst_object_unref (allocator);
}

GST_END_TEST;

/* Waits for the slot that it holds itself, until it is sent away. */
static gpointer
wait_for_a_slot (gpointer data)
{
  Meanwhile *self = data;
  GstBuffer *buffer;

  self->flow = gst_tiered_allocator_acquire (self->allocator, 64,
      GST_TIERED_CLASS_PRIMARY, GST_CLOCK_TIME_NONE, &buffer);
  gst_buffer_unref (self->buffer);
  return NULL;
}

GST_START_TEST (test_a_shutdown_sends_away_who_waits_for_a_slot)
{
  GstTieredAllocator *allocator = make_started ("64x1");
  Meanwhile meanwhile = { allocator,
    acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY), GST_FLOW_OK, FALSE
  };
  GThread *thread = g_thread_new ("waiting", wait_for_a_slot, &meanwhile);
  GstStructure *stats;
  guint64 waits;

  do {
    stats = gst_tiered_allocator_get_stats (allocator);
    waits = number (stats, "waits");
    gst_structure_free (stats);
  } while (waits == 0);
  fail_unless (gst_tiered_allocator_shutdown (allocator, GST_CLOCK_TIME_NONE,
          NULL, NULL));
  g_thread_join (thread);
  fail_unless_equals_int (meanwhile.flow, GST_FLOW_FLUSHING);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_shutdown_waits_for_pools_to_be_deactivated)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool), *report;

  gst_buffer_pool_config_set_params (config, NULL, 64, 0, 4);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  fail_if (gst_tiered_allocator_shutdown (allocator, 0, &report, NULL));
  fail_unless_equals_uint64 (number (report, "count"), 0);
  fail_unless_equals_uint64 (number (report, "other-users"), 1);
  gst_structure_free (report);
  fail_unless (gst_buffer_pool_set_active (pool, FALSE));
  fail_unless (gst_tiered_allocator_shutdown (allocator, 0, NULL, NULL));
  gst_object_unref (pool);
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_shutdown_finds_what_was_written_after_the_release)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBuffer *buffer = acquire (allocator, 64, GST_TIERED_CLASS_PRIMARY);
  GstStructure *report;
  const GstStructure *slot;
  GstMapInfo map;
  guint8 *stale;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  stale = map.data;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  stale[64] ^= 1;
  fail_if (gst_tiered_allocator_shutdown (allocator, 0, &report, NULL));
  fail_unless_equals_string (gst_structure_get_string (report, "cleanup"),
      "failed");
  fail_unless_equals_uint64 (number (report, "count"), 0);
  fail_unless_equals_uint64 (number (report, "damaged-guards"), 1);
  fail_unless_equals_uint64 (number (report, "damaged-headers"), 0);
  slot = entry (report, "damaged", 0);
  fail_unless_equals_string (gst_structure_get_string (slot, "fault"), "guard");
  gst_structure_free (report);
  fail_unless_state (allocator, GST_TIERED_STATE_ERROR);

  /* The negative control: made whole again, it verifies. */
  stale[64] ^= 1;
  fail_unless (gst_tiered_allocator_shutdown (allocator, 0, NULL, NULL));
  gst_object_unref (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_stop_names_who_still_holds_buffers)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBuffer *held = acquire (allocator, 33, GST_TIERED_CLASS_OUTPUT);
  GstStructure *outstanding;

  outstanding = gst_tiered_allocator_get_outstanding (allocator);
  fail_unless_equals_uint64 (number (outstanding, "count"), 1);
  gst_structure_free (outstanding);
  gst_tiered_allocator_stop (allocator);
  outstanding = gst_tiered_allocator_get_outstanding (allocator);
  fail_unless_equals_uint64 (number (outstanding, "count"), 1);
  fail_unless_equals_string (gst_structure_get_string (entry (outstanding,
              "buffers", 0), "class"), "output");
  gst_structure_free (outstanding);
  gst_buffer_unref (held);

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  outstanding = gst_tiered_allocator_get_outstanding (allocator);
  fail_unless_equals_uint64 (number (outstanding, "count"), 0);
  gst_structure_free (outstanding);
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

GST_END_TEST;

static Suite *
tieredallocator_suite (void)
{
  Suite *suite = suite_create ("tieredallocator");
  TCase *tcase = tcase_create ("tieredallocator");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_figures_add_up_by_tier_and_by_class);
  tcase_add_test (tcase, test_bytes_free_in_other_slots_are_fragmentation);
  tcase_add_test (tcase, test_the_embedded_profile_is_metered_only_when_asked);
  tcase_add_test (tcase, test_a_class_gets_no_more_than_its_quota);
  tcase_add_test (tcase, test_bad_quotas_are_an_error_of_the_start);
  tcase_add_test (tcase,
      test_the_state_follows_a_run_and_readers_hear_each_change);
  tcase_add_test (tcase,
      test_a_write_behind_a_slot_is_an_error_until_the_next_run);
  tcase_add_test (tcase, test_a_stop_waits_in_state_for_buffers_of_every_run);
  tcase_add_test (tcase, test_a_shutdown_with_every_buffer_home_completes);
  tcase_add_test (tcase,
      test_a_shutdown_does_not_wait_for_a_slot_that_is_out_for_good);
  tcase_add_test (tcase,
      test_a_shutdown_names_the_holders_and_goes_on_as_before);
  tcase_add_test (tcase, test_a_shutdown_gives_nothing_out_while_it_waits);
  tcase_add_test (tcase, test_a_shutdown_sends_away_who_waits_for_a_slot);
  tcase_add_test (tcase, test_a_shutdown_waits_for_pools_to_be_deactivated);
  tcase_add_test (tcase,
      test_a_shutdown_finds_what_was_written_after_the_release);
  tcase_add_test (tcase, test_a_stop_names_who_still_holds_buffers);
  return suite;
}

GST_CHECK_MAIN (tieredallocator);
