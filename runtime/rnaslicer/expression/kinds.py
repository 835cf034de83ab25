# runtime/rnaslicer/expression/kinds.py: of which RNA types the elements of a collection are.
"""Where they are of several, all must have the property that is asked for, in one form. `walk` is resolve's."""

from typing import NamedTuple

from ..blender.rna import describe, find, is_exact, is_only_id, is_points_of_key, numeric
from ..supplier.identity import Path


class ElementType(NamedTuple):
    """What is known of the elements of a collection."""

    rna: object  # their RNA type
    uniform: bool  # all are of it now
    exact: bool  # the collection declares it, so that all will be
    alike: bool = False  # they are datablocks of a kind that has one type only


def element_type(walk, path, coll, rows):
    """The `ElementType` of the selected elements; the declared type where there are none."""
    fixed = fixed_type(path)
    if not rows.length and fixed is None:
        walk.fail(None, f"{path} is empty")
    if not rows.length or fixed is not None and is_exact(fixed):
        return ElementType(fixed, True, is_exact(fixed))
    if is_points_of_key(coll):
        return ElementType(coll[0].bl_rna, True, True)
    no_none(walk, path, coll)
    alike = fixed is not None and is_only_id(fixed)
    return ElementType(coll[0].bl_rna, alike or len({type(element) for element in coll}) == 1, False, alike)


def no_none(walk, path, coll):
    """Slots of datablocks and of textures may be empty; other collections have no such thing."""
    import bpy

    if len(coll) > 64 and coll[0] is not None and not isinstance(coll[0], bpy.types.ID):
        return
    for i, element in enumerate(coll):
        if element is None:
            walk.fail(None, f"{path}[{i}] is None")


def fixed_type(path):
    """The RNA type that the collection at `path` declares for its elements, or None."""
    kind, name = path.steps[-1] if path.steps else (None, None)
    if kind != "attr":
        return None
    owner = Path(path.root, path.steps[:-1]).follow()
    return getattr(owner.bl_rna.properties.get(name), "fixed_type", None)


def common(walk, path, coll, rna, name):
    """(RNA type, True) if the declared type of the elements has the property that all of them have,
    else (`rna`, False)."""
    fixed = fixed_type(path)
    prop = fixed and fixed.properties.get(name)
    if prop is None:
        return rna, False
    kinds = {type(element) for element in coll}
    found = [find(kind.bl_rna, name) for kind in kinds]
    same = all(one is not None and one.as_pointer() == prop.as_pointer() for one in found)
    return (fixed, True) if same else (rna, False)


def same_form(walk, path, coll, rows, name, number):
    """Elements of several types must all have the property, in one form."""
    forms, wanted, seen = {}, None, set(rows.indices())
    for i, element in enumerate(coll):
        kind = type(element)
        if i not in seen or kind in forms:
            continue
        prop = walk.lookup(element.bl_rna, name, number)
        form = prop.type.lower()
        if numeric(prop):
            known = describe(element.bl_rna, name)
            form += "" if known.dims == () else f" array of {known.dims}"
        forms[kind] = form
        wanted = wanted or form
        if form != wanted:
            walk.fail(number, f"{path}[{i}] is a {element.bl_rna.identifier} whose {name!r} is {form}, "
                              f"where the elements before have {wanted}")
