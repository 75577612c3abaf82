/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All logs of the process, and their queues, are under one mutex, which is never
 * held while a file is touched or a line is made.  A log lives while somebody has it
 * open or lines wait in it; its thread ends it.  A thread that hangs in a write is
 * left behind with its log, and found again by who opens the same file anew.
 */
#include "gstsafecapturemetricslog.h"

#include "gstsafecapturejson.h"
#include "sc-line-file.h"

#include <string.h>

/* What each line begins with; then come the type and the time. */
#define BEGINS "{\"type\":\""
#define MAX_LINES 512
#define MAX_QUEUED_BYTES (4 * 1024 * 1024)
#define FLUSH_TIME (G_USEC_PER_SEC / 2)
/* A write that takes longer is trouble: what comes meanwhile waits in memory. */
#define SLOW_TIME (5 * G_USEC_PER_SEC)

typedef struct
{
  gchar *text;                  /* with its newline */
  guint64 lost;                 /* lines that are missing before it */
} Line;

struct _GstSafecaptureMetricsLog
{
  gchar *path;
  ScLineFile file;              /* its thread's, but for the limits */

  /* Under logs.lock. */
  guint users;
  GQueue queue;                 /* of Line */
  gsize queued_bytes;
  guint64 max_bytes;
  guint max_files;
  gint64 writing_since;         /* monotonic, us; 0: not in a write */
  guint64 lost;                 /* since the last line that was queued */
  guint64 lost_in_all;
  gint error;                   /* the first, an errno */
  gboolean told;
  GCond moved;                  /* lines were queued or written, or users went */
};

static struct
{
  GMutex lock;
  GPtrArray *all;
} logs;

/* ---- the thread ---- */

static void
line_free (Line * line)
{
  g_free (line->text);
  g_free (line);
}

static gchar *
time_text (void)
{
  GDateTime *now = g_date_time_new_now_utc ();
  gchar *text = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S.%fZ");

  g_date_time_unref (now);
  return text;
}

/* Without the lock.  Returns 0 or -errno. */
static int
write_line (GstSafecaptureMetricsLog * self, const Line * line)
{
  gchar *at, *lines;
  int ret;

  if (line->lost == 0)
    return sc_line_file_write (&self->file, line->text, strlen (line->text));
  at = time_text ();
  lines = g_strdup_printf (BEGINS "metrics-log-gap\",\"at\":\"%s\",\"lines\":%"
      G_GUINT64_FORMAT "}\n%s", at, line->lost, line->text);
  ret = sc_line_file_write (&self->file, lines, strlen (lines));
  g_free (lines);
  g_free (at);
  return ret;
}

/* What was not written is missing before the next line. */
static void
count_as_lost_locked (GstSafecaptureMetricsLog * self, const Line * line,
    gint error)
{
  Line *next = g_queue_peek_head (&self->queue);

  *(next != NULL ? &next->lost : &self->lost) += line->lost + 1;
  self->lost_in_all++;
  if (self->error == 0)
    self->error = error;
}

/* With the lock held, which is let go meanwhile. */
static void
write_first_locked (GstSafecaptureMetricsLog * self)
{
  Line *line = g_queue_pop_head (&self->queue);
  int ret;

  self->queued_bytes -= strlen (line->text);
  self->file.max_bytes = self->max_bytes;
  self->file.max_files = self->max_files;
  self->writing_since = g_get_monotonic_time ();
  g_mutex_unlock (&logs.lock);
  ret = write_line (self, line);
  g_mutex_lock (&logs.lock);
  self->writing_since = 0;
  if (ret < 0)
    count_as_lost_locked (self, line, -ret);
  line_free (line);
  g_cond_broadcast (&self->moved);
}

/* Likewise: a disk may hang in this too. */
static void
close_file_locked (GstSafecaptureMetricsLog * self)
{
  g_mutex_unlock (&logs.lock);
  sc_line_file_close (&self->file);
  g_mutex_lock (&logs.lock);
}

static gpointer
log_thread (gpointer user_data)
{
  GstSafecaptureMetricsLog *self = user_data;

  g_mutex_lock (&logs.lock);
  for (;;) {
    if (!g_queue_is_empty (&self->queue))
      write_first_locked (self);
    else if (self->users > 0)
      g_cond_wait (&self->moved, &logs.lock);
    else if (self->file.fd >= 0)
      close_file_locked (self);
    else
      break;
  }
  g_ptr_array_remove_fast (logs.all, self);
  g_mutex_unlock (&logs.lock);
  g_cond_clear (&self->moved);
  g_free (self->path);
  g_free (self);
  return NULL;
}

/* ---- who writes ---- */

static GstSafecaptureMetricsLog *
find_locked (const gchar * path)
{
  if (logs.all == NULL)
    logs.all = g_ptr_array_new ();
  for (guint i = 0; i < logs.all->len; i++) {
    GstSafecaptureMetricsLog *log = g_ptr_array_index (logs.all, i);

    if (g_str_equal (log->path, path))
      return log;
  }
  return NULL;
}

/* Takes @path. */
static GstSafecaptureMetricsLog *
new_locked (gchar * path)
{
  GstSafecaptureMetricsLog *self = g_new0 (GstSafecaptureMetricsLog, 1);

  self->path = path;
  g_queue_init (&self->queue);
  g_cond_init (&self->moved);
  sc_line_file_init (&self->file, &sc_file_ops_posix, self->path,
      BEGINS, 0, 0);
  g_ptr_array_add (logs.all, self);
  g_thread_unref (g_thread_new ("sc-metrics-log", log_thread, self));
  return self;
}

GstSafecaptureMetricsLog *
gst_safecapture_metrics_log_open (const gchar * location,
    guint64 max_bytes, guint max_files)
{
  gchar *path = g_canonicalize_filename (location, NULL);
  GstSafecaptureMetricsLog *self;

  g_mutex_lock (&logs.lock);
  self = find_locked (path);
  if (self != NULL)
    g_free (path);
  else
    self = new_locked (path);
  self->users++;
  self->max_bytes = max_bytes;
  self->max_files = max_files;
  g_mutex_unlock (&logs.lock);
  return self;
}

void
gst_safecapture_metrics_log_close (GstSafecaptureMetricsLog * self)
{
  g_mutex_lock (&logs.lock);
  self->users--;
  g_cond_broadcast (&self->moved);
  g_mutex_unlock (&logs.lock);
}

static gboolean
copy_field (GQuark field, const GValue * value, gpointer structure)
{
  gst_structure_id_set_value (structure, field, value);
  return TRUE;
}

static gchar *
make_line (GstObject * source, const GstStructure * structure)
{
  gchar *at = time_text ();
  gchar *path = source != NULL ? gst_object_get_path_string (source) : NULL;
  GstStructure *line = gst_structure_new (gst_structure_get_name (structure),
      "at", G_TYPE_STRING, at, NULL);
  gchar *json, *text;

  if (path != NULL)
    gst_structure_set (line, "source", G_TYPE_STRING, path, NULL);
  gst_structure_foreach (structure, copy_field, line);
  json = gst_safecapture_structure_to_json (line);
  text = g_strconcat (json, "\n", NULL);
  g_free (json);
  gst_structure_free (line);
  g_free (path);
  g_free (at);
  return text;
}

void
gst_safecapture_metrics_log_append (GstSafecaptureMetricsLog * self,
    GstObject * source, const GstStructure * structure)
{
  gchar *text = make_line (source, structure);
  gsize size = strlen (text);

  g_mutex_lock (&logs.lock);
  if (self->queue.length < MAX_LINES
      && self->queued_bytes + size <= MAX_QUEUED_BYTES) {
    Line *line = g_new (Line, 1);

    *line = (Line) {
    .text = text,.lost = self->lost};
    self->lost = 0;
    self->queued_bytes += size;
    g_queue_push_tail (&self->queue, line);
    g_cond_broadcast (&self->moved);
    text = NULL;
  } else {
    self->lost++;
    self->lost_in_all++;
  }
  g_mutex_unlock (&logs.lock);
  g_free (text);
}

void
gst_safecapture_metrics_log_flush (GstSafecaptureMetricsLog * self)
{
  gint64 end = g_get_monotonic_time () + FLUSH_TIME;
  gboolean in_time = TRUE;

  g_mutex_lock (&logs.lock);
  while (in_time && (self->writing_since != 0
          || !g_queue_is_empty (&self->queue))) {
    /* Of several that stop, only the first waits for a disk that hangs. */
    if (self->writing_since != 0)
      end = MIN (end, self->writing_since + FLUSH_TIME);
    in_time = g_cond_wait_until (&self->moved, &logs.lock, end);
  }
  if (!in_time && self->error == 0)
    self->error = ETIMEDOUT;
  g_mutex_unlock (&logs.lock);
}

/* ---- what goes wrong ---- */

static gboolean
is_slow_locked (GstSafecaptureMetricsLog * self)
{
  return self->lost_in_all > 0 || (self->writing_since != 0
      && g_get_monotonic_time () - self->writing_since > SLOW_TIME);
}

GstStructure *
gst_safecapture_metrics_log_take_trouble (GstSafecaptureMetricsLog * self,
    const gchar * name)
{
  GstStructure *warning;
  gchar *place, *text;
  guint64 lines;
  gint error = 0;

  g_mutex_lock (&logs.lock);
  if (self->error == 0 && is_slow_locked (self))
    self->error = ETIMEDOUT;
  if (!self->told)
    error = self->error;
  self->told |= error != 0;
  lines = self->lost_in_all;
  g_mutex_unlock (&logs.lock);
  if (error == 0)
    return NULL;

  place = g_filename_display_name (self->path);
  text = g_strdup_printf ("Metrics cannot be written to %s (%s). Nothing else "
      "is harmed; a line there will tell how many are missing.", place,
      error == ETIMEDOUT ? "the disk does not keep up"
      : error == EWOULDBLOCK ? "another process writes to it"
      : g_strerror (error));
  warning = gst_structure_new (name, "code", G_TYPE_STRING, "metrics-log",
      "text", G_TYPE_STRING, text, "location", G_TYPE_STRING, place,
      "error", G_TYPE_INT, error, "lines", G_TYPE_UINT64, lines, NULL);
  g_free (text);
  g_free (place);
  return warning;
}
