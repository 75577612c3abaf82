/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A watchdog over the threads of a test: each says what it is about to do, and
 * one that says nothing new for too long hangs.  Then it is written what each was
 * doing, and the stack of every thread of the process.
 *
 * One watchdog a process.  All but start and stop: any thread.
 */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <stdbool.h>

/* Threads that can be watched at a time. */
#define WATCHDOG_THREADS_MOST 64

/**
 * watchdog_start:
 * @seconds: a thread that says nothing for so long hangs
 * @fd: where a hang is written
 * @abort_on_hang: whether the process then aborts; else watchdog_has_bitten()
 *   tells it, and the watchdog looks no more
 */
void watchdog_start (unsigned seconds, int fd, bool abort_on_hang);
void watchdog_stop (void);
bool watchdog_has_bitten (void);

/**
 * watchdog_context:
 * @text: (transfer none) (nullable): written first when something hangs, a seed
 *   say; stays valid until the next
 */
void watchdog_context (const char *text);

/**
 * watchdog_enter:
 * @name: (transfer none): of a thread, or of a place where threads come in turn;
 *   must outlive it
 *
 * Returns: what watchdog_at() wants; give it back with watchdog_leave()
 */
unsigned watchdog_enter (const char *name);
void watchdog_leave (unsigned who);

/**
 * watchdog_at:
 * @where: (transfer none): what it does now; a literal.  NULL: nothing, and need
 *   do nothing.
 */
void watchdog_at (unsigned who, const char *where);

#endif
