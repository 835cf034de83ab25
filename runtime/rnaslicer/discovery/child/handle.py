# runtime/rnaslicer/discovery/child/handle.py: one element that is probed.

import struct

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
