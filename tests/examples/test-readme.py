# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-readme.py PAGE SOURCE...: what a page shows in C and Python is in the
examples, word by word, so that it has been compiled and run."""
import re
import sys
import textwrap
import unittest

PAGE, *SOURCES = sys.argv[1:]


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def shown():
    return re.findall(r"^```(?:c|python)\n(.*?)^```", read(PAGE),
                      re.MULTILINE | re.DOTALL)


def is_in(snippet, source):
    lines = source.splitlines(keepends=True)
    length = snippet.count("\n")
    return any(textwrap.dedent("".join(lines[i:i + length])) == snippet
               for i in range(len(lines)))


class Page(unittest.TestCase):
    def test_every_snippet_is_in_an_example(self):
        sources = [read(name) for name in SOURCES]
        self.assertGreater(len(shown()), 0)
        for snippet in shown():
            self.assertTrue(any(is_in(snippet, text) for text in sources),
                            snippet)

    def test_negative_control_another_word_is_not(self):
        snippet = re.sub(r"[a-z]{4,}", "another", shown()[0], count=1)
        self.assertFalse(any(is_in(snippet, read(name)) for name in SOURCES))


unittest.main(argv=sys.argv[:1])
