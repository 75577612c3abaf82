#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""health.py PIPELINE: plays a pipeline, as gst-launch-1.0 would, and says how it
is: whether each element is healthy, and if not why; every warning; every drop.
Ctrl-C ends the recording.

  health.py "bufpoolsrc is-live=true ! tieredqueue ! safefilesink location=a.raw"

Exits with 0 if it played to its end and nothing was dropped.
"""
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst

REASONS = {
    "success-rate": "more than one in a hundred is refused or dropped",
    "acquire-latency": "memory for a buffer comes late",
    "utilisation": "its memory is almost full",
    "durable-lag": "the disk is behind with syncs",
    "falls-behind": "its memory is full in seconds: the disk is too slow",
    "space-low": "the disk is full within a minute",
    "input-stalled": "nothing comes in",
    "data-lost": "data have been lost",
    "on-backup": "it records to a backup location",
    "failed": "it has failed",
}


class Health:
    """What the elements of a pipeline say of themselves."""

    def __init__(self):
        self.reasons = {}       # of each element, as it was told last
        self.dropped = {}       # buffers of each element

    def look(self, name, fields):
        """At a metrics message: tells what has changed."""
        reasons = fields.get_string("health-reasons")
        if reasons == self.reasons.get(name):
            return
        self.reasons[name] = reasons
        if fields.get_boolean("healthy")[1]:
            print(f"{name}: healthy")
        else:
            words = (REASONS.get(code, code) for code in reasons.split(","))
            print(f"{name}: NOT healthy: {'; '.join(words)}")

    def note_drop(self, name, fields):
        count = fields.get_uint64("count")[1]
        self.dropped[name] = self.dropped.get(name, 0) + count
        time = fields.get_value("first-running-time")
        print(f"{name}: {count} buffers dropped, the first at "
              f"{time / Gst.SECOND:.3f} s")

    def note_exhausted(self, name, fields):
        """The counts of this one are since the start."""
        self.dropped[name] = fields.get_uint64("buffers-dropped")[1]
        print(f"{name}: {fields.get_uint64('count')[1]} times no memory was "
              "free so far")

    def hear(self, message):
        """Any message from the bus."""
        fields = message.get_structure()
        if message.type != Gst.MessageType.ELEMENT or fields is None:
            return
        name, what = message.src.get_name(), fields.get_name()
        if fields.has_field("healthy"):
            self.look(name, fields)
        elif what.endswith("-warning"):
            print(f"{name}: warning: {fields.get_string('text')}")
        elif what.endswith("-dropped"):
            self.note_drop(name, fields)
        elif what == "bufpoolsrc-exhausted":
            self.note_exhausted(name, fields)
        elif what == "safefilesink-published":
            print(f"{name}: published {fields.get_string('location')}")


def play(pipeline, health):
    """Until the end.  Returns whether it was one without an error."""
    bus = pipeline.get_bus()
    whole = None
    pipeline.set_state(Gst.State.PLAYING)
    while whole is None:
        # Now and then Python looks whether Ctrl-C was pressed.
        message = bus.timed_pop(100 * Gst.MSECOND)
        if message is None:
            continue
        health.hear(message)
        if message.type == Gst.MessageType.EOS:
            whole = True
        elif message.type == Gst.MessageType.ERROR:
            print(message.parse_error()[0].message, file=sys.stderr)
            whole = False

    # In READY each element has told its last figures; in NULL they would be gone.
    pipeline.set_state(Gst.State.READY)
    while message := bus.pop():
        health.hear(message)
    pipeline.set_state(Gst.State.NULL)
    return whole


def main():
    Gst.init(None)
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        pipeline = Gst.parse_launch(f"pipeline. ( {sys.argv[1]} )")
    except gi.repository.GLib.Error as error:
        sys.exit(error.message)
    signal.signal(signal.SIGINT,
                  lambda *_: pipeline.send_event(Gst.Event.new_eos()))
    health = Health()
    whole = play(pipeline, health)
    dropped = sum(health.dropped.values())
    print(f"{dropped} buffers dropped in all")
    sys.exit(not whole or dropped > 0)


main()
