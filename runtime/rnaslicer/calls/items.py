# runtime/rnaslicer/calls/items.py: whether bpy's own foreach_set can convert each item.
"""Where it cannot, it goes on with -1 for that one, writes all, and raises afterwards: hazards.FOREACH_SPOILS."""

from __future__ import annotations

import array

from ..errors import ExpressionError, passes, shown
from .bulk import each_in

TAKES = {"FLOAT": "d", "INT": "i", "ENUM": "i", "BOOLEAN": "q"}  # by type of property, what bpy converts an item to
ALL_FIT = {"FLOAT": "bBhHiIlLqQefd", "INT": "bBhHi", "ENUM": "bBhHi", "BOOLEAN": "?bBhHiIlq"}  # formats that need no look
_SAID = {"d": "number", "i": "whole number of 32 bits", "q": "whole number"}


def refuse_items(collection, name, kind, buffer, view):
    """Raises ExpressionError for the first item that is no number of the kind, if there is one. view: of a buffer; None of
    a tuple."""
    try:
        found = buffer if view is None else each_in(buffer, view)
        items = enumerate(() if found is None else found)
    except Exception:  # a view that gives no items is moved by an array
        return
    while True:
        try:
            at, item = next(items)
        except Exception:  # all are looked at; or as above
            return
        try:
            array.array(TAKES[kind], (item,))
        except Exception as error:  # an item's own code may raise anything
            if passes(error):
                raise
            raise ExpressionError(f"foreach_set({shown(name)}) of {shown(collection)}: item {at} is {shown(item)}, which is "
                                  f"no {_SAID[TAKES[kind]]}; nothing was written") from error
