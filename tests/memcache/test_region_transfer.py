# tests/memcache/test_region_transfer.py: a region moves its items and no other byte, on both sides.
import random
import struct
import unittest

import rnaslicer._core as core
from rnaslicer.errors import RegionError

from support import LeakCheck
from test_random import random_key

try:
    import numpy
except ImportError:
    numpy = None

ROWS, LANES = 9, 3
STRIDE, FIRST = 20, 8  # a row in the source: 8 bytes of others, three floats
PLAN = f"""plan 1
storage f32
value f32
format f32
loop strided source {STRIDE} cache {4 * LANES}
lanes {LANES}
lane 0 -> 0
lane 4 -> 4
lane 8 -> 8
"""


class RegionTransfer(LeakCheck):
    def setUp(self):
        super().setUp()
        core.configure(disk_cache=False)
        self.kernel = core.Kernel(core.Plan(PLAN))

    def parts(self, cache):
        """Sub-views of all kinds, as MemCache, memoryview and array, transposed too."""
        for _ in range(400):
            key = random_key(self.random, cache.shape)
            key = key if isinstance(key, tuple) else (key,)
            try:
                part = cache[key if Ellipsis in key else (*key, Ellipsis)]
            except (IndexError, TypeError):
                continue
            if self.random.random() < 0.5 and part.ndim:
                part = part[:: self.random.choice((1, -1, 2))]
            kind = self.random.randrange(4)
            if kind == 1:
                part = memoryview(part)
            elif kind > 1 and numpy is not None:
                part = numpy.asarray(part).T if kind == 2 else numpy.asarray(part)
            yield part

    def cells(self, cache, part):
        """Which of the cache's items the part is, found by marking them."""
        flat = cache.cast("B").cast("f")
        kept = flat.tobytes()
        flat[:] = 0.0
        view = part if isinstance(part, core.MemCache) else core.from_buffer(part)
        view[...] = 1.0
        cells = [i for i, value in enumerate(flat) if value == 1.0]
        flat.cast("B")[:] = kept
        return cells

    def test_only_the_region_moves(self):
        seed = random.SystemRandom().randrange(2**32)
        print(f"\nregions: seed {seed}")
        self.random = random.Random(seed)
        cache = core.allocate((ROWS, LANES), "f", None)
        moved = 0
        for part in self.parts(cache):
            cells = self.cells(cache, part)
            region = core.region(cache, part)
            moved += len(cells)
            source = bytearray(self.random.randbytes(FIRST + STRIDE * ROWS))
            flat = cache.cast("B")
            flat[:] = self.random.randbytes(4 * ROWS * LANES)
            places = [(FIRST + STRIDE * (i // LANES) + 4 * (i % LANES), 4 * i) for i in cells]

            wanted = bytearray(flat)
            for at_source, at_cache in places:
                wanted[at_cache : at_cache + 4] = source[at_source : at_source + 4]
            before = bytes(source)
            self.kernel.refresh(cache, source, (ROWS,), source_offset=FIRST, region=region)
            self.assertEqual(bytes(flat), bytes(wanted), region)
            self.assertEqual(bytes(source), before)

            flat[:] = self.random.randbytes(4 * ROWS * LANES)
            before = bytes(flat)
            wanted = bytearray(source)
            for at_source, at_cache in places:
                wanted[at_source : at_source + 4] = flat[at_cache : at_cache + 4]
            self.kernel.update(cache, source, (ROWS,), source_offset=FIRST, region=region)
            self.assertEqual(source, wanted, region)
            self.assertEqual(bytes(flat), before)
        self.assertGreater(moved, 500)

    def test_refusals_say_why(self):
        cache = core.allocate((4, 3), "f", None)
        other = core.allocate((4, 3), "f", None)
        earlier = core.allocate((4, 3), "f", None)
        held = memoryview(earlier)
        core.disable(earlier)
        own = memoryview(cache)
        cases = [
            (other[1:], "another wrapper"),
            (memoryview(other), "another wrapper"),
            (earlier, "released"),
            (held, "earlier enter"),
            (cache.cast("B"), "cast"),
            (own.cast("B"), "cast"),
            (own.cast("B").cast("i"), "cast"),
            (own.cast("B").cast("f"), "one row into the next"),
            (bytearray(48), "cast"),
            (memoryview(bytearray(48)).cast("f", (4, 3)), "a copy"),
            (cache.tolist(), "a slice of the MemCache"),
            (None, "a slice of the MemCache"),
        ]
        if numpy is not None:
            array = numpy.asarray(cache)
            cases += [
                (array.copy(), "a copy"),
                (array.view("i"), "cast"),
                (array.astype("d"), "cast"),
                (array.reshape(-1), "one row into the next"),
                (array.reshape(2, 6), "one row into the next"),
                (numpy.broadcast_to(array[0], (2, 3)), "overlaps itself"),
                (numpy.lib.stride_tricks.sliding_window_view(array, 2, 0), "overlaps itself"),
                (array.ravel()[::4], "do not follow"),
            ]
        for view, reason in cases:
            with self.subTest(reason=reason), self.assertRaisesRegex(RegionError, reason):
                core.region(cache, view)
        # Who catches built-in errors catches these.
        self.assertTrue(issubclass(RegionError, (ValueError, TypeError)))
        with self.assertRaisesRegex(ValueError, "released"):
            core.region(earlier, cache)

    def test_reshaped_within_one_axis(self):
        cache = core.allocate((12, 3), "f", None)
        if numpy is None:
            self.skipTest("NumPy is not installed (apt: python3-numpy)")
        array = numpy.asarray(cache)
        self.assertEqual(core.region(cache, array.reshape(4, 3, 3)), ((0, 1, 12), (0, 1, 3)))
        self.assertEqual(core.region(cache, array.reshape(4, 3, 3)[:, 1]), ((1, 3, 4), (0, 1, 3)))


if __name__ == "__main__":
    unittest.main()
