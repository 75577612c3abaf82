# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-example.py COMMAND...: an example, run as its reader would run it."""
import os
import sys
import unittest

from example_check import ExampleCase


class Example(ExampleCase):
    command = sys.argv[1:]

    def test_it_records_the_device_and_its_accounts_balance(self):
        self.check_recording()

    def test_a_folder_that_is_not_there_is_an_error_and_no_hang(self):
        done = self.run_example(os.path.join(self.file, "take.wav"), "100")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Could not open file", done.stderr)

    def test_without_a_file_it_tells_its_usage(self):
        done = self.run_example()
        self.assertEqual(done.returncode, 1)
        self.assertIn("FILE [BLOCKS]", done.stderr)


unittest.main(argv=sys.argv[:1])
