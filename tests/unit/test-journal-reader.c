/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-crc32c.h"
#include "sc-journal-reader.h"
#include "sc-journal-writer.h"
#include "sc-memory-file.h"

#include <errno.h>
#include <unistd.h>

enum { MAX_SIZE = 512 << 10, HEADER = 88 };

static uint8_t original[MAX_SIZE];
static size_t original_size;
static uint64_t original_records;
static ScJournalReader reader;
static char path[64];

/* A journal with every type of record, some 120 KiB long. */
static void
write_original (uint64_t * seed)
{
  static uint8_t buffer[SC_JOURNAL_BUFFER_MIN], old_bytes[3000], now[3000];
  ScJournalHeader header;
  ScJournalSwitch part_switch = {.base = sizeof (now),.part = 2 };
  ScJournalWriter writer;
  uint64_t end = 0;
  FILE *file;

  snprintf (path, sizeof (path), "journal-reader-%d.sfj", (int) getpid ());
  unlink (path);
  ck_assert_int_eq (sc_journal_header_init (&header, "take.wav", 0), 0);
  ck_assert_int_eq (sc_journal_writer_create (&writer, &sc_file_ops_posix, path,
          0600, &header, buffer, sizeof (buffer)), 0);
  ck_assert_int_eq (sc_journal_writer_switch (&writer, &part_switch), 0);
  for (int i = 0; i < 400; i++) {
    uint64_t size = 1 + sc_random (seed) % 70000;
    size_t rewritten = 1 + sc_random (seed) % sizeof (now);

    end += sc_random (seed) % 8 == 0 ? 100 : 0;
    if (i % 15 == 3) {
      ScJournalGap gap = {.offset = end,.size = size,.buffers = 3 };

      ck_assert_int_eq (sc_journal_writer_gap (&writer, &gap), 0);
      end += size;
    }
    ck_assert_int_eq (sc_journal_writer_extent (&writer, end, size,
            (uint32_t) sc_random (seed)), 0);
    end += size;
    for (size_t b = 0; b < sizeof (now); b++)
      now[b] = (uint8_t) sc_random (seed);
    if (i % 20 == 1 && end > sizeof (now))
      ck_assert_int_eq (sc_journal_writer_overwrite (&writer,
              sc_random (seed) % (end - sizeof (now)), old_bytes, now,
              rewritten), 0);
    if (i % 10 == 9)
      ck_assert_int_eq (sc_journal_writer_mark (&writer, end, (uint64_t) i), 0);
    if (i % 10 == 4 && i < 50)
      ck_assert_int_eq (sc_journal_writer_redo (&writer, 0, now, rewritten), 0);
    if (i == 50) {
      ck_assert_int_eq (sc_journal_writer_restart (&writer), 0);
      end = 0;
    }
  }
  ck_assert_int_eq (sc_journal_writer_close_record (&writer, 5), 0);
  original_records = writer.sequence;
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  file = fopen (path, "rb");
  ck_assert_ptr_nonnull (file);
  original_size = fread (original, 1, sizeof (original), file);
  ck_assert (feof (file));
  fclose (file);
  unlink (path);
}

/* Reads all that can be; the error of opening, or 0. */
static int
read_all (const uint8_t * data, size_t size)
{
  static ScMemoryFile file;
  ScJournalRecord record;
  int ret;

  sc_memory_file_init (&file, data, size);
  ret = sc_journal_reader_open (&reader, &file.ops, "");
  if (ret < 0)
    return ret;
  while ((ret = sc_journal_reader_next (&reader, &record)) == 1)
    ck_assert_uint_eq (record.sequence + 1, reader.records);
  ck_assert_int_eq (ret, 0);
  ck_assert_int_ne (reader.stop, SC_JOURNAL_GOING);
  ck_assert_int_eq (sc_journal_reader_next (&reader, &record), 0);
  return 0;
}

static size_t
mutate (uint64_t * seed, uint8_t * data, size_t size)
{
  size_t from = sc_random (seed) % size, to = sc_random (seed) % size;
  size_t run = 1 + sc_random (seed) % 5000;

  if (sc_random (seed) % 2) {   /* at a multiple of 8, as records are */
    from &= ~(size_t) 7;
    to &= ~(size_t) 7;
    run = (run + 7) & ~(size_t) 7;
  }
  if (run > size - (from > to ? from : to))
    run = size - (from > to ? from : to);
  switch (sc_random (seed) % 7) {
    case 0:
      return from;              /* cut short */
    case 1:
      memmove (data + to, data + from, run);
      return size;
    case 2:                    /* a range in twice */
      if (size + run > MAX_SIZE)
        return size;
      memmove (data + from + run, data + from, size - from);
      return size + run;
    case 3:                    /* a range left out */
      memmove (data + from, data + from + run, size - from - run);
      return size - run;
    case 4:
      memset (data + from, 0, run);
      return size;
    case 5:                    /* a length field, or whatever is there */
      for (int i = 0; i < 4; i++)
        data[(from & ~(size_t) 7) + 4 + i] = (uint8_t) sc_random (seed);
      return size;
    default:
      for (uint64_t flips = sc_random (seed) % 4 + 1; flips > 0; flips--)
        data[sc_random (seed) % size] ^= (uint8_t) (1 << sc_random (seed) % 8);
      return size;
  }
}

START_TEST (test_an_unchanged_journal_is_read_whole)
{
  uint64_t seed = sc_random_seed ("journal-reader");

  write_original (&seed);
  ck_assert_int_eq (read_all (original, original_size), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_END);
  ck_assert_uint_eq (reader.records, original_records);
  ck_assert_uint_eq (reader.position, original_size);
  ck_assert (reader.closed);
  ck_assert_uint_eq (reader.totals.extents, 349);
  ck_assert_int_eq (sc_journal_reader_rewind (&reader), 0);
  ck_assert_uint_eq (reader.position, HEADER);
}
END_TEST

START_TEST (test_of_10000_mutations_no_changed_record_is_accepted)
{
  static uint8_t mutated[MAX_SIZE];
  uint64_t seed = sc_random_seed ("journal-mutations");
  unsigned opened = 0, changed = 0;

  write_original (&seed);
  for (int round = 0; round < 10000; round++) {
    size_t size, same = 0;

    memcpy (mutated, original, original_size);
    size = mutate (&seed, mutated, original_size);
    while (same < size && same < original_size
        && mutated[same] == original[same])
      same++;
    changed += same < size || size != original_size;
    if (read_all (mutated, size) < 0) {
      ck_assert_uint_lt (same, HEADER);
      continue;
    }
    opened++;
    ck_assert_uint_le (reader.position, same);
    if (same == size && size == original_size)
      ck_assert_uint_eq (reader.records, original_records);
    else
      ck_assert (reader.records < original_records
          || (size > original_size && reader.records == original_records));
  }
  ck_assert_uint_gt (changed, 9000);
  ck_assert_uint_gt (opened, 8000);
}
END_TEST

START_TEST (test_every_cut_keeps_all_records_before_it)
{
  uint64_t seed = sc_random_seed ("journal-cuts"), before = 0, at = HEADER;

  write_original (&seed);
  ck_assert_int_eq (read_all (original, 0), -EBADMSG);
  ck_assert_int_eq (read_all (original, HEADER - 1), -EBADMSG);
  for (size_t size = HEADER; size < 9000; size++) {
    ck_assert_int_eq (read_all (original, size), 0);
    ck_assert_uint_ge (reader.records, before);
    ck_assert_int_eq (reader.stop,
        reader.position == size ? SC_JOURNAL_END : SC_JOURNAL_TORN);
    ck_assert_uint_ge (reader.position, at);
    before = reader.records;
    at = reader.position;
  }
  ck_assert_uint_gt (before, 3);
}
END_TEST

START_TEST (test_a_tail_of_zeros_is_torn_and_of_other_bytes_ragged)
{
  static uint8_t longer[MAX_SIZE];
  uint64_t seed = sc_random_seed ("journal-tails");

  write_original (&seed);
  memcpy (longer, original, original_size);
  ck_assert_int_eq (read_all (longer, original_size + 70000), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_TORN);
  ck_assert_uint_eq (reader.records, original_records);
  longer[original_size + 69000] = 1;
  ck_assert_int_eq (read_all (longer, original_size + 70000), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_RAGGED);
  ck_assert_uint_eq (reader.records, original_records);
}
END_TEST

/* Of the original: its length lies at byte 4, little endian. */
static size_t
next_record (size_t at)
{
  size_t length = original[at + 4] | (size_t) original[at + 5] << 8;

  return at + sc_journal_padded (length);
}

START_TEST (test_damage_below_two_later_marks_is_no_torn_tail)
{
  static uint8_t data[MAX_SIZE];
  uint64_t seed = sc_random_seed ("journal-damage");
  size_t end;

  write_original (&seed);
  for (int round = 0; round < 200; round++) {
    size_t at = HEADER + sc_random (&seed) % (original_size - HEADER);

    memcpy (data, original, original_size);
    data[at] ^= 0x40;
    ck_assert_int_eq (read_all (data, original_size), 0);
    if (at < original_size - 20000)
      ck_assert_int_eq (reader.stop, SC_JOURNAL_CORRUPT);
    else
      ck_assert_int_ne (reader.stop, SC_JOURNAL_END);
  }
  /* A length that is damaged so that its record seems cut off. */
  for (size_t at = HEADER; at < original_size - 20000; at = next_record (at)) {
    memcpy (data, original, original_size);
    data[at + 5] ^= 0x60;
    ck_assert_int_eq (read_all (data, original_size), 0);
    ck_assert_int_eq (reader.stop, SC_JOURNAL_CORRUPT);
  }
  /* The last mark of all is the only one behind this. */
  end = original_size - 88 - 56 - 3 * 48;
  memcpy (data, original, original_size);
  data[end] ^= 0x40;
  ck_assert_int_eq (read_all (data, original_size), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_RAGGED);
}
END_TEST

/* Puts a record of any type behind the header, with a right checksum. */
static size_t
with_record (uint8_t * data, uint16_t type, uint16_t flags, uint32_t length)
{
  uint8_t header[HEADER];
  ScJournalRecord record = {.type = type,.flags = flags };
  ScJournalHeader decoded;
  uint32_t chain;

  memcpy (header, original, HEADER);
  memset (data, 0, HEADER + sc_journal_padded (length));
  memcpy (data, header, HEADER);
  ck_assert_int_eq (sc_journal_header_decode (&decoded, data, HEADER, &chain),
      HEADER);
  sc_journal_record_encode (&record, data + HEADER);
  for (int i = 0; i < 4; i++)
    data[HEADER + 4 + i] = (uint8_t) (length >> 8 * i);
  sc_journal_record_put_crc (data + HEADER, sc_crc32c (chain,
          data + HEADER + 4, sc_journal_padded (length) - 4));
  return HEADER + sc_journal_padded (length);
}

START_TEST (test_unknown_records_are_skipped_unless_they_must_be_understood)
{
  static uint8_t data[MAX_SIZE * 3];
  uint64_t seed = 1;

  write_original (&seed);
  ck_assert_int_eq (read_all (data, with_record (data, 99, 0, 24)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_END);
  ck_assert_uint_eq (reader.records, 1);
  ck_assert_int_eq (read_all (data, with_record (data, 99, 2,
              SC_JOURNAL_RECORD_MAX)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_END);
  ck_assert_int_eq (read_all (data, with_record (data, 99,
              SC_JOURNAL_RECORD_INCOMPATIBLE, 24)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_UNKNOWN);
  ck_assert_uint_eq (reader.records, 0);
}
END_TEST

START_TEST (test_right_checksums_do_not_excuse_wrong_contents)
{
  static uint8_t data[MAX_SIZE * 3];
  uint64_t seed = 1;

  write_original (&seed);
  /* An extent of no bytes, a close that contradicts, a body too short, a record
   * too long: each checksummed well. */
  ck_assert_int_eq (read_all (data, with_record (data, SC_JOURNAL_EXTENT, 0,
              48)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_CORRUPT);
  ck_assert_int_eq (read_all (data, with_record (data, SC_JOURNAL_OVERWRITE, 0,
              48)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_CORRUPT);
  ck_assert_int_eq (read_all (data, with_record (data, SC_JOURNAL_SYNC, 0,
              24)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_CORRUPT);
  ck_assert_int_eq (read_all (data, with_record (data, 99, 0,
              SC_JOURNAL_RECORD_MAX + 8)), 0);
  ck_assert_int_ne (reader.stop, SC_JOURNAL_END);
  ck_assert_uint_eq (reader.records, 0);
  /* Negative control: a SYNC of zeros says that nothing is durable. */
  ck_assert_int_eq (read_all (data, with_record (data, SC_JOURNAL_SYNC, 0,
              56)), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_END);
  ck_assert_uint_eq (reader.records, 1);
}
END_TEST

START_TEST (test_another_version_or_feature_is_refused)
{
  ScJournalHeader header, decoded;
  uint8_t data[SC_JOURNAL_HEADER_MAX];
  uint32_t crc;
  size_t size;

  ck_assert_int_eq (sc_journal_header_init (&header, "take.wav", 7), 0);
  size = sc_journal_header_encode (&header, data, &crc);
  ck_assert_int_eq (read_all (data, size), 0);
  ck_assert_int_eq (reader.stop, SC_JOURNAL_END);
  ck_assert_uint_eq (reader.header.base_size, 7);
  header.compatible = 0x80000000u;
  size = sc_journal_header_encode (&header, data, &crc);
  ck_assert_int_eq (read_all (data, size), 0);
  header.incompatible = 0x80000000u;
  size = sc_journal_header_encode (&header, data, &crc);
  ck_assert_int_eq (read_all (data, size), -ENOTSUP);
  header.incompatible = 0;
  header.version = 2;
  size = sc_journal_header_encode (&header, data, &crc);
  ck_assert_int_eq (sc_journal_header_decode (&decoded, data, size, &crc),
      -EPROTONOSUPPORT);
}
END_TEST

SC_CHECK_MAIN ("journal-reader",
    test_an_unchanged_journal_is_read_whole,
    test_of_10000_mutations_no_changed_record_is_accepted,
    test_every_cut_keeps_all_records_before_it,
    test_a_tail_of_zeros_is_torn_and_of_other_bytes_ragged,
    test_damage_below_two_later_marks_is_no_torn_tail,
    test_unknown_records_are_skipped_unless_they_must_be_understood,
    test_right_checksums_do_not_excuse_wrong_contents,
    test_another_version_or_feature_is_refused)
