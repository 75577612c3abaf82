/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tieredqueue in the place of every `queue` of this process: whoever makes an
 * element of the factory "queue" from here on, playsink and gst_parse_launch()
 * among them, gets ours.
 */
#ifndef QUEUE_REPLACEMENT_H
#define QUEUE_REPLACEMENT_H

#include <gst/check/gstcheck.h>

static inline void
replace_queue (void)
{
  GstRegistry *registry = gst_registry_get ();
  GstElement *ours = gst_element_factory_make ("tieredqueue", NULL);
  GstPluginFeature *stock = gst_registry_lookup_feature (registry, "queue");

  fail_unless (ours != NULL && stock != NULL);
  gst_registry_remove_feature (registry, stock);
  fail_unless (gst_element_register (NULL, "queue", GST_RANK_NONE,
          G_OBJECT_TYPE (ours)));
  gst_object_unref (stock);
  gst_object_unref (ours);
}

/* How many elements of the type there are in the bin and the bins in it. */
static inline guint
count_elements (GstBin * bin, const gchar * type_name)
{
  GstIterator *elements = gst_bin_iterate_recurse (bin);
  GValue value = G_VALUE_INIT;
  guint count = 0;

  while (gst_iterator_next (elements, &value) == GST_ITERATOR_OK) {
    count += g_str_equal (G_OBJECT_TYPE_NAME (g_value_get_object (&value)),
        type_name);
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (elements);
  return count;
}

#endif
