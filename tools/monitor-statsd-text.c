/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-statsd-text.h"

#include <math.h>

#include "monitor-samples.h"

struct _MonitorStatsdText
{
  GHashTable *counters;         /* name, as it is, to guint64 */
};

typedef struct
{
  MonitorStatsdText *text;
  GPtrArray *datagrams;
  GString *last;                /* being filled */
} Work;

/* ---- datagrams ---- */

static void
end_datagram (Work * self)
{
  if (self->last->len > 0)
    g_ptr_array_add (self->datagrams, g_strdup (self->last->str));
  g_string_truncate (self->last, 0);
}

/* What has to stay together is one @text. */
static void
add (Work * self, const gchar * text)
{
  gsize length = strlen (text);

  if (length > MONITOR_STATSD_DATAGRAM)
    return;
  if (self->last->len + 1 + length > MONITOR_STATSD_DATAGRAM)
    end_datagram (self);
  if (self->last->len > 0)
    g_string_append_c (self->last, '\n');
  g_string_append (self->last, text);
}

/* ---- lines ---- */

static gchar *
name_of (const MonitorSample * sample)
{
  GString *name = g_string_new ("safecapture");

  if (sample->path[0] != '\0')
    g_string_append_printf (name, ".%s", sample->path);
  g_string_append_printf (name, ".%s", sample->name);
  for (guint i = 0; i < sample->n_labels; i++)
    if (g_str_equal (sample->labels[i].name, "reason"))
      g_string_append_printf (name, ".%s", sample->labels[i].value);
  if (sample->state != NULL)
    g_string_append_printf (name, ".%s", sample->state);
  if (sample->kind == MONITOR_SAMPLE_COUNTER
      && g_str_equal (sample->unit, "ns"))
    g_string_append (name, "_ms");
  return g_string_free (name, FALSE);
}

/* Signs that part names, values and lines become "_". */
static gchar *
as_sent (const gchar * name)
{
  gchar *sent = g_strdup (name);

  for (gchar * c = sent; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '.')
      *c = '_';
  return sent;
}

static gchar *
number (guint64 count, const gchar * unit)
{
  if (g_str_equal (unit, "ns"))
    return g_strdup_printf ("%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT,
        count / GST_MSECOND, count % GST_MSECOND);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, count);
}

/* One that has fallen began anew. */
static guint64
grown (MonitorStatsdText * self, const gchar * key, guint64 count)
{
  guint64 *before = g_hash_table_lookup (self->counters, key);
  guint64 by;

  if (before == NULL) {
    before = g_new0 (guint64, 1);
    g_hash_table_insert (self->counters, g_strdup (key), before);
  }
  by = count >= *before ? count - *before : count;
  *before = count;
  return by;
}

static void
add_counter (Work * self, const gchar * key, const gchar * name,
    const MonitorSample * sample)
{
  guint64 by = grown (self->text, key, sample->count);
  gchar *value = number (by, sample->unit);
  gchar *line = g_strdup_printf ("%s:%s|c", name, value);

  if (by > 0)
    add (self, line);
  g_free (line);
  g_free (value);
}

/* A gauge with a sign is a change: one below zero is first set to zero. */
static void
add_real (Work * self, const gchar * name, const MonitorSample * sample)
{
  gboolean is_time = g_str_equal (sample->unit, "ns");
  gchar value[G_ASCII_DTOSTR_BUF_SIZE];
  gchar *line;

  if (!isfinite (sample->real))
    return;
  g_ascii_formatd (value, sizeof (value), "%.9f", is_time
      ? sample->real / GST_MSECOND : sample->real);
  if (sample->real < 0.0)
    line = g_strdup_printf ("%s:0|g\n%s:%s|g", name, name, value);
  else
    line = g_strdup_printf ("%s:%s|%s", name, value, is_time ? "ms" : "g");
  add (self, line);
  g_free (line);
}

static void
add_gauge (Work * self, const gchar * name, const MonitorSample * sample)
{
  gchar *value = number (sample->count, sample->unit);
  gchar *line = g_strdup_printf ("%s:%s|%s", name, value,
      g_str_equal (sample->unit, "ns") ? "ms" : "g");

  add (self, line);
  g_free (line);
  g_free (value);
}

/* statsd has no buckets: its quantiles are those of the schema. */
static void
add_sample (const MonitorSample * sample, gpointer user_data)
{
  Work *self = user_data;
  gchar *key = name_of (sample);
  gchar *name = as_sent (key);

  if (sample->kind == MONITOR_SAMPLE_COUNTER)
    add_counter (self, key, name, sample);
  else if (sample->kind != MONITOR_SAMPLE_HISTOGRAM && sample->is_real)
    add_real (self, name, sample);
  else if (sample->kind != MONITOR_SAMPLE_HISTOGRAM)
    add_gauge (self, name, sample);
  g_free (name);
  g_free (key);
}

/* ---- all of it ---- */

MonitorStatsdText *
monitor_statsd_text_new (void)
{
  MonitorStatsdText *self = g_new0 (MonitorStatsdText, 1);

  self->counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  return self;
}

void
monitor_statsd_text_free (MonitorStatsdText * self)
{
  g_hash_table_unref (self->counters);
  g_free (self);
}

GPtrArray *
monitor_statsd_text_make (MonitorStatsdText * self,
    const GstStructure * snapshot)
{
  Work work = {
    .text = self,.datagrams = g_ptr_array_new_with_free_func (g_free),
    .last = g_string_new (NULL),
  };

  monitor_samples_each (snapshot, add_sample, &work);
  end_datagram (&work);
  g_string_free (work.last, TRUE);
  return work.datagrams;
}
