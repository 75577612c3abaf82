/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what an element counts to the figures of its health: what came between
 * two looks, and how long ago something was.  No clock of its own.
 */
#ifndef SC_HEALTH_WATCH_H
#define SC_HEALTH_WATCH_H

#include "sc-health.h"

/* Looks that come sooner change nothing, but for the first that sees a failure. */
#define SC_HEALTH_LOOK_INTERVAL UINT64_C (900000000)    /* ns */

#define SC_HEALTH_LAG_SAMPLES 16

/* Counts are since the start of the element. */
typedef struct
{
  uint64_t came;                /* anything that grows with the input */
  uint64_t attempts;            /* requests or buffers; 0: not counted */
  uint64_t failures;            /* of the attempts */
  uint64_t lost;                /* buffers */
  double acquire_ns;            /* mean; negative: not known */
  double utilisation;           /* negative: not known */
  bool runs;                    /* input is to be expected */
  bool fails, is_on_backup;
  /* Of a sink. */
  bool stores;
  uint64_t accepted;            /* bytes */
  uint64_t durable;             /* bytes of these */
  uint64_t sync_interval;       /* ns; 0: no lag is promised */
  uint64_t ring_size;           /* bytes */
  uint64_t space_time;          /* ns left; UINT64_MAX: not known */
} ScHealthInput;

typedef struct
{
  ScHealth health;
  ScHealthInput before;         /* at the look before */
  ScHealthFigures figures;      /* then */
  uint64_t looked;              /* ns; 0: never */
  uint64_t came_at;             /* ns */
  uint64_t came;
  uint64_t lag;                 /* ns: at least so long the oldest byte that is
                                 * not durable has been there */
  uint64_t idle;                /* ns */
  struct
  {
    uint64_t position, time;
  } samples[SC_HEALTH_LAG_SAMPLES];     /* not durable, oldest first */
  unsigned n_samples;
} ScHealthWatch;

/* Where nothing is known. */
void sc_health_input_init (ScHealthInput * input);

/* At the start: well, and as if something had just come. */
void sc_health_watch_init (ScHealthWatch * self, uint64_t now);

/**
 * sc_health_watch_look:
 * @now: ns of a clock that never goes back
 * @last: whether no other look follows: it counts however soon it comes
 *
 * One thread at a time.
 *
 * Returns: the reasons to be warned of now
 */
uint32_t sc_health_watch_look (ScHealthWatch * self,
    const ScHealthInput * input, uint64_t now, bool last);

#endif
