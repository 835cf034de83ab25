# tests/memcache/test_interop.py: MemCache with what else speaks the buffer protocol.
import array
import collections.abc
import ctypes
import hashlib
import io
import itertools
import socket
import struct
import sys
import tempfile
import typing
import unittest
import zlib

import rnaslicer._core as core

from support import LeakCheck, filled

try:
    import numpy
except ImportError:
    numpy = None
try:
    import _testbuffer
except ImportError:
    _testbuffer = None


@unittest.skipIf(numpy is None, "NumPy is not installed (apt: python3-numpy)")
class NumPy(LeakCheck):
    def test_zero_copy_both_ways(self):
        m = filled((3, 4), "f")
        a = numpy.asarray(m)
        self.assertEqual((a.shape, a.dtype, a.flags.writeable), ((3, 4), numpy.float32, True))
        a[1, 2] = 60
        self.assertEqual(m[1, 2], 60)
        m[0] = 5
        self.assertEqual(a[0].tolist(), [5] * 4)
        a *= 2
        self.assertEqual(m[0, 0], 10)

    def test_sub_views(self):
        m = filled((3, 4, 2))
        for key in itertools.product(
            (0, slice(None), slice(None, None, -2)), (slice(1, 3), ...), (-1, slice(None, None, -1))
        ):
            a = numpy.asarray(m[key])
            self.assertEqual(a.tolist(), numpy.asarray(m)[key].tolist())
            a[...] = -a
            self.assertEqual(m[key].tolist(), a.tolist())

    def test_read_only(self):
        a = numpy.asarray(filled((3,)).toreadonly())
        self.assertFalse(a.flags.writeable)

    def test_every_format(self):
        for format in "?bBhHiIqQefd":
            m = core.allocate((2,), format, None)
            a = numpy.asarray(m)
            self.assertEqual(a.dtype, numpy.dtype(format))
            a[:] = (1, 0)
            self.assertEqual(m.tolist(), a.tolist())
            m[:] = a[::-1]
            self.assertEqual(m.tolist(), [0, 1])
            for scalar in a.dtype.type(1), numpy.array(1, a.dtype), numpy.array(1.0), numpy.int8(1):
                if format in "?efd" or not isinstance(scalar.item(), float):
                    m[...] = scalar
                    self.assertEqual(m.tolist(), [1, 1])
                    m[0] = scalar
                else:
                    with self.assertRaises(TypeError):
                        m[...] = scalar
                m[:] = a[::-1]

    def test_arrays_outlive_the_wrapper(self):
        m = filled((1000, 3), "d")
        a = numpy.asarray(m)[::2].T
        expected = a.copy()
        core.disable(m)
        del m
        filled((1000, 3), "d")[...] = 1
        self.assertTrue((a == expected).all())

    def test_functions_take_it(self):
        m = filled((3, 4), "d")
        self.assertEqual(numpy.sum(m), 66)
        self.assertEqual(numpy.matmul(m, numpy.ones(4)).tolist(), [6, 22, 38])
        self.assertEqual(numpy.frombuffer(m).tolist(), [float(i) for i in range(12)])
        numpy.copyto(numpy.asarray(m[:, 0]), 1)
        self.assertEqual(m[:, 0].tolist(), [1, 1, 1])


class Library(LeakCheck):
    def test_memoryview(self):
        m = filled((3, 4))
        view = memoryview(m)
        self.assertEqual((view.shape, view.format, view.obj), (m.shape, "i", m))
        view[1, 1] = -5
        self.assertEqual(m[1, 1], -5)
        self.assertEqual(memoryview(m[::2, ::-1]).tolist(), m[::2, ::-1].tolist())
        self.assertTrue(m == view and view == m and not m != view)

    def test_bytes(self):
        m = filled((2, 3), "h")
        packed = struct.pack("6h", *range(6))
        self.assertEqual(bytes(m), packed)
        self.assertEqual(bytearray(m), packed)
        self.assertEqual(bytes(m[:, ::-1]), struct.pack("6h", 2, 1, 0, 5, 4, 3))
        self.assertEqual(b"".join([m, m]), packed * 2)
        self.assertEqual(int.from_bytes(m[0, :1], sys.byteorder), 0)
        self.assertEqual(m.hex(" ", -2), packed.hex(" ", -2))
        self.assertEqual(m.hex(sep=":"), packed.hex(":"))

    def test_array(self):
        m = filled((4,), "d")
        a = array.array("d")
        a.frombytes(m.cast("B"))
        self.assertEqual(a.tolist(), m.tolist())
        a[2] = 20
        m[:] = a
        self.assertEqual(m[2], 20)
        self.assertTrue(m == a and a == m)

    def test_struct(self):
        m = core.allocate((16,), "B", None)
        m[:] = 0
        struct.pack_into("<IHf", m, 4, 2**32 - 1, 513, 0.5)
        self.assertEqual(m.tolist()[:10], [0] * 4 + [255] * 4 + [1, 2])
        self.assertEqual(struct.unpack_from("<IHf", m, 4), (2**32 - 1, 513, 0.5))
        with self.assertRaises(TypeError):
            struct.pack_into("B", m.toreadonly(), 0, 1)
        with self.assertRaises(TypeError):
            struct.pack_into("B", m[::2], 0, 1)

    def test_checksums(self):
        m = filled((100, 3), "f")
        self.assertEqual(hashlib.sha256(m).digest(), hashlib.sha256(m.tobytes()).digest())
        self.assertEqual(zlib.crc32(m), zlib.crc32(m.tobytes()))
        with self.assertRaises(BufferError):
            hashlib.sha256(m[::2])

    def test_files(self):
        m = filled((100, 3), "f")
        with tempfile.TemporaryFile() as file:
            self.assertEqual(file.write(m), m.nbytes)
            file.seek(0)
            back = core.allocate((100, 3), "f", None)
            self.assertEqual(file.readinto(back), m.nbytes)
            self.assertEqual(back, m)
            file.seek(12)
            self.assertEqual(file.readinto(back[50:51]), 12)
            self.assertEqual(back[50], m[1])
            with self.assertRaises(TypeError):
                file.readinto(back.toreadonly())
            # Nothing is held once the call is over.
            back.release()
        self.assertEqual(io.BytesIO(m).read(), m.tobytes())

    def test_socket(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            m = filled((8,), "i")
            back = core.allocate((8,), "i", None)
            ours.sendall(m)
            self.assertEqual(theirs.recv_into(back), 32)
            self.assertEqual(back, m)

    def test_ctypes(self):
        m = filled((3,), "i")
        ints = (ctypes.c_int * 3).from_buffer(m)
        ints[1] = 50
        self.assertEqual(m[1], 50)
        with self.assertRaises(BufferError):
            m.release()
        del ints
        m.release()

    def test_abstract_classes(self):
        m = filled((3,))
        self.assertIsInstance(m, collections.abc.Sequence)
        self.assertIsInstance(m, typing.Sequence)
        self.assertNotIsInstance(m, memoryview)
        if sys.version_info >= (3, 12):
            self.assertIsInstance(m, collections.abc.Buffer)
        self.assertEqual(hasattr(core.MemCache, "__class_getitem__"),
                         hasattr(memoryview, "__class_getitem__"))

    def test_equality_by_value(self):
        m = filled((3,), "i")
        self.assertEqual(m, array.array("d", [0, 1, 2]))
        self.assertEqual(m, array.array("b", [0, 1, 2]))
        self.assertNotEqual(m, array.array("d", [0, 1, 2.5]))
        self.assertNotEqual(m, [0, 1, 2])
        self.assertNotEqual(m, filled((1, 3), "i"))
        self.assertEqual(filled((2, 0)), filled((2, 0)))
        large = core.allocate((1,), "q", None)
        large[0] = 2**53 + 1  # no double
        self.assertNotEqual(large, array.array("d", [2.0**53]))
        self.assertIs(m.__lt__(m), NotImplemented)

    def test_repr(self):
        self.assertRegex(repr(filled((3, 4), "f")), r"^<memory of MemCache \(3, 4\) 'f' at 0x")


@unittest.skipIf(_testbuffer is None, "this Python has no _testbuffer (apt: libpython3.11-testsuite)")
class EveryRequest(LeakCheck):
    """Each combination of request flags, on each kind of sub-view, as memoryview answers it."""

    def test_flags(self):
        flags = [getattr(_testbuffer, "PyBUF_" + name) for name in (
            "WRITABLE", "FORMAT", "ND", "STRIDES", "C_CONTIGUOUS", "F_CONTIGUOUS", "ANY_CONTIGUOUS",
            "INDIRECT")]
        requests = {sum(set(chosen)) and self.join(chosen)
                    for n in range(len(flags) + 1) for chosen in itertools.combinations(flags, n)}
        m = filled((3, 4))
        views = [m, m[:, ::2], m[::-1], m[0], m[:, 0], m[:1], m[:, :1], m[0, 0, ...], m[3:], m[:, 4:],
                 m.cast("B"), m.toreadonly(), m[::2].toreadonly(), m[2:2, 0], filled((1, 1)),
                 core.from_buffer(bytearray(24), (2, 3), "i", (4, 8))]
        for i, view in enumerate(views):
            oracle = memoryview(view)
            for request in requests:
                with self.subTest(view=i, request=hex(request)):
                    self.assertEqual(self.answer(view, request), self.answer(oracle, request))

    @staticmethod
    def join(flags):
        joined = 0
        for flag in flags:
            joined |= flag
        return joined

    @staticmethod
    def answer(exporter, request):
        try:
            got = _testbuffer.ndarray(exporter, getbuf=request)
        except BufferError as error:
            return str(error).split(": ", 1)[1]
        return [getattr(got, name) for name in (
            "len itemsize readonly ndim format shape strides suboffsets".split())
            if hasattr(got, name)]


if __name__ == "__main__":
    unittest.main()
