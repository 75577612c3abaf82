/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The main function of a test of the model: explores all scenarios as the core
 * is written, where none but the controls may fail; then weakens each memory
 * order in the source, one at a time, and compares what the scenarios find with
 * a table.
 *
 * Every weakening must be in the table, and each row of the table must be one.
 * So a new atomic operation, or one that is gone, fails the test until somebody
 * has thought about it.
 *
 *   --table           prints the rows as they are in docs/model-checking.md
 *   --doc FILE        fails also if a row is not in that file
 *   --scenario NAME   only this one, as written
 *   --mutant NUMBER   with --scenario: with that weakening, and the execution
 *
 * SC_MODEL_LONG in the environment: the long scenarios too.
 */
#ifndef MC_MODEL_MAIN_H
#define MC_MODEL_MAIN_H

#include "model.h"

typedef struct
{
  const char *function;
  const char *operation;
  unsigned which;               /* of such operations in the function, from 1 */
  const char *weakened;         /* "acquire to relaxed" */
  const char *missed_because;   /* NULL: it is caught */
} McVerdict;

typedef struct
{
  const char *name;
  /* Whose orders are weakened: names of files. */
  const char *sources;
  const McScenario *scenarios;
  size_t scenario_count;        /* up to 32 */
  const McVerdict *verdicts;
  size_t verdict_count;
} McSuite;

int mc_main (const McSuite * suite, int argc, char **argv);

#define MC_MAIN(name, sources, scenarios, verdicts) \
int \
main (int argc, char **argv) \
{ \
  const McSuite suite = { name, sources, scenarios, \
    sizeof (scenarios) / sizeof (scenarios[0]), verdicts, \
    sizeof (verdicts) / sizeof (verdicts[0]) }; \
\
  return mc_main (&suite, argc, argv); \
}

#endif
