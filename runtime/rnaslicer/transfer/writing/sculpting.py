# runtime/rnaslicer/transfer/writing/sculpting.py: whether dynamic topology sculpting would overwrite a write.
"""hazards.DYNAMIC_TOPOLOGY. The mesh does not tell, the objects in sculpt mode do. The active ones are asked each time; of the others, which are
in sculpt mode only where a script left them there or where modes are not locked, it is found out once an event."""

import array

from ... import _core
from ...blender.sdna import sdna
from ...blender.hazards import FOREACH_SMALL_ENUMS
from ...blender.lists import head_of
from ...supplier import events
from ...blender.rna import find

_places = []  # what mode_places gave, once confirmed
_others = {}  # "generation": of the look; "objects": those in sculpt mode then


def has_dynamic_topology(mesh):
    """Whether leaving sculpt mode would overwrite what is written to a mesh (all versions, measured)."""
    return any(ob.data == mesh and ob.use_dynamic_topology_sculpting for ob in _sculpted())


def no_other_sculpts():
    """Whether of all objects none is in sculpt mode, as found out once an event."""
    return not _all_sculpted()


def _all_sculpted():
    import bpy

    generation = events.generation()  # each way into sculpt mode is an operator, and each of these ends in an event
    if _others.get("generation") != generation:
        _others.update(generation=generation, objects=_in_sculpt_mode(bpy.data.objects))
    return _others["objects"]


def _sculpted():
    """Objects in sculpt mode."""
    import bpy

    others = _all_sculpted()
    for scene in bpy.data.scenes:
        for layer in scene.view_layers:
            active = layer.objects.active
            if active is not None and active.mode == "SCULPT":
                yield active
    for ob in others:
        try:
            if ob.mode == "SCULPT":
                yield ob
        except ReferenceError:  # removed since
            pass


def _in_sculpt_mode(objects):
    if FOREACH_SMALL_ENUMS.may_happen() or not len(objects):
        return [ob for ob in objects if ob.mode == "SCULPT"]
    modes = array.array("i", bytes(4 * len(objects)))
    objects.foreach_get("mode", modes)
    wanted = find(objects[0].bl_rna, "mode").enum_items["SCULPT"].value
    return [objects[i] for i, mode in enumerate(modes) if mode == wanted] if wanted in modes else []


_FIELDS = (("Scene", "view_layers", 16), ("ViewLayer", "next", 8), ("ViewLayer", "flag", 2), ("ViewLayer", "basact", 8),
           ("ViewLayer", "object_bases", 16), ("Base", "object", 8), ("Object", "mode", 4))  # DNA struct, field, bytes


def mode_places():
    """Where native code reads the modes of active objects (runtime/trail/sculpting.hpp), or () while that is not
    confirmed: by all view layers that there are now, one of which at least has an object."""
    if not _places:
        _places.extend(_confirmed_places() or ())
    return tuple(_places)


def _confirmed_places():
    import bpy

    found = sdna()
    fields = [found.structs[name].fields.get(field) if found and name in found.structs else None
              for name, field, _ in _FIELDS]
    if any(field is None or field.size != size for field, (_, _, size) in zip(fields, _FIELDS)):
        return None
    layers, after, flag, base, bases, object_, mode = (field.offset for field in fields)
    items = find(bpy.types.Object.bl_rna, "mode").enum_items
    seen, settled = 0, 0
    for scene in bpy.data.scenes:
        address = _number(scene.as_pointer() + layers, 8)
        for layer in scene.view_layers:
            active, first = layer.objects.active, layer.objects[0] if len(layer.objects) else None
            if address != layer.as_pointer():
                return None
            for at, ob in ((base, active), (bases, first)):
                held = _number(address + at, 8)
                other = _number(held + object_, 8) if held else 0
                if other != (ob.as_pointer() if ob is not None else 0):
                    return None
                if ob is not None and _number(other + mode, 4) != items[ob.mode].value:
                    return None
                seen += ob is not None
            settled |= _number(address + flag, 2) or 0
            address = _number(address + after, 8)
        if address:
            return None
    after_scene = found.structs["ID"].fields.get("next")
    first = head_of(bpy.data.scenes) if after_scene is not None else None
    return (layers, after, flag, base, object_, mode, items["SCULPT"].value, settled, -1 if first is None else first,
            after_scene.offset if after_scene else 0) if seen else None


def _number(address, size):
    memory = _core.read_memory(address, size)
    return int.from_bytes(memory, "little") if memory else None
