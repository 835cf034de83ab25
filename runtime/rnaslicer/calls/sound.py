# runtime/rnaslicer/calls/sound.py: whether bpy's own foreach_get and foreach_set do what they say.
"""They crash of half-built geometry, skip empty slots and drop what is read-only without a word. Whatever holds for all
collections of a kind is looked at once."""

from __future__ import annotations

from typing import Any

from .. import _core
from ..blender.hazards import MAY_CRASH, crash, refuse_crash
from ..blender.names import whole
from ..blender.registered import fixed_type, leads, unregistered
from ..blender.rna import describe, find, numeric
from ..errors import ContextError, ExpressionError, ReadOnlyError, SupplierLostError, shown
from ..basis.records import Record
from ..layout.layers import sees_all, sees_surface
from ..layout.whole import is_derived, needs_edges, why_underivable, why_untouchable

_MOST = 4096

# (call, type that has the collection, its name there, property) -> what is asked each time, one after the other, each of the
# collection; ALWAYS: nothing.
_sound: dict[Any, tuple[Any, ...]] = {}
ALWAYS = ()


class NoSuchPropertyError(ExpressionError, AttributeError):
    """foreach_get or foreach_set of a property that the elements have not."""


def is_sound(what, collection, name, asks=None):
    """Whether bpy's own call does what it says now, as far as `checked` saw before. asks: what is known of it."""
    try:
        if asks is None:
            if type(name) is not str or (key := _key(what, collection, name)) not in _sound:
                return False
            asks = _sound[key]
        for ask in asks:
            if not ask(collection):
                return False
        return True
    except Exception:
        return False


def _key(what, collection, name):
    try:
        way = collection.path_from_id()
        return what, type(collection.data), way.rpartition(".")[2] if "." in way else way, name
    except ValueError:  # of bpy.data, and others to which there is no way: known by what they hold
        member = None if type(collection.data).__name__ == "BlendData" else _of_script(collection)
        if member is not None:
            return what, type(collection.data), member, name
        try:
            return what, type(collection.data), type(collection[0]), name
        except IndexError:
            return what, type(collection.data), None, name


def asks_of(what, collection, name):
    """What is asked each time of collections of the kind, after a look at this one; None: all."""
    try:
        return _sound.get(_key(what, collection, checked(what, collection, name)))
    except Exception:
        return None


# ---- what is asked each time


class _Geometry(Record):
    """Blender computes it."""

    element: str
    prop: Any
    member: str
    edges: bool  # from all of the geometry

    def __call__(self, collection):
        owner = collection.data
        return (sees_all if self.edges else sees_surface)(owner) or (
            why_underivable(self.element, self.prop, owner, self.member) is None)


class _First:
    """bpy's own call looks for what only some elements have in the first."""

    def __init__(self):
        self.kinds = set()

    def __call__(self, collection):
        return not collection or type(collection[0]) in self.kinds


class _Harmless(Record):
    """Reading it crashes in some states of the datablock."""

    element: str
    name: str

    def __call__(self, collection):
        return crash(self.element, self.name, collection) is None


class _Registered(Record):
    """A script registered it, and may unregister it, or do so anew: read-only."""

    member: str | None
    name: str
    is_set: bool
    leads: Any  # where the collection itself is a script's: registered.leads

    def __call__(self, collection):
        if self.member is None:
            rna = collection[0].bl_rna
        else:
            declared = collection.data.bl_rna.properties[self.member]
            if self.leads is not None:
                at, address, cls, rna = self.leads
                if _core.read_memory(declared.as_pointer() + at, 8) != address or cls.__dict__["bl_rna"] is not rna:
                    return False
            elif declared.is_runtime:
                return False
            else:
                rna = declared.fixed_type
        prop = rna.properties[self.name]
        return prop.is_runtime and not (self.is_set and prop.is_readonly)


def _is_full(collection):
    """Elements may be None: hazards.FOREACH_SKIPS_NONE."""
    return None not in collection.values()


def checked(what, collection, name):
    """The name as a plain text, where bpy's own call may be made. Nothing is asked of arguments that are something else:
    their code may do anything."""
    import bpy

    if not issubclass(type(collection), bpy.types.bpy_prop_collection):
        raise NoSuchPropertyError(f"{what} takes a collection of bpy, not {shown(collection)}")
    if not issubclass(type(name), str):
        raise ExpressionError(f"{what} of {shown(collection)} takes a property's name, not {shown(name)}")
    name = str.__str__(name)
    if not whole(name):  # hazards.SURROGATE_KEYS
        return name
    owner, member, declared = _declared(collection)
    if member is not None and (why := unregistered(owner, member)):
        raise SupplierLostError(f"{what}({shown(name)}): {type(owner).__name__}.{member} cannot be used any more: {why}")
    has_slots = _may_have_slots(owner, declared)
    if has_slots and None in collection.values():  # hazards.FOREACH_SKIPS_NONE
        raise ExpressionError(f"{what}({shown(name)}): element {collection.values().index(None)} of {shown(collection)} is "
                              "None, so that bpy's call would take the next one for it; nothing was moved")
    if declared and not find(declared, name) and (why := why_untouchable(collection, member)):  # the first would be asked
        raise ContextError(f"{what}({shown(name)}): {why}; complete the geometry first")
    try:
        # What only some elements have bpy's own call looks for in the first.
        element = declared if declared and find(declared, name) or not len(collection) else collection[0].bl_rna
        prop = element and find(element, name)
        if not prop or not numeric(prop):
            return name
        readonly = prop.is_readonly
    except Exception:  # bpy's own call says what is wrong
        return name
    if what == "foreach_get":
        refuse_crash(element.identifier, name, collection)
        why = why_underivable(element.identifier, describe(element, name), owner, member)
        if why:
            raise ContextError(f"foreach_get({shown(name)}): {why}; complete the geometry first")
    elif readonly:
        raise ReadOnlyError(f"foreach_set({shown(name)}): {element.identifier}.{name} is read-only; nothing was written")
    asks = (_is_full,) if has_slots else ALWAYS
    described = describe(element, name)
    if what == "foreach_get":
        if (element.identifier, name) in MAY_CRASH:
            asks += (_Harmless(element.identifier, name),)
        if is_derived(element.identifier, described):
            edges = needs_edges(element.identifier, type(owner).__name__, member)
            asks += (_Geometry(element.identifier, described, member, edges),)
    is_scripts = element is declared and owner is not None and owner.bl_rna.properties[member].is_runtime
    if is_scripts and leads(owner.bl_rna.properties[member]) is None:
        return name  # this build does not tell: all is asked each time
    if prop.is_runtime and (what == "foreach_set" or is_scripts):
        asks += (_Registered(member if element is declared else None, name, what == "foreach_set",
                             leads(owner.bl_rna.properties[member]) if is_scripts else None),)
    if element is not declared and owner is not None:
        _note_first(what, collection, name, asks)
    else:
        _note(what, collection, name, asks)
    return name


def _note(what, collection, name, asks):
    if len(_sound) >= _MOST:
        _sound.clear()
    _sound[_key(what, collection, name)] = asks


def _note_first(what, collection, name, asks):
    """The same of what the type of the first element has."""
    kind = type(collection[0])
    known = _sound.get(_key(what, collection, name), ALWAYS)
    first = next((ask for ask in known if type(ask) is _First), None) or _First()
    if tuple(ask for ask in known if ask is not first) != asks:
        first = _First()
    if len(first.kinds) >= _MOST:
        first.kinds.clear()
    first.kinds.add(kind)
    _note(what, collection, name, (*asks, first))


def _may_have_slots(owner, declared):
    """Whether elements may be None: those of lists of datablocks and slots, but not of what only holds objects. No element
    is touched: there may be none that Blender could compute."""
    import bpy

    if declared is None or type(owner) in (bpy.types.Scene, bpy.types.Collection):
        return False
    return declared.identifier.endswith("Slot") or issubclass(getattr(bpy.types, declared.identifier, int), bpy.types.ID)


def _declared(collection):
    """(struct that has the collection, its name there, the RNA type that is declared for its elements); None for each
    where there is no way to it."""
    try:
        owner = collection.data
        name = "hair_keys" if type(owner).__name__ == "Particle" else _named(collection)
        prop = owner.bl_rna.properties.get(name)
    except Exception:
        return None, None, None
    return owner, name, fixed_type(type(owner), prop)


def _named(collection):
    try:
        return collection.path_from_id().rpartition(".")[2]
    except ValueError:
        name = _of_script(collection)
        if name is None:
            raise
        return name


def _of_script(collection):
    """The name of a collection that a script registered where no way leads to it (preferences), or None. Nothing in it is
    touched."""
    owner = collection.data
    for prop in owner.bl_rna.properties if owner is not None else ():
        if prop.is_runtime and prop.type == "COLLECTION" and getattr(owner, prop.identifier) == collection:
            return prop.identifier
    return None
