# runtime/rnaslicer/layout/proof.py: storage that is verified against bpy before it is trusted.
"""Finds the layout of a property on a collection, or says that there is none proven.

Sources propose (DESIGN 4.3): what RNA declares, what the discovery run saw, "the element is the value"
where the element is exactly as wide, other collections and layers by name, distances of neighbours,
and indices into another collection. bpy decides: addresses and values of first, last and sampled
elements must agree bit for bit. What was proven is remembered for the session per path type; later
enters compare three elements.
"""

import functools
import math
import struct

from .. import _core
from ..blender.calibrate import raw
from .equivalents import DIFFERENCES, PROPOSED, THROUGH, equivalent
from .storage import SIZE, Layout, Storage, Through
from .unlisted import unlisted
from .places import APART, OWN, Linked, Twin, array_stride, spread
from ..blender.rna import COMPUTED_WHEN_ASKED, TOPOLOGY, describe, find, numeric
from ..blender.sdna import sdna
from ..supplier.several import Several

_proven = {}
_doubtful = set()  # keys of what a file proposed and values that were all alike agreed to


def layout(leaf, coll):
    """A proven `Layout` for a leaf on the elements of `coll`, or None. May un-share the array."""
    rows, prop = leaf.rows, leaf.property
    if rows is None or not (leaf.uniform or leaf.shared) or not rows.length or prop.dims is None:
        return None
    if prop.identifier in COMPUTED_WHEN_ASKED:
        return None
    key = path_key(leaf, coll)
    known = _proven.get(key)
    if known is not None and key not in _doubtful and (
            known.place.untouched(coll, rows.length) is not None
            or _agrees(known, leaf, coll, _three(rows.length))):
        return known
    samples = spread(rows.length)
    if known is not None and key in _doubtful:
        if _agrees(known, leaf, coll, samples):
            if _vary(leaf, coll, samples):
                _doubtful.discard(key)
            return known
    if rows.length < 2:
        return None
    for candidate in candidates(leaf, coll):
        if _agrees(candidate, leaf, coll, samples) and (
                candidate.told or _told_apart(candidate, leaf, coll, samples)):
            twin = Twin(leaf.element)
            if candidate.place is OWN and twin.holds(coll, candidate.storage.stride):
                candidate = candidate._replace(place=twin)
            _proven[key] = candidate
            _doubtful.discard(key)
            if candidate.proof == "discovered" and not _vary(leaf, coll, samples):
                _doubtful.add(key)
            return candidate
    return None


def confirms(get, name, vary):
    """For the discovery run, on scratch data: True if the values of a property of the collection that
    `get()` gives lie where its name says (equivalents.py), compared on every element after `vary()`;
    and before, where a layer is missing."""
    coll = get()
    if (coll[0].bl_rna.identifier, name) not in PROPOSED:
        return False
    from ..slicer import Slicer

    (leaf,) = Slicer(coll)[:, name].leaves()
    every = range(len(coll))
    if not any(c.place is OWN or c.place.array(coll) is not None or _agrees(c, leaf, coll, every)
               for c in _by_name(leaf, coll, False)):
        return False
    vary()
    coll = get()  # 4.3: a layer that was added moves the others
    return any(_agrees(c, leaf, coll, every) and _told_apart(c, leaf, coll, every)
               for c in _by_name(leaf, coll, False))


def confirmed_layers(coll, name):
    """For the discovery run, on scratch data: keys of the layers (unlisted.py) that hold a property of every
    element of `coll`, told by variation."""
    from ..slicer import Slicer

    (leaf,) = Slicer(coll)[:, name].leaves()
    proposed = [Layout(place, storage, "", False) for place, storage in unlisted(leaf, coll)]
    every = range(len(coll))
    return [c.place.key for c in proposed if _agrees(c, leaf, coll, every) and _told_apart(c, leaf, coll, every)]


def forget():
    """Forgets what this session proved; for tests."""
    _proven.clear()
    _doubtful.clear()


def proven():
    """(path key, `Layout`) of everything that this session proved."""
    return sorted(_proven.items(), key=lambda item: tuple(map(str, item[0])))


def path_key(leaf, coll):
    """What a proof holds for: owner type, collection (None for structs of a sequence), element type, property."""
    if isinstance(leaf.path, Several):
        return None, None, leaf.element, leaf.property.identifier
    kind, name = leaf.path.steps[-1]
    owner = coll.data.bl_rna.identifier if coll.data is not None else None
    return owner, name if kind == "attr" else kind, leaf.element, leaf.property.identifier


def _three(length):
    return sorted({0, length // 2, length - 1})


# Who proposes what.


def candidates(leaf, coll):
    """`Layout`s that a source proposes, best first."""
    from .. import discovery

    prop, element = leaf.property, leaf.element
    known = discovery.known()
    found = [one for one in known.storage(element, prop.identifier) if _can_be(one, prop)] if known else []
    if isinstance(leaf.path, Several):
        yield from (Layout(APART, storage, proof, proof == "discovered") for storage, proof in _in_list(prop, found))
        return
    stride, in_array = array_stride(coll), False
    if stride is not None:
        for storage, proof in _in_elements(prop, coll[0].bl_rna, stride, found):
            in_array = True
            yield Layout(OWN, storage, proof, proof != "whole element")
    yield from _by_name(leaf, coll, known is not None and (element, prop.identifier) in known.equivalents)
    for place, storage in unlisted(leaf, coll):  # which of them it is, only values tell: here or in discovery
        yield Layout(place, storage, repr(place), known is not None and place.key in known.unlisted)
    # Elements of a list may happen to lie at equal distances; two always do.
    if not in_array or known is not None and path_key(leaf, coll)[:2] in known.lists:
        for storage, proof in _in_list(prop, found):
            yield Layout(Linked(path_key(leaf, coll)[1]), storage, proof, proof == "discovered")


def _by_name(leaf, coll, told):
    """What lies elsewhere by its name (equivalents.py)."""
    prop, key = leaf.property, (leaf.element, leaf.property.identifier)
    stride = array_stride(coll)
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
    """Storages inside elements that a list links. bpy itself writes those: setters and update callbacks
    matter there, and some elements may be read-only. What is only declared may be an offset in another
    struct (node sockets, constraints): variation must tell."""
    for one in found:
        yield _discovered(one, prop, None)._replace(writes=False), "discovered"
    declared = _declared(prop)
    if declared is not None:
        yield declared._replace(stride=None, writes=False), "declared"


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


# bpy decides.


def _agrees(candidate, leaf, coll, samples, prop=None):
    """True if addresses and values of the sampled elements are what the candidate says (of `prop`
    instead of the leaf's own property)."""
    storage, place, prop = candidate.storage, candidate.place, prop or leaf.property
    kind = type(coll[0])
    default = place.default
    if not place.usable(coll):
        return False
    if default is not None and place.array(coll) is None:
        return all(getattr(coll[i], prop.identifier) == default for i in samples)
    addresses = place.samples(coll, storage, samples)
    if addresses is None:
        return False
    target = target_reader(coll, storage.through) if storage.through else None
    for i, address in zip(samples, addresses):
        element = coll[i]
        if type(element) is not kind and not leaf.shared:
            return False
        if storage.hop is not None:
            pointer = _core.read_memory(address + storage.hop, 8)
            address = pointer and int.from_bytes(pointer, "little")
        memory = address and _core.read_memory(address + storage.offset, storage.span(prop.length))
        if not memory:
            return False
        if not same_value(storage.decoded(memory, prop.length, lookup_tables(storage), target), prop, element):
            return False
    return True


def lookup_tables(storage):
    """name -> table of this build, for storages that look values up."""
    if not storage.lookups:
        return None
    from .. import discovery

    known = discovery.known()
    return known.tables if known else {}


def target_array(coll, through):
    """(address of element 0, count) of the collection that stored indices count."""
    target = getattr(coll.data, through.collection)
    return target[0].as_pointer(), len(target)


def target_reader(coll, through):
    """Function from an index to the bytes of that element of the target; None for an index outside."""
    base, count = target_array(coll, through)

    def read(index):
        if not 0 <= index < count:
            return None
        return _core.read_memory(base + index * through.stride, through.offset + SIZE[through.scalar])

    return read


def same_value(found, prop, element):
    """True if decoded values are what getattr gives, bit for bit; any NaN equals any NaN."""
    if found is None:
        return False
    try:
        value = getattr(element, prop.identifier)
    except AttributeError:  # a rival that only some types have
        return False
    if prop.type == "ENUM":
        from ..blender.rna import enum_number

        return enum_number(find(element.bl_rna, prop.identifier), value) == found[0]
    wanted = flat_value(prop, value)
    if len(wanted) != len(found):
        return False
    if prop.value == "b1":
        return [bool(x) for x in found] == list(wanted)
    if prop.value == "i32":
        return list(found) == list(wanted)
    count = len(wanted)
    if struct.pack(f"{count}f", *found) == struct.pack(f"{count}f", *wanted):
        return True
    return all(a == b and math.copysign(1, a) == math.copysign(1, b) or a != a and b != b
               for a, b in zip(found, wanted))


def flat_value(prop, value):
    """A value as getattr gives it, flat and in RNA's order of storage."""
    if not prop.dims:
        return (value,)
    if len(prop.dims) == 1:
        return tuple(value)
    if prop.is_matrix:
        return tuple(x for column in zip(*value) for x in column)
    flat = list(value)
    for _ in prop.dims[1:]:
        flat = [x for part in flat for x in part]
    return tuple(flat)


def _vary(leaf, coll, samples):
    """Whether the sampled elements have different values."""
    name = leaf.property.identifier
    values = ((value,) if isinstance(value, (str, set)) else flat_value(leaf.property, value)
              for value in (getattr(coll[i], name) for i in samples))
    return len({tuple(map(str, value)) for value in values}) > 1


def _told_apart(candidate, leaf, coll, samples):
    """True if the values vary and no other writable property of the same shape has them too."""
    prop = leaf.property
    if not _vary(leaf, coll, samples):
        return False
    for other in coll[0].bl_rna.properties:
        if other.identifier == prop.identifier or not numeric(other) or other.type == "ENUM":
            continue
        rival = describe(coll[0].bl_rna, other.identifier)
        if rival.readonly and not prop.readonly:
            continue
        if rival.dims == prop.dims and rival.value == prop.value and _agrees(
                candidate, leaf, coll, samples, rival):
            return False
    return True
