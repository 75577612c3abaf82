/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the monitor shows of a snapshot: the text itself, and that it stays within
 * any screen whatever is in the snapshot. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include "monitor-view.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 150
#define NOON G_GINT64_CONSTANT (1800014400000000)

/* ---- snapshots that are known ---- */

static void
append (GstStructure * owner, const gchar * field, GstStructure * entry)
{
  const GValue *before = gst_structure_get_value (owner, field);
  GValue array = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  if (before != NULL)
    g_value_copy (before, &array);
  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, entry);
  gst_value_array_append_and_take_value (&array, &value);
  gst_structure_take_value (owner, field, &array);
}

static void
add_element (GstStructure * snapshot, const gchar * factory,
    const gchar * name, GstStructure * stats)
{
  append (snapshot, "elements", gst_structure_new ("element",
          "name", G_TYPE_STRING, name, "path", G_TYPE_STRING, name,
          "factory", G_TYPE_STRING, factory,
          "stats", GST_TYPE_STRUCTURE, stats, NULL));
  gst_structure_free (stats);
}

static GstStructure *
new_snapshot (const gchar * reasons)
{
  return gst_structure_new ("safecapture-snapshot",
      "time", G_TYPE_UINT64, GST_SECOND,
      "state", G_TYPE_STRING, "PLAYING",
      "healthy", G_TYPE_BOOLEAN, reasons[0] == '\0',
      "health-reasons", G_TYPE_STRING, reasons, NULL);
}

static void
add_channel (GstStructure * queue, const gchar * name, gdouble level,
    guint64 lost)
{
  append (queue, "channels", gst_structure_new ("channel",
          "channel", G_TYPE_STRING, name,
          "utilisation", G_TYPE_DOUBLE, level,
          "high-watermark", G_TYPE_DOUBLE, 0.875,
          "low-watermark", G_TYPE_DOUBLE, 0.5,
          "max-buffers", G_TYPE_UINT64, (guint64) 100,
          "level-buffers-peak", G_TYPE_UINT64, (guint64) 75,
          "buffers-dropped-full", G_TYPE_UINT64, lost,
          "latency-p99", G_TYPE_UINT64, 1234 * GST_USECOND, NULL));
}

static GstStructure *
known_snapshot (void)
{
  GstStructure *snapshot = new_snapshot ("");
  GstStructure *queue = gst_structure_new_empty ("stats");
  GstStructure *source = gst_structure_new_empty ("stats");

  add_channel (queue, "left", 0.25, 0);
  add_channel (queue, "right", 1.0, 12);
  append (source, "tiers", gst_structure_new ("tier",
          "slot-size", G_TYPE_UINT64, (guint64) 4096,
          "slots", G_TYPE_UINT64, (guint64) 64,
          "in-use", G_TYPE_UINT64, (guint64) 32,
          "peak", G_TYPE_UINT64, (guint64) 48, NULL));
  add_element (snapshot, "bufpoolsrc", "source", source);
  add_element (snapshot, "tieredqueue", "q", queue);
  add_element (snapshot, "safefilesink", "take",
      gst_structure_new ("stats", "state", G_TYPE_STRING, "writing",
          "bytes-accepted", G_TYPE_UINT64, (guint64) 3 << 20,
          "file-size", G_TYPE_UINT64, (guint64) 3 << 20,
          "durable-offset", G_TYPE_UINT64, (guint64) 2 << 20,
          "durable-lag", G_TYPE_UINT64, 800 * GST_MSECOND,
          "utilisation", G_TYPE_DOUBLE, 0.5,
          "ring-size", G_TYPE_UINT64, (guint64) 2 << 20,
          "ring-time-left", G_TYPE_UINT64, G_MAXUINT64,
          "space-left", G_TYPE_UINT64, (guint64) 5 << 30,
          "time-left", G_TYPE_UINT64, 7200 * GST_SECOND,
          "sync-latency-p99", G_TYPE_UINT64, 8 * GST_MSECOND, NULL));
  append (snapshot, "queues", gst_structure_new ("queue",
          "name", G_TYPE_STRING, "tail", "factory", G_TYPE_STRING, "queue",
          "level-buffers", G_TYPE_UINT64, (guint64) 3,
          "max-buffers", G_TYPE_UINT64, (guint64) 12,
          "utilisation", G_TYPE_DOUBLE, 0.25, NULL));
  return snapshot;
}

static gchar **
draw (const GstStructure * snapshot, const MonitorEvents * events,
    const MonitorScreen * screen)
{
  const MonitorMoment moment = { MONITOR_PLAYING, 754 * GST_SECOND, NOON };
  MonitorView *view = monitor_view_new ();
  gchar **lines;

  monitor_view_look (view, snapshot);
  lines = monitor_view_draw (view, events, &moment, screen);
  monitor_view_free (view);
  return lines;
}

static void
check_lines (gchar ** lines, const gchar * const *expected)
{
  guint i;

  for (i = 0; expected[i] != NULL; i++)
    fail_unless_equals_string (lines[i] != NULL ? lines[i] : "(none)",
        expected[i]);
  fail_unless (lines[i] == NULL, "one more: %s", lines[i]);
  g_strfreev (lines);
}

GST_START_TEST (test_a_known_snapshot_is_this_text_on_a_common_screen)
{
  static const gchar *const expected[] = {
    "[RECORDING]  0:12:34  ● healthy                               lost 0  12:00:00",
    "",
    "── DISK  take: writing ─────────────────────────────────────────────────────────",
    " written          3.0 MiB   durable 2.0 MiB, 800 ms behind",
    " memory           ███████████████▌░░░░░░░░░░░░░░░  50 % of 2.0 MiB",
    " space            5.0 GiB left, for 2:00 h at this rate",
    " latency          write p99 0 ns max 0 ns   sync p99 8.0 ms max 0 ns",
    "",
    "── QUEUES ─────────────────────────────────────── level   peak     lost      p99",
    " left             ███████▊░░░░░░░┊░░░░░░░▕░░░│░░░  25 %   75 %        0   1.2 ms",
    " right            ███████████████████████████████ 100 %  100 %       12   1.2 ms",
    "",
    "── POOLS ──────────────────────────────────────── level   in use  failed     p99",
    " source 4.0 KiB   ███████████████▌░░░░░░░▕░░░░░░░  50 %    32/64       0        ",
    "",
    "── OTHER QUEUES ───────────────────────────────── level buffers    bytes    held",
    " tail             ███████▊░░░░░░░░░░░░░░░░░░░░░░░  25 %       3      0 B        ",
    "",
    "── EVENTS ───────────────────────────────────────── Ctrl-C ends and publishes ──",
    " 12:00:00    q: an old one",
    " 12:00:00  ! q: twice  ×2",
    NULL
  };
  const MonitorScreen screen = { 80, 24, FALSE, TRUE };
  GstStructure *snapshot = known_snapshot ();
  MonitorEvents *events = monitor_events_new (10);

  monitor_events_add (events, MONITOR_EVENT_INFO, "q: an old one", NOON);
  monitor_events_add (events, MONITOR_EVENT_WARNING, "q: twice", NOON);
  monitor_events_add (events, MONITOR_EVENT_WARNING, "q: twice", NOON);
  check_lines (draw (snapshot, events, &screen), expected);
  monitor_events_free (events);
  gst_structure_free (snapshot);
}

GST_END_TEST;

GST_START_TEST (test_a_small_plain_screen_has_the_most_important_first)
{
  static const gchar *const expected[] = {
    "[RECORDING]  0:12:34  healthy   lost 0",
    "-- DISK  take: writing -----------------",
    " written  3.0 MiB   durable 2.0 MiB, 800",
    " memory   #######.......  50 % of 2.0 Mi",
    "-- QUEUES --------------- level     lost",
    " right    ############### 100 %       12",
    NULL
  };
  const MonitorScreen screen = { 40, 6, FALSE, FALSE };
  GstStructure *snapshot = known_snapshot ();
  MonitorEvents *events = monitor_events_new (10);

  check_lines (draw (snapshot, events, &screen), expected);
  monitor_events_free (events);
  gst_structure_free (snapshot);
}

GST_END_TEST;

GST_START_TEST (test_of_many_channels_the_worst_are_shown_in_their_order)
{
  const MonitorScreen screen = { 80, 12, FALSE, TRUE };
  GstStructure *snapshot = new_snapshot (""), *queue =
      gst_structure_new_empty ("stats");
  MonitorEvents *events = monitor_events_new (10);
  gchar **lines, *all, *name;

  for (guint i = 0; i < 32; i++) {
    name = g_strdup_printf ("c%02u", i);
    add_channel (queue, name, i == 7 ? 0.9 : 0.1, i == 20 ? 1 : 0);
    g_free (name);
  }
  add_element (snapshot, "tieredqueue", "q", queue);
  lines = draw (snapshot, events, &screen);
  all = g_strjoinv ("\n", lines);
  fail_unless (strstr (all, "c07") != NULL, "%s", all);
  fail_unless (strstr (all, "c20") > strstr (all, "c07"), "%s", all);
  fail_unless (strstr (all, "c31") == NULL, "%s", all);
  fail_unless (strstr (all, "more") != NULL, "%s", all);
  g_free (all);
  g_strfreev (lines);
  monitor_events_free (events);
  gst_structure_free (snapshot);
}

GST_END_TEST;

GST_START_TEST (test_the_peak_stays_when_the_level_falls)
{
  const MonitorScreen screen = { 80, 24, FALSE, FALSE };
  const MonitorMoment moment = { MONITOR_PLAYING, 0, NOON };
  MonitorEvents *events = monitor_events_new (1);
  MonitorView *view = monitor_view_new ();
  static const gdouble levels[] = { 0.2, 0.93, 0.1 };
  gchar **lines, *all;

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++) {
    GstStructure *snapshot = new_snapshot ("");
    GstStructure *queue = gst_structure_new_empty ("stats");

    add_channel (queue, "sink", levels[i], 0);
    add_element (snapshot, "tieredqueue", "q", queue);
    monitor_view_look (view, snapshot);
    gst_structure_free (snapshot);
  }
  lines = monitor_view_draw (view, events, &moment, &screen);
  all = g_strjoinv ("\n", lines);
  fail_unless (strstr (all, " 10 %") != NULL, "%s", all);
  fail_unless (strstr (all, " 93 %") != NULL, "%s", all);
  g_free (all);
  g_strfreev (lines);
  monitor_view_free (view);
  monitor_events_free (events);
}

GST_END_TEST;

/* ---- snapshots of any kind ---- */

static GRand *dice;
static guint32 seed;

static const gchar *const wild_words[] = {
  "", "left", "a name that is much longer than any column is wide, and then some",
  "\033[2J\033[31m", "日本語のチャンネル名前",
  "e\xcc\x81\xcc\x81\xcc\x81", "\xe2\x80\xae reversed", "two\nlines\r\n", "\t",
  "safefilesink0:space-low,q:data-lost,q:success-rate", "error", "ready",
};

static const gchar *
any_word (void)
{
  return wild_words[g_rand_int_range (dice, 0, G_N_ELEMENTS (wild_words))];
}

static guint64
any_count (void)
{
  guint64 bits = (guint64) g_rand_int (dice) << 32 | g_rand_int (dice);

  return g_rand_int_range (dice, 0, 8) == 0 ? G_MAXUINT64
      : bits >> g_rand_int_range (dice, 0, 64);
}

static gdouble
any_figure (void)
{
  static const gdouble odd[] = { 0.0, 1.0, -1.0, 1e300, NAN, INFINITY };

  return g_rand_boolean (dice) ? g_rand_double (dice)
      : odd[g_rand_int_range (dice, 0, G_N_ELEMENTS (odd))];
}

static GstStructure *any_structure (const gchar * what, guint depth);

static void
set_structure (GstStructure * structure, const GstSafecaptureField * field,
    guint depth, const gchar * what)
{
  GstStructure *inside = any_structure (what, depth + 1);

  gst_structure_set (structure, field->name, GST_TYPE_STRUCTURE, inside, NULL);
  gst_structure_free (inside);
}

static void
set_array (GstStructure * structure, const GstSafecaptureField * field,
    guint depth)
{
  guint count = (guint) g_rand_int_range (dice, 0, depth < 2 ? 7 : 4);

  if (g_rand_int_range (dice, 0, 10) == 0)
    count *= 10;
  for (guint i = 0; field->contains != NULL && i < count; i++)
    append (structure, field->name, any_structure (field->contains,
            depth + 1));
}

static void
set_any (GstStructure * structure, const GstSafecaptureField * field,
    guint depth, const gchar * stats)
{
  if (g_str_equal (field->type, "guint64"))
    gst_structure_set (structure, field->name, G_TYPE_UINT64, any_count (),
        NULL);
  else if (g_str_equal (field->type, "gdouble"))
    gst_structure_set (structure, field->name, G_TYPE_DOUBLE, any_figure (),
        NULL);
  else if (g_str_equal (field->type, "gboolean"))
    gst_structure_set (structure, field->name, G_TYPE_BOOLEAN,
        g_rand_boolean (dice), NULL);
  else if (g_str_equal (field->type, "gchararray"))
    gst_structure_set (structure, field->name, G_TYPE_STRING, any_word (),
        NULL);
  else if (g_str_equal (field->type, "GstValueArray"))
    set_array (structure, field, depth);
  else if (g_str_equal (field->type, "GstStructure"))
    set_structure (structure, field, depth, g_str_equal (field->contains,
            "stats") ? stats : field->contains);
}

/* All fields that the schema knows, with any values, but for buckets: the view does
 * not look at them. */
static GstStructure *
any_structure (const gchar * what, guint depth)
{
  static const gchar *const factories[] = {
    "bufpoolsrc", "tieredqueue", "safefilesink"
  };
  const gchar *factory = factories[g_rand_int_range (dice, 0, 3)];
  gchar *stats = g_strconcat (factory, "-metrics", NULL);
  GstStructure *structure = gst_structure_new_empty (what);

  for (guint i = 0; i < gst_safecapture_schema_count_fields (what); i++)
    set_any (structure, gst_safecapture_schema_get_field (what, i), depth,
        stats);
  if (g_str_equal (what, "element"))
    gst_structure_set (structure, "factory", G_TYPE_STRING, factory, NULL);
  else if (g_str_equal (what, "queue"))
    gst_structure_set (structure, "factory", G_TYPE_STRING, g_rand_boolean
        (dice) ? "queue" : "multiqueue", NULL);
  g_free (stats);
  return structure;
}

/* Columns of a line, its colours left aside; or -1 for what must not be there. */
static gint
columns_of (const gchar * line, const MonitorScreen * screen)
{
  gint columns = 0;

  while (*line != '\0') {
    gunichar c = g_utf8_get_char_validated (line, -1);

    if (screen->colour && g_str_has_prefix (line, "\033[")) {
      line += 2 + strspn (line + 2, "0123456789;");
      if (*line++ != 'm')
        return -1;
      continue;
    }
    if (c >= 0x110000 || (!g_unichar_isprint (c)
            && !g_unichar_iszerowidth (c)))
      return -1;
    if (c >= 0x80 && !screen->utf8)
      return -1;
    columns += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    line = g_utf8_next_char (line);
  }
  return columns;
}

static void
check_fits (gchar ** lines, const MonitorScreen * screen)
{
  fail_unless (g_strv_length (lines) <= screen->rows,
      "seed %u: %u lines on %u rows", seed, g_strv_length (lines),
      screen->rows);
  for (guint i = 0; lines[i] != NULL; i++) {
    gint columns = columns_of (lines[i], screen);

    fail_unless (columns >= 0 && columns <= (gint) screen->columns,
        "seed %u: %d columns on %ux%u: %s", seed, columns, screen->columns,
        screen->rows, lines[i]);
    if (screen->colour && strrchr (lines[i], '\033') != NULL)
      fail_unless (g_str_has_prefix (strrchr (lines[i], '\033'), "\033[0m"),
          "seed %u: the colour goes on: %s", seed, lines[i]);
  }
}

static MonitorEvents *
any_events (void)
{
  MonitorEvents *events = monitor_events_new (50);

  for (gint i = g_rand_int_range (dice, 0, 60); i > 0; i--)
    monitor_events_add (events, g_rand_int_range (dice, 0, 3), any_word (),
        NOON);
  return events;
}

GST_START_TEST (test_nothing_goes_beyond_any_screen_whatever_is_in_a_snapshot)
{
  const gchar *given = g_getenv ("SAFECAPTURE_SEED");

  seed = given != NULL ? (guint32) strtoul (given, NULL, 0) : g_random_int ();
  g_print ("SAFECAPTURE_SEED=%u\n", seed);
  dice = g_rand_new_with_seed (seed);
  for (guint i = 0; i < ROUNDS; i++) {
    GstStructure *snapshot = any_structure ("safecapture-snapshot", 0);
    MonitorEvents *events = any_events ();

    for (guint j = 0; j < 10; j++) {
      MonitorScreen screen = {
        (guint) g_rand_int_range (dice, 1, j < 5 ? 60 : 240),
        (guint) g_rand_int_range (dice, 1, j < 5 ? 16 : 80),
        g_rand_boolean (dice), g_rand_boolean (dice)
      };
      gchar **lines = draw (snapshot, events, &screen);

      check_fits (lines, &screen);
      g_strfreev (lines);
    }
    monitor_events_free (events);
    gst_structure_free (snapshot);
  }
  g_rand_free (dice);
}

GST_END_TEST;

GST_START_TEST (test_control_too_wide_and_harmful_lines_are_seen)
{
  const MonitorScreen plain = { 5, 1, FALSE, FALSE };
  const MonitorScreen rich = { 5, 1, TRUE, TRUE };

  fail_unless_equals_int (columns_of ("123456", &plain), 6);
  fail_unless_equals_int (columns_of ("日本語", &rich), 6);
  fail_unless_equals_int (columns_of ("\033[31mred\033[0m", &rich), 3);
  fail_unless_equals_int (columns_of ("\033[31mred\033[0m", &plain), -1);
  fail_unless_equals_int (columns_of ("\033[2J", &rich), -1);
  fail_unless_equals_int (columns_of ("█", &plain), -1);
}

GST_END_TEST;

GST_START_TEST (test_the_one_line_is_one_line_and_harmless)
{
  const MonitorMoment moment = { MONITOR_ENDING, 3725 * GST_SECOND, NOON };
  GstStructure *snapshot = new_snapshot ("a\033[2J\nb:x");
  const MonitorScreen screen = { 1, 1, FALSE, TRUE };
  MonitorView *view = monitor_view_new ();
  gchar *line;

  monitor_view_look (view, snapshot);
  line = monitor_view_line (view, &moment);
  fail_unless_equals_string (line, "1:02:05  ending  not healthy: "
      "a\\x1b[2J\\x0ab:x  fullest 0 %  lost 0");
  fail_unless (columns_of (line, &screen) > 0);
  g_free (line);
  monitor_view_free (view);
  gst_structure_free (snapshot);
}

GST_END_TEST;

static Suite *
monitor_view_suite (void)
{
  Suite *suite = suite_create ("monitor-view");
  TCase *tc = tcase_create ("general");

  setlocale (LC_ALL, "C");
  g_setenv ("TZ", "UTC", TRUE);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_known_snapshot_is_this_text_on_a_common_screen);
  tcase_add_test (tc, test_a_small_plain_screen_has_the_most_important_first);
  tcase_add_test (tc, test_of_many_channels_the_worst_are_shown_in_their_order);
  tcase_add_test (tc, test_the_peak_stays_when_the_level_falls);
  tcase_add_test (tc,
      test_nothing_goes_beyond_any_screen_whatever_is_in_a_snapshot);
  tcase_add_test (tc, test_control_too_wide_and_harmful_lines_are_seen);
  tcase_add_test (tc, test_the_one_line_is_one_line_and_harmless);
  return suite;
}

GST_CHECK_MAIN (monitor_view);
