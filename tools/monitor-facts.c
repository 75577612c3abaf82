/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-facts.h"

#include "monitor-fields.h"
#include "monitor-format.h"
#include "tool.h"

/* Of one label; the rest is a number. */
#define MOST_OF_A_KIND 4
#define WARNINGS_NAMED 8

/* What the last snapshot does not say of an element. */
typedef struct
{
  gchar *recording;             /* (nullable): how it ended */
  guint64 lag;                  /* the longest, ns */
  gdouble utilisation;          /* the highest */
} Element;

struct _MonitorFacts
{
  GstStructure *snapshot;       /* (nullable): the last one */
  GHashTable *elements;         /* name: Element */
  GHashTable *warnings;         /* code: how often */
  guint64 space, time;          /* the least that was left; G_MAXUINT64 */
};

static void
element_free (gpointer element)
{
  g_free (((Element *) element)->recording);
  g_free (element);
}

MonitorFacts *
monitor_facts_new (void)
{
  MonitorFacts *self = g_new0 (MonitorFacts, 1);

  self->elements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      element_free);
  self->warnings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  self->space = self->time = G_MAXUINT64;
  return self;
}

void
monitor_facts_free (MonitorFacts * self)
{
  g_clear_pointer (&self->snapshot, gst_structure_free);
  g_hash_table_unref (self->elements);
  g_hash_table_unref (self->warnings);
  g_free (self);
}

static Element *
element_of (const MonitorFacts * self, const gchar * name)
{
  Element *element = g_hash_table_lookup (self->elements, name);

  if (element == NULL) {
    element = g_new0 (Element, 1);
    g_hash_table_insert (self->elements, g_strdup (name), element);
  }
  return element;
}

/* ---- what it is told ---- */

static gchar *
describe_published (const GstStructure * structure)
{
  gchar *location = monitor_format_safe (monitor_word (structure,
          "location"));
  gchar *size = monitor_format_size (monitor_count (structure, "size"));
  guint64 parts = monitor_count (structure, "parts");
  gchar *in_parts = parts < 2 ? g_strdup ("") : g_strdup_printf (", in %"
      G_GUINT64_FORMAT " parts (safecapture join makes one file of them)",
      parts);
  gboolean durable = FALSE;
  gchar *text;

  (void) gst_structure_get_boolean (structure, "durable", &durable);
  text = g_strdup_printf ("%s, %s%s, %s", location, size, in_parts, durable
      ? "published and durable" : "published, not synced");
  g_free (in_parts);
  g_free (size);
  g_free (location);
  return text;
}

static gchar *
describe_stopped (const GstStructure * structure)
{
  gchar *location = monitor_format_safe (monitor_word (structure,
          "location"));
  gchar *size = monitor_format_size (monitor_count (structure, "size"));
  gchar *text = g_strdup_printf ("%s, %s, not finished (safecapture recover "
      "makes a file of it)", location, size);

  g_free (size);
  g_free (location);
  return text;
}

static void
note_recording (MonitorFacts * self, GstMessage * message, gchar * text)
{
  gchar *name = gst_object_get_name (GST_MESSAGE_SRC (message));
  Element *element = element_of (self, name);

  g_free (element->recording);
  element->recording = text;
  g_free (name);
}

static void
note_warning (MonitorFacts * self, const gchar * code)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->warnings, code));

  /* Codes are stable names, and few; but bus messages are anybody's. */
  if (count > 0 || g_hash_table_size (self->warnings) < 100)
    g_hash_table_replace (self->warnings, monitor_format_safe (code),
        GUINT_TO_POINTER (count + 1));
}

void
monitor_facts_message (MonitorFacts * self, GstMessage * message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  const gchar *code;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT || structure == NULL
      || !gst_structure_has_field (structure, "schema"))
    return;
  code = gst_structure_get_string (structure, "code");
  if (gst_structure_has_name (structure, "safefilesink-published"))
    note_recording (self, message, describe_published (structure));
  else if (g_strcmp0 (code, "stopped-without-eos") == 0)
    note_recording (self, message, describe_stopped (structure));
  if (code != NULL)
    note_warning (self, code);
}

static void
note_peaks (MonitorFacts * self, const GstStructure * entry)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  Element *element = element_of (self, monitor_word (entry, "name"));

  element->utilisation = MAX (element->utilisation,
      monitor_figure (stats, "utilisation"));
  element->lag = MAX (element->lag, monitor_count (stats,
          "durable-lag"));
}

void
monitor_facts_snapshot (MonitorFacts * self, const GstStructure * snapshot)
{
  g_clear_pointer (&self->snapshot, gst_structure_free);
  self->snapshot = gst_structure_copy (snapshot);
  /* Before a file is open there is nothing to say of its disk. */
  if (monitor_count (snapshot, "bytes-written") > 0) {
    self->space = MIN (self->space, monitor_count (snapshot,
            "space-left"));
    self->time = MIN (self->time, monitor_count (snapshot,
            "time-left"));
  }
  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++)
    note_peaks (self, monitor_array_get (snapshot, "elements", i));
}

/* ---- the list ---- */

static void
fact_free (gpointer fact)
{
  g_free (((MonitorFact *) fact)->value);
  g_free (fact);
}

/* Takes @value. */
static void
add (GPtrArray * facts, const gchar * label, gchar * value)
{
  MonitorFact *fact = g_new (MonitorFact, 1);

  *fact = (MonitorFact) {
  label, value};
  g_ptr_array_add (facts, fact);
}

/* What is said of one element.  Returns: (nullable) */
typedef gchar *(*Describe) (const MonitorFacts * self,
    const GstStructure * entry);

/* One a line; the rest is a number. */
static void
add_each (const MonitorFacts * self, GPtrArray * facts, const gchar * label,
    const gchar * factory, Describe describe)
{
  guint left_out = 0, told = 0;

  for (guint i = 0; i < monitor_array_size (self->snapshot, "elements");
      i++) {
    const GstStructure *entry = monitor_array_get (self->snapshot,
        "elements", i);
    gchar *value = monitor_is (entry, factory) ? describe (self, entry) : NULL;

    if (value != NULL && told == MOST_OF_A_KIND) {
      left_out++;
      g_free (value);
    } else if (value != NULL) {
      told++;
      add (facts, label, value);
    }
  }
  if (left_out > 0)
    add (facts, label, g_strdup_printf ("and %u more", left_out));
}

/* Whether anything in the pipeline records. */
static gboolean
is_recording (const MonitorFacts * self)
{
  gboolean found = FALSE;

  for (guint i = 0; self->snapshot != NULL && !found
      && i < monitor_array_size (self->snapshot, "elements"); i++)
    found = monitor_is (monitor_array_get (self->snapshot, "elements", i),
        "safefilesink");
  return found;
}

static gchar *
recording_of (const MonitorFacts * self, const GstStructure * entry)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  const gchar *name = monitor_word (entry, "name");
  const gchar *told = element_of (self, name)->recording;
  guint64 written = monitor_count (stats, "bytes-written");
  gchar *size, *safe, *text;

  if (told != NULL)
    return g_strdup (told);
  safe = monitor_format_safe (name);
  size = monitor_format_size (written);
  text = written == 0 ? g_strdup_printf ("%s: nothing was recorded", safe)
      : g_strdup_printf ("%s: %s, not finished", safe, size);
  g_free (size);
  g_free (safe);
  return text;
}

static gchar *
durable_of (const MonitorFacts * self, const GstStructure * entry)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  guint64 size = monitor_count (stats, "file-size");
  guint64 mark = monitor_count (stats, "durable-offset");
  gchar *of = monitor_format_size (size), *up_to = monitor_format_size (mark);
  gchar *lag = monitor_format_latency (element_of (self, monitor_word
          (entry, "name"))->lag), *text;

  text = mark >= size ? g_strdup_printf ("all of %s; %s behind at worst", of,
      lag) : g_strdup_printf ("%s of %s; %s behind at worst", up_to, of, lag);
  g_free (lag);
  g_free (up_to);
  g_free (of);
  return text;
}

static gchar *
latencies (const GstStructure * entry, const gchar * field)
{
  static const gchar *const which[] = { "p50", "p99", "max" };
  const GstStructure *stats = monitor_inside (entry, "stats");
  gchar *name = monitor_format_safe (monitor_word (entry, "name"));
  gchar *value[G_N_ELEMENTS (which)], *text;

  for (guint i = 0; i < G_N_ELEMENTS (which); i++) {
    gchar *full = g_strdup_printf ("%s-%s", field, which[i]);

    value[i] = monitor_format_latency (monitor_count (stats, full));
    g_free (full);
  }
  text = g_strdup_printf ("%s: half below %s, 99 %% below %s, at worst %s",
      name, value[0], value[1], value[2]);
  for (guint i = 0; i < G_N_ELEMENTS (which); i++)
    g_free (value[i]);
  g_free (name);
  return text;
}

static gchar *
queue_latency_of (const MonitorFacts * self, const GstStructure * entry)
{
  return monitor_count (monitor_inside (entry, "stats"), "latency-samples") > 0
      ? latencies (entry, "latency") : NULL;
}

static gchar *
write_latency_of (const MonitorFacts * self, const GstStructure * entry)
{
  return monitor_count (monitor_inside (entry, "stats"), "writes") > 0
      ? latencies (entry, "write-latency") : NULL;
}

static gchar *
sync_latency_of (const MonitorFacts * self, const GstStructure * entry)
{
  return monitor_count (monitor_inside (entry, "stats"), "syncs") > 0
      ? latencies (entry, "sync-latency") : NULL;
}

/* "full 12, gop 3 (1.2 MiB)".  Returns: (nullable) */
static gchar *
drops (const gchar * name, const GstStructure * stats)
{
  static const gchar *const reasons[] = {
    "full", "timeout", "gop", "flush", "eos"
  };
  guint64 all = monitor_count (stats, "buffers-dropped");
  GString *text;
  gchar *safe, *size;

  if (all == 0)
    return NULL;
  safe = monitor_format_safe (name);
  text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++) {
    gchar *field = g_strconcat ("buffers-dropped-", reasons[i], NULL);
    guint64 count = monitor_count (stats, field);

    if (count > 0)
      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s",
          text->len > 0 ? ", " : "", count, reasons[i]);
    g_free (field);
  }
  if (text->len == 0)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, all);
  size = monitor_format_size (monitor_count (stats, "bytes-dropped"));
  g_string_append_printf (text, " (%s)", size);
  g_string_prepend (text, ": ");
  g_string_prepend (text, safe);
  g_free (size);
  g_free (safe);
  return g_string_free (text, FALSE);
}

static void
add_drops_of (GPtrArray * facts, const GstStructure * entry, guint * more)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  const gchar *name = monitor_word (entry, "name");
  guint channels = monitor_array_size (stats, "channels");

  for (guint i = 0; i < MAX (channels, 1); i++) {
    const GstStructure *one = channels == 0 ? stats
        : monitor_array_get (stats, "channels", i);
    gchar *full = channels < 2 ? g_strdup (name) : g_strdup_printf ("%s/%s",
        name, monitor_word (one, "channel"));
    gchar *value = drops (full, one);

    if (value != NULL && facts->len >= MOST_OF_A_KIND * 2) {
      (*more)++;
      g_free (value);
    } else if (value != NULL) {
      add (facts, "Dropped", value);
    }
    g_free (full);
  }
}

static void
add_drops (const MonitorFacts * self, GPtrArray * facts)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (fact_free);
  guint more = 0;

  for (guint i = 0; i < monitor_array_size (self->snapshot, "elements"); i++)
    add_drops_of (found, monitor_array_get (self->snapshot, "elements", i),
        &more);
  if (found->len == 0)
    add (found, "Dropped", g_strdup ("nothing"));
  if (more > 0)
    add (found, "Dropped", g_strdup_printf ("and %u more", more));
  g_ptr_array_extend_and_steal (facts, found);
}

static void
add_space (const MonitorFacts * self, GPtrArray * facts)
{
  gchar *size = monitor_format_size (self->space);
  gchar *time = monitor_format_left (self->time);

  if (self->space != G_MAXUINT64 && self->time != G_MAXUINT64)
    add (facts, "Space", g_strdup_printf ("never less than %s left, for %s",
            size, time));
  else if (self->space != G_MAXUINT64)
    add (facts, "Space", g_strdup_printf ("never less than %s left", size));
  g_free (time);
  g_free (size);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (a, b);
}

static void
add_warnings (const MonitorFacts * self, GPtrArray * facts)
{
  GList *codes = g_list_sort (g_hash_table_get_keys (self->warnings),
      compare_texts);
  GString *text = g_string_new (NULL);
  guint told = 0, all = g_hash_table_size (self->warnings);

  for (GList * l = codes; l != NULL && told < WARNINGS_NAMED; l = l->next) {
    guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->warnings,
            l->data));

    g_string_append_printf (text, "%s%s", told++ > 0 ? ", " : "",
        (const gchar *) l->data);
    if (count > 1)
      g_string_append_printf (text, " (%u times)", count);
  }
  if (all > told)
    g_string_append_printf (text, " and %u more", all - told);
  g_list_free (codes);
  add (facts, "Warnings", all > 0 ? g_strdup (text->str) : g_strdup ("none"));
  g_string_free (text, TRUE);
}

static void
add_written (const MonitorFacts * self, GPtrArray * facts, guint64 running)
{
  guint64 written = monitor_count (self->snapshot, "bytes-written");
  gchar *size = monitor_format_size (written);
  gchar *rate = monitor_format_rate (running == 0 ? 0.0
      : (gdouble) written * GST_SECOND / (gdouble) running);

  add (facts, "Written", g_strdup_printf ("%s (%" G_GUINT64_FORMAT
          " bytes), %s on average", size, written, rate));
  g_free (rate);
  g_free (size);
}

static gchar *
pool_of (const MonitorFacts * self, const GstStructure * entry)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  gchar *name = monitor_format_safe (monitor_word (entry, "name"));
  gchar *text = g_strdup_printf ("%s: %.0f %% in use at most, exhausted %"
      G_GUINT64_FORMAT " times", name, element_of (self,
          monitor_word (entry, "name"))->utilisation * 100.0,
      monitor_count (stats, "exhausted"));

  g_free (name);
  return text;
}

GPtrArray *
monitor_facts_list (const MonitorFacts * self, guint64 running)
{
  GPtrArray *facts = g_ptr_array_new_with_free_func (fact_free);

  if (self->snapshot == NULL)
    return facts;
  add_each (self, facts, "Recording", "safefilesink", recording_of);
  add (facts, "Duration", monitor_format_clock (running));
  if (is_recording (self))
    add_written (self, facts, running);
  add_each (self, facts, "Durable", "safefilesink", durable_of);
  add_drops (self, facts);
  add_each (self, facts, "Queue latency", "tieredqueue", queue_latency_of);
  add_each (self, facts, "Write latency", "safefilesink", write_latency_of);
  add_each (self, facts, "Sync latency", "safefilesink", sync_latency_of);
  add_each (self, facts, "Pool", "bufpoolsrc", pool_of);
  add_space (self, facts);
  add_warnings (self, facts);
  return facts;
}

const gchar *
monitor_facts_verdict (const MonitorFacts * self, gint code)
{
  gboolean recorded = is_recording (self);

  switch (code) {
    case SC_EXIT_WHOLE:
      return recorded ? "The recording is whole"
          : "Played to the end, without a safefilesink that records it";
    case SC_EXIT_REPAIRED:
      return recorded ? "Recorded, but not without incident"
          : "Played, but not without incident";
    case SC_EXIT_LOSS:
      return "Failed";
    default:
      return "Nothing was recorded";
  }
}
