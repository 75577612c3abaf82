/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safefilesink and where it may write, and what it says of names. */
#include "sink-check.h"

#include "safefilesink-leftover.h"
#include "safefilesink-printable.h"

#include <unistd.h>

/* A folder "in" with a file's name, a folder "out", and a link between. */
static void
setup (SinkCheck * c)
{
  gchar *in, *out, *link;

  sink_check_init (c);
  in = sink_check_path (c, "in");
  out = sink_check_path (c, "out");
  link = sink_check_path (c, "in/link");
  fail_unless_equals_int (g_mkdir (in, 0700), 0);
  fail_unless_equals_int (g_mkdir (out, 0700), 0);
  fail_unless_equals_int (symlink (out, link), 0);
  g_object_set (c->sink, "root", in, NULL);
  g_free (link);
  g_free (out);
  g_free (in);
}

GST_START_TEST (test_a_location_within_root_is_recorded_to)
{
  static const gchar *const names[] = { "take.raw", "in/take.raw" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    SinkCheck c;
    gchar *full, *made;

    setup (&c);
    full = sink_check_path (&c, names[i]);
    made = sink_check_path (&c, "in/take.raw");
    g_object_set (c.sink, "location", i == 0 ? names[i] : full, NULL);
    sink_check_play (&c);
    fail_unless_equals_int (sink_check_push (&c, 3, 'a'), GST_FLOW_OK);
    fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
    sink_check_file_is (made, "aaa");
    g_free (made);
    g_free (full);
    sink_check_clear (&c);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_location_that_leads_out_of_root_is_refused)
{
  static const gchar *const names[] = {
    "link/take.raw", "../out/take.raw", "/tmp/take.raw"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    SinkCheck c;
    gchar *text;

    setup (&c);
    g_object_set (c.sink, "location", names[i], NULL);
    fail_unless_equals_int (gst_element_set_state (c.sink, GST_STATE_PAUSED),
        GST_STATE_CHANGE_FAILURE);
    text = sink_check_error (&c, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_OPEN_WRITE);
    g_free (text);
    fail_unless (!sink_check_exists (&c, "out/take.raw.part"));
    sink_check_clear (&c);
  }
}
GST_END_TEST;

/* That the link was in the way of nothing else. */
GST_START_TEST (test_without_root_the_link_is_followed)
{
  SinkCheck c;
  gchar *location;

  setup (&c);
  location = sink_check_path (&c, "in/link/take.raw");
  g_object_set (c.sink, "root", NULL, "location", location, NULL);
  g_free (location);
  sink_check_play (&c);
  fail_unless (sink_check_exists (&c, "out/take.raw.part"));
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_what_an_earlier_recording_left_is_found_below_root)
{
  SinkCheck c;
  gchar *part;

  setup (&c);
  part = sink_check_path (&c, "in/take.raw.part");
  sink_check_put_file (part, "old");
  g_object_set (c.sink, "location", "take.raw", "recover", 1, NULL);
  sink_check_play (&c);
  g_free (part);
  part = sink_check_path (&c, "in/take.recovered-1.raw.part");
  sink_check_file_is (part, "old");
  g_free (part);
  sink_check_clear (&c);
}
GST_END_TEST;

/* As if somebody had put the link there when the folder had been looked at; in the
 * second round there is no root, and the search goes through it. */
GST_START_TEST (test_the_search_does_not_leave_root)
{
  for (guint i = 0; i < 2; i++) {
    SafefilesinkSettings settings;
    GPtrArray *leftovers;
    gchar *part, *location, *blocking;
    SinkCheck c;

    setup (&c);
    part = sink_check_path (&c, "out/take.raw.part");
    sink_check_put_file (part, "old");
    location = sink_check_path (&c, "in/link/take.raw");
    safefilesink_settings_init (&settings);
    settings.storage.root = i == 0 ? sink_check_path (&c, "in") : NULL;
    (void) safefilesink_leftover_clear_way (location, &settings, &leftovers,
        &blocking);
    fail_unless_equals_int (leftovers->len, i);
    fail_unless_equals_int (sink_check_exists (&c, "out/take.raw.part"), i == 0);
    safefilesink_settings_clear (&settings);
    g_ptr_array_unref (leftovers);
    g_free (blocking);
    g_free (location);
    g_free (part);
    sink_check_clear (&c);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_name_cannot_write_into_a_log)
{
  static const gchar *const names[][2] = {
    {"take 1.wav", "take 1.wav"},
    {"\xc3\xa4.wav", "\xc3\xa4.wav"},
    {"a\nERROR: b", "a\\x0aERROR: b"},
    {"\x1b[2J", "\\x1b[2J"},
    {"a\xff\xc3", "a\\xff\\xc3"},
    {"\xe2\x80\xaevaw", "\\xe2\\x80\\xaevaw"},
  };
  SinkCheck c;
  gchar *text;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    text = safefilesink_printable_name (names[i][0]);
    fail_unless_equals_string (text, names[i][1]);
    g_free (text);
  }
  sink_check_init (&c);
  g_object_set (c.sink, "location", "/absent/a\nb\x1b[2J", NULL);
  fail_unless_equals_int (gst_element_set_state (c.sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  text = sink_check_error (&c, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE);
  fail_unless (strpbrk (text, "\n\x1b") == NULL, "%s", text);
  g_free (text);
  sink_check_clear (&c);
}
GST_END_TEST;

static Suite *
safefilesink_paths_suite (void)
{
  Suite *s = suite_create ("safefilesink-paths");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_location_within_root_is_recorded_to);
  tcase_add_test (tc, test_a_location_that_leads_out_of_root_is_refused);
  tcase_add_test (tc, test_without_root_the_link_is_followed);
  tcase_add_test (tc, test_what_an_earlier_recording_left_is_found_below_root);
  tcase_add_test (tc, test_the_search_does_not_leave_root);
  tcase_add_test (tc, test_a_name_cannot_write_into_a_log);
  return s;
}

GST_CHECK_MAIN (safefilesink_paths);
