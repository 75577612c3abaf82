# SPDX-License-Identifier: LGPL-2.1-or-later
"""safecapture monitor --metrics-location: what is told, in a file.

Arguments: the command, the folder of the plugin."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

COMMAND, PLUGINS = sys.argv[1:3]


class Log(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="safecapture-log-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.log = os.path.join(self.folder, "metrics.jsonl")
        self.env = dict(os.environ, GST_PLUGIN_PATH_1_0=PLUGINS)

    def start(self, buffers, take, log=None):
        return subprocess.Popen(
            [COMMAND, "monitor", "--interval", "0.02", "--plain",
             "--metrics-location", log or self.log,
             f"bufpoolsrc is-live=true num-buffers={buffers} blocksize=512 ! "
             f"tieredqueue ! safefilesink location={self.folder}/{take}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.env)

    def record(self, buffers, take, log=None):
        with self.start(buffers, take, log) as run:
            out, err = run.communicate(timeout=60)
        return run.returncode, out + err

    def lines(self):
        """Of every line that has its end; each must be whole."""
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def test_snapshots_and_messages_are_lines(self):
        code, text = self.record(100, "take")
        self.assertEqual(code, 0, text)
        lines = self.lines()
        types = [line["type"] for line in lines]
        self.assertGreater(types.count("safecapture-snapshot"), 3)
        self.assertEqual(types.count("safefilesink-published"), 1)
        self.assertTrue(all(line["at"] and line["source"] for line in lines))
        last = [line for line in lines
                if line["type"] == "safecapture-snapshot"][-1]
        size = os.path.getsize(self.folder + "/take")
        self.assertEqual(last["bytes-written"], size)

    def test_runs_that_were_killed_leave_whole_lines_and_the_next_goes_on(self):
        before = 0
        for turn in range(3):
            with self.start(100000, f"take{turn}") as run:
                while (not os.path.exists(self.log)
                       or len(self.lines()) < before + 5):
                    self.assertIsNone(run.poll())
                run.kill()
                run.communicate(timeout=60)
            before = len(self.lines())
        self.assertGreaterEqual(before, 15)

    def test_a_file_that_cannot_be_is_said_before_the_recording(self):
        code, text = self.record(10, "take", "/nowhere/metrics.jsonl")
        self.assertEqual(code, 64, text)
        self.assertIn("No such file or directory", text)
        self.assertFalse(os.path.exists(self.folder + "/take"))

    def test_a_full_disk_is_said_once_and_the_recording_is_whole(self):
        code, text = self.record(100, "take", "/dev/full")
        self.assertEqual(code, 0, text)
        self.assertEqual(text.count("Metrics cannot be written"), 1, text)
        self.assertIn("The recording is whole", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
