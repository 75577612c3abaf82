/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-manifest.h"

#include "sc-crc32c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "safecapture-manifest"
/* All of a part's lines, or of the head, without their strings. */
#define LINES_BOUND 320u

static const char *const result_names[SC_PART_RESULTS] = {
  [SC_PART_RECORDING] = "recording",
  [SC_PART_CLOSED] = "closed",
  [SC_PART_FAILED] = "failed",
};

const char *
sc_part_result_name (ScPartResult result)
{
  return result_names[result];
}

size_t
sc_manifest_bound (size_t strings, unsigned parts)
{
  return 3 * strings + (parts + 1) * LINES_BOUND;
}

typedef struct
{
  char *out;
  size_t size, used;
  bool full;
} Text;

static void __attribute__ ((format (printf, 2, 3)))
add (Text * text, const char *format, ...)
{
  va_list args;
  int length;

  va_start (args, format);
  length = vsnprintf (text->out + text->used, text->size - text->used, format,
      args);
  va_end (args);
  if (length < 0 || (size_t) length >= text->size - text->used)
    text->full = true;
  else
    text->used += (size_t) length;
}

static bool
is_plain (unsigned char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
      || (c >= '0' && c <= '9') || (c != '\0' && strchr ("/._-~", c) != NULL);
}

static void
add_string (Text * text, const char *word, const char *string)
{
  add (text, "%s ", word);
  for (; *string != '\0' && !text->full; string++)
    add (text, is_plain ((unsigned char) *string) ? "%c" : "%%%02X",
        (unsigned char) *string);
  add (text, "\n");
}

static void
add_uuid (Text * text, const uint8_t uuid[16])
{
  add (text, "uuid ");
  for (int i = 0; i < 16; i++)
    add (text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
        uuid[i]);
  add (text, "\n");
}

static void
add_part (Text * text, unsigned number, const ScManifestPart * part)
{
  add (text, "part %u\n", number);
  add_string (text, "path", part->path);
  add (text, "base %" PRIu64 "\nend %" PRIu64 "\nresult %s\noperation %s\n"
      "errno %d\n", part->base, part->end, result_names[part->result],
      sc_fault_name (part->operation), -part->error);
}

int
sc_manifest_compose (const ScManifest * self, char *out, size_t size)
{
  Text text = {.out = out,.size = size };

  add (&text, MAGIC " %d\nrevision %" PRIu64 "\n", SC_MANIFEST_VERSION,
      self->revision);
  add_uuid (&text, self->uuid);
  add_string (&text, "name", self->name);
  add (&text, "state %s\nparts %u\n", result_names[self->state],
      self->part_count);
  if (self->dropped_bytes > 0)
    add (&text, "dropped-bytes %" PRIu64 "\ndropped-buffers %" PRIu64 "\n",
        self->dropped_bytes, self->dropped_buffers);
  for (unsigned i = 0; i < self->part_count; i++)
    add_part (&text, i, &self->parts[i]);
  add (&text, "crc32c %08" PRIx32 "\n", sc_crc32c (0, text.out, text.used));
  return text.full ? -ENAMETOOLONG : (int) text.used;
}

/* The parser's place: lines are cut out one by one. */
typedef struct
{
  char *next;
  char *value;                  /* of the line that take() found */
} Lines;

/* Takes the next line if it is of @word. */
static bool
take (Lines * lines, const char *word)
{
  size_t length = strlen (word);
  char *end = strchr (lines->next, '\n');

  if (end == NULL || strncmp (lines->next, word, length) != 0
      || lines->next[length] != ' ')
    return false;
  *end = '\0';
  lines->value = lines->next + length + 1;
  lines->next = end + 1;
  return true;
}

static void
skip_until (Lines * lines, const char *word)
{
  size_t length = strlen (word);
  char *end;

  while (strncmp (lines->next, word, length) != 0
      && (end = strchr (lines->next, '\n')) != NULL)
    lines->next = end + 1;
}

static bool
take_number (Lines * lines, const char *word, uint64_t * number)
{
  char *end;

  if (!take (lines, word) || lines->value[0] < '0' || lines->value[0] > '9')
    return false;
  errno = 0;
  *number = strtoull (lines->value, &end, 10);
  return *end == '\0' && errno == 0;
}

static int
hex (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place; no NUL may come out, and something must. */
static bool
take_string (Lines * lines, const char *word, const char **string)
{
  char *to, *from;

  if (!take (lines, word))
    return false;
  for (to = from = lines->value; *from != '\0'; from++) {
    if (*from == '%') {
      int high = hex (from[1]), low = high < 0 ? -1 : hex (from[2]);

      if (low < 0 || (high == 0 && low == 0))
        return false;
      *to++ = (char) (high << 4 | low);
      from += 2;
    } else {
      *to++ = *from;
    }
  }
  *to = '\0';
  *string = lines->value;
  return to > lines->value;
}

static bool
take_uuid (Lines * lines, uint8_t uuid[16])
{
  const char *at;

  if (!take (lines, "uuid") || strlen (lines->value) != 36)
    return false;
  at = lines->value;
  for (int i = 0; i < 16; i++) {
    int high, low;

    if (i == 4 || i == 6 || i == 8 || i == 10)
      if (*at++ != '-')
        return false;
    high = hex (*at++);
    low = hex (*at++);
    if (high < 0 || low < 0)
      return false;
    uuid[i] = (uint8_t) (high << 4 | low);
  }
  return true;
}

static bool
take_result (Lines * lines, const char *word, ScPartResult * result)
{
  if (!take (lines, word))
    return false;
  for (int i = 0; i < SC_PART_RESULTS; i++) {
    *result = (ScPartResult) i;
    if (strcmp (lines->value, result_names[i]) == 0)
      return true;
  }
  return false;
}

static bool
take_operation (Lines * lines, ScFaultKind * kind)
{
  if (!take (lines, "operation"))
    return false;
  *kind = SC_FAULT_NONE;        /* one that is not known */
  for (int i = 0; i < SC_FAULTS; i++)
    if (strcmp (lines->value, sc_fault_name ((ScFaultKind) i)) == 0)
      *kind = (ScFaultKind) i;
  return true;
}

static bool
take_part (Lines * lines, unsigned number, ScManifestPart * part)
{
  uint64_t stated, error;

  if (!take_number (lines, "part", &stated) || stated != number
      || !take_string (lines, "path", &part->path)
      || !take_number (lines, "base", &part->base)
      || !take_number (lines, "end", &part->end)
      || !take_result (lines, "result", &part->result)
      || !take_operation (lines, &part->operation)
      || !take_number (lines, "errno", &error))
    return false;
  part->error = error < 4096 ? -(int) error : -EIO;
  return part->base <= INT64_MAX && part->end <= INT64_MAX;
}

/* Checks the last line, and cuts it off. */
static bool
take_checksum (char *text, size_t size)
{
  static const char word[] = "crc32c ";
  const size_t length = sizeof (word) - 1 + 9;
  uint32_t crc = 0;

  if (size < length || memcmp (text + size - length, word, sizeof (word) - 1)
      != 0 || text[size - 1] != '\n')
    return false;
  for (size_t i = size - 9; i < size - 1; i++) {
    if (hex (text[i]) < 0)
      return false;
    crc = crc << 4 | (uint32_t) hex (text[i]);
  }
  text[size - length] = '\0';
  return sc_crc32c (0, text, size - length) == crc;
}

int
sc_manifest_parse (ScManifest * self, const char *text, size_t size)
{
  uint64_t version, parts;
  Lines lines;

  memset (self, 0, sizeof (*self));
  if (size > SC_MANIFEST_MAX || memchr (text, '\0', size) != NULL)
    return -EBADMSG;
  self->storage = malloc (size + 1);
  if (self->storage == NULL)
    return -ENOMEM;
  memcpy (self->storage, text, size);
  self->storage[size] = '\0';
  lines.next = self->storage;
  if (!take_checksum (self->storage, size)
      || !take_number (&lines, MAGIC, &version))
    return -EBADMSG;
  if (version != SC_MANIFEST_VERSION)
    return -EPROTONOSUPPORT;
  if (!take_number (&lines, "revision", &self->revision)
      || !take_uuid (&lines, self->uuid)
      || !take_string (&lines, "name", &self->name)
      || !take_result (&lines, "state", &self->state)
      || !take_number (&lines, "parts", &parts)
      || parts == 0 || parts > SC_PARTS_MAX
      || strchr (self->name, '/') != NULL)
    return -EBADMSG;
  self->part_count = (unsigned) parts;
  if (take_number (&lines, "dropped-bytes", &self->dropped_bytes))
    (void) take_number (&lines, "dropped-buffers", &self->dropped_buffers);
  for (unsigned i = 0; i < self->part_count; i++) {
    skip_until (&lines, "part ");
    if (!take_part (&lines, i, &self->parts[i]))
      return -EBADMSG;
  }
  return 0;
}

void
sc_manifest_clear (ScManifest * self)
{
  free (self->storage);
  self->storage = NULL;
}
