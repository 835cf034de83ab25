# runtime/rnaslicer/expression/pad.py: nested collections of different lengths as one rectangular axis.
"""`ragged='pad'`: what `ragged='flat'` would give, (sum of lengths, ...), as (elements, width, ...)."""

from __future__ import annotations

import array
from typing import Any

from .. import _core
from ..basis.records import replace
from ..layout.leaf import Leaf, View


class PadLeaf(Leaf):
    """All values of a flat view, each row of them padded to the same width; described by the first of its leaves."""

    moved_by = "pad"

    flat: View | None = None  # with offsets
    width: int = 0
    fill: Any = 0

    @property
    def whole(self):
        """Those of the flat view: its properties and datablocks may be several."""
        return self.flat.leaves

    @property
    def axes(self):
        """Elements, width, and what each value has."""
        return (len(self.flat.offsets) - 1, self.width, *self.flat.shape[1:])


def padded(walk, view, width, fill):
    """The view in which the ragged axis of a flat view has a width; the view itself where nothing is ragged."""
    if view.offsets is None:
        return view
    offsets = array.array("q", view.offsets) if isinstance(view.offsets, tuple) else view.offsets
    lengths, longest = _core.lengths_of(offsets)
    lengths = array.array("q", lengths)
    if width is None:
        width = longest
    if width < longest:
        at = next(i for i, length in enumerate(lengths) if length > width)
        walk.fail(None, f"element {at} has {lengths[at]}, more than the width of {width}; nothing is cut in silence")
    shape = (len(lengths), width, *view.shape[1:])
    first = view.leaves[0]
    leaf = PadLeaf(first.path, None, first.property, first.components, first.element, first.uniform, first.exact,
                   first.alike, first.shared, place=(("own", 0),) * len(shape), flat=view, width=width, fill=fill)
    return replace(view, shape=shape, leaves=(leaf,), offsets=None, lengths=lengths)
