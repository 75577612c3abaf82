/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-printable.h"

static gboolean
is_plain (gunichar character)
{
  switch (g_unichar_type (character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return TRUE;
  }
}

gchar *
safefilesink_printable_name (const gchar * path)
{
  GString *text = g_string_new (NULL);

  while (*path != '\0') {
    gunichar character = g_utf8_get_char_validated (path, -1);
    gboolean valid = character != (gunichar) - 1
        && character != (gunichar) - 2;
    const gchar *next = valid ? g_utf8_next_char (path) : path + 1;

    if (valid && is_plain (character))
      g_string_append_len (text, path, next - path);
    else
      for (const gchar * byte = path; byte < next; byte++)
        g_string_append_printf (text, "\\x%02x", (guchar) * byte);
    path = next;
  }
  return g_string_free (text, FALSE);
}
