# tests/memcache/test_lent.py: buffers of a script's as read and write lend them, against NumPy; no Blender needed
"""The values lie packed in a buffer that stands for Blender's memory. Each case lends a buffer of random strides,
alignment and format within random bytes: all bytes around its items must stay. RNASLICER_SEED repeats a run,
RNASLICER_CASES sets its length."""
import ctypes
import os
import random
import unittest

import rnaslicer
import rnaslicer._core as core
from rnaslicer.blender.rna import Property
from rnaslicer.entered.lent import Lent, check_apart, check_shape, lend
from rnaslicer.errors import ExpressionError, RegionError
from rnaslicer.layout.leaf import Components, Leaf, Loop, Rows, View
from rnaslicer.layout.storage import FORMAT, SIZE
from rnaslicer.transfer.kernels.lowering import lower, packed
from rnaslicer.transfer.kernels.mover import Mover

from support import LeakCheck

try:
    import numpy
except ImportError:
    numpy = None

FORMATS = "?bBhHiIlLqQefd"
CASES = int(os.environ.get("RNASLICER_CASES", "24000"))
SEED = int(os.environ.get("RNASLICER_SEED", random.SystemRandom().randrange(2**32)))
LIMITS = {"b": (-128, 127), "B": (0, 255), "h": (-2**15, 2**15 - 1), "H": (0, 2**16 - 1), "i": (-2**31, 2**31 - 1)}


def as_format(values, format):
    """Numbers of up to some thousands in another format, as `dtype` says: to nearest even, saturating."""
    kind = numpy.dtype(format).kind
    if kind in "fb":
        return values.astype(format) if kind == "f" else values != 0
    low, high = LIMITS.get(format, (-2**40 if kind == "i" else 0, 2**40))
    return numpy.clip(numpy.rint(values.astype("d")), low, high).astype(format)


def random_buffer(rng, shape, format):
    """(array on a bytearray, that bytearray): packed, a field of a structure, turned, reversed or with gaps."""
    size = numpy.dtype(format).itemsize
    kind, order = rng.random(), list(range(len(shape)))
    if kind < 0.2:
        rng.shuffle(order)
    strides, stride = [0] * len(shape), size
    for at, axis in enumerate(reversed(order)):
        if kind > 0.3 and (at == 0 or rng.random() < 0.5):
            stride += rng.choice((0, 0, 0, 1, 3, size, 12, 20))
        strides[axis] = stride * (rng.choice((1, 1, -1)) if kind > 0.5 else 1)
        stride *= max(shape[axis], 1)
    low = sum((n - 1) * s for n, s in zip(shape, strides) if s < 0)
    high = sum((n - 1) * s for n, s in zip(shape, strides) if s > 0) + size
    first = rng.randrange(9) - low
    memory = bytearray(rng.randbytes(first + high + rng.randrange(9)))
    return numpy.ndarray(shape, format, memory, first, strides), memory, first


def leaf_of(rng, value):
    """(leaf, shape): elements with a number, or with several, of which a loop or lanes are the last axis."""
    count, width = rng.randrange(1, 8), rng.choice((0, 1, 2, 3, 4, 7))
    prop = Property("S", "p", {"f32": "FLOAT", "i32": "INT", "b1": "BOOLEAN"}[value], value, (width,) if width else (),
                    False, "xyzw", False, None, None, False, False, False, False, False, False, False)
    comps = Components(0, (), (width,) if width else (), tuple(range(max(width, 1))))
    if width and rng.random() < 0.3:
        comps = Components(0, (Loop(width, 1),), (), (0,))
    leaf = Leaf(None, Rows(count, 0, 1, count), prop, comps, "S", True,
                place=(("own", 0),) * (2 if width else 1))
    return leaf, leaf.axes


@unittest.skipIf(numpy is None, "NumPy is not installed (apt: python3-numpy)")
class RandomBuffers(LeakCheck):
    def setUp(self):
        super().setUp()
        self.random, self._before_jit = random.Random(SEED), rnaslicer.configure()
        rnaslicer.configure(jit=False)  # compiled plans are tested elsewhere; one takes milliseconds

    def tearDown(self):
        rnaslicer.configure(**self._before_jit)
        super().tearDown()

    def move(self, direction, leaf, shape, array, source):
        """What read and write do with a lent buffer."""
        lent = lend(array, "moving", "out", writable=direction == "refresh")
        try:
            self.assertEqual(lent.cache.shape, array.shape)
            view = View(shape, lent.scalar, (leaf,), ())
            if not lent.is_packed and lent.is_nested:
                cache, first = core.spread(lent.cache)
                view = View(shape, lent.scalar, (leaf,), (), strides=lent.strides, first=first)
                self.nested += 1
                getattr(self.mover(leaf, view), direction)(memoryview(cache), source)
            elif lent.is_packed:
                getattr(self.mover(leaf, view), direction)(lent.cache, source)
            else:
                made = core.allocate(shape, FORMAT[lent.scalar], None)
                self.copied += 1
                if direction == "update":
                    made[...] = lent.cache
                getattr(self.mover(leaf, view), direction)(made, source)
                if direction == "refresh":
                    lent.cache[...] = made
        finally:
            lent.release()

    @staticmethod
    def mover(leaf, view):
        return Mover(lower(leaf, view, packed(leaf.property, leaf.property.value)))

    def check_case(self):
        rng = self.random
        value = rng.choice(("f32", "i32", "b1"))
        leaf, shape = leaf_of(rng, value)
        dtype = numpy.dtype(FORMAT[value])
        numbers = numpy.array([rng.choice((rng.randrange(-300, 300), 1, 0)) / rng.choice((1, 2, 4))
                               for _ in range(numpy.prod(shape))]).reshape(shape)
        array, memory, first = random_buffer(rng, shape, rng.choice(FORMATS))
        if rng.random() < 0.5:
            held = as_format(numbers, dtype.char)
            wanted = bytearray(memory)
            numpy.ndarray(shape, array.dtype, wanted, first, array.strides)[...] = as_format(held, array.dtype.char)
            self.move("refresh", leaf, shape, array, held)
            self.assertEqual(memory, wanted)
            return
        array[...] = as_format(numbers, array.dtype.char)
        kept, held = bytearray(memory), numpy.zeros(shape, dtype)
        self.move("update", leaf, shape, array, held)
        self.assertEqual(memory, kept)
        self.assertEqual(held.tolist(), as_format(array, dtype.char).tolist())

    def test_structures(self):
        self.nested = self.copied = 0
        for case in range(CASES):
            with self.subTest(case=case, seed=SEED):
                self.check_case()
        self.assertGreater(min(self.nested, self.copied), CASES // 20)  # each way is met


@unittest.skipIf(numpy is None, "NumPy is not installed (apt: python3-numpy)")
class Lending(LeakCheck):
    def lent(self, buffer, writable=True):
        return lend(buffer, "reading it", "out", writable)

    def test_every_spelling_of_a_format(self):
        for format, scalar in (("i8", "i64"), ("<f4", "f32"), ("=u2", "u16"), ("b1", "b1"), ("long", "i64"), ("f2", "f16"),
                               ("intc", "i32"), ("ulonglong", "u64")):
            lent = self.lent(numpy.zeros((2, 3), format)[:, ::-1])
            self.assertEqual(lent.scalar, scalar, format)
            lent.release()
        for kind, scalar in ((ctypes.c_float, "f32"), (ctypes.c_long, "i64"), (ctypes.c_uint8, "u8"), (ctypes.c_bool, "b1")):
            numbers = (kind * 3)(1, 0, 1)
            lent = self.lent(memoryview(numbers)[::-1])
            lent.cache[...] = [1, 1, 0]  # in its own format, whose byte order is spelled
            lent.release()
            self.assertEqual(list(numbers), [0, 1, 1])
            self.assertEqual(lend(numbers, "x", "y", True).scalar, scalar)

    def test_refusals_name_what_was_given(self):
        for wrong, error, *words in (
                (numpy.zeros(3, ">f4"), ExpressionError, "'>f'", "native"), (numpy.zeros(3, "c8"), ExpressionError, "'Zf'"),
                (numpy.zeros(3, "g"), ExpressionError, "16 bytes"), (numpy.zeros(3, "i4,f4"), ExpressionError, "T{"),
                (numpy.zeros(3, object), ExpressionError, "'O'"), (numpy.zeros(3, "U2"), ExpressionError, "2w"),
                (memoryview(b"abc").cast("c"), ExpressionError, "'c'"), ([1, 2], ExpressionError, "[1, 2]", "no buffer"),
                (None, ExpressionError, "None"), (3, ExpressionError, "3"), ("text", ExpressionError, "'text'"),
                (b"abc", RegionError, "read-only"), (memoryview(bytearray(3)).toreadonly(), RegionError, "read-only")):
            with self.assertRaises(error) as raised:
                self.lent(wrong)
            for word in ("reading it", "out", *words):
                self.assertIn(word, str(raised.exception))
        released = memoryview(bytearray(4))
        released.release()
        cache = core.allocate((3,), "f", None)
        core.disable(cache)
        for gone in (released, cache):
            with self.assertRaisesRegex(RegionError, "not to be had"):
                self.lent(gone)

    def test_shapes_and_broadcasts(self):
        lent = self.lent(numpy.zeros(6, "f"))
        with self.assertRaisesRegex(RegionError, r"\(6,\).*\(2, 3\).*reshape"):
            check_shape(lent, (2, 3), "reading it", "out")
        check_shape(lent, (6,), "reading it", "out")
        lent.release()
        wide = numpy.lib.stride_tricks.as_strided(numpy.zeros(1, "f"), (4,), (0,), writeable=True)
        lent = self.lent(wide)
        with self.assertRaisesRegex(RegionError, "one item for all"):
            check_apart(lent, "reading it", "out")
        lent.release()

    def test_its_owner_has_it_back(self):
        memory = bytearray(12)
        lent = self.lent(memory)
        with self.assertRaises(BufferError):
            memory.append(1)
        lent.release()
        memory.append(1)
        cache = core.allocate((3,), "f", None)  # another wrapper's
        lent = self.lent(cache)
        lent.cache[...] = 2
        lent.release()
        self.assertEqual(cache.tolist(), [2, 2, 2])

    def test_packed_or_nested(self):
        a = numpy.zeros((4, 3), "f")
        for array, is_packed, is_nested in (
                (a, True, True), (a[:, ::-1], False, True), (a.T, False, False), (a[:1].T, True, True),
                (a[:, :1], False, True), (a[::2], False, True), (a[:0], True, True), (numpy.zeros((), "d"), True, True)):
            lent = Lent(core.from_buffer(array), {4: "f32", 8: "f64"}[array.itemsize])
            self.assertEqual((lent.is_packed, lent.is_nested), (is_packed, is_nested), array.strides)
            self.assertEqual(len(lent.strides), array.ndim)
            self.assertTrue(all(abs(s) >= SIZE[lent.scalar] for s in lent.strides))


if __name__ == "__main__":
    unittest.main()
