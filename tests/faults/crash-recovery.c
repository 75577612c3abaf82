/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recovers one unfinished recording in place on a simulated disk, again and
 * again, each time with the power lost at a later operation, and runs it again
 * then: the result must be that of an undisturbed recovery, and the verdict
 * too.
 *
 *   crash-recovery NAME SEED [careless]
 *
 * NAME.part, NAME.sfj and, if there, NAME.mrf are read.  Prints how often the
 * power was lost.  Exits with 0, 1 for a difference, 3 for a recovery that
 * fails.  careless is the negative control: nothing of what a repair says to
 * the journal reaches it.
 */
#include "sc-recovery-apply.h"
#include "sc-recording-name.h"
#include "sc-sim-disk.h"

enum { PLENTY = 1 << 30 };

static ScSimDisk disk, image;
static char name[24], part[32], journal[32];

static ssize_t
forget_journal (const ScFileOps * ops, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  ssize_t size = 0;

  if (strcmp (disk.files[fd].path, journal) != 0)
    return sc_sim_pwritev (ops, fd, iov, iov_count, offset);
  for (int i = 0; i < iov_count; i++)
    size += (ssize_t) iov[i].iov_len;
  return size;
}

static bool
load (const char *path, const char *as)
{
  FILE *file = fopen (path, "rb");
  ScSimFile *slot;

  if (file == NULL)
    return false;
  slot = &disk.files[sc_sim_find (&disk, "")];
  snprintf (slot->path, sizeof (slot->path), "%s", as);
  slot->cache_size = fread (slot->cache, 1, SC_SIM_SIZE, file);
  if (fgetc (file) != EOF) {
    fprintf (stderr, "%s is too large\n", path);
    exit (3);
  }
  memcpy (slot->durable, slot->cache, SC_SIM_SIZE);
  slot->durable_size = slot->cache_size;
  fclose (file);
  return true;
}

static int
recover (ScRecoveryVerdict * verdict)
{
  ScRecoveryReport report;
  ScRecoveryResult result;
  int ret = sc_recovery_examine (&report, &disk.ops, part, journal, NULL);

  if (ret == 0)
    ret = sc_recovery_in_place (&report, &disk.ops, part, journal, name,
        &result);
  *verdict = report.verdict;
  sc_recovery_report_clear (&report);
  return ret;
}

/* Whether the file is as it must be.  Before it is cut, what it has at the
 * end is covered; then it must be the same but for that. */
static bool
is_right (const ScSimFile * expected)
{
  int found = sc_sim_find (&disk, name);
  const ScSimFile *file = &disk.files[found < 0 ? 0 : found];

  return found >= 0 && file->cache_size >= expected->cache_size
      && memcmp (file->cache, expected->cache, expected->cache_size) == 0;
}

/* NAME.part, NAME.sfj and perhaps NAME.mrf come onto the disk. */
static bool
load_all (const char *recording)
{
  char path[4096], companion[32];

  snprintf (name, sizeof (name), "%s", sc_recording_base_name (recording));
  snprintf (part, sizeof (part), "%s.part", name);
  snprintf (journal, sizeof (journal), "%s.sfj", name);
  snprintf (companion, sizeof (companion), "%s.mrf", name);
  snprintf (path, sizeof (path), "%s.mrf", recording);
  load (path, companion);
  snprintf (path, sizeof (path), "%s.sfj", recording);
  if (!load (path, journal))
    return false;
  snprintf (path, sizeof (path), "%s.part", recording);
  return load (path, part);
}

/* Loses the power at one operation after the other, until there is none left:
 * how often it came out different. */
static int
lose_power (const ScSimFile * expected, ScRecoveryVerdict verdict,
    uint64_t seed, long *times)
{
  ScRecoveryVerdict again;
  int wrong = 0, ret = -1;

  for (*times = 0; ret != 0 && *times < 100000; ++*times) {
    memcpy (&disk, &image, sizeof (disk));
    disk.seed = seed + (uint64_t) *times;
    disk.budget = *times + 1;
    ret = recover (&again);
    if (ret == 0)
      break;
    sc_sim_crash (&disk, true, PLENTY);
    again = verdict;
    if (sc_sim_find (&disk, part) >= 0)
      recover (&again);
    /* What a repair had done must not look like damage. */
    wrong += again != verdict || !is_right (expected);
  }
  return wrong;
}

int
main (int argc, char **argv)
{
  uint64_t seed = argc > 2 ? strtoull (argv[2], NULL, 0) : 0;
  static ScSimFile expected;
  ScRecoveryVerdict verdict;
  int wrong, ret;
  long times;

  if (argc < 3)
    return 64;
  sc_sim_disk_init (&disk, PLENTY, seed);
  if (argc > 3 && strcmp (argv[3], "careless") == 0)
    disk.ops.pwritev = forget_journal;
  if (!load_all (argv[1]))
    return 3;
  memcpy (&image, &disk, sizeof (disk));
  ret = recover (&verdict);
  if (ret != 0) {
    fprintf (stderr, "not recovered: %s\n", strerror (-ret));
    return 3;
  }
  expected = disk.files[sc_sim_find (&disk, name)];
  wrong = lose_power (&expected, verdict, seed, &times);
  printf ("%ld\n", times);
  return wrong > 0;
}
