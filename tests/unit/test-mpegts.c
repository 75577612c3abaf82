/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-check.h"
#include "sc-mpegts-packet.h"

enum { PMT = 0x20, VIDEO = 0x41, AUDIO = 0x42 };

static uint64_t seed;
static unsigned packet_size;

/* A packet up to its payload; @pcr: UINT64_MAX: none */
static size_t
begin_packet (uint16_t pid, bool begins, uint64_t pcr)
{
  size_t end;

  if (packet_size == 192)
    put_le (sc_random (&seed), 4);
  end = size + SC_MPEGTS_PACKET;
  put_be (SC_MPEGTS_SYNC, 1);
  put_be (pid | (begins ? 0x4000 : 0), 2);
  put_be (pcr == UINT64_MAX ? 0x10 : 0x30, 1);
  if (pcr != UINT64_MAX) {
    put_be (7, 1);
    put_be (0x10, 1);
    put_be (pcr / 300 << 15 | 0x3F << 9 | pcr % 300, 6);
  }
  return end;
}

static void
fill (size_t end)
{
  while (size < end)
    data[size++] = (uint8_t) sc_random (&seed);
}

static void
put_packet (uint16_t pid, uint64_t pcr)
{
  fill (begin_packet (pid, false, pcr));
}

static void
put_tables (void)
{
  size_t end = begin_packet (0, true, UINT64_MAX);

  put ("\0\0\xB0\x11\0\1\xC1\0\0", 9);
  put ("\0\0\xE0\x10\0\1\xE0\x20", 8);  /* the network's, the program's */
  put ("\1\2\3\4", 4);
  fill (end);
  end = begin_packet (PMT, true, UINT64_MAX);
  put ("\0\2\xB0\x19\0\1\xC1\0\0\xE0\x41\xF0\2zz", 15);
  put ("\x1B\xE0\x41\xF0\0", 5);
  put ("\x0F\xE0\x42\xF0\0", 5);
  put ("\1\2\3\4", 4);
  fill (end);
}

static void
begin (unsigned bytes)
{
  size = 0;
  packet_size = bytes;
  put_tables ();
}

/* @from: the first PCR; one each of @step ticks */
static void
put_clock (unsigned count, uint64_t from, uint64_t step)
{
  for (unsigned i = 0; i < count; i++) {
    put_packet (AUDIO, (uint64_t) 777);
    put_packet (VIDEO, (from + i * step) % SC_MPEGTS_WRAP);
    put_packet (VIDEO, UINT64_MAX);
  }
}

START_TEST (test_a_partial_packet_at_the_end_is_cut)
{
  static const unsigned sizes[] = { 188, 192 };
  ScContainerPlan out;

  for (size_t i = 0; i < sizeof (sizes) / sizeof (sizes[0]); i++)
    for (size_t cut = 1; cut < sizes[i]; cut++) {
      size_t before;

      begin (sizes[i]);
      put_clock (51, 5000, SC_MPEGTS_CLOCK / 25);
      before = size;
      put_packet (VIDEO, UINT64_MAX);
      size = before + cut;
      repair ("MPEG-TS", &out);
      ck_assert_uint_eq (size, before);
      ck_assert_uint_eq (out.duration_ns, 2000000000);
      ck_assert_str_eq (out.detail, "H.264, AAC");
    }
}
END_TEST

START_TEST (test_a_whole_stream_is_left_alone)
{
  ScContainerPlan out;

  begin (188);
  put_clock (3, 0, SC_MPEGTS_CLOCK);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.duration_ns, 2000000000);
}
END_TEST

START_TEST (test_the_clock_is_followed_past_its_wrap)
{
  ScContainerPlan out;

  begin (188);
  put_clock (11, SC_MPEGTS_WRAP - 5 * SC_MPEGTS_CLOCK, SC_MPEGTS_CLOCK);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert_uint_eq (out.duration_ns, 10000000000);
  /* 40 hours: more than one turn. */
  begin (188);
  put_clock (1001, 17, UINT64_C (144) * SC_MPEGTS_CLOCK);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert_uint_eq (out.duration_ns, UINT64_C (144000) * 1000000000);
}
END_TEST

START_TEST (test_a_clock_that_jumps_back_leaves_the_time_unknown)
{
  ScContainerPlan out;

  begin (188);
  put_clock (20, 100 * SC_MPEGTS_CLOCK, SC_MPEGTS_CLOCK);
  put_clock (20, 5000, SC_MPEGTS_CLOCK);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert_uint_eq (out.duration_ns, UINT64_MAX);
}
END_TEST

START_TEST (test_lost_time_is_told_by_the_clock)
{
  ScContainerPlan out;
  uint64_t half;

  begin (188);
  put_clock (1001, 5000, SC_MPEGTS_CLOCK / 10);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert_uint_eq (out.duration_ns, 100000000000);
  half = sc_container_lost_time (&out, size / 2, size);
  ck_assert_uint_ge (half, 50000000000);
  ck_assert_uint_le (half, 53000000000);
}
END_TEST

START_TEST (test_an_end_of_damage_is_not_cut)
{
  ScContainerPlan out;
  size_t before;

  begin (188);
  put_clock (5, 0, SC_MPEGTS_CLOCK);
  memset (data + size, 0, 500);
  before = size += 500;
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.size, before);
  ck_assert_ptr_nonnull (out.note);
}
END_TEST

START_TEST (test_a_stream_without_tables_goes_by_the_first_clock)
{
  ScContainerPlan out;

  size = 0;
  packet_size = 192;
  for (uint64_t i = 0; i < 20; i++)
    put_packet (VIDEO, i * SC_MPEGTS_CLOCK / 2);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert_str_eq (out.detail, "packets of 192 bytes");
  ck_assert_uint_eq (out.duration_ns, 9500000000);
}
END_TEST

START_TEST (test_other_bytes_are_not_taken_for_packets)
{
  ScContainerPlan out;

  begin (188);
  put_clock (3, 0, SC_MPEGTS_CLOCK);
  data[3 * 188] = 'X';
  ck_assert_int_eq (plan (&out), 0);
  data[3 * 188] = SC_MPEGTS_SYNC;
  size = 2 * 188 - 1;
  ck_assert_int_eq (plan (&out), 0);
  size = 2 * 188;
  ck_assert_int_eq (plan (&out), 1);
}
END_TEST

START_TEST (test_3000_pieces_of_garbage_do_no_harm)
{
  unsigned repaired = 0;

  seed = sc_random_seed ("mpegts-garbage");
  for (int round = 0; round < 3000; round++) {
    begin (sc_random (&seed) % 2 ? 188 : 192);
    put_clock (8, sc_random (&seed), sc_random (&seed) % SC_MPEGTS_CLOCK);
    make_garbage (&seed);
    repaired += check_any_plan (0);
  }
  ck_assert_uint_gt (repaired, 1000);
}
END_TEST

SC_CHECK_MAIN ("mpegts",
    test_a_partial_packet_at_the_end_is_cut,
    test_a_whole_stream_is_left_alone,
    test_the_clock_is_followed_past_its_wrap,
    test_a_clock_that_jumps_back_leaves_the_time_unknown,
    test_lost_time_is_told_by_the_clock,
    test_an_end_of_damage_is_not_cut,
    test_a_stream_without_tables_goes_by_the_first_clock,
    test_other_bytes_are_not_taken_for_packets,
    test_3000_pieces_of_garbage_do_no_harm)
