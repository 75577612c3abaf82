/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registers the elements of the suite; each lives in files of its own. */
#include "gstbufpoolsrc.h"
#include "gstsafefilesink.h"
#include "gsttieredqueue.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gboolean registered = FALSE;

  registered |= GST_ELEMENT_REGISTER (bufpoolsrc, plugin);
  registered |= GST_ELEMENT_REGISTER (safefilesink, plugin);
  registered |= GST_ELEMENT_REGISTER (tieredqueue, plugin);
  return registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, safecapture,
    "Captures that must not be lost: static pool source, lock-free queue, "
    "recovery-capable file sink",
    plugin_init, PACKAGE_VERSION, GST_PLUGIN_LICENSE, PACKAGE_NAME,
    PACKAGE_ORIGIN)
