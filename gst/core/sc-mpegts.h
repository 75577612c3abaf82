/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MPEG transport streams (ISO/IEC 13818-1): packets of 188 bytes, or of 192
 * with a time stamp in front (m2ts).
 *
 * The repair of a file cut short cuts the partial packet at its end; the format
 * is made for the rest.  Where packets stand unevenly at the end, bytes inside
 * are lost, and nothing is cut.  The running time is that of the clock
 * references (PCR) of one program, followed past their wrap at 26.5 hours; a
 * clock that jumps leaves it unknown.
 *
 * Memory: 32 KiB on the stack.
 */
#ifndef SC_MPEGTS_H
#define SC_MPEGTS_H

#include "sc-container.h"

extern const ScContainer sc_mpegts_container;

#endif
