# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the demo prints: bars that move on a terminal, plain lines elsewhere."""

import os
import shutil
import sys

FLOOR = -48.0
NAME = 14


def on_terminal():
    return sys.stdout.isatty() and os.environ.get('TERM', 'dumb') != 'dumb'


def blocks():
    """The characters of a bar: empty, and from one eighth to full.

    Only the user's locale knows what a terminal can show: Python writes UTF-8
    in the C locale too.
    """
    locale = (os.environ.get('LC_ALL') or os.environ.get('LC_CTYPE')
              or os.environ.get('LANG') or '')
    if 'UTF' in locale.upper():
        return '\u00b7', '\u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588'
    return '.', '#'


def paint(text, code):
    if on_terminal() and 'NO_COLOR' not in os.environ:
        return '\033[%sm%s\033[0m' % (code, text)
    return text


def bold(text):
    return paint(text, '1')


def dim(text):
    return paint(text, '2')


def good(text):
    return paint(text, '32')


def bad(text):
    return paint(text, '31')


def number(value):
    return format(value, ',d')


def loudness(decibels):
    """A level as words: silence has no figure."""
    return 'silent' if decibels < FLOOR else '%.0f dB' % decibels


def bar(decibels, width):
    """A level as a bar of characters."""
    empty, steps = blocks()
    filled = min(1.0, max(0.0, 1.0 - decibels / FLOOR)) * width
    whole = int(filled)
    part = int((filled - whole) * len(steps))
    text = steps[-1] * whole
    if part:
        text += steps[part - 1]
    rest = width - len(text)
    colour = '33' if decibels > -3.0 else '32'
    return paint(text, colour) + dim(empty * rest)


class Live:
    """Levels and figures while recording."""

    def __init__(self, names):
        self.names = names
        self.drawn = 0
        self.said = -1
        size = shutil.get_terminal_size()
        self.moving = (on_terminal() and size.columns >= 60
                       and size.lines >= len(names) + 4)
        self.width = min(size.columns, 80) - NAME - 14

    def show(self, seconds, levels, figures):
        """Draws anew on a terminal; elsewhere a line for each second."""
        if self.moving:
            self.draw(seconds, levels, figures)
        elif int(seconds) > self.said:
            self.said = int(seconds)
            print('  %3d s  %s  levels %s' % (
                self.said, figures,
                ' '.join('%3s' % ('-' if level < FLOOR else '%.0f' % level)
                         for level in levels)), flush=True)

    def draw(self, seconds, levels, figures):
        lines = ['  %-*s%s  %7s' % (NAME, name, bar(level, self.width),
                                    loudness(level))
                 for name, level in zip(self.names, levels)]
        lines += ['', '  %4.1f s  %s' % (seconds, figures)]
        up = '\033[%dA' % self.drawn if self.drawn else ''
        sys.stdout.write(up + ''.join('\r\033[K%s\n' % line for line in lines))
        sys.stdout.flush()
        self.drawn = len(lines)


def table(head, rows):
    """A table: in each row a name and two columns of words."""
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(3)]

    def line(row):
        return '  %-*s    %*s    %*s' % (widths[0], row[0], widths[1], row[1],
                                         widths[2], row[2])

    print(bold(line(head)))
    print(dim('  ' + '-' * (sum(widths) + 8)))
    for row in rows:
        print(line(row))
