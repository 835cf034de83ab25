# tests/discovery/test_match.py: storages that explain values by bytes
"""Without Blender: elements are bytes made here."""
import random
import struct
import unittest

from rnaslicer.discovery.child import match
from rnaslicer.discovery.child.colors import Tables, encoded
from rnaslicer.discovery.found import Found
from rnaslicer.discovery.child.values import f32


def noise(rng, size):
    return bytearray(rng.randrange(256) for _ in range(size))


class Numbers(unittest.TestCase):
    def test_vectors_found_among_noise(self):
        rng = random.Random(1)
        for scalar, format in (("f32", "f"), ("f64", "d")):
            samples = []
            for _ in range(4):
                memory, values = noise(rng, 96), tuple(f32(rng.uniform(-9, 9)) for _ in range(3))
                struct.pack_into("3" + format, memory, 40, *values)
                samples.append((bytes(memory), values))
            (found,) = match.numbers(samples, "FLOAT", 3)
            self.assertEqual((found.scalar, found.offset), (scalar, 40))

    def test_gaps_between_components(self):
        rng, samples = random.Random(2), []
        for _ in range(4):
            memory, values = noise(rng, 64), tuple(f32(rng.uniform(-9, 9)) for _ in range(4))
            struct.pack_into("f", memory, 36, values[0])  # as axis and angle lie: the angle behind
            struct.pack_into("3f", memory, 24, *values[1:])
            samples.append((bytes(memory), values))
        (found,) = match.numbers(samples, "FLOAT", 4)
        self.assertEqual((found.offset, found.steps), (36, (0, -12, -8, -4)))

    def test_uniform_values_fit_many_places(self):
        samples = [(bytes(64), (0.0,))] * 3
        self.assertGreater(len(match.numbers(samples, "FLOAT", 1)), 1)

    def test_widths(self):
        rng, samples = random.Random(3), []
        for value in (-5, 300, 70000):
            memory = noise(rng, 32)
            struct.pack_into("i", memory, 8, value)
            samples.append((bytes(memory), (value,)))
        self.assertEqual([f.scalar for f in match.numbers(samples, "INT", 1)], ["i32"])


class Bits(unittest.TestCase):
    def test_from_samples(self):
        rng, samples = random.Random(4), []
        for i in range(40):
            memory, value = noise(rng, 16), rng.random() < 0.5
            memory[5] = memory[5] & ~4 | 4 * value
            memory[9] = memory[9] & ~32 | 32 * (not value)
            samples.append((bytes(memory), (value,)))
        self.assertEqual(set(match.bits(samples)), {(5, 4, False), (9, 32, True)})

    def test_from_sensitive_bits(self):
        off = bytes(8), (False,)
        for matter, wanted in (([{5: 4}], Found("u8", 5, "flag", 4)), ([{5: 255}], Found("b1", 5)),
                               ([{4: 255, 5: 255}], Found("i16", 4)),
                               ([{4: 0x10, 5: 0x3}], Found("u16", 4, "flag", 0x310)),
                               ([{}], None)):
            self.assertEqual(match.from_bits(matter, "BOOLEAN", 1, off), wanted)
        on = bytes(8), (True,)
        self.assertTrue(match.from_bits([{5: 4}], "BOOLEAN", 1, on).inverted)
        found = match.from_bits([{4: 0x40}, {4: 0x80}, {5: 0x01}], "BOOLEAN", 3, (bytes(8), (False,) * 3))
        self.assertEqual((found.scalar, found.offset, found.masks), ("u16", 4, (0x40, 0x80, 0x100)))
        self.assertEqual(match.from_bits([{8: 6}], "ENUM", 1, None), Found("u8", 8, "field", 6))
        self.assertEqual(match.from_bits([{1: 255, 2: 255}], "INT", 1, None).decode, "field")  # no number lies so

    def test_changed(self):
        self.assertEqual(match.changed(b"\0\1\2\3", b"\0\1\6\x83"), {2: 4, 3: 0x80})
        self.assertEqual(match.changed(b"ab", b"ab"), {})


class Stores(unittest.TestCase):
    def test_exactly_what_a_kernel_would_write(self):
        flag = Found("u8", 0, "flag", 6)
        self.assertTrue(match.stores(flag, b"\x07", (True,)) and match.stores(flag, b"\x09", (False,)))
        self.assertFalse(match.stores(flag, b"\x02", (True,)))  # reads as True, but a kernel sets both bits
        self.assertTrue(match.stores(flag._replace(inverted=True), b"\0", (True,)))
        self.assertFalse(match.stores(Found("i16", 0), struct.pack("h", 7), (True,)))  # a kernel writes 1
        self.assertTrue(match.stores(Found("i8", 0), b"\xff", (-1,)))
        self.assertTrue(match.stores(Found("f32", 0), struct.pack("f", 0.1), (f32(0.1),)))
        self.assertFalse(match.stores(Found("f32", 0), struct.pack("f", 0.0), (-0.0,)))


class ColourTables(unittest.TestCase):
    def test_names_by_content(self):
        unorm = ([f32(i * f32(1 / 255)) for i in range(256)], self.thresholds(), 0)
        divided = ([f32(i / 255) for i in range(256)], self.thresholds(), 0)
        for order in ((unorm, divided), (divided, unorm)):
            tables = Tables()
            names = {tables.name(*table): table for table in order}
            self.assertEqual(names, {"unorm": unorm, "unorm_div": divided})
            self.assertEqual(tables.name(*unorm), "unorm")

    @staticmethod
    def thresholds():
        """The smallest float32 that the kernels' unorm stores as k + 1."""
        result = []
        for k in range(255):
            bits = struct.unpack("I", struct.pack("f", (k + 0.5) / 255))[0] - 8
            while round(f32(struct.unpack("f", struct.pack("I", bits))[0] * 255)) <= k:
                bits += 1
            result.append(struct.unpack("f", struct.pack("I", bits))[0])
        return result

    def test_encoded(self):
        table = [0.0] * 256, [(k + 0.5) / 255 for k in range(255)], 9
        self.assertEqual([encoded(table, x) for x in (-1.0, 0.0, 0.5, 0.499, 2.0, float("nan"))],
                         [0, 0, 128, 127, 255, 9])
