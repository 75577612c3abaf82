/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last resort: no target is left, and one of them failed only its sync. */
#include "sc-recorder-private.h"

/* What was written since the last good sync may be lost, though the kernel has
 * it in memory: it takes the pages for written.  The same bytes make them dirty
 * once more; what stands in the journal about them is right.  false: this lane
 * writes no more */
static bool
write_again (ScRecorder * self, ScLane * lane, ScLaneThread who,
    uint64_t position)
{
  struct iovec skipped[2];
  ScByteRun run;
  int ret = 0;

  sc_byte_ring_look (&self->ring, position, &run);
  /* What lies below the base is in the journal alone. */
  if (run.offset < lane->base)
    (void) sc_byte_run_cut (&run, lane->base - run.offset, skipped);
  if (!sc_lane_begin (lane, who))
    return false;
  if (run.size > 0)
    ret = sc_file_write_all (lane->config.ops, lane->target.fd, run.iov,
        run.iov_count, run.offset - lane->base);
  if (!sc_lane_end (lane, who))
    return false;
  sc_byte_ring_written (&self->ring, 1);
  return ret == 0;
}

void
sc_recorder_save (ScLane * lane, ScLaneThread who)
{
  ScRecorder *self = lane->recorder;
  bool going = true;

  lane->last = true;            /* its room is all there is */
  for (uint64_t at = sc_byte_ring_written_position (&self->ring);
      going && at < lane->reached; at++)
    going = write_again (self, lane, who, at);
  while (going)
    going = sc_recorder_write_more (self, lane, who);
}
