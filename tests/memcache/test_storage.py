# tests/memcache/test_storage.py: the memory behind MemCaches: aligned, zero, used again, given back
import ctypes
import gc
import os
import unittest

import rnaslicer._core as core

from support import LeakCheck, Wrapper


class Storage(LeakCheck):
    def test_reuse(self):
        for nbytes in (1, 100, 4096, 12_000_000):
            with self.subTest(nbytes=nbytes):
                m = core.allocate((nbytes,), "B", None)
                first = _address(m)
                core.disable(m)
                m = core.allocate((nbytes,), "B", None)
                self.assertEqual(_address(m), first)

    def test_no_reuse_while_held(self):
        m = core.allocate((12_000_000,), "B", None)
        export = memoryview(m)
        first = _address(m)
        core.disable(m)
        other = core.allocate((12_000_000,), "B", None)
        self.assertNotEqual(_address(other), first)
        export.release()
        third = core.allocate((12_000_000,), "B", None)
        self.assertEqual(_address(third), first)

    def test_fresh_is_zero_and_aligned(self):
        for nbytes in (7777, 31_000_003):
            m = core.allocate((nbytes,), "B", None)
            self.assertEqual(m.tobytes().count(0), nbytes)
            self.assertEqual(_address(m) % 64, 0)

    def test_huge_ones_start_on_a_huge_page(self):
        self.assertEqual(_address(core.allocate((5 << 20,), "B", None)) % (2 << 20), 0)

    def test_nonsense(self):
        for shape, format, error in (
            ((-1,), "f", ValueError),
            ((2**62, 2), "f", ValueError),
            ((0, 2**62, 2**62), "f", ValueError),
            ((2**64,), "f", OverflowError),
            ((1.5,), "f", TypeError),
            (3, "f", TypeError),
            ((3,), "ff", ValueError),
            ((3,), "", ValueError),
            ((3,), "<f", ValueError),
            ((3,), "x", ValueError),
            ((3,), b"f", TypeError),
            ((2**59,), "b", MemoryError),
        ):
            with self.subTest(shape=shape, format=format), self.assertRaises(error):
                core.allocate(shape, format, None)

    @unittest.skipIf("libasan" in open("/proc/self/maps").read(), "AddressSanitizer keeps what is freed")
    def test_enters_keep_memory_flat(self):
        """100 000 enters and exits: no growth of the process beyond what noise explains."""

        def enter_and_leave(count):
            for _ in range(count):
                wrapper = Wrapper()
                wrapper.memcache = core.allocate((1000, 3), "f", wrapper)
                part = wrapper.memcache[10:20, ::-1]
                part[0, 0] = 1.0
                core.disable(wrapper.memcache)

        enter_and_leave(10_000)
        gc.collect()
        before = _resident()
        enter_and_leave(100_000)
        gc.collect()
        self.assertLess(_resident() - before, 1 << 20)
        self.assertLessEqual(core.live()["pooled"], 256 << 20)

    def test_pool_is_bounded(self):
        held = [core.allocate((20 << 20,), "B", None) for _ in range(16)]
        for m in held:
            core.disable(m)
        self.assertLessEqual(core.live()["pooled"], 256 << 20)


def _address(m):
    whole = m.cast("B") if m.format != "B" else m
    return ctypes.addressof(ctypes.c_char.from_buffer(whole))


def _resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    unittest.main()
