# runtime/rnaslicer/calls/items.py: whether bpy's own foreach_set can convert each item.
"""Where it cannot, it goes on with -1 for that one, writes all, and raises afterwards: hazards.FOREACH_SPOILS."""

from __future__ import annotations

import array

from ..errors import ExpressionError, shown
from .bulk import each_in

TAKES = {"FLOAT": "d", "INT": "i", "ENUM": "i", "BOOLEAN": "q"}  # by type of property, what bpy converts an item to
ALL_FIT = {"FLOAT": "bBhHiIlLqQefd", "INT": "bBhHi", "ENUM": "bBhHi", "BOOLEAN": "?bBhHiIlq"}  # formats that need no look
_SAID = {"d": "number", "i": "whole number of 32 bits", "q": "whole number"}


def refuse_items(collection, name, kind, buffer, view):
    """Raises ExpressionError for the first item that is no number of the kind, if there is one. view: of a buffer; None of
    a tuple."""
    takes = TAKES[kind]
    try:
        items = buffer if view is None else each_in(buffer, view)
        for i, item in enumerate(() if items is None else items):
            array.array(takes, (item,))
    except (TypeError, ValueError, OverflowError):
        raise ExpressionError(f"foreach_set({shown(name)}) of {shown(collection)}: item {i} is {shown(item)}, which is no "
                              f"{_SAID[takes]}; nothing was written") from None
    except Exception:  # a view that gives no items is moved by an array
        pass
