/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The statistics of a channel say what was counted: every field, from a known
 * account. */
#include <gst/check/gstcheck.h>

#include "tieredqueue-account.h"

#include <gst/safecapture/safecapture.h>
#include <stdlib.h>

#define SAMPLES 5000

static gint
compare (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

static guint64
count (const GstStructure * stats, const gchar * field)
{
  guint64 value;

  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  return value;
}

static GstStructure *
tell (const TieredQueueAccount * account)
{
  GstStructure *stats = gst_structure_new ("channel", "channel", G_TYPE_STRING,
      "known", NULL);
  TieredQueueSettings settings;
  gchar *problem;

  tieredqueue_settings_init (&settings);
  tieredqueue_settings_tell (&settings, stats);
  tieredqueue_account_tell (account, stats);
  problem = gst_safecapture_schema_check (stats);
  fail_unless (problem == NULL, "%s", problem);
  return stats;
}

/* Exact counts; the sum is within 1/64. */
static void
check_buckets (const GstStructure * stats, const guint64 * values)
{
  const GValue *buckets = gst_structure_get_value (stats, "latency-buckets");
  guint n;
  const guint64 *bounds = gst_safecapture_schema_get_bucket_bounds (&n);
  gdouble sum = 0.0;

  for (guint b = 0; b < n; b++) {
    guint64 below = 0;

    for (guint i = 0; i < SAMPLES; i++)
      below += values[i] < bounds[b];
    fail_unless_equals_uint64 (g_value_get_uint64 (gst_value_array_get_value
            (buckets, b)), below);
  }
  for (guint i = 0; i < SAMPLES; i++)
    sum += (gdouble) values[i];
  fail_unless (ABS ((gdouble) count (stats, "latency-sum") - sum)
      <= sum / 64.0);
}

GST_START_TEST (test_percentiles_are_within_3_2_percent_of_the_exact_ones)
{
  static const struct
  {
    const gchar *field;
    gdouble quantile;
  } quantiles[] = {
    {"latency-p50", 0.5}, {"latency-p95", 0.95}, {"latency-p99", 0.99},
    {"latency-p999", 0.999}, {"latency-max", 1.0},
  };
  TieredQueueAccount *account = g_new0 (TieredQueueAccount, 1);
  ScHistogram *histogram = g_new0 (ScHistogram, 1);
  guint64 *values = g_new (guint64, SAMPLES);
  const gchar *given = g_getenv ("SAFECAPTURE_SEED");
  guint32 seed = given != NULL ? (guint32) strtoul (given, NULL, 0)
      : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);
  GstStructure *stats;

  g_print ("SAFECAPTURE_SEED=%u\n", seed);
  sc_histogram_init (histogram);
  for (guint i = 0; i < SAMPLES; i++) {
    /* From a microsecond to ten seconds, all magnitudes alike. */
    values[i] = (guint64) g_rand_double_range (random, 1.0, 10.0)
        * (guint64) (1000 * (1 << g_rand_int_range (random, 0, 20)));
    sc_histogram_record (histogram, values[i]);
  }
  qsort (values, SAMPLES, sizeof (values[0]), compare);
  sc_histogram_read (histogram, &account->latency);
  stats = tell (account);
  fail_unless_equals_uint64 (count (stats, "latency-samples"), SAMPLES);
  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++) {
    guint64 exact = values[(guint) (quantiles[i].quantile * SAMPLES + 0.5) - 1];
    guint64 told = count (stats, quantiles[i].field);

    fail_unless (told >= exact && (gdouble) (told - exact)
        <= 0.032 * (gdouble) exact, "%s: %" G_GUINT64_FORMAT " instead of %"
        G_GUINT64_FORMAT, quantiles[i].field, told, exact);
  }
  check_buckets (stats, values);
  gst_structure_free (stats);
  g_rand_free (random);
  g_free (values);
  g_free (histogram);
  g_free (account);
}

GST_END_TEST;

GST_START_TEST (test_every_count_is_told_in_its_own_field)
{
  TieredQueueAccount *a = g_new0 (TieredQueueAccount, 1);
  const struct
  {
    const gchar *field;
    guint64 *cell;
  } counts[] = {
    {"buffers-in", &a->buffers_in}, {"bytes-in", &a->bytes_in},
    {"buffers-out", &a->buffers_out}, {"bytes-out", &a->bytes_out},
    {"level-buffers", &a->level_buffers}, {"level-bytes", &a->level_bytes},
    {"level-time", &a->level_time}, {"level-buffers-peak", &a->peak_buffers},
    {"slots", &a->slots}, {"growths", &a->growths}, {"wakeups", &a->wakeups},
    {"buffers-dropped-full", &a->dropped[TIEREDQUEUE_DROP_FULL]},
    {"buffers-dropped-timeout", &a->dropped[TIEREDQUEUE_DROP_TIMEOUT]},
    {"buffers-dropped-gop", &a->dropped[TIEREDQUEUE_DROP_GOP]},
    {"buffers-dropped-flush", &a->dropped[TIEREDQUEUE_DROP_FLUSH]},
    {"buffers-dropped-eos", &a->dropped[TIEREDQUEUE_DROP_EOS]},
    {"bytes-dropped", &a->bytes_dropped},
    {"backpressure-count", &a->backpressure_count},
    {"backpressure-time", &a->backpressure_time},
    {"sync-waits", &a->sync_waits}, {"sync-wait-time", &a->sync_wait_time},
    {"sync-lates", &a->sync_lates},
  };
  GstStructure *stats;
  gdouble rate;

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    *counts[i].cell = 1000 + i;
  stats = tell (a);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    fail_unless_equals_uint64 (count (stats, counts[i].field), 1000 + i);
  fail_unless_equals_uint64 (count (stats, "buffers-dropped"),
      1011 + 1012 + 1013 + 1014 + 1015);
  fail_unless (gst_structure_get_double (stats, "wakeups-per-buffer", &rate));
  fail_unless (rate == 1010.0 / 1002.0);
  gst_structure_free (stats);
  g_free (a);
}

GST_END_TEST;

GST_START_TEST (test_losses_make_the_success_rate_and_flushes_do_not)
{
  TieredQueueAccount *a = g_new0 (TieredQueueAccount, 1);
  GstStructure *stats = tell (a);
  gdouble rate;

  fail_unless (gst_structure_get_double (stats, "success-rate", &rate));
  fail_unless (rate == 1.0);
  gst_structure_free (stats);
  a->buffers_in = 100;
  a->dropped[TIEREDQUEUE_DROP_FULL] = 1;
  a->dropped[TIEREDQUEUE_DROP_TIMEOUT] = 2;
  a->dropped[TIEREDQUEUE_DROP_GOP] = 22;
  a->dropped[TIEREDQUEUE_DROP_FLUSH] = 40;
  stats = tell (a);
  fail_unless (gst_structure_get_double (stats, "success-rate", &rate));
  fail_unless (rate == 0.75);
  gst_structure_free (stats);
  g_free (a);
}

GST_END_TEST;

static Suite *
account_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-account");
  TCase *tcase = tcase_create ("tieredqueue-account");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_percentiles_are_within_3_2_percent_of_the_exact_ones);
  tcase_add_test (tcase, test_every_count_is_told_in_its_own_field);
  tcase_add_test (tcase,
      test_losses_make_the_success_rate_and_flushes_do_not);
  return suite;
}

GST_CHECK_MAIN (account);
