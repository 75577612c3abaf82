/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-outcome.h"

#include "monitor-fields.h"
#include "monitor-format.h"
#include "tool.h"

struct _MonitorOutcome
{
  gboolean played;
  gboolean quit;
  GPtrArray *errors;            /* as reasons */
  GPtrArray *warnings;
  GstStructure *snapshot;       /* (nullable): the last one */
  GPtrArray *reasons;           /* NULL-ended, made when asked for */
};

MonitorOutcome *
monitor_outcome_new (void)
{
  MonitorOutcome *self = g_new0 (MonitorOutcome, 1);

  self->errors = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->reasons = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
monitor_outcome_free (MonitorOutcome * self)
{
  g_ptr_array_unref (self->errors);
  g_ptr_array_unref (self->warnings);
  g_ptr_array_unref (self->reasons);
  g_clear_pointer (&self->snapshot, gst_structure_free);
  g_free (self);
}

/* ---- what it is told ---- */

static void
add (GPtrArray * reasons, gchar * text)
{
  if (g_ptr_array_find_with_equal_func (reasons, text, g_str_equal, NULL))
    g_free (text);
  else
    g_ptr_array_add (reasons, text);
}

static gchar *
about (GstMessage * message, const gchar * text)
{
  gchar *name = gst_object_get_name (GST_MESSAGE_SRC (message));
  gchar *safe_name = monitor_format_safe (name);
  gchar *safe_text = monitor_format_safe (text);
  gchar *line = g_strdup_printf ("%s: %s", safe_name, safe_text);

  g_free (safe_text);
  g_free (safe_name);
  g_free (name);
  return line;
}

static void
add_error (MonitorOutcome * self, GstMessage * message)
{
  GError *error;

  gst_message_parse_error (message, &error, NULL);
  /* That an element failed to start says nothing where another said why. */
  if (self->errors->len == 0 || !g_error_matches (error, GST_CORE_ERROR,
          GST_CORE_ERROR_STATE_CHANGE))
    add (self->errors, about (message, error->message));
  g_error_free (error);
}

static void
add_element_message (MonitorOutcome * self, GstMessage * message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  const gchar *code = gst_structure_get_string (structure, "code");

  if (gst_structure_has_name (structure, "safefilesink-switched"))
    add (self->warnings, about (message,
            "went on at a backup location"));
  else if (gst_structure_has_name (structure, "safefilesink-warning")
      && g_strcmp0 (code, "space-used-up") == 0)
    add (self->warnings, about (message,
            "was ended as the space was used up"));
}

void
monitor_outcome_message (MonitorOutcome * self, GstMessage * message)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    add_error (self, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_message_get_structure (message) != NULL)
    add_element_message (self, message);
}

void
monitor_outcome_snapshot (MonitorOutcome * self, const GstStructure * snapshot)
{
  g_clear_pointer (&self->snapshot, gst_structure_free);
  self->snapshot = gst_structure_copy (snapshot);
}

void
monitor_outcome_played (MonitorOutcome * self)
{
  self->played = TRUE;
}

void
monitor_outcome_quit (MonitorOutcome * self)
{
  self->quit = TRUE;
}

/* ---- what came of it ---- */

typedef struct
{
  gint code;
  GPtrArray *reasons;           /* (nullable) */
  gboolean has_sink;
} Verdict;

static void
judge (Verdict * self, gint code, gchar * reason)
{
  self->code = MAX (self->code, code);
  if (self->reasons != NULL)
    g_ptr_array_add (self->reasons, reason);
  else
    g_free (reason);
}

static void
judge_sink (Verdict * verdict, const gchar * name, const GstStructure * stats)
{
  guint64 wrong = monitor_count (stats, "verify-mismatches");
  guint64 repaired = monitor_count (stats, "verify-repairs");

  verdict->has_sink = TRUE;
  if (wrong > repaired)
    judge (verdict, SC_EXIT_LOSS, g_strdup_printf ("%s: %" G_GUINT64_FORMAT
            " writes were read back wrong and could not be repaired", name,
            wrong - repaired));
  if (repaired > 0)
    judge (verdict, SC_EXIT_REPAIRED, g_strdup_printf ("%s: %"
            G_GUINT64_FORMAT " writes were read back wrong and repaired", name,
            repaired));
  if (monitor_count (stats, "bytes-accepted") > 0
      && !g_str_equal (monitor_word (stats, "state"), "published"))
    judge (verdict, SC_EXIT_REPAIRED, g_strdup_printf ("%s: the recording was "
            "not finished; \"safecapture recover\" makes a file of it", name));
}

static void
judge_element (Verdict * verdict, const GstStructure * entry)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  gchar *name = monitor_format_safe (monitor_word (entry, "name"));
  guint64 lost = monitor_lost (stats);

  if (lost > 0)
    judge (verdict, SC_EXIT_REPAIRED, g_strdup_printf ("%s: %"
            G_GUINT64_FORMAT " buffers were lost before the sink", name, lost));
  if (monitor_is (entry, "safefilesink"))
    judge_sink (verdict, name, stats);
  g_free (name);
}

static void
judge_all (const MonitorOutcome * self, Verdict * verdict)
{
  guint elements = self->snapshot != NULL
      ? monitor_array_size (self->snapshot, "elements") : 0;

  for (guint i = 0; i < self->errors->len; i++)
    judge (verdict, SC_EXIT_LOSS, g_strdup (g_ptr_array_index (self->errors,
                i)));
  for (guint i = 0; i < self->warnings->len; i++)
    judge (verdict, SC_EXIT_REPAIRED,
        g_strdup (g_ptr_array_index (self->warnings, i)));
  for (guint i = 0; i < elements; i++)
    judge_element (verdict, monitor_array_get (self->snapshot, "elements", i));
  /* Of a file it is known whether it is whole. */
  if (self->quit && !verdict->has_sink)
    judge (verdict, SC_EXIT_REPAIRED,
        g_strdup ("it was stopped before its end"));
}

gint
monitor_outcome_code (const MonitorOutcome * self)
{
  Verdict verdict = { SC_EXIT_WHOLE, NULL, FALSE };

  if (!self->played)
    return SC_EXIT_CANNOT_READ;
  judge_all (self, &verdict);
  return verdict.code;
}

const gchar *const *
monitor_outcome_reasons (MonitorOutcome * self)
{
  Verdict verdict = { SC_EXIT_WHOLE, self->reasons, FALSE };

  g_ptr_array_set_size (self->reasons, 0);
  judge_all (self, &verdict);
  g_ptr_array_add (self->reasons, NULL);
  return (const gchar * const *) self->reasons->pdata;
}
