/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What there is to say of a recording when it is over: gathered from its messages
 * and snapshots while it runs.  Knows no pipeline and no clock.
 */
#ifndef MONITOR_FACTS_H
#define MONITOR_FACTS_H

#include <gst/gst.h>

typedef struct _MonitorFacts MonitorFacts;

typedef struct
{
  const gchar *label;           /* "Recording" */
  gchar *value;                 /* safe for a terminal */
} MonitorFact;

MonitorFacts *monitor_facts_new (void);
void monitor_facts_free (MonitorFacts * self);

/* Any message of the pipeline's bus; those that tell nothing are passed over. */
void monitor_facts_message (MonitorFacts * self, GstMessage * message);

/* A structure `safecapture-snapshot`, in their order. */
void monitor_facts_snapshot (MonitorFacts * self,
    const GstStructure * snapshot);

/**
 * monitor_facts_list:
 * @running: how long it was recorded, ns
 *
 * Returns: (transfer full): MonitorFacts, in the order in which people ask; several
 *   of one label follow each other.  At most some twenty
 */
GPtrArray *monitor_facts_list (const MonitorFacts * self, guint64 running);

/* What the exit code @code (tool.h) says, in a word or a few. */
const gchar *monitor_facts_verdict (const MonitorFacts * self, gint code);

#endif
