/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table of file operations that fails, stalls, shortens and forgets on
 * command, over real files in a folder of the test's own.
 *
 *   sc_fault_ops_fail()      the Nth call of one operation fails once, or from
 *                            then on
 *   short_writes             every write takes part of its bytes only
 *   sc_fault_ops_hold()      calls of one operation wait until let go
 *   sc_fault_ops_hang()      the Nth call of one operation does
 *   volatile_cache           writes and truncations reach the real file only at
 *                            a datasync of that descriptor, and names only at a
 *                            sync of the folder: a write-back cache
 *   cut_at                   the power goes at this operation: it and all later
 *                            ones fail without effect; sc_fault_ops_power_cut()
 *                            then leaves on the real files what a disk might
 *                            hold
 *
 * Any thread; operations are counted and made one at a time (a held one apart).
 */
#ifndef SC_FAULT_OPS_H
#define SC_FAULT_OPS_H

#include "sc-file-ops.h"

#include <pthread.h>

typedef enum
{
  SC_OP_OPEN,
  SC_OP_PWRITEV,
  SC_OP_PREAD,
  SC_OP_DATASYNC,
  SC_OP_TRUNCATE,
  SC_OP_SIZE,
  SC_OP_CLOSE,
  SC_OP_RENAME,
  SC_OP_UNLINK,
  SC_OP_SYNC_PARENT,
  SC_OP_LOCK,
  SC_OPS,
} ScOp;

#define SC_FAULT_FILES 32
#define SC_FAULT_NAMES 64

typedef struct ScFaultWrite ScFaultWrite;

typedef struct
{
  int fd;                       /* the recorder's, -1 once closed */
  int own_fd;                   /* ours, -1 in a free slot */
  uint64_t size;                /* as the recorder sees it */
  ScFaultWrite *first, *last;   /* not on the disk yet */
} ScFaultFile;

/* A change of names that a power cut may undo. */
typedef struct
{
  char *made;                   /* (nullable): take this name away, */
  char *moved_from;             /* (nullable): or give it back this one */
  char *backup;                 /* (nullable): what stood at `restore` before */
  char *restore;
} ScFaultName;

typedef struct
{
  ScFileOps ops;                /* first: the table itself */
  pthread_mutex_t lock;
  pthread_cond_t moved;

  uint64_t calls[SC_OPS];
  uint64_t total;

  ScOp fail_op;
  uint64_t fail_nth;            /* 0 = none; counted from 1 */
  int fail_error;               /* -errno */
  bool fail_on;                 /* later calls too */
  uint64_t fail_at;             /* this operation of any kind fails: -EIO */
  bool short_writes;

  int held_op;                  /* ScOp, or -1 */
  ScOp hang_op;
  uint64_t hang_nth;            /* 0 = none */
  uint64_t hang_at;             /* this operation of any kind hangs */
  unsigned int held;            /* calls waiting now */
  uint64_t held_at;             /* when the first one began to, ns */

  bool volatile_cache;
  uint64_t cut_at;              /* 0 = never */
  bool cut;

  ScFaultFile files[SC_FAULT_FILES];
  ScFaultName names[SC_FAULT_NAMES];
  unsigned int name_count;
} ScFaultOps;

void sc_fault_ops_init (ScFaultOps * self);

/* Closes what is left open and forgets what is not on the disk. */
void sc_fault_ops_clear (ScFaultOps * self);

/**
 * sc_fault_ops_fail:
 * @nth: counted from the next call as 1
 * @error: -errno
 * @on: whether every later call fails too
 */
void sc_fault_ops_fail (ScFaultOps * self, ScOp op, uint64_t nth, int error,
    bool on);

/* Calls of @op wait from now on; -1 lets all go. */
void sc_fault_ops_hold (ScFaultOps * self, int op);

/* The @nth call of @op from now on waits until sc_fault_ops_hold() lets go. */
void sc_fault_ops_hang (ScFaultOps * self, ScOp op, uint64_t nth);

/* When the first call began to wait, ns; 0: none has. */
uint64_t sc_fault_ops_held_at (ScFaultOps * self);

/* The power goes now: calls that wait fail, and so do all later ones. */
void sc_fault_ops_stop (ScFaultOps * self);

/* Waits until at least one call is held. */
void sc_fault_ops_wait_held (ScFaultOps * self);

/**
 * sc_fault_ops_power_cut:
 * @random: (nullable): state of sc_random(): which of the unsynced sectors of
 *     512 bytes, and how many of the unsynced names, made it to the disk; NULL:
 *     none
 */
void sc_fault_ops_power_cut (ScFaultOps * self, uint64_t * random);

/* Everything reaches the disk, as when a machine stays up. */
void sc_fault_ops_settle (ScFaultOps * self);

#endif
