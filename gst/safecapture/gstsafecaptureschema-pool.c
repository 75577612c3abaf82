/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schema of an allocator's statistics and of bufpoolsrc's messages. */
#include "gstsafecaptureschema-private.h"

/* ---- rows of several tables ---- */

#define SLOTS_NOW \
  GAUGE ("slots", "slots", "of all tiers"), \
  GAUGE ("in-use", "slots", "that are out now")
#define HOLD_TIME \
  GAUGE ("mean-hold-time", "ns", "how long a slot is out (mean of a sample)")
#define MISUSE \
  COUNTER ("foreign-releases", "releases", \
      "refused: the memory is not the pool's"), \
  COUNTER ("double-releases", "releases", \
      "refused: the slot was back already"), \
  COUNTER ("corrupted-headers", "releases", \
      "refused: the slot's header was written over"), \
  COUNTER ("overruns", "releases", \
      "of a slot that had been written past its end")
#define EXHAUSTED(name) \
  COUNTER (name, "requests", "times no slot was free at the first look"), \
  COUNTER ("wait-time", "ns", "spent waiting for a slot, in all")
#define LEFT_OUT \
  COUNTER ("buffers-dropped", "buffers", \
      "left out with `on-exhausted=drop`"), \
  COUNTER ("bytes-dropped", "bytes", "left out with `on-exhausted=drop`")

/* ---- an allocator ---- */

static const GstSafecaptureField pool_fields[] = {
  SLOTS_NOW,
  COUNTER ("acquired", "slots", "handed out"),
  COUNTER ("released", "slots", "taken back"),
  COUNTER ("hits", "requests",
      "that were served from the smallest slots that fit"),
  COUNTER ("failures", "requests",
      "that got nothing, at once or at the end of their wait"),
  COUNTER ("borrows", "requests", "that the next larger tier served"),
  COUNTER ("too-large", "requests", "failures: beyond the largest slot"),
  COUNTER ("quota-refusals", "requests",
      "failures: beyond their class's quota"),
  COUNTER ("waits", "requests", "that waited in the pool"),
  COUNTER ("timeouts", "requests", "that waited in vain"),
  COUNTER ("fallbacks", "buffers", "that got system memory because no slot was "
      "free or large enough; never in bufpoolsrc, whose pool waits"),
  MISUSE,
  RATIO ("success-rate",
      "`acquired` / (`acquired` + `failures`); 1 before the first request"),
  RATIO ("utilisation", "bytes of the slots in use / bytes of all slots, now"),
  RATIO ("fragmentation",
      "requests refused although as many bytes were free in "
      "other slots / (`acquired` + `failures`)"),
  RATIO ("internal-fragmentation", "share of the bytes of the slots handed out "
      "that was not asked for (of a sample)"),
  HOLD_TIME,
  TEXT ("state", "of the pool: `uninitialized`, `initializing`, `ready`, "
      "`active`, `warning`, `error`, `shutting-down`, `shutdown`; see "
      "[pool.md](pool.md#states)"),
  ARRAY ("tiers", "tier", "one a tier, the smallest slots first"),
  ARRAY ("classes", "class", "one a class"),
};

DEFINE_GROUP (pool);

static const GstSafecaptureField offer_fields[] = {
  COUNTER ("arenas", "arenas", "that there have been: more than one after caps "
      "whose buffers did not fit"),
  GAUGE ("memory", "bytes", "reserved now; 0 while upstream does not use it"),
};

DEFINE_GROUP (offer);

static const GstSafecaptureField tier_fields[] = {
  GAUGE ("slot-size", "bytes", "of a slot"),
  GAUGE ("slots", "slots", "of this tier"),
  GAUGE ("in-use", "slots", "out now"),
  GAUGE ("peak", "slots", "the most that were out at once"),
  GAUGE ("peak-slack", "slots",
      "by how much `peak` can be too low or too high"),
  COUNTER ("acquired", "slots", "of this tier handed out, whoever asked"),
  COUNTER ("released", "slots", "of this tier taken back"),
  COUNTER ("hits", "requests", "for this tier, served from it"),
  COUNTER ("failures", "requests", "for this tier, not served"),
  COUNTER ("borrows", "requests",
      "for this tier, served by the next larger one"),
  RATIO ("success-rate",
      "(`hits` + `borrows`) / (`hits` + `borrows` + `failures`)"),
  HOLD_TIME,
  LATENCY ("acquire-latency", "requests for this tier, waits included", TRUE),
  BUCKETS ("acquire-latency", TRUE),
  LATENCY ("release-latency", "giving slots of this tier back", TRUE),
};

DEFINE_GROUP (tier);

static const GstSafecaptureField class_fields[] = {
  TEXT ("name", "`primary`, `conversion`, `scratch`, `input`, `output`, "
      "`metadata`: in this order"),
  GAUGE ("quota", "slots", "the most it may have at once; 0 for any number"),
  GAUGE ("in-use", "slots", "out now"),
  GAUGE ("peak", "slots", "the most that were out at once"),
  COUNTER ("acquired", "slots", "handed out"),
  COUNTER ("released", "slots", "taken back"),
  COUNTER ("failures", "requests", "that got nothing"),
  COUNTER ("borrows", "requests", "that the next larger tier served"),
  COUNTER ("quota-refusals", "requests", "failures: beyond the quota"),
  RATIO ("success-rate", "`acquired` / (`acquired` + `failures`)"),
  HOLD_TIME,
  LATENCY ("acquire-latency", "requests, waits included; of a class that was "
      "used", TRUE),
  LATENCY ("release-latency", "giving slots back; of a class that was used",
      TRUE),
};

DEFINE_GROUP (class);

/* ---- bufpoolsrc ---- */

static const GstSafecaptureField source_fields[] = {
  COUNTER ("buffers-out", "buffers", "pushed"),
  COUNTER ("bytes-out", "bytes", "pushed"),
  COUNTER ("samples-out", "samples",
      "of each channel, pushed; 0 if not raw audio"),
  LEFT_OUT,
  EXHAUSTED ("exhausted"),
  COUNTER ("partial-bytes", "bytes",
      "left out at the end of the data because an audio frame was cut"),
  COUNTER ("foreign-buffers", "buffers", "pushed by the application "
      "(`mode=app`) in memory that is not the pool's"),
  GAUGE ("queued-buffers", "buffers",
      "pushed by the application (`mode=app`) and not yet taken"),
  GAUGE ("sample-rate", "Hz", "as negotiated; 0 if the data has none"),
  FLAG ("aes5", "whether that is a sampling frequency of AES5"),
};

DEFINE_GROUP (source);

static const GstSafecaptureField trends_fields[] = {
  MAYBE_RATE ("acquire-latency-mean", "ns",
      "of the requests between the two newest snapshots"),
  GAUGE ("trend-snapshots", "snapshots", "that the trends are of: the newest "
      "60, one a `metrics-interval`"),
  GAUGE ("trend-span", "ns", "from the first of them to the last"),
  MAYBE_RATE ("trend-success-rate-mean", "ratio",
      "of the success rates of the intervals between them"),
  MAYBE_RATE ("trend-success-rate-slope", "1/s",
      "of the same, by least squares"),
  MAYBE_RATE ("trend-utilisation-mean", "ratio", "of the utilisation"),
  MAYBE_RATE ("trend-utilisation-slope", "1/s", "of the utilisation"),
  MAYBE_RATE ("trend-acquire-latency-mean", "ns",
      "of the mean times that acquires took"),
  MAYBE_RATE ("trend-acquire-latency-slope", "ns/s",
      "of the mean times that acquires took"),
  MAYBE_TEXT ("advice",
      "the tiers that the use so far would have needed: paste "
      "it into `tiers`"),
};

DEFINE_GROUP (trends);

static const GstSafecaptureField exhausted_fields[] = {
  TEXT ("policy", "`on-exhausted`"),
  EXHAUSTED ("count"),
  LEFT_OUT,
  SLOTS_NOW,
};

DEFINE_GROUP (exhausted);

/* ---- its warnings ---- */

static const GstSafecaptureField not_locked_fields[] = {
  FIELD ("errno", "gint", GAUGE, "", "why `lock-memory` was refused", NULL,
      FALSE),
  TEXT ("reason", "the same in words"),
};

DEFINE_GROUP (not_locked);

static const GstSafecaptureField partial_fields[] = {
  COUNTER ("bytes", "bytes", "left out"),
};

DEFINE_GROUP (partial);

static const GstSafecaptureField misuse_fields[] = {
  MISUSE,
};

DEFINE_GROUP (misuse);

static const GstSafecaptureField outstanding_fields[] = {
  GAUGE ("count", "buffers", "still held"),
  GAUGE ("oldest", "ns", "how long the oldest of them has been held"),
  ARRAY ("buffers", "buffer", "up to 64 of them"),
};

DEFINE_GROUP (outstanding);

static const GstSafecaptureField buffer_fields[] = {
  GAUGE ("buffer-id", "", "number of its slot"),
  TEXT ("class", "what it was acquired for"),
  GAUGE ("size", "bytes", "of its data"),
  GAUGE ("held", "ns", "how long it has been out"),
};

DEFINE_GROUP (buffer);

static const GstSafecaptureField limit_fields[] = {
  TEXT ("figure", "what exceeds the limit"),
  RATE ("value", "", "of the figure"),
  RATE ("limit", "", "that it exceeds; see [pool.md](pool.md#limits)"),
  FLAG ("early", "whether it is the early limit"),
  TEXT ("advice", "the tiers that the use so far would have needed; empty if "
      "there is none"),
};

DEFINE_GROUP (limit);
