# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds a recording against the bytes that it was made of."""

import os
import random

import wavfile


class Verdict:
    """One WAV file next to its source.

    Attributes: wav, its layout; wrong, the offset of the first sample byte that
    differs from the source, or None; decoded, how many bytes of samples
    GStreamer's wavparse finds in it; plays, whether all of those are the
    source's; trouble, why it does not decode, or None.
    """

    def __init__(self, path, stream):
        with open(stream, 'rb') as file:
            self.source = file.read()
        self.path = path
        self.wav = wavfile.Wav(path)
        self.wrong = self.compare(path)
        self.trouble = None
        scratch = path + '.decoded'
        try:
            samples = wavfile.decode(path, scratch)
        except ValueError as error:
            samples = b''
            self.trouble = str(error)
        finally:
            if os.path.exists(scratch):
                os.unlink(scratch)
        self.decoded = len(samples)
        self.plays = (self.trouble is None
                      and self.source[:len(samples)] == samples)

    def compare(self, path):
        with open(path, 'rb') as file:
            file.seek(self.wav.data)
            samples = file.read()
        expected = self.source[:len(samples)]
        if len(expected) < len(samples):
            return len(expected)
        return wavfile.first_difference(samples, expected)

    def right(self):
        """How many bytes of samples are right before the first wrong one."""
        return self.wav.held if self.wrong is None else self.wrong

    def sees_damage(self):
        """Whether one bit, flipped on purpose in a copy, is found: a comparison
        that cannot fail would prove nothing."""
        where = random.randrange(self.right())
        scratch = self.path + '.damaged'
        with open(self.path, 'rb') as whole:
            damaged = bytearray(whole.read())
        damaged[self.wav.data + where] ^= 1 << random.randrange(8)
        with open(scratch, 'wb') as copy:
            copy.write(damaged)
        found = self.compare(scratch)
        os.unlink(scratch)
        return found == where
