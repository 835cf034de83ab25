# runtime/rnaslicer/expression/leaf.py: what the items of an expression lead to: rows, leaves, blocks and the view.
"""Plain values between resolve.py, which makes them, and the routes, which move what they name."""

import functools
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from . import components
from ..errors import ShapeChangedError
from ..supplier.identity import IDRoot, Path
from ..blender.rna import Property


@dataclass(frozen=True)
class Rows:
    """A selection on a collection of `length` elements: start + i * step for i < count, or a table
    of indices."""

    length: int
    start: int
    step: int
    count: int
    table: Optional[tuple] = None

    def at(self, i):
        """Index of the i-th selected element."""
        return self.start + i * self.step if self.table is None else self.table[i]

    def indices(self):
        """Element indices in order."""
        return self.indices_of(0, 1, self.count)

    def indices_of(self, start, step, count):
        """Element indices of a part of the selection: start + i * step for i < count."""
        table = self.table
        if table is None:
            table = range(self.start, self.start + self.step * self.count, self.step)
        return [table[start + i * step] for i in range(count)] if step < 0 else (
            table[start : start + count * step : step])

    @property
    def is_all(self):
        """True if every element is selected."""
        if self.table is None:
            return self.count == self.length
        return len(set(self.table)) == self.length


@dataclass(frozen=True)
class Leaf:
    """Where one run of values lives (`path`, `rows`, `property`, `components`) and where it goes:
    `place` has, per axis of the view, ('fixed', index) or ('own', offset)."""

    path: Path  # to a collection if rows is given, else to a struct
    rows: Optional[Rows]
    property: Property
    components: components.Components
    element: str  # RNA type of the elements or of the struct
    uniform: bool  # every element has exactly that type
    exact: bool = False  # RNA declares it, so that no element has to be touched (and un-shared) to know
    shared: bool = False  # of several types that have the property from their common base
    place: tuple = ()

    @functools.cached_property
    def of_root(self):
        """Whether the values are those of the root's datablock itself: its own collection, of structs that are
        none."""
        return self.exact and len(self.path.steps) == 1 and isinstance(self.path.root, IDRoot)

    @property
    def axes(self):
        """Extents of the leaf's own axes."""
        own = (self.rows.count,) if self.rows is not None else ()
        return own + self.components.axes

    def elements(self, reached, rows):
        """The structs at element indices `rows` of the collection; the struct itself if there is none.
        ShapeChangedError if it has another length now."""
        if self.rows is None:
            return [reached]
        # Linked lists take O(i) for an index: beyond a few, one pass over all is quicker.
        length = self.rows.length
        if len(rows) > 32 and (length < 1 << 16 or len(rows) * 8 > length) and type(reached) is not list:
            # list() would count them first, by a walk of its own.
            reached = reached.values() if hasattr(reached, "values") else list(reached)
        self.check_length(reached)
        if type(reached) is list and rows == range(len(reached)):
            return reached
        return [reached[i] for i in rows]

    def check_length(self, reached):
        """Raises ShapeChangedError if the collection has not the length it had at enter."""
        if self.rows is not None and len(reached) != self.rows.length:
            raise ShapeChangedError(f"{self.path} had {self.rows.length} elements when the context was "
                                    f"entered and has {len(reached)} now; enter again")


class Walked(NamedTuple):
    """A collection as it was when the expression was resolved."""

    path: Path
    length: Optional[int]  # None where a route compares it
    order: Optional[object]  # of IDs, which change places when they are renamed


@dataclass(frozen=True)
class View:
    """The result of an expression on a supplier at one moment."""

    shape: tuple
    scalar: str  # scalar name of the cache's items
    leaves: tuple
    walked: tuple  # a `Walked` for every collection on the way to the leaves, to compare later
    offsets: Optional[tuple] = None


@dataclass
class Block:
    """What an expression has reached on its way to a `View`; the leaves' places count from its own first
    entries."""

    shape: tuple
    leaves: list
    walked: list = field(default_factory=list)
    offsets: Optional[tuple] = None
    varies: bool = False  # the first axis may be longer or shorter in the next element


def listing(names, values):
    """The first element of each kind, so that a reader sees what differs."""
    firsts = {}
    for name, value in zip(names, values):
        firsts.setdefault(value, name)
    shown = [f"{name} has {value}" for value, name in list(firsts.items())[:4]]
    return ", ".join(shown) + (", ..." if len(firsts) > len(shown) else "")


def skip_ellipsis(items, axes):
    """`...` on a collection or struct: as many `:` as there are axes before the next name."""
    if not items or items[0][1][0] != "ellipsis":
        return items
    before_name = 0
    for _, item in items[1:]:
        if item[0] in ("name", "names"):
            break
        before_name += 1
    fill = max(0, axes - before_name)
    return [(items[0][0], ("slice", None, None, None))] * fill + items[1:]
