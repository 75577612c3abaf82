/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mpegts-packet.h"

#include "sc-byte-order.h"

#include <stdio.h>
#include <string.h>

enum { TABLE_PAT = 0, TABLE_PMT = 2 };

bool
sc_mpegts_packet_parse (const uint8_t * bytes, ScMpegtsPacket * packet)
{
  unsigned control = bytes[3] >> 4 & 3;
  size_t at = 4;

  memset (packet, 0, sizeof (*packet));
  if (bytes[0] != SC_MPEGTS_SYNC || bytes[1] & 0x80 || control == 0)
    return false;
  packet->pid = sc_get_be16 (bytes + 1) & 0x1FFF;
  packet->begins = bytes[1] & 0x40;
  if (control & 2) {
    at += 1u + bytes[4];
    if (at > SC_MPEGTS_PACKET)
      return false;
    packet->has_pcr = bytes[4] >= 7 && bytes[5] & 0x10;
    if (packet->has_pcr)
      packet->pcr = ((uint64_t) sc_get_be32 (bytes + 6) << 1 | bytes[10] >> 7)
          * 300 + (sc_get_be16 (bytes + 10) & 0x1FF);
  }
  if (control & 1) {
    packet->payload = bytes + at;
    packet->payload_size = SC_MPEGTS_PACKET - at;
  }
  return true;
}

void
sc_mpegts_program_init (ScMpegtsProgram * self)
{
  memset (self, 0, sizeof (*self));
  self->pmt_pid = self->pcr_pid = SC_MPEGTS_NO_PID;
}

/* A table's section that is whole in the packet: what is between its head of 8
 * bytes and its CRC.  NULL: none. */
static const uint8_t *
find_section (const ScMpegtsPacket * packet, uint8_t table, size_t * size)
{
  const uint8_t *section;
  size_t at, length;

  if (!packet->begins || packet->payload_size < 1)
    return NULL;
  at = 1u + packet->payload[0];
  if (packet->payload_size < at + 8)
    return NULL;
  section = packet->payload + at;
  length = 3 + (size_t) (sc_get_be16 (section + 1) & 0xFFF);
  if (section[0] != table || length < 12 || packet->payload_size - at < length)
    return NULL;
  *size = length - 12;
  return section + 8;
}

static void
take_pat (ScMpegtsProgram * self, const uint8_t * body, size_t size)
{
  for (; size >= 4; body += 4, size -= 4)
    if (sc_get_be16 (body) != 0) {      /* 0: the network's table */
      self->pmt_pid = sc_get_be16 (body + 2) & 0x1FFF;
      return;
    }
}

static void
take_pmt (ScMpegtsProgram * self, const uint8_t * body, size_t size)
{
  size_t skip;

  if (size < 4)
    return;
  self->pcr_pid = sc_get_be16 (body) & 0x1FFF;
  skip = 4 + (size_t) (sc_get_be16 (body + 2) & 0xFFF);
  while (skip + 5 <= size && self->stream_count < SC_MPEGTS_STREAMS) {
    self->stream_types[self->stream_count++] = body[skip];
    skip += 5 + (size_t) (sc_get_be16 (body + skip + 3) & 0xFFF);
  }
}

void
sc_mpegts_program_take (ScMpegtsProgram * self, const ScMpegtsPacket * packet)
{
  const uint8_t *body;
  size_t size;

  if (self->pmt_pid == SC_MPEGTS_NO_PID && packet->pid == 0) {
    body = find_section (packet, TABLE_PAT, &size);
    if (body != NULL)
      take_pat (self, body, size);
  } else if (self->pcr_pid == SC_MPEGTS_NO_PID
      && packet->pid == self->pmt_pid) {
    body = find_section (packet, TABLE_PMT, &size);
    if (body != NULL)
      take_pmt (self, body, size);
  }
}

void
sc_mpegts_program_describe (const ScMpegtsProgram * self, char *out,
    size_t size)
{
  static const char *const names[256] = {
    [0x01] = "MPEG-1 video",[0x02] = "MPEG-2 video",[0x03] = "MPEG audio",
    [0x04] = "MPEG-2 audio",[0x06] = "private data",[0x0F] = "AAC",
    [0x10] = "MPEG-4 video",[0x11] = "AAC",[0x1B] = "H.264",
    [0x21] = "JPEG 2000",[0x24] = "H.265",[0x81] = "AC-3",[0x82] = "DTS",
    [0x87] = "E-AC-3",[0xD1] = "Dirac"
  };
  size_t at = 0;

  for (unsigned i = 0; i < self->stream_count && at < size; i++) {
    const char *name = names[self->stream_types[i]];

    at += (size_t) snprintf (out + at, size - at, "%s%s", i > 0 ? ", " : "",
        name != NULL ? name : "a stream not known");
  }
}
