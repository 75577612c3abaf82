/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boxes of the ISO base media file format (ISO/IEC 14496-12), which are the
 * atoms of QuickTime: reading their headers, and finding them.
 */
#ifndef SC_MP4_BOX_H
#define SC_MP4_BOX_H

#include "sc-file-window.h"

#define SC_MP4_TYPE(a, b, c, d) \
  ((uint32_t) (a) << 24 | (uint32_t) (b) << 16 | (uint32_t) (c) << 8 \
      | (uint32_t) (d))

typedef struct
{
  uint64_t at;
  uint64_t body;
  uint64_t end;                 /* may be behind the end of the file */
  uint32_t type;
  bool open;                    /* size 0: to the end of the file */
} ScMp4Box;

uint32_t sc_mp4_get32 (const uint8_t * bytes);
uint64_t sc_mp4_get64 (const uint8_t * bytes);
void sc_mp4_put32 (uint8_t * bytes, uint32_t value);
void sc_mp4_put64 (uint8_t * bytes, uint64_t value);

/**
 * sc_mp4_box:
 * @limit: the header must end there or before; the end of an open box
 *
 * Returns: 1; 0 where no box can begin (a size smaller than its header, or no
 * letters for a type); or -errno of a read.  Its end is never below its body.
 */
int sc_mp4_box (ScFileWindow * window, uint64_t at, uint64_t limit,
    ScMp4Box * box);

/**
 * sc_mp4_child:
 * @at: (inout): moves on behind it
 * @end: of the parent
 *
 * Returns: 1, 0 where no whole child stands (only the file's last box may be
 * open), or -errno
 */
int sc_mp4_child (ScFileWindow * window, uint64_t * at, uint64_t end,
    ScMp4Box * child);

/**
 * sc_mp4_find:
 * @body: of the parent
 *
 * Returns: 1 for the first whole child of the type, 0 for none, or -errno
 */
int sc_mp4_find (ScFileWindow * window, uint64_t body, uint64_t end,
    uint32_t type, ScMp4Box * child);

/**
 * sc_mp4_find_moof:
 * @at: (inout)
 *
 * Goes on behind damage: looks for the next movie fragment that begins with its
 * header, from @at on.
 *
 * Returns: 1, 0 for none, or -errno
 */
int sc_mp4_find_moof (ScFileWindow * window, uint64_t * at, uint64_t end);

/**
 * sc_mp4_find_letters:
 * @letters: four
 * @at: (inout): where they stand
 *
 * Returns: 1, 0 for none in [@at, @end), or -errno
 */
int sc_mp4_find_letters (ScFileWindow * window, const char *letters,
    uint64_t * at, uint64_t end);

/**
 * sc_mp4_read:
 * @size: at most SC_FILE_WINDOW
 *
 * Copies bytes of a box out.
 *
 * Returns: 1, 0 where the file ends before, or -errno
 */
int sc_mp4_read (ScFileWindow * window, uint64_t at, void *bytes,
    size_t size);

#endif
