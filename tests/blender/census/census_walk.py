# tests/blender/census/census_walk.py: where the census goes: every collection and struct that RNA reaches from bpy.data
"""`sites(roots)` walks RNA; `expected(...)` says what getattr gives there. Nothing here knows rnaslicer.

The walk keeps datablocks and paths, never collections or elements, and follows the path anew at each use:
bpy's own references to elements dangle after an array moved. Each kind of place is visited a few times.
"""
import array
import collections
import math

import bpy

from support import VERSION

NUMERIC = ("BOOLEAN", "INT", "ENUM", "FLOAT")
DEPTH = 9
ELEMENTS = 2  # structs looked at per element type and collection

# (RNA type, property or None for all of it): why the walk does not go or look there. Types include derived ones.
SKIPPED = {
    ("Depsgraph", None): "evaluated state: found anew at each access, never the same twice",
    ("Context", None): "no data",
    ("KeyConfigurations", None): "the user's key map, thousands of items of one type",
    ("KeyConfig", None): "the user's key map, thousands of items of one type",
    ("Property", None): "RNA's description of itself",
    ("Struct", None): "RNA's description of itself",
    ("SpaceProperties", "tab_search_results"): "Blender crashes in its getter without a window",
    ("BlendData", "all_ids"): "every datablock once more, of all types",
}
if VERSION < (4, 0):
    SKIPPED["ParticleHairKey", "co"] = "Blender 3.4 crashes in its getter"
elif VERSION < (5, 0):
    SKIPPED["GreasePencilDrawing", "color_attributes"] = "Blender 4.3: len() counts fewer than iteration gives"
    SKIPPED["UvSculpt", None] = "Blender 4.3 reads beside its memory: the getters are those of another struct"
    for _name in ("vertex_selection", "edge_selection", "pin"):
        SKIPPED["MeshUVLoopLayer", _name] = "Blender 4.3 creates the layer when it is read"


HIDING = {"color"}  # names that a derived type has in another form than its base


class Place:
    """A datablock (None: bpy.data) and the steps from it: property names and indices."""

    __slots__ = ("root", "steps")

    def __init__(self, root, steps=()):
        self.root, self.steps = root, steps

    def then(self, step):
        return Place(self.root, (*self.steps, step))

    def follow(self):
        reached = bpy.data if self.root is None else self.root
        for step in self.steps:
            if type(step) is int and isinstance(reached, bpy.types.bpy_prop_collection):
                # Not by index: on 5.2 uv_layers[].pin gives elements of another array.
                reached = reached[step:step + 1][0]
            else:
                reached = reached[step] if type(step) is int else getattr(reached, step)
        return reached

    def __str__(self):
        text = "bpy.data" if self.root is None else f"{self.root.bl_rna.identifier} {self.root.name!r}"
        return text + "".join(f"[{s}]" if type(s) is int else f".{s}" for s in self.steps)


class Site:
    """One collection, or one struct, whose numeric properties are compared."""

    def __init__(self, place, is_collection, kind):
        self.place, self.is_collection, self.kind = place, is_collection, kind


def skipped(kind, name=None):
    """Why a property of an RNA type (None: the type) is left out, or None."""
    while kind is not None:
        for key in ((kind.identifier, name), (kind.identifier, None)):
            if key in SKIPPED:
                return SKIPPED[key]
        kind = kind.base
    return None


class Walk:
    """One walk; `skips` counts what was left out, by reason.

    It comes to a property of one owner type, in one datablock type and domain, `visits` times, and to `many`
    structs of one type in all.
    """

    def __init__(self, visits=3, many=6):
        self.at_most, self.many = visits, many
        self.visits, self.skips, self.seen = collections.Counter(), collections.Counter(), set()

    def sites(self, roots):
        """Every Site from further datablocks (evaluated ones) and from bpy.data."""
        for id_ in roots:
            yield from self._struct(Place(id_), 1)
        for prop in bpy.data.bl_rna.properties:
            if prop.type == "COLLECTION" and not self._left_out(bpy.data.bl_rna, prop.identifier):
                yield from self._collection(Place(None, (prop.identifier,)), ("BlendData", prop.identifier), 0)
        for prop in bpy.data.bl_rna.properties:
            if prop.type == "COLLECTION" and not self._left_out(bpy.data.bl_rna, prop.identifier):
                for id_ in list(getattr(bpy.data, prop.identifier)):
                    yield from self._struct(Place(id_), 1)

    def _left_out(self, kind, name=None):
        reason = skipped(kind, name)
        if reason:
            self.skips[f"{kind.identifier}{'.' + name if name else ''}: {reason}"] += 1
        return reason

    def _struct(self, place, depth):
        struct = place.follow()
        kind = struct.bl_rna
        if self._left_out(kind):
            return
        where = (kind.identifier, struct.as_pointer(), len(place.steps))
        if where in self.seen or self.visits[kind.identifier] >= self.many * (1 if place.steps else 4):
            return
        self.seen.add(where)
        self.visits[kind.identifier] += 1
        yield Site(place, False, kind.identifier)
        if depth > DEPTH:
            self.skips[f"deeper than {DEPTH} steps"] += 1
            return
        owner = struct.id_data
        domain = (getattr(struct, "domain", None), owner.bl_rna.identifier if owner else None)
        for prop in kind.properties:
            if prop.identifier.startswith("rnaslicer_"):  # the add-on's own, whose callbacks change what is beside
                continue
            name = prop.identifier
            if prop.type not in ("POINTER", "COLLECTION") or name in ("rna_type", "original"):
                continue
            if self._left_out(kind, name):
                continue
            # The owner again: visiting its values can have moved it.
            reached = getattr(place.follow(), name, None)
            if reached is None:
                continue
            if prop.type == "COLLECTION":
                yield from self._collection(place.then(name), (kind.identifier, name, *domain), depth + 1)
            elif not is_datablock(reached):
                yield from self._struct(place.then(name), depth + 1)

    def _collection(self, place, key, depth):
        if self.visits[key] >= self.at_most:
            return
        coll = place.follow()
        if not len(coll):
            return
        self.visits[key] += 1
        kinds = [element.bl_rna for element in coll if element is not None]
        if not kinds or self._left_out(kinds[0]):
            return
        yield Site(place, True, kinds[0].identifier)
        if place.root is None:
            return
        count, chosen = collections.Counter(), []
        for i, element in enumerate(place.follow()):
            if element is None or is_datablock(element):
                continue
            kind = element.bl_rna.identifier
            if count[kind] < ELEMENTS:
                count[kind] += 1
                chosen.append(i)
        for i in chosen:
            yield from self._struct(place.then(i), depth + 1)


def is_datablock(struct):
    """True for datablocks with a place of their own in bpy.data."""
    return isinstance(struct, bpy.types.ID) and not getattr(struct, "is_embedded_data", False)


# ---- what getattr gives

class Unknown(Exception):
    """bpy gives no number to compare with; says why."""


def numbers(struct, name):
    """(shape, flat list in C order) of a property by getattr; enums by their number."""
    prop = properties_of(struct.bl_rna)[name] if name in HIDING else struct.bl_rna.properties[name]
    try:
        value = getattr(struct, name)
    except Exception as error:
        raise Unknown(f"getattr fails: {type(error).__name__}") from None
    if prop.type == "ENUM":
        return (), [enum_number(prop, value)]
    if not hasattr(value, "__len__"):
        return (), [value]
    return nested(value)


def nested(value):
    """Shape and flat numbers of a nested sequence."""
    if not len(value) or not hasattr(value[0], "__len__"):
        return (len(value),), list(value)
    parts = [nested(part) for part in value]
    return (len(value), *parts[0][0]), [x for _, flat in parts for x in flat]


def enum_number(prop, value):
    items = prop.enum_items
    if isinstance(value, str):
        if value not in items:
            raise Unknown("the enum's items depend on context, or its value names none")
        return items[value].value
    if any(name not in items for name in value):
        raise Unknown("the enum's items depend on context, or its value names none")
    return sum({items[name].value for name in value})


def bits(flat, kind):
    """Numbers so that == means bit for bit; all NaNs are one."""
    if kind != "FLOAT":
        return [int(x) for x in flat]
    packed = array.array("f", flat)
    if any(map(math.isnan, packed)):
        packed = array.array("f", [math.nan if x != x else x for x in packed])
    return packed.tobytes()


def properties_of(kind):
    """Properties by name as getattr finds them: a derived type's own hides its base's, which is listed before."""
    return {prop.identifier: prop for prop in kind.properties}


def signature(prop):
    """What must agree for elements of different types to lie in one result."""
    dims = tuple(prop.array_dimensions) if getattr(prop, "is_array", False) else ()
    items = ()
    if prop.type == "ENUM":
        items = (prop.is_enum_flag,)
    return prop.type, dims, getattr(prop, "array_length", 0), items


def properties(place, is_collection, skips):
    """(names, mixed): numeric properties that all elements share alike, and those of the first element's type
    that another type lacks or has in another form, or that an empty slot (None) lacks."""
    reached = place.follow()
    kinds, names, mixed = {}, [], []
    empty = is_collection and any(element is None for element in reached)
    if is_collection:
        kinds = {element.bl_rna.identifier: element.bl_rna for element in reached if element is not None}
    first = next(iter(kinds.values())) if kinds else reached.bl_rna
    own = {kind.identifier: properties_of(kind) for kind in kinds.values()}
    for prop in properties_of(first).values():
        if prop.type not in NUMERIC:
            continue
        reason = skipped(first, prop.identifier)
        if reason:
            skips[f"{first.identifier}.{prop.identifier}: {reason}"] += 1
            continue
        wanted = signature(prop)
        same = all(prop.identifier in of_kind and signature(of_kind[prop.identifier]) == wanted
                   for of_kind in own.values()) and not empty
        (names if same else mixed).append(prop.identifier)
    return names, mixed
