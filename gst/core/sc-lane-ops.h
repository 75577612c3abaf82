/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file operations of a lane's target: those of the real table, timed, and
 * refused with -ECANCELED once the lane is retired (closing never is). */
#ifndef SC_LANE_OPS_H
#define SC_LANE_OPS_H

#include "sc-file-ops.h"

extern const ScFileOps sc_lane_ops;

#endif
