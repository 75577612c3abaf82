/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-structure.h"

#include <string.h>

static bool
begins (const char *bytes, size_t size)
{
  return sc_structure_begins ((const uint8_t *) bytes, size);
}

START_TEST (test_what_holds_a_file_together_is_known)
{
  ck_assert (begins ("\0\0\2\0moof....", 12));
  ck_assert (begins ("\0\0\0\1mdat\0\0\0\0", 12));
  ck_assert (begins ("\x1f\x43\xb6\x75\x01\xff\xff\xff", 8));
  ck_assert (begins ("\x1c\x53\xbb\x6b\x40\x80\xbb\x8b", 8));
  ck_assert (begins ("idx1\0\0\0\0", 8));
}
END_TEST

START_TEST (test_media_and_what_is_too_short_are_not)
{
  uint8_t packet[188] = { 0x47, 0x40, 0x11, 0x10 }, silence[16] = { 0 };
  uint64_t seed = sc_random_seed ("structure");
  unsigned found = 0;

  ck_assert (!sc_structure_begins (packet, sizeof (packet)));
  ck_assert (!sc_structure_begins (silence, sizeof (silence)));
  ck_assert (!begins ("OggS\0\2\0\0", 8));
  ck_assert (!begins ("\0\0\2\0moo", 7));
  ck_assert (!begins ("", 0));
  for (int i = 0; i < 1000000; i++) {
    uint64_t word = sc_random (&seed);

    found += sc_structure_begins ((const uint8_t *) &word, sizeof (word));
  }
  ck_assert_uint_lt (found, 3);
}
END_TEST

SC_CHECK_MAIN ("structure",
    test_what_holds_a_file_together_is_known,
    test_media_and_what_is_too_short_are_not)
