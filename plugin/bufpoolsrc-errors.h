/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bufpoolsrc's errors: each says what is wrong and what to do about it. */
#ifndef BUFPOOLSRC_ERRORS_H
#define BUFPOOLSRC_ERRORS_H

#include "bufpoolsrc-settings.h"

G_BEGIN_DECLS

void bufpoolsrc_error_open (GstElement * element,
    const BufpoolsrcSettings * settings, int error);
void bufpoolsrc_error_read (GstElement * element,
    const BufpoolsrcSettings * settings, int error, guint64 bytes);
void bufpoolsrc_error_seek (GstElement * element,
    const BufpoolsrcSettings * settings);
void bufpoolsrc_error_inexact_caps (GstElement * element,
    const BufpoolsrcSettings * settings);
void bufpoolsrc_error_audio_caps (GstElement * element, GstCaps * caps);
void bufpoolsrc_error_rate (GstElement * element, guint rate);
void bufpoolsrc_error_exhausted (GstElement * element, gsize size);
void bufpoolsrc_error_queue_full (GstElement * element);
void bufpoolsrc_error_too_large (GstElement * element, gsize size,
    gsize max_size, const gchar * property, gsize max_value);

G_END_DECLS

#endif
