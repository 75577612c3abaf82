/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-intake.h"

#include "safefilesink-ending.h"

#include <errno.h>

void
safefilesink_intake_init (SafefilesinkIntake * self, GstBaseSink * sink,
    GstSafecaptureReporter * reporter)
{
  *self = (SafefilesinkIntake) {.sink = sink,.reporter = reporter };
}

void
safefilesink_intake_begin (SafefilesinkIntake * self,
    SafefilesinkRecording * recording, guint64 origin)
{
  self->recording = recording;
  self->origin = origin;
  self->asked = FALSE;
  self->stop = G_MAXUINT64;
  self->cut = FALSE;
  safefilesink_watch_restart (&recording->watch);
  safefilesink_intake_seek (self, 0);
}

void
safefilesink_intake_seek (SafefilesinkIntake * self, guint64 position)
{
  atomic_store_explicit (&self->position, position, memory_order_relaxed);
}

guint64
safefilesink_intake_position (SafefilesinkIntake * self)
{
  return atomic_load_explicit (&self->position, memory_order_relaxed);
}

/* What a call of the recorder that did not succeed comes to: OK to go on with it
 * after a pause, else the end. */
static GstFlowReturn
pause_or_fail (SafefilesinkIntake * self, gint ret)
{
  return ret == -ECANCELED ? gst_base_sink_wait_preroll (self->sink)
      : GST_FLOW_ERROR;
}

static GstFlowReturn
put_bytes (SafefilesinkIntake * self, const guint8 * data, gsize size,
    guint64 time)
{
  for (;;) {
    guint64 position = safefilesink_intake_position (self);
    GstFlowReturn flow;
    gsize taken;
    gint ret = sc_recorder_write (&self->recording->recorder,
        self->origin + position, time, data, size, SC_WAIT_FOREVER, &taken);

    safefilesink_intake_seek (self, position + taken);
    data += taken;
    size -= taken;
    if (ret == 0)
      return GST_FLOW_OK;
    flow = pause_or_fail (self, ret);
    if (flow != GST_FLOW_OK)
      return flow;
  }
}

/* Where the room ends EOS is asked for, and what still comes is taken as far as
 * the reserve goes: beyond, the file has no end, which is an error.  Without a
 * source to ask the flow ends, for good: were more taken when somebody has made
 * room, something would be missing in between. */
static GstFlowReturn
check_room (SafefilesinkIntake * self, gsize size)
{
  ScRecorder *recorder = &self->recording->recorder;
  guint64 begin = self->origin + safefilesink_intake_position (self);
  guint64 end = begin + size;

  if (end > self->stop)
    return self->cut ? GST_FLOW_ERROR : GST_FLOW_EOS;
  if (end <= sc_recorder_limit (recorder))
    return GST_FLOW_OK;
  if (safefilesink_watch_end (&self->recording->watch)) {
    self->asked = safefilesink_ending_has_source (GST_ELEMENT_CAST (self->sink));
    gst_safecapture_reporter_kick (self->reporter);
  }
  if (self->asked && end <= sc_recorder_wall (recorder))
    return GST_FLOW_OK;
  self->stop = begin;
  self->cut = self->asked;
  return self->cut ? GST_FLOW_ERROR : GST_FLOW_EOS;
}

/* Memory by memory: mapping the buffer as a whole would merge them by a copy. */
static GstFlowReturn
put_buffer (SafefilesinkIntake * self, GstBuffer * buffer)
{
  GstFlowReturn flow = check_room (self, gst_buffer_get_size (buffer));
  guint64 time = safefilesink_recording_time (&self->sink->segment, buffer);

  for (guint i = 0; flow == GST_FLOW_OK && i < gst_buffer_n_memory (buffer);
      i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);
    GstMapInfo map;

    if (!gst_memory_map (memory, &map, GST_MAP_READ)) {
      GST_ELEMENT_ERROR (self->sink, RESOURCE, READ,
          ("Could not read the data of a buffer. Put an element before the "
              "sink that copies it into ordinary memory."), (NULL));
      return GST_FLOW_ERROR;
    }
    flow = put_bytes (self, map.data, map.size, time);
    gst_memory_unmap (memory, &map);
  }
  if (flow == GST_FLOW_OK)
    safefilesink_drop_count_taken (&self->recording->drop);
  return flow;
}

static GstFlowReturn
leave_out (SafefilesinkIntake * self, GstBuffer * buffer)
{
  guint64 position = safefilesink_intake_position (self);
  GstFlowReturn flow = check_room (self, gst_buffer_get_size (buffer));
  ScGap gap;

  safefilesink_drop_describe (&self->sink->segment, buffer, self->origin
      + position, &gap);
  while (flow == GST_FLOW_OK) {
    gint ret = sc_recorder_drop (&self->recording->recorder, &gap,
        SC_WAIT_FOREVER);

    if (ret == 0) {
      safefilesink_intake_seek (self, position + gap.size);
      return GST_FLOW_OK;
    }
    flow = pause_or_fail (self, ret);
  }
  return flow;
}

static GstFlowReturn
put_or_leave_out (SafefilesinkIntake * self, GstBuffer * buffer)
{
  guint64 position = safefilesink_intake_position (self);

  return safefilesink_drop_may (&self->recording->recorder, position,
      self->origin + position, buffer) ? leave_out (self, buffer)
      : put_buffer (self, buffer);
}

static gboolean
has_room (SafefilesinkIntake * self, guint64 bytes, guint64 records)
{
  return sc_recorder_has_room (&self->recording->recorder, bytes, records);
}

GstFlowReturn
safefilesink_intake_put (SafefilesinkIntake * self, GstBuffer * buffer)
{
  return !self->recording->drop.enabled
      || has_room (self, gst_buffer_get_size (buffer),
      safefilesink_drop_records (buffer)) ? put_buffer (self, buffer)
      : put_or_leave_out (self, buffer);
}

static gboolean
has_room_for_list (SafefilesinkIntake * self, GstBufferList * list)
{
  guint64 bytes = 0, records = 0;

  for (guint i = 0; i < gst_buffer_list_length (list); i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    bytes += gst_buffer_get_size (buffer);
    records += safefilesink_drop_records (buffer);
  }
  return has_room (self, bytes, records);
}

GstFlowReturn
safefilesink_intake_put_list (SafefilesinkIntake * self, GstBufferList * list)
{
  gboolean whole = !self->recording->drop.enabled
      || has_room_for_list (self, list);
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; flow == GST_FLOW_OK && i < gst_buffer_list_length (list);
      i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    flow = whole ? put_buffer (self, buffer) : put_or_leave_out (self, buffer);
  }
  return flow;
}

static GstFlowReturn
wait_for_recorder (SafefilesinkIntake * self, gint (*call) (ScRecorder *,
        uint64_t))
{
  for (;;) {
    gint ret = call (&self->recording->recorder, SC_WAIT_FOREVER);
    GstFlowReturn flow;

    if (ret == 0)
      return GST_FLOW_OK;
    flow = pause_or_fail (self, ret);
    if (flow != GST_FLOW_OK)
      return flow;
  }
}

GstFlowReturn
safefilesink_intake_sync (SafefilesinkIntake * self)
{
  return wait_for_recorder (self, sc_recorder_sync);
}

GstFlowReturn
safefilesink_intake_finish (SafefilesinkIntake * self)
{
  return self->cut ? GST_FLOW_ERROR
      : wait_for_recorder (self, sc_recorder_finish);
}

gboolean
safefilesink_intake_fault (SafefilesinkIntake * self, ScFault * fault)
{
  if (sc_recorder_fault (&self->recording->recorder, fault))
    return TRUE;
  *fault = (ScFault) {.kind = SC_FAULT_SPACE,.error = -ENOSPC,.offset =
        self->stop};
  return self->cut;
}
