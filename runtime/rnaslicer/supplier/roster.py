# runtime/rnaslicer/supplier/roster.py: Python lists: thousands of datablocks of one type, as one root; structs.
"""A Python list of datablocks would cost a root and a path for each. `_core.Roster` knows them all: it captures, asks
whether they live and are who they were, and where they lie, natively. Paths are made of those that are asked for.

A list of F-curves, modifiers or bones would cost a capture for each. The first of a kind shows what a way to such a struct
is like; native code finds the others' and follows each, as a capture does."""

from .. import _core
from ..blender.registered import BUILT_IN, step_of
from ..blender.rna import COMPUTED
from ..errors import SupplierLostError
from . import events
from .capture import id_path, levels, parse_steps, text_of
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
_MOST_PATTERNS = 8  # of one type of struct in one type of datablock


def paths_of(structs, captured):
    """The Path of each. captured: what captures the struct of a number that is like none before."""
    import bpy

    found = []
    while not _core.find_ways(structs, found):
        at = len(found)
        path = captured(at, structs[at])
        if not isinstance(structs[at], bpy.types.ID):
            _note_pattern(path, structs[at])
        found.append(path)
    return found


def _note_pattern(path, struct):
    """Remembers the steps from a struct's datablock to it, for structs like it: which asks of its properties only what
    cannot change, as the ways to collections are (capture.py)."""
    owner = struct.id_data
    if owner is None:
        return
    base = id_path(owner)
    before = len(base.steps)
    steps, kinds, registered, reached = path.steps[before:], [], [], owner
    if path.root is not base.root or path.steps[:before] != base.steps or not steps:
        return
    try:
        is_of_curve = any(kind == "fcurve" for kind, _ in steps)
        untold = not is_of_curve and text_of(struct) is None
        if untold and (any(kind != "attr" for kind, _ in steps[:-1]) or steps[-1] not in (
                ("attr", steps[-1][1]), ("key", getattr(struct, "name", None)))):
            return
        if is_of_curve and steps[-1][0] not in ("fcurve", "item"):
            return
        if not untold and not is_of_curve and parse_steps(struct.path_from_id()) != steps:
            return
        for at, (kind, what) in enumerate(steps, before + 1):
            if kind == "attr":
                prop = type(reached).bl_rna.properties.get(what)
                if what == "groups" or what in COMPUTED or prop is None or levels(prop) > 1:
                    return
                if prop.is_runtime:
                    registered.append(step_of(type(reached), what))
                elif type(reached).__module__ not in BUILT_IN:  # a script's class would live on here
                    return
            kinds.append(type(reached))
            reached = Path(path.root, path.steps[:at]).follow()
    except (ValueError, AttributeError, TypeError):
        return
    if None in registered or not registered and type(struct).__module__ not in BUILT_IN:
        return
    for key in [key for key in patterns if key[1].__module__ not in BUILT_IN and "bl_rna" not in vars(key[1])]:
        del patterns[key]
    key, pattern = (type(owner), type(struct)), (steps, tuple(kinds), untold, tuple(registered))
    others = [one for one in patterns.get(key, ()) if one[:3] != pattern[:3]]
    patterns[key] = (pattern, *others[:_MOST_PATTERNS - 1])


_core.set_patterns(patterns)
_core.set_rosters(Roster, known_homes, changing)
