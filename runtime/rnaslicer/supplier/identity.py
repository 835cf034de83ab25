# runtime/rnaslicer/supplier/identity.py: who the supplier is, so that it can be found anew at each use.
"""Roots and paths: the owning ID and the way from it, never a held collection or element.

bpy's collections do not notice when their data is freed; IDs do (hazards.DEAD_COLLECTIONS). So a path keeps the ID (with its
session uid, to find it again after undo) and steps, and walks them each time (DESIGN 4.1).
"""

import collections
import contextlib
import weakref

from .. import _core
from . import events
from ..errors import ContextError, SupplierLostError
from .events import clock
from ..blender.hazards import refuse_crash
from ..blender.registered import unregistered
from ..blender.rna import COMPUTED
from .uids import has_uid, id_type, list_name, main_collections, may_change, same, session_uid, uid_place


def check_running():
    """Raises ContextError while rnaslicer is switched off and when Blender exits."""
    if _core.is_stopped() and (why := events.stopped()):
        raise ContextError(f"rnaslicer cannot be used now: {why}")


_why_not = None


def hand_in(why_not):
    """What tells, of a collection of `COMPUTED` and its name, why no element of it must be asked for now (assembly.py)."""
    global _why_not
    _why_not = why_not


class MainRoot(events.Watched):
    """bpy.data itself."""

    name = "bpy.data"
    in_main = has_trails = True

    def find(self):
        """bpy.data; it is always there."""
        if self._ref is None:
            import bpy

            self._ref, self._is_always = bpy.data, True
        return self._ref

    def is_there(self):
        """Always."""
        return True


MAIN = MainRoot()


class PreferencesRoot(events.Watched):
    """The user's preferences: one for all files, in no datablock."""

    name = "preferences"
    in_main = True

    def find(self):
        """bpy.context.preferences; they are always there."""
        import bpy

        return bpy.context.preferences

    def is_there(self):
        """Always."""
        return True


PREFERENCES = PreferencesRoot()
known_homes = {}  # ID type -> the list in bpy.data where such were found before; read by native code, too
_members = None  # while many are looked for: list in bpy.data -> addresses of its datablocks
_looked_up = None  # the same: what leads from a root to its structs (search.py)


@contextlib.contextmanager
def looking_for_many():
    """Around looks for the homes of many IDs, while no ID comes or goes: bpy searches its lists by name one by
    one, here each is walked once."""
    global _members, _looked_up
    _members, _looked_up = {}, {}
    try:
        yield
    finally:
        _members = _looked_up = None


def looked_up():
    """What `search` remembers while many are looked for; else None."""
    return _looked_up


def _holds(name, id_):
    import bpy

    if _members is not None:
        if name not in _members:
            _members[name] = {one.as_pointer() for one in getattr(bpy.data, name)}
        return id_.as_pointer() in _members[name]
    library = id_.library
    found = getattr(bpy.data, name).get(id_.name if library is None else (id_.name, library.filepath))
    return found is not None and same(found, id_)


def home(id_):
    """The list in bpy.data that holds the ID, or None for embedded, evaluated and temporary data."""
    kind = type(id_)
    likely = known_homes.get(kind) or list_name(kind)
    if likely and _holds(likely, id_):
        known_homes[kind] = likely
        return likely
    if list_name(kind):  # datablocks of a type are in no other
        return None
    for name, _ in main_collections():
        if _holds(name, id_):
            known_homes[kind] = name
            return name
    return None


_known = weakref.WeakValueDictionary()  # session uid -> IDRoot: wrappers on one ID ask it once together
_recent = collections.deque(maxlen=1000)  # keeps the roots of scripts that make a wrapper for each short use


def id_root(id_):
    """The root of an ID in bpy.data, one for all who ask; None for other IDs."""
    list_name = home(id_)
    if list_name is None:
        return None
    uid = session_uid(id_)
    root = _known.get(uid) if uid else None
    if root is None or root.type is not id_type(type(id_)) or root.lost_to_load():
        root = IDRoot(id_, list_name, uid)
        _recent.append(root)
        if uid:
            _known[uid] = root
    root.seen(id_)
    return root


def recalled(id_, kind, list_name, uid, name, loads, moment):
    """The root of a datablock that was captured before as one of many (roster.py), also when it is gone."""
    root = _known.get(uid)
    if root is not None and root.type is id_type(kind) and not root.lost_to_load():
        return root
    root = IDRoot(id_, list_name, uid)
    root.recall(id_, name, loads, moment)
    _known[uid] = root
    return root


class IDRoot(events.Watched):
    """One datablock of bpy.data. `find` gives it, or raises SupplierLostError."""

    in_main = has_trails = True

    def __init__(self, id_, list_name, uid):
        super().__init__()
        # Native code asks by these, by _ref, _key and _changes (runtime/supplier/watched.cpp).
        self.type, self.uid = id_type(type(id_)), uid
        self._list, self._loads = list_name, events.loads()
        self._rna_uid = has_uid()
        self._uid_at = 0 if self._rna_uid else uid_place()

    def seen(self, id_):
        """`id_` is the datablock, now."""
        self._ref = id_
        self._changes = may_change(id_)
        self._moment = events.now()
        self._story = ""  # of its loss, as it was when that was noticed
        self._searched = None  # events.returns() when it was last searched in vain
        library = id_.library
        self._key = id_.name, library and library.filepath
        self.name = f"{id_.bl_rna.identifier} {id_.name_full!r}"

    def is_named(self, id_):
        """Whether the datablock is called as when it was last seen."""
        return self._key[0] == id_.name

    def recall(self, id_, name, loads, moment):
        """`id_` was the datablock at that moment; it is not linked, and of one class for ever."""
        self._ref, self._changes, self._loads = id_, False, loads
        self._moment, self._story, self._searched = moment, "", None
        self._key, self.name = (name, None), f"{type(id_).bl_rna.identifier} {name!r}"

    @property
    def ref(self):
        """The datablock as `find` last gave it: for who has just called that."""
        return self._ref

    def lost_to_load(self):
        """Whether a file was loaded since; nothing of before comes back."""
        return self._loads != events.loads()

    def find(self):
        """The datablock. Raises SupplierLostError with what happened and when."""
        id_ = self._alive() or self._find_again()
        if id_ is None:
            raise SupplierLostError(f"{self.name} is gone: {self._story}")
        return id_

    def is_there(self):
        """As `find`, but what is lost is searched again only after an undo or redo."""
        return self._alive() is not None or (
            self._searched != events.returns() and self._find_again() is not None)

    def _find_again(self):
        """After undo or redo bpy's references are dead, while the datablock lives on. That of one whose class may
        change is not asked at all: it can lead to freed memory."""
        if self.uid and not self.lost_to_load():
            id_ = self._namesake()
            if id_ is None or not isinstance(id_, self.type) or session_uid(id_) != self.uid:
                id_ = _by_uid(self._list, self.type, self.uid)
            if id_ is not None:
                self.seen(id_)
                return id_
        self._searched = events.returns()
        self._story = self._story or self._cause()
        return None

    def _cause(self):
        """What happened, from what Blender told since it was last seen."""
        event = events.since(self._moment, "load", "undo", "redo")
        if event is not None and event.kind == "load":
            file = f" ({event.detail})" if event.detail else ""
            return f"another file was loaded at {clock(event.when)}{file}"
        if event is None and events.deaf_since(self._moment) and self._all_are_newer():
            return f"another file was loaded {self._window()} (a script had cleared Blender's handlers)"
        library = self._key[1]
        if library and event is None and self._namesake() is not None:
            return f"its library {library!r} was reloaded {self._window()}; make a new Slicer"
        if event is not None:
            return (f"the {event.kind} at {clock(event.when)} took it away; it works again if another "
                    "undo or redo brings it back")
        return f"it was removed {self._window()}"

    def _all_are_newer(self):
        """Whether nothing in bpy.data is as old: loading a file numbers everything anew, but the windows."""
        kept = "window_managers", "screens", "workspaces"
        numbers = (session_uid(id_) for name, found in main_collections() if name not in kept for id_ in found)
        return bool(self.uid) and all(number > self.uid for number in numbers if number)

    def _namesake(self):
        """What has its name in its library now."""
        import bpy

        return getattr(bpy.data, self._list).get(self._key)

    def _window(self):
        """When that was: Blender does not tell of it."""
        return _between(self._moment[1])


def find_all(roots):
    """What each root's `find` gives."""
    now, found = events.now(), []
    for root in roots:
        try:
            if (type(root) is IDRoot and root._rna_uid and not root._changes
                    and root._ref.session_uid == root.uid):
                root._moment = now
                found.append(root._ref)
                continue
        except ReferenceError:
            pass
        found.append(root.find())
    return found


def _between(when):
    now, then = clock(events.now()[1]), clock(when)
    return f"at {now}" if now == then else f"between {then} and {now}"


_found = {}  # of one look at all roots: list in bpy.data -> uid -> ID


def _by_uid(list_name, kind, uid):
    """The ID with that session uid, or None. In a look at many roots the list is walked once."""
    import bpy

    look = events.look()
    if not look:
        return next((id_ for id_ in getattr(bpy.data, list_name)
                     if isinstance(id_, kind) and session_uid(id_) == uid), None)
    if _found.get("look") != look:
        _found.clear()
        _found["look"] = look
    if list_name not in _found:
        _found[list_name] = {session_uid(id_): id_ for id_ in getattr(bpy.data, list_name)}
    return _found[list_name].get(uid)


def lost(where, moment):
    """The error for a way that is broken `where`, and was last whole at that moment (None: not known)."""
    event = None if moment is None else events.since(moment, "undo", "redo", "load")
    if moment is None:
        story = f"noticed at {clock(events.now()[1])}"
    elif event is not None:
        story = f"after the {event.kind} at {clock(event.when)}"
    else:
        story = f"removed or renamed {_between(moment[1])}"
    error = SupplierLostError(f"{where}: {story}")
    error.where = where
    return error


class Path(_core.Way):
    """A root and the steps from it: ('attr', name), ('item', index), ('key', name), or
    ('fcurve', (data_path, array_index)) and ('bag', slot handle), which is what makes an F-curve the
    same one later, as ('by', (property, number)) does a frame of drawings and a key map's item."""

    __slots__ = ()
    counts = False  # whether bpy goes to each element from the first, also to count them

    def __init__(self, root, steps=()):
        self.root, self.steps = root, tuple(steps)

    def attr(self, name):
        return Path(self.root, (*self.steps, ("attr", name)))

    def item(self, index):
        return Path(self.root, (*self.steps, ("item", index)))

    def key(self, name):
        return Path(self.root, (*self.steps, ("key", name)))

    def look(self):
        """As `follow`, for who only asks whether it is there: nothing is evaluated for that."""
        if not self.root.evaluates:
            self.follow()
        elif not self.root.is_there():
            self.root.find()

    def passed(self):
        """What `follow` reaches on the way: the root, and where each step but the last leads."""
        found = []
        found.append(Path(self.root, self.steps[:-1]).follow(found))
        return found

    def follow(self, passed=None):
        """The bpy object there now; SupplierLostError if the way is broken. passed: a list for what is reached before."""
        reached, name, at = self.root.find(), None, 0
        try:
            for at, (kind, what) in enumerate(self.steps):
                if passed is not None:
                    passed.append(reached)
                if kind == "attr":
                    name = what
                    if what == "groups":
                        refuse_crash(reached.bl_rna.identifier, what, reached)
                    if why := unregistered(reached, what):
                        raise SupplierLostError(f"{self} cannot be reached any more: {why}, noticed at "
                                                f"{clock(events.now()[1])}")
                    reached = getattr(reached, what)
                elif kind == "fcurve":
                    reached = reached.find(what[0], index=what[1])
                elif kind == "bag":
                    reached = next(bag for bag in reached if bag.slot_handle == what)
                elif kind == "by":
                    name, number = what
                    reached = next(one for one in reached if getattr(one, name) == number)
                else:
                    if name in COMPUTED and (why := _why_not(reached, name)):
                        raise ContextError(f"{self} cannot be computed: {why}; complete the geometry first")
                    reached = reached[what]
        except (AttributeError, KeyError, IndexError, TypeError, StopIteration) as error:
            if reached is None:
                raise lost(f"{Path(self.root, self.steps[:at])} is None now", self._moment) from None
            error = error if str(error) else "no element has that number"
            raise lost(f"{self} does not exist any more ({error})", self._moment) from None
        if reached is None:
            raise lost(f"{self} is None now", self._moment)
        self._moment = events.now()
        return reached

    def noted(self, moment):
        """Native code has found the way whole at that moment."""
        if self._moment is None or self._moment < moment:
            self._moment = moment

    def __str__(self):
        text = self.root.name
        for kind, what in self.steps:
            text += f".{what}" if kind == "attr" else "[{}={}]".format(*what) if kind == "by" else f"[{what!r}]"
        return text
