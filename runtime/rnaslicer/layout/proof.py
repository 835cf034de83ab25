# runtime/rnaslicer/layout/proof.py: storage that is verified against bpy before it is trusted.
"""Finds the layout of a property on a collection, or says that there is none proven.

Sources propose (sources.py), bpy decides: addresses and values of first, last and sampled
elements must agree bit for bit. What was proven is remembered for the session per path type; later
enters compare three elements.
"""

from .. import _core
from ..basis.later import later
from ..blender.hazards import crash
from ..blender.hazards import frees_elements
from ..blender.rna import COMPUTED_WHEN_ASKED, describe, numeric
from ..supplier.identity import Path
from ..supplier.several import Several
from .alone import Alone, together
from .elsewhere import PROPOSED
from .leaf import path_key
from .places import OWN, Twin, sampled
from .sources import Question, by_name, candidates, in_one, is_declared, layers_without_attribute
from .values import flat_value, lookup_tables, same_value, target_reader

_groups = later("layout.groups")  # of scripts' properties
_proven = {}
_alone = {}  # the same of elements that are the only one of their collection each
_doubtful = set()  # keys of what a file proposed and values that were all alike agreed to


def layout(leaf, coll, view=None):
    """A proven `Layout` for a leaf on the elements of `coll`, or None. May un-share the array. view: whose leaves may tell
    together what the only element of each collection does not."""
    rows, prop = leaf.rows, leaf.property
    if rows is None or not (leaf.uniform or leaf.shared) or not rows.length or prop.dims is None:
        return None
    if prop.identifier in COMPUTED_WHEN_ASKED or prop.runtime and isinstance(leaf.path, Several):
        return None
    if frees_elements(leaf.path, coll):
        return None
    key = path_key(leaf, coll)
    known = _proven.get(key)
    if known is not None and key not in _doubtful and (
            known.place.untouched(coll, rows.length) is not None
            or _agrees(known, leaf, coll, _three(known, prop, rows.length) if leaf.uniform else sampled(leaf, coll))):
        return known
    samples = _groups.few_of_groups(rows.length) if prop.runtime else sampled(leaf, coll)
    if known is not None and key in _doubtful:
        if _agrees(known, leaf, coll, samples):
            if _vary(leaf, coll, samples):
                _doubtful.discard(key)  # trails that were learnt in doubt decline values that vary, and are learnt anew
            return known
    if rows.length < 2:
        return _layout_alone(leaf, coll, key, view)
    for candidate in candidates(leaf, coll):
        if _agrees(candidate, leaf, coll, samples) and (
                candidate.told or _told_apart(candidate, leaf, coll, samples)):
            twin = Twin(leaf.element)
            if candidate.place is OWN and twin.holds(coll, candidate.storage.stride):
                candidate = candidate._replace(place=twin)
            if _proven.get(key) not in (None, candidate) and not prop.runtime:  # whose trails compare it
                _core.forget_trails()
            _proven[key] = candidate
            _doubtful.discard(key)
            if candidate.proof == "discovered" and not (
                    _vary(leaf, coll, samples) or is_declared(leaf, coll, candidate)):
                _doubtful.add(key)
            return candidate
    return None


def _layout_alone(leaf, coll, key, view):
    """The same of the only element of a collection."""
    known, doubt = _alone.get(key), (*key, Alone)
    if view is not None and not leaf.alike and not leaf.property.runtime and type(leaf.path) is Path and (
            known is None or doubt in _doubtful):
        if key not in view.together:
            view.together[key] = _told_together(leaf, coll, key, together(leaf, key, view.leaves))
        known = view.together[key]
    return known if known is not None and _agrees(known, leaf, coll, (0,)) else None


def _told_together(leaf, coll, key, some):
    """What the elements that are alone tell together, `some` of them; None where they agree to nothing."""
    known, doubt = _alone.get(key), (*key, Alone)
    every = range(len(some or ()))
    if some is None:
        return known
    if known is not None and _agrees(known, leaf, some, every):
        if _vary(leaf, some, every):
            _doubtful.discard(doubt)
        return known
    for candidate in in_one(leaf, coll, Alone):
        if _agrees(candidate, leaf, some, every) and (candidate.told or _told_apart(candidate, leaf, some, every)):
            if _alone.get(key) not in (None, candidate):
                _core.forget_trails()
            _alone[key] = candidate
            _doubtful.discard(doubt)
            if candidate.proof == "discovered" and not _vary(leaf, some, every):
                _doubtful.add(doubt)
            return candidate
    return None


def is_doubtful(leaf, coll, found=None):
    """Whether only values that were all alike have agreed so far to what a file proposes: each enter asks again. found:
    the layout."""
    key = path_key(leaf, coll)
    return ((*key, Alone) if found is not None and isinstance(found.place, Alone) else key) in _doubtful


def has_name_elsewhere(element, name):
    """Whether names say that another layer or collection stores a property of an element type."""
    return (element, name) in PROPOSED


def confirms(leaf, get, vary):
    """For the discovery run, on scratch data: True if the values of a leaf on the collection that `get()` gives lie
    where its name says (elsewhere.py), compared on every element after `vary()`; and before, where a layer is
    missing."""
    coll = get()
    every = range(len(coll))
    if not any(c.place is OWN or c.place.array(coll) is not None or _agrees(c, leaf, coll, every)
               for c in by_name(Question(leaf, coll))):
        return False
    vary()
    coll = get()  # 4.3: a layer that was added moves the others
    return any(_agrees(c, leaf, coll, every) and _told_apart(c, leaf, coll, every)
               for c in by_name(Question(leaf, coll)))


def confirmed_layers(leaf, coll):
    """For the discovery run, on scratch data: keys of the layers (elsewhere.py) that hold a leaf's values of every
    element of `coll`, told by variation."""
    every = range(len(coll))
    return [c.place.key for c in layers_without_attribute(Question(leaf, coll))
            if _agrees(c, leaf, coll, every) and _told_apart(c, leaf, coll, every)]


def forget():
    """Forgets what this session proved; for tests."""
    _proven.clear()
    _alone.clear()
    _doubtful.clear()
    _core.forget_trails()


def proven():
    """(path key, `Layout`) of everything that this session proved."""
    return sorted({**_alone, **_proven}.items(), key=lambda item: tuple(map(str, item[0])))


def _three(known, prop, length):
    if prop.runtime and isinstance(known.place, _groups.Groups):
        return _groups.few_of_groups(length)
    return sorted({0, length // 2, length - 1})


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
    count, tables = prop.length, lookup_tables(storage)
    span = storage.span(count)
    for i, address in zip(samples, addresses):
        element = coll[i]
        if type(element) is not kind and not leaf.shared:
            return False
        if storage.hop is not None:
            pointer = _core.read_memory(address + storage.hop, 8)
            address = pointer and int.from_bytes(pointer, "little")
        memory = address and _core.read_memory(address + storage.offset, span)
        if not memory:
            return False
        if not same_value(storage.decoded(memory, count, tables, target), prop, element):
            return False
    return True


def _vary(leaf, coll, samples):
    """Whether the sampled elements have different values."""
    name = leaf.property.identifier
    values = [(value,) if isinstance(value, (str, set)) else flat_value(leaf.property, value)
              for value in [getattr(coll[i], name) for i in samples]]
    return len({tuple(map(str, value)) for value in values}) > 1


def _told_apart(candidate, leaf, coll, samples):
    """True if the values vary and no other writable property of the same shape has them too."""
    prop = leaf.property
    if not _vary(leaf, coll, samples):
        return False
    for other in coll[0].bl_rna.properties:
        if other.identifier == prop.identifier or not numeric(other) or other.type == "ENUM":
            continue
        if crash(leaf.element, other.identifier, coll):
            return False
        rival = describe(coll[0].bl_rna, other.identifier)
        if rival.readonly and not prop.readonly:
            continue
        if rival.dims == prop.dims and rival.value == prop.value and _agrees(
                candidate, leaf, coll, samples, rival):
            return False
    return True
