# runtime/rnaslicer/expression/custom.py: custom properties: `Slicer(objects)[:, '["weight"]']`.
"""Each struct keeps them for itself, so each tells form and value; all must have one form."""

from .components import select
from ..blender.custom import FormError, form as form_of, holder_of, known_keys, value_of
from ..blender.names import key_in
from ..blender.rna import Property, near
from ..layout.leaf import Leaf, Walked
from ..supplier.order import order_of
from .block import Block
from .kinds import fixed_type
from .stacking import stack

_TYPES = {"b1": "BOOLEAN", "i32": "INT", "f32": "FLOAT", "f64": "FLOAT"}


def _is_group(rna):
    while rna is not None and rna.identifier != "PropertyGroup":
        rna = rna.base
    return rna is not None


class CustomLeaf(Leaf):
    """One custom property of the picked structs, read and written by item access."""

    moved_by = "custom"

    keys: tuple = ()  # more than one lead into groups


def datablock(struct, name, items):
    """The datablock that a custom property of a struct points to, where `items` go on from there; else None."""
    import bpy

    if not items or items[0][1][0] not in ("name", "names"):
        return None
    try:
        value = value_of(struct, (key_in(name),))
    except FormError:
        return None
    return value if isinstance(value, bpy.types.ID) else None


def block(walk, path, rows, reached, number, name, items):
    """The block of resolve's `walk` for a custom property, `name` as RNA paths write it, of the picked elements of a
    collection, or (rows None) of a struct."""
    form, keys, asked = None, [key_in(name)], (number, name, items)
    while items and items[0][1][0] == "name" and key_in(items[0][1][1]) is not None:  # into a group
        number, (_, more) = items[0]
        keys, name, items = [*keys, key_in(more)], name + more, items[1:]
    fixed = fixed_type(path) if rows is not None else None
    if fixed is not None and fixed.name_property is None and not _is_group(fixed):
        # Nothing of these is touched: it would un-share arrays, or compute from geometry that is not whole.
        walk.fail(number, f"a {fixed.identifier} has no custom properties")
    picked = [None] if rows is None else rows.indices()
    if not len(picked):
        walk.fail(number, f"no element of {path} is selected, so nothing tells the form of {name!r}")
    may_vary = not items or items[0][1][0] not in ("name", "names")  # letters choose as many of each array
    if rows is not None and walk.ragged == "flat" and may_vary and _has_axes(reached[picked[0]], keys):
        # Arrays may be longer in the next struct, as behind a sequence of them.
        found = stack(walk, number, [(path.item(i), lambda i=i: block(walk, path.item(i), None, reached[i], *asked))
                                     for i in picked])
        found.walked.append(Walked(path, rows.length, order_of(path, reached)))
        return found
    for i in picked:
        struct = reached if i is None else reached[i]
        where = path if i is None else f"{path}[{i}]"
        try:
            found = form_of(value_of(struct, keys))
        except FormError as why:
            walk.fail(number, f"{where}{name}: {why}{_close(struct, keys)}")
        form = form or found
        if found != form:
            walk.fail(number, f"{where}{name} is {found}, where the elements before have {form}; one form is for all")
    first = walk.pointed.setdefault((number, name), form.scalar)
    if first != form.scalar:
        walk.fail(number, f"{path}{name} is {form}, where the structs before have another type; one form is for all")
    prop = Property(type(struct).__name__, name, _TYPES[form.scalar], form.scalar, form.dims, False, "xyzw", False,
                    None, None, False, False, False, False, False, False)
    selected = select(form.dims, items, prop.letters, False, lambda n, t: walk.fail(n or number, f"{name}: {t}"))
    axes = ((rows.count,) if rows is not None else ()) + selected.axes
    leaf = CustomLeaf(path, rows, prop, selected, prop.struct, True, place=(("own", 0),) * len(axes),
                      keys=tuple(keys))
    return Block(axes, [leaf], varies=walk.depth > 0 and bool(axes) and (rows is not None or may_vary))


def _has_axes(struct, keys):
    try:
        return bool(form_of(value_of(struct, keys)).dims)
    except FormError:  # told by who asks again
        return False


def _close(struct, keys):
    """Close names of what there is instead of the first key that is not there."""
    for done, key in enumerate(keys):
        try:
            known = known_keys(holder_of(struct, keys[:done + 1]))
        except FormError:
            return ""
        if key not in known:
            return near(key, known)
    return ""
