/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One read-only file in memory behind the file operation table, for tests that
 * try thousands of variants. */
#ifndef SC_MEMORY_FILE_H
#define SC_MEMORY_FILE_H

#include "sc-file-ops.h"

#include <string.h>

typedef struct
{
  ScFileOps ops;                /* first: ops are cast to this */
  const uint8_t *data;
  size_t size;
} ScMemoryFile;

static inline int
sc_memory_open (const ScFileOps * self, const char *path, int flags,
    mode_t mode)
{
  return 0;
}

static inline ssize_t
sc_memory_pread (const ScFileOps * self, int fd, void *data, size_t size,
    uint64_t offset)
{
  const ScMemoryFile *file = (const ScMemoryFile *) self;

  if (offset >= file->size)
    return 0;
  if (size > file->size - offset)
    size = file->size - (size_t) offset;
  memcpy (data, file->data + offset, size);
  return (ssize_t) size;
}

static inline int64_t
sc_memory_size (const ScFileOps * self, int fd)
{
  return (int64_t) ((const ScMemoryFile *) self)->size;
}

static inline int
sc_memory_close (const ScFileOps * self, int fd)
{
  return 0;
}

static inline void
sc_memory_file_init (ScMemoryFile * self, const void *data, size_t size)
{
  memset (self, 0, sizeof (*self));
  self->ops.open = sc_memory_open;
  self->ops.pread = sc_memory_pread;
  self->ops.size = sc_memory_size;
  self->ops.close = sc_memory_close;
  self->data = data;
  self->size = size;
}

#endif
