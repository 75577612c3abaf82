/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-aes5.h"
#include "sc-check.h"

#include <stdio.h>
#include <string.h>

START_TEST (test_exactly_the_seven_rates_are_recognised)
{
  static const unsigned rates[] = {
    32000, 44100, 48000, 88200, 96000, 176400, 192000
  };
  size_t found = 0;

  for (unsigned rate = 0; rate <= 400000; rate++) {
    if (!bufpoolsrc_aes5_has_rate (rate))
      continue;
    ck_assert_uint_lt (found, 7);
    ck_assert_uint_eq (rate, rates[found]);
    found++;
  }
  ck_assert_uint_eq (found, 7);
  ck_assert (!bufpoolsrc_aes5_has_rate (~0u));
}
END_TEST

START_TEST (test_the_text_names_each_of_them)
{
  for (size_t i = 0; i < BUFPOOLSRC_AES5_RATES; i++) {
    char number[16];

    snprintf (number, sizeof (number), "%u", bufpoolsrc_aes5_rates[i]);
    ck_assert_ptr_nonnull (strstr (BUFPOOLSRC_AES5_TEXT, number));
  }
}
END_TEST

SC_CHECK_MAIN ("bufpoolsrc-aes5",
    test_exactly_the_seven_rates_are_recognised,
    test_the_text_names_each_of_them)
