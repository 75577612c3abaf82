/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Quotas of classes as a text. */
#include "gsttieredallocator-private.h"

const gchar *
gst_tiered_class_nick (guint slot_class)
{
  GEnumClass *classes = g_type_class_ref (GST_TYPE_TIERED_CLASS);
  const gchar *nick = g_enum_get_value (classes, (gint) slot_class)->value_nick;

  /* A static type's values outlive its class reference. */
  g_type_class_unref (classes);
  return nick;
}

static gint
class_by_nick (const gchar * nick)
{
  for (guint i = 0; i < SC_CLASSES; i++)
    if (g_str_equal (gst_tiered_class_nick (i), nick))
      return (gint) i;
  return -1;
}

/* @given: a bit for each class that has had its quota */
static gboolean
parse_one (gchar * part, guint quotas[SC_CLASSES], guint * given,
    GError ** error)
{
  gchar *sign = strchr (part, '=');
  guint64 slots;
  gint slot_class;

  if (sign == NULL) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "The quota \"%s\" has no '='. Write CLASS=SLOTS, as in "
        "\"conversion=8,scratch=4\".", part);
    return FALSE;
  }
  *sign = '\0';
  slot_class = class_by_nick (g_strstrip (part));
  if (slot_class < 0) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "There is no class \"%s\" to give a quota. Classes are primary, "
        "conversion, scratch, input, output and metadata.", part);
    return FALSE;
  }
  if (!g_ascii_string_to_unsigned (g_strstrip (sign + 1), 10, 0, G_MAXUINT32,
          &slots, NULL)) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "The quota \"%s\" of class %s is not a number of slots (0 for no "
        "quota).", sign + 1, part);
    return FALSE;
  }
  if (*given & 1u << slot_class) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "Class %s is given two quotas. Leave one of them out.", part);
    return FALSE;
  }
  *given |= 1u << slot_class;
  quotas[slot_class] = (guint) slots;
  return TRUE;
}

gboolean
gst_tiered_quotas_parse (const gchar * text, guint quotas[SC_CLASSES],
    GError ** error)
{
  guint parsed[SC_CLASSES] = { 0 }, given = 0;
  gboolean ret = TRUE;
  gchar **parts;

  parts = g_strsplit (text != NULL ? text : "", ",", -1);
  for (guint i = 0; ret && parts[i] != NULL; i++)
    ret = parse_one (parts[i], parsed, &given, error);
  g_strfreev (parts);
  if (ret)
    memcpy (quotas, parsed, sizeof parsed);
  return ret;
}

gchar *
gst_tiered_quotas_to_string (const guint quotas[SC_CLASSES])
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < SC_CLASSES; i++)
    if (quotas[i] > 0)
      g_string_append_printf (text, "%s%s=%u", text->len > 0 ? "," : "",
          gst_tiered_class_nick (i), quotas[i]);
  return g_string_free (text, text->len == 0);
}
