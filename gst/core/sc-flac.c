/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-flac.h"

#include "sc-byte-order.h"
#include "sc-flac-frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BLOCKS 4096         /* more metadata are taken for garbage */
#define STREAMINFO_AT 8u        /* of its body: always the first block */
#define STREAMINFO_SIZE 34u
#define COUNT_AT (STREAMINFO_AT + 10)   /* the last 36 of these 64 bits */
#define COUNT_MAX ((UINT64_C (1) << 36) - 1)
/* Each look at the window may cost this many passes over it: a bound against
 * bytes made to look like many headers. */
#define MAX_PASSES 16
#define MAX_LOOKS 4             /* at a window that is cut each time */
#define POINTS 60u              /* in time, evenly in the file */
#define POINT_STEP 4096u        /* more than evenly: for short files */
#define POINT_WINDOW (256u << 10)       /* looked at for each, at most */

typedef struct
{
  uint32_t max_block;           /* samples a channel */
  uint32_t rate;
  uint32_t channels;
  uint32_t bits;
  uint64_t samples;             /* as STREAMINFO says; 0: not known */
  uint64_t count_bits;          /* the 64 bits that end in the count */
  bool variable;                /* blocking strategy of the first frame */
  uint64_t media_at;
  uint64_t max_frame;           /* bytes, whatever the samples are */
} Flac;

/* The end of the file, in memory. */
typedef struct
{
  uint8_t *bytes;
  uint64_t at;                  /* in the file */
  size_t size;
} Window;

typedef struct
{
  ScFlacFrame header;
  uint64_t end;                 /* in the file */
  bool frame_behind;            /* the begin of one more follows */
  bool cut;                     /* the file is to end with it */
} LastFrame;

static bool
probe (const uint8_t * head, size_t size)
{
  return size >= STREAMINFO_AT && memcmp (head, "fLaC", 4) == 0;
}

static int
parse_streaminfo (const ScContainerFile * file, Flac * self)
{
  uint8_t bytes[STREAMINFO_AT + STREAMINFO_SIZE];
  ssize_t got = sc_file_read_all (file->ops, file->fd, bytes, sizeof (bytes),
      0);
  const uint8_t *body = bytes + STREAMINFO_AT;

  if (got < 0)
    return (int) got;
  if (got < (ssize_t) sizeof (bytes) || (bytes[4] & 0x7F) != 0
      || sc_get_be24 (bytes + 5) != STREAMINFO_SIZE)
    return -EBADMSG;
  self->max_block = sc_get_be16 (body + 2);
  self->count_bits = sc_get_be64 (body + 10);
  self->rate = (uint32_t) (self->count_bits >> 44);
  self->channels = (self->count_bits >> 41 & 7) + 1;
  self->bits = (self->count_bits >> 36 & 31) + 1;
  self->samples = self->count_bits & COUNT_MAX;
  /* Each channel verbatim, one of them a difference, and headers. */
  self->max_frame = (uint64_t) self->channels
      * (self->max_block * (self->bits + 1) / 8 + 8) + SC_FLAC_FRAME_HEAD + 2;
  return self->rate != 0 && self->max_block != 0 ? 0 : -EBADMSG;
}

/* Walks the metadata up to the frames.  0, or -EBADMSG, or -errno of a read. */
static int
parse (const ScContainerFile * file, Flac * self)
{
  uint64_t at = 4;
  int ret;

  memset (self, 0, sizeof (*self));
  ret = parse_streaminfo (file, self);
  for (unsigned i = 0; ret == 0 && i < MAX_BLOCKS; i++) {
    uint8_t head[4];
    ssize_t got = sc_file_read_all (file->ops, file->fd, head, 4, at);

    if (got < 4)
      return got < 0 ? (int) got : -EBADMSG;
    at += 4 + (uint64_t) sc_get_be24 (head + 1);
    if (head[0] & 0x80) {
      self->media_at = at;
      return at <= file->size ? 0 : -EBADMSG;
    }
  }
  return ret < 0 ? ret : -EBADMSG;
}

/* As sc_flac_frame_parse(), of a header that is one of this stream. */
static int
parse_frame (const Flac * self, const uint8_t * bytes, size_t size,
    ScFlacFrame * frame)
{
  int ret = sc_flac_frame_parse (bytes, size, frame);

  if (ret > 0 && (frame->channels != self->channels
          || (frame->rate != 0 && frame->rate != self->rate)
          || (frame->bits != 0 && frame->bits != self->bits)
          || frame->block_size > self->max_block
          || frame->variable != self->variable))
    return 0;
  return ret;
}

/* The stream's samples up to the end of a frame; 0: more than can be told. */
static uint64_t
samples_up_to (const Flac * self, const ScFlacFrame * frame)
{
  uint64_t samples = frame->number * (frame->variable ? 1 : self->max_block)
      + frame->block_size;

  return samples <= COUNT_MAX ? samples : 0;
}

/* Whether a frame can end at @at: the file ends there, or the next frame begins
 * as far as the file has it, or no frame does and these are all samples that
 * there should be. */
static bool
is_end (const Flac * self, const Window * window, size_t at, LastFrame * last)
{
  const ScFlacFrame *frame = &last->header;
  ScFlacFrame next;
  int ret;

  last->frame_behind = false;
  if (at == window->size)
    return true;
  ret = parse_frame (self, window->bytes + at, window->size - at, &next);
  last->frame_behind = ret != 0;
  if (ret > 0)
    return next.number == frame->number + (frame->variable ? frame->block_size
        : 1);
  return ret < 0 || (self->samples != 0
      && samples_up_to (self, frame) == self->samples);
}

/* Looks for the end of the frame that begins at @from.  Takes what it costs
 * from @steps. */
static bool
find_end (const Flac * self, const Window * window, size_t from,
    size_t head_size, uint64_t * steps, LastFrame * last)
{
  uint16_t crc = 0;

  for (size_t at = from; at < window->size && *steps > 0
      && at - from < self->max_frame; (*steps)--) {
    crc = sc_flac_crc16 (crc, window->bytes[at++]);
    if (crc == 0 && at - from > head_size + 2
        && is_end (self, window, at, last)) {
      last->end = window->at + at;
      return true;
    }
  }
  return false;
}

static bool
find_last_frame (const Flac * self, const Window * window, LastFrame * last)
{
  uint64_t steps = (uint64_t) window->size * MAX_PASSES;

  for (size_t at = window->size; at-- > 0 && steps > 0;) {
    int head_size = parse_frame (self, window->bytes + at, window->size - at,
        &last->header);

    if (head_size > 0 && find_end (self, window, at, (size_t) head_size,
            &steps, last))
      return true;
  }
  return false;
}

/* Whether the file goes on behind @last and must not.  What follows the last of
 * all frames and is none of them stays: somebody put it behind a finished
 * file. */
static bool
must_cut (const Flac * self, const Window * window, const LastFrame * last)
{
  return last->end < window->at + window->size && (last->frame_behind
      || samples_up_to (self, &last->header) != self->samples);
}

/* Looks at what a cut leaves once more: it must be the last word. */
static bool
find_cut (const Flac * self, Window * window, LastFrame * last)
{
  bool found = find_last_frame (self, window, last), cut = false;

  for (int i = 0; i < MAX_LOOKS && found && must_cut (self, window, last);
      i++) {
    cut = true;
    window->size = (size_t) (last->end - window->at);
    found = find_last_frame (self, window, last);
  }
  last->cut = found && cut;
  return found;
}

/* 1 with @last, 0 where no whole frame is near the end, or -errno. */
static int
look_at_end (const ScContainerFile * file, Flac * self, LastFrame * last)
{
  uint64_t size = file->size - self->media_at;
  ScFlacFrame first;
  Window window = { 0 };
  ssize_t got;
  int ret = 0;

  /* A whole one and a partial one behind it. */
  window.size = (size_t) (size < 2 * self->max_frame ? size
      : 2 * self->max_frame);
  window.at = file->size - window.size;
  window.bytes = malloc (window.size + SC_FLAC_FRAME_HEAD);
  if (window.bytes == NULL)
    return -ENOMEM;
  got = sc_file_read_all (file->ops, file->fd, window.bytes,
      SC_FLAC_FRAME_HEAD, self->media_at);
  if (got > 0 && sc_flac_frame_parse (window.bytes, (size_t) got, &first) > 0)
    self->variable = first.variable;
  if (got >= 0)
    got = sc_file_read_all (file->ops, file->fd, window.bytes, window.size,
        window.at);
  if (got >= 0) {
    window.size = (size_t) got;
    ret = find_cut (self, &window, last);
  }
  free (window.bytes);
  return got < 0 ? (int) got : ret;
}

/* The count and the MD5 in one piece, so that a crash leaves both or none. */
static int
edit_count (const ScContainerFile * file, ScContainerPlan * plan,
    const Flac * flac, uint64_t samples)
{
  uint64_t bits = (flac->count_bits & ~COUNT_MAX) | samples;
  uint8_t bytes[8 + 16] = { 0 };

  sc_put_be32 (bytes, (uint32_t) (bits >> 32));
  sc_put_be32 (bytes + 4, (uint32_t) bits);
  return sc_container_edit (file, plan, COUNT_AT, bytes, sizeof (bytes));
}

/* Where the frames at some POINTS places begin in time. */
static int
find_points (const ScContainerFile * file, ScContainerPlan * plan,
    const Flac * flac)
{
  size_t size = (size_t) (flac->max_frame < POINT_WINDOW ? flac->max_frame
      : POINT_WINDOW) + SC_FLAC_FRAME_HEAD;
  uint8_t *bytes = malloc (size);
  ssize_t got = bytes != NULL ? 0 : -ENOMEM;

  for (uint64_t step = 0; got >= 0 && step < plan->media_size;
      step += plan->media_size / POINTS + POINT_STEP) {
    uint64_t from = flac->media_at + step;
    ScFlacFrame frame;
    size_t at = 0;

    got = sc_file_read_all (file->ops, file->fd, bytes, size, from);
    while (got > 0 && at < (size_t) got
        && parse_frame (flac, bytes + at, (size_t) got - at, &frame) <= 0)
      at++;
    if (got > 0 && at < (size_t) got)
      sc_container_point (plan, from + at, sc_container_time (frame.number
              * (frame.variable ? 1 : flac->max_block), flac->rate));
  }
  free (bytes);
  return got < 0 ? (int) got : 0;
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  LastFrame last = { 0 };
  uint64_t samples;
  Flac flac;
  int found = parse (file, &flac), ret = 0;

  if (found == 0)
    found = look_at_end (file, &flac, &last);
  if (found < 0)
    return found;
  snprintf (plan->detail, sizeof (plan->detail),
      "%u channel%s, %u Hz, %u bits", flac.channels,
      flac.channels == 1 ? "" : "s", flac.rate, flac.bits);
  samples = found ? samples_up_to (&flac, &last.header) : flac.samples;
  if (!found)
    plan->note = "no whole frame near the end: the sample count stays as it is";
  if (last.cut)
    plan->size = last.end;
  plan->media_offset = flac.media_at;
  plan->media_size = plan->size - flac.media_at;
  if (samples != 0) {
    plan->duration_ns = sc_container_time (samples, flac.rate);
    ret = find_points (file, plan, &flac);
  }
  return ret < 0 || samples == flac.samples ? ret
      : edit_count (file, plan, &flac, samples);
}

const ScContainer sc_flac_container = {
  .name = "FLAC",
  .probe = probe,
  .repair = repair,
};
