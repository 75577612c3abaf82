/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a part of a recording is well, and what is to be warned of: decisions
 * only, from figures that somebody else measures.
 *
 * Each reason has two marks: it holds once the figure passes `limit`, and until
 * the figure is back at `clear`, so that one which hovers around its limit is
 * told of once.  A warning of the same reason comes at most every
 * SC_HEALTH_WARNING_INTERVAL; one that was held back comes then, if the reason
 * still holds.
 */
#ifndef SC_HEALTH_H
#define SC_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#define SC_HEALTH_WARNING_INTERVAL UINT64_C (10000000000)       /* ns */

typedef enum
{
  SC_HEALTH_SUCCESS,            /* requests, buffers that came through: 0 to 1 */
  SC_HEALTH_ACQUIRE,            /* mean time to get a slot, ns */
  SC_HEALTH_UTILISATION,        /* of the memory or the queue, 0 to 1 */
  SC_HEALTH_DURABLE_LAG,        /* in sync-intervals */
  SC_HEALTH_RING_TIME,          /* until the memory is full, s */
  SC_HEALTH_SPACE_TIME,         /* until the disk is full, s */
  SC_HEALTH_IDLE,               /* since anything has come in, s */
  SC_HEALTH_LOST,               /* buffers lost since the look before */
  SC_HEALTH_BACKUP,             /* 1: recording at a backup location */
  SC_HEALTH_FAILED,             /* 1: stopped by an error */
  SC_HEALTH_REASONS,
} ScHealthReason;

#define SC_HEALTH_BIT(reason) (UINT32_C (1) << (reason))

typedef struct
{
  const char *code;             /* a stable name */
  bool is_least;                /* to be at least the limit, not at most */
  double limit;                 /* beyond it the reason begins to hold */
  double clear;                 /* from here on it holds no more */
} ScHealthRule;

typedef struct
{
  double values[SC_HEALTH_REASONS];     /* negative: not known, not a reason */
} ScHealthFigures;

typedef struct
{
  uint32_t reasons;             /* that hold, SC_HEALTH_BIT of each */
  uint32_t told;                /* of these */
  uint64_t due[SC_HEALTH_REASONS];      /* no warning before, ns */
} ScHealth;

const ScHealthRule *sc_health_rule (ScHealthReason reason);

/* All figures not known. */
void sc_health_figures_init (ScHealthFigures * figures);

/**
 * sc_health_judge:
 * @before: the reasons that held at the look before
 *
 * Returns: the reasons that hold now
 */
uint32_t sc_health_judge (const ScHealthFigures * figures, uint32_t before);

/**
 * sc_health_look:
 * @now: ns of a clock that never goes back
 *
 * Judges and remembers.
 *
 * Returns: the reasons to be warned of now
 */
uint32_t sc_health_look (ScHealth * self, const ScHealthFigures * figures,
    uint64_t now);

#endif
