#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file system that stops answering in the middle of a recording.

fsfreeze makes every write and sync on a loop device wait in the kernel.  The
recording must go on at its backup and come to its end while the file system is
still frozen; joined, it is what was fed.  Needs root; else it is skipped.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

RECORDER, COMMAND = map(os.path.abspath, sys.argv[1:3])
CHUNK, CHUNKS, BEFORE = 32768, 150, 50
HEADER = 80         # wavenc's for 8 channels
PATIENCE = 100      # seconds, before a test that hangs is given up
SKIPPED = 77


def can_freeze():
    return (os.geteuid() == 0
            and all(map(shutil.which, ["mkfs.ext4", "mount", "fsfreeze"])))


class Disk:
    """An ext4 of its own in a file."""

    def __init__(self, folder):
        self.image = os.path.join(folder, "image")
        self.path = os.path.join(folder, "disk")
        self.frozen = False
        os.mkdir(self.path)
        with open(self.image, "wb") as file:
            file.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        done = subprocess.run(["mount", "-o", "loop", self.image, self.path],
                              capture_output=True)
        if done.returncode != 0:
            raise unittest.SkipTest("no loop device can be mounted here: "
                                    + done.stderr.decode().strip())

    def freeze(self):
        subprocess.run(["fsfreeze", "-f", self.path], check=True)
        self.frozen = True

    def thaw(self):
        if self.frozen:
            subprocess.run(["fsfreeze", "-u", self.path], check=True)
        self.frozen = False

    def close(self):
        self.thaw()
        subprocess.run(["umount", self.path], check=True)


class Frozen(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="safecapture-frozen-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.disk = Disk(self.folder)
        self.addCleanup(self.disk.close)
        self.backup = os.path.join(self.folder, "backup")
        os.mkdir(self.backup)
        self.name = os.path.join(self.disk.path, "take.wav")
        self.manifest = os.path.join(self.backup, "take.wav.sfm")
        self.mark = 0
        self.moved = threading.Condition()

    def listen(self):
        for line in self.recorder.stdout:
            with self.moved:
                self.mark = int(line)
                self.moved.notify_all()

    def wait_for_mark(self, mark):
        with self.moved:
            self.assertTrue(self.moved.wait_for(lambda: self.mark >= mark,
                                                PATIENCE),
                            "the mark stands at %d" % self.mark)

    def record(self, freezes, frozen_before=False):
        """Feeds a recording to its end; what was fed."""
        data = os.urandom(CHUNK * CHUNKS)
        if frozen_before:
            self.disk.freeze()
        self.recorder = subprocess.Popen(
            [RECORDER, self.name, 'backup-locations="<%s/>"' % self.backup,
             "write-timeout=1000000000", "sync-interval=20000000"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        listener = threading.Thread(target=self.listen)
        listener.start()
        self.recorder.stdin.write(data[:CHUNK * BEFORE])
        self.recorder.stdin.flush()
        self.wait_for_mark(CHUNK * BEFORE // 2)
        if freezes:
            self.disk.freeze()
        self.recorder.stdin.write(data[CHUNK * BEFORE:])
        self.recorder.stdin.close()
        self.wait_for_mark(HEADER + len(data))
        # A process ends only when the kernel lets go of all its threads.
        self.disk.thaw()
        self.assertEqual(self.recorder.wait(PATIENCE), 0)
        listener.join()
        self.recorder.stdout.close()
        return data

    def test_a_recording_leaves_a_frozen_disk_and_is_whole_again(self):
        data = self.record(True)
        out = os.path.join(self.folder, "out.wav")
        done = subprocess.run([COMMAND, "join", self.manifest, "-o", out],
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(b"no answer in time", done.stdout)
        with open(out, "rb") as file:
            joined = file.read()
        self.assertEqual(joined[HEADER:], data)
        # The sizes that wavenc writes at the end, when the disk was gone.
        self.assertEqual(int.from_bytes(joined[4:8], "little"),
                         len(joined) - 8)
        self.assertEqual(int.from_bytes(joined[HEADER - 4:HEADER], "little"),
                         len(data))

    def test_a_disk_that_is_frozen_at_the_start_is_left_too(self):
        # Moving away what an earlier recording left hangs in the kernel.
        with open(self.name + ".part", "wb") as file:
            file.write(b"left")
        data = self.record(freezes=False, frozen_before=True)
        with open(os.path.join(self.backup, "take.wav"), "rb") as file:
            self.assertEqual(file.read()[HEADER:], data)
        self.assertFalse(os.path.exists(self.manifest))

    def test_control_without_the_freeze_nothing_is_switched(self):
        data = self.record(False)
        self.assertFalse(os.path.exists(self.manifest))
        with open(self.name, "rb") as file:
            self.assertEqual(file.read()[HEADER:], data)


if __name__ == "__main__":
    if not can_freeze():
        print("skipped: needs root, mkfs.ext4, mount and fsfreeze")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1], verbosity=1)
