# tests/memcache/test_lifetime.py: disabling, releasing, exports, collection, re-entrance.
import array
import copy
import gc
import pickle
import unittest
import weakref

import rnaslicer._core as core

from support import LeakCheck, Wrapper, filled

RELEASED = "operation forbidden on released MemCache"

#: Every way to use a MemCache. Each must raise on a released one.
USES = {
    "getitem": lambda m: m[0],
    "getslice": lambda m: m[:1],
    "getall": lambda m: m[...],
    "setitem": lambda m: m.__setitem__(0, 1),
    "setslice": lambda m: m.__setitem__(..., 1),
    "len": len,
    "iter": iter,
    "reversed": lambda m: list(reversed(m)),
    "contains": lambda m: 1 in m,
    "count": lambda m: m.count(1),
    "index": lambda m: m.index(1),
    "tolist": lambda m: m.tolist(),
    "tobytes": lambda m: m.tobytes(),
    "hex": lambda m: m.hex(),
    "cast": lambda m: m.cast("B"),
    "toreadonly": lambda m: m.toreadonly(),
    "enter": lambda m: m.__enter__(),
    "memoryview": memoryview,
    "bytes": bytes,
    "hash": hash,
    "region of it": lambda m: core.region(m, b""),
    **{
        name: (lambda m, name=name: getattr(m, name))
        for name in (
            "wrapper obj nbytes readonly format itemsize ndim shape strides suboffsets "
            "c_contiguous f_contiguous contiguous"
        ).split()
    },
}


class Release(LeakCheck):
    def check_released(self, m):
        for name, use in USES.items():
            with self.subTest(use=name), self.assertRaisesRegex(ValueError, RELEASED):
                use(m)
        self.assertIn("released", repr(m))
        self.assertEqual(m, m)
        self.assertNotEqual(m, b"")
        self.assertNotEqual(b"", m)
        m.release()
        m.__exit__(None, None, None)

    def test_every_attribute_is_tried(self):
        untried = {"release", "format"} | {n for n in dir(core.MemCache) if n.startswith("__")}
        self.assertLessEqual(set(dir(core.MemCache)) - untried, set(USES))

    def test_release_is_its_own(self):
        m = filled((3, 4))
        part = m[1:]
        m.release()
        self.check_released(m)
        self.assertEqual(part[0].tolist(), [4, 5, 6, 7])
        with part as entered:
            self.assertIs(entered, part)
        self.check_released(part)

    def test_disable_is_for_all(self):
        wrapper = Wrapper()
        m = filled((3, 4), wrapper=wrapper)
        parts = [m, m[1:], m[1:][::-1, 0], m.cast("B"), m.toreadonly(), m[0, 0, ...], m[3:]]
        core.disable(parts[1])
        for part in parts:
            self.check_released(part)
        core.disable(m)
        self.assertEqual(core.live()["bytes"], self._before["bytes"])
        gone = weakref.ref(wrapper)
        del wrapper
        self.assertIsNone(gone())
        with self.assertRaises(TypeError):
            core.disable(memoryview(b""))

    def test_exports_forbid_release_but_not_disable(self):
        m = filled((3, 4))
        export = memoryview(m)
        with self.assertRaisesRegex(BufferError, "1 exported buffer$"):
            m.release()
        second = memoryview(m)
        with self.assertRaisesRegex(BufferError, "2 exported buffers$"):
            m.release()
        part = m[1]
        part.release()
        second.release()
        core.disable(m)
        m.release()
        self.check_released(m)
        # The memory lives on with the export, and is nobody else's meanwhile.
        other = filled((3, 4))
        other[...] = -1
        self.assertEqual(export.tolist(), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
        export[2, 3] = 99
        self.assertEqual(export[2, 3], 99)
        again = memoryview(export)
        export.release()
        self.assertEqual(again[2, 3], 99)
        again.release()
        m.release()

    def test_export_outlives_the_objects(self):
        m = filled((1000,))
        export = memoryview(m[::2])
        core.disable(m)
        del m
        gc.collect()
        self.assertEqual(sum(export.tolist()), sum(range(0, 1000, 2)))

    def test_export_from_a_sub_view(self):
        m = filled((4,))
        part = m[1:]
        export = memoryview(part)
        m.release()  # not the exporting object
        with self.assertRaises(BufferError):
            part.release()
        self.assertEqual(export.tolist(), [1, 2, 3])

    def test_hash_is_kept(self):
        m = core.from_buffer(b"abc")
        unasked = core.from_buffer(b"abc")
        kept = hash(m)
        m.release()
        unasked.release()
        self.assertEqual((hash(m), kept), (hash(b"abc"),) * 2)
        self.check_released(unasked)
        with self.assertRaises(ValueError):
            hash(filled((3,), "B"))
        with self.assertRaises(TypeError):
            hash(filled((3,), "B").toreadonly())

    def test_no_copies_of_it(self):
        m = filled((3,))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with self.assertRaisesRegex(TypeError, "cannot pickle"):
                pickle.dumps(m, protocol)
        for copier in (copy.copy, copy.deepcopy):
            with self.assertRaises(TypeError):
                copier(m)
        with self.assertRaises(TypeError):
            core.MemCache(b"abc")
        with self.assertRaises(TypeError):
            type("Derived", (core.MemCache,), {})


class Collection(LeakCheck):
    def test_cycle_of_wrapper_and_cache(self):
        wrapper = Wrapper()
        wrapper.memcache = filled((3, 4), wrapper=wrapper)
        wrapper.parts = [wrapper.memcache[i:] for i in range(3)]
        gone = weakref.ref(wrapper)
        del wrapper
        gc.collect()
        self.assertIsNone(gone())

    def test_cycle_with_an_export(self):
        wrapper = Wrapper()
        wrapper.memcache = filled((3, 4), wrapper=wrapper)
        wrapper.view = memoryview(wrapper.memcache[1:])
        gone = weakref.ref(wrapper)
        del wrapper
        gc.collect()
        self.assertIsNone(gone())

    def test_finalizer_that_looks(self):
        seen = []

        class Looker:
            def __del__(self):
                seen.append(self.memcache.tolist())
                core.disable(self.memcache)

        looker = Looker()
        looker.memcache = filled((2,), wrapper=looker)
        del looker
        gc.collect()
        self.assertEqual(seen, [[0, 1]])

    def test_weak_references(self):
        m = filled((2,))
        called = []
        reference = weakref.ref(m, called.append)
        self.assertIs(reference(), m)
        core.disable(m)
        self.assertIs(reference(), m)
        del m
        self.assertIsNone(reference())
        self.assertEqual(called, [reference])


class Reentrance(LeakCheck):
    """An object that ends the MemCache while it is being used gets an error, never freed memory."""

    def attack(self, use, end):
        m = filled((64, 4), "i", Wrapper())
        other = []

        class Hostile:
            def __index__(self):
                return self.strike(1)

            def __float__(self):
                return self.strike(1.0)

            def __iter__(self):
                self.strike(None)
                return iter([1, 2, 3, 4])

            def __len__(self):
                return self.strike(4)

            def __getitem__(self, i):
                self.strike(None)
                if i < 4:
                    return 1
                raise IndexError

            def __eq__(self, value):
                return self.strike(False)

            def strike(self, result):
                end(m)
                # Take the memory, so that a write to freed storage would be seen.
                other.append(core.allocate((64, 4), "i", None))
                other[-1][...] = -1
                return result

        refused = True
        try:
            use(m, Hostile())
            refused = False
        except ValueError as error:
            self.assertIn("released", str(error))
        except BufferError as error:  # it may not be released just now
            self.assertIn("exported buffer", str(error))
        for cache in other:
            self.assertEqual(set(cache.cast("B").cast("i").tolist()), {-1})
        return refused

    def test_everything_that_runs_code(self):
        uses = {
            "index": lambda m, h: m[h],
            "item": lambda m, h: m[h, h],
            "slice": lambda m, h: m[h:, h].tolist(),
            "assign item": lambda m, h: m.__setitem__((h, h), 5),
            "assign index": lambda m, h: m.__setitem__((0, h), 5),
            "assign slice": lambda m, h: m.__setitem__(slice(h, None), 5),
            "assign value": lambda m, h: m.__setitem__((0, 0), h),
            "fill": lambda m, h: m.__setitem__(0, h),
            "sequence": lambda m, h: m.__setitem__(0, [h, h, h, h]),
            "own sequence": lambda m, h: m.__setitem__(0, h),
            "buffer": lambda m, h: m.__setitem__((h, ...), array.array("i", [1, 2, 3, 4])),
            "contains": lambda m, h: h in m,
            "count": lambda m, h: m.count(h),
            "index of": lambda m, h: m.index(h),
            "equal": lambda m, h: m == h,
            "hex": lambda m, h: m.hex(":", h),
        }
        ends = {
            "release": lambda m: m.release(),
            "disable": core.disable,
            "both": lambda m: (core.disable(m), m.release()),
        }
        for name, use in uses.items():
            for kind, end in ends.items():
                with self.subTest(use=name, end=kind):
                    refused = self.attack(use, end)
                    # As in memoryview, a slice of a view that goes meanwhile is there, unless all
                    # goes; and what compares unequal needs no memory.
                    if name in ("index", "slice"):
                        self.assertEqual(refused, kind != "release")
                    elif name != "equal":
                        self.assertTrue(refused)

    def test_iteration_ended_meanwhile(self):
        m = filled((10,))
        with self.assertRaisesRegex(ValueError, RELEASED):
            for i in m:
                if i == 5:
                    core.disable(m)
        self.assertEqual(i, 5)

    def test_list_subclass_as_shape(self):
        class Shape(list):
            def __iter__(self):
                core.disable(m)
                return iter(answer)

        for answer in ([12], [2] * 100):
            m = filled((12,), "B")
            with self.assertRaises(ValueError):
                m.cast("B", Shape([12]))

    def test_list_that_shrinks_while_converted(self):
        m = filled((4,))
        values = [0, 1, 2, 3]

        class Shrink:
            def __index__(self):
                values.clear()
                return 7

        values[0] = Shrink()
        m[:] = values
        self.assertEqual(m.tolist(), [7, 1, 2, 3])


if __name__ == "__main__":
    unittest.main()
