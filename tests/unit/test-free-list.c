/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shared bitmap by itself: what it promises the arena, and that the guess with
 * which a take begins is only a guess. */
#include "sc-check.h"
#include "sc-free-list.h"

#include <errno.h>
#include <pthread.h>

#define SLOTS 5
#define THREADS 4
#define ROUNDS 100000

static ScFreeWord words[2];

static ScFreeList
make_list (uint32_t slots)
{
  ScFreeList list;

  sc_free_list_init (&list, words, slots);
  return list;
}

/* Leaves this thread a guess of a word in which all slots are free. */
static void
take_and_give (ScFreeList * list)
{
  uint32_t slot;

  ck_assert_int_eq (sc_free_list_take (list, &slot), 0);
  ck_assert_int_eq (sc_free_list_give (list, slot), 0);
}

static void
in_another_thread (void *(*func) (void *), ScFreeList * list)
{
  pthread_t thread;

  ck_assert_int_eq (pthread_create (&thread, NULL, func, list), 0);
  ck_assert_int_eq (pthread_join (thread, NULL), 0);
}

static void *
take_all (void *data)
{
  uint32_t slot;

  for (uint32_t i = 0; i < SLOTS; i++)
    ck_assert_int_eq (sc_free_list_take (data, &slot), 0);
  return NULL;
}

static void *
take_the_first (void *data)
{
  uint32_t slot;

  ck_assert_int_eq (sc_free_list_take (data, &slot), 0);
  ck_assert_uint_eq (slot, 0);
  return NULL;
}

static void *
close_list (void *data)
{
  ck_assert_uint_eq (sc_free_list_close (data), 0);
  return NULL;
}

START_TEST (test_a_slot_that_was_given_is_the_next_one)
{
  ScFreeList list = make_list (SLOTS);
  uint32_t slot;

  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq (sc_free_list_take (&list, &slot), 0);
    ck_assert_uint_eq (slot, 0);
    ck_assert_int_eq (sc_free_list_give (&list, slot), 0);
  }
}
END_TEST

START_TEST (test_what_others_took_since_our_give_is_not_had_again)
{
  ScFreeList list = make_list (SLOTS);
  uint32_t slot;

  take_and_give (&list);
  in_another_thread (take_the_first, &list);
  ck_assert_int_eq (sc_free_list_take (&list, &slot), 0);
  ck_assert_uint_eq (slot, 1);

  list = make_list (SLOTS);
  take_and_give (&list);
  in_another_thread (take_all, &list);
  ck_assert_int_eq (sc_free_list_take (&list, &slot), -EAGAIN);
}
END_TEST

START_TEST (test_a_list_in_the_place_of_another_has_its_own_slots)
{
  ScFreeList list = make_list (63);
  uint32_t slot;

  take_and_give (&list);
  list = make_list (SLOTS);
  for (uint32_t i = 0; i < SLOTS; i++) {
    ck_assert_int_eq (sc_free_list_take (&list, &slot), 0);
    ck_assert_uint_eq (slot, i);
  }
  ck_assert_int_eq (sc_free_list_take (&list, &slot), -EAGAIN);
}
END_TEST

START_TEST (test_nothing_is_taken_after_another_thread_has_closed)
{
  ScFreeList list = make_list (SLOTS);
  uint32_t slot;

  take_and_give (&list);
  in_another_thread (close_list, &list);
  ck_assert_int_eq (sc_free_list_take (&list, &slot), -ESHUTDOWN);
}
END_TEST

START_TEST (test_a_late_give_says_so_and_spoils_no_later_list)
{
  ScFreeList list = make_list (SLOTS);
  uint32_t slot;

  ck_assert_int_eq (sc_free_list_take (&list, &slot), 0);
  ck_assert_uint_eq (sc_free_list_close (&list), 1);
  ck_assert_int_eq (sc_free_list_give (&list, slot), -ESHUTDOWN);
  ck_assert_int_eq (sc_free_list_take (&list, &slot), -ESHUTDOWN);
  ck_assert_uint_eq (sc_free_list_in_use (&list), 0);

  list = make_list (SLOTS);
  ck_assert_int_eq (sc_free_list_take (&list, &slot), 0);
}
END_TEST

typedef struct
{
  ScFreeList list;
  _Atomic int holders[SLOTS];
} Shared;

static void *
take_hold_and_give (void *data)
{
  Shared *shared = data;
  uint32_t slot;

  for (int i = 0; i < ROUNDS; i++) {
    if (sc_free_list_take (&shared->list, &slot) != 0)
      continue;
    ck_assert_int_eq (atomic_fetch_add (&shared->holders[slot], 1), 0);
    ck_assert_int_eq (atomic_fetch_sub (&shared->holders[slot], 1), 1);
    ck_assert_int_eq (sc_free_list_give (&shared->list, slot), 0);
  }
  return NULL;
}

START_TEST (test_no_slot_has_two_holders)
{
  static Shared shared;
  pthread_t threads[THREADS];

  shared.list = make_list (SLOTS);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, take_hold_and_give,
            &shared), 0);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
  ck_assert_uint_eq (sc_free_list_in_use (&shared.list), 0);
}
END_TEST

SC_CHECK_MAIN ("free-list",
    test_a_slot_that_was_given_is_the_next_one,
    test_what_others_took_since_our_give_is_not_had_again,
    test_a_list_in_the_place_of_another_has_its_own_slots,
    test_nothing_is_taken_after_another_thread_has_closed,
    test_a_late_give_says_so_and_spoils_no_later_list,
    test_no_slot_has_two_holders)
