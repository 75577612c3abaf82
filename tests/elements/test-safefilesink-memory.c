/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of one recording serves the next. */
#include "safefilesink-memory.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define SIZE ((gsize) 3 << 20)

static void
check_writable (gpointer memory, gsize size)
{
  fail_unless (memory != NULL);
  memset (memory, 0x5a, size);
}

GST_START_TEST (test_memory_given_back_is_taken_by_the_next_of_its_size)
{
  gpointer first, second;

  safefilesink_memory_hold ();
  first = safefilesink_memory_take (SIZE);
  check_writable (first, SIZE);
  second = safefilesink_memory_take (SIZE);
  check_writable (second, SIZE);
  fail_if (first == second);
  safefilesink_memory_give (first);
  fail_unless (safefilesink_memory_take (SIZE) == first);
  safefilesink_memory_give (first);
  safefilesink_memory_give (second);
  safefilesink_memory_let_go ();
}
GST_END_TEST;

GST_START_TEST (test_memory_of_another_size_does_not_serve)
{
  gpointer small, large;

  safefilesink_memory_hold ();
  small = safefilesink_memory_take (SIZE);
  safefilesink_memory_give (small);
  large = safefilesink_memory_take (2 * SIZE);
  check_writable (large, 2 * SIZE);
  fail_if (large == small);
  safefilesink_memory_give (large);
  safefilesink_memory_let_go ();
}
GST_END_TEST;

/* As a thread that a hung disk kept gives it back late. */
GST_START_TEST (test_memory_may_come_back_when_the_last_sink_is_gone)
{
  gpointer memory;

  safefilesink_memory_hold ();
  memory = safefilesink_memory_take (SIZE);
  safefilesink_memory_let_go ();
  check_writable (memory, SIZE);
  safefilesink_memory_give (memory);

  safefilesink_memory_hold ();
  memory = safefilesink_memory_take (SIZE);
  check_writable (memory, SIZE);
  safefilesink_memory_give (memory);
  safefilesink_memory_let_go ();
}
GST_END_TEST;

static Suite *
safefilesink_memory_suite (void)
{
  Suite *s = suite_create ("safefilesink-memory");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_memory_given_back_is_taken_by_the_next_of_its_size);
  tcase_add_test (tc, test_memory_of_another_size_does_not_serve);
  tcase_add_test (tc, test_memory_may_come_back_when_the_last_sink_is_gone);
  return s;
}

GST_CHECK_MAIN (safefilesink_memory);
