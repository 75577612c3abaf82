# SPDX-License-Identifier: LGPL-2.1-or-later
"""The source of the demo: eight people say where their loudspeaker stands.

Makes one interleaved stream of the eight voice recordings of alsa-utils, one to
a channel, 48 kHz and 16 bit as AES5 and AES3 have them.
"""

import array
import sys
import wave

FOLDER = '/usr/share/sounds/alsa'
RATE = 48000
SAMPLE = 2
# In the order in which a WAV file has the loudspeakers.
NAMES = ('Front left', 'Front right', 'Front centre', 'Rear left',
         'Rear right', 'Rear centre', 'Side left', 'Side right')
FILES = ('Front_Left', 'Front_Right', 'Front_Center', 'Rear_Left',
         'Rear_Right', 'Rear_Center', 'Side_Left', 'Side_Right')
CHANNELS = len(FILES)
FRAME = CHANNELS * SAMPLE
BYTES_PER_SECOND = RATE * FRAME
# GStreamer's bits for these positions.
CAPS = ('audio/x-raw,format=S16LE,layout=interleaved,rate=%d,channels=%d,'
        'channel-mask=(bitmask)0xd37' % (RATE, CHANNELS))


def read_voice(name):
    """The samples of one recording."""
    with wave.open('%s/%s.wav' % (FOLDER, name)) as voice:
        form = (voice.getnchannels(), voice.getsampwidth(),
                voice.getframerate())
        if form != (1, SAMPLE, RATE):
            raise ValueError('%s.wav is not a 48 kHz, 16 bit, mono recording'
                             % name)
        samples = array.array('h', voice.readframes(voice.getnframes()))
    if sys.byteorder == 'big':
        samples.byteswap()
    return samples


def write_source(path, seconds):
    """Writes the stream to a file.

    Each voice begins a while after the one before and comes back at an
    interval of its own, so that people take turns and the stream as a whole
    never repeats: a piece in the wrong place cannot look right.
    """
    length = int(seconds * RATE)
    stream = array.array('h', bytes(length * FRAME))
    for channel, name in enumerate(FILES):
        voice = read_voice(name)
        interval = int((2.4 + 0.17 * channel) * RATE)
        for start in range(channel * RATE // 4, length, interval):
            part = voice[:length - start]
            first = start * CHANNELS + channel
            stream[first:first + len(part) * CHANNELS:CHANNELS] = part
    if sys.byteorder == 'big':
        stream.byteswap()
    with open(path, 'wb') as file:
        stream.tofile(file)
