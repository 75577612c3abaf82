# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the scripts share.  Sourced, not run; expects $ROOT, the project's folder.

say ()
{
  printf '%s\n' "$*"
}

die ()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The first python3 that has GStreamer's bindings: a python3 of one's own before
# the system's in PATH often has not.
find_python ()
{
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import gi; gi.require_version ("Gst", "1.0")
from gi.repository import Gst' >/dev/null 2>&1; then
      printf '%s\n' "$python"
      return 0
    fi
  done
  return 1
}

# Prints what, before a command, keeps the kernel from giving it random addresses,
# where that can be done.
fixed_addresses ()
{
  prefix="setarch $(uname -m) -R"
  $prefix true 2>/dev/null && say "$prefix"
}
