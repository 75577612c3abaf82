/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file that a muxer wrote beside a recording for the case of its recovery:
 * the moov-recovery-file of mp4mux and qtmux.
 *
 * The rule by which it is found: NAME.mrf in the folder of NAME (or NAME.part).
 * Thus mp4mux moov-recovery-file=take.mp4.mrf goes with take.mp4.
 */
#ifndef SC_CONTAINER_COMPANION_H
#define SC_CONTAINER_COMPANION_H

#include "sc-container.h"

/**
 * sc_container_companion_open:
 * @self: (out): its fd is -1 after an error
 *
 * Returns: 0; -EINVAL for one that is no regular file; or -errno of open
 */
int sc_container_companion_open (ScContainerFile * self,
    const ScFileOps * ops, const char *path);

/**
 * sc_container_companion_find:
 * @recording_path: NAME.part or NAME
 *
 * As sc_container_companion_open(), for the file that the rule names.  It is
 * not followed if it is a symbolic link.
 */
int sc_container_companion_find (ScContainerFile * self,
    const ScFileOps * ops, const char *recording_path);

/* Nothing, where it is not open. */
void sc_container_companion_close (ScContainerFile * self);

#endif
