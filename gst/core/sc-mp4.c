/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4.h"

#include "sc-mp4-file.h"
#include "sc-mp4-records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TYPE SC_MP4_TYPE
#define CHECKED_SAMPLES 64u     /* of a track: are they where the records say */

static bool
probe (const uint8_t * head, size_t size)
{
  if (size < 8)
    return false;
  /* QuickTime files without an ftyp exist; mp4mux begins with one always. */
  return memcmp (head + 4, "ftyp", 4) == 0;
}

static uint64_t
listed_samples (const ScMp4Moov * moov)
{
  uint64_t samples = 0;

  for (unsigned i = 0; i < moov->track_count; i++)
    samples += moov->tracks[i].stsz.count;
  return samples;
}

static uint64_t
in_ns (uint64_t ticks, uint32_t scale)
{
  return ticks / scale > UINT64_MAX / 4 / 1000000000 ? UINT64_MAX / 4
      : ticks / scale * 1000000000 + ticks % scale * 1000000000 / scale;
}

/* The track that tells what time a place in the file is: the first of pictures,
 * or the first one. */
static const ScMp4Track *
leading_track (const ScMp4Moov * moov)
{
  for (unsigned i = 0; i < moov->track_count; i++)
    if (moov->tracks[i].handler == TYPE ('v', 'i', 'd', 'e'))
      return &moov->tracks[i];
  return &moov->tracks[0];
}

/* 0, or -errno */
static int
tell_points (ScMp4Build * build, ScContainerPlan * plan)
{
  const ScMp4Track *track = leading_track (&build->moov);
  uint64_t ticks = 0;
  ScMp4Run run;
  int ret;

  sc_mp4_source_begin (&build->source, track);
  while ((ret = sc_mp4_source_next (&build->source, &run)) == 1) {
    if (run.begins_chunk)
      sc_container_point (plan, run.offset, in_ns (ticks, track->timescale));
    ticks += (uint64_t) run.count * run.delta;
  }
  return ret;
}

static int
tell (ScMp4Build * build, const ScMp4File * mp4, ScContainerPlan * plan)
{
  sc_mp4_moov_describe (&build->moov, plan->detail, sizeof (plan->detail));
  plan->media_offset = mp4->mdat.body;
  plan->media_size = build->media_end > mp4->mdat.body
      ? build->media_end - mp4->mdat.body : 0;
  plan->duration_ns = in_ns (build->duration, build->moov.timescale);
  return tell_points (build, plan);
}

/* Renames every movie box that readers would find before the new one.
 * @visible: also the one that it replaces */
static int
hide_moovs (ScMp4File * mp4, const ScMp4Build * build, bool visible,
    ScContainerPlan * plan)
{
  uint64_t replaced = build->moov.moov.at;
  uint8_t type[4];
  int ret = 0;

  sc_mp4_put32 (type, SC_MP4_HOOV);
  if (visible)
    ret = sc_container_edit (mp4->file, plan, replaced + 4, type, 4);
  for (unsigned i = 0; ret == 0 && i < mp4->moov_count; i++)
    if (mp4->moov_at[i] < plan->size - plan->tail_size
        && (!visible || mp4->moov_at[i] != replaced))
      ret = sc_container_edit (mp4->file, plan, mp4->moov_at[i] + 4, type, 4);
  return ret;
}

/* Appends the movie box that was measured.  @visible: readers would find the
 * one that it replaces. */
static int
append (ScMp4File * mp4, ScMp4Build * build, bool visible,
    ScContainerPlan * plan)
{
  int ret;

  if (mp4->mdat.type == 0)
    return -EBADMSG;
  ret = sc_mp4_file_edit_mdat (mp4, plan, sc_mp4_build_plan (build, plan));
  if (ret == -EFBIG) {
    plan->note = "its media data are longer than 4 GiB, and their header has "
        "no room for the size";
    return -EBADMSG;
  }
  if (ret == 0)
    ret = hide_moovs (mp4, build, visible, plan);
  sc_mp4_file_cover (mp4, plan);
  return ret;
}

/* The samples that a movie box and the fragments behind it list, and that are
 * there.  1 with *@build (transfer full), 0 where there is none, or -errno.
 * What follows the media is none of theirs: the movie box of an earlier repair,
 * say. */
static int
measure (ScMp4File * mp4, const ScMp4Moov * moov, ScMp4Build ** build)
{
  int ret;

  *build = sc_mp4_build_new (mp4->file, moov, false);
  if (*build == NULL)
    return -ENOMEM;
  (*build)->source.limit = mp4->media_end;
  if (moov->mvex.type != 0) {
    (*build)->source.limit = mp4->file->size;
    (*build)->source.fragments_at = moov->moov.end;
    (*build)->source.fragments_end = mp4->file->size;
  }
  ret = sc_mp4_build_measure (*build);
  if (ret != 1) {
    free (*build);
    *build = NULL;
  }
  return ret;
}

/* Whether the first samples of a track with NAL units of H.264 or H.265 begin
 * and end as the lengths in them say.  1, 0 where they do not, or -errno */
static int
check_units (ScMp4File * mp4, ScMp4Source * source, const ScMp4Track * track)
{
  ScMp4Run run;
  int ret;

  if (track->format != TYPE ('a', 'v', 'c', '1')
      && track->format != TYPE ('h', 'v', 'c', '1'))
    return 1;
  sc_mp4_source_begin (source, track);
  for (unsigned i = 0; i < CHECKED_SAMPLES; i++) {
    uint64_t at, end;

    ret = sc_mp4_source_next (source, &run);
    if (ret < 1)
      return ret < 0 ? ret : 1;
    for (at = run.offset, end = at + run.size; at < end;) {
      uint8_t length[4];

      ret = end - at < 4 ? 0 : sc_mp4_read (&mp4->window, at, length, 4);
      if (ret < 1)
        return ret;
      at += 4 + (uint64_t) sc_mp4_get32 (length);
      if (at > end)
        return 0;
    }
  }
  return 1;
}

/* Whether the file begins as the muxer noted. */
static int
same_prefix (ScMp4File * mp4, ScMp4Source * source, uint64_t size)
{
  uint8_t here[64], there[64];
  int ret = 1;

  for (uint64_t at = 0; ret == 1 && at < size; at += sizeof (here)) {
    size_t part = size - at < sizeof (here) ? (size_t) (size - at)
        : sizeof (here);

    ret = sc_mp4_read (&mp4->window, at, here, part);
    if (ret == 1)
      ret = sc_mp4_read (&source->windows[SC_MP4_WINDOW_OTHER], at + 2, there,
          part);
    if (ret == 1)
      ret = memcmp (here, there, part) == 0;
  }
  return ret;
}

/* 1 where the records are of this file and list samples, 0, or -errno */
static int
measure_records (ScMp4File * mp4, ScMp4Build * build,
    const ScMp4RecordsHeader * header)
{
  ScMp4Source *source = &build->source;
  int ret;

  source->records_at = header->records_at;
  source->media_at = mp4->mdat.body;
  source->limit = mp4->media_end;
  ret = same_prefix (mp4, source, header->prefix_size);
  if (ret == 1) {
    ret = sc_mp4_records_measure (source);
    ret = ret == 0 ? 1 : ret;
  }
  for (unsigned i = 0; ret == 1 && i < build->moov.track_count; i++)
    ret = check_units (mp4, source, &build->moov.tracks[i]);
  return ret == 1 ? sc_mp4_build_measure (build) : ret;
}

static int
plan_records (ScMp4File * mp4, ScMp4Moov * moov, ScContainerPlan * plan)
{
  ScMp4RecordsHeader header;
  ScMp4Build *build;
  int ret = sc_mp4_records_parse (mp4->file->companion, &header, moov);

  plan->note = "its moov-recovery-file is empty, or is none";
  if (ret < 1)
    return ret < 0 ? ret : -EBADMSG;
  build = sc_mp4_build_new (mp4->file, moov, true);
  if (build == NULL)
    return -ENOMEM;
  ret = measure_records (mp4, build, &header);
  plan->note = "its moov-recovery-file is that of another recording, or tells "
      "of no sample that is there";
  if (ret < 1) {
    free (build);
    return ret < 0 ? ret : -EBADMSG;
  }
  plan->note = NULL;
  ret = tell (build, mp4, plan);
  if (ret == 0)
    ret = append (mp4, build, false, plan);
  if (plan->state == NULL)
    free (build);
  return ret;
}

/* Makes the movie box anew, of those samples that are there. */
static int
plan_rebuild (ScMp4File * mp4, const ScMp4Moov * moov, bool visible,
    ScContainerPlan * plan)
{
  ScMp4Build *build;
  int ret = measure (mp4, moov, &build);

  if (ret < 1) {
    plan->note = "not one sample that its moov lists is there";
    return ret < 0 ? ret : -EBADMSG;
  }
  ret = tell (build, mp4, plan);
  if (ret == 0)
    ret = append (mp4, build, visible, plan);
  if (plan->state == NULL)
    free (build);
  return ret;
}

/* Brings the other one of the muxer's two movie boxes to light: by the size of
 * the free box in front of both.  What follows it becomes free, up to where the
 * next box begins. */
static int
switch_moov (ScMp4File * mp4, const ScMp4Hidden * hidden,
    ScContainerPlan * plan)
{
  bool is_first = hidden->around.at < mp4->moov.at;
  const ScMp4Box *first = is_first ? &hidden->around : &mp4->before;
  uint64_t end = is_first ? mp4->moov.end : hidden->around.end;
  uint8_t header[8];
  int ret = 0;

  if (first->type != TYPE ('f', 'r', 'e', 'e') || first->body != first->at + 8
      || end - hidden->moov.end > UINT32_MAX
      || (end != hidden->moov.end && end - hidden->moov.end < 8))
    return -EBADMSG;
  sc_mp4_put32 (header + 4, TYPE ('f', 'r', 'e', 'e'));
  sc_mp4_put32 (header, (uint32_t) (end - hidden->moov.end));
  if (end != hidden->moov.end)
    ret = sc_container_edit (mp4->file, plan, hidden->moov.end, header, 8);
  sc_mp4_put32 (header, (uint32_t) (hidden->moov.at - first->at));
  return ret == 0 ? sc_container_edit (mp4->file, plan, first->at, header, 8)
      : ret;
}

/* Looks whether a movie box that is hidden lists more that is there: then
 * *@moov becomes that.  1, 0, or -errno */
static int
choose_hidden (ScMp4File * mp4, ScMp4Moov * moov, uint64_t samples,
    ScContainerPlan * plan)
{
  ScMp4Moov *other = malloc (sizeof (*other));
  int ret = other != NULL ? 0 : -ENOMEM;

  for (unsigned i = 0; ret >= 0 && i < mp4->hidden_count; i++) {
    ScMp4Build *build = NULL;

    ret = sc_mp4_moov_parse (&mp4->window, &mp4->hidden[i].moov, other);
    if (ret == 1)
      ret = measure (mp4, other, &build);
    /* Half written, it may seem whole: its own counts must agree. */
    if (ret == 1 && build->samples > samples
        && build->samples == listed_samples (other)) {
      ret = switch_moov (mp4, &mp4->hidden[i], plan);
      if (ret == 0) {
        *moov = *other;
        samples = build->samples;
      }
    }
    free (build);
    if (ret == -EBADMSG)
      ret = 0;
  }
  free (other);
  return ret < 0 ? ret : 0;
}

/* A movie box that lists samples, and no fragments. */
static int
plan_plain (ScMp4File * mp4, ScMp4Moov * moov, ScContainerPlan * plan)
{
  uint64_t size = mp4->file->size, samples;
  ScMp4Build *build = NULL;
  int ret = measure (mp4, moov, &build);

  samples = build != NULL ? build->samples : 0;
  free (build);
  if (ret >= 0)
    ret = choose_hidden (mp4, moov, samples, plan);
  if (ret == 0)
    ret = measure (mp4, moov, &build);
  if (ret < 0)
    return ret;
  if (ret == 1 && build->samples == listed_samples (moov)) {
    ret = tell (build, mp4, plan);
    free (build);
    if (ret < 0)
      return ret;
    return mp4->mdat_last && (mp4->mdat.open || mp4->mdat.end > size)
        ? sc_mp4_file_edit_mdat (mp4, plan, size) : 0;
  }
  if (ret == 1)
    free (build);
  if (ret == 0 && listed_samples (moov) == 0 && mp4->file->companion != NULL)
    return plan_records (mp4, moov, plan);
  return plan_rebuild (mp4, moov, true, plan);
}

/* No movie box where readers look for it. */
static int
plan_lost (ScMp4File * mp4, ScMp4Moov * moov, ScContainerPlan * plan)
{
  uint64_t size = mp4->file->size;
  bool ended = mp4->mdat.type != 0 && !mp4->mdat.open;
  ScMp4Box box = mp4->hoov;
  int ret = box.type != 0;

  if (ret == 0 && ended)
    ret = sc_mp4_file_find_covered (mp4, &box);
  if (ret == 1)
    ret = sc_mp4_moov_parse (&mp4->window, &box, moov);
  if (ret == 1)
    return plan_rebuild (mp4, moov, false, plan);
  if (ret == 0 && mp4->mdat.open)
    ret = sc_mp4_file_find_last (mp4, &box);
  if (ret == 1)
    ret = sc_mp4_moov_parse (&mp4->window, &box, moov);
  if (ret == 1 && box.at < size) {
    sc_mp4_moov_describe (moov, plan->detail, sizeof (plan->detail));
    return sc_mp4_file_edit_mdat (mp4, plan, box.at);
  }
  if (ret < 0)
    return ret;
  if (mp4->mdat.type != 0 && mp4->file->companion != NULL)
    return plan_records (mp4, moov, plan);
  plan->note = mp4->mdat.type == 0 ? "it ends before its media data"
      : "its index (moov) was never written: with mp4mux, next time set "
      "moov-recovery-file=NAME.mrf, or fragment-duration, or "
      "reserved-moov-update-period with reserved-max-duration";
  return -EBADMSG;
}

static int
repair_with (ScMp4File * mp4, ScMp4Moov * moov, ScContainerPlan * plan)
{
  int ret = 0;

  if (mp4->moov.type != 0)
    ret = sc_mp4_moov_parse (&mp4->window, &mp4->moov, moov);
  if (ret < 0)
    return ret;
  if (ret == 0)
    return plan_lost (mp4, moov, plan);
  sc_mp4_moov_describe (moov, plan->detail, sizeof (plan->detail));
  if (moov->mvex.type == 0)
    return plan_plain (mp4, moov, plan);
  if (listed_samples (moov) == 0)
    return sc_mp4_plan_fragments (mp4, moov, plan);
  return plan_rebuild (mp4, moov, true, plan);
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  ScMp4File *mp4 = malloc (sizeof (*mp4));
  ScMp4Moov *moov = malloc (sizeof (*moov));
  int ret = -ENOMEM;

  if (mp4 != NULL && moov != NULL)
    ret = sc_mp4_file_walk (mp4, file);
  if (ret == 0) {
    plan->name = mp4->quicktime ? "QuickTime" : "MP4";
    ret = repair_with (mp4, moov, plan);
  }
  free (moov);
  free (mp4);
  return ret;
}

const ScContainer sc_mp4_container = {
  .name = "MP4",
  .probe = probe,
  .repair = repair,
};
