/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A recording of an hour in a few seconds: the recorder's clock and its timed
 * waits are simulated (the linker wraps clock_gettime() and
 * sc_eventcount_wait()), and so is the disk, whose syncs take their time on the
 * same clock.  Time goes on only when all threads of the recorder sleep, so what
 * is asserted does not depend on the machine.
 */
#include "sc-check.h"
#include "sc-clock.h"
#include "sc-recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes that the process may grow by after the first minutes; a sanitizer's
 * shadow memory and quarantine grow with it. */
#ifdef __has_feature
#if __has_feature (thread_sanitizer) || __has_feature (address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined (__SANITIZE_THREAD__) || defined (__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifdef SANITIZED
#define GROWTH_MAX (64u << 20)
#else
#define GROWTH_MAX (1u << 20)
#endif

#define MS UINT64_C (1000000)
#define TICK (8 * MS)
#define HOUR (3600 * SC_NS_PER_S)
#define BUFFER 1536u            /* a tick of 48 kHz stereo of 16 bits */
#define HEADER 44u
#define HEADER_TICKS 1250u      /* the muxer rewrites it every 10 s */
#define INTERVAL SC_NS_PER_S
#define PAYLOAD_SYNC (30 * MS)
#define JOURNAL_SYNC (5 * MS)
#define RING (4u << 20)
#define WARM (600 * SC_NS_PER_S)

/* ---- time ---- */

/* A thread that sleeps on this clock. */
typedef struct
{
  bool used;
  ScEventcount *eventcount;     /* NULL: only time wakes it */
  uint32_t key;
  uint64_t until;
} Sleeper;

enum
{ PAYLOAD, JOURNAL, FILES, SLEEPERS = 4, RECORDER_THREADS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asleep = PTHREAD_COND_INITIALIZER;
static pthread_cond_t ticked = PTHREAD_COND_INITIALIZER;
static Sleeper sleepers[SLEEPERS];
static _Atomic uint64_t now;
static _Atomic bool simulated;

int __real_clock_gettime (clockid_t clock, struct timespec *t);
int __wrap_clock_gettime (clockid_t clock, struct timespec *t);
int __real_sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns);
int __wrap_sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns);

int
__wrap_clock_gettime (clockid_t clock, struct timespec *t)
{
  if (!simulated)
    return __real_clock_gettime (clock, t);
  t->tv_sec = (time_t) (now / SC_NS_PER_S);
  t->tv_nsec = (long) (now % SC_NS_PER_S);
  return 0;
}

/* Under lock. */
static Sleeper *
lie_down (ScEventcount * eventcount, uint32_t key, uint64_t duration)
{
  Sleeper *self = sleepers;

  while (self->used)
    self++;
  self->used = true;
  self->eventcount = eventcount;
  self->key = key;
  self->until = duration < UINT64_MAX - now ? now + duration : UINT64_MAX;
  pthread_cond_signal (&asleep);
  return self;
}

int
__wrap_sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns)
{
  Sleeper *sleeper;
  bool late;

  if (!simulated)
    return __real_sc_eventcount_wait (self, key, timeout_ns);
  pthread_mutex_lock (&lock);
  sleeper = lie_down (self, key, timeout_ns);
  pthread_mutex_unlock (&lock);
  (void) __real_sc_eventcount_wait (self, key, SC_WAIT_FOREVER);
  pthread_mutex_lock (&lock);
  late = now >= sleeper->until;
  sleeper->used = false;
  pthread_mutex_unlock (&lock);
  return late ? -ETIMEDOUT : 0;
}

static void
take_time (uint64_t duration)
{
  Sleeper *sleeper;

  if (!simulated)
    return;
  pthread_mutex_lock (&lock);
  sleeper = lie_down (NULL, 0, duration);
  while (simulated && now < sleeper->until)
    pthread_cond_wait (&ticked, &lock);
  sleeper->used = false;
  pthread_mutex_unlock (&lock);
}

/* Under lock: nobody is on its way. */
static bool
all_sleep (void)
{
  int count = 0;

  for (int i = 0; i < SLEEPERS; i++)
    if (sleepers[i].used && (sleepers[i].eventcount == NULL
            ? now < sleepers[i].until
            : atomic_load (&sleepers[i].eventcount->epoch) == sleepers[i].key))
      count++;
  return count == RECORDER_THREADS;
}

/* Lets the time go on, through all that is due before. */
static void
advance_to (uint64_t time)
{
  pthread_mutex_lock (&lock);
  for (;;) {
    uint64_t next = time;

    while (!all_sleep ())
      pthread_cond_wait (&asleep, &lock);
    if (now >= time)
      break;
    for (int i = 0; i < SLEEPERS; i++)
      if (sleepers[i].used && sleepers[i].until < next)
        next = sleepers[i].until;
    now = next;
    for (int i = 0; i < SLEEPERS; i++)
      if (sleepers[i].used && sleepers[i].until <= now
          && sleepers[i].eventcount != NULL)
        sc_eventcount_notify (sleepers[i].eventcount);
    pthread_cond_broadcast (&ticked);
  }
  pthread_mutex_unlock (&lock);
}

/* What comes goes as fast as it can. */
static void
leave_simulation (void)
{
  pthread_mutex_lock (&lock);
  simulated = false;
  for (int i = 0; i < SLEEPERS; i++)
    if (sleepers[i].used && sleepers[i].eventcount != NULL)
      sc_eventcount_notify (sleepers[i].eventcount);
  pthread_cond_broadcast (&ticked);
  pthread_mutex_unlock (&lock);
}

/* ---- the disk: keeps sizes, and the header that is read again ---- */

static struct
{
  _Atomic uint64_t size;
  uint8_t head[HEADER];
} files[FILES];

static int
hour_open (const ScFileOps * ops, const char *path, int flags, mode_t mode)
{
  int fd = strstr (path, ".sfj") != NULL ? JOURNAL : PAYLOAD;

  return flags & O_CREAT ? fd : -ENOENT;
}

static ssize_t
hour_pwritev (const ScFileOps * ops, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  ssize_t done = 0;

  for (int i = 0; i < iov_count; i++) {
    const uint8_t *bytes = iov[i].iov_base;

    for (size_t at = 0; fd == PAYLOAD && at < iov[i].iov_len
        && offset + at < HEADER; at++)
      files[fd].head[offset + at] = bytes[at];
    offset += iov[i].iov_len;
    done += (ssize_t) iov[i].iov_len;
  }
  if (offset > files[fd].size)
    files[fd].size = offset;
  return done;
}

static ssize_t
hour_pread (const ScFileOps * ops, int fd, void *data, size_t size,
    uint64_t offset)
{
  ck_assert (fd == PAYLOAD && offset + size <= HEADER);
  memcpy (data, files[fd].head + offset, size);
  return (ssize_t) size;
}

static int
hour_datasync (const ScFileOps * ops, int fd)
{
  take_time (fd == JOURNAL ? JOURNAL_SYNC : PAYLOAD_SYNC);
  return 0;
}

static int
hour_truncate (const ScFileOps * ops, int fd, uint64_t size)
{
  files[fd].size = size;
  return 0;
}

static int64_t
hour_size (const ScFileOps * ops, int fd)
{
  return (int64_t) files[fd].size;
}

static int
hour_close (const ScFileOps * ops, int fd)
{
  return 0;
}

static int
hour_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  return 0;
}

static int
hour_name (const ScFileOps * ops, const char *path)
{
  return 0;
}

static int
hour_lock (const ScFileOps * ops, int fd)
{
  return 0;
}

static const ScFileOps hour_ops = {
  .open = hour_open,.pwritev = hour_pwritev,.pread = hour_pread,
  .datasync = hour_datasync,.truncate = hour_truncate,.size = hour_size,
  .close = hour_close,.rename = hour_rename,.unlink = hour_name,
  .sync_parent = hour_name,.lock = hour_lock
};

/* ---- the recording ---- */

static ScRecorder recorder;
static ScRecorderStateLog state_log;

static void
open_recorder (uint64_t interval)
{
  ScRecorderConfig config = {
    .target = {.ops = &hour_ops,.path = "take.part",.publish_path = "take",
          .journal_path = "take.sfj",.permissions = 0600,
        .replace = true,.keep_journal = true},
    .policy = SC_SYNC_INTERVAL,.sync_interval = interval,.ring_size = RING,
    .release_region = free
  };
  ScFault fault;

  memset (files, 0, sizeof (files));
  sc_recorder_state_log_init (&state_log);
  config.region = aligned_alloc (4096, sc_recorder_region_size (&config));
  ck_assert_int_eq (sc_recorder_open (&recorder, &config, &state_log, &fault),
      0);
  simulated = true;
  /* Both threads may have gone to sleep before: they come round again. */
  sc_eventcount_notify (&recorder.sync_wake);
  sc_eventcount_notify (&recorder.ring.data_ready);
}

static void
put (uint64_t offset, size_t size)
{
  static const uint8_t bytes[BUFFER];
  size_t taken;

  ck_assert_int_eq (sc_recorder_write (&recorder, offset, now, bytes, size,
          SC_WAIT_FOREVER, &taken), 0);
}

/* How long ago the first byte came that is not durable now. */
static uint64_t
lag (uint64_t began, uint64_t accepted, uint64_t durable)
{
  uint64_t tick = durable <= HEADER ? 0 : (durable - HEADER) / BUFFER;

  return durable >= accepted ? 0 : now - (began + tick * TICK);
}

static uint64_t
resident_pages (void)
{
  FILE *file = fopen ("/proc/self/statm", "r");
  unsigned long size, resident = 0;

  if (file == NULL)
    return 0;
  if (fscanf (file, "%lu %lu", &size, &resident) != 2)
    resident = 0;
  fclose (file);
  return resident;
}

typedef struct
{
  uint64_t lag;                 /* the longest, ns */
  uint64_t backlog;             /* the largest, bytes */
  uint64_t waits;
  uint64_t syncs;
  uint64_t journal;             /* bytes at the end */
  uint64_t growth;              /* of memory since WARM, bytes */
} Hour;

static Hour
record (uint64_t duration, uint64_t interval)
{
  uint64_t began, end = HEADER, pages = 0;
  ScRecorderStats stats;
  Hour hour = { 0 };
  ScFault fault;

  open_recorder (interval);
  advance_to (now + TICK);
  began = now;
  put (0, HEADER);
  for (uint64_t tick = 0; now - began < duration; tick++) {
    put (end, BUFFER);
    end += BUFFER;
    if (tick % HEADER_TICKS == HEADER_TICKS - 1)
      put (0, HEADER);
    advance_to (now + TICK);
    sc_recorder_stats (&recorder, &stats);
    if (lag (began, end, stats.durable) > hour.lag)
      hour.lag = lag (began, end, stats.durable);
    if (stats.backlog > hour.backlog)
      hour.backlog = stats.backlog;
    if (now - began == WARM)
      pages = resident_pages ();
  }
  if (pages > 0 && resident_pages () > pages)
    hour.growth = (resident_pages () - pages)
        * (uint64_t) sysconf (_SC_PAGESIZE);
  leave_simulation ();
  ck_assert_int_eq (sc_recorder_finish (&recorder, SC_WAIT_FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&recorder, &fault), 0);
  sc_recorder_stats (&recorder, &stats);
  ck_assert_uint_eq (stats.durable, end);
  ck_assert_uint_eq (files[PAYLOAD].size, end);
  hour.waits = stats.waits;
  hour.syncs = stats.syncs;
  hour.journal = files[JOURNAL].size;
  return hour;
}

/* ---- claims ---- */

START_TEST (test_an_hour_takes_no_more_memory_or_journal_than_it_may)
{
  Hour hour = record (HOUR, INTERVAL);

  printf ("an hour: lag at most %.1f ms, backlog at most %llu bytes, %llu "
      "syncs, journal of %llu bytes, memory grew by %llu bytes\n",
      (double) hour.lag / (double) MS, (unsigned long long) hour.backlog,
      (unsigned long long) hour.syncs, (unsigned long long) hour.journal,
      (unsigned long long) hour.growth);
  ck_assert_uint_le (hour.lag, INTERVAL + PAYLOAD_SYNC + JOURNAL_SYNC);
  ck_assert_uint_eq (hour.waits, 0);
  /* A second of data, and what a sync's time brings. */
  ck_assert_uint_le (hour.backlog, 150 * BUFFER);
  /* Ten extents and a sync a second, and a header in ten. */
  ck_assert_uint_le (hour.journal, 3600 * 600u);
  ck_assert_uint_le (hour.growth, GROWTH_MAX);
}

END_TEST
/* The same without the promise: the lag is seen. */
START_TEST (test_control_a_longer_interval_lags_longer)
{
  Hour hour = record (60 * SC_NS_PER_S, 2 * INTERVAL);

  ck_assert_uint_gt (hour.lag, INTERVAL + PAYLOAD_SYNC + JOURNAL_SYNC);
}

END_TEST
SC_CHECK_MAIN ("recorder-hour",
    test_an_hour_takes_no_more_memory_or_journal_than_it_may,
    test_control_a_longer_interval_lags_longer)
