/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-tiers.h"

#include <string.h>

static const struct
{
  const char *text;
  ScTiersFault fault;
  size_t offset;
} bad[] = {
  {"", SC_TIERS_EMPTY, 0},
  {"   ", SC_TIERS_EMPTY, 3},
  {",", SC_TIERS_EMPTY, 0},
  {"4096x64,", SC_TIERS_EMPTY, 8},
  {"4096x64,,8192x2", SC_TIERS_EMPTY, 8},
  {"x64", SC_TIERS_NOT_A_NUMBER, 0},
  {"4096x", SC_TIERS_NOT_A_NUMBER, 5},
  {"-4096x64", SC_TIERS_NOT_A_NUMBER, 0},
  {"+1x1", SC_TIERS_NOT_A_NUMBER, 0},
  {"4096x-1", SC_TIERS_NOT_A_NUMBER, 5},
  {"big", SC_TIERS_NOT_A_NUMBER, 0},
  {"4096", SC_TIERS_NO_X, 4},
  {"4096*64", SC_TIERS_NO_X, 4},
  {"4096X64", SC_TIERS_NO_X, 4},
  {"4kx64", SC_TIERS_NO_X, 1},
  {"0x10000x4", SC_TIERS_SIZE_RANGE, 0},
  {"4096x64;8192x2", SC_TIERS_TRAILING, 7},
  {"4096x64 8192x2", SC_TIERS_TRAILING, 8},
  {"4096x64x2", SC_TIERS_TRAILING, 7},
  {"4096x6.4", SC_TIERS_TRAILING, 6},
  {"0x1", SC_TIERS_SIZE_RANGE, 0},
  {"15x1", SC_TIERS_SIZE_RANGE, 0},
  {"4096x1,1073741825x1", SC_TIERS_SIZE_RANGE, 7},
  {"99999999999999999999999x1", SC_TIERS_SIZE_RANGE, 0},
  {"4096x0", SC_TIERS_SLOTS_RANGE, 0},
  {"4096x16129", SC_TIERS_SLOTS_RANGE, 0},
  {"4096x4294967297", SC_TIERS_SLOTS_RANGE, 0},
  {"4096x64,65536x2,4096x1", SC_TIERS_DUPLICATE, 16},
  {"100x1, 127x1", SC_TIERS_DUPLICATE, 7},
  {"16x1,80x1,144x1,208x1,272x1,336x1,400x1,464x1,528x1",
      SC_TIERS_TOO_MANY, 46},
};

START_TEST (test_each_bad_text_is_refused_at_the_right_place)
{
  for (size_t i = 0; i < sizeof (bad) / sizeof (bad[0]); i++) {
    ScTiers tiers = {.count = 77 };
    size_t offset = 999;

    ck_assert_msg (sc_tiers_parse (bad[i].text, &tiers, &offset)
        == bad[i].fault, "fault of \"%s\"", bad[i].text);
    ck_assert_msg (offset == bad[i].offset, "offset of \"%s\": %zu",
        bad[i].text, offset);
    ck_assert_uint_eq (tiers.count, 77);
    ck_assert_int_eq (sc_tiers_parse (bad[i].text, &tiers, NULL),
        bad[i].fault);
  }
}
END_TEST

START_TEST (test_tiers_come_out_by_size)
{
  ScTiers tiers;

  ck_assert_int_eq (sc_tiers_parse (" 65536x16, 64 x 2 ,4096x64 ", &tiers,
          NULL), SC_TIERS_OK);
  ck_assert_uint_eq (tiers.count, 3);
  ck_assert_uint_eq (tiers.alignment, 64);
  ck_assert_uint_eq (tiers.tiers[0].size, 64);
  ck_assert_uint_eq (tiers.tiers[0].slots, 2);
  ck_assert_uint_eq (tiers.tiers[1].size, 4096);
  ck_assert_uint_eq (tiers.tiers[1].slots, 64);
  ck_assert_uint_eq (tiers.tiers[2].size, 65536);
  ck_assert_uint_eq (tiers.tiers[2].slots, 16);
  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_OK);
}
END_TEST

START_TEST (test_the_limits_themselves_are_allowed)
{
  ScTiers tiers;

  ck_assert_int_eq (sc_tiers_parse ("16x16128,1073741824x1", &tiers, NULL),
      SC_TIERS_OK);
  ck_assert_uint_eq (sc_tiers_slot_size (&tiers, 0), 64);
  ck_assert_uint_eq (sc_tiers_slot_size (&tiers, 1), 1073741824);
}
END_TEST

START_TEST (test_tiers_made_by_hand_are_checked)
{
  ScTiers tiers = sc_tiers_standard;

  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_OK);
  ck_assert_int_eq (sc_tiers_validate (&sc_tiers_embedded), SC_TIERS_OK);
  tiers.alignment = 32;
  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_ALIGNMENT);
  tiers = sc_tiers_standard;
  tiers.count = 0;
  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_EMPTY);
  tiers.count = SC_TIERS_MAX + 1;
  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_TOO_MANY);
  tiers = sc_tiers_standard;
  tiers.tiers[1].size = 64;
  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_ORDER);
  tiers = sc_tiers_standard;
  tiers.tiers[2].slots = 0;
  ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_SLOTS_RANGE);
}
END_TEST

START_TEST (test_every_fault_has_a_text_of_its_own)
{
  for (int i = SC_TIERS_OK; i <= SC_TIERS_ALIGNMENT; i++)
    for (int j = SC_TIERS_OK; j < i; j++)
      ck_assert_str_ne (sc_tiers_fault_text ((ScTiersFault) i),
          sc_tiers_fault_text ((ScTiersFault) j));
}
END_TEST

START_TEST (test_random_text_never_makes_invalid_tiers)
{
  static const char alphabet[] = "0123456789x, 0123456789x,\t-a";
  uint64_t state = sc_random_seed ("tiers");

  for (int i = 0; i < 20000; i++) {
    char text[24];
    size_t length = sc_random (&state) % sizeof (text), offset = 0;
    ScTiers tiers;

    for (size_t k = 0; k < length; k++)
      text[k] = alphabet[sc_random (&state) % (sizeof (alphabet) - 1)];
    text[length] = '\0';
    if (sc_tiers_parse (text, &tiers, &offset) == SC_TIERS_OK)
      ck_assert_int_eq (sc_tiers_validate (&tiers), SC_TIERS_OK);
    else
      ck_assert_uint_le (offset, length);
  }
}
END_TEST

SC_CHECK_MAIN ("tiers",
    test_each_bad_text_is_refused_at_the_right_place,
    test_tiers_come_out_by_size,
    test_the_limits_themselves_are_allowed,
    test_tiers_made_by_hand_are_checked,
    test_every_fault_has_a_text_of_its_own,
    test_random_text_never_makes_invalid_tiers)
