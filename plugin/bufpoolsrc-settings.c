/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-settings.h"

#include "bufpoolsrc-aes5.h"
#include "bufpoolsrc-caps.h"

#define DEFAULT_SAMPLES_PER_BUFFER 128
#define DEFAULT_FREQUENCY 440.0
#define DEFAULT_VOLUME 0.8

enum
{
  PROP_MODE = 1,
  PROP_PATTERN,
  PROP_SAMPLES_PER_BUFFER,
  PROP_FREQUENCY,
  PROP_VOLUME,
  PROP_LOCATION,
  PROP_FD,
  PROP_CAPS,
  PROP_FORMAT,
  PROP_REQUIRE_AES5,
  PROP_ON_EXHAUSTED,
  PROP_ACQUIRE_TIMEOUT,
  N_SETTINGS,
};

G_STATIC_ASSERT (N_SETTINGS == BUFPOOLSRC_N_SETTINGS);

#define GST_TYPE_BUFPOOL_SRC_MODE (gst_bufpool_src_mode_get_type ())
static GType
gst_bufpool_src_mode_get_type (void)
{
  static const GEnumValue values[] = {
    {BUFPOOLSRC_MODE_PATTERN, "A test signal, see pattern", "pattern"},
    {BUFPOOLSRC_MODE_FILE, "Raw bytes of location or fd, described by caps",
        "file"},
    {BUFPOOLSRC_MODE_APP, "Buffers that the application acquires, fills and "
          "pushes by the action signals", "app"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstBufpoolSrcMode", values));
  return type;
}

#define GST_TYPE_BUFPOOL_SRC_PATTERN (gst_bufpool_src_pattern_get_type ())
static GType
gst_bufpool_src_pattern_get_type (void)
{
  static const GEnumValue values[] = {
    {BUFPOOLSRC_PATTERN_SILENCE, "Zeros", "silence"},
    {BUFPOOLSRC_PATTERN_SINE, "A sine of freq and volume", "sine"},
    {BUFPOOLSRC_PATTERN_TICKS, "Ten periods of it each second", "ticks"},
    {BUFPOOLSRC_PATTERN_NOISE, "White noise of that volume", "noise"},
    {BUFPOOLSRC_PATTERN_COUNTER, "The buffer's sequence number, 64 bits little "
          "endian, all over the buffer", "counter"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstBufpoolSrcPattern", values));
  return type;
}

void
bufpoolsrc_settings_init (BufpoolsrcSettings * self)
{
  *self = (BufpoolsrcSettings) {
    .samples_per_buffer = DEFAULT_SAMPLES_PER_BUFFER,
    .frequency = DEFAULT_FREQUENCY,
    .volume = DEFAULT_VOLUME,
    .fd = -1,
    .acquire_timeout = GST_CLOCK_TIME_NONE,
  };
}

void
bufpoolsrc_settings_copy (BufpoolsrcSettings * to,
    const BufpoolsrcSettings * from)
{
  bufpoolsrc_settings_clear (to);
  *to = *from;
  to->location = g_strdup (from->location);
  to->caps = from->caps != NULL ? gst_caps_ref (from->caps) : NULL;
}

void
bufpoolsrc_settings_clear (BufpoolsrcSettings * self)
{
  g_clear_pointer (&self->location, g_free);
  gst_clear_caps (&self->caps);
}

void
bufpoolsrc_settings_set (BufpoolsrcSettings * self, guint id,
    const GValue * value)
{
  switch (id) {
    case PROP_MODE:
      self->mode = g_value_get_enum (value);
      break;
    case PROP_PATTERN:
      self->pattern = g_value_get_enum (value);
      break;
    case PROP_SAMPLES_PER_BUFFER:
      self->samples_per_buffer = g_value_get_uint (value);
      break;
    case PROP_FREQUENCY:
      self->frequency = g_value_get_double (value);
      break;
    case PROP_VOLUME:
      self->volume = g_value_get_double (value);
      break;
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      break;
    case PROP_FD:
      self->fd = g_value_get_int (value);
      break;
    case PROP_CAPS:
      gst_caps_replace (&self->caps, (GstCaps *) gst_value_get_caps (value));
      break;
    case PROP_FORMAT:
      self->format = g_value_get_enum (value);
      break;
    case PROP_REQUIRE_AES5:
      self->require_aes5 = g_value_get_boolean (value);
      break;
    case PROP_ON_EXHAUSTED:
      self->on_exhausted = g_value_get_enum (value);
      break;
    case PROP_ACQUIRE_TIMEOUT:
      self->acquire_timeout = g_value_get_uint64 (value);
      break;
    default:
      g_assert_not_reached ();
  }
}

void
bufpoolsrc_settings_get (const BufpoolsrcSettings * self, guint id,
    GValue * value)
{
  switch (id) {
    case PROP_MODE:
      g_value_set_enum (value, (gint) self->mode);
      break;
    case PROP_PATTERN:
      g_value_set_enum (value, (gint) self->pattern);
      break;
    case PROP_SAMPLES_PER_BUFFER:
      g_value_set_uint (value, self->samples_per_buffer);
      break;
    case PROP_FREQUENCY:
      g_value_set_double (value, self->frequency);
      break;
    case PROP_VOLUME:
      g_value_set_double (value, self->volume);
      break;
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_FD:
      g_value_set_int (value, self->fd);
      break;
    case PROP_CAPS:
      gst_value_set_caps (value, self->caps);
      break;
    case PROP_FORMAT:
      g_value_set_enum (value, (gint) self->format);
      break;
    case PROP_REQUIRE_AES5:
      g_value_set_boolean (value, self->require_aes5);
      break;
    case PROP_ON_EXHAUSTED:
      g_value_set_enum (value, (gint) self->on_exhausted);
      break;
    case PROP_ACQUIRE_TIMEOUT:
      g_value_set_uint64 (value, self->acquire_timeout);
      break;
    default:
      g_assert_not_reached ();
  }
}

GstFormat
bufpoolsrc_settings_segment_format (const BufpoolsrcSettings * self)
{
  gboolean app = self->mode == BUFPOOLSRC_MODE_APP;

  if (self->mode == BUFPOOLSRC_MODE_PATTERN
      || (app && self->format != GST_FORMAT_UNDEFINED))
    return app ? self->format : GST_FORMAT_TIME;
  if (bufpoolsrc_caps_are_raw_audio (self->caps)
      || (app && self->caps != NULL && bufpoolsrc_caps_need_raw (self->caps)))
    return GST_FORMAT_TIME;
  return GST_FORMAT_BYTES;
}

static void
install_signal (GObjectClass * klass, GParamFlags flags)
{
  g_object_class_install_property (klass, PROP_PATTERN,
      g_param_spec_enum ("pattern", "Pattern", "Test signal of mode=pattern",
          GST_TYPE_BUFPOOL_SRC_PATTERN, BUFPOOLSRC_PATTERN_SILENCE, flags));
  g_object_class_install_property (klass, PROP_SAMPLES_PER_BUFFER,
      g_param_spec_uint ("samples-per-buffer", "Samples per buffer",
          "Samples of each channel in a buffer of raw audio (other data: "
          "blocksize bytes)", 1, G_MAXINT32, DEFAULT_SAMPLES_PER_BUFFER,
          flags));
  g_object_class_install_property (klass, PROP_FREQUENCY,
      g_param_spec_double ("freq", "Frequency",
          "Frequency of sine and ticks in Hz", 0.0, 192000.0,
          DEFAULT_FREQUENCY, flags));
  g_object_class_install_property (klass, PROP_VOLUME,
      g_param_spec_double ("volume", "Volume",
          "Peak of sine, ticks and noise, 1.0 = full scale", 0.0, 1.0,
          DEFAULT_VOLUME, flags));
}

static void
install_file (GObjectClass * klass, GParamFlags flags)
{
  g_object_class_install_property (klass, PROP_LOCATION,
      g_param_spec_string ("location", "Location",
          "File, FIFO or device node that mode=file reads; - is standard input",
          NULL, flags));
  g_object_class_install_property (klass, PROP_FD,
      g_param_spec_int ("fd", "Descriptor",
          "Open descriptor that mode=file reads when location is not set; it is "
          "not closed (-1 = none)", -1, G_MAXINT, -1, flags));
  g_object_class_install_property (klass, PROP_CAPS,
      g_param_spec_boxed ("caps", "Caps",
          "What the bytes of mode=file and mode=app are; must be exact.  Not "
          "set: as downstream demands, or bytes of no declared kind",
          GST_TYPE_CAPS, flags));
}

static void
install_negotiation (GObjectClass * klass, GParamFlags flags)
{
  g_object_class_install_property (klass, PROP_FORMAT,
      g_param_spec_enum ("format", "Format",
          "Format of mode=app's segments: time or bytes (undefined = time for "
          "raw audio and video, else bytes)", GST_TYPE_FORMAT,
          GST_FORMAT_UNDEFINED, flags));
  g_object_class_install_property (klass, PROP_REQUIRE_AES5,
      g_param_spec_boolean ("require-aes5", "Require AES5",
          "Refuse audio whose rate is not a sampling frequency of AES5: "
          BUFPOOLSRC_AES5_TEXT " Hz", FALSE, flags));
}

void
bufpoolsrc_settings_install (GObjectClass * klass, GParamFlags flags)
{
  g_object_class_install_property (klass, PROP_MODE,
      g_param_spec_enum ("mode", "Mode", "Where the data comes from",
          GST_TYPE_BUFPOOL_SRC_MODE, BUFPOOLSRC_MODE_PATTERN, flags));
  install_signal (klass, flags);
  install_file (klass, flags);
  install_negotiation (klass, flags);
  g_object_class_install_property (klass, PROP_ON_EXHAUSTED,
      g_param_spec_enum ("on-exhausted", "On exhausted",
          "What to do when no slot is free", GST_TYPE_TIERED_ON_EXHAUSTED,
          GST_TIERED_ON_EXHAUSTED_WAIT, flags));
  g_object_class_install_property (klass, PROP_ACQUIRE_TIMEOUT,
      g_param_spec_uint64 ("acquire-timeout", "Acquire timeout",
          "Longest wait for a free slot in nanoseconds, after which "
          "on-exhausted=wait is an error and =drop drops (18446744073709551615 "
          "= for ever, with drop: the duration of a buffer)", 0, G_MAXUINT64,
          GST_CLOCK_TIME_NONE, flags));

  gst_type_mark_as_plugin_api (GST_TYPE_BUFPOOL_SRC_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_BUFPOOL_SRC_PATTERN, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_ON_EXHAUSTED, 0);
}
