# runtime/rnaslicer/supplier/uids.py: what tells a datablock from others: its number, its class, the list that has it.
"""Blender's own number for a datablock makes it the same one later."""

import functools
import sys

from .. import _core
from ..blender.rna import is_only_id
from ..blender.sdna import sdna


def session_uid(id_):
    """Blender's number for an ID, unique in the session (a file load goes on counting); kept by undo,
    changed by file load and library reload. Evaluated copies have 0 or one of their own. None if unknown."""
    try:
        return id_.session_uid
    except AttributeError:
        memory = uid_bytes(id_)
        return int.from_bytes(memory, sys.byteorder) if memory else None


def uid_bytes(id_):
    """The bytes of that number where RNA has none (3.4), or None."""
    place = uid_place()
    return _core.read_memory(id_.as_pointer() + place, 4) if place else None


@functools.cache
def uid_place():
    """At which byte of a datablock its number lies, by the names of 3.4; 0 if unknown."""
    found = sdna()
    field = found and found.structs["ID"].fields.get("session_uuid")
    return field.offset if field else 0


@functools.cache
def _id_places():
    found = sdna()
    fields = found.structs["ID"].fields if found else {}
    uid, name = fields.get("session_uid") or fields.get("session_uuid"), fields.get("name")
    library = fields.get("lib")
    if not (uid and uid.size == 4 and name and library and library.is_pointer):
        return None
    if has_uid():
        _core.set_uid_place(uid.offset)
    places = uid.offset, name.offset, name.size, library.offset
    _core.set_id_places(places)
    return places


@functools.cache
def has_uid():
    """Whether RNA tells it (4.x, 5.x)."""
    import bpy

    return "session_uid" in bpy.types.ID.bl_rna.properties


def id_places():
    """(byte places in a datablock of its session uid and name, that one's size, byte place of its library), or None:
    also while nothing else has needed SDNA and RNA tells the same."""
    return _id_places() if not has_uid() or sdna.cache_info().currsize else None


def main_collections():
    """(name, collection) of every list of IDs in bpy.data."""
    import bpy

    for name, prop in bpy.data.bl_rna.properties.items():
        if prop.type == "COLLECTION":
            yield name, getattr(bpy.data, name)


def same(a, b):
    """Whether two bpy objects are one struct. A held reference to a light or texture keeps the type that it had."""
    return (type(a) is type(b) or id_type(type(a)) is id_type(type(b)) is not None) and (
        a.as_pointer() == b.as_pointer())


@functools.cache
def id_type(cls):
    """The type of datablock that a class is a kind of (of SpotLight: Light), or None: what never changes."""
    import bpy

    bases = cls.__mro__
    return bases[bases.index(bpy.types.ID) - 1] if bpy.types.ID in bases[1:] else None


def list_of(kind):
    """The list in bpy.data of the datablocks of a class; None for other classes."""
    import bpy

    name = list_name(kind)
    return getattr(bpy.data, name) if name else None


def list_name(kind):
    """Its name."""
    return _list_name(id_type(kind))


@functools.cache
def _list_name(kind):
    """By the declaration: 5.x has a list of all datablocks, too."""
    import bpy

    return next((name for name, prop in bpy.data.bl_rna.properties.items() if kind is not None
                 and prop.type == "COLLECTION" and not prop.is_runtime and prop.fixed_type.identifier == kind.__name__), None)


@functools.cache
def leads_on(name, prop):
    """Whether Blender declares that a property of the datablocks in a list of bpy.data leads to structs."""
    import bpy

    declared = bpy.data.bl_rna.properties[name].fixed_type
    found = declared and declared.properties.get(prop)
    return found is not None and found.type in ("POINTER", "COLLECTION") and not found.is_runtime


changing = {}  # type of datablock -> whether one may become another of its kind; read by native code, too


def may_change(id_):
    """Whether a datablock may become one of another class, as lights do."""
    return not is_of_one_class(type(id_))


def is_of_one_class(kind):
    """Whether datablocks of a class can be of no other."""
    if kind not in changing:
        changing[kind] = not is_only_id(kind.bl_rna)
    return not changing[kind]
