# SPDX-License-Identifier: LGPL-2.1-or-later
"""One recorder process with the process that feeds it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading

import allocations

HERE = os.path.dirname(os.path.abspath(__file__))
# 42 ms of our audio: about what a sound card holds before it overruns.
PIPE_SIZE = 32768


class Recording:
    """A pipeline that records what a feeder writes into its standard input.

    Messages of the recorder's bus go to `hear` as they come, on a thread of this
    object. `counter` is the module that counts the recorder's allocations.
    Both processes are out of the terminal's reach: Ctrl-C is for the demo.
    """

    def __init__(self, pipeline, path, counter, hear):
        self.path = path
        self.hear = hear
        self.allocations = {}
        self.threads = set()
        self.error = None
        self.feeder = None
        self.started = threading.Event()
        self.input, self.output = os.pipe()
        fcntl.fcntl(self.output, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.recorder = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'recorder.py'), pipeline],
            stdin=self.input, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
            env=allocations.environment(counter))
        os.close(self.input)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self):
        for line in self.recorder.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue    # the line in which the process was killed
            if message['name'] == 'error':
                self.error = message['text']
            elif message['name'] == 'allocations':
                self.allocations = message['threads']
            elif message['name'] != 'started':
                self.tell(message)
            self.started.set()
        self.started.set()

    def tell(self, message):
        try:
            self.hear(message)
        except KeyError as field:
            self.error = '%s lacks the field %s' % (message['name'], field)

    def feed(self, path):
        """Starts the feeder once the recorder takes data."""
        self.started.wait()
        self.check_alive()
        self.feeder = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'feeder.py'), path],
            stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        os.close(self.output)

    def check_alive(self):
        if self.error is not None or self.recorder.poll() is not None:
            raise RuntimeError('the recorder of %s ended too early: %s' % (
                os.path.basename(self.path), self.error or 'it said nothing'))

    def kill(self):
        """SIGKILL: no handler, no flush, no last word."""
        self.threads = allocations.threads_of(self.recorder.pid)
        self.recorder.send_signal(signal.SIGKILL)

    def wait(self):
        """Waits for both to end; returns how many bytes the feeder handed over."""
        self.recorder.wait()
        self.listener.join()
        said = self.feeder.communicate()[1]
        return int(said)

    def grown(self):
        """What each thread has allocated while running, by name; after wait()."""
        return {name: self.allocations.get(name, 0) for name in self.threads}

    def clear_away(self):
        for process in (self.recorder, self.feeder):
            if process and process.poll() is None:
                process.kill()
                process.wait()
