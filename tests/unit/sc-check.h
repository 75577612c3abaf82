/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every core test shares: a runner over one list of claims, and a seeded
 * random generator whose seed is printed. */
#ifndef SC_CHECK_H
#define SC_CHECK_H

#include <check.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SC_CHECK_MAIN(name, ...) \
int \
main (void) \
{ \
  const TTest *const tests[] = { __VA_ARGS__ }; \
  Suite *suite = suite_create (name); \
  TCase *tcase = tcase_create (name); \
  SRunner *runner; \
  int failed; \
\
  for (size_t i = 0; i < sizeof (tests) / sizeof (tests[0]); i++) \
    tcase_add_test (tcase, tests[i]); \
  tcase_set_timeout (tcase, 100); \
  suite_add_tcase (suite, tcase); \
  runner = srunner_create (suite); \
  srunner_run_all (runner, CK_NORMAL); \
  failed = srunner_ntests_failed (runner); \
  srunner_free (runner); \
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE; \
}

/* splitmix64 (Steele, Lea and Flood, 2014). */
static inline uint64_t
sc_random (uint64_t * state)
{
  uint64_t z = *state += 0x9e3779b97f4a7c15ull;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

/* The seed: SC_TEST_SEED of the environment, or the clock.  Printed, so that a
 * failure can be run again. */
static inline uint64_t
sc_random_seed (const char *test)
{
  const char *given = getenv ("SC_TEST_SEED");
  struct timespec t;
  uint64_t seed;

  clock_gettime (CLOCK_REALTIME, &t);
  seed = given != NULL ? strtoull (given, NULL, 0)
      : (uint64_t) t.tv_sec * 1000000007u ^ (uint64_t) t.tv_nsec;
  printf ("%s: SC_TEST_SEED=%" PRIu64 "\n", test, seed);
  fflush (stdout);
  return seed;
}

#endif
