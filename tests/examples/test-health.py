# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-health.py PYTHON HEALTH: the example, on pipelines that are well and not."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

COMMAND = sys.argv[1:3]

# Of 200 buffers at once the queue holds four, and lets one go each 20 ms.
SLOW = ("bufpoolsrc name=mic num-buffers=200 ! tieredqueue name=q {} "
        "max-size-buffers=4 ! identity sleep-time={} ! fakesink")
WORDS = r"more than one in a hundred is refused or dropped; data have been lost"


class Health(unittest.TestCase):
    def run_example(self, *words):
        return subprocess.run([*COMMAND, *words], capture_output=True,
                              text=True, timeout=60, check=False)

    def test_a_recording_that_is_well_is_said_to_be(self):
        with tempfile.TemporaryDirectory(prefix="safecapture-health-") as folder:
            file = os.path.join(folder, "take.raw")
            done = self.run_example(
                "bufpoolsrc name=mic is-live=true num-buffers=100 ! tieredqueue "
                f"name=q ! safefilesink name=disk location={file}")
        self.assertEqual((done.stderr, done.returncode), ("", 0), done.stdout)
        self.assertIn(f"disk: published {file}\n", done.stdout)
        self.assertIn("disk: healthy\n", done.stdout)
        self.assertTrue(done.stdout.endswith("\n0 buffers dropped in all\n"))

    def test_a_queue_that_drops_is_told_with_count_and_reason(self):
        done = self.run_example(SLOW.format("leaky=upstream", 20000))
        self.assertEqual((done.stderr, done.returncode), ("", 1), done.stdout)
        told = re.findall(r"^q: (\d+) buffers dropped, the first at \d+\.\d+ s$",
                          done.stdout, re.MULTILINE)
        in_all = re.search(r"^(\d+) buffers dropped in all$", done.stdout,
                           re.MULTILINE)
        self.assertGreater(int(in_all[1]), 0)
        self.assertEqual(sum(map(int, told)), int(in_all[1]))
        self.assertRegex(done.stdout, f"(?m)^q: NOT healthy: .*{WORDS}$")
        self.assertRegex(done.stdout, "(?m)^q: warning: More than one buffer")

    def test_negative_control_the_same_queue_that_waits_drops_nothing(self):
        done = self.run_example(SLOW.format("", 0))
        self.assertEqual((done.stderr, done.returncode), ("", 0), done.stdout)
        self.assertNotIn("buffers dropped, the first", done.stdout)
        self.assertNotIn("data have been lost", done.stdout)
        self.assertIn("0 buffers dropped in all\n", done.stdout)

    def test_what_is_no_pipeline_is_said_in_words(self):
        done = self.run_example("no-such-element")
        self.assertEqual(done.returncode, 1)
        self.assertIn('no element "no-such-element"', done.stderr)


unittest.main(argv=sys.argv[:1])
