# runtime/rnaslicer/layout/storage.py: how values lie in one element of Blender's memory, and a place for it.
"""`Storage` says what an element holds, a place (places.py) where the elements lie, `Layout` is both.

All offsets, strides and steps are in bytes. Nothing here touches bpy or memory.
"""

from __future__ import annotations

import math
import struct

from ..basis.records import Record

SIZE = {"b1": 1, "i8": 1, "u8": 1, "i16": 2, "u16": 2, "i32": 4, "u32": 4, "i64": 8, "u64": 8,
        "f16": 2, "f32": 4, "f64": 8}
FORMAT = {"b1": "?", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q",
          "u64": "Q", "f16": "e", "f32": "f", "f64": "d"}
SCALAR = {format: scalar for scalar, format in FORMAT.items()}


class Through(Record):
    """The stored i32 is an index into another collection of the same owner, whose elements lie `stride`
    bytes apart: the value is their `scalar` at byte `offset`."""

    collection: str
    scalar: str
    stride: int
    offset: int = 0


class Storage(Record):
    """What one element holds. Component i is a `scalar` at `offset + step(i)`.

    decode: plain, flag (bits of `mask`), field (the masked bits), unorm, lookup, difference, through.
    stride: bytes between neighbours; 0 where one value stands for all, None for a table of addresses.
    hop: byte offset of a pointer in the element; `offset` counts from what it points to.
    writes: False where assigning does more than store the value, so that bpy itself must write.
    """

    scalar: str
    offset: int
    stride: int | None
    decode: str = "plain"
    mask: int = 0
    inverted: bool = False
    steps: tuple = ()
    masks: tuple = ()  # of each component's bit, where a bool array lies in bits
    lookups: tuple = ()  # names of each component's table
    through: Through | None = None
    hop: int | None = None
    writes: bool = True

    def step(self, component):
        """Bytes from the first component to this one."""
        return self.steps[component] if self.steps else component * SIZE[self.scalar]

    def span(self, count):
        """Bytes from `offset` to the end of the last of `count` components."""
        size = SIZE[self.scalar]
        last = (max(self.steps[:count]) if self.steps else (count - 1) * size) + size
        return last + SIZE[self.scalar] if self.decode == "difference" else last

    @property
    def statement(self):
        """The plan's lines."""
        words = ["storage", self.through.scalar if self.through else self.scalar]
        if self.decode in ("flag", "field"):
            words += [self.decode, hex(self.mask)]
        elif self.decode == "through":
            words += ["\nthrough", "stride", str(self.through.stride)]
        elif self.decode != "plain":
            words.append(self.decode)
        return " ".join(words + ["inverted"] * self.inverted)

    def suffix(self, component):
        """What a component's lane says beside its offsets."""
        if self.masks:
            return f" mask {self.masks[component]:#x}"
        if self.through and self.through.offset:
            return f" at {self.through.offset}"
        number = self.lookup_names.index(self.lookups[component]) if self.lookups else 0
        return f" lookup {number}" if number else ""

    @property
    def lookup_names(self):
        """The tables that a kernel needs, in the order of their numbers."""
        return tuple(sorted(set(self.lookups)))

    def decoded(self, memory, count, tables=None, target=None):
        """The values of `count` components in `memory` (bytes from `offset` on), as RNA gives them.

        tables: name -> (values of all bytes, ...). target: function from an index to the bytes there.
        None if an index leads nowhere.
        """
        if self.decode == "plain" and not self.steps and not self.inverted:
            return struct.unpack_from(f"{count}{FORMAT[self.scalar]}", memory)
        size, found = SIZE[self.scalar], []
        for i in range(count):
            at = self.step(i)
            (raw,) = struct.unpack_from(FORMAT[self.scalar], memory, at)
            if self.decode == "flag":
                raw = bool(raw & (self.masks[i] if self.masks else self.mask))
            elif self.decode == "field":
                raw &= self.mask
            elif self.decode == "unorm":
                raw = _f32(raw * _f32(1 / ((1 << 8 * size) - 1)))
            elif self.decode == "lookup":
                raw = tables[self.lookups[i]][0][raw]
            elif self.decode == "difference":
                raw = struct.unpack_from(FORMAT[self.scalar], memory, at + size)[0] - raw
            elif self.decode == "through":
                there = target(raw)
                if there is None:
                    return None
                (raw,) = struct.unpack_from(FORMAT[self.through.scalar], there, self.through.offset)
            found.append(not raw if self.inverted else raw)
        return tuple(found)


class Layout(Record):
    """A storage in the elements of a place. `proof` says who proposed it; `told`, whether this build's
    storage was told apart from others by variation, so that agreement is proof enough."""

    place: object
    storage: Storage
    proof: str
    told: bool

    def __str__(self):
        storage = self.storage
        words = [storage.statement.removeprefix("storage ").replace("\n", ""), f"at {storage.offset}"]
        if storage.hop is not None:
            words[1] = f"at [{storage.hop}]+{storage.offset}"
        if storage.stride is not None:
            words.append(f"stride {storage.stride}")
        if storage.lookups:
            words.append("through " + " ".join(storage.lookup_names))
        return " ".join(words) + f" in {self.place!r}"


def _f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def strides_of(shape, itemsize):
    """C-contiguous strides in bytes; an axis of nothing counts as one of one entry, as NumPy has it."""
    if 0 in shape:
        shape = [extent or 1 for extent in shape]
    return tuple(itemsize * math.prod(shape[i + 1 :]) for i in range(len(shape)))
