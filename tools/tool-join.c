/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safecapture join: makes one file of a recording in parts. */
#include "tool.h"

#include "sc-join.h"
#include "sc-recording-name.h"
#include "tool-certificate.h"
#include "tool-gaps.h"
#include "tool-text.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  const char *manifest;
  const char *out;
} Request;

static int
parse (Request * self, int argc, char **argv)
{
  static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {NULL, 0, NULL, 0}
  };
  int c;

  opterr = 0;
  /* The manifest may stand before -o. */
  while ((c = getopt_long (argc, argv, ":o:", options, NULL)) != -1) {
    if (c != 'o') {
      sc_text_complain (argv[optind - 1], c == ':'
          ? "this option needs a value" : "join has no such option");
      return -EINVAL;
    }
    self->out = optarg;
  }
  if (argc - optind != 1 || self->out == NULL || self->out[0] == '\0') {
    sc_text_complain (NULL, "join needs the name of one manifest (NAME.sfm), "
        "and -o with the name of the file to write");
    return -EINVAL;
  }
  self->manifest = argv[optind];
  return 0;
}

static void
print_part (const ScJoinReport * report, unsigned number)
{
  const ScJoinPart *part = &report->parts[number];
  const ScManifestPart *stated = &report->manifest.parts[number];
  char name[SC_TEXT_NAME], label[SC_TEXT_SHORT], amount[SC_TEXT_SHORT];

  snprintf (label, sizeof (label), "part %u", number);
  sc_certificate_line (label, "%s%s", sc_text_name (part->path, name),
      part->found ? "" : ": NOT FOUND");
  if (part->limit <= part->base)
    sc_certificate_line ("", "holds nothing that counts");
  else
    sc_certificate_line ("", "bytes %" PRIu64 " to %" PRIu64 "%s", part->base,
        part->limit - 1, part->found && part->journal[0] == '\0'
        ? ", unchecked: it has no journal" : "");
  if (part->lost > 0)
    sc_certificate_line ("", "LOST: %s of them",
        sc_text_bytes (part->lost, amount));
  if (stated->result == SC_PART_FAILED)
    sc_certificate_line ("", "left, as %s failed: %s",
        sc_fault_name (stated->operation), stated->error == -ETIMEDOUT
        ? "no answer in time" : strerror (-stated->error));
}

static void
print_report (const Request * self, const ScJoinReport * report)
{
  char name[SC_TEXT_NAME], amount[SC_TEXT_SHORT], uuid[SC_TEXT_SHORT];

  printf ("%s\n", sc_text_name (self->manifest, name));
  sc_certificate_line ("recording", "%s",
      sc_text_uuid (report->manifest.uuid, uuid));
  sc_certificate_line ("", "of a file named %s; it was %s",
      sc_text_name (report->manifest.name, name),
      report->closed ? "closed" : "not closed");
  for (unsigned i = 0; i < report->part_count; i++)
    print_part (report, i);
  sc_certificate_line ("durable mark", "%s",
      sc_text_bytes (report->durable_offset, amount));
  sc_certificate_line ("lost below mark", "%s",
      sc_text_bytes (report->lost_below, amount));
  sc_certificate_line ("lost above mark", "%s",
      sc_text_bytes (report->lost_above, amount));
  sc_gaps_print (&report->gaps, 0, NULL);
  /* Where a part is missing its journal is, too. */
  if (report->manifest.dropped_bytes > report->gaps.bytes)
    sc_certificate_line ("", "%s were dropped in all, as the manifest says",
        sc_text_bytes (report->manifest.dropped_bytes, amount));
}

static const char *
reason (int error)
{
  switch (error) {
    case -EEXIST:
      return "a file of this name exists already, and is never replaced";
    case -EWOULDBLOCK:
      return "it is being recorded at this moment: stop the recording first";
    case -EBADMSG:
      return "not a manifest, or it is damaged";
    case -EPROTONOSUPPORT:
      return "a version that this safecapture cannot read";
    default:
      return strerror (-error);
  }
}

static const char *
verdict (const ScJoinReport * report)
{
  switch (report->verdict) {
    case SC_RECOVERY_WHOLE:
      return "whole: every byte is as it was recorded";
    case SC_RECOVERY_REPAIRABLE:
      return "recovered: nothing below the durable mark is lost";
    case SC_RECOVERY_LOSS:
      return "LOSS below the durable mark";
    default:
      return "nothing of it can be found";
  }
}

static mode_t
mode_of (const ScJoinReport * report)
{
  struct stat st;

  for (unsigned i = 0; i < report->part_count; i++)
    if (report->parts[i].found && stat (report->parts[i].path, &st) == 0)
      return st.st_mode & 0777;
  return 0600;
}

static void
print_result (const Request * self, const ScRecoveryResult * result)
{
  const ScContainerPlan *plan = &result->plan;
  char name[SC_TEXT_NAME], amount[SC_TEXT_SHORT];

  sc_certificate_line ("joined", "%s", sc_text_bytes (result->size, amount));
  if (result->replayed > 0)
    sc_certificate_line ("", "%" PRIu64 " overwrites put in their places",
        result->replayed);
  if (result->container == 1 && plan->needs_repair)
    sc_certificate_line ("repaired", "%s", plan->name);
  sc_certificate_line ("written", "%s, synced", sc_text_name (self->out, name));
}

static int
join (const Request * self, const ScJoinReport * report)
{
  ScRecoveryResult result;
  int ret;

  print_report (self, report);
  if (report->verdict == SC_RECOVERY_UNVOUCHED) {
    sc_certificate_line ("verdict", "%s", verdict (report));
    return SC_EXIT_CANNOT_READ;
  }
  ret = sc_join_write (report, &sc_file_ops_posix, self->out, mode_of (report),
      &result);
  if (ret < 0) {
    sc_text_complain (ret == -EEXIST ? self->out : self->manifest,
        "not joined: %s", reason (ret));
    return SC_EXIT_CANNOT_READ;
  }
  print_result (self, &result);
  sc_certificate_line ("verdict", "%s%s", verdict (report),
      sc_gaps_verdict (&report->gaps));
  return sc_gaps_exit_code (&report->gaps, (int) report->verdict);
}

int
sc_tool_join (int argc, char **argv)
{
  static ScJoinReport report;
  Request request = { NULL, NULL };
  int ret;

  if (parse (&request, argc, argv) < 0)
    return SC_EXIT_USAGE;
  ret = sc_join_examine (&report, &sc_file_ops_posix, request.manifest);
  if (ret < 0) {
    sc_text_complain (request.manifest, "cannot be joined: %s", reason (ret));
    ret = SC_EXIT_CANNOT_READ;
  } else {
    ret = join (&request, &report);
  }
  sc_join_report_clear (&report);
  return ret;
}
