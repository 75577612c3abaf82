/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one header for applications: #include <gst/safecapture/safecapture.h> */
#ifndef GST_SAFECAPTURE_H
#define GST_SAFECAPTURE_H

#include <gst/safecapture/gstsafecapture-prelude.h>
#include <gst/safecapture/gstsafecapturejson.h>
#include <gst/safecapture/gstsafecapturemonitor.h>
#include <gst/safecapture/gstsafecaptureschema.h>
#include <gst/safecapture/gsttieredallocator.h>
#include <gst/safecapture/gsttieredenums.h>
#include <gst/safecapture/gsttieredpool.h>
#include <gst/safecapture/gsttieredslotmeta.h>

#endif
