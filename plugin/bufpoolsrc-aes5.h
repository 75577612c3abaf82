/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sampling frequencies of AES5-2018, "AES recommended practice for
 * professional digital audio: preferred sampling frequencies for applications
 * employing pulse-code modulation": 48 kHz, 44.1 kHz and 32 kHz, and the
 * multiples by two and four of the first two.
 *
 * Plain C, no state: any thread.
 */
#ifndef BUFPOOLSRC_AES5_H
#define BUFPOOLSRC_AES5_H

#include <stdbool.h>
#include <stddef.h>

/* As text, in Hz. */
#define BUFPOOLSRC_AES5_TEXT \
  "32000, 44100, 48000, 88200, 96000, 176400 or 192000"

#define BUFPOOLSRC_AES5_RATES 7

/* In Hz, rising. */
extern const unsigned bufpoolsrc_aes5_rates[BUFPOOLSRC_AES5_RATES];

/* Whether @rate, in Hz, is one of them. */
bool bufpoolsrc_aes5_has_rate (unsigned rate);

#endif
