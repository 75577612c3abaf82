/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-format.h"

#include "tool-text.h"

/* Three figures that count. */
static gchar *
scaled (gdouble value, gdouble step, const gchar * const *units, guint count)
{
  guint unit = 0;

  /* What would be rounded to a thousand goes on to the next unit. */
  while (unit + 1 < count && value >= (unit == 0 ? step : step - 0.5)) {
    value /= step;
    unit++;
  }
  return g_strdup_printf (unit == 0 || value >= 99.95 ? "%.0f%s" : "%.1f%s",
      value, units[unit]);
}

gchar *
monitor_format_size (guint64 bytes)
{
  static const gchar *const units[] = {
    " B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"
  };

  if (bytes == G_MAXUINT64)
    return g_strdup ("?");
  return scaled ((gdouble) bytes, 1024.0, units, G_N_ELEMENTS (units));
}

gchar *
monitor_format_rate (gdouble bytes_per_second)
{
  static const gchar *const units[] = {
    " B/s", " kB/s", " MB/s", " GB/s", " TB/s"
  };

  return scaled (MAX (bytes_per_second, 0.0), 1000.0, units,
      G_N_ELEMENTS (units));
}

gchar *
monitor_format_latency (guint64 ns)
{
  static const gchar *const units[] = { " ns", " us", " ms", " s" };

  if (ns == G_MAXUINT64)
    return g_strdup ("?");
  if (ns >= 100 * GST_SECOND)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u", ns / (60
            * GST_SECOND), (guint) (ns / GST_SECOND % 60));
  return scaled ((gdouble) ns, 1000.0, units, G_N_ELEMENTS (units));
}

gchar *
monitor_format_clock (guint64 ns)
{
  guint64 seconds = ns / GST_SECOND;

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600,
      (guint) (seconds / 60 % 60), (guint) (seconds % 60));
}

gchar *
monitor_format_left (guint64 ns)
{
  guint64 seconds = ns / GST_SECOND;

  if (ns == G_MAXUINT64)
    return g_strdup ("?");
  if (seconds < 100)
    return g_strdup_printf ("%u s", (guint) seconds);
  if (seconds < 3600)
    return g_strdup_printf ("%u:%02u min", (guint) (seconds / 60),
        (guint) (seconds % 60));
  if (seconds < 48 * 3600)
    return g_strdup_printf ("%u:%02u h", (guint) (seconds / 3600),
        (guint) (seconds / 60 % 60));
  return g_strdup_printf ("%" G_GUINT64_FORMAT " days", seconds / 86400);
}

gchar *
monitor_format_count (guint64 count)
{
  static const gchar *const units[] = { "", " k", " M", " G", " T", " P" };

  return scaled ((gdouble) count, 1000.0, units, G_N_ELEMENTS (units));
}

gchar *
monitor_format_percent (gdouble fraction)
{
  return g_strdup_printf ("%.0f %%", CLAMP (fraction, 0.0, 9.99) * 100.0);
}

gchar *
monitor_format_safe (const gchar * text)
{
  gchar safe[SC_TEXT_NAME];

  return g_strdup (sc_text_name (text != NULL ? text : "", safe));
}
