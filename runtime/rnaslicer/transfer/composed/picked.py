# runtime/rnaslicer/transfer/composed/picked.py: trails of elements that indices or a mask name.
"""Which elements is told at each enter: native code compares a mask's length and indices with how many there are now."""

from __future__ import annotations

from typing import Any

from ... import _core
from ...errors import ShapeChangedError
from ...basis.records import Record
from ...layout.leaf import View
from ...supplier.identity import Path
from ..described import is_followed
from ..known import read_by_enter, written_by_enter
from ..laid import PICKED, way_of
from ..foreach import are_asked
from ..trails import described_alone, described_list, find_known, remember, signatures, widened_list
from .asked import described_picked

_ALL = "slice", None, None, None


class KnownPicked(Record):
    """A trail of one collection's elements by their numbers."""

    trail: Any
    view: View  # as first resolved
    signatures: tuple
    beyond: tuple  # steps from the supplier to the collection, one for each item before the numbers
    owner: type | None  # of the collection; None: the datablock
    layouts: tuple = ()  # these two of lists, as Known has them
    kinds: tuple = ()
    asked: bool = False  # bpy's foreach_get tells the values

    @property
    def route(self):
        """As Known has it."""
        return "foreach" if self.asked else "direct"

    @property
    def leaf(self):
        """The first leaf, for errors."""
        return self.view.leaves[0]

    @property
    def leaves(self):
        """As Known has them."""
        return self.view.leaves

    def fits(self, shape):
        """Whether a buffer has the cache's shape, as far as the trail knows it."""
        return shape[1:] == self.view.shape[1:] and len(shape) > 0

    def enter(self, path, wrapper, _more, items, into=None):
        """(run, MemCache, None), or None where the trail declines. into: the MemCache to fill."""
        return self.trail.enter(path.root, path.steps + self.beyond, items[len(self.beyond)], wrapper, into)

    def read(self, path, more, items, out, rows):
        """As KnownMany has it."""
        return rows < 0 and read_by_enter(self, path, more, items, out)

    def write(self, path, more, items, values, rows):
        """As KnownMany has it."""
        return rows < 0 and written_by_enter(self, path, more, items, values)

    def adopt(self, path, _more, items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        if not self.fits(shape):
            return None
        return self.trail.adopt(path.root, path.steps + self.beyond, items[len(self.beyond)], shape[0])

    def check_length(self, path, run):
        """Raises ShapeChangedError where the collection had another length when the run entered: a mask of that would
        lead to another error."""
        path = Path(path.root, path.steps + self.beyond)
        if (length := len(path.follow())) != run.length:
            raise ShapeChangedError(f"{path} had {run.length} elements when the context was entered and has {length} now; "
                                    "enter again")

    def differing(self, view, run):
        """(path, length then, length now) if the collection had another length when the run entered, else None."""
        leaf = view.leaves[0]
        return None if leaf.rows.length == run.length else (leaf.path, run.length, leaf.rows.length)

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter."""
        for route in routes if self.owner is not None and not self.layouts else ():
            route.kinds.noted(self.owner, run.domain)
        for route in routes if run.kinds else ():
            route.kinds.noted_elements(run.kinds)


def learn_picked(key, path, view, routes):
    """Remembers the trail of routes on one collection; None where native code could not follow."""
    items = tuple(_ALL if item == (PICKED,) else item for item in key[2])
    way = way_of((*key[:2], items), path, view, routes)
    if way is None or way[1] != slice(None) or view.strides is not None or not all(
            route.leaf.path.steps == routes[0].leaf.path.steps and route.leaf.rows is not None
            and route.leaf.rows.table is not None and route.leaf.place[:1] == (("own", 0),) for route in routes):
        return None
    own = {"steps": path.steps + way[0], "rows": slice(None), "inner": tuple(view.shape[1:])}
    if are_asked(routes):
        description = described_picked(own, view, routes)
        return description and remember(key, KnownPicked(_core.PickedTrail(description), view, signatures(routes), way[0],
                                                         description["owner"], asked=True))
    is_array = all(map(is_followed, routes))
    description = (described_alone if is_array else described_list)(own, view, routes)
    older = find_known(key) if description and not is_array else None
    description = description and widened_list(description, routes, older if type(older) is KnownPicked else None)
    if description is None or description.get("derivable") and description["surface"] is None:
        return None
    layouts = () if is_array else tuple(route.layout for route in routes)
    kinds = () if is_array else description["list"]["kinds"]
    return remember(key, KnownPicked(_core.PickedTrail(description), view, signatures(routes), way[0],
                                     description["owner"], layouts, kinds))
