# runtime/rnaslicer/calls/sound.py: whether bpy's own foreach_get and foreach_set do what they say.
"""They crash of half-built geometry, skip empty slots and drop what is read-only without a word. Whatever holds for all
collections of a kind is looked at once."""

from __future__ import annotations

from typing import Any

from ..blender.hazards import MAY_CRASH, refuse_crash
from ..blender.names import whole
from ..blender.rna import describe, find, numeric
from ..errors import ContextError, ExpressionError, ReadOnlyError, shown
from ..layout.whole import is_derived, why_underivable, why_untouchable

_MOST = 4096

# (call, type that has the collection, way to it, name) -> None: always; or what `why_underivable` is asked each time:
# (RNA type of the elements, property, the collection's name).
_sound: dict[Any, Any] = {}
_UNKNOWN = object()


class NoSuchPropertyError(ExpressionError, AttributeError):
    """foreach_get or foreach_set of a property that the elements have not."""


def is_sound(what, collection, name):
    """Whether bpy's own call does what it says now, as far as `checked` saw before."""
    try:
        key = _key(what, collection, name)
        if type(name) is not str or key not in _sound or _sound[key] is None:
            return type(name) is str and key in _sound
        element, prop, member = _sound[key]
        return why_underivable(element, prop, collection.data, member) is None
    except Exception:
        return False


def _key(what, collection, name):
    try:
        return what, type(collection.data), collection.path_from_id(), name
    except ValueError:  # of bpy.data, and others to which there is no way: known by what they hold
        try:
            return what, type(collection.data), type(collection[0]), name
        except IndexError:
            return what, type(collection.data), None, name


def is_always_sound(what, collection, name):
    """Whether it does so for every collection of the kind, after a look at this one."""
    try:
        return _sound.get(_key(what, collection, checked(what, collection, name)), _UNKNOWN) is None
    except Exception:
        return False


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
    # Not of what a script registers, which it may do anew in another way; nor of lists with slots, or of several types.
    if (element is declared or owner is None) and not prop.is_runtime and not has_slots and (
            what == "foreach_set" or (element.identifier, name) not in MAY_CRASH):
        if len(_sound) >= _MOST:
            _sound.clear()
        described = describe(element, name)
        looks = what == "foreach_get" and is_derived(element.identifier, described)
        _sound[_key(what, collection, name)] = (element.identifier, described, member) if looks else None
    return name


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
        name = "hair_keys" if type(owner).__name__ == "Particle" else collection.path_from_id().rpartition(".")[2]
        prop = owner.bl_rna.properties.get(name)
    except Exception:
        return None, None, None
    return owner, name, prop.fixed_type if prop is not None and prop.type == "COLLECTION" else None
