/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ten threads take slots of one arena and give them back, ten million times in
 * all: sizes and classes at random, with and without waiting, most of them given
 * back by another thread than took them, while the main thread flushes waits and
 * reads statistics.  Threads end now and then and others go on in their place.
 * Every other round is closed in the middle, and every other pair of them has
 * slots in plenty.
 *
 * What must hold
 *   One holder     each acquire and release exchanges the slot's entry in a table
 *                  of owners; the second holder of a slot finds the first
 *   Publication    what the taker writes, in plain stores over the whole of the
 *                  size it asked for, is what the releaser reads
 *   Accounts       at the end nothing is out, and acquired, released, failed and
 *                  borrowed are what the threads have counted for themselves, by
 *                  tier and by class; after a close the late releases are as many
 *                  as close said
 *   Quotas         in every third round: no class ever has more than its own
 *   Misuse         now and then a thread releases once more what it has released:
 *                  always refused, whoever has the slot by then
 *   Progress       nobody hangs; the stacks of all threads are written if they do
 *
 * The owners and the data are accessed relaxed and plainly: all order between
 * two holders is the arena's, and ThreadSanitizer sees where it is missing.
 *
 * The controls hand a slot out twice, forget a release, and damage data: the
 * same checks must find each.
 *
 * SC_TEST_SEED repeats a run, as far as threads can be repeated; SC_TEST_PAIRS
 * sets how many pairs of acquire and release it has.
 */
#include "sc-arena.h"
#include "sc-ring.h"
#include "../unit/sc-check.h"
#include "backtraces.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature (thread_sanitizer) || __has_feature (address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined (__SANITIZE_THREAD__) || defined (__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

#ifdef SANITIZED
#define DEFAULT_PAIRS 2000000
#else
#define DEFAULT_PAIRS 10000000
#endif

enum
{
  THREADS = 10,
  SLOTS_MOST = 200 + 600 + 60,
  SMALL = 64, MEDIUM = 256, LARGE = 1024,
  TIERS = 3,
  FLAGS = 2,
  HELD = 10,
  OUTBOX = 8,
  LIFE = 4096,                  /* of a thread, steps, on the average */
  ROUNDS = 20,
  CONTROL_PAIRS = 200000,
  HANG_SECONDS = 60,
};

/* Fewer slots than the threads would hold: they often meet an empty tier. */
static const ScTiers tight = {
  .alignment = 64,
  .count = TIERS,
  .tiers = {{SMALL, 14}, {MEDIUM, 70}, {LARGE, 6}},
};

/* More of them: what threads keep to themselves is seldom called in. */
static const ScTiers roomy = {
  .alignment = 64,
  .count = TIERS,
  .tiers = {{SMALL, 200}, {MEDIUM, 600}, {LARGE, 60}},
};

typedef enum
{
  SOUND,
  HANDS_OUT_TWICE,
  FORGETS_A_RELEASE,
  DAMAGES_DATA,
} Breakage;

/* One in so many acquires is broken in a control. */
#define BREAKAGE_RARITY 4096

/* What goes with a slot from its taker to its releaser: the holder's alone. */
typedef struct
{
  ScSlot slot;
  uint64_t stamp;
  size_t size;
  ScClass slot_class;
} Parcel;

/* Tiers: failures and borrows of the one that was asked for, acquired and
 * released of the one that the slot is of. */
typedef struct
{
  uint64_t acquired[TIERS], released[TIERS], failures[TIERS], borrows[TIERS];
  uint64_t class_acquired[SC_CLASSES], class_released[SC_CLASSES];
  uint64_t class_failures[SC_CLASSES], class_borrows[SC_CLASSES];
  uint64_t too_large, timeouts, cancelled, late, doubled;
} Account;

typedef struct Run Run;

typedef struct
{
  Run *run;
  pthread_t thread;             /* the last that was made */
  pthread_t predecessor;
  bool has_predecessor;
  uint32_t id;                  /* from 1 */
  uint64_t seed;
  uint64_t serial;
  Account account;
  Parcel *held[HELD];
  uint32_t held_count;
  ScRing outbox;                /* what anybody may take and give back */
  ScRingCursor cursors[THREADS];        /* this thread's, in each outbox */
  _Atomic uint64_t pairs;
  _Alignas (SC_CACHE_LINE) unsigned char outbox_memory[1024];
} Worker;

struct Run
{
  ScArena *arena;
  uint32_t slots;
  Breakage breakage;
  bool quotas;                  /* classes have them */
  uint64_t pairs;               /* of each worker */
  uint64_t close_after;         /* pairs of worker 1, or 0 */
  uint32_t outstanding;         /* what close said */
  atomic_bool flushing[FLAGS];
  atomic_bool over;
  _Atomic uint32_t running;
  _Atomic uint64_t owners[SLOTS_MOST];
  _Atomic uint32_t class_out[SC_CLASSES];
  Parcel parcels[SLOTS_MOST];
  Worker workers[THREADS];
  pthread_mutex_t error_lock;
  char error[200];              /* the first */
};

/* In every third round; fewer than the class's users would hold. */
static const uint32_t quotas[SC_CLASSES] = {
  [SC_CLASS_CONVERSION] = 12,
  [SC_CLASS_METADATA] = 2,
};

static _Alignas (SC_ARENA_ALIGNMENT) unsigned char memory[1048576];
static ScArenaMeter meter;
static Run run;

static void
note_error (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  pthread_mutex_lock (&run.error_lock);
  if (run.error[0] == '\0')
    vsnprintf (run.error, sizeof (run.error), format, arguments);
  pthread_mutex_unlock (&run.error_lock);
  va_end (arguments);
  atomic_store_explicit (&run.over, true, memory_order_relaxed);
}

static int
tier_of_size (size_t size)
{
  return size <= SMALL ? 0 : size <= MEDIUM ? 1 : size <= LARGE ? 2 : -1;
}

/* ---- a slot in our hands ---- */

static uint64_t
word_of (uint64_t stamp, size_t i)
{
  return stamp + i * 0x9e3779b97f4a7c15ull;
}

static void
write_data (Parcel * parcel)
{
  unsigned char *data = parcel->slot.data;

  for (size_t at = 0; at < parcel->size; at += sizeof (uint64_t)) {
    uint64_t word = word_of (parcel->stamp, at);
    size_t rest = parcel->size - at;

    memcpy (data + at, &word, rest < sizeof (word) ? rest : sizeof (word));
  }
}

static bool
data_is_whole (const Parcel * parcel)
{
  const unsigned char *data = parcel->slot.data;
  bool whole = true;

  for (size_t at = 0; at < parcel->size; at += sizeof (uint64_t)) {
    uint64_t word = word_of (parcel->stamp, at);
    size_t rest = parcel->size - at;

    whole &= memcmp (data + at, &word,
        rest < sizeof (word) ? rest : sizeof (word)) == 0;
  }
  return whole;
}

/* Counted after the acquire and before the release: never more than really are
 * out. */
static void
enter_class (ScClass slot_class)
{
  uint32_t others = atomic_fetch_add_explicit (&run.class_out[slot_class], 1,
      memory_order_relaxed);

  if (run.quotas && quotas[slot_class] != 0 && others >= quotas[slot_class])
    note_error ("class %d has %u slots of a quota of %u", (int) slot_class,
        others + 1, quotas[slot_class]);
}

/* The slot is ours, the table must agree. */
static Parcel *
take_ownership (Worker * self, const ScSlot * slot, size_t size,
    ScClass slot_class)
{
  uint32_t id = slot->header->buffer_id;
  uint64_t stamp = (uint64_t) self->id << 56 | ++self->serial, before;
  Parcel *parcel = &run.parcels[id];

  before = atomic_exchange_explicit (&run.owners[id], stamp,
      memory_order_relaxed);
  if (before != 0) {
    note_error ("slot %u was handed to thread %u while thread %u had it", id,
        self->id, (unsigned) (before >> 56));
    return NULL;
  }
  *parcel = (Parcel) {
    .slot = *slot,.stamp = stamp,.size = size,.slot_class = slot_class
  };
  enter_class (slot_class);
  write_data (parcel);
  return parcel;
}

static void
give_back (Worker * self, Parcel * parcel)
{
  uint32_t id = parcel->slot.header->buffer_id;
  int tier = tier_of_size (parcel->slot.header->capacity);
  ScSlot slot = parcel->slot;
  uint64_t owner;
  int ret;

  if (slot.header->data_size != parcel->size
      || slot.header->buffer_class != parcel->slot_class)
    note_error ("the header of slot %u is not of the acquire that thread %u "
        "made", id, (unsigned) (parcel->stamp >> 56));
  if (!data_is_whole (parcel))
    note_error ("the data of slot %u is not what thread %u wrote", id,
        (unsigned) (parcel->stamp >> 56));
  atomic_fetch_sub_explicit (&run.class_out[parcel->slot_class], 1,
      memory_order_relaxed);
  self->account.class_released[parcel->slot_class]++;
  owner = atomic_exchange_explicit (&run.owners[id], 0, memory_order_relaxed);
  if (owner != parcel->stamp)
    note_error ("slot %u was handed out again while thread %u had it", id,
        (unsigned) (parcel->stamp >> 56));

  if (run.breakage == FORGETS_A_RELEASE
      && sc_random (&self->seed) % BREAKAGE_RARITY == 0)
    ret = 0;
  else
    ret = sc_arena_release (run.arena, &slot);
  if (ret == -ESHUTDOWN && run.close_after > 0)
    self->account.late++;
  else if (ret != 0)
    note_error ("the release of slot %u was refused: %s", id, strerror (-ret));
  self->account.released[tier]++;
  if (run.breakage == SOUND && sc_random (&self->seed) % 16 == 0) {
    if (sc_arena_release (run.arena, &slot) != -EALREADY)
      note_error ("a second release of slot %u was not refused", id);
    self->account.doubled++;
  }
}

/* ---- acquire ---- */

/* Mostly small, sometimes more than there is. */
static size_t
random_size (Worker * self)
{
  uint64_t r = sc_random (&self->seed), kind = r >> 32 & 1023;

  if (kind == 0)
    return LARGE + 1 + r % 100000;
  return kind < 64 ? r % (LARGE + 1) : r % (MEDIUM + 1);
}

static int
try_acquire (Worker * self, size_t size, ScClass slot_class, ScSlot * out)
{
  const atomic_bool *flag = &run.flushing[self->id % FLAGS];
  uint64_t r = sc_random (&self->seed);

  if (run.breakage == HANDS_OUT_TWICE && (r >> 16) % BREAKAGE_RARITY == 0) {
    *out = sc_arena_slot (run.arena, (uint32_t) (r % run.slots));
    if (atomic_load_explicit (&run.owners[r % run.slots], memory_order_relaxed))
      return 0;
  }
  if (r % 2 == 0)
    return sc_arena_acquire (run.arena, size, slot_class, out);
  return sc_arena_acquire_wait (run.arena, size, slot_class,
      r % 8 == 1 ? SC_WAIT_FOREVER : r >> 8 & 0xffff, flag, out);
}

/* Counts a failure as it should be counted. */
static void
note_failure (Account * account, int tier, int ret)
{
  switch (ret) {
    case -EAGAIN:
      account->failures[tier]++;
      break;
    case -ETIMEDOUT:
      account->failures[tier]++;
      account->timeouts++;
      break;
    case -ECANCELED:
      account->cancelled++;
      break;
    case -EMSGSIZE:
      account->too_large++;
      break;
    default:
      note_error ("an acquire failed: %s", strerror (-ret));
  }
}

/* Sets *parcel to what was got, or to NULL.  Returns false once closed. */
static bool
acquire (Worker * self, Parcel ** parcel)
{
  ScClass slot_class = (ScClass) (sc_random (&self->seed) % SC_CLASSES);
  size_t size = random_size (self);
  int asked = tier_of_size (size), got;
  ScSlot slot;
  int ret = try_acquire (self, size, slot_class, &slot);

  *parcel = NULL;
  if (ret == -ESHUTDOWN && run.close_after > 0)
    return false;
  if (ret != 0) {
    note_failure (&self->account, asked, ret);
    self->account.class_failures[slot_class] += ret != -ECANCELED;
    return true;
  }
  *parcel = take_ownership (self, &slot, size, slot_class);
  if (*parcel == NULL)
    return true;

  got = tier_of_size (slot.header->capacity);
  self->account.acquired[got]++;
  self->account.class_acquired[slot_class]++;
  if (asked < 0 || got < asked || got > asked + 1) {
    note_error ("%zu bytes got a slot of %u", size, slot.header->capacity);
    return true;
  }
  if (got > asked) {
    self->account.borrows[asked]++;
    self->account.class_borrows[slot_class]++;
  }
  return true;
}

/* ---- a worker ---- */

/* Gives back what some thread, perhaps this one, has put into its outbox. */
static bool
give_back_from (Worker * self, uint32_t other)
{
  ScRingItem item;

  if (!sc_ring_pop (&run.workers[other].outbox, &self->cursors[other], &item))
    return false;
  give_back (self, item.item);
  return true;
}

static void
give_back_one_held (Worker * self)
{
  uint32_t i;

  if (self->held_count == 0)
    return;
  i = (uint32_t) (sc_random (&self->seed) % self->held_count);
  give_back (self, self->held[i]);
  self->held[i] = self->held[--self->held_count];
}

static void
pass_on (Worker * self, Parcel * parcel)
{
  const ScRingLevel weight = {.buffers = 1 };
  uint64_t r = sc_random (&self->seed);

  if (run.breakage == DAMAGES_DATA && parcel->size > 0
      && (r >> 16) % BREAKAGE_RARITY == 0)
    ((unsigned char *) parcel->slot.data)[r % parcel->size] ^= 1;
  if (r % 8 == 0 && self->held_count < HELD)
    self->held[self->held_count++] = parcel;
  else if (r % 8 == 1
      || sc_ring_push (&self->outbox, parcel, &weight) == -EAGAIN)
    give_back (self, parcel);
}

/* Fewer come back than are taken, until none can be had; then all that are to be
 * found. */
static void
tidy (Worker * self, bool all)
{
  uint64_t r = sc_random (&self->seed);
  uint32_t first = (uint32_t) (r % THREADS), boxes = r >> 16 & 1;

  for (uint32_t i = 0; i < (all ? THREADS : boxes); i++)
    while (give_back_from (self, (first + i) % THREADS) && all)
      continue;
  if (all || (r >> 24) % 16 == 0)
    give_back_one_held (self);
  while (all && self->held_count > 0)
    give_back_one_held (self);
}

static void *work (void *data);

/* Another thread takes this one's place, perhaps before this one is quite gone. */
static void
give_way (Worker * self)
{
  if (self->has_predecessor)
    ck_assert_int_eq (pthread_join (self->predecessor, NULL), 0);
  self->predecessor = pthread_self ();
  self->has_predecessor = true;
  ck_assert_int_eq (pthread_create (&self->thread, NULL, work, self), 0);
}

static void *
work (void *data)
{
  Worker *self = data;
  uint64_t pairs = atomic_load_explicit (&self->pairs, memory_order_relaxed);
  bool open = true;

  while (open && pairs < run.pairs
      && !atomic_load_explicit (&run.over, memory_order_relaxed)) {
    Parcel *parcel;

    open = acquire (self, &parcel);
    if (parcel != NULL) {
      pass_on (self, parcel);
      atomic_store_explicit (&self->pairs, ++pairs, memory_order_relaxed);
    }
    tidy (self, parcel == NULL);
    if (self->id == 1 && run.close_after == pairs && parcel != NULL)
      run.outstanding = sc_arena_close (run.arena);
    if (sc_random (&self->seed) % LIFE == 0) {
      give_way (self);
      return NULL;
    }
  }
  tidy (self, true);
  if (self->has_predecessor)
    ck_assert_int_eq (pthread_join (self->predecessor, NULL), 0);
  /* Release: pairs with watch(), for the thread to be joined. */
  atomic_fetch_sub_explicit (&run.running, 1, memory_order_release);
  return NULL;
}

/* ---- a round ---- */

static uint64_t
all_pairs (void)
{
  uint64_t sum = 0;

  for (int i = 0; i < THREADS; i++)
    sum += atomic_load_explicit (&run.workers[i].pairs, memory_order_relaxed);
  return sum;
}

static void
count_out (const ScSlotOut * slot, void *data)
{
  uint32_t *count = data;

  ++*count;
  if (slot->id >= run.slots || (unsigned) slot->slot_class >= SC_CLASSES
      || slot->size > LARGE)
    note_error ("slot %u is said to be out with class %d and %u bytes",
        slot->id, (int) slot->slot_class, slot->size);
}

/* Figures that are read while all go on. */
static void
check_passing_stats (ScArenaStats * last)
{
  ScArenaStats stats;
  uint32_t out = 0;

  sc_arena_read_stats (run.arena, &stats);
  for (int i = 0; i < TIERS; i++) {
    const ScTierStats *tier = &stats.tiers[i];

    if (tier->in_use > tier->slots || tier->peak > tier->slots
        || tier->released > tier->acquired
        || tier->acquired < last->tiers[i].acquired
        || tier->failures < last->tiers[i].failures
        || tier->borrows < last->tiers[i].borrows)
      note_error ("the statistics of tier %d contradict themselves", i);
  }
  *last = stats;
  sc_arena_foreach_out (run.arena, count_out, &out);
  if (out > run.slots)
    note_error ("more slots are said to be out than there are");
}

/* Flushes now and then, so that no wait lasts, and sees that work goes on. */
static void
watch (uint64_t * seed)
{
  ScArenaStats stats = { 0 };
  uint64_t before = 0;
  int idle = 0;

  backtraces_prepare ();
  while (atomic_load_explicit (&run.running, memory_order_acquire) > 0) {
    struct timespec pause = {.tv_nsec = 1000 + (long) (sc_random (seed)
          % 2000000) };
    atomic_bool *flag = &run.flushing[sc_random (seed) % FLAGS];

    (void) nanosleep (&pause, NULL);
    sc_arena_set_flushing (run.arena, flag, true);
    sc_arena_tick (run.arena, (uint64_t) idle);
    check_passing_stats (&stats);
    sc_arena_set_flushing (run.arena, flag, false);
    idle = all_pairs () == before ? idle + 1 : 0;
    before = all_pairs ();
    if (idle > HANG_SECONDS * 1000) {
      backtraces_write (STDERR_FILENO);
      ck_abort_msg ("nobody gets on");
    }
  }
}

static void
start_workers (uint64_t * seed)
{
  for (uint32_t i = 0; i < THREADS; i++) {
    Worker *worker = &run.workers[i];

    worker->id = i + 1;
    worker->seed = sc_random (seed);
    ck_assert_uint_le (sc_ring_segment_size (OUTBOX),
        sizeof (worker->outbox_memory));
    ck_assert_int_eq (sc_ring_init (&worker->outbox, worker->outbox_memory,
            OUTBOX), 0);
  }
  atomic_init (&run.running, THREADS);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq (pthread_create (&run.workers[i].thread, NULL, work,
            &run.workers[i]), 0);
}

static void
add_account (Account * sum, const Account * one)
{
  for (int i = 0; i < TIERS; i++) {
    sum->acquired[i] += one->acquired[i];
    sum->released[i] += one->released[i];
    sum->failures[i] += one->failures[i];
    sum->borrows[i] += one->borrows[i];
  }
  for (int i = 0; i < SC_CLASSES; i++) {
    sum->class_acquired[i] += one->class_acquired[i];
    sum->class_released[i] += one->class_released[i];
    sum->class_failures[i] += one->class_failures[i];
    sum->class_borrows[i] += one->class_borrows[i];
  }
  sum->too_large += one->too_large;
  sum->timeouts += one->timeouts;
  sum->cancelled += one->cancelled;
  sum->late += one->late;
  sum->doubled += one->doubled;
}

#define BALANCES(theirs, ours) \
  do { \
    if ((theirs) != (ours)) \
      note_error ("accounts: %s is %" PRIu64 " where %" PRIu64 " were counted", \
          #theirs, (uint64_t) (theirs), (uint64_t) (ours)); \
  } while (0)

static void
check_tiers (const ScArenaStats * stats, const Account * account)
{
  uint64_t lent = 0, failures = 0, counted = 0;

  for (int i = 0; i < TIERS; i++) {
    const ScTierStats *tier = &stats->tiers[i];

    BALANCES (account->released[i], account->acquired[i]);
    BALANCES (tier->in_use, 0);
    BALANCES (tier->acquired, account->acquired[i]);
    BALANCES (tier->released, account->released[i]);
    BALANCES (tier->borrows, account->borrows[i]);
    BALANCES (tier->hits + lent, account->acquired[i]);
    lent = account->borrows[i];
    failures += tier->failures;
    counted += account->failures[i];
    if (tier->peak > tier->slots)
      note_error ("accounts: the peak of tier %d is beyond its slots", i);
  }
  /* Where a quota refuses, no tier was asked. */
  for (int i = 0; i < SC_CLASSES; i++)
    failures += stats->classes[i].quota_refusals;
  BALANCES (failures, counted);
}

static void
check_classes (const ScArenaStats * stats, const Account * account)
{
  for (int i = 0; i < SC_CLASSES; i++) {
    const ScClassStats *one = &stats->classes[i];

    BALANCES (account->class_released[i], account->class_acquired[i]);
    BALANCES (one->in_use, 0);
    BALANCES (one->acquired, account->class_acquired[i]);
    BALANCES (one->released, account->class_released[i]);
    BALANCES (one->failures, account->class_failures[i]);
    BALANCES (one->borrows, account->class_borrows[i]);
    if (!run.quotas || quotas[i] == 0)
      BALANCES (one->quota_refusals, 0);
    else if (one->peak > quotas[i])
      note_error ("accounts: the peak of class %d is beyond its quota", i);
  }
}

static void
check_accounts (const Account * account)
{
  ScArenaStats stats;
  uint32_t out = 0;

  sc_arena_read_stats (run.arena, &stats);
  check_tiers (&stats, account);
  check_classes (&stats, account);
  BALANCES (stats.too_large, account->too_large);
  BALANCES (stats.timeouts, account->timeouts);
  BALANCES (stats.doubled, account->doubled);
  BALANCES (stats.foreign + stats.corrupted + stats.overruns, 0);
  BALANCES (account->late, run.outstanding);
  sc_arena_foreach_out (run.arena, count_out, &out);
  BALANCES (out, 0);
}

/* One arena from init to close.  Returns the pairs done. */
static uint64_t
run_round (Breakage breakage, uint64_t pairs, int number, uint64_t * seed,
    Account * total)
{
  Account account = { 0 };
  bool closes = number % 2 == 1;

  memset (&run, 0, sizeof (run));
  pthread_mutex_init (&run.error_lock, NULL);
  run.breakage = breakage;
  run.pairs = pairs / THREADS + 1;
  run.close_after = closes ? 1 + sc_random (seed) % run.pairs : 0;
  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory),
          number % 4 < 2 ? &tight : &roomy,
          &run.arena), 0);
  run.slots = sc_arena_slots (run.arena);
  run.quotas = number % 3 == 2;
  for (int i = 0; run.quotas && i < SC_CLASSES; i++)
    ck_assert_int_eq (sc_arena_set_quota (run.arena, (ScClass) i, quotas[i]),
        0);
  if (number % 5 < 2) {
    sc_arena_meter_init (&meter);
    sc_arena_set_meter (run.arena, &meter);
  }
  start_workers (seed);
  watch (seed);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq (pthread_join (run.workers[i].thread, NULL), 0);

  /* What was put into an outbox after the others had looked. */
  tidy (&run.workers[0], true);
  for (int i = 0; i < THREADS; i++)
    add_account (&account, &run.workers[i].account);
  if (!closes)
    run.outstanding = sc_arena_close (run.arena);
  if (run.error[0] == '\0')
    check_accounts (&account);
  sc_arena_clear (run.arena);
  add_account (total, &account);
  pairs = all_pairs ();
  return pairs;
}

static uint64_t
pairs_wanted (void)
{
  const char *given = getenv ("SC_TEST_PAIRS");

  return given != NULL ? strtoull (given, NULL, 0) : DEFAULT_PAIRS;
}

START_TEST (test_no_slot_has_two_holders_and_all_accounts_balance)
{
  uint64_t seed = sc_random_seed ("pool-torture"), done = 0;
  uint64_t wanted = pairs_wanted ();
  Account total = { 0 };
  int rounds = 0;

  for (; done < wanted; rounds++) {
    done += run_round (SOUND, wanted / ROUNDS, rounds, &seed, &total);
    if (run.error[0] != '\0')
      ck_abort_msg ("round %d: %s", rounds, run.error);
  }
  printf ("%" PRIu64 " pairs in %d rounds; borrowed %" PRIu64 " %" PRIu64
      "; failed %" PRIu64 " %" PRIu64 " %" PRIu64 " (timed out %" PRIu64
      "); flushed %" PRIu64 "; late %" PRIu64 "; too large %" PRIu64 "\n",
      done, rounds, total.borrows[0], total.borrows[1], total.failures[0],
      total.failures[1], total.failures[2], total.timeouts, total.cancelled,
      total.late, total.too_large);
  for (int i = 0; i < SC_CLASSES; i++)
    printf ("class %d: %" PRIu64 " acquired, %" PRIu64 " failed\n", i,
        total.class_acquired[i], total.class_failures[i]);
  fflush (stdout);
  /* Each kind of call did happen. */
  for (int i = 0; i < SC_CLASSES; i++)
    ck_assert_uint_gt (total.class_acquired[i], 0);
  ck_assert_uint_gt (total.borrows[0], 0);
  ck_assert_uint_gt (total.borrows[1], 0);
  ck_assert_uint_gt (total.too_large, 0);
}
END_TEST

/* The same run over a pool that is not sound. */
static void
check_control (Breakage breakage, const char *expected)
{
  uint64_t seed = sc_random_seed ("pool-torture control");
  Account total = { 0 };

  /* Another check may be the first to find it, now and then. */
  for (int i = 0; i < 10 && strstr (run.error, expected) == NULL; i++) {
    (void) run_round (breakage, CONTROL_PAIRS, 0, &seed, &total);
    ck_assert_msg (run.error[0] != '\0', "nothing was found");
  }
  printf ("found: %s\n", run.error);
  ck_assert_msg (strstr (run.error, expected) != NULL, "\"%s\" was not found",
      expected);
}

START_TEST (test_control_a_slot_handed_out_twice_is_found)
{
  check_control (HANDS_OUT_TWICE, "was handed");
}
END_TEST

START_TEST (test_control_a_forgotten_release_is_found)
{
  check_control (FORGETS_A_RELEASE, "accounts: ");
}
END_TEST

START_TEST (test_control_damaged_data_is_found)
{
  check_control (DAMAGES_DATA, "the data of slot");
}
END_TEST

SC_CHECK_MAIN ("pool-torture",
    test_no_slot_has_two_holders_and_all_accounts_balance,
    test_control_a_slot_handed_out_twice_is_found,
    test_control_a_forgotten_release_is_found,
    test_control_damaged_data_is_found)
