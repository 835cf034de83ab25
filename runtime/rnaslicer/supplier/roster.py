# runtime/rnaslicer/supplier/roster.py: Python lists: thousands of datablocks of one type, as one root; structs.
"""A Python list of datablocks would cost a root and a path for each. `_core.Roster` knows them all: it captures, asks
whether they live and are who they were, and where they lie, natively. Paths are made of those that are asked for.

A list of F-curves, modifiers or bones would cost a capture for each. The first of a kind shows what a way to such a struct
is like; native code finds the others' and follows each, as a capture does."""

from .. import _core
from ..basis.later import later
from ..errors import SupplierLostError
from . import events
from .identity import IDRoot, Path, home, known_homes, recalled
from .uids import changing, id_places, is_of_one_class, session_uid


class Roster(events.Watched):
    """Datablocks of bpy.data, all of one type: a sequence of paths, and the root of them all. One lost is lost."""

    in_main = True

    def __init__(self, native, kind, list_name):
        super().__init__()
        self.native, self.type = native, kind
        self._list, self._loads, self._paths = list_name, events.loads(), {}
        self._searched = None  # events.returns() when they were last searched in vain

    # Where a wrapper asks for one root and no steps.

    @property
    def root(self):
        """Itself."""
        return self

    def find(self):
        """The datablocks. Raises SupplierLostError for the first that is gone."""
        found = self.native.structs()
        return self._find_again() if found is None else found

    follow = find

    def is_there(self):
        """As `find`, but what is lost is searched again only after an undo or redo."""
        if self.native.is_there():
            return True
        if self._searched == events.returns():
            return False
        try:
            self.find()
        except SupplierLostError:
            self._searched = events.returns()
            return False
        return True

    def _find_again(self):
        """After undo or redo bpy's references are dead, while the datablocks live on."""
        import bpy

        found = {}
        if self._loads == events.loads():
            found = {session_uid(id_): id_ for id_ in getattr(bpy.data, self._list) if type(id_) is self.type}
        structs = [found.get(uid) for uid in self.native.uids()]
        if None in structs:
            at = structs.index(None)
            self._paths.pop(at, None)  # made before, it may hold the dead reference: its story is told anew
            self[at].root.find()  # raises, and says what happened
            raise SupplierLostError(f"{self._said(at)} is gone")
        if not self.native.renew(structs, id_places()):
            raise SupplierLostError(f"the {self.type.__name__}s of the sequence are others now")
        self._paths.clear()
        return structs

    def look(self):
        """As `find`; nothing evaluates."""
        self.find()

    # The sequence of their paths.

    def __len__(self):
        return len(self.native)

    def __iter__(self):
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, i):
        """The path to one; made when it is asked for."""
        path = self._paths.get(i)
        if path is None:
            if not 0 <= i < len(self):
                raise IndexError(i)
            struct, uid, name = self.native.who(i)
            root = recalled(struct, self.type, self._list, uid, name, self._loads, self.native.moment)
            path = self._paths[i] = Path(root)
        return path

    def said(self):
        """The first few, as texts name them."""
        kind = self.type.bl_rna.identifier
        return [f"{kind} {name!r}" for name in self.native.names(3)]

    def _said(self, i):
        return f"{self.type.bl_rna.identifier} {self.native.who(i)[2]!r}"


def roster_of(structs):
    """The `Roster` of a list or tuple of bpy's structs; None where they are not the file's own datablocks of one class,
    which each has for ever."""
    import bpy

    kind = type(structs[0]) if structs else None
    if kind is None or not issubclass(kind, bpy.types.ID) or not is_of_one_class(kind):
        return None
    name = known_homes.get(kind) or home(structs[0])
    if name is None:
        return None
    native = _core.roster_of(structs, getattr(bpy.data, name).values(), id_places())
    return native and Roster(native, kind, name)


patterns = {}  # what `_core.find_ways` goes by
_patterns = later("supplier.patterns")


def paths_of(structs, captured):
    """The Path of each. captured: what captures the struct of a number that is like none before."""
    import bpy

    found = []
    while not _core.find_ways(structs, found):
        at = len(found)
        path = captured(at, structs[at])
        if not isinstance(structs[at], bpy.types.ID):
            _patterns.note_pattern(patterns, path, structs[at])
        found.append(path)
    return found


_core.set_patterns(patterns)
_core.set_rosters(Roster, known_homes, changing)
