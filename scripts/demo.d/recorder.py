# SPDX-License-Identifier: LGPL-2.1-or-later
"""The process that is killed: recorder.py PIPELINE

Runs a pipeline, as gst-launch-1.0 would, and prints what comes on its bus, one
JSON object a line; from WARM_UP seconds on also what its threads have allocated
since then.  What it printed before it was killed is all that anyone can know of
it afterwards.
"""

import json
import sys
import time

import gi
gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst

from allocations import Counter

WARM_UP = 3.0
COUNT_EVERY = 0.1


def plain(value):
    """A value of a message as JSON can have it."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, Gst.Structure):
        return fields(value)
    try:
        return [plain(item) for item in value]
    except TypeError:
        return str(value)


def fields(structure):
    """The fields of a message that have a counterpart in JSON."""
    result = {}
    for i in range(structure.n_fields()):
        name = structure.nth_field_name(i)
        try:
            result[name] = plain(structure.get_value(name))
        except TypeError:
            pass
    return result


def say(name, **more):
    more.update(name=name)
    print(json.dumps(more), flush=True)


def tell(message):
    """Prints one message of the bus; returns whether to go on."""
    if message.type == Gst.MessageType.ERROR:
        error, detail = message.parse_error()
        say('error', text=error.message, detail=detail)
        return False
    if message.type == Gst.MessageType.EOS:
        say('eos')
        return False
    if message.type == Gst.MessageType.ELEMENT:
        structure = message.get_structure()
        say(structure.get_name(), source=message.src.get_name(),
            fields=fields(structure))
    return True


def follow(bus, counter):
    """Tells what the bus says and the counter counts, until the end."""
    wanted = (Gst.MessageType.ERROR | Gst.MessageType.EOS
              | Gst.MessageType.ELEMENT)
    due = time.monotonic() + WARM_UP
    counting = False
    while True:
        message = bus.timed_pop_filtered(int(COUNT_EVERY * Gst.SECOND), wanted)
        if message and not tell(message):
            break
        if time.monotonic() < due:
            continue
        if counting:
            say('allocations', threads=counter.by_thread())
        else:
            counter.start()
            counting = True
        due += COUNT_EVERY


def main():
    Gst.init(None)
    try:
        pipeline = Gst.parse_launch(sys.argv[1])
    except GLib.Error as error:
        say('error', text=error.message, detail=None)
        return 1
    pipeline.set_state(Gst.State.PLAYING)
    say('started')
    follow(pipeline.get_bus(), Counter())
    pipeline.set_state(Gst.State.NULL)
    return 0


if __name__ == '__main__':
    sys.exit(main())
