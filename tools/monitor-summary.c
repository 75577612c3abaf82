/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-summary.h"

#define LABEL_COLUMNS 15
/* More would be no summary. */
#define MOST_REASONS 6u

static void
add_reasons (GPtrArray * lines, const gchar * const *reasons)
{
  guint count = g_strv_length ((gchar **) reasons);

  for (guint i = 0; i < MIN (count, MOST_REASONS); i++)
    g_ptr_array_add (lines, g_strdup_printf ("  - %s", reasons[i]));
  if (count > MOST_REASONS)
    g_ptr_array_add (lines, g_strdup_printf ("  - and %u more",
            count - MOST_REASONS));
}

/* The label stands only where it is another than before. */
static void
add_facts (GPtrArray * lines, GPtrArray * facts)
{
  const gchar *last = NULL;

  for (guint i = 0; i < facts->len; i++) {
    const MonitorFact *fact = g_ptr_array_index (facts, i);

    g_ptr_array_add (lines, g_strdup_printf ("  %-*s%s", LABEL_COLUMNS,
            g_strcmp0 (fact->label, last) == 0 ? "" : fact->label,
            fact->value));
    last = fact->label;
  }
}

gchar **
monitor_summary_lines (const MonitorFacts * facts, gint code,
    const gchar * const *reasons, guint64 running)
{
  GPtrArray *list = monitor_facts_list (facts, running);
  GPtrArray *lines = g_ptr_array_new ();

  g_ptr_array_add (lines, g_strconcat (monitor_facts_verdict (facts, code),
          reasons[0] != NULL ? ":" : ".", NULL));
  add_reasons (lines, reasons);
  add_facts (lines, list);
  g_ptr_array_add (lines, NULL);
  g_ptr_array_unref (list);
  return (gchar **) g_ptr_array_free (lines, FALSE);
}
