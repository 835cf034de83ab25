# runtime/rnaslicer/transfer/kernels/dense.py: a region's values one after the other, in RNA's own type.
"""Between Python numbers and a region of the cache stands one packed buffer and a kernel."""

import math

from ... import _core
from ...layout.storage import FORMAT, SIZE, Storage
from .lowering import Lowered, cache_strides, head
from .mover import Mover


class Dense:
    """The values that a region (spans over a leaf's axes; None: all) names, C order.

    `components` are the flat component indices that each row has, in the order of the values.

    raw: the values are in the cache's own format, and only their bytes are moved (doubles, of which plans make none).
    """

    def __init__(self, leaf, view, spans, raw=False):
        self.leaf, self._raw = leaf, raw
        if spans is None:
            spans = [(0, 1, extent) for extent in leaf.axes]
        spans = list(spans)
        # Not clamped: checks see what was asked for, and setattr clamps as it likes.
        prop = leaf.property._replace(clamp=None)
        self.scalar = view.scalar if raw else prop.value
        cache_offset, own = cache_strides(leaf, view)
        size = SIZE[self.scalar]
        counts = [count for _, _, count in spans]
        cache_offset += sum(start * stride for (start, _, _), stride in zip(spans, own))
        lines, source = [], size * math.prod(counts)
        loops = (leaf.rows is not None) + len(leaf.components.loops)
        for (_, step, count), stride in list(zip(spans, own))[:loops]:
            source //= max(count, 1)
            lines.append(f"loop strided source {source} cache {stride * step}")
        lane_spans, lane_strides = spans[loops:], own[loops:]
        unit = min(size, 4) if raw else size
        shape = counts[loops:] + ([2] if size > unit else [])
        lines.append("lanes" + (" " + "x".join(map(str, shape)) if shape else ""))
        lanes = list(_product(lane_spans))
        for i, at in enumerate(lanes):
            cache = sum((a - s[0]) * stride for a, s, stride in zip(at, lane_spans, lane_strides))
            lines += [f"lane {i * size + part} -> {cache + part}" for part in range(0, size, unit)]
        top = head(prop, Storage(self.scalar, 0, None), view.item)
        if raw:
            top = ["plan 1", f"storage i{8 * unit}", "value i32", f"format i{8 * unit}"]
        text = "\n".join(top + lines) + "\n"
        self.count = math.prod(counts)
        self.mover = None
        if self.count:
            self.mover = Mover(Lowered(text, 0, cache_offset, tuple(counts[:loops])))
        self._spans = spans
        comps = leaf.components
        strides = _c_strides(comps.shape)
        flats = [comps.flat[sum(a * s for a, s in zip(at, strides))] for at in lanes]
        large = spans[loops - len(comps.loops) : loops]
        starts = [comps.base + sum(loop.at(i) for loop, i in zip(comps.loops, at))
                  for at in _product(large)]
        self.components = [start + flat for start in starts for flat in flats]

    @property
    def rows(self):
        """Element indices that the region touches, in order; of a struct, the one."""
        if self.leaf.rows is None:
            return (None,)
        return self.leaf.rows.indices_of(*self._spans[0])

    def buffer(self):
        """An uninitialised packed buffer for the values."""
        return memoryview(_core.allocate((self.count,), FORMAT[self.scalar], None))

    def values_of(self, cache):
        """What an update of the region asks for, in RNA's type, as a flat buffer."""
        values = self.buffer()
        if self.count:
            self.mover.update(self._plain(cache), values)
        return values

    def fill(self, cache, values):
        """Writes the values into the cache's region."""
        if self.count:
            self.mover.refresh(self._plain(cache), values)

    def _plain(self, cache):
        """The cache as the plan names its items."""
        if not self._raw:
            return cache
        return memoryview(cache).cast("B").cast(FORMAT[f"i{8 * min(SIZE[self.scalar], 4)}"])


def _c_strides(shape):
    strides, stride = [], 1
    for extent in reversed(shape):
        strides.append(stride)
        stride *= extent
    return strides[::-1]


def _product(spans):
    if not spans:
        yield ()
        return
    (start, step, count), *rest = spans
    for k in range(count):
        for tail in _product(rest):
            yield (start + k * step, *tail)
