# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-installed.py MESON BUILD PREFIX LIBDIR VERSION SOURCE PYTHON SCRIPT CC...

Installs the build into a folder and works with what is there: the pkg-config
file, every header alone, the C example, and the Python example if PYTHON is not
empty.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from example_check import ExampleCase

MESON, BUILD, PREFIX, LIBDIR, VERSION, SOURCE, PYTHON, SCRIPT = sys.argv[1:9]
COMPILER = sys.argv[9:]
PACKAGE = "gstreamer-safecapture-1.0"
HEADERS = {
    "gstsafecapture-prelude.h", "gstsafecapturejson.h",
    "gstsafecapturemonitor.h", "gstsafecaptureschema.h",
    "gsttieredallocator.h", "gsttieredenums.h",
    "gsttieredpool.h", "gsttieredslotmeta.h", "safecapture.h",
}


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=300,
                          check=False, **options)
    if done.returncode != 0:
        raise AssertionError(" ".join(words) + "\n" + done.stdout + done.stderr)
    return done.stdout


def pkg_config(*words):
    return run("pkg-config", *words, PACKAGE).split()


def install(folder):
    """Installs below folder, and makes the pkg-config file and the environment
    say so, as the system's would."""
    run(MESON, "install", "-C", BUILD, "--no-rebuild", "--destdir", folder)
    prefix = folder + PREFIX
    libdir = os.path.join(prefix, LIBDIR)
    pkgconfig = os.path.join(libdir, "pkgconfig")
    name = os.path.join(pkgconfig, PACKAGE + ".pc")
    with open(name, encoding="utf-8") as file:
        text = file.read()
    assert f"prefix={PREFIX}\n" in text, text
    with open(name, "w", encoding="utf-8") as file:
        file.write(text.replace(f"prefix={PREFIX}\n", f"prefix={prefix}\n"))
    os.environ.update({
        "PKG_CONFIG_PATH": pkgconfig,
        "LD_LIBRARY_PATH": libdir,
        "GI_TYPELIB_PATH": os.path.join(libdir, "girepository-1.0"),
        "GST_PLUGIN_PATH_1_0": os.path.join(libdir, "gstreamer-1.0"),
        "GST_REGISTRY_1_0": os.path.join(folder, "registry"),
    })
    return prefix


class Installed(ExampleCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="safecapture-installed-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = install(cls.folder)

    def compile_header(self, header, *words):
        run(*words, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-include",
            "gst/safecapture/" + header, os.devnull, *pkg_config("--cflags"))

    def test_exactly_the_public_headers_are_there(self):
        folder = os.path.join(self.prefix,
                              "include/gstreamer-1.0/gst/safecapture")
        self.assertEqual(set(os.listdir(folder)), HEADERS)

    def test_every_header_compiles_alone(self):
        for header in HEADERS:
            self.compile_header(header, *COMPILER, "-std=c11", "-x", "c")

    def test_every_header_compiles_alone_in_cxx(self):
        if not shutil.which("c++"):
            self.skipTest("no c++")
        for header in HEADERS:
            self.compile_header(header, "c++", "-x", "c++")

    def test_the_package_says_what_it_is_and_needs(self):
        self.assertEqual(pkg_config("--modversion"), [VERSION])
        needs = [line.split()[0] for line
                 in run("pkg-config", "--print-requires", PACKAGE).splitlines()]
        self.assertEqual(needs, ["gstreamer-1.0", "gstreamer-base-1.0"])
        (plugins,) = pkg_config("--variable=pluginsdir")
        self.assertTrue(os.path.exists(
            os.path.join(plugins, "libgstsafecapture.so")))

    def test_the_c_example_is_compiled_against_it_and_runs(self):
        program = os.path.join(self.folder, "record")
        run(*COMPILER, "-std=gnu11", "-Wall", "-Wextra", "-Werror", SOURCE,
            "-o", program, *pkg_config("--cflags", "--libs"), "-lm")
        self.command = [program]
        self.check_recording()

    def test_the_python_example_runs_with_it(self):
        if not PYTHON:
            self.skipTest("no introspection data or no python3-gi")
        self.command = [PYTHON, SCRIPT]
        self.check_recording()


unittest.main(argv=sys.argv[:1])
