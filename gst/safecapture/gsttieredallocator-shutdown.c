/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shutdown that wants every buffer back. */
#include "gsttieredallocator-private.h"

#include "sc-clock.h"
#include "sc-pool-cleanup.h"

#include <errno.h>

GST_DEBUG_CATEGORY_EXTERN (gst_tiered_allocator_debug);
#define GST_CAT_DEFAULT gst_tiered_allocator_debug

/* Damaged slots that a report names; more are only counted. */
#define MAX_NAMED 64

/* Between two looks whether the slots are home.  Nobody who releases should have
 * to look for us. */
#define LOOK_INTERVAL G_TIME_SPAN_MILLISECOND

typedef struct
{
  GstTieredAllocator *allocator;
  GstTieredRegion *region;
  ScPoolCleanupState state;
  ScPoolCleanupFacts facts;
  GValue damaged;               /* GST_TYPE_ARRAY */
  guint64 begun;
} Cleanup;

static void
step (Cleanup * self, ScPoolCleanupEvent event)
{
  ScPoolCleanupState next = sc_pool_cleanup_next (self->state, event);

  g_return_if_fail (next != SC_POOL_CLEANUP_REFUSED);
  GST_DEBUG_OBJECT (self->allocator, "cleanup: %s",
      sc_pool_cleanup_name (next));
  self->state = next;
}

static gboolean
begin (Cleanup * self, GstTieredAllocator * allocator, GError ** error)
{
  GST_OBJECT_LOCK (allocator);
  if (allocator->region == NULL) {
    gboolean busy = allocator->flushing != NULL;

    GST_OBJECT_UNLOCK (allocator);
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SHUTDOWN, "%s",
        busy ? "The allocator is being shut down by another thread."
        : "The allocator is not started.");
    return FALSE;
  }
  *self = (Cleanup) {
    .allocator = allocator,
    .region = gst_tiered_region_ref (allocator->region),
    .begun = sc_clock_now (),
  };
  g_value_init (&self->damaged, GST_TYPE_ARRAY);
  /* Who asks the allocator from now on finds it not started; who waits in it is
   * sent away. */
  allocator->flushing = g_steal_pointer (&allocator->region);
  (void) sc_pool_state_log_apply (&allocator->state, SC_POOL_STOP);
  GST_OBJECT_UNLOCK (allocator);
  sc_arena_set_flushing (self->region->arena, &self->region->draining, true);
  step (self, SC_POOL_CLEANUP_BEGIN);
  return TRUE;
}

static void
count_slot (const ScSlotOut * slot, gpointer data)
{
  (*(guint32 *) data)++;
}

static void
verify (Cleanup * self)
{
  ScPoolCleanupFacts *facts = &self->facts;
  ScArena *arena = self->region->arena;

  for (guint32 id = 0; id < sc_arena_slots (arena); id++) {
    int fault = sc_arena_check_home (arena, id);

    if (fault != -EBADMSG && fault != -EOVERFLOW)
      continue;
    if (fault == -EBADMSG)
      facts->damaged_headers++;
    else
      facts->damaged_guards++;
    if (facts->damaged_headers + facts->damaged_guards <= MAX_NAMED)
      gst_tiered_append (&self->damaged, gst_structure_new ("slot",
              "buffer-id", G_TYPE_UINT64, (guint64) id,
              "fault", G_TYPE_STRING, fault == -EBADMSG ? "header"
              : "guard", NULL));
  }
}

static void
look (Cleanup * self, GstClockTime timeout)
{
  ScPoolCleanupFacts *facts = &self->facts;
  guint starts;

  /* The time first: what is home after it was up is home all the same. */
  facts->time_is_up = timeout != GST_CLOCK_TIME_NONE
      && sc_clock_now () - self->begun >= timeout;
  GST_OBJECT_LOCK (self->allocator);
  starts = self->allocator->starts;
  GST_OBJECT_UNLOCK (self->allocator);
  facts->other_users = starts > 1 ? starts - 1 : 0;
  facts->out = 0;
  sc_arena_foreach_out (self->region->arena, count_slot, &facts->out);
  /* Slots with a damaged header do not come home, however long it is. */
  facts->time_is_up |= facts->out > 0
      && facts->out <= gst_tiered_region_count_lost (self->region);
  if (facts->out == 0 && facts->other_users == 0)
    verify (self);
}

static void
flush (Cleanup * self, GstClockTime timeout)
{
  ScPoolCleanupEvent event;

  for (;;) {
    look (self, timeout);
    event = sc_pool_cleanup_judge (&self->facts);
    if (event != SC_POOL_CLEANUP_NONE)
      break;
    g_usleep (LOOK_INTERVAL);
  }
  step (self, event);
}

static void
free_memory (Cleanup * self)
{
  /* Our own start, the last one. */
  (void) gst_tiered_allocator_stop_quietly (self->allocator);
  step (self, SC_POOL_CLEANUP_FREED);
}

static void
roll_back (Cleanup * self)
{
  GstTieredAllocator *allocator = self->allocator;

  atomic_store_explicit (&self->region->draining, FALSE,
      memory_order_relaxed);
  GST_OBJECT_LOCK (allocator);
  if (allocator->flushing == self->region) {
    allocator->region = g_steal_pointer (&allocator->flushing);
    (void) sc_pool_state_log_apply (&allocator->state, SC_POOL_ROLLED_BACK);
    if (self->facts.damaged_headers > 0 || self->facts.damaged_guards > 0)
      (void) sc_pool_state_log_apply (&allocator->state, SC_POOL_FAULT);
  }
  GST_OBJECT_UNLOCK (allocator);
}

static GstStructure *
make_report (Cleanup * self)
{
  GstStructure *report = gst_tiered_allocator_list_outstanding (self->region);

  gst_structure_set_name (report, "application/x-tieredallocator-shutdown");
  gst_structure_set (report,
      "cleanup", G_TYPE_STRING, sc_pool_cleanup_name (self->state),
      "other-users", G_TYPE_UINT64, (guint64) self->facts.other_users,
      "damaged-headers", G_TYPE_UINT64, (guint64) self->facts.damaged_headers,
      "damaged-guards", G_TYPE_UINT64, (guint64) self->facts.damaged_guards,
      "duration", G_TYPE_UINT64, sc_clock_now () - self->begun, NULL);
  gst_structure_take_value (report, "damaged", &self->damaged);
  return report;
}

static void
set_failure (const Cleanup * self, GError ** error)
{
  const ScPoolCleanupFacts *facts = &self->facts;

  if (facts->out > 0 || facts->other_users > 0)
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SHUTDOWN,
        "%u buffers are still out and %u other users (active pools) keep the "
        "allocator started. Let go of the buffers that the report names, "
        "deactivate the pools, or use gst_tiered_allocator_stop(), which "
        "leaves the buffers valid.", facts->out, facts->other_users);
  else
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SHUTDOWN,
        "Every buffer is home, but %u headers and %u guard words of slots were "
        "written over: somebody writes past the end of a buffer, or to a "
        "buffer that is no longer his.", facts->damaged_headers,
        facts->damaged_guards);
}

gboolean
gst_tiered_allocator_shutdown (GstTieredAllocator * self,
    GstClockTime timeout, GstStructure ** report, GError ** error)
{
  Cleanup cleanup;
  gboolean ret;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);

  if (report != NULL)
    *report = NULL;
  if (!begin (&cleanup, self, error))
    return FALSE;
  gst_tiered_allocator_notify_state (self);
  flush (&cleanup, timeout);
  if (cleanup.state == SC_POOL_CLEANUP_VERIFIED)
    free_memory (&cleanup);

  ret = cleanup.state == SC_POOL_CLEANUP_COMPLETED;
  if (!ret)
    set_failure (&cleanup, error);
  if (report != NULL)
    *report = make_report (&cleanup);
  else
    g_value_unset (&cleanup.damaged);
  if (!ret) {
    roll_back (&cleanup);
    step (&cleanup, SC_POOL_CLEANUP_ROLLED_BACK);
  }
  gst_tiered_region_unref (cleanup.region);
  gst_tiered_allocator_observe (self);
  gst_tiered_allocator_notify_state (self);
  return ret;
}
