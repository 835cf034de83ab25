# tests/memcache/test_wide_rows.py: rows that touch more than the caches hold, whose lines are asked for ahead
"""Against NumPy, with all bytes between the items: up and down, both sides apart or one, to the last item of the memory."""
import itertools
import unittest

import rnaslicer._core as core

try:
    import numpy
except ImportError:
    numpy = None

ENOUGH = 4 << 20  # bytes of cache lines (runtime/memory/grid.cpp)


def spread(count, width, stride, first):
    """(bytes all around, items of so many of them), the last one ending with the memory."""
    memory = numpy.arange(abs(stride) * (count - 1) + width, dtype="u4").astype("u1") + numpy.uint8(first)
    start = 0 if stride > 0 else abs(stride) * (count - 1)
    return memory, numpy.ndarray((count, width), "u1", memory, start, (stride, 1))


@unittest.skipIf(numpy is None, "NumPy is needed")
class WideRows(unittest.TestCase):
    def test_as_numpy(self):
        strides = (0, 24), (24, 0), (-24, 24), (24, -40), (80, 0), (0, -200), (72, 72)
        for width, (to_stride, from_stride) in itertools.product((1, 2, 4, 8, 12, 16, 7), strides):
            with self.subTest(width=width, to=to_stride, given=from_stride):
                step = max(abs(to_stride), abs(from_stride))
                count = ENOUGH // min(step, 64) + 5
                memory, to = spread(count, width, to_stride or width, 1)
                _, given = spread(count, width, from_stride or width, 77)
                wanted = memory.copy()
                numpy.ndarray(to.shape, "u1", wanted, to.ctypes.data - memory.ctypes.data, to.strides)[...] = given
                core.from_buffer(to, writable=True)[...] = core.from_buffer(given, writable=False)
                self.assertTrue((memory == wanted).all())

    def test_large_fields_are_not_copied_on_the_way(self):
        many = 1 << 20
        for count, size, kind in ((many, 16, tuple), (many, 17, type(None)), (many // 4, 640, tuple)):
            structs = numpy.zeros(count, {"names": ["of"], "formats": ["?"], "offsets": [3], "itemsize": size})
            self.assertIs(type(core.as_packed(structs["of"], "?", True)), kind)


if __name__ == "__main__":
    unittest.main()
