# runtime/rnaslicer/layout/leaf.py: what is to be moved: rows, components, leaves and the view.
"""Plain values between expression/, which makes them, and the routes (transfer/), which move what they name."""

from __future__ import annotations

import functools
from typing import Any

from ..errors import ShapeChangedError
from ..basis.records import Frozen, Record
from ..layout.whole import is_derived
from ..supplier.identity import IDRoot, Path
from ..supplier.several import Several
from ..blender.registered import registration
from ..blender.rna import Property


class Rows(Frozen):
    """A selection on a collection of `length` elements: start + i * step for i < count, or a table
    of indices."""

    length: int
    start: int
    step: int
    count: int
    table: tuple | None = None

    @staticmethod
    def sliced(length, part):
        """What a slice selects, or a range, all of whose numbers are there; of one that is not, nothing. A step that is
        not taken may be beyond 64 bits: it is 1."""
        picked = range(length)[part] if type(part) is slice else in_a_row(part, length)
        return Rows(length, picked.start, picked.step if len(picked) > 1 else 1, len(picked))

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


def in_a_row(numbers, length):
    """A range's numbers of as many elements, from 0. None of them where one is not there, or where they are in no row."""
    if not numbers or not all(-length <= end < length for end in (numbers[0], numbers[-1])):
        return range(0)
    if min(numbers[0], numbers[-1]) >= 0:
        return numbers
    if max(numbers[0], numbers[-1]) >= 0:
        return range(0)
    return range(numbers[0] + length, numbers[-1] + length + (1 if numbers.step > 0 else -1), numbers.step)


class Loop(Record):
    """A loop over a large dimension, strided or gathered by a table; units are components."""

    count: int
    stride: int
    table: tuple | None = None

    def at(self, i):
        """Components from the loop's start to its i-th step."""
        return self.stride * (i if self.table is None else self.table[i])


class Components(Record):
    """`loops` outermost first, then lanes of `shape`: component = base + loops + flat[lane]."""

    base: int
    loops: tuple
    shape: tuple
    flat: tuple

    @property
    def axes(self):
        """Extents of the result axes."""
        return tuple(l.count for l in self.loops) + self.shape


class Leaf(Frozen):
    """Where one run of values lives (`path`, `rows`, `property`, `components`) and where it goes:
    `place` has, per axis of the view, ('fixed', index) or ('own', offset)."""

    path: Path  # to a collection if rows is given, else to a struct
    rows: Rows | None
    property: Property
    components: Components
    element: str  # RNA type of the elements or of the struct
    uniform: bool  # every element has exactly that type
    exact: bool = False  # the collection declares it, so that no element has to be touched (and un-shared) to know
    alike: bool = False  # the same, of datablocks: of one type for ever, but their slot may be empty
    shared: bool = False  # of several types that have the property from their common base
    place: tuple = ()

    moved_by = ""  # the name of a route of its own (transfer/choice.py)

    @functools.cached_property
    def of_root(self):
        """Whether the values are those of the root's datablock itself: its own collection, of structs that are
        none."""
        return self.exact and len(self.path.steps) == 1 and isinstance(self.path.root, IDRoot)

    @functools.cached_property
    def derived(self):
        """Whether Blender computes the values from its geometry, or looks them up through it."""
        return is_derived(self.element, self.property)

    @property
    def whole(self):
        """The leaves of which this one is the description: of padded rows those that lie in them, else itself."""
        return (self,)

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


def elements_of(leaves):
    """The types of the elements that collections declare, and forms of custom properties: what the name of a layer, or
    property, does not say of it."""
    found = {one.element for leaf in leaves for one in leaf.whole if one.exact} | forms_of(leaves)
    indices = [leaf.index for leaf in leaves if getattr(leaf, "index", None) is not None]
    return frozenset(found | elements_of(indices) if indices else found)


def forms_of(leaves):
    """(name, type, extents) of the custom properties, which may be of another form when they are asked for again."""
    return {(one.property.identifier, one.property.value, one.property.dims) for leaf in leaves for one in leaf.whole
            if one.moved_by == "custom"}


class Walked(Record):
    """A collection as it was when the expression was resolved."""

    path: Path
    length: int | None  # None where a route compares it
    order: object | None  # of IDs, which change places when they are renamed


class View(Frozen):
    """The result of an expression on a supplier at one moment."""

    shape: tuple
    scalar: str  # scalar name of the cache's items
    leaves: tuple
    walked: tuple  # a `Walked` for every collection on the way to the leaves, to compare later
    offsets: tuple | None = None
    lengths: Any = None  # of padded rows: how many are real, as int64
    normalized: bool = False  # the cache's integers are fractions of their maximum
    strides: tuple | None = None  # bytes, where the cache is a buffer of a script's; None: packed
    first: int = 0  # its first item's byte

    @functools.cached_property
    def together(self):
        """What its leaves have told together: filled by proofs (layout/proof.py)."""
        return {}

    @property
    def item(self):
        """What a plan says of the cache's items."""
        return self.scalar + " normalized" * self.normalized


def path_key(leaf, coll):
    """What a proof holds for: owner type, collection (None for structs of a sequence), element type, property. Of a
    property that a script registered, and of a class, only as registered now: another one may get their names."""
    name, element = leaf.property.identifier, leaf.element
    if leaf.property.runtime:
        name, element = (name, leaf.property), (element, registration(type(coll[0])))
    if isinstance(leaf.path, Several):
        return None, None, element, name
    kind, collection = leaf.path.steps[-1]
    owner = coll.data.bl_rna.identifier if coll.data is not None else None
    if owner is not None and ("attr", "drawing") in leaf.path.steps:  # its datablock lists none of its attributes, as a mesh does
        owner = f"{owner} of a drawing"
    return owner, collection if kind == "attr" else kind, element, name
