#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Prometheus gets of a recording is what the recording was, and every
alert comes when, and only when, what it is for happens.

The rules are those of docs/monitoring; only their waiting is shortened.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

COMMAND, SLOW_DISK, DOCS, RULE_TESTS = map(os.path.abspath, sys.argv[1:5])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import monitor_test as m  # noqa: E402

RULES = os.path.join(DOCS, "alerts.yml")
DASHBOARD = os.path.join(DOCS, "grafana-dashboard.json")
OWN = re.compile(r"\bsafecapture_[a-z0-9_]+")
PORT = ("--prometheus", "127.0.0.1:0")


def read(path):
    with open(path) as file:
        return file.read()


def expressions_of_dashboard():
    """{title of the panel: [expression]}"""
    panels = [panel for row in json.loads(read(DASHBOARD))["panels"]
              for panel in [row, *row.get("panels", [])]]
    return {panel["title"]: [target["expr"] for target in panel["targets"]]
            for panel in panels if "targets" in panel}


def expressions_of_alerts():
    """{alert: expression}; our own file needs no parser of YAML."""
    found = {}
    for alert, rest in re.findall(r"- alert: (\w+)\n(.*?)(?=labels:)",
                                  read(RULES), re.S):
        found[alert] = re.sub(r"\bfor:.*", "", rest.split("expr:", 1)[1])
    return found


class Values(m.Case):
    command = COMMAND
    BUFFERS, BYTES = 300, 882

    def recording(self, *options):
        return self.start(
            m.LIVE.replace("is-live", "num-buffers=%d is-live" % self.BUFFERS)
            + "tieredqueue name=q ! multiqueue name=m ! wavenc ! "
            "safefilesink name=sink location=%s" % self.path("take.wav"),
            *PORT, *options)

    def test_prometheus_has_what_was_recorded(self):
        monitor = self.recording("--linger", "30")
        prometheus = self.start_prometheus({"take": monitor.uri()})
        self.assertEqual(monitor.wait(), 0, monitor.text())
        size = os.path.getsize(self.path("take.wav"))
        data = self.BUFFERS * self.BYTES
        self.assertGreater(size, data)
        state = ('safecapture_safefilesink_state{'
                 'safecapture_safefilesink_state="%s"}')
        m.wait_for(lambda: self.last(prometheus, state % "published") == [1],
                   "the last figures")
        sink = 'safecapture_safefilesink_%s{element="sink"}'
        queue = ('safecapture_tieredqueue_channel_%s{'
                 'element="q",channel="sink"}')
        for name, values in [
                (state % "writing", [0]),
                (sink % "file_size_bytes", [size]),
                (sink % "durable_offset_bytes", [size]),
                (sink % "backlog_bytes", [0]),
                (queue % "in_buffers_total", [self.BUFFERS]),
                (queue % "out_buffers_total", [self.BUFFERS]),
                (queue % "in_bytes_total", [data]),
                (queue % "dropped_buffers_total", [0] * 5),
                ("safecapture_lost_buffers_total", [0]),
                ("safecapture_healthy", [1]),
                ('safecapture_queue_max_buffers{element="m",'
                 'factory="multiqueue",channel="sink_0"}', [5])]:
            self.assertEqual(self.last(prometheus, name), values, name)
        self.check_latencies(prometheus)

    @staticmethod
    def last(prometheus, selector):
        return [value for _, value in prometheus.query(
            "last_over_time(%s[5m])" % selector)]

    def check_latencies(self, prometheus):
        """A histogram is whole, and of as many as were measured."""
        name = "safecapture_tieredqueue_channel_latency_%s"
        buckets = prometheus.query("last_over_time(%s[5m])"
                                   % name % "seconds_bucket")
        counts = [value for _, value in sorted(
            (float(labels["le"]), value) for labels, value in buckets)]
        self.assertEqual(len(counts), 28)
        self.assertEqual(counts, sorted(counts))
        for other in ["seconds_count", "samples_total"]:
            self.assertEqual(self.last(prometheus, name % other),
                             [counts[-1]])
        self.assertGreater(counts[-1], 0)

    def test_the_parser_of_openmetrics_takes_it(self):
        try:
            from prometheus_client.openmetrics import parser
        except ImportError:
            self.skipTest("there is no prometheus_client")
        text = m.fetch(self.recording().uri())
        families = list(parser.text_string_to_metric_families(text))
        self.assertGreater(len(families), 100)
        by_name = {family.name: family for family in families}
        self.assertEqual(by_name["safecapture_safefilesink_written"
                                 "_bytes"].unit, "bytes")
        for family in families:
            self.assertTrue(family.documentation, family.name)
            self.assertLessEqual(len({tuple(sorted(s.labels))
                                      for s in family.samples
                                      if s.name == family.name}), 1)
        # It is one that minds.
        with self.assertRaises(ValueError):
            list(parser.text_string_to_metric_families(
                text.replace("# EOF\n", "")))
        with self.assertRaises(ValueError):
            list(parser.text_string_to_metric_families(
                re.sub(r'le="\+Inf"', 'le="9"', text)))


class Alerts(m.Case):
    command = COMMAND

    def cases(self):
        """{case: (alerts that must come, those that may, pipeline, env)}"""
        sink = "wavenc ! safefilesink name=sink location=%s.wav "
        slow = {"LD_PRELOAD": SLOW_DISK}
        os.mkfifo(self.path("fifo"))
        os.mkdir(self.path("backup"))
        fast = m.LIVE.replace("441 ", "960 ").replace(
            "S16LE,rate=44100,channels=1", "F32LE,rate=96000,channels=8")
        return {
            "healthy": ("", "",
                        "bufpoolsrc is-live=true "
                        "metrics-interval=3000000000 ! "
                        "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
                        "tieredqueue name=q ! queue ! "
                        + sink % self.path("healthy"), {}),
            "finished": ("", "",
                         m.LIVE.replace("is-live", "num-buffers=200 is-live")
                         + sink % self.path("finished"), {}),
            "killed": ("NoData", "",
                       m.LIVE + sink % self.path("killed"), {}),
            # It ends then, and is no published file.
            "failed": ("Failed", "NoData",
                       m.LIVE + sink % self.path("failed"),
                       dict(slow, FAIL_SYNC="5")),
            "drops": ("DataLost Drops SuccessRate QueueFull", "",
                      m.LIVE + "tieredqueue name=q max-size-buffers=50 "
                      "leaky=upstream ! identity sleep-time=50000 ! fakesink",
                      {}),
            "pool": ("AcquireLatency MemoryFull", "",
                     "bufpoolsrc tiers=2048x50 ! tieredqueue ! "
                     "identity sleep-time=20000 ! fakesink", {}),
            "stalled": ("InputStalled", "",
                        "filesrc location=%s ! tieredqueue ! safefilesink "
                        "location=%s" % (self.path("fifo"),
                                         self.path("stalled")), {}),
            "backup": ("OnBackup", "",
                       m.LIVE + sink % self.path("none/backup")
                       + 'backup-locations="<%s/>"' % self.path("backup"),
                       {}),
            "space": ("SpaceLow SpaceForecast", "",
                      m.LIVE + sink % self.path("space")
                      + "max-bytes=5000000", {}),
            "lag": ("DurableLag", "",
                    m.LIVE + sink % self.path("lag")
                    + "sync-interval=200000000",
                    dict(slow, SLOW_SYNC_MS="1500")),
            "behind": ("FallsBehind MemoryFull DurableLag", "",
                       fast + sink % self.path("behind")
                       + "buffer-size=25000000 write-timeout=0",
                       dict(slow, SLOW_SYNC_MS="100000")),
        }

    def short_rules(self):
        path = self.path("alerts.yml")
        with open(path, "w") as file:
            file.write(re.sub(r"for: (\d)0s", r"for: \g<1>s", read(RULES)))
        return path

    @staticmethod
    def fired(prometheus):
        """{(case, alert)} of all that have been firing so far"""
        return {(labels["case"], labels["alertname"][len("Safecapture"):])
                for labels, _ in prometheus.query(
                    'last_over_time(ALERTS{alertstate="firing"}[10m])')}

    def check_dashboard(self, prometheus):
        """Every panel shows something of one of them."""
        for title, expressions in expressions_of_dashboard().items():
            for expression in expressions:
                asked = expression.replace('"$job"', '".+"').replace(
                    '"$instance"', '".+"').replace("$__rate_interval", "5s")
                self.assertNotIn("$", asked)
                self.assertTrue(prometheus.query(asked),
                                title + ": " + asked)

    def test_each_comes_when_and_only_when_it_should(self):
        cases = self.cases()
        # Fills the registry, which they share.
        subprocess.run([COMMAND, "monitor", "--plain", "fakesrc num-buffers=1 "
                        "! tieredqueue ! fakesink"], check=True,
                       stdout=subprocess.DEVNULL)
        monitors = {case: self.start(pipeline, "--linger", "60", *PORT,
                                     env=env)
                    for case, (_, _, pipeline, env) in cases.items()}
        fifo = open(self.path("fifo"), "wb", buffering=0)
        self.addCleanup(fifo.close)
        fifo.write(bytes(40000))
        prometheus = self.start_prometheus(
            {case: monitor.uri() for case, monitor in monitors.items()},
            [self.short_rules()])
        due = {(case, alert) for case, row in cases.items()
               for alert in row[0].split()}
        may = due | {(case, alert) for case, row in cases.items()
                     for alert in row[1].split()}
        m.wait_for(lambda: prometheus.value('up{case="killed"}'), "a scrape")
        monitors["killed"].kill()
        self.assertEqual(monitors["finished"].wait(), 0,
                         monitors["finished"].text())
        m.wait_for(lambda: due <= self.fired(prometheus),
                   lambda: "the alerts %s; the monitors said\n%s" % (
                       due - self.fired(prometheus),
                       "\n".join(monitors[case].text() for case, _ in
                                 due - self.fired(prometheus))))
        self.check_dashboard(prometheus)
        self.assertEqual(self.fired(prometheus) - may, set())
        self.assertEqual(prometheus.value('up{case="finished"}'), 0)
        self.assertEqual({"Safecapture" + alert for _, alert in due},
                         set(expressions_of_alerts()))
        self.check_names(set(prometheus.ask("label/__name__/values")))

    def check_names(self, there):
        self.assertNotIn("safecapture_safefilesink_time_left", there)
        for where, expressions in [
                *expressions_of_dashboard().items(),
                *((k, [v]) for k, v in expressions_of_alerts().items())]:
            used = {name for expression in expressions
                    for name in OWN.findall(
                        re.sub(r'[{,]safecapture\w*_state=', "", expression))}
            self.assertTrue(used or where == "SafecaptureNoData", where)
            self.assertEqual(used - there, set(), where)


class Rules(unittest.TestCase):

    def test_promtool_takes_them(self):
        subprocess.run(["promtool", "check", "rules", RULES], check=True,
                       stdout=subprocess.DEVNULL)

    def test_they_say_what_the_tests_of_rules_say(self):
        folder = m.make_folder()
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(RULES, folder)
        shutil.copy(RULE_TESTS, folder)
        subprocess.run(["promtool", "test", "rules", os.path.join(
            folder, os.path.basename(RULE_TESTS))], check=True,
            stdout=subprocess.DEVNULL)
        text = read(RULE_TESTS)
        for alert in expressions_of_alerts():
            self.assertIn('{alertname="%s"}' % alert, text)

    def test_each_says_what_to_do(self):
        text = read(RULES)
        alerts = re.split(r"- alert: ", text)[1:]
        self.assertEqual(len(alerts), len(expressions_of_alerts()))
        for alert in alerts:
            for word in ["severity: ", "summary: ", "description: ", "expr: "]:
                self.assertEqual(alert.count(word), 1, alert)

    def test_the_page_tells_of_all_and_its_configuration_is_right(self):
        page = read(os.path.join(DOCS, "README.md"))
        self.assertEqual(
            set(re.findall(r"^\| `(Safecapture\w+)` \|", page, re.M)),
            set(expressions_of_alerts()))
        severities = dict(re.findall(
            r"- alert: (\w+)\n.*?severity: (\w+)", read(RULES), re.S))
        for alert, severity in re.findall(
                r"^\| `(Safecapture\w+)` \|.*\| (\w+) \|$", page, re.M):
            self.assertEqual(severities[alert], severity, alert)
        block = re.search(r"(?:^    .*\n)+",
                          page.split("In `prometheus.yml`:")[1], re.M).group()
        folder = m.make_folder()
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(RULES, folder)
        with open(os.path.join(folder, "prometheus.yml"), "w") as file:
            file.write(re.sub(r"^    ", "", block, flags=re.M))
        subprocess.run(["promtool", "check", "config", file.name], check=True,
                       stdout=subprocess.DEVNULL)

    def test_each_reason_of_health_has_one(self):
        reasons = re.findall(r"^\| `([a-z-]+)` \| [^|]*\| [<>]?[^|]*\|[^|]*\| "
                             "[a-z]", read(os.path.join(DOCS, "..",
                                                        "metrics.md"))
                             .split("## Health")[1].split("\n## ")[0], re.M)
        self.assertEqual(len(reasons), 10)
        for reason in reasons:
            self.assertIn('reason="%s"' % reason, read(RULES))


class Dashboard(unittest.TestCase):

    def setUp(self):
        self.dashboard = json.loads(read(DASHBOARD))

    def test_the_source_of_data_is_chosen_by_who_imports_it(self):
        variables = {variable["name"]: variable for variable
                     in self.dashboard["templating"]["list"]}
        self.assertEqual(variables["datasource"]["type"], "datasource")
        for panel in self.dashboard["panels"]:
            if panel["type"] != "row":
                self.assertEqual(panel["datasource"]["uid"], "${datasource}")

    def test_panels_have_units_and_do_not_cover_each_other(self):
        taken, ids = {}, set()
        for panel in self.dashboard["panels"]:
            self.assertNotIn(panel["id"], ids)
            ids.add(panel["id"])
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
            for x in range(at["x"], at["x"] + at["w"]):
                for y in range(at["y"], at["y"] + at["h"]):
                    self.assertIsNone(taken.get((x, y)), panel["title"])
                    taken[x, y] = panel["title"]
            if panel["type"] != "row":
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                self.assertTrue(panel["description"])


if __name__ == "__main__":
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        print("there is no prometheus")
        sys.exit(m.SKIPPED)
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
