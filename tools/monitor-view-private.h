/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of the view.  Each draws into as many rows as it is given. */
#ifndef MONITOR_VIEW_PRIVATE_H
#define MONITOR_VIEW_PRIVATE_H

#include "monitor-line.h"
#include "monitor-view.h"

struct _MonitorView
{
  GstStructure *snapshot;
  GHashTable *peaks;            /* key of a channel -> gdouble *: fullest yet */
  GHashTable *rates;            /* path of a sink -> MonitorRate * */
};

typedef struct
{
  guint64 time;                 /* ns: when it was worked out */
  guint64 bytes;                /* at that time */
  gdouble bytes_per_second;
} MonitorRate;

typedef struct
{
  const MonitorView *view;
  const MonitorEvents *events;
  const MonitorMoment *moment;
  const MonitorScreen *screen;
  GPtrArray *lines;             /* of gchar *: where it draws */
} MonitorDrawing;

/* A part: how many rows it would like, and what it makes of those it gets, which
 * are at least one and at most that many. */
typedef struct
{
  guint (*want) (const MonitorDrawing * drawing);
  void (*draw) (const MonitorDrawing * drawing, guint rows);
} MonitorPart;

extern const MonitorPart monitor_part_head;
extern const MonitorPart monitor_part_sinks;
extern const MonitorPart monitor_part_channels;
extern const MonitorPart monitor_part_tiers;
extern const MonitorPart monitor_part_queues;
extern const MonitorPart monitor_part_events;

/* "── TITLE ─ detail ─────── note ──" */
void monitor_part_heading (const MonitorDrawing * drawing,
    const gchar * title, MonitorStyle style, const gchar * detail,
    const gchar * note);

/* The columns before the bars, which all begin at the same place. */
guint monitor_part_margin (const MonitorScreen * screen);

/* The columns behind them, on screens that are not narrow; more is told on wide
 * ones. */
guint monitor_part_cells (const MonitorScreen * screen);

#define MONITOR_PART_WIDE 120u

/* The key of a channel's peak.  Returns: (transfer full) */
gchar *monitor_view_channel_key (const GstStructure * element,
    const GstStructure * channel);

#endif
