# runtime/rnaslicer/blender/sdna.py: the running build's own description of its DNA structs.
"""Reads SDNA (struct and field names, types, offsets) of the running Blender.

Every Blender carries its SDNA as data, in the executable and in each .blend it writes
(source/blender/makesdna/intern/dna_genfile.cc). So no offset of any version stands in our source.
Offsets and sizes are in bytes.
"""

import array
import functools
import itertools
import mmap
import os
import struct
import sys
from collections.abc import Mapping

from ..basis import proposed
from ..basis.records import Record

_new = tuple.__new__
_USUAL, _LARGEST = 1 << 18, 1 << 20  # bytes of an SDNA: more than those of today's, and some ten times as many
_RUNNING = "/proc/self/exe"  # what this process runs, also where another file lies at its path by now
_HEADS = 20, 24, 32  # bytes of the head of a block in a .blend, by how old that is; its SDNA's begins with DNA1
_STARTS, _ENDS = ("*", "("), ("]", ")", "")  # of a declaration that is more, or less, than a name


class Field(Record):
    """One member of a DNA struct; `count` is the product of its array dimensions."""

    name: str
    type: str
    offset: int
    size: int
    count: int
    is_pointer: bool


class Struct(Record):
    """One DNA struct."""

    name: str
    size: int
    fields: dict


class _Structs(Mapping):
    """DNA name -> `Struct`. A build has thousands and a session asks for few: each is read when it is asked for."""

    def __init__(self, declared, numbers, names, types, sizes):
        # Name -> where it stands among the numbers: its type, how many fields, type and name of each. No object for
        # each struct: Python's collector would look at all of them, in the middle of a first enter.
        self._declared, self._numbers = declared, numbers
        self._names, self._types, self._sizes = names, types, sizes
        self._read = {}
        self._declarations = {}  # by number of the name: those that are more than that

    def __getitem__(self, name):
        if name not in self._read:
            self._read[name] = self._made(name)
        found = self._read[name]
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self):
        return (name for name in self._declared if name in self)

    def of_size(self, size):
        """The structs of exactly `size` bytes; no other is read."""
        return [self[name] for name, at in self._declared.items()
                if self._sizes[self._numbers[at]] == size and name in self]

    def pointing_to(self, size):
        """The structs that have pointers to things of `size` bytes, or to what no type says: (struct, these fields)."""
        kinds = {i for i, one in enumerate(self._sizes) if one == size or self._types[i] == "void"}
        names = {self._types[i] for i in kinds}
        for name, at in self._declared.items():
            if not kinds.isdisjoint(self._pairs(at)[::2]) and name in self:
                yield self[name], [one for one in self[name].fields.values()
                                   if one.is_pointer and one.count == 1 and one.type in names]

    def linking(self):
        """The structs that begin with a pointer to their own kind; no other is read."""
        return [self[name] for name, at in self._declared.items()
                if self._numbers[at + 1] and self._numbers[at] == self._numbers[at + 2] and name in self]

    def __len__(self):
        return sum(1 for _ in self)

    def declared(self):
        """The names, also of those that will turn out not to be understood."""
        return self._declared.keys()

    def _pairs(self, at):
        return self._numbers[at + 2 : at + 2 + 2 * self._numbers[at + 1]]

    def _made(self, name):
        at = self._declared.get(name)
        if at is None:
            return None
        # A session's first enter waits, and reads thousands of fields: no step of Python for each that is plain.
        size, pairs, sizes, names = self._sizes[self._numbers[at]], self._pairs(at), self._sizes, self._names
        rows, offset = [], 0
        for t, n in zip(pairs[::2], pairs[1::2]):
            declared = names[n].decode(errors="replace")
            if declared[-1:] in _ENDS or declared[:1] in _STARTS:
                found = self._declarations[n] if n in self._declarations else self._understood(n)
                if found is None:
                    return None
                declared, count, is_pointer = found
                bytes_of = (8 if is_pointer else sizes[t]) * count
            else:
                count, is_pointer, bytes_of = 1, False, sizes[t]
            rows += ((declared, self._types[t], offset, bytes_of, count, is_pointer),)
            offset += bytes_of
        fields = {field[0]: field for field in map(_new, itertools.repeat(Field), rows)}
        # Else the declaration was not understood: as if it were not there.
        return Struct(name, size, fields) if offset == size else None

    def _understood(self, number):
        """(name, how many, whether it is a pointer) of a declaration that is more than a name; None of another."""
        found = self._declarations[number] = _declaration(self._names[number].decode(errors="replace"))
        return found


def _declaration(text):
    """Of `*name`, `name[3][4]`, `(*name)()` and the like."""
    inner = text[text[:1] == "(":]
    name, *dims = inner.lstrip("*").split("[")
    is_pointer = text[:1] in _STARTS
    name = name.partition(")")[0]
    count = 1
    for dim in dims:
        number = dim.partition("]")[0]
        if not number.isdecimal():
            return None
        count *= int(number)
    return (name, count, is_pointer) if name.isidentifier() else None


class SDNA:
    """All structs of one build; `structs` maps the DNA name to a `Struct`."""

    at = None  # the byte of the file that it was read from

    def __init__(self, block: bytes):
        reader = _Reader(block)
        reader.expect(b"SDNA")
        names = reader.strings(b"NAME")  # bytes: of eight thousand a session asks for some hundred
        types = b"\0".join(reader.strings(b"TYPE")).decode().split("\0")
        reader.align()
        reader.expect(b"TLEN")
        sizes = reader.numbers(len(types))
        reader.align()
        reader.expect(b"STRC")
        declared, count = {}, reader.integer()
        numbers, at = reader.rest(), 0
        for _ in range(count):
            declared[types[numbers[at]]] = at
            at += 2 + 2 * numbers[at + 1]
        if at > len(numbers):
            raise ValueError(f"SDNA: fewer than {count} structs")
        self.structs = _Structs(declared, numbers, names, types, sizes)

    def by_size(self, size):
        """The structs of exactly `size` bytes."""
        return self.structs.of_size(size)


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def expect(self, tag):
        if self.data[self.at : self.at + 4] != tag:
            raise ValueError(f"SDNA: expected {tag!r} at byte {self.at}")
        self.at += 4

    def align(self):
        self.at += -self.at % 4

    def integer(self):
        (value,) = struct.unpack_from("<i", self.data, self.at)
        self.at += 4
        return value

    def numbers(self, count):
        values = struct.unpack_from(f"<{count}H", self.data, self.at)
        self.at += 2 * count
        return values

    def rest(self):
        """All numbers from here on, not copied one by one: a session looks at few."""
        numbers = array.array("H", self.data[self.at : self.at + (len(self.data) - self.at) // 2 * 2])
        if sys.byteorder != "little":
            numbers.byteswap()
        return memoryview(numbers)

    def strings(self, tag):
        self.align()
        self.expect(tag)
        count = self.integer()
        found = self.data[self.at :].split(b"\0", count)[:count]
        if count < 0 or len(found) < count:
            raise ValueError(f"SDNA: fewer than {count} texts from byte {self.at} on")
        self.at += sum(map(len, found)) + count
        return found


def _constants(data):
    """(first byte, end) of what an ELF file holds of constants, which is a tenth of Blender; of nothing if it is none."""
    if data[:6] != b"\x7fELF\x02\x01":  # 64 bits, little endian
        return 0, 0
    (sections,), (size, count, names) = struct.unpack_from("<Q", data, 40), struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, sections + size * i) for i in range(count)]
    for name, _, _, _, at, length in headers:
        start = headers[names][4] + name
        if data[start : start + 8] == b".rodata\0":
            return at, at + length
    return 0, 0


def _is_of_a_file(data, at):
    """Whether the SDNA there is that of a .blend within an executable, which is of the Blender that wrote it."""
    return data[:7] != b"BLENDER" and any(at >= size and data[at - size : at - size + 4] == b"DNA1" for size in _HEADS)


def _blocks(path, likely=None):
    """Every place in a file that may start an SDNA block (the tag also occurs as a bare string): first the `likely` one,
    then among the constants of an executable, then anywhere. The place and what follows it there, cut off after the usual
    size, then after the largest: one that is cut off is not understood."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if likely is not None and not _is_of_a_file(data, likely):
            yield likely, data[likely : likely + _USUAL]
            yield likely, data[likely : likely + _LARGEST]
        try:
            first, end = _constants(data)
        except (struct.error, IndexError, OverflowError):  # none as we know them
            first = end = 0
        for start, stop in ((first, end), (0, len(data))):
            at = data.find(b"SDNANAME", start, stop)
            while at >= 0:
                if not _is_of_a_file(data, at):
                    yield at, data[at : at + _USUAL]
                    yield at, data[at : at + _LARGEST]
                at = data.find(b"SDNANAME", at + 8, stop)


def _read(path, likely=None):
    for at, block in _blocks(path, likely):
        try:
            sdna = SDNA(block)
            if "ID" in sdna.structs:
                sdna.at = at
                return sdna
        except (ValueError, IndexError, struct.error, UnicodeDecodeError, AttributeError):
            continue
    return None


def _read_from_blend():
    """A build whose executable hides its SDNA still writes it into every file."""
    import tempfile  # slow to import, seldom needed

    import bpy

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sdna.blend")
        scene = bpy.data.scenes[0]
        bpy.data.libraries.write(path, {scene}, compress=False)
        found = _read(path)
        if found is not None:
            found.at = None  # of a file that is gone
        return found


@functools.cache
def sdna():
    """The running build's SDNA, or None if it cannot be read."""
    import bpy

    likely = proposed.place("sdna", 1 << 40, 1)
    for read in (lambda: _read(_RUNNING, likely), lambda: _read(bpy.app.binary_path), _read_from_blend):
        try:
            found = read()
        except (OSError, ValueError, RuntimeError, TypeError):
            found = None
        if found:
            return found
    return None
