/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A recording: bytes that a streaming thread hands over go through a ring in
 * memory to a file, and a durable mark says how much of it survives.
 *
 * Promise: every byte below sc_recorder_durable() survives the process and a
 * power cut, given a device that honours a flush; afterwards it reads as last
 * written and synced, or newer.
 *
 * Threads
 *   streaming   sc_recorder_write() copies into the ring, computing checksums;
 *               it takes no lock and makes no system call but a wake-up while
 *               the ring has room
 *   writer      writes runs of ring records to the target
 *   sync        syncs the target by policy (group commit: one sync for all that
 *               was written before it began), then publishes the mark and gives
 *               the ring's memory back; ends the recording
 *   supervisor  watches the two, which belong to one target (sc-lane.h), and
 *               moves the recording to the next target when this one fails, or
 *               leaves an operation unanswered for longer than the timeout
 * Memory is given back only when its bytes are durable, so the next target gets
 * all that was not.  In the policy "none" it is given back when written.
 *
 * Failover: `target` is where the recording begins, `backups` are the places it
 * goes on at, in order; one that failed is not used again.  What was recorded is
 * then in parts (docs/journal-format.md), and sc-join.h makes one file of them.
 * A first target that cannot be opened is no part: the recording then begins at
 * the next one as it would have there.
 *
 * Errors: with no target left, the last one's, which is kept, stops the writing
 * for good and comes back from every later call as -errno; sc_recorder_fault()
 * says what it was, sc_recorder_target() what befell each target.  The mark
 * never moves again then.  Where the target in use failed only in a sync, it is
 * given all that is in memory before close returns.
 */
#ifndef SC_RECORDER_H
#define SC_RECORDER_H

#include "sc-byte-ring.h"
#include "sc-drops.h"
#include "sc-histogram.h"
#include "sc-lane.h"
#include "sc-recorder-state.h"

typedef enum
{
  SC_SYNC_NONE,                 /* no promise: the mark stays 0 */
  SC_SYNC_INTERVAL,             /* at most so long after a byte was written */
  SC_SYNC_BYTES,                /* after so many bytes */
  SC_SYNC_ON_REQUEST,           /* when sc_recorder_sync() asks */
} ScSyncPolicy;

typedef struct
{
  ScTargetConfig target;        /* `sync` and `memory` are filled in by open */
  ScSyncPolicy policy;
  bool verify_close;            /* reads all back by the journal before the file
                                 * gets its name; needs a journal */
  bool verify;                  /* reads back what was synced; not with "none" */
  uint64_t sync_interval;       /* ns */
  uint64_t sync_bytes;
  uint64_t ring_size;           /* bytes, at least SC_BYTE_RING_MIN */
  /* Where to go on: a folder (it exists, or the name ends in "/"), where the
   * file gets the name of the target's; or the name of a file.  Absolute, as
   * they stand in manifests. */
  const char *const *backups;
  unsigned backup_count;        /* at most SC_PARTS_MAX - 1 */
  uint64_t write_timeout;       /* ns; 0: a hung target is waited for */
  ScFault target_fault;         /* with a kind: begin at the first backup */
  /* sc_recorder_region_size() bytes, aligned to a page.  A thread that a hung
   * disk keeps holds on to it even after close. */
  void *region;
  void (*release_region) (void *region);        /* once, by any thread */
  /* (nullable): something changed that a watcher wants to know (the state, a
   * wait for room); from any of the threads above, must not block */
  void (*notify) (void *user_data);
  void *user_data;
} ScRecorderConfig;

/* Where the first error stands. */
enum
{
  SC_FAULT_UNCLAIMED,
  SC_FAULT_CLAIMED,             /* being filled in */
  SC_FAULT_THERE,
};

typedef struct
{
  ScRecorderState state;
  uint64_t accepted;            /* bytes taken from the streaming thread */
  uint64_t written;             /* bytes given to the operating system */
  uint64_t size;                /* of the file: end of the highest byte */
  uint64_t durable;             /* the mark */
  uint64_t backlog;             /* bytes in the ring: not durable yet */
  uint64_t ring_size;
  uint64_t writes;
  uint64_t syncs;
  uint64_t overwrites;
  uint64_t overwritten_bytes;
  uint64_t journal_bytes;
  uint64_t waits;               /* times the streaming thread found no room */
  uint64_t wait_time;           /* ns */
  uint64_t verified_bytes;      /* read back and right */
  uint64_t mismatches;          /* records that were not, */
  uint64_t repairs;             /* and are now, written once more */
  uint64_t wrong_offset;        /* of the last mismatch, in the recording */
  uint64_t space_left;          /* bytes until the room ends; SC_SPACE_UNKNOWN */
} ScRecorderStats;

/* What became of a target. */
typedef struct
{
  bool tried;
  bool opened;                  /* it is, or was, a part */
  unsigned part;
  uint64_t base;                /* in the recording */
  uint64_t end;                 /* of what counts in it, once it has ended */
  /* Bytes of the part before that neither a sync vouches for nor this part has:
   * only without syncs, where the memory is given back when they are written. */
  uint64_t unsynced;
  ScPartResult result;
  ScFault fault;                /* of a failed one; its offset is the part's */
  /* Of the payload; where no file was made the location as it was given. */
  char path[PATH_MAX];
} ScTargetReport;

typedef struct ScRecorder
{
  ScRecorderConfig config;
  ScByteRing ring;
  ScRecorderStateLog *log;
  ScLaneBlock *block;
  ScLane *lanes;
  unsigned lane_count;
  pthread_t supervisor;

  pthread_mutex_t targets_lock;
  /* Under targets_lock; kept after close. */
  ScTargetReport targets[SC_PARTS_MAX];
  char manifest[PATH_MAX];      /* of the target in use; "" without parts */
  uint64_t revision;            /* of the manifest */

  /* The streaming thread's: what is left out at the moment, and the end of all
   * that it has put or left out so far. */
  ScGap gap;
  uint64_t top;
  ScDrops drops;

  _Atomic uint32_t fault_claim; /* SC_FAULT_UNCLAIMED... */
  ScFault fault;
  _Atomic bool interrupted;
  _Atomic uint32_t ending;      /* ScRecorderEnding */
  _Atomic bool opened;
  /* In the recording: what is accepted below `limit` fits, and the reserve, up to
   * `wall`, after it; SC_SPACE_UNKNOWN: no end is in sight, or none is kept. */
  _Atomic uint64_t limit, wall;
  _Atomic uint64_t space_left;  /* bytes; SC_SPACE_UNKNOWN */
  _Atomic uint64_t start;       /* size of the content that was kept */
  _Atomic bool finished;
  _Atomic bool direct_refused;  /* config.target.direct, but not possible */
  _Atomic uint32_t switches;
  _Atomic uint32_t restarts_wanted, restarts_done;
  _Atomic uint64_t requested;   /* ring position that someone waits for */
  _Atomic uint64_t synced;      /* ring position */
  _Atomic uint64_t durable;     /* the mark, a file offset */
  _Atomic uint64_t running_time;        /* of the last byte written */
  _Atomic uint64_t window;      /* bytes the kernel may hold unsynced */
  _Atomic uint64_t writes, syncs;
  _Atomic uint64_t size;        /* end of the highest byte written */
  _Atomic uint64_t replayed;    /* bytes that were written more than once */
  _Atomic uint64_t overwrites, overwritten_bytes;
  _Atomic uint64_t journal_bytes;
  ScEventcount sync_wake;       /* the sync thread sleeps here */
  ScEventcount progress;        /* waiters of the calls below sleep here */
  ScHistogram write_latency;    /* ns, of the writer's calls */
  _Atomic uint64_t verified_bytes, mismatches, repairs, wrong_offset;
  ScHistogram verify_latency;   /* ns, of what one sync made durable */
  ScHistogram sync_latency;     /* ns, payload and journal */
} ScRecorder;

/**
 * sc_recorder_region_size:
 * @config: all but the region
 *
 * Returns: bytes of memory that a recorder needs
 */
size_t sc_recorder_region_size (const ScRecorderConfig * config);

/**
 * sc_recorder_open:
 * @log: the state's log, which outlives the recorder; in state init
 * @fault: (out): what failed
 *
 * Starts the threads, which make the files, and waits until one target is open.
 * The strings of @config are copied.
 *
 * Returns: 0, or -errno: then nothing is open, @fault is the first target's, the
 * state is error, the region is released, and close must not be called
 */
int sc_recorder_open (ScRecorder * self, const ScRecorderConfig * config,
    ScRecorderStateLog * log, ScFault * fault);

/**
 * sc_recorder_write:
 * @offset: in the file
 * @running_time: of the bytes' end in ns, or SC_BYTE_RING_NO_TIME
 * @timeout_ns: how long to wait for room, or SC_WAIT_FOREVER
 * @taken: (out): bytes accepted, also on an error
 *
 * The streaming thread.
 *
 * Returns: 0; -ECANCELED where it would have to wait while interrupted,
 * -ETIMEDOUT, or the recording's error
 */
int sc_recorder_write (ScRecorder * self, uint64_t offset,
    uint64_t running_time, const void *data, size_t size, uint64_t timeout_ns,
    size_t *taken);

/**
 * sc_recorder_has_room:
 * @bytes: in all
 * @records: pieces of them that are put one by one, each of more than
 *     SC_BYTE_RING_RECORD_MAX bytes counted as as many as it takes
 *
 * Whether writing them would not wait now; or they are more than the ring takes
 * when it is empty, so that nothing but waiting helps.  An eighth of it is for
 * writes of up to 512 bytes alone.  The streaming thread.
 */
bool sc_recorder_has_room (ScRecorder * self, uint64_t bytes, uint64_t records);

/**
 * sc_recorder_drop:
 * @dropped: at or behind all that was written and dropped so far
 *
 * Leaves out bytes instead of writing them: the file has zeros in their place,
 * its journal a GAP.  The streaming thread.
 *
 * Returns: 0, -EINVAL, or as sc_recorder_write(): only where it does not follow
 * what was dropped before may it wait
 */
int sc_recorder_drop (ScRecorder * self, const ScGap * dropped,
    uint64_t timeout_ns);

/* Whether a write at @offset follows all so far, or leaves a hole behind it: no
 * part of it is written again.  The streaming thread. */
static inline bool
sc_recorder_is_append (const ScRecorder * self, uint64_t offset)
{
  return offset >= self->top;
}

/**
 * sc_recorder_sync:
 *
 * Waits until everything accepted so far is synced.  The streaming thread.
 *
 * Returns: as sc_recorder_write()
 */
int sc_recorder_sync (ScRecorder * self, uint64_t timeout_ns);

/**
 * sc_recorder_restart:
 *
 * Empties the file; the mark returns to 0.  The streaming thread.
 *
 * Returns: as sc_recorder_write(); -EINVAL where the end was announced already
 */
int sc_recorder_restart (ScRecorder * self, uint64_t timeout_ns);

/**
 * sc_recorder_finish:
 *
 * Announces the end and waits until the file is whole, synced and published.
 * May be called again after an interrupted or timed-out wait; no write may
 * follow.
 *
 * Returns: as sc_recorder_write()
 */
int sc_recorder_finish (ScRecorder * self, uint64_t timeout_ns);

/**
 * sc_recorder_interrupt:
 *
 * Ends every wait of the calls above while @interrupted.  Any thread.
 */
void sc_recorder_interrupt (ScRecorder * self, bool interrupted);

/**
 * sc_recorder_close:
 *
 * Ends the threads.  Unless finished, what was accepted is written and synced,
 * and the files stay for recovery.  No other call may be under way.  A target
 * that hangs is waited for no longer than write_timeout.
 *
 * Returns: 0, or the recording's error
 */
int sc_recorder_close (ScRecorder * self, ScFault * fault);

/* Where the room for the recording ends, and where that for its end does, as
 * offsets in it; SC_SPACE_UNKNOWN while neither is in sight.  Any thread. */
static inline uint64_t
sc_recorder_limit (const ScRecorder * self)
{
  /* Acquire: pairs with the writer's release: the wall is there. */
  return atomic_load_explicit (&self->limit, memory_order_acquire);
}

static inline uint64_t
sc_recorder_wall (const ScRecorder * self)
{
  return atomic_load_explicit (&self->wall, memory_order_relaxed);
}

/* Whether a file system refused to be written to past the page cache.  Any
 * thread. */
static inline bool
sc_recorder_direct_refused (const ScRecorder * self)
{
  return atomic_load_explicit (&self->direct_refused, memory_order_relaxed);
}

/* The size of the content that the file had and keeps.  Any thread, once open. */
static inline uint64_t
sc_recorder_start_size (const ScRecorder * self)
{
  return atomic_load_explicit (&self->start, memory_order_relaxed);
}

/* Any thread, while open and after close. */
uint64_t sc_recorder_durable (const ScRecorder * self);

/**
 * sc_recorder_fault:
 *
 * Returns: whether there was an error, which is then in @fault.  Any thread.
 */
bool sc_recorder_fault (const ScRecorder * self, ScFault * fault);

/**
 * sc_recorder_target:
 * @index: 0 is the target, then the backups
 * @report: (out)
 *
 * Returns: whether it was tried so far.  Any thread but the streaming one, while
 * open and after close
 */
bool sc_recorder_target (ScRecorder * self, unsigned index,
    ScTargetReport * report);

/* How many parts the recording is in.  As sc_recorder_target() */
unsigned sc_recorder_parts (ScRecorder * self);

/* How often the recording has gone on at another target. */
static inline unsigned
sc_recorder_switches (const ScRecorder * self)
{
  /* Acquire: pairs with the supervisor's release: the reports are there. */
  return atomic_load_explicit (&self->switches, memory_order_acquire);
}

/**
 * sc_recorder_manifest:
 * @path: (out) (array fixed-size=PATH_MAX)
 *
 * Returns: whether there is a manifest.  As sc_recorder_target()
 */
bool sc_recorder_manifest (ScRecorder * self, char path[PATH_MAX]);

/* Any thread, while open and after close. */
void sc_recorder_stats (const ScRecorder * self, ScRecorderStats * stats);

#endif
