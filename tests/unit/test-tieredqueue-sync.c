/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Channels kept together, without a queue and, but for the tests with threads,
 * on a clock that stands still unless it is moved. */
#include "sc-check.h"
#include "sc-clock.h"
#include "tieredqueue-sync-private.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#define MAX 500
/* Longer than any test runs. */
#define NEVER ((int64_t) 1000 * 1000000000)
#define MANY 40                 /* more than fit into one chunk */
#define ITEMS 3000

static TieredQueueSync *group;
static TieredQueueSyncMember *a, *b, *c;
static TieredQueueSyncMember *members[MANY + 2];
static int n_members;
static uint64_t fake_now;

static uint64_t
fake_clock (void)
{
  return fake_now;
}

static TieredQueueSyncMember *
new_member (void)
{
  TieredQueueSyncMember *member = tieredqueue_sync_add (group);

  ck_assert_ptr_nonnull (member);
  tieredqueue_sync_join (member);
  members[n_members++] = member;
  return member;
}

static void
setup (void)
{
  fake_now = 1000;
  group = tieredqueue_sync_new (MAX);
  ck_assert_ptr_nonnull (group);
  group->now = fake_clock;
  tieredqueue_sync_set_on (group, true);
  a = new_member ();
  b = new_member ();
}

static void
remove_member (TieredQueueSyncMember * member)
{
  for (int i = 0; i < n_members; i++) {
    if (members[i] == member)
      members[i] = NULL;
  }
  tieredqueue_sync_remove (member);
}

/* Enters, but does not wait. */
static bool
may_pass_until (TieredQueueSyncMember * member, int64_t time,
    uint64_t * deadline)
{
  return !tieredqueue_sync_arrive (member, &time)
      || tieredqueue_sync_may_pass (member, time, deadline);
}

static bool
may_pass (TieredQueueSyncMember * member, int64_t time)
{
  uint64_t deadline;

  return may_pass_until (member, time, &deadline);
}

static void
push (TieredQueueSyncMember * member, int64_t time)
{
  ck_assert (may_pass (member, time));
  tieredqueue_sync_done (member, time);
}

/* Both stand at 0. */
static void
setup_begun (void)
{
  setup ();
  ck_assert (!may_pass (a, 0));
  push (b, 0);
  push (a, 0);
}

static void
teardown (void)
{
  TieredQueueSyncMember *member;

  tieredqueue_sync_unref (group);
  while (n_members > 0) {
    member = members[--n_members];
    if (member != NULL)
      tieredqueue_sync_remove (member);
  }
}

START_TEST (test_an_item_waits_while_another_is_further_behind)
{
  setup_begun ();
  push (a, MAX);
  ck_assert (!may_pass (a, MAX + 1));
  push (b, 1);
  ck_assert (may_pass (a, MAX + 1));
  teardown ();
}
END_TEST

START_TEST (test_a_stream_stands_where_it_begins)
{
  setup ();
  ck_assert (!may_pass (a, 0));
  tieredqueue_sync_begin (b, 0);
  ck_assert (may_pass (a, MAX));
  ck_assert (!may_pass (a, MAX + 1));
  tieredqueue_sync_begin (b, 5 * MAX);  /* it has begun already */
  ck_assert (!may_pass (a, MAX + 1));
  teardown ();
}
END_TEST

START_TEST (test_nothing_waits_when_switched_off)
{
  setup_begun ();
  tieredqueue_sync_set_on (group, false);
  ck_assert (may_pass (a, 1000 * MAX));
  ck_assert (!tieredqueue_sync_enter (a, 1000 * MAX));
  teardown ();
}
END_TEST

START_TEST (test_switched_on_again_nobody_has_a_position)
{
  setup_begun ();
  tieredqueue_sync_set_on (group, false);
  tieredqueue_sync_set_on (group, true);
  ck_assert (!may_pass (a, 100 * MAX));
  push (b, 100 * MAX);
  push (a, 100 * MAX);
  teardown ();
}
END_TEST

START_TEST (test_a_position_counts_when_downstream_has_taken_the_item)
{
  setup_begun ();
  ck_assert (may_pass (b, 10));
  ck_assert (!may_pass (a, MAX + 10));
  tieredqueue_sync_done (b, 10);
  ck_assert (may_pass (a, MAX + 10));
  teardown ();
}
END_TEST

START_TEST (test_a_sparse_item_counts_when_it_is_known)
{
  setup_begun ();
  ck_assert (!may_pass (b, 10 * MAX));
  ck_assert (may_pass (a, 11 * MAX));
  tieredqueue_sync_done (a, 9 * MAX);
  ck_assert (may_pass (b, 10 * MAX));
  teardown ();
}
END_TEST

START_TEST (test_a_channel_that_jumps_back_holds_up_the_others)
{
  setup_begun ();
  push (a, MAX);
  push (b, MAX);
  ck_assert (may_pass (a, 2 * MAX));
  ck_assert (may_pass (b, 0));
  ck_assert (!may_pass (a, 2 * MAX));
  teardown ();
}
END_TEST

START_TEST (test_a_channel_without_data_holds_up_the_others_for_its_grace)
{
  uint64_t deadline = 0;

  setup ();
  ck_assert (!may_pass_until (a, 0, &deadline));
  ck_assert_uint_eq (deadline, 1000 + MAX);
  fake_now = deadline - 1;
  ck_assert (!may_pass (a, 0));
  fake_now = deadline;
  ck_assert (may_pass (a, 0));
  ck_assert_uint_eq (b->lates, 1);
  teardown ();
}
END_TEST

START_TEST (test_a_stalled_channel_holds_up_all_the_others_once)
{
  uint64_t deadline = 0;

  setup_begun ();
  c = new_member ();
  push (c, 0);
  ck_assert (!may_pass (a, MAX + 1));
  fake_now += MAX / 2;
  ck_assert (!may_pass_until (c, MAX + 1, &deadline));
  ck_assert_uint_eq (deadline, 1000 + MAX);
  push (c, 10);                 /* as another item: only b stalls */
  fake_now = deadline;
  ck_assert (may_pass (a, MAX + 1));
  tieredqueue_sync_done (a, MAX + 1);
  push (c, MAX + 10);
  for (int i = 0; i < 10; i++) {
    push (a, MAX + 10 + i * MAX);
    push (c, MAX + 10 + i * MAX);
  }
  ck_assert_uint_eq (b->lates, 1);
  ck_assert_uint_eq (a->lates + c->lates, 0);
  teardown ();
}
END_TEST

START_TEST (test_a_channel_that_advances_is_not_late)
{
  setup_begun ();
  for (int i = 1; i <= 100; i++) {
    ck_assert (!may_pass (a, MAX + 101));
    fake_now += MAX - 1;
    push (b, i);
  }
  ck_assert_uint_eq (b->lates, 0);
  teardown ();
}
END_TEST

START_TEST (test_a_late_channel_comes_back_from_where_it_stands)
{
  uint64_t deadline = 0;

  setup_begun ();
  ck_assert (!may_pass (a, MAX + 1));
  fake_now += MAX;
  push (a, 10 * MAX);
  ck_assert (may_pass (b, 10));
  ck_assert (!may_pass_until (a, 10 * MAX + 1, &deadline));
  ck_assert_uint_eq (deadline, fake_now + MAX);
  tieredqueue_sync_done (b, 10);
  ck_assert (!may_pass (a, 10 * MAX + 1));
  push (b, 10 * MAX);
  ck_assert (may_pass (a, 10 * MAX + 1));
  teardown ();
}
END_TEST

START_TEST (test_a_push_that_ends_late_brings_its_channel_back)
{
  setup_begun ();
  ck_assert (may_pass (b, 10)); /* downstream stalls */
  ck_assert (!may_pass (a, MAX + 11));
  fake_now += MAX;
  push (a, 10 * MAX);
  ck_assert_int_eq (b->part, TIEREDQUEUE_SYNC_LATE);
  tieredqueue_sync_done (b, 10);
  ck_assert (!may_pass (a, 10 * MAX + 1));
  teardown ();
}
END_TEST

START_TEST (test_who_leaves_or_has_no_times_holds_up_nobody)
{
  setup_begun ();
  ck_assert (!may_pass (a, 2 * MAX));
  tieredqueue_sync_leave (b);
  ck_assert (may_pass (a, 2 * MAX));
  tieredqueue_sync_done (a, 2 * MAX);
  tieredqueue_sync_join (b);    /* where the slowest stands */
  ck_assert_int_eq (b->position, 2 * MAX);
  ck_assert (!may_pass (a, 3 * MAX + 1));
  tieredqueue_sync_set_absent (b, true);
  ck_assert (may_pass (a, 3 * MAX + 1));
  ck_assert (!tieredqueue_sync_enter (b, 0));
  tieredqueue_sync_done (a, 3 * MAX + 1);
  tieredqueue_sync_set_absent (b, false);
  ck_assert (!may_pass (a, 5 * MAX));
  remove_member (b);
  ck_assert (may_pass (a, 5 * MAX));
  ck_assert_ptr_eq (new_member (), b);  /* used again */
  teardown ();
}
END_TEST

START_TEST (test_max_interleave_counts_at_once)
{
  setup_begun ();
  ck_assert (!may_pass (a, 2 * MAX));
  tieredqueue_sync_set_max (group, 2 * MAX);
  ck_assert (may_pass (a, 2 * MAX));
  tieredqueue_sync_set_max (group, MAX);
  ck_assert (!may_pass (a, 2 * MAX));
  teardown ();
}
END_TEST

START_TEST (test_the_ends_of_time_do_not_overflow)
{
  setup ();
  ck_assert (!may_pass (a, INT64_MAX));
  push (b, INT64_MIN + 1);
  ck_assert (!may_pass (a, INT64_MAX));
  push (b, INT64_MAX);
  push (a, INT64_MAX);
  teardown ();
}
END_TEST

/* ---- without threads, in a random order ---- */

typedef struct
{
  int64_t arrived;
  int64_t next;
  bool is_pushing;
} Channel;

static int64_t
spread (const Channel * channels, int n)
{
  int64_t first = INT64_MAX, last = INT64_MIN;

  for (int i = 0; i < n; i++) {
    if (channels[i].arrived == INT64_MIN)
      return 0;
    first = channels[i].arrived < first ? channels[i].arrived : first;
    last = channels[i].arrived > last ? channels[i].arrived : last;
  }
  return last - first;
}

/* Of steps of at most @step; the largest spread there ever was.  The clock stands
 * still: nobody becomes late, so a lock-up would be one for ever. */
static int64_t
run_in_random_order (bool on, int64_t step, uint64_t * random)
{
  Channel channels[MANY];
  int64_t largest = 0;

  setup ();
  tieredqueue_sync_set_on (group, on);
  for (int i = 0; i < MANY; i++) {
    if (i >= 2)
      new_member ();
    channels[i] = (Channel) { INT64_MIN, (int64_t) (sc_random (random) % 5000),
      false };
  }
  for (int turn = 0, idle = 0; turn < 200000; turn++) {
    int i = (int) (sc_random (random) % MANY);
    Channel *channel = &channels[i];

    if (channel->is_pushing) {
      tieredqueue_sync_done (members[i], channel->next);
      channel->next += (int64_t) (sc_random (random) % (uint64_t) (step + 1));
      channel->is_pushing = false;
    } else if (may_pass (members[i], channel->next)) {
      channel->is_pushing = true;
      channel->arrived = channel->next;
      idle = 0;
      largest = spread (channels, MANY) > largest ? spread (channels, MANY)
          : largest;
    } else {
      ck_assert_msg (++idle < 100 * MANY, "locked up at turn %d", turn);
    }
  }
  teardown ();
  return largest;
}

START_TEST (test_channels_in_a_random_order_stay_together)
{
  uint64_t random = sc_random_seed ("random order");
  int64_t largest;

  largest = run_in_random_order (true, MAX, &random);
  printf ("largest spread %" PRId64 " of %d\n", largest, MAX);
  ck_assert_int_le (largest, MAX);
  /* The control: without it they do not. */
  ck_assert_int_gt (run_in_random_order (false, MAX, &random), MAX);
}
END_TEST

START_TEST (test_sparse_channels_in_a_random_order_do_not_lock_up)
{
  uint64_t random = sc_random_seed ("sparse");

  run_in_random_order (true, 20 * MAX, &random);
}
END_TEST

/* ---- with threads ---- */

static void *
enter_far_ahead (void *member)
{
  tieredqueue_sync_enter (member, 2 * NEVER);
  return NULL;
}

typedef enum
{
  BY_LEAVING,
  BY_REMOVING,
  BY_SWITCHING_OFF,
  BY_MORE_INTERLEAVE,
  BY_ANOTHER_THAT_LEAVES,
  BY_ANOTHER_THAT_IS_ABSENT,
  BY_ANOTHER_THAT_ADVANCES,
  BY_ANOTHER_THAT_CANNOT_BE_FED,
  BY_ITS_OWN_FEEDER_BLOCKED,
  N_ENDS
} End;

static void
end_the_wait (End end)
{
  switch (end) {
    case BY_LEAVING:
      tieredqueue_sync_leave (a);
      break;
    case BY_REMOVING:
      remove_member (a);
      break;
    case BY_SWITCHING_OFF:
      tieredqueue_sync_set_on (group, false);
      break;
    case BY_MORE_INTERLEAVE:
      tieredqueue_sync_set_max (group, 2 * NEVER);
      break;
    case BY_ANOTHER_THAT_LEAVES:
      tieredqueue_sync_leave (b);
      break;
    case BY_ANOTHER_THAT_IS_ABSENT:
      tieredqueue_sync_set_absent (b, true);
      break;
    case BY_ANOTHER_THAT_ADVANCES:
      tieredqueue_sync_enter (b, 2 * NEVER);
      break;
    case BY_ANOTHER_THAT_CANNOT_BE_FED:
      tieredqueue_sync_fed (b);
      tieredqueue_sync_set_blocked (a, true);
      tieredqueue_sync_set_idle (b, true);
      break;
    default:
      tieredqueue_sync_set_idle (b, true);
      tieredqueue_sync_fed (b);
      tieredqueue_sync_set_blocked (a, true);
      break;
  }
}

START_TEST (test_every_wait_ends)
{
  pthread_t thread;

  for (End end = 0; end < N_ENDS; end++) {
    setup_begun ();
    group->now = sc_clock_now;
    tieredqueue_sync_set_max (group, NEVER);
    ck_assert_int_eq (pthread_create (&thread, NULL, enter_far_ahead, a), 0);
    while (atomic_load (&a->moved.waiters) == 0)
      sched_yield ();
    end_the_wait (end);
    ck_assert_int_eq (pthread_join (thread, NULL), 0);
    ck_assert_uint_eq (a->waits, 1);
    ck_assert_int_eq (a->need, INT64_MAX);
    teardown ();
  }
}
END_TEST

START_TEST (test_a_wait_ends_when_the_other_is_late)
{
  setup_begun ();
  group->now = sc_clock_now;
  tieredqueue_sync_set_max (group, 1000000);
  ck_assert (tieredqueue_sync_enter (a, 2 * NEVER));
  ck_assert_uint_eq (b->lates, 1);
  ck_assert_uint_ge (a->wait_time, 1000000);
  teardown ();
}
END_TEST

START_TEST (test_another_thread_s_channel_is_waited_for)
{
  setup_begun ();
  tieredqueue_sync_set_idle (b, true);
  b->feeder = 1;
  tieredqueue_sync_set_blocked (a, true);
  a->need = MAX;                /* as while it waits */
  ck_assert (!may_pass (a, 2 * MAX));
  b->feeder = a->feeder;
  ck_assert (may_pass (a, 2 * MAX));
  /* For this item only. */
  tieredqueue_sync_set_blocked (a, false);
  ck_assert (!may_pass (a, 2 * MAX));
  teardown ();
}
END_TEST

typedef struct
{
  TieredQueueSyncMember *member;
  uint64_t seed;
  unsigned too_far;
} Runner;

static Runner runners[MANY];
static _Atomic int64_t arrived[MANY];
static pthread_barrier_t all_there;

static void *
run (void *data)
{
  Runner *self = data;
  int64_t time = 0;

  pthread_barrier_wait (&all_there);
  for (int i = 0; i < ITEMS; i++) {
    bool taking_part = tieredqueue_sync_enter (self->member, time);

    atomic_store (&arrived[self - runners], time);
    for (int j = 0; j < MANY; j++)
      self->too_far += time - atomic_load (&arrived[j]) > NEVER;
    if (taking_part)
      tieredqueue_sync_done (self->member, time);
    time += (int64_t) (sc_random (&self->seed) % (uint64_t) NEVER);
  }
  atomic_store (&arrived[self - runners], INT64_MAX);
  tieredqueue_sync_leave (self->member);
  return NULL;
}

static unsigned
run_many_threads (bool on, uint64_t seed)
{
  pthread_t threads[MANY];
  unsigned too_far = 0;

  setup ();
  group->now = sc_clock_now;
  tieredqueue_sync_set_max (group, NEVER);
  tieredqueue_sync_set_on (group, on);
  ck_assert_int_eq (pthread_barrier_init (&all_there, NULL, MANY), 0);
  for (int i = 0; i < MANY; i++) {
    runners[i] = (Runner) { i == 0 ? a : i == 1 ? b : new_member (),
      sc_random (&seed), 0 };
    atomic_store (&arrived[i], 0);
  }
  for (int i = 0; i < MANY; i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, run, &runners[i]), 0);
  for (int i = 0; i < MANY; i++) {
    ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
    too_far += runners[i].too_far;
    ck_assert_uint_eq (runners[i].member->lates, 0);
  }
  pthread_barrier_destroy (&all_there);
  teardown ();
  return too_far;
}

START_TEST (test_many_threads_stay_together_and_end)
{
  uint64_t seed = sc_random_seed ("threads");

  ck_assert_uint_eq (run_many_threads (true, seed), 0);
  /* The control. */
  ck_assert_uint_gt (run_many_threads (false, seed), 0);
}
END_TEST

SC_CHECK_MAIN ("tieredqueue-sync",
    test_an_item_waits_while_another_is_further_behind,
    test_a_stream_stands_where_it_begins,
    test_nothing_waits_when_switched_off,
    test_switched_on_again_nobody_has_a_position,
    test_a_position_counts_when_downstream_has_taken_the_item,
    test_a_sparse_item_counts_when_it_is_known,
    test_a_channel_that_jumps_back_holds_up_the_others,
    test_a_channel_without_data_holds_up_the_others_for_its_grace,
    test_a_stalled_channel_holds_up_all_the_others_once,
    test_a_channel_that_advances_is_not_late,
    test_a_late_channel_comes_back_from_where_it_stands,
    test_a_push_that_ends_late_brings_its_channel_back,
    test_who_leaves_or_has_no_times_holds_up_nobody,
    test_max_interleave_counts_at_once,
    test_the_ends_of_time_do_not_overflow,
    test_channels_in_a_random_order_stay_together,
    test_sparse_channels_in_a_random_order_do_not_lock_up,
    test_every_wait_ends,
    test_a_wait_ends_when_the_other_is_late,
    test_another_thread_s_channel_is_waited_for,
    test_many_threads_stay_together_and_end)
