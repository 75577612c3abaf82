#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""safecapture monitor as a user meets it: how it ends, what it says, and that the
terminal is as it was before."""
import fcntl
import json
import os
import pty
import re
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

COMMAND = os.path.abspath(sys.argv[1])
LIMIT = 30
SOURCE = ["audiotestsrc", "is-live=true", "samplesperbuffer=441", "!"]
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
COLOUR = re.compile(rb"\x1b\[[0-9;]*[1-9][0-9;]*m")


class Run:
    """The command with its output, read as it comes."""

    def __init__(self, folder, args, terminal=None, size=None, **environment):
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        env.pop("NO_COLOR", None)
        env.update(environment)
        self.seen = b""
        if terminal:
            self.output, slave = pty.openpty()
            resize(self.output, *terminal)
            self.before = termios.tcgetattr(self.output)
        else:
            self.output, slave = os.pipe()
        self.process = subprocess.Popen(
            [COMMAND, "monitor", *args], cwd=folder, env=env, stdout=slave,
            stdin=slave if terminal else subprocess.DEVNULL,
            stderr=subprocess.PIPE if not terminal else slave,
            preexec_fn=lambda: prepare(terminal, size))
        # A pty that nobody has open any more forgets its modes.
        self.slave = slave if terminal else os.close(slave)

    def read(self, timeout):
        if not select.select([self.output], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.output, 65536)
        except OSError:
            return False
        self.seen += data
        return data != b""

    def wait_for(self, text, times=1):
        end = time.monotonic() + LIMIT
        while self.seen.count(text) < times:
            if not self.read(1) and (time.monotonic() > end
                                     or self.process.poll() is not None):
                raise AssertionError(f"no {text!r} in {self.seen!r} "
                                     f"{self.errors()!r}")

    def errors(self):
        if self.process.stderr is None or self.process.poll() is None:
            return ""
        return self.process.stderr.read().decode()

    def said(self):
        return self.seen.decode() + self.errors()

    def end(self, number=None):
        """Sends a signal, and reads to the end.  Returns the exit code."""
        if number is not None:
            self.process.send_signal(number)
        end = time.monotonic() + LIMIT
        while self.process.poll() is None:
            self.read(0.05)
            if time.monotonic() > end:
                self.process.kill()
                raise AssertionError(f"it does not end: {self.seen!r}")
        while self.read(0):
            pass
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        for fd in (self.output, self.slave):
            if fd is not None:
                os.close(fd)


def prepare(terminal, size):
    """In the new process: a terminal of its own, a limit on its files."""
    if terminal:
        os.setsid()
        fcntl.ioctl(1, termios.TIOCSCTTY, 0)
    if size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                struct.pack("HHHH", rows, columns, 0, 0))


class Monitor(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="safecapture-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, *args, **more):
        run = Run(self.folder, args, **more)
        self.addCleanup(run.close)
        return run

    def run_to_end(self, code, *args):
        run = self.start(*args)
        self.assertEqual(run.end(), code, run.seen)
        return run.seen.decode(), run.errors()

    def path(self, name):
        return os.path.join(self.folder, name)

    def safecapture(self, *args):
        return subprocess.run([COMMAND, *args], cwd=self.folder, timeout=LIMIT,
                              capture_output=True).returncode


class Ends(Monitor):
    RECORDING = ["-i", "0.2", *SOURCE, "tieredqueue", "!", "wavenc", "!",
                 "safefilesink", "location=take.wav", "journal=keep"]

    def test_the_first_signal_publishes_the_file(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                run = self.start(*self.RECORDING)
                run.wait_for(b"recording", 2)
                self.assertFalse(os.path.exists(self.path("take.wav")))
                self.assertEqual(run.end(number), 0, run.seen)
                self.assertIn(b"published take.wav", run.seen)
                self.assertEqual(run.errors(), "")
                self.assertEqual(self.safecapture("verify", "take.wav"), 0)
                os.unlink(self.path("take.wav"))
                os.unlink(self.path("take.wav.sfj"))

    def test_the_second_signal_stops_at_once_and_leaves_what_can_be_recovered(
            self):
        # EOS waits behind what the slow element has not passed on.
        run = self.start("-i", "0.2", *SOURCE, "tieredqueue",
                         "max-size-buffers=0", "max-size-time=0", "!",
                         "identity", "sleep-time=400000", "!", "wavenc", "!",
                         "safefilesink", "location=take.wav")
        run.wait_for(b"recording", 8)
        run.process.send_signal(signal.SIGINT)
        run.wait_for(b"  ending  ", 3)
        self.assertIsNone(run.process.poll())
        self.assertEqual(run.end(signal.SIGINT), 1, run.seen)
        self.assertIn("not finished", run.said())
        self.assertFalse(os.path.exists(self.path("take.wav")))
        self.assertLess(self.safecapture("recover", "take.wav.part"), 2)
        self.assertTrue(os.path.exists(self.path("take.wav")))

    def test_the_second_signal_does_not_make_a_published_file_less(self):
        run = self.start("-i", "0.2", *SOURCE, "tee", "name=t", "!", "queue",
                         "!", "wavenc", "!", "safefilesink",
                         "location=take.wav", "t.", "!", "queue", "!", "valve",
                         "drop=true", "!", "fakesink", "async=false")
        run.wait_for(b"recording", 2)
        run.process.send_signal(signal.SIGINT)
        run.wait_for(b"published")
        run.wait_for(b"  ending  ", 2)
        self.assertIsNone(run.process.poll())
        self.assertEqual(run.end(signal.SIGINT), 0, run.seen)

    def test_the_third_signal_does_not_wait_for_an_element_that_hangs(self):
        run = self.start("-i", "0.2", *SOURCE, "identity",
                         "sleep-time=60000000", "!", "fakesink", "async=false")
        run.wait_for(b"playing")
        run.process.send_signal(signal.SIGINT)
        run.wait_for(b"  ending  ", 2)
        run.process.send_signal(signal.SIGINT)
        run.wait_for(b"takes long to stop")
        self.assertIsNone(run.process.poll())
        # One that comes too soon after the last is the same.
        while run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
            run.read(0.2)
        self.assertEqual(run.end(), 2)
        self.assertIn("left while the pipeline was stopping", run.errors())

    def test_its_own_end_is_enough(self):
        for words in ("audiotestsrc num-buffers=9 ! wavenc ! "
                      "safefilesink location=a.wav",), \
                     "audiotestsrc num-buffers=9 ! wavenc ! safefilesink " \
                     "location=b.wav".split():
            out, errors = self.run_to_end(0, *words)
            self.assertIn("published", out)
            self.assertEqual(errors, "")

    def test_drops_are_told_by_the_exit_code(self):
        out, errors = self.run_to_end(
            1, *SOURCE, "identity", "eos-after=60", "!", "tieredqueue",
            "leaky=downstream", "max-size-buffers=2", "!", "identity",
            "sleep-time=50000", "!", "fakesink")
        self.assertIn("dropped", out)
        self.assertIn("lost before the sink", out + errors)

    def test_an_error_is_told_and_what_came_before_is_published(self):
        out, errors = self.run_to_end(
            2, *SOURCE, "tee", "name=t", "!", "tieredqueue", "!", "wavenc",
            "!", "safefilesink", "location=take.wav", "t.", "!", "queue", "!",
            "identity", "error-after=40", "name=broken", "!", "fakesink")
        self.assertIn("- broken: ", out + errors)
        self.assertIn("!! broken: ", out)
        self.assertTrue(os.path.exists(self.path("take.wav")), out)

    def test_a_limit_on_files_ends_the_recording_and_it_is_told(self):
        run = self.start(*SOURCE, "wavenc", "!", "safefilesink",
                         "location=take.wav", "reserve=20000", size=80000)
        self.assertEqual(run.end(), 1, run.seen)
        self.assertIn("space was used up", run.said())
        self.assertTrue(os.path.exists(self.path("take.wav")), run.seen)

    def test_a_sink_that_fails_is_not_waited_for(self):
        run = self.start("-i", "0.2", *SOURCE, "wavenc", "!", "safefilesink",
                         "location=take.wav", "reserve=0", size=40000)
        self.assertEqual(run.end(), 2, run.seen)
        self.assertIn("safefilesink0: ", run.said())
        self.assertFalse(os.path.exists(self.path("take.wav")), run.seen)
        self.assertLess(self.safecapture("recover", "take.wav.part"), 2)


class Words(Monitor):
    def test_a_pipeline_that_cannot_be_built_is_told_why(self):
        _, errors = self.run_to_end(3, "fakesrc", "!", "nosuchelement")
        self.assertIn('no element "nosuchelement"', errors)
        _, errors = self.run_to_end(3, "fakesrc ! fakesink nonsense=1")
        self.assertIn("nonsense", errors)

    def test_a_pipeline_that_cannot_be_started_is_told_why(self):
        _, errors = self.run_to_end(3, "filesrc", "location=/nonexistent", "!",
                                    "fakesink")
        self.assertIn("filesrc0: ", errors)
        self.assertIn("could not be started", errors)

    def test_wrong_usage(self):
        for args in ([], ["--nonsense", "fakesrc"], ["--interval", "x", "a"],
                     ["-i", "0", "fakesrc"], ["-i", "nan", "fakesrc"],
                     ["--linger", "-1", "fakesrc"],
                     ["--linger", "nan", "fakesrc"],
                     ["--linger", "1e300", "fakesrc"]):
            _, errors = self.run_to_end(64, *args)
            self.assertIn("monitor", errors)
        out, _ = self.run_to_end(0, "--help")
        self.assertIn("--interval", out)

    def test_a_pipeline_without_our_elements_is_played_and_told_so(self):
        out, _ = self.run_to_end(0, "fakesrc", "num-buffers=3", "!", "queue",
                                 "!", "fakesink")
        self.assertIn("no element of safecapture", out)
        out, _ = self.run_to_end(0, "fakesrc", "num-buffers=3", "!",
                                 "tieredqueue", "!", "fakesink")
        self.assertNotIn("no element of safecapture", out)

    def test_without_the_program_the_other_commands_are_there(self):
        copy = shutil.copy(COMMAND, self.path("safecapture"))
        done = subprocess.run([copy, "monitor", "fakesrc"], timeout=LIMIT,
                              capture_output=True)
        if b"built or installed without it" not in done.stderr:
            self.skipTest("it is installed on this machine")
        self.assertEqual(done.returncode, 64)


class Json(Monitor):
    def objects(self, run):
        return [json.loads(line) for line in run.seen.decode().splitlines()]

    def test_every_line_is_an_object_with_a_type(self):
        run = self.start("--json", *Ends.RECORDING)
        run.wait_for(b'"safecapture-snapshot"', 3)
        self.assertEqual(run.end(signal.SIGINT), 0, run.seen)
        objects = self.objects(run)
        self.assertEqual(objects[0]["type"], "safecapture-snapshot")
        self.assertEqual(objects[-1], {"type": "end", "code": 0,
                                       "reasons": []})
        published = [o for o in objects
                     if o["type"] == "safefilesink-published"]
        self.assertEqual([o["location"] for o in published], ["take.wav"])
        self.assertEqual(published[0]["element"], "safefilesink0")
        last = [o for o in objects if o["type"] == "safecapture-snapshot"][-1]
        sink = [e for e in last["elements"] if e["factory"] == "safefilesink"]
        self.assertEqual(sink[0]["stats"]["file-size"],
                         os.path.getsize(self.path("take.wav")))
        times = [o["time"] for o in objects if "time" in o]
        self.assertEqual(times, sorted(times))
        self.assertNotIn(b"-metrics", run.seen)
        self.assertIn("take.wav", run.errors())

    def test_an_error_is_an_object_too(self):
        run = self.start("--json", *SOURCE, "identity", "error-after=9", "!",
                         "fakesink")
        self.assertEqual(run.end(), 2, run.seen)
        objects = self.objects(run)
        errors = [o for o in objects if o["type"] == "error"]
        self.assertEqual(errors[0]["element"], "identity0")
        self.assertEqual(objects[-1]["code"], 2)
        self.assertTrue(objects[-1]["reasons"])


class Readers(Monitor):
    """Whoever reads the lines, or does not: the recording goes on."""

    def test_one_who_leaves(self):
        run = self.start(*Ends.RECORDING)
        run.wait_for(b"recording")
        os.close(run.output)
        run.output = os.open("/dev/null", os.O_RDONLY)
        size = self.grow(0)
        self.grow(size)
        run.process.send_signal(signal.SIGINT)
        self.assertEqual(run.process.wait(LIMIT), 0)
        self.assertTrue(os.path.exists(self.path("take.wav")))

    def test_one_who_stands_still(self):
        run = self.start("-i", "0.01", *Ends.RECORDING[2:])
        fcntl.fcntl(run.output, fcntl.F_SETPIPE_SZ, 4096)
        end = time.monotonic() + LIMIT
        while self.unread(run.output) < 3900:
            self.assertLess(time.monotonic(), end)
            select.select([], [], [], 0.01)
        size = self.grow(0)
        self.grow(size)
        run.process.send_signal(signal.SIGINT)
        self.assertEqual(run.process.wait(LIMIT), 0)
        self.assertTrue(os.path.exists(self.path("take.wav")))

    def unread(self, fd):
        count = fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0")
        return struct.unpack("i", count)[0]

    def grow(self, size):
        """Waits until the recording is larger than that."""
        end = time.monotonic() + LIMIT
        while True:
            self.assertLess(time.monotonic(), end)
            try:
                now = os.path.getsize(self.path("take.wav.part"))
            except FileNotFoundError:
                now = 0
            if now > size:
                return now
            select.select([], [], [], 0.01)


class Terminal(Monitor):
    def live(self, *args, **more):
        return self.start(*(args or Ends.RECORDING),
                          terminal=more.pop("terminal", (24, 80)), **more)

    def assert_restored(self, run):
        # What the live view entered it left, and behind that nothing moves.
        self.assertEqual(run.seen.count(ENTER), 1)
        self.assertEqual(run.seen.count(LEAVE), 1)
        after = run.seen[run.seen.index(LEAVE) + len(LEAVE):]
        self.assertIn(b"\x1b[?25h", run.seen)
        self.assertNotIn(b"\x1b[", after)
        self.assertEqual(termios.tcgetattr(run.output), run.before)

    def test_it_is_as_before_after_every_end(self):
        for number, code in ((signal.SIGINT, 0), (signal.SIGTERM, 0),
                             (signal.SIGABRT, -signal.SIGABRT),
                             (signal.SIGSEGV, -signal.SIGSEGV),
                             (signal.SIGQUIT, -signal.SIGQUIT)):
            with self.subTest(number):
                run = self.live()
                run.wait_for(b"RECORDING", 2)
                self.assertNotEqual(termios.tcgetattr(run.output), run.before)
                self.assertEqual(run.end(number), code, run.seen)
                self.assert_restored(run)
                run.close()
                run.output = run.slave = None
                for name in os.listdir(self.folder):
                    os.unlink(self.path(name))

    def test_it_is_as_before_after_an_error(self):
        run = self.live(*SOURCE, "identity", "error-after=40", "!", "fakesink")
        self.assertEqual(run.end(), 2)
        self.assert_restored(run)
        self.assertIn(b"identity0: ", run.seen)

    def test_ctrl_c_on_it_publishes(self):
        run = self.live()
        run.wait_for(b"RECORDING", 2)
        os.write(run.output, b"\x03")
        self.assertEqual(run.end(), 0)
        self.assertTrue(os.path.exists(self.path("take.wav")))
        self.assert_restored(run)

    def test_a_terminal_that_is_closed_ends_the_recording_whole(self):
        run = self.live()
        run.wait_for(b"RECORDING", 2)
        os.close(run.slave)
        os.close(run.output)
        run.output = run.slave = None
        self.assertEqual(run.process.wait(LIMIT), 0)
        self.assertEqual(os.listdir(self.folder).count("take.wav"), 1)

    def test_ctrl_z_does_not_stop_the_recording(self):
        run = self.live()
        run.wait_for(b"RECORDING", 2)
        os.write(run.output, b"\x1a")
        run.wait_for(b"RECORDING", 6)
        self.assertEqual(run.end(signal.SIGINT), 0)

    def test_what_libraries_print_is_an_event(self):
        run = self.live(*SOURCE, "queue", "!", "valve", "drop=true", "!",
                        "fakesink", "async=false", GST_DEBUG="GST_STATES:4",
                        GST_DEBUG_NO_COLOR="1", terminal=(20, 250))
        run.wait_for(b"PLAYING", 2)
        run.wait_for(b"gst_element_")
        self.assertEqual(run.end(signal.SIGKILL), -signal.SIGKILL)
        # Each stands in a line of a frame of its own, at its time of day.
        for line in run.seen.split(b"\r\n"):
            if b"gst_element_" in line:
                self.assertRegex(line, rb"^\x1b\[K .*\d\d:\d\d:\d\d")

    def test_a_terminal_that_is_held_holds_nothing_up(self):
        run = self.live()
        run.wait_for(b"RECORDING", 2)
        os.write(run.output, b"\x13")
        run.process.send_signal(signal.SIGINT)
        self.assertEqual(run.process.wait(LIMIT), 0)
        self.assertTrue(os.path.exists(self.path("take.wav")))

    def test_colours_are_there_unless_not_wanted(self):
        run = self.live()
        run.wait_for(b"RECORDING", 3)
        self.assertEqual(run.end(signal.SIGINT), 0)
        self.assertRegex(run.seen, COLOUR)
        shutil.rmtree(self.folder)
        os.mkdir(self.folder)
        run = self.live(NO_COLOR="1")
        run.wait_for(b"RECORDING", 3)
        self.assertEqual(run.end(signal.SIGINT), 0)
        self.assertNotRegex(run.seen, COLOUR)
        self.assertIn(ENTER, run.seen)

    def test_blocks_are_there_where_the_locale_has_them(self):
        run = self.live()
        run.wait_for("─".encode(), 3)
        self.assertEqual(run.end(signal.SIGINT), 0)
        shutil.rmtree(self.folder)
        os.mkdir(self.folder)
        run = self.live(LC_ALL="C")
        run.wait_for(b"RECORDING", 3)
        self.assertEqual(run.end(signal.SIGINT), 0)
        self.assertTrue(run.seen.isascii(), run.seen)

    def test_it_follows_the_size(self):
        run = self.live(terminal=(24, 80))
        rule = "─".encode()
        run.wait_for(b"RECORDING", 2)
        self.assertNotIn(rule * 100, run.seen)
        resize(run.output, 50, 160)
        run.wait_for(rule * 100, 2)
        self.assertEqual(run.end(signal.SIGINT), 0)

    def test_lines_come_where_they_are_wanted_or_the_terminal_is_dumb(self):
        for args, more in ((["--plain"], {}), ([], {"TERM": "dumb"})):
            run = self.live(*args, *Ends.RECORDING, **more)
            run.wait_for(b"recording", 2)
            self.assertEqual(run.end(signal.SIGINT), 0)
            self.assertNotIn(b"\x1b", run.seen)
            for name in os.listdir(self.folder):
                os.unlink(self.path(name))

    def test_a_pipe_gets_nothing_but_text(self):
        run = self.start(*Ends.RECORDING)
        run.wait_for(b"recording", 2)
        self.assertEqual(run.end(signal.SIGINT), 0)
        self.assertNotIn(b"\x1b", run.seen)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
