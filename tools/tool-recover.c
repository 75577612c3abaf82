/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safecapture recover: makes a playable file of what a crash left. */
#include "tool.h"

#include "sc-container-companion.h"
#include "sc-recording-name.h"
#include "tool-certificate.h"
#include "tool-gaps.h"
#include "tool-parts.h"
#include "tool-text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  const char *part;
  const char *out;              /* NULL: the name without ".part" */
  bool in_place;
  bool keep_unverified;
  bool without_journal;
  const char *companion;        /* NULL: the one beside the recording */
  char final_path[PATH_MAX];
  char journal_path[PATH_MAX];
} Request;

static const char *
journal_of (const Request * self)
{
  return self->without_journal ? NULL : self->journal_path;
}

static int
parse (Request * self, int argc, char **argv)
{
  static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {"in-place", no_argument, NULL, 'i'},
    {"keep-unverified", no_argument, NULL, 'k'},
    {"without-journal", no_argument, NULL, 'w'},
    {"moov-recovery", required_argument, NULL, 'm'},
    {NULL, 0, NULL, 0}
  };
  int c;

  opterr = 0;
  while ((c = getopt_long (argc, argv, "+:o:", options, NULL)) != -1) {
    if (c == 'o')
      self->out = optarg;
    else if (c == 'i')
      self->in_place = true;
    else if (c == 'k')
      self->keep_unverified = true;
    else if (c == 'w')
      self->without_journal = true;
    else if (c == 'm')
      self->companion = optarg;
    else {
      sc_text_complain (argv[optind - 1], c == ':'
          ? "this option needs a value" : "recover has no such option");
      return -EINVAL;
    }
  }
  if (argc - optind != 1) {
    sc_text_complain (NULL, "recover needs the name of one file, behind the "
        "options");
    return -EINVAL;
  }
  self->part = argv[optind];
  if (self->out != NULL && self->in_place) {
    sc_text_complain (NULL, "-o and --in-place exclude each other");
    return -EINVAL;
  }
  return 0;
}

/* Works out the names, and refuses those that cannot be right. */
static int
resolve (Request * self)
{
  bool is_part = sc_recording_is_part (self->part);
  int ret;

  if (strcmp (self->part, "-") == 0) {
    sc_text_complain (NULL, "standard input cannot be recovered: name a file");
    return -EINVAL;
  }
  if (!is_part && (self->out == NULL || self->in_place)) {
    sc_text_complain (self->part, "does not end in \".part\": it is not an "
        "unfinished recording (with -o OUT it is recovered all the same)");
    return -EINVAL;
  }
  ret = sc_recording_journal_path (self->part, self->journal_path, PATH_MAX);
  if (ret == 0 && self->out != NULL)
    ret = snprintf (self->final_path, PATH_MAX, "%s", self->out) >= PATH_MAX
        ? -ENAMETOOLONG : self->out[0] == '\0' ? -EINVAL : 0;
  else if (ret == 0)
    ret = sc_recording_final_path (self->part, self->final_path, PATH_MAX);
  if (ret < 0)
    sc_text_complain (self->part, "not a usable name: %s", strerror (-ret));
  return ret;
}

static const char *
reason (int error)
{
  switch (error) {
    case -EEXIST:
      return "a file of this name exists already, and is never replaced";
    case -EWOULDBLOCK:
      return "it is being recorded at this moment: stop the recording first";
    case -ESTALE:
      return "it was changed while it was looked at: try again";
    default:
      return strerror (-error);
  }
}

/* Whether the report allows what is asked for; complains if not. */
static bool
allowed (const Request * self, const ScRecoveryReport * report)
{
  char manifest[PATH_MAX], name[SC_TEXT_NAME];

  if (report->keep_size == 0) {
    sc_text_complain (self->part, "nothing can be kept: %s",
        report->verdict == SC_RECOVERY_UNVOUCHED && !self->without_journal
        ? report->payload_size == 0 ? "it is empty" : "not one block is whole; "
        "--keep-unverified copies its bytes unchecked" : "it is empty");
    return false;
  }
  if (self->without_journal)
    return true;
  if (report->verdict == SC_RECOVERY_UNVOUCHED) {
    sc_text_complain (self->part, "not recovered, as nothing in it can be "
        "vouched for; --without-journal repairs the container of its bytes as "
        "they are, where the format is known");
    return false;
  }
  if (self->in_place
      && sc_parts_find_manifest (self->part, report, manifest)) {
    sc_text_complain (self->part, "not recovered in place: it is a part of a "
        "recording that went on elsewhere; make one file of all its parts with "
        "\"safecapture join %s -o OUT\"", manifest[0] != '\0'
        ? sc_text_name (manifest, name) : "MANIFEST");
    return false;
  }
  if (self->in_place && report->journal_damaged) {
    sc_text_complain (self->part, "not recovered in place, as its journal is "
        "damaged; use -o OUT, which leaves both files as they are");
    return false;
  }
  return true;
}

static int
apply_copy (const Request * self, const ScRecoveryReport * report,
    ScRecoveryResult * result)
{
  const ScFileOps *ops = &sc_file_ops_posix;
  int fd = ops->open (ops, self->part, O_RDONLY | O_NONBLOCK, 0), ret;
  struct stat st;

  if (fd < 0)
    return fd;
  ret = fstat (fd, &st) == -1 ? -errno : 0;
  /* Held until the copy is done.  A file system without locks tells nothing. */
  if (ret == 0 && ops->lock (ops, fd) == -EWOULDBLOCK)
    ret = -EWOULDBLOCK;
  if (ret == 0)
    ret = sc_recovery_copy (report, ops, self->part,
        journal_of (self), self->final_path, st.st_mode & 0777, result);
  ops->close (ops, fd);
  return ret;
}

/* Of what was cut off, from @end on. */
static void
print_cut (const ScRecoveryReport * report, const char *format, uint64_t end)
{
  char amount[SC_TEXT_SHORT], below[SC_TEXT_SHORT];

  sc_text_bytes (report->keep_size - end, amount);
  if (report->durable_offset > end)
    sc_certificate_line ("repaired", "%s: %s of a partial end cut, which "
        "nothing can play; %s of it below the mark", format, amount,
        sc_text_bytes (report->durable_offset - end, below));
  else
    sc_certificate_line ("repaired", "%s: %s of a partial end cut", format,
        amount);
}

static void
print_repairs (const ScRecoveryReport * report,
    const ScRecoveryResult * result)
{
  const ScContainerPlan *plan = &result->plan;
  uint64_t end = plan->size - plan->tail_size;
  char amount[SC_TEXT_SHORT];

  if (plan->edit_count > 0)
    sc_certificate_line ("repaired", "%s: %u place%s in its headers",
        plan->name, plan->edit_count, plan->edit_count == 1 ? "" : "s");
  if (end < report->keep_size && result->size == plan->size)
    print_cut (report, plan->name, end);
  if (plan->tail_size > 0)
    sc_certificate_line ("repaired", "%s: an index of %s appended", plan->name,
        sc_text_bytes (plan->tail_size, amount));
}

static void
print_result (const Request * self, const ScRecoveryReport * report,
    const ScRecoveryResult * result)
{
  char name[SC_TEXT_NAME], amount[SC_TEXT_SHORT], duration[SC_TEXT_SHORT];
  const ScContainerPlan *plan = &result->plan;

  if (result->container == 1)
    sc_certificate_line ("kept", "%s, running time %s",
        sc_text_bytes (result->size, amount),
        sc_text_duration (plan->duration_ns, duration));
  else
    sc_certificate_line ("kept", "%s", sc_text_bytes (result->size, amount));
  if (report->payload_size > report->keep_size)
    sc_certificate_line ("left out", "%s at the end that nothing vouches for",
        sc_text_bytes (report->payload_size - report->keep_size, amount));
  if (result->replayed > 0)
    sc_certificate_line ("repaired", "%" PRIu64 " overwrites replayed",
        result->replayed);
  if (result->container == -EBADMSG)
    sc_certificate_line ("container", "%s, kept as it is: it cannot be "
        "repaired%s%s", plan->name, plan->note != NULL ? ": " : "",
        plan->note != NULL ? plan->note : "");
  else if (result->container == 1 && plan->needs_repair)
    print_repairs (report, result);
  if (result->container == 1 && plan->note != NULL)
    sc_certificate_line ("note", "%s", plan->note);
  if (result->journal_kept)
    sc_certificate_line ("journal kept", "%s, as evidence of the loss",
        sc_text_name (self->journal_path, name));
  sc_certificate_line (self->in_place ? "published" : "written", "%s, synced",
      sc_text_name (self->final_path, name));
}

static const char *
final_verdict (const Request * self, const ScRecoveryReport * report,
    const ScRecoveryResult * result)
{
  if (result->container == -EBADMSG
      && report->verdict == SC_RECOVERY_REPAIRABLE)
    return "nothing below the durable mark is lost, but it does not play";
  if (self->without_journal)
    return result->container == 1 && result->plan.needs_repair
        ? "container repaired; nothing vouches for the content"
        : "bytes kept as they are; nothing vouches for the content";
  switch (report->verdict) {
    case SC_RECOVERY_WHOLE:
      return "whole: every byte is as it was recorded";
    case SC_RECOVERY_REPAIRABLE:
      return "recovered: nothing below the durable mark is lost";
    default:
      return sc_certificate_verdict (report);
  }
}

static int
exit_code (const Request * self, const ScRecoveryReport * report,
    const ScRecoveryResult * result)
{
  if (self->without_journal)
    return SC_EXIT_REPAIRED;
  if (report->verdict == SC_RECOVERY_WHOLE && result->container == 1
      && result->plan.needs_repair)
    return SC_EXIT_REPAIRED;
  return sc_gaps_exit_code (&report->gaps, (int) report->verdict);
}

static int
recover (Request * self, const ScRecoveryReport * report)
{
  ScRecoveryResult result;
  ScContainerPlan plan;
  const ScContainerPlan *known = sc_certificate_plan (self->part,
      self->companion, &plan);
  int ret;

  sc_certificate_print (self->part, journal_of (self), report, known);
  if (!self->without_journal && report->verdict == SC_RECOVERY_UNVOUCHED)
    sc_certificate_line ("verdict", "%s", sc_certificate_verdict (report));
  if (!allowed (self, report))
    return report->verdict == SC_RECOVERY_LOSS ? SC_EXIT_LOSS
        : SC_EXIT_CANNOT_READ;
  if (self->without_journal && (known == NULL || plan.beyond_repair)) {
    sc_text_complain (self->part, "neither a journal to go by nor a container "
        "that can be repaired: nothing done");
    return SC_EXIT_CANNOT_READ;
  }
  if (self->in_place)
    ret = sc_recovery_in_place (report, &sc_file_ops_posix, self->part,
        journal_of (self), self->final_path, &result);
  else
    ret = apply_copy (self, report, &result);
  if (ret < 0) {
    sc_text_complain (ret == -EEXIST ? self->final_path : self->part,
        "not recovered: %s", reason (ret));
    return SC_EXIT_CANNOT_READ;
  }
  print_result (self, report, &result);
  sc_certificate_line ("verdict", "%s%s", final_verdict (self, report,
          &result), sc_gaps_verdict (&report->gaps));
  return exit_code (self, report, &result);
}

/* Whether the file that was named for the repair is there; complains if not. */
static bool
readable (const char *companion_path)
{
  ScContainerFile companion;
  int ret = companion_path == NULL ? -ENOENT
      : sc_container_companion_open (&companion, &sc_file_ops_posix,
      companion_path);

  if (ret == 0)
    sc_container_companion_close (&companion);
  if (ret < 0 && companion_path != NULL)
    sc_text_complain (companion_path, "cannot be read: %s", ret == -EINVAL
        ? "it is no regular file" : strerror (-ret));
  return ret == 0 || companion_path == NULL;
}

int
sc_tool_recover (int argc, char **argv)
{
  static Request request;
  ScRecoveryOptions options = { 0 };
  ScRecoveryReport report;
  int ret;

  if (parse (&request, argc, argv) < 0 || resolve (&request) < 0)
    return SC_EXIT_USAGE;
  if (!readable (request.companion))
    return SC_EXIT_CANNOT_READ;
  options.keep_unverified = request.keep_unverified;
  options.companion_path = request.companion;
  ret = sc_recovery_examine (&report, &sc_file_ops_posix, request.part,
      journal_of (&request), &options);
  if (ret < 0) {
    sc_text_complain (request.part, "cannot be read: %s", strerror (-ret));
    ret = SC_EXIT_CANNOT_READ;
  } else {
    ret = recover (&request, &report);
  }
  sc_recovery_report_clear (&report);
  return ret;
}
