/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The visibility of the library's symbols. */
#ifndef GST_SAFECAPTURE_PRELUDE_H
#define GST_SAFECAPTURE_PRELUDE_H

#include <gst/gst.h>

/* GST_SAFECAPTURE_API: marks what the library exports. */
#ifndef GST_SAFECAPTURE_API
# ifdef BUILDING_GST_SAFECAPTURE
#  define GST_SAFECAPTURE_API GST_API_EXPORT
# else
#  define GST_SAFECAPTURE_API GST_API_IMPORT
# endif
#endif

#endif
