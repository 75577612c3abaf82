/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests that make files: removes what they have made. */
#ifndef FOLDER_CHECK_H
#define FOLDER_CHECK_H

#include <glib.h>
#include <glib/gstdio.h>

/* A file, or a folder with all that is in it; ends the program if it cannot. */
static inline void
folder_check_remove (const gchar * path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR)
      && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
    GDir *dir = g_dir_open (path, 0, NULL);
    const gchar *entry;

    while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL) {
      gchar *below = g_build_filename (path, entry, NULL);

      folder_check_remove (below);
      g_free (below);
    }
    g_clear_pointer (&dir, g_dir_close);
  }
  if (g_remove (path) != 0)
    g_error ("%s cannot be removed.", path);
}

#endif
