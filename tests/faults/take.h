/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One short recording, always the same, in each of six formats; a log of what the
 * muxer wrote and of what was promised, in memory that outlives the recording
 * process; and the check of what a crash left of it against that log.
 */
#ifndef TAKE_H
#define TAKE_H

#include <glib.h>
#include <stdatomic.h>

#define TAKE_WAYS 6
#define TAKE_LOG_BYTES (24u << 20)
#define TAKE_PROMISES 65536u

typedef struct
{
  const gchar *name;            /* of the file */
  const gchar *elements;        /* that must be installed */
  /* gst-launch's notation; each %u: frames of video, of which there are 20 a
   * second (or buffers of audio of the same length) */
  const gchar *description;
  /* Below this mark there may be nothing yet that could be played. */
  gsize playable;
  /* Bytes at the beginning that a repair may complete. */
  gsize head;
  /* Bytes of a torn last unit (a sample, block, fragment, frame, packet) that a
   * repair may leave out, and write its index over. */
  gsize unit;
} TakeWay;

extern const TakeWay take_ways[TAKE_WAYS];

/* What was promised at one moment. */
typedef struct
{
  guint64 position;             /* of the disk's log, once promised */
  guint64 mark;                 /* bytes below it are durable */
  guint64 writes;               /* and all of the first so many writes */
} TakePromise;

/* Shared between processes, and never freed by the one that dies. */
typedef struct
{
  _Atomic guint64 position;     /* of the disk: counts up */
  _Atomic gboolean begun;       /* the sink is about to open its file */
  _Atomic gboolean ended;       /* everything is over */
  _Atomic guint64 writes;
  _Atomic gsize used;           /* bytes of @data */
  _Atomic guint promise_count;
  TakePromise promises[TAKE_PROMISES];
  guint8 data[TAKE_LOG_BYTES];  /* of each write: offset, size, bytes */
} TakeLog;

/* Says why, and ends the process without a trap, which a tracer would see. */
void take_die (const gchar * format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

/* (nullable) @path: a file to keep it in, which is made where it is not there */
TakeLog *take_log_map (const gchar * path);

/* As new, but for the disk's position. */
void take_log_reset (TakeLog * log);

/* The write at @at (0: the first), which is moved on to the next; FALSE: none. */
gboolean take_log_next (const TakeLog * log, gsize * at, guint64 * offset,
    const guint8 ** bytes, guint64 * size);

/* Whether all elements are there; says so where not.  Loads their plugins. */
gboolean take_way_is_there (const TakeWay * way);

/**
 * take_record:
 * @sink: with its properties, but for the location
 * @claims_all: every write counts as promised once the sink took it, as who uses
 *     filesink must believe
 *
 * Runs the pipeline to its end in this process.
 *
 * Returns: whether it came to EOS; else it has said why
 */
gboolean take_record (const TakeWay * way, guint frames, const gchar * sink,
    const gchar * location, gboolean claims_all, TakeLog * log);

/**
 * take_check:
 * @path: the final name; what there is beside it is recovered into a file of
 *     @scratch, by @command
 * @position: the disk's, at the crash; G_MAXUINT64: all promises count
 * @reference: log of the same recording, which came to its end
 * @promised: (out): the mark that counted
 *
 * Bytes below the mark must be those of the muxer after one of its writes, and
 * not one that is older than what was promised; the recovered file must hold them
 * too, and play.
 *
 * Returns: (nullable) (transfer full): what is wrong
 */
gchar *take_check (const TakeWay * way, const TakeLog * log,
    const TakeLog * reference, const gchar * path, const gchar * scratch,
    const gchar * command, guint64 position, guint64 * promised);

#endif
