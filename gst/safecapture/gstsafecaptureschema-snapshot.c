/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schema of a monitor's snapshots. */
#include "gstsafecaptureschema-private.h"

static const GstSafecaptureField snapshot_fields[] = {
  GAUGE ("time", "ns", "when it was taken, of the monotonic clock"),
  TEXT ("state", "of the pipeline: `NULL`, `READY`, `PAUSED`, `PLAYING`"),
  FLAG ("healthy", "whether all elements of safecapture are"),
  TEXT ("health-reasons", "`NAME:CODE` of each reason, separated by commas; see "
      "[Health](#health)"),
  COUNTER ("buffers-lost", "buffers", "dropped by bufpoolsrc or safefilesink, or by "
      "tieredqueue "
      "as `full`, `timeout` or `gop`"),
  COUNTER ("bytes-written", "bytes", "of all safefilesinks"),
  GAUGE ("backlog-bytes", "bytes", "of all safefilesinks"),
  GAUGE ("durable-lag", "ns", "the longest of any safefilesink"),
  GAUGE ("space-left", "bytes", "the least of any safefilesink; 2^64-1: not "
      "known"),
  GAUGE ("time-left", "ns", "the least of any safefilesink; 2^64-1: not known"),
  RATIO ("success-rate", "the lowest of any bufpoolsrc or tieredqueue"),
  RATIO ("utilisation", "the highest of any element of safecapture"),
  ARRAY ("elements", "element", "one for each element of safecapture"),
  ARRAY ("queues", "queue", "one for each `queue` and `queue2`, and for each "
      "sink pad of a `multiqueue`"),
};

DEFINE_GROUP (snapshot);

static const GstSafecaptureField place_fields[] = {
  TEXT ("name", "of the element, or of the pad"),
  TEXT ("path", "from the pipeline to it"),
  TEXT ("factory", "what it is, as in gst-launch-1.0"),
};

DEFINE_GROUP (place);

static const GstSafecaptureField element_fields[] = {
  FIELD ("stats", "GstStructure", STRUCTURE, "", "its property `stats`",
      GST_SAFECAPTURE_CONTAINS_STATS, FALSE),
};

DEFINE_GROUP (element);

static const GstSafecaptureField queue_fields[] = {
  TEXT ("element", "name of the element, also where the entry is of its pad"),
  GAUGE ("level-buffers", "buffers", "in it now"),
  GAUGE ("level-bytes", "bytes", "in it now"),
  GAUGE ("level-time", "ns", "in it now"),
  GAUGE ("max-buffers", "buffers", "its limit; 0: none"),
  GAUGE ("max-bytes", "bytes", "its limit; 0: none"),
  GAUGE ("max-time", "ns", "its limit; 0: none"),
  RATIO ("utilisation", "of the limit that is fullest; `queue` and `multiqueue` "
      "can be over it"),
};

DEFINE_GROUP (queue);
