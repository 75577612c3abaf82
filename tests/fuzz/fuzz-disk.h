/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files in memory behind the file operation table, as large as a fuzz target
 * needs them.  Every read past what was written, and every descriptor that is
 * not open, is found by a sanitizer or by fuzz_check(). */
#ifndef FUZZ_DISK_H
#define FUZZ_DISK_H

#include "sc-file-ops.h"

#include <stddef.h>

#define FUZZ_DISK_FILES 8
/* Writes beyond say ENOSPC. */
#define FUZZ_DISK_MAX ((size_t) 32 << 20)

typedef struct
{
  char path[32];                /* empty: no such file */
  uint8_t *data;                /* exactly @size bytes */
  size_t size;
  int open;                     /* descriptors of it */
} FuzzFile;

typedef struct
{
  ScFileOps ops;                /* first: ops are cast to this */
  FuzzFile files[FUZZ_DISK_FILES];
} FuzzDisk;

void fuzz_disk_init (FuzzDisk * self);

/* Checks also that no descriptor stayed open. */
void fuzz_disk_clear (FuzzDisk * self);

/* Replaces a file's content. */
void fuzz_disk_put (FuzzDisk * self, const char *path, const void *data,
    size_t size);

/* NULL: there is none. */
const FuzzFile *fuzz_disk_get (FuzzDisk * self, const char *path);

#endif
