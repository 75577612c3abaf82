/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-drop.h"

#include "sc-clock.h"
#include "sc-structure.h"

/* Headers that no muxer marks as such: those of a file begin it. */
#define FIRST_BYTES 65536
/* Between two messages. */
#define TELL_INTERVAL GST_SECOND

void
safefilesink_drop_init (SafefilesinkDrop * self)
{
  *self = (SafefilesinkDrop) { 0 };
}

void
safefilesink_drop_count_taken (SafefilesinkDrop * self)
{
  atomic_store_explicit (&self->taken, atomic_load_explicit (&self->taken,
          memory_order_relaxed) + 1, memory_order_relaxed);
}

guint64
safefilesink_drop_records (GstBuffer * buffer)
{
  guint64 records = 0;

  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    gsize size = gst_memory_get_sizes (gst_buffer_peek_memory (buffer, i),
        NULL, NULL);

    records += (size + SC_BYTE_RING_RECORD_MAX - 1) / SC_BYTE_RING_RECORD_MAX;
  }
  return records;
}

gboolean
safefilesink_drop_may (const ScRecorder * recorder, guint64 position,
    guint64 offset, GstBuffer * buffer)
{
  guint8 begin[SC_STRUCTURE_BYTES];
  gsize size;

  if (position < FIRST_BYTES || !sc_recorder_is_append (recorder, offset)
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
    return FALSE;
  size = gst_buffer_extract (buffer, 0, begin, sizeof (begin));
  return size > 0 && !sc_structure_begins (begin, size);
}

static guint64
running_time (const GstSegment * segment, GstClockTime time)
{
  GstClockTime running;

  if (segment->format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID (time))
    return SC_BYTE_RING_NO_TIME;
  running = gst_segment_to_running_time (segment, GST_FORMAT_TIME, time);
  return GST_CLOCK_TIME_IS_VALID (running) ? running : SC_BYTE_RING_NO_TIME;
}

void
safefilesink_drop_describe (const GstSegment * segment, GstBuffer * buffer,
    guint64 offset, ScGap * gap)
{
  GstClockTime begin = GST_BUFFER_PTS (buffer), end = begin;

  if (GST_CLOCK_TIME_IS_VALID (begin) && GST_BUFFER_DURATION_IS_VALID (buffer))
    end += GST_BUFFER_DURATION (buffer);
  *gap = (ScGap) {
    .offset = offset,.size = gst_buffer_get_size (buffer),.buffers = 1,
    .first = running_time (segment, begin),.last = running_time (segment, end)
  };
}

static void
post (SafefilesinkDrop * self, GstSafecaptureReporter * reporter,
    const ScGap * now)
{
  guint64 count = now->buffers - self->buffers;
  guint64 bytes = now->size - self->bytes;
  gchar *text = g_strdup_printf ("The storage is slower than the stream, and "
      "memory is full: %" G_GUINT64_FORMAT " buffers with %" G_GUINT64_FORMAT
      " bytes were left out, from byte %" G_GUINT64_FORMAT " of the recording "
      "on. The file has zeros there. Use a faster disk or a larger "
      "buffer-size.",
      count, bytes, (guint64) now->offset);

  gst_safecapture_reporter_post (reporter, "dropped",
      "count", G_TYPE_UINT64, count,
      "bytes", G_TYPE_UINT64, bytes,
      "offset", G_TYPE_UINT64, (guint64) now->offset,
      "first-running-time", G_TYPE_UINT64, (guint64) now->first,
      "last-running-time", G_TYPE_UINT64, (guint64) now->last,
      "text", G_TYPE_STRING, text, NULL);
  gst_safecapture_reporter_post_qos (reporter, FALSE, now->last,
      atomic_load_explicit (&self->taken, memory_order_relaxed), now->buffers);
  g_free (text);
}

void
safefilesink_drop_tell (SafefilesinkDrop * self,
    GstSafecaptureReporter * reporter, ScRecorder * recorder, gboolean final)
{
  GstClockTime time = sc_clock_now ();
  ScGap now;

  sc_drops_read (&recorder->drops, &now);
  if (now.buffers == self->buffers)
    return;
  if (!final && self->time != 0 && time - self->time < TELL_INTERVAL) {
    gst_safecapture_reporter_poll_after (reporter, self->time + TELL_INTERVAL
        - time);
    return;
  }
  sc_drops_begin (&recorder->drops);
  post (self, reporter, &now);
  self->buffers = now.buffers;
  self->bytes = now.size;
  self->time = time;
}
