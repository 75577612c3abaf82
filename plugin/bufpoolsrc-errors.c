/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-errors.h"

#include <errno.h>

#include "bufpoolsrc-aes5.h"

typedef gchar FdName[sizeof ("descriptor -2147483648")];

/* What is read, as people know it; @fd_name is used for a descriptor's. */
static const gchar *
name_of (const BufpoolsrcSettings * settings, FdName fd_name)
{
  if (settings->location == NULL) {
    g_snprintf (fd_name, sizeof (FdName), "descriptor %d", settings->fd);
    return fd_name;
  }
  return g_str_equal (settings->location, "-") ? "standard input"
      : settings->location;
}

void
bufpoolsrc_error_open (GstElement * element,
    const BufpoolsrcSettings * settings, int error)
{
  FdName fd_name;

  if (settings->location == NULL && settings->fd < 0)
    GST_ELEMENT_ERROR (element, RESOURCE, NOT_FOUND,
        ("mode=file needs something to read."),
        ("Set location to a file, FIFO, device node or \"-\", or set fd."));
  else if (error == ENOENT)
    GST_ELEMENT_ERROR (element, RESOURCE, NOT_FOUND,
        ("\"%s\" does not exist.", name_of (settings, fd_name)),
        ("Check the property location."));
  else if (error == EISDIR)
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_READ,
        ("\"%s\" is a folder.", name_of (settings, fd_name)),
        ("Set location to a file, FIFO or device node."));
  else
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_READ,
        ("\"%s\" cannot be read: %s.", name_of (settings, fd_name),
            g_strerror (error)),
        ("Check location or fd and the permissions."));
}

void
bufpoolsrc_error_read (GstElement * element,
    const BufpoolsrcSettings * settings, int error, guint64 bytes)
{
  FdName fd_name;

  GST_ELEMENT_ERROR (element, RESOURCE, READ,
      ("Reading \"%s\" failed: %s.", name_of (settings, fd_name),
          g_strerror (error)),
      ("At byte %" G_GUINT64_FORMAT ". Check the device and its cable or "
          "driver; what was read before has been passed on.", bytes));
}

void
bufpoolsrc_error_seek (GstElement * element,
    const BufpoolsrcSettings * settings)
{
  FdName fd_name;

  GST_ELEMENT_ERROR (element, RESOURCE, SEEK,
      ("\"%s\" cannot start at another place than its beginning.",
          name_of (settings, fd_name)),
      ("Only regular files can be sought in, and not with is-live."));
}

/* What is most often forgotten, or an example of all. */
static const gchar *
remedy_of_caps (GstCaps * caps)
{
  const GstStructure *structure = gst_caps_is_any (caps)
      || gst_caps_is_empty (caps) ? NULL : gst_caps_get_structure (caps, 0);
  gint channels = 0;

  if (structure != NULL && gst_structure_has_name (structure, "video/x-raw"))
    return "Set for example caps=video/x-raw,format=I420,width=640,height=480,"
        "framerate=25/1";
  if (structure != NULL && gst_structure_get_int (structure, "channels",
          &channels) && channels > 2
      && !gst_structure_has_field (structure, "channel-mask"))
    return "More than two channels need a channel-mask, which says where they "
        "are: add channel-mask=(bitmask)0 if they are nowhere in particular";
  return "Set for example caps=audio/x-raw,format=S16LE,rate=48000,channels=2,"
      "layout=interleaved";
}

void
bufpoolsrc_error_inexact_caps (GstElement * element,
    const BufpoolsrcSettings * settings)
{
  GST_ELEMENT_ERROR (element, CORE, NEGOTIATION,
      ("mode=%s needs caps that say exactly what the bytes are.",
          settings->mode == BUFPOOLSRC_MODE_APP ? "app" : "file"),
      ("%s; now: %" GST_PTR_FORMAT, remedy_of_caps (settings->caps),
          settings->caps));
}

void
bufpoolsrc_error_audio_caps (GstElement * element, GstCaps * caps)
{
  GST_ELEMENT_ERROR (element, CORE, NEGOTIATION,
      ("The audio caps cannot be used."),
      ("Interleaved raw audio with format, rate and channels is needed; "
          "these are %" GST_PTR_FORMAT, caps));
}

void
bufpoolsrc_error_rate (GstElement * element, guint rate)
{
  GST_ELEMENT_ERROR (element, CORE, NEGOTIATION,
      ("%u Hz is not a sampling frequency of AES5, which require-aes5 asks "
          "for.", rate),
      ("Use " BUFPOOLSRC_AES5_TEXT " Hz (in caps or a caps filter), or set "
          "require-aes5=false."));
}

void
bufpoolsrc_error_exhausted (GstElement * element, gsize size)
{
  GST_ELEMENT_ERROR (element, RESOURCE, NO_SPACE_LEFT,
      ("The buffer pool is exhausted: every slot for %" G_GSIZE_FORMAT " bytes "
          "is held downstream.", size),
      ("Give profile or tiers more slots, let elements downstream hold fewer "
          "buffers, or set on-exhausted to wait or drop and acquire-timeout "
          "longer."));
}

void
bufpoolsrc_error_queue_full (GstElement * element)
{
  GST_ELEMENT_ERROR (element, RESOURCE, NO_SPACE_LEFT,
      ("More buffers have been pushed than the pool has slots."),
      ("Get buffers from acquire-buffer, which keeps to the pool's slots, or "
          "set on-exhausted to wait or drop and acquire-timeout longer."));
}

void
bufpoolsrc_error_too_large (GstElement * element, gsize size, gsize max_size,
    const gchar * property, gsize max_value)
{
  GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
      ("A buffer of %" G_GSIZE_FORMAT " bytes does not fit into the largest "
          "slot of the pool, %" G_GSIZE_FORMAT " bytes.", size, max_size),
      ("Set %s to at most %" G_GSIZE_FORMAT ", or larger tiers.", property,
          max_value));
}
