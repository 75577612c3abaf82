/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-health-watch.h"

#include <math.h>
#include <string.h>

#define SECOND 1e9

/* Below this the memory is not said to fill: a backlog comes and goes between
 * two syncs. */
#define RING_FILLS 0.5

void
sc_health_input_init (ScHealthInput * input)
{
  memset (input, 0, sizeof (*input));
  input->acquire_ns = input->utilisation = -1.0;
  input->space_time = UINT64_MAX;
}

void
sc_health_watch_init (ScHealthWatch * self, uint64_t now)
{
  memset (self, 0, sizeof (*self));
  sc_health_input_init (&self->before);
  sc_health_figures_init (&self->figures);
  self->looked = self->came_at = now;
}

/* ---- how long ago ---- */

static void
note_input (ScHealthWatch * self, const ScHealthInput * input, uint64_t now)
{
  if (!input->runs || input->came != self->came)
    self->came_at = now;
  self->came = input->came;
  self->idle = now - self->came_at;
}

static void
note_lag (ScHealthWatch * self, const ScHealthInput * input, uint64_t now)
{
  unsigned gone = 0;

  /* Another recording. */
  if (input->accepted < self->before.accepted)
    self->n_samples = 0;
  while (gone < self->n_samples
      && self->samples[gone].position <= input->durable)
    gone++;
  self->n_samples -= gone;
  memmove (self->samples, self->samples + gone,
      self->n_samples * sizeof (self->samples[0]));
  if (self->n_samples < SC_HEALTH_LAG_SAMPLES
      && input->accepted > input->durable) {
    self->samples[self->n_samples].position = input->accepted;
    self->samples[self->n_samples++].time = now;
  }
  self->lag = self->n_samples > 0 ? now - self->samples[0].time : 0;
}

/* ---- between two looks ---- */

static uint64_t
grown (uint64_t now, uint64_t before)
{
  return now > before ? now - before : 0;
}

static double
success (const ScHealthInput * now, const ScHealthInput * before)
{
  uint64_t attempts = grown (now->attempts, before->attempts);
  uint64_t failures = grown (now->failures, before->failures);

  if (attempts == 0)
    return -1.0;
  return failures < attempts ? 1.0 - (double) failures / (double) attempts
      : 0.0;
}

/* Seconds until the memory is full; infinite where it is not filling. */
static double
ring_time (const ScHealthInput * now, const ScHealthInput * before,
    double seconds)
{
  double backlog = (double) grown (now->accepted, now->durable);
  double growth = backlog - (double) grown (before->accepted, before->durable);
  double size = (double) now->ring_size;

  if (now->ring_size == 0)
    return -1.0;
  if (growth <= 0.0 || backlog < RING_FILLS * size)
    return INFINITY;
  return fmax (size - backlog, 0.0) * seconds / growth;
}

static void
measure_storage (ScHealthWatch * self, const ScHealthInput * input,
    double seconds)
{
  double *values = self->figures.values;

  if (input->sync_interval > 0)
    values[SC_HEALTH_DURABLE_LAG] = (double) self->lag
        / (double) input->sync_interval;
  if (seconds > 0.0)
    values[SC_HEALTH_RING_TIME] = ring_time (input, &self->before, seconds);
  if (input->space_time != UINT64_MAX)
    values[SC_HEALTH_SPACE_TIME] = (double) input->space_time / SECOND;
}

static void
measure (ScHealthWatch * self, const ScHealthInput * input, double seconds)
{
  double *values = self->figures.values;

  sc_health_figures_init (&self->figures);
  values[SC_HEALTH_SUCCESS] = success (input, &self->before);
  values[SC_HEALTH_ACQUIRE] = input->acquire_ns;
  values[SC_HEALTH_UTILISATION] = input->utilisation;
  values[SC_HEALTH_IDLE] = (double) self->idle / SECOND;
  values[SC_HEALTH_LOST] = (double) grown (input->lost, self->before.lost);
  values[SC_HEALTH_BACKUP] = input->is_on_backup ? 1.0 : 0.0;
  values[SC_HEALTH_FAILED] = input->fails ? 1.0 : 0.0;
  if (input->stores)
    measure_storage (self, input, seconds);
}

uint32_t
sc_health_watch_look (ScHealthWatch * self, const ScHealthInput * input,
    uint64_t now, bool last)
{
  bool has_failed = input->fails && !self->before.fails;

  /* A failure ends a recording, and often all that looks at it. */
  if (!last && !has_failed && now - self->looked < SC_HEALTH_LOOK_INTERVAL)
    return 0;
  note_input (self, input, now);
  note_lag (self, input, now);
  measure (self, input, (double) (now - self->looked) / SECOND);
  self->before = *input;
  self->looked = now;
  return sc_health_look (&self->health, &self->figures, now);
}
