/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schema of safefilesink's statistics and messages. */
#include "gstsafecaptureschema-private.h"

/* ---- rows of several tables ---- */

#define DURABLE_MARK \
  GAUGE ("durable-offset", "bytes", \
      "the durable mark: every byte of the file below it survives")
#define BACKLOG \
  GAUGE ("backlog-bytes", "bytes", \
      "in memory: accepted and not yet durable"), \
  GAUGE ("ring-size", "bytes", "the memory for them")
#define WAITS \
  COUNTER ("waits", "times", "the stream found no room in memory"), \
  COUNTER ("wait-time", "ns", "that it waited, in all")

/* ---- the sink ---- */

static const GstSafecaptureField sink_fields[] = {
  RATE ("average-rate", "ratio", "of the base class: see GstBaseSink"),
  COUNTER ("dropped", "buffers", "of the base class: see GstBaseSink"),
  COUNTER ("rendered", "buffers", "of the base class: see GstBaseSink"),
  TEXT ("state", "`init`, `ready`, `writing`, `backup`, `flushing`, "
      "`verifying`, `published`, `error`"),
  COUNTER ("bytes-accepted", "bytes", "taken from the stream"),
  COUNTER ("bytes-written", "bytes", "given to the operating system"),
  GAUGE ("file-size", "bytes",
      "end of the highest byte written; of a recording "
      "in parts, of the whole"),
  DURABLE_MARK,
  BACKLOG,
  COUNTER ("writes", "calls", "to write payload"),
  COUNTER ("syncs", "syncs", "completed"),
  COUNTER ("overwrites", "calls", "to write below the highest byte so far"),
  COUNTER ("overwritten-bytes", "bytes", "written below the highest so far"),
  GAUGE ("journal-bytes", "bytes", "size of the journal"),
  COUNTER ("switches", "times",
      "the recording has gone on at a backup location"),
  GAUGE ("space-left", "bytes", "until the recording must end, by what is free "
      "and by `reserve`, `min-free` and `max-bytes`; looked at once a second "
      "while data come; 2^64-1: not known"),
  GAUGE ("time-left", "ns", "how long they last at the rate of the last "
      "seconds; 2^64-1: not known"),
  WAITS,
  COUNTER ("buffers-dropped", "buffers", "left out with `on-full=drop`"),
  COUNTER ("bytes-dropped", "bytes", "left out with `on-full=drop`"),
  LATENCY ("write-latency", "one write, with its journal record", FALSE),
  BUCKETS ("write-latency", FALSE),
  COUNTER ("verified-bytes", "bytes", "read back and right (`verify`)"),
  COUNTER ("verify-mismatches", "writes", "that were not right"),
  COUNTER ("verify-repairs", "writes",
      "of these that were right when written once more"),
  LATENCY ("sync-latency", "one sync, payload and journal", FALSE),
  BUCKETS ("sync-latency", FALSE),
  LATENCY ("verify-latency", "reading back what one sync made durable", FALSE),
  BUCKETS ("verify-latency", FALSE),
  OFFERED_POOL,
};

DEFINE_GROUP (sink);

static const GstSafecaptureField sink_health_fields[] = {
  RATIO ("utilisation", "`backlog-bytes` / `ring-size`"),
  GAUGE ("durable-lag", "ns", "how long the oldest byte that is not durable has "
      "been in memory, at least: as old as the look that saw it first"),
  GAUGE ("ring-time-left", "ns", "until the memory is full, at the rate since "
      "the look before; 2^64-1: more than half is free, or it is not filling"),
};

DEFINE_GROUP (sink_health);

static const GstSafecaptureField published_fields[] = {
  TEXT ("location", "the file, which now has its name; the manifest where it "
      "is "
      "in several parts"),
  GAUGE ("size", "bytes", "of it"),
  FLAG ("durable", "whether all of it survives a power cut (not with "
      "`sync-policy=none`)"),
  GAUGE ("parts", "files", "that the recording is in: more than 1 after a "
      "switch, then `safecapture join` makes one of them"),
};

DEFINE_GROUP (published);

static const GstSafecaptureField switched_fields[] = {
  TEXT ("location", "the file it goes on in"),
  TEXT ("from",
      "the one that failed; where it could not be opened, the location"),
  GAUGE ("part", "", "number of the new file among the recording's; 0 where "
      "nothing was recorded before"),
  GAUGE ("offset", "bytes", "where in the recording the new file begins; below "
      "it, the parts before count"),
  GAUGE ("unsynced-bytes", "bytes", "how much of the part before may be "
      "missing, as the kernel had not brought it to the disk: all of it at most, "
      "with `sync-policy=none`; else 0"),
  TEXT ("reason", "the operation that failed: `open`, `lock`, `open-journal`, "
      "`sync-folder`, `write`, `read-back`, `sync`, `write-journal`, "
      "`sync-journal`, `truncate`, `size`, `close`, `publish`, `thread`, "
      "`manifest`, `verify`; `space`: there was room for no more"),
  FIELD ("error", "gint", GAUGE, "", "its errno; ETIMEDOUT where it did not "
      "return within `write-timeout`", NULL, FALSE),
  TEXT ("manifest", "the manifest beside the new file; empty for part 0"),
  TEXT ("text", "the same in words"),
};

DEFINE_GROUP (switched);

static const GstSafecaptureField left_out_fields[] = {
  GAUGE ("count", "buffers", "left out since the last message"),
  GAUGE ("bytes", "bytes", "left out since the last message"),
  GAUGE ("offset", "bytes", "where in the recording the first of them belongs"),
  GAUGE ("first-running-time", "ns",
      "at which the first of them begins; 2^64-1: not known"),
  GAUGE ("last-running-time", "ns",
      "at which the last of them ends; 2^64-1: not known"),
  TEXT ("text", "the same in words"),
};

DEFINE_GROUP (left_out);

static const GstSafecaptureField recovered_fields[] = {
  TEXT ("location", "the recovered file"),
  GAUGE ("size", "bytes", "of it"),
  GAUGE ("durable-offset", "bytes", "the last mark in its journal"),
  TEXT ("verdict", "`whole`, `repaired`, `loss` (below the mark), `unvouched` "
      "(no journal)"),
  GAUGE ("lost-below-mark", "bytes",
      "below the mark that the journal names and the file does not have right"),
  GAUGE ("lost-above-mark", "bytes", "likewise, above it"),
  GAUGE ("bytes-dropped", "bytes",
      "that were left out while it was recorded (`on-full=drop`)"),
  FLAG ("container-repaired",
      "whether its format was recognised and made to play"),
  TEXT ("container", "the format: `WAV`, `MP4`; empty where it is not known"),
  TEXT ("container-note", "why it was not repaired, or what else to know of "
      "it; or empty"),
};

DEFINE_GROUP (recovered);

/* ---- its warnings ---- */

static const GstSafecaptureField slow_fields[] = {
  WAITS,
  BACKLOG,
};

DEFINE_GROUP (slow);

static const GstSafecaptureField behind_fields[] = {
  BACKLOG,
  GAUGE ("time-to-full", "ns", "until it is full, as it grows"),
};

DEFINE_GROUP (behind);

static const GstSafecaptureField no_direct_fields[] = {
  TEXT ("location", "the file that is written through the page cache"),
};

DEFINE_GROUP (no_direct);

static const GstSafecaptureField mismatch_fields[] = {
  GAUGE ("offset", "bytes", "where the latest of them is"),
  COUNTER ("mismatches", "writes", "that were read back wrong"),
  COUNTER ("repairs", "writes",
      "of these that were right when written once more"),
};

DEFINE_GROUP (mismatch);

static const GstSafecaptureField space_low_fields[] = {
  GAUGE ("space-left", "bytes", "until the recording must end"),
  GAUGE ("time-left", "ns", "how long they last at the rate of the last "
      "seconds"),
};

DEFINE_GROUP (space_low);

static const GstSafecaptureField used_up_fields[] = {
  GAUGE ("size", "bytes", "of the file"),
  DURABLE_MARK,
};

DEFINE_GROUP (used_up);

static const GstSafecaptureField stopped_fields[] = {
  TEXT ("location", "the file; of a recording in parts its manifest"),
  GAUGE ("size", "bytes", "of it"),
  DURABLE_MARK,
};

DEFINE_GROUP (stopped);

static const GstSafecaptureField unfinished_fields[] = {
  TEXT ("location", "the file that was found"),
};

DEFINE_GROUP (unfinished);

static const GstSafecaptureField unrecovered_fields[] = {
  TEXT ("location", "the file that was left untouched"),
  FIELD ("error", "gint", GAUGE, "", "why, an errno", NULL, FALSE),
};

DEFINE_GROUP (unrecovered);
