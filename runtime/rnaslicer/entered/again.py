# runtime/rnaslicer/entered/again.py: entering once more what was entered before, where no trail is known for it.
"""Other arrays than images' pixels are entered in Python. What an expression leads to depends on the datablock, the way, the
expression, the length and the layers. Where all these are as they were, the routes of an earlier enter are taken, and ask
bpy all that each enter asks."""

from .. import _core
from ..errors import SlicerError
from ..layout.storage import FORMAT
from ..supplier.contexts import check_context
from ..supplier.events import loads
from ..supplier.identity import IDRoot, Path, check_running

_kept = {}  # (key, root) -> (path, view, routes, of which each enter takes copies, what must not have happened since)
_MOST = 1024  # scripts may make expressions without end
_ALONE = {"slice", "name", "names", "ellipsis"}  # items that select the same of a collection of the same length


def keep(key, path, view, routes):
    """Remembers how something was just entered, if it may be entered so again."""
    if type(path) is not Path or type(path.root) is not IDRoot or not _is_alone(key, path.root, view, routes):
        return
    if len(_kept) >= _MOST:
        del _kept[next(iter(_kept))]  # the oldest
    _kept[key, path.root] = path, view, tuple(route.copied() for route in routes), _counts()


def _counts():
    """Whether kernels were cleared, or something was proven otherwise; and files loaded, whose datablocks went."""
    return _core.trails_forgotten(), loads()


def _is_alone(key, root, view, routes):
    """Whether nothing but the root's datablock is looked at."""
    items, settings = key[2], key[5]
    is_plain = not settings and all(item[0] in _ALONE for item in items)
    return view.offsets is None and (is_plain or all(route.all_is_told for route in routes)) and (
        all(route.leaf.path.root is root and _asks_all(route, view) for route in routes))


def _asks_all(route, view):
    """Whether a route's `enter_again` asks for all that it, and the view, depend on."""
    return route.may_enter_again and all(
        one.path.steps == route.leaf.path.steps and one.order is None for one in view.walked)


def entered_again(key, path, wrapper):
    """(view, routes, filled MemCache); None where nothing is kept, or something is not as it was: then all is resolved
    anew, which says what is wrong."""
    found = _kept.get((key, path.root)) if key is not None and type(path) is Path else None
    if found is None or found[0].steps != path.steps:
        return None
    if found[3] != _counts():
        _kept.clear()
        return None
    _core.is_free() or check_context(f"entering {wrapper._text}")  # a text that is rarely read
    check_running()
    now, view, routes = _core.now(), found[1], [route.copied() for route in found[2]]
    memcache = _core.allocate(view.shape, FORMAT[view.scalar], wrapper)
    try:
        is_filled = _fill(routes, memcache)
    except BaseException:
        _drop(key, path, memcache)
        raise
    if not is_filled:
        _drop(key, path, memcache)
        return None
    path.noted(now)
    return view, routes, memcache


def _drop(key, path, memcache):
    _core.disable(memcache)
    _kept.pop((key, path.root), None)


def _fill(routes, memcache):
    try:
        return all(route.enter_again(memcache) for route in routes)
    except SlicerError:
        return False
