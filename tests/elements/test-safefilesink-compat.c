/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safefilesink with filesink's properties: files that are gone on with, and what
 * a crash leaves of them. */
#include "sink-check.h"

/* The least and the greatest value of a number or an enumeration; 0 of others. */
static void
bounds_of (GParamSpec * spec, gdouble * low, gdouble * high)
{
  *low = *high = 0;
  if (G_IS_PARAM_SPEC_UINT (spec)) {
    *low = G_PARAM_SPEC_UINT (spec)->minimum;
    *high = G_PARAM_SPEC_UINT (spec)->maximum;
  } else if (G_IS_PARAM_SPEC_INT (spec)) {
    *low = G_PARAM_SPEC_INT (spec)->minimum;
    *high = G_PARAM_SPEC_INT (spec)->maximum;
  } else if (G_IS_PARAM_SPEC_ENUM (spec)) {
    *low = G_PARAM_SPEC_ENUM (spec)->enum_class->minimum;
    *high = G_PARAM_SPEC_ENUM (spec)->enum_class->maximum;
  }
}

GST_START_TEST (test_what_a_property_of_filesink_takes_is_taken)
{
  GstElement *plain = gst_element_factory_make ("filesink", NULL);
  GstElement *safe = gst_element_factory_make ("safefilesink", NULL);
  GParamSpec **specs;
  guint count;

  fail_unless (plain != NULL && safe != NULL);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (plain), &count);
  for (guint i = 0; i < count; i++) {
    GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (safe),
        specs[i]->name);
    gdouble low, high, plain_low, plain_high;

    fail_unless (spec != NULL, "%s", specs[i]->name);
    fail_unless (G_PARAM_SPEC_TYPE (spec) == G_PARAM_SPEC_TYPE (specs[i]), "%s",
        spec->name);
    bounds_of (spec, &low, &high);
    bounds_of (specs[i], &plain_low, &plain_high);
    fail_unless (low <= plain_low && high >= plain_high, "%s", spec->name);
  }
  g_free (specs);
  gst_object_unref (plain);
  gst_object_unref (safe);
}
GST_END_TEST;

GST_START_TEST (test_a_small_buffer_size_of_filesink_records)
{
  SinkCheck c;

  sink_check_init (&c);
  g_object_set (c.sink, "buffer-size", 0, NULL);
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 100000, 'a'), GST_FLOW_OK);
  fail_unless_equals_uint64 (sink_check_count (&c, "ring-size"), 65536);
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_append_goes_on_behind_what_is_there_and_leaves_it)
{
  SinkCheck c;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  g_object_set (c.sink, "append", TRUE, NULL);
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
  fail_unless_equals_int (sink_check_push (&c, 2, 'b'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_file_is (c.name, "old.aaabb");
  fail_unless (!sink_check_exists (&c, "take.raw.part"));
  fail_unless (!sink_check_exists (&c, "take.raw.sfj"));
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_without_append_the_old_content_is_gone)
{
  SinkCheck c;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_file_is (c.name, "aaa");
  sink_check_clear (&c);
}
GST_END_TEST;

/* A muxer that completes its header at offset 0 means its own byte 0. */
GST_START_TEST (test_appended_a_seek_counts_from_where_the_stream_begins)
{
  SinkCheck c;
  gint64 position;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  gst_util_set_object_arg (G_OBJECT (c.sink), "file-mode", "append");
  sink_check_play (&c);
  sink_check_seek (&c, 0);
  fail_unless_equals_int (sink_check_push (&c, 4, 'a'), GST_FLOW_OK);
  sink_check_seek (&c, 1);
  fail_unless_equals_int (sink_check_push (&c, 2, 'b'), GST_FLOW_OK);
  fail_unless (gst_pad_query_position (GST_PAD (c.sink->sinkpads->data),
          GST_FORMAT_BYTES, &position));
  fail_unless_equals_int (position, 3);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_file_is (c.name, "old.abba");
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_append_makes_a_file_that_is_not_there)
{
  SinkCheck c;

  sink_check_init (&c);
  g_object_set (c.sink, "append", TRUE, "overwrite", FALSE, NULL);
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_file_is (c.name, "aaa");
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_overwritten_what_is_not_written_over_stays)
{
  SinkCheck c;

  sink_check_init (&c);
  sink_check_put_file (c.name, "0123456789");
  gst_util_set_object_arg (G_OBJECT (c.sink), "file-mode", "overwrite");
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_file_is (c.name, "aaa3456789");
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_nothing_appended_leaves_the_file_and_no_journal)
{
  SinkCheck c;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  g_object_set (c.sink, "append", TRUE, NULL);
  sink_check_play (&c);
  fail_unless (sink_check_exists (&c, "take.raw.sfj"));
  sink_check_drop_sink (&c);
  sink_check_file_is (c.name, "old.");
  fail_unless (!sink_check_exists (&c, "take.raw.sfj"));
  sink_check_clear (&c);
}
GST_END_TEST;

static void
wait_until_recovered (SinkCheck * c)
{
  for (gboolean recovered = FALSE; !recovered;) {
    GstMessage *message = gst_bus_timed_pop_filtered (c->bus,
        GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT);

    recovered = gst_message_has_name (message, "safefilesink-recovered");
    gst_message_unref (message);
  }
}

/* Stopped without EOS, the file is there with its journal; the next start sets
 * it aside whole, old content and new. */
GST_START_TEST (test_an_append_that_was_cut_short_is_kept_with_the_old_content)
{
  SinkCheck c;
  gchar *aside;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  g_object_set (c.sink, "append", TRUE, NULL);
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
  sink_check_drop_sink (&c);
  fail_unless (sink_check_exists (&c, "take.raw.sfj"));
  sink_check_file_is (c.name, "old.aaa");

  sink_check_make_sink (&c);
  g_object_set (c.sink, "append", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (c.sink), "recover", "auto");
  sink_check_play (&c);
  wait_until_recovered (&c);
  sink_check_drop_sink (&c);
  aside = sink_check_path (&c, "take.recovered-1.raw");
  sink_check_file_is (aside, "old.aaa");
  g_free (aside);
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_the_mark_begins_at_the_end_of_what_is_there)
{
  SinkCheck c;
  guint64 durable;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  g_object_set (c.sink, "append", TRUE, NULL);
  sink_check_play (&c);
  g_object_get (c.sink, "durable-offset", &durable, NULL);
  fail_unless_equals_uint64 (durable, 4);
  sink_check_clear (&c);
}
GST_END_TEST;

/* The ring would keep them to itself for an hour. */
GST_START_TEST (test_o_sync_makes_each_buffer_durable_before_the_next)
{
  for (gint o_sync = 0; o_sync < 2; o_sync++) {
    SinkCheck c;
    guint64 durable;

    sink_check_init (&c);
    g_object_set (c.sink, "o-sync", o_sync, "sync-interval",
        3600 * GST_SECOND, NULL);
    sink_check_play (&c);
    for (guint i = 1; i <= 3; i++) {
      fail_unless_equals_int (sink_check_push (&c, 1000, 'a'), GST_FLOW_OK);
      g_object_get (c.sink, "durable-offset", &durable, NULL);
      fail_unless_equals_uint64 (durable, o_sync ? i * 1000 : 0);
    }
    sink_check_clear (&c);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_flush_that_truncates_takes_the_old_content_too)
{
  SinkCheck c;

  sink_check_init (&c);
  sink_check_put_file (c.name, "old.");
  g_object_set (c.sink, "append", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (c.sink), "flush-mode", "truncate");
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (c.h, gst_event_new_flush_stop (TRUE)));
  sink_check_seek (&c, 0);
  fail_unless_equals_int (sink_check_push (&c, 2, 'b'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_file_is (c.name, "bb");
  sink_check_clear (&c);
}
GST_END_TEST;

/* As filesink's, by name, type, range and default. */
GST_START_TEST (test_every_property_of_filesink_is_there)
{
  GstElement *ours = gst_element_factory_make ("safefilesink", NULL);
  GstElement *theirs = gst_element_factory_make ("filesink", NULL);
  guint count;
  GParamSpec **specs = g_object_class_list_properties
      (G_OBJECT_GET_CLASS (theirs), &count);

  for (guint i = 0; i < count; i++) {
    GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (ours),
        specs[i]->name);

    fail_unless (spec != NULL, "%s", specs[i]->name);
    fail_unless_equals_uint64 (spec->value_type == specs[i]->value_type
        || G_IS_PARAM_SPEC_ENUM (specs[i]), TRUE);
    if (G_IS_PARAM_SPEC_ENUM (specs[i])
        && !g_str_equal (specs[i]->name, "file-mode")) {
      GEnumClass *enums = G_PARAM_SPEC_ENUM (specs[i])->enum_class;

      for (guint k = 0; k < enums->n_values; k++)
        gst_util_set_object_arg (G_OBJECT (ours), specs[i]->name,
            enums->values[k].value_nick);
    }
  }
  g_free (specs);
  gst_object_unref (ours);
  gst_object_unref (theirs);
}
GST_END_TEST;

static Suite *
safefilesink_compat_suite (void)
{
  Suite *s = suite_create ("safefilesink-compat");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_what_a_property_of_filesink_takes_is_taken);
  tcase_add_test (tc, test_a_small_buffer_size_of_filesink_records);
  tcase_add_test (tc,
      test_append_goes_on_behind_what_is_there_and_leaves_it);
  tcase_add_test (tc, test_without_append_the_old_content_is_gone);
  tcase_add_test (tc,
      test_appended_a_seek_counts_from_where_the_stream_begins);
  tcase_add_test (tc, test_append_makes_a_file_that_is_not_there);
  tcase_add_test (tc, test_overwritten_what_is_not_written_over_stays);
  tcase_add_test (tc, test_nothing_appended_leaves_the_file_and_no_journal);
  tcase_add_test (tc,
      test_an_append_that_was_cut_short_is_kept_with_the_old_content);
  tcase_add_test (tc, test_the_mark_begins_at_the_end_of_what_is_there);
  tcase_add_test (tc, test_o_sync_makes_each_buffer_durable_before_the_next);
  tcase_add_test (tc, test_a_flush_that_truncates_takes_the_old_content_too);
  tcase_add_test (tc, test_every_property_of_filesink_is_there);
  return s;
}

GST_CHECK_MAIN (safefilesink_compat);
