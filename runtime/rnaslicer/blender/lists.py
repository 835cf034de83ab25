# runtime/rnaslicer/blender/lists.py: which bpy collections are lists or tables, and where their elements lie.
"""A collection is a linked list if its owner's memory has the list's head: a DNA ListBase whose first
and last are the collection's, with every element in between, in order, pointing to its neighbours. It
is a table if a pointer in its owner's DNA struct leads to all its elements' addresses, in order.

A chain of `next` pointers alone proves nothing: the materials of a mesh that were made in its order
are chained, too, by the list of all materials. The head tells: it is what bpy itself iterates. Seen
once per owner's type and collection in a session, element by element; later only the head and the
first element (both ends of a table) are compared with bpy, and every neighbour with its neighbour
(runtime/blender/walks.hpp).
"""

import array
import collections
import functools
import itertools
import operator
import struct

from .. import _core
from ..basis.records import Record
from .refining import all_types, refines
from .registered import fixed_type
from .sdna import sdna

_MAIN_BYTES = 1 << 14  # how far the lists of bpy.data are looked for: Blender's Main is no DNA struct
_TRIES = 3  # failed proofs of one collection before only the 4th, 8th, 16th... time is tried: slots may have been empty


class List(Record):
    """A proven list: byte offsets of the head in its owner, of the links in each element."""

    head: int
    next_at: int
    prev_at: int


class Table(Record):
    """A proven table of pointers: byte offset of its address in the owner."""

    pointer: int


_proven = {}  # (owner's RNA type, collection) -> List or Table
_failed = {}  # the same -> how often no proof was found, or not looked for


def addresses(coll, name, count=None, known=None):
    """Addresses of the elements of a bpy collection that is a proven list or table, in order.

    `name` is the collection's property in its owner, `count` its length if just asked, `known` what
    an earlier call gave (compared, never trusted; makes the walk faster). Gives a buffer of int64, or
    None: neither, not provable with fewer than two elements, or not what it was (a None in it, too).
    """
    owner = coll.data
    if owner is None:
        return None
    if count is None:
        count = len(coll)
    if not count:
        return None
    key = owner.bl_rna.identifier, name
    found = _proven.get(key)
    if found is None:
        return _prove(key, owner, coll, count)
    if isinstance(found, Table):
        return _table(owner, found, coll, count) if len(coll) == count else None
    # Of a live owner, where this session has proven the head to be: read plainly, which asks nothing of the system.
    at = owner.as_pointer() + found.head
    ends = _core.follow_pointers(array.array("q", (at, at + 8)), 0)
    if ends is None or ends[0] != coll[0].as_pointer():
        return None
    first, last = ends
    return _core.walk_list(first, found.next_at, count, last, found.prev_at, known=known)


def is_list(coll, name):
    """Whether this session has proven the collection `name` of such owners to be a linked list."""
    owner = coll.data
    return owner is not None and isinstance(_proven.get((owner.bl_rna.identifier, name)), List)


def has(coll, name, known, number_at, numbers):
    """Whether a proven list (is_list) has just the elements at the addresses `known`, and each at byte `number_at`
    the int32 of `numbers` (their bytes)."""
    owner = coll.data
    found = _proven[owner.bl_rna.identifier, name]
    first, last = _head(owner.as_pointer() + found.head) or (0, 0)
    if not first or first != coll[0].as_pointer():
        return False
    return _core.same_list(first, found.next_at, last, found.prev_at, known, number_at, numbers)


def proven(owner, name):
    """What this session has proven of the collection `name` of such an owner: a List, a Table, or None."""
    return None if owner is None else _proven.get((owner.bl_rna.identifier, name))


def type_word(coll, name):
    """Byte place of a pointer in the elements that tells of which type each is: what it leads to has, always at one
    place, the very RNA type that bpy gives (rna_nodetree.cc). None where there is not just one such place."""
    fixed, found, classes = _declared(coll, name), addresses(coll, name), tuple(map(type, coll))
    told = {one: one.bl_rna.as_pointer() for one in set(classes)}
    kinds = list(map(told.get, classes))
    places = []
    for at in _pointer_fields(_kinds_of(fixed)) if found is not None and len(found) == len(kinds) else ():
        words = _core.follow_pointers(found, at, safe=True)
        if words is None:
            continue
        seen = [{i for i, word in enumerate(_words(to)) if word == kind} for to, kind in set(zip(words, kinds))]
        if set.intersection(*seen):
            places.append(at)
    return places[0] if len(places) == 1 else None


def holds_pointer(coll, name, at):
    """Whether the DNA struct of the declared elements has a pointer at byte `at`."""
    return at in _pointer_fields(_kinds_of(_declared(coll, name)))


def nests(coll, name):
    """Whether bpy may give more than the list at the head: what elements have within them of their kind (bones, strips),
    or the owner in another of its collections (keying sets, of which Blender has some built in). Where there was none
    of that, the list was all; so that is nothing for others to go by, unless they are counted."""
    fixed = _declared(coll, name)
    if fixed is None or _nests(fixed.identifier):
        return True
    return any(prop.type == "COLLECTION" and not prop.is_runtime and prop.identifier != name and prop.fixed_type == fixed
               for prop in coll.data.bl_rna.properties)  # scripts' collections hold groups only, which are in no list


@functools.cache
def _nests(kind):
    import bpy

    base = getattr(bpy.types, kind, None)
    if base is None:
        return True
    kinds = [one for one in base.__mro__ if hasattr(one, "bl_rna") and one is not bpy.types.bpy_struct]
    if refines(base.bl_rna) is not False:
        classes = all_types()
        kinds += itertools.compress(classes, map(issubclass, classes, itertools.repeat(base)))
    names = {one.bl_rna.identifier for one in kinds}
    within = [prop.fixed_type.identifier for one in kinds for prop in one.bl_rna.properties
              if prop.type == "COLLECTION" and not prop.is_runtime]
    return not names.isdisjoint(within)


def _declared(coll, name):
    return fixed_type(type(coll.data), coll.data.bl_rna.properties.get(name))


def _kinds_of(rna):
    return () if rna is None else (rna.identifier,)


def _words(address):
    """What is to be read from an address on, as pointers."""
    for size in (1024, 512, 256):
        memory = _core.read_memory(address, size)
        if memory:
            return struct.unpack(f"{size // 8}Q", memory)
    return ()


def forget():
    """Forgets what this session proved; for tests."""
    _proven.clear()
    _failed.clear()


def _prove(key, owner, coll, count):
    if count < 2 or not _is_due(key):
        return None
    elements = list(coll)
    seen = array.array("q", () if None in elements else map(operator.methodcaller("as_pointer"), elements))
    if len(seen) == count and len(set(seen)) == count:
        for head in _heads(owner, key[1], seen[0], seen[-1]):
            for next_at, prev_at in _links():
                walked = _core.walk_list(seen[0], next_at, count, seen[-1], prev_at, safe=True)
                if walked is not None and bytes(walked) == seen.tobytes():
                    _proven[key] = List(head, next_at, prev_at)
                    return walked
        for pointer in _pointer_fields(_kinds(owner)):
            if _entries(owner, Table(pointer), count) == seen:
                _proven[key] = Table(pointer)
                return seen
    return None


def _is_due(key):
    """Whether to look once more for a proof that was not found so far."""
    tries = _failed[key] = _failed.get(key, 0) + 1
    return tries <= _TRIES or tries & tries - 1 == 0


def _entries(owner, table, count):
    """The entries of an owner's table, as int64, or None."""
    memory = _core.read_memory(owner.as_pointer() + table.pointer, 8)
    first = memory and struct.unpack("Q", memory)[0]
    memory = first and _core.read_memory(first, 8 * count)
    return array.array("q", memory) if memory else None


def _table(owner, table, coll, count):
    found = _entries(owner, table, count)
    if found is None or 0 in found:
        return None
    ends = coll[0], coll[count - 1]
    if None in ends or [found[0], found[-1]] != [element.as_pointer() for element in ends]:
        return None
    return found


def _head(address):
    """(first, last) as stored there, or None."""
    memory = _core.read_memory(address, 16)
    return memory and struct.unpack("QQ", memory)


def _heads(owner, name, first, last):
    """Offsets in the owner's memory where the two addresses stand side by side, as in a ListBase."""
    import bpy

    base = owner.as_pointer()
    if isinstance(owner, bpy.types.BlendData):
        places = range(0, _MAIN_BYTES, 8)
    else:
        places = sorted({*_list_fields(_kinds(owner), name), *_list_fields_of(_pointed_to(owner))})
    return [at for at in places if _head(base + at) == (first, last)]


def head_of(coll):
    """Byte place in bpy.data of the head of one of its lists: the only one that leads to both its ends; None where
    there are several, or none."""
    memory = _core.read_memory(coll.data.as_pointer(), _MAIN_BYTES) if len(coll) else None
    if memory is None:
        return None
    words, ends = struct.unpack(f"{_MAIN_BYTES // 8}Q", memory), (coll[0].as_pointer(), coll[-1].as_pointer())
    places = [8 * i for i, pair in enumerate(zip(words, words[1:])) if pair == ends]
    return places[0] if len(places) == 1 else None


def _kinds(owner):
    """Names of an RNA type and its bases, the nearest first; not of what all have in common."""
    names = [kind.__name__ for kind in type(owner).__mro__]
    return tuple(name for name in names if name not in ("ID", "bpy_struct", "object"))


def _dna(kinds):
    """The DNA struct of an RNA type, by name: some have a b before it, or capitals elsewhere."""
    found, names = sdna(), _lower_names()
    for kind in kinds:
        for name in (kind.lower(), "b" + kind.lower()):
            if names.get(name) in (found.structs if found else ()):
                return found.structs[names[name]]
    return None


@functools.cache
def _lower_names():
    """The names of DNA's structs, by what they are without capitals."""
    names = list(sdna().structs.declared()) if sdna() else []
    return dict(zip(map(str.lower, names), names))


@functools.cache
def _pointer_fields(kinds):
    """Offsets of the pointers in the DNA struct of an RNA type."""
    dna = _dna(kinds)
    return tuple(f.offset for f in dna.fields.values() if f.is_pointer and f.count == 1) if dna else ()


def place_of_structs(owner, size):
    """The byte place in a struct of its only pointer to structs of that size; None where there is none, or another."""
    return _place_of_structs(_kinds(owner), size)


@functools.cache
def _place_of_structs(kinds, size):
    dna, structs = _dna(kinds), sdna() and sdna().structs
    places = [field.offset for field in dna.fields.values() if field.is_pointer and field.count == 1
              and field.type in structs and structs[field.type].size == size] if dna else []
    return places[0] if len(places) == 1 else None


@functools.cache
def _list_fields(kinds, name):
    """Offsets of the lists in the DNA struct of an RNA type: those of the struct of its name, else
    all that any struct keeps under the collection's own name."""
    found, dna = sdna(), _dna(kinds)
    if found is None:
        return ()
    if dna is not None:
        return _list_fields_of(dna)
    return tuple(sorted({f.offset for dna in found.structs.values() for f in dna.fields.values()
                         if f.name == name and _is_list(f)}))


def _list_fields_of(dna):
    return tuple(f.offset for f in dna.fields.values() if _is_list(f)) if dna is not None else ()


def _pointed_to(owner):
    """The DNA struct of an owner that is called otherwise in RNA, as the only pointer to it in its datablock has it: a
    scene's to its sequence editor. None where there is none, or another."""
    owned_by, structs = owner.id_data, sdna() and sdna().structs
    dna = _dna(_kinds(owned_by)) if owned_by is not None and structs else None
    if dna is None or _dna(_kinds(owner)) is not None:
        return None
    memory, address = _core.read_memory(owned_by.as_pointer(), dna.size), owner.as_pointer().to_bytes(8, "little")
    kinds = {field.type for field in dna.fields.values() if memory and field.is_pointer and field.count == 1
             and memory[field.offset : field.offset + 8] == address}
    return structs.get(kinds.pop()) if len(kinds) == 1 else None


def _is_list(field):
    return field.type == "ListBase" and not field.is_pointer and field.count == 1


def _links():
    """(next, prev) offsets of DNA structs that have both: as in the struct that has nothing else, then the others, which
    means to read all; the most usual first."""
    found = sdna()
    plain = found and _linked(found.structs.get("Link"))
    if plain is not None:
        yield plain
    yield from (one for one in _all_links() if one != plain)


def _linked(dna):
    forth, back = (dna.fields.get("next"), dna.fields.get("prev")) if dna else (None, None)
    return (forth.offset, back.offset) if forth and back and forth.is_pointer and back.is_pointer else None


@functools.cache
def _all_links():
    found = sdna()
    counts = collections.Counter(map(_linked, found.structs.values()) if found else ())
    return [one for one, _ in counts.most_common() if one is not None]
