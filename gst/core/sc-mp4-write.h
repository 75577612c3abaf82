/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes the movie box that sc-mp4-build.h has measured.
 */
#ifndef SC_MP4_WRITE_H
#define SC_MP4_WRITE_H

#include "sc-mp4-build.h"

/* Of an edit list with one edit. */
#define SC_MP4_EDTS_SIZE 44u

/* The tail's writer (ScContainerPlan.write_tail); the plan's state is the
 * ScMp4Build. */
int sc_mp4_build_write (const ScContainerFile * file,
    const ScContainerPlan * plan, ScContainerWrite write, void *user);

#endif
