# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page of "safecapture monitor --report", opened in a browser.

Arguments: the command, the folder of the plugin."""
import html.parser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

COMMAND, PLUGINS = sys.argv[1:3]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

# A queue that is too small before something slow: it drops and is held up.
DROPPING = ("bufpoolsrc num-buffers=400 is-live=true blocksize=512 ! "
            "tieredqueue name=q leaky=upstream max-size-buffers=4 ! "
            "identity sleep-time=20000 ! safefilesink name=rec location=")


class Page(html.parser.HTMLParser):
    """What is left of a page once its scripts have run."""

    def __init__(self, text):
        super().__init__()
        self.root, self.series, self.states = {}, {}, []
        self.sections, self.text, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "html":
            self.root = attrs
        elif tag in ("section", "header"):
            self.sections.append(attrs.get("id"))
        elif "data-series" in attrs:
            self.series[self.sections[-1], attrs["data-series"]] = int(
                attrs["data-points"])
        elif "data-state" in attrs:
            self.states.append(attrs["data-state"])
        self.inside = tag

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.text.append(data)


class ReportCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="safecapture-report-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.page = os.path.join(self.folder, "report.html")
        self.env = dict(os.environ, GST_PLUGIN_PATH_1_0=PLUGINS)

    def start(self, pipeline, page=None):
        return subprocess.Popen(
            [COMMAND, "monitor", "--interval", "0.1", "--plain", "--report",
             page or self.page, pipeline],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.env)

    def record(self, pipeline, page=None):
        with self.start(pipeline, page) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def read(self):
        with open(self.page, encoding="utf-8") as file:
            return file.read()

    def write(self, text):
        with open(self.page, "w", encoding="utf-8") as file:
            file.write(text)

    def show(self):
        """The page as it is in the browser, when its scripts have run."""
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" + os.path.join(self.folder, "profile"),
             "--window-size=1280,2000", "--dump-dom", "file://" + self.page],
            capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Page(done.stdout)


class Browser(ReportCase):
    def setUp(self):
        super().setUp()
        if not BROWSER:
            self.skipTest("no chromium")

    def test_the_browser_shows_what_was_recorded(self):
        code, out, err = self.record(DROPPING + self.folder + "/take")
        self.assertEqual(code, 1, out + err)
        page = self.show()
        self.assertEqual(page.root.get("data-ready"), "yes")
        self.assertNotIn("data-error", page.root)
        for series in (("levels", "q"), ("levels", "rec memory"),
                       ("queue-latency", "q median"),
                       ("queue-latency", "q longest"),
                       ("write-latency", "rec 99 %"),
                       ("durable", "rec written"),
                       ("durable", "rec durable"), ("lag", "rec"),
                       ("drops", "q full"), ("throughput", "q")):
            self.assertGreater(page.series.get(series, 0), 3, series)
        self.assertIn("writing", page.states)
        self.assertIn("back-pressure", page.states)
        text = " ".join(page.text)
        self.assertIn("Recorded, but not without incident", text)
        self.assertIn(self.folder + "/take", text)
        # The figures are those of the summary.
        dropped = re.search(r"Dropped +(q: \d+ full \(.*\))", out).group(1)
        self.assertIn(dropped, text)

    def test_a_name_with_the_end_of_a_script_is_only_a_name(self):
        folder = os.path.join(self.folder, "x<")
        os.mkdir(folder)
        name = folder + "/script><img src=x onerror=document.title=1>"
        code, out, err = self.record("bufpoolsrc num-buffers=20 ! "
                                     f'safefilesink location="{name}"')
        self.assertEqual(code, 0, out + err)
        page = self.show()
        self.assertEqual(page.root.get("data-ready"), "yes")
        self.assertIn(name, " ".join(page.text))
        # Negative control: as it is, it ends the script.
        self.write(self.read().replace("\\u003c", "<").replace("\\u003e", ">"))
        page = self.show()
        self.assertNotIn("data-ready", page.root)

    def test_a_page_with_an_error_is_seen(self):
        """Negative control of the others."""
        code, out, err = self.record("bufpoolsrc num-buffers=20 ! "
                                     f"safefilesink location={self.folder}/t")
        self.assertEqual(code, 0, out + err)
        self.assertIn("\naddFacts (grid);", self.read())
        self.write(self.read().replace("\naddFacts (grid);",
                                       "\naddFact (grid);"))
        page = self.show()
        self.assertIn("addFact", page.root.get("data-error", ""))
        self.assertNotIn("data-ready", page.root)
        self.assertEqual(page.series, {})

    def test_pointing_at_a_plot_tells_the_values(self):
        code, out, err = self.record(DROPPING + self.folder + "/take")
        self.assertEqual(code, 1, out + err)
        self.write(self.read().replace("</body>", """<script>
const plot = document.querySelector ("#levels svg");
const box = plot.getBoundingClientRect ();
plot.dispatchEvent (new PointerEvent ("pointermove", {bubbles: true,
  clientX: box.left + box.width / 2, clientY: box.top + 20}));
document.documentElement.dataset.tip = tip.textContent;
document.documentElement.dataset.crossed = [...document.querySelectorAll ("svg")]
  .every (svg => svg.querySelector (".cross").style.visibility === "visible");
document.querySelector ("#levels .legend button").click ();
document.documentElement.dataset.left =
  plot.ownerDocument.querySelectorAll ("#levels svg g").length;
</script></body>"""))
        page = self.show()
        self.assertNotIn("data-error", page.root)
        self.assertRegex(page.root["data-tip"], r"^0:00:0\d\.\d.*q.*%")
        self.assertEqual(page.root["data-crossed"], "true", "on all plots")
        self.assertEqual(page.root["data-left"], "1", "one of two was hidden")


class File(ReportCase):
    def test_the_page_needs_nothing_from_elsewhere(self):
        code, out, err = self.record("bufpoolsrc num-buffers=20 ! "
                                     f"safefilesink location={self.folder}/t")
        self.assertEqual(code, 0, out + err)
        text = self.read()
        self.assertEqual(set(re.findall(r"https?://[^\"' ]*", text)),
                         {"http://www.w3.org/2000/svg"}, "only a name")
        self.assertEqual(re.findall(r"\b(?:src|href)\s*=\s*\"([^\"]*)", text),
                         ["data:,"])
        self.assertIn("default-src 'none'", text)
        json.loads(re.search(r'id="data">(.*?)</script>', text, re.S).group(1))
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["report.html", "t"])

    def test_what_cannot_be_written_is_said_before_the_recording(self):
        for page in ("/nowhere/report.html", self.folder, "/dev/full"):
            code, out, err = self.record(
                "bufpoolsrc num-buffers=20 ! safefilesink "
                f"location={self.folder}/t", page)
            self.assertEqual(code, 64, out + err)
            self.assertIn("the report cannot be written", err)
            self.assertFalse(os.path.exists(self.folder + "/t"))

    def test_what_could_not_be_written_is_said_after_it(self):
        gone = os.path.join(self.folder, "gone")
        os.mkdir(gone)
        with self.start("bufpoolsrc is-live=true ! safefilesink "
                        f"location={self.folder}/t", gone + "/r.html") as run:
            while "recording" not in run.stdout.readline():
                self.assertIsNone(run.poll())
            os.rmdir(gone)
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 1, out + err)
        self.assertIn("the report was not written", err)
        self.assertIn("The recording is whole", out)
        self.assertTrue(os.path.exists(self.folder + "/t"))


if __name__ == "__main__":
    if not BROWSER:
        print("without chromium the page is not looked at")
    unittest.main(argv=sys.argv[:1])
