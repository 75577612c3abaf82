# SPDX-License-Identifier: LGPL-2.1-or-later
"""The story that scripts/demo tells.

Records live audio twice at once, with safecapture and with stock elements, kills
both recorders without warning, recovers the first recording and holds it against
its source, byte by byte.  The exit code is 0 if every claim held, else 1.
"""

import argparse
import os
import random
import subprocess
import sys
import time

import disk
import display
import outcome
import source
from recording import Recording
from verify import Verdict

LEVELS_EVERY = 0.1

CAPTURE = ('bufpoolsrc name=source mode=file fd=0 metrics-interval=%%(tick)d'
           ' caps="%s"' % source.CAPS)
SAFE = (CAPTURE + ' ! tieredqueue name=capture metrics-interval=%(tick)d'
        ' ! level interval=%(tick)d'
        ' ! tieredqueue name=storage metrics-interval=%(tick)d'
        ' ! wavenc ! safefilesink metrics-interval=%(tick)d location="%(path)s"')
STOCK = CAPTURE + ' ! queue name=storage ! wavenc ! filesink location="%(path)s"'

OPENING = """
Eight people say where their loudspeaker stands: 8 channels, 48 kHz, 16 bit,
live through a pipe. Two processes record them at the same time:

  recording.wav   bufpoolsrc ! tieredqueue ! level ! tieredqueue ! wavenc
                  ! safefilesink
  filesink.wav    bufpoolsrc ! queue ! wavenc ! filesink
"""


class Paths:
    """The files of a demo, in its output folder; old ones are removed."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.stream = os.path.join(folder, 'source.raw')
        self.recording = os.path.join(folder, 'recording.wav')
        self.part = self.recording + '.part'
        self.recovered = os.path.join(folder, 'recovered.wav')
        self.stock = os.path.join(folder, 'filesink.wav')
        for path in (self.stream, self.recording, self.part,
                     self.recording + '.sfj', self.recovered, self.stock):
            if os.path.exists(path):
                os.unlink(path)


class Watch:
    """What the bus of the safe recorder has said so far."""

    def __init__(self):
        self.levels = [-100.0] * source.CHANNELS
        self.written = 0
        self.durable = 0
        self.dropped = {}

    def hear(self, message):
        name, fields = message['name'], message.get('fields', {})
        if name == 'level':
            self.levels = fields['peak']
        elif name == 'safefilesink-metrics':
            self.written = fields['bytes-written']
            self.durable = fields['durable-offset']
        elif name in ('bufpoolsrc-metrics', 'tieredqueue-metrics'):
            self.dropped[message['source']] = fields['buffers-dropped']

    def figures(self):
        return 'written %10s   durable %10s' % (
            display.number(self.written), display.number(self.durable))


def launch(options, paths, watch):
    """Starts the safe recorder and the stock one."""
    def pipeline(form, path):
        return form % {'path': path, 'tick': LEVELS_EVERY * 1e9}

    return (Recording(pipeline(SAFE, paths.recording), paths.recording,
                      options.counter, watch.hear),
            Recording(pipeline(STOCK, paths.stock), paths.stock,
                      options.counter, lambda message: None))


def record(recordings, stream, watch, seconds):
    """Lets them record for a while and kills them."""
    live = display.Live(source.NAMES)
    for recording in recordings:
        recording.feed(stream)
    start = time.monotonic()
    now = 0.0
    while now < seconds:
        for recording in recordings:
            recording.check_alive()
        live.show(now, watch.levels, watch.figures())
        time.sleep(min(LEVELS_EVERY, seconds - now))
        now = time.monotonic() - start
    for recording in recordings:
        recording.kill()


def recover(command, paths):
    """Runs safecapture recover and shows what it says; returns its exit code."""
    line = ['safecapture', 'recover', '-o', os.path.basename(paths.recovered),
            os.path.basename(paths.part)]
    print('\n' + display.bold('$ ' + ' '.join(line)))
    done = subprocess.run([command] + line[1:], cwd=paths.folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    for said in done.stdout.splitlines():
        print(said)
    return done.returncode


def judge(safe, stock, watch, code):
    """Says which claims hold, and the figures; returns what does not hold."""
    promised = max(0, watch.durable - safe.verdict.wav.data)
    claims = outcome.Claims()
    print('\n' + display.bold('recovered.wav against its source'))
    claims.check(code in (0, 1), 'safecapture recover ended with code %d' % code)
    outcome.check_samples(claims, safe, promised)
    outcome.check_running(claims, safe, watch.dropped)
    print()
    outcome.summarise(safe, stock, promised, watch.dropped)
    return claims.broken


def run(options, paths):
    print(display.bold('safecapture demo'))
    print(OPENING, flush=True)
    watch = Watch()
    source.write_source(paths.stream, options.seconds + 5)
    recordings = launch(options, paths, watch)
    try:
        record(recordings, paths.stream, watch, options.seconds)
        reached = [disk.bytes_on_disk(paths.part),
                   disk.bytes_on_disk(paths.stock)]
        fed = [recording.wait() for recording in recordings]
    finally:
        for recording in recordings:
            recording.clear_away()
    print('\nBoth were killed with SIGKILL after %.2f s.' % options.seconds)

    code = recover(options.command, paths)
    if not os.path.exists(paths.recovered):
        raise RuntimeError('safecapture recover wrote no recovered.wav')
    verdicts = [Verdict(path, paths.stream)
                for path in (paths.recovered, paths.stock)]
    grown = [recording.grown() for recording in recordings]
    safe, stock = [outcome.Outcome(*facts)
                   for facts in zip(fed, reached, grown, verdicts)]
    return judge(safe, stock, watch, code)


def arguments():
    """What scripts/demo passes on; it has checked what the user gave."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=float,
                        default=random.uniform(10, 12))
    for path in ('--command', '--counter', '--output'):
        parser.add_argument(path, required=True)
    return parser.parse_args()


def closing(paths):
    print("""
"On the disk" is what a power cut at that moment would have left. Allocations are
the calls of malloc and mmap by the threads that carry the audio, from the third
second on. In %s:

  recovered.wav        the recovered recording: listen to it
  recording.wav.part   what the kill left, with its journal recording.wav.sfj
  filesink.wav         what the same kill left of queue ! filesink
  source.raw           what the eight people said""" % paths.folder)
    more = os.path.getsize(paths.part) - os.path.getsize(paths.recovered)
    if more > 0:
        print("""
Above the mark only what the journal vouches for is given back; the last %s
bytes come with safecapture recover --keep-unverified."""
              % display.number(more))


def main():
    options = arguments()
    try:
        paths = Paths(options.output)
        broken = run(options, paths)
    except (OSError, RuntimeError, ValueError) as error:
        print('\nscripts/demo: %s' % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nscripts/demo: interrupted', file=sys.stderr)
        return 130
    closing(paths)
    if broken:
        print('\n' + display.bad('Not everything held:'))
        for text in broken:
            print('  ' + text)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
