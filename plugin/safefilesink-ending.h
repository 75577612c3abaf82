/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end that safefilesink itself asks for, when the room for the recording is
 * used up: EOS is sent to the sources that its stream comes from, so that the
 * muxer between completes the file.  (EOS as a flow result would not do:
 * GstAggregator, which most muxers are, then ends without completing anything.)
 */
#ifndef SAFEFILESINK_ENDING_H
#define SAFEFILESINK_ENDING_H

#include "safefilesink-recording.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * safefilesink_ending_has_source:
 *
 * Looks upstream, through bins.  Any thread.
 *
 * Returns: whether there is a source element to send EOS to
 */
gboolean safefilesink_ending_has_source (GstElement * sink);

/**
 * safefilesink_ending_ask:
 *
 * Sends EOS to each source, from a thread of its own, as soon as all around the sink
 * plays; not at all if @recording is stopped or begun anew before.  Any thread.
 */
void safefilesink_ending_ask (GstElement * sink,
    SafefilesinkRecording * recording);

G_END_DECLS

#endif
