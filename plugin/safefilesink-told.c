/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-told.h"

#include "sc-clock.h"

/* How long EOS is held back for the message to come first, ns. */
#define TELL_FIRST UINT64_C (1000000000)

void
safefilesink_told_init (SafefilesinkTold * self)
{
  atomic_init (&self->told, FALSE);
  if (sc_eventcount_init (&self->telling) != 0)
    g_error ("cannot make an eventcount");
}

void
safefilesink_told_clear (SafefilesinkTold * self)
{
  sc_eventcount_clear (&self->telling);
}

void
safefilesink_told_begin (SafefilesinkTold * self)
{
  atomic_store_explicit (&self->told, FALSE, memory_order_relaxed);
}

void
safefilesink_told_set (SafefilesinkTold * self)
{
  /* Release: pairs with the acquire in wait: the message is on the bus. */
  atomic_store_explicit (&self->told, TRUE, memory_order_release);
  sc_eventcount_notify (&self->telling);
}

void
safefilesink_told_wait (SafefilesinkTold * self)
{
  uint64_t deadline = sc_clock_now () + TELL_FIRST;

  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->telling);
    uint64_t now = sc_clock_now ();

    if (atomic_load_explicit (&self->told, memory_order_acquire)
        || now >= deadline) {
      sc_eventcount_cancel (&self->telling);
      return;
    }
    (void) sc_eventcount_wait (&self->telling, key, deadline - now);
  }
}
