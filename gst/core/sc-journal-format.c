/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-journal-format.h"

#include "sc-crc32c.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define HEADER_CRC 76

_Static_assert (sizeof (SC_JOURNAL_MAGIC) - 1 == 8, "magic is 8 bytes");
_Static_assert (SC_JOURNAL_HEADER_MAX % 8 == 0, "records follow aligned");
_Static_assert (SC_JOURNAL_RECORD_HEADER % 8 == 0, "bodies are aligned");
_Static_assert (SC_JOURNAL_RECORD_HEADER + SC_JOURNAL_OVERWRITE_HEADER
    + 2 * SC_JOURNAL_OVERWRITE_MAX <= SC_JOURNAL_RECORD_MAX,
    "the longest OVERWRITE is a legal record");

static void
put16 (uint8_t * p, uint16_t value)
{
  p[0] = (uint8_t) value;
  p[1] = (uint8_t) (value >> 8);
}

static void
put32 (uint8_t * p, uint32_t value)
{
  put16 (p, (uint16_t) value);
  put16 (p + 2, (uint16_t) (value >> 16));
}

static void
put64 (uint8_t * p, uint64_t value)
{
  put32 (p, (uint32_t) value);
  put32 (p + 4, (uint32_t) (value >> 32));
}

static uint16_t
get16 (const uint8_t * p)
{
  return (uint16_t) (p[0] | p[1] << 8);
}

static uint32_t
get32 (const uint8_t * p)
{
  return get16 (p) | (uint32_t) get16 (p + 2) << 16;
}

static uint64_t
get64 (const uint8_t * p)
{
  return get32 (p) | (uint64_t) get32 (p + 4) << 32;
}

static int
fill_random (uint8_t * data, size_t size)
{
  size_t done = 0;

  while (done < size) {
    ssize_t ret = getrandom (data + done, size - done, 0);

    if (ret > 0)
      done += (size_t) ret;
    else if (ret == 0 || errno != EINTR)
      return ret == 0 ? -EIO : -errno;
  }
  return 0;
}

int
sc_journal_make_uuid (uint8_t uuid[16])
{
  int ret = fill_random (uuid, 16);

  uuid[6] = (uint8_t) ((uuid[6] & 0x0f) | 0x40);
  uuid[8] = (uint8_t) ((uuid[8] & 0x3f) | 0x80);
  return ret;
}

int
sc_journal_header_init (ScJournalHeader * self, const char *name,
    uint64_t base_size)
{
  struct timespec now;
  int ret;

  memset (self, 0, sizeof (*self));
  if (name[0] == '\0' || strchr (name, '/') != NULL)
    return -EINVAL;
  if (strlen (name) > SC_JOURNAL_NAME_MAX)
    return -ENAMETOOLONG;
  memcpy (self->name, name, strlen (name));
  self->version = SC_JOURNAL_VERSION;
  self->base_size = base_size;
  if (clock_gettime (CLOCK_REALTIME, &now) == -1)
    return -errno;
  self->created_ns = (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
  ret = fill_random (self->salt, sizeof (self->salt));
  return ret < 0 ? ret : sc_journal_make_uuid (self->uuid);
}

size_t
sc_journal_header_encode (const ScJournalHeader * self,
    uint8_t out[SC_JOURNAL_HEADER_MAX], uint32_t * crc)
{
  size_t name_size = strlen (self->name);
  size_t size = sc_journal_padded (SC_JOURNAL_HEADER_FIXED + name_size);

  memset (out, 0, SC_JOURNAL_HEADER_MAX);
  memcpy (out, SC_JOURNAL_MAGIC, 8);
  put32 (out + 8, self->version);
  put32 (out + 12, (uint32_t) size);
  put32 (out + 16, self->compatible);
  put32 (out + 20, self->incompatible);
  memcpy (out + 24, self->salt, 16);
  memcpy (out + 40, self->uuid, 16);
  put64 (out + 56, (uint64_t) self->created_ns);
  put64 (out + 64, self->base_size);
  put16 (out + 72, (uint16_t) name_size);
  memcpy (out + SC_JOURNAL_HEADER_FIXED, self->name, name_size);
  *crc = sc_crc32c (0, out, size);
  put32 (out + HEADER_CRC, *crc);
  return size;
}

/* The crc of a whole header whose own crc field counts as zero. */
static uint32_t
header_crc (const uint8_t * data, size_t size)
{
  static const uint8_t zero[4];
  uint32_t crc = sc_crc32c (0, data, HEADER_CRC);

  crc = sc_crc32c (crc, zero, sizeof (zero));
  return sc_crc32c (crc, data + HEADER_CRC + 4, size - HEADER_CRC - 4);
}

int
sc_journal_header_decode (ScJournalHeader * self, const uint8_t * data,
    size_t size, uint32_t * crc)
{
  uint32_t header_size;
  uint16_t name_size;

  memset (self, 0, sizeof (*self));
  if (size < SC_JOURNAL_HEADER_FIXED || memcmp (data, SC_JOURNAL_MAGIC, 8) != 0)
    return -EBADMSG;
  self->version = get32 (data + 8);
  if (self->version != SC_JOURNAL_VERSION)
    return -EPROTONOSUPPORT;
  header_size = get32 (data + 12);
  name_size = get16 (data + 72);
  if (name_size < 1 || name_size > SC_JOURNAL_NAME_MAX || header_size > size
      || header_size != sc_journal_padded (SC_JOURNAL_HEADER_FIXED + name_size))
    return -EBADMSG;
  *crc = get32 (data + HEADER_CRC);
  if (header_crc (data, header_size) != *crc)
    return -EBADMSG;
  self->compatible = get32 (data + 16);
  self->incompatible = get32 (data + 20);
  memcpy (self->salt, data + 24, 16);
  memcpy (self->uuid, data + 40, 16);
  self->created_ns = (int64_t) get64 (data + 56);
  self->base_size = get64 (data + 64);
  memcpy (self->name, data + SC_JOURNAL_HEADER_FIXED, name_size);
  if (self->incompatible & ~SC_JOURNAL_INCOMPATIBLE_KNOWN)
    return -ENOTSUP;
  return (int) header_size;
}

/* Bytes of the fixed part of a known type's body; 0 for others. */
static size_t
fixed_body (uint16_t type)
{
  switch (type) {
    case SC_JOURNAL_EXTENT:
      return 24;
    case SC_JOURNAL_OVERWRITE:
      return SC_JOURNAL_OVERWRITE_HEADER;
    case SC_JOURNAL_SYNC:
      return 32;
    case SC_JOURNAL_CLOSE:
      return 64;
    case SC_JOURNAL_RESTART:
      return 8;
    case SC_JOURNAL_SWITCH:
      return 32;
    case SC_JOURNAL_REDO:
      return SC_JOURNAL_REDO_HEADER;
    case SC_JOURNAL_GAP:
      return 48;
    default:
      return 0;
  }
}

static void
encode_body (const ScJournalRecord * self, uint8_t * body)
{
  switch (self->type) {
    case SC_JOURNAL_EXTENT:
      put64 (body, self->extent.offset);
      put64 (body + 8, self->extent.size);
      put32 (body + 16, self->extent.crc);
      break;
    case SC_JOURNAL_OVERWRITE:
      put64 (body, self->overwrite.offset);
      put32 (body + 8, self->overwrite.size);
      put32 (body + 12, self->overwrite.old_crc);
      put32 (body + 16, self->overwrite.new_crc);
      break;
    case SC_JOURNAL_SYNC:
      put64 (body, self->sync.durable_offset);
      put64 (body + 8, (uint64_t) self->sync.monotonic_ns);
      put64 (body + 16, (uint64_t) self->sync.wall_ns);
      put64 (body + 24, self->sync.running_time_ns);
      break;
    case SC_JOURNAL_CLOSE:
      put64 (body, self->close.final_size);
      put64 (body + 8, self->close.appended_bytes);
      put64 (body + 16, self->close.overwritten_bytes);
      put64 (body + 24, self->close.extents);
      put64 (body + 32, self->close.overwrites);
      put64 (body + 40, self->close.syncs);
      put64 (body + 48, (uint64_t) self->close.wall_ns);
      put64 (body + 56, self->close.running_time_ns);
      break;
    case SC_JOURNAL_RESTART:
      put64 (body, (uint64_t) self->restart.wall_ns);
      break;
    case SC_JOURNAL_SWITCH:
      put64 (body, self->part_switch.base);
      put32 (body + 8, self->part_switch.part);
      put32 (body + 12, self->part_switch.error);
      put16 (body + 16, self->part_switch.operation);
      put64 (body + 24, (uint64_t) self->part_switch.wall_ns);
      break;
    case SC_JOURNAL_REDO:
      put64 (body, self->redo.offset);
      put32 (body + 8, self->redo.size);
      put32 (body + 12, self->redo.crc);
      break;
    case SC_JOURNAL_GAP:
      put64 (body, self->gap.offset);
      put64 (body + 8, self->gap.size);
      put64 (body + 16, self->gap.buffers);
      put64 (body + 24, self->gap.first_ns);
      put64 (body + 32, self->gap.last_ns);
      put64 (body + 40, (uint64_t) self->gap.wall_ns);
      break;
  }
}

size_t
sc_journal_record_encode (ScJournalRecord * self,
    uint8_t out[SC_JOURNAL_FIXED_MAX])
{
  size_t fixed = SC_JOURNAL_RECORD_HEADER + fixed_body (self->type);

  memset (out, 0, SC_JOURNAL_FIXED_MAX);
  self->length = (uint32_t) fixed;
  if (self->type == SC_JOURNAL_OVERWRITE)
    self->length += 2 * self->overwrite.size;
  if (self->type == SC_JOURNAL_REDO)
    self->length += self->redo.size;
  put32 (out + 4, self->length);
  put16 (out + 8, self->type);
  put16 (out + 10, self->flags);
  put64 (out + 16, self->sequence);
  encode_body (self, out + SC_JOURNAL_RECORD_HEADER);
  return fixed;
}

void
sc_journal_record_put_crc (uint8_t * out, uint32_t crc)
{
  put32 (out, crc);
}

uint32_t
sc_journal_record_get_crc (const uint8_t * data)
{
  return get32 (data);
}

int
sc_journal_record_decode_header (ScJournalRecord * self,
    const uint8_t data[SC_JOURNAL_RECORD_HEADER])
{
  memset (self, 0, sizeof (*self));
  self->length = get32 (data + 4);
  self->type = get16 (data + 8);
  self->flags = get16 (data + 10);
  self->sequence = get64 (data + 16);
  return self->length < SC_JOURNAL_RECORD_HEADER
      || self->length > SC_JOURNAL_RECORD_MAX ? -EBADMSG : 0;
}

static int
decode_extent (ScJournalExtent * self, const uint8_t * body)
{
  self->offset = get64 (body);
  self->size = get64 (body + 8);
  self->crc = get32 (body + 16);
  return self->size == 0 || self->offset > INT64_MAX
      || self->size > INT64_MAX - self->offset ? -EBADMSG : 0;
}

static int
decode_overwrite (ScJournalOverwrite * self, const uint8_t * body,
    uint32_t length)
{
  self->offset = get64 (body);
  self->size = get32 (body + 8);
  self->old_crc = get32 (body + 12);
  self->new_crc = get32 (body + 16);
  return self->size == 0 || self->size > SC_JOURNAL_OVERWRITE_MAX
      || self->offset > (uint64_t) INT64_MAX - self->size
      || length < SC_JOURNAL_RECORD_HEADER + SC_JOURNAL_OVERWRITE_HEADER
      + 2 * self->size ? -EBADMSG : 0;
}

static int
decode_switch (ScJournalSwitch * self, const uint8_t * body)
{
  self->base = get64 (body);
  self->part = get32 (body + 8);
  self->error = get32 (body + 12);
  self->operation = get16 (body + 16);
  self->wall_ns = (int64_t) get64 (body + 24);
  return self->part == 0 || self->base > INT64_MAX ? -EBADMSG : 0;
}

static int
decode_redo (ScJournalRedo * self, const uint8_t * body, uint32_t length)
{
  self->offset = get64 (body);
  self->size = get32 (body + 8);
  self->crc = get32 (body + 12);
  return self->size == 0 || self->size > SC_JOURNAL_OVERWRITE_MAX
      || self->offset > (uint64_t) INT64_MAX - self->size
      || length < SC_JOURNAL_RECORD_HEADER + SC_JOURNAL_REDO_HEADER
      + self->size ? -EBADMSG : 0;
}

static int
decode_gap (ScJournalGap * self, const uint8_t * body)
{
  self->offset = get64 (body);
  self->size = get64 (body + 8);
  self->buffers = get64 (body + 16);
  self->first_ns = get64 (body + 24);
  self->last_ns = get64 (body + 32);
  self->wall_ns = (int64_t) get64 (body + 40);
  return self->size == 0 || self->offset > INT64_MAX
      || self->size > INT64_MAX - self->offset ? -EBADMSG : 0;
}

static void
decode_close (ScJournalClose * self, const uint8_t * body)
{
  self->final_size = get64 (body);
  self->appended_bytes = get64 (body + 8);
  self->overwritten_bytes = get64 (body + 16);
  self->extents = get64 (body + 24);
  self->overwrites = get64 (body + 32);
  self->syncs = get64 (body + 40);
  self->wall_ns = (int64_t) get64 (body + 48);
  self->running_time_ns = get64 (body + 56);
}

int
sc_journal_record_decode_body (ScJournalRecord * self, const uint8_t * body,
    size_t size)
{
  size_t fixed = fixed_body (self->type);

  if (fixed == 0)
    return self->flags & SC_JOURNAL_RECORD_INCOMPATIBLE ? -ENOTSUP : 0;
  if (size < fixed || self->length < SC_JOURNAL_RECORD_HEADER + fixed)
    return -EBADMSG;
  switch (self->type) {
    case SC_JOURNAL_EXTENT:
      return decode_extent (&self->extent, body);
    case SC_JOURNAL_OVERWRITE:
      return decode_overwrite (&self->overwrite, body, self->length);
    case SC_JOURNAL_SYNC:
      self->sync.durable_offset = get64 (body);
      self->sync.monotonic_ns = (int64_t) get64 (body + 8);
      self->sync.wall_ns = (int64_t) get64 (body + 16);
      self->sync.running_time_ns = get64 (body + 24);
      return 0;
    case SC_JOURNAL_CLOSE:
      decode_close (&self->close, body);
      return 0;
    case SC_JOURNAL_SWITCH:
      return decode_switch (&self->part_switch, body);
    case SC_JOURNAL_REDO:
      return decode_redo (&self->redo, body, self->length);
    case SC_JOURNAL_GAP:
      return decode_gap (&self->gap, body);
    default:
      self->restart.wall_ns = (int64_t) get64 (body);
      return 0;
  }
}
