# runtime/rnaslicer/calls/given.py: what this room needs from above.
"""Handed in by assembly.py, once."""

from typing import Any

Slicer: Any = None

# While a history is kept: what calls a function of this room and notes it (inspection/recording.py). Else None.
note: Any = None
forget_own: Any = lambda: None  # foreach.py, once it is loaded: what it does when more is known of this build
by_bpy = ""  # how bpy itself moved the values of the last call, as a route; '' where native code did


def hand_in(slicer: Any) -> None:
    """`rnaslicer.Slicer`."""
    global Slicer
    Slicer = slicer
