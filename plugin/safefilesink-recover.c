/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-recover.h"

#include "safefilesink-printable.h"
#include "safefilesink-messages.h"
#include "sc-recovery-apply.h"

#include <errno.h>

typedef struct
{
  GstElement *element;
  GstSafecaptureReporter *reporter;
  const ScFileOps *ops;
  GPtrArray *leftovers;
} Job;

static const gchar *
verdict_name (const ScRecoveryReport * report)
{
  switch (report->verdict) {
    case SC_RECOVERY_WHOLE:
      return "whole";
    case SC_RECOVERY_REPAIRABLE:
      return "repaired";
    case SC_RECOVERY_LOSS:
      return "loss";
    default:
      return "unvouched";
  }
}

/* What a person should know of the format: why it was not repaired, say. */
static const gchar *
container_note (const ScRecoveryResult * result)
{
  if (result->container == 0)
    return "its format is not known: every byte is kept as it was written";
  if (result->plan.note != NULL)
    return result->plan.note;
  return result->container == 1 ? ""
      : "what its headers would have to say is not there";
}

static void
post_recovered (Job * job, const SafefilesinkLeftover * leftover,
    const ScRecoveryReport * report, const ScRecoveryResult * result)
{
  gst_safecapture_reporter_post (job->reporter, "recovered",
      "location", G_TYPE_STRING, leftover->recovered,
      "size", G_TYPE_UINT64, (guint64) result->size,
      "durable-offset", G_TYPE_UINT64, (guint64) report->durable_offset,
      "verdict", G_TYPE_STRING, verdict_name (report),
      "lost-below-mark", G_TYPE_UINT64, (guint64) report->lost_below,
      "lost-above-mark", G_TYPE_UINT64, (guint64) report->lost_above,
      "bytes-dropped", G_TYPE_UINT64, (guint64) report->gaps.bytes,
      "container-repaired", G_TYPE_BOOLEAN, result->container == 1,
      "container", G_TYPE_STRING,
      result->container != 0 ? result->plan.name : "",
      "container-note", G_TYPE_STRING, container_note (result), NULL);
}

/* Why it was not recovered, and the options of the command for it. */
static const gchar *
refusal (const ScRecoveryReport * report, gint error, const gchar ** options)
{
  *options = "-o OUT";
  if (error != -EINVAL)
    return g_strerror (-error);
  if (report->keep_size == 0) {
    *options = "--keep-unverified";
    return "not one block is whole, and nothing was durable";
  }
  if (report->verdict == SC_RECOVERY_UNVOUCHED) {
    *options = "--without-journal";
    return "its journal vouches for nothing in it";
  }
  return "its journal is damaged";
}

static void
post_failed (Job * job, const SafefilesinkLeftover * leftover,
    const ScRecoveryReport * report, gint error)
{
  gchar *name = safefilesink_printable_name (leftover->part);
  const gchar *options, *why = refusal (report, error, &options);
  gchar *text = g_strdup_printf ("The unfinished recording \"%s\" could not be "
      "recovered by itself: %s. It is untouched; look at it with "
      "\"safecapture verify\", recover a copy with \"safecapture recover "
      "%s\".", name, why, options);

  gst_safecapture_reporter_post_warning (job->reporter, "recovery-failed",
      text, "location", G_TYPE_STRING, leftover->part,
      "error", G_TYPE_INT, -error, NULL);
  g_free (text);
  g_free (name);
}

static void
recover_one (Job * job, const SafefilesinkLeftover * leftover)
{
  const ScFileOps *ops = job->ops;
  ScRecoveryReport report;
  ScRecoveryResult result;
  gint ret = sc_recovery_examine (&report, ops, leftover->part,
      leftover->journal, NULL);

  if (ret == 0)
    ret = sc_recovery_in_place (&report, ops, leftover->part,
        leftover->journal, leftover->recovered, &result);
  if (ret == 0)
    post_recovered (job, leftover, &report, &result);
  /* Busy or gone: another thread or process recovers it. */
  else if (ret != -EWOULDBLOCK && ret != -ENOENT)
    post_failed (job, leftover, &report, ret);
  sc_recovery_report_clear (&report);
}

static gpointer
recover_all (gpointer user_data)
{
  Job *job = user_data;

  for (guint i = 0; i < job->leftovers->len; i++)
    recover_one (job, g_ptr_array_index (job->leftovers, i));
  g_ptr_array_unref (job->leftovers);
  gst_object_unref (job->element);
  g_free (job);
  return NULL;
}

static void
recover_in_background (GstElement * element,
    GstSafecaptureReporter * reporter, const ScFileOps * ops,
    GPtrArray * leftovers)
{
  Job *job = g_new0 (Job, 1);

  job->element = gst_object_ref (element);
  job->reporter = reporter;
  job->ops = ops;
  job->leftovers = leftovers;
  g_thread_unref (g_thread_new ("safefilesink-recover", recover_all, job));
}

void
safefilesink_recover_leftovers (GstElement * element,
    GstSafecaptureReporter * reporter, const ScFileOps * ops,
    GPtrArray * leftovers, gboolean recover)
{
  for (guint i = leftovers->len; i-- > 0;) {
    const SafefilesinkLeftover *leftover = g_ptr_array_index (leftovers, i);

    if (recover && leftover->manifest == NULL)
      continue;
    safefilesink_post_unfinished (reporter, leftover);
    g_ptr_array_remove_index (leftovers, i);
  }
  if (leftovers->len > 0)
    recover_in_background (element, reporter, ops, leftovers);
  else
    g_ptr_array_unref (leftovers);
}
