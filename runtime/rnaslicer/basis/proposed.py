# runtime/rnaslicer/basis/proposed.py: where an earlier run of this build saw things kept, handed in.
"""A session's first enter would search Blender's executable and hundreds of RNA properties for these places. A discovery
run has done so in the same build; what it says is a proposal: whoever asks confirms it, or searches as if there were none."""

from __future__ import annotations

from collections.abc import Callable

_ask: Callable[[], dict[str, str]] = dict
_MOST = 1 << 40  # what no number of a place is beyond


def hand_in(ask):
    """`ask()` gives, from now on, texts of numbers by name (assembly.py, captured.py)."""
    global _ask
    _ask = ask


def numbers(name):
    """The numbers that are proposed under a name, as they were told; () where there are none, or where these are none."""
    found = _ask().get(name, "").split()
    return tuple(map(int, found)) if all(one.isdecimal() and int(one) < _MOST for one in found) else ()


def place(name, end, step):
    """The only one, if it is a byte place before `end` at which a field of `step` bytes may lie; else None."""
    found = numbers(name)
    return found[0] if len(found) == 1 and is_place(found[0], end, step) else None


def is_place(number, end, step):
    return number % step == 0 and number + step <= end
