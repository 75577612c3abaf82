/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bufpoolsrc's queue between the application and its data thread (mode=app).
 *
 * Any number of threads put, one at a time under a lock of theirs; one thread
 * takes, without a lock and without allocating.  The room is fixed at open: one
 * place for each slot of the pool.
 *
 *   put    if (bufpoolsrc_app_reserve (app, timeout) == 0) {
 *            bufpoolsrc_app_put (app, item);
 *            bufpoolsrc_app_leave (app);
 *          }
 *   take   bufpoolsrc_app_take (app, &item)
 *
 * Both wait, and interrupt ends every wait.
 *
 * Plain C; items are opaque.
 */
#ifndef BUFPOOLSRC_APP_H
#define BUFPOOLSRC_APP_H

#include "sc-eventcount.h"
#include "sc-ring.h"

#include <pthread.h>

typedef struct
{
  pthread_mutex_t lock;         /* the putters'; the taker never has it */
  /* Under the lock, but for the taker; NULL closed.  Apart, with its slots behind
   * it: it wants whole cache lines, which who holds this need not have. */
  ScRing *ring;
  uint32_t places;
  ScRingCursor flush_cursor;    /* under the lock */
  ScRingCursor cursor;          /* the taker's */
  ScEventcount arrived;         /* the taker waits for it */
  ScEventcount room;            /* putters wait for it */
  atomic_bool interrupted;
  atomic_bool ended;            /* no more is put */
} BufpoolsrcApp;

/* 0, or -errno. */
int bufpoolsrc_app_init (BufpoolsrcApp * self);

/* After close. */
void bufpoolsrc_app_clear (BufpoolsrcApp * self);

/**
 * bufpoolsrc_app_open:
 * @places: at least 1
 *
 * Returns: 0, or -ENOMEM
 */
int bufpoolsrc_app_open (BufpoolsrcApp * self, uint32_t places);

/**
 * bufpoolsrc_app_close:
 * @drop: (nullable): is given each item that was left
 *
 * From here on nothing can be put.  Nobody takes.  May be called again.
 */
void bufpoolsrc_app_close (BufpoolsrcApp * self,
    void (*drop) (void *item, void *data), void *data);

/**
 * bufpoolsrc_app_reserve:
 * @timeout: ns to wait for room; 0 not at all
 *
 * Enters, with room for one item.
 *
 * Returns: 0: entered; else not: -ESHUTDOWN when closed or interrupted,
 * -ENODATA after the end, -EAGAIN when it is full
 */
int bufpoolsrc_app_reserve (BufpoolsrcApp * self, uint64_t timeout);

/* Enters whatever the state, to look at what only putters may. */
void bufpoolsrc_app_enter (BufpoolsrcApp * self);

/* Entered, by reserve: once. */
void bufpoolsrc_app_put (BufpoolsrcApp * self, void *item);

/* Leaves, and wakes the taker. */
void bufpoolsrc_app_leave (BufpoolsrcApp * self);

/**
 * bufpoolsrc_app_end:
 *
 * What was put is still taken, then take says so.
 *
 * Returns: 0, or -ESHUTDOWN when closed or interrupted
 */
int bufpoolsrc_app_end (BufpoolsrcApp * self);

/* Any thread. */
bool bufpoolsrc_app_has_ended (BufpoolsrcApp * self);

/* Entered: takes all out and takes the end back. */
void bufpoolsrc_app_flush (BufpoolsrcApp * self,
    void (*drop) (void *item, void *data), void *data);

/**
 * bufpoolsrc_app_take:
 *
 * Waits for an item.  The one taker, between open and close.
 *
 * Returns: 0, -ENODATA at the end, or -ECANCELED when interrupted
 */
int bufpoolsrc_app_take (BufpoolsrcApp * self, void **item);

/* true ends every wait until false.  Any thread. */
void bufpoolsrc_app_interrupt (BufpoolsrcApp * self, bool interrupted);

/* Items that wait to be taken.  Any thread. */
uint32_t bufpoolsrc_app_level (BufpoolsrcApp * self);

#endif
