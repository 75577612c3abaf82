/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the allocator share, and what the pool needs of it beyond
 * the public functions.
 *
 * Each uses those below it only:
 *
 *   gsttieredallocator.c              properties
 *   gsttieredmemory.c                 single memories, shares, copies
 *   gsttieredallocator-demand.c       started by the first request
 *   gsttieredallocator-shutdown.c     the cleanup
 *   gsttieredallocator-run.c          start and stop
 *   gsttieredallocator-stats.c        the figures as structures
 *   gsttieredallocator-watch.c        snapshots, limits, trends, advice
 *   gsttieredallocator-outstanding.c  who holds what
 *   gsttieredallocator-state.c        the state and its changes
 *   gsttieredallocator-tiers.c        which tiers, and what fits into them
 *   gsttieredallocator-region.c       the region and its counts
 *
 * and beside them gsttieredacquire.c, buffers without a pool.
 *
 * Locks
 *   The object lock guards the settings and the region; data threads take it for
 *   a moment.  The watch lock guards what snapshots are compared with; no data
 *   thread takes it, and nothing is emitted under either.  Watch before object.
 */
#ifndef GST_TIERED_ALLOCATOR_PRIVATE_H
#define GST_TIERED_ALLOCATOR_PRIVATE_H

#include "gsttieredallocator.h"
#include "gsttieredregion.h"

#include "sc-pool-history.h"
#include "sc-pool-state.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/* All that is kept of one run for comparison; made at start. */
typedef struct
{
  ScPoolHistory history;
  ScHistogramSnapshot acquire, release; /* at the last snapshot */
  ScHistogramSnapshot now, one; /* to work in */
} GstTieredRecord;

/* Chooses the tiers for a first request of @size bytes. */
typedef void (*GstTieredChoose) (gconstpointer data, gsize size,
    ScTiers * tiers);

struct _GstTieredAllocator
{
  GstAllocator parent;

  /* Under the object lock. */
  GstTieredProfile profile;
  gchar *tiers;
  gboolean lock_memory;
  GstTieredMetering metering;
  guint quotas[SC_CLASSES];
  gchar *bad_quotas;            /* a text that start will refuse */
  guint starts;
  GstTieredRegion *region;      /* while started, unless a cleanup flushes */
  GstTieredRegion *flushing;    /* the region, while it does */
  ScTiers started_tiers;        /* of the region */
  ScArenaStats last_stats;      /* of the last region */
  ScArenaMeter *meter;          /* (nullable): of the region, or the last one */
  GstStructure *last_outstanding;       /* of the last stop */
  GstTieredChoose choose;       /* while on demand */
  gpointer choose_data;
  ScTiers chosen_tiers;
  gboolean demand_started;      /* one of the starts */

  _Atomic gboolean fallback;
  _Atomic guint64 fallbacks;    /* of the run, as last_stats */

  ScPoolStateLog state;
  _Atomic guint notified;       /* place in it that notify has told of */
  gint regions;                 /* atomic: that exist, stopped ones included */

  /* Under the watch lock. */
  GMutex watch_lock;
  GstTieredRecord *record;      /* (nullable) */
  ScPoolSnapshot last;          /* valid if the record's history has any */
  ScPoolFigures figures;        /* of the interval that it ended */
  guint32 exceeded;             /* limits, by then */
  guint64 longest_hold;         /* ns, that was seen */
};

/* The same, entered: to be left, not unreferenced. */
GstTieredRegion *gst_tiered_allocator_enter_region (GstTieredAllocator * self);

/* The same without a reference: for who has started the allocator. */
static inline GstTieredRegion *
gst_tiered_allocator_peek_region (GstTieredAllocator * self)
{
  return g_atomic_pointer_get (&self->region);
}

/* What is done with a region before anybody can acquire from it. */
typedef void (*GstTieredPrepare) (GstTieredRegion * region, gpointer data);

/* A reference to the region of a started allocator, or NULL.  Any thread. */
GstTieredRegion *gst_tiered_allocator_get_region (GstTieredAllocator * self);

/* The same, also while a cleanup flushes it. */
GstTieredRegion *gst_tiered_allocator_get_any_region
    (GstTieredAllocator * self);

/* gst_tiered_allocator_get_tiers() with the object lock. */
gboolean gst_tiered_allocator_get_tiers_locked (GstTieredAllocator * self,
    ScTiers * tiers, GError ** error);

/* The tiers that the properties say, or FALSE with @error set. */
gboolean gst_tiered_allocator_get_tiers (GstTieredAllocator * self,
    ScTiers * tiers, GError ** error);

/* As the public ones, but the state's change is notified by whoever looks at it
 * next: for callers with locks held, and data threads.  @prepare (nullable) is
 * called if this start makes the region. */
gboolean gst_tiered_allocator_start_prepared (GstTieredAllocator * self,
    GstTieredPrepare prepare, gpointer data, GError ** error);
guint gst_tiered_allocator_stop_quietly (GstTieredAllocator * self);

/* What slots' data is aligned to; 64 if the properties are not valid. */
gsize gst_tiered_allocator_get_alignment (GstTieredAllocator * self);

/* Bytes of the arena, 0 if not started. */
gsize gst_tiered_allocator_get_reserved (GstTieredAllocator * self);

/* Somebody was given system memory instead of a slot. */
void gst_tiered_allocator_count_fallback (GstTieredAllocator * self);

/*
 * On demand: the tiers follow from the first size that is asked for, and no
 * arena is reserved before that.
 *
 *   begin ---> demand (size) by a pool that is configured: chooses the tiers,
 *              again and again as long as nothing is started
 *         ---> alloc (size): chooses, starts
 *   end   ---> what alloc has started is stopped; nothing is chosen any more
 */
/* @data: (transfer full): freed with g_free() */
void gst_tiered_allocator_begin_demand (GstTieredAllocator * self,
    GstTieredChoose choose, gpointer data);
/* Calls @change with the data and @user_data, if it is @choose that chooses and
 * nothing is started. */
gboolean gst_tiered_allocator_change_demand (GstTieredAllocator * self,
    GstTieredChoose choose, void (*change) (gpointer data, gpointer user_data),
    gpointer user_data);
void gst_tiered_allocator_demand (GstTieredAllocator * self, gsize size);
void gst_tiered_allocator_end_demand (GstTieredAllocator * self);

/* The region to allocate @size bytes from, started on demand, or NULL; entered: to
 * be left. */
GstTieredRegion *gst_tiered_allocator_demand_region
    (GstTieredAllocator * self, gsize size);

/* Emits notify::state if it changed since the last time. */
void gst_tiered_allocator_notify_state (GstTieredAllocator * self);

/* The figures of this run or the last one. */
void gst_tiered_allocator_read_stats (GstTieredAllocator * self,
    ScArenaStats * stats);

/* Notes in the state what the figures show. */
void gst_tiered_allocator_observe (GstTieredAllocator * self);

/* The same for figures of @region, with the object lock.  They count only while
 * it is the allocator's: a new run begins without the old one's faults.  FALSE
 * if it is not. */
gboolean gst_tiered_allocator_note_locked (GstTieredAllocator * self,
    const GstTieredRegion * region, const ScArenaStats * stats);

/* Begins the record of a new run; @metered: whether there is to be one.  With
 * the watch lock. */
void gst_tiered_allocator_begin_record_locked (GstTieredAllocator * self,
    gboolean metered);

/* What it is as a GstAllocator. */
void gst_tiered_memory_install (GstAllocatorClass * klass);
void gst_tiered_memory_init (GstAllocator * allocator);

/* Adds @structure, which it takes, to an array. */
static inline void
gst_tiered_append (GValue * array, GstStructure * structure)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, structure);
  gst_value_array_append_and_take_value (array, &value);
}

/* The slots of @region that are out. */
GstStructure *gst_tiered_allocator_list_outstanding (GstTieredRegion *
    region);

/* `primary` to `metadata`. */
const gchar *gst_tiered_class_nick (guint slot_class);

/* Reads a text as "conversion=8,scratch=4"; NULL and "" are no quotas.  FALSE
 * with @error set; @quotas is then left alone. */
gboolean gst_tiered_quotas_parse (const gchar * text,
    guint quotas[SC_CLASSES], GError ** error);

/* (transfer full) (nullable): that text, NULL where there are none. */
gchar *gst_tiered_quotas_to_string (const guint quotas[SC_CLASSES]);

G_END_DECLS

#endif
