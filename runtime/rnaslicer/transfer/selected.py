# runtime/rnaslicer/transfer/selected.py: which elements or structs an item selects, in a trail's key and at each use.
import array
import itertools

from ..supplier.identity import Path

PICKED = "picked"  # stands for the numbers of a list's structs that an item names, which are told at each use
PICKING = {"indices", "mask", "range"}  # such items
KEYED = "keyed"  # the same for names of datablocks
_MOST = 1 << 24
_MOST_ROWS = 1 << 40


def as_picked(items):
    """Items in which that stands for the first, where it is such a one and leads on; else as they are."""
    leads_on = len(items) > 1 and items[0][0] in PICKING and items[1][0] == "name"
    return ((PICKED,), *items[1:]) if leads_on else items


def as_picked_of(items):
    """The same of indices or a mask on the elements that names, keys and indices from the start lead to from another
    supplier. A range's numbers are compiled in, as a slice's are."""
    at = next((i for i, item in enumerate(items) if item[0] != "name" and (item[0] != "int" or item[1] < 0)), None)
    if at is None or items[at][0] not in ("indices", "mask", "keys") or len(items) < at + 2 or (
            items[at + 1][0] not in ("name", "names")):
        return items
    return (*items[:at], (KEYED if items[at][0] == "keys" else PICKED,), *items[at + 1:])


def is_picked(items):
    """Whether such items begin so."""
    return bool(items) and items[0][0] == PICKED


def picked_by(item, length):
    """The numbers that an item names of as many structs, from 0, as int64; None where it names others, or is none."""
    if item[0] not in PICKING:
        return None
    values = range(*item[1:]) if item[0] == "range" else item[1] if len(item) > 1 else ()
    if item[0] == "mask":
        return array.array("q", itertools.compress(range(length), values)) if len(values) == length else None
    if not 0 < len(values) < _MOST or not -length <= min(values) <= max(values) < length:
        return None
    return array.array("q", values if min(values) >= 0 else [i % length for i in values])


def rows_now(path, item):
    """The numbers that an item names of the structs that are there now, as bytes of int64; None where of others."""
    found = picked_by(item, len(path.follow() if type(path) is Path else path))
    return found.tobytes() if found else None


def rows_in(items, ranges=False):
    """The selection on the supplier's own elements as a slice, or None. ranges: or as a range."""
    kind = items[0][0] if items else None
    if kind == "slice":
        return slice(*items[0][1:])
    if kind == "range" and ranges:
        found = range(*items[0][1:])
        return found if len(found) > 1 and max(abs(found[0]), abs(found[-1])) < _MOST_ROWS else None
    return slice(None) if kind in ("name", "names", "ellipsis") else None


def selection(items):
    """The selection on many structs: a slice, PICKED, KEYED, or None."""
    if items and items[0] == (KEYED,):
        return KEYED
    return PICKED if items and items[0][0] in (PICKED, "range") else rows_in(items)
