/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-check.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void
begin (const char *id, uint32_t riff_size)
{
  size = 0;
  put (id, 4);
  put_le (riff_size, 4);
  put ("WAVE", 4);
}

static void
put_format (uint16_t format, uint16_t channels, uint32_t rate, uint16_t bits)
{
  put ("fmt ", 4);
  put_le (16, 4);
  put_le (format, 2);
  put_le (channels, 2);
  put_le (rate, 4);
  put_le ((uint64_t) rate * channels * bits / 8, 4);
  put_le (channels * bits / 8u, 2);
  put_le (bits, 2);
}

static void
put_chunk (const char *id, uint32_t declared, size_t present)
{
  put (id, 4);
  put_le (declared, 4);
  for (size_t i = 0; i < present; i++)
    data[size++] = (uint8_t) (128 + i % 100);
}

START_TEST (test_a_wav_cut_short_gets_its_true_sizes)
{
  static const uint32_t unfinished[] = { 0, 0x7FFF0000, 0xFFFFFFFF, 6000 };
  ScContainerPlan out;

  for (size_t i = 0; i < sizeof (unfinished) / sizeof (unfinished[0]); i++) {
    begin ("RIFF", unfinished[i] + 36);
    put_format (1, 2, 48000, 16);
    put_chunk ("data", unfinished[i], 4800);
    repair ("WAV", &out);
    ck_assert_uint_eq (get_le (data + 4, 4), size - 8);
    ck_assert_uint_eq (get_le (data + 40, 4), 4800);
    ck_assert_uint_eq (size, 44 + 4800);
    ck_assert_uint_eq (out.media_offset, 44);
    ck_assert_uint_eq (out.duration_ns, 25000000);
    ck_assert_str_eq (out.detail, "2 channels, 48000 Hz, 16 bits");
  }
}
END_TEST

START_TEST (test_a_whole_wav_is_left_alone)
{
  ScContainerPlan out;

  begin ("RIFF", 36 + 4800 + 8 + 10);
  put_format (1, 2, 48000, 16);
  put_chunk ("data", 4800, 4800);
  put_chunk ("LIST", 10, 10);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.media_size, 4800);
  ck_assert_uint_eq (out.size, size);
}
END_TEST

START_TEST (test_a_last_partial_frame_is_cut_and_odd_data_are_padded)
{
  ScContainerPlan out;

  begin ("RIFF", 0);
  put_format (1, 8, 48000, 24);
  put_chunk ("data", 0, 24 * 10 + 23);
  repair ("WAV", &out);
  ck_assert_uint_eq (out.media_size, 240);
  ck_assert_uint_eq (size, 44 + 240);
  begin ("RIFF", 0);
  put_format (1, 1, 8000, 8);
  put_chunk ("data", 0, 11);
  repair ("WAV", &out);
  ck_assert_uint_eq (out.media_size, 11);
  ck_assert_uint_eq (get_le (data + 40, 4), 11);
  ck_assert_uint_eq (size, 44 + 12);
  ck_assert_uint_eq (get_le (data + 4, 4), 48);
}
END_TEST

START_TEST (test_extensible_with_chunks_before_the_data_is_understood)
{
  ScContainerPlan out;
  size_t fact;

  begin ("RIFF", 0);
  put_chunk ("LIST", 7, 8);     /* odd, with its padding */
  put ("fmt ", 4);
  put_le (40, 4);
  put_le (0xFFFE, 2);
  put_le (8, 2);
  put_le (48000, 4);
  put_le (48000 * 32, 4);
  put_le (32, 2);
  put_le (32, 2);
  put_le (22, 2);
  put_le (32, 2);
  put_le (0x63F, 4);
  put_le (3, 2);
  put ("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
  put ("fact", 4);
  put_le (4, 4);
  fact = size;
  put_le (0, 4);
  put_chunk ("data", 0, 3200);
  repair ("WAV", &out);
  ck_assert_uint_eq (get_le (data + fact, 4), 100);
  ck_assert_uint_eq (get_le (data + fact + 8, 4), 3200);
  ck_assert_str_eq (out.detail, "8 channels, 48000 Hz, 32 bits float");
}
END_TEST

START_TEST (test_rf64_keeps_its_sizes_in_ds64)
{
  ScContainerPlan out;

  begin ("RF64", 0xFFFFFFFF);
  put ("ds64", 4);
  put_le (28, 4);
  put_le (0, 28);
  put_format (3, 1, 96000, 32);
  put_chunk ("data", 0xFFFFFFFF, 4000);
  repair ("WAV", &out);
  ck_assert_uint_eq (get_le (data + 4, 4), 0xFFFFFFFF);
  ck_assert_uint_eq (get_le (data + 20, 8), size - 8);
  ck_assert_uint_eq (get_le (data + 28, 8), 4000);
  ck_assert_uint_eq (get_le (data + 36, 8), 1000);
}
END_TEST

/* A sparse file of more than 4 GiB with this header. */
static void
plan_large (ScContainerPlan * out)
{
  ScContainerFile file = {.ops = &sc_file_ops_posix };
  char path[64];

  snprintf (path, sizeof (path), "wav-large-%d", (int) getpid ());
  file.fd = open (path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  ck_assert_int_ge (file.fd, 0);
  unlink (path);
  ck_assert_int_eq (pwrite (file.fd, data, size, 0), (ssize_t) size);
  file.size = size + 0x1000000A4ull;
  ck_assert_int_eq (ftruncate (file.fd, (off_t) file.size), 0);
  ck_assert_int_eq (sc_container_plan (&file, out), 1);
  close (file.fd);
}

START_TEST (test_above_4_gib_a_junk_chunk_becomes_ds64)
{
  ScContainerPlan out;

  begin ("RIFF", 0);
  put_chunk ("JUNK", 28, 28);
  put_format (1, 2, 48000, 16);
  put_chunk ("data", 0, 0);
  plan_large (&out);
  ck_assert_uint_eq (out.size, size + 0x1000000A4ull);
  for (unsigned i = 0; i < out.edit_count; i++)
    memcpy (data + out.edits[i].offset, out.edits[i].bytes, out.edits[i].size);
  sc_container_plan_clear (&out);
  ck_assert_mem_eq (data, "RF64", 4);
  ck_assert_mem_eq (data + 12, "ds64", 4);
  ck_assert_uint_eq (get_le (data + 20, 8), out.size - 8);
  ck_assert_uint_eq (get_le (data + 28, 8), 0x1000000A4ull);
  ck_assert_uint_eq (get_le (data + 36, 8), 0x1000000A4ull / 4);
  ck_assert_uint_eq (get_le (data + 44, 4), 0);
  ck_assert_ptr_null (out.note);
}
END_TEST

START_TEST (test_above_4_gib_without_room_the_sizes_are_left_open)
{
  ScContainerPlan out;

  begin ("RIFF", 0);
  put_format (1, 2, 48000, 16);
  put_chunk ("data", 0, 0);
  plan_large (&out);
  for (unsigned i = 0; i < out.edit_count; i++)
    memcpy (data + out.edits[i].offset, out.edits[i].bytes, out.edits[i].size);
  sc_container_plan_clear (&out);
  ck_assert_mem_eq (data, "RIFF", 4);
  ck_assert_uint_eq (get_le (data + 4, 4), 8);
  ck_assert_uint_eq (get_le (data + 40, 4), 0);
  ck_assert_uint_eq (out.media_size, 0x1000000A4ull);
  ck_assert_ptr_nonnull (out.note);
}
END_TEST

START_TEST (test_what_lacks_format_or_data_is_beyond_repair)
{
  ScContainerPlan out;

  begin ("RIFF", 0);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  ck_assert_str_eq (out.name, "WAV");
  put_format (1, 2, 48000, 16);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  begin ("RIFF", 0);
  put_chunk ("data", 0, 100);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  begin ("RIFF", 0);
  put_format (1, 0, 48000, 16);
  put_chunk ("data", 0, 100);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  begin ("OggS", 0);
  ck_assert_int_eq (plan (&out), 0);
  size = 0;
  ck_assert_int_eq (plan (&out), 0);
}
END_TEST

START_TEST (test_10000_pieces_of_garbage_do_no_harm)
{
  uint64_t seed = sc_random_seed ("wav-garbage");
  unsigned repaired = 0;

  for (int round = 0; round < 10000; round++) {
    begin (sc_random (&seed) % 4 ? "RIFF" : "RF64", 0);
    if (sc_random (&seed) % 2)
      put_chunk ("JUNK", 28, 28);
    put_format (1, 2, 48000, 16);
    put_chunk ("data", (uint32_t) sc_random (&seed) % 400, 200);
    make_garbage (&seed);
    repaired += check_any_plan (1);
  }
  ck_assert_uint_gt (repaired, 3000);
}
END_TEST

SC_CHECK_MAIN ("wav",
    test_a_wav_cut_short_gets_its_true_sizes,
    test_a_whole_wav_is_left_alone,
    test_a_last_partial_frame_is_cut_and_odd_data_are_padded,
    test_extensible_with_chunks_before_the_data_is_understood,
    test_rf64_keeps_its_sizes_in_ds64,
    test_above_4_gib_a_junk_chunk_becomes_ds64,
    test_above_4_gib_without_room_the_sizes_are_left_open,
    test_what_lacks_format_or_data_is_beyond_repair,
    test_10000_pieces_of_garbage_do_no_harm)
