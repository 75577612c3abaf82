/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-recording-name.h"

#include <errno.h>

START_TEST (test_the_three_names_lead_to_each_other)
{
  char out[32];

  ck_assert_int_eq (sc_recording_part_path ("/a/take.wav", out, 32), 0);
  ck_assert_str_eq (out, "/a/take.wav.part");
  ck_assert (sc_recording_is_part (out));
  ck_assert_int_eq (sc_recording_journal_path ("/a/take.wav.part", out, 32), 0);
  ck_assert_str_eq (out, "/a/take.wav.sfj");
  ck_assert_int_eq (sc_recording_companion_path ("/a/take.mp4.part", out, 32),
      0);
  ck_assert_str_eq (out, "/a/take.mp4.mrf");
  ck_assert_int_eq (sc_recording_journal_path ("/a/take.wav", out, 32), 0);
  ck_assert_str_eq (out, "/a/take.wav.sfj");
  ck_assert_int_eq (sc_recording_final_path ("take.wav.part", out, 32), 0);
  ck_assert_str_eq (out, "take.wav");
  ck_assert_str_eq (sc_recording_base_name ("/a/b"), "b");
  ck_assert_str_eq (sc_recording_base_name ("b"), "b");
}
END_TEST

START_TEST (test_names_that_name_nothing_are_refused)
{
  char out[32];

  ck_assert (!sc_recording_is_part ("/a.part/b"));
  ck_assert (!sc_recording_is_part (".part"));
  ck_assert (!sc_recording_is_part ("/a/.part"));
  ck_assert_int_eq (sc_recording_final_path ("a.wav", out, 32), -EINVAL);
  ck_assert_int_eq (sc_recording_part_path ("/a/", out, 32), -EINVAL);
  ck_assert_int_eq (sc_recording_journal_path ("", out, 32), -EINVAL);
}
END_TEST

START_TEST (test_a_name_that_does_not_fit_is_refused)
{
  char out[11];

  ck_assert_int_eq (sc_recording_part_path ("a.wav", out, 11), 0);
  ck_assert_int_eq (sc_recording_part_path ("a.wav", out, 10), -ENAMETOOLONG);
  ck_assert_int_eq (sc_recording_part_path ("a.wav", out, 3), -ENAMETOOLONG);
}
END_TEST

SC_CHECK_MAIN ("recording-name",
    test_the_three_names_lead_to_each_other,
    test_names_that_name_nothing_are_refused,
    test_a_name_that_does_not_fit_is_refused)
