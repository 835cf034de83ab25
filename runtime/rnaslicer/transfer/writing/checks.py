# runtime/rnaslicer/transfer/writing/checks.py: values that a write must not store.
"""Indices that lead nowhere, numbers that are no item, names that are taken: refused before anything is written."""

import array
import functools
import operator

from ... import _core
from ...blender.names import name_of
from ...blender.rna import PARTITION_ARRAYS, PARTITIONS, TOPOLOGY, TOPOLOGY_ATTRIBUTES, find
from ...errors import ReadOnlyError, ValueRangeError
from ...layout.elsewhere import equivalent
from ...layout.places import Attribute, UVFlag
from ...basis.records import replace
from ...supplier.identity import Path
from ...supplier.several import Several


def attribute_name(leaf, reached):
    """The name of the attribute that a leaf's values belong to, or None."""
    if not leaf.element.endswith("AttributeValue"):
        return None
    if leaf.rows is None:
        reached = Path(leaf.path.root, leaf.path.steps[:-1]).follow()
    owner = getattr(reached, "data", None)
    return name_of(owner) if hasattr(owner, "data_type") else None


def topology(leaf, reached):
    """What a leaf's values index in their own mesh: the name of a collection, "" for the borders of
    polygons and curves, or None."""
    key = leaf.element, leaf.property.identifier
    if key in PARTITIONS or leaf.path.steps[-1:] and leaf.path.steps[-1][1] in PARTITION_ARRAYS:
        return ""
    name = TOPOLOGY.get(key)
    if name is None and leaf.element in ("IntAttributeValue", "Int2AttributeValue"):
        name = TOPOLOGY_ATTRIBUTES.get(attribute_name(leaf, reached))
    return name


def each_of(leaf, reached, rows, numbers, check):
    """Has `check` look at each of several structs: they may be of different geometry."""
    rows = leaf.rows.indices() if rows is None else rows
    width = len(numbers) // max(len(rows), 1)
    for at, (row, struct) in enumerate(zip(rows, leaf.elements(reached, rows))):
        check(replace(leaf, path=leaf.path.paths[row], rows=None), struct, None, numbers[at * width:(at + 1) * width])


def check_topology(leaf, reached, _rows, numbers):
    """Raises ValueRangeError if `numbers` (int32 or int64 buffer) would point outside."""
    name = topology(leaf, reached)
    indexed = getattr(reached.id_data, name, None)
    if indexed is None:  # a look-alike on no mesh
        return
    low, high = _core.int_range(numbers)
    if low < 0 or high >= len(indexed):
        raise ValueRangeError(f"{leaf.path}: {leaf.property.name} would be {low if low < 0 else high}, but "
                              f"there are {len(indexed)} {name}; nothing was written")


def check_enum(leaf, reached, rows, numbers):
    """Raises ValueRangeError if a number is no item (for flags: no combination) of the enum. rows: which elements the
    numbers are for; None: all of the leaf's. Elements of several types may each have items of their own."""
    if not leaf.uniform and not leaf.property.is_flag:
        _check_each_enum(leaf, reached, rows, numbers)
    if not leaf.uniform:
        return
    struct = reached if leaf.rows is None else reached[leaf.rows.indices()[0]]
    known = {item.value for item in find(struct.bl_rna, leaf.property.identifier).enum_items}
    if not known:
        return  # items that depend on context: bpy itself decides at each assignment
    if leaf.property.is_flag:
        outside = _core.int_bits(numbers) & ~functools.reduce(operator.or_, known) & 0xFFFFFFFF or None
    else:
        outside = _core.int_outside(numbers, array.array("i", known))
    if outside is not None:
        raise ValueRangeError(f"{leaf.path}: {outside} is no item of {leaf.property.name}; it has "
                              f"{sorted(known)}; nothing was written")


def _check_each_enum(leaf, reached, rows, numbers):
    structs = [reached] if leaf.rows is None else list(leaf.elements(reached, leaf.rows.indices() if rows is None else rows))
    values = memoryview(numbers).cast("B").cast("i").tolist()
    known = {}
    for i, struct in enumerate(structs):
        kind = type(struct)
        if kind not in known:
            known[kind] = {item.value for item in find(struct.bl_rna, leaf.property.identifier).enum_items}
        own = values[i * len(values) // len(structs):(i + 1) * len(values) // len(structs)]
        outside = next((number for number in own if number not in known[kind]), None)
        if known[kind] and outside is not None:  # none: a function gives them, and bpy decides
            raise ValueRangeError(f"{leaf.path}: {outside} is no item of {leaf.property.name} of a "
                                  f"{struct.bl_rna.identifier}; nothing was written")


def check_name_is_free(leaf, reached):
    """Raises ReadOnlyError where bpy's setter would have to make a layer whose name another attribute has
    (hazards.LAYER_NAME_TAKEN)."""
    place, _ = equivalent(leaf.element, leaf.property.identifier) or (None, None)
    if not isinstance(place, Attribute) or place.default is None:
        return
    if isinstance(leaf.path, Several):  # each has a mesh of its own, perhaps
        for path in leaf.path.paths:
            check_name_is_free(replace(leaf, path=path, rows=None), None)
        return
    if leaf.rows is None:
        reached = Path(leaf.path.root, leaf.path.steps[:-1]).follow()
    if isinstance(place, UVFlag) and place.loses(reached, leaf.property.identifier):
        raise ReadOnlyError(f"cannot update {leaf.path}: Blender keeps no {leaf.property.name} of a UV map with so "
                            "long a name: it would be lost; give the map a shorter one")
    other = place.occupied(reached)
    if other is not None:
        raise ReadOnlyError(f"cannot update {leaf.path}: {leaf.property.name} belongs in an attribute "
                            f"{other.name!r} of {place.data_type} in the domain {place.domain}, but there is one "
                            f"of {other.data_type} in {other.domain}, so that Blender cannot make it; rename that")
