/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-messages.h"

#include "safefilesink-leftover.h"

void
safefilesink_post_published (GstSafecaptureReporter * reporter,
    const gchar * location, const ScRecorderStats * stats)
{
  gst_safecapture_reporter_post (reporter, "published",
      "location", G_TYPE_STRING, location,
      "size", G_TYPE_UINT64, (guint64) stats->size,
      "durable", G_TYPE_BOOLEAN, stats->durable == stats->size, NULL);
}

void
safefilesink_post_slow_storage (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats)
{
  gchar *text = g_strdup_printf ("The storage is slower than the stream: it had "
      "to wait %" G_GUINT64_FORMAT " times, %" G_GUINT64_FORMAT " ms in all, "
      "for room in memory. A live source may lose data upstream: use a faster "
      "disk or a larger buffer-size.", (guint64) stats->waits,
      (guint64) stats->wait_time / GST_MSECOND);

  gst_safecapture_reporter_post_warning (reporter, "slow-storage", text,
      "waits", G_TYPE_UINT64, (guint64) stats->waits,
      "wait-time", G_TYPE_UINT64, (guint64) stats->wait_time,
      "backlog-bytes", G_TYPE_UINT64, (guint64) stats->backlog,
      "ring-size", G_TYPE_UINT64, (guint64) stats->ring_size, NULL);
  g_free (text);
}

void
safefilesink_post_stopped (GstSafecaptureReporter * reporter,
    const gchar * path, const ScRecorderStats * stats)
{
  gchar *name = g_filename_display_name (path);
  gchar *text = g_strdup_printf ("The stream was stopped without EOS: \"%s\" "
      "holds its %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " of them "
      "durable, but the muxer has not completed it. The next start with "
      "recover=auto, or \"safecapture recover --in-place\", makes a file of "
      "it. Send EOS before stopping (gst-launch-1.0 -e) to publish it at once.",
      name, (guint64) stats->size, (guint64) stats->durable);

  gst_safecapture_reporter_post_warning (reporter, "stopped-without-eos", text,
      "location", G_TYPE_STRING, path,
      "size", G_TYPE_UINT64, (guint64) stats->size,
      "durable-offset", G_TYPE_UINT64, (guint64) stats->durable, NULL);
  g_free (text);
  g_free (name);
}

void
safefilesink_post_unfinished (GstSafecaptureReporter * reporter,
    GPtrArray * leftovers)
{
  for (guint i = 0; i < leftovers->len; i++) {
    SafefilesinkLeftover *leftover = g_ptr_array_index (leftovers, i);
    gchar *name = g_filename_display_name (leftover->part);
    gchar *text = g_strdup_printf ("An earlier recording was not finished; it "
        "is now \"%s\". Recover it with \"safecapture recover --in-place\", "
        "or set recover=auto.", name);

    gst_safecapture_reporter_post_warning (reporter, "unfinished-recording",
        text, "location", G_TYPE_STRING, leftover->part, NULL);
    g_free (text);
    g_free (name);
  }
}
