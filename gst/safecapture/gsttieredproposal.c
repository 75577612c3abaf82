/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredproposal.h"

#include "gsttieredallocator-private.h"
#include "gsttieredneed.h"
#include "gsttieredpool.h"

/* What upstream is told to have at least.  v4l2src pushes its driver's own
 * buffers if those are as many (32 at most), and has done with copying when it
 * runs short of them: it would lose frames while a queue is full. */
#define MIN_BUFFERS 33

struct _GstTieredProposal
{
  GMutex lock;

  /* Under lock. */
  GstTieredAllocator *allocator;        /* NULL before the first answer */
  GstTieredNeed need;           /* what its slots were made for */
  guint64 arenas;
};

/* ---- the query ---- */

/* Whether somebody downstream has memory of his own for this stream; an entry
 * without pool or allocator only says what is needed of them. */
static gboolean
is_answered (GstQuery * query)
{
  gboolean answered = FALSE;
  GstAllocator *allocator;
  GstBufferPool *pool;

  for (guint i = 0; i < gst_query_get_n_allocation_pools (query); i++) {
    gst_query_parse_nth_allocation_pool (query, i, &pool, NULL, NULL, NULL);
    answered |= pool != NULL;
    gst_clear_object (&pool);
  }
  for (guint i = 0; i < gst_query_get_n_allocation_params (query); i++) {
    gst_query_parse_nth_allocation_param (query, i, &allocator, NULL);
    answered |= allocator != NULL;
    gst_clear_object (&allocator);
  }
  return answered;
}

static void
add_allocator (GstQuery * query, GstTieredAllocator * allocator)
{
  GstAllocationParams params;

  gst_allocation_params_init (&params);
  if (gst_query_get_n_allocation_params (query) == 0) {
    gst_query_add_allocation_param (query, GST_ALLOCATOR (allocator), &params);
    return;
  }
  gst_query_parse_nth_allocation_param (query, 0, NULL, &params);
  gst_query_set_nth_allocation_param (query, 0, GST_ALLOCATOR (allocator),
      &params);
}

/* FALSE if the pool cannot be had for these. */
static gboolean
configure (GstBufferPool * pool, GstCaps * caps, guint size,
    guint min_buffers)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, size, min_buffers, 0);
  /* Always refused: there is no such thing as no limit. */
  if (gst_buffer_pool_set_config (pool, config))
    return TRUE;
  config = gst_buffer_pool_get_config (pool);
  if (gst_buffer_pool_config_validate_params (config, caps, size, min_buffers,
          0))
    return gst_buffer_pool_set_config (pool, config);
  gst_structure_free (config);
  return FALSE;
}

/* Puts @pool, as it is configured, in the query's first place. */
static void
set_pool (GstQuery * query, GstBufferPool * pool)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);
  guint size = 0, min_buffers = 0, max_buffers = 0;

  gst_buffer_pool_config_get_params (config, NULL, &size, &min_buffers,
      &max_buffers);
  gst_structure_free (config);
  if (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_set_nth_allocation_pool (query, 0, pool, size, min_buffers,
        max_buffers);
  else
    gst_query_add_allocation_pool (query, pool, size, min_buffers,
        max_buffers);
}

static gboolean
add_pool (GstQuery * query, GstTieredAllocator * allocator, GstCaps * caps,
    gsize frame_size)
{
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  guint size = 0, wanted = 0;
  gboolean configured;

  /* Without a pool, what whoever holds the buffers needs of one. */
  if (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_parse_nth_allocation_pool (query, 0, NULL, &size, &wanted, NULL);
  g_object_set (pool, "fallback", TRUE, NULL);
  configured = configure (pool, caps, MAX (size, (guint) frame_size),
      MAX (wanted, MIN_BUFFERS));
  if (configured)
    set_pool (query, pool);
  gst_object_unref (pool);
  return configured;
}

/* ---- several in a row ---- */

static void
add_hold (gpointer need, gpointer hold)
{
  gst_tiered_need_add_hold (need, hold);
}

/* Whether the answer is that of another proposal, whose arena then grows. */
static gboolean
enlarge (GstQuery * query, GstCaps * caps, const GstTieredHold * hold)
{
  GstAllocator *allocator = NULL;
  GstBufferPool *pool = NULL;
  guint size, min_buffers;
  gboolean grows;

  if (gst_query_get_n_allocation_params (query) > 0)
    gst_query_parse_nth_allocation_param (query, 0, &allocator, NULL);
  grows = allocator != NULL && GST_IS_TIERED_ALLOCATOR (allocator)
      && gst_tiered_allocator_change_demand (GST_TIERED_ALLOCATOR (allocator),
      gst_tiered_need_choose, add_hold, (gpointer) hold);
  if (grows && gst_query_get_n_allocation_pools (query) > 0)
    gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min_buffers,
        NULL);
  if (pool != NULL && GST_IS_TIERED_POOL (pool)
      && configure (pool, caps, size, min_buffers))
    set_pool (query, pool);
  gst_clear_object (&pool);
  gst_clear_object (&allocator);
  return grows;
}

/* ---- an application's allocator ---- */

gboolean
gst_tiered_pool_propose_allocation (GstTieredAllocator * allocator,
    GstQuery * query)
{
  gboolean wanted, fallback;
  GstTieredNeed need;
  GstCaps *caps;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (allocator), FALSE);
  g_return_val_if_fail (GST_IS_QUERY (query), FALSE);

  gst_query_parse_allocation (query, &caps, &wanted);
  if (!wanted || is_answered (query)
      || !gst_tiered_need_from_caps (caps, &need))
    return FALSE;
  if (need.is_video)
    return add_pool (query, allocator, caps, need.frame_size);
  g_object_get (allocator, "fallback", &fallback, NULL);
  if (fallback)
    add_allocator (query, allocator);
  return fallback;
}

/* ---- an element's own ---- */

GstTieredProposal *
gst_tiered_proposal_new (void)
{
  GstTieredProposal *self = g_new0 (GstTieredProposal, 1);

  g_mutex_init (&self->lock);
  return self;
}

/* With lock held.  Buffers and active pools keep what they need of it. */
static void
drop_arena (GstTieredProposal * self)
{
  if (self->allocator != NULL)
    gst_tiered_allocator_end_demand (self->allocator);
  gst_clear_object (&self->allocator);
}

void
gst_tiered_proposal_free (GstTieredProposal * self)
{
  drop_arena (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* With lock held.  The allocator whose slots do for @need. */
static GstTieredAllocator *
prepare_arena (GstTieredProposal * self, const GstTieredNeed * need)
{
  if (self->allocator != NULL && !gst_tiered_need_is_met (&self->need, need))
    drop_arena (self);
  if (self->allocator == NULL) {
    self->allocator = gst_tiered_allocator_new ();
    g_object_set (self->allocator, "fallback", TRUE, NULL);
    self->need = *need;
    self->arenas++;
  }
  /* Anew with each query: elements upstream of this one add theirs to it. */
  gst_tiered_allocator_begin_demand (self->allocator, gst_tiered_need_choose,
      g_memdup2 (need, sizeof (*need)));
  return gst_object_ref (self->allocator);
}

gboolean
gst_tiered_proposal_answer (GstTieredProposal * self,
    const GstTieredHold * hold, GstQuery * query)
{
  GstTieredAllocator *allocator;
  GstTieredNeed need;
  gboolean wanted;
  GstCaps *caps;

  gst_query_parse_allocation (query, &caps, &wanted);
  if (!wanted || !gst_tiered_need_from_caps (caps, &need)
      || !gst_tiered_need_is_sane (&need))
    return FALSE;
  if (is_answered (query))
    return enlarge (query, caps, hold);

  gst_tiered_need_add_hold (&need, hold);
  g_mutex_lock (&self->lock);
  allocator = prepare_arena (self, &need);
  g_mutex_unlock (&self->lock);

  if (need.is_video)
    (void) add_pool (query, allocator, caps, need.frame_size);
  add_allocator (query, allocator);
  gst_object_unref (allocator);
  return TRUE;
}

void
gst_tiered_proposal_stop (GstTieredProposal * self)
{
  g_mutex_lock (&self->lock);
  drop_arena (self);
  self->arenas = 0;
  g_mutex_unlock (&self->lock);
}

void
gst_tiered_proposal_add_stats (GstTieredProposal * self, GstStructure * stats)
{
  GstTieredAllocator *allocator;
  GstStructure *pool;
  guint64 arenas;

  g_mutex_lock (&self->lock);
  allocator = self->allocator != NULL ? gst_object_ref (self->allocator) : NULL;
  arenas = self->arenas;
  g_mutex_unlock (&self->lock);
  if (allocator == NULL)
    return;

  pool = gst_structure_new ("pool", "arenas", G_TYPE_UINT64, arenas, "memory",
      G_TYPE_UINT64, (guint64) gst_tiered_allocator_get_reserved (allocator),
      NULL);
  gst_tiered_allocator_add_stats (allocator, pool);
  gst_structure_set (stats, "pool", GST_TYPE_STRUCTURE, pool, NULL);
  gst_structure_free (pool);
  gst_object_unref (allocator);
}
