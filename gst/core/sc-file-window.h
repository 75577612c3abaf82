/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looks at a file through a small window in memory: cheap for a walk that goes
 * on where it was, and for one that leaps (it then reads little).
 *
 * 16 KiB, no allocation.  One thread.
 */
#ifndef SC_FILE_WINDOW_H
#define SC_FILE_WINDOW_H

#include "sc-container.h"

#define SC_FILE_WINDOW (16u << 10)

typedef struct
{
  const ScContainerFile *file;
  uint64_t at;                  /* of the window in the file */
  size_t size;                  /* bytes in it */
  uint8_t bytes[SC_FILE_WINDOW];
} ScFileWindow;

/* @file must live as long. */
void sc_file_window_init (ScFileWindow * self, const ScContainerFile * file);

/**
 * sc_file_window_look:
 * @size: at most SC_FILE_WINDOW
 * @bytes: (out) (transfer none): valid until the next look
 *
 * Returns: bytes at @bytes, fewer than @size only at the end of the file (as it
 * was when it was opened: @file->size), or -errno
 */
ssize_t sc_file_window_look (ScFileWindow * self, uint64_t at, size_t size,
    const uint8_t ** bytes);

#endif
