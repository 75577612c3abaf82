/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-box.h"

#include <string.h>

uint32_t
sc_mp4_get32 (const uint8_t * bytes)
{
  return SC_MP4_TYPE (bytes[0], bytes[1], bytes[2], bytes[3]);
}

uint64_t
sc_mp4_get64 (const uint8_t * bytes)
{
  return (uint64_t) sc_mp4_get32 (bytes) << 32 | sc_mp4_get32 (bytes + 4);
}

void
sc_mp4_put32 (uint8_t * bytes, uint32_t value)
{
  for (int i = 3; i >= 0; i--, value >>= 8)
    bytes[i] = (uint8_t) value;
}

void
sc_mp4_put64 (uint8_t * bytes, uint64_t value)
{
  sc_mp4_put32 (bytes, (uint32_t) (value >> 32));
  sc_mp4_put32 (bytes + 4, (uint32_t) value);
}

/* Types are printable; QuickTime has some with the copyright sign (0xA9). */
static bool
is_type (const uint8_t * bytes)
{
  for (int i = 0; i < 4; i++)
    if ((bytes[i] < 0x20 || bytes[i] > 0x7E) && bytes[i] != 0xA9)
      return false;
  return true;
}

int
sc_mp4_box (ScFileWindow * window, uint64_t at, uint64_t limit, ScMp4Box * box)
{
  const uint8_t *bytes;
  uint64_t size;
  ssize_t got;

  if (at >= limit || limit - at < 8)
    return 0;
  got = sc_file_window_look (window, at, limit - at < 16 ? 8 : 16, &bytes);
  if (got < 8)
    return got < 0 ? (int) got : 0;
  size = sc_mp4_get32 (bytes);
  if (!is_type (bytes + 4) || (size > 1 && size < 8) || (size == 1 && got < 16))
    return 0;
  box->at = at;
  box->type = sc_mp4_get32 (bytes + 4);
  box->open = size == 0;
  box->body = at + 8;
  if (size == 1) {
    size = sc_mp4_get64 (bytes + 8);
    box->body = at + 16;
    if (size < 16)
      return 0;
  }
  box->end = box->open ? limit : size > UINT64_MAX / 2 ? UINT64_MAX / 2 + at
      : at + size;
  return 1;
}

int
sc_mp4_child (ScFileWindow * window, uint64_t * at, uint64_t end,
    ScMp4Box * child)
{
  int ret = sc_mp4_box (window, *at, end, child);

  if (ret < 1)
    return ret;
  if (child->end > end || child->open)
    return 0;
  *at = child->end;
  return 1;
}

int
sc_mp4_find (ScFileWindow * window, uint64_t body, uint64_t end,
    uint32_t type, ScMp4Box * child)
{
  int ret;

  while ((ret = sc_mp4_child (window, &body, end, child)) == 1)
    if (child->type == type)
      return 1;
  return ret;
}

int
sc_mp4_read (ScFileWindow * window, uint64_t at, void *bytes, size_t size)
{
  const uint8_t *found;
  ssize_t got = sc_file_window_look (window, at, size, &found);

  if (got < (ssize_t) size)
    return got < 0 ? (int) got : 0;
  memcpy (bytes, found, size);
  return 1;
}

int
sc_mp4_find_letters (ScFileWindow * window, const char *letters, uint64_t * at,
    uint64_t end)
{
  const uint8_t *bytes, *hit;
  ssize_t got = 0;

  while (*at + 4 <= end && (got = sc_file_window_look (window, *at,
              end - *at < SC_FILE_WINDOW ? (size_t) (end - *at)
              : SC_FILE_WINDOW, &bytes)) >= 4) {
    hit = memmem (bytes, (size_t) got, letters, 4);
    if (hit != NULL) {
      *at += (uint64_t) (hit - bytes);
      return 1;
    }
    *at += (uint64_t) got - 3;
  }
  return got < 0 ? (int) got : 0;
}

int
sc_mp4_find_moof (ScFileWindow * window, uint64_t * at, uint64_t end)
{
  uint64_t letters = *at + 4;
  ScMp4Box moof, mfhd;
  int ret;

  while ((ret = sc_mp4_find_letters (window, "moof", &letters, end)) == 1) {
    ret = sc_mp4_box (window, letters - 4, end, &moof);
    if (ret == 1 && moof.end <= end)
      ret = sc_mp4_box (window, moof.body, moof.end, &mfhd);
    if (ret < 0)
      return ret;
    if (ret == 1 && moof.end <= end
        && mfhd.type == SC_MP4_TYPE ('m', 'f', 'h', 'd')) {
      *at = moof.at;
      return 1;
    }
    letters++;
  }
  return ret;
}
