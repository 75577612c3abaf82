# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recording from a real sound server: what was played is what is in the file.

Starts a PulseAudio of its own, in a folder of its own, with a null sink and
nothing else: no sound card, no D-Bus, no user session, no root.  A sine of
known samples is played into the sink and recorded from the sink's monitor by
pulsesrc, through tieredqueue and safefilesink, and compared sample by sample.

The server has the whole sine before it begins to play (pacat's latency is longer
than it; pulsesink begins with what it has), and the recorder's buffer is longer
too, so that a busy machine makes the test slow and not wrong.

Both this source and ALSA's fill slots of the pool that tieredqueue offers them.

Ends with 77 where PulseAudio or GStreamer's element for it is missing.
"""
import array
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import wave

RATE, CHANNELS, WIDTH = 48000, 2, 2
FRAME = CHANNELS * WIDTH
FREQUENCY = 997                 # no whole number of samples: one second repeats
BLOCK = 480                     # samples in a buffer, on either side
BLOCKS = 150
# A stream that begins has the sink render again what it has not played yet, and
# what of that the monitor has given away already is lost to the recorder.
LEAD_IN = RATE // 2             # samples of silence
LONGEST = 60                    # seconds until whatever is waited for has failed
CAPS = (f"audio/x-raw,format=S16LE,rate={RATE},channels={CHANNELS},"
        "layout=interleaved")
SINK = "desk"


class SoundServer:
    """PulseAudio, with one null sink and one socket."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "pulse.socket")
        self.log = os.path.join(folder, "pulseaudio.log")
        os.environ.update({
            "HOME": folder,
            "XDG_RUNTIME_DIR": folder,
            "XDG_CONFIG_HOME": folder,
            "PULSE_RUNTIME_PATH": folder,
            "PULSE_STATE_PATH": folder,
            "PULSE_SERVER": "unix:" + self.path,
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        })
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no",
                 "--exit-idle-time=-1", "--disable-shm=yes", "--realtime=no",
                 "--high-priority=no", "--log-target=stderr",
                 "-L", f"module-null-sink sink_name={SINK} format=s16le "
                 f"rate={RATE} channels={CHANNELS}",
                 "-L", f"module-native-protocol-unix socket={self.path} "
                 "auth-anonymous=1 auth-cookie-enabled=0"],
                stdout=log, stderr=log)

    def wait(self):
        """Returns once it can be connected to: its sink is there before."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(self.path) == 0:
                    return
            time.sleep(0.01)
        with open(self.log, encoding="utf-8") as log:
            raise RuntimeError("PulseAudio did not start: " + log.read())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Running:
    """A pipeline whose errors fail the test."""

    def __init__(self, description):
        self.pipeline = Gst.parse_launch(description)
        self.bus = self.pipeline.get_bus()

    def pad(self, element, name="src"):
        return self.pipeline.get_by_name(element).get_static_pad(name)

    def play(self):
        self.pipeline.set_state(Gst.State.PLAYING)

    def wait_for_eos(self):
        message = self.bus.timed_pop_filtered(
            LONGEST * Gst.SECOND,
            Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if message is None:
            raise AssertionError("no end of the stream")
        if message.type == Gst.MessageType.ERROR:
            raise AssertionError(": ".join(map(str, message.parse_error())))

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)


def wait_for(event, what, *pipelines):
    """Waits for an event that a streaming thread sets."""
    if event.wait(LONGEST):
        return
    for running in pipelines:
        message = running.bus.pop_filtered(Gst.MessageType.ERROR)
        if message is not None:
            raise AssertionError(": ".join(map(str, message.parse_error())))
    raise AssertionError(f"{what}: not within {LONGEST} seconds")


class Taker:
    """Looks at every buffer of a source: which memory it has, and whether the
    signal has gone by."""

    def __init__(self, pad, length):
        self.started, self.complete = threading.Event(), threading.Event()
        self.length = length
        self.heard = 0
        self.sizes, self.buffers, self.in_slots = set(), 0, 0
        pad.add_probe(Gst.PadProbeType.BUFFER, self.look)

    def look(self, pad, info):
        buffer = info.get_buffer()
        data = buffer.extract_dup(0, buffer.get_size())
        self.buffers += 1
        self.sizes.add(len(data))
        self.in_slots += buffer.peek_memory(0).is_type("TieredMemory")
        if self.heard or any(data):
            self.heard += len(data)
        self.started.set()
        if self.heard > self.length + len(data):
            self.complete.set()
        return Gst.PadProbeReturn.OK


def lose_a_buffer(pad):
    """The negative control: one buffer of the signal goes missing."""
    heard = 0

    def look(pad, info):
        nonlocal heard
        buffer = info.get_buffer()
        heard += any(buffer.extract_dup(0, buffer.get_size()))
        return (Gst.PadProbeReturn.DROP if heard == BLOCKS // 2
                else Gst.PadProbeReturn.OK)

    pad.add_probe(Gst.PadProbeType.BUFFER, look)


def make_sine():
    """Writes the file to be played; returns the sine in it."""
    running = Running(
        f"audiotestsrc freq={FREQUENCY} samplesperbuffer={BLOCK} "
        f"num-buffers={BLOCKS} ! {CAPS} ! filesink location={PLAYED}")
    running.play()
    running.wait_for_eos()
    running.stop()
    with open(PLAYED, "rb") as file:
        sine = file.read()
    with open(PLAYED, "wb") as file:
        file.write(bytes(LEAD_IN * FRAME) + sine)
    return sine


def record(name, queue="tieredqueue", lose=False):
    """Plays the sine and records it.  Returns the file's samples and what was
    seen of the buffers."""
    take = Running(
        f"pulsesrc name=source device={SINK}.monitor buffer-time=10000000 "
        f"latency-time=10000 ! {CAPS} ! {queue} name=queue ! wavenc ! "
        f"safefilesink location={name}")
    taker = Taker(take.pad("source"), BLOCKS * BLOCK * FRAME)
    if lose:
        lose_a_buffer(take.pad("queue"))
    try:
        take.play()
        wait_for(taker.started, "the first buffer", take)
        subprocess.run(
            ["pacat", "--playback", f"--device={SINK}", "--format=s16le",
             f"--rate={RATE}", f"--channels={CHANNELS}",
             "--latency-msec=10000", PLAYED], check=True, timeout=LONGEST)
        wait_for(taker.complete, "the whole signal", take)
        take.pipeline.send_event(Gst.Event.new_eos())
        take.wait_for_eos()
    finally:
        take.stop()
    with wave.open(name) as file:
        assert file.getframerate() == RATE and file.getnchannels() == CHANNELS
        return file.readframes(file.getnframes()), taker


def difference(played, recorded):
    """Where the recording is not silence, the signal, silence; or None."""
    played, recorded = (array.array("h", data) for data in (played, recorded))
    start = next((i for i, value in enumerate(recorded) if value), None)
    if start is None:
        return "nothing but silence"
    for i, value in enumerate(played):
        if start + i >= len(recorded):
            return f"ends {len(played) - i} values early"
        if recorded[start + i] != value:
            return (f"value {i} is {recorded[start + i]} and not {value}, "
                    f"the signal beginning at {start}")
    if any(recorded[start + len(played):]):
        return "goes on after the signal"
    return None


class Recording(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sine = make_sine()

    def test_what_was_played_is_recorded_sample_by_sample(self):
        recorded, taker = record(TAKE)
        self.assertIsNone(difference(self.sine, recorded))
        self.assertEqual(taker.sizes, {BLOCK * FRAME})
        self.assertEqual(taker.in_slots, taker.buffers)

    def test_negative_control_a_lost_buffer_is_found(self):
        recorded, _ = record(TAKE, lose=True)
        where = difference(self.sine, recorded)
        self.assertIsNotNone(where)
        self.assertIn("the signal beginning at", where)

    def test_negative_control_behind_queue_no_buffer_is_a_slot(self):
        recorded, taker = record(TAKE, queue="queue")
        self.assertIsNone(difference(self.sine, recorded))
        self.assertEqual(taker.in_slots, 0)


class AlsaNull(unittest.TestCase):
    """ALSA's own null device gives silence as fast as it is read, so that only
    negotiation and memory can be looked at."""

    def take(self, queue):
        running = Running(f"alsasrc name=source device=null num-buffers=50 ! "
                          f"{CAPS} ! {queue} ! fakesink")
        taker = Taker(running.pad("source"), 0)
        running.play()
        try:
            running.wait_for_eos()
        finally:
            running.stop()
        self.assertEqual(taker.buffers, 50)
        self.assertEqual(taker.sizes, {BLOCK * FRAME})
        return taker

    def setUp(self):
        if not Gst.ElementFactory.find("alsasrc"):
            self.skipTest("no alsasrc: install gstreamer1.0-alsa")

    def test_alsasrc_fills_slots(self):
        taker = self.take("tieredqueue")
        self.assertEqual(taker.in_slots, taker.buffers)

    def test_negative_control_behind_queue_alsasrc_fills_none(self):
        self.assertEqual(self.take("queue").in_slots, 0)


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


for command in "pulseaudio", "pacat":
    if not shutil.which(command):
        skip(f"no {command} in PATH: install PulseAudio and its tools")

try:
    import gi

    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
except (ImportError, ValueError) as error:
    skip(error)

FOLDER = tempfile.mkdtemp(prefix="safecapture-sound-")
PLAYED, TAKE = (os.path.join(FOLDER, name) for name in ("sine.raw", "take.wav"))
server = SoundServer(FOLDER)
status = 1
try:
    Gst.init(None)
    if not Gst.ElementFactory.find("pulsesrc"):
        skip("no pulsesrc: install GStreamer's PulseAudio plugin")
    server.wait()
    program = unittest.main(exit=False, verbosity=2)
    status = 0 if program.result.wasSuccessful() else 1
finally:
    server.stop()
    shutil.rmtree(FOLDER)
sys.exit(status)
