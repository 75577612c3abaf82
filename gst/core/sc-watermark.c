/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-watermark.h"

#include <errno.h>

int
sc_watermark_init (ScWatermark * self, double low, double high)
{
  /* Written so that a NaN fails too. */
  if (!(low >= 0.0 && low <= high && high <= 1.0))
    return -EINVAL;
  *self = (ScWatermark) { .low = low,.high = high };
  return 0;
}

ScWatermarkEdge
sc_watermark_update (ScWatermark * self, double level, uint64_t now)
{
  if (!self->active && level >= self->high) {
    self->active = true;
    self->triggers++;
    self->since = now;
    return SC_WATERMARK_RAISED;
  }
  if (self->active && level < self->low) {
    self->active = false;
    self->total += now - self->since;
    self->since = now;
    return SC_WATERMARK_CLEARED;
  }
  return SC_WATERMARK_SAME;
}
