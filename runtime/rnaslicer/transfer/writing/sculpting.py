# runtime/rnaslicer/transfer/writing/sculpting.py: whether dynamic topology sculpting would overwrite a write.
"""The mesh does not tell, the objects in sculpt mode do. The active ones are asked each time; of the others, which are
in sculpt mode only where a script left them there or where modes are not locked, it is found out once an event."""

import array

from ...blender.hazards import FOREACH_SMALL_ENUMS
from ...supplier import events
from ...blender.rna import find

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
