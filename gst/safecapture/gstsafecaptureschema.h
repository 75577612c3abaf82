/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the fields of the elements' messages and statistics are: the one place
 * that the elements, the tests and docs/metrics.md are held against.
 *
 * Names of structures are those of the messages ("tieredqueue-metrics", which is
 * also what the property `stats` has; "safefilesink-warning/slow-storage" for one
 * code of a warning) and those of the structures inside them ("channel",
      "tier").
 */
#ifndef GST_SAFECAPTURE_SCHEMA_H
#define GST_SAFECAPTURE_SCHEMA_H

#include <gst/safecapture/gstsafecapture-prelude.h>

G_BEGIN_DECLS

/**
 * GST_SAFECAPTURE_SCHEMA_VERSION:
 *
 * The `schema` field of every message and of all statistics. It grows when a
 * field is taken away or changes its meaning, type or unit; new fields and
 * messages do not change it.
 */
#define GST_SAFECAPTURE_SCHEMA_VERSION 1

/**
 * GstSafecaptureKind:
 * @GST_SAFECAPTURE_KIND_COUNTER: begins at zero and never falls while the element
 *   runs
 * @GST_SAFECAPTURE_KIND_GAUGE: what is so now, or a figure of one event
 * @GST_SAFECAPTURE_KIND_TEXT: a word or a sentence
 * @GST_SAFECAPTURE_KIND_STRUCTURE: a structure, or an array of them
 * @GST_SAFECAPTURE_KIND_HISTOGRAM: an array of guint64, one for each of
 *   gst_safecapture_schema_get_bucket_bounds(): how many figures are below that
 *   bound. None of them ever falls while the element runs
 *
 * How a field behaves in time.
 */
typedef enum
{
  GST_SAFECAPTURE_KIND_COUNTER,
  GST_SAFECAPTURE_KIND_GAUGE,
  GST_SAFECAPTURE_KIND_TEXT,
  GST_SAFECAPTURE_KIND_STRUCTURE,
  GST_SAFECAPTURE_KIND_HISTOGRAM,
} GstSafecaptureKind;

typedef struct _GstSafecaptureField GstSafecaptureField;

/**
 * GstSafecaptureField:
 * @name: of the field
 * @type: the name of its #GType, as g_type_name() has it
 * @kind: how it behaves in time
 * @unit: `bytes`, `ns`, `buffers` and so on; `ratio` is 0.0 to 1.0; "" for none
 * @meaning: what it tells, in Markdown
 * @contains: (nullable): the name of the structures inside it; `stats` for the
 *   statistics of any of the elements
 * @optional: whether it can be missing
 *
 * One field. Static: it lives as long as the process.
 */
struct _GstSafecaptureField
{
  const gchar *name;
  const gchar *type;
  GstSafecaptureKind kind;
  const gchar *unit;
  const gchar *meaning;
  const gchar *contains;
  gboolean optional;
};

GST_SAFECAPTURE_API
guint gst_safecapture_schema_get_version (void);

GST_SAFECAPTURE_API
const gchar *const *gst_safecapture_schema_list_structures (void);

GST_SAFECAPTURE_API
guint gst_safecapture_schema_count_fields (const gchar * structure);

GST_SAFECAPTURE_API
const GstSafecaptureField *gst_safecapture_schema_get_field (const gchar *
    structure, guint index);

GST_SAFECAPTURE_API
const GstSafecaptureField *gst_safecapture_schema_find_field (const gchar *
    structure, const gchar * name);

GST_SAFECAPTURE_API
const guint64 *gst_safecapture_schema_get_bucket_bounds (guint * count);

GST_SAFECAPTURE_API
gchar *gst_safecapture_schema_check (const GstStructure * structure);

G_END_DECLS

#endif
