/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * FLAC in its own container (RFC 9639).
 *
 * The repair of a file cut short cuts the partial frame at its end, the last
 * whole one being found by its CRC-16, and sets the sample count of STREAMINFO
 * from that frame's number.  An MD5 of other samples is set to zeros, which
 * means unknown, as the smallest and largest frame size stay where the encoder
 * had not come to write them.  A file that has the right count is left alone.
 *
 * A wrong end is taken for a frame's with a probability of 1 in 65,536.  Where
 * there is no whole frame near the end, nothing is cut and the count stays.
 *
 * GStreamer's flacenc writes count and MD5 at EOS; until then they are zeros.
 * Its seek table then has points of 0 samples, which readers skip.
 *
 * Memory: up to 4.5 MiB while it runs (two of the largest frames possible).
 */
#ifndef SC_FLAC_H
#define SC_FLAC_H

#include "sc-container.h"

extern const ScContainer sc_flac_container;

#endif
