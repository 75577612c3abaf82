/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "take.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One thread, no look-ahead: the same bytes each time. */
#define VIDEO "videotestsrc num-buffers=%u pattern=ball ! video/x-raw," \
  "width=96,height=64,framerate=20/1 ! x264enc threads=1 tune=zerolatency " \
  "key-int-max=5 ! h264parse ! queue ! mux. "
#define AUDIO "audiotestsrc num-buffers=%u samplesperbuffer=2400 ! " \
  "audio/x-raw,rate=48000,channels=1 ! opusenc ! queue ! mux. "
#define SOUND "audiotestsrc num-buffers=%u samplesperbuffer=2400 ! " \
  "audio/x-raw,format=S16LE,rate=48000,channels=2 ! "

const TakeWay take_ways[TAKE_WAYS] = {
  {"take.wav", "wavenc wavparse", SOUND "wavenc", 1000, 80, 64},
  {"take.mkv", "x264enc opusenc matroskamux", VIDEO AUDIO
      "matroskamux min-cluster-duration=100000000 name=mux", 4000, 1024, 2048},
  {"robust.mp4", "x264enc opusenc mp4mux", VIDEO AUDIO "mp4mux name=mux "
      "reserved-max-duration=4000000000 reserved-moov-update-period=100000000",
      20700, 128, 4096},
  {"fragments.mp4", "x264enc opusenc mp4mux", VIDEO AUDIO
      "mp4mux fragment-duration=100 name=mux", 6000, 2048, 4096},
  {"take.flac", "flacenc flacparse", SOUND "flacenc", 9000, 128, 16384},
  {"take.ts", "x264enc opusenc mpegtsmux", VIDEO AUDIO
      "mpegtsmux name=mux", 4000, 0, 188},
};

void
take_die (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  _exit (70);
}

/* ---- the log ---- */

TakeLog *
take_log_map (const gchar * path)
{
  gint flags = MAP_SHARED | MAP_NORESERVE, fd = -1;
  TakeLog *self;

  if (path == NULL)
    flags |= MAP_ANONYMOUS;
  else if ((fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == -1
      || ftruncate (fd, sizeof (TakeLog)) == -1)
    take_die ("cannot make %s", path);
  self = mmap (NULL, sizeof (TakeLog), PROT_READ | PROT_WRITE, flags, fd, 0);
  if (self == MAP_FAILED)
    take_die ("no memory for the log");
  if (fd != -1)
    close (fd);
  return self;
}

void
take_log_reset (TakeLog * log)
{
  log->begun = log->ended = FALSE;
  log->writes = 0;
  log->used = 0;
  log->promise_count = 0;
}

static void
log_write (TakeLog * log, guint64 offset, const guint8 * bytes, guint64 size)
{
  guint64 head[2] = { offset, size };
  gsize used = log->used;

  if (used + sizeof (head) + size > TAKE_LOG_BYTES)
    take_die ("the log is full");
  memcpy (log->data + used, head, sizeof (head));
  memcpy (log->data + used + sizeof (head), bytes, size);
  log->used = used + sizeof (head) + size;
  log->writes++;
}

gboolean
take_log_next (const TakeLog * log, gsize * at, guint64 * offset,
    const guint8 ** bytes, guint64 * size)
{
  guint64 head[2];

  if (*at >= log->used)
    return FALSE;
  memcpy (head, log->data + *at, sizeof (head));
  *offset = head[0];
  *size = head[1];
  *bytes = log->data + *at + sizeof (head);
  *at += sizeof (head) + head[1];
  return TRUE;
}

static void
log_promise (TakeLog * log, guint64 mark, guint64 writes)
{
  guint count = log->promise_count;
  const TakePromise *last = &log->promises[count > 0 ? count - 1 : 0];

  if (count > 0 && last->mark >= mark && last->writes >= writes)
    return;
  /* A promise is never taken back. */
  if (count > 0) {
    mark = MAX (mark, last->mark);
    writes = MAX (writes, last->writes);
  }
  if (count == TAKE_PROMISES)
    take_die ("too many promises");
  /* The position is read last: the disk had it all by then. */
  log->promises[count].mark = mark;
  log->promises[count].writes = writes;
  log->promises[count].position = log->position;
  log->promise_count = count + 1;
}

/* ---- recording ---- */

typedef struct
{
  TakeLog *log;
  GMutex lock;                  /* the promises */
  GstElement *sink;
  guint64 offset;
  guint64 end;
  gboolean claims_all, every_buffer;
} Taker;

gboolean
take_way_is_there (const TakeWay * way)
{
  gchar **names = g_strsplit (way->elements, " ", 0);
  gboolean all = TRUE;

  for (guint i = 0; names[i] != NULL; i++) {
    GstElement *element = gst_element_factory_make (names[i], NULL);

    if (element == NULL)
      g_print ("skipped: no element %s\n", names[i]);
    all &= element != NULL;
    g_clear_pointer (&element, gst_object_unref);
  }
  g_strfreev (names);
  return all;
}

/* What the sink has taken by now, and what it says is durable. */
static void
take_promise (Taker * self)
{
  guint64 mark = 0;

  g_mutex_lock (&self->lock);
  if (self->claims_all)
    log_promise (self->log, self->end, self->log->writes);
  else {
    g_object_get (self->sink, "durable-offset", &mark, NULL);
    log_promise (self->log, mark, self->every_buffer ? self->log->writes : 0);
  }
  g_mutex_unlock (&self->lock);
}

static GstBusSyncReply
take_mark (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Taker *self = user_data;
  guint64 mark;

  if (gst_message_has_name (message, "safefilesink-metrics")
      && gst_structure_get_uint64 (gst_message_get_structure (message),
          "durable-offset", &mark) && !self->claims_all) {
    g_mutex_lock (&self->lock);
    log_promise (self->log, mark, 0);
    g_mutex_unlock (&self->lock);
  }
  return GST_BUS_PASS;
}

static gboolean
take_buffer (GstBuffer ** buffer, guint index, gpointer user_data)
{
  Taker *self = user_data;
  GstMapInfo map;

  if (!gst_buffer_map (*buffer, &map, GST_MAP_READ))
    take_die ("a buffer cannot be read");
  log_write (self->log, self->offset, map.data, map.size);
  self->offset += map.size;
  self->end = MAX (self->end, self->offset);
  gst_buffer_unmap (*buffer, &map);
  return TRUE;
}

static GstPadProbeReturn
watch (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Taker *self = user_data;
  GstBuffer *buffer;

  take_promise (self);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    take_buffer (&buffer, 0, self);
  } else if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        take_buffer, self);
  else {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
    const GstSegment *segment;

    if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
      gst_event_parse_segment (event, &segment);
      if (segment->format == GST_FORMAT_BYTES)
        self->offset = segment->start;
    }
  }
  return GST_PAD_PROBE_OK;
}

static GstElement *
build (const TakeWay * way, guint frames, const gchar * sink,
    const gchar * location)
{
  GString *text = g_string_new (way->description);
  gchar *count = g_strdup_printf ("%u", frames);
  GstElement *pipeline;
  GError *error = NULL;

  g_string_replace (text, "%u", count, 0);
  g_string_append_printf (text, " ! %s name=take-sink location=\"%s\"", sink,
      location);
  pipeline = gst_parse_launch (text->str, &error);
  if (error != NULL)
    take_die ("%s: %s", text->str, error->message);
  g_string_free (text, TRUE);
  g_free (count);
  return pipeline;
}

static gboolean
run_to_end (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gboolean ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  GError *error = NULL;

  if (!ended) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_error_free (error);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
  return ended;
}

gboolean
take_record (const TakeWay * way, guint frames, const gchar * sink,
    const gchar * location, gboolean claims_all, TakeLog * log)
{
  GstElement *pipeline = build (way, frames, sink, location);
  Taker self = {.log = log,.claims_all = claims_all };
  gboolean ended;
  GstBus *bus;
  GstPad *pad;

  g_mutex_init (&self.lock);
  self.every_buffer = strstr (sink, "every-buffer") != NULL;
  self.sink = gst_bin_get_by_name (GST_BIN (pipeline), "take-sink");
  pad = gst_element_get_static_pad (self.sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      watch, &self, NULL);
  gst_object_unref (pad);
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, take_mark, &self, NULL);
  log->begun = TRUE;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  ended = run_to_end (pipeline);
  take_promise (&self);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  take_promise (&self);
  log->ended = TRUE;
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_object_unref (bus);
  g_mutex_clear (&self.lock);
  gst_object_unref (self.sink);
  gst_object_unref (pipeline);
  return ended;
}
