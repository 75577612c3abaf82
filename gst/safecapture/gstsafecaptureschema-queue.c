/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schema of tieredqueue's statistics and messages. */
#include "gstsafecaptureschema-private.h"

static const GstSafecaptureField channels_fields[] = {
  ARRAY ("channels", "channel",
      "one for each channel that is there; that of the "
      "pads `sink` and `src` is the first, and left out while there are "
      "others, "
      "neither pad is linked and nothing has come in"),
};

DEFINE_GROUP (channels);

static const GstSafecaptureField channel_name_fields[] = {
  TEXT ("channel", "its name: that of the sink pad, if it was given no other"),
};

DEFINE_GROUP (channel_name);

static const GstSafecaptureField channel_limits_fields[] = {
  GAUGE ("max-buffers", "buffers", "its limit; 0: none"),
  GAUGE ("max-bytes", "bytes", "its limit; 0: none"),
  GAUGE ("max-time", "ns", "its limit; 0: none"),
  RATIO ("high-watermark", "of the limit that is fullest: `backpressure` begins"),
  RATIO ("low-watermark", "of the limit that is fullest: `backpressure` ends"),
};

DEFINE_GROUP (channel_limits);

static const GstSafecaptureField channel_fields[] = {
  COUNTER ("buffers-in", "buffers",
      "taken at the sink pad, those dropped at once included"),
  COUNTER ("bytes-in", "bytes", "taken at the sink pad, likewise"),
  COUNTER ("buffers-out", "buffers", "pushed at the source pad"),
  COUNTER ("bytes-out", "bytes", "pushed at the source pad"),
  GAUGE ("level-buffers", "buffers",
      "in the queue now, a buffer that waits for "
      "its turn (`sync-channels`) included"),
  GAUGE ("level-bytes", "bytes", "in the queue now"),
  GAUGE ("level-time", "ns", "running time in the queue now"),
  GAUGE ("level-buffers-peak", "buffers", "highest level seen; looked at with "
      "every eighth item and whenever the queue seems full"),
  GAUGE ("slots", "slots", "of the ring's newest segment"),
  COUNTER ("growths", "segments", "linked since the start"),
  COUNTER ("wakeups", "wakeups",
      "times one side had to wake the other through the kernel"),
  RATE ("wakeups-per-buffer", "wakeups/buffer",
      "`wakeups` / `buffers-out`; 0 before the first"),
  RATE ("buffers-per-second", "buffers/s", "pushed at the source pad, over the "
      "time between the two latest looks (metrics messages or reads of "
      "`stats`) "
      "that are at least 0.9 s apart; before there are two, since the start"),
  RATE ("bytes-per-second", "bytes/s", "pushed at the source pad, likewise"),
  COUNTER ("buffers-dropped-full", "buffers",
      "dropped because `leaky` and full"),
  COUNTER ("buffers-dropped-timeout", "buffers",
      "dropped because no room came within `put-timeout`"),
  COUNTER ("buffers-dropped-gop", "buffers",
      "dropped because it needs a buffer "
      "that was dropped (`drop-policy=gop`)"),
  COUNTER ("buffers-dropped-flush", "buffers",
      "dropped by a flush, after an error from downstream, or at the stop"),
  COUNTER ("buffers-dropped-eos", "buffers",
      "dropped by `flush-on-eos`, or because downstream had said EOS"),
  COUNTER ("buffers-dropped", "buffers", "for all these reasons"),
  COUNTER ("bytes-dropped", "bytes", "for all these reasons"),
  RATIO ("success-rate", "share of `buffers-in` that was not dropped as `full`, "
      "`timeout` or `gop`; 1 before the first"),
  RATIO ("utilisation", "of the limit that is fullest now; of several channels, "
      "of the fullest"),
  FLAG ("backpressure",
      "above the high watermark, and not yet below the low one"),
  COUNTER ("backpressure-count", "times", "it has begun"),
  COUNTER ("backpressure-time", "ns", "in it, all in all"),
  COUNTER ("sync-waits", "times", "the output has waited for other channels "
      "(`sync-channels`), a wait under way included"),
  COUNTER ("sync-wait-time", "ns", "in such waits, once they have ended"),
  COUNTER ("sync-lates", "times", "it was waited for longer than "
      "`max-interleave`, so that the others went on without it"),
  COUNTER ("latency-samples", "buffers",
      "whose time in the queue was measured"),
  LATENCY ("latency", "these buffers in the queue", FALSE),
  BUCKETS ("latency", FALSE),
  OFFERED_POOL,
};

DEFINE_GROUP (channel);

static const GstSafecaptureField backpressure_fields[] = {
  FLAG ("active", "whether it has begun or ended"),
  GAUGE ("level", "buffers", "in the queue when posted"),
  GAUGE ("level-bytes", "bytes", "in the queue when posted"),
  GAUGE ("level-time", "ns", "in the queue when posted"),
  GAUGE ("duration", "ns",
      "since it began; when it has ended, how long it lasted"),
  COUNTER ("total-duration", "ns", "of all of them, this one included"),
  COUNTER ("count", "times", "it has begun"),
};

DEFINE_GROUP (backpressure);

static const GstSafecaptureField dropped_fields[] = {
  TEXT ("reason", "`full`, `timeout`, `gop`, `flush` or `eos`"),
  GAUGE ("count", "buffers",
      "dropped since the last message for this reason"),
  GAUGE ("bytes", "bytes", "dropped since the last message for this reason"),
  FIELD ("first-running-time", "gint64", GAUGE, "ns",
      "at which the first of them begins", NULL, FALSE),
  FIELD ("last-running-time", "gint64", GAUGE, "ns",
      "at which the last of them begins", NULL, FALSE),
};

DEFINE_GROUP (dropped);

static const GstSafecaptureField refused_fields[] = {
  MAYBE_TEXT ("channel", "the pad or the channel name that was asked for"),
};

DEFINE_GROUP (refused);
