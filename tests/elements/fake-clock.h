/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A monotonic clock that the test moves: the program's own clock_gettime() stands
 * before libc's (the program is linked with --export-dynamic-symbol=clock_gettime), and
 * so the elements, the library and GLib read it.  While it stands still every time
 * between two of the test's steps is known exactly.  Waits are as long as ever: a
 * wait with a timeout looks at the clock at its end and goes on waiting.
 */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include <glib.h>

G_BEGIN_DECLS

/* Stands still from now on, at what it is. */
void fake_clock_stop (void);

/* Any thread, while it stands still. */
void fake_clock_advance (guint64 ns);
guint64 fake_clock_now (void);

G_END_DECLS

#endif
