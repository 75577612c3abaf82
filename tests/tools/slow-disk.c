/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded: each fdatasync() takes SLOW_SYNC_MS longer than it would; from the
 * FAIL_SYNCth on (counted from 1) it fails with EIO. */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long
number (const char *name)
{
  const char *text = getenv (name);

  return text != NULL ? atol (text) : 0;
}

int
fdatasync (int fd)
{
  static atomic_long count;
  int (*real) (int fd);
  long ms = number ("SLOW_SYNC_MS"), first = number ("FAIL_SYNC");
  struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

  *(void **) &real = dlsym (RTLD_NEXT, "fdatasync");
  (void) nanosleep (&time, NULL);
  if (first > 0 && atomic_fetch_add (&count, 1) + 1 >= first) {
    errno = EIO;
    return -1;
  }
  return real (fd);
}
