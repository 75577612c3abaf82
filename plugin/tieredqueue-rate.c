/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-rate.h"

void
tieredqueue_rate_init (TieredQueueRate * self, guint64 now)
{
  *self = (TieredQueueRate) {.time = now };
}

void
tieredqueue_rate_look (TieredQueueRate * self, guint64 now, guint64 buffers,
    guint64 bytes)
{
  guint64 span = now > self->time ? now - self->time : 0;
  gdouble seconds = (gdouble) span / GST_SECOND;

  if (span == 0 || (self->known && span < TIEREDQUEUE_RATE_SPAN))
    return;
  self->buffers_per_second = (gdouble) (buffers - self->buffers) / seconds;
  self->bytes_per_second = (gdouble) (bytes - self->bytes) / seconds;
  if (span >= TIEREDQUEUE_RATE_SPAN) {
    self->time = now;
    self->buffers = buffers;
    self->bytes = bytes;
    self->known = TRUE;
  }
}
