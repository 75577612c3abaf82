/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-ogg.h"

#include "sc-byte-order.h"
#include "sc-ogg-codec.h"
#include "sc-ogg-page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW (1u << 20)
#define MAX_STREAMS 32u
#define POINTS 60u              /* in time, evenly in the file */
#define POINT_STEP 4096u        /* more than evenly: for short files */
#define POINT_WINDOW (4 * SC_OGG_PAGE_MAX)      /* looked at for each */
/* Pages with a wrong CRC in a window; more are made on purpose. */
#define MAX_WRONG 256u

typedef struct
{
  uint32_t serial;
  ScOggCodec codec;
  bool seen;                    /* at the end of the file */
  uint64_t page_at;             /* the last page, in the file */
  ScOggPage page;
  uint32_t eos_crc;             /* that page's, with the flag */
  uint64_t granule;             /* the last position */
} Stream;

typedef struct
{
  const ScContainerFile *file;
  Stream streams[MAX_STREAMS];
  unsigned stream_count;
  uint64_t media_at;            /* behind the first page of each stream */
  uint64_t last_end;            /* of the last whole page; 0: none */
  uint64_t playable_end;        /* of the last one on which a packet ends */
  bool is_ended;                /* the last whole page has its flag */
  uint8_t *window;
  ScContainerPlan *plan;
  const Stream *clock;          /* whose positions tell the time; NULL: none */
} Ogg;

/* Takes a page; whether more are wanted. */
typedef bool (*PageFunc) (Ogg * self, uint64_t at, const uint8_t * bytes,
    const ScOggPage * page);

static bool
probe (const uint8_t * head, size_t size)
{
  return size >= SC_OGG_PAGE_HEAD && memcmp (head, "OggS", 5) == 0;
}

static Stream *
find_stream (Ogg * self, uint32_t serial)
{
  Stream *stream;

  for (unsigned i = 0; i < self->stream_count; i++)
    if (self->streams[i].serial == serial)
      return &self->streams[i];
  if (self->stream_count == MAX_STREAMS)
    return NULL;
  stream = &self->streams[self->stream_count++];
  memset (stream, 0, sizeof (*stream));
  stream->serial = serial;
  return stream;
}

/* The streams and their codecs: one page each, before all others. */
static int
parse_begin (Ogg * self)
{
  const ScContainerFile *file = self->file;
  ScOggPage page;

  for (unsigned i = 0; i < MAX_STREAMS; i++) {
    ssize_t got = sc_file_read_all (file->ops, file->fd, self->window,
        SC_OGG_PAGE_MAX, self->media_at);
    Stream *stream;

    if (got < 0)
      return (int) got;
    if (sc_ogg_page_parse (self->window, (size_t) got, &page) != 1
        || !(page.flags & SC_OGG_PAGE_BOS))
      break;
    stream = find_stream (self, page.serial);
    if (stream != NULL)
      sc_ogg_codec_identify (&stream->codec, self->window + page.body_at,
          page.size - page.body_at);
    self->media_at += page.size;
  }
  return self->stream_count > 0 ? 0 : -EBADMSG;
}

/* Calls @func for each whole page of @size bytes, at most WINDOW. */
static int
walk (Ogg * self, uint64_t from, size_t size, PageFunc func)
{
  unsigned wrong = 0;
  size_t at = 0;
  ssize_t got = sc_file_read_all (self->file->ops, self->file->fd,
      self->window, size, from);

  if (got < 0)
    return (int) got;
  size = (size_t) got;
  while (at < size && wrong < MAX_WRONG) {
    const uint8_t *bytes = memchr (self->window + at, 'O', size - at);
    ScOggPage page;
    int ret;

    if (bytes == NULL)
      break;
    at = (size_t) (bytes - self->window);
    ret = sc_ogg_page_parse (bytes, size - at, &page);
    if (ret == 1 && !func (self, from + at, bytes, &page))
      break;
    wrong += ret == -2;
    at += ret == 1 ? page.size : 1;
  }
  return 0;
}

static int
walk_before (Ogg * self, uint64_t end, PageFunc func)
{
  size_t size = (size_t) (end < WINDOW ? end : WINDOW);

  return walk (self, end - size, size, func);
}

static bool
note_end (Ogg * self, uint64_t at, const uint8_t * bytes,
    const ScOggPage * page)
{
  self->last_end = at + page->size;
  self->is_ended = page->flags & SC_OGG_PAGE_EOS;
  if (page->granule != SC_OGG_NO_GRANULE)
    self->playable_end = self->last_end;
  return true;
}

static bool
note_page (Ogg * self, uint64_t at, const uint8_t * bytes,
    const ScOggPage * page)
{
  Stream *stream = find_stream (self, page->serial);

  if (stream == NULL)
    return true;
  stream->seen = true;
  stream->page_at = at;
  stream->page = *page;
  stream->eos_crc = sc_ogg_page_crc (bytes, page->size,
      page->flags | SC_OGG_PAGE_EOS);
  if (page->granule != SC_OGG_NO_GRANULE)
    stream->granule = page->granule;
  return true;
}

/* What follows a page begins where it ends in time. */
static bool
note_point (Ogg * self, uint64_t at, const uint8_t * bytes,
    const ScOggPage * page)
{
  uint64_t time;

  if (page->serial != self->clock->serial
      || page->granule == SC_OGG_NO_GRANULE)
    return true;
  time = sc_ogg_codec_time (&self->clock->codec, page->granule);
  if (time != UINT64_MAX)
    sc_container_point (self->plan, at + page->size, time);
  return false;
}

static bool
lacks_flag (const Stream * stream)
{
  return stream->seen && !stream->codec.is_skeleton
      && !(stream->page.flags & SC_OGG_PAGE_EOS);
}

/* Sets the end-of-stream flag of each stream's last page, as far as the plan
 * has room. */
static int
edit_ends (Ogg * self, ScContainerPlan * plan)
{
  for (unsigned i = 0; i < self->stream_count; i++) {
    const Stream *stream = &self->streams[i];
    uint8_t head[SC_OGG_PAGE_HEAD];
    ssize_t got;
    int ret;

    if (!lacks_flag (stream))
      continue;
    got = sc_file_read_all (self->file->ops, self->file->fd, head,
        sizeof (head), stream->page_at);
    if (got < (ssize_t) sizeof (head))
      return got < 0 ? (int) got : -EBADMSG;
    head[SC_OGG_PAGE_FLAGS_AT] |= SC_OGG_PAGE_EOS;
    sc_put_le32 (head + SC_OGG_PAGE_CRC_AT, stream->eos_crc);
    ret = sc_container_edit (self->file, plan,
        stream->page_at + SC_OGG_PAGE_FLAGS_AT, head + SC_OGG_PAGE_FLAGS_AT,
        SC_OGG_PAGE_CRC_AT + 4 - SC_OGG_PAGE_FLAGS_AT);
    if (ret == -E2BIG)
      return 0;
    if (ret < 0)
      return ret;
  }
  return 0;
}

static void
describe (const Ogg * self, ScContainerPlan * plan)
{
  size_t at = 0;

  for (unsigned i = 0; i < self->stream_count; i++) {
    if (at < sizeof (plan->detail))
      at += (size_t) snprintf (plan->detail + at, sizeof (plan->detail) - at,
          "%s", at == 0 ? "" : ", ");
    if (at < sizeof (plan->detail))
      at += (size_t) sc_ogg_codec_describe (&self->streams[i].codec,
          plan->detail + at, sizeof (plan->detail) - at);
  }
}

/* The time of the stream that goes furthest: the clock for the rest. */
static int
find_times (Ogg * self, ScContainerPlan * plan)
{
  uint64_t size = self->media_at < plan->size ? plan->size - self->media_at
      : 0;
  int ret = 0;

  for (unsigned i = 0; i < self->stream_count; i++) {
    const Stream *stream = &self->streams[i];
    uint64_t time = stream->seen && !stream->codec.is_skeleton
        ? sc_ogg_codec_time (&stream->codec, stream->granule) : UINT64_MAX;

    if (time != UINT64_MAX && (self->clock == NULL
            || time > plan->duration_ns)) {
      plan->duration_ns = time;
      self->clock = stream;
    }
  }
  if (self->clock == NULL)
    return 0;
  self->plan = plan;
  sc_container_point (plan, self->media_at, 0);
  for (uint64_t at = 0; ret == 0 && at < size; at += size / POINTS + POINT_STEP)
    ret = walk (self, self->media_at + at, POINT_WINDOW, note_point);
  return ret;
}

/* Whether the bytes behind the last page are the begin of one more, as far as
 * the file has it.  1, 0, or -errno. */
static int
has_partial_page (const Ogg * self)
{
  uint8_t magic[4];
  ssize_t got = sc_file_read_all (self->file->ops, self->file->fd, magic,
      sizeof (magic), self->last_end);

  return got < 0 ? (int) got : got > 0 && memcmp (magic, "OggS",
      (size_t) got) == 0;
}

/* Where the last page to be kept ends: before a partial page, and before pages
 * that hold no packet's end, if nothing else follows.  1 if the file is to end
 * there, 0 if not, or -errno. */
static int
choose_end (const Ogg * self, uint64_t * end)
{
  int partial = has_partial_page (self);

  *end = self->last_end;
  if (partial < 0 || (partial == 0 && self->last_end < self->file->size))
    return partial;
  if (self->playable_end != 0 && !self->is_ended)
    *end = self->playable_end;
  return 1;
}

static int
find_ends (Ogg * self, ScContainerPlan * plan)
{
  uint64_t size = self->file->size, end;
  int ret = walk_before (self, size, note_end), cut;

  if (ret < 0)
    return ret;
  if (self->last_end == 0 || size - self->last_end >= SC_OGG_PAGE_MAX) {
    plan->note = "no whole page near the end: it stays as it is";
    return walk_before (self, self->last_end, note_page);
  }
  cut = choose_end (self, &end);
  /* From there again, so that it is the window of the repaired file. */
  ret = cut < 0 ? cut : walk_before (self, end, note_page);
  if (ret < 0)
    return ret;
  if (cut)
    plan->size = end;
  return edit_ends (self, plan);
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  Ogg *self = calloc (1, sizeof (*self));
  int ret = -ENOMEM;

  if (self != NULL) {
    self->file = file;
    self->window = malloc (WINDOW);
    if (self->window != NULL)
      ret = parse_begin (self);
    if (ret == 0)
      ret = find_ends (self, plan);
    if (ret == 0)
      ret = find_times (self, plan);
    if (ret == 0) {
      describe (self, plan);
      plan->media_offset = self->media_at < plan->size ? self->media_at
          : plan->size;
      plan->media_size = plan->size - plan->media_offset;
    }
    free (self->window);
  }
  free (self);
  return ret;
}

const ScContainer sc_ogg_container = {
  .name = "Ogg",
  .probe = probe,
  .repair = repair,
};
