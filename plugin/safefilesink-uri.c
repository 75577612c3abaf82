/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-uri.h"

#include <string.h>

#define LOCAL_HOST "file://localhost/"

gboolean
safefilesink_location_from_uri (const gchar * uri, gchar ** location,
    GError ** error)
{
  gchar *plain = NULL;

  *location = NULL;
  /* Applications ask with "file://" alone whether anybody handles files. */
  if (strcmp (uri, "file://") == 0)
    return TRUE;
  /* The one host that is this machine for certain; any other is an error. */
  if (g_str_has_prefix (uri, LOCAL_HOST))
    plain = g_strconcat ("file:///", uri + strlen (LOCAL_HOST), NULL);
  *location = gst_uri_get_location (plain != NULL ? plain : uri);
  g_free (plain);
  if (*location != NULL && g_path_is_absolute (*location))
    return TRUE;
  g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
      *location == NULL ? "The file URI \"%s\" names no file"
      : "The file URI \"%s\" must hold an absolute path", uri);
  g_clear_pointer (location, g_free);
  return FALSE;
}

static GstURIType
get_type (GType type)
{
  return GST_URI_SINK;
}

static const gchar *const *
get_protocols (GType type)
{
  static const gchar *const protocols[] = { "file", NULL };

  return protocols;
}

void
safefilesink_uri_init_handler (GstURIHandlerInterface * handler)
{
  handler->get_type = get_type;
  handler->get_protocols = get_protocols;
}
