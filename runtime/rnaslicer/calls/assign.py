# runtime/rnaslicer/calls/assign.py: assign_weights: many vertices to many groups at once.
"""A vertex that is in no group has nothing to write to, so bpy's `VertexGroup.add` makes what is missing, many vertices at
a time; native code then writes all values where they lie."""

from __future__ import annotations

import array
import struct
from typing import TYPE_CHECKING, Any, Literal

from .. import _core
from ..errors import ExpressionError, ReadOnlyError, SlicerError, ValueRangeError, passes, refused, shown
from ..layout.deform import build, confirmed, is_proven, locate
from ..layout.leaf import Rows
from ..layout.storage import FORMAT, SCALAR, SIZE
from . import given
from ..supplier.contexts import check_context
from ..supplier.identity import check_running
from ..transfer.writing.permission import check_writable

if TYPE_CHECKING:
    from .._core import Buffer

_MODES = "REPLACE", "ADD"
_AT_ONCE = 1 << 16  # assignments
_LONG = {"l": "q", "L": "Q", "n": "q", "N": "Q"}


def assign_weights(ob: Any, vertex: Buffer, group: Buffer, weight: Buffer,
                   mode: Literal["REPLACE", "ADD"] = "REPLACE") -> None:
    """Assigns vertices of an object's mesh, or points of its lattice, to its vertex groups.

    vertex, group, weight: buffers of one dimension and one length: indices of vertices, indices of groups, weights. As
    after `ob.vertex_groups[group[i]].add([vertex[i]], weight[i], mode)` for each i: weights are clamped to 0 to 1, the
    last of several for one vertex and group counts, or with mode 'ADD' their sum, at most 1. A vertex gets its groups
    in the order in which they come.

    Refuses, with nothing changed: an index that is none (ValueRangeError), locked groups, edit mode, linked or
    evaluated data (ReadOnlyError), what is no such buffer (ExpressionError).
    """
    if given.note is not None:
        given.note(assign_weights, "update", lambda: (f"assign_weights({_named(ob)})", ()), weight,
                   ob, vertex, group, weight, mode)
        return
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
    _check_writable(ob, coll)
    if not len(vertices):
        return
    for number in _core.named_groups(groups, len(ob.vertex_groups)):
        if ob.vertex_groups[number].lock_weight:
            raise ReadOnlyError(f"the vertex group {ob.vertex_groups[number].name!r} is locked; nothing was changed")
    if not is_proven(ob.data):  # one that is made anyway, by which the place of all can be told
        ob.vertex_groups[groups[0]].add((vertices[0],), -0.0, "ADD")
    _make(ob, coll, vertices, groups)
    if not _put(ob, coll, vertices, groups, weights, mode):  # no place that bpy confirms: what a script would do
        given.by_bpy = "element"
        for number, v, value in zip(groups.tolist(), vertices.tolist(), weights.tolist()):
            ob.vertex_groups[number].add((v,), value, mode)


def _make(ob, coll, vertices, groups):
    """Has bpy make what is missing, with a weight of 0: some thousands at a time, whose numbers stay in the CPU's
    caches. What is there already stays as it is."""
    size = max(_AT_ONCE, len(coll) // 4)
    for start in range(0, len(vertices), size):
        part = slice(start, start + size)
        for number, members in _core.missing_assignments(
                vertices[part], groups[part], len(ob.vertex_groups), *_rows(coll, locate(coll, _every(coll)))):
            ob.vertex_groups[number].add(members, -0.0, "ADD")


def _put(ob, coll, vertices, groups, weights, mode):
    """Writes the weights of assignments that are all there. False if it has written nothing."""
    first, number = vertices[0], groups[0]
    ob.vertex_groups[number].add((first,), -0.0, "ADD")  # which un-shares what copies share, if nothing has yet
    base = confirmed(coll, sorted({first, vertices[len(vertices) // 2], vertices[-1]}))
    found = locate(coll, _every(coll)) if base else None
    if found is None or found.base != base:
        return False
    absent = _core.put_weights(vertices, groups, weights, mode == "ADD", build().offsets["weight"], *_rows(coll, found))
    if type(ob.data).__name__ == "Mesh":  # whose own update tags; that of a lattice crashes: hazards.LATTICE_WEIGHT
        one = next(one for one in coll[first].groups if one.group == number)
        one.weight = one.weight
    else:
        ob.data.update_tag()
    if absent:
        raise SlicerError(f"{absent} of {len(vertices)} assignments were not made by bpy; all others were written")
    return True


def _named(ob):
    try:
        return f"Object {ob.name!r}"
    except Exception:  # none, or dead
        return shown(ob)


def _every(coll):
    return Rows.sliced(len(coll), slice(None))


def _rows(coll, found):
    """The arguments of `_core` for where the assignments of all elements are (None: nowhere)."""
    if found is None:
        return 0, 0, len(coll), 0, 0, 0, 0
    return *found.arguments(), build().size, build().offsets["group"]


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
    if found == "f16":
        # No kernel reads such, and Python 3.11 has no memoryviews of them.
        return array.array("f", struct.unpack(f"{len(view)}e", source))
    packed = _core.allocate((len(view),), FORMAT[scalar], None)
    kernel = _core.Kernel(_core.Plan(f"plan 1\nstorage {found}\nvalue {scalar}\nformat {scalar}\n"
                                     f"loop strided source {SIZE[found]} cache {SIZE[scalar]}\nlanes\nlane 0 -> 0\n"))
    kernel.refresh(packed, bytearray(source), (len(view),))
    return memoryview(packed)


def _check_indices(what, numbers, count, of):
    if not len(numbers):
        return
    low, high = _core.int_range(numbers)
    if low < 0 or high >= count:
        wrong = low if low < 0 else high
        at = next(i for i, number in enumerate(numbers) if number == wrong)
        raise ValueRangeError(f"{what}[{at}] is {wrong}, but there are {count} {of}; nothing was changed")


def _check_writable(ob, coll):
    """Raises ReadOnlyError where the write would be lost."""
    if ob.library is not None and ob.override_library is None:
        raise ReadOnlyError(f"{ob.name!r} is linked from {ob.library.filepath!r}: make it local; nothing was changed")
    if not len(coll):
        return
    for leaf in given.Slicer(coll, ragged="flat")[:1, "groups", :, "weight"].leaves():  # one stands for all
        check_writable(leaf, leaf.path.follow())
    if getattr(ob.data, "is_editmode", False):
        raise ReadOnlyError(f"{ob.data.name!r} is in edit mode; nothing was changed")
