/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "take.h"

#include "media-check.h"
#include "sc-journal-reader.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  guint8 *bytes;
  gsize size;
} Contents;

/* The last promise that had been made at @position. */
static TakePromise
promise_at (const TakeLog * log, guint64 position)
{
  TakePromise last = { 0 };

  for (guint i = 0; i < log->promise_count; i++)
    if (log->promises[i].position <= position)
      last = log->promises[i];
  return last;
}

/* ---- what is on the disk ---- */

/* Writes the new bytes of each OVERWRITE of the journal again. */
static void
replay (Contents * file, const gchar * journal)
{
  ScJournalReader *reader = g_new (ScJournalReader, 1);
  ScJournalRecord record;

  if (sc_journal_reader_open (reader, &sc_file_ops_posix, journal) == 0) {
    while (sc_journal_reader_next (reader, &record) == 1) {
      const ScJournalOverwrite *write = &record.overwrite;

      if (record.type != SC_JOURNAL_OVERWRITE
          || write->offset + write->size > file->size)
        continue;
      sc_file_read_all (&sc_file_ops_posix, reader->fd,
          file->bytes + write->offset, write->size,
          sc_journal_reader_data_at (reader, &record) + write->size);
    }
    sc_journal_reader_close (reader);
  }
  g_free (reader);
}

static gboolean
load (Contents * file, const gchar * path)
{
  return g_file_get_contents (path, (gchar **) & file->bytes, &file->size,
      NULL);
}

/* ---- bytes ---- */

/* Whether there is a write such that the file below the mark is what the muxer
 * had made up to it, and that is none of those before the promised ones. */
static gboolean
is_a_state (const TakeLog * log, const Contents * file,
    const TakePromise * promise)
{
  guint8 *wrong = g_malloc (promise->mark + 1);
  guint64 count = 0, done = 0, offset, size;
  const guint8 *bytes;
  gboolean found = FALSE;
  gsize at = 0;

  /* What was never written are zeros. */
  for (guint64 i = 0; i < promise->mark; i++)
    count += wrong[i] = file->bytes[i] != 0;
  while (!found && take_log_next (log, &at, &offset, &bytes, &size)) {
    for (guint64 i = 0; i < size && offset + i < promise->mark; i++) {
      guint8 differs = file->bytes[offset + i] != bytes[i];

      count = count + differs - wrong[offset + i];
      wrong[offset + i] = differs;
    }
    found = ++done >= promise->writes && count == 0;
  }
  g_free (wrong);
  return found;
}

/* The bytes that the muxer or a repair writes again. */
static guint8 *
changing_bytes (const TakeLog * reference, gsize head, gsize size)
{
  guint8 *changing = g_malloc0 (size + 1);
  guint64 offset, length, end = 0;
  const guint8 *bytes;
  gsize at = 0;

  memset (changing, 1, MIN (head, size));
  while (take_log_next (reference, &at, &offset, &bytes, &length)) {
    for (guint64 i = offset; i < MIN (offset + length, end) && i < size; i++)
      changing[i] = 1;
    end = MAX (end, offset + length);
  }
  return changing;
}

/* Where the recovered file first has other bytes than it may have, or @end. */
static gsize
first_difference (const TakeWay * way, const TakeLog * reference,
    const Contents * recovered, const Contents * file, gsize end)
{
  guint8 *changing = changing_bytes (reference, way->head, end);
  gsize at = 0;

  while (at < end && (changing[at] || recovered->bytes[at] == file->bytes[at]))
    at++;
  g_free (changing);
  return at;
}

/* ---- the recovered file ---- */

static gint
run_recover (const gchar * command, const gchar * part, const gchar * out)
{
  const gchar *argv[] = { command, "recover", "-o", out, part, NULL };
  gint status;

  if (!g_spawn_sync (NULL, (gchar **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL
          | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL))
    take_die ("%s cannot be run", command);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

/* In a process of its own: the caller, who forks, must have no threads. */
static gboolean
plays (const gchar * path)
{
  MediaReport report;
  gint status;
  pid_t pid = fork ();

  if (pid == 0) {
    media_check_play (path, "decodebin", 0, &report);
    if (report.error != NULL)
      g_debug ("%s: %s", path, report.error);
    _exit (report.error != NULL);
  }
  return waitpid (pid, &status, 0) == pid && status == 0;
}

static gchar *
check_recovered (const TakeWay * way, const TakeLog * reference,
    const gchar * path, const Contents * file, guint64 mark)
{
  Contents recovered = { 0 };
  gsize same, end;
  gchar *wrong = NULL;

  if (!load (&recovered, path))
    return g_strdup ("there is no recovered file");
  end = MIN (recovered.size, mark);
  same = first_difference (way, reference, &recovered, file, end);
  if (recovered.size + way->unit < mark)
    wrong = g_strdup_printf ("the recovered file ends at byte %"
        G_GSIZE_FORMAT, recovered.size);
  else if (same < end && same + way->unit < mark)
    wrong = g_strdup_printf ("the recovered file's byte %" G_GSIZE_FORMAT
        " is wrong", same);
  else if (mark >= way->playable && !plays (path))
    wrong = g_strdup ("the recovered file does not play");
  g_free (recovered.bytes);
  return wrong;
}

static gchar *
check_part (const TakeWay * way, const TakeLog * log,
    const TakeLog * reference, const gchar * path, const gchar * scratch,
    const gchar * command, const TakePromise * promise)
{
  gchar *part = g_strconcat (path, ".part", NULL);
  gchar *journal = g_strconcat (path, ".sfj", NULL);
  gchar *out = g_build_filename (scratch, way->name, NULL);
  gchar *wrong = NULL;
  Contents file = { 0 };
  gint code = 0;

  if (!load (&file, part)) {
    if (promise->mark > 0)
      wrong = g_strdup ("there is no file");
  } else {
    g_unlink (out);
    code = run_recover (command, part, out);
    replay (&file, journal);
    if (code > 1 && promise->mark > 0)
      wrong = g_strdup_printf ("recover says %d", code);
    else if (code != 0 && code != 1 && code != 3)
      wrong = g_strdup_printf ("recover says %d, and nothing was promised",
          code);
    else if (file.size < promise->mark)
      wrong = g_strdup_printf ("the file ends at byte %" G_GSIZE_FORMAT,
          file.size);
    else if (promise->mark > 0 && !is_a_state (log, &file, promise))
      wrong = g_strdup ("bytes below the mark are wrong");
    else if (promise->mark > 0)
      wrong = check_recovered (way, reference, out, &file, promise->mark);
    g_unlink (out);
  }
  g_free (file.bytes);
  g_free (part);
  g_free (journal);
  g_free (out);
  return wrong;
}

static gchar *
check_published (const TakeLog * log, const gchar * path)
{
  TakePromise all = {.writes = log->writes };
  gchar *wrong = NULL;
  Contents file;

  if (!load (&file, path))
    return g_strdup ("the published file cannot be read");
  all.mark = file.size;
  if (!is_a_state (log, &file, &all))
    wrong = g_strdup ("the published file is not what the muxer wrote");
  else if (!plays (path))
    wrong = g_strdup ("the published file does not play");
  g_free (file.bytes);
  return wrong;
}

gchar *
take_check (const TakeWay * way, const TakeLog * log,
    const TakeLog * reference, const gchar * path, const gchar * scratch,
    const gchar * command, guint64 position, guint64 * promised)
{
  TakePromise promise = promise_at (log, position);
  gchar *wrong, *saying;

  *promised = promise.mark;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    wrong = check_published (log, path);
  else
    wrong = check_part (way, log, reference, path, scratch, command, &promise);
  if (wrong == NULL)
    return NULL;
  saying = g_strdup_printf ("%s: mark %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
      " writes of %" G_GUINT64_FORMAT ": %s", way->name, promise.mark,
      promise.writes, log->writes, wrong);
  g_free (wrong);
  return saying;
}
