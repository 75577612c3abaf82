# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library from Python: a pool, its meta and its statistics."""
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSafecapture", "1.0")
from gi.repository import GLib, Gst, GstSafecapture

Gst.init(None)

allocator = GstSafecapture.TieredAllocator.new()
allocator.props.profile = GstSafecapture.TieredProfile.EMBEDDED
pool = GstSafecapture.TieredPool.new(allocator)
config = pool.get_config()
Gst.BufferPool.config_set_params(config, None, 4096, 0, 6)
assert pool.set_config(config)
assert pool.set_active(True)

flow, buffer = pool.acquire(1000)
assert flow == Gst.FlowReturn.OK
assert buffer.get_size() == 1000
meta = GstSafecapture.buffer_get_tiered_slot_meta(buffer)
assert meta.header.magic == 0xAE550001
assert meta.header.capacity == 2048
assert meta.is_intact()
stats = allocator.get_stats()
assert stats.get_uint64("in-use") == (True, 1), stats.to_string()
del meta, buffer
assert allocator.get_stats().get_uint64("in-use") == (True, 0)
assert pool.set_active(False)

allocator.props.tiers = "4096x"
try:
    allocator.start()
    raise AssertionError("a bad tiers text was taken")
except GLib.Error as error:
    assert error.matches(Gst.LibraryError.quark(), Gst.LibraryError.SETTINGS)
    assert "at byte 5" in error.message, error.message
