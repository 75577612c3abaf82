/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-certificate.h"

#include "sc-container-companion.h"
#include "tool-gaps.h"
#include "tool-text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_RANGES_SHOWN 20

static const char *const range_words[] = {
  [SC_RANGE_DAMAGED] = "damaged: not what was written",
  [SC_RANGE_CUT] = "not checkable: the end of its block is missing",
  [SC_RANGE_MISSING] = "missing",
  [SC_RANGE_HOLE] = "never written: zeros",
  [SC_RANGE_UNCHECKED] = "not covered by the journal",
  [SC_RANGE_GAP] = "dropped while recording: zeros",
};

void
sc_certificate_line (const char *label, const char *format, ...)
{
  va_list args;

  printf ("  %-17s ", label);
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  printf ("\n");
}

const ScContainerPlan *
sc_certificate_plan (const char *path, const char *companion_path,
    ScContainerPlan * plan)
{
  const ScFileOps *ops = &sc_file_ops_posix;
  ScContainerFile file = {.ops = ops }, companion;
  int64_t size;
  int ret = 0;

  file.fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK, 0);
  if (file.fd < 0)
    return NULL;
  if ((companion_path != NULL
          ? sc_container_companion_open (&companion, ops, companion_path)
          : sc_container_companion_find (&companion, ops, path)) == 0)
    file.companion = &companion;
  size = ops->size (ops, file.fd);
  if (size > 0) {
    file.size = (uint64_t) size;
    ret = sc_container_plan (&file, plan);
    sc_container_plan_clear (plan);
  }
  sc_container_companion_close (&companion);
  ops->close (ops, file.fd);
  return ret == 1 || ret == -EBADMSG ? plan : NULL;
}

void
sc_certificate_print_format (const ScContainerPlan * plan)
{
  if (plan == NULL)
    sc_certificate_line ("format", "not known to safecapture");
  else
    sc_certificate_line ("format", "%s%s%s", plan->name,
        plan->detail[0] != '\0' ? ", " : "", plan->detail);
  if (plan != NULL && plan->beyond_repair)
    sc_certificate_line ("", "it does not play, and cannot be repaired%s%s",
        plan->note != NULL ? ": " : "", plan->note != NULL ? plan->note : "");
}

void
sc_certificate_print_journal (const char *journal_path,
    const ScJournalHeader * header, ScJournalStop stop, uint64_t stop_at,
    bool closed)
{
  char name[SC_TEXT_NAME], uuid[SC_TEXT_SHORT], date[SC_TEXT_SHORT];
  const char *end = "read to its end";

  sc_certificate_line ("journal", "%s", sc_text_name (journal_path, name));
  if (stop == SC_JOURNAL_TORN)
    end = "its last record is torn, as a crash leaves it";
  else if (stop == SC_JOURNAL_RAGGED)
    end = "its end is not readable: a power cut, or damage";
  else if (stop == SC_JOURNAL_CORRUPT)
    end = "DAMAGED: what it said after this place cannot be read";
  else if (stop == SC_JOURNAL_UNKNOWN)
    end = "a newer safecapture wrote what follows; this one cannot read it";
  sc_certificate_line ("", "%s (byte %" PRIu64 "); %s", end, stop_at,
      closed ? "the recording was closed" : "the recording was not closed");
  sc_certificate_line ("recording", "%s, begun %s",
      sc_text_uuid (header->uuid, uuid),
      sc_text_date (header->created_ns, date));
}

/* The running time of so many bytes of samples, as " (0:00:01.000)", or "". */
static const char *
time_of (const ScContainerPlan * plan, uint64_t start, uint64_t end,
    char out[SC_TEXT_SHORT])
{
  uint64_t ns = plan == NULL ? UINT64_MAX
      : sc_container_lost_time (plan, start, end);
  char duration[SC_TEXT_SHORT];

  out[0] = '\0';
  if (ns != UINT64_MAX)
    snprintf (out, SC_TEXT_SHORT, ", running time %s",
        sc_text_duration (ns, duration));
  return out;
}

/* The recorder's own word on the running time goes before the container's. */
static void
print_mark (const ScRecoveryReport * report, const ScContainerPlan * plan)
{
  char amount[SC_TEXT_SHORT], time[SC_TEXT_SHORT], duration[SC_TEXT_SHORT];

  time_of (plan, 0, report->durable_offset, time);
  if (report->has_mark && report->mark.running_time_ns != SC_JOURNAL_NO_TIME)
    snprintf (time, sizeof (time), ", running time %s",
        sc_text_duration (report->mark.running_time_ns, duration));
  sc_certificate_line ("durable mark", "%s%s",
      sc_text_bytes (report->durable_offset, amount), time);
}

/* Where the rate varies, it depends on which bytes they are: the running time
 * of all ranges on one side of the mark, as far as all are known. */
static uint64_t
time_of_ranges (const ScRecoveryReport * report, const ScContainerPlan * plan,
    uint64_t from, uint64_t to)
{
  uint64_t sum = 0;

  for (unsigned i = 0; i < report->range_count; i++) {
    const ScRecoveryRange *range = &report->ranges[i];
    uint64_t start = range->start > from ? range->start : from;
    uint64_t end = range->end < to ? range->end : to, ns;

    if (range->kind == SC_RANGE_HOLE || range->kind == SC_RANGE_UNCHECKED
        || range->kind == SC_RANGE_GAP || start >= end)
      continue;
    ns = sc_container_lost_time (plan, start, end);
    if (ns == UINT64_MAX)
      return UINT64_MAX;
    sum += ns;
  }
  return report->range_total == report->range_count ? sum : UINT64_MAX;
}

static void
print_lost (const char *label, const ScRecoveryReport * report,
    const ScContainerPlan * plan, bool below)
{
  uint64_t bytes = below ? report->lost_below : report->lost_above;
  uint64_t mark = report->durable_offset, ns = UINT64_MAX;
  char amount[SC_TEXT_SHORT], duration[SC_TEXT_SHORT];

  if (bytes > 0 && plan != NULL)
    ns = plan->bytes_per_second != 0
        ? sc_container_lost_time (plan, plan->media_offset,
        plan->media_offset + bytes)
        : time_of_ranges (report, plan, below ? 0 : mark,
        below ? mark : UINT64_MAX);
  if (ns == UINT64_MAX)
    sc_certificate_line (label, "%s", sc_text_bytes (bytes, amount));
  else
    sc_certificate_line (label, "%s, running time %s",
        sc_text_bytes (bytes, amount), sc_text_duration (ns, duration));
}

static void
print_ranges (const ScRecoveryReport * report)
{
  for (unsigned i = 0; i < report->range_count; i++) {
    const ScRecoveryRange *range = &report->ranges[i];

    if (i == MAX_RANGES_SHOWN) {
      sc_certificate_line ("", "and %" PRIu64 " more ranges",
          report->range_total - i);
      return;
    }
    sc_certificate_line (i == 0 ? "ranges" : "", "bytes %" PRIu64 " to %"
        PRIu64 ": %s", range->start, range->end - 1, range_words[range->kind]);
  }
}

static void
print_journal (const char *journal_path, const ScRecoveryReport * report)
{
  char name[SC_TEXT_NAME];

  if (journal_path == NULL)
    sc_certificate_line ("journal", "left aside, as asked for");
  else if (report->journal_error == -ENOENT)
    sc_certificate_line ("journal", "none (%s does not exist)",
        sc_text_name (journal_path, name));
  else if (report->journal_error == -EBADMSG)
    sc_certificate_line ("journal", "%s is no journal, or its header is "
        "damaged", sc_text_name (journal_path, name));
  else if (report->journal_error == -EPROTONOSUPPORT
      || report->journal_error == -ENOTSUP)
    sc_certificate_line ("journal", "%s has a version that this safecapture "
        "cannot read, or is damaged", sc_text_name (journal_path, name));
  else if (report->journal_error < 0)
    sc_certificate_line ("journal", "%s cannot be opened: %s",
        sc_text_name (journal_path, name), strerror (-report->journal_error));
  else
    sc_certificate_print_journal (journal_path, &report->header,
        report->journal_stop, report->journal_stop_at, report->closed);
  if (report->part > 0)
    sc_certificate_line ("part", "%" PRIu32 " of the recording, from its byte "
        "%" PRIu64 " on; what follows counts from there", report->part,
        report->part_base);
  if (report->name_differs)
    sc_certificate_line ("", "it was written for a file named %s",
        sc_text_name (report->header.name, name));
}

void
sc_certificate_print (const char *path, const char *journal_path,
    const ScRecoveryReport * report, const ScContainerPlan * plan)
{
  char name[SC_TEXT_NAME], amount[SC_TEXT_SHORT], time[SC_TEXT_SHORT];

  printf ("%s\n", sc_text_name (path, name));
  print_journal (journal_path, report);
  sc_certificate_print_format (plan);
  sc_certificate_line ("file size", "%s%s",
      sc_text_bytes (report->payload_size, amount),
      time_of (plan, 0, report->payload_size, time));
  if (report->journal_error < 0)
    return;
  sc_certificate_line ("recorded", "%s%s",
      sc_text_bytes (report->recorded_size, amount),
      time_of (plan, 0, report->recorded_size, time));
  print_mark (report, plan);
  sc_certificate_line ("verified", "%s in %" PRIu64 " of %" PRIu64 " blocks",
      sc_text_bytes (report->verified_bytes, amount), report->verified_extents,
      report->totals.extents);
  sc_certificate_line ("right up to byte", "%" PRIu64, report->right_prefix);
  print_lost ("lost below mark", report, plan, true);
  print_lost ("lost above mark", report, plan, false);
  if (report->redo_bytes > 0)
    sc_certificate_line ("to replay", "%s that were overwritten and are not in "
        "place", sc_text_bytes (report->redo_bytes, amount));
  sc_gaps_print (&report->gaps, 0, plan);
  print_ranges (report);
}

static const char *
unvouched (const ScRecoveryReport * report)
{
  if (report->journal_error < 0)
    return "without a readable journal nothing can be vouched for";
  if (report->foreign)
    return "hardly a block matches: the journal belongs to another file, or "
        "the file's content was replaced";
  if (report->journal_damaged)
    return "the journal is damaged from its beginning: nothing can be vouched "
        "for";
  if (report->payload_size == 0)
    return "the file is empty, and nothing in it was durable yet";
  return "not one block is whole, and none was durable yet";
}

const char *
sc_certificate_verdict (const ScRecoveryReport * report)
{
  switch (report->verdict) {
    case SC_RECOVERY_WHOLE:
      return "whole: every byte is as it was recorded";
    case SC_RECOVERY_REPAIRABLE:
      return "every byte below the durable mark is right or in the journal; "
          "not finished: run \"safecapture recover\"";
    case SC_RECOVERY_LOSS:
      if (report->lost_below > 0)
        return "LOSS below the durable mark";
      return "loss below the durable mark CANNOT BE EXCLUDED: the journal is "
          "not readable to its end";
    default:
      return unvouched (report);
  }
}
