/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-pool-limits.h"

static const ScPoolLimitInfo limits[SC_POOL_LIMITS] = {
  [SC_POOL_LIMIT_SUCCESS] = {
      .code = "success-rate",
      .figure = SC_POOL_SUCCESS_RATE,
      .at_least = true,
      .limit = SC_POOL_SUCCESS_LIMIT,
      .clear = 0.9995,
    },
  [SC_POOL_LIMIT_FRAGMENTATION] = {
      .code = "fragmentation",
      .figure = SC_POOL_FRAGMENTATION,
      .limit = SC_POOL_FRAGMENTATION_LIMIT,
      .clear = 0.04,
    },
  [SC_POOL_LIMIT_ACQUIRE] = {
      .code = "acquire-latency",
      .figure = SC_POOL_ACQUIRE_P99,
      .limit = SC_POOL_ACQUIRE_LIMIT_NS,
      .clear = 80000,
    },
  [SC_POOL_LIMIT_RELEASE] = {
      .code = "release-latency",
      .figure = SC_POOL_RELEASE_P99,
      .limit = SC_POOL_RELEASE_LIMIT_NS,
      .clear = 40000,
    },
  [SC_POOL_WARN_SUCCESS] = {
      .code = "success-rate",
      .figure = SC_POOL_SUCCESS_RATE,
      .at_least = true,
      .early = true,
      .limit = SC_POOL_SUCCESS_WARNING,
      .clear = 0.995,
    },
  [SC_POOL_WARN_ACQUIRE] = {
      .code = "acquire-latency",
      .figure = SC_POOL_ACQUIRE_MEAN,
      .early = true,
      .limit = SC_POOL_ACQUIRE_MEAN_WARNING_NS,
      .clear = 60000,
    },
  [SC_POOL_WARN_UTILISATION] = {
      .code = "utilisation",
      .figure = SC_POOL_UTILISATION,
      .early = true,
      .limit = SC_POOL_UTILISATION_WARNING,
      .clear = 0.85,
    },
};

const ScPoolLimitInfo *
sc_pool_limit_info (ScPoolLimit limit)
{
  return &limits[limit];
}

static bool
is_exceeded (const ScPoolLimitInfo * info, double value, bool before)
{
  double mark = before ? info->clear : info->limit;

  if (value < 0.0)              /* unknown */
    return before;
  return info->at_least ? value < mark : value > mark;
}

uint32_t
sc_pool_judge (const ScPoolFigures * figures, uint32_t before)
{
  uint32_t now = 0;

  for (int i = 0; i < SC_POOL_LIMITS; i++) {
    uint32_t bit = SC_POOL_LIMIT_BIT (i);

    if (is_exceeded (&limits[i], figures->values[limits[i].figure],
            (before & bit) != 0))
      now |= bit;
  }
  return now;
}
