# runtime/rnaslicer/identity.py: who the supplier is, so that it can be found anew at each use.
"""Roots and paths: the owning ID and the way from it, never a held collection or element.

bpy's collections do not notice when their data is freed; IDs do. So a path keeps the ID (with its
session uid, to find it again after undo) and steps, and walks them each time (DESIGN 4.1).
"""

import array
import re
import struct as _struct

from . import _core
from .errors import ExpressionError, SupplierLostError
from .sdna import sdna

_TOKEN = re.compile(r"""\.?(\w+)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['(.*?)'\](?=$|[.\[])""")


def session_uid(id_):
    """Blender's number for an ID, unique in the session; kept by undo, changed by file load."""
    try:
        return id_.session_uid
    except AttributeError:  # 3.4 has it in DNA only
        found = sdna()
        field = found and found.structs["ID"].fields.get("session_uuid")
        memory = field and _core.read_memory(id_.as_pointer() + field.offset, 4)
        return _struct.unpack("I", memory)[0] if memory else None


def main_collections():
    """(name, collection) of every list of IDs in bpy.data."""
    import bpy

    for name, prop in bpy.data.bl_rna.properties.items():
        if prop.type == "COLLECTION":
            yield name, getattr(bpy.data, name)


class MainRoot:
    """bpy.data itself."""

    name = "bpy.data"
    in_main = True
    is_embedded = False

    def find(self):
        import bpy

        return bpy.data


_homes = {}  # ID type -> the list in bpy.data where such were found before


def _holds(name, id_):
    import bpy

    library = id_.library
    same = getattr(bpy.data, name).get(id_.name if library is None else (id_.name, library.filepath))
    return same is not None and type(same) is type(id_) and same.as_pointer() == id_.as_pointer()


def _scenes():
    """What evaluated data hangs on beside evaluations: removing a scene or view layer frees theirs."""
    import bpy

    return [(scene.as_pointer(), len(scene.view_layers)) for scene in bpy.data.scenes]


class IDRoot:
    """One datablock. `find` gives it, or raises SupplierLostError."""

    def __init__(self, id_):
        self._ref = id_
        self.type = type(id_)
        self.name = f"{id_.bl_rna.identifier} {id_.name_full!r}"
        self.uid = session_uid(id_)
        self._has_uid = hasattr(id_, "session_uid")
        self._list = self._home(id_)
        self.in_main = self._list is not None
        # An evaluated node tree is embedded, too, but it is no one's to write.
        self.is_embedded = (getattr(id_, "is_embedded_data", False)
                            and id_.original.as_pointer() == id_.as_pointer())
        if not self.in_main and not self.is_embedded:
            from .events import generation

            self._generation, self._born = generation, generation()
            self._scenes = _scenes()

    @staticmethod
    def _home(id_):
        """The list in bpy.data that holds the ID, or None for evaluated and temporary data."""
        kind = type(id_)
        likely = _homes.get(kind)
        if likely and _holds(likely, id_):
            return likely
        for name, _ in main_collections():
            if _holds(name, id_):
                _homes[kind] = name
                return name
        return None

    def find(self):
        ref = self._ref
        if not self.in_main and not self.is_embedded and (
                self._generation() != self._born or _scenes() != self._scenes):
            raise SupplierLostError(
                f"{self.name} was evaluated or temporary data, which is valid only until Blender "
                "next evaluates; make a new Slicer from the evaluated data of now")
        try:
            # Touching a dead ID raises ReferenceError; a live one must still be the same.
            if self._has_uid:
                if ref.session_uid == self.uid:
                    return ref
            else:
                ref.name
                return ref
        except ReferenceError:
            pass
        return self._find_again()

    def _find_again(self):
        """After undo or redo bpy's references are dead, while the datablock lives on."""
        import bpy

        if self._list is not None and self.uid is not None:
            for id_ in getattr(bpy.data, self._list):
                if type(id_) is self.type and session_uid(id_) == self.uid:
                    self._ref = id_
                    return id_
        raise SupplierLostError(
            f"{self.name} is gone: it was removed, undone, or another file was loaded")


class Path:
    """A root and the steps from it: ('attr', name), ('item', index), ('key', name), or
    ('fcurve', (data_path, array_index)) and ('bag', slot handle), which is what makes an F-curve the
    same one later."""

    __slots__ = ("root", "steps")

    def __init__(self, root, steps=()):
        self.root, self.steps = root, tuple(steps)

    def attr(self, name):
        return Path(self.root, (*self.steps, ("attr", name)))

    def item(self, index):
        return Path(self.root, (*self.steps, ("item", index)))

    def key(self, name):
        return Path(self.root, (*self.steps, ("key", name)))

    def follow(self):
        """The bpy object there now; SupplierLostError if the way is broken."""
        reached = self.root.find()
        try:
            for kind, what in self.steps:
                if kind == "attr":
                    reached = getattr(reached, what)
                elif kind == "fcurve":
                    reached = reached.find(what[0], index=what[1])
                elif kind == "bag":
                    reached = next(bag for bag in reached if bag.slot_handle == what)
                else:
                    reached = reached[what]
        except (AttributeError, KeyError, IndexError, TypeError, StopIteration) as error:
            raise SupplierLostError(f"{self} does not exist any more ({error})") from None
        if reached is None:
            raise SupplierLostError(f"{self} is None now")
        return reached

    def __str__(self):
        text = self.root.name
        for kind, what in self.steps:
            text += f".{what}" if kind == "attr" else f"[{what!r}]"
        return text


def parse_steps(path):
    """RNA path text to steps; 3.4's single-quoted unescaped keys too. ValueError if not understood."""
    steps, at = [], 0
    while at < len(path):
        match = _TOKEN.match(path, at)
        if not match:
            raise ValueError(path)
        name, index, quoted, plain = match.groups()
        if name is not None:
            steps.append(("attr", name))
        elif index is not None:
            steps.append(("item", int(index)))
        elif quoted is not None:
            steps.append(("key", re.sub(r"\\(.)", r"\1", quoted)))
        else:
            steps.append(("key", plain))
        at = match.end()
    return steps


def _same(a, b):
    return type(a) is type(b) and a.as_pointer() == b.as_pointer()


def capture_struct(struct):
    """The Path of a bpy_struct. Raises ExpressionError where Blender gives no way back to it."""
    import bpy

    if isinstance(struct, bpy.types.BlendData):
        if struct.as_pointer() != bpy.data.as_pointer():
            raise ExpressionError("only bpy.data itself can be found again, not temporary data beside it")
        return Path(MainRoot())
    if isinstance(struct, bpy.types.ID):
        return Path(IDRoot(struct))
    owner = struct.id_data
    if owner is None:
        raise ExpressionError(f"{struct!r} belongs to no datablock, so it could not be found again")
    root = IDRoot(owner)
    for steps in _candidates(struct, owner):
        path = Path(root, steps)
        try:
            if _same(path.follow(), struct):
                return path
        except SupplierLostError:
            pass
    raise ExpressionError(f"Blender gives no path to {struct!r} in {root.name}, so it could not be "
                          "found again after a change; slice from its datablock instead")


def _candidates(struct, owner):
    """Possible steps from the owning ID to a struct, likeliest first."""
    import bpy

    if isinstance(struct, bpy.types.VertexGroupElement) and not isinstance(owner, bpy.types.Mesh):
        return  # Blender takes the owner for a mesh and reads what is none (3.4.1 crashes)
    if isinstance(struct, bpy.types.FCurve):
        yield from _fcurve_steps(struct, owner)
        return  # its path, where there is one, is an index: another curve's after the next change
    try:
        text = struct.path_from_id()
        yield parse_steps(text)
        yield parse_steps(re.sub(r"\['(.*)'\]", lambda m: '["' + m[1].replace('"', '\\"') + '"]', text))
    except (ValueError, AttributeError, TypeError):
        pass


def _fcurve_steps(fcurve, owner):
    """F-curves have no usable path on 3.4 and 4.3: search the action's (layered: each channelbag's)."""
    here = ("fcurve", (fcurve.data_path, fcurve.array_index))
    yield [("attr", "fcurves"), here]
    for a, layer in enumerate(getattr(owner, "layers", ())):
        for b, strip in enumerate(layer.strips):
            for bag in getattr(strip, "channelbags", ()):
                yield [("attr", "layers"), ("item", a), ("attr", "strips"), ("item", b),
                       ("attr", "channelbags"), ("bag", bag.slot_handle), ("attr", "fcurves"), here]
    yield [("attr", "animation_data"), ("attr", "drivers"), here]


def capture_member(member):
    """The Path of a bpy collection or RNA array: its owner's path and the property's name."""
    owner = member.data
    if owner is None:
        raise ExpressionError(f"{member!r} belongs to no datablock, so it could not be found again")
    name = _member_name(member, owner)
    if name is None:
        raise ExpressionError(f"Blender gives no way back to {member!r}; slice from its owner instead, "
                              "as in Slicer(owner)['name', ...]")
    return capture_struct(owner).attr(name)


def _member_name(member, owner):
    """The property of `owner` that is `member`: from its path, else by comparing all."""
    likely = []
    try:
        kind, name = parse_steps(member.path_from_id())[-1]
        likely = [name] if kind == "attr" else []
    except (ValueError, IndexError):
        pass
    wanted = "COLLECTION" if hasattr(member, "keys") else None
    for name in likely + [p.identifier for p in owner.bl_rna.properties
                          if p.type == wanted or wanted is None and getattr(p, "is_array", False)]:
        if name in owner.bl_rna.properties and getattr(owner, name, None) == member:
            return name
    return None


def order_of(collection):
    """What tells the elements of a collection of IDs apart, in order: renaming one re-sorts the list.
    None for other collections, whose order is their identity."""
    import bpy

    if not len(collection) or not isinstance(collection[0], bpy.types.ID):
        return None
    if not hasattr(collection[0], "session_uid"):
        return tuple(element.as_pointer() for element in collection)
    uids = array.array("i", bytes(4 * len(collection)))
    collection.foreach_get("session_uid", uids)
    return uids
