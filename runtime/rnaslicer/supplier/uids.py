# runtime/rnaslicer/supplier/uids.py: the session uid of a datablock, and where it lies.
"""Blender's own number for a datablock: what makes it the same one later."""

import functools
import sys

from .. import _core
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
    found = sdna()
    field = found and found.structs["ID"].fields.get("session_uuid")
    return _core.read_memory(id_.as_pointer() + field.offset, 4) if field else None


@functools.cache
def _id_places():
    found = sdna()
    fields = found.structs["ID"].fields if found else {}
    uid, name = fields.get("session_uid") or fields.get("session_uuid"), fields.get("name")
    library = fields.get("lib")
    if not (uid and uid.size == 4 and name and library and library.is_pointer):
        return None
    return uid.offset, name.offset, name.size, library.offset


@functools.cache
def has_uid():
    """Whether RNA tells it (4.x, 5.x)."""
    import bpy

    return "session_uid" in bpy.types.ID.bl_rna.properties


def id_places():
    """(byte places in a datablock of its session uid and name, that one's size, byte place of its library), or None:
    also while nothing else has needed SDNA and RNA tells the same."""
    return _id_places() if not has_uid() or sdna.cache_info().currsize else None
