# runtime/rnaslicer/blender/callbacks.py: whether a script's code runs when a property that it registered is assigned.
"""`update=`, `get=`, `set=` and the like. RNA does not tell, and what a class declares in Python need not be what was
registered. bpy keeps all functions of a property in a block of its own, whose address is in the property's PropertyRNA:
where, is seen once a session on properties of a class of ours, with and without functions, which is gone at once."""

import functools
import struct

from .. import _core

_SPAN = 512  # bytes of PropertyRNA that are searched


def has_callbacks(prop):
    """Whether a script gave the property (an RNA property that is_runtime) functions. True where that is not to be
    found out."""
    at = place_of_callbacks()
    memory = at is not None and _core.read_memory(prop.as_pointer() + at, 8)
    return not memory or any(memory)


def forget():
    """Looks for the place again at the next need; for tests."""
    place_of_callbacks.cache_clear()


@functools.cache
def place_of_callbacks():
    """Byte position in PropertyRNA of the address of that block, or None if there is not exactly one that fits."""
    import bpy

    bare, given = _declared(bpy.props)
    probe = type("RNASLICER_callbacks_probe", (bpy.types.PropertyGroup,), {"__annotations__": {**bare, **given}})
    try:
        bpy.utils.register_class(probe)
    except (RuntimeError, ValueError):  # where bpy lets nobody register
        return None
    try:
        properties = probe.bl_rna.properties
        without, within = ([_words(properties[name].as_pointer()) for name in names] for names in (bare, given))
    finally:
        bpy.utils.unregister_class(probe)
    if not all(without) or not all(within):
        return None
    places = [8 * i for i in range(_SPAN // 8)
              if not any(words[i] for words in without) and len({words[i] for words in within} - {0}) == len(within)]
    return places[0] if len(places) == 1 else None


def _declared(props):
    """Annotations of properties of all kinds without functions, and with an `update`, or with `get` and `set`."""
    kinds = {"Bool": {}, "Int": {}, "Float": {}, "BoolVector": {"size": 3}, "IntVector": {"size": 3},
             "FloatVector": {"size": 3}}
    bare, given = {}, {}
    for kind, size in kinds.items():
        make = getattr(props, f"{kind}Property")
        bare[f"{kind}_bare"] = make(**size)
        given[f"{kind}_update"] = make(update=_nothing, **size)
        given[f"{kind}_own"] = make(get=_got, set=_nothing, **size)
    return bare, given


def _nothing(_self, _other):
    """Never called: no struct of the class is made."""


def _got(_self):
    """Never called."""


def _words(address):
    memory = _core.read_memory(address, _SPAN)
    return memory and struct.unpack(f"{_SPAN // 8}Q", memory)
