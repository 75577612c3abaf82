/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-discont.h"

static gboolean
mark_discont (GstBuffer ** buffer, guint index, gpointer user_data)
{
  *buffer = gst_buffer_make_writable (*buffer);
  GST_BUFFER_FLAG_SET (*buffer, GST_BUFFER_FLAG_DISCONT);
  return FALSE;                 /* the first of a list only */
}

gpointer
tieredqueue_with_discont (TieredQueueKind kind, gpointer object)
{
  if (kind == TIEREDQUEUE_LIST) {
    GstBufferList *list = gst_buffer_list_make_writable (object);

    gst_buffer_list_foreach (list, mark_discont, NULL);
    return list;
  } else {
    GstBuffer *buffer = object;

    mark_discont (&buffer, 0, NULL);
    return buffer;
  }
}
