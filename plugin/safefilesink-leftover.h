/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an earlier recording left where a new one is to begin, and moving it out
 * of the way without losing a byte of it.
 *
 *   found                                     is
 *   NAME.part, taken by another process       in use: do not start
 *   NAME.part, empty                          nothing: removed
 *   NAME.part                                 unfinished
 *   NAME.sfj without CLOSE, beside NAME       unfinished (recorded in place)
 *   NAME.sfj with CLOSE, or without a file    the journal of a finished one
 *
 * NAME.part that a manifest names           a part of a recording that went on
 *                                           elsewhere
 *
 * An unfinished recording take.wav is moved to take.recovered-N.wav.part, its
 * journal to take.recovered-N.wav.sfj, with the first free N; recovery makes
 * take.recovered-N.wav of it; not of a part, which safecapture join finds under
 * its new name, too.  A manifest beside it goes with it, and so does what a muxer
 * wrote for the recovery, take.wav.mrf.  The journal of a finished recording is
 * moved to
 * NAME.sfj.old, so that it stands for NAME until the new recording replaces
 * NAME.
 */
#ifndef SAFEFILESINK_LEFTOVER_H
#define SAFEFILESINK_LEFTOVER_H

#include "safefilesink-settings.h"

G_BEGIN_DECLS

typedef struct
{
  gchar *part;                  /* where the unfinished recording is now */
  gchar *journal;               /* and its journal, which may not exist */
  gchar *recovered;             /* the name that recovery gives it */
  gchar *manifest;              /* (nullable): it is a part: not to be recovered */
} SafefilesinkLeftover;

/**
 * safefilesink_leftover_clear_way:
 * @location: NAME
 * @settings: with recover=never an unfinished recording is an error (-EEXIST);
 *     manifests are looked for at the backup locations, too
 * @leftovers: (out) (element-type SafefilesinkLeftover) (transfer full): all
 *     unfinished recordings of this name that wait for recovery, also those
 *     moved by earlier starts; may be empty
 * @blocking: (out) (transfer full) (nullable): the file that an error is about
 *
 * Returns: 0, -EBUSY (being recorded by somebody), -EEXIST, or the -errno of a
 * file operation
 */
gint safefilesink_leftover_clear_way (const gchar * location,
    const SafefilesinkSettings * settings, GPtrArray ** leftovers,
    gchar ** blocking);

/**
 * safefilesink_leftover_forget_journal:
 *
 * Removes NAME.sfj.old, once the file that it stands for has been replaced.
 *
 * Returns: 0, also where there is none, or -errno
 */
gint safefilesink_leftover_forget_journal (const ScFileOps * ops,
    const gchar * location);

G_END_DECLS

#endif
