/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-health.h"

static const ScHealthRule rules[SC_HEALTH_REASONS] = {
  [SC_HEALTH_SUCCESS] = {"success-rate", true, 0.99, 0.995},
  [SC_HEALTH_ACQUIRE] = {"acquire-latency", false, 75000.0, 60000.0},
  [SC_HEALTH_UTILISATION] = {"utilisation", false, 0.9, 0.85},
  [SC_HEALTH_DURABLE_LAG] = {"durable-lag", false, 2.0, 1.5},
  [SC_HEALTH_RING_TIME] = {"falls-behind", true, 10.0, 20.0},
  [SC_HEALTH_SPACE_TIME] = {"space-low", true, 60.0, 120.0},
  [SC_HEALTH_IDLE] = {"input-stalled", false, 5.0, 1.0},
  [SC_HEALTH_LOST] = {"data-lost", false, 0.0, 0.0},
  [SC_HEALTH_BACKUP] = {"on-backup", false, 0.0, 0.0},
  [SC_HEALTH_FAILED] = {"failed", false, 0.0, 0.0},
};

const ScHealthRule *
sc_health_rule (ScHealthReason reason)
{
  return &rules[reason];
}

void
sc_health_figures_init (ScHealthFigures * figures)
{
  for (int i = 0; i < SC_HEALTH_REASONS; i++)
    figures->values[i] = -1.0;
}

static bool
holds (const ScHealthRule * rule, double value, bool before)
{
  double mark = before ? rule->clear : rule->limit;

  if (value < 0.0)
    return false;
  return rule->is_least ? value < mark : value > mark;
}

uint32_t
sc_health_judge (const ScHealthFigures * figures, uint32_t before)
{
  uint32_t reasons = 0;

  for (int i = 0; i < SC_HEALTH_REASONS; i++)
    if (holds (&rules[i], figures->values[i],
            (before & SC_HEALTH_BIT (i)) != 0))
      reasons |= SC_HEALTH_BIT (i);
  return reasons;
}

uint32_t
sc_health_look (ScHealth * self, const ScHealthFigures * figures,
    uint64_t now)
{
  uint32_t warnings = 0;

  self->reasons = sc_health_judge (figures, self->reasons);
  self->told &= self->reasons;
  for (int i = 0; i < SC_HEALTH_REASONS; i++) {
    uint32_t bit = SC_HEALTH_BIT (i);

    if ((self->reasons & ~self->told & bit) == 0 || now < self->due[i])
      continue;
    self->due[i] = now + SC_HEALTH_WARNING_INTERVAL;
    self->told |= bit;
    warnings |= bit;
  }
  return warnings;
}
