/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a pool is expected to keep, and one judgement of the figures of an
 * interval (sc-pool-history.h).
 *
 *   limit            success rate >= 99.9 %   kept again at 99.95 %
 *                    fragmentation <= 5 %                   4 %
 *                    acquire, p99 <= 100 us                80 us
 *                    release, p99 <= 50 us                 40 us
 *   early warning    success rate < 99 %                   99.5 %
 *                    acquire, mean > 75 us                 60 us
 *                    utilisation > 90 %                    85 %
 *
 * A limit that is exceeded counts as kept again only beyond the second mark, so
 * that a figure near the first does not report at every look.  An interval that
 * says nothing about a figure changes nothing.
 */
#ifndef SC_POOL_LIMITS_H
#define SC_POOL_LIMITS_H

#include "sc-pool-history.h"

#define SC_POOL_ACQUIRE_LIMIT_NS 100000u
#define SC_POOL_RELEASE_LIMIT_NS 50000u
#define SC_POOL_SUCCESS_LIMIT 0.999
#define SC_POOL_FRAGMENTATION_LIMIT 0.05

#define SC_POOL_SUCCESS_WARNING 0.99
#define SC_POOL_ACQUIRE_MEAN_WARNING_NS 75000u
#define SC_POOL_UTILISATION_WARNING 0.9

typedef enum
{
  SC_POOL_LIMIT_SUCCESS,
  SC_POOL_LIMIT_FRAGMENTATION,
  SC_POOL_LIMIT_ACQUIRE,
  SC_POOL_LIMIT_RELEASE,
  SC_POOL_WARN_SUCCESS,
  SC_POOL_WARN_ACQUIRE,
  SC_POOL_WARN_UTILISATION,
  SC_POOL_LIMITS,
} ScPoolLimit;

/* A set of them. */
#define SC_POOL_LIMIT_BIT(limit) (1u << (limit))

typedef struct
{
  const char *code;             /* stable, lower-case: what it is about */
  ScPoolFigure figure;
  bool at_least;                /* else: at most */
  bool early;                   /* a warning, not a violation */
  double limit;
  double clear;                 /* from here on it is kept again */
} ScPoolLimitInfo;

/**
 * sc_pool_limit_info:
 *
 * Returns: (transfer none): what a limit is
 */
const ScPoolLimitInfo *sc_pool_limit_info (ScPoolLimit limit);

/**
 * sc_pool_judge:
 * @before: the limits that were exceeded so far; 0 at first
 *
 * Pure.
 *
 * Returns: the set of limits that are exceeded now
 */
uint32_t sc_pool_judge (const ScPoolFigures * figures, uint32_t before);

#endif
