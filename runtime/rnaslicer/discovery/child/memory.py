# runtime/rnaslicer/discovery/child/memory.py: reads and single writes of the child's own memory.
"""Only the throw-away process of a discovery run writes: a byte is changed, bpy asked, and the byte
put back. /proc/self/mem answers an address that is not there with an error instead of a crash."""

import ctypes
import os
import struct

from ... import _core

LARGEST = 1 << 14  # bytes of an element, or of what it points to

read = _core.read_memory


class Pokes:
    """Writes to this process's memory."""

    def __init__(self):
        self.fd = os.open("/proc/self/mem", os.O_RDWR)

    def write(self, address, data):
        """True if the bytes were written."""
        try:
            return os.pwrite(self.fd, data, address) == len(data)
        except OSError:
            return False

    def bits_that_matter(self, address, offsets, value):
        """The bits whose flip changes what `value()`, a tuple, gives: for each of its components a dict
        from byte offset to mask. Everything is as before afterwards."""
        usual = value()
        if usual is None:
            return []
        found = [{} for _ in usual]
        for at in offsets:
            byte = read(address + at, 1)
            for bit in range(8) if byte else ():
                if not self.write(address + at, bytes([byte[0] ^ 1 << bit])):
                    break
                try:
                    now = value()
                finally:
                    self.write(address + at, byte)
                for i, component in enumerate(usual):
                    if now is None or now[i] != component:
                        found[i][at] = found[i].get(at, 0) | 1 << bit
        return found

    def moved(self, address, data, value):
        """What `value()` gives while `data` stands at `address`."""
        before = read(address, len(data))
        if before is None or not self.write(address, data):
            return None
        try:
            return value()
        finally:
            self.write(address, before)


class _Part(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class Blocks:
    """(address, size) of blocks of memory that are read again and again: a thousand by one call of the system."""

    AT_ONCE = 1000  # of at most IOV_MAX, 1024

    def __init__(self, blocks):
        self.blocks = blocks = list(blocks)
        self._calls = [(blocks[at : at + self.AT_ONCE], (_Part * len(blocks[at : at + self.AT_ONCE]))(
            *blocks[at : at + self.AT_ONCE])) for at in range(0, len(blocks), self.AT_ONCE)]
        self._read = getattr(ctypes.CDLL(None), "process_vm_readv", None)

    def read(self):
        """The bytes of each, or None."""
        found = []
        for blocks, parts in self._calls:
            size = sum(size for _, size in blocks)
            buffer = ctypes.create_string_buffer(size)
            here = _Part(ctypes.addressof(buffer), size)
            got = self._read and self._read(os.getpid(), ctypes.byref(here), ctypes.c_ulong(1), parts,
                                            ctypes.c_ulong(len(blocks)), ctypes.c_ulong(0))
            if got != size:  # some are not there any more, or the system does not let us
                found += [read(*block) for block in blocks]
                continue
            raw, at = buffer.raw, 0
            for _, size in blocks:
                found.append(raw[at : at + size])
                at += size
        return found


def word(address):
    """The 8 bytes there as an unsigned number, or None."""
    found = read(address, 8)
    return None if found is None else struct.unpack("Q", found)[0]


def block_size(address):
    """Length of the allocation that starts there, as Blender's allocator notes it in front
    (intern/guardedalloc: two flags in the lowest bits); None if that looks like no length."""
    head = word(address - 8)
    if head is None or head >> 32:
        return None
    size = head & ~3
    return size if 4 <= size <= LARGEST else None


def pointers(memory):
    """(byte offset, address) of what in an element's bytes could be a pointer: it can be followed."""
    for i, target in enumerate(struct.unpack_from(f"{len(memory) // 8}Q", memory)):
        if 1 << 16 < target < 1 << 47 and read(target, 1) is not None:
            yield 8 * i, target
