/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading snapshots and messages.  Fields that are missing are 0, or ""; so are
 * figures that are no finite number. */
#ifndef MONITOR_FIELDS_H
#define MONITOR_FIELDS_H

#include <gst/gst.h>

guint64 monitor_count (const GstStructure * structure, const gchar * field);
gdouble monitor_figure (const GstStructure * structure, const gchar * field);
gboolean monitor_flag (const GstStructure * structure, const gchar * field);
const gchar *monitor_word (const GstStructure * structure,
    const gchar * field);

/* An array of structures. */
guint monitor_array_size (const GstStructure * structure, const gchar * field);
const GstStructure *monitor_array_get (const GstStructure * structure,
    const gchar * field, guint index);

/* (nullable) */
const GstStructure *monitor_inside (const GstStructure * structure,
    const gchar * field);

/* Whether an `element` of a snapshot is of that factory. */
gboolean monitor_is (const GstStructure * element, const gchar * factory);

/**
 * monitor_lost:
 * @stats: of bufpoolsrc, tieredqueue or a channel
 *
 * Returns: buffers that were lost; those of a flush or behind EOS are not
 */
guint64 monitor_lost (const GstStructure * stats);

#endif
