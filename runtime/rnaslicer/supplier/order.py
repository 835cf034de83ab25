# runtime/rnaslicer/supplier/order.py: the datablocks of a collection, in order, to see later that they are the same.
"""Renaming re-sorts the lists of bpy.data, so that an index counts another datablock than at enter. bpy
tells session uids one by one, and walks the list for each question; where this session has proven the
list (lists.py), they are looked up. Of others it gives the very references that it gave before, unless a
datablock was freed meanwhile."""

import array
import functools
import operator
import sys

from .. import _core
from ..errors import ShapeChangedError
from .uids import uid_bytes
from ..blender.lists import addresses, has, is_list
from ..blender.sdna import sdna


def order_of(path, coll):
    """The `Order` of a collection of datablocks at `path`; None for others, whose order is their identity."""
    import bpy

    first = next(filter(None, coll), None) if len(coll) and coll[0] is None else next(iter(coll), None)
    return Order(path, coll) if isinstance(first, bpy.types.ID) else None


def one_of(coll, at):
    """The `One` that an index counts in a collection; None for what is no datablock."""
    import bpy

    return One(coll, at) if isinstance(coll[at], bpy.types.ID) else None


class One:
    """Which datablock an index counts in a collection: that of the others' names, and so their order, is their affair."""

    def __init__(self, coll, at):
        self._at, self._length, self._uid = at, len(coll), _uid_of(coll[at])

    def is_kept(self, coll):
        """Whether it counts this very datablock, of as many."""
        return len(coll) == self._length and _uid_of(coll[self._at]) == self._uid

    def check_count(self, path, coll):
        """Raises ShapeChangedError where the collection at `path` has more or fewer datablocks."""
        _check_count(path, self._length, coll)

    def is_of(self, uids, _rows=None):
        """Whether it has this session uid (bytes)."""
        return self._uid == uids

    def recall(self, uids, _rows=None):
        """The one that native code entered had this uid."""
        self._uid = uids


def _check_count(path, count, coll):
    if len(coll) != count:
        raise ShapeChangedError(f"{path} had {count} elements when the context was entered and has {len(coll)} now; "
                                "enter again")


def _uid_of(datablock):
    """The bytes of its session uid, or its address where that is not told; None of an empty slot."""
    if datablock is None:
        return None
    uid = getattr(datablock, "session_uid", None)
    return uid_bytes(datablock) or datablock.as_pointer() if uid is None else (uid & 0xFFFFFFFF).to_bytes(4, sys.byteorder)


class Order:
    """Which datablocks a collection has, in order."""

    def __init__(self, path, coll):
        kind, name = path.steps[-1] if path.steps else (None, None)
        self._name = name if kind == "attr" else None
        self._addresses = None  # when last seen
        self._structs = None  # bpy's references when last seen: it has one for each, as long as somebody has it
        self._uids = self._asked(coll)

    def is_kept(self, coll):
        """Whether the collection has these very datablocks, and as many, in this order."""
        if self._seen(coll):
            return True
        self._addresses = None  # after undo they may lie elsewhere
        found = coll.values()
        seen = self._structs
        if seen is not None and len(found) == len(seen) and all(map(operator.is_, found, seen)):
            return True
        if self._asked(coll) != self._uids:
            return False
        self._structs = found
        return True

    def check_count(self, path, coll):
        """Raises ShapeChangedError where the collection at `path` has more or fewer datablocks."""
        found = self._uids
        count = None if found is None else len(found) // 4 if isinstance(found, bytes) else len(found)
        if count is not None:
            _check_count(path, count, coll)

    def is_of(self, uids, rows):
        """Whether those at `rows` (a slice, or numbers from 0) have these session uids (bytes)."""
        if not isinstance(self._uids, bytes):
            return False
        own = memoryview(self._uids).cast("i")
        own = own[rows] if isinstance(rows, slice) else array.array("i", [own[i] for i in rows if i < len(own)])
        return own.tobytes() == uids

    def recall(self, uids, rows):
        """Those that native code entered at `rows` had these uids: where others are there now, it is not kept."""
        if not self.is_of(uids, rows):
            self._uids = bytes(uids) if rows in (None, slice(None)) else None  # of all: they may come back
            self._structs = None

    def _seen(self, coll):
        """The same, looked up in memory; False also where that cannot be."""
        at = _uid_at()
        if at is None or self._name is None or not isinstance(self._uids, bytes) or not is_list(coll, self._name):
            return False
        if self._addresses is None:
            found = addresses(coll, self._name, len(self._uids) // 4)
            self._addresses = found and array.array("q", bytes(found))
        return self._addresses is not None and has(coll, self._name, self._addresses, at, self._uids)

    def _asked(self, coll):
        """The uids as bpy tells them: bytes of int32; a tuple where that cannot be (empty slots)."""
        first = coll[0] if len(coll) else None
        if hasattr(first, "session_uid"):
            uids = array.array("i", bytes(4 * len(coll)))
            coll.foreach_get("session_uid", uids)
            return uids.tobytes()
        at = _uid_at()  # 3.4: in DNA only
        listed = at is not None and self._name is not None and is_list(coll, self._name)
        found = addresses(coll, self._name) if listed else None
        if found is None and at is not None and None not in coll.values():
            found = array.array("q", [element.as_pointer() for element in coll])
        if found is not None:
            uids = bytearray(4 * len(found))
            _reader(at).refresh(uids, 0, (len(found),), tables=(found,))
            return bytes(uids)
        found = tuple(map(_uid_of, coll))
        return b"".join(found) if all(isinstance(one, bytes) for one in found) else found


@functools.cache
def _uid_at():
    """Byte offset of the uid in a datablock; None where this build does not tell."""
    found = sdna()
    fields = found.structs["ID"].fields if found else {}
    field = fields.get("session_uid") or fields.get("session_uuid")  # 3.4
    return field.offset if field and field.size == 4 else None


@functools.cache
def _reader(at):
    """The kernel that collects an int32 from each of many addresses."""
    return _core.Kernel(_core.Plan(f"plan 1\nstorage i32\nvalue i32\nformat i32\nloop pointers source {at} cache 4\n"
                                   "lanes\nlane 0 -> 0\n"))
