/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A structure is one line of JSON that says the same. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include <json-glib/json-glib.h>
#include <math.h>

static void
expect_line (const GstStructure * structure, const gchar * expected)
{
  gchar *line = gst_safecapture_structure_to_json (structure);

  fail_unless_equals_string (line, expected);
  g_free (line);
}

GST_START_TEST (test_the_name_comes_first_and_the_fields_in_their_order)
{
  GstStructure *structure = gst_structure_new ("a-name",
      "z", G_TYPE_UINT64, G_GUINT64_CONSTANT (1), "a", G_TYPE_INT, -2,
      "b", G_TYPE_BOOLEAN, TRUE, "c", G_TYPE_DOUBLE, 0.25, NULL);

  expect_line (structure,
      "{\"type\":\"a-name\",\"z\":1,\"a\":-2,\"b\":true,\"c\":0.25}");
  gst_structure_free (structure);
}

GST_END_TEST;

GST_START_TEST (test_whole_numbers_are_exact_and_the_unknown_is_null)
{
  GstStructure *structure = gst_structure_new ("numbers",
      "most", G_TYPE_UINT64, (guint64) G_MAXINT64,
      "least", G_TYPE_INT64, G_MININT64, "uint", G_TYPE_UINT, G_MAXUINT,
      "unknown", G_TYPE_UINT64, G_MAXUINT64,
      "nan", G_TYPE_DOUBLE, NAN, "endless", G_TYPE_DOUBLE, -INFINITY, NULL);

  expect_line (structure, "{\"type\":\"numbers\",\"most\":9223372036854775807,"
      "\"least\":-9223372036854775808,\"uint\":4294967295,"
      "\"unknown\":null,\"nan\":null,\"endless\":null}");
  gst_structure_free (structure);
}

GST_END_TEST;

GST_START_TEST (test_any_text_is_one_line_of_valid_utf8)
{
  GstStructure *structure = gst_structure_new ("texts",
      "quoted", G_TYPE_STRING, "a \"b\"\\c\n\td\x01",
      "nothing", G_TYPE_STRING, NULL, NULL);
  GValue bytes = G_VALUE_INIT, list = G_VALUE_INIT;

  /* In a field of its own GStreamer would not take it. */
  g_value_init (&bytes, G_TYPE_STRING);
  g_value_set_static_string (&bytes, "caf\xe9");
  g_value_init (&list, GST_TYPE_LIST);
  gst_value_list_append_and_take_value (&list, &bytes);
  gst_structure_take_value (structure, "bytes", &list);
  expect_line (structure, "{\"type\":\"texts\","
      "\"quoted\":\"a \\\"b\\\"\\\\c\\n\\td\\u0001\",\"nothing\":null,"
      "\"bytes\":[\"caf\357\277\275\"]}");
  gst_structure_free (structure);
}

GST_END_TEST;

GST_START_TEST (test_structures_and_arrays_nest_and_other_types_are_texts)
{
  GstStructure *structure = gst_structure_from_string ("outer, "
      "inner=(structure)[inner, n=(int)1], "
      "array=(structure)<[x, n=(int)2], [x, n=(int)3]>, "
      "list=(int){1,2}, none=(int)<>, rate=(fraction)30/1", NULL);

  expect_line (structure, "{\"type\":\"outer\",\"inner\":{\"n\":1},"
      "\"array\":[{\"n\":2},{\"n\":3}],\"list\":[1,2],\"none\":[],"
      "\"rate\":\"30/1\"}");
  gst_structure_free (structure);
}

GST_END_TEST;

static JsonObject *
first_of (JsonObject * object, const gchar * array)
{
  return json_array_get_object_element (json_object_get_array_member (object,
          array), 0);
}

GST_START_TEST (test_a_snapshot_of_a_pipeline_is_read_back)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc ! queue ! "
      "tieredqueue name=t ! safefilesink location=/a/\\\"b", NULL);
  GstSafecaptureMonitor *monitor = gst_safecapture_monitor_new (pipeline);
  GstStructure *snapshot = gst_safecapture_monitor_get_snapshot (monitor);
  gchar *line = gst_safecapture_structure_to_json (snapshot);
  JsonNode *node = json_from_string (line, NULL);
  JsonObject *object = json_node_get_object (node);

  fail_unless (strchr (line, '\n') == NULL);
  fail_unless_equals_string (json_object_get_string_member (object, "type"),
      "safecapture-snapshot");
  fail_unless_equals_int (json_array_get_length (json_object_get_array_member
          (object, "elements")), 3);
  fail_unless_equals_string (json_object_get_string_member (first_of (object,
              "queues"), "factory"), "queue");
  fail_unless_equals_int (json_object_get_int_member
      (json_object_get_object_member (first_of (object, "elements"), "stats"),
          "schema"), GST_SAFECAPTURE_SCHEMA_VERSION);
  json_node_unref (node);
  g_free (line);
  gst_structure_free (snapshot);
  g_object_unref (monitor);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static Suite *
json_suite (void)
{
  Suite *suite = suite_create ("json");
  TCase *tcase = tcase_create ("json");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_the_name_comes_first_and_the_fields_in_their_order);
  tcase_add_test (tcase,
      test_whole_numbers_are_exact_and_the_unknown_is_null);
  tcase_add_test (tcase, test_any_text_is_one_line_of_valid_utf8);
  tcase_add_test (tcase,
      test_structures_and_arrays_nest_and_other_types_are_texts);
  tcase_add_test (tcase, test_a_snapshot_of_a_pipeline_is_read_back);
  return suite;
}

GST_CHECK_MAIN (json);
