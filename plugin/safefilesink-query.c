/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-query.h"

gboolean
safefilesink_query_answer (GstQuery * query, guint64 position,
    const gchar * uri, gboolean * answered)
{
  GstFormat format;
  gboolean bytes;

  *answered = TRUE;
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_POSITION:
      gst_query_parse_position (query, &format, NULL);
      *answered = format == GST_FORMAT_DEFAULT || format == GST_FORMAT_BYTES;
      if (*answered)
        gst_query_set_position (query, GST_FORMAT_BYTES, (gint64) position);
      return TRUE;
    case GST_QUERY_FORMATS:
      gst_query_set_formats (query, 2, GST_FORMAT_DEFAULT, GST_FORMAT_BYTES);
      return TRUE;
    case GST_QUERY_URI:
      gst_query_set_uri (query, uri);
      return TRUE;
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      bytes = format == GST_FORMAT_DEFAULT || format == GST_FORMAT_BYTES;
      gst_query_set_seeking (query, bytes ? GST_FORMAT_BYTES : format, bytes, 0,
          -1);
      return TRUE;
    default:
      return FALSE;
  }
}
