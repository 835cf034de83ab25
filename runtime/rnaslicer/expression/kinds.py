# runtime/rnaslicer/expression/kinds.py: of which RNA types the elements of a collection are.
"""Where they are of several, all must have the property that is asked for, in one form. `walk` is resolve's."""

from . import components
from ..blender.registered import fixed_type as declared, refuse_unregistered
from ..blender.hazards import frees_elements, may_free
from ..blender.names import key_in
from ..blender.refining import kinds_of
from ..blender.rna import describe, find, is_exact, is_only_id, is_points_of_key, numeric
from ..errors import ContextError
from ..basis.records import Record
from ..layout.leaf import Leaf, Rows, Walked
from ..layout.whole import why_untouchable
from ..supplier.identity import Path
from ..supplier.several import NoStructs
from ..blender.names import key_in
from .block import ONE_LEVEL, Block, skip_ellipsis


class ElementType(Record):
    """What is known of the elements of a collection."""

    rna: object  # their RNA type
    uniform: bool  # all are of it now
    exact: bool  # the collection declares it, so that all will be
    alike: bool = False  # they are datablocks of a kind that has one type only


def element_type(walk, path, coll, rows, number, item):
    """The `ElementType` of the selected elements; where there are none the declared one, or one that has what `item` names."""
    kind = _element_type(walk, path, coll, rows)
    if rows.count or item[0] not in ("name", "names"):
        return kind
    return kind._replace(rna=of_none(walk, path, kind.rna, number, item[1] if item[0] == "names" else item[1:]))


def _element_type(walk, path, coll, rows):
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


def assignments(path, coll, name):
    """The RNA struct of assignments to vertex groups if `name` is what holds them in the elements of `coll`. Asks for no
    element: that would make Blender copy shared arrays."""
    if not path.steps or path.steps[-1][0] != "attr" or coll.data is None:
        return None
    element = declared(type(coll.data), coll.data.bl_rna.properties.get(path.steps[-1][1]))
    prop = element and element.properties.get(name)
    if prop is None or prop.type != "COLLECTION" or prop.is_runtime or prop.fixed_type.identifier != "VertexGroupElement":
        return None
    return prop.fixed_type


def are_like_first(path, coll, rows, item):
    """Whether the first element has what an item names of each, in the form that the first selected one has it: it
    stands for all where bpy's bulk calls, lists and proofs are asked. Else each selected one is a struct of its own:
    what others lack, or that they are None, is none of its affair."""
    if not rows.count or rows.count == rows.length or item[0] not in ("name", "names"):
        return True
    fixed = fixed_type(path)
    if fixed is not None and is_exact(fixed) or is_points_of_key(coll):
        return True
    first, chosen = coll[0], coll[rows.at(0)]
    if chosen is None or (nothing := _nothing_at(coll)) is not None and nothing in set(rows.indices()):
        return True  # no_none tells
    if nothing is not None:
        return False
    names = (item[1],) if item[0] == "name" else item[1]
    return type(first) is type(chosen) or all(
        _form_of(first.bl_rna, name) == _form_of(chosen.bl_rna, name) for name in names if key_in(name) is None)


def _form_of(rna, name):
    """What tells whether types have a property in one form: its kind, and the axes of numbers."""
    prop = find(rna, name)
    return prop and (prop.type, describe(rna, name).dims if numeric(prop) else None)


def no_none(walk, path, coll):
    at = _nothing_at(coll)
    if at is not None:
        walk.fail(None, f"{path}[{at}] is None")


def _nothing_at(coll):
    """The first that is None, or None. Slots of datablocks and of textures may be empty; other collections have no such
    thing."""
    import bpy

    if len(coll) > 64 and coll[0] is not None and not isinstance(coll[0], bpy.types.ID):
        return None
    return next((i for i, element in enumerate(coll) if element is None), None)


def length_of(walk, path, coll):
    """How many elements there are. bpy counts triangles by corners and polygons, and fails where these do not fit."""
    try:
        return len(coll)
    except SystemError:
        refuse_underivable(walk, path, coll)
        raise


def refuse_underivable(walk, path, coll):
    """Where Blender computes elements when somebody touches one, from geometry that is not whole."""
    why = path.steps[-1:] and why_untouchable(coll, path.steps[-1][1])
    if why:
        raise ContextError(f"{walk.text}: {path} cannot be computed: {why}; complete the geometry first")


def refuse_freed(walk, path, rows):
    """One element (rows None) of those that are gone once bpy has given it: hazards.ELEMENTS_FREED."""
    if rows is not None or not may_free(path.steps[:-1]):
        return
    (_, i), home = path.steps[-1], Path(path.root, path.steps[:-1])
    if frees_elements(home, home.follow()):
        here = f"{i}:{i + 1 or ''}" if isinstance(i, int) else ":"
        raise ContextError(f"{walk.text}: Blender frees the elements of {home} as soon as it has given one; take them by a "
                           f"slice, [{here}], which asks for all at once")


def fixed_type(path):
    """The RNA type that the collection at `path` declares for its elements, or None."""
    kind, name = path.steps[-1] if path.steps else (None, None)
    if kind != "attr":
        return None
    owner = Path(path.root, path.steps[:-1]).follow()
    refuse_unregistered(owner, name)
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


# ---- layers, which hold one value for each element

_VALUES = "value", "vector", "color", "uv"
_value_names = {}  # RNA type -> what value_name gave


def value_name(rna):
    """The property that holds the values of a layer's `data` (of an attribute, UV map, colour layer), or None for what
    is no layer."""
    key = rna.identifier
    if key not in _value_names:
        data = rna.properties.get("data")
        names = [] if data is None or data.type != "COLLECTION" or data.is_runtime else [
            name for name in _VALUES if name in data.fixed_type.properties]
        _value_names[key] = names[0] if len(names) == 1 else None
    return _value_names[key]


def may_be_layers(path):
    """Whether the elements of a collection may be layers, by what is declared: others are not touched."""
    fixed = fixed_type(path)
    return fixed is not None and (fixed.name_property is not None or value_name(fixed) is not None)


def is_of_layer(layer, items, after_ellipsis):
    """Whether items are for a layer's values, not for the layer's own properties."""
    if not items or items[0][1][0] not in ("name", "names"):
        return True
    names = items[0][1][1]
    return after_ellipsis and find(layer.bl_rna, names if isinstance(names, str) else names[0]) is None


def layer_items(layer, name, items):
    """The items for a layer's `data` of those for the layer itself: the first is for the elements, then their property
    `name` follows."""
    elements, number = ("slice", None, None, None), items[0][0] if items else None
    value = number, ("name", name)
    if items and items[0][1][0] == "ellipsis":
        prop = layer.bl_rna.properties["data"].fixed_type.properties[name]
        dims = describe(layer.bl_rna.properties["data"].fixed_type, name).dims if numeric(prop) else ()
        if len(items) - 1 <= len(dims):
            return [(number, elements), value, *items]
        items = items[1:]
    if not items:
        return [(number, elements), value]
    return [items[0], value, *items[1:]]


# ---- what no struct tells

def of_none(walk, path, rna, number, names):
    """The RNA type that tells of properties of elements of which there are none, or none selected: the declared one, else
    one of those that the elements may be of and that have them all, in one form."""
    fixed = fixed_type(path) if path is not None else rna
    if fixed is None or all(key_in(name) is not None or find(rna, name) is not None for name in names):
        return rna
    forms = {}
    for kind in kinds_of(fixed):
        if all(find(kind.bl_rna, name) is not None for name in names):
            forms.setdefault(tuple(_form_of(kind.bl_rna, name) for name in names), kind.bl_rna)
    if len(forms) > 1:
        (one, other, *_), those = sorted(found.identifier for found in forms.values()), " and ".join(map(repr, names))
        walk.fail(number, f"no element of {path or rna.identifier} is selected to tell what {those} is: it is of another form "
                          f"in a {one} than in a {other}")
    return next(iter(forms.values()), rna)


def no_structs(walk, structs, of, number, items):
    """The block of shape (0, …) for the property that `items` name of none of a sequence's structs: by their type, or
    by `of` where there are none."""
    if of is None and len({type(struct) for struct in structs}) != 1:
        walk.fail(number, "no struct of the sequence is selected, and " + (
            "they are of several types" if structs else
            "an empty one has no type: name it, as in Slicer([], of=bpy.types.Object)"))
    return _nothing(walk, of.bl_rna if of is not None else structs[0].bl_rna, number, items)


def no_lists(walk, path, rows, number, items):
    """The block of what the elements of an empty selection would lead to: of shape (0, …), a list in each an axis of
    nothing. With ragged='flat' that is joined, with one offset. Fails where declared types do not tell what follows."""
    flat = walk.ragged == "flat"
    rna, rest, axes, lists = fixed_type(path), items, [], 0
    if rna is not None and rest and rest[0][1][0] == "name":
        rna = of_none(walk, path, rna, number, (rest[0][1][1],))
    while rna is not None and rest and rest[0][1][0] == "name":
        prop = find(rna, rest[0][1][1])
        if numeric(prop) if prop is not None else key_in(rest[0][1][1]) is None:
            break  # a name that is none is told of below
        rna = None if prop is None else _behind(rna, prop)
        rest = skip_ellipsis(rest[1:], prop is not None and prop.type == "COLLECTION")
        if rna is not None and prop.type == "COLLECTION":
            count, rest = _of_none(rest)
            lists += count == 0
            axes += [] if count is None else [count]
    if rna is None or not rest or rest[0][1][0] not in ("name", "names") or (
            any(item[0] == "gather" for _, item in rest)) or flat and lists and (walk.depth or axes[0]):
        walk.fail(number, f"no element of {path} is selected, so {items[0][1][1]!r} leads nowhere")
    if flat and lists > 1:
        walk.fail(number, ONE_LEVEL)
    joined = flat and lists == 1
    block = _walked(_nothing(walk, rna, rest[0][0], rest, path, axes[1:] if joined else axes), path, rows, joined)
    block.varies = block.guessed = walk.depth > 0
    return block


def _of_none(items):
    """(how many of each list `items` select where there is no list, None for one that makes no axis; the items behind)."""
    kind = items[0][1][0] if items else ""
    if kind in ("keys", "indices"):
        return len(items[0][1][1]), items[1:]
    if kind == "int" or kind == "name" and key_in(items[0][1][1]) is not None:
        return None, items[1:]
    return 0, items[1:] if kind == "slice" else items


def no_arrays(walk, path, rows, prop, rna, items):
    """The same of arrays of any length (`polygon.vertices`). What they have below the first axis is asked of others' as
    soon as there are others (stacking.py)."""
    if rows is None or len(items) > 1 or items and items[0][1][0] not in ("slice", "int", "indices"):
        walk.fail(None, f"{prop.name} has no fixed length and there is no element to ask")
    count, _ = _of_none(items)
    joined = walk.ragged == "flat" and count is not None
    if joined and walk.depth:
        walk.fail(None, ONE_LEVEL)
    axes = () if joined or count is None else (count,)
    leaf = Leaf(NoStructs(path), Rows(0, 0, 1, 0), prop._replace(dims=()), components.select((), (), None, False, None),
                rna.identifier, True, place=(("own", 0),) + (("fixed", 0),) * len(axes))
    block = _walked(Block((0, *axes), [leaf], varies=walk.depth > 0), path, rows, joined)
    block.guessed = True
    return block


def _walked(block, path, rows, joined):
    block.walked.append(Walked(path, rows.length, None))
    block.offsets = (0,) if joined else None
    return block


def _behind(rna, prop):
    import bpy

    return declared(getattr(bpy.types, rna.identifier, object), prop)


def _nothing(walk, rna, number, items, path=None, lists=()):
    """The block of shape (0, …) for the property that `items` name of none of a type's structs. lists: the axes on the
    way to them."""
    items = skip_ellipsis(items, 0)
    while items and items[0][1][0] == "name" and find(rna, items[0][1][1]) is not None:
        prop = find(rna, items[0][1][1])
        if prop.type != "POINTER":
            break
        if (behind := _behind(rna, prop)) is None:
            walk.fail(items[0][0], "the class of its structs was unregistered")
        rna, items = behind, skip_ellipsis(items[1:], 0)
    if not items or items[0][1][0] not in ("name", "names"):
        walk.fail(number, f"this ends at a {rna.identifier}; name a numeric property of it")
    number, (kind, named) = items[0]
    leaves, shapes = [], set()
    for i, name in enumerate((named,) if kind == "name" else named):
        prop = walk.lookup(rna, name, number)
        known = describe(rna, name) if numeric(prop) else None
        if known is None or known.dims is None:
            walk.fail(number, f"{rna.identifier}.{name} is {'an array' if known else 'a ' + prop.type.lower()} whose "
                              "length only a struct can tell, and none is selected")
        selected = components.select(known.dims, items[1:], known.letters, known.is_matrix,
                                     lambda n, t: walk.fail(n or number, f"{known.name}: {t}"))
        place = ((("own", 0),) + (("fixed", 0),) * len(lists) + ((("fixed", i),) if kind == "names" else ())
                 + (("own", 0),) * len(selected.axes))
        leaves.append(Leaf(NoStructs(path), Rows(0, 0, 1, 0), known, selected, rna.identifier, True, place=place))
        shapes.add(selected.axes)
    if len(shapes) > 1:
        walk.fail(number, f"properties in one tuple must have the same shape; these have {sorted(shapes)}")
    (shape,) = shapes
    return Block((0, *lists, *((len(named),) if kind == "names" else ()), *shape), leaves)
