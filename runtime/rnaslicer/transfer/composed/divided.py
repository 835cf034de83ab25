# runtime/rnaslicer/transfer/composed/divided.py: the corners of many meshes' polygons, described for native code.
"""`Slicer(objects)[:, 'data', 'polygons', :, 'vertices']`, as many corners for each polygon: one transfer of all meshes'
corners, and one of what says how the polygons divide them (runtime/trail/several/divided.hpp). As portions.py, for one mesh."""

from ... import _core
from ...basis.records import replace
from ...layout.leaf import View, elements_of
from ..described import described
from ..direct import DirectRoute
from ..laid import laid_out
from ..trails import known_of, remember
from .corners import CornerRoute


def are_divided(routes):
    """Whether routes are for the corners of several meshes."""
    return len(routes) > 1 and all(type(route) is CornerRoute and hasattr(route, "absent") for route in routes)


def learn_divided(key, view, routes):
    """Remembers the trail; None where native code could not follow."""
    count, kinds = len(routes), {tuple(one.leaf.property.identifier for one in route.divides) for route in routes}
    if view.offsets is not None or view.strides is not None or len(view.shape) != 3 or view.shape[0] != count or (
            len(kinds) > 1 or any(route.leaf.place[0] != ("fixed", i) for i, route in enumerate(routes))):
        return None
    ways = [(route.leaf.path.root, route.leaf.path.steps) for route in routes]
    walked = tuple(one for one in view.walked if (one.path.root, one.path.steps) not in ways)
    if len(walked) + count != len(view.walked):
        return None
    laid, values = _of_all(key, view, walked, [route.corners for route in routes])
    borders = [_of_each(key, view, walked, [route.divides[i] for route in routes]) for i in range(len(*kinds))]
    if values is None or None in borders:
        return None
    known = known_of(laid, _core.DividedTrail(values, tuple(borders)), form="equal")
    return remember(key, known._replace(elements=elements_of([route.leaf for route in routes])))


def _of_all(key, view, walked, routes):
    """(how they lie, description) of all corners, one mesh's behind the other's; (None, None) where native code could not
    follow."""
    shape = view.shape
    one = shape[1] * shape[2]
    flat = replace(view, shape=(shape[0] * one,), leaves=tuple(route.leaf for route in routes), walked=walked,
                   offsets=tuple(range(0, shape[0] * one + 1, one)))
    return _laid(key, flat, routes)


def _of_each(key, view, walked, routes):
    """The description of numbers of all meshes' polygons; None where native code could not follow."""
    shape = view.shape[:2]
    leaves = tuple(replace(route.leaf, place=(("fixed", i), ("own", 0))) for i, route in enumerate(routes))
    each = View(shape, "i32", leaves, walked)
    routes = [DirectRoute(leaf, each, route.layout) for leaf, route in zip(leaves, routes)]
    return _laid(key, each, routes)[1]


def _laid(key, view, routes):
    laid = laid_out(key, view, routes)
    if laid is None or laid.levels or laid.ones or any(kind == "counted" for kind, _ in laid.own["steps"]):
        return None, None
    return laid, described(laid.own, view, laid.legs)
