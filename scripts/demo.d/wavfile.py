# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a recording holds: its header by hand, its samples through GStreamer."""

import os
import struct
import subprocess

import source


class Wav:
    """The layout of a WAV file as its header has it.

    Attributes: size, of the file; data, the offset of the first sample;
    claimed, how many bytes of samples the header says there are; held, how many
    there are; whole, whether the header tells the truth throughout.
    """

    def __init__(self, path):
        self.size = os.path.getsize(path)
        with open(path, 'rb') as file:
            tag, riff, form = struct.unpack('<4sI4s', file.read(12))
            if tag != b'RIFF' or form != b'WAVE':
                raise ValueError('%s is not a WAV file' % path)
            while True:
                head = file.read(8)
                if len(head) < 8:
                    raise ValueError('%s has no samples' % path)
                tag, length = struct.unpack('<4sI', head)
                if tag == b'data':
                    break
                file.seek(length + length % 2, os.SEEK_CUR)
            self.data = file.tell()
        self.claimed = length
        self.held = self.size - self.data
        self.whole = riff + 8 == self.size and length == self.held


def first_difference(left, right):
    """Where two pieces of bytes of one length differ first, or None."""
    if left == right:
        return None
    low, high = 0, len(left)
    while high - low > 1:
        middle = (low + high) // 2
        if left[low:middle] != right[low:middle]:
            high = middle
        else:
            low = middle
    return low


def decode(path, samples):
    """Decodes a WAV file with GStreamer's wavparse into a file of samples.

    Returns the samples, or raises ValueError with what GStreamer said.
    """
    form = 'audio/x-raw,format=S16LE,rate=%d,channels=%d' % (
        source.RATE, source.CHANNELS)
    done = subprocess.run(
        ['gst-launch-1.0', '-q', 'filesrc', 'location=' + path, '!',
         'wavparse', '!', form, '!', 'filesink', 'location=' + samples],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or said:
        raise ValueError('GStreamer cannot decode %s: %s' % (path, said))
    with open(samples, 'rb') as file:
        return file.read()
