/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-crc32c.h"

#include <string.h>

START_TEST (test_known_vectors_of_rfc3720)
{
  uint8_t data[32];

  ck_assert_uint_eq (sc_crc32c (0, "123456789", 9), 0xE3069283u);
  memset (data, 0, sizeof (data));
  ck_assert_uint_eq (sc_crc32c (0, data, 32), 0x8A9136AAu);
  memset (data, 0xff, sizeof (data));
  ck_assert_uint_eq (sc_crc32c (0, data, 32), 0x62A8AB43u);
  for (int i = 0; i < 32; i++)
    data[i] = (uint8_t) i;
  ck_assert_uint_eq (sc_crc32c (0, data, 32), 0x46DD794Eu);
  ck_assert_uint_eq (sc_crc32c (0, NULL, 0), 0);
}
END_TEST

START_TEST (test_hardware_and_table_agree_at_every_alignment_and_split)
{
  uint64_t seed = sc_random_seed ("crc32c");
  static uint8_t data[20000];

  for (size_t i = 0; i < sizeof (data); i++)
    data[i] = (uint8_t) sc_random (&seed);
  for (int round = 0; round < 2000; round++) {
    size_t start = sc_random (&seed) % 64;
    /* The longer ones are long enough for several streams at a time. */
    size_t size = sc_random (&seed) % (round % 2 == 0 ? 500 : 19000);
    size_t split = size == 0 ? 0 : sc_random (&seed) % size;
    uint32_t whole = sc_crc32c_table (0, data + start, size);
    uint32_t first = sc_crc32c (0, data + start, split);

    ck_assert_uint_eq (sc_crc32c (0, data + start, size), whole);
    ck_assert_uint_eq (sc_crc32c (first, data + start + split, size - split),
        whole);
    ck_assert_uint_eq (sc_crc32c_combine (first,
            sc_crc32c (0, data + start + split, size - split), size - split),
        whole);
  }
}
END_TEST

START_TEST (test_every_single_bit_flip_changes_the_value)
{
  uint8_t data[64] = { 1, 2, 3 };
  uint32_t right = sc_crc32c (0, data, sizeof (data));

  for (int bit = 0; bit < 512; bit++) {
    data[bit / 8] ^= (uint8_t) (1 << bit % 8);
    ck_assert_uint_ne (sc_crc32c (0, data, sizeof (data)), right);
    data[bit / 8] ^= (uint8_t) (1 << bit % 8);
  }
}
END_TEST

START_TEST (test_combine_holds_for_runs_longer_than_4_gib)
{
  /* (a . zeros . c) combined in two orders must agree. */
  uint32_t a = sc_crc32c (0, "a", 1), c = sc_crc32c (0, "c", 1);
  uint32_t zero = sc_crc32c (0, "\0", 1), zeros = 0;
  uint64_t run = 0;

  for (uint64_t bit = 1ull << 33; bit != 0; bit >>= 1) {
    zeros = sc_crc32c_combine (zeros, zeros, run);
    run *= 2;
    if (((1ull << 33) + 5) & bit) {
      zeros = sc_crc32c_combine (zeros, zero, 1);
      run++;
    }
  }
  ck_assert_uint_eq (run, (1ull << 33) + 5);
  ck_assert_uint_eq (
      sc_crc32c_combine (sc_crc32c_combine (a, zeros, run), c, 1),
      sc_crc32c_combine (a, sc_crc32c_combine (zeros, c, 1), run + 1));
}
END_TEST

SC_CHECK_MAIN ("crc32c",
    test_known_vectors_of_rfc3720,
    test_hardware_and_table_agree_at_every_alignment_and_split,
    test_every_single_bit_flip_changes_the_value,
    test_combine_holds_for_runs_longer_than_4_gib)
