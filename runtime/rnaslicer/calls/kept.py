# runtime/rnaslicer/calls/kept.py: what foreach_set would write and Blender lose
"""bpy's own call passes over elements that it may not write, without a word, and gives the next one their values
(hazards.FOREACH_PASSES_OVER); in what is evaluated or edited in a mode it writes what is overwritten later."""

from __future__ import annotations

import operator

from ..blender.hazards import UV_FLAGS_WRITE
from ..errors import ExpressionError, ReadOnlyError, SupplierLostError, shown
from ..layout.places import UV_FLAGS
from ..supplier.identity import home
from ..transfer.writing.sculpting import has_dynamic_topology

try:  # once, as in bulk.py
    UV_LAYERS_MISSING = UV_FLAGS_WRITE.may_happen()
except ImportError:  # outside of Blender
    UV_LAYERS_MISSING = False


def with_flags(collection, name, items):
    """The collection of a UV map's corners, found anew after the layer of a flag of theirs was made: others may lie elsewhere
    then. None is made for items (None: not told) that
    bpy would not take. hazards.UV_FLAGS_WRITE."""
    if items is not None:
        _check_flags(collection, name, items)
    layer, layers, index = collection.data, collection.id_data.uv_layers, 0
    for one in layers:
        if one == layer:
            break
        index += 1
    else:
        raise SupplierLostError(f"foreach_set({shown(name)}): the UV map's layers have moved since its data was asked for: ask "
                                "mesh.uv_layers anew; nothing was written")
    for _ in getattr(layer, UV_FLAGS[name]):
        break
    return layers[index].data


def _check_flags(collection, name, items):
    try:
        if not set(map(operator.index, items)) <= {0, 1}:
            raise ValueError("a flag is 0 or 1")
    except NotImplementedError:  # a memoryview does not tell them; bpy's call goes another way
        return
    except Exception as error:
        raise ExpressionError(f"foreach_set({shown(name)}) of {shown(collection)}: couldn't access the py sequence: {error}; "
                              "nothing was written") from error


def check_kept(collection, name):
    """Raises ReadOnlyError where what has the collection would lose the values."""
    import bpy

    owner = getattr(collection, "id_data", None)
    if owner is None or len(collection) and isinstance(collection[0], bpy.types.ID):  # each of which is asked
        if len(collection) and isinstance(collection[0], (bpy.types.Mesh, bpy.types.Key)):  # but for sculpting
            check_elements(collection, name)
        return
    why = why_lost(collection, owner)
    if why:
        raise ReadOnlyError(f"foreach_set({shown(name)}): {why}; nothing was written")


def check_elements(collection, name):
    """Raises ReadOnlyError for the first element that would not keep a value."""
    import bpy

    for index, element in enumerate(collection):
        why = isinstance(element, bpy.types.ID) and (
            why_lost(None, element) or element.override_library is not None
            and not element.is_property_overridable_library(name)
            and f"{element.name!r} is a library override, which keeps no {name}")
        if not why and element.is_property_readonly(name):
            why = f"its {name} is read-only"
        if why:
            raise ReadOnlyError(f"foreach_set({shown(name)}) of {shown(collection)}: element {index}: {why}; nothing was "
                                "written")


def why_lost(collection, owner):
    """Why a datablock would lose what is written to it, or to a collection of its, or ''."""
    if owner.is_evaluated or not getattr(owner, "is_embedded_data", False) and home(owner) is None:
        return f"{owner.name!r} is evaluated or temporary data: a write would be lost"
    if owner.library is not None and owner.override_library is None:
        return f"{owner.name!r} is linked from {owner.library.filepath!r}: make it local or override it"
    if collection is None:  # leaving a mode overwrites what lies in its collections
        return ""
    edited = owner.user if type(owner).__name__ == "Key" else owner  # the mesh, curve or lattice of shape keys
    if getattr(edited, "is_editmode", False) and not (
            collection and type(collection[0]).__name__ == "EditBone"):  # which are what is edited
        return f"{edited.name!r} is in edit mode: leaving it would overwrite the data"
    if type(edited).__name__ == "Mesh" and edited.users and has_dynamic_topology(edited):
        return f"{edited.name!r} is sculpted with dynamic topology: leaving that would overwrite the data"
    return ""
