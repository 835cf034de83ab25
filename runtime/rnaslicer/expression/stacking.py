# runtime/rnaslicer/expression/stacking.py: blocks put together: side by side, or below each other.
"""`walk` is resolve's."""

from ..basis.records import replace
from ..layout.leaf import Rows, Walked
from ..supplier.order import order_of
from .block import ONE_LEVEL, Block, listing
from .fused import fused


def beside(walk, blocks, number, names, axis):
    """Properties side by side: a new axis at `axis`, equal shapes required."""
    shapes = [b.shape for b in blocks]
    if len(set(shapes)) != 1:
        listed = ", ".join(f"{n!r} {tuple(s[axis:])}" for n, s in zip(names, shapes))
        walk.fail(number, f"properties in one tuple must have the same shape; these have {listed}")
    block = _joined(blocks, axis)
    block.varies = axis > 0 and any(b.varies for b in blocks)
    block.guessed = any(b.guessed for b in blocks)
    return block


def stack(walk, number, parts):
    """Elements below each other: a new axis in front. `parts` are (path, function that makes the
    block). With ragged='flat' an axis that may vary is joined with its parent's."""
    nested = walk.depth > 0
    walk.depth += 1
    blocks = [make() for _, make in parts]
    walk.depth -= 1
    guessed = _as_others(blocks)
    shapes = [b.shape for b in blocks]
    names = [path for path, _ in parts]
    if walk.ragged == "flat" and any(b.varies for b in blocks):
        if nested or any(b.offsets for b in blocks):
            walk.fail(number, ONE_LEVEL)
        if len({(len(s), s[1:]) for s in shapes}) != 1:
            walk.fail(number, f"elements have different shapes: {listing(names, shapes)}")
        return _flattened(blocks)
    if len(set(shapes)) != 1:
        if len({(len(s), s[1:]) for s in shapes}) != 1:
            walk.fail(number, f"elements have different shapes: {listing(names, shapes)}")
        walk.fail(number, "the lengths differ: " + listing(names, [s[0] for s in shapes])
                  + "; Slicer(..., ragged='flat') joins them and gives the offsets")
    leaves = fused(blocks, Rows(len(blocks), 0, 1, len(blocks)))
    if leaves is None:
        block = _joined(blocks, 0)
    else:
        block = Block((len(blocks), *shapes[0]), leaves, [w for b in blocks for w in b.walked])
    block.varies, block.guessed = nested, guessed
    return block


def _as_others(blocks):
    """True if of no block an element was asked for its form. Else those without elements have that of the first other."""
    asked = next((block for block in blocks if not block.guessed), None)
    for block in blocks if asked is not None else ():
        if block.guessed and not block.shape[0]:
            block.shape, block.leaves, block.varies = (0, *asked.shape[1:]), [], asked.varies
    return asked is None


def ragged_arrays(walk, path, rows, name, items):
    """A dynamic array in each element (polygon.vertices): one struct leaf for each."""
    coll = path.follow()

    def part(i):
        return path.item(i), lambda: walk.leaf(path.item(i), None, coll[i], name, items, True)

    block = stack(walk, items[0][0] if items else None, [part(i) for i in rows.indices()])
    block.walked.append(Walked(path, rows.length, order_of(path, coll)))
    return block


def _joined(blocks, axis):
    leaves = []
    for i, block in enumerate(blocks):
        for leaf in block.leaves:
            place = leaf.place[:axis] + (("fixed", i),) + leaf.place[axis:]
            leaves.append(replace(leaf, place=place))
    shape = blocks[0].shape[:axis] + (len(blocks),) + blocks[0].shape[axis:]
    return Block(shape, leaves, [w for b in blocks for w in b.walked])


def _flattened(blocks):
    leaves, offsets = [], [0]
    for block in blocks:
        for leaf in block.leaves:
            kind, at = leaf.place[0]
            leaves.append(replace(leaf, place=((kind, at + offsets[-1]),) + leaf.place[1:]))
        offsets.append(offsets[-1] + block.shape[0])
    return Block((offsets[-1],) + blocks[0].shape[1:], leaves,
                  [w for b in blocks for w in b.walked], tuple(offsets))
