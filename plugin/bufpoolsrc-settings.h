/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bufpoolsrc's properties that are plain values: read at start, for the run.
 * The caller locks. */
#ifndef BUFPOOLSRC_SETTINGS_H
#define BUFPOOLSRC_SETTINGS_H

#include <gst/safecapture/safecapture.h>

#include "bufpoolsrc-pattern.h"

G_BEGIN_DECLS

typedef enum
{
  BUFPOOLSRC_MODE_PATTERN,
  BUFPOOLSRC_MODE_FILE,
  BUFPOOLSRC_MODE_APP,
} BufpoolsrcMode;

typedef struct
{
  BufpoolsrcMode mode;
  BufpoolsrcPattern pattern;
  guint samples_per_buffer;
  gdouble frequency;            /* Hz */
  gdouble volume;               /* 0.0 to 1.0 */
  gchar *location;
  gint fd;
  GstCaps *caps;
  GstFormat format;             /* of mode=app's segments; undefined: by caps */
  gboolean require_aes5;
  GstTieredOnExhausted on_exhausted;
  GstClockTime acquire_timeout; /* ns */
} BufpoolsrcSettings;

/* The first property id that is not one of the settings'; they begin at 1. */
#define BUFPOOLSRC_N_SETTINGS 13

void bufpoolsrc_settings_init (BufpoolsrcSettings * self);
void bufpoolsrc_settings_copy (BufpoolsrcSettings * to,
    const BufpoolsrcSettings * from);
void bufpoolsrc_settings_clear (BufpoolsrcSettings * self);

/* Of segments, once the caps are settled: time for test signals and raw audio;
 * with mode=app as `format` says, or time for raw video too; else bytes. */
GstFormat bufpoolsrc_settings_segment_format (const BufpoolsrcSettings *
    self);

void bufpoolsrc_settings_install (GObjectClass * klass, GParamFlags flags);
void bufpoolsrc_settings_set (BufpoolsrcSettings * self, guint id,
    const GValue * value);
void bufpoolsrc_settings_get (const BufpoolsrcSettings * self, guint id,
    GValue * value);

G_END_DECLS

#endif
