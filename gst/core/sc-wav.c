/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-wav.h"

#include "sc-byte-order.h"
#include "sc-chunks.h"

#include <errno.h>
#include <string.h>

#define UNKNOWN_SIZE 0xFFFFFFFFu
#define DS64_SIZE 28u           /* without a table */
/* What a recorder that was never closed leaves; readers know it. */
#define OPEN_RIFF_SIZE 8u
#define OPEN_DATA_SIZE 0u
#define MAX_RATE 100000000u     /* frames a second: any more is garbage */

enum
{
  FORMAT_PCM = 1,
  FORMAT_FLOAT = 3,
  FORMAT_ALAW = 6,
  FORMAT_MULAW = 7,
  FORMAT_EXTENSIBLE = 0xFFFE
};

typedef struct
{
  bool rf64;                    /* the file says RF64 or BW64 */
  bool has_format;
  uint16_t format;              /* the subformat, for EXTENSIBLE */
  uint16_t channels;
  uint32_t rate;
  uint32_t byte_rate;
  uint16_t block_align;
  uint16_t bits;
  uint64_t ds64_at;             /* of the chunk's body; 0: none */
  uint64_t room_at;             /* of a chunk that RF64 may take; 0: none */
  uint64_t fact_at;             /* of the chunk's body; 0: none */
  uint64_t data_at;             /* of the chunk's body; 0: none */
  uint64_t data_size;           /* as the file says */
} Wav;

static bool
probe (const uint8_t * head, size_t size)
{
  return size >= 12 && memcmp (head + 8, "WAVE", 4) == 0
      && (memcmp (head, "RIFF", 4) == 0 || memcmp (head, "RF64", 4) == 0
      || memcmp (head, "BW64", 4) == 0);
}

static void
parse_format (Wav * self, const uint8_t * body, size_t size)
{
  self->format = sc_get_le16 (body);
  self->channels = sc_get_le16 (body + 2);
  self->rate = sc_get_le32 (body + 4);
  self->byte_rate = sc_get_le32 (body + 8);
  self->block_align = sc_get_le16 (body + 12);
  self->bits = sc_get_le16 (body + 14);
  if (self->format == FORMAT_EXTENSIBLE && size >= 40)
    self->format = sc_get_le16 (body + 24);
  if ((self->format == FORMAT_PCM || self->format == FORMAT_FLOAT)
      && (uint64_t) self->rate * self->block_align < UNKNOWN_SIZE)
    self->byte_rate = self->rate * self->block_align;
  self->has_format = self->channels != 0 && self->block_align != 0
      && self->rate != 0 && self->rate <= MAX_RATE && self->byte_rate != 0;
}

/* Takes in one chunk; whether the walk goes on behind it. */
static int
parse_chunk (const ScContainerFile * file, Wav * self, const uint8_t * id,
    uint64_t body_at, uint32_t size, unsigned number)
{
  uint8_t body[40] = { 0 };
  ssize_t got = sc_file_read_all (file->ops, file->fd, body,
      size < sizeof (body) ? size : sizeof (body), body_at);

  if (got < 0)
    return (int) got;
  if (memcmp (id, "data", 4) == 0) {
    self->data_at = body_at;
    if (!self->rf64 || size != UNKNOWN_SIZE)
      self->data_size = size;
    return 0;
  }
  if (memcmp (id, "fmt ", 4) == 0 && got >= 16)
    parse_format (self, body, (size_t) got);
  else if (memcmp (id, "ds64", 4) == 0 && got >= (ssize_t) DS64_SIZE
      && self->rf64) {
    self->ds64_at = body_at;
    self->data_size = sc_get_le64 (body + 8);
  } else if (memcmp (id, "fact", 4) == 0 && got >= 4)
    self->fact_at = body_at;
  else if (number == 0 && size >= DS64_SIZE
      && (memcmp (id, "JUNK", 4) == 0 || memcmp (id, "junk", 4) == 0))
    self->room_at = body_at;
  return 1;
}

/* Walks the chunks up to the data.  0, or -EBADMSG, or -errno of a read. */
static int
parse (const ScContainerFile * file, Wav * self)
{
  uint8_t head[12];
  uint64_t at = 12;
  ssize_t got = sc_file_read_all (file->ops, file->fd, head, 12, 0);

  memset (self, 0, sizeof (*self));
  if (got < 12)
    return got < 0 ? (int) got : -EBADMSG;
  self->rf64 = memcmp (head, "RIFF", 4) != 0;
  for (unsigned i = 0; i < SC_CHUNKS_MAX; i++) {
    uint32_t size;
    int ret;

    got = sc_file_read_all (file->ops, file->fd, head, 8, at);
    if (got < 8)
      return got < 0 ? (int) got : -EBADMSG;
    size = sc_get_le32 (head + 4);
    ret = parse_chunk (file, self, head, at + 8, size, i);
    if (ret < 0)
      return ret;
    if (ret == 0)
      return self->has_format ? 0 : -EBADMSG;
    at += 8 + (uint64_t) size + (size & 1);
  }
  return -EBADMSG;
}

/* The samples' true size: what the file says if that is whole, otherwise all up
 * to the end, in whole frames.  Sets the size that the file shall have. */
static int
find_media (const ScContainerFile * file, const Wav * wav,
    ScContainerPlan * plan)
{
  uint64_t present = file->size - wav->data_at;
  uint64_t behind = wav->data_at + wav->data_size;
  int whole = 0;

  plan->media_offset = wav->data_at;
  if (wav->data_size <= present)
    whole = sc_chunks_follow (file, behind, sc_get_le32);
  if (whole < 0)
    return whole;
  if (whole && wav->data_size % wav->block_align == 0) {
    plan->media_size = wav->data_size;
    if (wav->data_at + wav->data_size == file->size)
      plan->size += wav->data_size & 1;
    return 0;
  }
  plan->media_size = present - present % wav->block_align;
  plan->size = wav->data_at + plan->media_size + (plan->media_size & 1);
  return 0;
}

static int
edit_ds64 (const ScContainerFile * file, ScContainerPlan * plan,
    const Wav * wav, uint64_t at)
{
  uint8_t body[24];

  sc_put_le64 (body, plan->size - 8);
  sc_put_le64 (body + 8, plan->media_size);
  sc_put_le64 (body + 16, plan->media_size / wav->block_align);
  return sc_container_edit (file, plan, at, body, sizeof (body));
}

/* Turns a RIFF header with room into RF64's. */
static int
edit_to_rf64 (const ScContainerFile * file, ScContainerPlan * plan,
    const Wav * wav)
{
  static const uint8_t no_table[4];
  int ret = sc_container_edit (file, plan, 0, "RF64", 4);

  if (ret == 0)
    ret = sc_container_edit (file, plan, wav->room_at - 8, "ds64", 4);
  if (ret == 0)
    ret = edit_ds64 (file, plan, wav, wav->room_at);
  if (ret == 0)
    ret = sc_container_edit (file, plan, wav->room_at + 24, no_table, 4);
  return ret;
}

static int
edit_size (const ScContainerFile * file, ScContainerPlan * plan, uint64_t at,
    uint64_t value)
{
  uint8_t bytes[4];

  sc_put_le32 (bytes, value < UNKNOWN_SIZE ? (uint32_t) value : UNKNOWN_SIZE);
  return sc_container_edit (file, plan, at, bytes, sizeof (bytes));
}

static int
edit_headers (const ScContainerFile * file, ScContainerPlan * plan,
    const Wav * wav)
{
  bool large = plan->size - 8 >= UNKNOWN_SIZE;
  bool rf64 = wav->ds64_at != 0
      || ((large || wav->rf64) && wav->room_at != 0);
  bool open = large && !rf64;
  uint64_t frames = plan->media_size / wav->block_align;
  int ret = 0;

  if (wav->ds64_at != 0)
    ret = edit_ds64 (file, plan, wav, wav->ds64_at);
  else if (rf64)
    ret = edit_to_rf64 (file, plan, wav);
  else
    ret = sc_container_edit (file, plan, 0, "RIFF", 4);
  if (open)
    plan->note = "longer than 4 GiB without room for an RF64 header: the sizes "
        "are left open, which players take for \"up to the end\"";
  if (ret == 0)
    ret = edit_size (file, plan, 4, rf64 ? UNKNOWN_SIZE
        : open ? OPEN_RIFF_SIZE : plan->size - 8);
  if (ret == 0)
    ret = edit_size (file, plan, wav->data_at - 4,
        rf64 ? UNKNOWN_SIZE : open ? OPEN_DATA_SIZE : plan->media_size);
  /* One frame is not one sample a channel in the compressed formats. */
  if (ret == 0 && wav->fact_at != 0 && (wav->format == FORMAT_PCM
          || wav->format == FORMAT_FLOAT || wav->format == FORMAT_ALAW
          || wav->format == FORMAT_MULAW))
    ret = edit_size (file, plan, wav->fact_at, rf64 ? UNKNOWN_SIZE : frames);
  return ret;
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  Wav wav;
  int ret = parse (file, &wav);

  if (ret < 0)
    return ret;
  ret = find_media (file, &wav, plan);
  if (ret < 0)
    return ret;
  sc_chunks_tell (plan, &(ScChunksSound) {
        wav.channels, wav.rate, wav.bits, wav.format == FORMAT_FLOAT,
        wav.byte_rate});
  return edit_headers (file, plan, &wav);
}

const ScContainer sc_wav_container = {
  .name = "WAV",
  .probe = probe,
  .repair = repair,
};
