/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the three elements share in watching over them: the properties `stats`,
 * `post-metrics`, `metrics-interval` and those of the log, and the element messages.
 *
 * Contract
 *   A reporter belongs to one element, from its instance init to its finalize.
 *   While started it is served by the one reporter thread of the process, which
 *   calls the element's `collect` at the interval and posts what it returns as
 *   `<element>-metrics`, and calls `poll` at the interval and after every kick,
 *   so that the element can post what its data threads noted in atomics.
 *   Data threads therefore never post, never allocate and never take a lock:
 *   they write their own counters and may kick.
 *   Its statistics are looked at for the element's health whenever they are
 *   collected: they get `healthy` and what belongs to it, and warnings follow.
 *   With `metrics-location` every message but GST_MESSAGE_QOS is also a line of a
 *   file (gstsafecapturemetricslog.h), metrics even with `post-metrics` off.
 *   Every message and all statistics get the field `schema`.  With the environment
 *   variable SAFECAPTURE_CHECK_SCHEMA, which the tests set, each is held against
 *   the schema when it is made, and one that differs ends the process.
 *
 * Not installed: the elements' own, exported only between library and plugin.
 */
#ifndef GST_SAFECAPTURE_REPORTER_H
#define GST_SAFECAPTURE_REPORTER_H

#include "gstsafecapture-prelude.h"

G_BEGIN_DECLS

typedef struct _GstSafecaptureReporter GstSafecaptureReporter;

typedef struct
{
  /* "bufpoolsrc", "tieredqueue", "safefilesink": the message names' prefix */
  const gchar *prefix;
  /* Adds the element's fields to @stats, which is empty.  Any thread, also in
   * state NULL; must not take a lock that is held while posting. */
  void (*collect) (GstElement * element, GstStructure * stats);
  /* (nullable): the reporter's thread.  Posts what is pending. */
  void (*poll) (GstElement * element);
} GstSafecaptureReporterClass;

#define GST_SAFECAPTURE_DEFAULT_METRICS_INTERVAL GST_SECOND

/* How many property ids the reporter takes. */
#define GST_SAFECAPTURE_REPORTER_N_PROPERTIES 6

/**
 * gst_safecapture_reporter_new:
 * @element: the owner; not referenced
 * @klass: static
 *
 * Returns: (transfer full): free with gst_safecapture_reporter_free() in finalize
 */
GST_SAFECAPTURE_API
GstSafecaptureReporter *gst_safecapture_reporter_new (GstElement * element,
    const GstSafecaptureReporterClass * klass);

GST_SAFECAPTURE_API
void gst_safecapture_reporter_free (GstSafecaptureReporter * self);

/**
 * gst_safecapture_reporter_install_properties:
 * @first_id: the property id of `stats`; `post-metrics`, `metrics-interval`,
 *   `metrics-location`, `metrics-max-bytes` and `metrics-max-files` follow
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_install_properties (GObjectClass * klass,
    guint first_id);

/**
 * gst_safecapture_reporter_get_property:
 * @index: 0 `stats`, 1 `post-metrics`, 2 `metrics-interval` and so on: the
 *   property id less first_id
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_get_property (GstSafecaptureReporter * self,
    guint index, GValue * value);
GST_SAFECAPTURE_API
void gst_safecapture_reporter_set_property (GstSafecaptureReporter * self,
    guint index, const GValue * value);

/**
 * gst_safecapture_reporter_start:
 *
 * Begins to post.  READY to PAUSED.
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_start (GstSafecaptureReporter * self);

/**
 * gst_safecapture_reporter_stop:
 *
 * Ends posting: polls once more and posts a last `<element>-metrics`, so that
 * the final counts reach the bus and the log (for whose disk it waits half a second
 * at most).  After it returns the reporter's thread does
 * not touch the element (unless it is called from that thread itself, by a sync
 * message handler, say, which then may also let the element go).  PAUSED to
 * READY, and always before the element's last reference goes.
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_stop (GstSafecaptureReporter * self);

/**
 * gst_safecapture_reporter_kick:
 *
 * Asks for `poll` soon: at once, or 5 ms after the last one.  Any thread, data
 * threads too: one atomic exchange, and a system call only if it is the first
 * since the last poll.
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_kick (GstSafecaptureReporter * self);

/* Whether `<element>-metrics` is posted or logged at the interval. */
GST_SAFECAPTURE_API
gboolean gst_safecapture_reporter_wants_metrics (GstSafecaptureReporter *
    self);

/**
 * gst_safecapture_reporter_poll_after:
 * @delay: ns
 *
 * Asks for another `poll` after @delay, whatever the interval: for a message
 * that was held back.  From within `poll` only.
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_poll_after (GstSafecaptureReporter * self,
    GstClockTime delay);

/**
 * gst_safecapture_reporter_post:
 * @suffix: "dropped" posts `<element>-dropped`
 * @first_field: name, GType, value triples as of gst_structure_new(), NULL-ended
 *
 * Posts an element message at once.  Never from a data thread and never under
 * a lock.
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_post (GstSafecaptureReporter * self,
    const gchar * suffix, const gchar * first_field, ...) G_GNUC_NULL_TERMINATED;

/**
 * gst_safecapture_reporter_post_qos:
 * @live: whether the element is in a live pipeline, as far as is known
 * @running_time: of the last buffer dropped, ns
 * @processed: buffers that have gone on since the start
 * @dropped: buffers lost since the start
 *
 * Posts GST_MESSAGE_QOS.  As _post().
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_post_qos (GstSafecaptureReporter * self,
    gboolean live, GstClockTime running_time, guint64 processed,
    guint64 dropped);

/**
 * gst_safecapture_reporter_post_state:
 *
 * Posts `<element>-state` with `old`, `new` and `reason`.  As _post().
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_post_state (GstSafecaptureReporter * self,
    const gchar * old_state, const gchar * new_state, const gchar * reason);

/**
 * gst_safecapture_reporter_post_warning:
 * @code: a stable lowercase-dash name that a program can compare
 * @text: for people, with the remedy
 * @first_field: figures, as of gst_structure_new(), NULL-ended
 *
 * Posts `<element>-warning` with `code`, `text` and the figures.  As _post().
 */
GST_SAFECAPTURE_API
void gst_safecapture_reporter_post_warning (GstSafecaptureReporter * self,
    const gchar * code, const gchar * text, const gchar * first_field, ...)
    G_GNUC_NULL_TERMINATED;

G_END_DECLS

#endif
