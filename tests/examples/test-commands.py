# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-commands.py FOLDER PAGE...: the lines of gst-launch-1.0 that the pages
show are run as they stand, but for the folder /mnt, which is one of the test's;
FOLDER has the command safecapture."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS, *PAGES = sys.argv[1:]
# What stands for a program that captures: a second of eight channels of zeros.
CAPTURE = "#!/bin/sh\nhead -c 768000 /dev/zero\n"
PUBLISHED = re.compile(r"location=(\S+)")


def shown(page):
    """The indented blocks of a page that begin with a pipeline."""
    with open(page, encoding="utf-8") as file:
        blocks = re.findall(r"(?:^    .*\n)+", file.read(), re.MULTILINE)
    return [block for block in blocks
            if re.match(r" *(?:capture-program \| )?gst-launch-1.0", block)]


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="commands-")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("bin", "mnt/first", "mnt/second", "mnt/third"):
            os.makedirs(os.path.join(self.folder, name))
        program = os.path.join(self.folder, "bin", "capture-program")
        with open(program, "w", encoding="utf-8") as file:
            file.write(CAPTURE)
        os.chmod(program, 0o755)

    def run_shown(self, block):
        path = [os.path.join(self.folder, "bin"), TOOLS, os.environ["PATH"]]
        return subprocess.run(
            ["sh", "-ec", block], cwd=self.folder, timeout=120,
            env={**os.environ, "PATH": os.pathsep.join(path)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True)

    def test_every_line_does_what_it_says(self):
        ran = 0
        for page in PAGES:
            for block in shown(page):
                block = block.replace("/mnt/", self.folder + "/mnt/")
                with self.subTest(block):
                    done = self.run_shown(block)
                    if "no element" in done.stdout:
                        continue
                    self.assertEqual(done.returncode, 0, done.stdout)
                    for name in PUBLISHED.findall(block):
                        if name != "-" and "%" not in name:
                            self.assertTrue(os.path.exists(
                                os.path.join(self.folder, name)), done.stdout)
                    ran += 1
        self.assertGreater(ran, len(PAGES))

    def test_negative_control_a_line_that_is_wrong_is_found(self):
        self.assertNotEqual(self.run_shown(
            "gst-launch-1.0 fakesrc num-buffers=1 ! fakesink no-property=1"
        ).returncode, 0)


unittest.main(argv=sys.argv[:1])
