# runtime/rnaslicer/supplier/search.py: the way to structs of which Blender tells no path, or a wrong one; to datablocks in others.
"""In the datablock's own collections, along the ways named here, and along the properties that RNA declares to lead to
the struct's type (types.py). A way counts if it leads to that very struct, and is followed anew at each use."""

import itertools

from ..blender.names import animates, whole
from ..blender.registered import fixed_type, unregistered
from . import identity
from .identity import Path, id_root
from .types import towards
from .uids import main_collections, same

_DEEPEST, _DETOUR = 8, 4  # steps of a way; how many more than the fewest that RNA's types allow
_MOST = 200_000  # structs that are looked into for one way
_LISTED = 10_000  # structs that are listed, where many are looked for; of more each is looked for by itself

_ANIMATION = "animation_data"
_FREESTYLE = "view_layers[] freestyle_settings"
_WAYS = {
    "AnimData": (_ANIMATION,),
    "Attribute": ("attributes[]",),  # 3.4 does not escape quotes in names
    "Driver": (f"{_ANIMATION} drivers[] driver",),
    "DriverTarget": (f"{_ANIMATION} drivers[] driver variables[] targets[]",),
    "DriverVariable": (f"{_ANIMATION} drivers[] driver variables[]",),
    "FreestyleLineSet": (f"{_FREESTYLE} linesets[]",),
    "FreestyleModuleSettings": (f"{_FREESTYLE} modules[]",),
    "FreestyleSettings": (_FREESTYLE,),
    "LayerCollection": tuple("view_layers[] layer_collection" + depth * " children[]" for depth in range(6)),
    "MeshLoopColor": ("vertex_colors[] data[]",),
    "MeshUVLoop": ("uv_layers[] data[]",),
    "MaskSpline": ("layers[] splines[]",),
    "MaskSplinePoint": ("layers[] splines[] points[]",),
    "NlaTrack": (f"{_ANIMATION} nla_tracks[]",),
    "NodeLink": ("links[]",),
    "PaletteColor": ("colors[]",),
    "PoseBone": ("pose bones[]",),
    "SequenceEditor": ("sequence_editor",),
    "TimelineMarker": ("timeline_markers[]", "pose_markers[]"),
    "View3DShading": ("display shading",),
}


def ways(owner, struct):
    """Steps that lead from the ID `owner` to `struct` (none or one)."""
    yield from _in_own_collections(owner, struct)
    rna = struct.bl_rna
    while rna is not None and rna.identifier not in _WAYS:
        rna = rna.base
    for text in _WAYS[rna.identifier] if rna is not None else ():
        found = _looked_up(owner, text.split(), struct)
        if found is not None:
            yield found
            return
    found = way(owner, struct)
    if found is not None:
        yield found


def way(root, struct):
    """Steps from a datablock, or another root, to a struct, the fewest that there are; None where RNA names none."""
    if not struct.as_pointer():
        return None
    kinds = root.bl_rna.identifier, struct.bl_rna.identifier
    found = _looked_up(root, _found[kinds], struct) if kinds in _found else None
    if found is None:
        found = _searched(root, struct)
        if found is not None:
            _found[kinds] = [name + "[]" * (after[:1] != ("attr",)) for (kind, name), after in
                             zip(found, [*found[1:], ("attr",)]) if kind == "attr"]
    return found


_found = {}  # types of a root and of a struct -> the properties that led there, as in _WAYS


def _searched(root, struct):
    target = towards(struct.bl_rna)
    if target is None:
        return None
    nearest = target.distance(root.bl_rna)
    looked = itertools.count()
    try:
        for steps in range(max(nearest, 1), min(nearest + _DETOUR, _DEEPEST) + 1):
            found = _deep(root, struct, target, steps, looked)
            if found is not None:
                return found
    except _TooMany:
        pass
    return None


class _TooMany(Exception):
    """More structs than anybody waits for."""


def _deep(reached, struct, target, steps, looked):
    """Exactly so many properties further."""
    import bpy

    if next(looked) > _MOST:
        raise _TooMany
    for name in dict.fromkeys(target.leads(reached.bl_rna, steps)):
        value = getattr(reached, name, None)
        if value is None:
            continue
        for step, part in [((), value)] if isinstance(value, bpy.types.bpy_struct) else _elements(value):
            if steps == 1:
                found = [] if type(part) is type(struct) and part.as_pointer() == struct.as_pointer() else None
            else:
                found = _deep(part, struct, target, steps - 1, looked)
            if found is not None:
                return [("attr", name), *step, *found]
    return None


def _in_own_collections(owner, struct):
    """In the datablock's own collections of such elements: where the name is one to which no path leads (3.4, 4.3)."""
    kinds, rna = set(), struct.bl_rna
    while rna is not None:
        kinds.add(rna.identifier)
        rna = rna.base
    for prop in owner.bl_rna.properties:
        declared = fixed_type(type(owner), prop) if prop.type == "COLLECTION" else None
        if declared is not None and declared.identifier in kinds:
            found = _looked_up(owner, [f"{prop.identifier}[]"], struct)
            if found is not None:
                yield found
                return


def _looked_up(root, names, struct):
    """As `_along`. Where many are looked for, all that the names lead to are listed once, if these are not too many."""
    known = identity.looked_up()
    if known is None:
        return _along(root, names, struct)
    key = root.as_pointer(), *names
    if key not in known:
        listed = list(itertools.islice(_all_along(root, names), _LISTED + 1))
        known[key] = {} if len(listed) <= _LISTED else None
        for steps, reached in reversed(listed) if known[key] is not None else ():  # the first way to each counts
            known[key][type(reached), reached.as_pointer()] = steps
    if known[key] is None:
        return _along(root, names, struct)
    return known[key].get((type(struct), struct.as_pointer()))


def _all_along(reached, names):
    """(steps, struct) of all to which the names lead."""
    if not names:
        yield [], reached
        return
    name, parts = _parts(reached, names[0])
    for step, part in parts:
        for steps, found in _all_along(part, names[1:]):
            yield [("attr", name), *step, *steps], found


def _along(reached, names, struct):
    if not names:
        is_it = type(reached) is type(struct) and reached.as_pointer() == struct.as_pointer()
        return [] if is_it else None
    name, parts = _parts(reached, names[0])
    for step, part in parts:
        found = _along(part, names[1:], struct)
        if found is not None:
            return [("attr", name), *step, *found]
    return None


def _parts(reached, name):
    """(property, (steps, struct) of what it leads to), of each element for a name that ends in []."""
    import bpy

    many, name = name.endswith("[]"), name.rstrip("[]")
    value = None if unregistered(reached, name) else getattr(reached, name, None)
    if not isinstance(value, bpy.types.bpy_prop_collection if many else bpy.types.bpy_struct):
        return name, ()  # a script may have registered another property of that name
    return name, _elements(value) if many else [((), value)]


def _number(element):
    """(property, number) that tells an element from the others in its list, or None."""
    names = element.bl_rna.properties
    name = "frame_number" if "frame_number" in names else "id" if element.bl_rna.identifier == "KeyMapItem" else None
    return name and (name, getattr(element, name))


def _elements(collection):
    """(steps, element): F-curves by what they animate, others by a number or name of their own if unique, else by
    index."""
    import bpy

    seen, numbers = set(), set()  # of those before
    for i, element in enumerate(collection):
        if element is None:
            continue
        prop = element.bl_rna.name_property
        try:
            name = whole(getattr(element, prop.identifier)) if prop is not None else ""
        except UnicodeDecodeError:
            name = None
        if isinstance(element, bpy.types.FCurve):
            what = animates(element)
            step = ("item", i) if what is None else ("fcurve", what)
        elif (number := _number(element)) is not None and number not in numbers:
            step = "by", number
            numbers.add(number)
        else:
            step = ("key", name) if name and name not in seen else ("item", i)
        seen.add(name)
        yield (step,), element


def keyframe_steps(key, lists):
    """bpy tells no path of keyframes: where one lies tells its curve and number, if bpy gives the same there.
    lists: (steps, list of F-curves) of a datablock."""
    address = key.as_pointer()
    for steps, curves in lists:
        for curve in curves:
            keys, count = curve.keyframe_points, len(curve.keyframe_points)
            first, last = (keys[0].as_pointer(), keys[count - 1].as_pointer()) if count else (1, 0)
            if first <= address <= last and animates(curve) is not None:
                at = (address - first) * (count - 1) // ((last - first) or 1)
                yield [*steps, ("fcurve", animates(curve)), ("attr", "keyframe_points"), ("item", at)]


# Datablocks that live in another one: node trees of materials, a scene's collection. bpy.data lists none of them.


def embedded_path(id_):
    """The way to an ID that lives in another one of bpy.data, or None. bpy does not tell the owner."""
    if not id_.is_embedded_data:
        return None
    for name, owners in embedding():
        for owner in owners:
            found = getattr(owner, name, None)
            if found is not None and same(found, id_):
                return Path(id_root(owner)).attr(name)
    return None


def embedding():
    """(property, list of IDs in bpy.data): where datablocks live in others."""
    for _, collection in main_collections():
        for name in ("node_tree", "collection"):
            if len(collection) and name in collection[0].bl_rna.properties:
                yield name, collection
