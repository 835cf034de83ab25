# runtime/rnaslicer/calls/bulk.py: bpy's own foreach_get and foreach_set, with what they take
"""Buffers and sequences that bpy's bulk calls crash of, spoil or refuse (blender/hazards.py) go as lists, tuples or arrays of
one dimension; enums that they do not move right go as a wrapper moves them."""

from __future__ import annotations

import array
import functools
import math

from .. import _core
from ..blender.hazards import FOREACH_READONLY, FOREACH_SMALL_ENUMS, FOREACH_STRIDED
from ..entered.lent import lend
from ..errors import ExpressionError, SupplierLostError, ValueRangeError, passes, shown
from ..layout.storage import FORMAT, SCALAR
from . import given
from .sound import NoSuchPropertyError


# Buffers whose items can be had one by one: hazards.FOREACH_SETS.
_HAVE_ITEMS = {("numpy", "ndarray"), ("array", "array"), ("builtins", "memoryview"), ("builtins", "bytes"),
               ("builtins", "bytearray")}


_ITEMS = frozenset("?bBhHiIlLqQfd")  # formats of which each memoryview gives them


class BulkCallError(ExpressionError, RuntimeError):
    """bpy's bulk call failed, most often because the buffer has not as many items as there are values."""


ODD_ENUM = "handle_type"  # of a CurveMapPoint: hazards.FOREACH_ENUM_WORD
try:  # once, for each call of a function is one more counted call
    SMALL_ENUMS, WRITES_READ_ONLY = FOREACH_SMALL_ENUMS.may_happen(), FOREACH_READONLY.may_happen()
except ImportError:  # outside of Blender
    SMALL_ENUMS = WRITES_READ_ONLY = False


def set_by_bpy(collection, name, buffer, view):
    kind = type(buffer)
    if view is not None and (view.ndim != 1 or kind is memoryview and view.format not in _ITEMS):
        shaped("foreach_set", collection, name, view)
        return
    if view is not None and (kind.__module__, kind.__name__) in _HAVE_ITEMS:
        if not view.c_contiguous and needs_list():
            by_items("foreach_set", collection, name, buffer)
            return
        view.release()
    else:
        buffer = _items(collection, name, buffer)
    try:
        if (SMALL_ENUMS and name != "co" or name == ODD_ENUM) and is_odd_enum(collection, name):
            moved("foreach_set", collection, name, buffer)
        else:
            collection.foreach_set(name, buffer)
    except Exception as error:
        again_or_raise("foreach_set", collection, name, buffer, error)


def again_or_raise(what, collection, name, buffer, error):
    """As one array, if the view was it: bpy of 3.4 takes no memoryview, that of 5.2 none of other numbers or with strides."""
    if type(buffer) is not memoryview or not isinstance(error, TypeError):
        raise _ours(what, collection, name, error) from error
    shaped(what, collection, name, memoryview(buffer))


needs_list = functools.cache(FOREACH_STRIDED.may_happen)


def by_items(what, collection, name, buffer):
    """bpy's call with a list between."""
    try:
        items = list(buffer)
        moved(what, collection, name, items)
        if what == "foreach_get":
            for i, item in enumerate(items):
                buffer[i] = item
    except Exception as error:
        raise _ours(what, collection, name, error) from error


def _items(collection, name, sequence):
    """The items of what is no buffer, or may be unable to give one: hazards.FOREACH_SETS."""
    if type(sequence) in (list, tuple, range):
        return tuple(sequence)
    if issubclass(type(sequence), dict) or not hasattr(type(sequence), "__getitem__"):
        raise ExpressionError(f"foreach_set({shown(name)}) of {shown(collection)}: {shown(sequence)} is no sequence or "
                              "buffer")
    try:  # as bpy does it: as many as it says that it has, by their places
        return tuple(sequence[i] for i in range(len(sequence)))
    except Exception as error:
        raise _ours("foreach_set", collection, name, error) from error


def is_odd_enum(collection, name):
    """Whether bpy's bulk calls do not move an enum as it is: hazards.FOREACH_SMALL_ENUMS, FOREACH_ENUM_WORD."""
    if type(name) is not str or not name.isidentifier():  # bpy crashes of some names
        return False
    try:
        element = collection[0]
        return element.bl_rna.properties[name].type == "ENUM" and (
            type(element).__name__ == "CurveMapPoint" or SMALL_ENUMS)
    except Exception:  # empty, dead, or no such property
        return False


def moved(what, collection, name, sequence):
    """bpy's own call with a sequence that it takes; enums that it would not move right go as a wrapper moves them."""
    if not is_odd_enum(collection, name):
        getattr(collection, what)(name, sequence)
        return
    wrapper = given.Slicer(collection, dtype="i")[:, name]
    if what == "foreach_set":
        wrapper.write(array.array("i", sequence))
        return
    values = wrapper.read().tolist()
    if len(values) != len(sequence):
        raise RuntimeError(f"{len(sequence)} items for {len(values)} values")
    for i, value in enumerate(values):
        sequence[i] = value


def shaped(what, collection, name, view):
    """bpy's call with the items of a buffer one after the other."""
    try:
        if view.c_contiguous and not view.readonly and view.format in SCALAR:
            moved(what, collection, name, _core.Flat(view, view.format))
            return
        lent = lend(view, f"{what}({shown(name)})", "buffer", writable=what == "foreach_get")
        try:
            flat = _core.allocate((math.prod(lent.cache.shape),), FORMAT[lent.scalar], None)
            shaped = flat.cast("B").cast(FORMAT[lent.scalar], lent.cache.shape)
            shaped[...] = lent.cache
            moved(what, collection, name, _core.Flat(flat, FORMAT[lent.scalar]))
            if what == "foreach_get":
                lent.cache[...] = shaped
        finally:
            lent.release()
    except Exception as error:
        raise _ours(what, collection, name, error) from error


def _ours(what, collection, name, error):
    """bpy's error as one of ours that scripts catch as they caught bpy's."""
    if passes(error):
        return error
    said = " ".join(str(error).split())  # 5.2 writes a line's end and much space into it
    text = f"{what}({shown(name)}) of {shown(collection)}: {said}"
    if what == "foreach_set" and not isinstance(error, (ReferenceError, AttributeError)):
        text += "; some of the values may have been written"
    if isinstance(error, ReferenceError):
        return SupplierLostError(text)
    if isinstance(error, AttributeError):
        return NoSuchPropertyError(text)
    if isinstance(error, (ValueError, OverflowError)):
        return ValueRangeError(text)
    if isinstance(error, RuntimeError):
        return BulkCallError(f"{text}; the collection has {len(collection)} elements: are there as many items as they "
                             "have values?")
    return ExpressionError(text)
