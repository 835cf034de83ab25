# runtime/rnaslicer/transfer/kernels/lowering.py: from a leaf and its layout to the text of an access plan.
"""The plan's text (jit/plan.hpp) is what crosses from Python to the compiler: readable, verified."""

import math

from ...basis.records import Record
from ...layout.storage import SIZE, Storage, strides_of


class Lowered(Record):
    """A plan and its constant run-time arguments. Offsets in bytes."""

    text: str
    source_offset: int  # to add to the address of element 0, or of the struct
    cache_offset: int  # to add to the cache's base
    extents: tuple
    tables: tuple = ()  # per loop: indices if it is gathered, else None


def lower(leaf, view, storage):
    """The plan that moves a leaf between memory laid out as `storage` and the view's cache.

    Where the storage has no stride, the first loop follows a table of addresses, one for each row.
    """
    cache_offset, own = cache_strides(leaf, view)
    size = SIZE[storage.scalar]
    source_offset = storage.offset + leaf.components.base * size
    loops = [(loop.count, *_walk(loop.stride * size, loop.table)) for loop in leaf.components.loops]
    rows = leaf.rows
    if rows is not None and storage.stride is None:
        loops.insert(0, (rows.count, f"pointers source {source_offset}", None))
        source_offset = 0
    elif rows is not None:
        step = storage.stride * (1 if rows.table is not None else rows.step)
        loops.insert(0, (rows.count, *_walk(step, rows.table)))
        source_offset += rows.start * storage.stride
    lines = [f"loop {walk} cache {own.pop(0)}" for _, walk, _ in loops]
    lines += _lanes(leaf.components, storage, own)
    text = "\n".join(head(leaf.property, storage, view.item) + lines) + "\n"
    return Lowered(text, source_offset, cache_offset, tuple(loop[0] for loop in loops),
                   tuple(loop[2] for loop in loops))


def are_vectors(storage):
    """Whether a kernel can take three components that are stored so through a matrix."""
    steps = [storage.step(i) for i in range(3)]
    return (storage.decode == "plain" and storage.scalar in ("f32", "f64") and storage.stride is not None
            and storage.hop is None and steps[2] - steps[1] == steps[1] - steps[0] > 0)


def _walk(stride, table):
    return f"{'strided' if table is None else 'indexed'} source {stride}", table


def cache_strides(leaf, view):
    """(byte offset of the leaf in the cache, byte strides of its own axes)."""
    offset, own = view.first, []
    for (kind, at), stride in zip(leaf.place, view.strides or strides_of(view.shape, SIZE[view.scalar])):
        offset += at * stride
        if kind == "own":
            own.append(stride)
    return offset, own


def head(prop, storage, format):
    """The plan's lines down to its format."""
    lines = ["plan 1", storage.statement, f"value {prop.value}"]
    if prop.clamp and storage.decode in ("plain", "unorm", "lookup"):
        lines.append("clamp {!r} {!r}".format(*prop.clamp))
    return lines + [f"format {format}"]


def _lanes(components, storage, strides):
    shape = components.shape
    yield "lanes" + (" " + "x".join(map(str, shape)) if shape else "")
    for flat, cache in zip(components.flat, lane_offsets(shape, strides)):
        yield f"lane {storage.step(flat)} -> {cache}{storage.suffix(flat)}"


def lane_offsets(shape, strides):
    """Byte offsets of all lanes in the cache, C order."""
    for lane in range(math.prod(shape)):
        cache, rest = 0, lane
        for extent, stride in zip(reversed(shape), reversed(strides)):
            rest, i = divmod(rest, extent)
            cache += i * stride
        yield cache


def packed(prop, scalar):
    """The storage of a buffer that holds whole values one after the other, as foreach_get fills it."""
    return Storage(scalar, 0, SIZE[scalar] * prop.length)


def is_packed_copy(leaf, view, scalar):
    """True if the packed buffer of all elements and the whole cache are the same bytes."""
    comps = leaf.components
    return (view.scalar == scalar == leaf.property.value and view.strides is None
            and math.prod(leaf.axes) == math.prod(view.shape)  # nothing of the cache is another's
            and (leaf.rows is None or (leaf.rows.table is None and leaf.rows.start == 0
                                       and leaf.rows.step == 1 and leaf.rows.count == leaf.rows.length))
            and math.prod(comps.axes) == leaf.property.length
            and comps.base == 0 and comps.flat == tuple(range(len(comps.flat)))
            and _row_major(comps))


def _row_major(comps):
    expected = math.prod(comps.shape)
    for loop in reversed(comps.loops):
        if loop.table is not None or loop.stride != expected:
            return False
        expected *= loop.count
    return True


def own_spans(leaf, region):
    """The part of a view's region that falls on a leaf, as spans over the leaf's own axes.

    `region` has (start, step, count) per view axis. None if nothing falls on the leaf.
    """
    spans, extents = [], iter(leaf.axes)
    for (kind, at), (start, step, count) in zip(leaf.place, region):
        extent = 1 if kind == "fixed" else next(extents)
        span = _inside(start, step, count, at, extent)
        if span is None:
            return None
        if kind == "own":
            spans.append(span)
    return tuple(spans)


def _inside(start, step, count, low, extent):
    """The progression's part within [low, low + extent), relative to low; None if empty there."""
    if count == 0:
        return None
    if step > 0:
        k0 = max(0, -(-(low - start) // step))
        k1 = min(count, -(-(low + extent - start) // step))
    else:
        k0 = max(0, -(-(start - (low + extent - 1)) // -step))
        k1 = min(count, (start - low) // -step + 1)
    if k0 >= k1:
        return None
    return (start + k0 * step - low, step, k1 - k0)


def axes_within(leaf, view, axes=0):
    """What of each axis of the cache is the leaf's, as native code reads it: (place, extent), 0 for all, as the rows are, -1
    for one place; () where all of each is. axes: of the cache, above the rows, which are left out."""
    extents = iter(leaf.axes)
    found = [(at, -1 if kind == "fixed" else next(extents)) for kind, at in leaf.place][axes:]
    if found == [(0, extent) for extent in view.shape[axes:]] or leaf.rows is not None and not found:
        return ()
    return tuple(found if leaf.rows is None else [(0, 0), *found[1:]])


def bytes_before(leaf, view, axes):
    """Bytes of the cache before a leaf's own, by its place on the first axes: native code counts the structs and rows
    that come before."""
    strides = view.strides or strides_of(view.shape, SIZE[view.scalar])
    return sum(at * stride for (_, at), stride in zip(leaf.place[:axes], strides))
