/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A lane: one target of a recording with its own writer and sync thread, which
 * can be left behind.
 *
 * A thread that waits for a hung disk cannot be stopped, not even by SIGKILL.
 * So whatever such a thread may still touch lives in the recording's memory
 * block, which is counted and goes with the last of them; and what belongs to
 * the recorder it touches only while the lane is not retired.  The lane's lock
 * decides that: a thread is either in an operation, between sc_lane_begin() and
 * sc_lane_end(), and touches the lane alone; or outside, where it may touch the
 * recorder and is never long.  sc_lane_retire() makes both calls say no from
 * then on, and waits for those that are outside.
 *
 * The target of a lane works through the lane's own table of file operations,
 * which sees how old the operation under way is, and refuses new ones once the
 * lane is retired: a thread that wakes up hours later changes nothing on the
 * disk any more.
 *
 * The last thread that leaves closes the files and then, where it is asked to,
 * writes manifests until it is dismissed.  Where only a sync has failed it first
 * stands by: if no other target can be had, this one still gets all data.
 *
 * The streaming thread never takes the lock.
 */
#ifndef SC_LANE_H
#define SC_LANE_H

#include "sc-manifest.h"

#include <limits.h>

typedef enum
{
  SC_LANE_WRITER,
  SC_LANE_SYNCER,
  SC_LANE_THREADS,
} ScLaneThread;

/* What the supervisor has to know, in this order, each once. */
typedef enum
{
  SC_LANE_QUIET,
  SC_LANE_OPENED,               /* data can go to it */
  SC_LANE_SETTLED,              /* both threads have left its files */
  SC_LANE_HUNG,                 /* an operation is older than the timeout */
} ScLaneNews;

typedef struct
{
  pthread_t thread;
  bool started;
  bool working;                 /* in an operation */
  bool left;
  /* When the file operation under way, or the last one, began; ns. */
  _Atomic uint64_t since;
} ScLaneSeat;

/* The memory block of a recording, counted by its users. */
typedef struct
{
  void *start;
  void (*release) (void *start);        /* (nullable) */
  _Atomic unsigned users;
  /* For good, of the recording: */
  uint8_t uuid[16];
  char name[SC_JOURNAL_NAME_MAX + 1];   /* of the file, without folder */
} ScLaneBlock;

typedef struct ScLane
{
  ScFileOps ops;                /* first: the table is cast to the lane */
  const ScFileOps *real;
  ScLaneBlock *block;
  struct ScRecorder *recorder;  /* not to be touched once retired */
  unsigned index;               /* of the target, in the recording's order */
  bool last;                    /* there is none behind it */

  /* The recorder's: gives the target all that is in memory. */
  void (*save) (struct ScLane * self, ScLaneThread who);
  uint64_t reached;             /* of the ring, written when it settled */

  ScTarget target;
  _Atomic bool has_target;      /* it is open */
  uint64_t base;                /* in the recording, of the target's byte 0 */
  ScTargetConfig config;
  /* The target's names.  Of a backup `path` is the location asked for, until the
   * writer has opened it. */
  char path[PATH_MAX];
  char publish[PATH_MAX];
  char journal[PATH_MAX];
  char manifest[PATH_MAX];
  _Atomic bool writer_done;
  _Atomic bool has_failed;      /* `fault` is there */
  _Atomic bool retired;         /* changed under lock */

  pthread_mutex_t lock;
  pthread_cond_t moved;
  /* Under lock. */
  ScLaneSeat seats[SC_LANE_THREADS];
  ScFault fault;                /* the first one */
  ScLaneThread failed_by;
  bool opened;
  bool told_opened;
  bool saving, let_go;          /* told to one that stands by */
  bool dismissed, gone;
  char *text;                   /* the manifest to write */
  char *copy;                   /* the one being written */
  char *draft;                  /* the supervisor's */
  size_t text_max;
  size_t text_size;
  uint64_t text_wanted, text_written;   /* revisions */
  int text_error;
} ScLane;

/**
 * sc_lane_init:
 * @text: (array length=3*text_max): memory for three manifests
 *
 * The other fields are filled in by the recorder before the start.
 */
void sc_lane_init (ScLane * self, const ScFileOps * real, ScLaneBlock * block,
    char *text, size_t text_max);

/**
 * sc_lane_start:
 *
 * Returns: 0, or -errno where no thread could be made; nothing runs then
 */
int sc_lane_start (ScLane * self, void *(*writer) (void *),
    void *(*syncer) (void *));

/* The lane's threads: */

/**
 * sc_lane_begin:
 *
 * Returns: false where the lane is retired: leave, touching the lane alone
 */
bool sc_lane_begin (ScLane * self, ScLaneThread who);

/* As begin. */
bool sc_lane_end (ScLane * self, ScLaneThread who);

/* Tells that data can go to the target. */
void sc_lane_say_opened (ScLane * self);

/* Keeps the first fault. */
void sc_lane_fail (ScLane * self, ScLaneThread who, const ScFault * fault);

/**
 * sc_lane_leave:
 *
 * The end of a thread.  Does what the last one has to do; the lane must not be
 * touched afterwards.
 */
void sc_lane_leave (ScLane * self, ScLaneThread who);

static inline bool
sc_lane_is_retired (const ScLane * self)
{
  /* Acquire: as of has_failed. */
  return atomic_load_explicit (&self->retired, memory_order_acquire);
}

static inline bool
sc_lane_has_target (const ScLane * self)
{
  /* Acquire: pairs with the writer's release: the target is set up. */
  return atomic_load_explicit (&self->has_target, memory_order_acquire);
}

static inline bool
sc_lane_has_failed (const ScLane * self)
{
  /* Acquire: pairs with the release in fail, for what was written before. */
  return atomic_load_explicit (&self->has_failed, memory_order_acquire);
}

/* The supervisor: */

/**
 * sc_lane_watch:
 * @timeout_ns: of an operation; 0: none
 * @fault: (out): of settled (kind none where all is well) and hung
 *
 * Waits for news.
 */
ScLaneNews sc_lane_watch (ScLane * self, uint64_t timeout_ns, ScFault * fault);

/**
 * sc_lane_retire:
 * @wake: wakes whatever the lane's threads may sleep on, with @user_data
 *
 * When it returns no thread of the lane touches the recorder, now or later.
 */
void sc_lane_retire (ScLane * self, void (*wake) (void *), void *user_data);

/* Whether data could go to the target. */
bool sc_lane_was_opened (ScLane * self);

/* Whether a settled lane could still be written to: only its sync has failed. */
bool sc_lane_stands_by (ScLane * self);

/**
 * sc_lane_save:
 *
 * Has the last thread of one that stands by call save(), and waits for it.
 *
 * Returns: 0, or -ETIMEDOUT where an operation is older than the timeout: it
 * must be retired then
 */
int sc_lane_save (ScLane * self, uint64_t timeout_ns);

/* It need not stand by any longer.  Without effect on one that does not. */
void sc_lane_let_go (ScLane * self);

/**
 * sc_lane_give_manifest:
 *
 * Has the last thread of the lane write it.  Dropped where the lane is retired,
 * which sc_lane_wait_manifest() says.
 */
void sc_lane_give_manifest (ScLane * self, const char *text, size_t size,
    uint64_t revision);

/**
 * sc_lane_wait_manifest:
 * @revision: of the manifest given last
 *
 * Waits until it is written.
 *
 * Returns: 0, -ETIMEDOUT where an operation is older than the timeout,
 * -ECANCELED where it was not taken, or its -errno
 */
int sc_lane_wait_manifest (ScLane * self, uint64_t revision,
    uint64_t timeout_ns);

/**
 * sc_lane_dismiss:
 *
 * @fault: (out): that of closing the files too, where it is the first
 *
 * Ends the last thread, and waits for it.
 *
 * Returns: 0, or -ETIMEDOUT where an operation is older than the timeout: it
 * must be retired then
 */
int sc_lane_dismiss (ScLane * self, uint64_t timeout_ns, ScFault * fault);

/* Counts one user of the block out; frees it with the last one. */
void sc_lane_block_unref (ScLaneBlock * block);

#endif
