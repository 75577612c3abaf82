/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text for people: names that cannot harm a terminal, sizes, times.
 *
 * The formatters write into a buffer of the caller's and return it, so that
 * they can stand as arguments of printf().
 */
#ifndef SC_TOOL_TEXT_H
#define SC_TOOL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Enough for any file name with every byte escaped, and for the others. */
#define SC_TEXT_NAME 4096u
#define SC_TEXT_SHORT 80u

/**
 * sc_text_name:
 * @name: any bytes
 *
 * Control characters, bytes that are no UTF-8 and characters that turn the
 * direction of writing come out as \xNN; what does not fit ends in "...".
 */
const char *sc_text_name (const char *name, char out[SC_TEXT_NAME]);

/* "12058580 bytes (11.5 MiB)" */
const char *sc_text_bytes (uint64_t bytes, char out[SC_TEXT_SHORT]);

/* "0:00:10.467", or "unknown" for UINT64_MAX */
const char *sc_text_duration (uint64_t ns, char out[SC_TEXT_SHORT]);

/* "2025-11-20 10:38:01 UTC" */
const char *sc_text_date (int64_t ns, char out[SC_TEXT_SHORT]);

const char *sc_text_uuid (const uint8_t uuid[16], char out[SC_TEXT_SHORT]);

/**
 * sc_text_complain:
 * @name: (nullable): file that it is about, put before the text
 *
 * Prints "safecapture: NAME: TEXT" on standard error.
 */
void sc_text_complain (const char *name, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

#endif
