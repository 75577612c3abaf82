/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AIFF (Apple, 1989, version 1.3) and AIFF-C (Apple, 1991 draft), the latter in
 * its formats of a fixed size for each frame: NONE, twos, sowt, raw, in24,
 * 42ni, in32, 23ni, fl32, fl64, ulaw, alaw.
 *
 * The repair of a file cut short sets the sizes of the FORM and SSND chunks and
 * the frame count of COMM, cuts a last partial frame, and pads odd data.
 * GStreamer's aiffmux leaves 0x7FFF0000 bytes in all three when it is
 * interrupted.  The sizes have 32 bits: of a longer file (aiffmux writes none)
 * they tell as much as they can, and the rest of the file stays.
 */
#ifndef SC_AIFF_H
#define SC_AIFF_H

#include "sc-container.h"

extern const ScContainer sc_aiff_container;

#endif
