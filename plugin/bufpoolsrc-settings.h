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
  GstTieredOnExhausted on_exhausted;
  GstClockTime acquire_timeout; /* ns */
} BufpoolsrcSettings;

/* The first property id that is not one of the settings'; they begin at 1. */
#define BUFPOOLSRC_N_SETTINGS 11

void bufpoolsrc_settings_init (BufpoolsrcSettings * self);
void bufpoolsrc_settings_copy (BufpoolsrcSettings * to,
    const BufpoolsrcSettings * from);
void bufpoolsrc_settings_clear (BufpoolsrcSettings * self);

void bufpoolsrc_settings_install (GObjectClass * klass, GParamFlags flags);
void bufpoolsrc_settings_set (BufpoolsrcSettings * self, guint id,
    const GValue * value);
void bufpoolsrc_settings_get (const BufpoolsrcSettings * self, guint id,
    GValue * value);

G_END_DECLS

#endif
