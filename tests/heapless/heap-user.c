/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What needed-symbols.py must find fault with. */
#include <stdlib.h>

void *heap_user_allocate (void);

void *
heap_user_allocate (void)
{
  return malloc (1);
}
