# runtime/rnaslicer/calls/assign.py: assign_weights: many vertices to many groups at once.
"""A vertex that is in no group has nothing to write to, so bpy's `VertexGroup.add` makes what is missing, in one call for
each group; a kernel then writes all values."""

from __future__ import annotations

import array
from typing import TYPE_CHECKING, Any, Literal

from .. import _core
from ..errors import ExpressionError, ReadOnlyError, SlicerError, ValueRangeError, passes, refused, shown
from ..layout.deform import is_proven
from ..layout.storage import FORMAT, SCALAR, SIZE
from . import given
from ..supplier.contexts import check_context
from ..supplier.identity import check_running
from ..transfer.writing.permission import check_writable

if TYPE_CHECKING:
    from .._core import Buffer

_MODES = "REPLACE", "ADD"
_LONG = {"l": "q", "L": "Q", "n": "q", "N": "Q"}


def assign_weights(ob: Any, vertex: Buffer, group: Buffer, weight: Buffer,
                   mode: Literal["REPLACE", "ADD"] = "REPLACE") -> None:
    """Assigns vertices of an object's mesh, or points of its lattice, to its vertex groups.

    vertex, group, weight: buffers of one dimension and one length: indices of vertices, indices of groups, weights. As
    after `ob.vertex_groups[group[i]].add([vertex[i]], weight[i], mode)` for each i: weights are clamped to 0 to 1, the
    last of several for one vertex and group counts, or with mode 'ADD' their sum, at most 1. New assignments of a
    vertex come in the order of the groups.

    Refuses, with nothing changed: an index that is none (ValueRangeError), locked groups, edit mode, linked or
    evaluated data (ReadOnlyError), what is no such buffer (ExpressionError).
    """
    try:
        _assign(ob, vertex, group, weight, mode)
    except Exception as error:
        if passes(error):
            raise
        raise refused(f"assign_weights({shown(ob)})", error) from error


def _assign(ob, vertex, group, weight, mode):
    import bpy

    check_running()
    check_context("assigning weights")
    if mode not in _MODES:
        raise ExpressionError(f"mode is 'REPLACE' or 'ADD', not {shown(mode)}")
    if not isinstance(ob, bpy.types.Object) or type(ob.data).__name__ not in ("Mesh", "Lattice"):
        raise ExpressionError(f"assign_weights takes an object with a mesh or lattice, not {shown(ob)}")
    vertices, groups = _numbers("vertex", vertex, "i32"), _numbers("group", group, "i32")
    weights = _numbers("weight", weight, "f32")
    if not len(vertices) == len(groups) == len(weights):
        raise ExpressionError(f"vertex, group and weight have {len(vertices)}, {len(groups)} and {len(weights)} items: "
                              "they need one length")
    coll = ob.data.vertices if isinstance(ob.data, bpy.types.Mesh) else ob.data.points
    what = "points" if isinstance(ob.data, bpy.types.Lattice) else "vertices"
    _check_indices("vertex", vertices, len(coll), what)
    _check_indices("group", groups, len(ob.vertex_groups), "vertex groups")
    slicer = given.Slicer(coll, ragged="flat")
    _check_writable(ob, coll, slicer)
    if not len(vertices):
        return
    if not is_proven(ob.data):
        _assign_first(ob, coll, vertices, groups)
    with slicer[:, "groups", :, "group"] as before:
        missing = _core.missing_assignments(vertices, groups, before.offsets, before.memcache, len(ob.vertex_groups))
    for number in missing:
        if ob.vertex_groups[number].lock_weight:
            raise ReadOnlyError(f"the vertex group {ob.vertex_groups[number].name!r} is locked; nothing was changed")
    for number, members in missing.items():
        if members:
            ob.vertex_groups[number].add(members, 0.0, "ADD")
    with slicer[:, "groups", :, "group"] as after, slicer[:, "groups", :, "weight"] as written:
        absent = _core.put_weights(vertices, groups, weights, after.offsets, after.memcache, written.memcache, mode == "ADD")
        written.update()
    if absent:
        raise SlicerError(f"{absent} of {len(vertices)} assignments were not made by bpy; all others were written")


def _assign_first(ob, coll, vertices, groups):
    """Makes one assignment that would be made anyway, of the first group, so that there is one by which the place of
    all can be told; not where that could be refused later."""
    number = _core.int_range(groups)[0]
    vertex = vertices[groups.tolist().index(number)]
    used = set(groups.tolist())
    if not any(ob.vertex_groups[one].lock_weight for one in used) and not any(
            one.group == number for one in coll[vertex].groups):
        ob.vertex_groups[number].add([vertex], 0.0, "ADD")


def _numbers(what, values, scalar):
    """A buffer as a contiguous one of int32 or float32."""
    try:
        view = memoryview(values)
    except TypeError:
        raise ExpressionError(f"{what} is a buffer (an array, MemCache or NumPy array), not {shown(values)}") from None
    if view.ndim != 1:
        raise ExpressionError(f"{what} has {view.ndim} dimensions; it needs one")
    code = view.format[1:] if view.format[:1] in "@=<" else view.format
    found = SCALAR.get(_LONG.get(code, code))
    floats = scalar == "f32"
    if found is None or found == "b1" or (found[0] == "f") != floats or SIZE[found] != view.itemsize:
        raise ExpressionError(f"{what} has items of format {view.format!r}; it needs {'floats' if floats else 'integers'}")
    if found == scalar and view.c_contiguous:
        return view.cast("B").cast(FORMAT[scalar]) if len(view) else array.array(FORMAT[scalar])
    if not len(view):
        return array.array(FORMAT[scalar])
    source = view.tobytes()
    if found in ("i64", "u64"):  # what is beyond 63 bits is negative here
        low, high = _core.int_range(memoryview(source).cast("q"))
        if low < -(1 << 31) or high >= 1 << 31:
            raise ValueRangeError(f"{what} has {low if low < 0 else high}, which is no index of any; nothing was changed")
    packed = _core.allocate((len(view),), FORMAT[scalar], None)
    kernel = _core.Kernel(_core.Plan(f"plan 1\nstorage {'f32' if found == 'f16' else found}\nvalue {scalar}\n"
                                     f"format {scalar}\nloop strided source {SIZE[found]} cache {SIZE[scalar]}\n"
                                     "lanes\nlane 0 -> 0\n"))
    if found == "f16":
        source = array.array("f", memoryview(source).cast("e").tolist())
    kernel.refresh(packed, bytearray(source) if isinstance(source, bytes) else source, (len(view),))
    return memoryview(packed)


def _check_indices(what, numbers, count, of):
    if not len(numbers):
        return
    low, high = _core.int_range(numbers)
    if low < 0 or high >= count:
        wrong = low if low < 0 else high
        at = next(i for i, number in enumerate(numbers) if number == wrong)
        raise ValueRangeError(f"{what}[{at}] is {wrong}, but there are {count} {of}; nothing was changed")


def _check_writable(ob, coll, slicer):
    """Raises ReadOnlyError where the write would be lost."""
    if ob.library is not None and ob.override_library is None:
        raise ReadOnlyError(f"{ob.name!r} is linked from {ob.library.filepath!r}: make it local; nothing was changed")
    if not len(coll):
        return
    for leaf in slicer[:, "groups", :, "weight"].leaves():
        check_writable(leaf, leaf.path.follow())
    if getattr(ob.data, "is_editmode", False):
        raise ReadOnlyError(f"{ob.data.name!r} is in edit mode; nothing was changed")
