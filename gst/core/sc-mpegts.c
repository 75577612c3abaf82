/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mpegts.h"

#include "sc-file-window.h"
#include "sc-mpegts-packet.h"

#include <errno.h>
#include <stdio.h>

#define M2TS_PACKET 192u
#define PROBE_PACKETS 5u        /* that must begin right, if there are so many,
                                 * and at least two */
#define BEGIN_PACKETS 16384u    /* looked at for tables and the first PCR */
#define END_PACKETS 16384u      /* and for the last */
#define POINT_PACKETS 2048u     /* and for one in between */
#define POINTS 60u

typedef struct
{
  const ScContainerFile *file;
  ScFileWindow window;
  unsigned packet;              /* bytes: 188 or 192 */
  uint64_t packets;             /* whole ones in the file */
  ScMpegtsProgram program;
  uint16_t pcr_pid;             /* SC_MPEGTS_NO_PID: none found */
  uint64_t last_pcr;            /* the one that was met before */
  uint64_t ticks;               /* from the first to it */
  bool jumped;                  /* the clock cannot be followed */
} Mpegts;

static bool
has_syncs (const uint8_t * head, size_t size, unsigned packet)
{
  size_t at = packet - SC_MPEGTS_PACKET;

  for (unsigned i = 0; i < PROBE_PACKETS && at < size; i++, at += packet)
    if (head[at] != SC_MPEGTS_SYNC)
      return false;
  return size >= 2 * packet;
}

static bool
probe (const uint8_t * head, size_t size)
{
  return has_syncs (head, size, SC_MPEGTS_PACKET)
      || has_syncs (head, size, M2TS_PACKET);
}

/* 1, 0 for bytes that are no packet, or -errno. */
static int
look (Mpegts * self, uint64_t number, ScMpegtsPacket * packet)
{
  const uint8_t *bytes;
  ssize_t got = sc_file_window_look (&self->window, number * self->packet,
      self->packet, &bytes);

  if (got < (ssize_t) self->packet)
    return got < 0 ? (int) got : 0;
  return sc_mpegts_packet_parse (bytes + self->packet - SC_MPEGTS_PACKET,
      packet);
}

/* The first packet of [@from, @end) that has a PCR of the program: its number
 * in @found.  1, 0 for none, or -errno. */
static int
find_pcr (Mpegts * self, uint64_t from, uint64_t end, uint64_t * found,
    uint64_t * pcr)
{
  ScMpegtsPacket packet;

  for (; from < end && from < self->packets; from++) {
    int ret = look (self, from, &packet);

    if (ret < 0)
      return ret;
    if (ret == 0 || !packet.has_pcr || packet.pid != self->pcr_pid)
      continue;
    *found = from;
    *pcr = packet.pcr;
    return 1;
  }
  return 0;
}

/* The tables, and which PCR to go by: the program's own, else the first. */
static int
parse_begin (Mpegts * self)
{
  uint16_t first_pid = SC_MPEGTS_NO_PID;
  ScMpegtsPacket packet;

  sc_mpegts_program_init (&self->program);
  for (uint64_t i = 0; i < self->packets && i < BEGIN_PACKETS; i++) {
    int ret = look (self, i, &packet);

    if (ret < 0)
      return ret;
    if (ret == 0)
      continue;
    sc_mpegts_program_take (&self->program, &packet);
    if (packet.has_pcr && first_pid == SC_MPEGTS_NO_PID)
      first_pid = packet.pid;
    if (self->program.pcr_pid != SC_MPEGTS_NO_PID
        && first_pid != SC_MPEGTS_NO_PID)
      break;
  }
  self->pcr_pid = self->program.pcr_pid != SC_MPEGTS_NO_PID
      ? self->program.pcr_pid : first_pid;
  return 0;
}

/* Goes on with the clock.  Between two looks at it, 13 hours are a jump. */
static void
follow (Mpegts * self, uint64_t pcr)
{
  uint64_t delta = (pcr % SC_MPEGTS_WRAP + SC_MPEGTS_WRAP
      - self->last_pcr % SC_MPEGTS_WRAP) % SC_MPEGTS_WRAP;

  self->last_pcr = pcr;
  if (delta > SC_MPEGTS_WRAP / 2)
    self->jumped = true;
  else
    self->ticks += delta;
}

static int
find_points (Mpegts * self, ScContainerPlan * plan)
{
  uint64_t at, pcr, next = 0;
  int ret = find_pcr (self, 0, BEGIN_PACKETS, &at, &pcr);

  if (ret < 1)
    return ret;
  self->last_pcr = pcr;
  for (unsigned i = 0; ret >= 0 && i < POINTS; i++) {
    uint64_t from = self->packets / POINTS * i;

    ret = find_pcr (self, from > next ? from : next, from + POINT_PACKETS, &at,
        &pcr);
    if (ret < 1)
      continue;
    next = at + 1;
    follow (self, pcr);
    if (!self->jumped)
      sc_container_point (plan, at * self->packet,
          sc_container_time (self->ticks, SC_MPEGTS_CLOCK));
  }
  at = self->packets > END_PACKETS ? self->packets - END_PACKETS : 0;
  for (at = at > next ? at : next; ret >= 0; at++) {
    ret = find_pcr (self, at, self->packets, &at, &pcr);
    if (ret == 0)
      break;
    follow (self, pcr);
  }
  if (ret >= 0 && !self->jumped)
    plan->duration_ns = sc_container_time (self->ticks, SC_MPEGTS_CLOCK);
  return ret < 0 ? ret : 0;
}

/* Cuts a partial packet, if the one before it stands where it must. */
static int
find_end (Mpegts * self, ScContainerPlan * plan)
{
  ScMpegtsPacket packet;
  int ret = look (self, self->packets - 1, &packet);

  if (ret == 1)
    plan->size = self->packets * self->packet;
  else if (ret == 0)
    plan->note = "no whole packet at the end: it stays as it is";
  plan->media_size = plan->size;
  return ret < 0 ? ret : 0;
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  uint8_t head[PROBE_PACKETS * M2TS_PACKET];
  ssize_t got = sc_file_read_all (file->ops, file->fd, head, sizeof (head), 0);
  Mpegts self = {.file = file };
  int ret;

  if (got < 0)
    return (int) got;
  self.packet = has_syncs (head, (size_t) got, SC_MPEGTS_PACKET)
      ? SC_MPEGTS_PACKET : M2TS_PACKET;
  self.packets = file->size / self.packet;
  if (self.packets == 0)
    return -EBADMSG;
  sc_file_window_init (&self.window, file);
  ret = parse_begin (&self);
  if (ret == 0)
    ret = find_end (&self, plan);
  if (ret == 0)
    ret = find_points (&self, plan);
  if (self.program.stream_count > 0)
    sc_mpegts_program_describe (&self.program, plan->detail,
        sizeof (plan->detail));
  else
    snprintf (plan->detail, sizeof (plan->detail), "packets of %u bytes",
        self.packet);
  return ret;
}

const ScContainer sc_mpegts_container = {
  .name = "MPEG-TS",
  .probe = probe,
  .repair = repair,
};
