# tests/memcache/test_random.py: random structures against NumPy, and memoryview where it can do it.
"""Every case makes a MemCache with a random structure over random bytes, takes a random subscript of
it, and compares what MemCache and NumPy make of them: values, structure, bytes, assignment, region.
The seed is printed; RNASLICER_SEED repeats a run, RNASLICER_CASES sets its length."""

import itertools
import os
import random
import struct
import unittest

import rnaslicer._core as core
from rnaslicer.errors import RegionError

try:
    import numpy
except ImportError:
    numpy = None

FORMATS = "?bBhHiIlLqQefd"
CASES = int(os.environ.get("RNASLICER_CASES", "24000"))
SEED = int(os.environ.get("RNASLICER_SEED", random.SystemRandom().randrange(2**32)))


def random_structure(random):
    """Shape, strides in items and the first item's index, of a grid in a run of `length` items."""
    ndim = random.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 5))
    shape = [random.choice((0, 1, 1, 2, 3, 3, 4, 5, 7)) for _ in range(ndim)]
    if random.random() < 0.8:
        shape = [extent or random.randrange(1, 4) for extent in shape]
    strides, stride = [0] * ndim, 1
    for axis in random.sample(range(ndim), ndim):
        strides[axis] = stride * random.choice((1, 1, 1, 2, 3)) * random.choice((1, 1, 1, -1))
        stride = abs(strides[axis]) * max(shape[axis], 1)
        if random.random() < 0.03:
            strides[axis] = random.choice((0, 1, 5))
    first = sum(-(n - 1) * s for n, s in zip(shape, strides) if s < 0 and n)
    last = sum((n - 1) * s for n, s in zip(shape, strides) if s > 0 and n)
    before, after = random.randrange(3), random.randrange(3)
    return shape, strides, before + first, before + first + last + 1 + after


def random_bytes(random, format, length):
    if format == "?":  # any other byte is no bool to NumPy
        return bytearray(random.choices((0, 1), k=length))
    return bytearray(random.randbytes(length * struct.calcsize(format)))


def random_slice(random, extent):
    limits = (None, *range(-extent - 2, extent + 3))
    return slice(
        random.choice(limits),
        random.choice(limits),
        random.choice((None, 1, 1, 2, 3, -1, -2, -3, extent + 1, -extent - 1)),
    )


def random_key(random, shape):
    """Any mix of ints, slices, Ellipsis and too few; at times out of range or too many."""
    items = []
    for extent in shape[: random.randrange(len(shape) + 1) if random.random() < 0.3 else None]:
        if random.random() < 0.4 and extent:
            items.append(random.randrange(-extent, extent))
        elif random.random() < 0.02:
            items.append(random.choice((extent, -extent - 1)))
        else:
            items.append(random_slice(random, extent))
    if random.random() < 0.3:
        at = random.randrange(len(items) + 1)
        items[at : at + random.randrange(2)] = [Ellipsis]
    if random.random() < 0.02:
        items += [0] * 3
    return items[0] if len(items) == 1 and random.random() < 0.7 else tuple(items)


def same(a, b):
    """Equal as nested lists, NaN to NaN."""
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return (a == b or (a != a and b != b)) and type(a) is type(b)


def cells(array, whole):
    """The addresses of an array's items, as flat item numbers in `whole`, a packed array."""
    base = whole.__array_interface__["data"][0]
    start = (array.__array_interface__["data"][0] - base) // whole.itemsize
    steps = [stride // whole.itemsize for stride in array.strides]
    return [
        start + sum(i * s for i, s in zip(index, steps))
        for index in itertools.product(*map(range, array.shape))
    ]


def is_no_region(array, whole):
    """The refusals that are due: items outside, items twice, or an axis of the view that does not
    keep to one axis of the cache."""
    wanted = cells(array, whole)
    if not all(0 <= cell < whole.size for cell in wanted) or len(set(wanted)) < len(wanted):
        return True
    forward = array[tuple(slice(None, None, -1 if s < 0 else None) for s in array.strides)]
    for axis in range(forward.ndim):
        line = forward[tuple(slice(None) if i == axis else 0 for i in range(forward.ndim))]
        indices = numpy.array(numpy.unravel_index(cells(line, whole), whole.shape))
        moving = [steps for steps in numpy.diff(indices) if steps.any()]
        if len(moving) > 1:
            return True
    axes = [sorted(set(axis)) for axis in numpy.array(numpy.unravel_index(wanted, whole.shape))]
    even = all(len({b - a for a, b in zip(axis, axis[1:])}) < 2 for axis in axes)
    return not even or numpy.prod([len(axis) for axis in axes]) != len(wanted)


@unittest.skipIf(numpy is None, "NumPy is not installed (apt: python3-numpy)")
class RandomStructures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"\nMemCache: {CASES} random structures, RNASLICER_SEED={SEED}")

    def setUp(self):
        self.random = random.Random(SEED)

    def make(self):
        """The same structure over the same bytes, as MemCache and as array, on separate memory."""
        format = self.random.choice(FORMATS)
        shape, strides, first, length = random_structure(self.random)
        memory = random_bytes(self.random, format, length)
        copy = bytearray(memory)
        size = struct.calcsize(format)
        strides = [stride * size for stride in strides]
        cache = core.from_buffer(
            memory, shape=shape, format=format, strides=strides, offset=first * size
        )
        array = numpy.ndarray(shape, format, copy, first * size, strides)
        return cache, array, memory, copy

    def check_alike(self, cache, array):
        self.assertEqual(cache.shape, array.shape)
        if array.size:
            # An extent of 1 leaves the stride free, and NumPy uses the freedom.
            for extent, ours, theirs in zip(array.shape, cache.strides, array.strides):
                if extent > 1:
                    self.assertEqual(ours, theirs)
        self.assertEqual(cache.tobytes(), array.tobytes())
        self.assertEqual(cache.tobytes("F"), array.tobytes("F"))
        if array.ndim:
            self.assertEqual(len(cache), len(array))
        self.assertEqual(cache.nbytes, array.nbytes)
        self.assertTrue(same(cache.tolist(), array.tolist()), (cache.tolist(), array.tolist()))
        if array.size and array.ndim != 1:
            self.assertEqual(cache.c_contiguous, array.flags.c_contiguous)
            self.assertEqual(cache.f_contiguous, array.flags.f_contiguous)
        # By value: NumPy says which items are equal to themselves.
        self.assertEqual(cache == array, bool((array == array).all()))
        back = numpy.asarray(cache)
        self.assertEqual((back.shape, back.dtype), (array.shape, array.dtype))
        self.assertEqual(back.tobytes(), array.tobytes())

    def check_like_memoryview(self, cache):
        view = memoryview(cache)
        for name in ("nbytes", "readonly", "format", "itemsize", "ndim", "shape", "strides",
                     "suboffsets", "c_contiguous", "f_contiguous", "contiguous"):
            self.assertEqual(getattr(cache, name), getattr(view, name), name)
        for order in (None, "C", "F", "A"):
            self.assertEqual(cache.tobytes(order), view.tobytes(order))
        self.assertEqual(cache.hex("-", 2), view.hex("-", 2))
        if cache.format != "e":  # not all Pythons' memoryview reads halves
            self.assertTrue(same(cache.tolist(), view.tolist()))
        if cache.ndim == 1:
            self.assertEqual(cache[::-2].tobytes(), view[::-2].tobytes())

    def check_assignment(self, cache, array, key):
        """Writes a sub-view of both; the whole memory must come out the same."""
        target = array[key]
        if not isinstance(target, numpy.ndarray):
            value = self.random.choice((0, 1))
            cache[key] = array[key] = value
            return
        source = numpy.ones(target.shape, array.dtype)
        source.reshape(-1)[:] = numpy.frombuffer(
            random_bytes(self.random, array.dtype.char, source.size), array.dtype
        )
        kind = self.random.choice(("buffer", "reversed", "scalar", "sequence", "wrong", "format", "broadcast"))
        if array.size != len(set(cells(array, array))):
            kind = "scalar"  # the array overlaps itself: which item is written last is nobody's promise
        if kind == "buffer":
            cache[key] = array[key] = source
        elif kind == "reversed" and target.ndim:  # an overlap with itself
            array[key] = target[::-1].copy()
            if isinstance(cache[key], core.MemCache):
                cache[key] = cache[key][::-1]
        elif kind == "scalar":
            cache[key] = array[key] = self.random.choice((0, 1))
        elif kind == "sequence" and target.ndim and array.dtype.char not in "fde":
            cache[key] = source.tolist()
            array[key] = source
        elif kind == "wrong" and target.size and target.ndim:
            with self.assertRaises(ValueError):
                cache[key] = numpy.zeros((*target.shape[:-1], target.shape[-1] + 1), array.dtype)
            with self.assertRaises(ValueError):
                cache[key] = [0] * (target.shape[-1] + 1)
        elif kind == "format" and target.ndim:
            other = numpy.dtype(self.random.choice(FORMATS))
            source = numpy.array([self.random.randrange(128) for _ in range(target.size)]).reshape(target.shape)
            source = source.astype(other)
            if other.kind == "f" and array.dtype.kind in "iu":
                with self.assertRaisesRegex(ValueError, "numpy.rint"):
                    cache[key] = source
            else:
                cache[key] = array[key] = source
        elif kind == "broadcast" and target.ndim:
            first = self.random.randrange(target.ndim + 1)
            shape = tuple(self.random.choice((1, n, n)) for n in target.shape[first:])
            if len(shape) == target.ndim == 1:
                shape = target.shape  # where memoryview refuses
            source = numpy.resize(source, shape) if source.size else numpy.zeros(shape, array.dtype)
            if source.size > 1 and self.random.random() < 0.5:
                source = source[::-1]
            if source.ndim and array.dtype.char not in "fde" and self.random.random() < 0.3 and source.size:
                cache[key] = source.tolist()
                array[key] = source
            else:
                cache[key] = array[key] = source

    def check_case(self):
        cache, array, memory, copy = self.make()
        self.check_alike(cache, array)
        self.check_like_memoryview(cache)
        key = random_key(self.random, array.shape)
        try:
            expected = array[key]
        except IndexError:
            with self.assertRaises((IndexError, TypeError)):
                cache[key]
            with self.assertRaises((IndexError, TypeError)):
                cache[key] = 0
            return
        got = cache[key]
        if isinstance(expected, numpy.ndarray):
            self.check_alike(got, expected)
        else:
            self.assertTrue(same(got, expected.item()))
        self.check_assignment(cache, array, key)
        self.assertEqual(memory, copy)

    def test_structures(self):
        for case in range(CASES):
            with self.subTest(case=case, seed=SEED):
                self.check_case()

    def test_regions(self):
        """Sub-views, NumPy slices, transposes: the region names exactly the view's items."""
        for case in range(CASES // 3):
            with self.subTest(case=case, seed=SEED):
                shape = [self.random.randrange(1, 7) for _ in range(self.random.randrange(5))]
                format = self.random.choice("?bhifd")
                cache = core.allocate(shape, format, None)
                whole = numpy.asarray(cache)
                view = self.random_part(cache)
                self.check_region(cache, whole, view)
                core.disable(cache)

    def random_part(self, cache):
        view = cache
        for _ in range(self.random.randrange(3)):
            key = random_key(self.random, view.shape)
            key = (key if isinstance(key, tuple) else (key,))
            try:
                view = view[key if Ellipsis in key else (*key, Ellipsis)]
            except (IndexError, TypeError):
                pass
        way = self.random.choice(("memcache", "memoryview", "array", "transpose", "newaxis", "odd"))
        if way == "memcache":
            return view
        if way == "memoryview":
            return memoryview(view)
        array = numpy.asarray(view)
        if way == "transpose":
            return array.transpose(self.random.sample(range(array.ndim), array.ndim))
        if way == "newaxis":
            return array[..., None, None].swapaxes(0, -1)
        if way == "odd" and array.size:  # mostly no region
            shape = [self.random.randrange(1, 4) for _ in range(self.random.randrange(1, 4))]
            strides = [self.random.randrange(-4, 13) * array.itemsize for _ in shape]
            return numpy.lib.stride_tricks.as_strided(array, shape, strides)
        return array

    def check_region(self, cache, whole, view):
        array = numpy.asarray(view)
        wanted = cells(array, whole)
        try:
            region = core.region(cache, view)
        except RegionError:
            self.assertTrue(is_no_region(array, whole), (whole.shape, array.strides))
            return
        self.assertEqual(len(region), whole.ndim)
        for (start, step, count), extent in zip(region, whole.shape):
            self.assertGreaterEqual(step, 1)
            self.assertTrue(count == 0 or 0 <= start <= start + step * (count - 1) < extent)
        part = whole[tuple(slice(a, a + step * n, step) for a, step, n in region)]
        if not whole.ndim:
            part = whole
        self.assertEqual(sorted(wanted), sorted(cells(part, whole)))


if __name__ == "__main__":
    unittest.main()
