# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second reader of the journal, written after docs/journal-format.md alone.

It shares no code with the first, so that where the two agree the page is right.
"""
import os
import struct
import urllib.parse

MAGIC = b"\x89SFJ\r\n\x1a\n"
EXTENT, OVERWRITE, SYNC, CLOSE, RESTART, SWITCH, REDO, GAP = range(1, 9)


def _table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = list(_table())


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def padded(size):
    return (size + 7) // 8 * 8


def read(data):
    """The file name and the list of (type, body) of all records that count."""
    version, size, _, incompatible = struct.unpack_from("<4I", data, 8)
    name_size, crc = struct.unpack_from("<H2xI", data, 72)
    header = bytearray(data[:size])
    header[76:80] = bytes(4)
    if (data[:8] != MAGIC or version != 1 or incompatible != 0
            or size != padded(80 + name_size) or crc32c(header) != crc):
        raise ValueError("not a journal")
    records, at = [], size
    while at + 24 <= len(data):
        stored, length, kind, _, _, sequence = struct.unpack_from("<2I2HIQ",
                                                                  data, at)
        end = at + padded(length)
        if (not 24 <= length <= 1 << 20 or end > len(data)
                or sequence != len(records)
                or crc32c(data[at + 4:end], crc) != stored):
            break
        records.append((kind, data[at + 24:at + length]))
        crc, at = stored, end
    return data[80:80 + name_size].decode(), records


def check(payload, records):
    """(mark, extents, extents that are right) of a payload in memory."""
    payload, mark, extents, right = bytearray(payload), 0, [], 0
    for kind, body in reversed(records):
        if kind == OVERWRITE:
            offset, size = struct.unpack_from("<QI", body)
            payload[offset:offset + size] = body[24:24 + size]
        elif kind == EXTENT:
            extents.append(struct.unpack_from("<QQI", body))
        elif kind == SYNC and mark == 0:
            mark = struct.unpack_from("<Q", body)[0]
    for offset, size, crc in extents:
        right += crc32c(payload[offset:offset + size]) == crc
    return mark, len(extents), right


def gap(body):
    """(offset, bytes, buffers) of a GAP."""
    return struct.unpack_from("<3Q", body)


def parts(manifest):
    """(path, base) of each part that a manifest names, in order."""
    with open(manifest, "rb") as file:
        text = file.read()
    body, stated = text[:-16], text[-16:]
    if (not body.startswith(b"safecapture-manifest 1\n")
            or stated != b"crc32c %08x\n" % crc32c(body)):
        raise ValueError("not a manifest")
    found = []
    for line in body.decode("ascii").splitlines():
        word, value = line.split(" ", 1)
        if word == "path":
            found.append([os.path.join(os.path.dirname(manifest),
                                       urllib.parse.unquote(value)), 0])
        elif word == "base":
            found[-1][1] = int(value)
    return found


def join(manifest):
    """The recording that is in parts, if all are whole."""
    found, out = parts(manifest), bytearray()
    for number, (path, base) in enumerate(found):
        with open(path, "rb") as file:
            payload = bytearray(file.read())
        with open(path[:-len(".part")] + ".sfj", "rb") as file:
            _, records = read(file.read())
        if number > 0:
            assert records[0][0] == SWITCH
            assert struct.unpack_from("<QI", records[0][1]) == (base, number)
        limit = min([later for _, later in found[number + 1:]], default=None)
        redo = []
        for kind, body in records:
            if kind == OVERWRITE:
                offset, size = struct.unpack_from("<QI", body)
                payload[offset:offset + size] = body[24 + size:24 + 2 * size]
            elif kind == REDO:
                offset, size, crc = struct.unpack_from("<QII", body)
                assert crc32c(body[16:16 + size]) == crc
                redo.append((offset, body[16:16 + size]))
        if limit is not None:
            payload = payload[:limit - base]
        out[base:base + len(payload)] = payload
        for offset, new in redo:
            out[offset:offset + len(new)] = new
    return bytes(out)
