# runtime/rnaslicer/layout/sources.py: who proposes where the values of a property lie.
"""A source is a function from a `Question` to the `Layout`s that it proposes, likeliest first (DESIGN 4.3). All of
them stand in one list, best first; what they propose is nothing but that: bpy decides (proof.py).
"""

import functools

from ..basis.later import later
from ..blender import lists
from ..blender.calibrate import raw
from ..blender.rna import TOPOLOGY, describe, find, numeric
from ..blender.sdna import sdna
from ..supplier.several import Several
from . import findings
from .elsewhere import DIFFERENCES, THROUGH, equivalent, unlisted
from .leaf import path_key
from .places import APART, OWN, Linked, array_stride
from .storage import SIZE, Layout, Storage, Through

_groups = later("layout.groups")  # of scripts' properties
SOURCES = []


def register(source):
    """Adds a source, behind those that are there."""
    SOURCES.append(source)
    return source


class Question:
    """Where do the values of a leaf on the elements of `coll` lie?"""

    def __init__(self, leaf, coll):
        self.leaf, self.coll = leaf, coll
        self.known = findings.known()

    @functools.cached_property
    def seen(self):
        """What a discovery run saw of the property, as far as it can be."""
        prop = self.leaf.property
        found = self.known.storage(self.leaf.element, prop.identifier) if self.known is not None else ()
        return [one for one in found if _can_be(one, prop)]

    @property
    def found(self):
        """What of it is so in whatever elements."""
        return [one for one in self.seen if one.unless is None]

    @functools.cached_property
    def stride(self):
        """Bytes from element to element, or None where they are no array."""
        return None if self.is_apart else array_stride(self.coll)

    @property
    def is_apart(self):
        """Whether the elements are structs with ways of their own."""
        return isinstance(self.leaf.path, Several)

    @functools.cached_property
    def inside(self):
        """(storage, proof) of what may lie in the elements of an array."""
        if self.stride is None:
            return []
        return list(_in_elements(self.leaf.property, self.coll[0].bl_rna, self.stride, self.found))

    def each_inside(self):
        """The same one by one: who finds what is so looks for no other."""
        found = []
        if self.stride is not None:
            for one in _in_elements(self.leaf.property, self.coll[0].bl_rna, self.stride, self.found):
                found.append(one)
                yield one
        self.inside = found


def candidates(leaf, coll):
    """`Layout`s that the sources propose, best first."""
    if leaf.property.runtime:  # what scripts register is in no field
        yield from _groups.of_groups(leaf, coll)
        return
    question = Question(leaf, coll)
    for source in SOURCES:
        yield from source(question)


@register
def apart(question):
    """In structs that lie each for itself: of those nothing else can be said."""
    if question.is_apart:
        for storage, proof in _in_list(question.leaf.property, question.found):
            storage = storage._replace(writes=False)  # each of a datablock of its own, maybe
            yield Layout(APART, storage, proof, proof == "discovered")


@register
def in_elements(question):
    """In the elements of an array: declared, discovered, or the element is the value."""
    for storage, proof in question.each_inside():
        yield Layout(OWN, storage, proof, proof != "whole element")


@register
def by_name(question):
    """What lies elsewhere by its name (elsewhere.py)."""
    if question.is_apart:
        return
    leaf, coll, stride, known = question.leaf, question.coll, question.stride, question.known
    prop, key = leaf.property, (leaf.element, leaf.property.identifier)
    told = known is not None and key in known.equivalents
    if key in DIFFERENCES and stride is not None:
        yield Layout(OWN, Storage("i32", 0, stride, "difference", writes=False), "differences", told)
    if key in THROUGH and stride is not None:
        yield from _through(prop, coll, stride, told)
    named = equivalent(*key)
    if named is not None and named[0].usable(coll):
        place, inverted = named
        array = place.array(coll)
        size = SIZE[prop.value] * prop.length
        if array is None and place.default is not None or array is not None and array_stride(array) == size:
            yield Layout(place, Storage(prop.value, 0, size, inverted=inverted), repr(place), told)


@register
def layers_without_attribute(question):
    """In a layer that no attribute lists. Which of them it is, only values tell: here or in discovery."""
    known = question.known
    if question.is_apart:
        return
    for place, storage in unlisted(question.leaf, question.coll):
        yield Layout(place, storage, repr(place), known is not None and place.key in known.unlisted)


@register
def in_list(question):
    """In the elements of a linked list: they may happen to lie at equal distances, and two always do."""
    leaf, coll, known = question.leaf, question.coll, question.known
    if question.is_apart:
        return
    if not question.inside or known is not None and path_key(leaf, coll)[:2] in known.lists:
        name = path_key(leaf, coll)[1]
        for one in question.seen:
            if one.unless is not None and not question.inside:
                yield Layout(Linked(name, one.unless), _listed(one, leaf.property), "discovered", True)
        for storage, proof in _in_list(leaf.property, question.found):
            yield Layout(Linked(name), storage, proof, proof == "discovered")


def in_one(leaf, coll, place):
    """What may lie in an element that is the only one of its collection, which bpy itself writes."""
    question = Question(leaf, coll)
    for storage, proof in _in_list(leaf.property, question.found):
        yield Layout(place(path_key(leaf, coll)[1]), storage._replace(writes=False), proof, proof == "discovered")


def is_declared(leaf, coll, layout):
    """Whether the running build itself says of a list's elements what a file said: RNA declares the property there, and
    of the DNA structs that link to their own kind as this list's elements do, one has a number wherever RNA declares
    one of the type. What lies in another struct (node sockets, constraints) is declared, too, but does not fit there."""
    place, storage, prop = layout.place, layout.storage, leaf.property
    links, declared = lists.proven(coll.data, getattr(place, "name", None)), _declared(prop)
    if type(place) is not Linked or place.unless is not None or not isinstance(links, lists.List) or declared is None:
        return False
    return declared._replace(writes=storage.writes) == storage and _has_struct(
        prop.struct, prop.identifier, links.next_at, links.prev_at)


@functools.cache
def _has_struct(name, identifier, next_at, prev_at):
    import bpy

    rna, found = getattr(bpy.types, name).bl_rna, sdna()
    own = find(rna, identifier)
    while rna.base is not None and find(rna.base, identifier) == own:
        rna = rna.base
    wanted = {(one.offset, SIZE[one.scalar]) for _, one in _Declared(rna).items()}
    length, (first, size) = max(own.array_length, 1), next(
        (one.offset, SIZE[one.scalar]) for one in (raw(own),))
    for dna in found.structs.linking() if found is not None else ():
        linked = {field.offset for field in dna.fields.values() if field.type == dna.name and field.is_pointer}
        numbers = {field.offset + i * (field.size // field.count): field.size // field.count
                   for field in dna.fields.values() if not field.is_pointer for i in range(field.count)}
        own_places = [field for field in dna.fields.values() if first <= field.offset < first + size * length]
        if {next_at, prev_at} <= linked and wanted <= numbers.items() and all(
                field.count <= length for field in own_places) and sum(field.count for field in own_places) == length:
            return True
    return False


def _in_elements(prop, rna, stride, found):
    """Storages inside the elements of an array."""
    declared = _declared(prop)
    if declared is not None and (SIZE[declared.scalar] * prop.length == stride and declared.offset == 0
                                 or _is_struct(rna.identifier, stride, _Declared(rna))):
        # A declared place does not tell of setters that do more (Bezier handle types move handles).
        plain = not any(one.how == "written" and not one.writes for one in found)
        yield declared._replace(stride=stride, writes=plain), "declared"
    for one in found:
        if one.hop is None and one.size == stride:
            storage = _discovered(one, prop, stride)
            if (rna.identifier, prop.identifier) in TOPOLOGY:  # never written on trial
                storage = storage._replace(writes=True)
            yield storage, "discovered"
    if prop.raw is None and prop.type != "ENUM" and SIZE[prop.value] * prop.length == stride:
        if not any(r.offset == 0 for _, r in _Declared(rna).items()):
            yield Storage(prop.value, 0, stride), "whole element"


def _in_list(prop, found):
    """Storages inside elements that a list links. bpy itself writes those where setters or updates do more for each,
    or are not known to do no more. What is only declared may be an offset in another struct (node sockets,
    constraints): variation must tell."""
    for one in found:
        yield _listed(one, prop), "discovered"
    declared = _declared(prop)
    if declared is not None:
        yield declared._replace(stride=None, writes=False), "declared"


def _listed(one, prop):
    return _discovered(one, prop, None)._replace(writes=one.writes and bool(one.bulk))


def _discovered(one, prop, stride):
    first = min(one.steps)  # components may lie before the first (axis and angle)
    steps = tuple(step - first for step in one.steps)
    if steps == _packed_steps(one.scalar, prop.length):
        steps = ()
    lookups = tuple(one.lookups) if one.decode == "lookup" else ()
    return Storage(one.scalar, one.offset + first, stride, one.decode, one.mask, one.inverted, steps,
                   tuple(one.masks), lookups, hop=one.hop, writes=one.writes)


def _can_be(one, prop):
    """Whether a property can lie as the file says, which may say anything."""
    if len(one.steps) != prop.length:
        return False
    if one.decode == "plain":
        return one.scalar in ("f32", "f64") if prop.type == "FLOAT" else one.scalar[0] in "iub"
    return prop.type in {"flag": ("BOOLEAN",), "field": ("INT", "ENUM")}.get(one.decode, ("FLOAT",))


def _packed_steps(scalar, count):
    return tuple(i * SIZE[scalar] for i in range(count))


def _declared(prop):
    """The storage that RNA declares, without a stride; None if it declares none that we read. Enums may
    share their word with other bits, which RNA does not tell."""
    if prop.raw is None or prop.type == "ENUM":
        return None
    scalar = prop.storage_scalar
    if prop.type == "FLOAT":
        good = scalar in ("f32", "f64")
    else:  # RNA's BOOLEAN in a wider word is `word != 0`
        good = scalar[0] in "iu" or prop.type == "BOOLEAN" and scalar == "b1"
    if prop.type == "BOOLEAN" and scalar in ("i8", "u8"):
        scalar = "b1"
    return Storage(scalar, prop.raw.offset, None) if good else None


def _through(prop, coll, stride, told):
    name, target_name = THROUGH[coll[0].bl_rna.identifier, prop.identifier]
    target = getattr(coll.data, name)
    target_stride = array_stride(target)
    index = describe(coll[0].bl_rna, name)  # the triangle's `loops`: indices into the owner's `loops`
    if target_stride is None or index.dims != prop.dims:
        return
    at = describe(target[0].bl_rna, target_name).raw
    through = Through(name, "i32", target_stride, at.offset if at else 0)
    storage = Storage("i32", index.raw.offset if index.raw else 0, stride, "through", through=through,
                      writes=False)
    yield Layout(OWN, storage, f"through {name}", told)


class _Declared:
    """The declared storage of all properties of an RNA struct."""

    def __init__(self, rna):
        self.rna = rna

    def items(self):
        return [(p, r) for p in self.rna.properties if numeric(p) for r in (raw(p),) if r]

    def __hash__(self):
        return 0

    def __eq__(self, other):
        return True


@functools.cache
def _is_struct(_identifier, stride, declared):
    """True if some DNA struct of exactly `stride` bytes has a field at every declared place."""
    found = sdna()
    wanted = [(r.offset, SIZE[r.scalar]) for _, r in declared.items()]
    if found is None or not wanted:
        return False
    for dna in found.by_size(stride):
        places = {f.offset + i * (f.size // f.count): f.size // f.count
                  for f in dna.fields.values() if not f.is_pointer for i in range(f.count)}
        if all(places.get(offset) == size for offset, size in wanted):
            return True
    return False
