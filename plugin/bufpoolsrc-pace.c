/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-pace.h"

void
bufpoolsrc_pace_init (BufpoolsrcPace * self, GstElement * element)
{
  self->element = element;
  self->entry = NULL;
  self->clock = NULL;
  atomic_init (&self->interrupted, FALSE);
}

static void
set_entry (BufpoolsrcPace * self, GstClockID entry)
{
  GstClockID old;

  GST_OBJECT_LOCK (self->element);
  old = self->entry;
  self->entry = entry;
  GST_OBJECT_UNLOCK (self->element);
  if (old != NULL)
    gst_clock_id_unref (old);
}

void
bufpoolsrc_pace_clear (BufpoolsrcPace * self)
{
  set_entry (self, NULL);
  gst_clear_object (&self->clock);
}

GstClockTime
bufpoolsrc_pace_now (BufpoolsrcPace * self)
{
  GstClock *clock = gst_element_get_clock (self->element);
  GstClockTime base_time, now;

  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;
  base_time = gst_element_get_base_time (self->element);
  now = gst_clock_get_time (clock);
  gst_object_unref (clock);
  return now > base_time ? now - base_time : 0;
}

/* Sets the entry to @time, making it only where the clock is another one. */
static void
prepare_entry (BufpoolsrcPace * self, GstClock * clock, GstClockTime time)
{
  if (clock == self->clock
      && gst_clock_single_shot_id_reinit (clock, self->entry, time))
    return;
  gst_object_replace ((GstObject **) & self->clock, GST_OBJECT (clock));
  set_entry (self, gst_clock_new_single_shot_id (clock, time));
}

gboolean
bufpoolsrc_pace_wait (BufpoolsrcPace * self, GstClockTime running_time)
{
  GstClock *clock = gst_element_get_clock (self->element);
  gboolean interrupted;

  if (clock == NULL)
    return !atomic_load_explicit (&self->interrupted, memory_order_seq_cst);
  prepare_entry (self, clock,
      gst_element_get_base_time (self->element) + running_time);
  /* Store-buffer pair with interrupt, which sets the flag and then unschedules:
   * an unscheduling before prepare_entry was undone by it, but then the flag is
   * seen here; a later one ends the wait. */
  interrupted = atomic_load_explicit (&self->interrupted,
      memory_order_seq_cst);
  if (!interrupted)
    interrupted = gst_clock_id_wait (self->entry, NULL)
        == GST_CLOCK_UNSCHEDULED;
  gst_object_unref (clock);
  return !interrupted;
}

void
bufpoolsrc_pace_interrupt (BufpoolsrcPace * self, gboolean interrupted)
{
  GstClockID entry = NULL;

  atomic_store_explicit (&self->interrupted, interrupted,
      memory_order_seq_cst);
  if (!interrupted)
    return;
  GST_OBJECT_LOCK (self->element);
  if (self->entry != NULL)
    entry = gst_clock_id_ref (self->entry);
  GST_OBJECT_UNLOCK (self->element);
  if (entry != NULL) {
    gst_clock_id_unschedule (entry);
    gst_clock_id_unref (entry);
  }
}
