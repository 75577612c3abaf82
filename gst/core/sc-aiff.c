/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-aiff.h"

#include "sc-byte-order.h"
#include "sc-chunks.h"

#include <errno.h>
#include <string.h>

#define COMM_SIZE 18u           /* without AIFF-C's compression */
#define SSND_HEAD 8u            /* offset and block size, before the samples */
#define MAX_HEADERS 0x40000000u /* bytes before the samples; more is garbage */
#define MAX_RATE 100000000u     /* frames a second: any more is garbage */
#define EXTENDED_BIAS 16383     /* of the exponent of an 80-bit number */

typedef struct
{
  bool compressed;              /* the file says AIFC */
  uint32_t channels;
  uint32_t rate;
  uint32_t bits;
  uint32_t block_align;         /* of a frame; 0: COMM is not understood */
  bool is_float;
  uint64_t comm_at;             /* of the chunk's body; 0: none */
  uint64_t ssnd_at;             /* of the chunk's body */
  uint64_t ssnd_size;           /* as the file says */
  uint64_t data_at;
} Aiff;

static const struct
{
  char name[5];
  uint8_t bits;                 /* 0: as COMM says */
  bool is_float;
} compressions[] = {
  { "NONE", 0, false }, { "twos", 0, false }, { "sowt", 0, false },
  { "raw ", 0, false }, { "in24", 24, false }, { "42ni", 24, false },
  { "in32", 32, false }, { "23ni", 32, false }, { "fl32", 32, true },
  { "FL32", 32, true }, { "fl64", 64, true }, { "FL64", 64, true },
  { "ulaw", 8, false }, { "ULAW", 8, false }, { "alaw", 8, false },
  { "ALAW", 8, false },
};

static bool
probe (const uint8_t * head, size_t size)
{
  return size >= 12 && memcmp (head, "FORM", 4) == 0
      && (memcmp (head + 8, "AIFF", 4) == 0
      || memcmp (head + 8, "AIFC", 4) == 0);
}

/* The whole part of an 80-bit IEEE 754 number; 0 for one that is no rate. */
static uint32_t
parse_rate (const uint8_t * p)
{
  int exponent = sc_get_be16 (p) - EXTENDED_BIAS;

  if (exponent < 0 || exponent > 31)
    return 0;
  return (uint32_t) (sc_get_be64 (p + 2) >> (63 - exponent));
}

static void
parse_comm (Aiff * self, const uint8_t * body, size_t size)
{
  uint32_t stored;

  self->channels = sc_get_be16 (body);
  self->bits = stored = sc_get_be16 (body + 6);
  self->rate = parse_rate (body + 8);
  if (self->compressed) {
    bool known = false;

    for (size_t i = 0; size >= COMM_SIZE + 4
        && i < sizeof (compressions) / sizeof (compressions[0]); i++) {
      if (memcmp (body + COMM_SIZE, compressions[i].name, 4) != 0)
        continue;
      known = true;
      self->is_float = compressions[i].is_float;
      if (compressions[i].bits != 0)
        stored = compressions[i].bits;
    }
    if (!known)
      stored = 0;
  }
  if (self->rate == 0 || self->rate > MAX_RATE || stored > 64)
    return;
  self->block_align = self->channels * ((stored + 7) / 8);
  if ((uint64_t) self->rate * self->block_align > UINT32_MAX)
    self->block_align = 0;
}

/* Takes in one chunk; whether the walk goes on behind it. */
static int
parse_chunk (const ScContainerFile * file, Aiff * self, const uint8_t * id,
    uint64_t body_at, uint32_t size)
{
  uint8_t body[COMM_SIZE + 4] = { 0 };
  ssize_t got = sc_file_read_all (file->ops, file->fd, body, sizeof (body),
      body_at);

  if (got < 0)
    return (int) got;
  if (memcmp (id, "COMM", 4) == 0 && size >= COMM_SIZE
      && got >= (ssize_t) COMM_SIZE) {
    self->comm_at = body_at;
    parse_comm (self, body, size < (uint32_t) got ? size : (size_t) got);
  }
  if (memcmp (id, "SSND", 4) != 0)
    return 1;
  /* Its size may say 0. */
  if (got < (ssize_t) SSND_HEAD)
    return -EBADMSG;
  self->ssnd_at = body_at;
  self->ssnd_size = size;
  self->data_at = body_at + SSND_HEAD + sc_get_be32 (body);
  return 0;
}

/* Walks the chunks up to the sound.  0, or -EBADMSG, or -errno of a read. */
static int
parse (const ScContainerFile * file, Aiff * self)
{
  uint8_t head[12];
  uint64_t at = 12;
  ssize_t got = sc_file_read_all (file->ops, file->fd, head, 12, 0);

  memset (self, 0, sizeof (*self));
  if (got < 12)
    return got < 0 ? (int) got : -EBADMSG;
  self->compressed = head[11] == 'C';
  for (unsigned i = 0; i < SC_CHUNKS_MAX; i++) {
    uint32_t size;
    int ret;

    got = sc_file_read_all (file->ops, file->fd, head, 8, at);
    if (got < 8)
      return got < 0 ? (int) got : -EBADMSG;
    size = sc_get_be32 (head + 4);
    ret = parse_chunk (file, self, head, at + 8, size);
    if (ret < 0)
      return ret;
    if (ret == 0)
      return self->block_align != 0 && self->data_at <= file->size
          && self->data_at <= MAX_HEADERS ? 0 : -EBADMSG;
    at += 8 + (uint64_t) size + (size & 1);
  }
  return -EBADMSG;
}

/* The samples' true size: what the file says if that is whole, otherwise all up
 * to the end, in whole frames.  Sets the size that the file shall have. */
static int
find_media (const ScContainerFile * file, const Aiff * aiff,
    ScContainerPlan * plan)
{
  uint64_t behind = aiff->ssnd_at + aiff->ssnd_size;
  uint64_t media;
  int whole = 0;

  plan->media_offset = aiff->data_at;
  if (behind <= file->size && behind >= aiff->data_at
      && (behind - aiff->data_at) % aiff->block_align == 0)
    whole = sc_chunks_follow (file, behind, sc_get_be32);
  if (whole < 0)
    return whole;
  if (whole) {
    plan->media_size = behind - aiff->data_at;
    if (behind == file->size)
      plan->size += behind & 1;
    return 0;
  }
  media = file->size - aiff->data_at;
  plan->media_size = media - media % aiff->block_align;
  behind = aiff->data_at + plan->media_size;
  plan->size = behind + (behind & 1);
  return 0;
}

static int
edit_size (const ScContainerFile * file, ScContainerPlan * plan, uint64_t at,
    uint64_t value)
{
  uint8_t bytes[4];

  sc_put_be32 (bytes, (uint32_t) value);
  return sc_container_edit (file, plan, at, bytes, sizeof (bytes));
}

static int
edit_headers (const ScContainerFile * file, ScContainerPlan * plan,
    const Aiff * aiff)
{
  uint64_t form = plan->size - 8;
  uint64_t told = plan->media_size;     /* bytes of samples, as far as told */
  int ret;

  if (form > UINT32_MAX) {
    form = UINT32_MAX - 1;
    told = 8 + form - aiff->data_at;
    told -= told % aiff->block_align;
    plan->note = "longer than 4 GiB, which AIFF cannot say: players may play "
        "the first 4 GiB only";
  }
  ret = edit_size (file, plan, 4, form);
  if (ret == 0)
    ret = edit_size (file, plan, aiff->comm_at + 2, told / aiff->block_align);
  if (ret == 0)
    ret = edit_size (file, plan, aiff->ssnd_at - 4,
        aiff->data_at - aiff->ssnd_at + told);
  return ret;
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  Aiff aiff;
  int ret = parse (file, &aiff);

  if (ret < 0)
    return ret;
  ret = find_media (file, &aiff, plan);
  if (ret < 0)
    return ret;
  sc_chunks_tell (plan, &(ScChunksSound) {
        aiff.channels, aiff.rate, aiff.bits, aiff.is_float,
        (uint64_t) aiff.rate * aiff.block_align});
  return edit_headers (file, plan, &aiff);
}

const ScContainer sc_aiff_container = {
  .name = "AIFF",
  .probe = probe,
  .repair = repair,
};
