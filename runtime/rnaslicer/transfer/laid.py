# runtime/rnaslicer/transfer/laid.py: how collections lie that one expression reaches, as far as native code can follow.
from typing import NamedTuple, Optional

from .. import _core
from ..supplier.identity import Path
from .described import is_few, is_followed, layer_of_drawings, place_of_arrays


class Laid(NamedTuple):
    """One collection behind each of many structs."""

    outer: Optional[tuple]  # steps to the structs' collection; None: each root is a struct
    rows: slice  # of that collection, or of the list
    form: str  # equal or flat
    prefix: int  # steps from the root to a struct
    legs: list  # the routes that are described: those of the first struct that has elements
    own: dict  # for `described`
    mid: tuple = ()
    ones: int = 0  # as KnownMany has them
    way: Optional[tuple] = None


def laid_out(key, view, routes, follows=is_followed):
    """How the collections that routes move lie behind structs; None where native code could not follow. follows: the
    routes that it does."""
    if not routes:
        return None
    first, flat = routes[0].leaf, view.offsets is not None
    outer, items = named_steps(*key[1:3], first.path.steps)
    rows = rows_in(items)
    if rows is None or not _takes_all(items):
        return None
    if outer is None:
        prefix, walked, above = _steps_within(key), 0, 0
        if prefix and len(first.path.steps) <= prefix:
            return None
    else:
        prefix, walked, above = len(outer) + 1, 1, sum(kind == "item" for kind, _ in outer[len(key[1]):])
        if first.path.steps[:len(outer)] != outer or len(first.path.steps) <= prefix:
            return None
    count = len(view.offsets) - 1 if flat else view.shape[0]
    legs = len(routes) // max(count, 1)
    known = [one for one in view.walked if one.length is not None or one.order]  # not a list's that are not picked
    others = [one for one in known if outer is None or one.path.steps != outer]
    counted = [one for one in others if outer is None or not is_above(one, outer)]  # by an index on the way
    if legs * count != len(routes) or len(known) != walked + len(others) or not legs or (
            len(others) != len(counted) + above or len(counted) not in (0, count)
            or any(one.order is not None for one in others)):
        return None
    inner, ones = first.path.steps[prefix:], sum(item[0] == "keys" for item in items[1:])
    if ones and flat:
        return None
    by_struct = (routes[i:i + legs] for i in range(0, len(routes), legs))
    described_by = next((some for some in by_struct if not any(map(is_few, some))), None)
    if described_by is None:
        return None
    own = {"steps": _counted(inner), "rows": slice(None), "inner": tuple(view.shape[1 if flat else 2 + ones:]),
           "axes": 1 if flat else 1 + ones, **_of_many(routes, legs, outer)}
    laid = Laid(outer, rows, "flat" if flat else "equal", prefix, described_by, own, ones=ones,
                way=outer and (*key[1], *_counted(outer[len(key[1]):])))
    if not all(_is_like(route, described_by[i % legs], prefix, inner,
                        () if flat else (i // legs, *(0,) * ones), follows)
               for i, route in enumerate(routes)):
        return _laid_nested(view, routes, laid) if outer is not None and counted and not flat else None
    return laid


def padding(row, more):
    """(width or -1, bytes of a row that is not there) of a wrapper's other settings; None for what is no such row, of
    which the routes tell. row: (format, shape)."""
    made = _core.allocate((1, *row[1]), row[0], None)
    try:
        made[:] = more["fill"]
    except (TypeError, ValueError, OverflowError):
        return None
    return -1 if more["width"] is None else more["width"], bytes(made)


def _steps_within(key):
    """How many steps lead to each struct of a list, as its key has them."""
    form = key[0][0] if type(key[0]) is tuple and len(key[0]) == 1 else None
    return len(form[1]) if type(form) is tuple else 0


def _of_many(routes, legs, outer):
    """What native code need not ask of each: its datablock, where all are of that of their collection, and where its
    elements lie, where its struct or layer has the pointer."""
    import bpy

    path, within = routes[0].leaf.path, outer is not None
    for at in range(len(outer) if within else 0, len(path.steps)):
        within = within and not isinstance(Path(path.root, path.steps[:at + 1]).follow(), bpy.types.ID)
    firsts = [route for route in routes[::legs] if not is_few(route)]
    return {"within": within, "holder": place_of_arrays(firsts), "layer": layer_of_drawings(firsts)}


def is_above(walked, outer):
    """Whether a collection is one on the way to the structs' own, of which an index picks an element."""
    steps = walked.path.steps
    return len(steps) < len(outer) and outer[:len(steps)] == steps


def _counted(steps):
    """Steps of which native code compares the lengths that an index counts."""
    return tuple(("counted" if kind == "item" else kind, what) for kind, what in steps)


def _laid_nested(view, routes, laid):
    """The same for one collection behind each of the elements of equally long collections, one behind each struct: what
    is behind the frames of layers. Not of datablocks, which change places."""
    outer, ones = laid.outer, laid.ones
    steps = routes[0].leaf.path.steps[len(outer) + 1:]
    at = next(i for i, (kind, _) in enumerate(steps) if kind == "item")
    mid, inner, width = steps[:at], steps[at + 1:], view.shape[1]
    if any(kind == "key" for kind, _ in mid):  # whose axis would stand between the structs' two
        return None
    legs = len(routes) // (view.shape[0] * width)
    if not legs or legs * view.shape[0] * width != len(routes) or any(kind == "item" for kind, _ in inner) or (
            any(one.order is not None for one in view.walked)):
        return None
    for i, route in enumerate(routes):
        fixed = divmod(i // legs, width)
        if not _is_like(route, routes[i % legs], len(outer) + at + 2, inner, (*fixed, *(0,) * ones)) or (
                route.leaf.path.steps[len(outer) + 1:len(outer) + at + 2] != (*mid, ("item", fixed[1]))):
            return None
    own = {"steps": inner, "rows": slice(None), "inner": tuple(view.shape[3 + ones:]), "axes": 2 + ones,
           **_of_many(routes, legs, outer)}
    return laid._replace(prefix=len(outer) + 1, legs=routes[:legs], own=own, mid=mid)


def named_steps(outer, items, steps):
    """The steps to the structs' collection and the items from there, where names and indices lead to it from the
    supplier."""
    if outer is None or steps[:len(outer)] != outer:  # of an F-curve the key does not tell which
        return outer, items
    at = len(outer)
    while items and len(steps) > at and _is_step(items[0], steps[at]):
        at, items = at + 1, items[1:]
    return steps[:at], items


def _is_step(item, step):
    """Whether an item is a step by a name or by an index from the start, which makes no axis."""
    return item[0] == "name" and step == ("attr", item[1]) or item[0] == "int" and step == ("item", item[1])


def _takes_all(items):
    """Whether all that stands between the outer selection and the property is names, `:` and indices from the start."""
    last = max((i for i, item in enumerate(items) if item[0] in ("name", "names")), default=0)
    return all(item[0] in ("name", "names") or item == ("slice", None, None, None) or item[0] == "int" and item[1] >= 0
               or item[0] == "keys" and len(item[1]) == 1 for item in items[1:last])


def _is_like(route, first, prefix, inner, fixed, follows=is_followed):
    """Whether a route does for its struct what the first struct's does for that."""
    leaf, other, place = route.leaf, first.leaf, route.leaf.place[len(fixed):]
    if leaf.place[:len(fixed)] != tuple(("fixed", i) for i in fixed):
        return False
    alike = (type(leaf.path) is Path and leaf.path.steps[prefix:] == inner and place[0][0] == "own"
             and place[1:] == other.place[len(other.place) - len(place) + 1:]
             and _has_its_property(leaf, other, follows) and leaf.components == other.components)
    picked = getattr(route, "inner", route).leaf.rows
    if not alike or picked is None or not picked.is_all or picked.table is not None or picked.step != 1:
        return False
    return is_few(route) or (follows(route) and route.layout.storage == first.layout.storage
                             and type(route.layout.place) is type(first.layout.place))


def _has_its_property(leaf, other, follows):
    """Elements of lists may be of several types: whoever follows such compares these (own/listed.py)."""
    if follows is is_followed:
        return (leaf.property, leaf.element) == (other.property, other.element)
    return leaf.property._replace(struct="") == other.property._replace(struct="")


def rows_in(items):
    """The selection on the supplier's own elements as a slice, or None."""
    kind = items[0][0] if items else None
    if kind == "slice":
        return slice(*items[0][1:])
    return slice(None) if kind in ("name", "names") else None
