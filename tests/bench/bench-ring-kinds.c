/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-ring-kinds.h"

#include <gst/gst.h>
#include <stdlib.h>

#ifdef HAVE_CK
#include <ck_ring.h>
#endif

#include "sc-channel-ring.h"
#include "sc-eventcount.h"

/* A producer that found the ring full goes on at this level. */
#define RESUME (BENCH_RING_CAPACITY * 3 / 4)

guint64 bench_ring_ops;

static gpointer
new_memory (gsize size)
{
  gpointer memory = NULL;

  if (posix_memalign (&memory, SC_CACHE_LINE, size) != 0)
    g_error ("no memory");
  return memory;
}

/* ---- the floors ---- */

typedef struct
{
  _Alignas (SC_CACHE_LINE) _Atomic (gpointer) cell;
} Line;

static Line lines[2];

static void
init_lines (void)
{
  for (guint i = 0; i < 2; i++)
    atomic_store (&lines[i].cell, NULL);
}

static inline void
say (guint which, guint64 i)
{
  atomic_store_explicit (&lines[which].cell, GSIZE_TO_POINTER (i),
      memory_order_release);
}

static inline void
hear (guint which, guint64 i)
{
  guint looks = 0;

  while (atomic_load_explicit (&lines[which].cell, memory_order_acquire)
      != GSIZE_TO_POINTER (i))
    bench_look_again (&looks);
}

/* One line that both write in turn.  Who reads it may get it to write with the
 * same transfer. */
static gpointer
ping_one_line (gpointer data)
{
  for (guint64 i = 0; i < bench_ring_ops; i++) {
    say (0, 2 * i + 1);
    hear (0, 2 * i + 2);
  }
  return NULL;
}

static gpointer
pong_one_line (gpointer data)
{
  for (guint64 i = 0; i < bench_ring_ops; i++) {
    hear (0, 2 * i + 1);
    say (0, 2 * i + 2);
  }
  return NULL;
}

/* A line for each direction, which one side writes and the other polls: the
 * least that a message through memory of its own takes. */
static gpointer
ping_two_lines (gpointer data)
{
  for (guint64 i = 0; i < bench_ring_ops; i++) {
    say (0, i + 1);
    hear (1, i + 1);
  }
  return NULL;
}

static gpointer
pong_two_lines (gpointer data)
{
  for (guint64 i = 0; i < bench_ring_ops; i++) {
    hear (0, i + 1);
    say (1, i + 1);
  }
  return NULL;
}

/* ---- the core's rings ---- */

static ScChannelRing channel_rings[2];
static ScRingCursor cursors[2];
static ScEventcount eventcounts[2];

static void
init_channel (void)
{
  static gpointer memory[2], carry[2];

  for (guint i = 0; i < 2; i++) {
    if (memory[i] == NULL) {
      memory[i] = new_memory (sc_ring_segment_size (BENCH_RING_CAPACITY));
      carry[i] = new_memory (sc_ring_segment_size (2));
    }
    cursors[i] = (ScRingCursor) { NULL };
    if (sc_channel_ring_init (&channel_rings[i], memory[i],
            BENCH_RING_CAPACITY, carry[i], 2) != 0
        || sc_eventcount_init (&eventcounts[i]) != 0)
      g_error ("a ring does not start");
  }
}

static inline gboolean
put_ring (guint which, gpointer item)
{
  const ScRingLevel weight = { 1, 4096, 0 };

  return sc_ring_push (&channel_rings[which].ring, item, &weight) == 0;
}

static inline gpointer
get_ring (guint which)
{
  ScRingItem item;

  return sc_ring_pop (&channel_rings[which].ring, &cursors[which], &item)
      ? item.item : NULL;
}

static inline guint
level_ring (guint which)
{
  ScRingLevel level;

  sc_ring_producer_level (&channel_rings[which].ring, &level);
  return level.buffers;
}

static inline gpointer
get_channel (guint which)
{
  ScChannelItem item;

  return sc_channel_ring_pop (&channel_rings[which], &item) ? item.item : NULL;
}

static inline gboolean
put_notified (guint which, gpointer item)
{
  if (!put_ring (which, item))
    return FALSE;
  sc_eventcount_notify (&eventcounts[which]);
  return TRUE;
}

/* ---- the peers ---- */

#ifdef HAVE_CK
static ck_ring_t ck_rings[2];
static ck_ring_buffer_t *ck_slots[2];

static void
init_ck (void)
{
  for (guint i = 0; i < 2; i++) {
    if (ck_slots[i] == NULL)
      ck_slots[i] = new_memory (BENCH_RING_CAPACITY * sizeof (*ck_slots[i]));
    ck_ring_init (&ck_rings[i], BENCH_RING_CAPACITY);
  }
}

static inline gboolean
put_ck (guint which, gpointer item)
{
  return ck_ring_enqueue_spsc (&ck_rings[which], ck_slots[which], item);
}

static inline gpointer
get_ck (guint which)
{
  gpointer item;

  return ck_ring_dequeue_spsc (&ck_rings[which], ck_slots[which], &item)
      ? item : NULL;
}

static inline guint
level_ck (guint which)
{
  return ck_ring_size (&ck_rings[which]);
}
#endif

static GstAtomicQueue *atomic_queues[2];

static void
init_atomic (void)
{
  for (guint i = 0; i < 2; i++) {
    if (atomic_queues[i] != NULL)
      gst_atomic_queue_unref (atomic_queues[i]);
    atomic_queues[i] = gst_atomic_queue_new (BENCH_RING_CAPACITY);
  }
}

static inline guint
level_atomic (guint which)
{
  return gst_atomic_queue_length (atomic_queues[which]);
}

/* It has no bound of its own. */
static inline gboolean
put_atomic (guint which, gpointer item)
{
  if (level_atomic (which) >= BENCH_RING_CAPACITY)
    return FALSE;
  gst_atomic_queue_push (atomic_queues[which], item);
  return TRUE;
}

static inline gpointer
get_atomic (guint which)
{
  return gst_atomic_queue_pop (atomic_queues[which]);
}

static GAsyncQueue *async_queues[2];

static void
init_async (void)
{
  for (guint i = 0; i < 2; i++)
    if (async_queues[i] == NULL)
      async_queues[i] = g_async_queue_new ();
}

static inline guint
level_async (guint which)
{
  return (guint) MAX (g_async_queue_length (async_queues[which]), 0);
}

static inline gboolean
put_async (guint which, gpointer item)
{
  if (level_async (which) >= BENCH_RING_CAPACITY)
    return FALSE;
  g_async_queue_push (async_queues[which], item);
  return TRUE;
}

static inline gpointer
get_async (guint which)
{
  return g_async_queue_pop (async_queues[which]);
}

typedef struct
{
  GMutex lock;
  GCond added, removed;
  guint head, count;
  gpointer items[BENCH_RING_CAPACITY];
} Locked;

static Locked locked_rings[2];

static void
init_locked (void)
{
}

static inline guint
level_locked (guint which)
{
  return 0;                     /* put has waited for room */
}

static inline gboolean
put_locked (guint which, gpointer item)
{
  Locked *self = &locked_rings[which];

  g_mutex_lock (&self->lock);
  while (self->count == BENCH_RING_CAPACITY)
    g_cond_wait (&self->removed, &self->lock);
  self->items[(self->head + self->count++) % BENCH_RING_CAPACITY] = item;
  g_cond_signal (&self->added);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static inline gpointer
get_locked (guint which)
{
  Locked *self = &locked_rings[which];
  gpointer item;

  g_mutex_lock (&self->lock);
  while (self->count == 0)
    g_cond_wait (&self->added, &self->lock);
  item = self->items[self->head];
  self->head = (self->head + 1) % BENCH_RING_CAPACITY;
  self->count--;
  g_cond_signal (&self->removed);
  g_mutex_unlock (&self->lock);
  return item;
}

/* ---- the loops ---- */

/* Items are 8, 16, ...: as pointers that are aligned.  */
#define ITEM(i) GSIZE_TO_POINTER (((i) + 1) * 8)

static inline void
check_order (gpointer item, guint64 i)
{
  if (item != ITEM (i))
    g_error ("an item is out of order");
}

#define LOOPS(name, put, get, level) \
static inline void \
push_##name (guint which, gpointer item) \
{ \
  guint looks = 0; \
\
  while (!put (which, item)) \
    bench_look_again (&looks); \
} \
\
static inline gpointer \
pop_##name (guint which) \
{ \
  guint looks = 0; \
  gpointer item; \
\
  while ((item = get (which)) == NULL) \
    bench_look_again (&looks); \
  return item; \
} \
\
static gpointer \
hammer_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < bench_ring_ops; i++) \
    push_##name (0, ITEM (i)); \
  return NULL; \
} \
\
static gpointer \
produce_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < bench_ring_ops; i++) { \
    guint looks = 0; \
\
    while (!put (0, ITEM (i))) { \
      do \
        bench_look_again (&looks); \
      while (level (0) > RESUME); \
    } \
  } \
  return NULL; \
} \
\
static gpointer \
consume_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < bench_ring_ops; i++) \
    check_order (pop_##name (0), i); \
  return NULL; \
} \
\
static gpointer \
ping_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < bench_ring_ops; i++) { \
    push_##name (0, ITEM (i)); \
    check_order (pop_##name (1), i); \
  } \
  return NULL; \
} \
\
static gpointer \
pong_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < bench_ring_ops; i++) \
    push_##name (1, pop_##name (0)); \
  return NULL; \
}

LOOPS (ring, put_ring, get_ring, level_ring)
LOOPS (channel, put_ring, get_channel, level_ring)
LOOPS (notified, put_notified, get_channel, level_ring)
#ifdef HAVE_CK
LOOPS (ck, put_ck, get_ck, level_ck)
#endif
LOOPS (atomic, put_atomic, get_atomic, level_atomic)
LOOPS (async, put_async, get_async, level_async)
LOOPS (locked, put_locked, get_locked, level_locked)

#define KIND(title, name, init) {title, init, produce_##name, \
    consume_##name, hammer_##name, ping_##name, pong_##name}

const BenchRingKind bench_ring_kinds[] = {
  {"floor: one line", init_lines, NULL, NULL, NULL, ping_one_line,
      pong_one_line},
  {"floor: two lines", init_lines, NULL, NULL, NULL, ping_two_lines,
      pong_two_lines},
#ifdef HAVE_CK
  KIND ("ck_ring SPSC", ck, init_ck),
#endif
  KIND ("sc_ring", ring, init_channel),
  KIND ("sc_channel_ring", channel, init_channel),
  KIND ("and eventcount", notified, init_channel),
  KIND ("GstAtomicQueue", atomic, init_atomic),
  KIND ("GAsyncQueue", async, init_async),
  KIND ("mutex and 2 conds", locked, init_locked),
};

const guint bench_ring_n_kinds = G_N_ELEMENTS (bench_ring_kinds);
