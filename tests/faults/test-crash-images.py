#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a power cut may leave of a recording, in each of six formats.

An ext4 lies on a loop device over a file of crash-disk, which logs every write
and every flush that reaches the disk.  A recording is made on it, and then
crash images are put together: everything up to the last flush before a chosen
moment, and of what was written since, each sector of 512 bytes or not, by chance.
Each image is mounted (ext4 replays its journal), the recording in it recovered:
no byte below the mark that had been posted by then may be lost or wrong, and the
recovered file must play (take.h).

A sample by default, at least 1,000 images with SC_FAULTS_ALL set.  The seed is
printed; SC_TEST_SEED gives it.  Needs root, loop devices and FUSE; else it is
skipped.

Negative controls, in which images must be wrong: filesink; sync-policy=none; and
a recorder without a journal.
"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

DISK, TAKE, COMMAND = map(os.path.abspath, sys.argv[1:4])
NAMES = ["take.wav", "take.mkv", "robust.mp4", "fragments.mp4", "take.flac",
         "take.ts"]
ROBUST = 2
PACED = "identity sleep-time=1500 ! "   # us: the disk is to keep up
SAFE = PACED + "safefilesink journal=keep metrics-interval=1000000 "
POLICIES = ["sync-policy=every-buffer", "sync-interval=2000000",
            "sync-policy=bytes sync-bytes=3000",
            "sync-policy=direct sync-interval=2000000"]
ALL = bool(os.environ.get("SC_FAULTS_ALL"))
FRAMES = 30
SIZE = 16 << 20
SECTOR = 512
HEAD = struct.Struct("<QQ")
PATIENCE = 60       # seconds, before a program that hangs is given up
SKIPPED = 77


def run(*args):
    return subprocess.run(args, capture_output=True, timeout=PATIENCE)


def skip(why):
    print("skipped:", why)
    sys.exit(SKIPPED)


class MountError(Exception):
    """The kernel does not mount an image."""


class Unavailable(Exception):
    """This machine lacks something."""


class Mounted:
    """An ext4 image on a loop device; the block is left unmounted."""

    def __init__(self, image, path):
        self.image, self.path = image, path

    def __enter__(self):
        done = run("mount", "-o", "loop", self.image, self.path)
        if done.returncode != 0:
            raise MountError(done.stderr.decode().strip())

    def __exit__(self, *error):
        run("umount", self.path)


class Recording:
    """The log of a disk while a recording was made on it."""

    def __init__(self, folder, way, sink, claims):
        self.folder, self.way = folder, way
        self.base = self.at("base")
        self.log, self.taken = self.at("log"), self.at("taken")
        for path in self.log, self.taken, self.base:
            if os.path.exists(path):
                os.unlink(path)
        with open(self.base, "wb") as file:
            file.truncate(SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "1024", "-J", "size=1",
                        "-N", "64", "-E",
                        "lazy_itable_init=0,lazy_journal_init=0", self.base],
                       check=True)
        with open(self.base, "rb") as file:
            self.empty = file.read()
        self.make(sink, claims)

    def at(self, name):
        return os.path.join(self.folder, name)

    def position(self):
        with open(self.taken, "rb") as file:
            return struct.unpack("<Q", file.read(8))[0]

    def make(self, sink, claims):
        mount = self.at("fuse")
        # It returns when it is mounted, and goes on behind us.
        done = run(DISK, mount, self.base, self.log, self.taken)
        if done.returncode != 0:
            raise Unavailable("FUSE cannot be mounted: "
                              + done.stderr.decode().strip())
        try:
            self.mount_and_record(mount + "/image", sink, claims)
        finally:
            run("umount", mount)

    def mount_and_record(self, image, sink, claims):
        try:
            with Mounted(image, self.at("disk")):
                self.first = self.position()
                self.record(sink, claims)
                self.last = self.position()
        except MountError as error:
            raise Unavailable("no loop device can be mounted: %s" % error)

    def record(self, sink, claims):
        done = run(TAKE, "record", str(self.way), str(FRAMES),
                   self.at("disk/" + NAMES[self.way]), self.taken, sink,
                   *(["claims-all"] if claims else []))
        self.there = done.returncode != SKIPPED
        if self.there and done.returncode != 0:
            raise AssertionError(done.stderr.decode())

    def records(self):
        with open(self.log, "rb") as file:
            data = file.read()
        at = 0
        while at < len(data):
            offset, size = HEAD.unpack_from(data, at)
            at += HEAD.size
            yield offset, data[at:at + size]
            at += size


def images(recording, moments, rng):
    """For each moment, in order, an image that a power cut then may leave."""
    records = list(recording.records())
    durable, done = bytearray(recording.empty), 0
    for moment in sorted(moments):
        flushes = [i for i in range(done, moment) if not records[i][1]]
        until = flushes[-1] if flushes else done
        for offset, data in records[done:until]:
            durable[offset:offset + len(data)] = data
        done = until
        image, kept = bytearray(durable), rng.choice([0, 0.1, 0.5, 0.9, 1])
        for offset, data in records[done:moment]:
            for at in range(0, len(data), SECTOR):
                if rng.random() < kept:
                    piece = data[at:at + SECTOR]
                    image[offset + at:offset + at + len(piece)] = piece
        yield moment, image


def look_at(recording, count, rng):
    """Images that were looked at, those with a promise, and what is wrong."""
    crash, disk = recording.at("crash"), recording.at("disk")
    name = NAMES[recording.way]
    checker = subprocess.Popen(
        [TAKE, "check", os.path.join(disk, name), recording.at("scratch"),
         COMMAND, str(recording.way), recording.taken, recording.taken],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    moments = [rng.randint(recording.first, recording.last)
               for _ in range(count)]
    promised, wrong = 0, []
    for moment, image in images(recording, moments, rng):
        with open(crash, "wb") as file:
            file.write(image)
        try:
            with Mounted(crash, disk):
                checker.stdin.write("%d\n" % moment)
                checker.stdin.flush()
                mark, verdict = checker.stdout.readline().rstrip().split(" ", 1)
        except MountError as error:
            mark, verdict = "0", "the image cannot be mounted: %s" % error
        promised += mark != "0"
        if verdict != "right":
            wrong.append("at %d: %s" % (moment, verdict))
    checker.stdin.close()
    checker.wait(PATIENCE)
    checker.stdout.close()
    return promised, wrong


def look(folder, way, sink, claims, count, rng):
    recording = Recording(folder, way, sink, claims)
    if not recording.there:
        print(NAMES[way], "skipped: an element is missing")
        return 0, []
    promised, wrong = look_at(recording, count, rng)
    print("%-14s %-32s %3d images, %3d behind a first promise: %d wrong"
          % (NAMES[way], sink.split("sink ")[-1], count, promised, len(wrong)),
          flush=True)
    return count, wrong


def main():
    if os.geteuid() != 0:
        skip("needs root")
    for program in "mkfs.ext4", "mount":
        if shutil.which(program) is None:
            skip("no " + program)
    if not os.path.exists("/dev/fuse"):
        skip("no /dev/fuse")
    seed = int(os.environ.get("SC_TEST_SEED", "0"), 0) or random.getrandbits(32)
    print("crash-images: SC_TEST_SEED=%d" % seed)
    rng = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="safecapture-crash-", dir=(
        "/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    for name in "fuse", "disk", "scratch":
        os.mkdir(os.path.join(folder, name))
    total, bad, blind = 0, [], []
    try:
        for way in range(len(NAMES)):
            for policy in POLICIES if ALL else [rng.choice(POLICIES)]:
                count, wrong = look(folder, way, SAFE + policy, False,
                                    50 if ALL else 10, rng)
                total += count
                bad += wrong
        controls = [(rng.randrange(len(NAMES)), "filesink", True),
                    (rng.randrange(len(NAMES)),
                     "safefilesink sync-policy=none journal=keep", True),
                    (ROBUST, "safefilesink journal=none " + POLICIES[0], False)]
        for way, sink, claims in controls:
            count, wrong = look(folder, way, sink, claims, 20, rng)
            if count > 0 and not wrong:
                blind.append("%s with %s" % (NAMES[way], sink))
    except Unavailable as error:
        skip(str(error))
    finally:
        shutil.rmtree(folder)
    for line in bad:
        print(line)
    for line in blind:
        print("the control finds nothing wrong:", line)
    print("%d images, %d wrong" % (total, len(bad)))
    return 1 if bad or blind else 0


if __name__ == "__main__":
    sys.exit(main())
