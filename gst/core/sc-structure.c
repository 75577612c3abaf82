/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-structure.h"

#include <string.h>

/* Behind the box's size. */
static const char boxes[][5] = {
  "ftyp", "styp", "moov", "moof", "mdat", "mfra", "sidx", "prft", "emsg",
  "free", "skip", "wide", "uuid", "udta", "meta",
};

/* EBML, Segment, SeekHead, Info, Tracks, Cluster, Cues, Tags, Attachments,
 * Chapters; then RIFF and AIFF. */
static const char ids[][5] = {
  "\x1a\x45\xdf\xa3", "\x18\x53\x80\x67", "\x11\x4d\x9b\x74",
  "\x15\x49\xa9\x66", "\x16\x54\xae\x6b", "\x1f\x43\xb6\x75",
  "\x1c\x53\xbb\x6b", "\x12\x54\xc3\x67", "\x19\x41\xa4\x69",
  "\x10\x43\xa7\x70",
  "RIFF", "RF64", "LIST", "idx1", "FORM",
};

bool
sc_structure_begins (const uint8_t * bytes, size_t size)
{
  if (size < SC_STRUCTURE_BYTES)
    return false;
  for (size_t i = 0; i < sizeof (boxes) / sizeof (boxes[0]); i++)
    if (memcmp (bytes + 4, boxes[i], 4) == 0)
      return true;
  for (size_t i = 0; i < sizeof (ids) / sizeof (ids[0]); i++)
    if (memcmp (bytes, ids[i], 4) == 0)
      return true;
  return false;
}
