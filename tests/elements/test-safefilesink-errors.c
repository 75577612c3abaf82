/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What safefilesink says of an error: which file, what happened, what to do. */
#include <gst/check/gstcheck.h>

#include "safefilesink-errors.h"

#include <errno.h>
#include <string.h>

#define NAME "/media/disk/take.wav"

static SafefilesinkError
describe (ScFaultKind kind, gint error, guint64 durable)
{
  ScFault fault = {.kind = kind,.error = -error };
  SafefilesinkError described;

  safefilesink_error_describe (&fault, NAME, NAME ".part", durable, NULL,
      &described);
  return described;
}

static void
clear (SafefilesinkError * error)
{
  g_free (error->text);
  g_free (error->debug);
}

GST_START_TEST (test_every_usual_error_says_what_to_do_about_it)
{
  static const struct
  {
    ScFaultKind kind;
    gint error;
    gint code;
    const gchar *remedy;
  } cases[] = {
    {SC_FAULT_OPEN, ENOENT, GST_RESOURCE_ERROR_OPEN_WRITE, "make it"},
    {SC_FAULT_WRITE, ENOENT, GST_RESOURCE_ERROR_WRITE, "was removed"},
    {SC_FAULT_OPEN, ENOTDIR, GST_RESOURCE_ERROR_OPEN_WRITE, "correct"},
    {SC_FAULT_OPEN, EISDIR, GST_RESOURCE_ERROR_OPEN_WRITE, "add a file name"},
    {SC_FAULT_OPEN, EACCES, GST_RESOURCE_ERROR_OPEN_WRITE, "permission on"},
    {SC_FAULT_OPEN, EROFS, GST_RESOURCE_ERROR_OPEN_WRITE, "mount it writable"},
    {SC_FAULT_WRITE, EROFS, GST_RESOURCE_ERROR_WRITE, "check the device"},
    {SC_FAULT_OPEN, EEXIST, GST_RESOURCE_ERROR_OPEN_WRITE, "overwrite=true"},
    {SC_FAULT_LOCK, EBUSY, GST_RESOURCE_ERROR_BUSY, "stop the other one"},
    {SC_FAULT_OPEN, ELOOP, GST_RESOURCE_ERROR_OPEN_WRITE, "the real path"},
    {SC_FAULT_OPEN, EXDEV, GST_RESOURCE_ERROR_OPEN_WRITE, "root allows"},
    {SC_FAULT_OPEN, ESPIPE, GST_RESOURCE_ERROR_OPEN_WRITE, "use filesink"},
    {SC_FAULT_OPEN_JOURNAL, ENOSPC, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
        "free some space"},
    {SC_FAULT_WRITE, ENOSPC, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
        "free some space"},
    {SC_FAULT_SPACE, ENOSPC, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "min-free"},
    {SC_FAULT_SYNC, EDQUOT, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "quota"},
    {SC_FAULT_WRITE, EFBIG, GST_RESOURCE_ERROR_WRITE, "split the recording"},
    {SC_FAULT_SYNC, EIO, GST_RESOURCE_ERROR_WRITE, "The device failed"},
    {SC_FAULT_SIZE, EIO, GST_RESOURCE_ERROR_WRITE, "something else cut it"},
    {SC_FAULT_WRITE, ETIMEDOUT, GST_RESOURCE_ERROR_WRITE, "write-timeout"},
    {SC_FAULT_CLOSE, EIO, GST_RESOURCE_ERROR_CLOSE, "The device failed"},
    {SC_FAULT_THREAD, ENOMEM, GST_RESOURCE_ERROR_FAILED, "buffer-size"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    SafefilesinkError error = describe (cases[i].kind, cases[i].error, 0);

    fail_unless_equals_int (error.code, cases[i].code);
    fail_unless (strstr (error.text, cases[i].remedy) != NULL, "%s: %s",
        cases[i].remedy, error.text);
    fail_unless (strstr (error.text, "\"" NAME "\"") != NULL, "%s", error.text);
    fail_unless (strstr (error.debug, sc_fault_name (cases[i].kind)) != NULL);
    clear (&error);
  }
}
GST_END_TEST;

/* Also one that nobody thought of. */
GST_START_TEST (test_no_error_is_without_a_reason_and_a_remedy)
{
  for (gint error = 1; error < 134; error++) {
    for (gint kind = SC_FAULT_OPEN; kind < SC_FAULTS; kind++) {
      SafefilesinkError described = describe ((ScFaultKind) kind, error, 0);
      const gchar *reason = strstr (described.text, ": ");
      const gchar *remedy = reason != NULL ? strstr (reason, ". ") : NULL;

      fail_unless (remedy != NULL && strlen (remedy) > 20, "%s",
          described.text);
      fail_unless (g_str_has_suffix (described.text, "."), "%s",
          described.text);
      clear (&described);
    }
  }
}
GST_END_TEST;

GST_START_TEST (test_what_is_safe_is_named_with_its_place)
{
  SafefilesinkError error = describe (SC_FAULT_WRITE, EIO, 12345);

  fail_unless (strstr (error.text, "12345 bytes are safe in \"" NAME ".part\"")
      != NULL, "%s", error.text);
  clear (&error);
  error = describe (SC_FAULT_WRITE, EIO, 0);
  fail_unless (strstr (error.text, "safe") == NULL, "%s", error.text);
  clear (&error);
}
GST_END_TEST;

static Suite *
safefilesink_errors_suite (void)
{
  Suite *suite = suite_create ("safefilesink-errors");
  TCase *tcase = tcase_create ("all");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_every_usual_error_says_what_to_do_about_it);
  tcase_add_test (tcase, test_no_error_is_without_a_reason_and_a_remedy);
  tcase_add_test (tcase, test_what_is_safe_is_named_with_its_place);
  return suite;
}

GST_CHECK_MAIN (safefilesink_errors);
