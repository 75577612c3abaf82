/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container-check.h"

#include <stdbool.h>
#include <string.h>

typedef struct
{
  const uint8_t *data;
  size_t size;
} Bytes;

static uint64_t
number (const uint8_t * bytes, size_t width)
{
  uint64_t value = 0;

  while (width-- > 0)
    value = value << 8 | *bytes++;
  return value;
}

/* ---- Matroska ---- */

typedef struct
{
  uint32_t id;
  size_t at, body, end;
  bool unknown;
} Element;

/* false where none stands, whole, in [at, end) */
static bool
element (const Bytes * file, size_t at, size_t end, Element * found)
{
  size_t id_width = 1, width = 1;
  uint64_t size;

  if (at >= end || file->data[at] < 0x10)
    return false;
  while (!(file->data[at] & 0x80 >> (id_width - 1)))
    id_width++;
  if (at + id_width >= end || file->data[at + id_width] == 0)
    return false;
  while (!(file->data[at + id_width] & 0x80 >> (width - 1)))
    width++;
  if (at + id_width + width > end)
    return false;
  found->id = (uint32_t) number (file->data + at, id_width);
  size = number (file->data + at + id_width, width)
      & ((UINT64_C (1) << 7 * width) - 1);
  found->unknown = size == (UINT64_C (1) << 7 * width) - 1;
  found->at = at;
  found->body = at + id_width + width;
  found->end = found->unknown ? end : found->body + (size_t) size;
  return found->end <= end;
}

static bool
find (const Bytes * file, const Element * parent, uint32_t id, Element * found)
{
  size_t at = parent->body;

  while (at < parent->end && element (file, at, parent->end, found)) {
    if (found->id == id)
      return true;
    at = found->end;
  }
  return false;
}

/* Where a cluster of unknown size ends: at the next one, or the file's end. */
static size_t
cluster_end (const Bytes * file, const Element * cluster)
{
  size_t at = cluster->body;
  Element child;

  while (at < cluster->end && element (file, at, cluster->end, &child)
      && child.id != 0x1F43B675)
    at = child.end;
  return at;
}

static const char *
check_seek_head (const Bytes * file, const Element * segment,
    const Element * head)
{
  size_t at = head->body;
  Element seek, id, position, target;
  bool cues = false;

  if (segment->unknown || segment->end != file->size)
    return "the Segment does not say its size";
  for (; at < head->end; at = seek.end) {
    if (!element (file, at, head->end, &seek))
      return "the SeekHead is not whole";
    if (seek.id == 0xEC)
      continue;
    if (!find (file, &seek, 0x53AB, &id)
        || !find (file, &seek, 0x53AC, &position))
      return "an entry of the SeekHead is not whole";
    if (!element (file, segment->body + number (file->data + position.body,
                position.end - position.body), segment->end, &target)
        || target.id != number (file->data + id.body, id.end - id.body))
      return "an entry of the SeekHead points nowhere";
    cues |= target.id == 0x1C53BB6B;
  }
  return cues ? NULL : "there are no Cues";
}

static const char *
check_info (const Bytes * file, const Element * info)
{
  Element duration;

  if (!find (file, info, 0x4489, &duration))
    return "there is no Duration";
  for (size_t at = duration.body; at < duration.end; at++)
    if (file->data[at] != 0)
      return NULL;
  return "the Duration is zero";
}

const char *
container_fault_matroska (const uint8_t * data, size_t size)
{
  const Bytes file = { data, size };
  Element header, segment, child, head, info;
  size_t at;

  if (!element (&file, 0, size, &header) || header.id != 0x1A45DFA3
      || !element (&file, header.end, size, &segment)
      || segment.id != 0x18538067)
    return "there is no whole Segment";
  for (at = segment.body; at < segment.end;) {
    size_t end;

    if (!element (&file, at, segment.end, &child))
      return "an element is not whole";
    end = child.end;
    if (child.id == 0x1F43B675) {
      end = cluster_end (&file, &child);
      if (!child.unknown && end != child.end)
        return "a block is not whole";
    }
    if (end == at)
      return "an element is not whole";
    at = end;
  }
  if (!find (&file, &segment, 0x114D9B74, &head))
    return NULL;
  if (!find (&file, &segment, 0x1549A966, &info) || check_info (&file, &info))
    return "the Info has no Duration";
  return check_seek_head (&file, &segment, &head);
}

/* ---- MP4 ---- */

typedef struct
{
  size_t at, body, end;
} Box;

static bool
box (const Bytes * file, size_t at, size_t end, Box * found)
{
  uint64_t size;

  if (end - at < 8)
    return false;
  size = number (file->data + at, 4);
  found->at = at;
  found->body = at + 8;
  if (size == 1 && end - at >= 16) {
    size = number (file->data + at + 8, 8);
    found->body = at + 16;
  }
  found->end = at + (size_t) size;
  return found->end >= found->body && found->end <= end;
}

static bool
is (const Bytes * file, const Box * found, const char *type)
{
  return memcmp (file->data + found->at + 4, type, 4) == 0;
}

static bool
find_box (const Bytes * file, const Box * parent, const char *type, Box * found)
{
  size_t at = parent->body;

  for (; at < parent->end && box (file, at, parent->end, found);
      at = found->end)
    if (is (file, found, type))
      return true;
  return false;
}

static const char *
check_stbl (const Bytes * file, const Box * stbl)
{
  Box stsz, chunks;
  uint64_t samples, wide;

  if (!find_box (file, stbl, "stsz", &stsz))
    return "a track has no sample sizes";
  samples = number (file->data + stsz.body + 8, 4);
  wide = find_box (file, stbl, "co64", &chunks);
  if (!wide && !find_box (file, stbl, "stco", &chunks))
    return "a track has no chunks";
  for (uint64_t i = 0; i < number (file->data + chunks.body + 4, 4); i++)
    if (number (file->data + chunks.body + 8 + i * (wide ? 8 : 4),
            wide ? 8 : 4) >= file->size)
      return "a chunk is behind the end of the file";
  if (number (file->data + stsz.body + 4, 4) == 0)
    for (uint64_t i = 0; i < samples; i++)
      if (stsz.body + 12 + 4 * i + 4 > stsz.end)
        return "sample sizes are missing";
  return NULL;
}

static const char *
check_moov (const Bytes * file, const Box * moov)
{
  Box trak, mdia, minf, stbl;
  size_t at = moov->body;
  const char *fault = "it has no track";

  for (; at < moov->end && box (file, at, moov->end, &trak); at = trak.end)
    if (is (file, &trak, "trak")) {
      if (!find_box (file, &trak, "mdia", &mdia)
          || !find_box (file, &mdia, "minf", &minf)
          || !find_box (file, &minf, "stbl", &stbl))
        return "a track is not whole";
      fault = check_stbl (file, &stbl);
      if (fault != NULL)
        return fault;
    }
  return at == moov->end ? fault : "the moov is not whole";
}

const char *
container_fault_mp4 (const uint8_t * data, size_t size)
{
  const Bytes file = { data, size };
  bool has_moov = false, has_mdat = false;
  const char *fault = NULL;
  Box found;

  for (size_t at = 0; at < size && fault == NULL; at = found.end) {
    if (!box (&file, at, size, &found))
      return "a box is not whole";
    if (is (&file, &found, "moov")) {
      fault = has_moov ? "there are two moovs" : check_moov (&file, &found);
      has_moov = true;
    }
    has_mdat |= is (&file, &found, "mdat");
  }
  if (fault != NULL)
    return fault;
  return !has_moov ? "there is no moov" : !has_mdat ? "there is no mdat" : NULL;
}
