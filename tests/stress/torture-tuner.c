/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include "watchdog.h"

/* What a property may be set to: one of @values steps from 0 on. */
typedef struct
{
  const gchar *name;
  guint values;
  gdouble step;
} Knob;

/* Those that an object does not have are passed over.  The last rows are what
 * may be set to nothing only for a moment: with them at rest data flows. */
static const Knob knobs[] = {
  {"max-size-buffers", 20, 1},
  {"max-size-bytes", 3, 1000},
  {"max-size-time", 50, GST_MSECOND},
  {"leaky", 3, 1},
  {"silent", 2, 1},
  {"notify-levels", 2, 1},
  {"flush-on-eos", 2, 1},
  {"high-watermark", 11, 0.1},
  {"low-watermark", 11, 0.1},
  {"stage", 4, 1},
  {"propose-allocation", 2, 1},
  {"drop-policy", 2, 1},
  {"put-timeout", 5, 100000},
  {"batch", TORTURE_BATCH_MOST + 1, 1},
  {"sync-channels", 2, 1},
  {"max-interleave", 5, GST_MSECOND},
  {"metrics-interval", 3, GST_MSECOND},
  {"post-metrics", 2, 1},
  {"min-threshold-buffers", 6, 1},
  {"min-threshold-bytes", 3, 100},
  {"min-threshold-time", 6, GST_MSECOND},
};

static void
set_knob (GObject * object, const Knob * knob, guint value)
{
  GParamSpec *spec = g_object_class_find_property
      (G_OBJECT_GET_CLASS (object), knob->name);
  GValue number = G_VALUE_INIT, wanted = G_VALUE_INIT;

  if (spec == NULL || !(spec->flags & G_PARAM_WRITABLE))
    return;
  g_value_init (&wanted, spec->value_type);
  if (G_IS_PARAM_SPEC_ENUM (spec)) {
    g_value_set_enum (&wanted, (gint) value);
  } else if (G_IS_PARAM_SPEC_BOOLEAN (spec)) {
    g_value_set_boolean (&wanted, value != 0);
  } else {
    g_value_init (&number, G_TYPE_DOUBLE);
    g_value_set_double (&number, value * knob->step);
    g_value_transform (&number, &wanted);
  }
  g_param_value_validate (spec, &wanted);
  g_object_set_property (object, knob->name, &wanted);
  g_value_unset (&wanted);
}

/* Every property is read, as a monitor does. */
static void
read_all (GObject * object)
{
  guint n;
  GParamSpec **specs = g_object_class_list_properties
      (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;

    if (!(specs[i]->flags & G_PARAM_READABLE))
      continue;
    g_value_init (&value, specs[i]->value_type);
    g_object_get_property (object, specs[i]->name, &value);
    g_value_unset (&value);
  }
  g_free (specs);
}

static void
ask (TortureLink * link, GRand * random)
{
  GstQuery *query = g_rand_boolean (random) ? gst_query_new_latency ()
      : gst_query_new_position (GST_FORMAT_TIME);

  gst_pad_peer_query (link->sink, query);
  gst_query_unref (query);
}

/* To one of a few, so that it is another's now and then. */
static void
rename_channel (GObject * pad, GRand * random)
{
  gchar *name;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (pad), "channel")
      == NULL)
    return;
  name = g_strdup_printf ("channel%d", g_rand_int_range (random, 0, 8));
  g_object_set (pad, "channel", name, NULL);
  g_free (name);
}

void
torture_tune_once (TortureActor * self)
{
  Torture *run = self->run;
  GRand *random = self->random;
  TortureLink *link = run->links[g_rand_int_range (random, 0,
          (gint) run->n_links)];
  GstPad *pad = torture_ref_pad (link,
      g_rand_boolean (random) ? GST_PAD_SRC : GST_PAD_SINK);
  const Knob *knob = &knobs[g_rand_int_range (random, 0, G_N_ELEMENTS (knobs))];
  GObject *object = pad != NULL && g_rand_boolean (random) ? G_OBJECT (pad)
      : G_OBJECT (run->queue);

  watchdog_at (self->who, "tuning");
  switch (g_rand_int_range (random, 0, 10)) {
    case 0:
      read_all (object);
      break;
    case 1:
      ask (link, random);
      break;
    case 2:
      gst_pad_push_event (link->sink, gst_event_new_reconfigure ());
      break;
    case 3:
      if (pad != NULL)
        rename_channel (G_OBJECT (pad), random);
      break;
    default:
      set_knob (object, knob, (guint) g_rand_int_range (random, 0,
              (gint) knob->values));
      break;
  }
  gst_clear_object (&pad);
  watchdog_at (self->who, NULL);
  g_usleep ((gulong) g_rand_int_range (random, 0, 300));
}

void
torture_untune (Torture * run)
{
  for (guint i = 0; i < G_N_ELEMENTS (knobs); i++)
    if (g_str_has_prefix (knobs[i].name, "min-threshold")
        || g_str_equal (knobs[i].name, "sync-channels"))
      set_knob (G_OBJECT (run->queue), &knobs[i], 0);
}
