# runtime/rnaslicer/expression/gather.py: a collection as an item: the elements that an integer property names.
"""`Slicer(mesh.loops)[:, 'vertex_index', mesh.vertices, 'co', :]`: what stands before the collection gives indices,
what stands after it is taken of the elements that they name."""

from __future__ import annotations

from .. import _core
from ..basis.records import Record, replace
from ..layout.leaf import Leaf, Rows, Walked
from ..supplier.capture import capture_member, known_path
from ..supplier.order import order_of
from .block import Block
from .counted import quick


class GatherLeaf(Leaf):
    """One property of the elements that indices name; `path` leads to their collection."""

    moved_by = "gather"

    index: Leaf | None = None  # the integers; perhaps gathered themselves
    target: Leaf | None = None  # the property, of all elements of the collection

    @property
    def axes(self):
        """Those of the indices, then those of each value."""
        return self.index.axes + self.components.axes


class Named(Record):
    """A subscript in which collections stand, without them: nobody may keep them."""

    parts: tuple
    paths: dict  # position -> path of the collection

    def said(self):
        """Its text."""
        text = _core.expression_text(self.parts)
        for i, path in self.paths.items():
            text = text.replace(f"'collection {i}'", str(path))
        return text


def text_of_items(expression):
    """A subscript, or what names it, as errors do."""
    return expression.said() if type(expression) is Named else _core.expression_text(expression)


def parse(expression):
    """(items, what names it). A collection becomes the item ("gather", path); then a `Named` names it, else None."""
    parts = expression if type(expression) is tuple else (expression,)
    paths, ranges = {}, False
    for i, part in enumerate(parts):
        if type(part) in _PLAIN:
            continue
        if type(part) is range:
            ranges = True
        elif type(part).__name__ == "bpy_prop_collection" or _is_collection(part):
            paths[i] = known_path(part) or capture_member(part)
    if not paths and not ranges:
        return _core.parse(expression), None
    named = list(parts)
    for i in paths:
        named[i] = f"collection {i}"
    named = tuple(named)
    items = _core.parse(tuple(slice(None) if type(part) is range else part for part in named) if ranges else named)
    if ranges:
        items = tuple(("range", part.start, part.stop, part.step) if type(part) is range else item
                      for part, item in zip(named, items))
    for i, path in paths.items():
        items = (*items[:i], ("gather", path), *items[i + 1 :])
    return items, Named(named, paths) if paths else None


_PLAIN = {str, slice, int, tuple, list}


def _is_collection(part):
    return hasattr(part, "foreach_get") and hasattr(part, "path_from_id")


def first(items):
    """Position of the first collection among numbered items, or None."""
    return next((i for i, (_, item) in enumerate(items) if item[0] == "gather"), None)


def block(walk, indices, items):
    """The block of resolve's `walk` for the elements that a block of indices names; `items` begin with their
    collection."""
    while items:
        number, (_, path) = items[0]
        end = first(items[1:])
        end = len(items) if end is None else end + 1
        indices = _step(walk, indices, number, path, items[1:end], last=end == len(items))
        items = items[end:]
    return indices


def _step(walk, indices, number, path, items, last):
    for leaf in indices.leaves:
        if leaf.property.type != "INT":
            walk.fail(number, f"{path} follows {leaf.property.name}, which is no integer and so no index")
    path, coll = quick(path, path.follow())
    count = len(coll)
    walk.depth += 1  # nothing that stands for all elements at once
    target = walk.elements(path, coll, Rows(count, 0, 1, count), items)
    walk.depth -= 1
    for leaf in target.leaves:
        if type(leaf) is not Leaf or leaf.rows is None or leaf.rows.count != count or leaf.components.loops:
            walk.fail(number, f"of the elements of {path} that indices name only small numeric properties of their "
                              "own can be taken")
    if not last and len(target.leaves) != 1:
        walk.fail(number, "several properties cannot be one index")
    make = _of_nothing if indices.guessed else _gathered
    leaves = [make(index, leaf) for index in indices.leaves for leaf in target.leaves]
    walked = [*indices.walked, *target.walked, Walked(path, count, order_of(path, coll))]
    found = Block(tuple(indices.shape) + tuple(target.shape[1:]), leaves, walked, indices.offsets, indices.varies)
    found.guessed = indices.guessed
    return found


def _gathered(index, target):
    own = (("own", 0),)
    return GatherLeaf(target.path, None, target.property, target.components, target.element, target.uniform,
                      target.exact, target.alike, target.shared, place=index.place + target.place[1:],
                      index=replace(index, place=own * len(index.axes)),
                      target=replace(target, place=own * len(target.axes)))


def _of_nothing(index, target):
    """Where there are no indices."""
    return replace(target, path=index.path, rows=index.rows, place=index.place + target.place[1:])
