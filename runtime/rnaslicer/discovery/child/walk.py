# runtime/rnaslicer/discovery/child/walk.py: from datablocks to the elements that are probed.
"""Follows RNA's collections and pointers below some roots. Only paths are kept: bpy's references to
elements dangle when an array moves, and assigning may move arrays."""

import collections
import functools

from ...blender import hazards
from ...blender.sdna import sdna
from .handle import Handle
from .memory import block_size, read, word
from .values import NUMERIC

DEPTH = 6
KEPT = 10  # elements of a collection
VISITS = 3  # times that a collection property of one owner type is entered
WINDOW = 512  # bytes that are watched where nothing tells an element's size
LARGEST_STEP = 1024

# (RNA type, property or None for all): never entered or read; derived types are meant, too. What is not
# data, and hazards (blender/hazards.py).
LEFT_OUT = {
    ("Depsgraph", None), ("Context", None), ("Property", None), ("Struct", None), ("Function", None),
    ("WindowManager", None), ("Window", None), ("Screen", None), ("WorkSpace", None), ("Space", None),
    ("UvSculpt", None),  # UV_SCULPT
    ("MeshUVLoopLayer", "vertex_selection"), ("MeshUVLoopLayer", "edge_selection"),
    ("MeshUVLoopLayer", "pin"),  # UV_FLAGS_READ
    ("GreasePencilDrawing", "color_attributes"),  # COLOR_ATTRIBUTES_COUNT
    ("PropertyGroup", None), ("IDPropertyWrapPtr", None), ("Image", "pixels"), ("AnimViz", None),
}


class Path:
    """A datablock and steps from it: property names and indices."""

    __slots__ = ("root", "steps")

    def __init__(self, root, steps=()):
        self.root, self.steps = root, steps

    def then(self, *steps):
        return Path(self.root, (*self.steps, *steps))

    def follow(self):
        reached = self.root
        for step in self.steps:
            # Not by index: hazards.UV_PIN_BY_INDEX.
            reached = reached[step : step + 1][0] if type(step) is int else getattr(reached, step)
        return reached


class Place:
    """Where an element is found, and what is known of the memory it lies in."""

    def __init__(self, path, kind, index=0, count=0, stride=0):
        self.path, self.kind = path, kind
        self.index, self.count, self.stride = index, count, stride

    def handle(self):
        """The element now, or None if it is not there any more."""
        try:
            element = self.path.follow()
        except (AttributeError, IndexError, TypeError, ReferenceError):
            return None
        if element is None or element.bl_rna.identifier != self.kind:
            return None
        address = element.as_pointer()
        if not self.stride:
            size, sure = size_of(element)
            return Handle(element, size, sure=sure) if size else None
        around = address - self.index * self.stride, self.count * self.stride
        return Handle(element, self.stride, self.stride, around)


def size_of(element):
    """(bytes, True) of an element that lies alone; where nothing tells, those to watch, and False."""
    address = element.as_pointer()
    size = block_size(address)
    if size in _sizes():
        return size, True
    size = _named(element)
    if size and read(address, size) is not None:
        return size, True
    size = WINDOW
    while size >= 4 and read(address, size) is None:
        size //= 2
    return (size if size >= 4 else 0), False


@functools.cache
def _sizes():
    """The sizes of all DNA structs."""
    return {s.size for s in sdna().structs.values()} if sdna() else set()


def _named(element):
    """Size of the DNA struct that is named as the RNA type, or one of its bases; else 0."""
    structs, rna = sdna().structs if sdna() else {}, element.bl_rna
    while rna is not None:
        if rna.identifier in structs:
            return structs[rna.identifier].size
        rna = rna.base
    return 0


def left_out(rna, name=None):
    """True where the walk does not go and nothing is read."""
    if name == "co" and rna.identifier == "ParticleHairKey" and hazards.HAIR_KEY_CO.may_happen():
        return True
    while rna is not None:
        if (rna.identifier, name) in LEFT_OUT or (rna.identifier, None) in LEFT_OUT:
            return True
        rna = rna.base
    return False


class Walk:
    """Collects Places by element type, and what collections turn out to be linked lists."""

    def __init__(self, id_type):
        self.id_type = id_type  # bpy.types.ID
        self.places = collections.defaultdict(list)
        self.lists = {}  # (owner type, collection) -> True or False
        self._visits, self._seen = collections.Counter(), set()

    def add(self, root, entered=None):
        """Everything below a datablock, and the datablock itself; or below some of its properties only."""
        path = Path(root)
        if entered is None:
            self.places[root.bl_rna.identifier].append(Place(path, root.bl_rna.identifier))
        self._struct(path, 0, entered)

    def _struct(self, path, depth, entered=None):
        struct = path.follow()
        rna = struct.bl_rna
        where = rna.identifier, struct.as_pointer()
        if where in self._seen or depth > DEPTH:
            return
        self._seen.add(where)
        for prop in rna.properties:
            name = prop.identifier
            if prop.type not in ("POINTER", "COLLECTION") or name in ("rna_type", "original", "id_data"):
                continue
            if entered is not None and name not in entered or left_out(rna, name):
                continue
            # By path again: looking at values can have moved the owner.
            reached = getattr(path.follow(), name, None)
            if reached is None:
                continue
            if prop.type == "COLLECTION":
                self._collection(path.then(name), reached, depth)
            elif not self._is_elsewhere(reached) and not left_out(reached.bl_rna):
                self._pointer(path.then(name), reached, depth)

    def _pointer(self, path, reached, depth):
        kind = reached.bl_rna.identifier
        if self._visits[kind] < KEPT and (kind, reached.as_pointer()) not in self._seen:
            self._visits[kind] += 1
            self.places[kind].append(Place(path, kind))
            self._struct(path, depth + 1)

    def _is_elsewhere(self, struct):
        return isinstance(struct, self.id_type) and not getattr(struct, "is_embedded_data", False)

    def _collection(self, path, coll, depth):
        count = len(coll)
        owner = coll.data.bl_rna.identifier if coll.data is not None else ""
        key = owner, path.steps[-1]
        domain = getattr(coll.data, "domain", "")
        if not count or self._visits[key, domain] >= VISITS:
            return
        self._visits[key, domain] += 1
        self.look_at_list(key, coll, count)
        sampled = samples(coll, count)
        if not sampled or self._is_elsewhere(sampled[0][1]) or left_out(sampled[0][1].bl_rna):
            return
        stride = array_stride(coll, count, sampled)
        entered = collections.Counter()
        for i, element in sampled:
            kind = element.bl_rna.identifier
            self.places[kind].append(Place(path.then(i), kind, i, count, stride))
        for i, kind in [(i, e.bl_rna.identifier) for i, e in sampled]:
            entered[kind] += 1
            if entered[kind] <= 2:
                self._struct(path.then(i), depth + 1)

    def look_at_list(self, key, coll, count):
        """Notes whether the collection is a linked list, where its elements can tell."""
        if not 2 <= count <= 400:
            return
        elements = list(coll)
        if any(e is None for e in elements):
            self.lists[key] = False
            return
        # Datablocks are in Blender's own lists; another collection of them chains by coincidence.
        if self._is_elsewhere(elements[0]) and key[0] != "BlendData":
            self.lists[key] = False
            return
        addresses = [e.as_pointer() for e in elements]
        chained = (word(addresses[0] + 8) == 0 and word(addresses[-1]) == 0
                   and all(word(a) == b and word(b + 8) == a for a, b in zip(addresses, addresses[1:])))
        if not chained:
            self.lists[key] = False
        elif count > 2:
            self.lists.setdefault(key, True)


def samples(coll, count):
    """[(index, element)]: the first ones and the last two; of each type some, where there are several."""
    some = list(enumerate(coll[0 : min(count, KEPT)]))
    start = max(len(some), count - 2)
    some += enumerate(coll[start:count], start)
    kinds = {type(e) for _, e in some}
    if len(kinds) > 1 and count <= 400:
        numbers, some = collections.Counter(), []
        for i, element in enumerate(coll):
            numbers[type(element)] += 1
            if numbers[type(element)] <= KEPT:
                some.append((i, element))
    return [(i, e) for i, e in some if e is not None]


def array_stride(coll, count, sampled):
    """Bytes from element to element where the elements are an array for certain, else 0: index and
    iteration agree, and the allocation, or the struct of that name, is just as long."""
    if count < 2 or len(sampled) < 2:
        return 0
    (i, first), (j, second) = sampled[0], sampled[1]
    base, kind = first.as_pointer(), type(first)
    stride = second.as_pointer() - base
    if i or j != 1 or not 0 < stride <= LARGEST_STEP:
        return 0
    for i, element in sampled[:KEPT]:
        by_index = coll[i]
        if (type(element) is not kind or type(by_index) is not kind
                or not element.as_pointer() == by_index.as_pointer() == base + i * stride):
            return 0
    length = count * stride
    size = block_size(base)
    if size is None:  # too long to tell, or not the start of an allocation
        return stride if _named(first) == stride else 0
    # Allocations are rounded up to 4 bytes; some arrays have one element more (borders of polygons).
    return stride if 0 <= size - length < max(stride, 4) + 4 else 0


def numeric_names(rna):
    """Numeric properties, each once, and whether bpy lets them be assigned."""
    found = {}
    for prop in rna.properties:
        if prop.type in NUMERIC and not left_out(rna, prop.identifier):
            found[prop.identifier] = prop.is_readonly
    return found
