/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel: futexes and membarrier(2).  A file of the core is compiled with
 * -Dsyscall=mc_syscall.
 *
 * A wait ends when the word has another value; that a wake is needed for it is
 * taken as given, as is that the kernel looks at the word and sleeps in one
 * step.
 */
#ifndef MC_MODEL_SYSTEM_H
#define MC_MODEL_SYSTEM_H

long mc_syscall (long number, ...);

#endif
