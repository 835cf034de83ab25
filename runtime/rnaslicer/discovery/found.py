# runtime/rnaslicer/discovery/found.py: what a discovery run found, and how it is asked.
"""Plain data: nothing here touches bpy but for the base types of an RNA type."""

from __future__ import annotations

from ..basis.records import Record

SIZE = {"b1": 1, "i8": 1, "u8": 1, "i16": 2, "u16": 2, "i32": 4, "u32": 4, "i64": 8, "f32": 4, "f64": 8}
FORMAT = {"b1": "?", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q",
          "f32": "f", "f64": "d"}
DECODES = ("plain", "flag", "field", "unorm", "lookup")
HOW = ("written", "matched", "poked")
# Stand for an equivalent's element type.
LAYER, CLAMPS, UNLISTED, TAGS, PLACES = KINDS = "layer", "clamps", "unlisted", "tags", "places"


class Found(Record):
    """How one property lies in an element; a proposal, to be compared with bpy before it is used.

    Component i (in the order of bpy's flat values) is a `scalar` at byte `offset + steps[i]`, of the
    element, or of what the pointer at byte `hop` points to. decode: plain; flag: bits of `mask`
    (`masks[i]` where a bool array lies in bits); field: the masked bits; unorm: a byte or short as
    fraction of its maximum; lookup: `lookup` names a table of bytes, or one for each component with
    spaces between. writes: assigning changes exactly the value's own bits, and stores the value as
    the declared hard range clamps it. size: bytes from element to element, 0 where none lay in an
    array. how: 'written' (by assigning and watching), 'matched' (by values of many elements) or 'poked' (by
    flipping bits only). bulk: whether in a list the elements' own bits and one assignment leave what assigning each
    leaves (child/bulk.py); None where no list told. unless: byte of a pointer that is null in all elements of a list
    where this is so (a node's frame); None where it is so everywhere.
    """

    scalar: str
    offset: int
    decode: str = "plain"
    mask: int = 0
    inverted: bool = False
    steps: tuple = (0,)
    masks: tuple = ()
    hop: int | None = None
    writes: bool = False
    size: int = 0
    lookup: str = ""
    how: str = "written"
    bulk: bool | None = None
    unless: int | None = None

    @property
    def lookups(self):
        """The name of each component's table; () if there is none."""
        names = tuple(self.lookup.split())
        return names * len(self.steps) if len(names) == 1 else names

    @property
    def storage(self):
        """All but what was seen on the way."""
        return self._replace(writes=False, size=0, how="", bulk=None)

    def __str__(self):
        at = f"@{self.offset}" if self.hop is None else f"@[{self.hop}]+{self.offset}"
        count = f"[{len(self.steps)}]" if len(self.steps) > 1 else ""
        words = [self.scalar + count + at]
        if self.masks:
            words.append("bits " + " ".join(hex(m) for m in self.masks))
        elif self.decode in ("flag", "field"):
            words.append(f"{self.decode} {self.mask:#x}")
        elif self.decode != "plain":
            words.append(f"{self.decode} {self.lookup}".strip())
        steps = tuple(i * SIZE[self.scalar] for i in range(len(self.steps)))
        if not self.masks and self.steps != steps:
            words.append("steps " + " ".join(map(str, self.steps)))
        return " ".join(words + ["inverted"] * self.inverted)


class Lists(frozenset):
    """(owner type, collection) of linked lists; an owner's base types stand for it, too."""

    def __contains__(self, key):
        if frozenset.__contains__(self, key):
            return True
        try:
            owner, name = key
        except (TypeError, ValueError):
            return False
        return any(frozenset.__contains__(self, (base, name)) for base in bases(owner))


class Known:
    """The result of a discovery run for the running build.

    lists: `(owner RNA type, collection identifier) in known.lists` where a linked list was seen, the
    next element's address at byte `next_at`, the one before at `prev_at`.
    equivalents: (element type, property) whose values another layer or collection holds (child/same.py), and
    (LAYER, name) of each attribute that the scratch mesh had after bpy's setters made theirs, and
    (CLAMPS, "type.property") of integers among them that bpy's setter clamps to RNA's hard range, and
    (UNLISTED, "property: layer") of layers that no attribute lists (layout/elsewhere.py), and
    (TAGS, "class of ID type.property") of floats whose assignment tags the ID (transfer/writing/noticing.py), and
    (PLACES, "name: numbers") of where the build keeps what a session looks for first (basis/proposed.py).
    tables: name -> (values of the 256 bytes, 255 thresholds, byte stored for NaN).
    """

    def __init__(self, storages, lists, tables, complete=True, skipped=(), equivalents=()):
        self.equivalents = frozenset(equivalents)
        self.layers, self.clamped, self.unlisted, self.tagging, places = (
            frozenset(name for kind, name in self.equivalents if kind == what) for what in KINDS)
        self.places = {name: text for name, _, text in (one.partition(": ") for one in sorted(places))}
        self.storages = storages  # (element type, property) -> tuple of Found
        self.lists, self.tables = Lists(lists), tables
        self.next_at, self.prev_at = 0, 8  # of ListBase's links: DNA_listBase.h, the same in every version
        self.complete, self.skipped = complete, tuple(skipped)

    def storage(self, element, property):
        """List of `Found` for a property of an RNA type (its identifier); [] if nothing is known."""
        here = self.storages.get((element, property))
        if here is None:
            here = next((f for base in bases(element, property)
                         for f in (self.storages.get((base, property)),) if f is not None), ())
        return list(here)

    def __len__(self):
        return len(self.storages)

    def __bool__(self):
        return next(iter(self.storages), None) is not None  # without a look at all


def bases(element, property=None):
    """Identifiers of the base types of an RNA type, nearest first; with a property, only as long as
    it is the same one (a derived type may hide its base's)."""
    import bpy

    kind = getattr(bpy.types, element, None)
    rna = getattr(kind, "bl_rna", None)
    mine = rna and property and own(rna, property)
    while rna is not None and rna.base is not None:
        rna = rna.base
        if property is not None:
            theirs = own(rna, property)
            if mine is None or theirs is None or theirs.as_pointer() != mine.as_pointer():
                return
        yield rna.identifier


def own(rna, name):
    """The property that getattr finds: a derived type's own comes last (3.4 hides Node.color)."""
    found = None
    for prop in rna.properties:
        if prop.identifier == name:
            found = prop
    return found


def declaring(rna, name):
    """The most basic RNA type that has this very property."""
    mine = own(rna, name)
    while rna.base is not None:
        theirs = own(rna.base, name)
        if theirs is None or theirs.as_pointer() != mine.as_pointer():
            break
        rna = rna.base
    return rna.identifier


def merge(findings, nothing=()):
    """Storages for `Known` from (element type, declaring type, property, Found), as they were found,
    and from (element type, declaring type, property) of what was assigned elsewhere in vain.

    What all derived types agree in is the declaring type's; else each type keeps its own, and what
    one type contradicts itself in is dropped, as is a pointer that leads there sometimes only.
    """
    exact = {}
    for element, base, name, found in findings:
        if found.hop is not None and (element, base, name) in nothing:
            continue
        exact.setdefault((base, name), {}).setdefault(element, []).append(found)
    result = {}
    for (base, name), by_type in exact.items():
        agreed = {}
        for element, found in by_type.items():
            if len({f.storage for f in found}) == 1:
                agreed[element] = _together(found)
        alike = len({f.storage for f in agreed.values()}) == 1 and len(agreed) == len(by_type)
        if alike and (len(agreed) > 1 or base in agreed):
            result[base, name] = (_together(list(agreed.values())),)
        else:
            result.update({(element, name): (found,) for element, found in agreed.items()})
    return result


def _together(found):
    sizes = {f.size for f in found if f.size}
    told = {f.bulk for f in found} - {None}
    bulk = all(told) if told else None
    return found[0]._replace(writes=all(f.writes for f in found), bulk=bulk, size=sizes.pop() if len(sizes) == 1 else 0,
                             how=found[0].how if len({f.how for f in found}) == 1 else "matched")
