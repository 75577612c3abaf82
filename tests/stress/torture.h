/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A torture of one tieredqueue: a run has links, each a channel of the queue
 * between two raw pads, and actors, each a thread that does to them whatever it
 * may do in its place.
 *
 *   torture-link.c        what must hold: identities, order, accounts
 *   torture-upstream.c    the source of a link: data, events, queries, flushes
 *   torture-downstream.c  its sink: slow, refusing, seeking
 *   torture-actors.c      flushes, seeks, blocks, relinks, state changes
 *   torture-requests.c    pads that come and go
 *   torture-tuner.c       properties, and what can be asked
 *   torture-run.c         a run of all of them
 *
 * Every buffer and serialised event of a link has the next number of one count as
 * its identity, and the ledger says for each what was in effect when it was sent
 * and whether it must come out.
 *
 * Whoever does what may lose items (a flush, a stop, an unlinked pad) disturbs
 * the link before, and settles it afterwards with upstream at rest: what was sent
 * up to then is excused, and nothing else.  Order is never excused.
 */
#ifndef TORTURE_H
#define TORTURE_H

#include <gst/gst.h>

G_BEGIN_DECLS

#define TORTURE_LINKS_MOST 4
/* Items of a link in one run. */
#define TORTURE_LEDGER_SIZE (1 << 18)
/* Bytes of a buffer, buffers of a list, lists that the queue may make one. */
#define TORTURE_BYTES_MOST 100
#define TORTURE_LIST_MOST 5
#define TORTURE_BATCH_MOST 16

/* What a control plants. */
typedef enum
{
  TORTURE_SOUND,
  TORTURE_LOSES_A_BUFFER,       /* downstream: without a mark */
  TORTURE_SWAPS_BUFFERS,        /* downstream: takes one for the next */
  TORTURE_LOSES_CAPS,           /* between queue and downstream */
  TORTURE_KEEPS_A_STALE_BUFFER, /* downstream: shows it after a flush */
  TORTURE_LEAKS_A_BUFFER,       /* downstream: never lets it go */
  TORTURE_MISCOUNTS_IN,         /* upstream: a buffer that was not sent */
  TORTURE_MISCOUNTS_BYTES,      /* upstream: a byte too many */
  TORTURE_MISCOUNTS_OUT,        /* downstream: a buffer that did not come */
  TORTURE_MISCOUNTS_LEVEL,      /* in what the queue says */
} TortureFault;

/* What a run has: chosen once for each. */
typedef struct
{
  gboolean flushes;
  gboolean seeks;
  gboolean refusals;
  gboolean tunes;
  gboolean blocks;
  gboolean relinks;
  gboolean restarts;            /* state changes while all go on */
  gboolean stops_in_the_middle; /* instead of coming to rest at the end */
  guint requests;               /* threads that request and release pads */
  gboolean together;            /* sync-channels, from the start on */
  gboolean plain;               /* buffers and events only */
  gint leaky;
  TortureFault fault;
} TorturePlan;

typedef struct _Torture Torture;
typedef struct _TortureLink TortureLink;

struct _Torture
{
  TorturePlan plan;
  guint32 seed;
  GstElement *queue;
  TortureLink *links[TORTURE_LINKS_MOST];
  guint n_links;
  gint stop;                    /* atomic: upstream and actors end */

  GMutex error_lock;
  gchar *error;                 /* the first; under error_lock */
};

/* ---- torture-link.c ---- */

/* Kinds of sticky events that each buffer must come out under. */
typedef enum
{
  TORTURE_STREAM,
  TORTURE_CAPS,
  TORTURE_SEGMENT,
  TORTURE_N_STICKY
} TortureSticky;

typedef enum
{
  TORTURE_NOTHING,              /* not sent, or refused */
  TORTURE_BUFFER,
  TORTURE_EVENT,                /* must come out */
  TORTURE_STICKY,               /* seen in the buffers after it */
  TORTURE_OPENS,                /* sticky, and ends a refusal with EOS */
} TortureKind;

typedef struct
{
  guint8 kind;
  guint number;                 /* of a buffer: accepted buffers up to it */
  guint in_effect[TORTURE_N_STICKY];
} TortureEntry;

typedef struct
{
  guint64 buffers;
  guint64 bytes;
} TortureAccount;

struct _TortureLink
{
  Torture *run;
  guint index;
  GstPad *src;                  /* upstream's */
  GstPad *sink;                 /* downstream's */
  guint upstream_watch, sink_watch;

  GMutex streaming;             /* as a source's: held to do one thing */
  GMutex flushing;              /* held from FLUSH_START to FLUSH_STOP */
  GMutex linking;               /* held to link, unlink and release pads */
  GCond wake;                   /* with `streaming` */

  /* The channel's pads, NULL while there is none.  Written with all of these
   * locks held; read with any. */
  GMutex pads_lock;
  GstPad *queue_sink, *queue_src;

  /* With `streaming`. */
  gboolean leaves;              /* its pads are being released */
  guint number;                 /* buffers accepted in the whole run */
  guint current[TORTURE_N_STICKY];
  gboolean needs_stream;        /* its beginning is yet to be sent */
  GstClockTime time;
  guint last_event;             /* accepted, not sticky */
  TortureAccount in;            /* accepted since the channel's start */

  gint last_id;                 /* atomic; written with `streaming` */
  gint lost_pushes;             /* atomic: of them the pads may know one each */

  /* Disturbances: atomic. */
  gint disturbances;            /* under way */
  gint disturbed;               /* how many there were */
  gint unsettled;
  gint stranded;                /* by a refusal: until a flush or a stop */
  gint excused_id, excused_number;      /* up to here all may be missing */
  gint flush_floor;             /* nothing up to here after FLUSH_STOP */

  /* Downstream's: the task's; others read at rest. */
  guint seen_id, seen_event, seen_number;
  guint floor;
  guint effective[TORTURE_N_STICKY];
  gboolean refused_with_eos;    /* data, and nothing has come since */
  gboolean buffers_refused;     /* and no data has come since */
  TortureAccount out;           /* since the channel's start */
  gint eos_seen;                /* atomic: id of the last EOS */
  GRand *sink_random;
  guint refuse_for;
  GstFlowReturn refuse_with;
  gboolean fault_done;

  TortureEntry *ledger;
};

/* Linked to no channel, and disturbed until it is. */
TortureLink *torture_link_new (Torture * run, guint index);

/* Lets its pads go, which are linked to nothing any more. */
void torture_link_free (TortureLink * self);

void torture_set_pads (TortureLink * self, GstPad * queue_sink,
    GstPad * queue_src);
/* Returns: (transfer full) (nullable): the channel's pad */
GstPad *torture_ref_pad (TortureLink * self, GstPadDirection direction);

/* Notes what was wrong, if nothing was before.  Any thread. */
void torture_report (Torture * run, const gchar * format, ...)
G_GNUC_PRINTF (2, 3);

/* Buffers and events that exist; they count no more.  At rest. */
gint torture_take_alive (void);
/* @object: a buffer or an event; returned. */
gpointer torture_counted (gpointer object);

void torture_disturb (TortureLink * self);
/* Something happened downstream that upstream has to recover from; and nothing of
 * that is left, with the task at rest. */
void torture_strand (TortureLink * self);
void torture_recover (TortureLink * self);
gboolean torture_is_unsettled (TortureLink * self);
/* With `streaming`, and all that upstream had to send after it sent. */
void torture_settle (TortureLink * self);

/* The next identity.  With `streaming`. */
guint torture_next_id (TortureLink * self);
gboolean torture_is_full (TortureLink * self);

/* Downstream: what arrives is checked. */
void torture_see_buffer (TortureLink * self, GstBuffer * buffer);
void torture_see_event (TortureLink * self, GstEvent * event);
/* The identity of an event, 0 if it is not one of upstream's. */
guint torture_event_id (GstEvent * event);
void torture_set_event_id (GstEvent * event, guint id);

/* The accounts of the channel, with nobody running but a task at rest. */
void torture_check_accounts (TortureLink * self);
void torture_reset_accounts (TortureLink * self);

/* ---- torture-upstream.c ---- */

void torture_make_src (TortureLink * self);
gpointer torture_upstream (gpointer link);

/* With `streaming`.  FALSE if a flush is under way, which then does it. */
gboolean torture_push_new_stream (TortureLink * self);
/* Waits for another flush; @who: watchdog's. */
void torture_flush (TortureLink * self, guint who);

/* ---- torture-downstream.c ---- */

void torture_make_sink (TortureLink * self);
/* As a stop and a start of what is downstream.  While no data flows. */
void torture_reset_sink (TortureLink * self);
GstEvent *torture_new_seek (GRand * random);

/* ---- torture-actors.c ---- */

typedef struct
{
  Torture *run;
  guint who;                    /* watchdog's */
  GRand *random;
  TortureLink *link;            /* requester's */
} TortureActor;

/* Each does something once. */
void torture_flush_once (TortureActor * self);
void torture_seek_once (TortureActor * self);
void torture_block_once (TortureActor * self);
void torture_relink_once (TortureActor * self);
void torture_restart_once (TortureActor * self);

/* ---- torture-requests.c ---- */

/* Links @self to the pads (transfer full) and begins a stream. */
void torture_attach (TortureLink * self, GstPad * queue_sink,
    GstPad * queue_src);
/* Takes it from its pads, which @release lets go, if given. */
void torture_detach (TortureLink * self, TortureActor * release);
gboolean torture_has_requests (GstElement * queue);
/* Takes a channel, and lets it go a while later. */
void torture_request_once (TortureActor * self);

/* ---- torture-tuner.c ---- */

void torture_tune_once (TortureActor * self);
/* Nothing is held back any more. */
void torture_untune (Torture * run);

/* ---- torture-run.c ---- */

/**
 * torture_run:
 * @queue: stopped; is so again afterwards
 * @ms: how long it goes on
 *
 * Returns: (transfer full) (nullable): what was wrong
 */
gchar *torture_run (GstElement * queue, guint32 seed, const TorturePlan * plan,
    guint ms);

G_END_DECLS

#endif
