/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of lines that grows at its end and is rotated by size: FILE, then
 * FILE.1, FILE.2 and so on, the older the higher.
 *
 * Each line goes out with one write, so that a process that dies leaves whole
 * lines and at most one without its end.  That one is done away with before the
 * next line is written: cut off if it begins as our lines do, and otherwise (the
 * file is not only ours) ended by a newline.  So every line that has an end is one
 * that was written, and no line is glued to another.
 *
 * The file is locked while it is open: a second process that is given the same
 * name gets -EWOULDBLOCK for its lines.  One thread at a time.  Nothing is synced:
 * a power cut takes what the kernel has not written yet.
 */
#ifndef SC_LINE_FILE_H
#define SC_LINE_FILE_H

#include "sc-file-ops.h"

/* The longest path with its number. */
#define SC_LINE_FILE_PATH 4096

typedef struct
{
  const ScFileOps *ops;
  const char *path;
  const char *begins;
  uint64_t max_bytes;
  unsigned int max_files;
  int fd;                       /* -1: not open */
  uint64_t size;
} ScLineFile;

/**
 * sc_line_file_init:
 * @path: of FILE; the caller's, as @begins, until the last call
 * @begins: what each of our lines begins with
 * @max_bytes: a line that would make FILE larger than this goes to a new one; 0:
 *     never
 * @max_files: how many rotated ones are kept; 0: none, FILE begins anew
 */
void sc_line_file_init (ScLineFile * self, const ScFileOps * ops,
    const char *path, const char *begins, uint64_t max_bytes,
    unsigned int max_files);

/**
 * sc_line_file_write:
 * @lines: one line or more, each with its newline
 *
 * Appends them; opens FILE first where that is needed.  After an error the next
 * call begins with opening it.
 *
 * Returns: 0, or -errno: then none of them counts as written
 */
int sc_line_file_write (ScLineFile * self, const char *lines, size_t size);

/* Closes FILE; the next write opens it. */
void sc_line_file_close (ScLineFile * self);

#endif
