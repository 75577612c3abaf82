/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-byte-ring.h"

#include "sc-clock.h"
#include "sc-crc32c.h"

#include <errno.h>
#include <string.h>

#define SC_BYTE_RING_INTERRUPTED 1u
#define SC_BYTE_RING_BROKEN 2u

/* Copied and checksummed piece by piece, so that the checksum reads what the
 * copy left in the first-level cache. */
#define COPY_PIECE 16384u

/* A producer that waits with a large write goes on only for a piece worth a
 * record. */
#define WORTHWHILE 4096u

static uint64_t
record_count (uint64_t data_size)
{
  uint64_t count = 64;

  while (count < data_size / SC_BYTE_RING_RECORD_SHARE)
    count *= 2;
  return count;
}

static uint64_t
data_room (uint64_t data_size)
{
  return (data_size + 63) / 64 * 64;
}

size_t
sc_byte_ring_region_size (uint64_t data_size)
{
  return (size_t) (data_room (data_size)
      + record_count (data_size) * sizeof (ScByteRecord));
}

int
sc_byte_ring_init (ScByteRing * self, void *region, uint64_t data_size)
{
  int ret;

  if (data_size < SC_BYTE_RING_MIN)
    return -EINVAL;
  self->data = region;
  self->data_size = data_size;
  self->records = (ScByteRecord *) (self->data + data_room (data_size));
  self->record_count = record_count (data_size);
  atomic_init (&self->head, 0);
  atomic_init (&self->head_bytes, 0);
  atomic_init (&self->waits, 0);
  atomic_init (&self->wait_time, 0);
  atomic_init (&self->written, 0);
  atomic_init (&self->written_bytes, 0);
  atomic_init (&self->wake_at, 0);
  atomic_init (&self->released, 0);
  atomic_init (&self->released_bytes, 0);
  atomic_init (&self->stops, 0);
  ret = sc_eventcount_init (&self->space);
  if (ret != 0)
    return ret;
  ret = sc_eventcount_init (&self->data_ready);
  if (ret != 0)
    sc_eventcount_clear (&self->space);
  return ret;
}

void
sc_byte_ring_clear (ScByteRing * self)
{
  sc_eventcount_clear (&self->data_ready);
  sc_eventcount_clear (&self->space);
}

static ScByteRecord *
record_at (const ScByteRing * self, uint64_t position)
{
  return &self->records[position & (self->record_count - 1)];
}

/* The bytes that the next record may take now; 0 if it has to wait. */
static uint64_t
room (ScByteRing * self, size_t wanted)
{
  uint64_t head = atomic_load_explicit (&self->head, memory_order_relaxed);
  uint64_t bytes = atomic_load_explicit (&self->head_bytes,
      memory_order_relaxed);
  uint64_t free_bytes, chunk;

  /* Acquire, both: pairs with release's stores: the memory is ours only once
   * its last reader is done with it.  Without it, a copy could overtake the
   * writer's reads. */
  if (head - atomic_load_explicit (&self->released, memory_order_acquire)
      == self->record_count)
    return 0;
  free_bytes = self->data_size - (bytes
      - atomic_load_explicit (&self->released_bytes, memory_order_acquire));
  chunk = wanted < SC_BYTE_RING_RECORD_MAX ? wanted : SC_BYTE_RING_RECORD_MAX;
  if (chunk <= free_bytes)
    return chunk;
  return wanted > sc_byte_ring_whole (self) && free_bytes >= WORTHWHILE
      ? free_bytes : 0;
}

/* @wanted: bytes; 0: a gap */
static bool
has_room (ScByteRing * self, size_t wanted)
{
  if (wanted > 0)
    return room (self, wanted) > 0;
  /* Acquire: as in room. */
  return atomic_load_explicit (&self->head, memory_order_relaxed)
      - atomic_load_explicit (&self->released, memory_order_acquire)
      <= self->record_count - SC_BYTE_RING_GAP_RECORDS;
}

static uint32_t
stops (ScByteRing * self)
{
  /* Acquire: pairs with interrupt and break, so that the caller also sees why
   * it was stopped. */
  return atomic_load_explicit (&self->stops, memory_order_acquire);
}

/* Waits until there is room.  @deadline: 0 = never */
static int
wait_for_room (ScByteRing * self, size_t wanted, uint64_t deadline)
{
  uint64_t began = sc_clock_now (), now = began;
  int ret = 0;

  atomic_fetch_add_explicit (&self->waits, 1, memory_order_relaxed);
  /* The consumer may wait for more than there is room for. */
  sc_eventcount_notify (&self->data_ready);
  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->space);
    uint32_t why = stops (self);

    if (why != 0)
      ret = why & SC_BYTE_RING_BROKEN ? -EPIPE : -ECANCELED;
    else if (deadline != 0 && now >= deadline)
      ret = -ETIMEDOUT;
    if (ret != 0 || has_room (self, wanted)) {
      sc_eventcount_cancel (&self->space);
      break;
    }
    (void) sc_eventcount_wait (&self->space, key,
        deadline == 0 ? SC_WAIT_FOREVER : deadline - now);
    now = sc_clock_now ();
  }
  atomic_fetch_add_explicit (&self->wait_time, sc_clock_now () - began,
      memory_order_relaxed);
  return ret;
}

static uint32_t
copy_and_checksum (uint32_t crc, uint8_t * to, const uint8_t * from,
    size_t size)
{
  while (size > 0) {
    size_t piece = size < COPY_PIECE ? size : COPY_PIECE;

    memcpy (to, from, piece);
    crc = sc_crc32c (crc, to, piece);
    to += piece;
    from += piece;
    size -= piece;
  }
  return crc;
}

/* @bytes: put so far */
static void
wake_consumer (ScByteRing * self, uint64_t bytes)
{
  /* The fence in has_waiter is the other half of the pair with the one in prepare
   * also for wake_at, which the consumer sets before: either we see what it has set
   * last, or it sees our record and does not sleep. */
  if (sc_eventcount_has_waiter (&self->data_ready)
      && bytes >= atomic_load_explicit (&self->wake_at, memory_order_relaxed))
    sc_eventcount_wake (&self->data_ready);
}

static void
put_record (ScByteRing * self, uint64_t offset, uint64_t time,
    const uint8_t * data, uint32_t size)
{
  uint64_t head = atomic_load_explicit (&self->head, memory_order_relaxed);
  uint64_t bytes = atomic_load_explicit (&self->head_bytes,
      memory_order_relaxed);
  ScByteRecord *record = record_at (self, head);
  uint64_t place = bytes % self->data_size;
  size_t first = size < self->data_size - place ? size
      : (size_t) (self->data_size - place);

  record->offset = offset;
  record->end = bytes + size;
  record->time = time;
  record->size = size;
  record->crc = copy_and_checksum (0, self->data + place, data, first);
  record->crc = copy_and_checksum (record->crc, self->data, data + first,
      size - first);
  atomic_store_explicit (&self->head_bytes, bytes + size, memory_order_relaxed);
  /* Release: pairs with peek's acquire, which then sees record and payload. */
  atomic_store_explicit (&self->head, head + 1, memory_order_release);
  wake_consumer (self, bytes + size);
}

int
sc_byte_ring_put (ScByteRing * self, uint64_t offset, uint64_t time,
    const void *data, size_t size, uint64_t timeout_ns, size_t *taken)
{
  uint64_t deadline = 0;

  *taken = 0;
  while (*taken < size) {
    size_t wanted = size - *taken;
    uint64_t chunk;
    int ret;

    if (stops (self) & SC_BYTE_RING_BROKEN)
      return -EPIPE;
    chunk = room (self, wanted);
    if (chunk == 0) {
      if (deadline == 0 && timeout_ns != SC_WAIT_FOREVER)
        deadline = sc_clock_now () + timeout_ns;
      ret = wait_for_room (self, wanted, deadline);
      if (ret != 0)
        return ret;
      continue;
    }
    put_record (self, offset + *taken, time,
        (const uint8_t *) data + *taken, (uint32_t) chunk);
    *taken += (size_t) chunk;
  }
  return 0;
}

static void
put_gap_records (ScByteRing * self, const ScGap * gap)
{
  uint64_t head = atomic_load_explicit (&self->head, memory_order_relaxed);
  uint64_t bytes = atomic_load_explicit (&self->head_bytes,
      memory_order_relaxed);

  *record_at (self, head) = (ScByteRecord) {
    .offset = gap->offset,.end = bytes,.time = gap->first,
    .crc = (uint32_t) gap->buffers
  };
  *record_at (self, head + 1) = (ScByteRecord) {
    .offset = gap->offset + gap->size,.end = bytes,.time = gap->last,
    .crc = (uint32_t) (gap->buffers >> 32)
  };
  /* Release: as in put_record. */
  atomic_store_explicit (&self->head, head + SC_BYTE_RING_GAP_RECORDS,
      memory_order_release);
  wake_consumer (self, bytes);
}

int
sc_byte_ring_put_gap (ScByteRing * self, const ScGap * gap, uint64_t timeout_ns)
{
  int ret = stops (self) & SC_BYTE_RING_BROKEN ? -EPIPE : 0;

  if (ret == 0 && !has_room (self, 0))
    ret = wait_for_room (self, 0, timeout_ns == SC_WAIT_FOREVER ? 0
        : sc_clock_now () + timeout_ns);
  if (ret == 0)
    put_gap_records (self, gap);
  return ret;
}

static void
join_part (ScByteRun * run, uint8_t * start, size_t size)
{
  struct iovec *last = run->iov_count == 0 ? NULL
      : &run->iov[run->iov_count - 1];

  if (size == 0)
    return;
  if (last != NULL && (uint8_t *) last->iov_base + last->iov_len == start)
    last->iov_len += size;
  else
    run->iov[run->iov_count++] = (struct iovec) { start, size };
}

/* Adds a record's payload to the run's vector; the payloads lie back to back,
 * so only the ring's end begins a second part. */
static void
join_payload (const ScByteRing * self, ScByteRun * run, const ScByteRecord * record)
{
  uint64_t place = (record->end - record->size) % self->data_size;
  size_t first = record->size < self->data_size - place ? record->size
      : (size_t) (self->data_size - place);

  join_part (run, self->data + place, first);
  join_part (run, self->data, record->size - first);
}

/* The consumer sees both records or none. */
static void
read_gap (const ScByteRing * self, uint64_t position, ScByteRun * run)
{
  const ScByteRecord *first = record_at (self, position);
  const ScByteRecord *last = record_at (self, position + 1);

  run->gap = (ScGap) {
    .offset = first->offset,.size = last->offset - first->offset,
    .buffers = first->crc | (uint64_t) last->crc << 32,
    .first = first->time,.last = last->time
  };
  run->offset = first->offset;
  run->time = last->time;
  run->records = SC_BYTE_RING_GAP_RECORDS;
}

bool
sc_byte_ring_peek (ScByteRing * self, uint64_t limit, ScByteRun * run)
{
  uint64_t position = atomic_load_explicit (&self->written,
      memory_order_relaxed);
  /* Acquire: pairs with put_record's release. */
  uint64_t head = atomic_load_explicit (&self->head, memory_order_acquire);

  memset (run, 0, sizeof (*run));
  run->time = SC_BYTE_RING_NO_TIME;
  for (; position != head; position++) {
    const ScByteRecord *record = record_at (self, position);

    if (run->records > 0 && (record->offset != run->offset + run->size
            || record->size == 0 || run->size + record->size > limit))
      break;
    if (record->size == 0) {
      read_gap (self, position, run);
      break;
    }
    if (run->records == 0) {
      run->offset = record->offset;
      run->crc = record->crc;
    } else {
      run->crc = sc_crc32c_combine (run->crc, record->crc, record->size);
    }
    if (record->time != SC_BYTE_RING_NO_TIME)
      run->time = record->time;
    join_payload (self, run, record);
    run->size += record->size;
    run->records++;
  }
  return run->records > 0;
}

void
sc_byte_ring_look (const ScByteRing * self, uint64_t position, ScByteRun * run)
{
  const ScByteRecord *record = record_at (self, position);

  memset (run, 0, sizeof (*run));
  run->offset = record->offset;
  run->size = record->size;
  run->time = record->time;
  run->crc = record->crc;
  run->records = 1;
  join_payload (self, run, record);
}

int
sc_byte_run_cut (ScByteRun * run, uint64_t size, struct iovec front[2])
{
  int parts = 0;

  for (int i = 0; i < run->iov_count && size > 0; i++) {
    struct iovec *iov = &run->iov[i];
    size_t step = iov->iov_len < size ? iov->iov_len : (size_t) size;

    front[parts].iov_base = iov->iov_base;
    front[parts++].iov_len = step;
    iov->iov_base = (char *) iov->iov_base + step;
    iov->iov_len -= step;
    run->offset += step;
    run->size -= step;
    size -= step;
  }
  return parts;
}

uint64_t
sc_byte_ring_released_position (const ScByteRing * self)
{
  return atomic_load_explicit (&self->released, memory_order_relaxed);
}

void
sc_byte_ring_wake_at (ScByteRing * self, uint64_t bytes)
{
  atomic_store_explicit (&self->wake_at, bytes == 0 ? 0
      : atomic_load_explicit (&self->written_bytes, memory_order_relaxed)
      + bytes, memory_order_relaxed);
}

uint64_t
sc_byte_ring_pending (const ScByteRing * self)
{
  return atomic_load_explicit (&self->head_bytes, memory_order_relaxed)
      - atomic_load_explicit (&self->written_bytes, memory_order_relaxed);
}

void
sc_byte_ring_written (ScByteRing * self, uint64_t records)
{
  uint64_t position = atomic_load_explicit (&self->written,
      memory_order_relaxed) + records;

  atomic_store_explicit (&self->written_bytes,
      record_at (self, position - 1)->end, memory_order_relaxed);
  /* Release: pairs with the acquire in written_position: who sees the position
   * knows that the write has been made, and may sync it. */
  atomic_store_explicit (&self->written, position, memory_order_release);
}

void
sc_byte_ring_release (ScByteRing * self, uint64_t position)
{
  if (position == atomic_load_explicit (&self->released, memory_order_relaxed))
    return;
  /* The bytes first: once `released` moves, the producer may reuse the record
   * this one is read from.  Release, both: pairs with the acquires in room. */
  atomic_store_explicit (&self->released_bytes,
      record_at (self, position - 1)->end, memory_order_release);
  atomic_store_explicit (&self->released, position, memory_order_release);
  sc_eventcount_notify (&self->space);
}

void
sc_byte_ring_rewind (ScByteRing * self)
{
  atomic_store_explicit (&self->written_bytes,
      atomic_load_explicit (&self->released_bytes, memory_order_relaxed),
      memory_order_relaxed);
  /* Release: as in written; for the readers of levels. */
  atomic_store_explicit (&self->written,
      atomic_load_explicit (&self->released, memory_order_relaxed),
      memory_order_release);
}

void
sc_byte_ring_interrupt (ScByteRing * self, bool interrupted)
{
  /* Release, as in break: pairs with the acquire in stops. */
  if (interrupted) {
    atomic_fetch_or_explicit (&self->stops, SC_BYTE_RING_INTERRUPTED,
        memory_order_release);
    sc_eventcount_notify (&self->space);
  } else {
    atomic_fetch_and_explicit (&self->stops, ~SC_BYTE_RING_INTERRUPTED,
        memory_order_release);
  }
}

void
sc_byte_ring_break (ScByteRing * self)
{
  atomic_fetch_or_explicit (&self->stops, SC_BYTE_RING_BROKEN,
      memory_order_release);
  sc_eventcount_notify (&self->space);
}

uint64_t
sc_byte_ring_whole (const ScByteRing * self)
{
  uint64_t quarter = self->data_size / 4;

  return quarter < SC_BYTE_RING_WHOLE_MAX ? quarter : SC_BYTE_RING_WHOLE_MAX;
}

uint64_t
sc_byte_ring_head (const ScByteRing * self)
{
  /* Acquire: pairs with put_record's release, so that the records before may be
   * looked at.  Without it, verification could see in one of them what stood in
   * that slot a round ago, miss that it rewrites the bytes just read, and put the
   * old ones back. */
  return atomic_load_explicit (&self->head, memory_order_acquire);
}

uint64_t
sc_byte_ring_written_position (const ScByteRing * self)
{
  /* Acquire: pairs with sc_byte_ring_written(). */
  return atomic_load_explicit (&self->written, memory_order_acquire);
}

uint64_t
sc_byte_ring_level (const ScByteRing * self)
{
  /* The smaller first: the difference is never negative. */
  uint64_t released = atomic_load_explicit (&self->released_bytes,
      memory_order_acquire);

  return atomic_load_explicit (&self->head_bytes, memory_order_relaxed)
      - released;
}

uint64_t
sc_byte_ring_unreleased (const ScByteRing * self)
{
  uint64_t released = atomic_load_explicit (&self->released_bytes,
      memory_order_acquire);

  return atomic_load_explicit (&self->written_bytes, memory_order_relaxed)
      - released;
}

bool
sc_byte_ring_half_unreleased (const ScByteRing * self)
{
  uint64_t records = atomic_load_explicit (&self->released,
      memory_order_acquire);

  return sc_byte_ring_unreleased (self) >= self->data_size / 2
      || atomic_load_explicit (&self->written, memory_order_relaxed)
      - records >= self->record_count / 2;
}
