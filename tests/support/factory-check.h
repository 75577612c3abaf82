/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests with elements that need not be installed. */
#ifndef FACTORY_CHECK_H
#define FACTORY_CHECK_H

#include <gst/gst.h>

/* Whether all are installed, of names with spaces between; says which are not. */
static inline gboolean
factory_check_have (const gchar * elements)
{
  gchar **names = g_strsplit (elements, " ", 0);
  gboolean all = TRUE;

  for (guint i = 0; names[i] != NULL; i++) {
    GstElementFactory *factory = gst_element_factory_find (names[i]);

    if (factory == NULL)
      g_print ("skipped: no element %s\n", names[i]);
    all &= factory != NULL;
    g_clear_object (&factory);
  }
  g_strfreev (names);
  return all;
}

#endif
