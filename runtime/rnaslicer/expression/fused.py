# runtime/rnaslicer/expression/fused.py: the leaves of many structs as one.
"""The numbers of a sequence's structs, or of one struct behind each element, are moved as one leaf whose path is a
`Several` (supplier/several.py)."""

from dataclasses import replace

from ..blender.rna import PARTITIONS, TOPOLOGY
from ..supplier.several import Several


# Elements of layers, whose writing needs the layer as a whole (transfer/writing/ready.py).
_OF_LAYERS = {"MeshUVLoop", "MeshLoopColor", "MeshSkinVertex", "VertexGroupElement"}


def fused(blocks, rows):
    """Leaves that move the structs of all blocks at once, below a new first axis; None where the blocks
    hold more than one number property of single structs each, in the same form.

    rows: their selection of as many elements as there are blocks.
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
            if (type(leaf) is not type(one) or leaf.moved_by not in ("", "custom") or leaf.rows is not None
                    or leaf.property._replace(struct="") != one.property._replace(struct="")
                    or leaf.components != one.components or leaf.place != one.place):
                return None
        leaves.append(replace(one, path=Several(leaf.path for leaf in alike), rows=rows,
                              place=(("own", 0), *one.place),
                              uniform=len({leaf.element for leaf in alike}) == 1))
    return leaves


def _indexes(leaf):
    key = leaf.element, leaf.property.identifier
    return key in TOPOLOGY or key in PARTITIONS or leaf.element in ("IntAttributeValue", "Int2AttributeValue")
