/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a container is complete to the letter, by a reader that shares no
 * code with the repairs: demuxers forgive much that others do not.
 */
#ifndef CONTAINER_CHECK_H
#define CONTAINER_CHECK_H

#include <stddef.h>
#include <stdint.h>

/**
 * container_fault_matroska:
 *
 * Elements and blocks must fill the file to its last byte.  Where there is a
 * SeekHead, the Segment must have its size, the Info a Duration, and each entry
 * of the SeekHead must point at what it names.
 *
 * Returns: (nullable) (transfer none): what is wrong; NULL for nothing
 */
const char *container_fault_matroska (const uint8_t * data, size_t size);

/**
 * container_fault_mp4:
 *
 * Boxes must fill the file to its last byte, each with its size; there is one
 * moov, with all tables whole, and each of its chunks begins in the file.
 */
const char *container_fault_mp4 (const uint8_t * data, size_t size);

#endif
