# runtime/rnaslicer/layout/alone.py: elements that are the only one of their collection each.
"""A thousand objects with one constraint each: one element alone proves no storage, but those of many collections do so
together, as structs of a sequence do (places.Apart)."""

from array import array as packed_array

from ..errors import StorageChanged
from ..supplier.identity import Path
from ..supplier.several import Structs
from .leaf import path_key
from .places import Linked, Where, spread


class Together(Structs):
    """Elements of several collections, each the only one of its own."""

    def __init__(self, collections):
        super().__init__(coll[0] for coll in collections)
        self.collections = collections


class Alone(Linked):
    """The only element of a collection, be it a list, a table or an array: bpy says each time where that lies."""

    def find(self, coll, storage, writing, length, known=None):
        address = only(coll)
        if length != 1 or address is None:
            raise StorageChanged(f"{coll!r} has no longer one element")
        return Where(addresses=packed_array("q", [address]))

    def samples(self, coll, storage, indices):
        """Addresses of those at `indices` of many, or of the only one; None where one is not alone."""
        collections = coll.collections if isinstance(coll, Together) else [coll]
        found = [only(collections[i]) for i in indices]
        return None if None in found else found

    def __repr__(self):
        return "only element"


def is_alone(layout):
    """Whether a layout is of such elements."""
    return layout is not None and isinstance(layout.place, Alone)


def only(coll):
    """The address of a collection's only element, by index and by iteration (hazards.UV_PIN_BY_INDEX); else None."""
    if len(coll) != 1:
        return None
    first, part = coll[0], coll[0:1]
    if first is None or len(part) != 1 or part[0] is None:  # an empty slot
        return None
    address = first.as_pointer()
    return address if address and part[0].as_pointer() == address and type(part[0]) is type(first) else None


def together(leaf, key, leaves):
    """Those of `leaves` that are alone, too, and of the same key as a leaf that is: some of them; None where they are
    fewer than two different ones."""
    like = [one for one in leaves if type(one.path) is Path and one.rows is not None and one.rows.length == 1
            and one.property == leaf.property and one.element == leaf.element]
    some = [(one, one.path.follow()) for one in map(like.__getitem__, spread(len(like)))]
    colls = [coll for one, coll in some if only(coll) is not None and path_key(one, coll) == key]
    return Together(colls) if len({coll[0].as_pointer() for coll in colls}) > 1 else None
