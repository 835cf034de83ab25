# runtime/rnaslicer/expression/fused.py: the leaves of many structs as one.
"""The numbers of a sequence's structs, or of one struct behind each element, are moved as one leaf whose path is a
`Several` (supplier/several.py)."""

from ..basis.records import replace
from ..blender.custom import FormError, form, value_of
from ..blender.names import key_in
from ..blender.rna import describe, find
from ..layout.leaf import Rows
from ..supplier.several import Listed, Several
from .block import Block, skip_ellipsis


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
        if not is_for_many(one):
            return None
        for leaf in alike:
            if (type(leaf) is not type(one) or leaf.moved_by not in ("", "custom") or leaf.rows is not None
                    or leaf.property._replace(struct="") != one.property._replace(struct="")
                    or leaf.components != one.components or leaf.place != one.place):
                return None
        elements = {leaf.element for leaf in alike}
        base = len(elements) > 1 and not one.moved_by and _declaring(elements, one.property.identifier)
        several = {"element": base.identifier, "property": describe(base, one.property.identifier),
                   "shared": True} if base else {}
        leaves.append(replace(one, path=Several(leaf.path for leaf in alike), rows=rows, place=(("own", 0), *one.place),
                              uniform=len(elements) == 1, **several))
    return leaves


def _declaring(elements, name):
    """The nearest RNA type that all of these are of, if they have their property from it; else None."""
    import bpy

    kinds = [getattr(bpy.types, element, None) for element in elements]
    if None in kinds:
        return None
    rows = [list(_bases(kind.bl_rna)) for kind in kinds]
    names = set.intersection(*({one.identifier for one in row} for row in rows))
    base = next((one for one in rows[0] if one.identifier in names), None)
    declared = base and find(base, name)
    same = declared and all(find(row[0], name).as_pointer() == declared.as_pointer() for row in rows)
    return base if same else None


def _bases(rna):
    while rna is not None:
        yield rna
        rna = rna.base


def is_for_many(leaf):
    """Whether such leaves of many structs can be moved as one."""
    return not (leaf.property.dynamic or leaf.element in _OF_LAYERS or _indexes(leaf))


def _indexes(leaf):
    """Whether an attribute's name tells what its values index: each of its own."""
    return leaf.element in ("IntAttributeValue", "Int2AttributeValue")


def listed(walk, roster, structs, items):
    """The block of one property of each of a roster's datablocks. All are of one class for ever, so what `items` lead
    to from the first they lead to from each. What is behind datablocks, and a part of them, is as of any sequence."""
    given, items = items, skip_ellipsis(items, 1)
    takes_all = bool(items) and items[0][1] == ("slice", None, None, None)
    if takes_all:
        items = items[1:]
    item = items[0][1] if items else ("",)
    if item[0] == "names" or item[0] == "name" and (takes_all or key_in(item[1]) is None):  # a sequence has no keys
        one = walk.struct(roster[0], structs[0], items)
        if not (one.walked or one.offsets or one.varies) and all(
                _is_own(leaf, structs, walk.ragged == "flat") for leaf in one.leaves):
            count = len(structs)
            return Block((count, *one.shape), [
                replace(leaf, path=Listed(roster), rows=Rows(count, 0, 1, count), uniform=True,
                        place=(("own", 0), *leaf.place)) for leaf in one.leaves])
    return walk.sequence(list(zip(roster, structs)), given)


def _is_own(leaf, structs, is_joined):
    if leaf.rows is not None or leaf.path.steps or not is_for_many(leaf):
        return False
    if not leaf.moved_by:
        return True
    may_vary = is_joined and leaf.property.dims  # in its length: what a sequence joins
    return leaf.moved_by == "custom" and not may_vary and _have_alike(leaf, structs)


def _have_alike(leaf, structs):
    """Whether all have a custom property of one form; else it is said of which one by one."""
    wanted = leaf.property.value, leaf.property.dims
    try:
        return all(form(value_of(struct, leaf.keys)) == wanted for struct in structs)
    except FormError:
        return False
