# tests/memcache/test_slicing.py: what memoryview lacks: items, sub-views and assignment in N axes.
import array
import unittest

import rnaslicer._core as core

from support import LeakCheck, Wrapper, filled


class SubViews(LeakCheck):
    def test_any_mix(self):
        m = filled((3, 4, 2))
        self.assertEqual(m[1, 2, 1], 13)
        self.assertEqual(m[-1, -1, -1], 23)
        self.assertEqual(m[1].tolist(), [[8, 9], [10, 11], [12, 13], [14, 15]])
        self.assertEqual(m[1:].shape, (2, 4, 2))
        self.assertEqual(m[::2, ::-2, 0].tolist(), [[6, 2], [22, 18]])
        self.assertEqual(m[..., 1].tolist(), [[1, 3, 5, 7], [9, 11, 13, 15], [17, 19, 21, 23]])
        self.assertEqual(m[0, ..., 1].tolist(), [1, 3, 5, 7])
        self.assertEqual(m[1, 1, ..., :].tolist(), [10, 11])
        self.assertEqual(m[()].shape, m[...].shape)
        self.assertEqual(m[5:].shape, (0, 4, 2))
        self.assertEqual(m[5:].tolist(), [])
        self.assertEqual(m[:, 4:].tolist(), [[], [], []])

    def test_item_or_view(self):
        m = filled((3, 4))
        self.assertIs(type(m[1, 2]), int)
        # An Ellipsis leaves a view without axes, as in NumPy.
        single = m[1, 2, ...]
        self.assertIsInstance(single, core.MemCache)
        self.assertEqual((single.shape, single.ndim, single[()], single.tolist()), ((), 0, 6, 6))
        single[()] = 60
        single[...] = single[()] + 1
        self.assertEqual(m[1, 2], 61)

    def test_sub_views_of_sub_views_share(self):
        wrapper = Wrapper()
        m = filled((4, 6), wrapper=wrapper)
        part = m[1:][::-1, ::2][:, 1:]
        self.assertEqual(part.tolist(), [[20, 22], [14, 16], [8, 10]])
        self.assertIs(part.wrapper, wrapper)
        part[0, 0] = -1
        self.assertEqual(m[3, 2], -1)
        self.assertIs(m.cast("B").wrapper, wrapper)
        self.assertIs(m.toreadonly()[0].wrapper, wrapper)

    def test_refused_keys(self):
        m = filled((3, 4))
        for key, error in (
            ((0, 0, 0), TypeError),
            ((slice(None),) * 3, TypeError),
            ((..., ...), TypeError),
            (None, TypeError),
            (1.0, TypeError),
            ("a", TypeError),
            ((0, "a"), TypeError),
            ([0], TypeError),
            (3, IndexError),
            ((0, -5), IndexError),
            ((0, 2**64), IndexError),
            (slice(None, None, 0), ValueError),
        ):
            with self.subTest(key=key):
                with self.assertRaises(error):
                    m[key]
                with self.assertRaises(error):
                    m[key] = 0

    def test_huge_steps(self):
        m = filled((3, 4))
        for step in (2**62, 2**63 - 1, -(2**63), 2**200):
            self.assertEqual(m[::step, ::step].shape, (1, 1))
            self.assertEqual(m[::step][::step][::-1].shape, (1, 4))

    def test_many_axes(self):
        m = filled((1,) * 63 + (3,))
        self.assertEqual(m[(0,) * 63].tolist(), [0, 1, 2])
        self.assertEqual(m[..., ::-1].tolist(), m[..., ::-1][...].tolist())
        with self.assertRaises(ValueError):
            core.allocate((1,) * 65, "b", None)

    def test_iteration(self):
        m = filled((3, 2))
        self.assertEqual([row.tolist() for row in m], m.tolist())
        self.assertEqual([row.tolist() for row in reversed(m)], m.tolist()[::-1])
        self.assertEqual(list(m[1]), [2, 3])
        self.assertIn(array.array("i", [2, 3]), m)
        self.assertNotIn(array.array("i", [2, 4]), m)
        self.assertEqual((m[1].index(3), m[1].count(3), m.index(m[2]), m.count(m[0])), (1, 1, 2, 1))
        with self.assertRaises(ValueError):
            m[1].index(3, 0, 1)
        with self.assertRaises(TypeError):
            iter(m[0, 0, ...])

    def test_match_statement(self):
        match filled((3,)):
            case [0, 1, last]:
                self.assertEqual(last, 2)
            case _:
                self.fail("a MemCache is a sequence to match")


class Assignment(LeakCheck):
    def test_scalar_fills(self):
        m = filled((3, 4))
        m[1] = 7
        m[:, ::3] = -1
        self.assertEqual(m.tolist(), [[-1, 1, 2, -1], [-1, 7, 7, -1], [-1, 9, 10, -1]])
        m[...] = 0
        self.assertEqual(m.tobytes(), bytes(48))

    def test_nested_sequences(self):
        m = filled((2, 3))
        m[...] = [[1, 2, 3], (4, 5, 6)]
        m[:, 1] = range(8, 10)
        m[0, ::-1] = [30, 20, 10]
        self.assertEqual(m.tolist(), [[10, 20, 30], [4, 9, 6]])
        m[1] = m[0]
        m[...] = [m[1].toreadonly(), array.array("i", [1, 2, 3])]
        self.assertEqual(m.tolist(), [[10, 20, 30], [1, 2, 3]])

    def test_refused_values_change_nothing(self):
        m = filled((2, 3))
        before = m.tobytes()
        for value, error in (
            ([[1, 2]], ValueError),
            ([[1, 2, 3]] * 3, ValueError),
            ([[[1, 2, 3]]] * 2, (TypeError, ValueError)),
            ([[1, 2, 3], [4, 5]], ValueError),
            ([[1, 2, 3], [4, 5, 2**31]], ValueError),
            ([[1, 2, 3], [4, 5, "6"]], TypeError),
            ([[1, 2, 3], 4], TypeError),
            ([["1", "2", "3"]] * 2, TypeError),
            ("abc", TypeError),
            ({1, 2}, TypeError),
            (None, TypeError),
            (1.5, TypeError),
            (2**31, ValueError),
            (array.array("i", [1, 2]), ValueError),
            (array.array("f", [0] * 6), ValueError),
            (array.array("f", [0] * 3), ValueError),
            (array.array("q", [1, 2, 2**31]), ValueError),
            (bytes(24), ValueError),
        ):
            with self.subTest(value=value):
                with self.assertRaises(error):
                    m[...] = value
                self.assertEqual(m.tobytes(), before)
        with self.assertRaises(TypeError):
            del m[0]
        with self.assertRaises(TypeError):
            m.toreadonly()[0, 0] = 1
        self.assertEqual(m.tobytes(), before)

    def test_same_numbers_under_another_name(self):
        # On Linux 'l' and 'q' are one; NumPy says 'l', our caches 'q'.
        m = core.allocate((3,), "q", None)
        m[:] = array.array("l", [1, 2, -3])
        self.assertEqual(m.tolist(), [1, 2, -3])
        m[:] = memoryview(array.array("q", [4, 5, 6])).cast("B").cast("@q")
        self.assertEqual(m.tolist(), [4, 5, 6])
        m[:] = array.array("L", [1, 2, 3])
        self.assertEqual(m.tolist(), [1, 2, 3])
        with self.assertRaisesRegex(ValueError, "does not fit"):
            m[:] = array.array("L", [1, 2, 2**63])
        with self.assertRaises(ValueError):
            m[:] = array.array("d", [1, 2, 3])

    def test_overlap_moves(self):
        for target, source in (
            (slice(0, 3), slice(1, 4)),
            (slice(1, 4), slice(0, 3)),
            (slice(None), slice(None, None, -1)),
            ((slice(None), slice(0, 3)), (slice(None), slice(1, 4))),
            ((slice(0, 3), slice(None)), (slice(3, 0, -1), slice(None, None, -1))),
        ):
            with self.subTest(target=target, source=source):
                m = filled((4, 4))
                expected = m[source].tolist()
                m[target] = m[source]
                self.assertEqual(m[target].tolist(), expected)

    def test_range_of_every_format(self):
        for format, least, greatest in (
            ("b", -(2**7), 2**7 - 1), ("B", 0, 2**8 - 1),
            ("h", -(2**15), 2**15 - 1), ("H", 0, 2**16 - 1),
            ("i", -(2**31), 2**31 - 1), ("I", 0, 2**32 - 1),
            ("q", -(2**63), 2**63 - 1), ("Q", 0, 2**64 - 1),
        ):
            with self.subTest(format=format):
                m = core.allocate((2,), format, None)
                m[0], m[1] = least, greatest
                for beyond in (least - 1, greatest + 1, 2**100, -(2**100)):
                    with self.assertRaises(ValueError):
                        m[0] = beyond
                    with self.assertRaises(ValueError):
                        m[:] = beyond
                for wrong in (1.0, "1", None, b"1", [1]):
                    with self.assertRaises(TypeError):
                        m[0] = wrong
                self.assertEqual(m.tolist(), [least, greatest])

    def test_floats(self):
        m = core.allocate((3,), "e", None)
        m[:] = [65504.0, -(2.0**-24), 65519.99]
        self.assertEqual(m.tolist(), [65504.0, -(2.0**-24), 65504.0])
        m[0] = float("inf")
        self.assertEqual(m[0], float("inf"))
        with self.assertRaises(ValueError):
            m[0] = 65520.0
        with self.assertRaises(TypeError):
            m[0] = "1"
        m = core.allocate((1,), "f", None)
        m[0] = 1e300  # infinite, as in memoryview
        self.assertEqual(m[0], float("inf"))
        m[0] = float("nan")
        self.assertNotEqual(m, m)

    def test_bools(self):
        m = core.allocate((3,), "?", None)
        m[:] = [2, 0, "x"]
        self.assertEqual(m.tolist(), [True, False, True])
        self.assertEqual(m.tobytes(), b"\1\0\1")
        with self.assertRaises(TypeError):
            m[:] = "abc"

    def test_bools_from_buffers(self):
        """The item is meant, not that there is a buffer, which would always be true."""
        for format in "?Bifd":
            for value in (0, 1):
                source, target = core.allocate((2,), format, None), core.allocate((3,), "?", None)
                none = core.allocate((), format, None)
                source[...], none[...] = [value, 1 - value], value
                for given in (source[0:1], memoryview(source)[0:1], none, memoryview(none), none.toreadonly()):
                    target[...] = [not value] * 3
                    target[1] = given
                    self.assertEqual(target.tolist(), [not value, bool(value), not value], (format, given))
                    if given.ndim == 0:
                        target[...] = given
                        self.assertEqual(target.tolist(), [bool(value)] * 3, (format, given))
                for wrong in (source, source[0:0]):
                    target[...] = [False, True, False]
                    with self.assertRaises(ValueError):
                        target[1] = wrong
                    self.assertEqual(target.tolist(), [False, True, False])

if __name__ == "__main__":
    unittest.main()
