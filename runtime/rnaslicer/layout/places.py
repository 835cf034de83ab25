# runtime/rnaslicer/layout/places.py: where the elements that hold a value lie now: addresses, asked of bpy at each use.
"""A place belongs to no collection: it is asked with one, each time, and remembers no address."""

from __future__ import annotations

import functools
import itertools
import operator
from array import array as packed_array

from .. import _core
from ..errors import StorageChanged
from ..basis.records import Record
from .findings import made, made_before
from .layers import address_without_unsharing, array_of, learn
from ..blender.lists import addresses
from ..blender.names import fits_layer, name_of

SAMPLES = 11
_address = operator.methodcaller("as_pointer")
_MOST = 4096  # bytes of an element that are looked at for a pointer to the next


class Where(Record):
    """Where a transfer starts: the address of element 0, or one address for each element."""

    address: int = 0
    addresses: object | None = None  # buffer of int64


def spread(length):
    """Indices of the elements that are compared: both ends and evenly between."""
    step = max(1, (length - 1) // (SAMPLES - 1))
    found = {0, 1, length - 2, length - 1, *range(0, length, step)}
    return sorted([i for i in found if 0 <= i < length])


def sampled(leaf, coll):
    """Indices of the elements of a leaf that are compared: `spread`, and one of each type where there are several."""
    found = set(spread(leaf.rows.length))
    if not leaf.uniform:
        found.update({type(element): i for i, element in enumerate(coll)}.values())
    return sorted(found)


def array_stride(coll):
    """The distance of neighbouring elements if index and iteration both give an array, else None."""
    length = len(coll)
    if length < 2:
        return None
    first, second = coll[0], coll[1]
    if first is None or second is None:  # empty slots
        return None
    base, kind = first.as_pointer(), type(first)
    stride = second.as_pointer() - base
    if stride <= 0 or _leads_to(base, stride, second.as_pointer()):
        return None
    picked = spread(length)
    if not _lie(kind, base, stride, picked, [coll[i] for i in picked]):
        return None
    # Index and iteration can disagree: hazards.UV_PIN_BY_INDEX.
    both = [*coll[0:2], *coll[length - 2 : length]]
    return stride if _lie(kind, base, stride, (0, 1, length - 2, length - 1), both) else None


def _lie(kind, base, stride, indices, elements):
    """Whether elements are all of a class, and those of an array that begins at `base`."""
    return all(map(operator.is_, map(type, elements), itertools.repeat(kind))) and list(map(_address, elements)) == [
        base + i * stride for i in indices]


def _leads_to(base, stride, second):
    """Whether the first element, at `base`, holds the address of the second: a list's, whose elements may well lie at
    equal distances (hazards.BONES_IN_A_ROW, also vertex groups of 4.3), and in another order tomorrow."""
    memory = _core.read_memory(base, min(stride, _MOST) // 8 * 8)
    return memory is not None and second in memoryview(memory).cast("Q")


def _block(coll, stride, length):
    """The address of element 0, if first and last of `length` lie as they should."""
    first, last = coll[0], coll[length - 1]
    base = first.as_pointer()
    if type(last) is not type(first) or last.as_pointer() - base != stride * (length - 1):
        raise StorageChanged(f"{coll!r} is no longer an array with {stride} bytes from element to element")
    return base


class Own:
    """The collection's own elements, one behind the other."""

    default = None

    def usable(self, coll):
        """Whether the values are there now; asked before `array`, whose None may mean `default`."""
        return True

    def array(self, coll):
        """The collection whose elements hold the values, or None where there is none."""
        return coll

    def untouched(self, coll, length):
        """The address of element 0 of `length` without touching elements, which would un-share them; None
        where there is no such way. For reading only."""
        return None

    def find(self, coll, storage, writing, length):
        """`Where` the values of a collection of `length` lie, or None where a missing layer means `default`."""
        address = None if writing else self.untouched(coll, length)
        if address is not None:
            return Where(address)
        if not self.usable(coll):
            raise StorageChanged(f"{self!r} of {coll!r} is not to be had now")
        array = self.array(coll)
        if array is None and self.default is not None:
            return None
        if array is None or array is not coll and len(array) != length:  # edit mode, or a layer that is gone
            raise StorageChanged(f"{self!r} of {coll!r} is no array of {length} values any more")
        return Where(_block(array, storage.stride, length))

    def samples(self, coll, storage, indices):
        """Addresses of the elements at `indices`, or None if they are no array."""
        array = self.array(coll)
        if array is None or len(array) != len(coll) or array_stride(array) != storage.stride:
            return None
        base = array[0].as_pointer()
        return [base + i * storage.stride for i in indices]

    def __repr__(self):
        return "own elements"


class Sibling(Own):
    """Another collection of the same owner, with as many elements; never shared with another mesh's
    original, and read-only."""

    def __init__(self, name):
        self.name = name

    def array(self, coll):
        return getattr(coll.data, self.name, None)

    def __repr__(self):
        return self.name


class Attribute(Own):
    """An attribute layer of the same ID by name; where it is missing, every value is `default`."""

    def __init__(self, names, data_type, domain, default):
        self.names, self.data_type, self.domain, self.default = names, data_type, domain, default

    def named(self, coll):
        """The names that the layer may have for this collection. Of several only the one that this build
        uses: a script's attribute may have another's. None where that cannot be told now."""
        if len(self.names) == 1:
            return self.names
        attributes = getattr(coll.id_data, "attributes", ())
        # Without a discovery run handlers hear of a scratch mesh: none is made where nothing has the names.
        if not any(name in attributes for name in self.names):
            return tuple(name for name in self.names if name in (made_before() or ())) or self.names
        return None if made() is None else tuple(name for name in self.names if name in made())

    def usable(self, coll):
        """In edit mode the attributes are the edit mesh's, which keeps flags elsewhere, while bpy's elements
        are still the mesh's. A layer that is looked for by another name than its own would seem to be missing."""
        return not getattr(coll.id_data, "is_editmode", False) and self.named(coll) is not None

    def layer(self, coll):
        """The attribute, or None. Its size is the domain's: Blender sees to that."""
        attributes = getattr(coll.id_data, "attributes", None)
        for name in (self.named(coll) or ()) if attributes is not None else ():
            found = attributes.get(name)
            if found is not None and not self._fits(found):  # 3.4, 4.3: bpy's setters make theirs beside a script's
                found = next((one for one in attributes if name_of(one) == name and self._fits(one)), None)
            if found is not None:
                return found
        return None

    def occupied(self, coll):
        """The attribute of another type or domain that keeps bpy from making the missing layer by having its
        name, or None. Of 3.4 and 4.3 one of the same domain, where attributes have a storage_type any."""
        if self.layer(coll) is not None:
            return None
        attributes = getattr(coll.id_data, "attributes", ())
        others = [one for name in self.named(coll) or () if name in attributes
                  for one in attributes if name_of(one) == name]
        if not others or not self._is_used(coll, others[0].name):
            return None
        return next((one for one in others if one.domain == self.domain or hasattr(one, "storage_type")), None)

    def _is_used(self, coll, name):
        """Whether this build keeps the values in a layer of that name."""
        return name in (made() or ())

    def _fits(self, attribute):
        return attribute.data_type == self.data_type and attribute.domain == self.domain

    def array(self, coll):
        layer = self.layer(coll)
        return layer and layer.data

    def untouched(self, coll, length):
        layer = self.layer(coll) if self.usable(coll) else None
        if layer is None:
            return None
        owner = coll.id_data
        address = array_of(owner, layer, length)
        if address is None:
            learn(owner, layer.name)  # by touching, as the caller will now, too
        return address

    def __repr__(self):
        return f"attribute {self.names[0]}"


# Flag of a UV map's corners -> the map's collection of the same values, where it has one (4.3).
UV_FLAGS = {"pin_uv": "pin", "select": "vertex_selection", "select_edge": "edge_selection"}


class UVFlag(Attribute):
    """The layer of a flag of one UV map's corners, which carries the map's name (hazards.CUT_FLAG_NAMES)."""

    def named(self, coll):
        name = name_of(coll.data)
        names = [] if name is None else [one.format(name) for one in self.names]
        return names if names and all(map(fits_layer, names)) else None

    def loses(self, coll, identifier):
        """Whether Blender itself loses a flag of this map (hazards.LONG_UV_FLAGS); tried on a copy, for each
        assignment would add a layer."""
        if self.named(coll) is not None or not len(coll) or not self._is_used(coll, ""):
            return False
        import bpy

        at = next(i for i, layer in enumerate(coll.id_data.uv_layers) if layer.as_pointer() == coll.data.as_pointer())
        copy = coll.id_data.copy()
        try:
            for _ in getattr(copy.uv_layers[at], UV_FLAGS[identifier], ()):  # hazards.UV_FLAGS_WRITE
                break
            corners = copy.uv_layers[at].data
            wanted = not getattr(corners[0], identifier)
            setattr(corners[0], identifier, wanted)
            found = [not wanted] * len(corners)
            corners.foreach_get(identifier, found)
            corners.foreach_set(identifier, [not value for value in found])
            return found[0] != wanted or getattr(corners[0], identifier) == wanted
        finally:
            bpy.data.meshes.remove(copy)

    def _is_used(self, coll, name):
        return hasattr(coll.data, "pin")  # else they are bits of the corners (3.4)


class Twin(Own):
    """The collection's own elements, which an attribute layer lists as well: its address is to be had
    without touching an element."""

    def __init__(self, element):
        self.element = element

    def untouched(self, coll, length):
        named = self.named(coll)
        if named is None:
            return None
        address = address_without_unsharing(coll.id_data, *named, length)
        if address is None:
            learn(coll.id_data, named[0])
        return address

    def named(self, coll):
        """(name, data type, domain) of the attribute that may be the same array, or None."""
        known = _TWINS.get(self.element)
        if known and known[0]:
            return known
        owner = coll.data
        if owner is None:
            return None
        name = name_of(owner) if known or hasattr(owner, "data_type") else None
        if name is None:
            return None
        return (name, *known[1:]) if known else (name, owner.data_type, owner.domain)

    @property
    def fixed(self):
        """(name or None for the layer's own, data type, domain) that the element type alone tells, or None."""
        return _TWINS.get(self.element)

    def __repr__(self):
        return "own elements, listed as an attribute"

    def holds(self, coll, stride):
        """Whether an attribute holds the very array of `coll`; touches both."""
        attributes = getattr(coll.id_data, "attributes", None)
        named = self.named(coll) if attributes is not None else None  # nodes have a data_type, too
        attribute = attributes.get(named[0]) if named else None
        if attribute is None or (attribute.data_type, attribute.domain) != named[1:]:
            return False
        array = attribute.data
        return (len(array) == len(coll) > 1 and array[0].as_pointer() == coll[0].as_pointer()
                and array_stride(array) == stride)


# Element type -> (attribute, data type, domain) that is the same array (4.x, 5.x). None for the name:
# that of the layer whose elements these are.
_TWINS = {"MeshVertex": ("position", "FLOAT_VECTOR", "POINT"), "MeshEdge": (".edge_verts", "INT32_2D", "EDGE"),
          "MeshLoop": (".corner_vert", "INT", "CORNER"), "CurvePoint": ("position", "FLOAT_VECTOR", "POINT"),
          "Point": ("position", "FLOAT_VECTOR", "POINT"), "MeshUVLoop": (None, "FLOAT2", "CORNER"),
          "MeshLoopColor": (None, "BYTE_COLOR", "CORNER")}


class Apart:
    """Structs of a sequence, each at an address of its own."""

    default = None

    def usable(self, coll):
        return True

    def untouched(self, coll, length):
        return None

    def find(self, coll, storage, writing, length):
        """The structs have just been found anew: so have their addresses."""
        return Where(addresses=packed_array("q", [struct.as_pointer() for struct in coll]))

    def samples(self, coll, storage, indices):
        """Addresses of the structs at `indices`."""
        return [coll[i].as_pointer() for i in indices]

    def __repr__(self):
        return "structs apart"


class Linked:
    """A linked list of elements, walked anew at each use (lists.py). `unless`: the byte of a pointer that none of them
    has, for with it they hold something else there."""

    default = None

    def __init__(self, name, unless=None):
        self.name, self.unless = name, unless

    def usable(self, coll):
        return True

    def untouched(self, coll, length):
        return None

    def find(self, coll, storage, writing, length, known=None):
        """`known`: the addresses that an earlier call gave, which make the walk faster."""
        found = addresses(coll, self.name, length, known)
        if found is None:
            raise StorageChanged(f"{coll!r} is no longer the linked list it was")
        if not self._is_so(found):
            raise StorageChanged(f"an element of {coll!r} holds its values in another way")
        return Where(addresses=found)

    def _is_so(self, found):
        # Where it lies only a file says: nothing that bpy gives confirms it.
        return self.unless is None or _core.are_null(found, self.unless, safe=True)

    def samples(self, coll, storage, indices):
        """Addresses of the elements at `indices`, or None if they are no list."""
        found = addresses(coll, self.name, len(coll))
        return found and self._is_so(found) and [found[i] for i in indices] or None

    def __repr__(self):
        return "linked list"


OWN, APART = Own(), Apart()
