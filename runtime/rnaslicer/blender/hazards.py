# runtime/rnaslicer/blender/hazards.py: what crashes, lies or loses in which Blender, and what we do instead.
"""One entry for each fault of Blender's own, or trap in it, that our code has to go around. Code names the entry
where it goes around it, and asks `may_happen` where that depends on the version. A new one: add it to the table; if
merely reading a property is what crashes, name that in `_READING`, too.
"""

from __future__ import annotations

import contextlib
import functools

from .. import _core
from ..errors import ContextError
from ..basis.records import Record

MEASURED = (3, 4), (4, 3), (5, 2)  # the Blenders in which all of this was tried


class Hazard(Record):
    """`versions`: those of `MEASURED` in which it was seen; not in the others, which were tried as well."""

    versions: tuple
    happens: str  # what Blender does
    instead: str  # what we do

    def may_happen(self, version=None):
        """Whether to expect it in the running Blender (or another version): it was seen in the measured one before
        or after. What lies between two that differ is not known."""
        version = tuple(version or _running())
        before = max((one for one in MEASURED if one <= version), default=MEASURED[0])
        after = min((one for one in MEASURED if one >= version), default=MEASURED[-1])
        return before in self.versions or after in self.versions

    @property
    def where(self):
        """The versions, for a message: '3.4, 4.3'."""
        return ", ".join(".".join(map(str, version)) for version in self.versions)


@functools.cache
def _running():
    import bpy

    return bpy.app.version[:2]


EVERYWHERE, UNTIL_4_3 = MEASURED, MEASURED[:2]
IN_3_4, IN_4_3, IN_5_2 = (MEASURED[:1], MEASURED[1:2], MEASURED[2:])
SINCE_4_3 = MEASURED[1:]

# ---- crashes

LATTICE_WEIGHTS_IN_EDIT_MODE = Hazard(
    EVERYWHERE, "reading the groups of a lattice's points in edit mode crashes", "refused (refuse_crash)")
LATTICE_WEIGHT = Hazard(
    EVERYWHERE, "assigning one weight of a lattice, or asking for its path, takes the lattice for a mesh and crashes",
    "refused one by one; all at once are written by the kernel, and the lattice is tagged (transfer/weights.py)")
PARTITIONS = Hazard(
    EVERYWHERE, "corners of polygons or points of curves that are divided with gaps crash the next evaluation",
    "written only where what is whole stays whole (transfer/writing/partitions.py)")
HALF_BUILT = Hazard(
    EVERYWHERE, "normals, triangles, polygons' vertices of a mesh whose loop_start is not set yet are read through it "
    "and crash; so do mesh.update() (4.3, 5.2), an evaluation that a tag asks for, and triangles where corners are of no "
    "polygon (3.4)",
    "while geometry is not whole values are stored and nothing else is called (layout/whole.py)")
NODES_REMOVED_WITHIN = Hazard(
    IN_5_2, "a script's node that removes nodes within its update crashes the assignment that called it",
    "nothing: it is not ours to catch; nodes are found anew for each assignment (transfer/scripts.py)")
TOPOLOGY = Hazard(
    EVERYWHERE, "an index of a vertex, edge or corner that does not exist crashes the next evaluation",
    "all indices are compared with the lengths before a write (transfer/writing/checks.py)")
LAYER_NAME_TAKEN = Hazard(
    EVERYWHERE, "where another attribute has the name of the layer that a setter has to make, the value is lost "
    "(3.4, 4.3) or Blender crashes (5.2)", "refused (transfer/writing/checks.py)")
HAIR_KEY_CO = Hazard(
    IN_3_4, "reading ParticleHairKey.co of evaluated particles crashes",
    "refused (refuse_crash); left out of discovery (discovery/child/walk.py)")
SURROGATE_KEYS = Hazard(
    EVERYWHERE, "asking for a key that is no text (lone surrogates) crashes, and one with a zero is cut there",
    "no such name is asked for (expression/, names.py: whole)")
KEYS_WITHOUT_NAMES = Hazard(
    IN_3_4, "asking a collection whose elements have no name for a key crashes",
    "refused, in every version, since no key can be there (resolve.py: keyed)")
UV_FLAGS_WRITE = Hazard(
    IN_4_3, "setting pin or select on several uv elements while the flag's layer is missing corrupts memory",
    "the flags are read as a collection first, which makes the layer (transfer/writing/ready.py, calls/kept.py)")
UV_SCULPT = Hazard(
    IN_4_3, "the curves of tool_settings.uv_sculpt.cavity_curve are read beside their memory, and crash",
    "ways are searched along known properties only (supplier/search.py); left out of discovery")
FOREACH_STRIDED = Hazard(
    IN_3_4, "foreach_get and foreach_set give back a buffer that they did not get where its items do not lie in a row: "
    "memory is spoilt, and Blender crashes at its exit at the latest", "the items go through a list (calls/bulk.py)")
FOREACH_READONLY = Hazard(
    UNTIL_4_3, "foreach_get writes into buffers that are read-only: into bytes, and of a file's map it crashes",
    "refused (calls/foreach.py)")
TEMPORARY_DATA = Hazard(
    EVERYWHERE, "entering bpy.data.temp_data() gives its object without a reference: the last to let go of it frees another "
    "object, made in its place since, which Blender crashes of when it frees its datablock",
    "one is added (`temporary`)")
FOREACH_SETS = Hazard(
    EVERYWHERE, "foreach_set crashes of a set, of a list that an item's own code makes shorter, and of a buffer that cannot give "
    "an item (a memoryview of a field, in 3.4 one of half floats)", "no set is taken, the items of other sequences go "
    "through a tuple, and those of such views through an array (calls/bulk.py)")
FOREACH_SPOILS = Hazard(
    EVERYWHERE, "foreach_set takes -1 for each item that it cannot convert (a float or NumPy's own bool for a flag, None, a "
    "number of more bits), writes all of them and raises afterwards (bpy_rna.cc, foreach_getset)",
    "each item is converted before bpy's own call (calls/items.py)")
FOREACH_BEYOND = Hazard(
    UNTIL_4_3, "foreach_get and foreach_set compare the room with an element's array length, which is 0 of a single number "
    "(rna_access.c, rna_raw_access: `a + itemlen > in.len`): they write and read one item beside a buffer that is one short. "
    "bpy_rna.c, foreach_getset, does not compare `tot` at all, so that (in 5.2, too) one that is too long gets what lay in "
    "memory, and 3.4 gives None for an empty collection",
    "the number of items is compared before bpy's own call (runtime/calls/counted.cpp, calls/counted.py)")
FOREACH_CUSTOM = Hazard(
    EVERYWHERE, "foreach_get and foreach_set take the ID property behind a name like '[\"x\"]' for a property of RNA, and so its type "
    "and length from what lies there: values of memory, or beside the buffer (seen in 4.3 and 5.2)",
    "such names are refused; a wrapper moves custom properties (calls/sound.py)")
LATE_EXIT = Hazard(
    IN_5_2, "bpy.context.scene crashes once Blender's exit is under way",
    "on_lost is called by the handler of exit, never later (supplier/events.py)")
CLASS_UNREGISTERED = Hazard(
    EVERYWHERE, "structs of a class that a script has unregistered are read through its freed type, and 3.4 crashes",
    "a property's type is compared with those of now before anything behind it is touched (registered.py)")
ORIGINAL_REMOVED = Hazard(
    EVERYWHERE, "id.original of an evaluated ID whose original was removed is read from freed memory and crashes, until Blender "
    "next evaluates", "the originals of now are asked which evaluated ID they have (supplier/evaluated.py)")
FOREACH_RELEASED = Hazard(
    IN_3_4, "foreach_get and foreach_set crash of a memoryview that was released", "refused (calls/foreach.py)")
DEAD_COLLECTIONS = Hazard(
    EVERYWHERE, "a collection, element or attribute that was held reads freed memory when its data is gone, and may "
    "name another, living datablock as its own", "datablock and path are held; the rest is asked anew each time")

ELEMENTS_FREED = Hazard(
    SINCE_4_3, "elements of Curves.normals lie in an array that Blender makes when somebody looks, and frees when that look "
    "ends: what was asked for by index, or kept of an iteration, reads freed memory",
    "read by foreach_get alone (frees_elements); one of them by index is refused")

# ---- lies

UV_FLAGS_READ = Hazard(
    IN_4_3, "merely reading vertex_selection, edge_selection or pin of a uv layer makes these layers",
    "left out of discovery")
UV_PIN_BY_INDEX = Hazard(
    IN_5_2, "uv_layers[i].pin[j] gives an element of another array; iterating gives the right one",
    "index and iteration are compared before an array is trusted (places.py: array_stride)")
COLOR_ATTRIBUTES_COUNT = Hazard(
    IN_4_3, "GreasePencilDrawing.color_attributes counts wrong", "left out of discovery")
HIDDEN_PROPERTY = Hazard(
    IN_3_4, "where a type hides a property of its base (FunctionNodeInputColor.color), looking it up by name gives "
    "the base's", "the type's own is taken (registered.py: find; runtime/supplier/registered.cpp)")
BONES_IN_A_ROW = Hazard(
    IN_3_4, "separate allocations of a list lie at equal distances (bones, 448 bytes apart)",
    "only a stride that is the element's size makes an array; lists are told by their head (lists.py)")
FOREACH_SMALL_ENUMS = Hazard(
    IN_3_4, "foreach_get leaves enums of 8 bits as it found the buffer",
    "foreach is compared with getattr over two different fillings, once per property (foreach.py: agrees); "
    "a script's own calls go as wrappers do (calls/bulk.py)")
FOREACH_LINKED_ENUMS = Hazard(
    IN_3_4, "foreach_get leaves enums of what may not be written, such as linked keyframes, as it found the buffer",
    "that foreach agrees with getattr is known for each apart (foreach.py: agrees)")
FOREACH_ENUM_WORD = Hazard(
    EVERYWHERE, "foreach reads and writes the whole word of an enum, other bits in it, too "
    "(CurveMapPoint.handle_type)", "where another bit is set bpy moves the values one by one (foreach.py)")
QUOTED_PATHS = Hazard(
    IN_3_4, "path_from_id writes attributes['A'] with single quotes and no escapes, which path_resolve refuses",
    "such paths are parsed, and the way is compared (supplier/capture.py)")
EVALUATED_DANGLES = Hazard(
    IN_3_4, "a held evaluated mesh that was freed keeps its old name without a sound",
    "evaluated data that nothing leads to is lost with the next event (supplier/evaluated.py)")
CUT_NAMES = Hazard(
    UNTIL_4_3, "names of new layers, keys, groups (3.4) and bones (4.3, too) are cut in the middle of a letter: they "
    "cannot be read, or not to their end, and lead nowhere", "an index leads there (names.py, supplier/search.py)")
CUT_FLAG_NAMES = Hazard(
    SINCE_4_3, "the layer of a UV map's flag has the map's name and more: cut where that is too long, also in the "
    "middle of a letter (4.3), or without an end (5.2), after which attributes.keys() raises SystemError",
    "such flags are read and written by bpy alone (places.py: UVFlag), names one by one (names.py)")
FOREACH_SKIPS_NONE = Hazard(
    EVERYWHERE, "foreach_get passes over empty slots (view_layer.objects after a removal, materials): all values "
    "behind one are those of the next element", "looked for first, and refused (foreach.py: get)")
COMPUTED_WHEN_ASKED = Hazard(
    EVERYWHERE, "texture spaces are computed into the datablock when somebody asks: until then others lie there",
    "read through bpy only (rna.py: COMPUTED_WHEN_ASKED)")

# ---- loses, or reaches what is another's

EDIT_MODE = Hazard(EVERYWHERE, "what is written in edit mode is overwritten when it is left", "refused")
LINKED = Hazard(EVERYWHERE, "what is written to linked data without an override is lost", "refused")
OVERRIDDEN = Hazard(
    EVERYWHERE, "of a library override only some properties are kept: the others are lost when the file is loaded",
    "refused where RNA says that the property is none of them (transfer/writing/permission.py)")
DYNAMIC_TOPOLOGY = Hazard(
    EVERYWHERE, "what is written to a mesh while it is sculpted with dynamic topology is overwritten when that is left",
    "refused (transfer/writing/sculpting.py)")
FREESTYLE_MARK = Hazard(
    IN_3_4, "the first use_freestyle_mark of a mesh lands on element 0, whichever it was set on",
    "the first element's own value is assigned first, which makes the layer (transfer/writing/ready.py)")
LONG_UV_FLAGS = Hazard(
    IN_5_2, "pin_uv of a UV map with a long name is lost, and each assignment adds a layer",
    "refused where a copy loses it, too (places.py: UVFlag)")
UV_SHARED = Hazard(
    IN_4_3, "writing uv_layers[].uv or vertex_colors[].data does not un-share the array: copies change, too",
    "the attribute of the same name is touched first, which does (transfer/writing/ready.py)")
SKIN_SHARED = Hazard(
    SINCE_4_3, "writing skin_vertices[].data does not un-share the array, and nothing else does",
    "refused while another owns the array, too (transfer/writing/sharing.py)")
FOREACH_PASSES_OVER = Hazard(
    EVERYWHERE, "foreach_set passes over elements that may not be written (linked datablocks, properties that a struct has "
    "locked) without a word, and gives the next one their values (rna_access.c, rna_raw_access: RNA_property_editable)",
    "each element is asked before it (runtime/calls/kept.cpp, calls/kept.py)")
FOREACH_LEAVES_OUT = Hazard(
    EVERYWHERE, "foreach_set leaves out the update callbacks of properties that a script registered, and stores beyond "
    "the range in arrays", "such are assigned one by one; values are clamped before")
UNCLAMPED = Hazard(
    IN_3_4, "MeshPolygon.material_index stores what lies beyond its range as it is",
    "discovery notes which setters clamp (CLAMPS); else bpy writes what lies beyond (direct.py)")
NORMAL_SETTER = Hazard(
    IN_3_4, "the setter of MeshLoop.normal normalises", "bpy writes them (direct.py)")


# Properties that no way to a struct goes through: reading them crashes (UV_SCULPT), makes layers (UV_FLAGS_READ), counts
# wrong (COLOR_ATTRIBUTES_COUNT) or runs long.
LEADS_ASTRAY = frozenset({("ToolSettings", "uv_sculpt"), ("UvSculpt", "strength_curve"), ("UvSculpt", "cavity_curve"),
                          ("UvSculpt", "curve_distance_falloff"), ("MeshUVLoopLayer", "vertex_selection"),
                          ("MeshUVLoopLayer", "edge_selection"), ("MeshUVLoopLayer", "pin"),
                          ("GreasePencilDrawing", "color_attributes"), ("Depsgraph", "object_instances")})

_FREED = {("Curves", "normals")}  # RNA type, collection


def frees_elements(path, coll):
    """Whether no element of a collection may be looked at by itself (ELEMENTS_FREED)."""
    return may_free(path.steps) and coll.data is not None and (
        coll.data.bl_rna.identifier, path.steps[-1][1]) in _FREED and ELEMENTS_FREED.may_happen()


def may_free(steps):
    """The same, as far as steps to a collection tell."""
    kind, name = steps[-1] if steps else (None, None)
    return kind == "attr" and any(name == one for _, one in _FREED)


# RNA type, property -> (the hazard of reading it, whether the datablock is in that state, what to do, for the message).
_READING = {
    ("LatticePoint", "groups"): (LATTICE_WEIGHTS_IN_EDIT_MODE, lambda owner: owner.is_editmode,
                                 "{name!r} is in edit mode, where Blender crashes when asked for a lattice's weights; "
                                 "leave it first"),
    ("ParticleHairKey", "co"): (HAIR_KEY_CO, lambda owner: owner.is_evaluated,
                                "{name!r} is evaluated, where this Blender crashes when asked for co of hair keys; "
                                "co_local can be read"),
}
MAY_CRASH = frozenset(_READING)


def crash(kind, name, reached) -> str | None:
    """Why reading a property of the RNA type `kind` would crash this Blender, or None. `reached`: the struct, or the
    collection that has it, whose elements are not touched."""
    hazard, happens, message = _READING.get((kind, name), (None, None, None))
    if hazard is None or not hazard.may_happen() or not happens(reached.id_data):
        return None
    return message.format(name=reached.id_data.name)


def may_crash(kind, name):
    """Whether reading a property of the RNA type `kind` crashes the running Blender for some datablocks."""
    return (kind, name) in MAY_CRASH and _READING[kind, name][0].may_happen()


def refuse_crash(kind, name, reached):
    """Raises ContextError where reading such a property would crash Blender itself."""
    message = crash(kind, name, reached)
    if message is not None:
        raise ContextError(message)


@contextlib.contextmanager
def temporary(manager):
    """`with manager as data` of what `bpy.data.temp_data()` gives: TEMPORARY_DATA. What is made there leaves nothing in the
    file, no handler hears of it, and no object for it may outlive this: Blender frees it."""
    data = manager.__enter__()
    _core.add_reference(data)
    try:
        yield data
    finally:
        manager.__exit__(None, None, None)
