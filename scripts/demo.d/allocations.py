# SPDX-License-Identifier: LGPL-2.1-or-later
"""What each thread of a process allocates, once it is warm.

The counting is done by tests/support/alloc-count.c, which is preloaded into the
process that is to count itself.
"""

import ctypes
import os


class Row(ctypes.Structure):
    """AllocCount of tests/support/alloc-count.h."""
    _fields_ = [('name', ctypes.c_char * 16),
                ('allocations', ctypes.c_uint64),
                ('frees', ctypes.c_uint64),
                ('maps', ctypes.c_uint64)]


def environment(library):
    """The environment in which a process can count.

    GLib before 2.76 has an allocator of its own over malloc, which would hide
    allocations.
    """
    preload = os.environ.get('LD_PRELOAD')
    return dict(os.environ, G_SLICE='always-malloc',
                LD_PRELOAD=library + (':' + preload if preload else ''))


class Counter:
    """Counts in this process, from start() on."""

    def __init__(self):
        self.library = ctypes.CDLL(None)
        self.library.alloc_count_get.argtypes = [ctypes.c_uint,
                                                 ctypes.POINTER(Row)]

    def start(self):
        self.library.alloc_count_start()

    def by_thread(self):
        """Allocations so far by the names of the threads; of those with the
        same name, the sum. A thread that allocates nothing is not there."""
        counts = {}
        row = Row()
        index = 0
        while self.library.alloc_count_get(index, row):
            name = row.name.decode()
            counts[name] = counts.get(name, 0) + row.allocations + row.maps
            index += 1
        return counts


def threads_of(process):
    """The names of a process's threads."""
    names = set()
    folder = '/proc/%d/task' % process
    for thread in os.listdir(folder):
        try:
            with open('%s/%s/comm' % (folder, thread)) as file:
                names.add(file.read().strip())
        except OSError:
            pass    # it has just ended
    return names
