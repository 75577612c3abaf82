/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where every thread of this process is, for a test that finds it hanging.
 *
 * Linux: each thread is sent a signal and writes its own stack, functions of
 * shared objects and of programs linked with export_dynamic by name, others as
 * an offset for addr2line.  Then gdb, where there is one, writes all stacks again
 * with source lines.  Elsewhere nothing is written.
 */
#ifndef BACKTRACES_H
#define BACKTRACES_H

/**
 * backtraces_prepare:
 *
 * Takes a signal (the last real-time one) for it.  Before backtraces_write(), and
 * while no other thread calls it.
 */
void backtraces_prepare (void);

/**
 * backtraces_write:
 * @fd: a file, for writing
 *
 * One thread at a time calls it.  A thread that blocks the signal is only named.
 */
void backtraces_write (int fd);

#endif
