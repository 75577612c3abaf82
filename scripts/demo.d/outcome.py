# SPDX-License-Identifier: LGPL-2.1-or-later
"""What came of the two recordings: the claims and the closing table."""

import display
import source
from display import number

# The threads through which the audio goes, by name. Between the two queues is a
# level meter whose messages are GStreamer's to allocate, in a thread of its own:
# a count that does not see those counts nothing.
AUDIO_THREADS = ('source:src', 'storage:src', 'sc-writer', 'sc-sync')
METER_THREAD = 'capture:src'


class Outcome:
    """One recording after the kill.

    Attributes: fed, bytes of sound that were handed to the recorder; reached,
    bytes of its file that were on the disk, or None where that cannot be told;
    grown, allocations by thread; verdict, what its file holds in the end.
    """

    def __init__(self, fed, reached, grown, verdict):
        self.fed = fed
        self.reached = reached
        self.grown = grown
        self.verdict = verdict

    def on_disk(self):
        if self.reached is None:
            return 'unknown here'
        return number(max(0, self.reached - self.verdict.wav.data))

    def lost_above(self, mark):
        """What was captured above a mark and is not there, and its time."""
        count = self.fed - max(mark, self.verdict.right())
        return '%s (%.0f ms)' % (number(count),
                                 1000 * count / source.BYTES_PER_SECOND)

    def allocations(self):
        return number(sum(self.grown.get(name, 0) for name in AUDIO_THREADS))

    def header(self):
        wav = self.verdict.wav
        return 'right' if wav.whole else 'says %s s' % number(
            wav.claimed // source.BYTES_PER_SECOND)


class Claims:
    """What must hold, said as it is found out."""

    def __init__(self):
        self.broken = []

    def check(self, holds, text):
        print('  %s  %s' % (display.good('holds') if holds
                            else display.bad('FAILS'), text))
        if not holds:
            self.broken.append(text)


def check_samples(claims, safe, promised):
    verdict = safe.verdict
    claims.check(promised > 0, 'a durable mark was posted')
    claims.check(verdict.right() >= promised,
                 'every byte below the durable mark is there and right')
    claims.check(verdict.wrong is None and verdict.wav.held <= safe.fed,
                 'so is every byte that was recovered above it')
    claims.check(verdict.sees_damage(),
                 'the comparison finds one bit flipped in a copy on purpose')
    claims.check(verdict.wav.whole, 'the header tells the truth')
    claims.check(verdict.plays and verdict.decoded == verdict.wav.held,
                 'GStreamer decodes it to the samples of the source')
    if verdict.trouble:
        print('         ' + verdict.trouble)


def check_running(claims, safe, dropped):
    claims.check(len(dropped) == 3 and not any(dropped.values()),
                 'neither source nor queues dropped anything')
    claims.check(all(safe.grown.get(name) == 0 for name in AUDIO_THREADS),
                 'the threads of the audio allocated nothing once warm')
    for name in AUDIO_THREADS:
        if safe.grown.get(name) != 0:
            print('         %s: %s' % (name, safe.grown.get(name, 'no thread')))
    claims.check(safe.grown.get(METER_THREAD, 0) > 0,
                 "the count is alive: the level meter's messages took %s"
                 % number(safe.grown.get(METER_THREAD, 0)))


def summarise(safe, stock, promised, dropped):
    """The table that a person reads."""
    below = max(0, promised - safe.verdict.right())
    display.table(
        ('bytes of sound', 'safecapture', 'queue ! filesink'),
        [('captured', number(safe.fed), number(stock.fed)),
         ('durable, as last posted', number(promised), 'nothing'),
         ('on the disk when killed', safe.on_disk(), stock.on_disk()),
         ('in the file afterwards', number(safe.verdict.right()),
          number(stock.verdict.right())),
         ('lost below the mark', number(below), 'no mark'),
         ('lost above the mark', safe.lost_above(promised),
          stock.lost_above(0)),
         ('buffers dropped', number(sum(dropped.values())), 'not counted'),
         ('allocations while running', safe.allocations(),
          stock.allocations()),
         ('length in the header', safe.header(), stock.header())])
