/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A snapshot as text of OpenMetrics 1.0, which Prometheus and others read.
 *
 * Names are `safecapture_<place>_<field>` with the unit at the end: `_bytes`,
 * `_seconds` (times, which the schema has in ns), `_ratio`, `_hertz`; counters
 * end in `_total`.  See docs/monitoring/README.md.
 */
#ifndef MONITOR_OPENMETRICS_H
#define MONITOR_OPENMETRICS_H

#include <gst/gst.h>

#define MONITOR_OPENMETRICS_TYPE \
  "application/openmetrics-text; version=1.0.0; charset=utf-8"

/**
 * monitor_openmetrics_text:
 * @snapshot: a structure `safecapture-snapshot`
 *
 * Any thread.
 *
 * Returns: (transfer full): the text, which ends with its "# EOF"
 */
GBytes *monitor_openmetrics_text (const GstStructure * snapshot);

#endif
