# tests/memcache/test_kernel_tables.py: lookups, masks of lanes, differences and targets of a Kernel.
import array
import itertools
import random
import unittest

import rnaslicer._core as core
from rnaslicer.errors import RegionError

from support import LeakCheck

NAN, INFINITY = float("nan"), float("inf")
COUNTS = (0, 1, 7, 100, 3000)  # interpreted and compiled


def text(storage, value, format, source, cache, lanes):
    """Plan text; a lane is (source, cache) or (source, cache, 'mask 0x2')."""
    lines = ["plan 1", f"storage {storage}", f"value {value}", f"format {format}",
             f"loop strided source {source} cache {cache}", f"lanes {len(lanes)}"]
    lines += [" ".join([f"lane {lane[0]} -> {lane[1]}", *lane[2:]]) for lane in lanes]
    return "\n".join(lines) + "\n"


def kernel(*parts):
    return core.Kernel(core.Plan(text(*parts)))


def table(power=1.0, nan=0):
    """As a byte colour's: thresholds half-way between the bytes, bent by a power."""
    decode = array.array("f", [(b / 255) ** power for b in range(256)])
    thresholds = array.array("f", [((b + 0.5) / 255) ** power for b in range(255)])
    return core.Lookup(decode, thresholds, nan), decode, thresholds


class Kernels(LeakCheck):
    def setUp(self):
        super().setUp()
        self.random = random.Random(1)
        core.configure(disk_cache=False)

    def numbers(self, count, low=0, high=255, format="B"):
        return array.array(format, [self.random.randint(low, high) for _ in range(count)])

    def refused(self, error, words, function, *args, **named):
        with self.assertRaisesRegex(error, words):
            function(*args, **named)


class Lookups(Kernels):
    RGBA = ("u8 lookup", "f32", "f32", 4, 16,
            [(0, 0), (1, 4), (2, 8), (3, 12, "lookup 1")])

    def test_refresh_is_the_table(self):
        curved, values, _ = table(2.2)
        straight, alphas, _ = table()
        run = kernel(*self.RGBA)
        for count in COUNTS:
            source = self.numbers(4 * count)
            cache = array.array("f", [-1]) * (4 * count)
            run.refresh(cache, source, (count,), lookups=[curved, straight])
            expected = [(alphas if i % 4 == 3 else values)[b] for i, b in enumerate(source)]
            self.assertEqual(cache.tolist(), expected)

    def test_update_counts_the_thresholds(self):
        curved, _, bent = table(2.4, nan=9)
        straight, _, even = table()
        run = kernel(*self.RGBA)
        edges = [-INFINITY, -1.0, -0.0, 0.0, 1e-40, 1e-10, 0.999, 1.0, 1.5, 2.0, 3e38, INFINITY, NAN]
        for count in COUNTS:
            cache = array.array("f")
            for i in range(4 * count):
                thresholds = even if i % 4 == 3 else bent
                near = self.random.choice(thresholds)
                below = near * (1 - 2**-23)
                cache.append(self.random.choice([near, below, self.random.random(),
                                                 self.random.choice(edges)]))
            target = bytearray(4 * count)
            run.update(cache, target, (count,), lookups=(curved, straight))
            for i, x in enumerate(cache):
                thresholds, nan = (even, 0) if i % 4 == 3 else (bent, 9)
                byte = nan if x != x else sum(t <= x for t in thresholds)
                self.assertEqual(target[i], byte, x)

    def test_thresholds_that_fit_no_buckets_are_exact_too(self):
        run = kernel("u8 lookup", "f32", "f32", 1, 4, [(0, 0)])
        cache = array.array("f", [i / 1000 for i in range(-500, 2500)] + [NAN, INFINITY])
        for thresholds in ([0.0] * 255, [-1.0] + [0.5] * 253 + [7.0], [INFINITY] * 255,
                           [0.5 + i * 1e-6 for i in range(255)], [i - 100.0 for i in range(255)]):
            lookup = core.Lookup(bytes_as_floats(256), array.array("f", thresholds), 3)
            self.assertFalse(lookup.compiled)
            target = bytearray(len(cache))
            run.update(cache, target, (len(cache),), lookups=(lookup,))
            rounded = array.array("f", thresholds)
            self.assertEqual(list(target),
                             [3 if x != x else sum(t <= x for t in rounded) for x in cache])

    def test_one_number(self):
        lookup, values, thresholds = table(2.2, nan=77)
        self.assertTrue(lookup.compiled)
        self.assertEqual(lookup.decode(200), values[200])
        self.assertEqual([lookup.encode(x) for x in (NAN, -1, thresholds[41], 1e300)],
                         [77, 0, 42, 255])
        self.refused(ValueError, "a byte is 0 to 255", lookup.decode, 256)

    def test_regions(self):
        curved, values, _ = table(2.2)
        straight, alphas, _ = table()
        run = kernel(*self.RGBA)
        source = self.numbers(400)
        cache = array.array("f", [-1]) * 400
        run.refresh(cache, source, (100,), region=((90, -3, 20), (3, -2, 2)),
                    lookups=(curved, straight))
        expected = [-1.0] * 400
        for i in range(20):
            for lane in (3, 1):
                at = 4 * (90 - 3 * i) + lane
                expected[at] = (alphas if lane == 3 else values)[source[at]]
        self.assertEqual(cache.tolist(), expected)

    def test_refusals(self):
        lookup, _, _ = table()
        run = kernel(*self.RGBA)
        cache, source = array.array("f", [7]) * 4, bytes(4)
        for move, place in ((run.refresh, source), (run.update, bytearray(4))):
            self.refused(ValueError, "lookups=", move, cache, place, (1,))
            self.refused(ValueError, "name 2 lookups, there are 1", move, cache, place, (1,),
                         lookups=[lookup])
            self.refused(TypeError, "lookup 2 is no Lookup", move, cache, place, (1,),
                         lookups=[lookup, cache])
            self.refused(TypeError, "sequence of Lookup", move, cache, place, (1,), lookups=7)
        self.assertEqual(cache.tolist(), [7] * 4)
        plain = kernel("u8 unorm", "f32", "f32", 1, 4, [(0, 0)])
        self.refused(ValueError, "leave lookups away", plain.refresh, cache, source, (1,),
                     lookups=[lookup])
        floats = bytes_as_floats
        for decode, thresholds, words in (
            (floats(255), floats(255), "decode must be .* 256 float32"),
            (floats(256), floats(256), "thresholds must be .* 255 float32"),
            (array.array("i", range(256)), floats(255), "decode must be"),
            (floats(256), array.array("f", range(255, 0, -1)), "decrease"),
            (floats(256), array.array("f", [NAN] * 255), "NaN"),
        ):
            self.refused(ValueError, words, core.Lookup, decode, thresholds)
        self.refused(ValueError, "nan must be a byte", core.Lookup, floats(256), floats(255), 256)


def bytes_as_floats(count):
    return array.array("f", range(count))


class Masks(Kernels):
    def test_each_lane_has_its_bit(self):
        bits = (0x2, 0x10, 0x80)
        for first in (0, 1):  # lanes share a byte, or have one each
            run = kernel("u8 flag 0x1", "b1", "b1", 4, 3,
                         [(i * first, i, f"mask {bit:#x}") for i, bit in enumerate(bits)])
            for count in COUNTS:
                source = self.numbers(4 * count)
                cache = bytearray(3 * count)
                run.refresh(cache, source, (count,))
                self.assertEqual(list(cache),
                                 [int(source[4 * i + j * first] & bits[j] != 0)
                                  for i in range(count) for j in range(3)])
                for i in range(len(cache)):
                    cache[i] = self.random.randint(0, 1)
                target = bytearray(source)
                run.update(cache, target, (count,))
                expected = bytearray(source)
                for i, j in itertools.product(range(count), range(3)):
                    at = 4 * i + j * first
                    expected[at] = expected[at] & ~bits[j] | (bits[j] if cache[3 * i + j] else 0)
                self.assertEqual(target, expected)


class Differences(Kernels):
    def test_of_neighbours(self):
        run = kernel("i32 difference", "i32", "i32", 4, 4, [(0, 0)])
        for count in COUNTS:
            source = self.numbers(count + 1, -2**31, 2**31 - 1, "i")
            cache = array.array("i", [0]) * count
            run.refresh(cache, source, (count,))
            self.assertEqual(cache.tolist(), [(b - a + 2**31) % 2**32 - 2**31
                                              for a, b in zip(source, source[1:])])
            self.refused(BufferError, f"of a source of {4 * count + 4} bytes", run.refresh,
                         array.array("i", [0]) * (count + 1), source, (count + 1,))

    def test_are_only_read(self):
        run = kernel("i32 difference", "i32", "i32", 4, 4, [(0, 0)])
        source = array.array("i", [1, 2])
        self.refused(ValueError, "^Differences .* only read", run.update, bytes(4), source, (1,))
        self.refused(ValueError, "^Differences .* only read", run.prepare, "update")
        self.assertEqual(source.tolist(), [1, 2])


class Targets(Kernels):
    TRIANGLES = ("i32\nthrough stride 4", "i32", "i32", 12, 12, [(0, 0), (4, 4), (8, 8)])
    POSITIONS = ("f32\nthrough stride 12", "f32", "f32", 4, 8, [(0, 0), (0, 4, "at 8")])

    def test_numbers_found_through_an_index(self):
        run = kernel(*self.TRIANGLES)
        target = self.numbers(500, -2**31, 2**31 - 1, "i")
        for count in COUNTS:
            source = self.numbers(3 * count, 0, 499, "i")
            for place in (target, target.buffer_info()[0]):
                cache = array.array("i", [0]) * (3 * count)
                run.refresh(cache, source, (count,), target=(place, 500))
                self.assertEqual(cache.tolist(), [target[i] for i in source])

    def test_places_in_the_element(self):
        run = kernel(*self.POSITIONS)
        target = bytes_as_floats(300)
        for count in COUNTS:
            source = self.numbers(count, 0, 99, "i")
            cache = array.array("f", [0]) * (2 * count)
            run.refresh(cache, source, (count,), target=(target, 100))
            self.assertEqual(cache.tolist(), [target[3 * i + j] for i in source for j in (0, 2)])

    def test_an_update_scatters_and_the_last_wins(self):
        run = kernel(*self.TRIANGLES)
        for count in COUNTS:
            source = self.numbers(3 * count, 0, 9 + count, "i")
            target = self.numbers(10 + count, -9, 9, "i")
            cache = self.numbers(3 * count, -2**31, 2**31 - 1, "i")
            expected = target[:]
            for index, value in zip(source, cache):
                expected[index] = value
            run.update(cache, bytes(source), (count,), target=(target, len(target)))
            self.assertEqual(target, expected)

    def test_an_update_with_a_bad_index_writes_nothing(self):
        run = kernel(*self.TRIANGLES)
        for count in COUNTS[1:]:
            source, target = self.numbers(3 * count, 0, 9, "i"), self.numbers(10, format="i")
            before, at = target[:], self.random.randrange(3 * count)
            source[at] = 10
            with self.assertRaises(IndexError) as caught:
                run.update(array.array("i", [5]) * (3 * count), source, (count,), target=(target, 10))
            self.assertEqual(caught.exception.args[1:], (10, 10, divmod(at, 3)))
            self.assertEqual(target, before)
            region = ((at // 3, -1, at // 3 + 1), (2, -1, 3))
            with self.assertRaises(IndexError) as caught:
                run.refresh(array.array("i", [5]) * (3 * count), source, (count,), target=(target, 10),
                            region=region)
            self.assertEqual(caught.exception.args[3], divmod(at, 3))

    def test_an_index_outside_is_an_error(self):
        run = kernel(*self.TRIANGLES)
        target = self.numbers(100, format="i")
        for count, index in itertools.product((1, 7, 3000), (-1, 100, 2**31 - 1, -2**31)):
            source = self.numbers(3 * count, 0, 99, "i")
            cache = array.array("i", [0]) * (3 * count)
            source[self.random.randrange(3 * count)] = index
            for region in (None, ((0, 1, count), (0, 1, 3))):
                self.refused(IndexError, "outside of the target's 100 elements", run.refresh, cache,
                             source, (count,), target=(target, 100), region=region)
            at = source.index(index) // 3  # elsewhere is nothing wrong
            run.refresh(cache, source, (count,), target=(target, 100),
                        region=((0, 1, at), (0, 1, 3)))
        self.refused(IndexError, "target's 0 elements", run.refresh, cache, source, (1,),
                     target=(0, 0))
        run.refresh(cache, source, (0,), target=(0, 0))

    def test_refusals(self):
        run = kernel(*self.TRIANGLES)
        cache, source, target = array.array("i", [7]) * 3, array.array("i", [0] * 3), bytes(40)
        for given, error, words in (
            (None, ValueError, "target="), (5, TypeError, "must be"), ((target,), TypeError, "must be"),
            (("x", 1), TypeError, "must be"), ((target, 11), BufferError, "0 to 44 of a target of 40"),
            ((target, -1), ValueError, "negative"), ((0, 1), ValueError, "null address"),
            ((target, 2**62), BufferError, "beyond 64 bits"),
        ):
            self.refused(error, words, run.refresh, cache, source, (1,), target=given)
        self.refused(BufferError, "not writable", run.update, cache, source, (1,), target=(target, 10))
        self.assertEqual(cache.tolist(), [7] * 3)
        plain = kernel("i32", "i32", "i32", 4, 4, [(0, 0)])
        self.refused(ValueError, "leave target away", plain.refresh, cache, source, (1,),
                     target=(target, 10))
        self.refused(RegionError, "leaves the axis", run.refresh, cache, source, (1,),
                     target=(target, 10), region=((1, 1, 1), (0, 1, 3)))


class Transforms(Kernels):
    def test_matrices(self):
        plan = text("f32", "f32\ntransform point step 4", "f64", 12, 24,
                    [(0, 0), (0, 8, "row 1"), (0, 16, "row 2")])
        run = core.Kernel(core.Plan(plan))
        for count in COUNTS:
            source = array.array("f", [self.random.uniform(-9, 9) for _ in range(3 * count)])
            each = array.array("d", [self.random.uniform(-9, 9) for _ in range(12 * count)])
            for matrix in (each[:12], each) if count else ():
                cache = array.array("d", [0]) * (3 * count)
                run.refresh(cache, source, (count,), matrix=matrix)
                for i in range(count):
                    x, y, z = source[3 * i : 3 * i + 3]
                    m = matrix[12 * i :] if matrix is each else matrix
                    expected = [m[4 * r] * x + m[4 * r + 1] * y + m[4 * r + 2] * z + m[4 * r + 3] for r in range(3)]
                    self.assertEqual(cache[3 * i : 3 * i + 3].tolist(), expected)
                back = array.array("f", [0]) * (3 * count)
                turn = array.array("d", [0, 1, 0, 5, 0, 0, 2, 0, 1, 0, 0, 0])
                run.update(cache, back, (count,), matrix=turn)
                for i in range(count):
                    x, y, z = cache[3 * i : 3 * i + 3]
                    self.assertEqual(back[3 * i : 3 * i + 3], array.array("f", [y + 5, 2 * z, x]))

    def test_refusals(self):
        run = core.Kernel(core.Plan(text("f32", "f32\ntransform direction step 4", "f32", 12, 12,
                                         [(0, 0), (0, 4, "row 1"), (0, 8, "row 2")])))
        cache, source = array.array("f", [7]) * 6, bytes(24)
        good = array.array("d", [1.0] * 12)
        for given, error, words in (
            (None, ValueError, "three rows of four"), (5, TypeError, "."), (good[:9], BufferError, "has 9 numbers"),
            (array.array("f", good), ValueError, "doubles"), (good * 3, BufferError, "12 for each of its 2 steps"),
        ):
            self.refused(error, words, run.refresh, cache, source, (2,), matrix=given)
        self.assertEqual(cache.tolist(), [7] * 6)
        self.refused(ValueError, "each component", run.update, cache, bytearray(24), (2,), matrix=good,
                     region=((0, 1, 2), (0, 1, 2)))
        plain = kernel("f32", "f32", "f32", 4, 4, [(0, 0)])
        self.refused(ValueError, "leave matrix away", plain.refresh, cache, source, (1,), matrix=good)


class Normalized(Kernels):
    def test_bytes_and_back(self):
        run = kernel("f32", "f32", "u8 normalized", 4, 1, [(0, 0)])
        for count in COUNTS:
            source = array.array("f", [self.random.choice([self.random.uniform(-1, 2), NAN, 0.5, INFINITY])
                                       for _ in range(count)])
            cache = array.array("B", [7]) * count
            run.refresh(cache, source, (count,))
            expected = [0 if x != x else round(min(max(x, 0), 1) * 255) for x in source]
            self.assertEqual(cache.tolist(), expected)
            run.update(cache, source, (count,))
            self.assertEqual(source, array.array("f", [n / 255 for n in expected]))


if __name__ == "__main__":
    unittest.main()
