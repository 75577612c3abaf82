# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library from Python: every public function, enum and field."""
import errno
import json
import tempfile
import unittest

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSafecapture", "1.0")
from gi.repository import GLib, Gst, GstSafecapture

Gst.init(None)

CAPS = "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved"


def make_pool(allocator, size=4096, slots=6):
    pool = GstSafecapture.TieredPool.new(allocator)
    config = pool.get_config()
    Gst.BufferPool.config_set_params(config, None, size, 0, slots)
    assert pool.set_config(config)
    return pool


def make_allocator(tiers="2048x2,4096x6"):
    allocator = GstSafecapture.TieredAllocator.new()
    allocator.props.tiers = tiers
    return allocator


def structures(structure, field):
    """The entries of an array, without the overrides of python3-gst."""
    found, array = structure.get_array(field)
    assert found, field
    # What is in the array lives no longer than it.
    return [array.get_nth(i).copy() for i in range(array.n_values)]


def public_functions():
    for name in dir(GstSafecapture):
        item = getattr(GstSafecapture, name)
        if name.startswith("_") or name.endswith("Class"):
            continue
        if not isinstance(item, type):
            if callable(item):
                yield name
            continue
        for member, value in vars(item).items():
            if not member.startswith("_") and callable(value):
                yield member


class All(unittest.TestCase):
    def test_every_public_function_is_called_in_this_file(self):
        with open(__file__, encoding="utf-8") as file:
            text = file.read()
        found = set(public_functions())
        self.assertIn("buffer_get_tiered_slot_meta", found)
        self.assertIn("begin_processing", found)
        self.assertEqual([name for name in sorted(found)
                          if f".{name}(" not in text], [])


class Schema(unittest.TestCase):
    def test_every_field_of_every_structure_is_told(self):
        names = GstSafecapture.safecapture_schema_list_structures()
        self.assertIn("tieredqueue-metrics", names)
        self.assertIn("safefilesink-warning/slow-storage", names)
        for name in names:
            count = GstSafecapture.safecapture_schema_count_fields(name)
            fields = [GstSafecapture.safecapture_schema_get_field(name, i)
                      for i in range(count)]
            self.assertTrue(all(f.name and f.type and f.meaning
                                for f in fields), name)
            self.assertIsNone(
                GstSafecapture.safecapture_schema_get_field(name, count))

    def test_a_field_says_what_it_is(self):
        def find(structure, name):
            return GstSafecapture.safecapture_schema_find_field(structure,
                                                                name)
        field = find("safefilesink-metrics", "bytes-written")
        self.assertEqual((field.type, field.unit, field.optional),
                         ("guint64", "bytes", False))
        self.assertEqual(field.kind, GstSafecapture.SafecaptureKind.COUNTER)
        self.assertEqual(find("tieredqueue-metrics", "pool").contains, "pool")
        self.assertIsNone(find("safefilesink-metrics", "nothing"))
        bounds = GstSafecapture.safecapture_schema_get_bucket_bounds()
        self.assertEqual(bounds[:-1], [2 ** n for n in range(10, 37)])
        self.assertEqual(find("channel", "latency-buckets").kind,
                         GstSafecapture.SafecaptureKind.HISTOGRAM)

    def test_statistics_are_held_against_it(self):
        stats = make_allocator().get_stats()
        self.assertIsNone(GstSafecapture.safecapture_schema_check(stats))
        self.assertEqual(
            stats.get_uint("schema"),
            (True, GstSafecapture.safecapture_schema_get_version()))
        self.assertEqual(GstSafecapture.safecapture_schema_get_version(),
                         GstSafecapture.SAFECAPTURE_SCHEMA_VERSION)
        stats.remove_field("hits")
        self.assertEqual(GstSafecapture.safecapture_schema_check(stats),
                         "tieredallocator-stats: no field hits")


class Json(unittest.TestCase):
    def test_statistics_are_a_line_that_is_read_back(self):
        line = GstSafecapture.safecapture_structure_to_json(
            make_allocator().get_stats())
        stats = json.loads(line)
        self.assertNotIn("\n", line)
        self.assertEqual(stats["type"], "application/x-tieredallocator-stats")
        self.assertEqual(stats["tiers"], [])
        self.assertEqual(stats["success-rate"], 1.0)


class Monitor(unittest.TestCase):
    def setUp(self):
        self.pipeline = Gst.parse_launch(
            "fakesrc ! queue ! tieredqueue name=mine ! fakesink")
        self.monitor = GstSafecapture.SafecaptureMonitor.new(self.pipeline)

    def test_a_snapshot_tells_of_the_whole_pipeline(self):
        snapshot = self.monitor.get_snapshot()
        self.assertIsNone(GstSafecapture.safecapture_schema_check(snapshot))
        self.assertEqual(snapshot.get_boolean("healthy"), (True, True))
        self.assertEqual([e.get_string("name")
                          for e in structures(snapshot, "elements")], ["mine"])
        self.assertEqual([q.get_string("factory")
                          for q in structures(snapshot, "queues")], ["queue"])

    def test_snapshots_come_as_a_signal(self):
        loop, seen = GLib.MainLoop(), []

        def note(monitor, snapshot):
            seen.append(snapshot.get_string("state"))
            if len(seen) == 3:
                loop.quit()
        self.monitor.connect("snapshot", note)
        self.monitor.props.interval = Gst.MSECOND
        loop.run()
        self.assertEqual(seen[:3], ["NULL"] * 3)


    def test_what_happens_is_logged_with_the_snapshots(self):
        with tempfile.TemporaryDirectory() as folder:
            self.monitor.props.metrics_location = folder + "/metrics.jsonl"
            self.monitor.log(self.pipeline, Gst.Structure.new_empty("mine"))
            # Nobody else writes: the end of the monitor is that of the file.
            del self.monitor
            with open(folder + "/metrics.jsonl", encoding="utf-8") as file:
                (line,) = map(json.loads, file)
        self.assertEqual((line["type"], line["source"]),
                         ("mine", self.pipeline.get_path_string()))


class Allocator(unittest.TestCase):
    def test_its_properties_are_read_and_written(self):
        allocator = GstSafecapture.TieredAllocator.new()
        profile = GstSafecapture.TieredProfile
        self.assertEqual(allocator.props.profile, profile.STANDARD)
        allocator.props.profile = profile.EMBEDDED
        self.assertEqual(allocator.get_max_size(), 4096)
        self.assertEqual(allocator.count_slots(2049), 6)
        allocator.props.tiers = "4096x64"
        self.assertEqual(allocator.props.profile, profile.CUSTOM)
        self.assertFalse(allocator.props.lock_memory)
        self.assertFalse(allocator.props.fallback)

    def test_it_has_quotas_states_a_history_and_advice(self):
        allocator = make_allocator("64x2")
        states = GstSafecapture.TieredState
        scratch = GstSafecapture.TieredClass.SCRATCH
        self.assertEqual(allocator.props.metering,
                         GstSafecapture.TieredMetering.AUTO)
        self.assertIsNone(allocator.props.quotas)
        allocator.set_quota(scratch, 1)
        self.assertEqual(allocator.props.quotas, "scratch=1")
        self.assertEqual(allocator.get_state(), states.UNINITIALIZED)
        self.assertIsNone(allocator.get_advice())
        self.assertTrue(allocator.start())
        change = allocator.next_state_change(0)
        self.assertEqual(change[:4], (True, 1, states.UNINITIALIZED,
                                      states.INITIALIZING))
        flow, buffer = allocator.acquire(16, scratch, 0)
        self.assertEqual(flow, Gst.FlowReturn.OK)
        self.assertEqual(allocator.acquire(16, scratch, 0)[0],
                         Gst.FlowReturn.CUSTOM_ERROR)
        self.assertTrue(allocator.take_snapshot())
        history = allocator.get_history(0)
        self.assertEqual(len(structures(history, "snapshots")), 1)
        self.assertEqual(allocator.get_trends(0).get_uint64("snapshots"),
                         (True, 1))
        exceeded = [limit.get_string("code")
                    for limit in structures(allocator.get_limits(), "limits")
                    if limit.get_boolean("exceeded")[1]]
        self.assertIn("success-rate", exceeded)
        self.assertEqual(allocator.props.state, states.WARNING)
        self.assertEqual(allocator.get_advice(), "64x2")
        totals = Gst.Structure.new_empty("totals")
        allocator.add_totals(totals)
        self.assertEqual(totals.get_uint64("quota-refusals"), (True, 1))
        held = structures(allocator.get_outstanding(), "buffers")
        self.assertEqual([b.get_string("class") for b in held], ["scratch"])
        with self.assertRaises(GLib.Error) as raised:
            allocator.shutdown(0)
        self.assertTrue(raised.exception.matches(
            Gst.LibraryError.quark(), Gst.LibraryError.SHUTDOWN))
        del buffer
        done, report = allocator.shutdown(0)
        self.assertTrue(done)
        self.assertEqual(report.get_string("cleanup"), "completed")
        self.assertEqual(allocator.props.state, states.SHUTDOWN)

    def test_its_tiers_are_told_one_by_one(self):
        allocator = make_allocator()
        self.assertEqual(allocator.get_tier(0), (True, 2048, 2))
        self.assertEqual(allocator.get_tier(1), (True, 4096, 6))
        self.assertFalse(allocator.get_tier(2)[0])

    def test_a_buffer_is_acquired_for_a_class_without_a_pool(self):
        allocator = make_allocator("4096x1")
        scratch = GstSafecapture.TieredClass.SCRATCH
        self.assertEqual(allocator.acquire(16, scratch, 0),
                         (Gst.FlowReturn.FLUSHING, None))
        self.assertTrue(allocator.start())
        flow, buffer = allocator.acquire(1000, scratch, 0)
        self.assertEqual((flow, buffer.get_size()), (Gst.FlowReturn.OK, 1000))
        meta = GstSafecapture.buffer_get_tiered_slot_meta(buffer)
        self.assertEqual(meta.header.buffer_class, int(scratch))
        self.assertEqual(allocator.acquire(1, scratch, Gst.MSECOND),
                         (Gst.FlowReturn.CUSTOM_ERROR, None))
        del meta, buffer
        self.assertEqual(allocator.stop(), 0)

    def test_a_text_that_is_no_tiers_raises_an_error(self):
        allocator = make_allocator("4096x")
        with self.assertRaises(GLib.Error) as raised:
            allocator.start()
        self.assertTrue(raised.exception.matches(
            Gst.LibraryError.quark(), Gst.LibraryError.SETTINGS))
        self.assertIn("at byte 5", raised.exception.message)

    def test_its_memory_has_a_type_of_its_own(self):
        allocator = make_allocator()
        self.assertTrue(allocator.start())
        memory = allocator.alloc(1000, None)
        self.assertTrue(memory.is_type(GstSafecapture.TIERED_MEMORY_TYPE))
        self.assertEqual(allocator.stop(), 1, "the memory is still out")
        del memory

    def test_a_refused_lock_is_an_errno(self):
        allocator = make_allocator()
        allocator.props.lock_memory = True
        self.assertTrue(allocator.start())
        self.assertIn(allocator.get_lock_error(),
                      (0, errno.EPERM, errno.ENOMEM, errno.EAGAIN))
        self.assertEqual(allocator.stop(), 0)

    def test_statistics_are_a_structure_with_one_a_tier_inside(self):
        allocator = make_allocator()
        self.assertTrue(allocator.start())
        stats = allocator.get_stats()
        self.assertEqual(allocator.stop(), 0)
        self.assertEqual(stats.get_uint64("in-use"), (True, 0))
        # get_value() of an array needs the overrides of gst-python; and what
        # is in the array lives no longer than it.
        found, array = stats.get_array("tiers")
        self.assertTrue(found)
        tiers = [array.get_nth(i).copy() for i in range(array.n_values)]
        del array
        self.assertEqual([tier.get_uint64("slot-size") for tier in tiers],
                         [(True, 2048), (True, 4096)])

    def test_statistics_are_added_to_a_structure_in_place(self):
        stats = Gst.Structure.new_empty("mine")
        make_allocator().add_stats(stats)
        self.assertEqual(stats.get_name(), "mine")
        self.assertTrue(stats.has_field("acquired"))


class Watch(unittest.TestCase):
    """What an allocator tells of itself while it runs."""

    def setUp(self):
        self.allocator = make_allocator("4096x4")
        self.assertTrue(self.allocator.start())
        self.allocator.take_snapshot()

    def acquire(self, slot_class=GstSafecapture.TieredClass.PRIMARY):
        return self.allocator.acquire(1000, slot_class, 0)

    def test_its_state_is_told_and_each_change_of_it_once(self):
        state = GstSafecapture.TieredState
        self.assertEqual(self.allocator.get_state(), state.READY)
        place, seen = 0, []
        while True:
            more, place, old, new, reason = \
                self.allocator.next_state_change(place)
            if not more:
                break
            self.assertTrue(reason)
            seen.append((old, new))
        self.assertEqual(seen, [
            (state.UNINITIALIZED, state.INITIALIZING),
            (state.INITIALIZING, state.READY)])
        self.assertEqual(self.allocator.stop(), 0)

    def test_metering_is_chosen_before_the_start(self):
        metering = GstSafecapture.TieredMetering
        self.assertEqual(self.allocator.props.metering, metering.AUTO)
        self.assertEqual(self.allocator.stop(), 0)
        self.allocator.props.metering = metering.OFF
        self.assertTrue(self.allocator.start())
        self.assertFalse(self.allocator.take_snapshot())
        self.assertEqual(self.allocator.stop(), 0)

    def test_a_quota_is_kept(self):
        scratch = GstSafecapture.TieredClass.SCRATCH
        self.allocator.set_quota(scratch, 1)
        held = self.acquire(scratch)
        self.assertEqual(held[0], Gst.FlowReturn.OK)
        self.assertEqual(self.acquire(scratch),
                         (Gst.FlowReturn.CUSTOM_ERROR, None))
        self.assertEqual(self.acquire()[0], Gst.FlowReturn.OK)
        del held
        self.assertEqual(self.allocator.stop(), 0)

    def test_totals_are_added_to_a_structure_in_place(self):
        stats = Gst.Structure.new_empty("mine")
        self.allocator.add_totals(stats)
        self.assertTrue(stats.has_field("acquired"))
        self.assertFalse(stats.has_field("tiers"))
        self.assertEqual(self.allocator.stop(), 0)

    def test_history_trends_and_limits_are_structures(self):
        for _ in range(10):
            self.acquire()
        self.assertTrue(self.allocator.take_snapshot())
        history = self.allocator.get_history(0)
        self.assertEqual(history.get_uint64("count"), (True, 2))
        found, array = history.get_array("snapshots")
        self.assertEqual((found, array.n_values), (True, 2))
        self.assertEqual(array.get_nth(1).get_uint64("acquired"), (True, 10))
        trends = self.allocator.get_trends(0)
        self.assertEqual(trends.get_uint64("snapshots"), (True, 2))
        found, array = self.allocator.get_limits().get_array("limits")
        self.assertTrue(found)
        self.assertIsNotNone(array.get_nth(0).get_string("code"))
        self.assertEqual(self.allocator.stop(), 0)

    def test_the_advice_is_a_text_for_tiers(self):
        self.assertIsNone(self.allocator.get_advice())
        self.acquire()
        other = make_allocator(self.allocator.get_advice())
        self.assertTrue(other.start())
        self.assertEqual(other.stop(), 0)
        self.assertEqual(self.allocator.stop(), 0)

    def test_what_is_out_is_named(self):
        flow, buffer = self.acquire()
        self.assertEqual(flow, Gst.FlowReturn.OK)
        outstanding = self.allocator.get_outstanding()
        self.assertEqual(outstanding.get_uint64("count"), (True, 1))
        found, array = outstanding.get_array("buffers")
        self.assertEqual(array.get_nth(0).get_string("class"), "primary")
        del buffer
        self.assertEqual(self.allocator.stop(), 0)

    def test_a_shutdown_reports_and_one_that_fails_raises_an_error(self):
        flow, buffer = self.acquire()
        with self.assertRaises(GLib.Error):
            self.allocator.shutdown(0)
        del buffer
        done, report = self.allocator.shutdown(Gst.SECOND)
        self.assertTrue(done)
        self.assertEqual(report.get_string("cleanup"), "completed")
        self.assertEqual(self.allocator.get_state(),
                         GstSafecapture.TieredState.SHUTDOWN)


class Pool(unittest.TestCase):
    def test_it_makes_an_allocator_where_none_is_given(self):
        pool = GstSafecapture.TieredPool.new(None)
        self.assertIsInstance(pool.get_allocator(),
                              GstSafecapture.TieredAllocator)
        self.assertEqual(pool.props.allocator, pool.get_allocator())

    def test_its_properties_are_read_and_written(self):
        pool = make_pool(make_allocator())
        policy = GstSafecapture.TieredOnExhausted
        self.assertEqual(pool.props.on_exhausted, policy.WAIT)
        pool.props.on_exhausted = policy.DROP
        self.assertEqual(pool.props.on_exhausted, policy.DROP)
        pool.props.acquire_timeout = Gst.SECOND
        self.assertEqual(pool.props.acquire_timeout, Gst.SECOND)

    def test_an_acquired_buffer_goes_back_when_nobody_holds_it(self):
        allocator = make_allocator()
        pool = make_pool(allocator)
        self.assertTrue(pool.set_active(True))
        flow, buffer = pool.acquire(1000)
        self.assertEqual(flow, Gst.FlowReturn.OK)
        self.assertEqual(buffer.get_size(), 1000)
        stats = allocator.get_stats()
        self.assertEqual(stats.get_uint64("in-use"), (True, 1))
        del buffer
        stats = allocator.get_stats()
        self.assertEqual(stats.get_uint64("in-use"), (True, 0))
        self.assertTrue(pool.set_active(False))

    def test_an_exhausted_pool_gives_a_flow_and_no_buffer(self):
        pool = make_pool(make_allocator("4096x1"), slots=1)
        pool.props.on_exhausted = GstSafecapture.TieredOnExhausted.DROP
        self.assertTrue(pool.set_active(True))
        flow, held = pool.acquire(1)
        self.assertEqual(pool.acquire(1), (Gst.FlowReturn.CUSTOM_SUCCESS, None))
        pool.props.on_exhausted = GstSafecapture.TieredOnExhausted.ERROR
        self.assertEqual(pool.acquire(1), (Gst.FlowReturn.CUSTOM_ERROR, None))
        self.assertEqual(pool.acquire(4097), (Gst.FlowReturn.ERROR, None))
        del held
        self.assertTrue(pool.set_active(False))

    def test_one_for_a_tier_is_configured_already(self):
        pool = GstSafecapture.TieredPool.new_for_tier(make_allocator(), 1)
        config = pool.get_config()
        self.assertEqual(Gst.BufferPool.config_get_params(config),
                         (True, None, 4096, 0, 6))
        with self.assertRaises(TypeError):
            GstSafecapture.TieredPool.new_for_tier(make_allocator(), 2)

    def test_one_with_a_fallback_never_runs_out(self):
        pool = make_pool(make_allocator("4096x1"), slots=1)
        pool.props.fallback = True
        self.assertTrue(pool.set_active(True))
        buffers = [pool.acquire(1)[1] for _ in range(2)]
        metas = map(GstSafecapture.buffer_get_tiered_slot_meta, buffers)
        self.assertEqual([meta is not None for meta in metas], [True, False])
        del metas, buffers
        self.assertTrue(pool.set_active(False))

    def test_it_is_proposed_for_an_allocation(self):
        allocator = make_allocator("65536x4")
        query = Gst.Query.new_allocation(Gst.Caps.from_string(CAPS), True)
        self.assertFalse(GstSafecapture.TieredPool.propose_allocation(
            allocator, query), "audio, and the allocator can run out")
        allocator.props.fallback = True
        self.assertTrue(GstSafecapture.TieredPool.propose_allocation(
            allocator, query))


class Meta(unittest.TestCase):
    def setUp(self):
        self.pool = make_pool(make_allocator())
        self.assertTrue(self.pool.set_active(True))
        flow, self.buffer = self.pool.acquire(3000)
        self.meta = GstSafecapture.buffer_get_tiered_slot_meta(self.buffer)

    def tearDown(self):
        del self.meta, self.buffer
        self.assertTrue(self.pool.set_active(False))

    def test_the_fields_of_its_header_are_read(self):
        header = self.meta.header
        self.assertEqual(header.magic, GstSafecapture.TIERED_SLOT_MAGIC)
        self.assertEqual(header.capacity, 4096)
        self.assertEqual(header.uses, 1)
        self.assertEqual(header.timestamp, Gst.CLOCK_TIME_NONE)
        self.assertGreaterEqual(header.buffer_id, 2, "after the 2,048s")

    def test_a_buffer_from_elsewhere_has_none(self):
        self.assertIsNone(GstSafecapture.buffer_get_tiered_slot_meta(
            Gst.Buffer.new_allocate(None, 16, None)))

    def test_an_update_takes_over_what_is_the_applications(self):
        values = GstSafecapture.TieredSlotHeader()
        values.sequence = 7
        values.timestamp = 2 * Gst.SECOND
        values.channels = 2
        values.buffer_id = 12345
        self.meta.update(values)
        self.assertTrue(self.meta.is_intact())
        self.assertEqual(self.meta.header.sequence, 7)
        self.assertEqual(self.meta.header.timestamp, 2 * Gst.SECOND)
        self.assertEqual(self.meta.header.channels, 2)
        self.assertNotEqual(self.meta.header.buffer_id, 12345)

    def test_processing_is_counted(self):
        self.meta.begin_processing(5 * Gst.MSECOND)
        self.assertTrue(self.meta.is_intact())
        self.assertEqual(self.meta.header.processing_count, 1)
        self.assertEqual(self.meta.header.processing_start, 5 * Gst.MSECOND)


if __name__ == "__main__":
    unittest.main()
