/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names of one recording: NAME is the published file, NAME.part the file
 * while it is recorded, NAME.sfj its journal, NAME.mrf what the muxer may have
 * written for its recovery (sc-container-companion.h).  All in one folder.
 *
 * Pure functions, any thread.
 */
#ifndef SC_RECORDING_NAME_H
#define SC_RECORDING_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define SC_PART_SUFFIX ".part"
#define SC_JOURNAL_SUFFIX ".sfj"
#define SC_COMPANION_SUFFIX ".mrf"

/**
 * sc_recording_is_part:
 *
 * Returns: whether @path ends in ".part" and something comes before it in the
 * last component
 */
bool sc_recording_is_part (const char *path);

/**
 * sc_recording_part_path:
 * @final_path: path of the published file
 * @out: (out) (array length=size)
 *
 * Returns: 0, -EINVAL (no file name), or -ENAMETOOLONG where it does not fit
 */
int sc_recording_part_path (const char *final_path, char *out, size_t size);

/**
 * sc_recording_journal_path:
 * @path: path of the published file or of its ".part"
 *
 * Returns: as sc_recording_part_path()
 */
int sc_recording_journal_path (const char *path, char *out, size_t size);

/**
 * sc_recording_companion_path:
 * @path: path of the published file or of its ".part"
 *
 * Returns: as sc_recording_part_path()
 */
int sc_recording_companion_path (const char *path, char *out, size_t size);

/**
 * sc_recording_final_path:
 * @part_path: path that ends in ".part"
 *
 * Returns: 0, -EINVAL where it does not, or -ENAMETOOLONG
 */
int sc_recording_final_path (const char *part_path, char *out, size_t size);

/**
 * sc_recording_base_name:
 *
 * Returns: (transfer none): what follows the last slash of @path
 */
const char *sc_recording_base_name (const char *path);

#endif
