#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever comes from the network, the recording goes on untouched."""
import json
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import unittest

COMMAND = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import monitor_test as m  # noqa: E402

CONNECTIONS = 32        # MONITOR_HTTP_CONNECTIONS
PORT = ("--prometheus", "127.0.0.1:0")
GET = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


class Network(m.Case):
    command = COMMAND

    def record(self, *options):
        return self.start(
            m.LIVE + "tieredqueue name=q leaky=upstream ! wavenc ! "
            "safefilesink name=sink location=" + self.path("take.wav"),
            *options)

    def figure(self, monitor, name):
        return float(re.search(r"^%s(?:\{.*\})? (\S+)$" % name,
                               m.fetch(monitor.uri()), re.M).group(1))

    def written(self, monitor):
        try:
            return self.figure(monitor, "safecapture_written_bytes_total")
        except (OSError, AttributeError):
            return 0

    def check_whole(self, monitor):
        """Nothing was dropped, and the file is published."""
        lost = self.figure(monitor, "safecapture_lost_buffers_total")
        self.assertEqual(monitor.end(), 0, monitor.text())
        self.assertEqual(lost, 0)
        self.assertEqual(os.listdir(self.folder), ["take.wav"])
        with open(self.path("take.wav"), "rb") as file:
            data = file.read()
        self.assertEqual(int.from_bytes(data[4:8], "little"), len(data) - 8)

    @staticmethod
    def address(monitor):
        host, port = re.fullmatch(r"http://(.*):(\d+)/metrics",
                                  monitor.uri()).groups()
        return host, int(port)

    def connect(self, monitor):
        connection = socket.create_connection(self.address(monitor),
                                              m.PATIENCE)
        self.addCleanup(connection.close)
        return connection

    @staticmethod
    def sockets(monitor):
        folder = "/proc/%d/fd" % monitor.process.pid
        count = 0
        for name in os.listdir(folder):
            try:
                count += os.readlink(
                    os.path.join(folder, name)).startswith("socket:")
            except FileNotFoundError:
                pass
        return count

    @staticmethod
    def niceness(monitor, thread):
        folder = "/proc/%d/task" % monitor.process.pid
        for task in os.listdir(folder):
            with open(os.path.join(folder, task, "stat")) as file:
                name, rest = re.match(r"\d+ \((.*)\) (.*)",
                                      file.read()).groups()
            if name == thread:
                return int(rest.split()[16])
        raise AssertionError("there is no thread " + thread)

    def begin(self):
        monitor = self.record(*PORT)
        m.wait_for(lambda: self.written(monitor) > 0, "the first bytes")
        return monitor

    # Who asks

    def test_garbage_is_answered_or_cut_off(self):
        seed = (int(os.environ.get("SAFECAPTURE_SEED", 0))
                or random.getrandbits(32))
        print("SAFECAPTURE_SEED=%d" % seed, flush=True)
        rand = random.Random(seed)
        monitor = self.begin()
        for i in range(200):
            with socket.create_connection(self.address(monitor),
                                          m.PATIENCE) as connection:
                garbage = bytearray(GET * 3 if i % 2 else rand.randbytes(999))
                for _ in range(i % 5):
                    garbage[rand.randrange(len(garbage))] = rand.randrange(256)
                try:
                    connection.sendall(garbage)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(1 << 16):
                        pass
                except ConnectionError:
                    pass
        self.check_whole(monitor)

    def test_a_thousand_at_once_take_no_more_than_their_share(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE,
                        (soft, hard))
        monitor = self.begin()
        self.assertEqual(self.niceness(monitor, "metrics-http"),
                         min(19, 10 + self.niceness(monitor,
                                                    "safecapture-mon")))
        idle = self.sockets(monitor)
        most, over = [0], threading.Event()

        def watch():
            while not over.is_set():
                most[0] = max(most[0], self.sockets(monitor))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            held = [self.connect(monitor) for _ in range(1000)]
            for i, connection in enumerate(held):
                try:
                    # Some ask, some begin to, some say nothing.
                    connection.sendall(GET[:[0, 20, len(GET)][i % 3]])
                except ConnectionError:
                    pass
            before = self.written(monitor)
            m.wait_for(lambda: self.written(monitor) > before, "more bytes")
        finally:
            over.set()
            watcher.join()
        self.assertGreater(most[0], idle)
        # Those that are being ended are still there for a moment.
        self.assertLessEqual(most[0], idle + 2 * CONNECTIONS)
        m.wait_for(lambda: self.sockets(monitor) <= idle + CONNECTIONS,
                   "the end of the others")
        self.check_whole(monitor)

    def test_slow_ones_do_not_keep_others_out(self):
        monitor = self.begin()
        slow = [self.connect(monitor) for _ in range(CONNECTIONS)]
        for connection in slow:
            connection.sendall(GET[:-2])
        before = self.written(monitor)
        self.assertGreater(before, 0)

        def is_ended(connection):
            try:
                connection.sendall(b"X")
                return False
            except ConnectionError:
                return True

        # However often they send something.
        m.wait_for(lambda: all(map(is_ended, slow)), "their end")
        self.check_whole(monitor)

    def test_a_signal_ends_the_wait_and_leaves_report_and_exit_code(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            report = self.path("%d.html" % number)
            monitor = self.start(
                "audiotestsrc num-buffers=9 ! fakesink", *PORT,
                "--linger", "86400", "--report", report)
            m.wait_for(lambda: "Played" in monitor.text(), monitor.text)
            # Nobody has asked for the figures.
            self.assertIsNone(monitor.process.poll())
            self.assertEqual(monitor.end(number), 0, monitor.text())
            self.assertTrue(os.path.exists(report))

    # Where it listens

    def test_a_port_that_is_taken_is_said_before_anything_is_recorded(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            monitor = self.record("--prometheus", "127.0.0.1:%d"
                                  % other.getsockname()[1])
            self.assertEqual(monitor.wait(), 3)
        self.assertRegex(
            monitor.text(), r"\A\S+: monitor: 127.0.0.1:\d+ is taken by "
            r"another program: choose another port.*\n\Z")
        self.assertEqual(os.listdir(self.folder), [])

    def test_beside_json_the_port_is_said_on_standard_error(self):
        done = subprocess.run(
            [COMMAND, "monitor", "--json", *PORT, "--statsd", "host.invalid",
             "fakesrc num-buffers=1 ! tieredqueue ! fakesink"],
            capture_output=True, text=True, timeout=m.PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"http://127.0.0.1:\d+/metrics\n")
        for line in done.stdout.splitlines():
            json.loads(line)

    def test_what_is_no_address_is_wrong_usage(self):
        for option, address in [("--prometheus", "9464"),
                                ("--prometheus", "localhost:9464"),
                                ("--prometheus", "127.0.0.1:123456"),
                                ("--statsd", "host:port")]:
            monitor = self.record(option, address)
            self.assertEqual(monitor.wait(), 64)
            self.assertIn('"%s" is no address' % address, monitor.text())
            self.assertEqual(len(monitor.lines), 1)
        self.assertEqual(os.listdir(self.folder), [])

    # statsd

    def test_statsd_gets_the_counts(self):
        total = {}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(m.PATIENCE)
            monitor = self.record(*PORT, "--statsd", "127.0.0.1:%d"
                                  % server.getsockname()[1])
            name = "safecapture.tieredqueue.q.channel.sink.out_buffers"
            while total.get(name, 0) < 100:
                for line in server.recv(65536).decode().split("\n"):
                    key, value, kind = re.fullmatch(
                        r"([\w.]+):(-?[\d.]+)\|(c|g|ms)", line).groups()
                    if kind == "c":
                        total[key] = total.get(key, 0) + float(value)
                    else:
                        total[key] = float(value)
            self.assertEqual(total["safecapture.safefilesink.sink.state"
                                   ".writing"], 1)
            out = self.figure(
                monitor, "safecapture_tieredqueue_out_buffers_total")
            self.assertLess(abs(out - total[name]), 200)
            self.check_whole(monitor)

    def test_statsd_that_is_not_there_is_said_once(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            nobody = "127.0.0.1:%d" % server.getsockname()[1]
        for address, words in [(nobody, "nobody takes the figures at"),
                               ("no-such-host.invalid", "is not known")]:
            monitor = self.record(*PORT, "--statsd", address)
            m.wait_for(lambda: words in monitor.text(), words)
            before = self.written(monitor)
            m.wait_for(lambda: self.written(monitor) > before + 50000,
                       "more bytes")
            self.check_whole(monitor)
            self.assertEqual(monitor.text().count(words), 1, monitor.text())
            os.remove(self.path("take.wav"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
