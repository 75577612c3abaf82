/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-check.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static size_t comm;             /* where its body begins */

static void
begin (const char *type, uint32_t form_size)
{
  size = 0;
  put ("FORM", 4);
  put_be (form_size, 4);
  put (type, 4);
}

/* @compression: (nullable): of AIFC; @rate: a power of 2 times 375 */
static void
put_comm (const char *compression, uint32_t frames, uint16_t channels,
    uint32_t rate, uint16_t bits)
{
  int exponent = 31;
  uint64_t mantissa = rate;

  for (; mantissa < 1u << 31; exponent--)
    mantissa <<= 1;
  put ("COMM", 4);
  put_be (compression != NULL ? 24 : 18, 4);
  comm = size;
  put_be (channels, 2);
  put_be (frames, 4);
  put_be (bits, 2);
  put_be (16383u + (unsigned) exponent, 2);
  put_be (mantissa << 32, 8);
  if (compression != NULL) {
    put (compression, 4);
    put ("\0\0", 2);
  }
}

static void
put_sound (uint32_t declared, uint32_t offset, size_t present)
{
  put ("SSND", 4);
  put_be (declared, 4);
  put_be (offset, 4);
  put_be (0, 4);
  for (size_t i = 0; i < offset + present; i++)
    data[size++] = (uint8_t) (128 + i % 100);
}

START_TEST (test_an_aiff_cut_short_gets_its_true_sizes)
{
  /* The second is what aiffmux leaves. */
  static const uint32_t unfinished[] = { 0, 0x7FFF0000, 0xFFFFFFFF, 6000 };
  ScContainerPlan out;

  for (size_t i = 0; i < sizeof (unfinished) / sizeof (unfinished[0]); i++) {
    begin ("AIFF", unfinished[i] + 46);
    put_comm (NULL, unfinished[i] / 4, 2, 48000, 16);
    put_sound (unfinished[i] + 8, 0, 4803);
    repair ("AIFF", &out);
    ck_assert_uint_eq (size, 54 + 4800);
    ck_assert_uint_eq (get_be (data + 4, 4), size - 8);
    ck_assert_uint_eq (get_be (data + comm + 2, 4), 1200);
    ck_assert_uint_eq (get_be (data + 42, 4), 4808);
    ck_assert_uint_eq (out.media_offset, 54);
    ck_assert_uint_eq (out.duration_ns, 25000000);
    ck_assert_uint_eq (sc_container_lost_time (&out, 0, 54 + 192000),
        1000000000);
    ck_assert_str_eq (out.detail, "2 channels, 48000 Hz, 16 bits");
  }
}
END_TEST

START_TEST (test_a_whole_aiff_is_left_alone)
{
  ScContainerPlan out;

  begin ("AIFF", 46 + 4800 + 8 + 10);
  put_comm (NULL, 1200, 2, 48000, 16);
  put_sound (4808, 0, 4800);
  put ("ID3 ", 4);
  put_be (10, 4);
  put ("0123456789", 10);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.media_size, 4800);
}
END_TEST

START_TEST (test_odd_data_are_padded)
{
  ScContainerPlan out;

  begin ("AIFF", 0);
  put_comm (NULL, 0, 1, 24000, 24);
  put_sound (0, 0, 5 * 3 + 2);
  repair ("AIFF", &out);
  ck_assert_uint_eq (out.media_size, 15);
  ck_assert_uint_eq (size, 54 + 16);
  ck_assert_uint_eq (get_be (data + 42, 4), 8 + 15);
  ck_assert_uint_eq (get_be (data + 4, 4), 46 + 16);
  ck_assert_uint_eq (get_be (data + comm + 2, 4), 5);
}
END_TEST

START_TEST (test_aiff_c_counts_frames_by_its_compression)
{
  static const struct
  {
    const char *name;
    uint16_t bits;
    uint32_t frames;            /* of 2 channels in 960 bytes */
  } known[] = {
    { "NONE", 24, 160 }, { "sowt", 16, 240 }, { "fl32", 32, 120 },
    { "FL64", 64, 60 }, { "ulaw", 16, 480 }, { "in24", 24, 160 },
  };
  ScContainerPlan out;

  for (size_t i = 0; i < sizeof (known) / sizeof (known[0]); i++) {
    begin ("AIFC", 0);
    put ("FVER\0\0\0\4\xA2\x80\x51\x40", 12);
    put_comm (known[i].name, 0, 2, 48000, known[i].bits);
    put_sound (0, 0, 960);
    repair ("AIFF", &out);
    ck_assert_uint_eq (get_be (data + comm + 2, 4), known[i].frames);
  }
  begin ("AIFC", 0);
  put_comm ("ima4", 0, 2, 48000, 16);
  put_sound (0, 0, 960);
  ck_assert_int_eq (plan (&out), -EBADMSG);
}
END_TEST

START_TEST (test_samples_begin_behind_the_offset_of_the_sound_chunk)
{
  ScContainerPlan out;

  begin ("AIFF", 0);
  put_comm (NULL, 0, 2, 48000, 16);
  put_sound (0, 16, 402);
  repair ("AIFF", &out);
  ck_assert_uint_eq (out.media_offset, 54 + 16);
  ck_assert_uint_eq (out.media_size, 400);
  ck_assert_uint_eq (get_be (data + 42, 4), 8 + 16 + 400);
}
END_TEST

START_TEST (test_above_4_gib_the_sizes_tell_as_much_as_they_can)
{
  ScContainerFile file = {.ops = &sc_file_ops_posix };
  ScContainerPlan out;
  char path[64];

  begin ("AIFF", 0);
  put_comm (NULL, 0, 2, 48000, 16);
  put_sound (0, 0, 0);
  snprintf (path, sizeof (path), "aiff-large-%d", (int) getpid ());
  file.fd = open (path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  ck_assert_int_ge (file.fd, 0);
  unlink (path);
  ck_assert_int_eq (pwrite (file.fd, data, size, 0), (ssize_t) size);
  file.size = size + 0x1000000A4ull;
  ck_assert_int_eq (ftruncate (file.fd, (off_t) file.size), 0);
  ck_assert_int_eq (sc_container_plan (&file, &out), 1);
  close (file.fd);
  for (unsigned i = 0; i < out.edit_count; i++)
    memcpy (data + out.edits[i].offset, out.edits[i].bytes, out.edits[i].size);
  sc_container_plan_clear (&out);
  ck_assert_uint_eq (out.size, file.size);
  ck_assert_ptr_nonnull (out.note);
  ck_assert_uint_eq (get_be (data + 4, 4), 0xFFFFFFFE);
  ck_assert_uint_eq (get_be (data + 42, 4), 8 + 4294967248u);
  ck_assert_uint_eq (get_be (data + comm + 2, 4), 4294967248u / 4);
}
END_TEST

START_TEST (test_what_lacks_format_or_sound_is_beyond_repair)
{
  ScContainerPlan out;

  begin ("AIFF", 0);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  ck_assert_str_eq (out.name, "AIFF");
  put_comm (NULL, 0, 2, 48000, 16);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  put ("SSND\0\0\0\0\0\0", 10);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  begin ("AIFF", 0);
  put_sound (0, 0, 100);
  ck_assert_int_eq (plan (&out), -EBADMSG);
  begin ("AIFF", 0);
  put_comm (NULL, 0, 0, 48000, 16);
  put_sound (0, 0, 100);
  ck_assert_int_eq (plan (&out), -EBADMSG);
}
END_TEST

START_TEST (test_10000_pieces_of_garbage_do_no_harm)
{
  uint64_t seed = sc_random_seed ("aiff-garbage");
  unsigned repaired = 0;

  for (int round = 0; round < 10000; round++) {
    bool compressed = sc_random (&seed) % 2;

    begin (compressed ? "AIFC" : "AIFF", 0);
    put_comm (compressed ? "sowt" : NULL, 0, 2, 48000, 16);
    put_sound ((uint32_t) sc_random (&seed) % 400, 0, 201);
    make_garbage (&seed);
    repaired += check_any_plan (1);
  }
  ck_assert_uint_gt (repaired, 3000);
}
END_TEST

SC_CHECK_MAIN ("aiff",
    test_an_aiff_cut_short_gets_its_true_sizes,
    test_a_whole_aiff_is_left_alone,
    test_odd_data_are_padded,
    test_aiff_c_counts_frames_by_its_compression,
    test_samples_begin_behind_the_offset_of_the_sound_chunk,
    test_above_4_gib_the_sizes_tell_as_much_as_they_can,
    test_what_lacks_format_or_sound_is_beyond_repair,
    test_10000_pieces_of_garbage_do_no_harm)
