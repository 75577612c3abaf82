/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-gop.h"

void
tieredqueue_gop_init (TieredQueueGop * self)
{
  *self = (TieredQueueGop) { 0 };
}

void
tieredqueue_gop_refused (TieredQueueGop * self)
{
  self->begun = TRUE;
  self->broken = TRUE;
}

void
tieredqueue_gop_evicted (TieredQueueGop * self, guint64 end)
{
  if (end > self->key_index)
    self->broken = TRUE;
}

void
tieredqueue_gop_flushed (TieredQueueGop * self)
{
  self->broken = self->begun;
}

void
tieredqueue_gop_stream_start (TieredQueueGop * self)
{
  self->broken = FALSE;
  self->asked = FALSE;
}

gboolean
tieredqueue_gop_should_ask (TieredQueueGop * self, guint64 now)
{
  if (self->asked && now - self->asked_time < TIEREDQUEUE_ASK_AGAIN_AFTER)
    return FALSE;
  self->asked = TRUE;
  self->asked_time = now;
  self->requests++;
  return TRUE;
}
