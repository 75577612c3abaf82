/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-item.h"

TieredQueueUnit
tieredqueue_unit_of (TieredQueueKind kind, gpointer object)
{
  GstBuffer *buffer = object;

  if (kind == TIEREDQUEUE_LIST) {
    if (gst_buffer_list_length (object) == 0)
      return TIEREDQUEUE_UNIT_KEY;
    buffer = gst_buffer_list_get (object, 0);
  }
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return TIEREDQUEUE_UNIT_DELTA;
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER)
      && !GST_CLOCK_TIME_IS_VALID (GST_BUFFER_DTS_OR_PTS (buffer)))
    return TIEREDQUEUE_UNIT_HEADER;
  return TIEREDQUEUE_UNIT_KEY;
}

void
tieredqueue_weigh (TieredQueueKind kind, gpointer object, guint * buffers,
    gsize * bytes)
{
  if (kind == TIEREDQUEUE_LIST) {
    *buffers = gst_buffer_list_length (object);
    *bytes = gst_buffer_list_calculate_size (object);
  } else {
    *buffers = 1;
    *bytes = gst_buffer_get_size (object);
  }
}

GstClockTime
tieredqueue_timestamp (TieredQueueKind kind, gpointer object)
{
  GstBuffer *first = object;

  if (kind == TIEREDQUEUE_LIST) {
    if (gst_buffer_list_length (object) == 0)
      return GST_CLOCK_TIME_NONE;
    first = gst_buffer_list_get (object, 0);
  }
  return GST_BUFFER_DTS_OR_PTS (first);
}
