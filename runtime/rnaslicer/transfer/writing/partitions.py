# runtime/rnaslicer/transfer/writing/partitions.py: writes that divide corners or points anew: loop_start, offsets.
"""Blender reads through these numbers unchecked. So what is whole stays whole, or is not written; what is being
built takes any numbers that lie in the row and ascend, as its own calls would, until it is whole."""

import array

from ... import _core
from ...errors import ReadOnlyError, ValueRangeError
from ...layout.whole import LEAST, borders_fault, fault, points_of


def check(leaf, reached, rows, values):
    """Raises ValueRangeError naming the first element where `values` (int32) for the elements `rows` (None: all
    that the leaf selects) would leave gaps or lead outside."""
    owner, name = _owner(leaf, reached)
    if owner is None:
        raise ReadOnlyError(f"cannot update {leaf.path}: {leaf.property.name} divides corners or points among "
                            "elements, but of what is not known here; build the geometry anew instead")
    if rows is None:
        rows = leaf.rows.indices() if leaf.rows is not None else (leaf.path.steps[-1][1],)
    numbers = memoryview(values).cast("B").cast("i")
    if name == "value":
        kept = _offsets_kept(owner, reached, rows, numbers)
    elif _has_totals(owner):
        kept = _both_kept(owner, name, rows, numbers)
    else:
        kept = _starts_kept(owner, rows, numbers)
    if kept is not None:
        at, number, end = kept
        if at is not None:
            _raise(leaf, at, number, end)
        return
    end = points_of(owner) if name == "value" else len(owner.loops)
    at = _first_wrong(rows, numbers, end + (name != "loop_start"), name != "loop_total")
    if at is not None:
        _raise(leaf, rows[at], numbers[at], end)


# What is whole must stay so: (first element that would not be, its number, end of the row), the element None if all
# are; or None for what is not whole yet.


def kept_by(leaf, reached):
    """How native code tells, of all numbers at once, that what is whole stays so: (collection of the datablock that is
    divided, least of each part, whether the last number is its end, the property that divides it with this one or None);
    None where Python has to look."""
    if leaf.element == "MeshPolygon":
        owner, name = _owner(leaf, reached)
        other = owner is not None and _has_totals(owner) and {"loop_start": "loop_total", "loop_total": "loop_start"}[name] or None
        return ("loops", LEAST, False, other) if owner is not None and (other or name == "loop_start") else None
    is_offsets = leaf.path.steps[-1:] == (("attr", "curve_offset_data"),) and type(reached.id_data).__name__ == "Curves"
    return ("points", 0, True, None) if is_offsets else None


def _starts_kept(mesh, rows, numbers):
    if borders_fault(mesh) is not None:
        return None
    before, end = _now("loop_start", mesh.polygons), len(mesh.loops)
    starts = _with(before, rows, numbers)
    at = _blamed(_core.borders_fault(starts, 0, -1, 4, len(starts), end, LEAST, True) if len(starts) else None, starts, before)
    return at, None if at is None else starts[at], end


def _offsets_kept(owner, offsets, rows, numbers):
    if fault(owner) is not None:
        return None
    before, end, count = _now("value", offsets), points_of(owner), len(offsets) - 1
    found = _with(before, rows, numbers)
    at = _blamed(_core.borders_fault(found, 0, -1, 4, count, found[count], 0, True) if count > 0 else None, found, before)
    if at is None and found[count] != end:
        at = count
    return at, None if at is None else found[at], end


def _both_kept(mesh, name, rows, numbers):
    """3.4, where a polygon has a length of its own: those that follow each other go on to do so, those that just
    lie within the corners, too."""
    polygons, end = mesh.polygons, len(mesh.loops)
    parts = {one: _now(one, polygons) for one in ("loop_start", "loop_total")}
    before = [_fault_of_both(parts, end, in_order) for in_order in (True, False)]
    if all(at is not None for at in before):
        return None
    old = parts[name]
    parts[name] = _with(old, rows, numbers)
    at = _blamed(_fault_of_both(parts, end, before[0] is None), parts[name], old)
    return at, None if at is None else parts[name][at], end


def _blamed(at, values, before):
    """Of the element whose part is wrong and the next one, where it ends: that which is written."""
    return at + 1 if at is not None and at + 1 < len(values) and values[at] == before[at] else at


def _fault_of_both(parts, end, in_order):
    starts, totals = parts.values()
    count = len(starts)
    both = array.array("i", bytes(8 * count))
    view = memoryview(both)
    view[:count], view[count:] = memoryview(starts), memoryview(totals)
    return _core.borders_fault(both, 0, 4 * count, 4, count, end, 1, in_order) if count else None


def _first_wrong(rows, numbers, bound, ascending):
    """Of what is not whole yet: each number by itself, and that starts ascend."""
    count = len(numbers)
    at = _core.first_beyond(numbers, 0, 4, count, bound) if count else None
    if at is None and ascending and count and isinstance(rows, range) and rows.step > 0:
        at = _core.borders_fault(numbers, 0, -1, 4, count, max(bound, numbers[count - 1]), 0, False)
    return at


def _owner(leaf, reached):
    """(what has the row that is divided, name of what is written)."""
    name = leaf.property.identifier
    if leaf.element == "MeshPolygon":
        mesh = reached.id_data
        return (mesh if type(mesh).__name__ == "Mesh" else None), name
    if leaf.rows is None:
        return None, name
    return reached.data, "value"


def _has_totals(mesh):
    """Whether this build keeps a polygon's length beside its start (3.4), so that both are written."""
    return not mesh.bl_rna.properties["polygons"].fixed_type.properties["loop_total"].is_readonly


def _now(name, coll):
    values = array.array("i", bytes(4 * len(coll)))
    coll.foreach_get(name, values)
    return values


def _with(before, rows, numbers):
    """The numbers of all elements as they would be."""
    values = memoryview(before[:])
    if isinstance(rows, range) and rows.step > 0:
        values[rows.start : rows.stop : rows.step] = numbers
    else:
        for row, number in zip(rows, numbers):
            values[row] = number
    return values


def _raise(leaf, at, number, end):
    raise ValueRangeError(f"{leaf.path}[{at}]: {leaf.property.name} would be {number}, which leaves a gap, overlaps "
                          f"or lies outside: the elements must follow each other from 0 to {end}, where Blender "
                          "would crash otherwise; nothing was written")
