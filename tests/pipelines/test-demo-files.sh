#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# test-demo-files.sh DEMO BUILD
# What scripts/demo takes from the build is there under that name: the demo, which
# takes too long for a test, would only find out while it runs.
missing=$(sed -n 's|.*\$ROOT/build/\([^" ]*\).*|\1|p' "$1" |
    while read -r file; do
      case $file in
        *.registry) ;;          # made by the demo
        *) [ -e "$2/$file" ] || echo "$file" ;;
      esac
    done)
[ -z "$missing" ] || { echo "not in the build: $missing"; exit 1; }
