# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sound card that is a program: feeder.py FILE

Writes FILE to standard output at the pace at which its frames would come from a
converter, a period of 10 ms at a time, until the reader is gone.  Then it prints
how many bytes it handed over, on standard error.
"""

import os
import sys
import time

import source

PERIOD = 0.01
CHUNK = int(source.RATE * PERIOD) * source.FRAME


def feed(data):
    """Hands over the data; returns how much of it was taken."""
    fed = 0
    start = time.monotonic()
    while fed < len(data):
        due = start + (fed + CHUNK) / source.BYTES_PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            fed += os.write(1, data[fed:fed + CHUNK])
        except BrokenPipeError:
            break
    return fed


def main():
    with open(sys.argv[1], 'rb') as file:
        data = memoryview(file.read())
    print(feed(data), file=sys.stderr)


if __name__ == '__main__':
    main()
