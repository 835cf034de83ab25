# runtime/rnaslicer/transfer/described.py: what direct routes do, described for native code.
"""What `_core.Trail` reads (runtime/trail/read.cpp): the way to the elements, and for each leaf where they lie, the
kernel that moves them, what an element is compared by and what must hold around a write. Where no description would be
true there is none, and the routes go on doing it.
"""

import functools
import math
import struct
from typing import Any

from .. import _core
from ..basis.records import Record
from ..blender.customdata import copies_on_write
from ..blender.hazards import UV_FLAGS_WRITE, may_crash
from ..blender.lists import place_of_structs
from ..blender.names import name_of
from ..blender.calibrate import raw
from ..blender.rna import find, numeric
from ..blender.sdna import sdna
from . import kept
from ..layout import layers
from ..layout.findings import known as known_of_build
from ..layout.leaf import Leaf, View
from ..layout.places import Attribute, Own, Sibling, Twin, UVFlag
from ..layout.proof import is_doubtful
from ..layout.whole import fault, needs_edges, place_of_borders, why_underivable
from ..layout.storage import FORMAT, SIZE, Storage
from ..supplier.identity import Path
from ..supplier.uids import id_places
from .direct import DirectRoute, lookups
from .foreach import given_direct
from .kernels.lowering import axes_within, bytes_before, head, lower
from .kernels.mover import move
from .kinds import classes_on
from .scripts import is_built_in
from .writing.checks import topology
from .writing.noticing import GEOMETRY, may_derive, settles, tags_at, told_of_tags
from .writing.sculpting import mode_places, no_other_sculpts
from .writing.ready import has_name, is_by_index, is_touched, is_unlike_others


_SPAN = 256  # bytes of a struct that are searched for the pointer to its array
_LOOKED_AT = 16  # structs of many


class Moved(Record):
    """What is read of a route: the values of a direct one, `inner`, as they lie, by another kernel."""

    leaf: Leaf  # with the place of what the kernel makes of them
    view: View
    layout: Any
    mover: Any
    inner: Any
    lookups: None = None


def is_few(route):
    """Whether a route has too few elements to tell where such lie: none, or one that bpy moves. Along a trail they are
    compared with bpy as any others."""
    rows = getattr(route, "inner", route).leaf.rows
    return not math.prod(route.leaf.axes) or rows is not None and rows.length == 1 and not hasattr(route, "absent")


def fits(route, path):
    """Whether a route moves rows of the elements at a path in a way that trails follow."""
    return (is_followed(route) and route.leaf.path.steps == path.steps and route.leaf.rows.table is None
            and route.leaf.place[:1] == (("own", 0),))


def is_followed(route):
    """Whether a route is of the kind that trails follow: a property of built-in elements in one array."""
    if type(route) is Moved:
        return is_followed(route.inner)
    if type(route) is not DirectRoute:
        return False
    leaf, place, storage = route.leaf, route.layout.place, route.layout.storage
    return (_is_way(leaf.path) and leaf.exact and not leaf.property.dynamic
            and (type(place) in (Own, Twin, Attribute, Sibling) or _is_flag_of_named(leaf, place))
            and storage.stride and storage.hop is None
            and (not leaf.derived and storage.through is None or leaf.property.readonly and leaf.path.root.in_main)
            and is_built_in(leaf) and (leaf.path.root.in_main or not may_crash(leaf.element, leaf.property.identifier)))


def _is_flag_of_named(leaf, place):
    """Whether values are in the layer of a UV map's flag, and the way to that names the map, as the layer does."""
    return type(place) is UVFlag and [kind for kind, _ in leaf.path.steps[-2:]] == ["key", "attr"]


def _is_way(path):
    """Whether a path is one by steps to a collection, and one that native code counts as the path does."""
    return type(path) is Path or isinstance(path, Path) and path.counts


def asks_first(path):
    """Whether Path.follow asks something before a step: of properties that scripts registered, whether their class
    still is, and what crashes Blender."""
    if ("attr", "groups") in path.steps:
        return True
    for reached, (kind, what) in zip(Path(path.root, path.steps).passed(), path.steps):
        if kind == "attr":
            prop = find(type(reached).bl_rna, what)
            if prop is not None and prop.is_runtime:
                return True
    return False


def described(own, view, routes):
    """What `_core.Trail` reads: steps, rows and inner shape as in `own`; None where a place is not for trails."""
    import bpy

    leaf = routes[0].leaf
    coll = leaf.path.follow()
    divided = _divided(leaf, own["steps"])
    legs = [_leg(route, coll, divided, own.get("axes", 0), own.get("layer") if divided else None) for route in routes]
    if None in legs or asks_first(leaf.path):
        return None
    for leg, route in zip(legs, routes):
        before = bytes_before(route.leaf, route.view, own.get("axes", 0))
        for one in filter(None, (leg["move"], leg.get("constant"))):
            one["cache_offset"] -= before
    around = around_writes(leaf, coll.id_data)
    id_places()  # SDNA is known now: native code is told where uids lie
    owner, derived = type(coll.data), next((one.leaf for one in routes if one.leaf.derived), None)
    is_of_root = owner is type(coll.id_data) and len(own["steps"]) == 1 and leaf.of_root
    return {**own, "passed": passed_by(leaf.path, own["steps"]), "element": getattr(bpy.types, leaf.element),
            "owner": None if is_of_root else owner,
            "is_layers": issubclass(owner, bpy.types.Attribute), "format": FORMAT[view.scalar],
            "packed": view.strides is None, "legs": tuple(legs),
            "stays": issubclass(owner, (bpy.types.ID, bpy.types.FCurve, bpy.types.ShapeKey)) or (
                divided is not None and not issubclass(owner, bpy.types.Attribute)),
            "in_place": issubclass(owner, _layers(bpy.types)) and (divided or type(coll.id_data).__name__ == "Mesh") and all(
                leg["place"] in ("own", "twin", "attribute") for leg in legs),
            "divided": divided,
            "counts": leaf.path.counts, "by_user": isinstance(coll.id_data, bpy.types.Key),
            "derivable": functools.partial(is_derivable, derived) if derived else None,
            "surface": derived and surface_for(derived, coll.id_data),
            "needs_edges": derived is not None and needs_edges(
                derived.element, type(coll.id_data).__name__, derived.path.steps[-1][1]),
            "whose": issubclass(owner, bpy.types.ID) and coll.id_data == coll.data,
            "keeps": _kept(legs, divided, leaf, coll.id_data), "pointer": kept.pointer_along(own["steps"], leaf), **around}


def passed_by(path, steps):
    """The classes of what pointers lead to on the last steps of a path, as many as `steps`: objects' data may be of
    others. None of F-curves, whose list is told at each use."""
    kinds = {kind for kind, _ in path.steps}
    return None if kinds & {"fcurve", "bag"} else classes_on(path, len(path.steps) - len(steps), len(path.steps))


def around_writes(leaf, owner):
    """What native code asks and tells of a datablock that it writes to."""
    return {"tags_at": tags_at() or -1, "whole": _whole(leaf, owner), "modes": mode_places(),
            "sculpted": no_other_sculpts if type(owner).__name__ in ("Mesh", "Key") else None}


def _layers(types):
    """Types of a mesh's layers. An assignment to one of their elements makes no other layer, which could move this one,
    unless the value is kept in another layer."""
    return types.Attribute, types.MeshUVLoopLayer, types.MeshLoopColorLayer


def is_derivable(leaf, owner):
    """Whether Blender can compute the values of a datablock: asked each time before anything of them is touched."""
    return not why_underivable(leaf.element, leaf.property, owner, leaf.path.steps[-1][1])


def surface_for(leaf, owner):
    """Where native code looks before it asks that; None where the places are not known."""
    why_underivable(leaf.element, leaf.property, owner, leaf.path.steps[-1][1])  # looks, and so learns
    places = layers.places_for(type(owner).__name__) if type(owner).__name__ in ("Mesh", "Curves") else None
    tables = places and copies_on_write() and type(owner).__name__ == "Mesh" and _tables_of(owner)
    return (*places, tables) if tables else places


def drawing_in(steps):
    """How many steps lead to a Grease Pencil drawing on the way; None where there is none."""
    return next((i for i, step in enumerate(steps, 1) if step == ("attr", "drawing")), None)


def _divided(leaf, steps):
    """(steps to a Grease Pencil drawing, byte place in it of the pointer to its borders, whether the elements are its
    points), which native code looks at before it writes to one; None where it cannot."""
    at, whole = drawing_in(steps), drawing_in(leaf.path.steps)
    if at is None and whole is not None and len(leaf.path.steps) == whole + len(steps):
        at = 0  # it is where the steps begin
    if at is None:
        return None
    place = place_of_borders(Path(leaf.path.root, leaf.path.steps[:whole]).follow())
    return None if place is None else (at, place, steps[at:at + 2] == (("attr", "attributes"), ("key", "position")))


def _kept(legs, divided, leaf, owner):
    """How what has the layers leads to them; None where no leg is one, or where that is not known."""
    is_own = type(owner).__name__ == "Mesh" and not copies_on_write() and any(leg["place"] == "own" for leg in legs)
    if not is_own and not any(leg["layer"] for leg in legs):
        return None
    if divided is None:
        return _tables_of(owner)
    whole = drawing_in(leaf.path.steps)
    return kept.tables_of(Path(leaf.path.root, leaf.path.steps[:whole]).follow(), has_sizes=True)


def _tables_of(owner):
    return kept.tables_of(owner, has_sizes=True) or kept.tables_of(owner)


def _whole(leaf, owner):
    """How native code tells that geometry is whole before it writes; None where nothing follows that reads it."""
    kind = "Mesh" if type(owner).__name__ == "Key" else type(owner).__name__  # of keys: what most of their users are
    if kind not in ("Mesh", "Curves"):
        return None
    return {**layers.stamp_for(kind), "ask": functools.partial(may_derive, leaf, fault=fault)}


def _leg(route, coll, divided, axes, drawing=None):
    leaf, layout = route.leaf, route.layout
    prop, storage = leaf.property, layout.storage
    kind, name, data_type, domain = _place(leaf, layout.place, coll)
    places = None if kind == "own" else _layer_places(leaf, coll, data_type)
    if drawing and kind in ("own", "attribute"):  # which a proof on other datablocks' attributes has called so
        kind, places = "attribute", drawing
    check, doubtful = check_of(prop, storage), is_doubtful(leaf, coll)
    if kind is None or doubtful and (check is None or not leaf.uniform):
        return None
    leg = {"property": prop.identifier, "place": kind, "name": name, "data_type": data_type, "domain": domain,
           "layer": places, "stride": storage.stride,
           "move": move(route.mover, route, storage.stride), "missing": None, "other": other_name(layout.place, coll),
           "through": storage.through and storage.through.collection, "lookups": route.lookups or (),
           "check": check, "doubtful": doubtful, "writing": _writing(route, coll, divided),
           "axes": axes_within(leaf, route.view, axes)}
    if not leg["writing"]["possible"]:
        leg["writing"]["given"], leg["array"] = given_direct(route, coll, axes)
    if kind == "layer" and layout.place.default is not None:
        plain = Storage(prop.value, 0, 0)
        leg.update(missing=layout.place.default, constant_value=struct.pack(FORMAT[prop.value], layout.place.default),
                   constant=move(type(route.mover)(lower(leaf, route.view, plain)), route, 0))
    return leg


def _place(leaf, place, coll):
    """(kind, name, data type, domain) as runtime/trail/trail.hpp has them; kind None: not for trails."""
    if type(place) is Own:
        return "own", None, None, None
    if type(place) is Sibling:
        return "sibling", place.name, None, None
    if isinstance(place, Attribute):
        names = place.named(coll)
        if not names:
            return None, None, None, None
        return "layer", names[0], place.data_type, place.domain
    fixed = place.fixed
    if fixed is None:
        return "attribute", None, None, None
    return "twin", *fixed


def other_name(place, coll):
    """The second name that a layer may have which is missing, until Blender has made one."""
    names = place.named(coll) if type(place) is Attribute else None
    return names[1] if names and len(names) == 2 else None


def _layer_places(leaf, coll, data_type):
    """Where layers of such datablocks keep address and length, if this session has learnt it."""
    if data_type is None:
        data_type = getattr(coll.data, "data_type", None)
    return layers.places_of(type(coll.id_data), data_type)


def layer_of_drawings(routes):
    """The same of the attributes of Grease Pencil drawings, where routes lead to such; some have too few elements to
    tell."""
    import bpy

    for route in routes[:_LOOKED_AT]:
        path, at = route.leaf.path, drawing_in(route.leaf.path.steps)
        owner = path.follow().data
        if at is None or not isinstance(owner, bpy.types.Attribute):
            return None
        drawing = Path(path.root, path.steps[:at]).follow()
        if layers.places_of(type(drawing), owner.data_type) or layers.learn(drawing, name_of(owner)):
            return layers.places_of(type(drawing), owner.data_type)
    return None


def place_of_arrays(routes):
    """The byte place of the pointer to the elements in the structs that have the routes' collections, each its own. None
    unless at least two structs agree and a DNA struct has such a pointer there: bytes behind a struct may look like
    one. None for attributes, too, which may hold a single value instead."""
    import bpy

    places, bases = None, set()
    for route in (*routes[:_LOOKED_AT], routes[-1]):
        coll = route.leaf.path.follow()
        layout = getattr(route, "layout", None)  # none: bpy tells the values
        if layout is None or type(layout.place) is not Own or not len(coll) or coll.data is None or (
                isinstance(coll.data, bpy.types.Attribute)):
            return None
        base, memory = coll[0].as_pointer(), _core.read_memory(coll.data.as_pointer(), _SPAN)
        words = struct.unpack(f"{_SPAN // 8}Q", memory) if memory else ()
        found = {8 * i for i, word in enumerate(words) if word == base}
        places = found if places is None else places & found
        bases.add(base)
    if places is None or len(places) != 1 or len(bases) < 2:
        return None
    place, = places
    return place if _may_point(place, routes[0].layout.storage.stride, type(coll.data)) else None


@functools.cache
def _may_point(place, size, kind):
    """Whether a DNA struct has at `place` a pointer to elements of `size` bytes, or one without a type. Only structs whose
    numbers lie as RNA declares them for `kind` count, if there are any (some are declared of a struct within)."""
    found = sdna()
    pointing = list(found.structs.pointing_to(size)) if found is not None else []
    declared = {(one.offset, SIZE[one.scalar]) for prop in kind.bl_rna.properties if numeric(prop)
                for one in (raw(prop),) if one}
    alike = [(dna, fields) for dna, fields in pointing if declared and declared <= {
        (one.offset, one.size // one.count) for one in dna.fields.values() if not one.is_pointer}]
    return any(one.offset == place and (one.type != "void" or bool(alike)) for _, fields in alike or pointing
               for one in fields)


def place_of_array(route):
    """The same of one collection, as `holder_of` has it: the only pointer in its struct, as SDNA has it, to structs of the
    elements' size."""
    import bpy

    coll = route.leaf.path.follow()
    owner, stride = coll.data, route.layout.storage.stride
    if type(route.layout.place) is not Own or not len(coll):
        return None
    is_held = not isinstance(owner, (bpy.types.ID, bpy.types.Attribute))
    at = place_of_structs(owner, stride) if is_held else layers.place_of_polygons(route.leaf.element, stride)
    memory = None if at is None else _core.read_memory(owner.as_pointer() + at, 8)
    return (at, 0) if memory and struct.unpack("Q", memory)[0] == coll[0].as_pointer() else None


def check_of(prop, storage, rna=None):
    """How native code compares one element with what bpy gives; None where it cannot. rna: of the elements, if bpy does
    not list it."""
    if prop.is_flag or prop.value not in ("b1", "i32", "f32"):
        return None
    numbers = None
    if prop.type == "ENUM":
        numbers = _enum_numbers(prop.struct, prop.identifier, rna)
        if not numbers:
            return None
    plain = prop._replace(clamp=None)
    lines = head(plain, storage, prop.value) + [f"lanes {prop.length}"]
    lines += [f"lane {storage.step(i)} -> {i * SIZE[prop.value]}{storage.suffix(i)}" for i in range(prop.length)]
    return {"plan": _core.Plan("\n".join(lines) + "\n"), "source_offset": storage.offset, "count": prop.length,
            "is_array": bool(prop.dims), "rows": prop.dims[0] if prop.is_matrix else 0, "numbers": numbers,
            "lookups": lookups(storage) or ()}


def _enum_numbers(struct_name, identifier, rna=None):
    import bpy

    prop = find(getattr(bpy.types, struct_name).bl_rna if rna is None else rna, identifier)
    return {item.identifier: item.value for item in prop.enum_items}


def _writing(route, coll, divided):
    """What an update needs beside the copy. Not possible where bpy's routes do more than write (direct.py)."""
    leaf, storage, prop = route.leaf, route.layout.storage, route.leaf.property
    owner, indexed, is_flag = coll.id_data, topology(leaf, coll), type(route.layout.place) is UVFlag
    pencil, drawing = type(owner).__name__.startswith("Grease"), drawing_in(leaf.path.steps)
    bounds = _bounds(route)
    simple = (leaf.path.root.in_main and (drawing is None or divided is not None) and storage.writes
              and storage.decode != "difference" and not prop.readonly and not prop.is_flag
              and indexed != "" and (is_flag or not is_unlike_others(leaf))
              and not ((indexed or bounds or prop.type == "ENUM") and route.view.scalar not in ("i32", "i64"))
              and (pencil or not (has_name(leaf) and is_by_index(leaf.path))))
    allowed = tuple(sorted(set(_enum_numbers(prop.struct, prop.identifier).values()))) if prop.type == "ENUM" else ()
    possible = simple and bool(allowed or prop.type != "ENUM")
    remakes, moves = settles(leaf, coll, owner)
    return {"possible": possible, "indexed": indexed if possible else None, "shares": hasattr(owner, "attributes"),
            "touches_layer": is_touched(leaf, owner), "allowed": allowed, "bounds": bounds, "tags": type(owner).__name__ in GEOMETRY,
            "told": told_of_tags(leaf, owner), "remakes": remakes, "moves": moves,
            "needs_layer": is_flag and UV_FLAGS_WRITE.may_happen(),  # which the routes have Blender make first
            "is_place": (leaf.element, prop.identifier) == ("MeshVertex", "co")}


def _bounds(route):
    """The range beyond which integers need bpy's own setter (DirectRoute._beyond), or nothing."""
    prop, known = route.leaf.property, known_of_build()
    if prop.clamp is None or prop.value != "i32" or type(route.layout.place) is not Attribute:
        return ()
    is_known = known is not None and f"{route.leaf.element}.{prop.identifier}" in known.clamped
    return () if is_known else tuple(prop.clamp)
