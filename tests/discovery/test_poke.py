# tests/discovery/test_poke.py: read-only flags that never vary, found by flipping bits
"""Without Blender: elements are memory of this process, getters are made here, and SDNA is one struct."""
import ctypes
import struct
import unittest
from types import SimpleNamespace
from unittest import mock

from rnaslicer.discovery.child import by_values, handle
from rnaslicer.discovery.child.memory import Pokes
from rnaslicer.discovery.child.probe import Probe
from rnaslicer.blender.sdna import Field, Struct

FIELDS = (Field("next", "S", 0, 8, 1, True), Field("word", "int", 8, 4, 1, False), Field("more", "short", 12, 2, 1, False))
DNA = Struct("S", 16, {field.name: field for field in FIELDS})


class Element:
    """16 bytes of memory, and what a handle of them offers."""

    is_datablock, hop, stride, size = False, None, 16, 16

    def __init__(self, getter, word):
        self.buffer = ctypes.create_string_buffer(16)
        struct.pack_into("i", self.buffer, 8, word)
        self.address, self.element = ctypes.addressof(self.buffer), self
        self.getter, self.followed = getter, False

    def memory(self, _=None):
        return self.buffer.raw

    def place(self, _):
        return self.address, self.size

    @property
    def value(self):
        pointer, word = struct.unpack_from("Qi", self.buffer)
        self.followed = self.followed or pointer != 0
        return self.getter(word)


VALUE = SimpleNamespace(type="BOOLEAN", count=1, is_flag=False, read=lambda element: (element.value,))


class Uniform(unittest.TestCase):
    def find(self, getter, word=0, others=None):
        elements = [Element(getter, word), Element(getter, word if others is None else others)]
        before = [element.buffer.raw for element in elements]
        sdna = SimpleNamespace(by_size=lambda size: [DNA] if size == 16 else [])
        with mock.patch.object(by_values, "sdna", lambda: sdna), mock.patch.object(handle, "sdna", lambda: sdna):
            found = by_values.uniform(Probe(Pokes(), None, None), elements, VALUE)
        self.assertEqual([element.buffer.raw for element in elements], before)
        self.assertFalse(any(element.followed for element in elements), "a pointer was flipped")
        return found

    def test_a_bit(self):
        for bit in (1, 4, 128, 1 << 9, 1 << 31):
            for inverted in (False, True):
                found = self.find(lambda word, bit=bit, inverted=inverted: bool(word & bit) != inverted)
                self.assertEqual((found.decode, found.inverted, found.how), ("flag", inverted, "poked"))
                self.assertEqual(found.mask << 8 * (found.offset - 8), bit & 0xFFFFFFFF)

    def test_other_bits_do_not_matter(self):
        self.assertEqual(self.find(lambda word: bool(word & 4), 3, 0x70).mask, 4)

    def test_what_is_no_lone_clear_bit(self):
        for getter, word in ((lambda w: bool(w & 4), 4), (lambda w: bool(w & 5), 0), (lambda w: (w & 3) == 1, 0),
                             (lambda w: w == 2, 0), (lambda w: (w & 0xFF) == 1, 0), (lambda w: w != 0, 0),
                             (lambda w: w > 6, 0), (lambda w: True, 0)):
            self.assertIsNone(self.find(getter, word))

    def test_values_that_vary(self):
        self.assertIsNone(self.find(lambda word: bool(word & 4), 0, 4))


if __name__ == "__main__":
    unittest.main()
