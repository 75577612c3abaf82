/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The health of one element, from its own statistics: what the reporter adds to
 * these, and what it warns of.  The decisions are in sc-health.h.
 *
 * Not installed: the reporter's own.
 */
#ifndef GST_SAFECAPTURE_HEALTH_H
#define GST_SAFECAPTURE_HEALTH_H

#include "gstsafecapture-prelude.h"

#include "sc-health-watch.h"

G_BEGIN_DECLS

typedef struct
{
  GMutex lock;
  ScHealthWatch watch;          /* under lock, as all that follows */
  guint32 pending;              /* reasons to be warned of */
} GstSafecaptureHealth;

void gst_safecapture_health_init (GstSafecaptureHealth * self,
    GstClockTime now);
void gst_safecapture_health_clear (GstSafecaptureHealth * self);

/* At the start: forgets everything. */
void gst_safecapture_health_restart (GstSafecaptureHealth * self,
    GstClockTime now);

/**
 * gst_safecapture_health_tell:
 * @prefix: which element: "bufpoolsrc", "tieredqueue" or "safefilesink"
 * @stats: its statistics; gets `healthy`, `health-reasons` and what else the
 *   schema says of health
 * @last: whether the element stops
 *
 * Any thread, without locks.
 *
 * Returns: whether there is something to warn of
 */
gboolean gst_safecapture_health_tell (GstSafecaptureHealth * self,
    GstElement * element, const gchar * prefix, GstStructure * stats,
    GstClockTime now, gboolean last);

/**
 * gst_safecapture_health_next_warning:
 * @value: (out): the figure
 *
 * Returns: (nullable): the rule that is to be warned of, each once
 */
const ScHealthRule *gst_safecapture_health_next_warning (GstSafecaptureHealth *
    self, gdouble * value);

/* What the warning says, for people. */
const gchar *gst_safecapture_health_text (const ScHealthRule * rule);

G_END_DECLS

#endif
