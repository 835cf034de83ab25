# runtime/rnaslicer/supplier/capture.py: from a bpy object to the Path that leads to it again.
"""Asked once, when a `Slicer` is made. A path counts when following it gives that object."""

import functools
import itertools
import re

from .. import _core
from ..basis.later import later
from ..errors import ExpressionError, SupplierLostError
from ..blender.names import animates, whole
from ..blender.registered import find
from ..blender.rna import COMPUTED
from .identity import MAIN, PREFERENCES, IDRoot, Path, id_root
from .uids import same

_depsgraph, _evaluated = later("supplier.depsgraph"), later("supplier.evaluated")
_passing, _search = later("supplier.passing"), later("supplier.search")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "a": "\a", "b": "\b", "f": "\f"}  # as Blender writes them (BLI_str_escape)


@functools.cache
def _token():
    return re.compile(r"""\.?(\w+)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['(.*?)'\](?=$|[.\[])""")


@functools.lru_cache(4096)
def parse_steps(path):
    """RNA path text to steps; unescaped keys in single quotes too (hazards.QUOTED_PATHS). ValueError if not understood."""
    if path.isidentifier():  # as most are: a session's first waits for no pattern
        return (("attr", path),)
    steps, at = [], 0
    while at < len(path):
        match = _token().match(path, at)
        if not match:
            raise ValueError(path)
        name, index, quoted, plain = match.groups()
        if name is not None:
            steps.append(("attr", name))
        elif index is not None:
            steps.append(("item", int(index)))
        elif quoted is not None:
            steps.append(("key", re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), quoted)))
        else:
            steps.append(("key", plain))
        if steps[-1][0] == "key" and whole(steps[-1][1]) is None:
            raise ValueError(path)
        at = match.end()
    return tuple(steps)


def capture_struct(struct):
    """The Path of a bpy_struct. Raises ExpressionError where Blender gives no way back to it."""
    import bpy

    if isinstance(struct, bpy.types.BlendData):
        if struct.as_pointer() != bpy.data.as_pointer():
            raise ExpressionError("only bpy.data itself can be found again, not temporary data beside it")
        return Path(MAIN)
    if isinstance(struct, (bpy.types.Struct, bpy.types.Property)) or struct is type(struct).bl_rna:  # 3.4
        raise ExpressionError(f"{struct!r} describes a type: it holds no data")
    if isinstance(struct, bpy.types.ID):
        return id_path(struct)
    if isinstance(struct, bpy.types.Depsgraph):
        return _depsgraph.graph_path(struct)
    if isinstance(struct, bpy.types.Context):
        raise ExpressionError("a context holds no data of its own; give what it leads to, such as bpy.context.object")
    if isinstance(struct, bpy.types.DepsgraphObjectInstance):
        raise ExpressionError("an instance exists only while bpy iterates over it; slice all of them: "
                              "Slicer(depsgraph.object_instances)[:, 'matrix_world']")
    owner = struct.id_data
    if owner is None:
        return _outside(struct)
    base = id_path(owner)
    for steps in _candidates(struct, owner):
        path = Path(base.root, (*base.steps, *steps))
        try:
            if same(path.follow(), struct):
                return path
        except SupplierLostError:
            pass
    return Path(_passing.PassingRoot(struct, f"no way leads to it from {base}"))


def _outside(struct):
    """The Path of a struct that is in no datablock: of the preferences, or of key maps."""
    import bpy

    preferences = bpy.context.preferences
    if struct == preferences:
        return Path(PREFERENCES)
    found = _search.way(preferences, struct)
    if found is not None:
        return Path(PREFERENCES, found)
    for manager in bpy.data.window_managers:
        found = _search.way(manager, struct)
        if found is not None:
            return Path(id_root(manager), found)
    return Path(_passing.PassingRoot(struct, "it belongs to no datablock, and no way leads to it from preferences or key maps"))


# Address of a datablock without a root, or (type, name) of evaluated data -> its Path when last captured.
_owners, _MOST_OWNERS = {}, 4096
_core.set_owners(_owners)


def id_path(id_):
    """The Path of an ID: itself, or for one that lives in another (node trees of materials, a scene's
    collection) the property of its owner, for evaluated data as evaluated.py says."""
    if _core.root_of(id_) is None:
        found = _core.owner_path(id_)
        if found is not None:
            return found
    root = None if id_.is_evaluated else id_root(id_)
    if root is not None:
        return Path(root)
    path = (None if id_.is_evaluated else _search.embedded_path(id_)) or _evaluated.evaluated_path(id_)
    if path.root.has_trails:
        if len(_owners) >= _MOST_OWNERS:
            _owners.clear()
        is_there = type(path.root) is IDRoot or id_.is_embedded_data  # evaluated data is elsewhere each time
        _owners[id_.as_pointer() if is_there else (type(id_), id_.name)] = path
    return path


def _candidates(struct, owner):
    """Possible steps from the owning ID to a struct, likeliest first."""
    import bpy

    if isinstance(struct, bpy.types.VertexGroupElement) and not isinstance(owner, bpy.types.Mesh):
        return  # hazards.LATTICE_WEIGHT
    if isinstance(struct, bpy.types.FCurve) and animates(struct) is not None:
        yield from _fcurve_steps(struct, owner)
        return  # its path, where there is one, is an index: another curve's after the next change
    if isinstance(struct, bpy.types.Keyframe):
        yield from _search.keyframe_steps(struct, _fcurve_lists(owner))
    try:
        text = struct.path_from_id()
        yield parse_steps(text)
        yield parse_steps(re.sub(r"\['(.*)'\]", lambda m: '["' + m[1].replace('"', '\\"') + '"]', text))
    except (ValueError, AttributeError, TypeError):
        pass
    yield from _search.ways(owner, struct)


def _fcurve_lists(owner):
    """(steps, list of F-curves) of an action's (layered: each channelbag's), and of drivers."""
    if hasattr(owner, "fcurves"):
        yield [("attr", "fcurves")], owner.fcurves
    for a, layer in enumerate(getattr(owner, "layers", ())):
        for b, strip in enumerate(layer.strips):
            for bag in getattr(strip, "channelbags", ()):
                yield [("attr", "layers"), ("item", a), ("attr", "strips"), ("item", b),
                       ("attr", "channelbags"), ("bag", bag.slot_handle), ("attr", "fcurves")], bag.fcurves
    if getattr(owner, "animation_data", None) is not None:
        yield [("attr", "animation_data"), ("attr", "drivers")], owner.animation_data.drivers


def _fcurve_steps(fcurve, owner):
    """F-curves have no usable path on 3.4 and 4.3: each list may have it."""
    return ([*steps, ("fcurve", animates(fcurve))] for steps, _ in _fcurve_lists(owner))


_MEMBERS = {"bpy_prop_collection", "bpy_prop_collection_idprop", "bpy_prop_array"}  # the second of scripts' groups
_main_lists = set()  # names of those of bpy.data that native code knows
_ways = {}  # what `_core.known_path` goes by
_found = {}  # (root, text or owner's class) -> steps to members that were searched for, since no text leads to them
_MOST_FOUND = 8  # of one text
_MOST = 4096
_core.set_ways(Path, IDRoot, _ways)


def known_path(member):
    """The Path of a datablock that is known already, or of a collection of one, if a likely way leads to it; else
    None."""
    return _core.known_path(member) or quick_path(member)


def quick_path(member):
    """The same where native code knows none."""
    try:
        id_ = member.id_data
        root = _core.root_of(id_)
        if type(root) is not IDRoot or type(member).__name__ not in _MEMBERS:
            return None
        owner = member.data
        is_curve = type(owner).__name__ == "FCurve"
        text = None if is_curve else text_of(member)
        if text is None and not is_curve:
            return _found_again(root, type(owner), member)
        name = "modifiers" if is_curve and owner.modifiers == member else "keyframe_points"
        steps = (*next(_fcurve_steps(owner, id_)), ("attr", name)) if is_curve else parse_steps(text)
        path = Path(root, steps)
        if (text is not None and (root, text) in _found or path.follow() != member
                or type(member).__name__ == "bpy_prop_array" and (
                    steps[-1][0] != "attr" or _is_part(member, owner, steps[-1][1]))):
            return _found_again(root, text, member)
    except (ValueError, AttributeError, TypeError, StopIteration, SupplierLostError):
        return None
    _note_way(path, id_, text)
    return path


def text_of(member):
    """Its path as bpy tells it; None where it knows none."""
    try:
        return member.path_from_id()
    except ValueError:
        return None


def _found_again(root, text, member):
    """The path that led to a collection when it was last searched for, if it leads there now; else None. Raises as `follow`
    does where that leads nowhere any more."""
    for steps in _found.get((root, text), ()):
        path = Path(root, steps)
        if path.follow() == member:
            return path
    return None


def _note_found(path, member):
    """Remembers the way to a collection that was searched for, to be tried first: it counts where it leads there."""
    text = text_of(member)
    try:
        if text is not None and parse_steps(text) == path.steps:
            return
    except ValueError:
        pass
    key = path.root, text or type(member.data)
    if len(_found) >= _MOST:
        _found.clear()
    others = [steps for steps in _found.get(key, ()) if steps != path.steps]
    _found[key] = (path.steps, *others[:_MOST_FOUND - 1])
    kinds = None if any(what in COMPUTED for _, what in path.steps if type(what) is str) else _kinds(path, path.steps)
    if kinds is not None:
        ways = [way for way in _ways.get(key, ()) if way[0] in others[:_MOST_FOUND - 1]]
        if len(_ways) >= _MOST:
            _ways.clear()
        _ways[key] = (path.steps, kinds), *ways


def _note_way(path, id_, text, before=0):
    """Remembers the way to a collection (None for `text`: to the F-curves, one of which it belongs to), if
    Path.follow asks of its properties only what cannot change: Blender itself declares them. before: steps to the datablock."""
    steps = path.steps[:-2] if text is None else path.steps[before:]
    key = (path.root.uid, "fcurve") if text is None else (type(id_), text)
    kinds = _kinds(path, steps, before)
    if kinds is None:
        return
    if len(_ways) >= _MOST:
        _ways.clear()
    if None not in key:
        _ways[key] = tuple(steps), kinds


def _kinds(path, steps, before=0):
    """What each of a path's steps starts from; None where Path.follow asks more of a property."""
    reached, kinds = Path(path.root, path.steps[:before]).follow(), []
    for i, (kind, what) in enumerate(steps, 1):
        if kind == "attr":
            prop = find(type(reached).bl_rna, what)
            if what == "groups" or prop is None or prop.is_runtime or levels(prop) > 1:
                return None  # the last: native code tells no row from the whole
        kinds.append(type(reached))
        reached = Path(path.root, path.steps[:before + i]).follow()
    return tuple(kinds)


def _note_within(path, id_, text):
    """The same of a datablock that has no root of its own: it is another's, or evaluated."""
    before = len(id_path(id_).steps)
    try:
        if text is not None and parse_steps(text) == path.steps[before:]:
            _note_way(path, id_, text, before)
    except ValueError:
        pass


def note_struct(path, struct):
    """Remembers the way to a struct by its text, for native code, which asks only structs of such types for that: of some
    Blender crashes then (hazards.LATTICE_WEIGHT). Not where an index is on the way: there may be thousands."""
    if type(path.root) is not IDRoot or not path.steps or path.root.ref != (owner := struct.id_data) or (
            type(struct).__name__ in ("FCurve", "VertexGroupElement")) or any(
            kind not in ("attr", "key") for kind, _ in path.steps):
        return
    try:
        text = struct.path_from_id()
        if parse_steps(text) != path.steps:
            return
    except (ValueError, AttributeError, TypeError):
        return
    _note_way(path, owner, text)
    if (type(owner), text) in _ways:
        _ways[type(owner), type(struct)] = (), ()


def capture_member(member):
    """The Path of a bpy collection or RNA array: its owner's path and the property's name."""
    owner = member.data
    if owner is None:
        raise ExpressionError(f"{member!r} belongs to no datablock, so it could not be found again")
    name = _member_name(member, owner)
    if name is not None and _is_part(member, owner, name):
        item = "".join(f", {i}" for i in re.findall(r"\[(\d+)\]", re.search(r"(\[\d+\])*$", repr(member))[0]))
        raise ExpressionError(f"{member!r} is only a part of an array, which bpy takes for all of it; slice it from "
                              f"its owner: Slicer(owner)[{name!r}{item or ', row'}]")
    if name is None:
        raise ExpressionError(f"Blender gives no way back to {member!r}; slice from its owner instead, "
                              "as in Slicer(owner)['name', ...]")
    path = capture_struct(owner).attr(name)
    if path.root.has_trails and owner.id_data is not None and _core.root_of(owner.id_data) is None:
        _note_within(path, owner.id_data, text_of(member))
    if type(path.root) is IDRoot and type(member).__name__ == "bpy_prop_collection" and type(owner).__name__ != "FCurve":
        _note_found(path, member)
    if path.root is MAIN and len(path.steps) == 1 and name not in _main_lists:
        MAIN.find()
        _main_lists.add(name)
        _core.note_main_list(MAIN, name, path.steps)
    return path


def _member_name(member, owner):
    """The property of `owner` that is `member`: from its path, else by comparing all."""
    likely = []
    try:
        kind, name = parse_steps(member.path_from_id())[-1]
        likely = [name] if kind == "attr" else []
    except (ValueError, IndexError):
        pass
    wanted = "COLLECTION" if hasattr(member, "keys") else None
    others = (p.identifier for p in owner.bl_rna.properties
              if p.type == wanted or wanted is None and getattr(p, "is_array", False))
    for name in itertools.chain(likely, others):
        if name in owner.bl_rna.properties and getattr(owner, name, None) == member:
            return name
    return None


def levels(prop):
    """How many axes a property has; 0 of one that is no array, or has as many values as it happens to have."""
    return sum(map(bool, prop.array_dimensions)) if getattr(prop, "is_array", False) else 0


def _is_part(member, owner, name):
    """Whether an array is only a part of that of the property, such as a row: bpy says that they are equal, but a part
    has fewer axes."""
    prop = owner.bl_rna.properties.get(name) if type(member).__name__ == "bpy_prop_array" else None
    for _ in range(levels(prop) - 1 if prop is not None else 0):
        member = member[0]
        if type(member).__name__ != "bpy_prop_array":
            return True
    return False
