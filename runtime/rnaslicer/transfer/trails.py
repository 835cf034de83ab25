# runtime/rnaslicer/transfer/trails.py: what an expression leads to, remembered, so that native code can follow it.
"""A direct transfer of one collection depends on the expression, the settings and the RNA types on the way, not on
the datablock. What resolving and proving gave once is described here for `_core.Trail` (runtime/trail/trail.hpp),
which enters, refreshes and updates without Python. It declines wherever something is not as described; then the
routes do it, which resolve and prove anew or say what is wrong.
"""

import functools
import struct
from dataclasses import replace
from typing import NamedTuple, Optional

from .. import _core
from ..blender.customdata import copies_on_write
from ..blender.hazards import MAY_CRASH
from ..blender.rna import find
from ..blender.sdna import sdna
from ..layout import layers
from ..layout.findings import known as known_of_build
from ..layout.leaf import Rows
from ..layout.matrices import WORLD
from ..layout.places import Attribute, Own, Sibling, Twin
from ..layout.proof import is_doubtful
from ..layout.whole import stamp_of_mesh, why_underivable
from ..layout.storage import FORMAT, SIZE, Storage
from ..supplier.evaluated import EvaluatedRoot, SharedDataRoot
from ..supplier.identity import IDRoot, MainRoot, Path
from ..supplier.roster import Roster
from ..supplier.uids import id_places
from .direct import DirectRoute, lookups
from .lowering import head, lower
from .scripts import is_built_in
from .writing.checks import topology
from .writing.noticing import GEOMETRY, may_derive, settles, tags_at, told_of_tags
from .writing.sculpting import mode_places, no_other_sculpts
from .writing.ready import OF_LAYERS, has_name, is_unlike_others

_trails = {}  # key -> Known
_apart = []  # (whether routes are of structs that lie apart, what describes their trail)
_MOST = 4096


def hand_in(is_for, describe):
    """What describes the trails of structs that lie apart (assembly.py)."""
    _apart.append((is_for, describe))


class Known(NamedTuple):
    """A trail of one collection, with what the routes need where it declines."""

    trail: object
    leaves: tuple  # as first resolved: another datablock has another path and length
    layouts: tuple
    view: object
    rows: slice
    owner: Optional[type]  # of the collection; None: the datablock
    signatures: tuple  # of the kernels
    beyond: tuple  # steps from the supplier to the collection: none where it is that


class KnownMany(NamedTuple):
    """A trail of one collection behind each of many structs."""

    trail: object
    steps: Optional[tuple]  # from the one root to the structs' collection; None: each root is a struct
    rows: Optional[slice]  # of that collection
    flat: bool
    signatures: tuple  # of the kernels
    apart: bool = False  # the values are those of a roster's datablocks themselves

    def differing(self, view, run):
        """The first collection of which an index on the way picks one, and which had another length when the run
        entered: (path, length then, length now); None where there is none."""
        counted = (one for one in view.walked if one.length is not None and one.path.steps != self.steps)
        return next(((one.path, was, one.length) for one, was in zip(counted, run.counted) if one.length != was), None)

    def enter(self, path, wrapper, _more):
        """(run, MemCache, offsets), or None where the trail declines."""
        if type(path) is Roster:
            path.native.know(id_places())
        if self.apart:
            return self.trail.enter_apart(path.native, wrapper)
        if self.steps is not None:
            roots = (path.root,)
        else:
            roots = path.native if type(path) is Roster else tuple(one.root for one in path)
        return self.trail.enter_many(roots, self.steps, self.rows, self.flat, wrapper)


_HASHED = {"slice", "int", "name", "names", "keys", "ellipsis"}  # items; the others are arrays


def key_of(path, items, scalar, ragged, more=None):
    """Everything that a trail depends on and cannot see for itself; None where there is none."""
    settings = _settings(ragged, more)
    if settings is None:
        return None
    for item in items:
        if item[0] not in _HASHED:
            return None
    if type(path) is Roster:
        return (path.type, Roster), None, items, scalar, ragged, settings
    if type(path) is list:
        kinds = {one.root.type if type(one.root) is IDRoot and not one.steps else None for one in path}
        return None if len(kinds) != 1 or None in kinds else (tuple(kinds), None, items, scalar, ragged, settings)
    if type(path) is not Path or type(path.root) not in (IDRoot, MainRoot, EvaluatedRoot, SharedDataRoot):
        return None
    steps = path.steps
    if len(steps) > 1 and steps[-2][0] == "fcurve":  # which curve, in which list, is told at each use
        steps = _CURVE, steps[-1]
    return getattr(path.root, "type", None), steps, items, scalar, ragged, settings


def _settings(ragged, more):
    """What is compiled in of the other settings; None where no trail is for them: padded rows, whose fill may be any
    object, and what an empty sequence would hold."""
    if not more:
        return ()
    if ragged == "pad" or "of" in more:
        return None
    transform = more["transform"]
    return more["normalized"], transform if transform is None or transform == WORLD else transform.alone


_CURVE = "fcurve", None


def find_known(key):
    """What is known for a key, or None. Whoever learns that something is not as it was calls
    `_core.forget_trails`."""
    known = _trails.get(key)
    if known is not None and known.trail.stale:
        _trails.clear()
        return None
    return known


def remember(key, known):
    if len(_trails) >= _MOST:  # scripts may make expressions without end
        _trails.clear()
    _trails[key] = known
    return known


def learn(key, path, view, routes, name=None):
    """Remembers the trail of what was just resolved and proven, as `name` (None: as `key`); None where native code
    could not follow."""
    if key[1] is None or view.walked or len(routes) > 1 and routes[0].leaf.path.steps != routes[-1].leaf.path.steps:
        return _learn_many(key, view, routes) if name is None else None
    way = way_of(key, path, view, routes)
    if way is None or not all(fits(route, routes[0].leaf.path) for route in routes):
        return None
    if any(route.leaf.derived for route in routes):  # of one collection bpy's own call costs less than asking first
        return None
    beyond, rows = way
    own = {"steps": path.steps + beyond, "rows": rows, "inner": tuple(view.shape[1:])}
    description = described(own, view, routes)
    if description is None:
        return None
    layouts = tuple(route.layout for route in routes)
    return remember(name or key, Known(_core.Trail(description), view.leaves, layouts, view, rows, description["owner"],
                                       signatures(routes), beyond))


def way_of(key, path, view, routes):
    """(steps from the supplier to the one collection, slice of its elements); None where it is another way: more than
    the names of properties, or several collections."""
    if type(path) is list or not routes:
        return None
    steps, items, at = routes[0].leaf.path.steps, key[2], len(path.steps)
    beyond = steps[at:]
    if view.offsets is not None or view.walked or steps[:at] != path.steps:
        return None
    if any(kind != "attr" or item != ("name", what) for (kind, what), item in zip(beyond, items)):
        return None
    rows = _rows(items[len(beyond) :])
    return None if rows is None else (beyond, rows)


def _learn_many(key, view, routes):
    """The same for one collection behind each of many structs."""
    for is_for, describe in _apart:
        if is_for(routes):
            description = None if view.walked else describe(view, routes, _check)
            return description and remember(key, KnownMany(_core.Trail(description), None, None, False,
                                                           signatures(routes), True))
    outer, items = key[1:3]
    rows = _rows(items)
    if rows is None or not routes or not _takes_all(items):
        return None
    first, flat = routes[0].leaf, view.offsets is not None
    if outer is None:
        prefix, walked = 0, 0
    else:
        prefix, walked = len(outer) + 1, 1
        if first.path.steps[:len(outer)] != outer or len(first.path.steps) <= prefix:
            return None
    count = len(view.offsets) - 1 if flat else view.shape[0]
    legs = len(routes) // max(count, 1)
    counted = [one for one in view.walked if outer is None or one.path.steps != outer]  # by an index on the way
    if legs * count != len(routes) or len(view.walked) != walked + len(counted) or not legs or (
            len(counted) not in (0, count) or any(one.order is not None for one in counted)):
        return None
    inner = first.path.steps[prefix:]
    for i, route in enumerate(routes):
        if not _is_like(route, routes[i % legs], prefix, inner, None if flat else i // legs):
            return None
    steps = tuple(("counted" if kind == "item" else kind, what) for kind, what in inner)
    own = {"steps": steps, "rows": slice(None), "inner": tuple(view.shape[1 if flat else 2:])}
    description = described(own, view, routes[:legs])
    if description is None:
        return None
    return remember(key, KnownMany(_core.Trail(description), outer, rows, flat, signatures(routes[:legs])))


def signatures(routes):
    return tuple(route.mover.kernel.signature for route in routes)


def _takes_all(items):
    """Whether all that stands between the outer selection and the property is names, `:` and indices from the start."""
    last = max((i for i, item in enumerate(items) if item[0] in ("name", "names")), default=0)
    return all(item[0] in ("name", "names") or item == ("slice", None, None, None) or item[0] == "int" and item[1] >= 0
               for item in items[1:last])


def _is_like(route, first, prefix, inner, fixed):
    """Whether a route does for its struct what the first struct's does for that."""
    if not _is_followed(route):
        return False
    leaf, other = route.leaf, first.leaf
    place = leaf.place[1:] if fixed is not None else leaf.place
    if fixed is not None and leaf.place[0] != ("fixed", fixed):
        return False
    return (leaf.path.steps[prefix:] == inner and leaf.rows.is_all and leaf.rows.table is None and leaf.rows.step == 1
            and place[0][0] == "own" and place[1:] == other.place[len(other.place) - len(place) + 1:]
            and (leaf.property, leaf.components, leaf.element) == (other.property, other.components, other.element)
            and route.layout.storage == first.layout.storage and type(route.layout.place) is type(first.layout.place))


def routes_of(known, path, run):
    """(view, routes) as resolving the expression on what a run entered gave them."""
    rows = Rows.sliced(run.length, known.rows)
    path = path if not known.beyond else Path(path.root, path.steps + known.beyond)
    leaves = tuple(replace(leaf, path=path, rows=rows) for leaf in known.leaves)
    view = replace(known.view, shape=(rows.count, *known.view.shape[1:]), leaves=leaves)
    routes = [DirectRoute(leaf, view, layout) for leaf, layout in zip(leaves, known.layouts)]
    for route in routes:
        if known.owner is not None:
            route.kinds.noted(known.owner, run.domain)
    return view, routes


def _rows(items):
    """The selection on the supplier's own elements as a slice, or None."""
    kind = items[0][0] if items else None
    if kind == "slice":
        return slice(*items[0][1:])
    return slice(None) if kind in ("name", "names") else None


def fits(route, path):
    """Whether a route moves rows of the elements at a path in a way that trails follow."""
    return (_is_followed(route) and route.leaf.path.steps == path.steps and route.leaf.rows.table is None
            and route.leaf.place[:1] == (("own", 0),))


def _is_followed(route):
    """Whether a route is of the kind that trails follow: a property of built-in elements in one array."""
    if type(route) is not DirectRoute:
        return False
    leaf, place, storage = route.leaf, route.layout.place, route.layout.storage
    name = leaf.element, leaf.property.identifier
    return (type(leaf.path) is Path and leaf.exact and not leaf.property.dynamic
            and type(place) in (Own, Twin, Attribute, Sibling) and storage.stride and storage.hop is None
            and (not leaf.derived and storage.through is None or leaf.property.readonly and leaf.path.root.in_main)
            and is_built_in(leaf) and (leaf.path.root.in_main or name not in MAY_CRASH))


def _asks_first(path):
    """Whether Path.follow asks something before a step: of properties that scripts registered, whether their class
    still is, and what crashes Blender."""
    for i, (kind, what) in enumerate(path.steps):
        if kind == "by":  # a walk of its own
            return True
        if kind == "attr":
            prop = type(Path(path.root, path.steps[:i]).follow()).bl_rna.properties.get(what)
            if what == "groups" or prop is not None and prop.is_runtime:
                return True
    return False


def described(own, view, routes):
    """What `_core.Trail` reads: steps, rows and inner shape as in `own`; None where a place is not for trails."""
    import bpy

    leaf = routes[0].leaf
    coll = leaf.path.follow()
    legs = [_leg(route, coll) for route in routes]
    if None in legs or _asks_first(leaf.path):
        return None
    owner = type(coll.data)
    is_of_root = owner is type(coll.id_data) and len(own["steps"]) == 1 and leaf.of_root
    return {**own, "element": getattr(bpy.types, leaf.element), "owner": None if is_of_root else owner,
            "is_layers": issubclass(owner, bpy.types.Attribute), "format": FORMAT[view.scalar],
            "packed": view.strides is None, "legs": tuple(legs),
            "stays": issubclass(owner, (bpy.types.ID, bpy.types.FCurve)), "tags_at": tags_at() or -1,
            "whole": _whole(leaf, coll.id_data),
            "derivable": functools.partial(_is_derivable, leaf) if leaf.derived else None,
            "modes": mode_places(), "sculpted": no_other_sculpts if type(coll.id_data).__name__ == "Mesh" else None}


def _is_derivable(leaf, owner):
    """Whether Blender can compute the values of a datablock: asked each time before anything of them is touched."""
    return not why_underivable(leaf.element, leaf.property, owner, leaf.path.steps[-1][1])


def _whole(leaf, owner):
    """How native code tells that geometry is whole before it writes; None where nothing follows that reads it."""
    kind = type(owner).__name__
    if kind not in ("Mesh", "Curves"):
        return None
    stamp, borders = stamp_of_mesh() if kind == "Mesh" else ((), False)
    fields = sdna().structs["ID"].fields if stamp else {}
    uid = fields.get("session_uid") or fields.get("session_uuid")  # 3.4
    return {"uid_at": uid.offset if uid else 0, "stamp": stamp if uid else (), "borders": borders,
            "ask": functools.partial(may_derive, leaf)}


def _leg(route, coll):
    leaf, layout = route.leaf, route.layout
    prop, storage = leaf.property, layout.storage
    kind, name, data_type, domain = _place(leaf, layout.place, coll)
    if kind is None or is_doubtful(leaf, coll):
        return None
    leg = {"property": prop.identifier, "place": kind, "name": name, "data_type": data_type, "domain": domain,
           "layer": None if kind == "own" else _layer_places(leaf, coll, data_type), "stride": storage.stride,
           "move": move(route.mover, route, storage.stride), "missing": None,
           "through": storage.through and storage.through.collection, "lookups": route.lookups or (),
           "check": _check(prop, storage), "writing": _writing(route, coll)}
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
    if type(place) is Attribute:
        names = place.named(coll)
        if names is None or len(names) != 1:
            return None, None, None, None
        return "layer", names[0], place.data_type, place.domain
    fixed = place.fixed
    if fixed is None:
        return "attribute", None, None, None
    return "twin", *fixed


def _layer_places(leaf, coll, data_type):
    """Where layers of such datablocks keep address and length, if this session has learnt it."""
    if data_type is None:
        data_type = getattr(coll.data, "data_type", None)
    return layers.places_of(type(coll.id_data), data_type)


def move(mover, route, stride):
    low, leaf = mover.lowered, route.leaf
    tables = low.tables or (None,) * len(low.extents)
    return {"kernel": mover.kernel, "source_offset": low.source_offset - leaf.rows.start * stride,
            "cache_offset": low.cache_offset - route.view.first, "extents": low.extents[1:],
            "tables": tuple(table and tuple(table) for table in tables[1:])}


def _check(prop, storage):
    """How native code compares one element with what bpy gives; None where it cannot."""
    if prop.is_flag or prop.is_matrix or len(prop.dims) > 1 or prop.value not in ("b1", "i32", "f32"):
        return None
    numbers = None
    if prop.type == "ENUM":
        numbers = _enum_numbers(prop.struct, prop.identifier)
        if not numbers:
            return None
    plain = prop._replace(clamp=None)
    lines = head(plain, storage, prop.value) + [f"lanes {prop.length}"]
    lines += [f"lane {storage.step(i)} -> {i * SIZE[prop.value]}{storage.suffix(i)}" for i in range(prop.length)]
    return {"plan": _core.Plan("\n".join(lines) + "\n"), "source_offset": storage.offset, "count": prop.length,
            "is_array": bool(prop.dims), "numbers": numbers, "lookups": lookups(storage) or ()}


def _enum_numbers(struct_name, identifier):
    import bpy

    prop = find(getattr(bpy.types, struct_name).bl_rna, identifier)
    return {item.identifier: item.value for item in prop.enum_items}


def _writing(route, coll):
    """What an update needs beside the copy. Not possible where bpy's routes do more than write (direct.py)."""
    leaf, storage, prop = route.leaf, route.layout.storage, route.leaf.property
    owner, indexed = coll.id_data, topology(leaf, coll)
    of_layer = leaf.element in OF_LAYERS and (sdna() is None or copies_on_write())  # else nothing is shared
    bounds = _bounds(route)
    simple = (leaf.path.root.in_main and not type(owner).__name__.startswith(("Key", "Grease")) and storage.writes
              and storage.decode != "difference" and not prop.readonly and not prop.is_flag
              and indexed != "" and not is_unlike_others(leaf)
              and not ((indexed or bounds or prop.type == "ENUM") and route.view.scalar != "i32")
              and not (has_name(leaf) and any(kind == "item" for kind, _ in leaf.path.steps)))
    allowed = tuple(sorted(_enum_numbers(prop.struct, prop.identifier).values())) if prop.type == "ENUM" else ()
    possible = simple and bool(allowed or prop.type != "ENUM")
    remakes, moves = settles(leaf, coll, owner)
    return {"possible": possible, "indexed": indexed if possible else None, "shares": hasattr(owner, "attributes"),
            "touches_layer": of_layer, "allowed": allowed, "bounds": bounds, "tags": type(owner).__name__ in GEOMETRY,
            "told": told_of_tags(leaf, owner), "remakes": remakes, "moves": moves}


def _bounds(route):
    """The range beyond which integers need bpy's own setter (DirectRoute._beyond), or nothing."""
    prop, known = route.leaf.property, known_of_build()
    if prop.clamp is None or prop.value != "i32" or type(route.layout.place) is not Attribute:
        return ()
    is_known = known is not None and f"{route.leaf.element}.{prop.identifier}" in known.clamped
    return () if is_known else tuple(prop.clamp)
