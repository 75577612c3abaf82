/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a target over files and folders of files, in place of libFuzzer. */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

size_t
LLVMFuzzerMutate (uint8_t * data, size_t size, size_t max_size)
{
  return size;
}

static unsigned
replay_file (const char *path)
{
  FILE *file = fopen (path, "rb");
  uint8_t *data;
  long size;

  fuzz_check (file != NULL);
  fuzz_check (fseek (file, 0, SEEK_END) == 0);
  size = ftell (file);
  rewind (file);
  /* Of the exact size, for a sanitizer. */
  data = malloc (size > 0 ? (size_t) size : 1);
  fuzz_check (data != NULL && size >= 0);
  fuzz_check (fread (data, 1, (size_t) size, file) == (size_t) size);
  fclose (file);
  LLVMFuzzerTestOneInput (data, (size_t) size);
  /* And what a cut leaves of it. */
  for (long cut = size; cut > 0; cut -= cut / 16 + 1) {
    uint8_t *part = malloc ((size_t) cut);

    fuzz_check (part != NULL);
    memcpy (part, data, (size_t) cut);
    LLVMFuzzerTestOneInput (part, (size_t) cut);
    free (part);
  }
  free (data);
  return 1;
}

static unsigned
replay (const char *path)
{
  DIR *folder = opendir (path);
  struct dirent *entry;
  unsigned count = 0;

  if (folder == NULL)
    return replay_file (path);
  while ((entry = readdir (folder)) != NULL) {
    char name[4096];

    if (entry->d_name[0] == '.')
      continue;
    fuzz_check (snprintf (name, sizeof (name), "%s/%s", path, entry->d_name)
        < (int) sizeof (name));
    count += replay_file (name);
  }
  closedir (folder);
  return count;
}

int
main (int argc, char **argv)
{
  unsigned count = 0;

  for (int i = 1; i < argc; i++)
    count += replay (argv[i]);
  printf ("%u inputs, each whole and cut\n", count);
  return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
