/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What bufpoolsrc counts and tells: its data thread writes the counters, the
 * reporter's thread (and whoever reads `stats`) reads them and posts
 *
 *   bufpoolsrc-metrics    the counters and the pool's figures
 *   bufpoolsrc-exhausted  the pool was empty; at most once a second
 *   bufpoolsrc-state      the pool's state
 *   bufpoolsrc-warning    memory-not-locked, partial-frame, buffer-misuse,
 *                         buffers-outstanding, and the pool's limits
 *
 * At every metrics-interval it takes a snapshot of the pool, for its history.
 */
#ifndef BUFPOOLSRC_REPORT_H
#define BUFPOOLSRC_REPORT_H

#include <gst/safecapture/gstsafecapturereporter.h>
#include <gst/safecapture/safecapture.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/* Written by the data thread alone, except where it is not running; what the
 * application causes with mode=app by its threads alone. */
typedef struct
{
  _Atomic guint64 buffers;      /* pushed */
  _Atomic guint64 bytes;
  _Atomic guint64 samples;
  _Atomic guint64 dropped_buffers;      /* with on-exhausted=drop */
  _Atomic guint64 dropped_bytes;
  _Atomic guint64 exhausted;    /* times no slot was free */
  _Atomic guint64 wait_time;    /* ns in waiting for one */
  _Atomic guint64 partial_bytes;        /* of a last frame that was cut */
  _Atomic guint64 sample_rate;  /* Hz, negotiated; 0 none */
  _Atomic guint64 foreign;      /* pushed by the application, not of the pool */
} BufpoolsrcCounters;

/* At least as many as gst_tiered_allocator_get_limits() lists. */
#define BUFPOOLSRC_LIMITS 16

typedef struct
{
  GstElement *element;          /* the owner */
  GstSafecaptureReporter *reporter;
  GstTieredAllocator *allocator;
  BufpoolsrcCounters counters;
  gboolean outstanding_due;     /* state changes only: gone is to tell */

  /* What has been told; under poll_lock, which no data thread takes. */
  GMutex poll_lock;
  guint64 told_exhausted;
  guint64 told_partial;
  guint64 told_misuse;
  GstClockTime exhausted_due;   /* earliest time of the next message */
  GstClockTime snapshot_due;
  guint state_place;            /* in the pool's changes */
  struct
  {
    gboolean told;              /* since it was last kept */
    GstClockTime due;           /* earliest time of the next warning */
  } limits[BUFPOOLSRC_LIMITS];
  gboolean stopping;            /* tell the rest now */
} BufpoolsrcReport;

void bufpoolsrc_report_init (BufpoolsrcReport * self, GstElement * element,
    const GstSafecaptureReporterClass * klass,
    GstTieredAllocator * allocator);
void bufpoolsrc_report_clear (BufpoolsrcReport * self);

/* Zeroes the counters and begins to post. */
void bufpoolsrc_report_start (BufpoolsrcReport * self);

/* Posts the last figures.  The pool is still there. */
void bufpoolsrc_report_stop (BufpoolsrcReport * self);

/* After the pool was stopped: posts its last states, and who still holds
 * buffers.  Sinks let go of theirs in READY to NULL only, before the source
 * makes that change: on the way there the second one tells of what is left. */
void bufpoolsrc_report_closed (BufpoolsrcReport * self);
void bufpoolsrc_report_gone (BufpoolsrcReport * self);

/* The data thread: one more to a counter of its own. */
static inline void
bufpoolsrc_count (_Atomic guint64 * counter, guint64 more)
{
  /* One writer, and a figure only: a relaxed load and store lose nothing. */
  atomic_store_explicit (counter,
      atomic_load_explicit (counter, memory_order_relaxed) + more,
      memory_order_relaxed);
}

/* Threads of the application, who may be several: more to one of theirs. */
static inline void
bufpoolsrc_count_shared (_Atomic guint64 * counter, guint64 more)
{
  atomic_fetch_add_explicit (counter, more, memory_order_relaxed);
}

/* The element's `collect` and `poll`; @policy is on-exhausted's nick. */
void bufpoolsrc_report_collect (BufpoolsrcReport * self,
    GstStructure * stats);
void bufpoolsrc_report_poll (BufpoolsrcReport * self, const gchar * policy);

G_END_DECLS

#endif
