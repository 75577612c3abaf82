/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink: filesink whose file survives.
 *
 * Contract
 *   Takes what filesink takes: a stream of bytes, BYTES segments as seeks,
 *   SYNC_AFTER.  render() copies into a ring in memory; the recorder's threads
 *   (sc-recorder.h) write and sync it, and every byte below `durable-offset`
 *   survives the process and a power cut.  The file is NAME.part until EOS and
 *   gets its name only when it is whole and durable; EOS waits for that.
 *   An error of any recorder thread is posted once and ends the flow.
 *
 * Threads
 *   The streaming thread calls the recorder and posts nothing but errors; the
 *   reporter's thread posts states, warnings and metrics.  `lock` guards which
 *   recorder there is, never a wait: the streaming thread takes it only where a
 *   file is opened anew after a flush.
 */
#include "gstsafefilesink.h"

#include "safefilesink-ending.h"
#include "safefilesink-errors.h"
#include "safefilesink-intake.h"
#include "safefilesink-leftover.h"
#include "safefilesink-look.h"
#include "safefilesink-memory.h"
#include "safefilesink-messages.h"
#include "safefilesink-recover.h"
#include "safefilesink-query.h"
#include "safefilesink-recording.h"
#include "safefilesink-stats.h"
#include "safefilesink-told.h"
#include "safefilesink-uri.h"

#include <gst/safecapture/gstsafecapturereporter.h>
#include <gst/safecapture/gsttieredproposal.h>

#include <errno.h>

GST_DEBUG_CATEGORY_STATIC (gst_safe_file_sink_debug);
#define GST_CAT_DEFAULT gst_safe_file_sink_debug

/* Buffers that the sink keeps: the last sample, and the one it waits with. */
#define KEPT_BUFFERS 2

enum
{
  PROP_LOCATION = SAFEFILESINK_SETTING_LAST + 1,
  PROP_DURABLE_OFFSET,
  PROP_STATE,
  PROP_REPORTER,                /* and those that follow */
};

struct _GstSafeFileSink
{
  GstBaseSink parent;

  GstSafecaptureReporter *reporter;
  GstTieredProposal *proposal;

  /* Under the object lock. */
  gchar *location;
  SafefilesinkSettings settings;

  GMutex lock;
  /* Under lock for the threads that do not make or close it; kept after close
   * for the stats. */
  SafefilesinkRecording *recording;
  gboolean open;
  gboolean unlocked;            /* under lock: between unlock and unlock_stop */
  gboolean sync_each;           /* policy every-buffer */
  SafefilesinkIntake intake;

  ScRecorderStateLog log;
  _Atomic gboolean error_posted;
  SafefilesinkTold told;        /* -published was posted */

  uint8_t seen;                 /* the reporter's: place in the log */
};

static void uri_handler_init (gpointer iface, gpointer data);
static gchar *uri_get_uri (GstURIHandler * handler);

#define gst_safe_file_sink_parent_class parent_class
G_DEFINE_FINAL_TYPE_WITH_CODE (GstSafeFileSink, gst_safe_file_sink,
    GST_TYPE_BASE_SINK,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, uri_handler_init);
    GST_DEBUG_CATEGORY_INIT (gst_safe_file_sink_debug, "safefilesink", 0,
        "recovery-capable file sink"));
/* Below filesink's rank: an application that asks for any sink of file://
 * gets what it got before. */
GST_ELEMENT_REGISTER_DEFINE (safefilesink, "safefilesink", GST_RANK_SECONDARY,
    GST_TYPE_SAFE_FILE_SINK);

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Helpers */

static ScRecorderState
current_state (GstSafeFileSink * self)
{
  return sc_recorder_state_log_current (&self->log);
}

/* (transfer full) (nullable): for threads that do not make or close it. */
static SafefilesinkRecording *
ref_recording (GstSafeFileSink * self)
{
  SafefilesinkRecording *recording;

  g_mutex_lock (&self->lock);
  recording = safefilesink_recording_ref (self->recording);
  g_mutex_unlock (&self->lock);
  return recording;
}

static guint64
durable_offset (GstSafeFileSink * self)
{
  SafefilesinkRecording *recording = ref_recording (self);
  guint64 durable = recording != NULL
      ? sc_recorder_durable (&recording->recorder) : 0;

  safefilesink_recording_free (recording);
  return durable;
}

static void
notify_reporter (gpointer user_data)
{
  GstSafeFileSink *self = user_data;

  gst_safecapture_reporter_kick (self->reporter);
}

/* Errors and messages */

/* @name: (nullable): of a recording that could not be opened, then with its
 * @targets (transfer full) (nullable) */
static void
post_fault (GstSafeFileSink * self, const ScFault * fault, const gchar * name,
    gchar * targets)
{
  SafefilesinkError error;

  /* The streaming thread and the reporter's both come here; one posts. */
  if (atomic_exchange_explicit (&self->error_posted, TRUE,
          memory_order_relaxed)) {
    g_free (targets);
    return;
  }
  if (name != NULL) {
    safefilesink_error_describe (fault, name, name, 0, targets, &error);
    g_free (targets);
  } else {
    SafefilesinkRecording *recording = ref_recording (self);

    safefilesink_recording_describe_fault (recording, fault, &error);
    safefilesink_recording_free (recording);
  }
  gst_element_message_full (GST_ELEMENT_CAST (self), GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR, error.code, g_steal_pointer (&error.text),
      g_steal_pointer (&error.debug), __FILE__, GST_FUNCTION, __LINE__);
}

/* The streaming thread: the error of the recording in use, if it has one. */
static void
post_recording_fault (GstSafeFileSink * self)
{
  ScFault fault;

  if (safefilesink_intake_fault (&self->intake, &fault))
    post_fault (self, &fault, NULL, NULL);
}

static void
post_published (GstSafeFileSink * self)
{
  SafefilesinkRecording *recording = ref_recording (self);
  gchar *name = safefilesink_recording_published_name (recording);

  safefilesink_post_published (self->reporter, name, &recording->recorder);
  g_free (name);
  safefilesink_recording_free (recording);
  safefilesink_told_set (&self->told);
}

static void
watch_recording (GstSafeFileSink * self)
{
  SafefilesinkRecording *recording = ref_recording (self);

  if (recording != NULL && safefilesink_watch_look (&recording->watch,
          self->reporter, &recording->recorder, recording->name))
    safefilesink_ending_ask (GST_ELEMENT_CAST (self), recording);
  if (recording != NULL)
    safefilesink_drop_tell (&recording->drop, self->reporter,
        &recording->recorder, current_state (self) != SC_RECORDER_WRITING
        && current_state (self) != SC_RECORDER_BACKUP);
  safefilesink_recording_free (recording);
}

/* Posts what the recorder's and the streaming thread have noted. */
static void
poll_pending (GstElement * element)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (element);
  ScRecorderState from, to;
  ScFault fault = { SC_FAULT_NONE };

  while (sc_recorder_state_log_next (&self->log, &self->seen, &from, &to)) {
    gst_safecapture_reporter_post_state (self->reporter,
        sc_recorder_state_name (from), sc_recorder_state_name (to),
        sc_recorder_state_reason (from, to));
    if (to == SC_RECORDER_BACKUP || to == SC_RECORDER_PUBLISHED)
      watch_recording (self);
    if (to == SC_RECORDER_PUBLISHED)
      post_published (self);
  }
  watch_recording (self);
  /* A stream that stands still would not fetch its error. */
  if (current_state (self) == SC_RECORDER_ERROR) {
    gboolean failed = FALSE;

    g_mutex_lock (&self->lock);
    if (self->open)
      failed = sc_recorder_fault (&self->recording->recorder, &fault);
    g_mutex_unlock (&self->lock);
    if (failed)
      post_fault (self, &fault, NULL, NULL);
  }
}

static void
collect (GstElement * element, GstStructure * stats)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (element);
  SafefilesinkRecording *recording = ref_recording (self);

  safefilesink_stats_collect_base (GST_BASE_SINK_CAST (self), stats);
  safefilesink_stats_collect (recording != NULL ? &recording->recorder : NULL,
      current_state (self), stats);
  gst_structure_set (stats, "time-left", G_TYPE_UINT64,
      recording != NULL ? safefilesink_watch_time_left (&recording->watch)
      : GST_CLOCK_TIME_NONE, NULL);
  safefilesink_recording_free (recording);
  gst_tiered_proposal_add_stats (self->proposal, stats);
}

static const GstSafecaptureReporterClass reporter_class = {
  .prefix = "safefilesink",
  .collect = collect,
  .poll = poll_pending,
};

/* Start */

/* Opens the files and puts the recording in the place of the last one.
 * @location_fault: with a kind: the location is left for a backup at once */
static gboolean
start_recording (GstSafeFileSink * self, const gchar * name,
    const SafefilesinkSettings * settings, const ScFault * location_fault)
{
  ScFault fault;
  gchar *targets;
  SafefilesinkRecording *old, *recording = safefilesink_recording_open (name,
      settings, location_fault, &self->log, notify_reporter, self, &fault,
      &targets);

  if (recording == NULL) {
    post_fault (self, &fault, name, targets);
    return FALSE;
  }
  g_mutex_lock (&self->lock);
  old = self->recording;
  self->recording = recording;
  self->open = TRUE;
  sc_recorder_interrupt (&recording->recorder, self->unlocked);
  g_mutex_unlock (&self->lock);
  safefilesink_recording_free (old);
  return TRUE;
}

static gboolean
open_below (GstSafeFileSink * self, const gchar * name,
    const SafefilesinkSettings * settings)
{
  GPtrArray *leftovers = NULL;
  ScFault fault;

  if (!safefilesink_look (GST_ELEMENT_CAST (self), name, settings, &leftovers,
          &fault)) {
    if (fault.kind != SC_FAULT_NONE)
      post_fault (self, &fault, name, NULL);
    return FALSE;
  }
  if (!start_recording (self, name, settings, &fault)) {
    g_ptr_array_unref (leftovers);
    return FALSE;
  }
  safefilesink_recover_leftovers (GST_ELEMENT_CAST (self), self->reporter,
      safefilesink_storage_ops (&settings->storage), leftovers,
      settings->recover == SAFEFILESINK_RECOVER_AUTO);
  return TRUE;
}

static gboolean
open_at (GstSafeFileSink * self, const gchar * name,
    const SafefilesinkSettings * settings)
{
  ScFault fault = {.kind = SC_FAULT_OPEN };
  gboolean opened = FALSE;
  gchar *full;

  if (name == NULL || name[0] == '\0') {
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        ("No file name specified for writing. Set the property location."),
        (NULL));
    return FALSE;
  }
  fault.error = safefilesink_storage_resolve (&settings->storage, name, &full);
  if (fault.error < 0)
    post_fault (self, &fault, name, NULL);
  else
    opened = open_below (self, full, settings);
  g_free (full);
  return opened;
}

static gboolean
open_recording (GstSafeFileSink * self)
{
  SafefilesinkSettings settings;
  gboolean opened;
  gchar *name;

  GST_OBJECT_LOCK (self);
  safefilesink_settings_copy (&settings, &self->settings);
  name = g_strdup (self->location);
  GST_OBJECT_UNLOCK (self);
  sc_recorder_state_log_apply (&self->log, SC_RECORDER_CLOSED);
  atomic_store_explicit (&self->error_posted, FALSE, memory_order_relaxed);
  safefilesink_told_begin (&self->told);
  self->sync_each = safefilesink_settings_sync_each (&settings);
  opened = open_at (self, name, &settings);
  if (opened)
    safefilesink_intake_begin (&self->intake, self->recording,
        safefilesink_recording_origin (self->recording, &settings));
  else
    sc_recorder_state_log_apply (&self->log, SC_RECORDER_FAILED);
  safefilesink_settings_clear (&settings);
  g_free (name);
  return opened;
}

static void
close_recording (GstSafeFileSink * self)
{
  gboolean replaced;
  ScFault fault;

  if (!self->open)
    return;
  /* Not by a recording that went on elsewhere. */
  replaced = current_state (self) == SC_RECORDER_PUBLISHED
      && sc_recorder_switches (&self->recording->recorder) == 0;
  if (safefilesink_recording_close (self->recording, &fault) < 0)
    post_fault (self, &fault, NULL, NULL);
  g_mutex_lock (&self->lock);
  self->open = FALSE;
  g_mutex_unlock (&self->lock);
  /* The journal of the file that has just been replaced. */
  if (replaced
      && safefilesink_leftover_forget_journal
      (self->recording->recorder.config.target.ops, self->recording->name) < 0)
    GST_WARNING_OBJECT (self, "the old journal of %s cannot be removed",
        self->recording->name);
}

static gboolean
gst_safe_file_sink_start (GstBaseSink * sink)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);
  gboolean opened = open_recording (self);

  poll_pending (GST_ELEMENT_CAST (self));
  return opened;
}

/* Data */

/* An error of a recorder's thread ends the flow, and so does a missing end. */
static GstFlowReturn
end_flow (GstSafeFileSink * self, GstFlowReturn flow)
{
  if (flow == GST_FLOW_ERROR)
    post_recording_fault (self);
  return flow;
}

static GstFlowReturn
gst_safe_file_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);
  GstFlowReturn flow = safefilesink_intake_put (&self->intake, buffer);

  if (flow == GST_FLOW_OK && (self->sync_each
          || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_SYNC_AFTER)))
    flow = safefilesink_intake_sync (&self->intake);
  return end_flow (self, flow);
}

static GstFlowReturn
gst_safe_file_sink_render_list (GstBaseSink * sink, GstBufferList * list)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);
  GstFlowReturn flow = safefilesink_intake_put_list (&self->intake, list);
  gboolean sync = self->sync_each;

  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    sync |= GST_BUFFER_FLAG_IS_SET (gst_buffer_list_get (list, i),
        GST_BUFFER_FLAG_SYNC_AFTER);
  if (flow == GST_FLOW_OK && sync)
    flow = safefilesink_intake_sync (&self->intake);
  return end_flow (self, flow);
}

/* Unlock and flush */

static void
interrupt (GstSafeFileSink * self, gboolean unlocked)
{
  g_mutex_lock (&self->lock);
  self->unlocked = unlocked;
  if (self->open)
    sc_recorder_interrupt (&self->recording->recorder, unlocked);
  g_mutex_unlock (&self->lock);
}

static gboolean
gst_safe_file_sink_unlock (GstBaseSink * sink)
{
  interrupt (GST_SAFE_FILE_SINK (sink), TRUE);
  return TRUE;
}

static gboolean
gst_safe_file_sink_unlock_stop (GstBaseSink * sink)
{
  interrupt (GST_SAFE_FILE_SINK (sink), FALSE);
  return TRUE;
}

/* A recording that has ended stays as it is: what comes next is a new one. */
static gboolean
open_next (GstSafeFileSink * self)
{
  close_recording (self);
  return open_recording (self);
}

static gboolean
flush_stop (GstSafeFileSink * self)
{
  ScRecorderState state = current_state (self);
  gboolean truncate;
  gint ret;

  if (state == SC_RECORDER_FLUSHING || state == SC_RECORDER_VERIFYING
      || state == SC_RECORDER_PUBLISHED)
    return open_next (self);
  GST_OBJECT_LOCK (self);
  truncate = self->settings.flush_mode == SAFEFILESINK_FLUSH_TRUNCATE;
  GST_OBJECT_UNLOCK (self);
  if (!truncate || !self->open)
    return TRUE;
  ret = sc_recorder_restart (&self->recording->recorder, SC_WAIT_FOREVER);
  if (ret == 0)
    safefilesink_intake_begin (&self->intake, self->recording, 0);
  else if (ret != -ECANCELED)
    post_recording_fault (self);
  return ret == 0;
}

static void
seek_to_segment (GstSafeFileSink * self, GstEvent * event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  if (segment->format == GST_FORMAT_BYTES)
    safefilesink_intake_seek (&self->intake, segment->start);
}

static gboolean
gst_safe_file_sink_event (GstBaseSink * sink, GstEvent * event)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);
  gboolean done = TRUE;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      seek_to_segment (self, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      done = flush_stop (self);
      break;
    case GST_EVENT_EOS:
      done = end_flow (self, safefilesink_intake_finish (&self->intake))
          == GST_FLOW_OK;
      if (done)
        safefilesink_told_wait (&self->told);
      break;
    default:
      break;
  }
  if (!done) {
    gst_event_unref (event);
    return FALSE;
  }
  return GST_BASE_SINK_CLASS (parent_class)->event (sink, event);
}

static gboolean
gst_safe_file_sink_query (GstBaseSink * sink, GstQuery * query)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);
  gchar *uri = uri_get_uri (GST_URI_HANDLER (self));
  gboolean answered, handled = safefilesink_query_answer (query,
      safefilesink_intake_position (&self->intake), uri, &answered);

  g_free (uri);
  return handled ? answered : GST_BASE_SINK_CLASS (parent_class)->query (sink,
      query);
}

static gboolean
gst_safe_file_sink_propose_allocation (GstBaseSink * sink, GstQuery * query)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);
  GstTieredHold hold = {.buffers = KEPT_BUFFERS };
  gboolean proposes;

  GST_OBJECT_LOCK (self);
  proposes = self->settings.propose_allocation;
  GST_OBJECT_UNLOCK (self);
  return proposes && gst_tiered_proposal_answer (self->proposal, &hold, query);
}

/* Stop */

/* The stream stopped before its end: what came is made durable, and stays
 * unpublished, as the muxer has not completed it. */
static void
stop_without_eos (GstSafeFileSink * self)
{
  ScRecorderStats stats;
  gchar *place;

  if (sc_recorder_sync (&self->recording->recorder, SC_WAIT_FOREVER) < 0)
    return;                     /* close posts the error */
  sc_recorder_stats (&self->recording->recorder, &stats);
  place = safefilesink_recording_place (self->recording);
  GST_WARNING_OBJECT (self, "stopped without EOS: %s stays unpublished", place);
  safefilesink_post_stopped (self->reporter, place, &stats);
  g_free (place);
}

static gboolean
gst_safe_file_sink_stop (GstBaseSink * sink)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (sink);

  close_recording (self);
  poll_pending (GST_ELEMENT_CAST (self));
  return TRUE;
}

static GstStateChangeReturn
gst_safe_file_sink_change_state (GstElement * element,
    GstStateChange transition)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    ScRecorderState state = current_state (self);

    if ((state == SC_RECORDER_PUBLISHED || state == SC_RECORDER_ERROR)
        && !open_next (self))
      return GST_STATE_CHANGE_FAILURE;
    gst_safecapture_reporter_start (self->reporter);
  }
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    if (current_state (self) == SC_RECORDER_WRITING
        || current_state (self) == SC_RECORDER_BACKUP)
      stop_without_eos (self);
    gst_safecapture_reporter_stop (self->reporter);
    /* Where it goes on it has to ask for EOS once more. */
    if (self->recording != NULL)
      safefilesink_watch_restart (&self->recording->watch);
  }
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    gst_tiered_proposal_stop (self->proposal);
  return ret;
}

/* Properties */

static gboolean
set_location (GstSafeFileSink * self, const gchar * location, GError ** error)
{
  if (self->open) {
    g_warning ("Changing the `location' property on safefilesink when a file is "
        "open is not supported.");
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
        "Changing the 'location' property on safefilesink when a file is open "
        "is not supported");
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  g_free (self->location);
  self->location = g_strdup (location);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
is_setting (guint id)
{
  return id >= SAFEFILESINK_SETTING_FIRST && id <= SAFEFILESINK_SETTING_LAST;
}

static void
gst_safe_file_sink_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (object);

  if (is_setting (id)) {
    GST_OBJECT_LOCK (self);
    safefilesink_settings_set (&self->settings, id, value);
    GST_OBJECT_UNLOCK (self);
  } else if (id == PROP_LOCATION) {
    (void) set_location (self, g_value_get_string (value), NULL);
  } else if (id >= PROP_REPORTER) {
    gst_safecapture_reporter_set_property (self->reporter, id - PROP_REPORTER,
        value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_safe_file_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (object);

  if (is_setting (id)) {
    GST_OBJECT_LOCK (self);
    safefilesink_settings_get (&self->settings, id, value);
    GST_OBJECT_UNLOCK (self);
  } else if (id == PROP_LOCATION) {
    GST_OBJECT_LOCK (self);
    g_value_set_string (value, self->location);
    GST_OBJECT_UNLOCK (self);
  } else if (id == PROP_DURABLE_OFFSET) {
    g_value_set_uint64 (value, durable_offset (self));
  } else if (id == PROP_STATE) {
    g_value_set_enum (value, current_state (self));
  } else if (id >= PROP_REPORTER) {
    gst_safecapture_reporter_get_property (self->reporter, id - PROP_REPORTER,
        value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static gchar *
uri_get_uri (GstURIHandler * handler)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (handler);
  gchar *location, *uri;

  GST_OBJECT_LOCK (self);
  location = g_strdup (self->location);
  GST_OBJECT_UNLOCK (self);
  uri = location != NULL ? gst_filename_to_uri (location, NULL) : NULL;
  g_free (location);
  return uri;
}

static gboolean
uri_set_uri (GstURIHandler * handler, const gchar * uri, GError ** error)
{
  gchar *location;
  gboolean set;

  if (!safefilesink_location_from_uri (uri, &location, error))
    return FALSE;
  set = set_location (GST_SAFE_FILE_SINK (handler), location, error);
  g_free (location);
  return set;
}

static void
uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  safefilesink_uri_init_handler (handler);
  handler->get_uri = uri_get_uri;
  handler->set_uri = uri_set_uri;
}

static void
gst_safe_file_sink_finalize (GObject * object)
{
  GstSafeFileSink *self = GST_SAFE_FILE_SINK (object);

  gst_safecapture_reporter_free (self->reporter);
  gst_tiered_proposal_free (self->proposal);
  close_recording (self);
  safefilesink_recording_free (self->recording);
  safefilesink_settings_clear (&self->settings);
  g_free (self->location);
  safefilesink_told_clear (&self->told);
  g_mutex_clear (&self->lock);
  safefilesink_memory_let_go ();
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_safe_file_sink_init (GstSafeFileSink * self)
{
  safefilesink_memory_hold ();
  safefilesink_settings_init (&self->settings);
  g_mutex_init (&self->lock);
  sc_recorder_state_log_init (&self->log);
  safefilesink_told_init (&self->told);
  self->reporter = gst_safecapture_reporter_new (GST_ELEMENT_CAST (self),
      &reporter_class);
  self->proposal = gst_tiered_proposal_new ();
  safefilesink_intake_init (&self->intake, GST_BASE_SINK_CAST (self),
      self->reporter);
  gst_base_sink_set_sync (GST_BASE_SINK_CAST (self), FALSE);
}

static void
install_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_DURABLE_OFFSET,
      g_param_spec_uint64 ("durable-offset", "Durable offset",
          "Every byte of the file below it survives a crash and a power cut, "
          "given a device that honours a flush", 0, G_MAXUINT64, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_STATE,
      g_param_spec_enum ("state", "State", "State of the recording",
          safefilesink_state_get_type (), SC_RECORDER_INIT,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  safefilesink_settings_install (klass, PROP_LOCATION);
  gst_safecapture_reporter_install_properties (klass, PROP_REPORTER);
}

static void
gst_safe_file_sink_class_init (GstSafeFileSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = gst_safe_file_sink_set_property;
  object_class->get_property = gst_safe_file_sink_get_property;
  object_class->finalize = gst_safe_file_sink_finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (element_class, "Safe file sink",
      "Sink/File", "Write a stream to a file that survives crashes and power "
      "cuts up to its durable mark", "safecapture developers");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_safe_file_sink_change_state);

  sink_class->start = GST_DEBUG_FUNCPTR (gst_safe_file_sink_start);
  sink_class->stop = GST_DEBUG_FUNCPTR (gst_safe_file_sink_stop);
  sink_class->query = GST_DEBUG_FUNCPTR (gst_safe_file_sink_query);
  sink_class->propose_allocation =
      GST_DEBUG_FUNCPTR (gst_safe_file_sink_propose_allocation);
  sink_class->event = GST_DEBUG_FUNCPTR (gst_safe_file_sink_event);
  sink_class->render = GST_DEBUG_FUNCPTR (gst_safe_file_sink_render);
  sink_class->render_list = GST_DEBUG_FUNCPTR (gst_safe_file_sink_render_list);
  sink_class->unlock = GST_DEBUG_FUNCPTR (gst_safe_file_sink_unlock);
  sink_class->unlock_stop = GST_DEBUG_FUNCPTR (gst_safe_file_sink_unlock_stop);
}
