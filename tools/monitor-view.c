/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-view.h"

#include "monitor-fields.h"
#include "monitor-view-private.h"

/* A rate is that of at least so long. */
#define RATE_SPAN GST_SECOND

MonitorView *
monitor_view_new (void)
{
  MonitorView *self = g_new0 (MonitorView, 1);

  self->peaks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  self->rates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  return self;
}

void
monitor_view_free (MonitorView * self)
{
  g_clear_pointer (&self->snapshot, gst_structure_free);
  g_hash_table_unref (self->peaks);
  g_hash_table_unref (self->rates);
  g_free (self);
}

/* ---- what is remembered ---- */

gchar *
monitor_view_channel_key (const GstStructure * element,
    const GstStructure * channel)
{
  return g_strdup_printf ("%s %s", monitor_word (element, "path"),
      monitor_word (channel, "channel"));
}

static void
note_peak (MonitorView * self, const GstStructure * element,
    const GstStructure * channel)
{
  gchar *key = monitor_view_channel_key (element, channel);
  gdouble *peak = g_hash_table_lookup (self->peaks, key);
  guint64 limit = monitor_count (channel, "max-buffers");

  if (peak == NULL) {
    peak = g_new0 (gdouble, 1);
    g_hash_table_insert (self->peaks, g_strdup (key), peak);
  }
  *peak = MAX (*peak, monitor_figure (channel, "utilisation"));
  /* Of the buffers the queue knows a peak between two looks, too. */
  if (limit > 0)
    *peak = MAX (*peak, (gdouble) monitor_count (channel,
            "level-buffers-peak") / (gdouble) limit);
  g_free (key);
}

static void
note_rate (MonitorView * self, const GstStructure * element,
    const GstStructure * stats, guint64 now)
{
  const gchar *path = monitor_word (element, "path");
  guint64 bytes = monitor_count (stats, "bytes-accepted");
  MonitorRate *rate = g_hash_table_lookup (self->rates, path);

  if (rate == NULL) {
    rate = g_new0 (MonitorRate, 1);
    g_hash_table_insert (self->rates, g_strdup (path), rate);
  } else if (bytes >= rate->bytes) {
    if (now < rate->time + RATE_SPAN)
      return;
    rate->bytes_per_second = (gdouble) (bytes - rate->bytes)
        / ((gdouble) (now - rate->time) / GST_SECOND);
  }
  rate->time = now;
  rate->bytes = bytes;
}

void
monitor_view_look (MonitorView * self, const GstStructure * snapshot)
{
  guint64 now = monitor_count (snapshot, "time");

  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++) {
    const GstStructure *element = monitor_array_get (snapshot, "elements", i);
    const GstStructure *stats = monitor_inside (element, "stats");

    for (guint j = 0; j < monitor_array_size (stats, "channels"); j++)
      note_peak (self, element, monitor_array_get (stats, "channels", j));
    if (monitor_is (element, "safefilesink"))
      note_rate (self, element, stats, now);
  }
  g_clear_pointer (&self->snapshot, gst_structure_free);
  self->snapshot = gst_structure_copy (snapshot);
}

/* ---- the screen ---- */

enum
{
  HEAD, SINKS, CHANNELS, TIERS, QUEUES, EVENTS, N_PARTS
};

/* From top to bottom. */
static const MonitorPart *const parts[N_PARTS] = {
  [HEAD] = &monitor_part_head,
  [SINKS] = &monitor_part_sinks,
  [CHANNELS] = &monitor_part_channels,
  [TIERS] = &monitor_part_tiers,
  [QUEUES] = &monitor_part_queues,
  [EVENTS] = &monitor_part_events,
};

/* Who gets how many rows of what there is: one grant after the other. */
static const struct
{
  guint part, rows;
} grants[] = {
  {HEAD, 1}, {SINKS, 1}, {CHANNELS, 1}, {HEAD, 2}, {SINKS, 3}, {CHANNELS, 3},
  {EVENTS, 2}, {SINKS, 5}, {CHANNELS, 6}, {TIERS, 2}, {EVENTS, 4},
  {QUEUES, 2}, {SINKS, G_MAXUINT}, {CHANNELS, 11}, {TIERS, 5}, {EVENTS, 6},
  {QUEUES, 4}, {CHANNELS, G_MAXUINT}, {TIERS, G_MAXUINT},
  {QUEUES, G_MAXUINT}, {EVENTS, 12},
};

/* Returns: rows that are left */
static guint
share_out (const MonitorDrawing * drawing, guint shares[N_PARTS])
{
  guint left = drawing->screen->rows, wants[N_PARTS];

  for (guint i = 0; i < N_PARTS; i++) {
    wants[i] = parts[i]->want (drawing);
    shares[i] = 0;
  }
  for (guint i = 0; i < G_N_ELEMENTS (grants); i++) {
    guint *share = &shares[grants[i].part];
    guint rows = MIN (grants[i].rows, wants[grants[i].part]);

    if (rows > *share) {
      rows = MIN (rows - *share, left);
      *share += rows;
      left -= rows;
    }
  }
  return left;
}

static guint
count_gaps (const guint shares[N_PARTS])
{
  guint there = 0;

  for (guint i = 0; i < N_PARTS; i++)
    there += shares[i] > 0;
  return there > 0 ? there - 1 : 0;
}

static void
draw_parts (const MonitorDrawing * drawing)
{
  guint shares[N_PARTS], left = share_out (drawing, shares);
  gboolean gaps = left >= count_gaps (shares);
  guint more = gaps ? left - count_gaps (shares) : left;

  shares[EVENTS] = MIN (shares[EVENTS] + more, parts[EVENTS]->want (drawing));
  for (guint i = 0; i < N_PARTS; i++) {
    if (shares[i] == 0)
      continue;
    if (gaps && drawing->lines->len > 0)
      g_ptr_array_add (drawing->lines, g_strdup (""));
    parts[i]->draw (drawing, shares[i]);
  }
}

gchar **
monitor_view_draw (const MonitorView * self, const MonitorEvents * events,
    const MonitorMoment * moment, const MonitorScreen * screen)
{
  MonitorDrawing drawing = {
    self, events, moment, screen, g_ptr_array_new ()
  };

  if (self->snapshot != NULL && screen->columns > 0 && screen->rows > 0)
    draw_parts (&drawing);
  g_ptr_array_add (drawing.lines, NULL);
  return (gchar **) g_ptr_array_free (drawing.lines, FALSE);
}
