/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model-main.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MUTANTS = 256, ROW = 512 };

/* More than any scenario has: one that grows beyond it must be made smaller. */
#define LIMIT 200000000u

extern McSite *__start_mc_sites[], *__stop_mc_sites[];

static McMutant mutants[MUTANTS];
static size_t mutant_count;

static const char *
name_of (int order)
{
  static const char *const names[] = { "none", "relaxed", "acquire", "release",
    "acq_rel", "seq_cst"
  };

  return names[order + 1];
}

static bool
is_fence (const McSite * site)
{
  return strstr (site->operation, "fence") != NULL
      || strcmp (site->operation, "membarrier") == 0;
}

static void
add_mutant (const McSite * site, bool of_failure, int order)
{
  if (mutant_count == MUTANTS)
    abort ();
  mutants[mutant_count++] = (McMutant) { site, of_failure, order };
}

/* The next weaker orders: what they catch, weaker ones are caught at too. */
static void
add_mutants_of (const McSite * site)
{
  bool stores = strcmp (site->operation, "store") == 0;
  bool loads = strcmp (site->operation, "load") == 0;

  if (strcmp (site->operation, "fence") == 0 && site->order == MC_SEQ_CST)
    add_mutant (site, false, MC_ACQ_REL);
  else if (is_fence (site))
    add_mutant (site, false, MC_NO_ORDER);
  else if (site->order >= MC_ACQ_REL && !stores && !loads) {
    add_mutant (site, false, MC_RELEASE);
    add_mutant (site, false, MC_ACQUIRE);
  } else if (site->order > MC_RELAXED)
    add_mutant (site, false, MC_RELAXED);
  if (site->failure > MC_RELAXED)
    add_mutant (site, true, MC_RELAXED);
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static int
in_source_order (const void *a, const void *b)
{
  const McMutant *x = a, *y = b;
  int files = strcmp (x->site->file, y->site->file);

  if (files != 0)
    return files;
  if (x->site->line != y->site->line)
    return x->site->line < y->site->line ? -1 : 1;
  return x->order - y->order;
}

static void
find_mutants (const McSuite * suite)
{
  for (McSite ** s = __start_mc_sites; s < __stop_mc_sites; s++)
    if (strstr (suite->sources, base_name ((*s)->file)) != NULL)
      add_mutants_of (*s);
  qsort (mutants, mutant_count, sizeof (mutants[0]), in_source_order);
}

/* Which of its kind the operation is in its function. */
static unsigned
number_of (const McSite * site)
{
  unsigned number = 1;

  for (McSite ** s = __start_mc_sites; s < __stop_mc_sites; s++)
    if (strcmp ((*s)->function, site->function) == 0
        && strcmp ((*s)->operation, site->operation) == 0
        && (*s)->line < site->line)
      number++;
  return number;
}

static void
describe_weakening (const McMutant * mutant, char *text, size_t size)
{
  snprintf (text, size, "%s%s to %s", mutant->of_failure ? "failure " : "",
      name_of (mutant->of_failure ? mutant->site->failure
          : mutant->site->order), name_of (mutant->order));
}

static const McVerdict *
verdict_of (const McSuite * suite, const McMutant * mutant)
{
  char weakened[64];

  describe_weakening (mutant, weakened, sizeof (weakened));
  for (size_t i = 0; i < suite->verdict_count; i++) {
    const McVerdict *v = &suite->verdicts[i];

    if (strcmp (v->function, mutant->site->function) == 0
        && strcmp (v->operation, mutant->site->operation) == 0
        && v->which == number_of (mutant->site)
        && strcmp (v->weakened, weakened) == 0)
      return v;
  }
  return NULL;
}

/* Returns the scenario that fails, or NULL. */
static const McScenario *
catch (const McSuite * suite, const McMutant * mutant, McResult * result)
{
  for (size_t i = 0; i < suite->scenario_count; i++) {
    if ((mutant->site->scenarios & (uint32_t) 1 << i) == 0)
      continue;
    mc_explore (&suite->scenarios[i], mutant, LIMIT, 0, false, result);
    if (result->failed)
      return &suite->scenarios[i];
  }
  return NULL;
}

static char *
read_file (const char *path)
{
  FILE *file = fopen (path, "r");
  char *text = calloc (1, 1 << 20);

  if (file == NULL || text == NULL) {
    perror (path);
    exit (EXIT_FAILURE);
  }
  (void) !fread (text, 1, (1 << 20) - 1, file);
  fclose (file);
  return text;
}

/* Returns whether the table, and @doc if it is given, say the truth. */
static bool
try_mutant (const McSuite * suite, size_t number, const char *doc, bool table)
{
  const McMutant *mutant = &mutants[number];
  const McVerdict *verdict = verdict_of (suite, mutant);
  McResult result = { 0 };
  const McScenario *by = catch (suite, mutant, &result);
  char weakened[64], row[ROW];
  bool good = verdict != NULL
      && (by != NULL) == (verdict->missed_because == NULL);

  describe_weakening (mutant, weakened, sizeof (weakened));
  snprintf (row, sizeof (row), "| `%s` | %s %u | %s | %s%s |\n",
      mutant->site->function, mutant->site->operation,
      number_of (mutant->site), weakened, by != NULL ? "caught: " : "missed: ",
      by != NULL ? by->name
      : verdict != NULL && verdict->missed_because != NULL
      ? verdict->missed_because : "nobody knows why");
  if (table)
    printf ("%s", row);
  else
    printf ("%3u  %s:%d %s %u, %s: %s\n", (unsigned) number,
        mutant->site->function, mutant->site->line, mutant->site->operation,
        number_of (mutant->site), weakened,
        by != NULL ? result.message : "missed");
  if (!good)
    printf ("     NOT as in the table of %s\n", suite->name);
  if (doc != NULL && strstr (doc, row) == NULL) {
    printf ("     NOT in the page: %s", row);
    good = false;
  }
  fflush (stdout);
  return good;
}

static bool
every_row_is_a_mutant (const McSuite * suite)
{
  bool good = true;

  for (size_t i = 0; i < suite->verdict_count; i++) {
    bool found = false;

    for (size_t m = 0; m < mutant_count; m++)
      found = found || verdict_of (suite, &mutants[m]) == &suite->verdicts[i];
    if (!found)
      printf ("no such operation: %s, %s %u, %s\n",
          suite->verdicts[i].function, suite->verdicts[i].operation,
          suite->verdicts[i].which, suite->verdicts[i].weakened);
    good = good && found;
  }
  return good;
}

static double
seconds (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

typedef struct
{
  const char *scenario, *doc;
  int mutant;
  bool table;
} Options;

/* All but the long ones, or the one that was asked for. */
static bool
is_wanted (const Options * options, const McScenario * scenario)
{
  if (options->scenario != NULL)
    return strcmp (options->scenario, scenario->name) == 0;
  return !scenario->is_long || getenv ("SC_MODEL_LONG") != NULL;
}

static bool
holds (const McScenario * scenario, const McMutant * mutant, uint32_t bit,
    bool verbose)
{
  McResult result;
  double start = seconds ();

  mc_explore (scenario, mutant, LIMIT, bit, verbose, &result);
  printf ("%s: %" PRIu64 " executions, %" PRIu64 " that wait, %.1f s%s%s\n",
      scenario->name, result.executions, result.blocked, seconds () - start,
      result.failed ? ": " : result.exhausted ? "" : ": too many",
      result.message);
  fflush (stdout);
  if (scenario->finding != NULL)
    return result.failed && strstr (result.message, scenario->finding) != NULL;
  return !result.failed && result.exhausted;
}

static Options
parse (int argc, char **argv)
{
  Options options = {.mutant = -1 };

  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;

    if (strcmp (argv[i], "--table") == 0) {
      options.table = true;
      continue;
    }
    if (value == NULL) {
      fprintf (stderr, "see model-main.h for the options\n");
      exit (64);
    }
    if (strcmp (argv[i], "--doc") == 0)
      options.doc = read_file (value);
    else if (strcmp (argv[i], "--scenario") == 0)
      options.scenario = value;
    else if (strcmp (argv[i], "--mutant") == 0)
      options.mutant = atoi (value);
    i++;
  }
  return options;
}

int
mc_main (const McSuite * suite, int argc, char **argv)
{
  Options options = parse (argc, argv);
  bool good = true;

  find_mutants (suite);
  for (size_t i = 0; i < suite->scenario_count; i++) {
    const McScenario *scenario = &suite->scenarios[i];
    const McMutant *mutant = options.scenario != NULL && options.mutant >= 0
        && (size_t) options.mutant < mutant_count
        ? &mutants[options.mutant] : NULL;

    if (is_wanted (&options, scenario))
      good = holds (scenario, mutant,
          scenario->finding != NULL ? 0 : (uint32_t) 1 << i,
          options.scenario != NULL) && good;
  }
  if (options.scenario != NULL || !good)
    return good ? EXIT_SUCCESS : EXIT_FAILURE;

  for (size_t i = 0; i < mutant_count; i++)
    good = try_mutant (suite, i, options.doc, options.table) && good;
  good = every_row_is_a_mutant (suite) && good;
  printf ("%s: %u scenarios, %u weakened orders\n", suite->name,
      (unsigned) suite->scenario_count, (unsigned) mutant_count);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
