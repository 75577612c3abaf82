#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The safecapture command as a user meets it: every exit code, every message."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import wave

import journal_reader

COMMAND, MAKER, PARTS = map(os.path.abspath, sys.argv[1:4])
HEADER, BLOCK = 44, 4800 * 16


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="safecapture-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.name = self.path("take.wav")
        self.part = self.name + ".part"
        self.journal = self.name + ".sfj"

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, *args):
        subprocess.run([MAKER, self.name, *map(str, args)], check=True)

    def run_command(self, code, *args):
        done = subprocess.run([COMMAND, *args], capture_output=True,
                              timeout=60, cwd=self.folder)
        text = (done.stdout + done.stderr).decode("utf-8")
        self.assertEqual(done.returncode, code, text)
        for character in text:
            self.assertTrue(character == "\n" or character.isprintable(),
                            repr(text))
        return text

    def flip(self, path, at):
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 0x10]))

    def content(self, path):
        with open(path, "rb") as file:
            return file.read()

    def assert_plays(self, path, frames):
        with wave.open(path) as file:
            self.assertEqual(file.getnchannels(), 8)
            self.assertEqual(file.getnframes(), frames)
            self.assertEqual(len(file.readframes(frames)), frames * 16)
        self.assertEqual(os.path.getsize(path), HEADER + frames * 16)

    # Whole: 0

    def test_a_closed_recording_is_whole(self):
        self.make(7, 3, "close")
        text = self.run_command(0, "verify", self.part)
        self.assertIn("whole: every byte", text)
        os.rename(self.part, self.name)     # published, its journal kept
        self.run_command(0, "verify", self.name)
        self.flip(self.name, HEADER + 2 * BLOCK)
        text = self.run_command(2, "verify", self.name)
        self.assertIn("LOSS below the durable mark", text)
        self.assertIn("bytes %d to %d: damaged" % (
            HEADER + 2 * BLOCK, HEADER + 3 * BLOCK - 1), text)

    def test_a_closed_recording_is_published_in_place(self):
        self.make(7, 3, "close")
        self.run_command(0, "recover", "--in-place", self.part)
        self.assert_plays(self.name, 7 * 4800)
        self.assertEqual(os.listdir(self.folder), ["take.wav"])

    def test_a_reader_written_after_the_specification_agrees(self):
        self.make(6, 4, "close")
        name, records = journal_reader.read(self.content(self.journal))
        self.assertEqual(name, "take.wav")
        self.assertEqual([kind for kind, _ in records],
                         [1, 1, 1, 1, 1, 3, 1, 2, 1, 2, 3, 4])
        payload = self.content(self.part)
        self.assertEqual(journal_reader.check(payload, records),
                         (HEADER + 6 * BLOCK, 7, 7))
        payload = payload[:HEADER] + b"\0" + payload[HEADER + 1:]
        self.assertEqual(journal_reader.check(payload, records)[2], 6)

    # Repaired: 1

    def test_what_was_dropped_while_recording_is_told_by_every_command(self):
        self.make(6, 4, "close", "gap")
        dropped = "%d bytes (150.0 KiB) in 4 buffers, in 1 gap, running " \
            "time 0:00:00.250" % (2 * BLOCK)
        where = "bytes %d to %d: " % (HEADER + 2 * BLOCK,
                                      HEADER + 4 * BLOCK - 1)
        text = self.run_command(1, "verify", self.part)
        self.assertIn(dropped, text)
        self.assertIn(where + "dropped while recording: zeros", text)
        self.assertIn(where + "4 buffers, running time 0:00:00.250, from "
                      "running time 0:00:02.000 on", text)
        self.assertIn("lost below mark   0 bytes", text)
        self.assertIn("whole: every byte is as it was recorded; but NOT ALL",
                      text)
        self.assertIn(dropped, self.run_command(0, "info", self.part))
        self.assertIn(dropped, self.run_command(1, "recover", self.part))
        self.assert_plays(self.name, 8 * 4800)
        kind, body = [record for record in journal_reader.read(
            self.content(self.journal))[1] if record[0] == 8][0]
        self.assertEqual(kind, journal_reader.GAP)
        self.assertEqual(journal_reader.gap(body),
                         (HEADER + 2 * BLOCK, 2 * BLOCK, 4))
        with open(self.part, "r+b") as file:    # no zeros any more
            file.seek(HEADER + 3 * BLOCK)
            file.write(b"x")
        self.run_command(2, "verify", self.part)

    def test_without_a_gap_nothing_was_dropped(self):
        self.make(6, 4, "close")
        self.assertNotIn("dropped", self.run_command(0, "verify", self.part))

    def test_an_interrupted_recording_is_recovered_into_a_copy(self):
        self.make(7, 3)
        before = self.content(self.part), self.content(self.journal)
        self.run_command(1, "verify", self.part)
        text = self.run_command(1, "recover", self.part)
        self.assertRegex(text, r"durable mark +%d bytes" % (HEADER + 3 * BLOCK))
        self.assertRegex(text, r"lost below mark +0 bytes\n")
        self.assertRegex(text, r"kept +%d bytes .*0:00:00.700" % (
            HEADER + 7 * BLOCK))
        self.assert_plays(self.name, 7 * 4800)
        self.assertEqual(before, (self.content(self.part),
                                  self.content(self.journal)))
        self.assertEqual(self.content(self.name)[HEADER:], before[0][HEADER:])
        self.assertEqual(os.stat(self.name).st_mode & 0o777, 0o600)

    def test_an_interrupted_recording_is_recovered_in_place(self):
        self.make(7, 3)
        with open(self.part, "ab") as file:
            file.write(b"never journaled")
        before = self.content(self.part)
        text = self.run_command(1, "recover", "--in-place", self.part)
        self.assertRegex(text, r"left out +15 bytes")
        self.assert_plays(self.name, 7 * 4800)
        self.assertEqual(self.content(self.name)[HEADER:], before[HEADER:-15])
        self.assertEqual(os.listdir(self.folder), ["take.wav"])

    def test_a_torn_overwrite_is_replayed(self):
        self.make(5, 5)
        self.flip(self.part, 41)
        text = self.run_command(1, "verify", self.part)
        self.assertRegex(text, r"to replay +1 byte ")
        self.run_command(1, "recover", "-o", self.path("out.wav"), self.part)
        self.assert_plays(self.path("out.wav"), 5 * 4800)

    def test_a_tail_above_the_mark_is_lost_and_a_partial_frame_cut(self):
        self.make(7, 3)
        os.truncate(self.part, HEADER + 5 * BLOCK + 7)
        text = self.run_command(1, "recover", self.part)
        self.assertRegex(text, r"lost above mark +%d bytes .*0:00:00.200"
                         % (2 * BLOCK))
        self.assert_plays(self.name, 5 * 4800)
        os.remove(self.name)
        text = self.run_command(1, "recover", "--keep-unverified", self.part)
        self.assert_plays(self.name, 5 * 4800)

    def test_what_is_cut_below_the_mark_is_told(self):
        for marked, told in ((3, "7 bytes of a partial end cut\n"),
                             (4, "nothing can play; 7 bytes of it below")):
            with self.subTest(marked):
                self.make(4, marked, "odd")
                text = self.run_command(1, "recover", self.part)
                self.assertIn(told, text)
                self.assert_plays(self.name, 4 * 4800)
                for name in (self.name, self.part, self.journal):
                    os.remove(name)

    def test_a_torn_journal_is_normal(self):
        self.make(7, 3)
        os.truncate(self.journal, os.path.getsize(self.journal) - 10)
        text = self.run_command(1, "recover", self.part)
        self.assertIn("its last record is torn", text)
        self.assert_plays(self.name, 6 * 4800)

    def test_a_moov_recovery_file_that_is_not_there_is_complained_about(self):
        self.make(4, 2)
        text = self.run_command(3, "recover", "--moov-recovery",
                                self.path("none.mrf"), self.part)
        self.assertIn("none.mrf: cannot be read", text)
        text = self.run_command(3, "recover", "--moov-recovery", self.folder,
                                self.part)
        self.assertIn("no regular file", text)
        self.assertFalse(os.path.exists(self.name))

    def test_without_a_journal_the_container_is_repaired_on_request(self):
        self.make(4, 2)
        os.remove(self.journal)
        self.run_command(3, "verify", self.part)
        text = self.run_command(3, "recover", self.part)
        self.assertIn("nothing can be vouched for", text)
        self.assertIn("--without-journal", text)
        self.assertFalse(os.path.exists(self.name))
        with open(self.journal, "w") as file:
            file.write("garbage")
        text = self.run_command(1, "recover", "--without-journal", self.part)
        self.assertIn("left aside", text)
        self.assertIn("nothing vouches for the content", text)
        self.assert_plays(self.name, 4 * 4800)

    # Loss below the mark: 2

    def test_a_payload_shorter_than_the_mark_is_loss(self):
        self.make(7, 5)
        os.truncate(self.part, HEADER + 4 * BLOCK)
        text = self.run_command(2, "recover", self.part)
        self.assertRegex(text, r"lost below mark +%d bytes .*0:00:00.100"
                         % BLOCK)
        self.assertRegex(text, r"lost above mark +%d bytes" % (2 * BLOCK))
        self.assert_plays(self.name, 4 * 4800)
        os.truncate(self.part, 0)
        os.remove(self.name)
        text = self.run_command(2, "recover", self.part)
        self.assertIn("nothing can be kept", text)
        self.assertFalse(os.path.exists(self.name))

    def test_damage_below_the_mark_keeps_the_journal(self):
        self.make(7, 5)
        self.flip(self.part, HEADER + BLOCK + 5)
        text = self.run_command(2, "recover", "--in-place", self.part)
        self.assertIn("as evidence", text)
        self.assert_plays(self.name, 7 * 4800)
        self.assertTrue(os.path.exists(self.journal))
        self.run_command(2, "verify", self.name)

    def test_a_flipped_bit_in_the_journal_never_passes(self):
        self.make(7, 5, "close")
        size = os.path.getsize(self.journal)
        whole = self.content(self.journal)
        for at in range(0, size, 16):
            with open(self.journal, "wb") as file:
                file.write(whole)
            self.flip(self.journal, at)
            done = subprocess.run([COMMAND, "verify", self.part],
                                  capture_output=True)
            self.assertIn(done.returncode, (1, 2, 3), at)
        with open(self.journal, "wb") as file:
            file.write(whole)
        self.run_command(0, "verify", self.part)

    def test_a_journal_that_ends_early_leaves_a_published_file_in_doubt(self):
        self.make(7, 3, "close")
        os.rename(self.part, self.name)
        os.truncate(self.journal, 400)
        text = self.run_command(2, "verify", self.name)
        self.assertIn("below the durable mark", text)
        self.assertIn("not covered by the journal", text)

    # Cannot be read or vouched for: 3

    def test_a_journal_of_another_file_is_told(self):
        self.make(7, 5)
        with open(self.part, "r+b") as file:
            file.seek(0)
            file.write(bytes(range(256)) * (7 * BLOCK // 256))
        text = self.run_command(3, "recover", "--in-place", self.part)
        self.assertIn("belongs to another file", text)
        self.assertTrue(os.path.exists(self.part))

    def test_a_renamed_recording_is_told_and_recovered(self):
        self.make(7, 5)
        os.rename(self.part, self.path("b.wav.part"))
        os.rename(self.journal, self.path("b.wav.sfj"))
        text = self.run_command(1, "recover", self.path("b.wav.part"))
        self.assertIn("written for a file named take.wav", text)

    def test_what_cannot_be_read_is_told(self):
        os.mkdir(self.path("folder.part"))
        os.mkfifo(self.path("fifo.part"))
        open(self.path("empty.part"), "w").close()
        for name in ("folder.part", "fifo.part", "missing.part", "empty.part"):
            for command in ("verify", "recover"):
                text = self.run_command(3, command, name)
                self.assertIn(name, text)
                self.assertNotIn("Success", text)
        self.run_command(3, "info", "missing.wav")
        self.run_command(3, "info", "folder.part")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_an_unreadable_file_is_told(self):
        self.make(1, 1)
        os.chmod(self.part, 0)
        self.assertIn("Permission denied",
                      self.run_command(3, "verify", self.part))

    def test_a_foreign_journal_is_told(self):
        self.make(2, 1)
        with open(self.journal, "wb") as file:
            file.write(b"this is no journal at all, whatever its name says" * 9)
        text = self.run_command(3, "verify", self.part)
        self.assertIn("is no journal", text)
        self.assertIn("not a journal", self.run_command(3, "info",
                                                        self.journal))

    def test_a_file_that_is_not_ours_is_left_alone(self):
        with open(self.part, "wb") as file:
            file.write(b"plain text\n" * 100)
        self.run_command(3, "recover", self.part)
        text = self.run_command(3, "recover", "--without-journal", self.part)
        self.assertIn("nothing done", text)
        self.assertEqual(os.listdir(self.folder), ["take.wav.part"])

    def test_nothing_is_ever_replaced(self):
        self.make(2, 1)
        with open(self.name, "w") as file:
            file.write("precious")
        for args in ([], ["--in-place"], ["-o", self.name]):
            text = self.run_command(3, "recover", *args, self.part)
            self.assertIn("never replaced", text)
            self.assertEqual(self.content(self.name), b"precious")
        self.assertTrue(os.path.exists(self.part))

    def test_a_recording_that_goes_on_is_left_alone(self):
        with subprocess.Popen([MAKER, self.name, "3", "2", "hold"],
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as maker:
            maker.stdout.readline()
            for args in ([], ["--in-place"]):
                text = self.run_command(3, "recover", *args, self.part)
                self.assertIn("being recorded", text)
            self.assertIn("being recorded",
                          self.run_command(1, "verify", self.part))
            maker.stdin.close()
        self.assertFalse(os.path.exists(self.name))
        self.run_command(1, "recover", self.part)

    # Usage: 64

    def test_wrong_usage_is_told(self):
        for args in ([], ["frobnicate"], ["verify"], ["recover"], ["info"],
                     ["verify", "-"], ["verify", "-x"], ["recover", "-"],
                     ["recover", "take.wav"], ["recover", ".part"],
                     ["recover", "-o", "a", "--in-place", "b.part"],
                     ["recover", "-o"], ["recover", "--nope", "b.part"],
                     ["recover", "a.part", "b.part"], ["info", "a", "b"],
                     ["recover", "-o", "", "b.part"]):
            self.assertNotEqual(self.run_command(64, *args), "", args)

    def test_help_and_version_are_no_errors(self):
        self.assertIn("recover", self.run_command(0, "--help"))
        self.assertRegex(self.run_command(0, "--version"),
                         r"^safecapture \d+\.\d+")

    # Parts

    def make_parts(self, blocks, failing, *more):
        self.disks = [self.path("disk-%d" % i) for i in range(4)]
        for disk in self.disks:
            os.mkdir(disk)
        self.name = os.path.join(self.disks[0], "take.wav")
        self.part = self.name + ".part"
        subprocess.run([PARTS, self.name, str(blocks), str(failing),
                        *self.disks[1:], *more], check=True)
        with open(self.name + ".expected", "rb") as file:
            self.expected = file.read()
        os.remove(self.name + ".expected")
        self.manifest = self.name + ".sfm"
        self.out = self.path("out.wav")

    def later_parts(self):
        return [os.path.join(disk, name) for disk in self.disks[1:]
                for name in os.listdir(disk) if name.endswith(".part")]

    def test_parts_are_joined_to_what_was_recorded(self):
        self.make_parts(30, 30)
        self.assertGreaterEqual(len(self.later_parts()), 2)
        text = self.run_command(0, "join", self.manifest, "-o", self.out)
        self.assertIn("whole: every byte", text)
        self.assertIn("left, as sync", text)
        self.assertEqual(self.content(self.out), self.expected)
        self.assert_plays(self.out, 30 * 4800)
        # The parts stay, and the file is not replaced.
        text = self.run_command(3, "join", "-o", self.out, self.manifest)
        self.assertIn("exists already", text)

    def test_a_second_reader_joins_the_same_by_the_page_alone(self):
        self.make_parts(30, 30)
        self.assertEqual(journal_reader.join(self.manifest), self.expected)

    def test_disks_may_be_elsewhere_and_files_renamed(self):
        self.make_parts(12, 20)
        for at, part in enumerate([self.part, *self.later_parts()]):
            stem = self.path("moved-%d" % at)
            os.rename(part, stem + ".part")
            os.rename(part[:-len("part")].removesuffix(".") + ".sfj",
                      stem + ".sfj")
        os.rename(self.manifest, self.path("some.sfm"))
        for disk in self.disks:
            shutil.rmtree(disk)
        self.run_command(0, "join", self.path("some.sfm"), "-o", self.out)
        self.assertEqual(self.content(self.out), self.expected)

    def test_a_recording_stopped_in_parts_is_joined_and_repaired(self):
        self.make_parts(12, 20, "stop")
        text = self.run_command(1, "join", self.manifest, "-o", self.out)
        self.assertIn("recovered", text)
        self.assert_plays(self.out, 12 * 4800)

    def test_a_missing_or_damaged_part_is_a_loss_below_the_mark(self):
        self.make_parts(12, 20)
        later = self.later_parts()[0]
        self.flip(self.part, HEADER + BLOCK + 1000)
        text = self.run_command(2, "join", self.manifest, "-o", self.out)
        self.assertRegex(text, "LOST: %d bytes" % BLOCK)
        self.assertEqual(os.path.getsize(self.out), len(self.expected))
        self.flip(self.part, HEADER + BLOCK + 1000)
        os.remove(self.out)
        os.remove(later)
        text = self.run_command(2, "join", self.manifest, "-o", self.out)
        self.assertIn("NOT FOUND", text)
        self.assertRegex(text, "lost below mark +[1-9]")

    def test_a_part_is_not_recovered_alone_by_accident(self):
        self.make_parts(12, 20)
        for part in [self.part, self.later_parts()[-1]]:
            before = self.content(part)
            text = self.run_command(3, "recover", "--in-place", part)
            beside = os.path.join(os.path.dirname(part), "take.wav.sfm")
            self.assertIn("safecapture join %s -o OUT" % beside, text)
            self.assertEqual(self.content(part), before)
            text = self.run_command(0 if part != self.part else 1,
                                    "verify", part)
            self.assertIn("safecapture join %s -o OUT" % beside, text)
        text = self.run_command(0, "verify", self.later_parts()[-1])
        self.assertRegex(text, r"part +\d of the recording, from its byte \d+")
        text = self.run_command(0, "info", self.manifest)
        self.assertRegex(text, r"closed, in \d parts")
        self.run_command(0, "join", self.manifest, "-o", self.out)

    def test_what_is_no_manifest_is_not_joined(self):
        self.make_parts(12, 20)
        self.flip(self.manifest, 30)
        for manifest in [self.manifest, self.part, "missing.sfm"]:
            self.run_command(3, "join", manifest, "-o", self.out)
        self.assertFalse(os.path.exists(self.out))
        for args in [(), (self.manifest,), ("-o", self.out),
                     ("-x", self.manifest), (self.manifest, "-o")]:
            self.run_command(64, "join", *args)

    # Text

    def test_control_characters_of_names_are_never_printed(self):
        evil = self.path("a\x1b[31m\n\u202eb.wav")
        subprocess.run([MAKER, evil, "2", "1"], check=True)
        text = self.run_command(1, "recover", evil + ".part")
        self.assertIn("a\\x1b[31m\\x0a\\xe2\\x80\\xaeb.wav", text)
        self.run_command(3, "verify", self.path("missing\r\x07"))

    def test_names_may_begin_with_a_dash_behind_two(self):
        self.name = self.path("-take.wav")
        self.make(2, 1)
        self.run_command(1, "verify", "--", "-take.wav.part")
        self.run_command(1, "recover", "--", "-take.wav.part")
        self.run_command(0, "info", "--", "-take.wav.part")

    def test_info_tells_without_checking(self):
        self.make(7, 3)
        self.flip(self.part, HEADER + BLOCK)
        text = self.run_command(0, "info", self.part)
        self.assertIn("WAV, 8 channels, 48000 Hz, 16 bits", text)
        self.assertIn("8 extents, 1 overwrites, 1 marks", text)
        self.assertRegex(text, r"container +its headers do not say all")
        self.assertIn("8 extents", self.run_command(0, "info", self.journal))
        text = self.run_command(0, "info", __file__)
        self.assertRegex(text, r"journal +none")

    def test_the_worst_of_several_files_counts(self):
        self.make(2, 1, "close")
        text = self.run_command(3, "verify", self.part, "missing.part")
        self.assertIn("whole", text)
        self.assertTrue(re.search("missing.part.*No such file", text))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
