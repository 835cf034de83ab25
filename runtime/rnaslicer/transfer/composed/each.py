# runtime/rnaslicer/transfer/composed/each.py: collections behind many structs, through matrices or padded, described.
"""As trails.py, for one collection behind each of many structs (trail/composed/each.hpp, trail/several/many.hpp): the
vectors of each go through the matrix of its object, or through a given one; rows of different lengths are padded; the
elements of each divide its values among them."""

from ... import _core
from ...basis.records import replace
from ...layout.leaf import View, elements_of
from ...layout.storage import FORMAT
from ..described import Moved, described, is_few
from ..direct import DirectRoute
from ..kernels.lowering import bytes_before
from ..laid import laid_out
from ..trails import known_of, remember
from .corners import CornerRoute
from .pad import PadRoute
from .transform import TransformRoute, gives_vectors


def is_direct(route):
    """Whether a kernel takes the vectors through the matrix where they lie; none of them is a layer that is missing."""
    return type(route) is TransformRoute and route.gather is None and hasattr(route, "absent") and (
        route.inner.layout.place.default is None)


def moved(route, view):
    """Such a route as `described` reads it."""
    leaf = replace(route.inner.leaf, place=route.leaf.place, components=route.leaf.components)
    return Moved(leaf, view, route.inner.layout, route.direct, route.inner)


def learn_each(key, view, routes):
    """Remembers the trail; None where native code could not follow."""
    is_padded = len(routes) == 1 and type(routes[0]) is PadRoute
    whole = view
    if is_padded:
        view, routes = routes[0].flat, routes[0].routes
    given = key[5][1]  # None, WORLD, or whether it is one matrix alone
    if given is None:
        through, alike = None, routes
    elif not all(is_few(route) or is_direct(route) for route in routes) or (
            given is False and view.offsets and not is_padded):
        return None
    else:
        through, alike = routes, [route if is_few(route) else moved(route, view) for route in routes]
    if not all(hasattr(route, "absent") for route in alike if through is None and not is_few(route)):
        return None
    laid = laid_out(key, view, alike)
    if laid is None or laid.levels:
        return None
    form = "pad" if is_padded else laid.form
    row = (FORMAT[view.scalar], tuple(whole.shape[2:])) if is_padded else ()
    if through is None:
        description = described(laid.own, view, laid.legs)
        trail = description and _core.Trail(description)
    else:
        at = next(i for i, route in enumerate(alike) if route is laid.legs[0])
        trail, _ = transform_trail(laid.own, view, through[at:at + len(laid.legs)], laid.legs, given is False,
                                   laid.prefix, through)
    return trail and remember(key, known_of(laid, trail, form=form, through=through is not None, row=row))


def transform_trail(own, view, routes, described_by, each, prefix=0, all_routes=None):
    """(trail, class of the collection's owner) of vectors through a matrix; (None, None) where native code could not
    follow. prefix: steps from the root to where the trail begins."""
    direct = described(own, view, described_by)
    after = {len(one.steps) - prefix for route in all_routes or routes for one in route.leaf.objects}
    if direct is None or len(after) > 1 or min(after, default=0) < 0:
        return None, None
    plain = None
    if len(routes) == 1 and gives_vectors(routes[0].leaf):
        vectors = routes[0].inner
        plain = described({**own, "inner": (3,)}, vectors.view, [vectors])
    trail = _core.TransformTrail(direct, plain, _copying(routes[0], view, own.get("axes", 0)),
                                 after.pop() if after else -1, object_type(), each)
    return trail, direct["owner"]


def _copying(route, view, axes):
    low = route.copy.lowered
    return {"kernel": route.copy.kernel, "source_offset": low.source_offset,
            "cache_offset": low.cache_offset - view.first - bytes_before(route.leaf, view, axes), "extents": (),
            "tables": ()}


def object_type():
    """The class of objects."""
    import bpy

    return bpy.types.Object


# ---- the corners of many meshes' polygons (runtime/trail/several/divided.hpp); of one mesh: portions.py

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
