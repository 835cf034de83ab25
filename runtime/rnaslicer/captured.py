# runtime/rnaslicer/captured.py: whom a slicer names, captured when it is made.
"""Loaded when the first `Slicer` is made: an add-on imports that class whenever Blender starts, and most sessions make
none."""

import importlib
import sys
import types
from collections.abc import Iterator

from . import _core
from .basis import proposed
from .basis.later import later
from .errors import ExpressionError, SupplierLostError, passes, shown
from .supplier.capture import capture_member, capture_struct, note_struct, quick_path
from .supplier.contexts import check_unrestricted
from .supplier.identity import check_running, hand_in, looking_for_many

__all__ = ["capture", "check_running", "check_type", "check_unrestricted", "itself", "quick_path"]


def itself():
    """This module: who has it asks it for each slicer at no cost, which what loads it later takes."""
    return sys.modules[__name__]


def _why_untouchable(collection, name):
    """As layout/whole.py has it, until that is handed in."""
    importlib.import_module(__package__)._assemble()
    return importlib.import_module(f"{__package__}.layout.whole").why_untouchable(collection, name)


hand_in(_why_untouchable)
_discovery, _roster = later("discovery"), later("supplier.roster")
proposed.hand_in(lambda: getattr(_discovery.known(), "places", {}))


def check_type(of, supplier):
    """Raises ExpressionError if `of` is no type of bpy, or not that of the structs."""
    import bpy

    if not (isinstance(of, type) and issubclass(of, bpy.types.bpy_struct) and hasattr(of, "bl_rna")):
        raise ExpressionError(f"of is a type of bpy's structs, such as bpy.types.Object, not {shown(of)}")
    if not isinstance(supplier, (list, tuple)):
        raise ExpressionError("of= tells the type of a Python sequence's structs; other suppliers tell it themselves")
    for i, struct in enumerate(supplier):
        if not isinstance(struct, of):
            raise ExpressionError(f"item {i} of the sequence is no {of.__name__}: {shown(struct)}")


def capture(supplier):
    import bpy

    if isinstance(supplier, bpy.types.bpy_struct):
        path = capture_struct(supplier)
        note_struct(path, supplier)
        return path
    if _is_member(supplier):
        return capture_member(supplier)
    if isinstance(supplier, (list, tuple)):
        found = _roster.roster_of(supplier)
        if found is not None:
            return found
        for i, struct in enumerate(supplier):
            if not isinstance(struct, bpy.types.bpy_struct):
                raise ExpressionError(f"a sequence as supplier holds structs of bpy; its item {i} is "
                                      f"{shown(struct)}{_instead(struct)}")
        with looking_for_many():
            return _roster.paths_of(supplier, _captured)
    raise ExpressionError(f"{shown(supplier)} is no collection, struct or array of bpy, nor a sequence of "
                          f"structs{_instead(supplier)}")


def _is_member(supplier):
    """Whether it is a collection or an array of bpy. The type tells: a module such as bpy.ops.mesh has any name."""
    return hasattr(type(supplier), "path_from_id") and hasattr(type(supplier), "foreach_get")


def _has_numbers(supplier):
    """Whether it is a buffer or a range: no list of it would have structs."""
    try:
        memoryview(supplier)
    except TypeError:
        return isinstance(supplier, range)
    return True


def _captured(i, struct):
    """The path of a sequence's struct; SupplierLostError names the one that bpy knows to be dead."""
    try:
        return capture_struct(struct)
    except ReferenceError as error:
        if passes(error):
            raise
        raise SupplierLostError(f"item {i} of the sequence is gone: {error}") from error


def _instead(supplier):
    """What to write instead of a supplier that is none."""
    kind = type(supplier)
    if supplier is None:
        return ": what was looked for is not there"
    if isinstance(supplier, (str, bytes)):
        return "; hand over the struct itself, as in Slicer(bpy.data.objects['Cube'])"
    if isinstance(supplier, type):
        return "; hand over a struct or a collection, not its class"
    if kind.__name__.startswith("BM"):
        return ("; a bmesh is none of Blender's datablocks: write it to a mesh (bm.to_mesh(mesh)) and slice that, as in "
                "Slicer(mesh.vertices)")
    if kind.__name__.startswith("IDProperty"):
        return ("; slice from its owner instead, as in Slicer(ob)['[\"name\"]', :], or for what is in a group "
                "Slicer(ob)['[\"group\"]', '[\"name\"]']")
    if isinstance(supplier, types.ModuleType) or "BPyOp" in kind.__name__:
        return "; a module or an operator holds no data; hand over a struct or a collection, such as bpy.data.objects"
    if kind.__name__ == "ndarray" and getattr(supplier, "dtype", None) == object:
        return "; make a list of it, as in Slicer(array.ravel().tolist())"
    if isinstance(supplier, dict):
        return "; make a list of its values, as in Slicer(list(found.values()))"
    if kind.__module__ in ("mathutils", "builtins") and isinstance(supplier, (set, frozenset, dict)):
        return "; a set has no order: make a list of it, as in Slicer(sorted(objects, key=lambda ob: ob.name))"
    if isinstance(supplier, Iterator):
        return "; what can be iterated over only once cannot be found again: make a list of it, as in Slicer(list(objects))"
    if _is_member(supplier):
        return "; hand over what has it, as in Slicer([mesh, other])[:, 'vertices', :, 'co', :]"
    if isinstance(supplier, (list, tuple)):
        return "; a sequence of structs is flat, as in Slicer([one, other])"
    if kind.__name__ in ("Vector", "Color", "Euler", "Quaternion", "Matrix") or isinstance(supplier, (int, float)):
        return "; name the property instead, as in Slicer(ob)['location', :]"
    if isinstance(supplier, (_core.Subscripted, _core.Context)):
        return "; hand over what it was made of"
    if hasattr(kind, "__iter__") and not hasattr(supplier, "dtype") and not _has_numbers(supplier):
        return "; of what holds structs make a list, as in Slicer(list(objects))"
    return ""
