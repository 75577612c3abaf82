/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ten threads with the buffers of two pools over one allocator, and direct buffers
 * and single memories of it beside: they acquire, copy, share parts, append, write, hand
 * over, and release in other threads, while the main thread flushes, stops and
 * starts the pools.  Every other round ends with everything stopped and unreffed
 * while buffers are still out.
 *
 * What must hold
 *   One holder   a table of owners: a slot is not handed out while a piece of it
 *                is held by anybody
 *   Data         each piece stays as it was written, whatever becomes of other
 *                copies of it, also after the stop
 *   Accounts     at the end nothing is out, and as much was acquired and
 *                released as the threads have counted
 *   Life         the allocator goes with the last buffer, and not before
 *
 * The controls write to released memory and forget to release: the same checks
 * must find both.
 *
 * SC_TEST_SEED repeats a run, as far as threads can be repeated; SC_TEST_PAIRS
 * sets how many successful acquires it has.
 */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define DEFAULT_PAIRS 500000
#else
#define DEFAULT_PAIRS 10000000
#endif

#define THREADS 10
#define TIERS "256x20,4096x70,16384x4"
#define SLOTS (20 + 70 + 4)
#define MAX_SIZE 16384
#define HELD 12
#define PIECES 4
#define ROUNDS 10
#define CONTROL_PAIRS 100000
#define BREAKAGE_RARITY 512

typedef enum
{
  SOUND,
  WRITES_AFTER_RELEASE,
  FORGETS_A_RELEASE,
} Breakage;

/* Which acquire has the slot, and how many pieces of it there are. */
typedef struct
{
  gint stamp;                   /* atomic */
  gint pieces;                  /* atomic */
} Owner;

/* Bytes that lie one behind the other in a buffer, and where they came from. */
typedef struct
{
  guint stamp;
  guint start, size;            /* of what was written with the stamp */
  Owner *owner;                 /* NULL: in memory of nobody's slot */
} Piece;

typedef struct
{
  GstBuffer *buffer;
  Piece pieces[PIECES];
  guint n_pieces;
} Item;

typedef struct
{
  guint id;
  GThread *thread;
  GRand *random;
  Item *held[HELD];
  guint n_held;
  guint acquired;
  guint serial;
  guint8 *stale;                /* a control's: data that it has released */
} Worker;

static struct
{
  Breakage breakage;
  GstTieredAllocator *allocator;
  GstBufferPool *pools[2];
  GAsyncQueue *handed;
  Owner owners[SLOTS];
  gint wanted;                  /* atomic: acquires still to succeed */
  gint running;                 /* atomic */
  gint over;                    /* atomic */
  gint forgotten;               /* atomic: a control has */
  Worker workers[THREADS];
  GMutex error_lock;
  gchar *error;                 /* the first */
} run;

static void
note_error (const gchar * format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_mutex_lock (&run.error_lock);
  if (run.error == NULL)
    run.error = g_strdup_vprintf (format, arguments);
  g_mutex_unlock (&run.error_lock);
  va_end (arguments);
  g_atomic_int_set (&run.over, TRUE);
}

/* ---- data ---- */

static inline guint8
byte_of (guint stamp, guint at)
{
  return (guint8) ((stamp * 2654435761u + at * 40503u) >> 8);
}

static void
write_bytes (guint8 * data, guint stamp, guint size)
{
  for (guint i = 0; i < size; i++)
    data[i] = byte_of (stamp, i);
}

static gboolean
piece_is_whole (const Piece * piece, const guint8 * data)
{
  guint wrong = 0;

  for (guint i = 0; i < piece->size; i++)
    wrong |= data[i] ^ byte_of (piece->stamp, piece->start + i);
  return wrong == 0;
}

/* Over the buffer's memories one by one: mapping it whole would merge them. */
static void
check_data (Item * item)
{
  guint8 data[MAX_SIZE];
  gsize at = 0;

  for (guint i = 0; i < item->n_pieces; i++) {
    const Piece *piece = &item->pieces[i];

    if (gst_buffer_extract (item->buffer, at, data, piece->size)
        != piece->size)
      note_error ("the data ends too early");
    else if (!piece_is_whole (piece, data))
      note_error ("the data of acquire %u of thread %u was changed",
          piece->stamp & 0xffffff, piece->stamp >> 24);
    at += piece->size;
  }
  if (at != gst_buffer_get_size (item->buffer))
    note_error ("the data is too long");
}

/* ---- who has which slot ---- */

/* Before the memory can go home, so that nobody finds a stamp too many. */
static void
leave_slots (Item * item)
{
  for (guint i = 0; i < item->n_pieces; i++) {
    Owner *owner = g_steal_pointer (&item->pieces[i].owner);

    if (owner != NULL && g_atomic_int_dec_and_test (&owner->pieces))
      g_atomic_int_set (&owner->stamp, 0);
  }
}

static Owner *
enter_slot (Worker * self, GstBuffer * buffer, guint stamp)
{
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
  Owner *owner = &run.owners[meta->header->buffer_id];

  if (!g_atomic_int_compare_and_exchange (&owner->stamp, 0, (gint) stamp))
    note_error ("slot %u was handed to thread %u while thread %u had it",
        meta->header->buffer_id, self->id,
        (guint) g_atomic_int_get (&owner->stamp) >> 24);
  g_atomic_int_set (&owner->pieces, 1);
  return owner;
}

/* The @size bytes of @from from @start on come to the end of @item, too. */
static void
add_pieces (Item * item, const Item * from, guint start, guint size)
{
  const guint n = from->n_pieces;       /* it may be the same item */

  for (guint i = 0; i < n && size > 0; i++) {
    Piece piece = from->pieces[i];

    if (start >= piece.size) {
      start -= piece.size;
      continue;
    }
    piece.start += start;
    piece.size = MIN (piece.size - start, size);
    size -= piece.size;
    start = 0;
    if (piece.owner != NULL)
      g_atomic_int_inc (&piece.owner->pieces);
    item->pieces[item->n_pieces++] = piece;
  }
}

/* ---- what a thread does ---- */

static gint
random_below (Worker * self, gint end)
{
  return g_rand_int_range (self->random, 0, end);
}

static void
release (Worker * self, Item * item)
{
  GstMapInfo map;

  check_data (item);
  if (self != NULL && run.breakage == WRITES_AFTER_RELEASE
      && item->pieces[0].owner != NULL && item->n_pieces == 1
      && random_below (self, BREAKAGE_RARITY) == 0
      && gst_buffer_map (item->buffer, &map, GST_MAP_READ)) {
    self->stale = map.data;
    gst_buffer_unmap (item->buffer, &map);
  }
  leave_slots (item);
  if (self == NULL || run.breakage != FORGETS_A_RELEASE
      || !g_atomic_int_compare_and_exchange (&run.forgotten, FALSE, TRUE))
    gst_buffer_unref (item->buffer);
  g_free (item);
}

static void
keep (Worker * self, Item * item)
{
  if (self->n_held < HELD)
    self->held[self->n_held++] = item;
  else
    release (self, item);
}

/* A single memory has no header to tell its slot by. */
static GstFlowReturn
acquire_memory (guint size, GstBuffer ** buffer)
{
  GstMemory *memory = gst_allocator_alloc (GST_ALLOCATOR (run.allocator), size,
      NULL);

  if (memory == NULL)
    return GST_FLOW_EOS;
  *buffer = gst_buffer_new ();
  gst_buffer_append_memory (*buffer, memory);
  return GST_FLOW_OK;
}

static GstFlowReturn
acquire_buffer (Worker * self, guint size, GstBuffer ** buffer)
{
  GstBufferPoolAcquireParams params = {
    .format = GST_FORMAT_BYTES,
    .stop = size,
    .flags = random_below (self, 2)
        ? GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT : 0,
  };

  switch (random_below (self, 8)) {
    case 0:
      return acquire_memory (size, buffer);
    case 1:
    case 2:
    case 3:
      return gst_tiered_allocator_acquire (run.allocator, size,
          (GstTieredClass) random_below (self, 6),
          random_below (self, 2) * 20 * GST_USECOND, buffer);
    default:
      break;
  }
  return gst_buffer_pool_acquire_buffer (run.pools[random_below (self, 2)],
      buffer, &params);
}

static void
acquire (Worker * self)
{
  guint size = (guint) random_below (self, 64) == 0
      ? 4097 + (guint) random_below (self, MAX_SIZE - 4096)
      : 1 + (guint) random_below (self, 600);
  guint stamp = self->id << 24 | (++self->serial & 0xffffff);
  GstBuffer *buffer = NULL;
  GstFlowReturn ret = acquire_buffer (self, size, &buffer);
  GstMapInfo map;
  Item *item;

  if (ret != GST_FLOW_OK) {
    if (ret != GST_FLOW_EOS && ret != GST_FLOW_FLUSHING
        && ret != GST_TIERED_POOL_FLOW_EXHAUSTED)
      note_error ("an acquire failed: %s", gst_flow_get_name (ret));
    return;
  }
  self->acquired++;
  g_atomic_int_add (&run.wanted, -1);
  item = g_new0 (Item, 1);
  item->buffer = buffer;
  item->n_pieces = 1;
  item->pieces[0] = (Piece) {.stamp = stamp,.size = size };
  if (gst_buffer_get_tiered_slot_meta (buffer) != NULL)
    item->pieces[0].owner = enter_slot (self, buffer, stamp);
  if (!gst_buffer_is_writable (buffer)
      || !gst_buffer_is_all_memory_writable (buffer)
      || !gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    note_error ("a new buffer is not writable");
  } else {
    write_bytes (map.data, stamp, size);
    gst_buffer_unmap (buffer, &map);
  }
  keep (self, item);
}

static void
copy (Worker * self, Item * item)
{
  Item *copied = g_new0 (Item, 1);

  add_pieces (copied, item, 0, G_MAXUINT);
  copied->buffer = gst_buffer_copy (item->buffer);
  keep (self, copied);
}

static void
share_a_part (Worker * self, Item * item)
{
  guint size = (guint) gst_buffer_get_size (item->buffer);
  guint start = (guint) random_below (self, (gint) size);
  guint length = 1 + (guint) random_below (self, (gint) (size - start));
  Item *part = g_new0 (Item, 1);

  add_pieces (part, item, start, length);
  part->buffer = gst_buffer_copy_region (item->buffer, GST_BUFFER_COPY_MEMORY,
      start, length);
  keep (self, part);
}

/* One that others may know too, then: only this thread has the item. */
static void
append (Worker * self, Item * item)
{
  Item *other = self->held[random_below (self, (gint) self->n_held)];

  if (item->n_pieces + other->n_pieces > PIECES)
    return;
  add_pieces (item, other, 0, G_MAXUINT);
  if (other == item)
    item->buffer = gst_buffer_append (item->buffer,
        gst_buffer_copy (item->buffer));
  else
    item->buffer = gst_buffer_append (item->buffer,
        gst_buffer_ref (other->buffer));
}

/* A second reference is gone once the buffer is made writable: a copy. */
static void
make_writable (Worker * self, Item * item)
{
  Item *referenced = g_new0 (Item, 1);

  add_pieces (referenced, item, 0, G_MAXUINT);
  referenced->buffer = gst_buffer_ref (item->buffer);
  item->buffer = gst_buffer_make_writable (item->buffer);
  if (item->buffer == referenced->buffer)
    note_error ("a shared buffer was writable");
  keep (self, referenced);
}

/* In place if the memory is this item's alone, else in a copy. */
static void
write_anew (Worker * self, Item * item)
{
  guint size = (guint) gst_buffer_get_size (item->buffer);
  guint stamp = self->id << 24 | (++self->serial & 0xffffff);
  GstMapInfo map;

  if (size > MAX_SIZE)
    return;
  check_data (item);
  leave_slots (item);
  item->buffer = gst_buffer_make_writable (item->buffer);
  if (!gst_buffer_map (item->buffer, &map, GST_MAP_READWRITE)) {
    note_error ("a writable buffer cannot be mapped");
    return;
  }
  write_bytes (map.data, stamp, size);
  gst_buffer_unmap (item->buffer, &map);
  item->pieces[0] = (Piece) {.stamp = stamp,.size = size };
  item->n_pieces = 1;
}

static void
hand_over (Worker * self)
{
  guint i = (guint) random_below (self, (gint) self->n_held);
  Item *item = g_async_queue_try_pop (run.handed);

  g_async_queue_push (run.handed, self->held[i]);
  self->held[i] = self->held[--self->n_held];
  if (item != NULL)
    release (self, item);
}

static void
release_one (Worker * self)
{
  guint i = (guint) random_below (self, (gint) self->n_held);
  Item *item = self->held[i];

  self->held[i] = self->held[--self->n_held];
  release (self, item);
}

static void
step (Worker * self)
{
  Item *item;

  if (self->stale != NULL) {
    *self->stale ^= 0xff;
    self->stale = NULL;
  }
  if (self->n_held == 0 || random_below (self, 3) == 0) {
    acquire (self);
    return;
  }
  item = self->held[random_below (self, (gint) self->n_held)];
  switch (random_below (self, 16)) {
    case 0:
      copy (self, item);
      break;
    case 1:
      share_a_part (self, item);
      break;
    case 2:
      append (self, item);
      break;
    case 3:
      make_writable (self, item);
      break;
    case 4:
      write_anew (self, item);
      break;
    case 5:
    case 6:
    case 7:
      hand_over (self);
      break;
    default:
      release_one (self);
  }
}

static gpointer
work (gpointer data)
{
  Worker *self = data;

  while (g_atomic_int_get (&run.wanted) > 0 && !g_atomic_int_get (&run.over))
    step (self);
  g_atomic_int_add (&run.running, -1);
  return NULL;
}

/* ---- a round ---- */

static GstBufferPool *
make_pool (void)
{
  GstBufferPool *pool = gst_tiered_pool_new (run.allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, 256, 0,
      gst_tiered_allocator_count_slots (run.allocator, 256));
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  /* Waits end by this, or by the main thread. */
  g_object_set (pool, "acquire-timeout", 50 * GST_USECOND, NULL);
  return pool;
}

static void
start_round (Breakage breakage, gint acquires, GRand * random)
{
  memset (&run, 0, sizeof (run));
  run.breakage = breakage;
  run.wanted = acquires;
  run.running = THREADS;
  run.handed = g_async_queue_new ();
  run.allocator = gst_tiered_allocator_new ();
  g_object_set (run.allocator, "tiers", TIERS, NULL);
  /* Beside the pools, which come and go. */
  fail_unless (gst_tiered_allocator_start (run.allocator, NULL));
  run.pools[0] = make_pool ();
  run.pools[1] = make_pool ();
  for (guint i = 0; i < THREADS; i++) {
    Worker *worker = &run.workers[i];

    worker->id = i + 1;
    worker->random = g_rand_new_with_seed (g_rand_int (random));
    worker->thread = g_thread_new ("worker", work, worker);
  }
}

/* Flushes, stops and starts, until the workers are done. */
static void
disturb (GRand * random)
{
  while (g_atomic_int_get (&run.running) > 0) {
    GstBufferPool *pool = run.pools[g_rand_int_range (random, 0, 2)];

    g_usleep ((gulong) g_rand_int_range (random, 1, 2000));
    if (g_rand_boolean (random)) {
      gst_buffer_pool_set_flushing (pool, TRUE);
      gst_buffer_pool_set_flushing (pool, FALSE);
    } else {
      gst_buffer_pool_set_active (pool, FALSE);
      if (!gst_buffer_pool_set_active (pool, TRUE))
        note_error ("a pool could not be started again");
    }
  }
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (run.workers[i].thread);
}

static void
release_all (void)
{
  Item *item;

  for (guint i = 0; i < THREADS; i++)
    for (guint n = 0; n < run.workers[i].n_held; n++)
      release (NULL, run.workers[i].held[n]);
  while ((item = g_async_queue_try_pop (run.handed)) != NULL)
    release (NULL, item);
}

static void
check_accounts (void)
{
  static const gchar *const misuses[] = {
    "foreign-releases", "double-releases", "corrupted-headers", "overruns",
    "too-large",
  };
  GstStructure *stats = gst_tiered_allocator_get_stats (run.allocator);
  guint64 acquired, released, in_use, misuse, counted = 0;

  for (guint i = 0; i < THREADS; i++)
    counted += run.workers[i].acquired;
  gst_structure_get (stats, "acquired", G_TYPE_UINT64, &acquired,
      "released", G_TYPE_UINT64, &released, "in-use", G_TYPE_UINT64, &in_use,
      NULL);
  if (in_use != 0 || acquired != counted || released != counted)
    note_error ("accounts: %" G_GUINT64_FORMAT " in use, %" G_GUINT64_FORMAT
        " acquired and %" G_GUINT64_FORMAT " released where %"
        G_GUINT64_FORMAT " were counted", in_use, acquired, released, counted);
  for (guint i = 0; i < G_N_ELEMENTS (misuses); i++) {
    fail_unless (gst_structure_get_uint64 (stats, misuses[i], &misuse));
    if (misuse != 0)
      note_error ("%s: %" G_GUINT64_FORMAT, misuses[i], misuse);
  }
  gst_structure_free (stats);
}

static void
stop_pools (void)
{
  for (guint i = 0; i < 2; i++) {
    gst_buffer_pool_set_active (run.pools[i], FALSE);
    gst_object_unref (run.pools[i]);
  }
}

/* Returns the acquires that succeeded. */
static guint
run_round (Breakage breakage, gint acquires, gboolean stops_first,
    GRand * random)
{
  GWeakRef alive;
  GObject *left;
  guint acquired = 0;

  start_round (breakage, acquires, random);
  g_weak_ref_init (&alive, run.allocator);
  disturb (random);
  if (!stops_first) {
    release_all ();
    check_accounts ();
  }
  stop_pools ();
  (void) gst_tiered_allocator_stop (run.allocator);
  gst_object_unref (run.allocator);
  if (stops_first)
    release_all ();

  left = g_weak_ref_get (&alive);
  if (left != NULL) {
    note_error ("the allocator outlives the last buffer");
    g_object_unref (left);
  }
  g_weak_ref_clear (&alive);
  for (guint i = 0; i < THREADS; i++) {
    acquired += run.workers[i].acquired;
    g_rand_free (run.workers[i].random);
  }
  g_async_queue_unref (run.handed);
  return acquired;
}

static GRand *
make_random (const gchar * name)
{
  const gchar *given = g_getenv ("SC_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 0)
      : g_random_int ();

  g_print ("%s: SC_TEST_SEED=%u\n", name, seed);
  return g_rand_new_with_seed (seed);
}

GST_START_TEST (test_buffers_stay_whole_and_all_accounts_balance)
{
  const gchar *given = g_getenv ("SC_TEST_PAIRS");
  gint wanted = given != NULL ? atoi (given) : DEFAULT_PAIRS;
  GRand *random = make_random ("pool-buffers");
  guint acquired = 0;

  for (gint i = 0; i < ROUNDS; i++) {
    acquired += run_round (SOUND, wanted / ROUNDS, i % 2, random);
    fail_unless (run.error == NULL, "round %d: %s", i, run.error);
  }
  g_print ("%u acquires\n", acquired);
  g_rand_free (random);
}

GST_END_TEST;

/* The same over users that are not sound. */
static void
check_control (Breakage breakage, const gchar * expected)
{
  GRand *random = make_random ("pool-buffers control");

  (void) run_round (breakage, CONTROL_PAIRS, FALSE, random);
  g_print ("found: %s\n", run.error);
  fail_unless (run.error != NULL && strstr (run.error, expected) != NULL);
  g_free (run.error);
  g_rand_free (random);
}

GST_START_TEST (test_control_a_write_after_release_is_found)
{
  check_control (WRITES_AFTER_RELEASE, "was changed");
}

GST_END_TEST;

GST_START_TEST (test_control_a_forgotten_release_is_found)
{
  check_control (FORGETS_A_RELEASE, "accounts: ");
}

GST_END_TEST;

static Suite *
pool_buffers_suite (void)
{
  Suite *suite = suite_create ("pool-buffers");
  TCase *tcase = tcase_create ("pool-buffers");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 170);
  tcase_add_test (tcase, test_buffers_stay_whole_and_all_accounts_balance);
  tcase_add_test (tcase, test_control_a_write_after_release_is_found);
  tcase_add_test (tcase, test_control_a_forgotten_release_is_found);
  return suite;
}

GST_CHECK_MAIN (pool_buffers);
