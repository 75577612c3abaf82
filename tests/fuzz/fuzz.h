/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fuzz target is one file that defines LLVMFuzzerTestOneInput(), and perhaps
 * LLVMFuzzerCustomMutator(): libFuzzer's interface.  With fuzz-replay.c in
 * place of libFuzzer it runs over given files, with any compiler.
 *
 * What must hold of any input is said with fuzz_check().
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t * data, size_t size);
size_t LLVMFuzzerCustomMutator (uint8_t * data, size_t size, size_t max_size,
    unsigned seed);
/* libFuzzer's own */
size_t LLVMFuzzerMutate (uint8_t * data, size_t size, size_t max_size);

#define fuzz_check(condition) \
  do { \
    if (!(condition)) { \
      fprintf (stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
          #condition); \
      abort (); \
    } \
  } while (0)

#endif
