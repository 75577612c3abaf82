/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an element answers an ALLOCATION query with when nobody downstream of it
 * has a pool: memory from an arena of its own, for the element upstream.
 *
 * Contract
 *   Raw video gets a pool, and the allocator for those who prefer a pool of
 *   their own.  Raw audio gets the allocator alone: it is asked for the exact
 *   size of each buffer, where a pool has one size and GstAudioBaseSrc and others
 *   fill a buffer of whatever size they get.  Other caps get nothing.
 *   Neither blocks the element upstream nor fails it: when no slot is free they
 *   give system memory, which is counted.
 *
 *   Nothing is reserved by an answer: the arena is when upstream activates the
 *   pool, or allocates for the first time.  gsttieredneed.h says how large.
 *   There is one arena at a time, from the first answer to the stop; caps whose
 *   buffers do not fit replace it.  Buffers and pools that are out of a former
 *   one stay valid and keep it until the last of them is back.
 *
 *   answer, stop and add_stats may be called from any thread.
 *
 * Not installed: the elements' own, exported only between library and plugin.
 */
#ifndef GST_TIERED_PROPOSAL_H
#define GST_TIERED_PROPOSAL_H

#include "gsttieredallocator.h"

G_BEGIN_DECLS

typedef struct _GstTieredProposal GstTieredProposal;

/* What the proposing element may hold at once; 0 = that does not limit it. */
typedef struct
{
  guint64 buffers;
  guint64 bytes;
  GstClockTime time;
} GstTieredHold;

GST_SAFECAPTURE_API
GstTieredProposal *gst_tiered_proposal_new (void);
GST_SAFECAPTURE_API
void gst_tiered_proposal_free (GstTieredProposal * self);

/**
 * gst_tiered_proposal_answer:
 * @hold: what the element may hold
 * @query: (inout): an ALLOCATION query, with the answer of those downstream
 *
 * Adds to the answer if the element upstream wants a pool and nobody has offered
 * a pool or an allocator yet.  If another proposal has, downstream, its arena
 * grows by what this element may hold.
 *
 * Returns: whether something was added or has grown
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_proposal_answer (GstTieredProposal * self,
    const GstTieredHold * hold, GstQuery * query);

/**
 * gst_tiered_proposal_stop:
 *
 * Lets go of the arena; the next answer makes another one.  In state NULL.
 */
GST_SAFECAPTURE_API
void gst_tiered_proposal_stop (GstTieredProposal * self);

/**
 * gst_tiered_proposal_add_stats:
 * @stats: (inout): gets a structure `pool`, if there has been an answer since
 *   the stop: `arenas` that there have been, bytes of `memory` reserved now,
 *   and the fields of gst_tiered_allocator_add_stats() for the current arena
 */
GST_SAFECAPTURE_API
void gst_tiered_proposal_add_stats (GstTieredProposal * self,
    GstStructure * stats);

G_END_DECLS

#endif
