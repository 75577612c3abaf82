/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-check.h"
#include "sc-flac-frame.h"

#include <errno.h>

enum { BLOCK = 4608, RATE = 48000, COUNT_AT = 18, MD5_AT = 26 };

static uint64_t seed;
static size_t media;            /* where the frames begin */

static void
put_streaminfo (uint64_t count, bool md5)
{
  size = 0;
  put ("fLaC\0\0\0\x22", 8);
  put_be (BLOCK, 2);
  put_be (BLOCK, 2);
  put_be (0, 6);
  put_be ((uint64_t) RATE << 44 | UINT64_C (1) << 41 | UINT64_C (15) << 36
      | count, 8);
  for (int i = 0; i < 16; i++)
    put_be (md5 ? 0xA0u + i : 0, 1);
  put ("\x84\0\0\x0C" "\4\0\0\0test\0\0\0\0", 16);
  media = size;
}

static void
put_number (uint64_t number)
{
  unsigned more = 0;

  if (number < 0x80) {
    put_be (number, 1);
    return;
  }
  while (number >> (6 * (more + 1)) >= 1u << (5 - more))
    more++;
  more++;
  put_be ((0xFF80u >> more & 0xFF) | number >> 6 * more, 1);
  while (more-- > 0)
    put_be (0x80 | (number >> 6 * more & 0x3F), 1);
}

static void
put_crc8 (size_t from)
{
  uint8_t crc = 0;

  for (size_t i = from; i < size; i++)
    for (int bit = 7; bit >= 0; bit--) {
      bool top = (crc >> 7 ^ data[i] >> bit) & 1;

      crc = (uint8_t) (crc << 1 ^ (top ? 0x07 : 0));
    }
  put_be (crc, 1);
}

/* The same bit by bit, to check the table by. */
static uint16_t
crc16 (const uint8_t * bytes, size_t count)
{
  uint16_t crc = 0;

  for (size_t i = 0; i < count; i++)
    for (int bit = 7; bit >= 0; bit--) {
      bool top = (crc >> 15 ^ bytes[i] >> bit) & 1;

      crc = (uint16_t) (crc << 1 ^ (top ? 0x8005 : 0));
    }
  return crc;
}

/* @block: samples; other than BLOCK only in a last frame, or if @variable */
static void
put_frame (bool variable, uint64_t number, uint32_t block, size_t body)
{
  size_t from = size;

  put_be (variable ? 0xFFF9 : 0xFFF8, 2);
  put_be (block == BLOCK ? 0x5A : 0x7A, 1);     /* at 48 kHz */
  put_be (0x18, 1);             /* two channels, 16 bits */
  put_number (number);
  if (block != BLOCK)
    put_be (block - 1, 2);
  put_crc8 (from);
  while (body-- > 0)
    data[size++] = (uint8_t) sc_random (&seed);
  put_be (crc16 (data + from, size - from), 2);
}

static void
put_frames (unsigned count, size_t body)
{
  for (unsigned i = 0; i < count; i++)
    put_frame (false, i, BLOCK, body);
}

static uint64_t
count_now (void)
{
  return get_be (data + COUNT_AT, 8) & ((UINT64_C (1) << 36) - 1);
}

START_TEST (test_a_flac_cut_at_any_byte_ends_with_its_last_whole_frame)
{
  enum { FRAMES = 5, BODY = 300 };
  static uint8_t whole[16 << 10];
  size_t ends[FRAMES + 1], total;
  ScContainerPlan out;

  put_streaminfo (0, false);
  ends[0] = media;
  for (unsigned i = 0; i < FRAMES; i++) {
    put_frame (false, 1000 + i, BLOCK, BODY);
    ends[i + 1] = size;
  }
  memcpy (whole, data, total = size);
  for (size_t cut = ends[1]; cut <= total; cut++) {
    unsigned kept = 0;

    memcpy (data, whole, size = cut);
    while (kept < FRAMES && ends[kept + 1] <= cut)
      kept++;
    repair ("FLAC", &out);
    ck_assert_uint_eq (size, ends[kept]);
    ck_assert_uint_eq (count_now (), (1000 + kept) * (uint64_t) BLOCK);
    ck_assert_uint_eq (get_be (data + COUNT_AT, 8) >> 36,
        (uint64_t) RATE << 8 | 1 << 5 | 15);
    ck_assert_uint_eq (out.duration_ns, (1000 + kept) * 96000000ull);
  }
  ck_assert_str_eq (out.detail, "2 channels, 48000 Hz, 16 bits");
}
END_TEST

START_TEST (test_a_whole_flac_is_left_alone)
{
  ScContainerPlan out;

  put_streaminfo (4 * BLOCK + 100, true);
  put_frames (4, 500);
  put_frame (false, 4, 100, 50);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.duration_ns, (4 * BLOCK + 100) * 1000000000ull / RATE);
  put ("TAG of 1996", 11);      /* what others append stays */
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
}
END_TEST

START_TEST (test_a_partial_frame_is_cut_also_where_the_count_is_right)
{
  ScContainerPlan out;

  put_streaminfo (4 * BLOCK, false);
  put_frames (4, 500);
  put_frame (false, 4, BLOCK, 500);
  size -= 5;
  repair ("FLAC", &out);
  ck_assert_uint_eq (count_now (), 4 * BLOCK);
  ck_assert_uint_eq (out.edit_count, 0);
}
END_TEST

START_TEST (test_the_md5_of_other_samples_becomes_unknown)
{
  static const uint8_t unknown[16];
  ScContainerPlan out;

  put_streaminfo (9 * BLOCK, true);
  put_frames (4, 500);
  repair ("FLAC", &out);
  ck_assert_uint_eq (count_now (), 4 * BLOCK);
  ck_assert_mem_eq (data + MD5_AT, unknown, 16);
}
END_TEST

START_TEST (test_variable_block_sizes_count_samples)
{
  ScContainerPlan out;

  put_streaminfo (0, false);
  put_frame (true, 0, 4000, 400);
  put_frame (true, 4000, 17, 400);
  put_frame (true, 4017, BLOCK, 400);
  put_frame (true, 4017 + BLOCK, 1000, 400);
  size -= 1;
  repair ("FLAC", &out);
  ck_assert_uint_eq (count_now (), 4017 + BLOCK);
}
END_TEST

START_TEST (test_numbers_of_every_length_are_read)
{
  for (unsigned bits = 1; bits <= 36; bits++) {
    uint64_t number = (UINT64_C (1) << bits) - 1;
    ScFlacFrame frame;
    int ret;

    size = 0;
    put_frame (true, number, BLOCK, 0);
    ret = sc_flac_frame_parse (data, size, &frame);
    ck_assert_int_eq (ret, (int) size - 2);
    ck_assert_uint_eq (frame.number, number);
    ck_assert_uint_eq (frame.block_size, BLOCK);
    ck_assert_uint_eq (frame.rate, RATE);
    for (size_t part = 0; part < (size_t) ret; part++)
      ck_assert_int_eq (sc_flac_frame_parse (data, part, &frame), -1);
    data[size - 3] ^= 1;
    ck_assert_int_eq (sc_flac_frame_parse (data, size, &frame), 0);
  }
}
END_TEST

START_TEST (test_the_table_of_crc16_is_right)
{
  uint16_t crc = 0;

  seed = sc_random_seed ("flac-crc16");
  for (size_t i = 0; i < 1000; i++) {
    data[i] = (uint8_t) sc_random (&seed);
    crc = sc_flac_crc16 (crc, data[i]);
    ck_assert_uint_eq (crc, crc16 (data, i + 1));
  }
}
END_TEST

START_TEST (test_lost_time_is_told_by_the_numbers_of_frames)
{
  ScContainerPlan out;
  uint64_t half;

  put_streaminfo (0, false);
  put_frames (1000, 200);       /* 96 s */
  repair ("FLAC", &out);
  half = sc_container_lost_time (&out, size / 2, size);
  ck_assert_uint_ge (half, 48000000000);
  ck_assert_uint_le (half, 48000000000 + 2 * 1600000000ull);
}
END_TEST

START_TEST (test_an_end_of_more_than_a_frame_of_damage_is_not_cut)
{
  ScContainerPlan out;
  size_t before;

  put_streaminfo (0, false);
  put_frames (4, 500);
  memset (data + size, 0, 100 << 10);
  before = size += 100 << 10;
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.size, before);
  ck_assert_ptr_nonnull (out.note);
  ck_assert_uint_eq (out.duration_ns, UINT64_MAX);
}
END_TEST

START_TEST (test_headers_that_are_cut_are_beyond_repair)
{
  ScContainerPlan out;

  put_streaminfo (0, false);
  for (size = media - 1; size >= 8; size--)
    ck_assert_int_eq (plan (&out), -EBADMSG);
  size = media;
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
}
END_TEST

START_TEST (test_bytes_made_of_headers_cost_bounded_time)
{
  static uint8_t header[8];
  ScContainerPlan out;

  put_streaminfo (0, false);
  data[8] = data[10] = 0xFF;    /* the largest blocks, the largest window */
  put_frame (false, 1, BLOCK, 0);
  memcpy (header, data + media, 6);
  for (size = media; size < sizeof (data) - 8; size += 6)
    memcpy (data + size, header, 6);
  ck_assert_int_eq (plan (&out), 1);
}
END_TEST

START_TEST (test_2000_pieces_of_garbage_do_no_harm)
{
  unsigned repaired = 0;

  seed = sc_random_seed ("flac-garbage");
  for (int round = 0; round < 2000; round++) {
    put_streaminfo (0, sc_random (&seed) % 2);
    put_frames (4, 40 + sc_random (&seed) % 200);
    make_garbage (&seed);
    repaired += check_any_plan (0);
  }
  ck_assert_uint_gt (repaired, 1000);
}
END_TEST

SC_CHECK_MAIN ("flac",
    test_a_flac_cut_at_any_byte_ends_with_its_last_whole_frame,
    test_a_whole_flac_is_left_alone,
    test_a_partial_frame_is_cut_also_where_the_count_is_right,
    test_the_md5_of_other_samples_becomes_unknown,
    test_variable_block_sizes_count_samples,
    test_numbers_of_every_length_are_read,
    test_the_table_of_crc16_is_right,
    test_lost_time_is_told_by_the_numbers_of_frames,
    test_an_end_of_more_than_a_frame_of_damage_is_not_cut,
    test_headers_that_are_cut_are_beyond_repair,
    test_bytes_made_of_headers_cost_bounded_time,
    test_2000_pieces_of_garbage_do_no_harm)
