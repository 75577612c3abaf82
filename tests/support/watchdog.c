/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watchdog.h"

#include "backtraces.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOKS_A_SECOND 10u

typedef struct
{
  _Atomic (const char *) name;  /* NULL: nobody's */
  _Atomic (const char *) where;
  _Atomic uint32_t steps;
  /* The watchdog's own. */
  uint32_t seen;
  unsigned idle;                /* looks without a step */
} Watched;

static struct
{
  pthread_t thread;
  unsigned seconds;
  int fd;
  bool abort_on_hang;
  _Atomic (const char *) context;
  atomic_bool over;
  atomic_bool bitten;
  Watched watched[WATCHDOG_THREADS_MOST];
} dog;

void
watchdog_context (const char *text)
{
  atomic_store (&dog.context, text);
}

unsigned
watchdog_enter (const char *name)
{
  for (unsigned who = 0; who < WATCHDOG_THREADS_MOST; who++) {
    const char *nobody = NULL;

    if (atomic_compare_exchange_strong (&dog.watched[who].name, &nobody, name))
      return who;
  }
  fprintf (stderr, "too many threads for the watchdog\n");
  abort ();
}

void
watchdog_at (unsigned who, const char *where)
{
  atomic_store (&dog.watched[who].where, where);
  atomic_fetch_add (&dog.watched[who].steps, 1);
}

void
watchdog_leave (unsigned who)
{
  watchdog_at (who, NULL);
  atomic_store (&dog.watched[who].name, NULL);
}

bool
watchdog_has_bitten (void)
{
  return atomic_load (&dog.bitten);
}

static void
bite (const char *who)
{
  const char *context = atomic_load (&dog.context);

  dprintf (dog.fd, "%s%s%s hangs\n", context != NULL ? context : "",
      context != NULL ? ": " : "", who);
  for (unsigned i = 0; i < WATCHDOG_THREADS_MOST; i++) {
    const char *name = atomic_load (&dog.watched[i].name);
    const char *where = atomic_load (&dog.watched[i].where);

    if (name != NULL && where != NULL)
      dprintf (dog.fd, "  %-12s %s\n", name, where);
  }
  backtraces_write (dog.fd);
  if (dog.abort_on_hang)
    abort ();
  atomic_store (&dog.bitten, true);
}

/* Whether that thread hangs. */
static bool
look_at (Watched * self)
{
  uint32_t steps = atomic_load (&self->steps);

  if (atomic_load (&self->where) == NULL || steps != self->seen)
    self->idle = 0;
  else
    self->idle++;
  self->seen = steps;
  return self->idle > dog.seconds * LOOKS_A_SECOND;
}

static void *
watch (void *unused)
{
  const struct timespec pause = {.tv_nsec = 1000000000 / LOOKS_A_SECOND };

  (void) unused;
  while (!atomic_load (&dog.over) && !atomic_load (&dog.bitten)) {
    nanosleep (&pause, NULL);
    for (unsigned i = 0; i < WATCHDOG_THREADS_MOST; i++) {
      const char *name = atomic_load (&dog.watched[i].name);

      if (name != NULL && look_at (&dog.watched[i])) {
        bite (name);
        break;
      }
    }
  }
  return NULL;
}

void
watchdog_start (unsigned seconds, int fd, bool abort_on_hang)
{
  backtraces_prepare ();
  dog.seconds = seconds;
  dog.fd = fd;
  dog.abort_on_hang = abort_on_hang;
  atomic_store (&dog.over, false);
  atomic_store (&dog.bitten, false);
  for (unsigned i = 0; i < WATCHDOG_THREADS_MOST; i++)
    dog.watched[i].idle = 0;
  if (pthread_create (&dog.thread, NULL, watch, NULL) != 0)
    abort ();
}

void
watchdog_stop (void)
{
  atomic_store (&dog.over, true);
  pthread_join (dog.thread, NULL);
}
