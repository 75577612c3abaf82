/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WAV: RIFF/WAVE (IBM and Microsoft, 1991), WAVE_FORMAT_EXTENSIBLE, RF64 and
 * BW64 (EBU Tech 3306, ITU-R BS.2088).
 *
 * The repair of a file cut short sets the sizes of the RIFF and data chunks (in
 * ds64 for RF64), the sample count of a fact chunk, cuts a last partial frame,
 * and pads an odd data chunk.  Above 4 GiB a RIFF file that kept room for it
 * (a JUNK chunk of 28 bytes or more right behind "WAVE") becomes RF64; one that
 * did not gets the sizes of a file that was never closed (RIFF 8, data 0), which
 * readers take for "up to the end".  (0xFFFFFFFF says the same, but GStreamer's
 * wavparse of 1.22 reads 2 GiB then.)
 */
#ifndef SC_WAV_H
#define SC_WAV_H

#include "sc-container.h"

extern const ScContainer sc_wav_container;

#endif
