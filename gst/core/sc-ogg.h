/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ogg (RFC 3533), with any codecs.
 *
 * The repair of a file cut short cuts the partial page at its end, and pages
 * before it that only begin or continue a packet whose end is lost.  The last
 * page of each logical stream gets the end-of-stream flag, and so a new CRC:
 * libogg's tools and players over libvorbisfile and opusfile take its absence
 * for a damaged file, and chaining another file behind it needs it.  Granule
 * positions are right as they are.  Skeleton is left alone.
 *
 * What is looked at: the first pages, which tell the codecs, and the last
 * mebibyte.  A stream without a page in there gets no flag.  What follows the
 * last whole page and is no begin of one stays: damage, or what somebody put
 * behind a finished file.
 *
 * Memory: 1 MiB while it runs.
 */
#ifndef SC_OGG_H
#define SC_OGG_H

#include "sc-container.h"

extern const ScContainer sc_ogg_container;

#endif
