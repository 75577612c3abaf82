/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MP4 and QuickTime, in the ways that mp4mux and qtmux of GStreamer write them.
 *
 * - moov at the end: a file that was cut short has none.  With the muxer's
 *   moov-recovery-file (sc-mp4-records.h) it is made anew and appended.  Cut
 *   between the moov and the size of the mdat, that size is set.
 * - moov in front (faststart, reserved-prefill), or any that lists samples
 *   whose bytes are missing: a moov without them is made and appended, the old
 *   one is renamed to "hoov", which readers pass over.
 * - Robust recording (reserved-moov-update-period): of the two movie boxes the
 *   one with the most samples that are there is used.
 * - Fragmented: cut behind the last fragment whose samples are all there; the
 *   duration in its mehd is set.
 * - Fragmented with fragment-mode=first-moov-then-finalise: completed in the
 *   way of the muxer, by one moov for all samples, that of the first fragment
 *   and those of the movie fragments.
 */
#ifndef SC_MP4_H
#define SC_MP4_H

#include "sc-container.h"

extern const ScContainer sc_mp4_container;

#endif
