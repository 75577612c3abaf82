/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bufpoolsrc's test signals.  Every sample is a function of its number alone, so
 * a signal is the same however it is cut into buffers and whatever was dropped.
 *
 *   silence   zeros
 *   sine      a sine of frequency and volume
 *   ticks     the first ten periods of that sine in each second, else zeros
 *   noise     white noise of that volume, different in each channel
 *   counter   not a sound: the buffer's sequence number as 64 bits, little
 *             endian, repeated over the whole buffer, so that loss can be counted
 *
 * Plain C, no state: any thread.
 */
#ifndef BUFPOOLSRC_PATTERN_H
#define BUFPOOLSRC_PATTERN_H

#include <stddef.h>
#include <stdint.h>

typedef enum
{
  BUFPOOLSRC_PATTERN_SILENCE,
  BUFPOOLSRC_PATTERN_SINE,
  BUFPOOLSRC_PATTERN_TICKS,
  BUFPOOLSRC_PATTERN_NOISE,
  BUFPOOLSRC_PATTERN_COUNTER,
} BufpoolsrcPattern;

typedef enum
{
  BUFPOOLSRC_S16LE,
  BUFPOOLSRC_S24LE,             /* packed, 3 bytes */
  BUFPOOLSRC_S32LE,
  BUFPOOLSRC_F32LE,
} BufpoolsrcFormat;

typedef struct
{
  BufpoolsrcPattern pattern;
  BufpoolsrcFormat format;
  unsigned rate;                /* Hz */
  unsigned channels;
  double frequency;             /* Hz */
  double volume;                /* 0.0 to 1.0 of full scale */
} BufpoolsrcSignal;

/**
 * bufpoolsrc_pattern_write:
 * @first: number of the first sample, from 0
 * @sequence: number of the buffer, from 0
 * @data: room for @samples of all channels, interleaved
 * @samples: per channel
 */
void bufpoolsrc_pattern_write (const BufpoolsrcSignal * self, uint64_t first,
    uint64_t sequence, void *data, size_t samples);

/**
 * bufpoolsrc_pattern_sample_bytes:
 *
 * Returns: bytes of one sample of one channel
 */
size_t bufpoolsrc_pattern_sample_bytes (BufpoolsrcFormat format);

#endif
