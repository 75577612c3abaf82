# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much of a file is on the disk, and not only in the memory of the kernel.

A killed process leaves what it gave to the kernel; a power cut leaves only what
has reached the disk.  Linux tells the two apart by the file's extents (FIEMAP):
one that is delayed, unknown or unwritten has no data on the disk yet.
"""

import fcntl
import struct

FIEMAP = 0xC020660B
PENDING = 0x2 | 0x4 | 0x800
HEAD = struct.Struct('=QQLLLL')
EXTENT = struct.Struct('=QQQQQLLLL')
MANY = 512


def bytes_on_disk(path):
    """The bytes of a file that are on the disk; None where nobody can tell."""
    request = bytearray(HEAD.pack(0, 2**64 - 1, 0, 0, MANY, 0)
                        + bytes(EXTENT.size * MANY))
    with open(path, 'rb') as file:
        try:
            fcntl.ioctl(file, FIEMAP, request)
        except OSError:
            return None
        size = file.seek(0, 2)
    total = 0
    for i in range(HEAD.unpack_from(request)[3]):
        logical, _, length, _, _, flags, _, _, _ = EXTENT.unpack_from(
            request, HEAD.size + i * EXTENT.size)
        if not flags & PENDING:
            total += max(0, min(size, logical + length) - logical)
    return total
