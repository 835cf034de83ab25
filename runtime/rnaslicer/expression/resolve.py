# runtime/rnaslicer/expression/resolve.py: the access path: a slice expression bound to what bpy holds now.
"""Walks the items of an expression over the supplier and collects leaves.

A `Leaf` is one run of numeric values: one property on a selection of one collection's elements, or
on one struct. A `View` is the whole result: its shape, its format and the leaves that fill it (layout/leaf.py).
Nothing here reads a value.
"""

from . import components, gather
from .components import describe
from .counted import quick
from ..basis.later import later
from ..errors import ExpressionError
from ..basis.records import replace
from ..layout.whole import why_underivable
from ..supplier.identity import Path
from .block import Block, skip_ellipsis
from ..layout.leaf import Leaf, Rows, View, Walked
from ..blender import hints  # at hand where files are gone: errors of what was entered have them
from ..blender.names import key_in, names_in
from ..supplier.order import one_of, order_of
from ..supplier.roster import Roster
from ..blender.hazards import MAY_CRASH, refuse_crash
from ..blender.registered import refuse_unregistered
from ..blender.rna import describe as describe_property, dynamic_dims, find, numeric
from .kinds import (are_like_first, assignments, common, element_type, is_of_layer, layer_items, length_of, may_be_layers,
                    no_arrays, no_lists, no_structs, refuse_freed, refuse_underivable, same_form, value_name)

_corners, _custom, _instances = later("expression.corners"), later("expression.custom"), later("expression.instances")
_pad, _transform, _weights = later("expression.pad"), later("expression.transform"), later("expression.weights")
_fused, _stacking = later("expression.fused"), later("expression.stacking")
# What corners.py may know, of which collections' elements.
_BEHIND = {("name", "vertices"): (("attr", "polygons"),), ("name", "points"): (("attr", "curves"),)}
_INSTANCES = (("attr", "object_instances"),)


def resolve(path, supplier, items, text, *, scalar=None, ragged="error", normalized=False,
            transform=None, width=None, fill=0, of=None, reads=False):
    """Binds parsed `items` to `supplier` (at `path`; a list of (path, struct) for a sequence).

    Raises ExpressionError naming the expression `text` and the item that failed. `reads`: all values are read next,
    so that a count which only reading tells may be the one of the last time.
    """
    walk = _Walk(text, "flat" if ragged == "pad" else ragged, reads)
    numbered = list(enumerate(items, 1))
    if isinstance(path, list):
        block = walk.sequence(path, numbered, of)
    elif isinstance(path, Roster):
        walk.listed = supplier
        block = _fused.listed(walk, path, supplier, numbered)
    else:
        block = walk.value(path, supplier, numbered)
    if transform is not None:
        block.leaves = _transform.transformed(walk, block, transform, ragged == "pad")
    scalar = scalar or _promote({leaf.property.value for leaf in block.leaves} or {"f32"})
    for leaf in block.leaves if normalized else ():
        if leaf.property.value != "f32":
            walk.fail(None, f"normalized=True is for FLOAT properties; {leaf.property.name} is "
                            f"{leaf.property.type}")
    view = View(tuple(block.shape), scalar, tuple(block.leaves), tuple(block.walked), block.offsets,
                normalized=normalized)
    return _pad.padded(walk, view, width, fill) if ragged == "pad" else view


def _promote(scalars):
    """The format that holds all of several value types: as NumPy promotes ?, i and f."""
    if len(scalars) == 1:
        return next(iter(scalars))
    if "f64" in scalars:
        return "f64"
    if "f32" in scalars:
        return "f64" if "i32" in scalars else "f32"
    return "i32"


def _remember(block, path, coll):
    """The order of a leaf's own elements; their number is the route's affair."""
    if all(leaf.exact for leaf in block.leaves):
        return block
    order = order_of(path, coll)
    if order is not None:
        block.walked.append(Walked(path, None, order))
    return block


def _is_behind(path, item):
    return item[0] == "name" and path.steps[-1:] == _BEHIND.get(item)


def _is_collection(value):
    return hasattr(value, "foreach_get") and hasattr(value, "keys")


class _Walk:
    def __init__(self, text, ragged, reads):
        self.text, self.ragged, self.reads = text, ragged, reads
        self.depth = 0  # how many collections are being stacked above the one that is reached
        self.pointed = {}  # type behind each pointer step: the same for all elements
        self.listed = ()  # the structs of a Python sequence, of which one is being walked

    def fail(self, number, message, **told):
        """Raises ExpressionError for item `number` (None: the end of the expression). told: what is said of it to who had
        entered the expression (entered/retold.py): `where` the way is broken, or what has `changed`."""
        error = ExpressionError(f"{self.text}: {'at its end' if number is None else f'item {number}'}: {message}")
        vars(error).update(told)
        raise error

    # What has been reached decides what an item means.

    def value(self, path, value, items):
        import bpy

        if value is None or isinstance(value, bpy.types.bpy_struct):
            return self.struct(path, value, items)
        if _is_collection(value):
            return self.collection(path, value, items)
        # An RNA array: its owner's property.
        owner = Path(path.root, path.steps[:-1])
        return self.leaf(owner, None, owner.follow(), path.steps[-1][1], items, True, flat=True)

    def struct(self, path, struct, items):
        if struct is None:  # an empty slot; of a removed object, until the view layer is synchronised
            self.fail(None, f"{path} is None")
        name, given = value_name(struct.bl_rna), items
        items = skip_ellipsis(items, 0)
        if name and is_of_layer(struct, items, items is not given):
            return self.collection(path.attr("data"), struct.data, layer_items(struct, name, given))
        if not items:
            self.fail(None, f"this ends at a {struct.bl_rna.identifier}; name a numeric property of it")
        number, item = items[0]
        if item[0] == "name":
            return self.property(path, struct, number, item[1], items[1:])
        if item[0] == "names":
            blocks = [self.property(path, struct, number, n, items[1:], leaf_only=True) for n in item[1]]
            return _stacking.beside(self, blocks, number, item[1], 0)
        self.fail(number, f"{describe(item)} on a {struct.bl_rna.identifier}; a struct takes a property "
                          "name or a tuple of names")

    def property(self, path, struct, number, name, items, leaf_only=False):
        if key_in(name) is not None:
            pointed = None if leaf_only else _custom.datablock(struct, name, items)
            if pointed is not None:
                return self.value(path.key(key_in(name)), pointed, items)
            return _custom.block(self, path, None, struct, number, name, items)
        prop = self.lookup(struct.bl_rna, name, number, struct, path=path if self.depth or self.listed else None)
        if numeric(prop):
            return self.leaf(path, None, struct, name, items, True)
        if leaf_only:
            self.fail(number, f"{name!r} is no number; a tuple of names takes numeric properties")
        if prop.type in ("POINTER", "COLLECTION"):
            refuse_crash(struct.bl_rna.identifier, name, struct)
            refuse_unregistered(struct, name)
            reached = getattr(struct, name)
            if reached is None:
                self.fail(number, f"{path}.{name} is None", where=f"{path}.{name} is None now")
            if prop.type == "POINTER":
                kind = reached.bl_rna.identifier
                first = self.pointed.setdefault(number, kind)
                if kind != first:
                    self.fail(number, f"{path}.{name} is a {kind}, where the elements before have a {first}")
            return self.value(_instances.rooted(path.attr(name), reached), reached, items)
        self.fail(number, f"{struct.bl_rna.identifier}.{name} is a {prop.type.lower()}, not a number")

    def lookup(self, rna, name, number, struct=None, coll=None, path=None):
        prop = find(rna, name)
        if prop is None:
            hint = hints.of_property(rna, name, struct, coll, self.listed)
            self.fail(number, f"{rna.identifier} has no property {name!r}{f' (that is {path})' if path else ''}{hint}",
                      **({"changed": f"{path} is a {rna.identifier} now, which has no {name!r}"} if path else {}))
        return prop

    def collection(self, path, coll, items):
        items = skip_ellipsis(items, 1)
        if not items:
            self.fail(None, f"this ends at {path}; name a numeric property of its elements")
        if path.steps[-1:] == _INSTANCES and _instances.only_iterates(path, coll):
            return _instances.block(self, path, coll, items)
        path, coll = quick(path, coll)
        number, item = items[0]
        key = key_in(item[1]) if item[0] == "name" else None
        if key is not None:
            ((path, element),) = self.keys_of(path, coll, number, (key,))
            return self.value(path, element, items[1:])
        kind, length = item[0], length_of(self, path, coll)
        if kind in ("name", "names"):
            return self.elements(path, coll, Rows(length, 0, 1, length), items)
        if kind == "int":
            i = components.index(item[1], length, lambda t: self.fail(
                number, f"{path}: {t}", changed=f"{path} had more elements when the context was entered and has {length} now, "
                f"none of which is number {item[1]}"))
            refuse_underivable(self, path, coll)
            block = self.value(path.item(i), coll[i], items[1:])
            block.walked.append(Walked(path, length, one_of(coll, i)))
            return block
        if kind == "keys":
            found = self.keys_of(path, coll, number, item[1])
            return _stacking.stack(self, number,
                                   [(p, lambda p=p, e=e: self.value(p, e, items[1:])) for p, e in found])
        return self.elements(path, coll, self.rows(item, number, length, str(path)), items[1:])

    def rows(self, item, number, length, name):
        return components.rows(item, length, lambda t: self.fail(number, f"{name}: {t}"))

    def keys_of(self, path, coll, number, keys):
        """(path, element) of each key."""
        refuse_underivable(self, path, coll)
        found = []
        # Nothing else may ask for a key of elements that have no name: hazards.KEYS_WITHOUT_NAMES.
        first = next(filter(None, coll), None)
        if first is not None and first.bl_rna.name_property is None:
            self.fail(number, f"the elements of {path} have no keys; select them by index")
        for key in keys:
            try:
                element = coll[key]
            except (KeyError, TypeError):
                hint = hints.of_key(key, names_in(coll))
                self.fail(number, f"{path} has no {key!r}{hint}",
                          where=f"{path.key(key)} does not exist any more" + (f" ({hint[2:]})" if hint else ""))
            found.append((path.key(key), element))
        return found

    def elements(self, path, coll, rows, items):
        """A selection of elements is reached; the next item names what is wanted of each."""
        given, items = items, skip_ellipsis(items, 0)
        if rows.count and not (items and items[0][1][0] in ("name", "names")) and may_be_layers(path):
            first = coll[rows.at(0)]
            if first is not None and value_name(first.bl_rna):
                return self.nested(path, coll, rows, given)
        if not items:
            self.fail(None, f"this ends at the elements of {path}; name a numeric property of them")
        number, item = items[0]
        block = _weights.block(self, path, coll, rows, items) if item[0] == "name" and assignments(path, coll, item[1]) else None
        at = gather.first(items)
        if block is None and (at is None or not self.depth) and _is_behind(path, item):
            block = _corners.block(self, path, coll, rows, items[:at])
        if block is not None:
            return block if at is None else gather.block(self, block, items[at:])
        if not are_like_first(path, coll, rows, item):
            return self.nested(path, coll, rows, items)
        kind = element_type(self, path, coll, rows, number, item)
        if item[0] == "names":
            blocks = [self.element_leaf(path, coll, rows, kind, number, n, items[1:]) for n in item[1]]
            return _remember(_stacking.beside(self, blocks, number, item[1], 1), path, coll)
        if item[0] != "name":
            self.fail(number, f"{describe(item)} on the elements of {path}; name a property of them")
        prop = find(kind.rna, item[1])
        if prop is not None and not numeric(prop):
            return self.nested(path, coll, rows, items)
        block = self.element_leaf(path, coll, rows, kind, number, item[1], items[1:])
        return _remember(block, path, coll)

    def element_leaf(self, path, coll, rows, kind, number, name, items):
        at = gather.first(items)
        block = self.plain_leaf(path, coll, rows, kind, number, name, items[:at])
        return block if at is None else gather.block(self, block, items[at:])

    def plain_leaf(self, path, coll, rows, kind, number, name, items):
        rna = kind.rna
        if key_in(name) is not None:
            return _custom.block(self, path, rows, coll, number, name, items)
        prop = self.lookup(rna, name, number, coll=coll)
        if not numeric(prop):
            self.fail(number, f"{rna.identifier}.{name} is a {prop.type.lower()}, not a number")
        if not kind.uniform:
            same_form(self, path, coll, rows, name, number)
            rna, shared = common(self, path, coll, rna, name)
            block = self.leaf(path, rows, coll[0], name, items, False, rna)
            block.leaves = [replace(leaf, shared=shared) for leaf in block.leaves]
            return block
        dynamic = describe_property(rna, name).dims is None
        first = coll[rows.indices()[0]] if dynamic and rows.count else None
        block = self.leaf(path, rows, first, name, items, True, rna)
        block.leaves = [leaf if leaf.rows is None else replace(leaf, exact=kind.exact, alike=kind.alike)
                        for leaf in block.leaves]
        return block

    def nested(self, path, coll, rows, items):
        """A pointer or collection in each element: one block for each, stacked."""
        number, item = items[0] if items else (None, None)
        if not rows.count:
            return no_lists(self, path, rows, number, items)
        refuse_underivable(self, path, coll)
        block = _stacking.stack(self, number, [(path.item(i), lambda i=i: self.struct(path.item(i), coll[i], items))
                                              for i in rows.indices()])
        block.walked.append(Walked(path, rows.length, order_of(path, coll)))
        return block

    def sequence(self, structs, items, of=None):
        """A Python sequence of structs: like a collection whose elements have paths of their own."""
        items = skip_ellipsis(items, 1)
        self.listed = [struct for _, struct in structs]
        number, item = items[0] if items else (None, ("name", ""))
        if item[0] == "name" and key_in(item[1]) is not None:
            self.fail(number, f"a Python sequence has no keys; a custom property of each is [:, {item[1]!r}]")
        if item[0] in ("name", "names"):
            picks, rest = range(len(structs)), items
        elif item[0] == "int":
            at = components.index(item[1], len(structs), lambda t: self.fail(number, t))
            return self.with_others(self.struct(*structs[at], items[1:]), structs, {at})
        else:
            picks, rest = self.rows(item, number, len(structs), "the sequence").indices(), items[1:]
        if not rest:
            self.fail(None, "name a numeric property of the sequence's structs")
        if not picks:
            return self.with_others(no_structs(self, self.listed, of, number, rest), structs, ())
        return self.with_others(_stacking.stack(self, number, [(structs[i][0], lambda i=i: self.struct(*structs[i], rest))
                                                  for i in picks]), structs, set(picks))

    @staticmethod
    def with_others(block, structs, picks):
        """The sequence's other structs must be there at each use, too: one lost is lost."""
        block.walked.extend(Walked(path, None, None) for i, (path, _) in enumerate(structs) if i not in picks)
        return block

    def leaf(self, path, rows, struct, name, items, uniform, rna=None, flat=False):
        at = gather.first(items)
        if at is not None:
            indices = self.leaf(path, rows, struct, name, items[:at], uniform, rna, flat)
            return gather.block(self, indices, items[at:])
        rna = rna or struct.bl_rna
        refuse_freed(self, path, rows)
        if (rna.identifier, name) in MAY_CRASH:
            refuse_crash(rna.identifier, name, path.follow() if struct is None else struct)
        prop = describe_property(rna, name)
        if prop.dims is None:
            why = struct is not None and why_underivable(rna.identifier, prop, struct.id_data)
            if why:
                self.fail(None, f"{prop.name}: {why}; complete the geometry first")
            if struct is None:
                return no_arrays(self, path, rows, prop, rna, items)
            if rows is not None:
                return _stacking.ragged_arrays(self, path, rows, name, items)
            if name == "pixels" and (why := hints.why_no_pixels(struct, flat)):
                self.fail(None, f"{path} has no pixels: {why}")
            dims = dynamic_dims(struct, name, flat)
            prop = prop._replace(dims=dims, letters="rgba" if len(dims) == 3 else prop.letters)  # an image's channels
        end = items[-1][0] if items else None
        selected = components.select(prop.dims, items, prop.letters, prop.is_matrix,
                                     lambda n, t: self.fail(n or end, f"{prop.name}: {t}{hints.of_channel(name, flat, items)}"))
        axes = ((rows.count,) if rows is not None else ()) + selected.axes
        leaf = Leaf(path, rows, prop, selected, rna.identifier, uniform, place=(("own", 0),) * len(axes))
        varies = self.depth > 0 and (rows is not None or prop.dynamic and bool(selected.axes))
        return Block(axes, [leaf], varies=varies)
