# runtime/rnaslicer/transfer/composed/portions.py: what elements divide among them, described for native code.
"""As trails.py, for polygons' corners, what these lead to, all vertices' weights of one mesh, and points of hair curves
(trail/composed/portions.hpp): flat, as many for each, or padded. How they are divided native code asks at each call. Picked
elements, parts of vertices and lattices are for the routes."""

from __future__ import annotations

import array
import itertools
from typing import Any

from ... import _core
from ...errors import ShapeChangedError
from ...basis.records import Record, replace
from ...layout import deform, layers
from ...layout.leaf import Leaf, View
from ...layout.matrices import numbers_in
from ...layout.storage import FORMAT
from ...layout.whole import fault, starts_of_points
from ...supplier.identity import Path
from ..described import around_writes, asks_first, described, fits, place_of_array
from ..known import padding, read_by_enter, written_by_enter
from ..laid import rows_in
from ..trails import remember
from ..weights import WeightRoute
from ..writing.noticing import settles, told_of_tags
from .behind import BehindRoute, divided_anew
from .corners import CornerRoute, refuse_divided
from .gathered import along_corners, anew, described_gather, note_owners, of_corners
from .pad import PadRoute


class KnownPortions(Record):
    """A trail of what elements divide among them."""

    trail: Any  # native code reads the first six, in this order (runtime/trail/composed/portions_python.cpp)
    beyond: tuple  # steps from the supplier to the elements
    signatures: tuple
    values: tuple | None  # the last step to what the elements divide, beside them; None: weights
    form: str  # as KnownMany has it
    row: tuple  # (format, shape) of one value
    view: View  # as first resolved
    owners: tuple = ()  # of what corners lead to: as KnownGather has them
    rows: slice | None = None  # of the elements; None: all

    @property
    def leaf(self):
        """The values' leaf, for errors."""
        return self.view.leaves[0]

    def read(self, path, more, items, out, rows):
        """As KnownMany has it."""
        return rows < 0 and read_by_enter(self, path, more, items, out)

    def write(self, path, more, items, values, rows):
        """As KnownMany has it."""
        return rows < 0 and written_by_enter(self, path, more, items, values)

    def enter(self, path, wrapper, more, items):
        """(run, MemCache, offsets), or None where the trail declines."""
        form = self.form if self.form != "pad" else padding(self.row, more)
        return None if form is None else self.trail.enter(self._starts(path, items), form, wrapper, numbers_in(more))

    def adopt(self, path, more, items, shape):
        """The run of a cache of that shape that was filled already, or None."""
        form = self.form if self.form != "pad" else padding(self.row, more)
        return None if form is None else self.trail.adopt(self._starts(path, items), form, shape, numbers_in(more))

    def _starts(self, path, items):
        steps = path.steps + self.beyond
        starts = ((path.root, steps),)
        if self.values is not None:
            starts += ((path.root, (*steps[:-1], self.values)),)
        if self.owners:
            starts += tuple((item[1].root, item[1].steps) for item in items if item[0] == "gather")
        return starts

    def check_length(self, path, run):
        """As KnownMany has it; and where curves divide their points in another way."""
        path, was = Path(path.root, path.steps + self.beyond), self._lengths_of(run)
        if (now := len(path.follow())) != len(was):
            raise ShapeChangedError(f"{path} had {len(was)} elements when the context was entered and has {now} now; enter "
                                    "again")
        self._compare_points(path, was)

    def compare(self, view, run):
        """Raises ShapeChangedError where one element has another number of values than when the run entered."""
        was, path = self._lengths_of(run), view.walked[0].path
        now = _lengths(view) if self.rows is None else None
        if len(was) != (count := view.walked[0].length if now is None else len(now)):
            raise ShapeChangedError(f"{path} had {len(was)} elements when the context was entered and has {count} "
                                    "now; enter again")
        self._compare_points(path, was)
        if self.values not in (None, _POINTS):  # all corners are the polygons', in their order, or there were no trail
            refuse_divided(path, list(itertools.accumulate(was[:-1], initial=0)), was)
            corners = Path(path.root, (*path.steps[:-1], self.values))
            if (count := len(corners.follow())) != sum(was):
                raise ShapeChangedError(f"{corners} had {sum(was)} elements when the context was entered and has {count} "
                                        "now; enter again")
        at = next((i for i, lengths in enumerate(zip(was, now or ())) if lengths[0] != lengths[1]), None)
        if at is None:
            return
        raise ShapeChangedError(f"{path}[{at}].groups had {was[at]} elements when the context was entered and has "
                                f"{now[at]} now; enter again")

    def _compare_points(self, path, was):
        """Raises ShapeChangedError where curves at `path` had other numbers of points."""
        if self.values == _POINTS and starts_of_points(path.follow().data) != array.array(
                "i", itertools.accumulate(was, initial=0)).tobytes():
            raise divided_anew(path)

    def _lengths_of(self, run):
        """How many values each of all elements had when the run entered."""
        return memoryview(run.lengths).cast("q").tolist() if self.rows is None else list(run.counted)

    def differing(self, view, run):
        """The first collection that corners lead to and that had another length when the run entered: (path, length
        then, length now), or None."""
        pairs = zip(view.walked[1:], run.counted[1:] if self.owners else ())
        return next(((one.path, was, one.length) for one, was in pairs if one.length != was), None)

    def note(self, _view, routes, run):
        """Tells routes that were made anew what was at enter; others are of one type for ever."""
        for route in _inner(routes) if self.owners else ():
            note_owners(route, (None, *self.owners[1:]), run.domain)


def _lengths(view):
    """How many values each element has."""
    if view.lengths is not None:
        return list(view.lengths)
    if view.offsets is None:
        return [view.shape[1]] * view.shape[0]
    offsets = list(view.offsets)
    return [after - before for before, after in zip(offsets, offsets[1:])]


def _inner(routes):
    return routes[0].routes if len(routes) == 1 and type(routes[0]) is PadRoute else routes


def are_portions(routes):
    """Whether routes are of this kind, padded or not."""
    return any(type(route) in (CornerRoute, WeightRoute, BehindRoute) or of_corners(route) for route in _inner(routes))


def learn_portions(key, path, view, routes):
    """Remembers the trail; None where native code could not follow."""
    form, flat = "equal" if view.offsets is None else "flat", view
    if type(routes[0]) is PadRoute:
        form, flat = "pad", routes[0].flat
    routes = _inner(routes)
    corners = of_corners(routes[0]) if len(routes) == 1 else None
    way = _way(key, path, flat, [corners] if corners else routes, flat.walked[:1] if corners else flat.walked)
    if way is None:
        return None
    (beyond, rows), route, gather, axes = way, routes[0], None, 1 if form == "flat" else 2
    inner = tuple(view.shape[axes:])
    if rows is not None and (corners or type(route) is WeightRoute):
        return None
    if corners:
        gather = _beyond(key, path, flat, route, corners)
        if gather is None:
            return None
    if type(route) is BehindRoute:
        told = _of_points(routes, flat, inner)
    else:
        told = _of_weights(route, flat) if type(route) is WeightRoute else _of_corners(corners or route, rows)
    if told is None:
        return None
    parts, weights, surface, signature = told
    values = None if weights is not None else parts[0]["steps"][-1]
    trail = _core.PortionsTrail(parts[0], parts[1:], weights, surface, gather and gather.trail, rows)
    kept = View(view.shape, view.scalar, (_alone(view.leaves[0]),), ())
    return remember(key, KnownPortions(trail, beyond, gather.signatures if gather else signature, values, form,
                                       (FORMAT[view.scalar], inner), kept, gather.owners if gather else (), rows))


def _beyond(key, path, view, route, corners):
    """The `Gather` of what all corners lead to, one behind the other; None where native code could not follow, or there is
    a matrix for each polygon."""
    rows = corners.corners.leaf.rows
    if not rows.is_all or rows.table is not None or key[5] and key[5][1] is False:
        return None
    leaf = along_corners(route.leaf)
    flat = View(leaf.axes, view.scalar, (leaf,), view.walked[1:], normalized=view.normalized)
    return described_gather(key, corners.corners.leaf.path.steps, slice(None), flat, [anew(route, leaf, flat)])


def _alone(leaf):
    """Without what is as long as the mesh: a session keeps it."""
    return Leaf(leaf.path, None, leaf.property, leaf.components, leaf.element, leaf.uniform, leaf.exact)


def _way(key, path, view, routes, walked):
    """(steps from the supplier to the elements, slice of these or None for all); None where these are not of one
    collection that names lead to, or are in no row."""
    if type(path) is not Path or len(routes) != 1 and type(routes[0]) is not BehindRoute or view.strides is not None:
        return None
    leaf, at = routes[0].leaf, len(path.steps)
    steps, beyond = leaf.path.steps, leaf.path.steps[at:]
    if steps[:at] != path.steps or not leaf.path.root.in_main or asks_first(leaf.path) or (
            [(one.path.steps, one.order) for one in walked] != [(steps, None)]):
        return None
    if any(kind != "attr" or item != ("name", what) for (kind, what), item in zip(beyond, key[2])):
        return None
    rows = rows_in(key[2][len(beyond):])
    if rows == slice(None):
        return beyond, None
    return None if rows is None or rows.step not in (None, 1) else (beyond, rows)


def _of_corners(route, rows):
    """(descriptions of the corners, their starts and perhaps their numbers, None, None, signature of the kernel), or
    None. rows: of the polygons."""
    picked = route.corners.leaf.rows
    if rows is None and not picked.is_all or picked.table is not None or not all(
            fits(one, one.leaf.path) for one in (route.corners, *route.divides)):
        return None
    parts = []
    for one in (route.corners, *route.divides):
        own = {"steps": one.leaf.path.steps, "rows": slice(None), "inner": (), "holder": place_of_array(one)}
        parts.append(described(own, one.view, [one]))
    return None if None in parts else ((parts[0], *parts[1:]), None, None, (route.kernel.signature,))


_POINTS = "attr", "points"


def _of_points(routes, view, inner):
    """(description of the points, None, where the curves' borders are, signatures of the kernels), or None. view: of the
    routes. inner: shape of one point's values."""
    points = [route.points for route in routes if type(route) is BehindRoute]
    path = points[0].leaf.path
    if len(points) < len(routes) or any(not fits(one, path) or one.leaf.rows.count < 2 for one in points):
        return None
    surface = layers.places_for("Curves")
    own = {"steps": path.steps, "rows": slice(None), "inner": inner, "holder": place_of_array(points[0])}
    flat = replace(view, shape=(points[0].leaf.rows.count, *inner), leaves=tuple(one.leaf for one in points), offsets=None)
    description = described(own, flat, points) if surface else None
    return description and ((description,), None, surface, tuple(one.mover.kernel.signature for one in points))


def _of_weights(route, view):
    """(description of the vertices, with a kernel along addresses of their items; what tells these; None; signature), or
    None."""
    import bpy

    leaf = route.leaf
    coll = leaf.path.follow()
    mesh = coll.data
    weights = deform.described(mesh) if isinstance(mesh, bpy.types.Mesh) else None
    if weights is None or leaf.item is not None:
        return None
    fault(mesh)  # where meshes keep their layers is learnt now: an update that learnt it would have all trails made anew
    if leaf.each is not None:  # the same memory as of a flat view, whose kernel needs no number
        leaf = replace(leaf, each=None, offsets=array.array("q", leaf.offsets), place=(("own", 0),))
        view = View(leaf.axes, view.scalar, (leaf,), (), normalized=view.normalized)
        route = WeightRoute(leaf, view)
    remakes, moves = settles(leaf, coll, mesh)
    writing = {"possible": not leaf.property.readonly, "indexed": None, "shares": True, "touches_layer": False,
               "allowed": (), "bounds": (), "tags": True, "told": told_of_tags(leaf, mesh), "remakes": remakes,
               "moves": moves}
    move = {"kernel": route.kernel, "source_offset": 0, "cache_offset": 0, "extents": (), "tables": ()}
    leg = {"property": leaf.property.identifier, "place": "own", "name": None, "data_type": None, "domain": None,
           "layer": None, "stride": 0, "move": move, "missing": None, "through": None, "lookups": (), "check": None,
           "doubtful": False, "writing": writing}
    description = {"steps": leaf.path.steps, "rows": slice(None), "inner": (), "element": bpy.types.MeshVertex,
                   "owner": bpy.types.Mesh, "whose": True, "is_layers": False, "format": FORMAT[view.scalar],
                   "packed": True, "legs": (leg,), "stays": True, "derivable": None, "surface": None,
                   **around_writes(_alone(leaf), mesh)}
    return (description,), weights, None, (route.kernel.signature,)
