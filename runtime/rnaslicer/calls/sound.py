# runtime/rnaslicer/calls/sound.py: whether bpy's own foreach_get and foreach_set do what they say.
"""They crash of half-built geometry, skip empty slots and drop what is read-only without a word. Native code looks, once at
what holds for all collections of a kind, each time at the rest (`_core.asks_of`); here stands what is wrong where it declines."""

from __future__ import annotations

from typing import Any

from ..blender.calibrate import editable_function_at, is_guarded
from ..blender.hazards import MAY_CRASH, crash, refuse_crash
from ..blender.names import whole
from ..blender.registered import fixed_type, leads, type_at, types, unregistered
from ..blender.rna import COMPUTED, describe, find, numeric
from ..errors import ContextError, ExpressionError, ReadOnlyError, SupplierLostError, shown
from ..layout import whole as geometry
from ..layout.layers import looks
from ..layout.whole import why_underivable, why_untouchable
from .counted import RAGGED, check_count
from .kept import check_elements

# What native code is told. known: (call, type that has the collection, its name there, property) -> what is asked each time
# of each collection of the kind, one after the other.
KNOWN: dict[Any, tuple[Any, ...]] = {}
TABLES = {"known": KNOWN, "leads": leads, "types": types, "type_at": type_at, "crash": crash, "may_crash": MAY_CRASH,
          "computed": COMPUTED, "derived": geometry.DERIVED, "stored": geometry.STORED, "of_edges": geometry.OF_EDGES,
          "looks": looks, "computable": geometry.is_computable, "ragged": RAGGED, "guarded_at": editable_function_at}
ALWAYS = ()  # nothing is asked


class NoSuchPropertyError(ExpressionError, AttributeError):
    """foreach_get or foreach_set of a property that the elements have not."""


def checked(what, collection, name, given=0):
    """The name as a plain text, where bpy's own call may be made with as many items. Nothing is asked of arguments that are
    something else: their code may do anything."""
    import bpy

    if not issubclass(type(collection), bpy.types.bpy_prop_collection):
        raise NoSuchPropertyError(f"{what} takes a collection of bpy, not {shown(collection)}")
    if not issubclass(type(name), str):
        raise ExpressionError(f"{what} of {shown(collection)} takes a property's name, not {shown(name)}")
    name = str.__str__(name)
    if not whole(name):  # hazards.SURROGATE_KEYS
        return name
    if name.startswith("["):  # hazards.FOREACH_CUSTOM
        raise ExpressionError(f"{what}({shown(name)}): bpy's bulk call takes a custom property for one of another type, and moves "
                              "what lies beside the buffer; a wrapper reads and writes them: Slicer(collection)[:, "
                              f"{name!r}]")
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
        of_all = declared if declared and find(declared, name) else None
        element = of_all or (collection[0].bl_rna if len(collection) else None)
        prop = element and find(element, name)
        is_for_none = what != "foreach_set" and not prop and given and not len(collection)
        if not is_for_none and (not prop or not numeric(prop)):
            return name
        readonly = prop and prop.is_readonly
    except Exception:  # bpy's own call says what is wrong
        return name
    if is_for_none:
        check_count(what, collection, name, None, given)
    if what == "foreach_get":
        refuse_crash(element.identifier, name, collection)
        why = why_underivable(element.identifier, describe(element, name), owner, member)
        if why:
            raise ContextError(f"foreach_get({shown(name)}): {why}; complete the geometry first")
    elif readonly:
        raise ReadOnlyError(f"foreach_set({shown(name)}): {element.identifier}.{name} is read-only; nothing was written")
    check_count(what, collection, name, of_all, given)
    if what == "foreach_set" and (is_guarded(prop) is not False or (
            len(collection) and isinstance(collection[0], bpy.types.ID))):
        check_elements(collection, name)
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
