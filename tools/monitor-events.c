/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-events.h"

#include "monitor-fields.h"
#include "monitor-format.h"

#include <string.h>

/* Events that differ in their figures only are one among so many. */
#define TURNS 8

struct _MonitorEvents
{
  GQueue queue;                 /* of MonitorEvent; the newest is the head */
  guint capacity;
};

static void
free_event (gpointer event)
{
  MonitorEvent *self = event;

  g_free (self->kind);
  g_free (self->text);
  g_free (self);
}

MonitorEvents *
monitor_events_new (guint capacity)
{
  MonitorEvents *self = g_new0 (MonitorEvents, 1);

  g_queue_init (&self->queue);
  self->capacity = MAX (capacity, 1);
  return self;
}

void
monitor_events_free (MonitorEvents * self)
{
  g_queue_clear_full (&self->queue, free_event);
  g_free (self);
}

guint
monitor_events_count (const MonitorEvents * self)
{
  return self->queue.length;
}

const MonitorEvent *
monitor_events_get (const MonitorEvents * self, guint index)
{
  return g_queue_peek_nth ((GQueue *) & self->queue, index);
}

/* Of the newest few, the one of that kind: several channels in trouble take
 * turns. */
static GList *
find (MonitorEvents * self, const gchar * kind)
{
  GList *link = self->queue.head;

  for (guint i = 0; i < TURNS && link != NULL; i++, link = link->next)
    if (g_str_equal (((MonitorEvent *) link->data)->kind, kind))
      return link;
  return NULL;
}

/* The event to write to, which is the newest then.  Takes @kind. */
static MonitorEvent *
enter (MonitorEvents * self, gchar * kind, gint64 time)
{
  GList *link = find (self, kind);
  MonitorEvent *event;

  if (link != NULL) {
    event = link->data;
    g_queue_delete_link (&self->queue, link);
    g_free (kind);
    g_clear_pointer (&event->text, g_free);
  } else {
    event = g_new0 (MonitorEvent, 1);
    event->kind = kind;
  }
  g_queue_push_head (&self->queue, event);
  if (self->queue.length > self->capacity)
    free_event (g_queue_pop_tail (&self->queue));
  event->time = time;
  event->count++;
  return event;
}

const MonitorEvent *
monitor_events_add (MonitorEvents * self, MonitorEventLevel level,
    const gchar * text, gint64 time)
{
  MonitorEvent *event = enter (self, g_strdup (text), time);

  event->level = level;
  event->text = monitor_format_safe (text);
  return event;
}

gboolean
monitor_events_is_ours (GstMessage * message)
{
  static const gchar *const prefixes[] = {
    "bufpoolsrc-", "tieredqueue-", "safefilesink-", "safecapture-"
  };
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT || structure == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (gst_structure_get_name (structure), prefixes[i]))
      return TRUE;
  return FALSE;
}

/* ---- what they say ---- */

static gchar *
describe_state (const GstStructure * message, MonitorEvent * event)
{
  const gchar *state = monitor_word (message, "new");

  if (g_str_equal (state, "error"))
    event->level = MONITOR_EVENT_ERROR;
  else if (g_str_equal (state, "warning") || g_str_equal (state, "backup"))
    event->level = MONITOR_EVENT_WARNING;
  return g_strdup_printf ("%s: %s", state, monitor_word (message, "reason"));
}

static gchar *
describe_warning (const GstStructure * message, MonitorEvent * event)
{
  event->level = MONITOR_EVENT_WARNING;
  return g_strdup_printf ("%s: %s", monitor_word (message, "code"),
      monitor_word (message, "text"));
}

static gchar *
describe_dropped (const GstStructure * message, MonitorEvent * event)
{
  guint64 now = monitor_count (message, "count");
  const gchar *reason = monitor_word (message, "reason");

  event->amount += now;
  event->level = MONITOR_EVENT_WARNING;
  if (event->amount > now)
    return g_strdup_printf ("dropped %" G_GUINT64_FORMAT " buffers (%s), %"
        G_GUINT64_FORMAT " of them just now", event->amount, reason, now);
  return g_strdup_printf ("dropped %" G_GUINT64_FORMAT " buffer%s (%s)", now,
      now == 1 ? "" : "s", reason);
}

static gchar *
describe_backpressure (const GstStructure * message, MonitorEvent * event)
{
  gchar *lasted = monitor_format_latency (monitor_count (message, "duration"));
  gchar *text = monitor_flag (message, "active") ? g_strdup ("above its high watermark")
      : g_strdup_printf ("below its low watermark again, after %s", lasted);
  g_free (lasted);
  return text;
}

static gchar *
describe_exhausted (const GstStructure * message, MonitorEvent * event)
{
  event->level = MONITOR_EVENT_WARNING;
  return g_strdup_printf ("the pool was empty %" G_GUINT64_FORMAT " times; %"
      G_GUINT64_FORMAT " buffers left out", monitor_count (message, "count"),
      monitor_count (message, "buffers-dropped"));
}

static gchar *
describe_published (const GstStructure * message, MonitorEvent * event)
{
  gchar *size = monitor_format_size (monitor_count (message, "size"));
  guint64 parts = monitor_count (message, "parts");
  gchar *text = parts > 1
      ? g_strdup_printf ("published %s, %s in %" G_GUINT64_FORMAT " parts",
      monitor_word (message, "location"), size, parts)
      : g_strdup_printf ("published %s, %s", monitor_word (message, "location"), size);

  g_free (size);
  return text;
}

static gchar *
describe_switched (const GstStructure * message, MonitorEvent * event)
{
  event->level = MONITOR_EVENT_WARNING;
  return g_strdup_printf ("goes on in %s, as %s failed (%s)",
      monitor_word (message, "location"), monitor_word (message, "from"),
      monitor_word (message, "reason"));
}

static gchar *
describe_recovered (const GstStructure * message, MonitorEvent * event)
{
  const gchar *verdict = monitor_word (message, "verdict");

  if (g_str_equal (verdict, "loss") || g_str_equal (verdict, "unvouched"))
    event->level = MONITOR_EVENT_WARNING;
  return g_strdup_printf ("recovered %s of an earlier start: %s",
      monitor_word (message, "location"), verdict);
}

static const struct
{
  const gchar *name;            /* of the message, behind the element's */
  gchar *(*describe) (const GstStructure * message, MonitorEvent * event);
} descriptions[] = {
  {"-state", describe_state},
  {"-warning", describe_warning},
  {"-dropped", describe_dropped},
  {"-backpressure", describe_backpressure},
  {"-exhausted", describe_exhausted},
  {"-published", describe_published},
  {"-switched", describe_switched},
  {"-recovered", describe_recovered},
};

/* A sink that keeps up goes from ready to writing and back all the time, and of
 * its end other messages tell. */
static gboolean
is_routine (const GstStructure * message)
{
  static const gchar *const routine[] = {
    "init", "ready", "writing", "published", NULL
  };

  return gst_structure_has_name (message, "safefilesink-state")
      && g_strv_contains (routine, monitor_word (message, "new"));
}

/* ---- the messages ---- */

/* "NAME", or "NAME/CHANNEL" where the channel has a name of its own. */
static gchar *
name_of (GstMessage * message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  const gchar *channel = structure != NULL ? monitor_word (structure, "channel") : "";
  gchar *name = GST_MESSAGE_SRC (message) != NULL
      ? gst_object_get_name (GST_MESSAGE_SRC (message)) : g_strdup ("");
  gchar *both;

  if (channel[0] == '\0' || g_str_equal (channel, "sink"))
    return name;
  both = g_strdup_printf ("%s/%s", name, channel);
  g_free (name);
  return both;
}

static void
set_text (MonitorEvent * event, const gchar * name, gchar * text)
{
  gchar *line = g_strdup_printf ("%s: %s", name, text);

  event->text = monitor_format_safe (line);
  g_free (line);
  g_free (text);
}

static const MonitorEvent *
add_ours (MonitorEvents * self, GstMessage * message, const gchar * name,
    gint64 time)
{
  const GstStructure *structure = gst_message_get_structure (message);
  const gchar *what = gst_structure_get_name (structure);
  MonitorEvent *event;

  for (guint i = 0; i < G_N_ELEMENTS (descriptions); i++)
    if (g_str_has_suffix (what, descriptions[i].name)
        && !is_routine (structure)) {
      event = enter (self, g_strdup_printf ("%s %s %s%s%s", name, what,
              monitor_word (structure, "code"), monitor_word (structure, "reason"),
              monitor_word (structure, "new")), time);
      set_text (event, name, descriptions[i].describe (structure, event));
      return event;
    }
  return NULL;
}

static const MonitorEvent *
add_trouble (MonitorEvents * self, GstMessage * message, const gchar * name,
    gint64 time)
{
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  MonitorEvent *event;
  GError *error;

  if (is_error)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  event = enter (self, g_strdup_printf ("%s %s", name, error->message), time);
  event->level = is_error ? MONITOR_EVENT_ERROR : MONITOR_EVENT_WARNING;
  set_text (event, name, g_strdup (error->message));
  g_error_free (error);
  return event;
}

const MonitorEvent *
monitor_events_message (MonitorEvents * self, GstMessage * message,
    gint64 time)
{
  const MonitorEvent *event = NULL;
  gchar *name = name_of (message);

  if (monitor_events_is_ours (message))
    event = add_ours (self, message, name, time);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    event = add_trouble (self, message, name, time);
  g_free (name);
  return event;
}
