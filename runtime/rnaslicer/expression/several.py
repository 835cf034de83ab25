# runtime/rnaslicer/expression/several.py: structs that have paths of their own, moved as one leaf.
"""A sequence of structs, or one struct behind each element (`bpy.data.objects[:, 'data', 'shadow_soft_size']`): a
leaf for each would cost a plan, a kernel and a route for every single number."""

from dataclasses import replace

from ..supplier.identity import find_all


class Structs(list):
    """What a `Several` leads to: structs, with what routes ask a collection for. No datablock owns all."""

    data = None
    id_data = None


class Several:
    """Paths that each lead to a struct; stands where a leaf has the path to a collection."""

    steps = ()

    def __init__(self, paths):
        self.paths = tuple(paths)
        self._are_roots = not any(path.steps for path in self.paths)

    @property
    def root(self):
        """That of the first; who asks for permission asks all paths."""
        return self.paths[0].root

    def follow(self):
        """`Structs` now; SupplierLostError if one is gone."""
        if self._are_roots:
            return Structs(find_all(path.root for path in self.paths))
        return Structs(path.follow() for path in self.paths)

    def __str__(self):
        return f"{self.paths[0]} and {len(self.paths) - 1} more"


# Elements of layers, whose writing needs the layer as a whole (writing.py).
_OF_LAYERS = {"MeshUVLoop", "MeshLoopColor", "MeshSkinVertex", "VertexGroupElement"}


def fused(blocks, leaf_type, rows):
    """Leaves that move the structs of all blocks at once, below a new first axis; None where the blocks
    hold more than one number property of single structs each, in the same form.

    leaf_type: `leaf.Leaf`; rows: its selection of as many elements as there are blocks.
    """
    first = blocks[0].leaves
    if len(blocks) < 2 or any(len(block.leaves) != len(first) for block in blocks):
        return None
    leaves = []
    for alike in zip(*(block.leaves for block in blocks)):
        one = alike[0]
        if one.property.dynamic or one.element in _OF_LAYERS or _indexes(one):
            return None
        for leaf in alike:
            if (type(leaf) is not leaf_type or leaf.rows is not None or leaf.property != one.property
                    or leaf.components != one.components or leaf.place != one.place):
                return None
        leaves.append(replace(one, path=Several(leaf.path for leaf in alike), rows=rows,
                              place=(("own", 0), *one.place),
                              uniform=len({leaf.element for leaf in alike}) == 1))
    return leaves


def _indexes(leaf):
    from ..blender.rna import PARTITIONS, TOPOLOGY

    key = leaf.element, leaf.property.identifier
    return key in TOPOLOGY or key in PARTITIONS or leaf.element in ("IntAttributeValue", "Int2AttributeValue")
