/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-report.h"

#include "bufpoolsrc-aes5.h"

#define EXHAUSTED_INTERVAL GST_SECOND

/* Of the warnings about one limit. */
#define LIMIT_INTERVAL (10 * GST_SECOND)

/* Over so many of the newest snapshots, a minute of them by default. */
#define TREND_SNAPSHOTS 60

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

void
bufpoolsrc_report_init (BufpoolsrcReport * self, GstElement * element,
    const GstSafecaptureReporterClass * klass, GstTieredAllocator * allocator)
{
  self->element = element;
  self->reporter = gst_safecapture_reporter_new (element, klass);
  self->allocator = gst_object_ref (allocator);
  g_mutex_init (&self->poll_lock);
}

void
bufpoolsrc_report_clear (BufpoolsrcReport * self)
{
  gst_safecapture_reporter_free (self->reporter);
  gst_object_unref (self->allocator);
  g_mutex_clear (&self->poll_lock);
}

static void
warn_if_not_locked (BufpoolsrcReport * self)
{
  gint error = gst_tiered_allocator_get_lock_error (self->allocator);

  if (error != 0)
    gst_safecapture_reporter_post_warning (self->reporter,
        "memory-not-locked", "The buffer pool could not be locked in memory "
        "and may be swapped out. Raise the limit (ulimit -l, or LimitMEMLOCK= "
        "in a systemd unit), give the capability CAP_IPC_LOCK, or use smaller "
        "tiers.", "errno", G_TYPE_INT, error,
        "reason", G_TYPE_STRING, g_strerror (error), NULL);
}

static const gchar *
state_nick (GstTieredState state)
{
  GEnumClass *states = g_type_class_ref (GST_TYPE_TIERED_STATE);
  const gchar *nick = g_enum_get_value (states, (gint) state)->value_nick;

  /* A static type's values outlive its class reference. */
  g_type_class_unref (states);
  return nick;
}

/* The changes of the pool's state that were not told yet. */
static void
post_states (BufpoolsrcReport * self)
{
  GstTieredState old_state, new_state;
  const gchar *reason;
  gboolean news;

  do {
    g_mutex_lock (&self->poll_lock);
    news = gst_tiered_allocator_next_state_change (self->allocator,
        &self->state_place, &old_state, &new_state, &reason);
    g_mutex_unlock (&self->poll_lock);
    if (news)
      gst_safecapture_reporter_post_state (self->reporter,
          state_nick (old_state), state_nick (new_state), reason);
  } while (news);
}

void
bufpoolsrc_report_start (BufpoolsrcReport * self)
{
  BufpoolsrcCounters *c = &self->counters;
  _Atomic guint64 *all[] = {
    &c->buffers, &c->bytes, &c->samples, &c->dropped_buffers,
    &c->dropped_bytes, &c->exhausted, &c->wait_time, &c->partial_bytes,
    &c->sample_rate, &c->foreign,
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    atomic_store_explicit (all[i], 0, memory_order_relaxed);
  g_mutex_lock (&self->poll_lock);
  self->told_exhausted = self->told_partial = self->told_misuse = 0;
  self->exhausted_due = self->snapshot_due = 0;
  self->stopping = FALSE;
  for (guint i = 0; i < BUFPOOLSRC_LIMITS; i++) {
    self->limits[i].told = FALSE;
    self->limits[i].due = 0;
  }
  g_mutex_unlock (&self->poll_lock);

  post_states (self);
  gst_safecapture_reporter_start (self->reporter);
  warn_if_not_locked (self);
}

void
bufpoolsrc_report_stop (BufpoolsrcReport * self)
{
  g_mutex_lock (&self->poll_lock);
  self->stopping = TRUE;
  g_mutex_unlock (&self->poll_lock);
  gst_safecapture_reporter_stop (self->reporter);
}

static void
warn_of_outstanding (BufpoolsrcReport * self)
{
  GstStructure *outstanding =
      gst_tiered_allocator_get_outstanding (self->allocator);
  guint64 count = 0, oldest = 0;

  (void) gst_structure_get (outstanding, "count", G_TYPE_UINT64, &count,
      "oldest", G_TYPE_UINT64, &oldest, NULL);
  if (count > 0)
    gst_safecapture_reporter_post_warning (self->reporter,
        "buffers-outstanding", "Buffers of the pool are still held after the "
        "source has stopped. They stay valid, and so does the pool's memory, "
        "until they are released: look for what keeps them (a sink's queue, "
        "an application).",
        "count", G_TYPE_UINT64, count, "oldest", G_TYPE_UINT64, oldest,
        "buffers", GST_TYPE_ARRAY,
        g_value_peek_pointer (gst_structure_get_value (outstanding,
                "buffers")), NULL);
  gst_structure_free (outstanding);
}

/* Whether the pipeline, or whatever the source is in, is on its way to NULL. */
static gboolean
is_ending (GstElement * element)
{
  GstObject *top = gst_object_ref (GST_OBJECT (element)), *parent;
  gboolean ending;

  while ((parent = gst_object_get_parent (top)) != NULL) {
    gst_object_unref (top);
    top = parent;
  }
  GST_OBJECT_LOCK (top);
  ending = GST_IS_ELEMENT (top) && GST_STATE_TARGET (top) == GST_STATE_NULL;
  GST_OBJECT_UNLOCK (top);
  gst_object_unref (top);
  return ending;
}

void
bufpoolsrc_report_closed (BufpoolsrcReport * self)
{
  self->outstanding_due = is_ending (self->element);
  if (!self->outstanding_due)
    warn_of_outstanding (self);
  post_states (self);
}

void
bufpoolsrc_report_gone (BufpoolsrcReport * self)
{
  if (self->outstanding_due)
    warn_of_outstanding (self);
  self->outstanding_due = FALSE;
  post_states (self);
}

static void
add_counters (BufpoolsrcReport * self, GstStructure * stats)
{
  BufpoolsrcCounters *c = &self->counters;

  gst_structure_set (stats,
      "buffers-out", G_TYPE_UINT64, LOAD (c->buffers),
      "bytes-out", G_TYPE_UINT64, LOAD (c->bytes),
      "samples-out", G_TYPE_UINT64, LOAD (c->samples),
      "buffers-dropped", G_TYPE_UINT64, LOAD (c->dropped_buffers),
      "bytes-dropped", G_TYPE_UINT64, LOAD (c->dropped_bytes),
      "exhausted", G_TYPE_UINT64, LOAD (c->exhausted),
      "wait-time", G_TYPE_UINT64, LOAD (c->wait_time),
      "partial-bytes", G_TYPE_UINT64, LOAD (c->partial_bytes),
      "foreign-buffers", G_TYPE_UINT64, LOAD (c->foreign),
      "sample-rate", G_TYPE_UINT64, LOAD (c->sample_rate),
      "aes5", G_TYPE_BOOLEAN,
      (gboolean) bufpoolsrc_aes5_has_rate ((guint) LOAD (c->sample_rate)), NULL);
}

static void
add_trend (GstStructure * stats, const GstStructure * trends,
    const gchar * figure)
{
  const GValue *value = gst_structure_get_value (trends, figure);
  static const gchar *const parts[] = { "mean", "slope" };

  for (guint i = 0; value != NULL && i < G_N_ELEMENTS (parts); i++) {
    gchar *name = g_strdup_printf ("trend-%s-%s", figure, parts[i]);

    gst_structure_set_value (stats, name,
        gst_structure_get_value (gst_value_get_structure (value), parts[i]));
    g_free (name);
  }
}

static void
add_trends (BufpoolsrcReport * self, GstStructure * stats)
{
  GstStructure *trends = gst_tiered_allocator_get_trends (self->allocator,
      TREND_SNAPSHOTS);
  gchar *advice = gst_tiered_allocator_get_advice (self->allocator);

  gst_structure_set_value (stats, "trend-snapshots",
      gst_structure_get_value (trends, "snapshots"));
  gst_structure_set_value (stats, "trend-span",
      gst_structure_get_value (trends, "span"));
  add_trend (stats, trends, "success-rate");
  add_trend (stats, trends, "utilisation");
  add_trend (stats, trends, "acquire-latency");
  if (advice != NULL)
    gst_structure_set (stats, "advice", G_TYPE_STRING, advice, NULL);
  g_free (advice);
  gst_structure_free (trends);
}

static void
add_acquire_mean (BufpoolsrcReport * self, GstStructure * stats)
{
  GstStructure *structure = gst_tiered_allocator_get_limits (self->allocator);
  const GValue *limits = gst_structure_get_value (structure, "limits");

  for (guint i = 0; i < gst_value_array_get_size (limits); i++) {
    const GstStructure *limit =
        gst_value_get_structure (gst_value_array_get_value (limits, i));
    gboolean early = FALSE;
    gdouble value = -1.0;

    (void) gst_structure_get (limit, "early", G_TYPE_BOOLEAN, &early, "value",
        G_TYPE_DOUBLE, &value, NULL);
    if (early && value >= 0.0 && g_str_equal (gst_structure_get_string (limit,
                "code"), "acquire-latency"))
      gst_structure_set (stats, "acquire-latency-mean", G_TYPE_DOUBLE, value,
          NULL);
  }
  gst_structure_free (structure);
}

void
bufpoolsrc_report_collect (BufpoolsrcReport * self, GstStructure * stats)
{
  add_counters (self, stats);
  gst_tiered_allocator_add_stats (self->allocator, stats);
  add_trends (self, stats);
  add_acquire_mean (self, stats);
}

static guint64
field (const GstStructure * stats, const gchar * name)
{
  guint64 value = 0;

  (void) gst_structure_get_uint64 (stats, name, &value);
  return value;
}

/* TRUE once for each figure that is larger than what was told. */
static gboolean
is_news (BufpoolsrcReport * self, guint64 * told, guint64 figure)
{
  gboolean news;

  g_mutex_lock (&self->poll_lock);
  news = figure > *told;
  *told = figure;
  g_mutex_unlock (&self->poll_lock);
  return news;
}

static gboolean
exhausted_is_due (BufpoolsrcReport * self, guint64 figure)
{
  GstClockTime now = (GstClockTime) g_get_monotonic_time () * GST_USECOND;
  gboolean due;

  g_mutex_lock (&self->poll_lock);
  due = figure > self->told_exhausted
      && (self->stopping || now >= self->exhausted_due);
  if (due) {
    self->told_exhausted = figure;
    self->exhausted_due = now + EXHAUSTED_INTERVAL;
  }
  g_mutex_unlock (&self->poll_lock);
  return due;
}

static void
poll_exhausted (BufpoolsrcReport * self, const GstStructure * stats,
    const gchar * policy)
{
  guint64 exhausted = field (stats, "exhausted");

  if (!exhausted_is_due (self, exhausted))
    return;
  gst_safecapture_reporter_post (self->reporter, "exhausted",
      "policy", G_TYPE_STRING, policy,
      "count", G_TYPE_UINT64, exhausted,
      "wait-time", G_TYPE_UINT64, field (stats, "wait-time"),
      "buffers-dropped", G_TYPE_UINT64, field (stats, "buffers-dropped"),
      "bytes-dropped", G_TYPE_UINT64, field (stats, "bytes-dropped"),
      "slots", G_TYPE_UINT64, field (stats, "slots"),
      "in-use", G_TYPE_UINT64, field (stats, "in-use"), NULL);
}

static void
poll_partial (BufpoolsrcReport * self, const GstStructure * stats)
{
  guint64 bytes = field (stats, "partial-bytes");

  if (is_news (self, &self->told_partial, bytes))
    gst_safecapture_reporter_post_warning (self->reporter, "partial-frame",
        "The data ended inside an audio frame; the bytes of that frame were "
        "left out. Check that caps match the data.",
        "bytes", G_TYPE_UINT64, bytes, NULL);
}

static void
poll_misuse (BufpoolsrcReport * self, const GstStructure * stats)
{
  static const gchar *const names[] = {
    "foreign-releases", "double-releases", "corrupted-headers", "overruns",
  };
  guint64 total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    total += field (stats, names[i]);
  if (is_news (self, &self->told_misuse, total))
    gst_safecapture_reporter_post_warning (self->reporter, "buffer-misuse",
        "An element downstream misuses buffers of the pool: it writes past "
        "their end or over their headers, or releases them twice. A slot with "
        "a damaged header stays out of use.",
        names[0], G_TYPE_UINT64, field (stats, names[0]),
        names[1], G_TYPE_UINT64, field (stats, names[1]),
        names[2], G_TYPE_UINT64, field (stats, names[2]),
        names[3], G_TYPE_UINT64, field (stats, names[3]), NULL);
}

static const gchar *
limit_text (const gchar * code)
{
  static const struct
  {
    const gchar *code, *text;
  } texts[] = {
    {"success-rate", "Requests for buffers were refused for want of a free "
          "slot. Set tiers as the advice says, or look for what holds buffers "
          "downstream."},
    {"fragmentation", "Requests were refused although enough bytes were free, "
          "in slots of other sizes. Set tiers as the advice says."},
    {"acquire-latency", "Getting a buffer takes long. Slots are waited for, or "
          "the thread is often preempted: set tiers as the advice says, or "
          "give it a realtime priority."},
    {"release-latency", "Giving a buffer back takes long: its thread is often "
          "preempted. Give it a realtime priority."},
    {"utilisation", "The pool is almost used up. Set tiers as the advice says, "
          "or look for what holds buffers downstream."},
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].code, code))
      return texts[i].text;
  return "A limit of the pool is exceeded.";
}

/* Whether this limit is to be warned of now: once each time that it is exceeded,
 * and not too often. */
static gboolean
limit_is_due (BufpoolsrcReport * self, guint index, gboolean exceeded)
{
  GstClockTime now = (GstClockTime) g_get_monotonic_time () * GST_USECOND;
  gboolean due;

  g_mutex_lock (&self->poll_lock);
  due = exceeded && !self->limits[index].told
      && now >= self->limits[index].due;
  if (due)
    self->limits[index].due = now + LIMIT_INTERVAL;
  self->limits[index].told = exceeded && (due || self->limits[index].told);
  g_mutex_unlock (&self->poll_lock);
  return due;
}

static void
warn_of_limit (BufpoolsrcReport * self, const GstStructure * limit)
{
  const gchar *code = gst_structure_get_string (limit, "code");
  gchar *advice = gst_tiered_allocator_get_advice (self->allocator);
  gdouble value = 0.0, mark = 0.0;
  gboolean early = FALSE;

  (void) gst_structure_get (limit, "value", G_TYPE_DOUBLE, &value,
      "limit", G_TYPE_DOUBLE, &mark, "early", G_TYPE_BOOLEAN, &early, NULL);
  gst_safecapture_reporter_post_warning (self->reporter, code,
      limit_text (code),
      "figure", G_TYPE_STRING, gst_structure_get_string (limit, "figure"),
      "value", G_TYPE_DOUBLE, value, "limit", G_TYPE_DOUBLE, mark,
      "early", G_TYPE_BOOLEAN, early,
      "advice", G_TYPE_STRING, advice != NULL ? advice : "", NULL);
  g_free (advice);
}

static const GstStructure *
limit_at (const GValue * limits, guint index)
{
  return gst_value_get_structure (gst_value_array_get_value (limits, index));
}

static void
poll_limits (BufpoolsrcReport * self)
{
  GstStructure *structure = gst_tiered_allocator_get_limits (self->allocator);
  const GValue *limits = gst_structure_get_value (structure, "limits");
  const gchar *told[BUFPOOLSRC_LIMITS + 1] = { NULL };
  guint n_told = 0;

  for (guint i = 0; i < gst_value_array_get_size (limits)
      && i < BUFPOOLSRC_LIMITS; i++) {
    const GstStructure *limit = limit_at (limits, i);
    const gchar *code = gst_structure_get_string (limit, "code");
    gboolean exceeded = FALSE;

    (void) gst_structure_get_boolean (limit, "exceeded", &exceeded);
    /* A figure that passes both of its marks at once is told of once. */
    if (limit_is_due (self, i, exceeded) && !g_strv_contains (told, code)) {
      warn_of_limit (self, limit);
      told[n_told++] = code;
    }
  }
  gst_structure_free (structure);
}

/* A poll comes with each metrics message, and in between when kicked. */
static gboolean
snapshot_is_due (BufpoolsrcReport * self)
{
  GstClockTime now = (GstClockTime) g_get_monotonic_time () * GST_USECOND;
  gboolean wanted = gst_safecapture_reporter_wants_metrics (self->reporter);
  guint64 interval;
  gboolean due;

  g_object_get (self->element, "metrics-interval", &interval, NULL);
  g_mutex_lock (&self->poll_lock);
  due = wanted && (self->stopping || now >= self->snapshot_due);
  if (due)
    /* Shorter by a tenth: a message comes a little early or late. */
    self->snapshot_due = now + interval - interval / 10;
  g_mutex_unlock (&self->poll_lock);
  return due;
}

void
bufpoolsrc_report_poll (BufpoolsrcReport * self, const gchar * policy)
{
  GstStructure *stats = gst_structure_new_empty ("stats");

  if (snapshot_is_due (self)
      && gst_tiered_allocator_take_snapshot (self->allocator))
    poll_limits (self);
  post_states (self);
  add_counters (self, stats);
  gst_tiered_allocator_add_totals (self->allocator, stats);
  poll_exhausted (self, stats, policy);
  poll_partial (self, stats);
  poll_misuse (self, stats);
  gst_structure_free (stats);
}
