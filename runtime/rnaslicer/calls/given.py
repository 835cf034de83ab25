# runtime/rnaslicer/calls/given.py: what this room needs from above.
"""Handed in by assembly.py, once."""

from typing import Any

Slicer: Any = None


def hand_in(slicer: Any) -> None:
    """`rnaslicer.Slicer`."""
    global Slicer
    Slicer = slicer
