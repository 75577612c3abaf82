# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an example must do, whatever language it is written in."""
import array
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest
import wave

BLOCKS, SAMPLES, RATE, CHANNELS = 100, 480, 48000, 2

# Once each, in this order; what the bus tells may come in between.
LINES = (
    r"block 0: 3840 bytes of 4096 in slot \d+",
    r"published: FILE",
    r"arena: acquired 200, released 200, failures 0, in use 0",
    r"source: buffers 100, dropped 0, bytes 192000",
    r"peak: -6\.0 dB",
)
BETWEEN = (
    r"so far: \d+ blocks",
    r"safe: up to byte \d+",
    r"waiting: the pipeline holds every slot",
    # The example records as fast as the pipeline takes it, on any machine.
    r"warning: The pool is almost used up\..*",
    r"warning: (Getting a buffer|Giving a buffer back) takes long.*",
)


def expected_samples():
    """The device's sine; the examples have it as floats of 32 bits."""
    for i in range(BLOCKS * SAMPLES):
        value = 0.5 * math.sin(2 * math.pi * 1000 * i / RATE) * 32767
        yield from [value] * CHANNELS


class ExampleCase(unittest.TestCase):
    """A test of the command that `command` holds."""
    command = []

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="safecapture-example-")
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "take.wav")

    def run_example(self, *words):
        return subprocess.run([*self.command, *words], capture_output=True,
                              text=True, timeout=120, check=False)

    def check_output(self, output):
        lines = [line for line in output.splitlines()
                 if not any(re.fullmatch(text, line) for text in BETWEEN)]
        self.assertEqual(len(lines), len(LINES), output)
        for line, text in zip(lines, LINES):
            self.assertRegex(line.replace(self.file, "FILE"), f"^{text}$")

    def check_file(self):
        with wave.open(self.file) as file:
            self.assertEqual((file.getframerate(), file.getnchannels(),
                              file.getsampwidth()), (RATE, CHANNELS, 2))
            samples = array.array("h", file.readframes(file.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        self.assertEqual(len(samples), BLOCKS * SAMPLES * CHANNELS)
        worst = max(abs(is_ - should) for is_, should
                    in zip(samples, expected_samples()))
        self.assertLess(worst, 1.01, "rounded towards zero")

    def check_recording(self):
        done = self.run_example(self.file, str(BLOCKS))
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 0)
        self.check_output(done.stdout)
        self.check_file()
