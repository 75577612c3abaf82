/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File operations below one folder, by openat2() and walked. */
#include "sc-check.h"
#include "sc-root-ops.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char base[64];
  char root[128];
  char path[PATH_MAX];
  const ScFileOps *ops;
} Place;

static const char *
in (Place * p, const char *rest)
{
  snprintf (p->path, sizeof (p->path), "%s/%s", p->root, rest);
  return p->path;
}

static const char *
beside (Place * p, const char *rest)
{
  snprintf (p->path, sizeof (p->path), "%s/%s", p->base, rest);
  return p->path;
}

/* base/root/folder, base/outside, and links from inside to it. */
static void
setup (Place * p)
{
  char link[PATH_MAX], target[PATH_MAX];

  strcpy (p->base, "/tmp/sc-root-XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (p->base));
  snprintf (p->root, sizeof (p->root), "%s/root", p->base);
  ck_assert_int_eq (mkdir (p->root, 0700), 0);
  ck_assert_int_eq (mkdir (in (p, "folder"), 0700), 0);
  ck_assert_int_eq (mkdir (beside (p, "outside"), 0700), 0);
  strcpy (target, beside (p, "outside"));
  strcpy (link, in (p, "way-out"));
  ck_assert_int_eq (symlink (target, link), 0);
  strcpy (link, in (p, "short-cut"));
  ck_assert_int_eq (symlink ("folder", link), 0);
  p->ops = sc_root_ops_get (p->root);
  ck_assert_ptr_nonnull (p->ops);
}

static void
teardown (Place * p)
{
  char command[128];

  sc_root_ops_walk_only (false);
  snprintf (command, sizeof (command), "rm -r %s", p->base);
  ck_assert_int_eq (system (command), 0);
}

static int
make (Place * p, const char *path)
{
  int fd = p->ops->open (p->ops, path, O_RDWR | O_CREAT | O_EXCL, 0600);

  return fd < 0 ? fd : p->ops->close (p->ops, fd);
}

#define ck_assert_refused(call) \
  do { \
    int ret_ = (call); \
    ck_assert_msg (ret_ == -EXDEV || ret_ == -ELOOP || ret_ == -ENOTDIR, \
        "%s gives %d", #call, ret_); \
  } while (0)

START_TEST (test_below_the_folder_files_are_made_renamed_and_removed)
{
  for (int walk = 0; walk < 2; walk++) {
    Place p;
    char other[PATH_MAX];

    setup (&p);
    sc_root_ops_walk_only (walk);
    ck_assert_int_eq (make (&p, in (&p, "a")), 0);
    ck_assert_int_eq (make (&p, in (&p, "a")), -EEXIST);
    ck_assert_int_eq (make (&p, in (&p, "folder/b")), 0);
    ck_assert_int_eq (make (&p, in (&p, "absent/b")), -ENOENT);
    strcpy (other, in (&p, "folder/b"));
    ck_assert_int_eq (p.ops->rename (p.ops, in (&p, "a"), other, false),
        -EEXIST);
    ck_assert_int_eq (p.ops->rename (p.ops, in (&p, "a"), other, true), 0);
    ck_assert_int_eq (p.ops->sync_parent (p.ops, other), 0);
    ck_assert_int_eq (p.ops->sync_parent (p.ops, in (&p, "a")), 0);
    ck_assert_int_eq (p.ops->unlink (p.ops, other), 0);
    ck_assert_int_eq (access (other, F_OK), -1);
    teardown (&p);
  }
}
END_TEST

START_TEST (test_nothing_leads_out_and_no_link_is_followed)
{
  for (int walk = 0; walk < 2; walk++) {
    Place p;
    char inside[PATH_MAX];

    setup (&p);
    sc_root_ops_walk_only (walk);
    ck_assert_refused (make (&p, in (&p, "way-out/x")));
    ck_assert_refused (make (&p, in (&p, "short-cut/x")));
    ck_assert_refused (make (&p, in (&p, "../outside/x")));
    ck_assert_refused (make (&p, in (&p, "folder/../../outside/x")));
    ck_assert_refused (make (&p, beside (&p, "outside/x")));
    ck_assert_refused (make (&p, beside (&p, "root-not/x")));
    ck_assert_int_eq (make (&p, in (&p, "a")), 0);
    strcpy (inside, in (&p, "a"));
    ck_assert_refused (p.ops->rename (p.ops, inside, in (&p, "way-out/x"),
            true));
    ck_assert_refused (p.ops->rename (p.ops, inside, beside (&p, "x"), true));
    ck_assert_refused (p.ops->unlink (p.ops, in (&p, "way-out/x")));
    ck_assert_refused (p.ops->sync_parent (p.ops, in (&p, "way-out/x")));
    ck_assert_refused (sc_root_ops_check (p.ops, in (&p, "way-out/x")));
    ck_assert_int_eq (sc_root_ops_check (p.ops, inside), 0);
    /* That nothing stands in the way: the plain operations do get out. */
    ck_assert_int_eq (access (beside (&p, "outside/x"), F_OK), -1);
    p.ops = &sc_file_ops_posix;
    ck_assert_int_eq (make (&p, in (&p, "way-out/x")), 0);
    ck_assert_int_eq (access (beside (&p, "outside/x"), F_OK), 0);
    teardown (&p);
  }
}
END_TEST

START_TEST (test_a_link_at_the_name_itself_is_not_written_through)
{
  for (int walk = 0; walk < 2; walk++) {
    Place p;
    char link[PATH_MAX], target[PATH_MAX];

    setup (&p);
    sc_root_ops_walk_only (walk);
    strcpy (target, beside (&p, "outside/x"));
    strcpy (link, in (&p, "x"));
    ck_assert_int_eq (symlink (target, link), 0);
    ck_assert_refused (p.ops->open (p.ops, link, O_RDWR | O_CREAT, 0600));
    ck_assert_int_eq (access (target, F_OK), -1);
    teardown (&p);
  }
}
END_TEST

START_TEST (test_paths_are_joined_only_below)
{
  char out[PATH_MAX];

  ck_assert_int_eq (sc_root_ops_join ("/srv/rec/", "take.wav", out), 0);
  ck_assert_str_eq (out, "/srv/rec/take.wav");
  ck_assert_int_eq (sc_root_ops_join ("/srv/rec", "/srv/rec//a/b", out), 0);
  ck_assert_str_eq (out, "/srv/rec/a/b");
  ck_assert_int_eq (sc_root_ops_join ("/", "/a", out), 0);
  ck_assert_str_eq (out, "/a");
  ck_assert_int_eq (sc_root_ops_join ("/srv/rec", "/srv/record/a", out),
      -EXDEV);
  ck_assert_int_eq (sc_root_ops_join ("/srv/rec", "a/../../b", out), -EXDEV);
  ck_assert_int_eq (sc_root_ops_join ("/srv/rec", "..", out), -EXDEV);
  ck_assert_int_eq (sc_root_ops_join ("/srv/rec", "a..b/..c", out), 0);
}
END_TEST

SC_CHECK_MAIN ("root-ops",
    test_below_the_folder_files_are_made_renamed_and_removed,
    test_nothing_leads_out_and_no_link_is_followed,
    test_a_link_at_the_name_itself_is_not_written_through,
    test_paths_are_joined_only_below)
