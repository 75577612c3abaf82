#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A throttled disk for bench-sink, as root: a file system on a loop device that blkio
# (cgroup v1) lets write 5 MB a second.
#   slow-disk.sh up IMAGE FOLDER     makes a file IMAGE and mounts it at FOLDER
#   slow-disk.sh down IMAGE FOLDER   takes both away again
set -eu

limit=/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device

case ${1-} in
  up)
    truncate -s 200M "$2"
    loop=$(losetup --find --show "$2")
    mkfs.ext4 -q "$loop"
    mkdir -p "$3"
    mount "$loop" "$3"
    echo "$(cat "/sys/block/${loop#/dev/}/dev") 5242880" >"$limit"
    ;;
  down)
    loop=$(findmnt -n -o SOURCE "$3")
    echo "$(cat "/sys/block/${loop#/dev/}/dev") 0" >"$limit"
    umount "$3"
    losetup -d "$loop"
    rm "$2"
    ;;
  *)
    sed -n 's/^#  *\(slow-disk.sh .*\)/\1/p' "$0" >&2
    exit 1
    ;;
esac
