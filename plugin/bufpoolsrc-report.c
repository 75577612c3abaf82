/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-report.h"

#include "bufpoolsrc-aes5.h"

#define EXHAUSTED_INTERVAL GST_SECOND

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

void
bufpoolsrc_report_init (BufpoolsrcReport * self, GstElement * element,
    const GstSafecaptureReporterClass * klass, GstTieredAllocator * allocator)
{
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
  self->exhausted_due = 0;
  self->stopping = FALSE;
  g_mutex_unlock (&self->poll_lock);

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

void
bufpoolsrc_report_collect (BufpoolsrcReport * self, GstStructure * stats)
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
  gst_tiered_allocator_add_stats (self->allocator, stats);
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

void
bufpoolsrc_report_poll (BufpoolsrcReport * self, const gchar * policy)
{
  GstStructure *stats = gst_structure_new_empty ("stats");

  bufpoolsrc_report_collect (self, stats);
  poll_exhausted (self, stats, policy);
  poll_partial (self, stats);
  poll_misuse (self, stats);
  gst_structure_free (stats);
}
