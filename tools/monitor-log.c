/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-log.h"

#include "monitor-events.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

gboolean
monitor_log_check (const gchar * path, GError ** error)
{
  /* A FIFO that nobody reads would be waited for. */
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK
      | O_CLOEXEC, 0666);

  if (fd < 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
        "metrics cannot be written there: %s", g_strerror (errno));
    return FALSE;
  }
  close (fd);
  return TRUE;
}

void
monitor_log_message (GstSafecaptureMonitor * monitor, GstMessage * message)
{
  if (monitor_events_is_ours (message))
    gst_safecapture_monitor_log (monitor, GST_MESSAGE_SRC (message),
        gst_message_get_structure (message));
}
