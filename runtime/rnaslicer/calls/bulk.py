# runtime/rnaslicer/calls/bulk.py: bpy's own foreach_get and foreach_set, with what they take
"""Buffers and sequences that bpy's bulk calls crash of, spoil or refuse (blender/hazards.py) go as lists, tuples or arrays of
one dimension; enums that they do not move right go as a wrapper moves them."""

from __future__ import annotations

import array
import functools
import math
import operator

from .. import _core
from ..blender.hazards import FOREACH_READONLY, FOREACH_SMALL_ENUMS, FOREACH_STRIDED
from ..entered.lent import lend
from ..errors import ExpressionError, SupplierLostError, ValueRangeError, passes, shown
from ..layout.storage import FORMAT, SCALAR
from . import given
from .counted import BulkCallError
from .sound import NoSuchPropertyError


# Buffers whose items can be had one by one, as many as they say: hazards.FOREACH_SETS.
HAVE_ITEMS = {("numpy", "ndarray"), ("array", "array"), ("builtins", "memoryview"), ("builtins", "bytes"),
              ("builtins", "bytearray")}
TAKE_ITEMS = HAVE_ITEMS | {("builtins", name) for name in ("Vector", "Color", "Euler", "Quaternion")}  # of mathutils


_PLAIN = frozenset((int, float, bool))
_ITEMS = frozenset("?bBhHiIlLqQfd")  # formats of which each memoryview gives them
_WHOLE = frozenset("bBhHiIlLqQ")  # of whole numbers


ODD_ENUM = "handle_type"  # of a CurveMapPoint: hazards.FOREACH_ENUM_WORD
try:  # once, for each call of a function is one more counted call
    SMALL_ENUMS, WRITES_READ_ONLY = FOREACH_SMALL_ENUMS.may_happen(), FOREACH_READONLY.may_happen()
except ImportError:  # outside of Blender
    SMALL_ENUMS = WRITES_READ_ONLY = False


def set_by_bpy(collection, name, buffer, view):
    """From a buffer that has items, of which there is a view of one dimension, or a tuple."""
    if view is not None:
        if type(buffer) is memoryview and view.format not in _ITEMS:
            shaped("foreach_set", collection, name, view, buffer)
            return
        if not view.c_contiguous and needs_list():
            by_items("foreach_set", collection, name, buffer, list(buffer))
            return
        view.release()
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
    shaped(what, collection, name, memoryview(buffer), buffer)


needs_list = functools.cache(FOREACH_STRIDED.may_happen)


def by_items(what, collection, name, buffer, items):
    """bpy's call with a list between."""
    try:
        moved(what, collection, name, items)
        if what == "foreach_get":
            for i, item in enumerate(items):
                buffer[i] = item
    except Exception as error:
        raise _ours(what, collection, name, error) from error


def room_for(collection, name, sequence):
    """A list with as many items as what is no buffer says that it has: what its own code does is not between bpy's."""
    _check_sequence("foreach_get", collection, name, sequence)
    try:
        return [0] * len(sequence)
    except Exception as error:
        raise _ours("foreach_get", collection, name, error) from error


def items_of(collection, name, sequence):
    """The items of what is no buffer, or may be unable to give one: hazards.FOREACH_SETS."""
    if type(sequence) in (tuple, range):
        return plain_items(tuple(sequence))
    _check_sequence("foreach_set", collection, name, sequence)
    try:  # as bpy does it: as many as it says that it has, by their places
        return plain_items(tuple(sequence[i] for i in range(len(sequence))))
    except Exception as error:
        raise _ours("foreach_set", collection, name, error) from error


def plain_items(items):
    """The same as numbers of Python's own: the code of others may change the collection, and so runs before it is counted."""
    return items if _PLAIN.issuperset(map(type, items)) else tuple(map(_plain, items))


def _plain(item):
    kind = type(item)
    if kind in _PLAIN:
        return item
    try:
        return operator.index(item) if hasattr(kind, "__index__") else float(item) if hasattr(kind, "__float__") else item
    except Exception:  # bpy finds it, too
        return item


def _check_sequence(what, collection, name, sequence):
    if issubclass(type(sequence), dict) or not hasattr(type(sequence), "__getitem__"):
        raise ExpressionError(f"{what}({shown(name)}) of {shown(collection)}: {shown(sequence)} is no sequence or buffer")


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
    if not (SMALL_ENUMS and name != "co" or name == ODD_ENUM) or not is_odd_enum(collection, name):
        if what == "foreach_get":  # to ask for it by its name is one more counted call
            collection.foreach_get(name, sequence)
        else:
            collection.foreach_set(name, sequence)
        return
    wrapper = given.Slicer(collection, dtype="i")[:, name]
    if what == "foreach_set":
        wrapper.write(array.array("i", sequence)[:math.prod(wrapper.shape)])  # bpy takes more, too
        return
    values = wrapper.read().tolist()
    if len(values) != len(sequence):
        raise RuntimeError(f"{len(sequence)} items for {len(values)} values")
    for i, value in enumerate(values):
        sequence[i] = value


def shaped(what, collection, name, view, buffer):
    """bpy's call with the items of a buffer one after the other."""
    try:
        # An array of NumPy's whose items lie one after the other is one of one dimension on the same memory, too.
        if view.c_contiguous and (row := _numpys(buffer)) is not None:
            moved(what, collection, name, row.reshape(-1))
            return
        is_get = what == "foreach_get"
        if not (is_get and view.readonly) and (view.format not in SCALAR or is_get and _may_refuse(
                collection, name, view.format)) and (row := _items_in(buffer, view)) is not None:
            by_items(what, collection, name, row, [0] * math.prod(view.shape) if is_get else list(row))
            return
        if view.c_contiguous and not view.readonly and view.format in SCALAR:
            moved(what, collection, name, _core.Flat(view, view.format))
            return
        lent = lend(view, f"{what}({shown(name)})", "buffer", writable=what == "foreach_get")
        try:
            flat = _core.allocate((math.prod(lent.cache.shape),), FORMAT[lent.scalar], None)
            shaped = flat.cast("B").cast(FORMAT[lent.scalar], lent.cache.shape)
            shaped[...] = lent.cache
            row = _core.Flat(flat, FORMAT[lent.scalar])
            if what == "foreach_get" and _may_refuse(collection, name, FORMAT[lent.scalar]):
                by_items(what, collection, name, row, [0] * len(row))
            else:
                moved(what, collection, name, row)
            if what == "foreach_get":
                lent.cache[...] = shaped
        finally:
            lent.release()
    except Exception as error:
        raise _ours(what, collection, name, error) from error


def _numpys(buffer):
    """NumPy's array, if a buffer is one or of a class made of it."""
    for kind in type(buffer).__mro__:
        if (kind.__module__, kind.__name__) == ("numpy", "ndarray"):
            return buffer if kind is type(buffer) else kind.view(buffer, kind)
    return None


def _items_in(buffer, view):
    """What takes the items of a buffer with axes one by one, converted as the buffer does it; None where there is none."""
    array = _numpys(buffer)
    if array is not None:
        return array.flat
    return _core.Flat(view, view.format) if view.c_contiguous and view.format in SCALAR else None


def flags_in(buffer, view):
    """The items of a buffer from which flags are set, for a look at each; None where there is nothing to look at."""
    return None if view.format == "?" else each_in(buffer, view)


def each_in(buffer, view):
    """The items of a buffer, one by one; None where there is no way to them."""
    return buffer if view.ndim == 1 else _items_in(buffer, view)


def _may_refuse(collection, name, format):
    """Whether a buffer may not take what bpy gives it: bpy prints the error of each such item."""
    if format not in _WHOLE:
        return False
    if format not in "ilq":
        return True
    try:
        return collection[0].bl_rna.properties[name].type == "FLOAT"
    except Exception:  # none, or no such property
        return False


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
