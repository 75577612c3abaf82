/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-check.h"
#include "sc-ogg-codec.h"
#include "sc-ogg-page.h"

#include <errno.h>

enum { BOS = 2, EOS = 4, VORBIS = 0x1001, THEORA = 0x2002, SKELETON = 0x3003 };

static const uint64_t NONE = UINT64_MAX;

static uint64_t seed;
static uint32_t sequence;

/* Bit by bit, to check the table by. */
static uint32_t
crc32 (const uint8_t * bytes, size_t count)
{
  uint32_t crc = 0;

  for (size_t i = 0; i < count; i++)
    for (int bit = 7; bit >= 0; bit--) {
      bool top = (crc >> 31 ^ bytes[i] >> bit) & 1;

      crc = crc << 1 ^ (top ? 0x04C11DB7u : 0);
    }
  return crc;
}

static void
seal (size_t from, size_t end)
{
  uint32_t crc;

  memset (data + from + 22, 0, 4);
  crc = crc32 (data + from, end - from);
  for (int i = 0; i < 4; i++)
    data[from + 22 + (size_t) i] = (uint8_t) (crc >> 8 * i);
}

/* A page with one packet, or the part of one.  @body: NULL: random bytes */
static void
put_page (uint8_t flags, uint32_t serial, uint64_t granule, const void *body,
    size_t count)
{
  size_t from = size;

  put ("OggS", 5);
  put_le (flags, 1);
  put_le (granule, 8);
  put_le (serial, 4);
  put_le (sequence++, 4);
  put_le (0, 4);
  put_le (count / 255 + (granule != NONE), 1);
  for (size_t left = count / 255; left > 0; left--)
    put_le (255, 1);
  if (granule != NONE)
    put_le (count % 255, 1);
  else
    count -= count % 255;
  for (size_t i = 0; i < count; i++)
    data[size++] = body != NULL ? ((const uint8_t *) body)[i]
        : (uint8_t) sc_random (&seed);
  seal (from, size);
}

static void
put_vorbis_begin (void)
{
  put_page (BOS, VORBIS, 0, "\001vorbis\0\0\0\0\2\x80\xbb\0\0\0\0\0\0\0\0\0\0"
      "\0\0\0\0\0\0", 30);
}

/* 320x240, 30 frames a second, 6 bits below the key frame's number. */
static void
put_theora_begin (void)
{
  put_page (BOS, THEORA, 0, "\200theora\3\2\1\0\24\0\17\0\1\100\0\0\360\0\0"
      "\0\0\0\36\0\0\0\1\0\0\1\0\0\1\1\0\0\0\0\300\0\0", 42);
}

static const uint8_t *
flags_at (size_t page)
{
  return data + page + SC_OGG_PAGE_FLAGS_AT;
}

START_TEST (test_an_ogg_cut_at_any_byte_ends_with_its_last_whole_page)
{
  enum { PAGES = 6 };
  static uint8_t whole[16 << 10];
  size_t begins[PAGES + 1], first, total;
  ScContainerPlan out;

  size = 0;
  put_vorbis_begin ();
  first = size;
  for (unsigned i = 0; i < PAGES; i++) {
    begins[i] = size;
    put_page (0, VORBIS, 48000 * (i + 1), NULL, 300);
  }
  begins[PAGES] = total = size;
  memcpy (whole, data, total);
  for (size_t cut = begins[1]; cut <= total; cut++) {
    unsigned kept = 0;

    memcpy (data, whole, size = cut);
    while (kept < PAGES && begins[kept + 1] <= cut)
      kept++;
    repair ("Ogg", &out);
    ck_assert_uint_eq (size, begins[kept]);
    ck_assert_uint_eq (out.duration_ns, kept * 1000000000ull);
    ck_assert_uint_eq (*flags_at (begins[kept - 1]), EOS);
    /* Nothing else is changed but that page's CRC. */
    data[begins[kept - 1] + SC_OGG_PAGE_FLAGS_AT] = 0;
    memcpy (data + begins[kept - 1] + 22, whole + begins[kept - 1] + 22, 4);
    ck_assert_mem_eq (data, whole, size);
  }
  ck_assert_uint_eq (out.media_offset, first);
  ck_assert_str_eq (out.detail, "Vorbis 2 channels 48000 Hz");
}
END_TEST

START_TEST (test_each_stream_gets_its_end_and_skeleton_none)
{
  size_t audio, video, skeleton;
  ScContainerPlan out;

  size = 0;
  put_page (BOS, SKELETON, 0, "fishead\0\3\0\0\0\0\0\0\0", 16);
  put_theora_begin ();
  put_vorbis_begin ();
  skeleton = size;
  put_page (0, SKELETON, 0, "fisbone", 8);
  put_page (0, THEORA, 31 << 6 | 5, NULL, 700);
  audio = size;
  put_page (0, VORBIS, 24000, NULL, 300);
  video = size;
  put_page (0, THEORA, 31 << 6 | 29, NULL, 700);
  put ("OggS\0", 5);
  repair ("Ogg", &out);
  ck_assert_uint_eq (*flags_at (audio), EOS);
  ck_assert_uint_eq (*flags_at (video), EOS);
  ck_assert_uint_eq (*flags_at (skeleton), 0);
  ck_assert_uint_eq (out.edit_count, 2);
  ck_assert_uint_eq (out.duration_ns, 2000000000);
  ck_assert_str_eq (out.detail,
      "Skeleton, Theora 320x240, Vorbis 2 channels 48000 Hz");
}
END_TEST

START_TEST (test_pages_of_a_packet_whose_end_is_lost_are_cut)
{
  size_t audio, picture;
  ScContainerPlan out;

  size = 0;
  put_theora_begin ();
  put_vorbis_begin ();
  put_page (0, THEORA, 1 << 6, NULL, 700);
  audio = size;
  put_page (0, VORBIS, 24000, NULL, 300);
  picture = size;
  put_page (0, THEORA, NONE, NULL, 65025);
  put_page (1, THEORA, NONE, NULL, 65025);
  put ("OggS", 4);
  repair ("Ogg", &out);
  ck_assert_uint_eq (size, picture);
  ck_assert_uint_eq (*flags_at (audio), EOS);
}
END_TEST

START_TEST (test_a_whole_ogg_is_left_alone_and_what_is_behind_it_too)
{
  ScContainerPlan out;

  size = 0;
  put_vorbis_begin ();
  put_page (0, VORBIS, 24000, NULL, 300);
  put_page (EOS, VORBIS, 48000, NULL, 300);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
  ck_assert_uint_eq (out.duration_ns, 1000000000);
  put ("TAG of 1996", 11);
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
}
END_TEST

START_TEST (test_a_repair_that_was_left_before_the_cut_is_finished)
{
  size_t audio, end;
  ScContainerPlan out;

  size = 0;
  put_theora_begin ();
  put_vorbis_begin ();
  audio = size;
  put_page (EOS, VORBIS, 24000, NULL, 300);
  put_page (EOS, THEORA, 1 << 6, NULL, 700);
  end = size;
  put ("OggS\0\0", 6);
  repair ("Ogg", &out);
  ck_assert_uint_eq (size, end);
  put_page (0, THEORA, NONE, NULL, 65025);
  repair ("Ogg", &out);
  ck_assert_uint_eq (size, end);
  ck_assert_uint_eq (*flags_at (audio), EOS);
}
END_TEST

START_TEST (test_a_damaged_page_inside_is_kept_and_a_damaged_end_too)
{
  ScContainerPlan out;
  size_t before;

  size = 0;
  put_vorbis_begin ();
  put_page (0, VORBIS, 24000, NULL, 300);
  data[size - 7] ^= 1;
  put_page (0, VORBIS, 48000, NULL, 300);
  before = size;
  repair ("Ogg", &out);
  ck_assert_uint_eq (size, before);
  data[before - 3] ^= 1;
  memset (data + size, 0, 100000);
  before = size += 100000;
  ck_assert_int_eq (plan (&out), 1);
  ck_assert_uint_eq (out.size, before);
  ck_assert (!out.needs_repair);
  ck_assert_ptr_nonnull (out.note);
}
END_TEST

START_TEST (test_lost_time_is_told_by_the_positions_of_pages)
{
  ScContainerPlan out;
  uint64_t half;

  size = 0;
  put_vorbis_begin ();
  for (unsigned i = 1; i <= 1000; i++)  /* 100 s */
    put_page (0, VORBIS, 4800 * i, NULL, 1000);
  repair ("Ogg", &out);
  half = sc_container_lost_time (&out, size / 2, size);
  ck_assert_uint_ge (half, 50000000000);
  ck_assert_uint_le (half, 50000000000 + 2 * 1700000000ull);
}
END_TEST

START_TEST (test_only_the_last_mebibyte_is_looked_at)
{
  ScContainerPlan out;

  size = 0;
  put_theora_begin ();
  put_vorbis_begin ();
  put_page (0, THEORA, 30 << 6, NULL, 700);
  for (unsigned i = 0; size < 2 << 20; i++)
    put_page (0, VORBIS, 480 * i, NULL, 60000);
  repair ("Ogg", &out);
  ck_assert_uint_eq (out.edit_count, 1);
}
END_TEST

START_TEST (test_granules_of_every_codec_become_times)
{
  static const struct
  {
    const char *packet;
    size_t size;
    uint64_t granule;
    uint64_t ns;
    const char *words;
  } known[] = {
    {"OpusHead\1\2\x38\1\x80\xbb\0\0\0\0\0", 19, 48312, 1000000000,
        "Opus 2 channels 48000 Hz"},
    {"OpusHead\1\1\x38\1\x80\xbb\0\0\0\0\0", 19, 100, 0,
        "Opus 1 channel 48000 Hz"},
    {"\177FLAC\1\0\0\1fLaC\0\0\0\x22" "\x12\0\x12\0\0\0\0\0\0\0"
        "\x0a\xc4\x42\xf0\0\0\0\0", 51, 88200, 2000000000,
        "FLAC 2 channels 44100 Hz"},
    {"OVP80\1\1\0\1\100\0\360\0\0\1\0\0\1\0\0\0\31\0\0\0\1", 26,
        (uint64_t) 50 << 32 | 7 << 3, 2000000000, "VP8 320x240"},
    {"fishead\0", 8, 5, UINT64_MAX, "Skeleton"},
    {"whatever", 8, 5, UINT64_MAX, "a stream not known"},
    {"OpusHead", 8, 5, UINT64_MAX, "a stream not known"},
  };
  char words[80];

  for (size_t i = 0; i < sizeof (known) / sizeof (known[0]); i++) {
    ScOggCodec codec;

    sc_ogg_codec_identify (&codec, (const uint8_t *) known[i].packet,
        known[i].size);
    ck_assert_uint_eq (sc_ogg_codec_time (&codec, known[i].granule),
        known[i].ns);
    ck_assert_uint_eq (sc_ogg_codec_time (&codec, NONE), UINT64_MAX);
    sc_ogg_codec_describe (&codec, words, sizeof (words));
    ck_assert_str_eq (words, known[i].words);
  }
}
END_TEST

START_TEST (test_an_ogg_without_a_whole_first_page_is_beyond_repair)
{
  ScContainerPlan out;

  size = 0;
  put_vorbis_begin ();
  while (--size >= SC_OGG_PAGE_HEAD)
    ck_assert_int_eq (plan (&out), -EBADMSG);
  ck_assert_int_eq (plan (&out), 0);
}
END_TEST

START_TEST (test_bytes_made_of_page_heads_cost_bounded_time)
{
  ScContainerPlan out;

  size = 0;
  put_vorbis_begin ();
  while (size < 2 << 20) {
    put ("OggS\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377", 27);
    put ("OggS\0", 5);
  }
  ck_assert_int_eq (plan (&out), 1);
  ck_assert (!out.needs_repair);
}
END_TEST

START_TEST (test_3000_pieces_of_garbage_do_no_harm)
{
  unsigned repaired = 0;

  seed = sc_random_seed ("ogg-garbage");
  for (int round = 0; round < 3000; round++) {
    size = 0;
    put_theora_begin ();
    put_vorbis_begin ();
    for (uint64_t i = sc_random (&seed) % 8; i > 0; i--)
      put_page ((uint8_t) (sc_random (&seed) % 8), sc_random (&seed) % 2
          ? VORBIS : THEORA, sc_random (&seed) % 4 ? 100 * i : NONE, NULL,
          sc_random (&seed) % 1000);
    make_garbage (&seed);
    repaired += check_any_plan (0);
  }
  ck_assert_uint_gt (repaired, 1000);
}
END_TEST

SC_CHECK_MAIN ("ogg",
    test_an_ogg_cut_at_any_byte_ends_with_its_last_whole_page,
    test_each_stream_gets_its_end_and_skeleton_none,
    test_pages_of_a_packet_whose_end_is_lost_are_cut,
    test_a_whole_ogg_is_left_alone_and_what_is_behind_it_too,
    test_a_repair_that_was_left_before_the_cut_is_finished,
    test_a_damaged_page_inside_is_kept_and_a_damaged_end_too,
    test_lost_time_is_told_by_the_positions_of_pages,
    test_only_the_last_mebibyte_is_looked_at,
    test_granules_of_every_codec_become_times,
    test_an_ogg_without_a_whole_first_page_is_beyond_repair,
    test_bytes_made_of_page_heads_cost_bounded_time,
    test_3000_pieces_of_garbage_do_no_harm)
