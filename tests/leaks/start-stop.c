/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * start-stop [--cycles N] [--leak] CASE
 *
 * Starts and stops N times (1,000), after 50 times to warm up, and looks at what
 * that has left behind.
 *
 *   CASE   pool          one pool, made active and inactive
 *          pools         a new allocator and pool each time
 *          buffers-out   the same, with buffers and a copy still out at stop
 *          else          a pipeline that ends by itself, played to its end
 *
 * What must hold
 *   Objects        as many live ones of each kind as before, and none once pool
 *                  and pipeline are gone, by GStreamer's leaks tracer; not in a
 *                  build with LeakSanitizer
 *   Process        as many descriptors; no more mappings or resident memory than
 *                  threads and malloc move about by themselves
 *   Allocations    in a build with LeakSanitizer: nothing is lost
 *
 * With --leak, the negative control, a buffer or an element is lost in each cycle,
 * and it ends with 0 if that was found.
 */
#include <gst/gst.h>
#include <gst/safecapture/safecapture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
/* The tracer loses an object of its own, and what it tells hides other losses. */
#define TRACED FALSE
#define RESIDENT_MARGIN_KB (512 * 1024) /* its quarantine */
#else
#define TRACED TRUE
#define RESIDENT_MARGIN_KB 4096
#endif

#define WARM_UP 50
#define MAPPINGS_MARGIN 24
#define CYCLE_TIMEOUT (30 * GST_SECOND)

typedef struct
{
  guint objects;
  gchar *kinds;                 /* of the objects */
  guint descriptors;
  guint mappings;
  glong resident_kb;
} Footprint;

static gint cycles = 1000;
static gboolean leaks;
static GstBufferPool *the_pool;
static GstElement *the_pipeline;
/* Where the control puts what it loses: forgotten at once. */
static gpointer lost;
/* What the tracer tells owns the objects without a reference: never freed. */
static GstStructure *told[3];
static guint n_told;

static const GOptionEntry options[] = {
  {"cycles", 0, 0, G_OPTION_ARG_INT, &cycles, "Starts and stops", "N"},
  {"leak", 0, 0, G_OPTION_ARG_NONE, &leaks,
      "Lose something in each cycle and succeed if that is found", NULL},
  {NULL},
};

/* ---- the cases ---- */

static GstBufferPool *
make_pool (void)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  g_object_set (allocator, "tiers", "1024x16,4096x8", NULL);
  gst_buffer_pool_config_set_params (config, NULL, 1000, 0, 24);
  if (!gst_buffer_pool_set_config (pool, config))
    g_error ("The pool cannot be configured.");
  gst_object_unref (allocator);
  return pool;
}

static GstBuffer *
acquire (GstBufferPool * pool)
{
  GstBuffer *buffer = NULL;

  if (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL) != GST_FLOW_OK)
    g_error ("There is no buffer.");
  return buffer;
}

/* One run of a pool; @late: its buffers come home after the stop. */
static void
run_pool (GstBufferPool * pool, gboolean late)
{
  GstBuffer *a, *b, *copy;

  if (!gst_buffer_pool_set_active (pool, TRUE))
    g_error ("The pool cannot be started.");
  a = acquire (pool);
  b = acquire (pool);
  copy = gst_buffer_copy (a);
  if (!late) {
    gst_buffer_unref (a);
    gst_buffer_unref (b);
    gst_buffer_unref (copy);
  }
  if (leaks)
    lost = gst_buffer_new_allocate (NULL, 10, NULL);
  lost = NULL;
  gst_buffer_pool_set_active (pool, FALSE);
  if (late) {
    gst_buffer_unref (b);
    gst_buffer_unref (a);
    gst_buffer_unref (copy);
  }
}

static void
cycle_pool (void)
{
  run_pool (the_pool, FALSE);
}

static void
cycle_new_pool (void)
{
  GstBufferPool *pool = make_pool ();

  run_pool (pool, FALSE);
  gst_object_unref (pool);
}

static void
cycle_buffers_out (void)
{
  GstBufferPool *pool = make_pool ();

  run_pool (pool, TRUE);
  gst_object_unref (pool);
}

static void
cycle_pipeline (void)
{
  GstBus *bus = gst_element_get_bus (the_pipeline);
  GstMessage *message;

  gst_element_set_state (the_pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, CYCLE_TIMEOUT,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message == NULL || GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
    g_error ("The pipeline did not come to its end.");
  gst_message_unref (message);
  gst_element_set_state (the_pipeline, GST_STATE_NULL);
  if (leaks)
    lost = gst_object_ref_sink (gst_element_factory_make ("bufpoolsrc", NULL));
  lost = NULL;
  gst_object_unref (bus);
}

/* ---- what is left behind ---- */

static guint
count_lines_or_entries (const gchar * path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  gchar *text = NULL;
  guint count = 0;

  if (dir != NULL) {
    while (g_dir_read_name (dir) != NULL)
      count++;
    g_dir_close (dir);
    return count;
  }
  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("%s cannot be read.", path);
  for (const gchar * p = text; *p != '\0'; p++)
    count += *p == '\n';
  g_free (text);
  return count;
}

static glong
resident_kb (void)
{
  glong pages = 0;
  gchar *text = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)
      || sscanf (text, "%*s %ld", &pages) != 1)
    g_error ("/proc/self/statm cannot be read.");
  g_free (text);
  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

/* How many objects are alive, and a line for each kind. */
static void
count_objects (Footprint * out)
{
  GList *tracers = TRACED ? gst_tracing_get_active_tracers () : NULL;
  GHashTable *kinds;
  GString *text;
  GstStructure *live = NULL;
  const GValue *list;
  GList *names;

  if (!TRACED) {
    out->objects = 0;
    out->kinds = g_strdup ("");
    return;
  }
  /* A task's thread gives up the task a moment after it has ended. */
  gst_task_cleanup_all ();
  if (tracers == NULL)
    g_error ("GStreamer has no leaks tracer.");
  kinds = g_hash_table_new (g_str_hash, g_str_equal);
  text = g_string_new (NULL);
  g_signal_emit_by_name (tracers->data, "get-live-objects", &live);
  list = gst_structure_get_value (live, "live-objects-list");
  out->objects = gst_value_list_get_size (list);
  for (guint i = 0; i < out->objects; i++) {
    const GstStructure *one = gst_value_get_structure
        (gst_value_list_get_value (list, i));
    const GValue *object = gst_structure_get_value (one, "object");
    const gchar *kind = G_VALUE_TYPE_NAME (object);

    g_hash_table_insert (kinds, (gpointer) kind, GUINT_TO_POINTER
        (GPOINTER_TO_UINT (g_hash_table_lookup (kinds, kind)) + 1));
  }
  names = g_list_sort (g_hash_table_get_keys (kinds), (GCompareFunc) strcmp);
  for (GList * l = names; l != NULL; l = l->next)
    g_string_append_printf (text, "  %5u %s\n", GPOINTER_TO_UINT
        (g_hash_table_lookup (kinds, l->data)), (const gchar *) l->data);
  out->kinds = g_string_free (text, FALSE);
  g_list_free (names);
  told[n_told++] = live;
  g_hash_table_unref (kinds);
  g_list_free_full (tracers, gst_object_unref);
}

static Footprint
footprint (void)
{
  Footprint now;

  count_objects (&now);
  now.descriptors = count_lines_or_entries ("/proc/self/fd");
  now.mappings = count_lines_or_entries ("/proc/self/maps");
  now.resident_kb = resident_kb ();
  return now;
}

static gboolean
objects_are_as_before (const Footprint * before, const Footprint * after)
{
  printf ("objects: %u, then %u\n", before->objects, after->objects);
  if (g_str_equal (before->kinds, after->kinds))
    return TRUE;
  printf ("before:\n%safter:\n%s", before->kinds, after->kinds);
  return FALSE;
}

static gboolean
nothing_is_left (void)
{
  Footprint now;

  count_objects (&now);
  printf ("at the end: %u objects\n%s", now.objects, now.kinds);
  g_free (now.kinds);
  return now.objects == 0;
}

static gboolean
process_is_as_before (const Footprint * before, const Footprint * after)
{
  printf ("descriptors: %u, then %u\nmappings: %u, then %u\n"
      "resident: %ld kB, then %ld kB\n", before->descriptors,
      after->descriptors, before->mappings, after->mappings,
      before->resident_kb, after->resident_kb);
  return before->descriptors == after->descriptors
      && after->mappings <= before->mappings + MAPPINGS_MARGIN
      && after->resident_kb <= before->resident_kb + RESIDENT_MARGIN_KB;
}

/* LeakSanitizer prints what it finds; the control must have it find something. */
static gboolean
allocations_are_as_wanted (void)
{
#ifdef __SANITIZE_ADDRESS__
  return (__lsan_do_recoverable_leak_check () != 0) == leaks;
#else
  return TRUE;
#endif
}

/* ---- main ---- */

static gboolean
run (void (*cycle) (void))
{
  Footprint before, after;
  gboolean objects, process;

  for (gint i = 0; i < WARM_UP; i++)
    cycle ();
  before = footprint ();
  for (gint i = 0; i < cycles; i++)
    cycle ();
  after = footprint ();
  printf ("%d cycles\n", cycles);
  objects = objects_are_as_before (&before, &after);
  process = process_is_as_before (&before, &after);
  g_free (before.kinds);
  g_free (after.kinds);
  /* The control's few bytes are no matter of the process's. */
  return leaks ? objects != TRACED : objects && process;
}

static gboolean
run_case (const gchar * name)
{
  void (*cycle) (void) = cycle_pipeline;
  GError *error = NULL;
  gboolean good;

  if (g_str_equal (name, "pool")) {
    the_pool = make_pool ();
    cycle = cycle_pool;
  } else if (g_str_equal (name, "pools")) {
    cycle = cycle_new_pool;
  } else if (g_str_equal (name, "buffers-out")) {
    cycle = cycle_buffers_out;
  } else {
    the_pipeline = gst_parse_launch (name, &error);
    if (error != NULL)
      g_error ("%s", error->message);
    gst_object_ref_sink (the_pipeline);
  }
  good = run (cycle);
  gst_clear_object (&the_pool);
  gst_clear_object (&the_pipeline);
  return nothing_is_left () == (!leaks || !TRACED) && good;
}

/* The only plugins beside our own are the core's: others have leaks of theirs.
 * Returns their folder, with a registry of its own. */
static gchar *
narrow_plugins (void)
{
  static const gchar *const names[2] = {
    "libgstcoreelements.so", "libgstcoretracers.so",
  };
  gchar *folder = g_dir_make_tmp ("start-stop-XXXXXX", NULL);
  gchar *registry = g_build_filename (folder, "registry", NULL);

  for (guint i = 0; i < (TRACED ? 2 : 1); i++) {
    gchar *from = g_build_filename (PLUGINS_DIR, names[i], NULL);
    gchar *to = g_build_filename (folder, names[i], NULL);

    if (symlink (from, to) != 0)
      g_error ("%s cannot be made.", to);
    g_free (from);
    g_free (to);
  }
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", folder, TRUE);
  g_setenv ("GST_REGISTRY_1_0", registry, TRUE);
  g_setenv ("GST_REGISTRY_FORK", "no", TRUE);
  if (TRACED)
    g_setenv ("GST_TRACERS", "leaks", TRUE);
  g_free (registry);
  return folder;
}

static void
remove_folder (gchar * folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    gchar *path = g_build_filename (folder, name, NULL);

    (void) unlink (path);
    g_free (path);
  }
  if (dir != NULL)
    g_dir_close (dir);
  (void) rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  GOptionContext *context = g_option_context_new ("CASE");
  gchar *folder = narrow_plugins ();
  GError *error = NULL;
  gboolean good;

  g_option_context_add_main_entries (context, options, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2) {
    g_printerr ("%s\n", error != NULL ? error->message : "one CASE");
    return 2;
  }
  g_option_context_free (context);

  good = run_case (argv[1]);
  gst_deinit ();
  remove_folder (folder);
  good = allocations_are_as_wanted () && good;
  fflush (stdout);
  /* Past the check at exit, which does not know of controls. */
  _exit (good ? 0 : 1);
}
