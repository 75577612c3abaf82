/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of pipelines share. */
#ifndef PIPELINE_CHECK_H
#define PIPELINE_CHECK_H

#include <gst/check/gstcheck.h>

/* FALSE, and said, if one of the names is of no element here. */
static inline gboolean
have_elements (const gchar * const *names)
{
  for (; *names != NULL; names++) {
    GstElementFactory *factory = gst_element_factory_find (*names);

    if (factory == NULL) {
      g_print ("skipped: no %s here\n", *names);
      return FALSE;
    }
    gst_object_unref (factory);
  }
  return TRUE;
}

static inline GstElement *
parse (const gchar * launch)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s: %s", launch, error ? error->message : "");
  return pipeline;
}

#endif
