/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstsafecapturehealth.h"

#include <math.h>

#define BIT SC_HEALTH_BIT

void
gst_safecapture_health_init (GstSafecaptureHealth * self, GstClockTime now)
{
  g_mutex_init (&self->lock);
  gst_safecapture_health_restart (self, now);
}

void
gst_safecapture_health_clear (GstSafecaptureHealth * self)
{
  g_mutex_clear (&self->lock);
}

void
gst_safecapture_health_restart (GstSafecaptureHealth * self, GstClockTime now)
{
  g_mutex_lock (&self->lock);
  sc_health_watch_init (&self->watch, now);
  self->pending = 0;
  g_mutex_unlock (&self->lock);
}

/* ---- what the statistics say ---- */

static guint64
count (const GstStructure * stats, const gchar * field)
{
  guint64 value = 0;

  (void) gst_structure_get_uint64 (stats, field, &value);
  return value;
}

static gdouble
figure (const GstStructure * stats, const gchar * field)
{
  gdouble value = -1.0;

  (void) gst_structure_get_double (stats, field, &value);
  return value;
}

/* Playing, and not at the end of the stream on every sink pad. */
static gboolean
is_running (GstElement * element)
{
  gboolean running = FALSE;

  GST_OBJECT_LOCK (element);
  if (GST_STATE (element) == GST_STATE_PLAYING)
    for (GList * l = element->sinkpads; l != NULL; l = l->next)
      running |= GST_PAD_IS_LINKED (l->data) && !GST_PAD_IS_EOS (l->data);
  GST_OBJECT_UNLOCK (element);
  return running;
}

/* Whether its input stands still is told by what comes after it: it cannot know
 * whether it is held up from there. */
static void
read_source (GstElement * element, const GstStructure * stats,
    ScHealthInput * input)
{
  input->came = count (stats, "buffers-out");
  input->failures = count (stats, "failures");
  input->attempts = count (stats, "acquired") + input->failures;
  input->lost = count (stats, "buffers-dropped");
  input->utilisation = figure (stats, "utilisation");
  input->acquire_ns = figure (stats, "acquire-latency-mean");
}

static void
read_queue (GstElement * element, const GstStructure * stats,
    ScHealthInput * input)
{
  input->came = input->attempts = count (stats, "buffers-in");
  input->lost = count (stats, "buffers-dropped-full")
      + count (stats, "buffers-dropped-timeout")
      + count (stats, "buffers-dropped-gop");
  input->failures = input->lost;
  input->utilisation = figure (stats, "utilisation");
  /* While it is full nothing can come. */
  input->runs = is_running (element) && input->utilisation < 1.0;
}

static guint64
promised_interval (GstElement * element)
{
  GValue policy = G_VALUE_INIT;
  const gchar *nick;
  guint64 interval = 0;

  g_object_get_property (G_OBJECT (element), "sync-policy", &policy);
  nick = g_enum_get_value (g_type_class_peek (G_VALUE_TYPE (&policy)),
      g_value_get_enum (&policy))->value_nick;
  if (!g_str_equal (nick, "none") && !g_str_equal (nick, "bytes"))
    g_object_get (element, "sync-interval", &interval, NULL);
  g_value_unset (&policy);
  return interval;
}

static void
read_sink (GstElement * element, const GstStructure * stats,
    ScHealthInput * input)
{
  const gchar *state = gst_structure_get_string (stats, "state");
  guint64 backlog = count (stats, "backlog-bytes");

  input->stores = TRUE;
  input->came = input->accepted = count (stats, "bytes-accepted");
  input->durable = input->accepted - MIN (backlog, input->accepted);
  input->ring_size = count (stats, "ring-size");
  input->space_time = count (stats, "time-left");
  input->sync_interval = promised_interval (element);
  input->fails = g_strcmp0 (state, "error") == 0;
  input->lost = count (stats, "verify-mismatches");
  input->lost -= MIN (count (stats, "verify-repairs"), input->lost);
  input->lost += count (stats, "buffers-dropped");
  input->is_on_backup = count (stats, "switches") > 0
      && g_strcmp0 (state, "published") != 0;
  if (input->ring_size > 0)
    input->utilisation = (gdouble) backlog / (gdouble) input->ring_size;
  input->runs = g_strcmp0 (state, "writing") == 0 && is_running (element)
      && input->utilisation < 1.0;
}

/* ---- the elements ---- */

static const struct
{
  const gchar *prefix;
  void (*read) (GstElement * element, const GstStructure * stats,
      ScHealthInput * input);
  /* Of the rest the element tells itself, in words of its own. */
  guint32 warnings;
} kinds[] = {
  {"bufpoolsrc", read_source, 0},
  {"tieredqueue", read_queue, BIT (SC_HEALTH_SUCCESS)
        | BIT (SC_HEALTH_UTILISATION) | BIT (SC_HEALTH_IDLE)},
  {"safefilesink", read_sink, BIT (SC_HEALTH_UTILISATION)
        | BIT (SC_HEALTH_DURABLE_LAG) | BIT (SC_HEALTH_IDLE)},
};

static void
add_reasons (GstStructure * stats, guint32 reasons)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < SC_HEALTH_REASONS; i++)
    if (reasons & BIT (i))
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "",
          sc_health_rule (i)->code);
  gst_structure_set (stats, "healthy", G_TYPE_BOOLEAN, reasons == 0,
      "health-reasons", G_TYPE_STRING, text->str, NULL);
  g_string_free (text, TRUE);
}

static void
add_storage (GstStructure * stats, const ScHealthWatch * watch,
    const ScHealthInput * input)
{
  gdouble seconds = watch->figures.values[SC_HEALTH_RING_TIME];
  gboolean fills = seconds >= 0.0 && isfinite (seconds);

  gst_structure_set (stats,
      "utilisation", G_TYPE_DOUBLE, MAX (input->utilisation, 0.0),
      "durable-lag", G_TYPE_UINT64, (guint64) watch->lag,
      "ring-time-left", G_TYPE_UINT64, fills ? (guint64) (seconds * 1e9)
      : GST_CLOCK_TIME_NONE, NULL);
}

gboolean
gst_safecapture_health_tell (GstSafecaptureHealth * self,
    GstElement * element, const gchar * prefix, GstStructure * stats,
    GstClockTime now, gboolean last)
{
  ScHealthInput input;
  gboolean pending;
  guint i = 0;

  while (i < G_N_ELEMENTS (kinds) && !g_str_equal (kinds[i].prefix, prefix))
    i++;
  if (i == G_N_ELEMENTS (kinds))
    return FALSE;
  sc_health_input_init (&input);
  kinds[i].read (element, stats, &input);

  g_mutex_lock (&self->lock);
  self->pending |= sc_health_watch_look (&self->watch, &input, now, last)
      & kinds[i].warnings;
  pending = self->pending != 0;
  add_reasons (stats, self->watch.health.reasons);
  gst_structure_set (stats, "idle-time", G_TYPE_UINT64,
      (guint64) self->watch.idle, NULL);
  if (input.stores)
    add_storage (stats, &self->watch, &input);
  g_mutex_unlock (&self->lock);
  return pending;
}

/* ---- warnings ---- */

const ScHealthRule *
gst_safecapture_health_next_warning (GstSafecaptureHealth * self,
    gdouble * value)
{
  const ScHealthRule *rule = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; rule == NULL && i < SC_HEALTH_REASONS; i++)
    if (self->pending & BIT (i)) {
      self->pending &= ~BIT (i);
      *value = self->watch.figures.values[i];
      rule = sc_health_rule (i);
    }
  g_mutex_unlock (&self->lock);
  return rule;
}

const gchar *
gst_safecapture_health_text (const ScHealthRule * rule)
{
  static const gchar *const texts[SC_HEALTH_REASONS] = {
    [SC_HEALTH_SUCCESS] = "More than one buffer in a hundred is dropped: what "
        "follows is slower than the stream. Make it faster, or the queue "
        "larger.",
    [SC_HEALTH_UTILISATION] = "The memory for what is under way is almost used "
        "up: what follows is slower than the stream.",
    [SC_HEALTH_DURABLE_LAG] = "Data are not durable for more than twice the "
        "sync-interval: the device is slow, or a sync hangs.",
    [SC_HEALTH_IDLE] = "Nothing comes in although the stream has not ended: "
        "look at the source.",
  };

  for (guint i = 0; i < SC_HEALTH_REASONS; i++)
    if (sc_health_rule (i) == rule && texts[i] != NULL)
      return texts[i];
  return rule->code;
}
