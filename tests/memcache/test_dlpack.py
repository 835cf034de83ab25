# tests/memcache/test_dlpack.py: the DLPack capsules of a MemCache, read with ctypes as another package would.
import ctypes
import gc
import unittest

import rnaslicer._core as core

from support import LeakCheck

PLAIN, VERSIONED = b"dltensor", b"dltensor_versioned"


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device", ctypes.c_int32 * 2), ("ndim", ctypes.c_int32),
                ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class Managed(ctypes.Structure):
    _fields_ = [("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.CFUNCTYPE(None, ctypes.c_void_p))]


class Versioned(ctypes.Structure):
    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("context", ctypes.c_void_p),
                ("deleter", ctypes.CFUNCTYPE(None, ctypes.c_void_p)), ("flags", ctypes.c_uint64), ("tensor", Tensor)]


def opened(capsule, name, form):
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return form.from_address(pointer(capsule, name))


# A capsule keeps the address of its name only.
USED = {name: b"used_" + name for name in (PLAIN, VERSIONED)}


def take(capsule, name):
    """As a consumer does: the capsule no longer owns the tensor."""
    rename = ctypes.pythonapi.PyCapsule_SetName
    rename.argtypes = [ctypes.py_object, ctypes.c_char_p]
    rename(capsule, USED[name])


class Dlpack(LeakCheck):
    def made(self, format="f"):
        cache = core.allocate((4, 3), format, None)
        cache[...] = 0
        return cache

    def test_what_a_tensor_says(self):
        for format, code in {**dict.fromkeys("bhiq", 0), **dict.fromkeys("BHIQ", 1), **dict.fromkeys("efd", 2),
                             "?": 6}.items():
            cache = self.made(format)
            self.assertEqual(cache.__dlpack_device__(), (1, 0))
            for part in (cache, cache[::-2, 1:], cache[1], cache[3:3]):
                capsule = part.__dlpack__()
                tensor = opened(capsule, PLAIN, Managed).tensor
                self.assertEqual((tensor.code, tensor.bits, tensor.lanes), (code, 8 * cache.itemsize, 1))
                self.assertEqual(tuple(tensor.shape[: tensor.ndim]), part.shape)
                self.assertEqual([s * part.itemsize for s in tensor.strides[: tensor.ndim]], list(part.strides))
                self.assertEqual((list(tensor.device), tensor.byte_offset), ([1, 0], 0))

    def test_it_is_the_same_memory_and_lives_on(self):
        cache = self.made()
        capsule = cache.__dlpack__(max_version=(1, 0), dl_device=(1, 0), copy=False)
        managed = opened(capsule, VERSIONED, Versioned)
        self.assertEqual((managed.major, managed.flags), (1, 0))
        take(capsule, VERSIONED)
        del capsule
        core.disable(cache)
        memory = (ctypes.c_float * 12).from_address(managed.tensor.data)
        memory[3] = 2.5
        self.assertEqual(memory[3], 2.5)
        address = ctypes.addressof(managed)
        managed.deleter(address)

    def test_a_capsule_that_nobody_takes_ends_by_itself(self):
        cache = self.made()
        for version in (None, (0, 8), (1, 0), (9, 1)):
            capsule = cache.__dlpack__(max_version=version)
            with self.assertRaises(BufferError):
                cache.release()
            del capsule
            gc.collect()
        cache.release()
        with self.assertRaises(ValueError):
            cache.__dlpack__()
        with self.assertRaises(ValueError):
            cache.__dlpack_device__()

    def test_read_only_is_told_or_refused(self):
        cache = self.made().toreadonly()
        with self.assertRaisesRegex(BufferError, "read-only"):
            cache.__dlpack__()
        capsule = cache.__dlpack__(max_version=(1, 0))
        self.assertEqual(opened(capsule, VERSIONED, Versioned).flags, 1)

    def test_refusals(self):
        cache = self.made()
        for arguments, error in (({"stream": 1}, BufferError), ({"dl_device": (2, 0)}, BufferError),
                                 ({"max_version": 1}, TypeError), ({"max_version": (10**30, 0)}, OverflowError),
                                 ({"device": 1}, TypeError)):
            with self.assertRaises(error):
                cache.__dlpack__(**arguments)
        with self.assertRaises(TypeError):
            cache.__dlpack__(None)

    def test_a_copy_is_of_its_own(self):
        """Packed and writable, whatever it is made of; the form that can says that it is a copy."""
        cache = self.made()
        cache[...] = [[3 * i + k for k in range(3)] for i in range(4)]
        for part in (cache, cache[::-2, 1:], cache.toreadonly()[1], cache[3:3]):
            for name, form, version in ((PLAIN, Managed, None), (VERSIONED, Versioned, (1, 0))):
                capsule = part.__dlpack__(copy=True, max_version=version)
                managed = opened(capsule, name, form)
                tensor, count = managed.tensor, 1
                self.assertEqual(getattr(managed, "flags", 2), 2)
                self.assertEqual(tensor.shape[:tensor.ndim], list(part.shape))
                for extent, stride in zip(reversed(part.shape), reversed(tensor.strides[:tensor.ndim])):
                    self.assertEqual(stride, count)
                    count *= extent
                held = (ctypes.c_float * count).from_address(tensor.data or ctypes.addressof(ctypes.c_float()))
                wanted = part.tolist()
                self.assertEqual(list(held), [x for row in wanted for x in row] if part.ndim == 2 else wanted)
                if count:
                    held[0] = 99
                self.assertEqual(part.tolist(), wanted)
        made, before = cache.__dlpack__(copy=True), cache.tolist()
        cache[...] = 0
        self.assertEqual(list((ctypes.c_float * 12).from_address(opened(made, PLAIN, Managed).tensor.data)),
                         [x for row in before for x in row])

    def test_versions_below_zero(self):
        """Such a consumer knows the first form only."""
        capsule = self.made().__dlpack__(max_version=(-1, 0))
        self.assertEqual(opened(capsule, PLAIN, Managed).tensor.ndim, 2)

    def test_rows_that_differ(self):
        def changed(cache, *places):
            def write():
                for place in places:
                    cache[place] = 5

            return core.changed_rows(cache, write)

        cache = self.made("i")
        self.assertEqual(changed(cache).shape, (0, 2))
        self.assertEqual(changed(cache, (0, 2), (1, 0), (3, 1)).tolist(), [[0, 2], [3, 4]])
        self.assertEqual(changed(cache, (0, 2)).shape, (0, 2), "the same bytes again")
        single = core.allocate((), "d", None)
        single[()] = float("nan")
        self.assertEqual(changed(single).shape, (0, 2))
        self.assertEqual(changed(single, ()).tolist(), [[0, 1]])
        many = core.allocate((30000, 2), "i", None)
        many[...] = 0
        self.assertEqual(changed(many, (0, 1), (5000, 1), (5001, 0), (29999, 1)).tolist(),
                         [[0, 1], [5000, 5002], [29999, 30000]])
        self.assertEqual(changed(core.allocate((0, 3), "f", None)).shape, (0, 2))

    def test_rows_that_differ_by_kernel_and_by_buffer(self):
        plan = core.Plan("plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 12 cache 12\nlanes 3\n"
                         "lane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n")
        rows = 40000
        kernel, cache, values = core.Kernel(plan), core.allocate((rows, 3), "f", None), bytearray(12 * rows)
        cache[...] = 0
        for where in ([], [0], [7, 8, rows - 1], list(range(rows))):
            for row in where:
                values[12 * row + 5] ^= 1
            found = core.changed_rows(cache, lambda: kernel.refresh(cache, values, (rows,)))
            expected = {row for begin, end in found.tolist() for row in range(begin, end)}
            self.assertEqual(expected, set(where))
            self.assertEqual(cache.tobytes(), values)

        def other():
            memoryview(cache)[3, 1] = 9.0
            core.changed_rows(self.made("i"), lambda: kernel.refresh(cache, values, (rows,)))
            memoryview(cache)[5, 1] = 9.0

        self.assertEqual(core.changed_rows(cache, other).tolist(), [[5, 6]])

    def test_changes_of_what_cannot_be_watched(self):
        cache = self.made("i")
        for wrong in (cache[1:, 1:], cache.toreadonly()):
            with self.assertRaises(ValueError):
                core.changed_rows(wrong, lambda: None)
        with self.assertRaises(TypeError):
            core.changed_rows(bytearray(4), lambda: None)
        with self.assertRaises(ZeroDivisionError):
            core.changed_rows(cache, lambda: 1 / 0)
        self.assertEqual(core.changed_rows(cache, lambda: core.disable(cache)).shape, (0, 2))


if __name__ == "__main__":
    unittest.main()
