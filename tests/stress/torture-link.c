/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include "watchdog.h"

/* Identities of events are sequence numbers beyond those that GStreamer gives. */
#define ID_BASE 0x40000000u
/* Buffers in one push, and bytes in one buffer, at most. */
#define PUSH_MOST (TORTURE_LIST_MOST * TORTURE_BATCH_MOST)

static const gchar *const sticky_names[TORTURE_N_STICKY] = {
  "STREAM_START", "CAPS", "SEGMENT"
};

/* ---- what exists ---- */

static gint alive;

static void
note_gone (gpointer unused, GstMiniObject * where)
{
  g_atomic_int_add (&alive, -1);
}

gpointer
torture_counted (gpointer object)
{
  g_atomic_int_inc (&alive);
  gst_mini_object_weak_ref (object, note_gone, NULL);
  return object;
}

gint
torture_take_alive (void)
{
  gint n = g_atomic_int_get (&alive);

  g_atomic_int_set (&alive, 0);
  return n;
}

void
torture_report (Torture * run, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&run->error_lock);
  if (run->error == NULL)
    run->error = g_strdup_vprintf (format, args);
  g_mutex_unlock (&run->error_lock);
  va_end (args);
}

/* ---- making one ---- */

TortureLink *
torture_link_new (Torture * run, guint index)
{
  TortureLink *self = g_new0 (TortureLink, 1);

  self->run = run;
  self->index = index;
  self->needs_stream = TRUE;
  self->ledger = g_new0 (TortureEntry, TORTURE_LEDGER_SIZE);
  self->sink_random = g_rand_new_with_seed (run->seed + 1000 + index);
  self->upstream_watch = watchdog_enter ("upstream");
  self->sink_watch = watchdog_enter ("downstream");
  g_mutex_init (&self->streaming);
  g_mutex_init (&self->flushing);
  g_mutex_init (&self->linking);
  g_mutex_init (&self->pads_lock);
  g_cond_init (&self->wake);
  torture_make_src (self);
  torture_make_sink (self);
  torture_disturb (self);
  return self;
}

void
torture_link_free (TortureLink * self)
{
  gst_pad_set_active (self->src, FALSE);
  gst_pad_set_active (self->sink, FALSE);
  gst_object_unref (self->src);
  gst_object_unref (self->sink);
  watchdog_leave (self->upstream_watch);
  watchdog_leave (self->sink_watch);
  g_rand_free (self->sink_random);
  g_mutex_clear (&self->streaming);
  g_mutex_clear (&self->flushing);
  g_mutex_clear (&self->linking);
  g_mutex_clear (&self->pads_lock);
  g_cond_clear (&self->wake);
  g_free (self->ledger);
  g_free (self);
}

void
torture_set_pads (TortureLink * self, GstPad * queue_sink, GstPad * queue_src)
{
  g_mutex_lock (&self->pads_lock);
  self->queue_sink = queue_sink;
  self->queue_src = queue_src;
  g_mutex_unlock (&self->pads_lock);
}

GstPad *
torture_ref_pad (TortureLink * self, GstPadDirection direction)
{
  GstPad *pad;

  g_mutex_lock (&self->pads_lock);
  pad = direction == GST_PAD_SINK ? self->queue_sink : self->queue_src;
  if (pad != NULL)
    gst_object_ref (pad);
  g_mutex_unlock (&self->pads_lock);
  return pad;
}

/* ---- disturbances ---- */

void
torture_disturb (TortureLink * self)
{
  g_atomic_int_inc (&self->disturbances);
  g_atomic_int_inc (&self->disturbed);
  g_atomic_int_inc (&self->lost_pushes);
  g_atomic_int_set (&self->unsettled, TRUE);
}

void
torture_settle (TortureLink * self)
{
  if (!g_atomic_int_dec_and_test (&self->disturbances) || self->needs_stream)
    return;
  g_atomic_int_set (&self->excused_id, g_atomic_int_get (&self->last_id));
  g_atomic_int_set (&self->excused_number, (gint) self->number);
  /* Last: who sees it sees the two before. */
  g_atomic_int_set (&self->unsettled, FALSE);
  g_cond_broadcast (&self->wake);
}

gboolean
torture_is_unsettled (TortureLink * self)
{
  return g_atomic_int_get (&self->disturbances) > 0
      || g_atomic_int_get (&self->unsettled)
      || g_atomic_int_get (&self->stranded);
}

void
torture_strand (TortureLink * self)
{
  g_atomic_int_inc (&self->disturbed);
  g_atomic_int_inc (&self->lost_pushes);
  g_atomic_int_set (&self->stranded, TRUE);
}

void
torture_recover (TortureLink * self)
{
  g_atomic_int_set (&self->stranded, FALSE);
}

static gboolean
is_excused (TortureLink * self, guint id)
{
  return torture_is_unsettled (self)
      || id <= (guint) g_atomic_int_get (&self->excused_id);
}

/* ---- identities ---- */

guint
torture_next_id (TortureLink * self)
{
  return (guint) g_atomic_int_add (&self->last_id, 1) + 1;
}

/* With room for all that one thing may send. */
gboolean
torture_is_full (TortureLink * self)
{
  return g_atomic_int_get (&self->last_id) > TORTURE_LEDGER_SIZE - 100;
}

guint
torture_event_id (GstEvent * event)
{
  guint id = gst_event_get_seqnum (event);

  return id > ID_BASE && id < ID_BASE + TORTURE_LEDGER_SIZE ? id - ID_BASE : 0;
}

void
torture_set_event_id (GstEvent * event, guint id)
{
  gst_event_set_seqnum (event, ID_BASE + id);
}

/* ---- what arrives ---- */

/* Whether an event between what came last and @id should have come, too.  All
 * that a refusal with EOS lets go is excused, up to what opens the channel. */
static void
check_events_before (TortureLink * self, guint id)
{
  gboolean refused = self->refused_with_eos;

  for (guint i = self->seen_id + 1; i < id; i++) {
    guint8 kind = self->ledger[i].kind;

    if (kind == TORTURE_OPENS)
      refused = FALSE;
    else if (kind == TORTURE_EVENT && !refused && !is_excused (self, i))
      torture_report (self->run, "link %u: event %u did not come out before %u",
          self->index, i, id);
  }
}

static void
check_place (TortureLink * self, guint id)
{
  if (id <= self->seen_id)
    torture_report (self->run, "link %u: %u came out after %u", self->index, id,
        self->seen_id);
  if (id <= self->floor)
    torture_report (self->run, "link %u: %u came out after the flush at %u",
        self->index, id, self->floor);
  check_events_before (self, id);
  self->seen_id = MAX (self->seen_id, id);
}

static void
check_number (TortureLink * self, guint number, gboolean marked)
{
  gboolean unsettled = torture_is_unsettled (self);
  guint before = MAX (self->seen_number,
      (guint) g_atomic_int_get (&self->excused_number));

  if (number > before + 1 && !marked && !unsettled && !self->buffers_refused)
    torture_report (self->run,
        "link %u: buffer %u came after %u without a mark", self->index, number,
        before);
  self->seen_number = MAX (self->seen_number, number);
}

static void
check_stickies (TortureLink * self, guint id)
{
  const guint *in_effect = self->ledger[id].in_effect;

  for (guint i = 0; i < TORTURE_N_STICKY; i++)
    if (self->effective[i] != in_effect[i] && !is_excused (self, id))
      torture_report (self->run, "link %u: buffer %u came under %s %u, not %u",
          self->index, id, sticky_names[i], self->effective[i], in_effect[i]);
}

void
torture_see_buffer (TortureLink * self, GstBuffer * buffer)
{
  guint id = (guint) GST_BUFFER_OFFSET (buffer);

  check_place (self, id);
  check_number (self, self->ledger[id].number,
      GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  check_stickies (self, id);
  self->refused_with_eos = self->buffers_refused = FALSE;
  self->out.buffers++;
  self->out.bytes += gst_buffer_get_size (buffer);
}

static void
see_sticky (TortureLink * self, GstEventType type, guint id)
{
  if (type == GST_EVENT_STREAM_START)
    self->effective[TORTURE_STREAM] = id;
  else if (type == GST_EVENT_CAPS)
    self->effective[TORTURE_CAPS] = id;
  else if (type == GST_EVENT_SEGMENT)
    self->effective[TORTURE_SEGMENT] = id;
  if (type == GST_EVENT_EOS)
    g_atomic_int_set (&self->eos_seen, (gint) id);
  /* A sticky one comes again when pads are linked anew, and what a flush has
   * left of it comes late. */
  if (id > self->seen_id) {
    check_events_before (self, id);
    self->seen_id = id;
    self->refused_with_eos &= self->ledger[id].kind != TORTURE_OPENS;
  }
}

void
torture_see_event (TortureLink * self, GstEvent * event)
{
  guint id = torture_event_id (event);

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    self->floor = (guint) g_atomic_int_get (&self->flush_floor);
  } else if (id == 0 && GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    /* The queue's own, with an error: the pad takes nothing more until upstream
     * begins anew. */
    torture_strand (self);
  } else if (id > 0 && GST_EVENT_IS_STICKY (event)) {
    see_sticky (self, GST_EVENT_TYPE (event), id);
  } else if (id > 0) {
    check_place (self, id);
    self->seen_event = id;
    self->refused_with_eos = FALSE;
  }
}

/* ---- accounts ---- */

typedef struct
{
  TortureAccount in, out, dropped, level;
} Accounts;

/* Those of a pad of its own where pads have them, else of the whole queue. */
static GstStructure *
read_stats (TortureLink * self)
{
  GstStructure *stats = NULL;
  gpointer object = self->run->queue;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->queue_sink),
          "stats") != NULL)
    object = self->queue_sink;
  else if (g_object_class_find_property (G_OBJECT_GET_CLASS (object), "stats")
      == NULL)
    return NULL;                /* a control's */
  g_object_get (object, "stats", &stats, NULL);
  return stats;
}

static void
read_account (TortureLink * self, const GstStructure * stats,
    const gchar * name, TortureAccount * account)
{
  gchar *buffers = g_strconcat ("buffers-", name, NULL);
  gchar *bytes = g_strconcat ("bytes-", name, NULL);

  if (g_str_equal (name, "level")) {
    g_free (buffers);
    g_free (bytes);
    buffers = g_strdup ("level-buffers");
    bytes = g_strdup ("level-bytes");
  }
  if (!gst_structure_get_uint64 (stats, buffers, &account->buffers)
      || !gst_structure_get_uint64 (stats, bytes, &account->bytes))
    torture_report (self->run, "the statistics have no %s and %s", buffers,
        bytes);
  g_free (buffers);
  g_free (bytes);
}

static void
check_sum (TortureLink * self, const gchar * what, guint64 in, guint64 out,
    guint64 dropped, guint64 level, guint64 counted)
{
  if (in != out + dropped + level)
    torture_report (self->run, "link %u: %s: in %" G_GUINT64_FORMAT ", out %"
        G_GUINT64_FORMAT ", dropped %" G_GUINT64_FORMAT ", level %"
        G_GUINT64_FORMAT, self->index, what, in, out, dropped, level);
  if (in != counted)
    torture_report (self->run, "link %u: %s: in %" G_GUINT64_FORMAT
        ", upstream counts %" G_GUINT64_FORMAT, self->index, what, in, counted);
}

/* What has gone out and did not arrive: a push that a flush, a stop or a missing
 * link has ended, one item each. */
static void
check_arrived (TortureLink * self, const TortureAccount * out)
{
  guint64 most = (guint64) g_atomic_int_get (&self->lost_pushes) * PUSH_MOST;

  if (out->buffers < self->out.buffers
      || out->buffers - self->out.buffers > most)
    torture_report (self->run, "link %u: buffers: out %" G_GUINT64_FORMAT
        ", downstream counts %" G_GUINT64_FORMAT, self->index, out->buffers,
        self->out.buffers);
  if (out->bytes < self->out.bytes
      || out->bytes - self->out.bytes > most * TORTURE_BYTES_MOST)
    torture_report (self->run, "link %u: bytes: out %" G_GUINT64_FORMAT
        ", downstream counts %" G_GUINT64_FORMAT, self->index, out->bytes,
        self->out.bytes);
}

void
torture_check_accounts (TortureLink * self)
{
  GstStructure *stats = read_stats (self);
  Accounts a = { 0 };

  if (stats == NULL)
    return;
  read_account (self, stats, "in", &a.in);
  read_account (self, stats, "out", &a.out);
  read_account (self, stats, "dropped", &a.dropped);
  read_account (self, stats, "level", &a.level);
  gst_structure_free (stats);
  if (self->run->plan.fault == TORTURE_MISCOUNTS_LEVEL)
    a.level.buffers++;
  check_sum (self, "buffers", a.in.buffers, a.out.buffers, a.dropped.buffers,
      a.level.buffers, self->in.buffers);
  check_sum (self, "bytes", a.in.bytes, a.out.bytes, a.dropped.bytes,
      a.level.bytes, self->in.bytes);
  check_arrived (self, &a.out);
}

void
torture_reset_accounts (TortureLink * self)
{
  self->in = self->out = (TortureAccount) { 0 };
  g_atomic_int_set (&self->lost_pushes,
      g_atomic_int_get (&self->disturbances));
}
