/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model-system.h"

#include "model.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <time.h>

/* A wait with a limit may end at once. */
static long
futex (uint32_t * word, int operation, uint32_t value,
    const struct timespec *limit)
{
  if (operation != FUTEX_WAIT_PRIVATE)
    return 0;
  if (limit == NULL) {
    mc_wait_while (word, sizeof (*word), value);
    return 0;
  }
  errno = ETIMEDOUT;
  return -1;
}

static long
membarrier (int command)
{
  MC_SITE ("membarrier", MC_SEQ_CST, MC_NO_ORDER);

  if (command == MEMBARRIER_CMD_PRIVATE_EXPEDITED)
    mc_heavy_fence (&mc_site);
  return 0;
}

long
mc_syscall (long number, ...)
{
  va_list arguments;
  uint32_t *word, value;
  int command;
  long ret;

  va_start (arguments, number);
  if (number == SYS_futex) {
    word = va_arg (arguments, uint32_t *);
    command = va_arg (arguments, int);
    value = va_arg (arguments, uint32_t);
    ret = futex (word, command, value,
        va_arg (arguments, const struct timespec *));
  } else if (number == SYS_membarrier) {
    ret = membarrier (va_arg (arguments, int));
  } else {
    mc_fail ("an unknown system call");
  }
  va_end (arguments);
  return ret;
}
