/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model-system.h"

#include "model.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <sys/syscall.h>

static long
futex (uint32_t * word, int operation, uint32_t value)
{
  if (operation == FUTEX_WAIT_PRIVATE)
    mc_wait_while (word, sizeof (*word), value);
  return 0;
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
  uint32_t *word;
  int command;
  long ret;

  va_start (arguments, number);
  if (number == SYS_futex) {
    word = va_arg (arguments, uint32_t *);
    command = va_arg (arguments, int);
    ret = futex (word, command, va_arg (arguments, uint32_t));
  } else if (number == SYS_membarrier) {
    ret = membarrier (va_arg (arguments, int));
  } else {
    mc_fail ("an unknown system call");
  }
  va_end (arguments);
  return ret;
}
