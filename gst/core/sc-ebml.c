/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-ebml.h"

unsigned
sc_ebml_vint (const uint8_t * bytes, size_t size, uint64_t * value)
{
  unsigned width = 1;
  uint64_t ones;

  if (size == 0 || bytes[0] == 0)
    return 0;
  while (!(bytes[0] & 0x80 >> (width - 1)))
    width++;
  if (width > size)
    return 0;
  *value = bytes[0] & (0xFF >> width);
  for (unsigned i = 1; i < width; i++)
    *value = *value << 8 | bytes[i];
  ones = (UINT64_C (1) << 7 * width) - 1;
  if (*value == ones)
    *value = UINT64_MAX;
  return width;
}

/* The id's bytes, 1 to 4, with their marker; 0: none. */
static unsigned
read_id (const uint8_t * bytes, size_t size, uint32_t * id)
{
  unsigned width = 1;

  if (size == 0 || bytes[0] < 0x10)
    return 0;
  while (!(bytes[0] & 0x80 >> (width - 1)))
    width++;
  if (width > size)
    return 0;
  *id = 0;
  for (unsigned i = 0; i < width; i++)
    *id = *id << 8 | bytes[i];
  return width;
}

int
sc_ebml_read (ScFileWindow * window, uint64_t at, uint64_t limit,
    ScEbml * element)
{
  const uint8_t *bytes;
  unsigned id_width, size_width;
  ssize_t got;

  if (at >= limit)
    return 0;
  got = sc_file_window_look (window, at, limit - at < SC_EBML_HEADER_MAX
      ? (size_t) (limit - at) : SC_EBML_HEADER_MAX, &bytes);
  if (got <= 0)
    return (int) got;
  id_width = read_id (bytes, (size_t) got, &element->id);
  if (id_width == 0)
    return 0;
  size_width = sc_ebml_vint (bytes + id_width, (size_t) got - id_width,
      &element->size);
  if (size_width == 0)
    return 0;
  element->at = at;
  element->body = at + id_width + size_width;
  element->size_width = (uint8_t) size_width;
  return 1;
}

uint64_t
sc_ebml_end (const ScEbml * element)
{
  return element->size >= UINT64_MAX / 2 ? UINT64_MAX
      : element->body + element->size;
}

int
sc_ebml_uint (ScFileWindow * window, const ScEbml * element, uint64_t * value)
{
  const uint8_t *bytes;
  ssize_t got;

  if (element->size == 0 || element->size > 8)
    return 0;
  got = sc_file_window_look (window, element->body, (size_t) element->size,
      &bytes);
  if (got < (ssize_t) element->size)
    return got < 0 ? (int) got : 0;
  *value = 0;
  for (unsigned i = 0; i < element->size; i++)
    *value = *value << 8 | bytes[i];
  return 1;
}

void
sc_ebml_put_uint (uint8_t * bytes, unsigned width, uint64_t value)
{
  while (width > 0) {
    bytes[--width] = (uint8_t) value;
    value >>= 8;
  }
}

bool
sc_ebml_put_size (uint8_t * bytes, unsigned width, uint64_t size)
{
  /* All ones are reserved. */
  if (size >= (UINT64_C (1) << 7 * width) - 1)
    return false;
  sc_ebml_put_uint (bytes, width, size | UINT64_C (1) << 7 * width);
  return true;
}

unsigned
sc_ebml_uint_width (uint64_t value)
{
  unsigned width = 1;

  while (width < 8 && value >> 8 * width != 0)
    width++;
  return width;
}

unsigned
sc_ebml_put_void (uint8_t * bytes, uint64_t total)
{
  unsigned width = total - 2 < 0x7F ? 1 : 8;

  if (total < 9)
    width = 1;
  bytes[0] = SC_EBML_VOID;
  sc_ebml_put_size (bytes + 1, width, total - 1 - width);
  return 1 + width;
}
