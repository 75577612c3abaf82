/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-watermark.h"

#include <errno.h>
#include <math.h>

START_TEST (test_raises_at_high_and_clears_only_below_low)
{
  ScWatermark mark;

  ck_assert_int_eq (sc_watermark_init (&mark, 0.7, 0.9), 0);
  ck_assert_int_eq (sc_watermark_update (&mark, 0.89, 1), SC_WATERMARK_SAME);
  ck_assert_int_eq (sc_watermark_update (&mark, 0.9, 2), SC_WATERMARK_RAISED);
  ck_assert_int_eq (sc_watermark_update (&mark, 1.5, 3), SC_WATERMARK_SAME);
  ck_assert_int_eq (sc_watermark_update (&mark, 0.7, 4), SC_WATERMARK_SAME);
  ck_assert_int_eq (sc_watermark_update (&mark, 0.69, 12),
      SC_WATERMARK_CLEARED);
  ck_assert_int_eq (sc_watermark_update (&mark, 0.0, 13), SC_WATERMARK_SAME);
  ck_assert_uint_eq (mark.total, 10);
  ck_assert_uint_eq (mark.triggers, 1);
}
END_TEST

START_TEST (test_a_level_that_hovers_between_the_marks_reports_once)
{
  ScWatermark mark;
  int edges = 0;

  ck_assert_int_eq (sc_watermark_init (&mark, 0.7, 0.9), 0);
  for (int i = 0; i < 1000; i++)
    edges += sc_watermark_update (&mark, i % 2 ? 0.95 : 0.75, (uint64_t) i)
        != SC_WATERMARK_SAME;
  ck_assert_int_eq (edges, 1);
}
END_TEST

START_TEST (test_marks_out_of_order_are_refused)
{
  ScWatermark mark = {.low = 0.1,.high = 0.2 };

  ck_assert_int_eq (sc_watermark_init (&mark, 0.9, 0.7), -EINVAL);
  ck_assert_int_eq (sc_watermark_init (&mark, -0.1, 0.7), -EINVAL);
  ck_assert_int_eq (sc_watermark_init (&mark, 0.5, 1.1), -EINVAL);
  ck_assert_int_eq (sc_watermark_init (&mark, NAN, 0.7), -EINVAL);
  ck_assert (mark.low == 0.1 && mark.high == 0.2);
}
END_TEST

SC_CHECK_MAIN ("watermark",
    test_raises_at_high_and_clears_only_below_low,
    test_a_level_that_hovers_between_the_marks_reports_once,
    test_marks_out_of_order_are_refused)
