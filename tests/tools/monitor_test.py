# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running "safecapture monitor" and Prometheus from a test."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

SKIPPED = 77
PATIENCE = 60       # seconds, before something that does not come is given up
POLL = 0.1

LIVE = ("audiotestsrc name=src is-live=true samplesperbuffer=441 ! "
        "audio/x-raw,format=S16LE,rate=44100,channels=1 ! ")


def make_folder():
    """In memory, where there is room: what else the disk does is not ours."""
    shm = "/dev/shm"
    enough = (os.access(shm, os.W_OK)
              and shutil.disk_usage(shm).free > 1 << 28)
    return tempfile.mkdtemp(prefix="monitor-", dir=shm if enough else None)


def wait_for(condition, what, patience=PATIENCE):
    """What condition() returns, once that is something."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError("it never came: "
                                 + (what() if callable(what) else what))
        time.sleep(POLL)


def fetch(uri):
    with urllib.request.urlopen(uri, timeout=PATIENCE) as answer:
        return answer.read().decode()


class Monitor:
    """A running "safecapture monitor"; what it prints is in `lines`."""

    def __init__(self, command, pipeline, options=(), env=None):
        self.lines = []
        self.process = subprocess.Popen(
            [command, "monitor", "--plain", "--interval", "0.2", *options,
             pipeline], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            env=dict(os.environ, **(env or {})))
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def text(self):
        return "".join(self.lines)

    def uri(self):
        def find():
            found = re.search(r"http://\S+/metrics", self.text())
            if found is None and self.process.poll() is not None:
                raise AssertionError("it ended:\n" + self.text())
            return found and found.group()
        return wait_for(find, "the address in\n" + self.text())

    def end(self, number=signal.SIGINT, patience=PATIENCE):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait(patience)

    def wait(self, patience=PATIENCE):
        code = self.process.wait(patience)
        self.reader.join(patience)
        self.process.stdout.close()
        return code

    def kill(self):
        if self.process.returncode is None:
            self.process.kill()
            self.wait()


class Prometheus:
    """A real one, of a folder and a port of its own."""

    def __init__(self, folder, targets, rules=()):
        self.folder = os.path.join(folder, "prometheus")
        os.mkdir(self.folder)
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w") as file:
            # JSON is YAML.
            json.dump(self.config(targets, rules), file)
        self.log = os.path.join(self.folder, "log")
        # Whoever takes the port between these two lines makes the test fail.
        port = free_port()
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["prometheus", "--config.file=" + config,
                 "--storage.tsdb.path=" + os.path.join(self.folder, "data"),
                 "--web.listen-address=127.0.0.1:%d" % port],
                stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT)
        self.uri = "http://127.0.0.1:%d" % port
        try:
            wait_for(self.is_ready, "Prometheus")
        except AssertionError:
            self.end()
            raise

    @staticmethod
    def config(targets, rules):
        return {
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms",
                       "evaluation_interval": "500ms"},
            "rule_files": list(rules),
            "scrape_configs": [{
                "job_name": "safecapture",
                "static_configs": [
                    {"targets": [urllib.parse.urlparse(uri).netloc],
                     "labels": {"case": case}}
                    for case, uri in targets.items()],
            }],
        }

    def is_ready(self):
        if self.process.poll() is not None:
            with open(self.log) as log:
                raise AssertionError("Prometheus ended:\n" + log.read())
        try:
            return fetch(self.uri + "/-/ready")
        except (urllib.error.URLError, ConnectionError):
            return None

    def ask(self, path, **words):
        text = fetch("%s/api/v1/%s?%s" % (self.uri, path,
                                          urllib.parse.urlencode(words)))
        answer = json.loads(text)
        assert answer["status"] == "success", text
        return answer["data"]

    def query(self, expression):
        """[(labels, value)]"""
        return [(row["metric"], float(row["value"][1]))
                for row in self.ask("query", query=expression)["result"]]

    def value(self, expression):
        """Of the one series there is."""
        rows = self.query(expression)
        assert len(rows) <= 1, rows
        return rows[0][1] if rows else None

    def end(self):
        if self.process.returncode is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Case(unittest.TestCase):
    """A test with a folder, whose monitors are gone when it ends."""
    command = None

    def setUp(self):
        self.folder = make_folder()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, pipeline, *options, env=None):
        monitor = Monitor(self.command, pipeline, options, env)
        self.addCleanup(monitor.kill)
        return monitor

    def start_prometheus(self, targets, rules=()):
        prometheus = Prometheus(self.folder, targets, rules)
        self.addCleanup(prometheus.end)
        return prometheus
