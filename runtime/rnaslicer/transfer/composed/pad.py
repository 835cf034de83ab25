# runtime/rnaslicer/transfer/composed/pad.py: the route of rows that are padded to one width.
"""Moves a `PadLeaf` (expression/pad.py): the flat values by routes of their own into a packed buffer, which has one row
more than there are. Each place of the cache has an index into it; those that nothing fills lead to the last row."""

import array
import math

from ... import _core
from ...errors import ExpressionError, passes, shown
from ...layout.storage import FORMAT, SIZE, strides_of
from ..lowering import Lowered, lane_offsets
from ..mover import Mover
from ..routes import Route

# Items are moved as they are: words of a size that a plan copies.
_WORDS = {1: ("u8", 1), 2: ("u16", 1), 4: ("i32", 1), 8: ("i32", 2)}


class PadRoute(Route):
    """The routes of a flat view's leaves, and the rectangle around their values."""

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self._flat = leaf.flat
        self._routes = [choose(one, self._flat) for one in self._flat.leaves]
        self.name = self._routes[0].name if self._routes else "direct"
        self._total, offsets = self._flat.shape[0], self._flat.offsets
        indices = array.array("i")
        for start, end in zip(offsets, offsets[1:]):
            indices.extend(range(start, end))
            indices.extend([self._total] * (leaf.width - (end - start)))
        self._indices = indices
        self._pad = Mover(_lower(leaf, self._flat.scalar))
        self._buffer()

    @property
    def kernel(self):
        """The kernel of the flat values."""
        return self._routes[0].kernel

    def prepare(self):
        """Compiles what a refresh needs."""
        for route in self._routes:
            route.prepare()
        self._pad.kernel.prepare("refresh")

    def follow(self):
        """All collections, as long as they were."""
        for route in self._routes:
            reached = route.follow()
        return reached

    def ready(self):
        """As for the flat values."""
        for route in self._routes:
            route.ready()

    def _buffer(self):
        """(all rows, those that are real): what nothing fills holds the fill."""
        rows = _core.allocate((self._total + 1, *self._flat.shape[1:]), FORMAT[self._flat.scalar], None)
        try:
            rows[self._total :] = self.leaf.fill
        except Exception as error:  # of any kind: it may be an object of a script's
            if passes(error):
                raise
            raise ExpressionError(f"fill={shown(self.leaf.fill)} is no item of '{FORMAT[self._flat.scalar]}': "
                                  f"{type(error).__name__}: {error}") from error
        return rows, rows[: self._total]

    def _read(self):
        rows, real = self._buffer()
        for route in self._routes:
            route.refresh(real, None)
        return rows, real

    def _spans(self, spans):
        """A region of items as one of words."""
        return spans if spans is None or _WORDS[SIZE[self._flat.scalar]][1] == 1 else (*spans, (0, 1, 2))

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing:
            self.follow()
            return
        rows, _ = self._read()
        self._pad.refresh(memoryview(cache), self._indices, self._spans(spans), target=(rows, self._total + 1))

    def _asked(self, cache, spans):
        """(what an update of the region makes of the flat values, the flat region that it may touch)."""
        rows, real = self._read()
        self._pad.update(memoryview(cache), self._indices, self._spans(spans), target=(rows, self._total + 1))
        if spans is None:
            return real, None
        start, step, count = spans[0]
        offsets, last = self._flat.offsets, start + (count - 1) * step
        low, high = offsets[min(start, last)], offsets[max(start, last) + 1]
        return real, ((low, 1, high - low), *spans[2:])

    def check(self, cache, region):
        """As for the flat values."""
        nothing, spans = self.spans(region)
        if nothing or not math.prod(self.leaf.axes):
            self.follow()
            return
        values, flat = self._asked(cache, spans)
        for route in self._routes:
            route.check(values, flat)

    def update(self, cache, region):
        """Cache to Blender: the real ones."""
        nothing, spans = self.spans(region)
        if nothing or not math.prod(self.leaf.axes):
            self.follow()
            return
        values, flat = self._asked(cache, spans)
        for route in self._routes:
            route.update(values, flat)


def _lower(leaf, scalar):
    word, count = _WORDS[SIZE[scalar]]
    value = "i32"
    shape = leaf.axes[2:] + ((2,) if count == 2 else ())
    size = SIZE[word]
    row = size * math.prod(shape)
    lines = ["plan 1", f"storage {word}", f"through stride {row}", f"value {value}", f"format {word}",
             f"loop strided source {4 * leaf.width} cache {row * leaf.width}", f"loop strided source 4 cache {row}",
             "lanes" + (" " + "x".join(map(str, shape)) if shape else "")]
    lines += [f"lane 0 -> {at}" + (f" at {at}" if at else "") for at in lane_offsets(shape, strides_of(shape, size))]
    return Lowered("\n".join(lines) + "\n", 0, 0, tuple(leaf.axes[:2]))
