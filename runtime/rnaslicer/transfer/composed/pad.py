# runtime/rnaslicer/transfer/composed/pad.py: the route of rows that are padded to one width.
"""Moves a `PadLeaf` (expression/pad.py): the flat values by routes of their own into a packed buffer, which has one row
more than there are. Each place of the cache has an index into it; those that nothing fills lead to the last row."""

import array
import math

from ... import _core
from ...errors import ExpressionError, passes, shown
from ...layout.storage import FORMAT, SIZE, strides_of
from ..described import is_few
from ..kernels.lowering import Lowered, lane_offsets
from ..kernels.mover import Mover
from ..routes import Route
from ..weights import SomeWeights, WeightRoute
from .corners import CornerRoute, SomeCorners
from .gather import GatherRoute, SomeRows

# Items are moved as they are: words of a size that a plan copies.
_WORDS = {1: ("u8", 1), 2: ("u16", 1), 4: ("i32", 1), 8: ("i32", 2)}

_OF_ONE_ROW = {"weights", "corners"}  # no other row has these values, too
_FEW = 4  # parts


class PadRoute(Route):
    """The routes of a flat view's leaves, and the rectangle around their values."""

    composed = leads = True

    def __init__(self, leaf, view, choose):
        super().__init__(leaf, view, None)
        self.flat, self._choose = leaf.flat, choose
        self.routes = [choose(one, self.flat) for one in self.flat.leaves]
        self.name = self.routes[0].name if self.routes else "direct"
        self._total, offsets = self.flat.shape[0], self.flat.offsets
        if isinstance(offsets, tuple):
            offsets = array.array("q", offsets)
        self._indices = array.array("i", _core.pad_indices(offsets, leaf.width))
        self._pad = Mover(_lower(leaf, self.flat.scalar))
        self._buffer()
        if all(hasattr(route, "absent") for route in self.routes if not is_few(route)):
            self.absent = False  # native code may follow

    @property
    def kernel(self):
        """The kernel of the flat values."""
        return self.routes[0].kernel

    def parts(self):
        """Those of the flat values."""
        return self.routes

    def own_kernels(self):
        """The one that makes rows of them."""
        return [self._pad.kernel]

    def comparing(self):
        """Those of the flat values."""
        return [one for route in self.routes for one in route.comparing()]

    def follow(self):
        """All collections, as long as they were."""
        for route in self.routes:
            reached = route.follow()
        return reached

    def look(self, region):
        """As for the flat values, all of which are read."""
        for route in [route for route in self.routes if route.leads]:
            route.look(None)

    def ready(self):
        """As for the flat values."""
        for route in self.routes:
            route.ready()

    def _buffer(self):
        """(all rows, those that are real): what nothing fills holds the fill."""
        rows = _core.allocate((self._total + 1, *self.flat.shape[1:]), FORMAT[self.flat.scalar], None)
        try:
            rows[self._total :] = self.leaf.fill
        except Exception as error:  # of any kind: it may be an object of a script's
            if passes(error):
                raise
            raise ExpressionError(f"fill={shown(self.leaf.fill)} is no item of '{FORMAT[self.flat.scalar]}': "
                                  f"{type(error).__name__}: {error}") from error
        return rows, rows[: self._total]

    def _read(self):
        rows, real = self._buffer()
        for route in self.routes:
            route.refresh(real, None)
        return rows, real

    def _spans(self, spans):
        """A region of items as one of words."""
        return spans if spans is None or _WORDS[SIZE[self.flat.scalar]][1] == 1 else (*spans, (0, 1, 2))

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        if nothing:
            self.follow()
            return
        rows, _ = self._read()
        self._pad.refresh(memoryview(cache), self._indices, self._spans(spans), target=(rows, self._total + 1))

    def _asked(self, cache, spans):
        """What an update of the region makes of the flat values."""
        rows, real = self._read()
        self._pad.update(memoryview(cache), self._indices, self._spans(spans), target=(rows, self._total + 1))
        return real

    def _parts(self, spans):
        """The region as regions of the flat values, and the routes that each is for: of those alone, for what is read
        and written again may lose by it, or undo what another row writes to the same place."""
        if spans is None:
            return [(None, self.routes)]
        (start, step, count), (place, place_step, places), *inner = spans
        offsets, found, last = self.flat.offsets, [], None
        if all(leaf.moved_by in _OF_ONE_ROW and leaf.property.value == self.flat.item for leaf in self.flat.leaves):
            low, high = offsets[start], offsets[start + (count - 1) * step + 1]  # the same bits: at once
            return [(((low, 1, high - low), *inner), self.routes)] if high > low else []
        for at in range(start, start + count * step, step):
            length = offsets[at + 1] - offsets[at]
            real = min(places, max(0, (length - place + place_step - 1) // place_step))
            if real:
                first, each, routes = offsets[at] + place, place_step if real > 1 else 1, self._routes_of(at)
                if found and routes is self.routes and each == 1 and last[1] == 1 and first == last[0] + last[2]:
                    found.pop()  # rows side by side are one
                    first, real = last[0], last[2] + real
                last = first, each, real
                found.append(((last, *inner), routes))
        return found

    def _routes_of(self, at):
        """Those that move an element's values: where each has its own, not all are asked."""
        each = len(self.routes) // (len(self.flat.offsets) - 1)
        some = self.routes[at * each:(at + 1) * each]
        own = ("own", self.flat.offsets[at])
        return some if some and all(route.leaf.place[0] == own for route in some) and (
            each * (len(self.flat.offsets) - 1) == len(self.routes)) else self.routes

    def check(self, cache, region):
        """As for the flat values."""
        self._each("check", cache, region)

    def update(self, cache, region):
        """Cache to Blender: the real ones."""
        self._each("update", cache, region)

    def _each(self, what, cache, region):
        nothing, spans = self.spans(region)
        if nothing or not math.prod(self.leaf.axes):
            self._read()
            return
        values, parts = self._asked(cache, spans), self._parts(spans)
        for values, part, routes in self._at_once(values, parts) or [(values, *one) for one in parts]:
            for route in routes:
                getattr(route, what)(values, part)

    def _at_once(self, values, parts):
        """Many parts of one route as one: the values that move, packed from the front, their region and route. None
        where each part is for itself: each asks for all indices, or all addresses."""
        route = self.routes[0]
        if len(parts) <= _FEW or len(self.routes) > 1 or route.leaf.place[0] != ("own", 0):
            return None
        rows = [row for ((first, step, count), *_), _ in parts for row in range(first, first + step * count, step)]
        some, region = self._some(route, rows), None
        if some is None:
            return None
        packed, of = _core.allocate((len(rows), *values.shape[1:]), values.format, None), memoryview(values).cast("B")
        size = values.nbytes // values.shape[0]
        if type(some) is SomeRows:
            packed, region = _core.allocate(values.shape, values.format, None), ((0, 1, len(rows)), *parts[0][0][1:])
        memoryview(packed).cast("B")[:size * len(rows)] = b"".join(of[size * row:size * (row + 1)] for row in rows)
        return [(packed, region, (some,))]

    def _some(self, route, rows):
        """A route of these alone; None where there is none."""
        if type(route) is GatherRoute and len(route.leaf.index.axes) == 1:
            some = SomeRows(route, rows)
            return some if some.is_good else None
        if type(route) is WeightRoute and route.leaf.each is None and route.leaf.item is None:
            return SomeWeights(route, rows)
        return SomeCorners(route, rows, self._choose) if type(route) is CornerRoute and route.leaf.each is None else None


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
