/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Compares a structure of metrics with what was done, field by field, so that none
 * is left out and no comparison says yes to anything.
 *
 *   - Every field that the schema has must be asserted, by its name: a new one fails
 *     until it is.
 *   - After the comparison has held, each asserted field is planted with wrong
 *     figures, one after the other: just outside of what is right, the other truth,
 *     another text.  Each time the comparison must fail and name the field.
 */
#ifndef METRICS_EXACT_H
#define METRICS_EXACT_H

#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

G_BEGIN_DECLS

typedef struct _Exact Exact;

/* Asserts every field of one structure.  Called several times. */
typedef void (*ExactCompare) (Exact * e, gconstpointer known);

/**
 * exact_problem:
 * @schema: name of the structure in the schema
 *
 * Returns: (transfer full) (nullable): what is wrong with @structure or with
 * @compare; NULL for nothing
 */
gchar *exact_problem (const GstStructure * structure, const gchar * schema,
    ExactCompare compare, gconstpointer known);

/* Fails the test with that. */
void exact_check (const GstStructure * structure, const gchar * schema,
    ExactCompare compare, gconstpointer known);

/* guint64 and guint */
void exact_count (Exact * e, const gchar * field, guint64 expected);
void exact_between (Exact * e, const gchar * field, guint64 low, guint64 high);
/* gint and gint64 */
void exact_signed (Exact * e, const gchar * field, gint64 expected);
/* gdouble, to within 1e-9 of it; and to within @part of it */
void exact_figure (Exact * e, const gchar * field, gdouble expected);
void exact_about (Exact * e, const gchar * field, gdouble expected,
    gdouble part);
void exact_flag (Exact * e, const gchar * field, gboolean expected);
void exact_text (Exact * e, const gchar * field, const gchar * expected);
/* An optional field that is not there. */
void exact_absent (Exact * e, const gchar * field);

/**
 * exact_structure:
 *
 * A structure inside: it is compared as by exact_problem().
 */
void exact_structure (Exact * e, const gchar * field, const gchar * schema,
    ExactCompare compare, gconstpointer known);

/* The same, known as a whole. */
void exact_same (Exact * e, const gchar * field, const GstStructure * expected);

/**
 * exact_each:
 * @known: (array length=count): of each entry
 * @size: of each of them
 *
 * An array of structures, of which there are @count.
 */
void exact_each (Exact * e, const gchar * field, const gchar * schema,
    guint count, ExactCompare compare, gconstpointer known, gsize size);

/* The times that were taken, each with how often. */
typedef struct
{
  guint64 time;                 /* ns */
  guint64 weight;
} ExactTime;

/**
 * exact_latency:
 * @times: (array length=count): in any order; none: all is 0
 *
 * Asserts NAME-p50, -p95, -p99, -p999 and -max: not below the exact figure (nearest
 * rank) and at most 3.2 % above it.
 */
void exact_latency (Exact * e, const gchar * name, const ExactTime * times,
    guint count);

/* Asserts NAME-buckets, exactly, and NAME-sum, to within 1/64. */
void exact_buckets (Exact * e, const gchar * name, const ExactTime * times,
    guint count);

/* What @e has now, for a field that follows from others. */
guint64 exact_peek (Exact * e, const gchar * field);

/* Its property `stats`. */
GstStructure *exact_stats (gpointer object);

G_END_DECLS

#endif
