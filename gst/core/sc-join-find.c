/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-join-find.h"

#include "sc-recording-name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const ScManifest *manifest;
  const ScFileOps *ops;
  unsigned number;
  ScJoinPart *part;
} Search;

static bool
exists (const Search * self, const char *path)
{
  int fd = self->ops->open (self->ops, path, O_RDONLY | O_NONBLOCK, 0);

  if (fd < 0)
    return false;
  self->ops->close (self->ops, fd);
  return true;
}

/* Whether the journal is that of the part looked for. */
static bool
is_its_journal (const Search * self, const char *path)
{
  ScJournalReader *reader = malloc (sizeof (*reader));
  ScJournalRecord record;
  bool is = false;

  if (reader == NULL)
    return false;
  if (sc_journal_reader_open (reader, self->ops, path) == 0) {
    is = memcmp (reader->header.uuid, self->manifest->uuid, 16) == 0
        && sc_journal_reader_next (reader, &record) >= 0
        && reader->part == self->number;
    sc_journal_reader_close (reader);
  }
  free (reader);
  return is;
}

/* The payload beside a journal STEM.sfj: STEM.part, or STEM. */
static bool
take_journal (Search * self, const char *journal)
{
  size_t stem = strlen (journal) - strlen (SC_JOURNAL_SUFFIX);
  ScJoinPart *part = self->part;

  if (!is_its_journal (self, journal)
      || snprintf (part->path, PATH_MAX, "%.*s" SC_PART_SUFFIX, (int) stem,
          journal) >= PATH_MAX)
    return false;
  if (!exists (self, part->path))
    part->path[stem] = '\0';
  part->found = exists (self, part->path);
  snprintf (part->journal, PATH_MAX, "%s", journal);
  return part->found;
}

static bool
is_journal_name (const char *name)
{
  size_t size = strlen (name), suffix = strlen (SC_JOURNAL_SUFFIX);

  return size > suffix && strcmp (name + size - suffix, SC_JOURNAL_SUFFIX) == 0;
}

/* Looks at every journal in the folder that @beside is in. */
static bool
search_folder (Search * self, const char *beside)
{
  const char *base = sc_recording_base_name (beside);
  char path[PATH_MAX];
  struct dirent *entry;
  DIR *folder;
  bool found = false;

  if (snprintf (path, sizeof (path), "%.*s.", (int) (base - beside), beside)
      >= PATH_MAX || (folder = opendir (path)) == NULL)
    return false;
  while (!found && (entry = readdir (folder)) != NULL)
    found = is_journal_name (entry->d_name)
        && snprintf (path, sizeof (path), "%.*s%s", (int) (base - beside),
        beside, entry->d_name) < PATH_MAX && take_journal (self, path);
  closedir (folder);
  return found;
}

/* Without a journal: the path, or its name once published. */
static void
take_unvouched (Search * self, const char *stated)
{
  ScJoinPart *part = self->part;
  char final[PATH_MAX];

  part->journal[0] = '\0';
  snprintf (part->path, PATH_MAX, "%s", stated);
  part->found = exists (self, stated);
  if (!part->found
      && sc_recording_final_path (stated, final, PATH_MAX) == 0
      && exists (self, final)) {
    part->found = true;
    strcpy (part->path, final);
  }
}

int
sc_join_find (const ScManifest * manifest, const ScFileOps * ops,
    const char *manifest_path, unsigned number, ScJoinPart * part)
{
  const char *path = manifest->parts[number].path;
  const char *base = sc_recording_base_name (manifest_path);
  Search self = {.manifest = manifest,.ops = ops,.number = number,
    .part = part
  };
  char stated[PATH_MAX], journal[PATH_MAX];

  if (snprintf (stated, PATH_MAX, "%.*s%s", path[0] == '/' ? 0
          : (int) (base - manifest_path), manifest_path, path) >= PATH_MAX)
    return -ENAMETOOLONG;
  if (sc_recording_journal_path (stated, journal, PATH_MAX) < 0)
    return -ENAMETOOLONG;
  if (take_journal (&self, journal) || search_folder (&self, stated)
      || search_folder (&self, manifest_path))
    return 0;
  part->found = false;
  if (number == 0 && !exists (&self, journal))
    take_unvouched (&self, stated);
  if (!part->found)
    strcpy (part->path, stated);
  return 0;
}
