/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-errors.h"

#include "safefilesink-printable.h"
#include "sc-manifest.h"

#include <errno.h>

static gboolean
is_opening (ScFaultKind kind)
{
  return kind == SC_FAULT_OPEN || kind == SC_FAULT_OPEN_JOURNAL;
}

static GstResourceError
code_of (const ScFault * fault)
{
  if (fault->error == -ENOSPC || fault->error == -EDQUOT)
    return GST_RESOURCE_ERROR_NO_SPACE_LEFT;
  switch (fault->kind) {
    case SC_FAULT_OPEN:
    case SC_FAULT_OPEN_JOURNAL:
      return GST_RESOURCE_ERROR_OPEN_WRITE;
    case SC_FAULT_LOCK:
      return GST_RESOURCE_ERROR_BUSY;
    case SC_FAULT_READ_BACK:
      return GST_RESOURCE_ERROR_READ;
    case SC_FAULT_CLOSE:
      return GST_RESOURCE_ERROR_CLOSE;
    case SC_FAULT_THREAD:
      return GST_RESOURCE_ERROR_FAILED;
    default:
      return GST_RESOURCE_ERROR_WRITE;
  }
}

/* What to do about it. */
static const gchar *
remedy_of (const ScFault * fault)
{
  switch (-fault->error) {
    case ENOENT:
      return is_opening (fault->kind)
          ? "The folder does not exist: make it, or correct the location."
          : "The file or its folder was removed while it was recorded.";
    case ENOTDIR:
      return "A part of the path is no folder: correct the location.";
    case EISDIR:
      return "The location is a folder: add a file name to it.";
    case EACCES:
    case EPERM:
      return "Give the user write permission on the folder, or choose another "
          "location.";
    case EROFS:
      return "The file system is read-only: mount it writable (after a device "
          "error Linux makes it read-only: check the device), or choose another "
          "location.";
    case EEXIST:
      return "A file of that name exists: choose another location, remove it, "
          "or set overwrite=true.";
    case EBUSY:
      return "Another recorder writes this file: choose another location, or "
          "stop the other one.";
    case ENAMETOOLONG:
      return "The name is too long: \".part\" must still fit behind it.";
    case ELOOP:
      return "The path leads through a symbolic link that is not followed: give "
          "the real path.";
    case EXDEV:
      return "The location is not in the folder that root allows: correct one of "
          "them; no \"..\" is taken.";
    case EMFILE:
    case ENFILE:
      return "Too many files are open: close some, or raise the limit.";
    case ENOSPC:
      return fault->kind == SC_FAULT_SPACE
          ? "Free some space, or choose another location; reserve, min-free and "
          "max-bytes say how much room the end is to have."
          : "The disk is full: free some space, or choose another location.";
    case EDQUOT:
      return "The user's disk quota is used up: free some space, or choose "
          "another location.";
    case EFBIG:
      return "The file system or a limit of the process (ulimit -f) allows no "
          "larger file: split the recording, or choose another location.";
    case EIO:
      return fault->kind == SC_FAULT_SIZE
          ? "The file is shorter than what was written: something else cut it."
          : "The device failed: check it before it is used again.";
    case ESPIPE:
      return "Nothing written to it could be promised to survive: use filesink "
          "or fdsink for devices and pipes.";
    case ETIMEDOUT:
      return "Check the device and its connection, or give it more time by a "
          "longer write-timeout.";
    case ESTALE:
      return "The network file system went away: check the connection.";
    case ENOMEM:
      return "There is not enough memory: a smaller buffer-size needs less.";
    case EAGAIN:
      return "No thread could be made: end some, or raise the limit.";
    case ENXIO:
    case ENODEV:
      return "The device is gone: connect it again, or choose another location.";
    default:
      return "Check the disk and the location, or choose another one.";
  }
}

/* What happened: what stands before the file's name, and behind it. */
static void
happening_of (ScFaultKind kind, const gchar ** before, const gchar ** behind)
{
  *behind = "";
  switch (kind) {
    case SC_FAULT_OPEN:
    case SC_FAULT_LOCK:
      *before = "Could not open file";
      *behind = " for writing";
      break;
    case SC_FAULT_OPEN_JOURNAL:
      *before = "Could not make the journal of";
      break;
    case SC_FAULT_SYNC_FOLDER:
    case SC_FAULT_SYNC:
    case SC_FAULT_SYNC_JOURNAL:
      *before = "Could not make durable the file";
      break;
    case SC_FAULT_READ_BACK:
      *before = "Could not read back file";
      break;
    case SC_FAULT_CLOSE:
      *before = "Error closing file";
      break;
    case SC_FAULT_PUBLISH:
      *before = "Could not give the finished recording the name";
      break;
    case SC_FAULT_VERIFY:
      *before = "What was read back is not what was written, in file";
      break;
    case SC_FAULT_SPACE:
      *before = "No room for the end of the recording in file";
      break;
    case SC_FAULT_THREAD:
      *before = "Could not start recording into file";
      break;
    default:
      *before = "Error while writing to file";
      break;
  }
}

const gchar *
safefilesink_error_reason (const ScFault * fault)
{
  switch (fault->error) {
    case -ESPIPE:
      return "It is not a regular file";
    case -EXDEV:
      return "It leads out of its root folder";
    case -ETIMEDOUT:
      return "It did not answer in time";
    default:
      return g_strerror (-fault->error);
  }
}

static void
add_what_is_safe (GString * text, const gchar * path, guint64 durable)
{
  gchar *stays = safefilesink_printable_name (path);

  if (g_str_has_suffix (path, SC_MANIFEST_SUFFIX))
    g_string_append_printf (text, " %" G_GUINT64_FORMAT " bytes are safe in "
        "parts: join them with \"safecapture join %s -o FILE\".", durable,
        stays);
  else
    g_string_append_printf (text, " %" G_GUINT64_FORMAT " bytes are safe in "
        "\"%s\".", durable, stays);
  g_free (stays);
}

void
safefilesink_error_describe (const ScFault * fault, const gchar * location,
    const gchar * path, guint64 durable, const gchar * targets,
    SafefilesinkError * error)
{
  gchar *name = safefilesink_printable_name (location);
  const gchar *before, *behind;
  GString *text = g_string_new (NULL);

  happening_of (fault->kind, &before, &behind);
  g_string_append_printf (text, "%s \"%s\"%s: %s. %s", before, name, behind,
      safefilesink_error_reason (fault), remedy_of (fault));
  if (targets != NULL)
    g_string_append_printf (text, " No target is left of those tried: %s.",
        targets);
  if (durable > 0)
    add_what_is_safe (text, path, durable);
  error->code = code_of (fault);
  error->text = g_string_free (text, FALSE);
  error->debug = g_strdup_printf ("operation %s at offset %" G_GUINT64_FORMAT
      ", system error %d (%s), durable offset %" G_GUINT64_FORMAT,
      sc_fault_name (fault->kind), fault->offset, -fault->error,
      g_strerror (-fault->error), durable);
  g_free (name);
}
