#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Links all that some functions of a static library need from it into one
relocatable object, and looks at what that object needs from outside: only what
is listed here, none of which allocates.  With --expect: exactly SYMBOL is beyond
the list (the negative control)."""
import argparse
import pathlib
import subprocess
import sys
import tempfile

# None of these allocates (a thread's first few keys have room in the thread).
ALLOWED = {
    'memcpy', 'memmove', 'memset', 'memcmp',
    'clock_gettime', 'nanosleep', 'sched_yield', 'syscall',
    'pthread_mutex_lock', 'pthread_mutex_unlock', 'pthread_once',
    'pthread_key_create', 'pthread_setspecific',
    '__errno_location', '__tls_get_addr',
    '_GLOBAL_OFFSET_TABLE_', '__stack_chk_fail',
}


def needed_symbols(options):
    with tempfile.TemporaryDirectory() as folder:
        linked = pathlib.Path(folder) / 'linked.o'
        roots = [f'-Wl,--undefined={root}' for root in options.roots]
        subprocess.run([options.cc, '-nostdlib', '-r', *roots, options.library,
                        '-lgcc', '-o', linked], check=True)
        defined = names(options.nm, '--defined-only', linked)
        missing = set(options.roots) - defined
        if missing:
            sys.exit(f'not in the library: {", ".join(sorted(missing))}')
        return names(options.nm, '--undefined-only', linked)


def names(nm, option, path):
    lines = subprocess.run([nm, '--format=posix', option, path], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0] for line in lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--nm', required=True)
    parser.add_argument('--cc', required=True)
    parser.add_argument('--expect', metavar='SYMBOL', action='append')
    parser.add_argument('library')
    parser.add_argument('roots', nargs='+')
    options = parser.parse_args()

    needed = needed_symbols(options)
    print('needed from outside:', ', '.join(sorted(needed)) or 'nothing')
    beyond = needed - ALLOWED
    print('beyond what is allowed:', ', '.join(sorted(beyond)) or 'nothing')
    return 0 if beyond == set(options.expect or []) else 1


sys.exit(main())
