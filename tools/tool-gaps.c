/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-gaps.h"

#include "tool-certificate.h"
#include "tool-text.h"
#include "tool.h"

#include <inttypes.h>
#include <stdio.h>

#define MAX_GAPS_SHOWN 20

/* ns, or UINT64_MAX.  The stream's own word goes before the container's. */
static uint64_t
time_of (const ScJournalGap * gap, const ScContainerPlan * plan)
{
  if (gap->first_ns != SC_JOURNAL_NO_TIME && gap->last_ns != SC_JOURNAL_NO_TIME
      && gap->first_ns <= gap->last_ns)
    return gap->last_ns - gap->first_ns;
  return plan == NULL || plan->beyond_repair ? UINT64_MAX
      : sc_container_lost_time (plan, gap->offset, gap->offset + gap->size);
}

/* UINT64_MAX unless that of every gap is known. */
static uint64_t
time_of_all (const ScGapList * gaps, const ScContainerPlan * plan)
{
  uint64_t sum = 0;

  for (unsigned i = 0; i < gaps->count; i++) {
    uint64_t ns = time_of (&gaps->gaps[i], plan);

    if (ns == UINT64_MAX)
      return UINT64_MAX;
    sum += ns;
  }
  return gaps->total == gaps->count ? sum : UINT64_MAX;
}

static void
print_gap (const ScJournalGap * gap, uint64_t base,
    const ScContainerPlan * plan)
{
  char first[SC_TEXT_SHORT], length[SC_TEXT_SHORT], when[64] = "";
  uint64_t ns = time_of (gap, plan);

  if (gap->first_ns != SC_JOURNAL_NO_TIME)
    snprintf (when, sizeof (when), ", from running time %s on",
        sc_text_duration (gap->first_ns, first));
  sc_certificate_line ("", "bytes %" PRIu64 " to %" PRIu64 ": %" PRIu64
      " buffer%s%s%s%s", base + gap->offset, base + gap->offset + gap->size - 1,
      gap->buffers, gap->buffers == 1 ? "" : "s",
      ns == UINT64_MAX ? "" : ", running time ", ns == UINT64_MAX ? ""
      : sc_text_duration (ns, length), when);
}

void
sc_gaps_print (const ScGapList * gaps, uint64_t base,
    const ScContainerPlan * plan)
{
  char amount[SC_TEXT_SHORT], duration[SC_TEXT_SHORT];
  uint64_t ns = time_of_all (gaps, plan);

  if (gaps->total == 0)
    return;
  sc_certificate_line ("dropped", "%s in %" PRIu64 " buffers, in %" PRIu64
      " gap%s%s%s", sc_text_bytes (gaps->bytes, amount), gaps->buffers,
      gaps->total, gaps->total == 1 ? "" : "s",
      ns == UINT64_MAX ? "" : ", running time ", ns == UINT64_MAX ? ""
      : sc_text_duration (ns, duration));
  for (unsigned i = 0; i < gaps->count && i < MAX_GAPS_SHOWN; i++)
    print_gap (&gaps->gaps[i], base, plan);
  if (gaps->total > MAX_GAPS_SHOWN)
    sc_certificate_line ("", "and %" PRIu64 " more gaps",
        gaps->total - MAX_GAPS_SHOWN);
}

int
sc_gaps_exit_code (const ScGapList * gaps, int code)
{
  return code == SC_EXIT_WHOLE && gaps->total > 0 ? SC_EXIT_REPAIRED : code;
}

const char *
sc_gaps_verdict (const ScGapList * gaps)
{
  return gaps->total == 0 ? "" : "; but NOT ALL of the stream was: data were "
      "dropped while recording";
}
