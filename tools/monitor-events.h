/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last messages of the elements, one line each.  One thread's.
 */
#ifndef MONITOR_EVENTS_H
#define MONITOR_EVENTS_H

#include <gst/gst.h>

typedef enum
{
  MONITOR_EVENT_INFO,           /* as it should be */
  MONITOR_EVENT_WARNING,
  MONITOR_EVENT_ERROR,
} MonitorEventLevel;

typedef struct
{
  gint64 time;                  /* when it last came: us of the real-time clock */
  MonitorEventLevel level;
  guint count;                  /* so many, which differ in figures only */
  guint64 amount;               /* of all of them, where they tell one */
  gchar *kind;                  /* what makes them the same: element and what */
  gchar *text;                  /* "NAME: what", safe for a terminal */
} MonitorEvent;

typedef struct _MonitorEvents MonitorEvents;

/* Keeps the last @capacity. */
MonitorEvents *monitor_events_new (guint capacity);
void monitor_events_free (MonitorEvents * self);

/**
 * monitor_events_message:
 * @time: us of the real-time clock
 *
 * Element messages of safecapture's elements other than their metrics, and the
 * errors and warnings of any element; others are passed over.
 *
 * Returns: (transfer none) (nullable): the event it is now, until the next call
 */
const MonitorEvent *monitor_events_message (MonitorEvents * self,
    GstMessage * message, gint64 time);

/* Something to tell that no element said.  As monitor_events_message(). */
const MonitorEvent *monitor_events_add (MonitorEvents * self,
    MonitorEventLevel level, const gchar * text, gint64 time);

guint monitor_events_count (const MonitorEvents * self);

/* @index: 0 is the newest */
const MonitorEvent *monitor_events_get (const MonitorEvents * self,
    guint index);

/* Whether it is an element message of safecapture's elements. */
gboolean monitor_events_is_ours (GstMessage * message);

#endif
