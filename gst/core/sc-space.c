/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-space.h"

#include "sc-clock.h"

#include <errno.h>
#include <sys/resource.h>

/* One allocation is good for so many bytes; but for no more than a share of what
 * is free, as the journal needs room too. */
#define STEP (UINT64_C (32) << 20)
#define STEP_SHARE 8
/* Smaller pieces of a disk that is nearly full are not tried for. */
#define PIECE_MIN (UINT64_C (64) << 10)
/* Between two looks at the free space, ns. */
#define LOOK_INTERVAL UINT64_C (1000000000)

static uint64_t
size_limit_of_process (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_FSIZE, &limit) == -1 || limit.rlim_cur == RLIM_INFINITY)
    return SC_SPACE_UNKNOWN;
  return (uint64_t) limit.rlim_cur;
}

static bool
is_limited (const ScSpace * self)
{
  const ScSpaceConfig *config = &self->config;

  return config->reserve > 0 || config->min_free > 0 || config->max_bytes > 0;
}

static uint64_t
less (uint64_t from, uint64_t what)
{
  return from > what ? from - what : 0;
}

static uint64_t
min64 (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

/* As much as the reserve is left for the journal, which logs what the muxer
 * completes at the end. */
static void
be_modest (ScSpaceConfig * config, const ScFileOps * ops, int fd, uint64_t end)
{
  int64_t free_bytes = sc_file_free_space (ops, fd);
  uint64_t most = free_bytes > 0
      ? less ((uint64_t) free_bytes, config->min_free) : 0;

  if (config->max_bytes > 0)
    most = min64 (most, less (config->max_bytes, end));
  config->reserve = min64 (config->reserve, most / SC_SPACE_MODEST_SHARE);
  config->min_free += config->reserve;
}

void
sc_space_init (ScSpace * self, const ScSpaceConfig * config,
    const ScFileOps * ops, int fd, uint64_t end)
{
  uint64_t limit = size_limit_of_process ();

  self->config = *config;
  if (is_limited (self) && limit != SC_SPACE_UNKNOWN
      && (config->max_bytes == 0 || limit < config->max_bytes))
    self->config.max_bytes = limit;
  if (config->modest)
    be_modest (&self->config, ops, fd, end);
  self->looked = 0;
  atomic_init (&self->left, SC_SPACE_UNKNOWN);
  sc_space_reset (self);
  self->room = self->taken = end;
}

void
sc_space_reset (ScSpace * self)
{
  self->room = self->taken = 0;
  self->limit = SC_SPACE_UNKNOWN;
  self->allocates = self->config.reserve > 0 && !self->config.modest;
}

bool
sc_space_has_allocated (const ScSpace * self)
{
  return self->allocates && self->room > 0;
}

/* Free bytes that the recording may take; unknown where they cannot be had. */
static uint64_t
look (ScSpace * self, const ScFileOps * ops, int fd)
{
  int64_t free_bytes = sc_file_free_space (ops, fd);

  self->looked = sc_clock_now ();
  return free_bytes < 0 ? SC_SPACE_UNKNOWN
      : less ((uint64_t) free_bytes, self->config.min_free);
}

/* The payload's greatest end, by what is free and by its own limit. */
static uint64_t
greatest_end (const ScSpace * self, uint64_t free_bytes)
{
  uint64_t base = self->allocates && self->room > self->taken ? self->room
      : self->taken;
  uint64_t most = free_bytes < UINT64_MAX - base ? base + free_bytes
      : UINT64_MAX;

  return self->config.max_bytes > 0 ? min64 (most, self->config.max_bytes)
      : most;
}

/* Takes as much of the room up to @wanted as there is. */
static void
allocate (ScSpace * self, const ScFileOps * ops, int fd, uint64_t wanted)
{
  uint64_t piece = less (wanted, self->room);

  while (self->room < wanted) {
    int ret = sc_file_reserve (ops, fd, self->room,
        min64 (piece, wanted - self->room));

    if (ret == 0) {
      self->room += min64 (piece, wanted - self->room);
    } else if (ret == -ENOSPC || ret == -EDQUOT || ret == -EFBIG) {
      if (piece < 2 * PIECE_MIN)
        return;
      piece /= 2;
    } else {
      self->allocates = false;
      return;
    }
  }
}

static void
set_limit (ScSpace * self)
{
  self->limit = less (self->room, self->config.reserve);
}

static void
note_left (ScSpace * self, uint64_t end, uint64_t greatest)
{
  uint64_t left = less (self->limit != SC_SPACE_UNKNOWN ? self->limit
      : less (greatest, self->config.reserve), end);

  atomic_store_explicit (&self->left, greatest == UINT64_MAX
      ? SC_SPACE_UNKNOWN : left, memory_order_relaxed);
}

/* Others may have taken what was only looked up. */
static void
look_again (ScSpace * self, const ScFileOps * ops, int fd, uint64_t end)
{
  uint64_t free_bytes = look (self, ops, fd);

  if (is_limited (self) && self->limit == SC_SPACE_UNKNOWN && free_bytes == 0
      && (self->config.min_free > 0 || !self->allocates))
    self->limit = min64 (end, less (self->room, self->config.reserve));
  note_left (self, end, greatest_end (self, free_bytes));
}

static void
extend (ScSpace * self, const ScFileOps * ops, int fd, uint64_t end,
    uint64_t needed)
{
  uint64_t free_bytes = look (self, ops, fd), greatest;
  uint64_t wanted = needed + min64 (STEP, free_bytes / STEP_SHARE);

  greatest = greatest_end (self, free_bytes);
  if (self->allocates)
    allocate (self, ops, fd, min64 (wanted, greatest));
  if (!self->allocates) {
    greatest = greatest_end (self, free_bytes);
    if (self->config.modest || min64 (wanted, greatest) > self->room)
      self->room = min64 (wanted, greatest);
  }
  self->limit = SC_SPACE_UNKNOWN;
  if (self->room < needed)
    set_limit (self);
  note_left (self, end, greatest);
}

void
sc_space_make_room (ScSpace * self, const ScFileOps * ops, int fd,
    uint64_t end)
{
  uint64_t needed = end + self->config.ahead + self->config.reserve;
  bool due = sc_clock_now () - self->looked >= LOOK_INTERVAL;

  if (is_limited (self) && ((self->config.modest && due)
          || (self->limit == SC_SPACE_UNKNOWN && self->room < needed)))
    extend (self, ops, fd, end, needed);
  else if (due)
    look_again (self, ops, fd, end);
  self->taken = end;
}

void
sc_space_end_at (ScSpace * self, uint64_t end)
{
  if (end < self->limit)
    self->limit = end;
}

uint64_t
sc_space_left (const ScSpace * self)
{
  return atomic_load_explicit (&self->left, memory_order_relaxed);
}
