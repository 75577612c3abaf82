/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink-published is posted by the reporter's thread; an application that
 * sees EOS shall have seen it before.  So EOS waits here, for a second at most.
 */
#ifndef SAFEFILESINK_TOLD_H
#define SAFEFILESINK_TOLD_H

#include "sc-eventcount.h"

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  _Atomic gboolean told;
  ScEventcount telling;         /* the waiter sleeps here */
} SafefilesinkTold;

void safefilesink_told_init (SafefilesinkTold * self);
void safefilesink_told_clear (SafefilesinkTold * self);

/* Nothing is told of what comes now.  No thread waits. */
void safefilesink_told_begin (SafefilesinkTold * self);

/* The message was posted.  Any thread. */
void safefilesink_told_set (SafefilesinkTold * self);

/* One thread. */
void safefilesink_told_wait (SafefilesinkTold * self);

G_END_DECLS

#endif
