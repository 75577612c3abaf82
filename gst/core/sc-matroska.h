/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Matroska (RFC 9559) and WebM.
 *
 * The repair of a file cut short keeps every whole cluster, and of a last one
 * that is torn every whole SimpleBlock and BlockGroup.  Where the muxer meant
 * to come back and complete the file (it left a SeekHead), the sizes of the
 * Segment and of the last Cluster, the Duration, and the entries of the
 * SeekHead are set, and Cues are appended where the SeekHead has an entry for
 * them: one for each cluster that begins with a key frame of the first video
 * track (without one: of the first track), thinned out evenly to at most
 * 65,536.  A file made for streaming stays one: sizes unknown, no index; it is
 * only cut.
 *
 * What is damaged in the middle is passed over: the walk goes on at the next
 * Cluster that begins with a Timestamp.
 */
#ifndef SC_MATROSKA_H
#define SC_MATROSKA_H

#include "sc-container.h"

extern const ScContainer sc_matroska_container;

#endif
