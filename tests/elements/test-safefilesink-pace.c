/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the room of a recording will be used up, on the disk and in memory. */
#include "safefilesink-pace.h"

#include <gst/check/gstcheck.h>

#define MB 1000000

GST_START_TEST (test_the_time_left_follows_from_the_rate_and_the_room)
{
  SafefilesinkPace pace = { 0 };
  ScRecorderStats stats = {.space_left = 1000 * (guint64) MB };

  fail_unless_equals_uint64 (safefilesink_pace_time_left (&pace, &stats,
          GST_SECOND), GST_CLOCK_TIME_NONE);
  stats.accepted = 10 * MB;
  fail_unless_equals_uint64 (safefilesink_pace_time_left (&pace, &stats,
          2 * GST_SECOND), 100 * GST_SECOND);
  stats.space_left = SC_SPACE_UNKNOWN;
  fail_unless_equals_uint64 (safefilesink_pace_time_left (&pace, &stats,
          2 * GST_SECOND), GST_CLOCK_TIME_NONE);
}
GST_END_TEST;

GST_START_TEST (test_little_time_is_told_once_until_there_was_twice_as_much)
{
  SafefilesinkPace pace = { 0 };

  fail_if (safefilesink_pace_is_short (&pace, GST_CLOCK_TIME_NONE));
  fail_if (safefilesink_pace_is_short (&pace, 61 * GST_SECOND));
  fail_unless (safefilesink_pace_is_short (&pace, 59 * GST_SECOND));
  fail_if (safefilesink_pace_is_short (&pace, 58 * GST_SECOND));
  fail_if (safefilesink_pace_is_short (&pace, 90 * GST_SECOND));
  fail_if (safefilesink_pace_is_short (&pace, 58 * GST_SECOND));
  fail_if (safefilesink_pace_is_short (&pace, 121 * GST_SECOND));
  fail_unless (safefilesink_pace_is_short (&pace, 58 * GST_SECOND));
}
GST_END_TEST;

/* A backlog after every second; whether a warning is due then. */
static void
check_backlogs (const guint64 * backlogs, const gchar * due)
{
  SafefilesinkPace pace = { 0 };
  ScRecorderStats stats = {.ring_size = 100 * MB };
  guint64 time;

  for (guint i = 0; due[i] != '\0'; i++) {
    stats.backlog = backlogs[i] * MB;
    fail_unless_equals_int (safefilesink_pace_falls_behind (&pace, &stats,
            (i + 1) * GST_SECOND, &time), due[i] == '!');
  }
}

GST_START_TEST (test_a_disk_that_falls_behind_is_told_before_the_memory_is_full)
{
  static const guint64 stall[] = { 10, 30, 49, 70, 90, 100 };
  static const guint64 slow[] = { 51, 52, 53, 54, 60, 80, 20, 60 };
  static const guint64 saw[] = { 40, 10, 50, 0, 48, 20, 90, 60, 55, 54 };

  check_backlogs (stall, "---!--");
  check_backlogs (slow, "----!--!");
  check_backlogs (saw, "------!---");
}
GST_END_TEST;

static Suite *
safefilesink_pace_suite (void)
{
  Suite *s = suite_create ("safefilesink-pace");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_the_time_left_follows_from_the_rate_and_the_room);
  tcase_add_test (tc,
      test_little_time_is_told_once_until_there_was_twice_as_much);
  tcase_add_test (tc,
      test_a_disk_that_falls_behind_is_told_before_the_memory_is_full);
  return s;
}

GST_CHECK_MAIN (safefilesink_pace);
