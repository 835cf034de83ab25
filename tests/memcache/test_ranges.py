# tests/memcache/test_ranges.py: many ints at once, against Python's own loops.
import array
import functools
import operator
import random
import unittest

import rnaslicer._core as core

EDGES = (-2**31, -1, 0, 1, 2**31 - 1)


class Ranges(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(5)

    def numbers(self, count, low, high):
        return array.array("i", [self.random.choice(EDGES) if self.random.random() < 0.05 and low < -9
                                 else self.random.randint(low, high) for _ in range(count)])

    def test_range(self):
        for count in (1, 2, 63, 64, 65, 1000):
            values = self.numbers(count, -1000, 1000)
            self.assertEqual(core.int_range(values), (min(values), max(values)))
            wide = array.array("q", [v << 31 for v in values])
            self.assertEqual(core.int_range(wide), (min(wide), max(wide)))
        with self.assertRaises(ValueError):
            core.int_range(array.array("i"))

    def test_first_beyond(self):
        for count, stride in ((1, 4), (7, 8), (30, 12)):
            for at in (None, 0, count // 2, count - 1):
                for wrong in (-1, 5, -2**31, 2**31 - 1):
                    numbers = array.array("i", [-9] * (count * stride // 4))
                    values = [self.random.randrange(5) for _ in range(count)]
                    if at is not None:
                        values[at] = wrong
                    for i, value in enumerate(values):
                        numbers[i * stride // 4] = value
                    self.assertEqual(core.first_beyond(numbers, 0, stride, count, 5), at)
        self.assertIsNone(core.first_beyond(b"", 0, 4, 0, 5))

    def test_in_blocks(self):
        """So many that several threads look at blocks of them: around the blocks' ends."""
        block, count = (1 << 19) // 4, 9 * (1 << 19) // 4
        numbers = array.array("i", range(count))
        self.assertIsNone(core.first_beyond(numbers, 0, 4, count, count))
        self.assertIsNone(core.borders_fault(numbers, 0, -1, 4, count, count, 1, True))
        for at in (1, block - 1, block, block + 1, 8 * block, count - 1):
            for wrong in (-1, at - 1, count):
                numbers[at] = wrong
                self.assertEqual(core.first_beyond(numbers, 0, 4, count, count), None if wrong == at - 1 else at)
                found = core.borders_fault(numbers, 0, -1, 4, count, count, 1, True)
                self.assertEqual(found, at if wrong == count else at - 1)
                self.assertEqual(core.int_outside(numbers, array.array("i", range(count))),
                                 None if wrong == at - 1 else wrong)
                numbers[at] = at

    def test_in_lanes(self):
        """In short rows, wherever the one that does not ascend is: by lanes, and in what is left of them."""
        for count in (1, 2, 3, 31, 32, 33, 34, 64, 65, 66, 129, 200):
            numbers = array.array("i", range(count))
            self.assertIsNone(core.borders_fault(numbers, 0, -1, 4, count, count, 1, True))
            for at in range(1, count):
                for wrong in (-1, at - 1):
                    numbers[at] = wrong
                    self.assertEqual(core.borders_fault(numbers, 0, -1, 4, count, count, 1, True), at - 1)
                numbers[at] = at

    def test_in_memory(self):
        """By address, in pieces: around their ends, and what cannot be read."""
        count = 40_000
        for stride in (4, 12):
            numbers = array.array("i", [0] * (count * stride // 4))
            for i in range(count):
                numbers[i * stride // 4] = i
            address = numbers.buffer_info()[0]
            self.assertIsNone(core.first_beyond(address, 0, stride, count, count))
            self.assertIsNone(core.borders_fault(address, 0, -1, stride, count, count, 1, True))
            for at in (0, (1 << 16) // stride - 1, (1 << 16) // stride, (1 << 16) // stride + 1, count - 1):
                before = numbers[at * stride // 4]
                numbers[at * stride // 4] = -1
                self.assertEqual(core.first_beyond(address, 0, stride, count, count), at)
                self.assertEqual(core.borders_fault(address, 0, -1, stride, count, count, 1, True), max(at - 1, 0))
                numbers[at * stride // 4] = before
        for wrong in (1, 4096, 2**63):
            with self.assertRaises(LookupError):
                core.first_beyond(wrong, 0, 4, 9, 9)
            with self.assertRaises(LookupError):
                core.borders_fault(wrong, 0, -1, 4, 9, 9, 0, True)

    def test_borders(self):
        """Against the same rule in Python, right ones and each with one number changed."""
        def fault(starts, totals, end, least, in_order):
            following = 0
            for i, start in enumerate(starts):
                stop = start + totals[i] if totals else [*starts, end][i + 1]
                if start < 0 or stop - start < least or stop > end or in_order and (
                        start != following or i + 1 == len(starts) and stop != end):
                    return i
                following = stop
            return None

        found = set()
        for _ in range(3000):
            totals = [self.random.randint(0, 3) for _ in range(self.random.randint(1, 6))]
            starts, end = [sum(totals[:i]) for i in range(len(totals))], sum(totals)
            both = [starts, totals]
            if self.random.random() < 0.7:
                self.random.choice(both)[self.random.randrange(len(starts))] = self.random.choice((*EDGES, 2, 3))
            packed = array.array("i", [n for pair in zip(*both) for n in pair] + [77])
            for least in (0, 1):
                for in_order in (False, True):
                    for total_at, given in ((4, totals), (-1, None)):
                        right = fault(starts, given, end, least, in_order)
                        found.add(right)
                        self.assertEqual(core.borders_fault(packed, 0, total_at, 8, len(starts), end, least, in_order),
                                         right, (both, end, least, in_order))
        self.assertLessEqual({None, 0, 1, 2, 3, 4, 5}, found)

    def test_numbers_outside_the_buffer(self):
        numbers = array.array("i", range(8))
        for at, stride, count in ((0, 4, 9), (4, 4, 8), (-4, 4, 2), (0, 0, 2), (0, 3, 2), (0, 4, -1), (30, 4, 1),
                                  (0, 2**62, 3), (2**62, 4, 1)):
            with self.assertRaises(ValueError):
                core.first_beyond(numbers, at, stride, count, 100)
            with self.assertRaises(ValueError):
                core.borders_fault(numbers, at, -1, stride, count, 100, 0, False)

    def test_range_of_many(self):
        """From four megabytes on several threads look at it, in blocks."""
        for format, count in [("i", (1 << 20) - 1), ("i", 1 << 20), ("i", (1 << 20) + 70_001), ("q", (1 << 19) + 5)]:
            values = array.array(format, [0]) * count
            self.assertEqual(core.int_range(values), (0, 0))
            for _ in range(5):
                low, high = self.random.sample(range(count), 2)
                values[low], values[high] = -7, 9
                self.assertEqual(core.int_range(values), (-7, 9), (count, low, high))
                values[low] = values[high] = 0
            for at in (0, count - 1):
                values[at] = 3
                self.assertEqual(core.int_range(values), (0, 3))
                values[at] = 0

    def test_bits(self):
        for format in "BHI":
            values = array.array(format, [self.random.randrange(200) for _ in range(50)])
            self.assertEqual(core.int_bits(values), functools.reduce(operator.or_, values))

    def test_outside(self):
        for allowed in ([], [3], [0, 2, 5], [-4, 7], [0, 100000], list(EDGES)):
            for _ in range(20):
                values = array.array("i", [self.random.choice(allowed or [1]) for _ in range(70)])
                if self.random.random() < 0.7:
                    values[self.random.randrange(70)] = self.random.choice((*EDGES, 1, 4, 99))
                first = next((v for v in values if v not in allowed), None)
                self.assertEqual(core.int_outside(values, array.array("i", allowed)), first, (allowed, values))
        self.assertIsNone(core.int_outside(array.array("i"), array.array("i", [1])))
        self.assertEqual(core.int_outside(array.array("i", [2]), array.array("i", [1, 1, 3])), 2)

    def test_formats(self):
        for call in (lambda: core.int_range(array.array("f", [1])), lambda: core.int_bits(array.array("d", [1])),
                     lambda: core.int_outside(array.array("h", [1]), array.array("i", [1]))):
            with self.assertRaises(TypeError):
                call()
