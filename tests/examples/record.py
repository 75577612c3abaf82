#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""record.py FILE [BLOCKS]: records a sound device into a WAV file, in memory
that is there before the recording begins.

  device -> block of floats -> block of 16 bits -> bufpoolsrc -> ... -> file
            our own arena      bufpoolsrc's arena

Of our own arena the device's blocks come through a pool, and the working memory
directly, by size and class.  The device is a sine, to have an example that runs
anywhere: put yours in read_device().
"""
import array
import math
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSafecapture", "1.0")
from gi.repository import Gst, GstSafecapture

RATE, CHANNELS = 48000, 2
SAMPLES = 480                   # in a block, of each channel: 10 ms
CAPS = (f"audio/x-raw,format=S16LE,rate={RATE},channels={CHANNELS},"
        "layout=interleaved")


def read_device(position):
    """The device: floats, the channels one after the other in each sample."""
    samples = array.array("f")
    for i in range(position, position + SAMPLES):
        value = 0.5 * math.sin(2 * math.pi * 1000 * i / RATE)
        samples.extend([value] * CHANNELS)
    return samples


def floats_in(buffer):
    return array.array("f", buffer.extract_dup(0, buffer.get_size()))


class Arena:
    """Memory of our own."""

    def __init__(self):
        self.allocator = GstSafecapture.TieredAllocator.new()
        self.allocator.props.tiers = "2048x4,4096x8"
        self.pool = GstSafecapture.TieredPool.new(self.allocator)
        config = self.pool.get_config()
        Gst.BufferPool.config_set_params(
            config, None, SAMPLES * CHANNELS * 4, 0, 8)
        self.pool.set_config(config)
        self.pool.set_active(True)

    def close(self):
        self.pool.set_active(False)

    def capture_block(self, number):
        """A block from the device, with what is known of it in its slot's
        header."""
        samples = read_device(number * SAMPLES)
        size = len(samples) * samples.itemsize
        flow, block = self.pool.acquire(size)
        if flow != Gst.FlowReturn.OK:
            raise MemoryError(flow.value_nick)
        block.fill(0, samples.tobytes())

        values = GstSafecapture.TieredSlotHeader()
        values.sequence = number
        values.timestamp = number * SAMPLES * Gst.SECOND // RATE
        values.duration = SAMPLES * Gst.SECOND // RATE
        values.capture_time = Gst.CLOCK_TIME_NONE
        values.processing_start = Gst.CLOCK_TIME_NONE
        values.sample_rate = RATE
        values.channels = CHANNELS
        values.sample_bits = 32
        values.samples = SAMPLES
        values.data_size = size
        GstSafecapture.buffer_get_tiered_slot_meta(block).update(values)
        return block

    def measure(self, samples):
        """The peak of both channels mixed, in working memory that is given back
        at once."""
        flow, scratch = self.allocator.acquire(
            SAMPLES * 4, GstSafecapture.TieredClass.SCRATCH, 100 * Gst.MSECOND)
        if flow != Gst.FlowReturn.OK:
            return 0
        mix = array.array("f", ((left + right) / CHANNELS for left, right
                                in zip(samples[::2], samples[1::2])))
        scratch.fill(0, mix.tobytes())
        return max(map(abs, floats_in(scratch)))


class Recorder:
    def __init__(self, file):
        self.arena = Arena()
        self.peak = 0
        self.ended = self.failed = False
        self.pipeline = Gst.parse_launch(
            "bufpoolsrc name=source mode=app tiers=2048x64 ! tieredqueue ! "
            "wavenc ! safefilesink name=sink")
        self.bus = self.pipeline.get_bus()
        self.source = self.pipeline.get_by_name("source")
        self.source.props.caps = Gst.Caps.from_string(CAPS)
        self.pipeline.get_by_name("sink").props.location = file
        # A failure is an error on the bus.
        self.pipeline.set_state(Gst.State.PLAYING)

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)
        self.arena.close()

    def push_block(self, block):
        """Fills a slot of bufpoolsrc's and hands it over: no copy is made of
        it.  Returns whether the stream goes on."""
        samples = floats_in(block)
        self.peak = max(self.peak, self.arena.measure(samples))
        data = array.array("h", (int(value * 32767) for value in samples))
        if sys.byteorder == "big":
            data.byteswap()
        buffer = self.source.emit("acquire-buffer", len(data) * data.itemsize)
        if buffer is None:
            return False
        buffer.fill(0, data.tobytes())
        return self.source.emit("push-buffer", buffer) == Gst.FlowReturn.OK

    def record_block(self, number):
        block = self.arena.capture_block(number)
        header = GstSafecapture.buffer_get_tiered_slot_meta(block).header
        if number == 0:
            print(f"block {header.sequence}: {header.data_size} bytes of "
                  f"{header.capacity} in slot {header.buffer_id}")
        return self.push_block(block)

    def handle(self, message):
        fields = message.get_structure()
        name = fields.get_name() if fields else None
        if message.type == Gst.MessageType.EOS:
            self.ended = True
        elif message.type == Gst.MessageType.ERROR:
            print(message.parse_error()[0].message, file=sys.stderr)
            self.ended = self.failed = True
        elif name == "bufpoolsrc-metrics":
            print(f"so far: {fields.get_uint64('buffers-out')[1]} blocks")
        elif name == "bufpoolsrc-exhausted":
            print("waiting: the pipeline holds every slot")
        elif name == "bufpoolsrc-warning":
            print("warning:", fields.get_string("text"))
        elif name == "safefilesink-metrics":
            print(f"safe: up to byte {fields.get_uint64('durable-offset')[1]}")
        elif name == "safefilesink-published":
            print("published:", fields.get_string("location"))

    def handle_messages(self, timeout):
        """Handles what comes, until nothing does for the timeout or the
        pipeline is done."""
        while not self.ended:
            message = self.bus.timed_pop(timeout)
            if message is None:
                break
            self.handle(message)

    def print_statistics(self):
        def count(stats, field):
            return stats.get_uint64(field)[1]

        stats = self.arena.allocator.get_stats()
        print(f"arena: acquired {count(stats, 'acquired')}, "
              f"released {count(stats, 'released')}, "
              f"failures {count(stats, 'failures')}, "
              f"in use {count(stats, 'in-use')}")
        stats = self.source.props.stats
        print(f"source: buffers {count(stats, 'buffers-out')}, "
              f"dropped {count(stats, 'buffers-dropped')}, "
              f"bytes {count(stats, 'bytes-out')}")
        if self.peak > 0:
            print(f"peak: {20 * math.log10(self.peak):.1f} dB")

    def record(self, blocks):
        for number in range(blocks):
            if self.ended or not self.record_block(number):
                break           # the bus says why
            self.handle_messages(0)
        self.source.emit("end-of-stream")
        self.handle_messages(Gst.CLOCK_TIME_NONE)
        self.print_statistics()


def main():
    Gst.init(None)
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    recorder = Recorder(sys.argv[1])
    recorder.record(int(sys.argv[2]) if len(sys.argv) > 2 else 500)
    recorder.close()
    sys.exit(recorder.failed)


main()
