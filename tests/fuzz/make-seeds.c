/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the first inputs of fuzz-recovery, fuzz-join and fuzz-manifest in the
 * three folders given: small WAVs with journals by the writer, interrupted at
 * different places, one in two parts, and a manifest. */
#include "fuzz-disk.h"
#include "fuzz.h"
#include "sc-crc32c.h"
#include "sc-journal-writer.h"
#include "sc-manifest.h"

#include <string.h>

enum { HEADER = 44, BLOCK = 64, FIRST_PART = HEADER + 2 * BLOCK };

typedef struct
{
  const char *name;
  uint8_t options;
  unsigned blocks;              /* written, of BLOCK bytes */
  unsigned lost;                /* bytes of them that are not there */
  bool overwrite;               /* of the header, behind the second block */
  bool torn;                    /* and it did not reach the payload */
  bool restart;                 /* before the third block, at 0 again */
  bool gap;                     /* something was left out before the third */
  bool part;                    /* of a recording that was switched */
  bool odd;                     /* one byte less, of samples of one byte */
  bool close;
} Seed;

static const Seed seeds[] = {
  {.name = "begun",.blocks = 1 },
  {.name = "closed",.blocks = 3,.overwrite = true,.close = true },
  {.name = "published",.options = 4,.blocks = 3,.close = true },
  {.name = "torn",.blocks = 3,.overwrite = true,.torn = true },
  {.name = "lost",.options = 1,.blocks = 4,.lost = 70 },
  {.name = "restarted",.options = 2,.blocks = 4,.restart = true },
  {.name = "dropped",.options = 4,.blocks = 4,.gap = true,.close = true },
  {.name = "switched",.blocks = 2,.part = true },
  {.name = "without",.options = 8,.blocks = 2 },
};

static const uint8_t header[HEADER] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0"
    "\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data";

static ScJournalWriter journal;
static uint8_t buffer[SC_JOURNAL_BUFFER_MIN];
static uint8_t payload[1024];
static size_t end;

static void
must (int ret)
{
  fuzz_check (ret == 0);
}

static void
append (const void *bytes, size_t size)
{
  memcpy (payload + end, bytes, size);
  must (sc_journal_writer_extent (&journal, end, size, sc_crc32c (0, bytes,
              size)));
  end += size;
}

static void
leave_out (size_t size)
{
  ScJournalGap gap = {.offset = end,.size = size,.buffers = 3,.first_ns = 1000,
    .last_ns = 2000
  };

  memset (payload + end, 0, size);
  must (sc_journal_writer_gap (&journal, &gap));
  end += size;
}

static void
overwrite_header (bool torn)
{
  uint8_t now[HEADER];

  memcpy (now, payload, HEADER);
  now[4] = (uint8_t) (end - 8);
  now[40] = (uint8_t) (end - HEADER);
  must (sc_journal_writer_overwrite (&journal, 0, payload, now, HEADER));
  if (!torn)
    memcpy (payload, now, HEADER);
}

static void
append_header (bool bytes)
{
  uint8_t now[HEADER];

  memcpy (now, header, HEADER);
  if (bytes) {
    now[22] = now[32] = 1;      /* a channel, a byte */
    now[34] = 8;
  }
  append (now, HEADER);
}

static void
record (const Seed * seed)
{
  uint8_t block[BLOCK];

  append_header (seed->odd);
  for (unsigned i = 0; i < seed->blocks; i++) {
    for (unsigned b = 0; b < BLOCK; b++)
      block[b] = (uint8_t) (b * 7 + i);
    if (i == 2 && seed->restart) {
      must (sc_journal_writer_restart (&journal));
      end = 0;
    }
    if (i == 2 && seed->gap)
      leave_out (3 * BLOCK);
    append (block, seed->odd && i + 1 == seed->blocks ? BLOCK - 1 : BLOCK);
    if (i == 1 && seed->overwrite)
      overwrite_header (seed->torn);
    if (i == 1)
      must (sc_journal_writer_mark (&journal, end, 1000));
  }
  if (seed->close) {
    must (sc_journal_writer_mark (&journal, end, 2000));
    must (sc_journal_writer_close_record (&journal, 2000));
  }
}

static FILE *
create (const char *folder, const char *name)
{
  char path[4096];
  FILE *file;

  snprintf (path, sizeof (path), "%s/%s", folder, name);
  file = fopen (path, "wb");
  fuzz_check (file != NULL);
  return file;
}

static void
save (const Seed * seed, const char *folder, const FuzzFile * log)
{
  size_t size = end - seed->lost;
  uint8_t head[3] = { seed->options, (uint8_t) size, (uint8_t) (size >> 8) };
  FILE *file = create (folder, seed->name);

  fwrite (head, 1, sizeof (head), file);
  fwrite (payload, 1, size, file);
  fwrite (log->data, 1, log->size, file);
  must (fclose (file));
}

/* The payload of @seed is in @payload afterwards, its journal on the disk. */
static void
make (FuzzDisk * disk, const Seed * seed)
{
  ScJournalSwitch part_switch = {.base = FIRST_PART,.part = 1,.error = 5 };
  ScJournalHeader head;

  end = 0;
  fuzz_disk_init (disk);
  must (sc_journal_header_init (&head, "take", 0));
  /* The same each time. */
  memset (head.salt, 0x5a, sizeof (head.salt));
  memset (head.uuid, 0xa5, sizeof (head.uuid));
  head.created_ns = 0;
  must (sc_journal_writer_create (&journal, &disk->ops, "take.sfj", 0600,
          &head, buffer, sizeof (buffer)));
  if (seed->part) {
    must (sc_journal_writer_switch (&journal, &part_switch));
    must (sc_journal_writer_redo (&journal, 4, "size", 4));
  }
  record (seed);
  must (sc_journal_writer_close (&journal));
}

static int
compose (char *text, size_t size)
{
  ScManifest manifest = {.revision = 2,.name = "take.wav",.part_count = 2 };

  memset (manifest.uuid, 0xa5, sizeof (manifest.uuid));
  manifest.parts[0] = (ScManifestPart) {
    .path = "0.part",.end = FIRST_PART,.result = SC_PART_FAILED,
    .operation = SC_FAULT_SYNC,.error = -5
  };
  manifest.parts[1] = (ScManifestPart) {
    .path = "1.part",.base = FIRST_PART,.end = FIRST_PART + 100
  };
  return sc_manifest_compose (&manifest, text, size);
}

static void
make_manifest (const char *folder)
{
  FILE *file = create (folder, "two-parts");
  char text[1024];
  int size = compose (text, sizeof (text));

  fuzz_check (size > 0 && fwrite (text, 1, (size_t) size, file) > 0);
  must (fclose (file));
}

static void
make_parts (const char *folder, const char *name, bool odd)
{
  const Seed parts[] = {
    {.blocks = 3,.overwrite = true,.odd = odd },
    {.blocks = 2,.part = true,.odd = odd }
  };
  FILE *file = create (folder, name);
  uint8_t body[8192];
  char text[1024];
  size_t size = 0;
  int length;

  for (int i = 0; i < 2; i++) {
    const FuzzFile *log;
    FuzzDisk disk;

    make (&disk, &parts[i]);
    log = fuzz_disk_get (&disk, "take.sfj");
    memcpy (body + size, payload, end);
    memcpy (body + size + end, log->data, log->size);
    size += end + log->size;
    for (int shift = 0; shift < 16; shift += 8)
      fputc ((int) (end >> shift & 0xFF), file);
    for (int shift = 0; shift < 16; shift += 8)
      fputc ((int) (log->size >> shift & 0xFF), file);
    fuzz_disk_clear (&disk);
  }
  length = compose (text, sizeof (text));
  fwrite (body, 1, size, file);
  fuzz_check (length > 0 && fwrite (text, 1, (size_t) length, file) > 0);
  must (fclose (file));
}

int
main (int argc, char **argv)
{
  if (argc != 4)
    return 64;
  for (size_t i = 0; i < sizeof (seeds) / sizeof (seeds[0]); i++) {
    FuzzDisk disk;

    make (&disk, &seeds[i]);
    save (&seeds[i], argv[1], fuzz_disk_get (&disk, "take.sfj"));
    fuzz_disk_clear (&disk);
  }
  make_parts (argv[2], "two-parts", false);
  make_parts (argv[2], "odd-size", true);
  make_manifest (argv[3]);
  return 0;
}
