/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-leftover.h"

#include "sc-journal-reader.h"
#include "sc-manifest-file.h"
#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Where is looked, by which file operations: below root those that stay there. */
typedef struct
{
  const ScFileOps *ops;
  const gchar *location;
  const SafefilesinkSettings *settings;
} Place;

typedef enum
{
  JOURNAL_ABSENT,
  JOURNAL_OPEN,                 /* its recording never ended */
  JOURNAL_CLOSED,               /* or not readable as a journal at all */
} JournalKind;

static void
leftover_free (SafefilesinkLeftover * leftover)
{
  g_free (leftover->part);
  g_free (leftover->journal);
  g_free (leftover->recovered);
  g_free (leftover->manifest);
  g_free (leftover);
}

static gchar *
old_journal (const gchar * location)
{
  return g_strconcat (location, SC_JOURNAL_SUFFIX ".old", NULL);
}

gint
safefilesink_leftover_forget_journal (const ScFileOps * ops,
    const gchar * location)
{
  gchar *old = old_journal (location);
  gint ret = ops->unlink (ops, old);

  g_free (old);
  return ret == -ENOENT ? 0 : ret;
}

static gboolean
exists (const ScFileOps * ops, const gchar * path)
{
  gint fd = ops->open (ops, path, O_PATH, 0);

  if (fd >= 0)
    (void) ops->close (ops, fd);        /* nothing can be written through it */
  return fd >= 0;
}

/* Whether somebody records into the file, and its size. */
static gint
look_at (const ScFileOps * ops, const gchar * path, gint64 * size)
{
  gint fd = ops->open (ops, path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);
  gint ret = 0;

  if (fd < 0)
    return fd;
  *size = ops->size (ops, fd);
  if (ops->lock (ops, fd) == -EWOULDBLOCK)
    ret = -EBUSY;
  (void) ops->close (ops, fd);  /* nothing was written through it */
  return ret < 0 ? ret : *size < 0 ? (gint) * size : 0;
}

static gint
journal_kind (const ScFileOps * ops, const gchar * path, JournalKind * kind)
{
  ScJournalReader *reader;
  ScJournalRecord record;
  gint ret;

  *kind = JOURNAL_ABSENT;
  if (!exists (ops, path))
    return 0;
  reader = g_new0 (ScJournalReader, 1);
  ret = sc_journal_reader_open (reader, ops, path);
  if (ret == 0) {
    while ((ret = sc_journal_reader_next (reader, &record)) == 1);
    *kind = reader->closed ? JOURNAL_CLOSED : JOURNAL_OPEN;
    sc_journal_reader_close (reader);
  } else if (ret == -EBADMSG || ret == -EPROTONOSUPPORT || ret == -ENOTSUP) {
    *kind = JOURNAL_CLOSED;
    ret = 0;
  }
  g_free (reader);
  return ret;
}

/* take.wav -> take.recovered-N.wav */
static SafefilesinkLeftover *
numbered (const gchar * location, guint number)
{
  SafefilesinkLeftover *leftover = g_new0 (SafefilesinkLeftover, 1);
  const gchar *base = sc_recording_base_name (location);
  const gchar *dot = strrchr (base, '.');
  gsize stem = dot != NULL && dot != base ? (gsize) (dot - location)
      : strlen (location);

  leftover->recovered = g_strdup_printf ("%.*s.recovered-%u%s", (int) stem,
      location, number, location + stem);
  leftover->part = g_strconcat (leftover->recovered, SC_PART_SUFFIX, NULL);
  leftover->journal = g_strconcat (leftover->recovered, SC_JOURNAL_SUFFIX,
      NULL);
  return leftover;
}

static gboolean
is_of (const ScFileOps * ops, const gchar * manifest_path,
    const guint8 uuid[16])
{
  ScManifest manifest;
  gboolean is = sc_manifest_file_read (&manifest, ops, manifest_path) == 0
      && memcmp (manifest.uuid, uuid, 16) == 0;

  sc_manifest_clear (&manifest);
  return is;
}

/* STEM.sfm or, set aside by a later recording, STEM.XXXXXXXX.sfm. */
static gchar *
manifest_at (const ScFileOps * ops, const gchar * stem, const guint8 uuid[16])
{
  gchar *path = g_strconcat (stem, SC_MANIFEST_SUFFIX, NULL);

  if (is_of (ops, path, uuid))
    return path;
  g_free (path);
  path = g_strdup_printf ("%s.%02x%02x%02x%02x" SC_MANIFEST_SUFFIX, stem,
      uuid[0], uuid[1], uuid[2], uuid[3]);
  if (is_of (ops, path, uuid))
    return path;
  g_free (path);
  return NULL;
}

/* The file that a backup location stands for. */
static gchar *
backup_stem (const Place * place, const gchar * backup)
{
  gchar *path = safefilesink_storage_locate (&place->settings->storage, backup);
  gchar *stem;

  if (!g_str_has_suffix (path, "/") && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return path;
  stem = g_build_filename (path, sc_recording_base_name (place->location),
      NULL);
  g_free (path);
  return stem;
}

/* The manifest that names the recording of this journal, or NULL. */
static gchar *
find_manifest (const Place * place, const gchar * journal, const gchar * stem)
{
  const ScFileOps *ops = place->ops;
  ScJournalReader *reader = g_new0 (ScJournalReader, 1);
  const guint8 *uuid = reader->header.uuid;
  gchar *found = NULL;

  if (sc_journal_reader_open (reader, ops, journal) == 0) {
    found = manifest_at (ops, stem, uuid);
    if (found == NULL)
      found = manifest_at (ops, place->location, uuid);
    for (gchar ** at = place->settings->backup_locations;
        found == NULL && *at != NULL; at++) {
      gchar *backup = backup_stem (place, *at);

      found = manifest_at (ops, backup, uuid);
      g_free (backup);
    }
    sc_journal_reader_close (reader);
  }
  g_free (reader);
  return found;
}

/* Whether the recording went on elsewhere, though this file of it was complete:
 * its publishing failed. */
static gboolean
is_part (const Place * place, const gchar * journal)
{
  gchar *manifest = find_manifest (place, journal, place->location);
  gboolean is = manifest != NULL;

  g_free (manifest);
  return is;
}

/* Whether a file with this suffix would have to be moved to where one is. */
static gboolean
clashes (const Place * place, const gchar * recovered, const gchar * suffix)
{
  gchar *from = g_strconcat (place->location, suffix, NULL);
  gchar *to = g_strconcat (recovered, suffix, NULL);
  gboolean clash = exists (place->ops, to) && exists (place->ops, from);

  g_free (to);
  g_free (from);
  return clash;
}

/* Files beside it alone are a move that a crash cut in half, and its number is
 * still free; unless there is one to move as well: then they stayed when somebody
 * removed what had been recovered. */
static gboolean
is_free (const Place * place, const SafefilesinkLeftover * leftover)
{
  return !exists (place->ops, leftover->recovered)
      && !clashes (place, leftover->recovered, SC_JOURNAL_SUFFIX)
      && !clashes (place, leftover->recovered, SC_COMPANION_SUFFIX)
      && !clashes (place, leftover->recovered, SC_MANIFEST_SUFFIX);
}

/* Collects those moved earlier; returns the first free number's names. */
static SafefilesinkLeftover *
first_free (const Place * place, GPtrArray * leftovers)
{
  for (guint number = 1;; number++) {
    SafefilesinkLeftover *leftover = numbered (place->location, number);

    if (exists (place->ops, leftover->part)) {
      leftover->manifest = find_manifest (place, leftover->journal,
          leftover->recovered);
      g_ptr_array_add (leftovers, leftover);
    } else if (is_free (place, leftover)) {
      return leftover;
    } else {
      leftover_free (leftover);
    }
  }
}

/* What the muxer wrote for the recovery, NAME.mrf: a new recording with the same
 * properties would empty it. */
static gint
move_companion (const Place * place, SafefilesinkLeftover * to)
{
  const ScFileOps *ops = place->ops;
  gchar *from = g_strconcat (place->location, SC_COMPANION_SUFFIX, NULL);
  gchar *companion = g_strconcat (to->recovered, SC_COMPANION_SUFFIX, NULL);
  gint ret = exists (ops, from) ? ops->rename (ops, from, companion, FALSE) : 0;

  g_free (companion);
  g_free (from);
  return ret;
}

/* A manifest that is elsewhere, or has another name, stays. */
static gint
move_manifest (const Place * place, SafefilesinkLeftover * to)
{
  gchar *beside = g_strconcat (place->location, SC_MANIFEST_SUFFIX, NULL);
  gint ret = 0;

  if (g_strcmp0 (to->manifest, beside) == 0) {
    g_free (to->manifest);
    to->manifest = g_strconcat (to->recovered, SC_MANIFEST_SUFFIX, NULL);
    ret = place->ops->rename (place->ops, beside, to->manifest, FALSE);
  }
  g_free (beside);
  return ret;
}

/* The journal first: what is left of a move cut in half is a .part, which the
 * next start finds, and a journal at the number it will take. */
static gint
move_aside (const Place * place, const gchar * payload, const gchar * journal,
    SafefilesinkLeftover * to)
{
  const ScFileOps *ops = place->ops;
  gint ret = move_manifest (place, to);

  if (ret == 0)
    ret = move_companion (place, to);
  if (ret == 0 && exists (ops, journal))
    ret = ops->rename (ops, journal, to->journal, FALSE);
  if (ret == 0)
    ret = ops->rename (ops, payload, to->part, FALSE);
  return ret;
}

static gint
set_old_journal_aside (const Place * place, const gchar * journal)
{
  gchar *old = old_journal (place->location);
  gint ret = place->ops->rename (place->ops, journal, old, TRUE);

  g_free (old);
  return ret;
}

static gint
remove_empty (const ScFileOps * ops, const gchar * part,
    const gchar * journal)
{
  gint ret = ops->unlink (ops, part);

  if (ret == 0 && exists (ops, journal))
    ret = ops->unlink (ops, journal);
  return ret;
}

/* An unfinished recording is at @payload. */
static gint
clear_unfinished (const Place * place, const gchar * payload,
    const gchar * journal, SafefilesinkLeftover * to, gboolean * moved)
{
  gint64 size = 0;
  gint ret = look_at (place->ops, payload, &size);

  if (ret < 0)
    return ret;
  if (size == 0)
    return remove_empty (place->ops, payload, journal);
  if (place->settings->recover == SAFEFILESINK_RECOVER_NEVER)
    return -EEXIST;
  to->manifest = find_manifest (place, journal, place->location);
  ret = move_aside (place, payload, journal, to);
  *moved = ret == 0;
  return ret;
}

gint
safefilesink_leftover_clear_way (const gchar * location,
    const SafefilesinkSettings * settings, GPtrArray ** leftovers,
    gchar ** blocking)
{
  Place place = {
    .ops = safefilesink_storage_ops (&settings->storage),
    .location = location,
    .settings = settings
  };
  gchar *part = g_strconcat (location, SC_PART_SUFFIX, NULL);
  gchar *journal = g_strconcat (location, SC_JOURNAL_SUFFIX, NULL);
  SafefilesinkLeftover *to;
  const gchar *payload = part;
  JournalKind kind = JOURNAL_ABSENT;
  gboolean moved = FALSE;
  gint ret = 0;

  *leftovers = g_ptr_array_new_with_free_func ((GDestroyNotify)
      leftover_free);
  to = first_free (&place, *leftovers);
  if (exists (place.ops, part)) {
    ret = clear_unfinished (&place, part, journal, to, &moved);
  } else {
    payload = location;
    ret = journal_kind (place.ops, journal, &kind);
    if (ret == 0 && kind != JOURNAL_ABSENT && exists (place.ops, location)
        && (kind == JOURNAL_OPEN || is_part (&place, journal)))
      ret = clear_unfinished (&place, location, journal, to, &moved);
    else if (ret == 0 && kind != JOURNAL_ABSENT)
      ret = set_old_journal_aside (&place, journal);
  }
  *blocking = ret < 0 ? g_strdup (payload) : NULL;
  if (moved)
    g_ptr_array_add (*leftovers, to);
  else
    leftover_free (to);
  g_free (journal);
  g_free (part);
  return ret;
}
