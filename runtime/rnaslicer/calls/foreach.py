# runtime/rnaslicer/calls/foreach.py: foreach_get and foreach_set, for scripts that exist already.
"""bpy's own calls with another way in: where a trail is known, native code moves the values straight between Blender
and the buffer. What it declines is bpy's own call, so that every sequence and buffer is taken that bpy takes."""

from __future__ import annotations

import array
import re
from collections.abc import MutableSequence, Sequence
from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import asks_hold, asks_of
from ..errors import ContextError, ExpressionError, RegionError, SlicerError, shown
from ..basis.records import Record
from ..layout.storage import FORMAT, SCALAR
from . import given
from ..supplier.capture import capture_member, known_path
from ..supplier.identity import known_homes
from ..transfer.known import Known
from ..transfer.writing.noticing import SHARPNESS
from ..transfer.writing.sculpting import no_other_sculpts
from .bulk import (HAVE_ITEMS, ODD_ENUM, SMALL_ENUMS, TAKE_ITEMS, WRITES_READ_ONLY, again_or_raise, by_items, flags_in,
                   is_odd_enum, items_of, moved, needs_list, plain_items, room_for, set_by_bpy, shaped)
from .counted import BulkCallError, count_of
from .items import ALL_FIT, TAKES, refuse_items
from .kept import UV_FLAGS, UV_LAYERS_MISSING, check_kept, with_flags
from .sound import ALWAYS, TABLES, checked

if TYPE_CHECKING:
    from .._core import Buffer

_MOST = 4096
_WIDE = {"FLOAT": 3.4028234663852886e38, "INT": (1 << 31) - 1}  # as far as numbers go
_NUMBER = re.compile(r"\[\d+\]")

# What bpy's conversion of each value gives as well as ours: it takes numbers one by one as the sequence does.
_READS = {"BOOLEAN": "?bBhHiIlLqQefd", "INT": "ilqd", "ENUM": "ilqd", "FLOAT": "fd"}
_WRITES = {"BOOLEAN": "?", "INT": "i", "ENUM": "i", "FLOAT": "f"}


class Recipe(Record):
    """What one look at a collection's property found out."""

    trail: Any  # None: bpy's own call, until discovery may have found what gives a trail
    signatures: tuple[str, ...] = ()  # of the trail's kernels
    asks: Any = None  # that bpy's own call does what it says; None: everything (sound.py)


_BPYS_OWN = Recipe(None)
_recipes: dict[Any, Recipe] = {}  # (call, types of datablock and owner, way, property, format) -> Recipe

# To find a trail costs as much as bpy's own call of some ten thousand values: until so many were read of a kind, that is
# what is made. Of writes what Blender derives follows from the first one on; without a trail that is known for vertices' places
# alone (`_core.follow_places`), so that others look at once.
_ENOUGH = 10_000

# Of which no trail is known: key as of _recipes -> [values that were read, or _NEVER; asks].
_few: dict[Any, list[Any]] = {}
_NEVER = -float("inf")  # none is worth looking for


def forget_own():
    """Looks anew for a trail where there was none: more is known of this build."""
    _few.clear()
    for key in [key for key, recipe in _recipes.items() if recipe.trail is None]:
        del _recipes[key]


given.forget_own = forget_own


def foreach_get(collection: Any, name: str, buffer: Buffer | MutableSequence[Any]) -> None:
    """`collection.foreach_get(name, buffer)`: the same values into the same sequences and buffers, also into C-contiguous
    or strided buffers with axes, which have as many items as the collection has values.

    Raises ExpressionError, and where bpy raises another error one that is that, too: nothing was read.
    """
    if given.note is not None:
        given.note(foreach_get, "refresh", lambda: _said("get", collection, name, buffer), buffer, collection, name, buffer)
        return
    recipe, asks, view, items = _BPYS_OWN, None, None, buffer
    if type(buffer) is not list:
        recipe, asks, view = _recipe("foreach_get", collection, name, buffer)
        if recipe.trail is not None and recipe.trail.read_of(collection, buffer):
            return
        if WRITES_READ_ONLY and view is not None and view.readonly:
            raise BulkCallError(f"foreach_get({shown(name)}) of {shown(collection)}: the buffer is read-only")
        items = view if view is not None else room_for(collection, name, buffer)
    given.by_bpy = "foreach"
    if (asks is None or asks != ALWAYS and not asks_hold("foreach_get", collection, name, TABLES, asks, items)) and asks_of(
            "foreach_get", collection, name, TABLES, items) is None:
        name = checked("foreach_get", collection, name, count_of(items))
    if view is None and items is not buffer:
        by_items("foreach_get", collection, name, buffer, items)
        return
    if view is not None:
        kind = type(buffer)  # a memoryview refuses what others take, and is refused
        if view.ndim != 1 or kind is memoryview or (kind.__module__, kind.__name__) not in TAKE_ITEMS:
            shaped("foreach_get", collection, name, view, buffer)
            return
        if not view.c_contiguous and needs_list():
            by_items("foreach_get", collection, name, buffer, list(buffer))
            return
        view.release()  # what lends its memory once at a time (mathutils of 5.2) is bpy's now
    try:
        if (SMALL_ENUMS or name == ODD_ENUM) and is_odd_enum(collection, name):
            moved("foreach_get", collection, name, buffer)
        else:
            collection.foreach_get(name, buffer)
    except Exception as error:
        again_or_raise("foreach_get", collection, name, buffer, error)


def foreach_set(collection: Any, name: str, buffer: Buffer | Sequence[Any]) -> None:
    """`collection.foreach_set(name, buffer)`: the same values from the same sequences and buffers, also from those with
    axes, which have as many items as the collection has values. What Blender derives from them is up to date
    afterwards, where they went the direct route, and from vertices' places always.

    Raises ReadOnlyError where the write would be lost (read-only, linked, evaluated, edit mode); else as foreach_get.
    """
    if given.note is not None:
        given.note(foreach_set, "update", lambda: _said("set", collection, name, buffer), buffer, collection, name, buffer)
        return
    recipe, asks, view = _BPYS_OWN, None, None
    if type(buffer) is list:
        items = plain_items(tuple(buffer))
    else:
        recipe, asks, view = _recipe("foreach_set", collection, name, buffer)
        if recipe.trail is not None and recipe.trail.write_of(collection, buffer, known_homes):
            return
        items, kind = view, type(buffer)
        if view is None or view.ndim == 1 and (kind.__module__, kind.__name__) not in HAVE_ITEMS:
            items, asks, view = items_of(collection, name, buffer), None, None
    given.by_bpy, is_name = "foreach", True
    if (asks is None or asks != ALWAYS and not asks_hold("foreach_set", collection, name, TABLES, asks, items)) and asks_of(
            "foreach_set", collection, name, TABLES, items) is None:
        name = checked("foreach_set", collection, name, count_of(items))
        is_name = name.isidentifier()  # bpy crashes of some
    if not _core.is_kept(collection, no_other_sculpts, known_homes):
        check_kept(collection, name)
    kind = None
    if is_name:
        try:
            kind = collection[0].bl_rna.properties[name].type
        except Exception:  # of an empty or dead collection, or another name: bpy's call says so
            pass
    if kind in TAKES and (view is None or view.format not in ALL_FIT[kind] or view.format == "?" and not view.c_contiguous):
        try:
            array.array(TAKES[kind], items if view is None else buffer)
        except Exception:
            refuse_items(collection, name, kind, items if view is None else buffer, view)
    if UV_LAYERS_MISSING and name in UV_FLAGS and type(collection.data).__name__ == "MeshUVLoopLayer":
        collection = with_flags(collection, name, items if view is None else flags_in(buffer, view))
    try:
        are_places = type(name) is str and name == "co" and type(collection.data).__name__ == "Mesh"
    except Exception:  # dead: bpy's call says so
        are_places = False
    try:
        if view is not None and view.ndim != 1:  # here, for each call of a function is one more counted call
            shaped("foreach_set", collection, name, view, buffer)
        else:
            set_by_bpy(collection, name, buffer if view is not None else items, view)
    finally:  # some may have been written where that fails
        if are_places:
            _core.follow_places(collection, TABLES)


def _recipe(what, collection, name, buffer):
    """(what is known of such a collection, looked for once; what is still to be asked of it: None, all; a view of the
    buffer, None of what is none)."""
    if type(buffer) is memoryview and _is_released(buffer):  # hazards.FOREACH_RELEASED
        raise RegionError(f"{what}({shown(name)}) of {shown(collection)}: the memoryview was released")
    try:
        view = memoryview(buffer)
    except TypeError:  # no buffer
        return _BPYS_OWN, None, None
    except Exception as error:  # one that gives nothing: hazards.FOREACH_RELEASED
        raise ExpressionError(f"{what}({shown(name)}) of {shown(collection)}: {error}") from error
    is_get = what == "foreach_get"
    try:
        if type(collection.data).__name__ != "FCurve":
            way = collection.path_from_id()
            if is_get and "]" in way and '"' not in way and "'" not in way:
                way = _NUMBER.sub("[]", way)  # whichever spline: a trail leads on from it
        elif is_get:
            way = "fcurve"  # whichever: a trail leads on from the curve; and before 5.x bpy tells no way to one
        else:
            return _BPYS_OWN, None, view  # our update sorts the keys and computes handles, which bpy's call does not
        owner = type(collection.data)
        may_wait = is_get or owner.__name__ == "Mesh" and (way, name) == ("vertices", "co")
        key = what, type(collection.id_data), owner, way, name, view.format
        known = _recipes[key] if key in _recipes else None  # as a method it would be one more counted call
        if known is not None and (known.trail is None or not known.trail.stale):
            return known, known.asks, view
        few = _few[key] if known is None and key in _few else None
        values = view.nbytes // view.itemsize
        if few is not None:
            few[0] += values
            if few[0] < _ENOUGH:
                return _BPYS_OWN, few[1], view
    except Exception:  # bpy tells no way to the collection
        return _BPYS_OWN, None, view
    asks = asks_of(what, collection, name, TABLES, view)
    if type(asks) is not tuple:  # what is wrong now may be right next time
        return _BPYS_OWN, None if asks is None else ALWAYS, view
    if known is None and few is None and may_wait and values < _ENOUGH:
        _keep(_few, key, [values, asks])
        return _BPYS_OWN, ALWAYS, view
    worth = known is not None or _is_worth(what, collection, name, view.format)
    if not worth:
        if worth is not None:
            _keep(_few, key, [_NEVER, asks])
        return _BPYS_OWN, ALWAYS, view
    try:
        found = _found(what, collection, name, view.format)._replace(asks=asks)
    except ContextError:  # not here, as on another thread
        return _BPYS_OWN, ALWAYS, view
    _keep(_recipes, key, found)
    return found, asks, view


def _keep(place, key, found):
    if len(place) >= _MOST:
        place.clear()
    place[key] = found


def _said(direction, collection, name, buffer):
    """(what a history calls it, signatures of the kernels that its trail runs)."""
    try:
        found = f"{known_path(collection) or capture_member(collection)}"
    except Exception:  # of another kind, or dead
        found = shown(collection)
    try:
        signatures = _recipe(f"foreach_{direction}", collection, name, buffer)[0].signatures
    except Exception:
        signatures = ()
    return f"foreach_{direction}({found}, {shown(name)})", signatures


def _is_worth(what, collection, name, format):
    """Whether a trail is worth looking for, as far as that is seen without: it takes a thousand calls. None: not now."""
    try:
        owner, element = collection.data.bl_rna.properties, collection[0].bl_rna.properties
        prop = element[name]
        kind = prop.type
        if prop.is_runtime:  # only wrappers go along those of scripts
            return False
        if what == "foreach_get":
            return format in _READS[kind]
        # What setters clamp bpy's foreach_set stores as it is, and some do not here; each datablock would be tagged.
        return (format in _WRITES[kind]
                and (kind not in _WIDE or prop.hard_min <= -_WIDE[kind] and prop.hard_max >= _WIDE[kind])
                and "override_library" not in element and not (name in SHARPNESS and "corner_normals" in owner))
    except Exception:  # empty
        return None


def _found(what, collection, name, format):
    """The recipe, from what resolving and proving gives."""
    try:
        wrapper = given.Slicer(collection, dtype=FORMAT[SCALAR[{"l": "q", "L": "Q"}.get(format, format)]])[:, name]
        (leaf,) = wrapper.leaves()
        if format not in (_READS if what == "foreach_get" else _WRITES)[leaf.property.type]:
            return _BPYS_OWN
        if leaf.property.is_matrix:  # bpy's bulk calls have its columns, wrappers its rows
            return _BPYS_OWN
        wrapper.unclamped = what == "foreach_set"
        wrapper.read()
        known = wrapper._known_for(wrapper._key)
    except ContextError:
        raise
    except (SlicerError, ReferenceError):
        return _BPYS_OWN
    if type(known) is not Known or what == "foreach_set" and known.trail.settles:  # which costs more than bpy's own call
        return _BPYS_OWN
    return Recipe(known.trail, known.signatures)


def _is_released(view):
    try:
        return view.ndim < 0
    except ValueError:
        return True
