/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-matroska-file.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_TICK 1000000u   /* ns */
#define MAX_TICK 1000000000000u

enum
{
  SEEK = 0x4DBB,
  SEEK_ID = 0x53AB,
  SEEK_POSITION = 0x53AC,
  TIMESTAMP_SCALE = 0x2AD7B1,
  DURATION = 0x4489,
  TRACK_ENTRY = 0xAE,
  TRACK_NUMBER = 0xD7,
  TRACK_TYPE = 0x83,
  CODEC_ID = 0x86,
  DEFAULT_DURATION = 0x23E383,
  VIDEO = 0xE0,
  PIXEL_WIDTH = 0xB0,
  PIXEL_HEIGHT = 0xBA,
  AUDIO = 0xE1,
  SAMPLING_FREQUENCY = 0xB5,
  CHANNELS = 0x9F,
};

bool
sc_matroska_is_top (uint32_t id)
{
  switch (id) {
    case SC_MATROSKA_SEEK_HEAD:
    case SC_MATROSKA_INFO:
    case SC_MATROSKA_TRACKS_ID:
    case SC_MATROSKA_CHAPTERS:
    case SC_MATROSKA_CLUSTER:
    case SC_MATROSKA_CUES_ID:
    case SC_MATROSKA_ATTACHMENTS:
    case SC_MATROSKA_TAGS:
    case SC_EBML_VOID:
    case SC_EBML_CRC32:
      return true;
    default:
      return false;
  }
}

int
sc_matroska_child (ScMatroska * self, uint64_t * at, uint64_t end,
    ScEbml * child)
{
  int ret = sc_ebml_read (&self->window, *at, end, child);

  if (ret < 1)
    return ret;
  if (sc_ebml_end (child) > end)
    return 0;
  *at = sc_ebml_end (child);
  return 1;
}

/* A number of 4 or 8 bytes; 0 where it is none. */
static int
read_float (ScMatroska * self, const ScEbml * element, double *value)
{
  uint64_t bits = 0;
  uint32_t low;
  float single;
  int ret;

  if (element->size != 4 && element->size != 8)
    return 0;
  ret = sc_ebml_uint (&self->window, element, &bits);
  low = (uint32_t) bits;
  if (ret == 1 && element->size == 8)
    memcpy (value, &bits, sizeof (*value));
  else if (ret == 1) {
    memcpy (&single, &low, sizeof (single));
    *value = (double) single;
  }
  return ret;
}

static int
take_seek (ScMatroska * self, const ScEbml * entry)
{
  ScMatroskaSeek seek = {.at = entry->at,.total = sc_ebml_end (entry)
        - entry->at
  };
  uint64_t at = entry->body;
  ScEbml child;
  int ret;

  while ((ret = sc_matroska_child (self, &at, sc_ebml_end (entry),
              &child)) == 1) {
    if (child.id == SEEK_ID)
      ret = sc_ebml_uint (&self->window, &child, &seek.id);
    else if (child.id == SEEK_POSITION) {
      ret = sc_ebml_uint (&self->window, &child, &seek.position);
      if (ret == 1) {
        seek.position_at = child.body;
        seek.width = (uint8_t) child.size;
      }
    }
    if (ret < 0)
      return ret;
  }
  if (ret == 0 && seek.position_at != 0
      && self->seek_count < SC_MATROSKA_SEEKS)
    self->seeks[self->seek_count++] = seek;
  return ret;
}

static int
take_info (ScMatroska * self, const ScEbml * child)
{
  int ret = 0;

  if (child->id == TIMESTAMP_SCALE) {
    ret = sc_ebml_uint (&self->window, child, &self->tick_ns);
    if (self->tick_ns == 0 || self->tick_ns > MAX_TICK)
      self->tick_ns = DEFAULT_TICK;
  }
  if (child->id == DURATION) {
    ret = read_float (self, child, &self->duration);
    if (ret == 1) {
      self->duration_at = child->body;
      self->duration_width = (uint8_t) child->size;
    }
  }
  return ret < 0 ? ret : 0;
}

static int
take_media (ScMatroska * self, const ScEbml * media, ScMatroskaTrack * track)
{
  uint64_t at = media->body;
  double rate;
  ScEbml child;
  int ret;

  while ((ret = sc_matroska_child (self, &at, sc_ebml_end (media),
              &child)) == 1) {
    if (child.id == PIXEL_WIDTH)
      ret = sc_ebml_uint (&self->window, &child, &track->width);
    else if (child.id == PIXEL_HEIGHT)
      ret = sc_ebml_uint (&self->window, &child, &track->height);
    else if (child.id == CHANNELS)
      ret = sc_ebml_uint (&self->window, &child, &track->channels);
    else if (child.id == SAMPLING_FREQUENCY) {
      ret = read_float (self, &child, &rate);
      if (ret == 1 && rate > 0 && rate < 1e9)
        track->rate = (uint64_t) rate;
    }
    if (ret < 0)
      return ret;
  }
  return ret;
}

static int
take_codec (ScMatroska * self, const ScEbml * element, ScMatroskaTrack * track)
{
  const uint8_t *bytes;
  size_t size = element->size < sizeof (track->codec) - 1
      ? (size_t) element->size : sizeof (track->codec) - 1;
  ssize_t got = sc_file_window_look (&self->window, element->body, size,
      &bytes);

  for (ssize_t i = 0; i < got && bytes[i] != '\0'; i++)
    track->codec[i] = bytes[i] > ' ' && bytes[i] < 0x7F ? (char) bytes[i] : '?';
  return got < 0 ? (int) got : 0;
}

static int
take_track (ScMatroska * self, const ScEbml * entry)
{
  ScMatroskaTrack track = {.last = INT64_MIN,.previous = INT64_MIN,
    .last_end = INT64_MIN
  };
  uint64_t at = entry->body;
  ScEbml child;
  int ret;

  while ((ret = sc_matroska_child (self, &at, sc_ebml_end (entry),
              &child)) == 1) {
    if (child.id == TRACK_NUMBER)
      ret = sc_ebml_uint (&self->window, &child, &track.number);
    else if (child.id == TRACK_TYPE)
      ret = sc_ebml_uint (&self->window, &child, &track.type);
    else if (child.id == DEFAULT_DURATION)
      ret = sc_ebml_uint (&self->window, &child, &track.default_ns);
    else if (child.id == CODEC_ID)
      ret = take_codec (self, &child, &track);
    else if (child.id == VIDEO || child.id == AUDIO)
      ret = take_media (self, &child, &track);
    if (ret < 0)
      return ret;
  }
  if (ret == 0 && self->track_count < SC_MATROSKA_TRACKS)
    self->tracks[self->track_count++] = track;
  return ret;
}

static void
choose_cue_track (ScMatroska * self)
{
  self->cue_track = 0;
  for (unsigned i = 0; i < self->track_count; i++)
    if (self->tracks[i].type == SC_MATROSKA_VIDEO) {
      self->cue_track = i;
      return;
    }
}

static int
take_children (ScMatroska * self, const ScEbml * parent, uint32_t id,
    int (*take) (ScMatroska * self, const ScEbml * child))
{
  uint64_t at = parent->body;
  ScEbml child;
  int ret;

  while ((ret = sc_matroska_child (self, &at, sc_ebml_end (parent),
              &child)) == 1) {
    if (id == 0 || child.id == id)
      ret = take (self, &child);
    if (ret < 0)
      return ret;
  }
  return ret;
}

int
sc_matroska_take_top (ScMatroska * self, const ScEbml * element)
{
  int ret = 0;

  switch (element->id) {
    case SC_MATROSKA_SEEK_HEAD:
      self->has_seek_head = true;
      return take_children (self, element, SEEK, take_seek);
    case SC_MATROSKA_INFO:
      self->info_at = element->at;
      return take_children (self, element, 0, take_info);
    case SC_MATROSKA_TRACKS_ID:
      if (self->tracks_at == 0)
        ret = take_children (self, element, TRACK_ENTRY, take_track);
      self->tracks_at = element->at;
      choose_cue_track (self);
      return ret;
    case SC_MATROSKA_CHAPTERS:
      self->chapters_at = element->at;
      return 0;
    case SC_MATROSKA_TAGS:
      self->tags_at = element->at;
      return 0;
    case SC_MATROSKA_CUES_ID:
      self->cues_at = element->at;
      return 0;
    default:
      return 0;
  }
}

static int
take_doc_type (ScMatroska * self, const ScEbml * child)
{
  const uint8_t *bytes;
  ssize_t got;

  if (child->id != SC_EBML_DOC_TYPE || child->size < 4)
    return 0;
  got = sc_file_window_look (&self->window, child->body, 4, &bytes);
  self->webm = got == 4 && memcmp (bytes, "webm", 4) == 0;
  return got < 0 ? (int) got : 0;
}

int
sc_matroska_read_headers (ScMatroska * self)
{
  uint64_t at = 0;
  ScEbml element;
  int ret = sc_matroska_child (self, &at, self->limit, &element);

  if (ret == 1 && element.id == SC_EBML_HEADER)
    ret = take_children (self, &element, 0, take_doc_type);
  if (ret < 0)
    return ret;
  do
    ret = sc_ebml_read (&self->window, at, self->limit, &self->segment);
  while (ret == 1 && self->segment.id == SC_EBML_VOID
      && (ret = sc_matroska_child (self, &at, self->limit, &element)) == 1);
  if (ret < 0)
    return ret;
  if (ret == 0 || self->segment.id != SC_MATROSKA_SEGMENT)
    return -EBADMSG;
  if (sc_ebml_end (&self->segment) < self->limit)
    self->limit = sc_ebml_end (&self->segment);
  self->tick_ns = DEFAULT_TICK;
  self->end = self->void_end = self->segment.body;
  return 0;
}
