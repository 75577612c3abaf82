/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena.h"
#include "sc-check.h"

#include <errno.h>
#include <string.h>

static const ScTiers small = {
  .alignment = 64,
  .count = 2,
  .tiers = {{64, 3}, {256, 2}},
};

static _Alignas (SC_ARENA_ALIGNMENT) unsigned char memory[65536];

static ScArena *
make (void)
{
  ScArena *arena;

  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), &small, &arena),
      0);
  return arena;
}

START_TEST (test_slots_at_home_are_sound_before_and_after_use)
{
  ScArena *arena = make ();
  ScSlot slot;

  for (uint32_t i = 0; i < 5; i++)
    ck_assert_int_eq (sc_arena_check_home (arena, i), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 100, SC_CLASS_INPUT, &slot), 0);
  slot.header->sequence = 7;
  sc_slot_header_seal (slot.header);
  ck_assert_int_eq (sc_arena_check_home (arena, slot.header->buffer_id),
      -EBUSY);
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  for (uint32_t i = 0; i < 5; i++)
    ck_assert_int_eq (sc_arena_check_home (arena, i), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_what_is_written_after_the_release_is_found_at_home)
{
  for (uint32_t id = 0; id < 5; id++) {
    ScArena *arena = make ();
    ScSlot slot = sc_arena_slot (arena, id);

    memset ((char *) slot.data + slot.header->capacity, 0, 1);
    ck_assert_int_eq (sc_arena_check_home (arena, id), -EOVERFLOW);
    slot.header->capacity ^= 1;
    ck_assert_int_eq (sc_arena_check_home (arena, id), -EBADMSG);
    sc_slot_header_seal (slot.header);
    ck_assert_int_eq (sc_arena_check_home (arena, id), -EBADMSG);
    for (uint32_t other = 0; other < 5; other++)
      if (other != id)
        ck_assert_int_eq (sc_arena_check_home (arena, other), 0);
    sc_arena_clear (arena);
  }
}
END_TEST

SC_CHECK_MAIN ("arena-home",
    test_slots_at_home_are_sound_before_and_after_use,
    test_what_is_written_after_the_release_is_found_at_home)
