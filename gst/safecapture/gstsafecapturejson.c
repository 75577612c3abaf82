/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstsafecapturejson.h"

#include <json-glib/json-glib.h>
#include <math.h>

static JsonNode *value_to_node (const GValue * value);

static JsonNode *
take_text (gchar * text)
{
  gchar *valid;
  JsonNode *node;

  if (text == NULL)
    return json_node_new (JSON_NODE_NULL);
  /* A file name may be any bytes, JSON is UTF-8. */
  valid = g_utf8_make_valid (text, -1);
  node = json_node_init_string (json_node_alloc (), valid);
  g_free (valid);
  g_free (text);
  return node;
}

static JsonNode *
double_to_node (gdouble value)
{
  if (!isfinite (value))
    return json_node_new (JSON_NODE_NULL);
  return json_node_init_double (json_node_alloc (), value);
}

/* JSON-GLib's integers have a sign; above them there is, in statistics, only the
 * 2^64-1 that stands for "not known". */
static JsonNode *
uint64_to_node (guint64 value)
{
  if (value == G_MAXUINT64)
    return json_node_new (JSON_NODE_NULL);
  if (value > G_MAXINT64)
    return double_to_node ((gdouble) value);
  return json_node_init_int (json_node_alloc (), (gint64) value);
}

static gboolean
add_member (GQuark field, const GValue * value, gpointer object)
{
  json_object_set_member (object, g_quark_to_string (field),
      value_to_node (value));
  return TRUE;
}

/* @type: (nullable): for the field of that name */
static JsonNode *
structure_to_node (const GstStructure * structure, const gchar * type)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  if (type != NULL)
    json_object_set_string_member (object, "type", type);
  gst_structure_foreach (structure, add_member, object);
  json_object_unref (object);
  return node;
}

static JsonNode *
entries_to_node (const GValue * entries, guint count,
    const GValue * (*get) (const GValue *, guint))
{
  JsonArray *array = json_array_sized_new (count);
  JsonNode *node = json_node_init_array (json_node_alloc (), array);

  for (guint i = 0; i < count; i++)
    json_array_add_element (array, value_to_node (get (entries, i)));
  json_array_unref (array);
  return node;
}

static JsonNode *
boxed_to_node (const GValue * value)
{
  if (GST_VALUE_HOLDS_ARRAY (value))
    return entries_to_node (value, gst_value_array_get_size (value),
        gst_value_array_get_value);
  if (GST_VALUE_HOLDS_LIST (value))
    return entries_to_node (value, gst_value_list_get_size (value),
        gst_value_list_get_value);
  if (GST_VALUE_HOLDS_STRUCTURE (value) && g_value_get_boxed (value) != NULL)
    return structure_to_node (gst_value_get_structure (value), NULL);
  return take_text (gst_value_serialize (value));
}

static JsonNode *
int_to_node (gint64 value)
{
  return json_node_init_int (json_node_alloc (), value);
}

static JsonNode *
value_to_node (const GValue * value)
{
  switch (G_VALUE_TYPE (value)) {
    case G_TYPE_BOOLEAN:
      return json_node_init_boolean (json_node_alloc (),
          g_value_get_boolean (value));
    case G_TYPE_INT:
      return int_to_node (g_value_get_int (value));
    case G_TYPE_UINT:
      return int_to_node (g_value_get_uint (value));
    case G_TYPE_INT64:
      return int_to_node (g_value_get_int64 (value));
    case G_TYPE_UINT64:
      return uint64_to_node (g_value_get_uint64 (value));
    case G_TYPE_DOUBLE:
      return double_to_node (g_value_get_double (value));
    case G_TYPE_FLOAT:
      return double_to_node (g_value_get_float (value));
    case G_TYPE_STRING:
      return take_text (g_value_dup_string (value));
    default:
      return boxed_to_node (value);
  }
}

/**
 * gst_safecapture_structure_to_json:
 * @structure: a snapshot, statistics, a message of an element, or any other
 *
 * The structure as one line of JSON, without an end of line: an object whose first
 * member `type` is the structure's name, and then its fields in their order.
 * Structures inside it are objects without `type`, arrays and lists are arrays.
 *
 * Whole numbers are exact. 2^64-1, which says that a figure is not known, is
 * `null`, as are infinities and texts that are %NULL. What is not UTF-8 in a text
 * becomes U+FFFD. Other types are texts, as gst_value_serialize() makes them.
 *
 * Returns: (transfer full): the line
 */
gchar *
gst_safecapture_structure_to_json (const GstStructure * structure)
{
  JsonNode *node;
  gchar *line;

  g_return_val_if_fail (structure != NULL, NULL);

  node = structure_to_node (structure, gst_structure_get_name (structure));
  line = json_to_string (node, FALSE);
  json_node_unref (node);
  return line;
}
