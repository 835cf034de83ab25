# runtime/rnaslicer/lowering.py: from a leaf and its layout to the text of an access plan.
"""The plan's text (jit/plan.hpp) is what crosses from Python to the compiler: readable, verified."""

import math
from typing import NamedTuple

SIZE = {"b1": 1, "i8": 1, "u8": 1, "i16": 2, "u16": 2, "i32": 4, "u32": 4, "i64": 8, "u64": 8,
        "f16": 2, "f32": 4, "f64": 8}
FORMAT = {"b1": "?", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q",
          "u64": "Q", "f16": "e", "f32": "f", "f64": "d"}
SCALAR = {format: scalar for scalar, format in FORMAT.items()}


class Storage(NamedTuple):
    """Where a property lies in an array of elements: `stride` bytes apart, components of `scalar`
    from byte `offset` on. `proof` says how it came to be trusted."""

    scalar: str
    offset: int
    stride: int
    proof: str = ""

    def width(self, prop):
        """Bytes of all components of one element."""
        return SIZE[self.scalar] * prop.length


class Lowered(NamedTuple):
    """A plan and its constant run-time arguments. Offsets in bytes."""

    text: str
    source_offset: int  # to add to the address of element 0, or of the struct
    cache_offset: int  # to add to the cache's base
    extents: tuple
    tables: tuple = ()  # per loop: indices if it is gathered, else None


def strides_of(shape, itemsize):
    """C-contiguous strides in bytes."""
    strides, stride = [], itemsize
    for extent in reversed(shape):
        strides.append(stride)
        stride *= extent
    return tuple(reversed(strides))


def lower(leaf, view, storage):
    """The plan that moves a leaf between memory laid out as `storage` and the view's cache."""
    cache_offset, own = cache_strides(leaf, view)
    size = SIZE[storage.scalar]
    source_offset = storage.offset + leaf.components.base * size
    loops = [(loop.count, loop.stride * size, loop.table) for loop in leaf.components.loops]
    if leaf.rows is not None:
        step = storage.stride * (1 if leaf.rows.table is not None else leaf.rows.step)
        loops.insert(0, (leaf.rows.count, step, leaf.rows.table))
        source_offset += leaf.rows.start * storage.stride
    lines = [f"loop {'strided' if table is None else 'indexed'} source {stride} cache {own.pop(0)}"
             for _, stride, table in loops]
    lines += _lanes(leaf.components, size, own)
    text = "\n".join(head(leaf.property, storage.scalar, view.scalar) + lines) + "\n"
    return Lowered(text, source_offset, cache_offset, tuple(loop[0] for loop in loops),
                   tuple(loop[2] for loop in loops))


def cache_strides(leaf, view):
    """(byte offset of the leaf in the cache, byte strides of its own axes)."""
    offset, own = 0, []
    for (kind, at), stride in zip(leaf.place, strides_of(view.shape, SIZE[view.scalar])):
        offset += at * stride
        if kind == "own":
            own.append(stride)
    return offset, own


def head(prop, storage, format):
    """The plan's lines down to its format."""
    lines = ["plan 1", f"storage {storage}", f"value {prop.value}"]
    if prop.clamp:
        lines.append("clamp {!r} {!r}".format(*prop.clamp))
    return lines + [f"format {format}"]


def _lanes(components, size, strides):
    shape = components.shape
    yield "lanes" + (" " + "x".join(map(str, shape)) if shape else "")
    for lane, flat in enumerate(components.flat):
        cache, rest = 0, lane
        for extent, stride in zip(reversed(shape), reversed(strides)):
            rest, i = divmod(rest, extent)
            cache += i * stride
        yield f"lane {flat * size} -> {cache}"


def packed(prop, scalar):
    """The layout of a buffer that holds whole values one after the other, as foreach_get fills it."""
    return Storage(scalar, 0, SIZE[scalar] * prop.length)


def is_packed_copy(leaf, view, scalar):
    """True if the packed buffer of all elements and the whole cache are the same bytes."""
    comps = leaf.components
    return (view.scalar == scalar == leaf.property.value
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
