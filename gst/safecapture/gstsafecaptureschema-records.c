/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every structure that is posted or read as statistics, and its fields. */
#include "gstsafecaptureschema-private.h"

static const GstSafecaptureField version_fields[] = {
  FIELD ("schema", "guint", GAUGE, "",
      "version of these tables: it grows when a "
      "field goes or changes its meaning, type or unit", NULL, FALSE),
};

DEFINE_GROUP (version);

static const GstSafecaptureField warning_fields[] = {
  TEXT ("code", "a stable name of the reason"),
  TEXT ("text", "for people, with the remedy"),
};

DEFINE_GROUP (warning);

static const GstSafecaptureField state_fields[] = {
  TEXT ("old", "the state before"),
  TEXT ("new", "the state now"),
  TEXT ("reason", "why it changed"),
};

DEFINE_GROUP (state);

static const GstSafecaptureField health_fields[] = {
  FLAG ("healthy", "whether no reason below holds"),
  TEXT ("health-reasons", "the reasons that hold, separated by commas; see "
      "[Health](#health)"),
  GAUGE ("idle-time", "ns", "since anything has come in, while something is "
      "expected; always 0 in bufpoolsrc"),
};

DEFINE_GROUP (health);

static const GstSafecaptureField unhealthy_fields[] = {
  RATE ("value", "", "of the figure; see [Health](#health)"),
  RATE ("limit", "", "that it is beyond"),
};

DEFINE_GROUP (unhealthy);

static const GstSafecaptureField metrics_log_fields[] = {
  TEXT ("location", "the file of `metrics-location`"),
  FIELD ("error", "gint", GAUGE, "", "why, an errno; ETIMEDOUT where the disk does "
      "not keep up", NULL, FALSE),
  COUNTER ("lines", "lines", "that are missing in it so far"),
};

DEFINE_GROUP (metrics_log);

#define GROUP(name) &gst_safecapture_group_##name
#define MESSAGE(name, ...) { name, { GROUP (version), __VA_ARGS__ } }
#define WARNING(name, group) MESSAGE (name, GROUP (warning), GROUP (group))
#define INSIDE(name, ...) { name, { __VA_ARGS__ } }

/* *INDENT-OFF* */
const GstSafecaptureRecord gst_safecapture_records[] = {
  MESSAGE ("bufpoolsrc-metrics", GROUP (health), GROUP (source), GROUP (pool),
      GROUP (trends)),
  MESSAGE ("bufpoolsrc-state", GROUP (state)),
  MESSAGE ("bufpoolsrc-exhausted", GROUP (exhausted)),
  WARNING ("bufpoolsrc-warning/metrics-log", metrics_log),
  WARNING ("bufpoolsrc-warning/memory-not-locked", not_locked),
  WARNING ("bufpoolsrc-warning/partial-frame", partial),
  WARNING ("bufpoolsrc-warning/buffer-misuse", misuse),
  WARNING ("bufpoolsrc-warning/buffers-outstanding", outstanding),
  WARNING ("bufpoolsrc-warning/success-rate", limit),
  WARNING ("bufpoolsrc-warning/fragmentation", limit),
  WARNING ("bufpoolsrc-warning/acquire-latency", limit),
  WARNING ("bufpoolsrc-warning/release-latency", limit),
  WARNING ("bufpoolsrc-warning/utilisation", limit),
  MESSAGE ("tieredqueue-metrics", GROUP (health), GROUP (channels),
      GROUP (channel)),
  MESSAGE ("tieredqueue-channel", GROUP (channel_name),
      GROUP (channel_limits), GROUP (channel)),
  MESSAGE ("tieredqueue-backpressure", GROUP (channel_name),
      GROUP (backpressure)),
  MESSAGE ("tieredqueue-dropped", GROUP (channel_name), GROUP (dropped)),
  WARNING ("tieredqueue-warning/metrics-log", metrics_log),
  WARNING ("tieredqueue-warning/channel-refused", refused),
  WARNING ("tieredqueue-warning/success-rate", unhealthy),
  WARNING ("tieredqueue-warning/utilisation", unhealthy),
  WARNING ("tieredqueue-warning/input-stalled", unhealthy),
  MESSAGE ("safefilesink-metrics", GROUP (health), GROUP (sink_health),
      GROUP (sink)),
  MESSAGE ("safefilesink-state", GROUP (state)),
  MESSAGE ("safefilesink-published", GROUP (published)),
  MESSAGE ("safefilesink-switched", GROUP (switched)),
  MESSAGE ("safefilesink-dropped", GROUP (left_out)),
  MESSAGE ("safefilesink-recovered", GROUP (recovered)),
  WARNING ("safefilesink-warning/metrics-log", metrics_log),
  WARNING ("safefilesink-warning/slow-storage", slow),
  WARNING ("safefilesink-warning/falls-behind", behind),
  WARNING ("safefilesink-warning/direct-refused", no_direct),
  WARNING ("safefilesink-warning/verify-mismatch", mismatch),
  WARNING ("safefilesink-warning/space-low", space_low),
  WARNING ("safefilesink-warning/space-used-up", used_up),
  WARNING ("safefilesink-warning/stopped-without-eos", stopped),
  WARNING ("safefilesink-warning/unfinished-recording", unfinished),
  WARNING ("safefilesink-warning/recovery-failed", unrecovered),
  WARNING ("safefilesink-warning/utilisation", unhealthy),
  WARNING ("safefilesink-warning/durable-lag", unhealthy),
  WARNING ("safefilesink-warning/input-stalled", unhealthy),
  WARNING ("safecapture-warning/metrics-log", metrics_log),
  MESSAGE ("safecapture-snapshot", GROUP (snapshot)),
  MESSAGE ("tieredallocator-stats", GROUP (pool)),
  INSIDE ("element", GROUP (place), GROUP (element)),
  INSIDE ("queue", GROUP (place), GROUP (queue)),
  INSIDE ("channel", GROUP (channel_name), GROUP (channel_limits),
      GROUP (channel)),
  INSIDE ("pool", GROUP (offer), GROUP (pool)),
  INSIDE ("tier", GROUP (tier)),
  INSIDE ("class", GROUP (class)),
  INSIDE ("buffer", GROUP (buffer)),
  { NULL, { NULL } },
};
/* *INDENT-ON* */
