/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "../support/sc-fault-ops.h"
#include "sc-check.h"
#include "sc-crc32c.h"
#include "sc-manifest-file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static ScManifest
example (void)
{
  ScManifest manifest = {.revision = 3,.name = "my take\n\xff.wav",
    .state = SC_PART_RECORDING,.part_count = 2,
    .dropped_bytes = 5000,.dropped_buffers = 7
  };

  memset (manifest.uuid, 0xa5, 16);
  manifest.parts[0] = (ScManifestPart) {
    .path = "/mnt/first disk/take.wav.part",.base = 0,.end = 70000,
    .result = SC_PART_FAILED,.operation = SC_FAULT_SYNC,.error = -EIO
  };
  manifest.parts[1] = (ScManifestPart) {
    .path = "take%.part",.base = 70000,.end = UINT64_C (1) << 40,
    .result = SC_PART_RECORDING
  };
  return manifest;
}

START_TEST (test_what_was_composed_is_parsed_again)
{
  ScManifest manifest = example (), parsed;
  size_t bound = sc_manifest_bound (strlen (manifest.name)
      + strlen (manifest.parts[0].path) + strlen (manifest.parts[1].path), 2);
  char text[4096];
  int length = sc_manifest_compose (&manifest, text, bound);

  ck_assert_uint_lt (bound, sizeof (text));
  ck_assert_int_gt (length, 0);
  for (int i = 0; i < length; i++)
    ck_assert (text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
  ck_assert_int_eq (sc_manifest_parse (&parsed, text, (size_t) length), 0);
  ck_assert_uint_eq (parsed.revision, 3);
  ck_assert_mem_eq (parsed.uuid, manifest.uuid, 16);
  ck_assert_str_eq (parsed.name, manifest.name);
  ck_assert_int_eq (parsed.state, SC_PART_RECORDING);
  ck_assert_uint_eq (parsed.part_count, 2);
  ck_assert_uint_eq (parsed.dropped_bytes, 5000);
  ck_assert_uint_eq (parsed.dropped_buffers, 7);
  for (int i = 0; i < 2; i++) {
    ck_assert_str_eq (parsed.parts[i].path, manifest.parts[i].path);
    ck_assert_uint_eq (parsed.parts[i].base, manifest.parts[i].base);
    ck_assert_uint_eq (parsed.parts[i].end, manifest.parts[i].end);
    ck_assert_int_eq (parsed.parts[i].result, manifest.parts[i].result);
    ck_assert_int_eq (parsed.parts[i].operation, manifest.parts[i].operation);
    ck_assert_int_eq (parsed.parts[i].error, manifest.parts[i].error);
  }
  sc_manifest_clear (&parsed);
  ck_assert_int_eq (sc_manifest_compose (&manifest, text, (size_t) length),
      -ENAMETOOLONG);
}
END_TEST

START_TEST (test_no_changed_manifest_is_believed)
{
  ScManifest manifest = example (), parsed;
  char text[4096];
  int length = sc_manifest_compose (&manifest, text, sizeof (text));

  for (int at = 0; at < length; at++) {
    for (int bit = 0; bit < 8; bit++) {
      text[at] = (char) (text[at] ^ 1 << bit);
      /* Of the digits of the checksum only the case may differ. */
      ck_assert (sc_manifest_parse (&parsed, text, (size_t) length) < 0
          || (bit == 5 && at > length - 10));
      sc_manifest_clear (&parsed);
      text[at] = (char) (text[at] ^ 1 << bit);
    }
    ck_assert_int_lt (sc_manifest_parse (&parsed, text, (size_t) at), 0);
    sc_manifest_clear (&parsed);
  }
}
END_TEST

/* Puts the right checksum behind changed lines, as a forger would. */
static int
seal (char *text, int length)
{
  sprintf (text + length - 16, "crc32c %08" PRIx32 "\n",
      sc_crc32c (0, text, (size_t) length - 16));
  return length;
}

START_TEST (test_a_forged_manifest_is_refused_or_read_but_harms_nothing)
{
  uint64_t seed = sc_random_seed ("manifest");
  ScManifest manifest = example (), parsed;
  char text[4096], forged[4096];
  int length = sc_manifest_compose (&manifest, text, sizeof (text));
  unsigned refused = 0;

  for (int round = 0; round < 20000; round++) {
    int at = (int) (sc_random (&seed) % (unsigned) (length - 16));
    int cut = sc_random (&seed) % 4 == 0 ? at + 16 : length;

    memcpy (forged, text, sizeof (text));
    for (uint64_t n = sc_random (&seed) % 4; n > 0; n--)
      forged[sc_random (&seed) % (unsigned) (length - 16)]
          = (char) (sc_random (&seed) % 255 + 1);
    cut = seal (forged, cut);
    if (sc_manifest_parse (&parsed, forged, (size_t) cut) < 0) {
      refused++;
    } else {
      ck_assert_uint_ge (parsed.part_count, 1);
      ck_assert_uint_le (parsed.part_count, SC_PARTS_MAX);
      for (unsigned i = 0; i < parsed.part_count; i++)
        ck_assert_uint_gt (strlen (parsed.parts[i].path), 0);
    }
    sc_manifest_clear (&parsed);
  }
  ck_assert_uint_gt (refused, 5000);
}
END_TEST

static char folder[64], path[96];

static int
write_one (ScFaultOps * ops, uint8_t uuid, uint64_t revision)
{
  ScManifest manifest = example ();
  char text[4096];
  int length;

  memset (manifest.uuid, uuid, 16);
  manifest.revision = revision;
  length = sc_manifest_compose (&manifest, text, sizeof (text));
  return sc_manifest_file_write (&ops->ops, path, manifest.uuid, text,
      (size_t) length, 0600);
}

/* The revision of the manifest at @at, or -errno. */
static int
revision_at (const char *at)
{
  ScManifest manifest;
  int ret = sc_manifest_file_read (&manifest, &sc_file_ops_posix, at);

  if (ret == 0)
    ret = (int) manifest.revision;
  sc_manifest_clear (&manifest);
  return ret;
}

START_TEST (test_a_failure_at_any_operation_leaves_the_old_or_the_new)
{
  char other[128];
  bool done = false;

  strcpy (folder, "/tmp/sc-manifest-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (folder));
  snprintf (path, sizeof (path), "%s/take.sfm", folder);
  snprintf (other, sizeof (other), "%s/take.11111111.sfm", folder);
  for (uint64_t nth = 1; !done; nth++) {
    ScFaultOps ops;

    unlink (path);
    sc_fault_ops_init (&ops);
    ops.volatile_cache = true;
    ck_assert_int_eq (write_one (&ops, 0x22, 1), 0);
    ops.cut_at = ops.total + nth;
    done = write_one (&ops, 0x22, 2) == 0;
    sc_fault_ops_power_cut (&ops, NULL);
    sc_fault_ops_clear (&ops);
    ck_assert_int_eq (revision_at (path), done ? 2 : 1);
    ck_assert_uint_lt (nth, 40);
  }
  unlink (path);
  /* Another recording's is kept. */
  {
    ScFaultOps ops;

    sc_fault_ops_init (&ops);
    ck_assert_int_eq (write_one (&ops, 0x11, 7), 0);
    ck_assert_int_eq (write_one (&ops, 0x22, 8), 0);
    sc_fault_ops_clear (&ops);
  }
  ck_assert_int_eq (revision_at (path), 8);
  ck_assert_int_eq (revision_at (other), 7);
  unlink (path);
  unlink (other);
  snprintf (other, sizeof (other), "%s.tmp", path);
  unlink (other);
  ck_assert_int_eq (rmdir (folder), 0);
}
END_TEST

SC_CHECK_MAIN ("manifest",
    test_what_was_composed_is_parsed_again,
    test_no_changed_manifest_is_believed,
    test_a_forged_manifest_is_refused_or_read_but_harms_nothing,
    test_a_failure_at_any_operation_leaves_the_old_or_the_new)
