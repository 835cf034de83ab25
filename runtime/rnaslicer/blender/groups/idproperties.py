# runtime/rnaslicer/blender/groups/idproperties.py: how this build keeps the values of scripts' own properties.
"""bpy keeps the values of what bpy.props registers as ID properties: a struct of a script's class is a group of them,
a collection of such an array of groups. Where an ID property has what, SDNA tells; which number stands for which type,
and what of a type lies in it or behind it, is seen once a session on groups of a text that is in no file: as bpy's
assignment makes them, and as item access does."""

import functools
import struct

from ... import _core
from ...basis.records import Record
from ..hazards import temporary
from ..sdna import sdna

_NAME = "rnaslicer_scratch"
_LARGEST = 3.4028234663852886e38  # of floats
_NUMBERS = {"number": 1.5, "whole": 70001, "flag": True, "kind": "B"}
_ARRAYS = {"numbers": [1.5, -2.25, 0.1], "wholes": [70001, -5, 9], "flags": [True, False, True, True, False]}
_READ = {float: ("f32", "f64"), int: ("i32",), bool: ("i32", "b1"), str: ("i32",)}
_FORMAT = {"f32": "f", "f64": "d", "i32": "i", "b1": "?"}


class Kind(Record):
    """What the type and subtype of an ID property say: numbers of a scalar, one in it or an array behind it."""

    type: int
    subtype: int
    scalar: str
    is_array: bool


class Known(Record):
    """What `_core.group_values` reads by, and which kinds there are."""

    places: tuple
    size: int  # bytes of an ID property
    longest: int  # bytes of a name, with its null
    usual: dict  # (RNA type, whether it is an array) -> the Kind that bpy's assignment makes
    kinds: tuple


_known = []  # the Known, or None, once it has been tried
_waiting = []  # the class of scratch groups, where it could not be registered yet: bpy never lets go of one (3.4, 4.3)


def known():
    """The `Known` of this build; None where it is not to be found out, or not now (where bpy lets nobody register)."""
    if not _known:
        try:
            _known.append(_learn())
        except (AttributeError, IndexError, RuntimeError):  # asked again
            return None
    return _known[0]


def forget():
    """Looks again at the next need; for tests."""
    _known.clear()


def _learn():
    described = _places()
    if described is None:
        return None
    places, size, longest = described
    try:
        found = _kinds(places, size)
    except (KeyError, TypeError, ValueError, struct.error):  # not as SDNA says
        return None
    if found is None:
        return None
    group, usual, kinds = found
    return Known((*places, group), size, longest, usual, kinds)


@functools.cache
def _places():
    """((size, places of type, subtype, flag, name, next, first child, value, array, length), size, bytes of a name).
    None where SDNA does not have them as they are read."""
    found = sdna()
    structs = found.structs if found else {}
    prop, data, ends = (structs.get(name) for name in ("IDProperty", "IDPropertyData", "ListBase"))
    if None in (prop, data, ends):
        return None
    try:
        inner = prop.fields["data"]
        small = {name: prop.fields[name] for name in ("type", "subtype", "flag", "name", "len")}
        group, value, array = data.fields["group"], data.fields["val"], data.fields["pointer"]
        after, first = prop.fields["next"], ends.fields["first"]
    except KeyError:
        return None
    sizes = [small[name].size for name in ("type", "subtype", "flag", "len")]
    if sizes != [1, 1, 2, 4] or any(one.is_pointer for one in (*small.values(), inner, group, value)) or not (
            after.is_pointer and first.is_pointer and array.is_pointer) or group.type != "ListBase":
        return None
    base = inner.offset
    return ((prop.size, small["type"].offset, small["subtype"].offset, small["flag"].offset, small["name"].offset,
             after.offset, base + group.offset + first.offset, base + value.offset, base + array.offset,
             small["len"].offset), prop.size, small["name"].size)


def _kinds(places, size):
    """(type of a group, what Known has of kinds), seen on scratch groups; None where they do not tell."""
    import bpy

    data_beside = bpy.data.temp_data  # asked first: an add-on that registers sees no data
    cls = _waiting.pop() if _waiting else _scratch()
    try:
        bpy.utils.register_class(cls)
    except RuntimeError:  # nobody may write here
        _waiting.append(cls)
        raise
    try:
        setattr(bpy.types.Text, _NAME, bpy.props.CollectionProperty(type=cls))
        try:
            with temporary(data_beside()) as data:
                coll = getattr(data.texts.new(_NAME), _NAME)
                return _seen(places, size, coll, {name: cls.bl_rna.properties[name].type for name in (*_NUMBERS, *_ARRAYS)})
        finally:
            delattr(bpy.types.Text, _NAME)
    finally:
        bpy.utils.unregister_class(cls)


def _scratch():
    """A class of groups with a property of each kind."""
    import bpy

    props = bpy.props
    made = {"number": props.FloatProperty(), "whole": props.IntProperty(), "flag": props.BoolProperty(),
            "kind": props.EnumProperty(items=[("A", "A", "", 4), ("B", "B", "", 70001)]),
            "numbers": props.FloatVectorProperty(size=3), "wholes": props.IntVectorProperty(size=3),
            "flags": props.BoolVectorProperty(size=5)}
    return type("RNASLICER_scratch", (bpy.types.PropertyGroup,), {"__annotations__": made})


def _seen(places, size, coll, types):
    assigned, by_item = coll.add(), coll.add()
    assigned, by_item = coll[0], coll[1]  # adding moves them
    values = {**_NUMBERS, **_ARRAYS}
    for name, value in values.items():
        setattr(assigned, name, value)
        if name == "kind":
            continue
        try:
            by_item[name] = value
        except (TypeError, KeyError):  # where a group takes none so
            pass
    usual, kinds, groups, items = {}, {}, set(), {}
    for element in assigned, by_item:
        memory = _core.read_memory(element.as_pointer(), size)
        groups.add(memory[places[1]])
        for name, child in sorted(_children(places, size, memory), key=lambda one: one[0] not in _ARRAYS):
            one = _kind(places, child, values[name], items)
            if one is None or kinds.setdefault(one[:2], one) != one:
                if element is assigned:
                    return None
                continue
            if one.is_array:
                items[one.subtype] = one.scalar
            if element is assigned:
                usual[types[name], name in _ARRAYS] = one
    if len(groups) != 1 or len(usual) != len(types) or not _clamps(assigned):
        return None
    return groups.pop(), usual, tuple(kinds.values())


def _clamps(element):
    """Whether bpy's assignment keeps floats finite where no range was registered, and NaN as it is."""
    nan, inf, largest = float("nan"), float("inf"), _LARGEST
    element.number, element.numbers = -inf, (inf, -inf, nan)
    first, second, third = element.numbers
    if (element.number, first, second) != (-largest, largest, -largest) or third == third:
        return False
    element.number = nan
    return element.number != element.number


def _children(places, size, memory):
    """(name, bytes) of each child of a group."""
    found = []
    after = int.from_bytes(memory[places[6]:places[6] + 8], "little")
    while after and len(found) < 64:
        memory = _core.read_memory(after, size)
        name = memory[places[4]:].split(b"\0", 1)[0].decode()
        found.append((name, memory))
        after = int.from_bytes(memory[places[5]:places[5] + 8], "little")
    return found


def _kind(places, child, value, items):
    """The `Kind` of a child that holds a value; None where it is not found there. items: scalars by the subtypes of
    arrays seen so far: a single true is the same in one byte and in four of which the others are zero."""
    kind, subtype = child[places[1]], child[places[2]]
    is_array = isinstance(value, list)
    wanted = value if is_array else [70001 if value == "B" else value]
    if is_array:
        (length,) = struct.unpack_from("i", child, places[9])
        (at,) = struct.unpack_from("Q", child, places[8])
        memory = _core.read_memory(at, 8 * len(wanted)) if length == len(wanted) else None
    else:
        memory = child[places[7]:places[7] + 8]
    if not memory:
        return None
    scalars = [one for one in _READ[type(value[0] if is_array else value)] if _holds(memory, one, wanted)]
    if len(scalars) > 1:
        scalars = [one for one in scalars if one == items.get(kind)]
    return Kind(kind, subtype, scalars[0], is_array) if scalars else None


def _holds(memory, scalar, wanted):
    text = f"{len(wanted)}{_FORMAT[scalar]}"
    found = struct.unpack_from(text, memory)
    return list(found) == list(struct.unpack(text, struct.pack(text, *wanted)))
