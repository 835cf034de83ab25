# runtime/rnaslicer/supplier/passing.py: structs to which no way leads: read where they are named, or lost.
"""bpy does not notice when such a struct is freed, and nobody tells. It certainly lives while Python does nothing else:
from `Slicer(struct)` to the end of the one expression in which that is read. So the script's bytecode between the two
calls must be such that only loads constants and names, and subscripts; any call or assignment there may have freed it,
and so may whatever comes afterwards."""

import dis
import functools
import sys

from . import events
from ..errors import SupplierLostError

_HARMLESS = {"NOP", "CACHE", "EXTENDED_ARG", "PRECALL", "KW_NAMES", "PUSH_NULL", "COPY", "SWAP", "BINARY_SUBSCR",
             "BINARY_SLICE", "BUILD_SLICE", "BUILD_TUPLE", "BUILD_LIST", "LOAD_CONST", "LOAD_SMALL_INT", "LOAD_NAME",
             "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_CLOSURE", "LOAD_SPECIAL"}
_METHODS = {"read", "write", "open"}


class PassingRoot(events.Watched):
    """A struct that can be read once, by whoever has just named it."""

    unwritable = "cannot be found again, so it can be read, at once, but not written"
    is_passing = True

    def __init__(self, struct, why):
        super().__init__()
        self._struct, self._why = struct, why
        self.name = f"this {type(struct).__name__}"
        frame, self._at = _script()
        self._run = id(frame), frame.f_code  # not the frame itself, whose variables would live on with a wrapper
        self._generation = events.generation()

    def find(self):
        """The struct, while nothing can have happened since it was named."""
        frame, at = _script()
        if (events.generation() != self._generation or (id(frame), frame.f_code) != self._run
                or not _does_nothing_else(frame.f_code, self._at, at)):
            self._struct, self._run = None, ()
            raise SupplierLostError(f"{self.name} may be gone: {self._why}, so it is read in the expression that names "
                                    "it or not at all: Slicer(struct)[...].read(), or `with Slicer(struct)[...] as "
                                    "vw:`, which holds the values of then")
        return self._struct

    def is_there(self):
        """Never after anything else."""
        return False


def _script():
    """The frame that has called this package, and where in its code it is."""
    frame, ours = sys._getframe(1), __package__.partition(".")[0]
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == ours:
        frame = frame.f_back
    return frame, frame.f_lasti


@functools.lru_cache(256)
def _does_nothing_else(code, start, end):
    """Whether from one call to another, both at offsets of a code, nothing runs that could free a struct, nor can the
    second be come to again without the first."""
    last = max(one.offset for one in dis.get_instructions(code) if one.offset <= end)  # 3.11 stands in what follows it
    between = [one for one in dis.get_instructions(code) if start < one.offset < last]
    return start <= end and all(map(_is_harmless, between, [None, *between]))


def _is_harmless(one, before):
    name = one.opname
    if name in ("LOAD_ATTR", "LOAD_METHOD"):
        return str(one.argval) in _METHODS
    if name == "BINARY_OP":
        return one.argrepr.startswith("[")  # 3.14: a subscript
    if name == "LIST_EXTEND":
        return before is not None and before.opname == "LOAD_CONST"
    return name in _HARMLESS or name.startswith("LOAD_FAST")
