# runtime/rnaslicer/expression/transform.py: leaves whose vectors go through a matrix.
"""What stands in `transform=` bound to leaves: which matrix is whose, and what kind of vector it moves."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from ..basis.records import replace
from ..blender.rna import find
from ..layout.leaf import Components, Leaf
from ..layout.matrices import WORLD
from ..supplier.identity import Path
from ..supplier.several import Several

# What RNA calls vectors that have a direction only. All else are places.
_KINDS = {"DIRECTION": "normal", "VELOCITY": "direction", "ACCELERATION": "direction"}


class TransformLeaf(Leaf):
    """Vectors of three through a matrix; of each the components that the expression names."""

    moved_by = "transform"

    inner: Leaf | None = None  # the whole vectors, as bpy has them
    kind: str = "point"  # or direction, normal
    matrices: tuple = ()  # one for all, or one for each entry of the first axis
    objects: tuple = ()  # instead, the paths of objects whose world matrix it is

    @property
    def axes(self):
        """Those of the vectors, then those of the components."""
        return self.inner.axes[:-1] + self.components.axes


def transformed(walk, block, transform, pads=False):
    """The leaves of a block with their matrices. pads: its ragged axis is to be padded, so that a matrix is for all
    rows of an element."""
    offsets = block.offsets if pads else None
    # Axes that are not those of one vector's components: a single component of it has none.
    has_elements = len(block.shape) > min((len(leaf.components.axes) for leaf in block.leaves), default=0)
    count = len(offsets) - 1 if offsets is not None else block.shape[0] if has_elements else 1
    if transform != WORLD:
        matrices, alone = transform.matrices, transform.alone
        if not alone and len(matrices) != count:
            walk.fail(None, f"there are {len(matrices)} matrices where the first axis has {count} elements")
    leaves = []
    for leaf in block.leaves:
        prop = leaf.property
        if prop.value != "f32" or prop.dims != (3,):
            walk.fail(None, f"transform is for FLOAT vectors of three; {prop.name} is {prop.type} {prop.dims}")
        found: dict[str, Any] = {"objects": _objects(walk, leaf)} if transform == WORLD else {
            "matrices": tuple(map(tuple, matrices if alone or not has_elements else _of_leaf(leaf, matrices, offsets)))}
        inner = _whole(leaf)
        leaves.append(TransformLeaf(leaf.path, None, prop, leaf.components, leaf.element, leaf.uniform, leaf.exact,
                                    leaf.alike, leaf.shared, place=leaf.place, inner=inner, kind=_kind(leaf), **found))
    return leaves


def _whole(leaf):
    """All components of the vectors of which a leaf names some, in a place of their own."""
    found = replace(leaf, components=Components(0, (), (3,), (0, 1, 2)))
    if leaf.moved_by == "gather":
        found = replace(found, target=_whole(leaf.target))
    return replace(found, place=(("own", 0),) * len(found.axes))


def _kind(leaf):
    import bpy

    kind = getattr(bpy.types, leaf.element, None)
    if kind is None:  # a script's class of groups, which bpy does not list
        reached = leaf.path.follow()
        kind = type(reached if leaf.rows is None else next(iter(reached), None))
    prop = find(kind.bl_rna, leaf.property.identifier) if hasattr(kind, "bl_rna") else None
    return _KINDS.get(prop.subtype, "point") if prop is not None else "point"


def _of_leaf(leaf, matrices, offsets):
    """Those of the part of the first axis that the leaf has. offsets: where the rows of each matrix begin, if it has
    several; the leaf's are one after the other."""
    if not matrices:
        return ()
    kind, at = leaf.place[0]
    count = 1 if kind == "fixed" else leaf.axes[0]
    if offsets is None:
        return matrices[at : at + count]
    first = min(bisect_right(offsets, at), len(matrices)) - 1  # of a leaf without rows any will do
    if at + count <= offsets[first + 1]:
        return [matrices[first]]
    return [matrices[i] for i in range(first, len(matrices))
            for _ in range(max(at, offsets[i]), min(at + count, offsets[i + 1]))]


def _objects(walk, leaf):
    """The path of the object that the leaf's path passes through last, in a tuple; of each path of several. Of what
    indices lead to, their own path counts: the supplier's."""
    import bpy

    if leaf.moved_by == "gather":
        return _objects(walk, leaf.index)
    if isinstance(leaf.path, Several):
        paths = leaf.path.paths
    else:
        paths = [leaf.path]
    found = []
    for path in paths:
        ways = [Path(path.root, path.steps[:end]) for end in range(len(path.steps), -1, -1)]
        way = next((way for way in ways if isinstance(way.follow(), bpy.types.Object)), None)
        if way is None:
            walk.fail(None, f"transform='WORLD' takes the matrix of the object that the path passes through, but {path} "
                            "passes through none; slice from the object: Slicer(ob)['data', 'vertices', :, 'co', :]")
        found.append(way)
    return tuple(found)
