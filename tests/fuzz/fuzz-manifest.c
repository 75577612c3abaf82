/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Target: any bytes as a manifest.  One that is taken is composed anew, and
 * read again as the same.  The mutator sets the CRC line right. */
#include "fuzz-checksums.h"
#include "fuzz.h"
#include "sc-manifest.h"

#include <stdbool.h>
#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  static char composed[256 << 10];
  ScManifest manifest, again;
  int ret = sc_manifest_parse (&manifest, (const char *) data, size);

  if (ret == 0) {
    fuzz_check (manifest.part_count <= SC_PARTS_MAX);
    ret = sc_manifest_compose (&manifest, composed, sizeof (composed));
    if (ret >= 0) {
      fuzz_check (sc_manifest_parse (&again, composed, (size_t) ret) == 0);
      fuzz_check (again.part_count == manifest.part_count);
      fuzz_check (strcmp (again.name, manifest.name) == 0);
      for (unsigned i = 0; i < again.part_count; i++) {
        fuzz_check (strcmp (again.parts[i].path, manifest.parts[i].path) == 0);
        fuzz_check (again.parts[i].base == manifest.parts[i].base);
        fuzz_check (again.parts[i].end == manifest.parts[i].end);
      }
      sc_manifest_clear (&again);
    }
  }
  sc_manifest_clear (&manifest);
  return 0;
}

size_t
LLVMFuzzerCustomMutator (uint8_t * data, size_t size, size_t max_size,
    unsigned seed)
{
  size = LLVMFuzzerMutate (data, size, max_size);
  if (seed % 8 != 0)
    fuzz_fix_manifest (data, size);
  return size;
}
