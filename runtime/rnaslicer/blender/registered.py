# runtime/rnaslicer/blender/registered.py: classes that scripts register, and whether they still are.
"""Unregistering a class frees its RNA type, while a property that leads to its structs lives on with the type's address
(hazards.CLASS_UNREGISTERED). So the address in it is compared with those of all types that there are now, before anything behind it is touched.

A type made anew often gets the address of the freed one: a registration is known by the very object that the class
has as its `bl_rna`, never by address.
"""

import collections
import functools
import itertools
import struct
import weakref

from .. import _core
from ..errors import SupplierLostError

BUILT_IN = {"bpy.types", "bpy_types", "_bpy_types"}  # modules of classes that no script has made
_SPAN = 512  # bytes of PropertyRNA that are searched: more than any has
_SMALLEST = 128  # none has less: what all have in common takes more in each Blender seen
_plain = {}  # type of a struct -> names of properties that Blender itself declares, which lead where they always led
types = {}  # address of an RNA type -> (its class, the class's bl_rna)
_registrations = weakref.WeakKeyDictionary()  # class -> (its bl_rna, number)
_numbers = itertools.count()
_sizes = {}  # type of a property -> bytes that all that were seen of it have
_NONE = frozenset()


def find(struct_rna, name):
    """The RNA property that getattr finds, or None. Where a type hides one of its base's, looking it up by name gives
    the base's (hazards.HIDDEN_PROPERTY)."""
    prop = struct_rna.properties.get(name)
    if prop is not None and struct_rna.base is not None and name in struct_rna.base.properties:
        for other in struct_rna.properties:
            if other.identifier == name:
                prop = other
    return prop


def unregistered(struct, name):
    """Why the property `name` of a bpy struct leads nowhere, or None: the class of its structs is not registered."""
    kind = type(struct)
    if name in _plain.get(kind, _NONE):
        return None
    rna = getattr(kind, "bl_rna", None)
    prop = find(rna, name) if rna is not None else None
    if prop is None:
        return None
    if not prop.is_runtime:
        _plain.setdefault(kind, set()).add(name)
        return None
    if prop.type not in ("POINTER", "COLLECTION") or leads_to_a_type(kind, prop):
        return None
    declared = _declared(kind, name)
    return f"the class {declared.__name__ + ' ' if declared else ''}of its structs was unregistered"


def refuse_unregistered(struct, name):
    """Raises SupplierLostError where `unregistered`."""
    why = unregistered(struct, name)
    if why is not None:
        raise SupplierLostError(f"{type(struct).__name__}.{name} cannot be used any more: {why}")


def fixed_type(kind, prop):
    """The RNA type that a property of the class `kind` declares for its structs; None: it has none, or none any more. Of
    scripts' properties it is asked for here only, for bpy reads the freed one."""
    if prop is None or prop.type not in ("POINTER", "COLLECTION") or prop.is_runtime and not leads_to_a_type(kind, prop):
        return None
    return prop.fixed_type


def registration(cls):
    """A number of the class as it is registered now: another one each time that it is registered anew."""
    rna = vars(cls).get("bl_rna")
    known = _registrations.get(cls)
    if known is None or known[0] is not rna:
        known = _registrations[cls] = rna, next(_numbers)
    return known[1]


def bytes_of(prop):
    """The bytes of a property that a script registered: while these are the same, so is it. None if they cannot be read.

    Blender's allocator keeps a block's size in front of it (intern/guardedalloc, MemHead; not with --debug-memory). Where
    that cannot be the size, what lies behind the property is among the bytes: then others may be of the same one."""
    at = prop.as_pointer()
    size = int.from_bytes(_core.read_memory(at - 8, 8) or b"", "little")
    if size % 8 or not _SMALLEST <= size < _SPAN or _sizes.setdefault(prop.type, size) != size:
        size = _SPAN
    return _core.read_memory(at, size)


def leads_to_a_type(kind, prop):
    """Whether the structs of a POINTER or COLLECTION that a script registered have an RNA type now."""
    at = type_at(prop.type)
    memory = at is not None and _core.read_memory(prop.as_pointer() + at, 8)
    if not memory:  # this build does not tell: what the script declared is all there is
        declared = _declared(kind, prop.identifier)
        return declared is None or "bl_rna" in vars(declared)
    return _is_type(int.from_bytes(memory, "little"))


def leads(prop):
    """(byte position in the property, the address that is there, its class, that class's bl_rna) of a POINTER or COLLECTION
    whose structs have an RNA type; while these stay what they are, it is the same. None where this build does not tell."""
    at = type_at(prop.type)
    memory = at is not None and _core.read_memory(prop.as_pointer() + at, 8)
    address = int.from_bytes(memory or b"", "little")
    return (at, memory, *types[address]) if memory and _is_type(address) else None


def _is_type(address):
    """Whether an RNA type of datablocks or groups lies at an address now."""
    cls, rna = types.get(address, (None, None))
    if cls is not None and vars(cls).get("bl_rna") is rna:
        return True
    import bpy

    types.clear()
    # bpy.props takes no other types. Of an unregistered operator's properties the class lives on with its freed type, at
    # whose address another may lie by now.
    for base in (bpy.types.ID, bpy.types.PropertyGroup):
        for cls in (base, *subclasses(base)):
            rna = vars(cls).get("bl_rna")  # unregistering takes it away
            if rna is not None:
                types[rna.as_pointer()] = cls, rna
    return address in types


def subclasses(cls):
    """All classes that refine a class."""
    for one in cls.__subclasses__():
        yield one
        yield from subclasses(one)


def _declared(kind, name):
    """The class that a script named for a property of the class `kind`, or None."""
    deferred = vars(kind).get(name) or getattr(kind, "__annotations__", {}).get(name)
    return (getattr(deferred, "keywords", None) or {}).get("type")


@functools.cache
def type_at(form):
    """Byte position in PropertyRNA of the address of the type that a POINTER or COLLECTION leads to: where that of
    all of Blender's own is. None if there is no such place, or more than one."""
    import bpy

    hits, count = collections.Counter(), 0
    for cls in (bpy.types.Object, bpy.types.Scene, bpy.types.Mesh, bpy.types.Armature, bpy.types.PoseBone):
        for prop in cls.bl_rna.properties:
            if prop.type != form or prop.is_runtime:
                continue
            memory = _core.read_memory(prop.as_pointer(), _SPAN)
            if memory is None:
                return None
            count += 1
            wanted = prop.fixed_type.as_pointer()
            hits.update(8 * i for i, word in enumerate(struct.unpack(f"{_SPAN // 8}Q", memory)) if word == wanted)
    places = [at for at, hit in hits.items() if hit == count]
    return places[0] if count > 4 and len(places) == 1 else None
