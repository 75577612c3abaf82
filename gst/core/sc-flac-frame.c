/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-flac-frame.h"

/* Reads past what is there say 0 and leave a mark. */
typedef struct
{
  const uint8_t *bytes;
  size_t size;
  size_t at;
  bool short_of;
} Reader;

static uint8_t
next (Reader * self)
{
  if (self->at < self->size)
    return self->bytes[self->at++];
  self->short_of = true;
  return 0;
}

/* Numbers of up to 36 bits, in the way of UTF-8.  False: not one. */
static bool
parse_number (Reader * self, uint64_t * number)
{
  uint8_t first = next (self);
  unsigned more = 0;

  if (first < 0x80) {
    *number = first;
    return true;
  }
  while (more < 7 && first & 0x40 >> more)
    more++;
  if (more == 0 || more > 6)
    return false;
  *number = first & 0x3Fu >> more;
  for (; more > 0 && !self->short_of; more--) {
    uint8_t byte = next (self);

    if (!self->short_of && (byte & 0xC0) != 0x80)
      return false;
    *number = *number << 6 | (byte & 0x3F);
  }
  return true;
}

static uint32_t
parse_block_size (Reader * self, unsigned code)
{
  uint32_t high;

  if (code == 1)
    return 192;
  if (code <= 5)
    return 576u << (code - 2);
  if (code >= 8)
    return 256u << (code - 8);
  if (code == 6)
    return next (self) + 1u;
  high = next (self);
  return (high << 8 | next (self)) + 1u;
}

static uint32_t
parse_rate (Reader * self, unsigned code)
{
  static const uint32_t rates[] = { 0, 88200, 176400, 192000, 8000, 16000,
    22050, 24000, 32000, 44100, 48000, 96000
  };
  uint32_t high;

  if (code < 12)
    return rates[code];
  high = next (self);
  if (code == 12)
    return high * 1000;
  return (high << 8 | next (self)) * (code == 14 ? 10 : 1);
}

static uint8_t
crc8 (const uint8_t * bytes, size_t size)
{
  uint8_t crc = 0;

  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = (uint8_t) (crc << 1 ^ (crc & 0x80 ? 0x07 : 0));
  }
  return crc;
}

int
sc_flac_frame_parse (const uint8_t * bytes, size_t size, ScFlacFrame * frame)
{
  static const uint8_t bits[] = { 0, 8, 12, 0, 16, 20, 24, 32 };
  Reader reader = {.bytes = bytes,.size = size };
  uint8_t sync = next (&reader), strategy = next (&reader);
  uint8_t sizes = next (&reader), format = next (&reader);

  if ((size > 0 && sync != 0xFF) || (size > 1 && (strategy & 0xFE) != 0xF8)
      || (size > 2 && (sizes >> 4 == 0 || (sizes & 0xF) == 0xF))
      || (size > 3 && (format >> 4 > 10 || (format >> 1 & 7) == 3
              || format & 1)))
    return 0;
  if (reader.short_of)
    return -1;
  frame->variable = strategy & 1;
  frame->channels = format >> 4 < 8 ? (format >> 4) + 1u : 2;
  frame->bits = bits[format >> 1 & 7];
  if (!parse_number (&reader, &frame->number))
    return 0;
  frame->block_size = parse_block_size (&reader, sizes >> 4);
  frame->rate = parse_rate (&reader, sizes & 0xF);
  if (next (&reader) != crc8 (bytes, reader.at - 1) && !reader.short_of)
    return 0;
  return reader.short_of ? -1 : (int) reader.at;
}

uint16_t
sc_flac_crc16 (uint16_t crc, uint8_t byte)
{
  /* table[i] is what i at the top becomes in four steps: a nibble at a time. */
  static const uint16_t table[16] = {
    0x0000, 0x8005, 0x800F, 0x000A, 0x801B, 0x001E, 0x0014, 0x8011,
    0x8033, 0x0036, 0x003C, 0x8039, 0x0028, 0x802D, 0x8027, 0x0022
  };

  crc = (uint16_t) (crc << 4 ^ table[crc >> 12 ^ byte >> 4]);
  return (uint16_t) (crc << 4 ^ table[crc >> 12 ^ (byte & 0xF)]);
}
