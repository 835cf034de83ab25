# runtime/rnaslicer/transfer/element.py: the element route: bpy's getattr and setattr, one by one.
"""The slowest route and the one that is always right: bpy itself reads and writes each value."""

import gc
import itertools
from struct import error as NotPacked, pack_into

from .. import _core
from ..supplier import events
from ..supplier.several import Several
from ..errors import ExpressionError, ShapeChangedError, SupplierLostError, ValueRangeError
from ..basis.records import Record
from ..layout.storage import FORMAT
from ..layout.values import flat_value
from ..blender.rna import enum_number, enum_value, find, is_only_id
from .kernels.dense import Dense
from .kernels.lowering import axes_within, bytes_before
from .routes import Route
from .scripts import finds, is_plain, may_run, one_by_one
from .writing.noticing import noticing_tags, settle_again, settle_all
from .writing.permission import check_each, differs_by_struct, translated


class OneByOne(Route):
    """Values pass one struct at a time; between bpy's numbers and the cache stands a kernel."""

    name = "element"

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)
        self.dense(None)  # which is compiled at enter

    @property
    def kernel(self):
        """The kernel between bpy's numbers and the cache."""
        mover = self.dense(None).mover
        return mover and mover.kernel


class ElementRoute(OneByOne):
    """One getattr or setattr for each element."""

    assigns = True

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if not nothing:
            read(self.leaf, reached, self.dense(spans), cache)

    def update(self, cache, region):
        """Cache to Blender."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if not nothing:
            write(self.leaf, reached, self.dense(spans), cache)  # paths may lead to other datablocks now


def are_single(routes):
    """Whether routes are for numbers of one struct, which native code may follow (own/single.py)."""
    return bool(routes) and all(is_told(route) and route.leaf.rows is None for route in routes)


def are_of_several(routes):
    """Whether routes are for numbers of structs that have ways of their own, which native code may follow (own/apart.py,
    own/each.py)."""
    return bool(routes) and all(is_told(route) and (isinstance(route.leaf.path, Several) or is_custom(route) and (
        route.leaf.rows is not None)) for route in routes)


def is_custom(route):
    """Whether a route is for custom properties (own/custom.py)."""
    return route.leaf.moved_by == "custom"


def is_told(route):
    """Whether bpy tells the values struct by struct."""
    return type(route) is ElementRoute or is_custom(route)


def numbers(leaf, struct):
    """The flat numbers of one element's property."""
    prop = leaf.property
    try:
        value = getattr(struct, prop.identifier)
    except AttributeError as error:
        raise ExpressionError(f"{leaf.path}: not every element has {prop.identifier!r}: {error}") from None
    if prop.type != "ENUM":
        return flat_value(prop, value)
    number = enum_number(find(struct.bl_rna, prop.identifier), value)
    if number is None:
        raise ExpressionError(f"{leaf.path}: {prop.name} is {value!r}, which stands for no number that bpy tells; "
                              "read the names from the elements instead")
    return (number,)


def read(leaf, reached, dense, cache):
    """getattr on every row of a region, into the cache."""
    values, at = dense.buffer(), 0
    structs = leaf.elements(reached, dense.rows)
    if structs and may_run(leaf, structs[0]):
        if leaf.path.root.is_passing:
            raise ExpressionError(f"{leaf.path}: {leaf.property.name} is a script's, which may run code when it is read, "
                                  "and nothing leads back to the struct then; read it by bpy")
        structs = one_by_one(leaf, dense.rows)
    elif (found := _at_once(leaf, structs, dense)) is not None:
        return dense.fill(cache, found)
    for struct in _each(leaf, structs):
        flat = numbers(leaf, struct)
        for component in dense.components:
            values[at] = flat[component]
            at += 1
    dense.fill(cache, values)


_MANY = 4096  # values that bpy gives as objects, at a time


def _at_once(leaf, structs, dense):
    """Their numbers in a buffer, without a step of Python for each; None where somebody has to look at each."""
    prop, components, values, at = leaf.property, dense.components, dense.buffer(), 0
    if prop.type == "ENUM" or prop.dynamic or len(prop.dims) > 1 or len(structs) < 2:
        return None
    try:
        for start in range(0, len(structs), _MANY):
            found = list(map(getattr, structs[start:start + _MANY], itertools.repeat(prop.identifier)))
            flat = list(itertools.chain.from_iterable(found)) if prop.dims else found
            size = len(flat) // len(found)
            if components != list(range(size)):
                flat = [flat[row + i] for row in range(0, len(flat), size) for i in components]
            pack_into(f"{len(flat)}{values.format}", values, at, *flat)
            at += len(flat) * values.itemsize
    except (AttributeError, IndexError, TypeError, ValueError, NotPacked):
        return None  # who asks one after the other says which it is
    return values if at == values.nbytes else None


def _each(leaf, structs):
    """The structs; ShapeChangedError where a script's getter has taken one away."""
    try:
        yield from structs
    except (IndexError, KeyError) as error:
        raise ShapeChangedError(f"{leaf.path} has lost elements while it was read, by a script's code: {error}; enter "
                                "again") from error


class Held(Record):
    """A list's datablocks. bpy's references to such notice when theirs is freed."""

    structs: list
    returns: int  # events.returns() of then: undo ends all references


def write(leaf, reached, dense, cache, held=None):
    """setattr on every row of a region, in C order; says what was written if bpy stops half-way.

    held: what an earlier call gave, if it has been seen since that the list has the same datablocks in
    the same order (order.py): they need not be made again. Gives what the next call may take, or None.
    """
    collects = gc.isenabled()
    gc.disable()  # thousands of structs that go as they came: there is nothing to collect
    try:
        return _write(leaf, reached, dense, cache, held)
    finally:
        if collects:
            gc.enable()


def _write(leaf, reached, dense, cache, held):
    rows = dense.rows
    if not rows:
        return held
    if held is not None and (held.returns != events.returns() or _is_dead(held.structs[0])):
        held = None
    structs = leaf.elements(reached if held is None else held.structs, rows)
    if None in structs:
        raise ShapeChangedError(f"{leaf.path}[{rows[structs.index(None)]}] is None now; nothing was written")
    one_type = held is not None or leaf.uniform and _core.one_type(structs)
    alike = one_type and not differs_by_struct(leaf)
    check_each(leaf, structs[:1] if alike else structs)
    scripted = may_run(leaf, structs[0])
    values = _assigned(leaf, structs, alike, dense, dense.values_of(cache), scripted)
    name, count = leaf.property.identifier, len(structs)
    assign = _core.assign_anew if scripted else _core.assign
    objects = finds(leaf, rows) if scripted else structs
    with noticing_tags(leaf, structs[0]):
        done, error = assign(objects, name, *values, 0, 1)
    if error is None:
        done, error = assign(objects, name, *values, 1, count)
        done += 1
    if scripted:
        _stopped(leaf, error, done, count)
        settle_again(leaf)
        return held
    if error is not None:
        if isinstance(error, (AttributeError, ReferenceError, TypeError, ValueError, RuntimeError)):
            raise translated(error, leaf, done, count) from error
        error.add_note(f"{done} of {count} elements of {leaf.path} were written before")
        raise error
    settle_all(leaf, reached, structs)
    every = leaf.rows is not None and rows == range(leaf.rows.length)
    if held is None and every and one_type and is_only_id(structs[0].bl_rna):
        return Held(structs, events.returns())
    return held


def _stopped(leaf, error, done, count):
    """Raises where a script's code that ran within the assignments has ended them; says how many there were."""
    if error is None:
        return
    written = f"{done} of {count} elements were written before"
    if isinstance(error, (IndexError, KeyError)):
        raise ShapeChangedError(f"{leaf.path} has lost elements while it was written, by a script's code that the "
                                f"assignments called ({error}); {written}") from error
    if isinstance(error, (ReferenceError, SupplierLostError)):
        raise SupplierLostError(f"{leaf.path} is gone, taken away while it was written by a script's code that the "
                                f"assignments called ({error}); {written}") from error
    if isinstance(error, (AttributeError, TypeError, ValueError, RuntimeError)):
        raise translated(error, leaf, done, count) from error
    error.add_note(f"{written} ({leaf.path})")
    raise error


def _is_dead(struct):
    try:
        return struct.id_data is None
    except ReferenceError:
        return True


def _assigned(leaf, structs, alike, dense, values, scripted):
    """What `_core.assign` gives the structs (all `alike` or not): values, extents, each component's place in a
    row, what is made of that. `scripted`: a look at one struct may free the others."""
    prop, components = leaf.property, dense.components
    if prop.type == "ENUM":
        items = _items(leaf, structs, alike, values.tolist()[len(components) - 1 :: len(components)])
        return items, (), (), None
    how = assigned_from(prop, components)
    if how is not None:
        return values, *how
    parts = values.cast("B").cast(values.format, (len(values) // len(components), len(components))).tolist()
    structs = _each(leaf, one_by_one(leaf, dense.rows)) if scripted else structs
    return [rna_value(leaf, struct, components, part) for struct, part in zip(structs, parts)], (), (), None


def assigned_from(prop, components):
    """(extents, each component's place in a row, what is made of that) for `_core.assign`; None for a part of what bpy
    gives by rows and takes as one run. What no place is for is read right before the element is assigned: one that is
    named twice keeps, of the rest, what the assignment before left of it, as in a loop."""
    where = {component: i for i, component in enumerate(components)}  # of one named twice the last counts
    places = [where.get(i, -1) for i in range(prop.length)]
    if prop.is_flat:
        return ((prop.length,), tuple(places), None) if -1 not in places else None
    if prop.is_matrix:
        rows, columns = prop.dims
        return prop.dims, tuple(places[c * rows + r] for r in range(rows) for c in range(columns)), matrix_type()
    return prop.dims, tuple(places), None


def matrix_type():
    """What bpy takes by rows and as it is: nested sequences are taken by columns, infinities in them as the
    largest floats."""
    from mathutils import Matrix

    return Matrix


def _items(leaf, structs, alike, numbers):
    """The enum items behind numbers, as setattr takes them. ValueRangeError if a number is none."""
    known = {}  # by type, which may have items of its own
    if alike:
        struct = next(iter(structs))
        known = {number: _item(leaf, struct, number) for number in set(numbers)}
        return list(map(known.__getitem__, numbers))
    items = []
    for struct, number in zip(structs, numbers):
        key = type(struct), number
        if key not in known:
            known[key] = _item(leaf, struct, number)
        items.append(known[key])
    return items


def _item(leaf, struct, number):
    item = rna_value(leaf, struct, (0,), (number,))
    if item is None and not find(struct.bl_rna, leaf.property.identifier).enum_items:
        raise ValueRangeError(f"{leaf.path}: bpy does not tell which item of {leaf.property.name} {number} is: they "
                              "come from a function; assign names to the elements instead; nothing was written")
    if item is None:
        raise ValueRangeError(f"{leaf.path}: {number} is no item of {leaf.property.name} of a "
                              f"{struct.bl_rna.identifier}; nothing was written")
    return item


def rna_value(leaf, struct, components, part):
    """What setattr takes: the element's own value with the named components replaced."""
    prop = leaf.property
    if prop.type == "ENUM":
        rna = find(struct.bl_rna, prop.identifier)
        return enum_value(rna, part[-1], prop.is_flag)
    if not prop.dims:
        return part[-1]
    if len(components) == prop.length and len(set(components)) == prop.length:
        flat = [0] * prop.length
    else:
        flat = list(flat_value(prop, getattr(struct, prop.identifier)))
    for component, value in zip(components, part):
        flat[component] = value
    return nested(prop, flat)


def nested(prop, flat):
    """Flat numbers in RNA's order as the nested sequence that bpy takes."""
    if len(prop.dims) == 1 or prop.is_flat:
        return flat
    if prop.is_matrix:
        rows, columns = prop.dims
        return matrix_type()([[flat[c * rows + r] for c in range(columns)] for r in range(rows)])
    for extent in reversed(prop.dims[1:]):
        flat = [flat[i : i + extent] for i in range(0, len(flat), extent)]
    return flat


def given(leaf, view, struct, axes=0):
    """What `_core.Trail` reads of an update by assignments; None where native code could not do it. struct: one of those
    that are assigned. axes: of the cache, above the rows."""
    prop, item = leaf.property, _item_of(leaf)
    if view.strides is not None or item is not None and not (isinstance(struct, type) or struct.id_data == struct):
        return None  # the latter: what lies within a datablock asks for more
    if item is None and (prop.readonly or prop.runtime and not is_plain(leaf) or prop.is_flag or prop.is_flat or prop.dynamic
                         or prop.value not in ("b1", "i32", "f32")):
        return None
    names = _names(prop, struct) if prop.type == "ENUM" else None
    if prop.type == "ENUM" and not names:
        return None
    dense = Dense(leaf, view, None, prop.value == "f64")
    low, rows = dense.mover.lowered, leaf.rows is not None
    if item is not None and dense.components != list(range(prop.length)) or dense.scalar != prop.value:
        return None
    how = {"kernel": dense.mover.kernel, "source_offset": 0,
           "cache_offset": low.cache_offset - view.first - bytes_before(leaf, view, axes),
           "extents": low.extents[rows:], "tables": (None,) * len(low.extents[rows:])}
    return {"move": how, "format": FORMAT[dense.scalar], "is_row": not rows, "inner": leaf.axes[rows:],
            "components": tuple(dense.components), "dims": prop.dims, "made": matrix_type() if prop.is_matrix else None,
            "names": names, "item": item, "asks_each": prop.guarded}


_ARRAYS = {"b1": "b", "i32": "i", "f32": "f", "f64": "d"}  # as blender/custom.py has them
_NUMBERS = {"b1": bool, "i32": int, "f64": float}


def _item_of(leaf):
    """(keys, form, length) of a custom property, as native code has it; None of others."""
    if leaf.moved_by != "custom":
        return None
    return leaf.keys, (_ARRAYS if leaf.property.dims else _NUMBERS)[leaf.property.value], leaf.property.length


def axes_told(leaf, view, axes=0):
    """`axes_within`, where bpy tells the values; more than any part has of doubles, whose kernels take them as two halves:
    parts are for the routes."""
    return ((0, 0),) * _MOST_AXES if leaf.property.value == "f64" else axes_within(leaf, view, axes)


_MOST_AXES = 16


def told_value(route, struct):
    """What native code reads of a value that getattr tells (runtime/blender/told_value.hpp); None of an enum whose items are made
    by a function, so that they may be others next time."""
    prop, dense, numbers = route.leaf.property, route.dense(None), None
    if prop.type == "ENUM":
        names = _names(prop, struct)
        if not names:
            return None
        numbers = {}
        for item in find(struct.bl_rna, prop.identifier).enum_items:
            numbers.setdefault(item.identifier, item.value)
    rows = prop.dims[0] if len(prop.dims) > 1 else 0
    if is_custom(route) and prop.value == "f64" and route.view.scalar != "f64":  # which kernels do not convert
        return None
    return (bool(prop.dims), rows, prop.is_matrix, prop.length, tuple(dense.components), FORMAT[dense.scalar], numbers, _item_of(route.leaf))


def _names(prop, struct):
    """An enum's items by number, as `enum_value` has them; None where a function makes them, so that they may be others
    next time."""
    rna = find(struct.bl_rna, prop.identifier)
    items = [(item.identifier, item.value) for item in rna.enum_items]
    if items != [(item.identifier, item.value) for item in rna.enum_items_static]:
        return None
    names = {}
    for identifier, number in items:
        names.setdefault(number, identifier)
    return names
