/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-messages.h"

#include "safefilesink-printable.h"
#include "safefilesink-errors.h"

void
safefilesink_post_published (GstSafecaptureReporter * reporter,
    const gchar * location, ScRecorder * recorder)
{
  ScRecorderStats stats;

  sc_recorder_stats (recorder, &stats);
  gst_safecapture_reporter_post (reporter, "published",
      "location", G_TYPE_STRING, location,
      "size", G_TYPE_UINT64, (guint64) stats.size,
      "durable", G_TYPE_BOOLEAN, stats.durable == stats.size,
      "parts", G_TYPE_UINT64, (guint64) sc_recorder_parts (recorder), NULL);
}

static void
post_switched (GstSafecaptureReporter * reporter, const ScTargetReport * from,
    const ScTargetReport * to, const gchar * manifest)
{
  gchar *left = safefilesink_printable_name (from->path);
  gchar *next = safefilesink_printable_name (to->path);
  const gchar *operation = sc_fault_name (from->fault.kind);
  gchar *missing = to->unsynced == 0 ? g_strdup ("")
      : g_strdup_printf (" With sync-policy=none what the kernel had not brought "
      "to the failed disk is missing: up to %" G_GUINT64_FORMAT " bytes before "
      "that.", (guint64) to->unsynced);
  gchar *text = g_strdup_printf ("\"%s\" failed (%s: %s). The recording goes "
      "on in \"%s\", from byte %" G_GUINT64_FORMAT " on.%s The failed target "
      "is tried again for the next recording.", left, operation,
      safefilesink_error_reason (&from->fault), next, (guint64) to->base,
      missing);

  gst_safecapture_reporter_post (reporter, "switched",
      "location", G_TYPE_STRING, to->path,
      "from", G_TYPE_STRING, from->path,
      "part", G_TYPE_UINT64, (guint64) to->part,
      "offset", G_TYPE_UINT64, (guint64) to->base,
      "unsynced-bytes", G_TYPE_UINT64, (guint64) to->unsynced,
      "reason", G_TYPE_STRING, operation,
      "error", G_TYPE_INT, -from->fault.error,
      "manifest", G_TYPE_STRING, to->part > 0 ? manifest : "",
      "text", G_TYPE_STRING, text, NULL);
  g_free (text);
  g_free (missing);
  g_free (next);
  g_free (left);
}

void
safefilesink_post_switches (GstSafecaptureReporter * reporter,
    ScRecorder * recorder, guint * told)
{
  char manifest[PATH_MAX];
  ScTargetReport from, to;

  (void) sc_recorder_manifest (recorder, manifest);
  while (sc_recorder_target (recorder, *told, &to)
      && (to.opened || to.result == SC_PART_FAILED)) {
    if (to.opened && *told > 0
        && sc_recorder_target (recorder, *told - 1, &from))
      post_switched (reporter, &from, &to, manifest);
    (*told)++;
  }
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
safefilesink_post_falls_behind (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats, guint64 time)
{
  gst_safecapture_reporter_post_warning (reporter, "falls-behind",
      "The disk is slower than the stream: the memory for what is not durable "
      "yet fills up, and then the stream has to wait, or loses data with "
      "on-full=drop. A larger buffer-size bridges longer stalls.",
      "backlog-bytes", G_TYPE_UINT64, (guint64) stats->backlog,
      "ring-size", G_TYPE_UINT64, (guint64) stats->ring_size,
      "time-to-full", G_TYPE_UINT64, time, NULL);
}

void
safefilesink_post_mismatch (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats)
{
  gchar *text = g_strdup_printf ("The disk did not keep what was written at "
      "offset %" G_GUINT64_FORMAT "; of %" G_GUINT64_FORMAT " such places %"
      G_GUINT64_FORMAT " are right now, written once more from memory. Do not "
      "trust this disk.", (guint64) stats->wrong_offset,
      (guint64) stats->mismatches, (guint64) stats->repairs);

  gst_safecapture_reporter_post_warning (reporter, "verify-mismatch", text,
      "offset", G_TYPE_UINT64, (guint64) stats->wrong_offset,
      "mismatches", G_TYPE_UINT64, (guint64) stats->mismatches,
      "repairs", G_TYPE_UINT64, (guint64) stats->repairs, NULL);
  g_free (text);
}

void
safefilesink_post_direct_refused (GstSafecaptureReporter * reporter,
    const gchar * location)
{
  gchar *name = safefilesink_printable_name (location);
  gchar *text = g_strdup_printf ("The file system of \"%s\" cannot be written "
      "to past the page cache: sync-policy=direct does as interval.", name);

  gst_safecapture_reporter_post_warning (reporter, "direct-refused", text,
      "location", G_TYPE_STRING, location, NULL);
  g_free (text);
  g_free (name);
}

void
safefilesink_post_ending (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats)
{
  gst_safecapture_reporter_post_warning (reporter, "space-used-up",
      "The room for the recording is used up (the disk, min-free, max-bytes, or "
      "a limit of the process): it is brought to an end. Free some space, or "
      "record elsewhere.",
      "size", G_TYPE_UINT64, (guint64) stats->size,
      "durable-offset", G_TYPE_UINT64, (guint64) stats->durable, NULL);
}

void
safefilesink_post_space_low (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats, guint64 time)
{
  gchar *text = g_strdup_printf ("At this rate the room for the recording is "
      "used up in %" G_GUINT64_FORMAT " s. Free some space.",
      time / GST_SECOND);

  gst_safecapture_reporter_post_warning (reporter, "space-low", text,
      "space-left", G_TYPE_UINT64, (guint64) stats->space_left,
      "time-left", G_TYPE_UINT64, time, NULL);
  g_free (text);
}

void
safefilesink_post_stopped (GstSafecaptureReporter * reporter,
    const gchar * path, const ScRecorderStats * stats)
{
  gchar *name = safefilesink_printable_name (path);
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
    const SafefilesinkLeftover * leftover)
{
  gchar *name = safefilesink_printable_name (leftover->part), *text;

  if (leftover->manifest != NULL) {
    gchar *manifest = safefilesink_printable_name (leftover->manifest);

    text = g_strdup_printf ("\"%s\" is a part of an earlier recording that "
        "went on elsewhere. Make one file of it with \"safecapture join %s -o "
        "FILE\".", name, manifest);
    g_free (manifest);
  } else {
    text = g_strdup_printf ("An earlier recording was not finished; it is now "
        "\"%s\". Recover it with \"safecapture recover --in-place\", or set "
        "recover=auto.", name);
  }
  gst_safecapture_reporter_post_warning (reporter, "unfinished-recording",
      text, "location", G_TYPE_STRING, leftover->part, NULL);
  g_free (text);
  g_free (name);
}
