/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines survive what a process, a disk and a rotation can do to them. */
#include "../support/sc-fault-ops.h"
#include "sc-check.h"
#include "sc-line-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGINS "{\"type\":\""
#define MAX_FILES 3
#define MAX_BYTES 200

static char folder[64], path[96];

static void
remove_all (void)
{
  glob_t found;
  char pattern[128];

  snprintf (pattern, sizeof (pattern), "%s*", path);
  if (glob (pattern, 0, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++)
      ck_assert_int_eq (unlink (found.gl_pathv[i]), 0);
  globfree (&found);
}

static void
setup (void)
{
  strcpy (folder, "/tmp/line-file-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (folder));
  snprintf (path, sizeof (path), "%s/log", folder);
}

static void
teardown (void)
{
  remove_all ();
  ck_assert_int_eq (rmdir (folder), 0);
}

/* Lines have different lengths, and say their number twice. */
static int
compose (char *line, size_t size, unsigned int number)
{
  return snprintf (line, size, BEGINS "x\",\"n\":%u,\"pad\":\"%.*s\",\"m\":%u}\n",
      number, (int) (number % 23), "aaaaaaaaaaaaaaaaaaaaaaaaaa", number);
}

static int
write_number (ScLineFile * file, unsigned int number)
{
  char line[128];
  int length = compose (line, sizeof (line), number);

  return sc_line_file_write (file, line, (size_t) length);
}

static size_t
read_file (const char *name, char *bytes, size_t size)
{
  FILE *file = fopen (name, "rb");
  size_t got = 0;

  if (file != NULL) {
    got = fread (bytes, 1, size, file);
    fclose (file);
  }
  ck_assert_uint_lt (got, size);
  bytes[got] = '\0';
  return got;
}

/* All that is in the files, the oldest first. */
static void
read_all (char *bytes, size_t size)
{
  char name[128];
  size_t got = 0;

  for (unsigned int i = MAX_FILES; i > 0; i--) {
    snprintf (name, sizeof (name), "%s.%u", path, i);
    got += read_file (name, bytes + got, size - got);
  }
  read_file (path, bytes + got, size - got);
}

/**
 * whole_lines:
 * @first, @last: (out): of the numbers, which follow each other
 *
 * Returns: whether all that has an end is a line that was written, in order and
 *   none twice
 */
static bool
whole_lines (unsigned int *first, unsigned int *last)
{
  char bytes[16384], expected[128], *at = bytes, *end;
  unsigned int count = 0, number;

  read_all (bytes, sizeof (bytes));
  *first = *last = 0;
  for (; (end = strchr (at, '\n')) != NULL; at = end + 1) {
    if (sscanf (at, BEGINS "x\",\"n\":%u", &number) != 1)
      return false;
    (void) compose (expected, sizeof (expected), number);
    if (strncmp (at, expected, (size_t) (end + 1 - at)) != 0
        || expected[end + 1 - at] != '\0')
      return false;
    if (count++ == 0)
      *first = number;
    else if (number != *last + 1)
      return false;
    *last = number;
  }
  return true;
}

static void
expect_lines (unsigned int at_most_first, unsigned int last)
{
  unsigned int first, got;

  ck_assert (whole_lines (&first, &got));
  ck_assert_uint_le (first, at_most_first);
  ck_assert_uint_eq (got, last);
}

START_TEST (test_the_newest_lines_are_kept_in_files_of_the_size_allowed)
{
  char bytes[4096], name[128];
  ScLineFile file;

  setup ();
  sc_line_file_init (&file, &sc_file_ops_posix, path, BEGINS, MAX_BYTES,
      MAX_FILES);
  for (unsigned int i = 1; i <= 100; i++) {
    ck_assert_int_eq (write_number (&file, i), 0);
    ck_assert_uint_le (read_file (path, bytes, sizeof (bytes)), MAX_BYTES);
  }
  sc_line_file_close (&file);
  /* Full files of at least half of the size: more than three lines each. */
  expect_lines (100 - 3 * MAX_FILES, 100);
  snprintf (name, sizeof (name), "%s.%d", path, MAX_FILES + 1);
  ck_assert_int_eq (access (name, F_OK), -1);
  teardown ();
}
END_TEST

START_TEST (test_without_rotated_files_the_one_begins_anew)
{
  char bytes[4096];
  ScLineFile file;
  unsigned int first, last;

  setup ();
  sc_line_file_init (&file, &sc_file_ops_posix, path, BEGINS, MAX_BYTES, 0);
  for (unsigned int i = 1; i <= 100; i++)
    ck_assert_int_eq (write_number (&file, i), 0);
  sc_line_file_close (&file);
  ck_assert (whole_lines (&first, &last));
  ck_assert_uint_eq (last, 100);
  ck_assert_uint_le (read_file (path, bytes, sizeof (bytes)), MAX_BYTES);
  teardown ();
}
END_TEST

static void
put_bytes (const char *bytes, size_t size)
{
  FILE *file = fopen (path, "wb");

  ck_assert_uint_eq (fwrite (bytes, 1, size, file), size);
  fclose (file);
}

/* As our writer would without mend(). */
static void
glue (unsigned int number)
{
  char line[128];
  int length = compose (line, sizeof (line), number);
  FILE *file = fopen (path, "ab");

  ck_assert_uint_eq (fwrite (line, 1, (size_t) length, file),
      (size_t) length);
  fclose (file);
}

/**
 * cut_everywhere:
 * @mended: whether the writer is ours
 *
 * Returns: how often the lines were wrong after a start behind a cut line
 */
static unsigned int
cut_everywhere (bool mended)
{
  char bytes[512];
  size_t length = 0, ends[4] = { 0 };
  unsigned int wrong = 0, first, last;

  for (unsigned int i = 1; i <= 3; i++) {
    length += (size_t) compose (bytes + length, sizeof (bytes) - length, i);
    ends[i] = length;
  }
  for (size_t cut = 0; cut <= length; cut++) {
    unsigned int whole = cut == length ? 3 : cut >= ends[2] ? 2
        : cut >= ends[1] ? 1 : 0;
    ScLineFile file;

    put_bytes (bytes, cut);
    sc_line_file_init (&file, &sc_file_ops_posix, path, BEGINS, 0, 0);
    if (mended)
      ck_assert_int_eq (write_number (&file, whole + 1), 0);
    else
      glue (whole + 1);
    sc_line_file_close (&file);
    wrong += !whole_lines (&first, &last) || last != whole + 1;
  }
  return wrong;
}

START_TEST (test_a_line_torn_anywhere_harms_no_later_one)
{
  setup ();
  ck_assert_uint_eq (cut_everywhere (true), 0);
  ck_assert_uint_gt (cut_everywhere (false), 50);
  teardown ();
}
END_TEST

START_TEST (test_what_is_not_ours_is_kept_and_gets_its_newline)
{
  static const char before[] = "somebody's notes\nand a last word";
  char bytes[512], expected[512];
  ScLineFile file;

  setup ();
  put_bytes (before, strlen (before));
  sc_line_file_init (&file, &sc_file_ops_posix, path, BEGINS, 0, 0);
  ck_assert_int_eq (write_number (&file, 1), 0);
  sc_line_file_close (&file);
  snprintf (expected, sizeof (expected), "%s\n", before);
  (void) compose (expected + strlen (expected), 128, 1);
  read_file (path, bytes, sizeof (bytes));
  ck_assert_str_eq (bytes, expected);
  teardown ();
}
END_TEST

START_TEST (test_a_second_process_does_not_write_between)
{
  char before[512], after[512];
  ScLineFile one, two;

  setup ();
  sc_line_file_init (&one, &sc_file_ops_posix, path, BEGINS, 0, 0);
  sc_line_file_init (&two, &sc_file_ops_posix, path, BEGINS, 0, 0);
  ck_assert_int_eq (write_number (&one, 1), 0);
  read_file (path, before, sizeof (before));
  ck_assert_int_eq (write_number (&two, 2), -EWOULDBLOCK);
  read_file (path, after, sizeof (after));
  ck_assert_str_eq (before, after);
  sc_line_file_close (&one);
  ck_assert_int_eq (write_number (&two, 2), 0);
  sc_line_file_close (&two);
  expect_lines (1, 2);
  teardown ();
}
END_TEST

/* ---- a disk that refuses ---- */

START_TEST (test_after_any_failure_of_any_operation_lines_are_whole)
{
  static const ScOp ops[] = {
    SC_OP_OPEN, SC_OP_PWRITEV, SC_OP_PREAD, SC_OP_SIZE, SC_OP_TRUNCATE,
    SC_OP_RENAME
  };

  setup ();
  for (size_t op = 0; op < sizeof (ops) / sizeof (ops[0]); op++) {
    for (uint64_t nth = 1; nth <= 12; nth++) {
      ScFaultOps fault;
      ScLineFile file;
      unsigned int first, last, number = 1;

      remove_all ();
      sc_fault_ops_init (&fault);
      fault.short_writes = true;
      sc_fault_ops_fail (&fault, ops[op], nth, -ENOSPC, false);
      sc_line_file_init (&file, &fault.ops, path, BEGINS, MAX_BYTES,
          MAX_FILES);
      /* A line that was refused comes again: so none may be there twice. */
      for (int i = 0; i < 14; i++)
        number += write_number (&file, number) == 0;
      sc_line_file_close (&file);
      sc_fault_ops_clear (&fault);
      ck_assert_uint_ge (number, 14);
      ck_assert (whole_lines (&first, &last));
      ck_assert_uint_eq (last, number - 1);
    }
  }
  teardown ();
}
END_TEST

START_TEST (test_a_file_that_cannot_be_rotated_does_not_grow)
{
  char bytes[4096];
  ScFaultOps fault;
  ScLineFile file;

  setup ();
  sc_fault_ops_init (&fault);
  sc_fault_ops_fail (&fault, SC_OP_RENAME, 1, -EACCES, true);
  sc_line_file_init (&file, &fault.ops, path, BEGINS, MAX_BYTES, 1);
  for (unsigned int i = 1; i <= 20; i++)
    (void) write_number (&file, i);
  ck_assert_int_eq (write_number (&file, 21), -EACCES);
  sc_line_file_close (&file);
  sc_fault_ops_clear (&fault);
  ck_assert_uint_le (read_file (path, bytes, sizeof (bytes)), MAX_BYTES);
  teardown ();
}
END_TEST

/* ---- a process that is killed ---- */

/* The operating system's operations; before the Nth the process dies, of a write
 * also after a part of it. */
typedef struct
{
  ScFileOps ops;                /* first */
  unsigned int left;
  size_t part;                  /* of the write in which it dies */
} Deadly;

static Deadly deadly;

static bool
is_last (void)
{
  return --deadly.left == 0;
}

static int
deadly_open (const ScFileOps * self, const char *name, int flags, mode_t mode)
{
  if (is_last ())
    raise (SIGKILL);
  return sc_file_ops_posix.open (self, name, flags, mode);
}

static ssize_t
deadly_pwritev (const ScFileOps * self, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  if (is_last ()) {
    ck_assert_int_ge (write (fd, iov->iov_base, iov->iov_len < deadly.part
            ? iov->iov_len : deadly.part), 0);
    raise (SIGKILL);
  }
  return sc_file_ops_posix.pwritev (self, fd, iov, iov_count, offset);
}

static int
deadly_truncate (const ScFileOps * self, int fd, uint64_t size)
{
  if (is_last ())
    raise (SIGKILL);
  return sc_file_ops_posix.truncate (self, fd, size);
}

static int
deadly_rename (const ScFileOps * self, const char *from, const char *to,
    bool replace)
{
  if (is_last ())
    raise (SIGKILL);
  return sc_file_ops_posix.rename (self, from, to, replace);
}

/* Writes on from @number until it dies at the @nth operation. */
static bool
write_and_die (unsigned int number, unsigned int nth, size_t part)
{
  pid_t pid = fork ();
  int status;

  ck_assert_int_ge (pid, 0);
  if (pid == 0) {
    ScLineFile file;

    deadly = (Deadly) {.ops = sc_file_ops_posix,.left = nth,.part = part };
    deadly.ops.open = deadly_open;
    deadly.ops.pwritev = deadly_pwritev;
    deadly.ops.truncate = deadly_truncate;
    deadly.ops.rename = deadly_rename;
    sc_line_file_init (&file, &deadly.ops, path, BEGINS, MAX_BYTES,
        MAX_FILES);
    for (;;)
      if (write_number (&file, number++) != 0)
        _exit (1);
  }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  return WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL;
}

START_TEST (test_a_process_killed_anywhere_again_and_again_leaves_whole_lines)
{
  uint64_t random = sc_random_seed ("line-file");

  setup ();
  for (unsigned int nth = 1; nth <= 60; nth++) {
    unsigned int first, last = 0;

    remove_all ();
    /* The second time behind what the first has left, and so on. */
    for (int turn = 0; turn < 4; turn++) {
      ck_assert (write_and_die (last + 1, turn == 0 ? nth
              : 1 + (unsigned int) (sc_random (&random) % 60),
              (size_t) (sc_random (&random) % 100)));
      ck_assert (whole_lines (&first, &last));
    }
  }
  teardown ();
}
END_TEST

SC_CHECK_MAIN ("line-file",
    test_the_newest_lines_are_kept_in_files_of_the_size_allowed,
    test_without_rotated_files_the_one_begins_anew,
    test_a_line_torn_anywhere_harms_no_later_one,
    test_what_is_not_ours_is_kept_and_gets_its_newline,
    test_a_second_process_does_not_write_between,
    test_after_any_failure_of_any_operation_lines_are_whole,
    test_a_file_that_cannot_be_rotated_does_not_grow,
    test_a_process_killed_anywhere_again_and_again_leaves_whole_lines)
