# runtime/rnaslicer/discovery/child/handle.py: one element that is probed, and what SDNA says of its bytes.

import functools
import struct

from ...blender.sdna import sdna
from .memory import block_size, read


def bases_of(rna):
    """Identifiers of an RNA type and its base types."""
    while rna is not None:
        yield rna.identifier
        rna = rna.base


class Handle:
    """One element: where it lies, how long it is, what lies around it."""

    def __init__(self, element, size, stride=0, around=None, sure=True):
        self.is_datablock = "ID" in bases_of(element.bl_rna)
        self.sure = sure  # that `size` bytes are the element's own
        self.element, self.address, self.size, self.stride = element, element.as_pointer(), size, stride
        self.around = around or (self.address, size)  # (address, length) watched for side effects

    def place(self, hop):
        """(address, size) of the element, or of what its pointer at byte `hop` points to."""
        if hop is None:
            return self.address, self.size
        memory = read(self.address + hop, 8)
        target = struct.unpack("Q", memory)[0] if memory else 0
        return (target, block_size(target)) if target else (0, None)

    def memory(self, hop=None):
        """The bytes there, or None."""
        address, size = self.place(hop)
        return read(address, size) if size else None


@functools.cache
def fields(size, at):
    """Two ranges of byte offsets that may belong to one number with byte `at` of a struct of `size`
    bytes: what all DNA structs of that size agree in, and four bytes. What lies beside is better not
    poked: it may say of which type the element is."""
    start, stop, word = 0, size or at + 1, (at - at % 4, at - at % 4 + 4)
    for dna in sdna().by_size(size) if sdna() and size else ():
        for f in dna.fields.values():
            each = f.size // f.count
            if f.offset <= at < f.offset + f.size and each <= 8:
                first = f.offset + (at - f.offset) // each * each
                start, stop = max(start, first), min(stop, first + each)
    return (range(start, stop) if stop - start <= 8 else range(*word)), range(*word)


@functools.cache
def tags():
    """Offsets of the bytes in a datablock in which Blender notes what it has to evaluate anew: every
    assignment moves them."""
    id_ = sdna().structs.get("ID") if sdna() else None
    return [f.offset + i for f in (id_.fields.values() if id_ else ()) if f.name.startswith("recalc")
            for i in range(f.size)]
