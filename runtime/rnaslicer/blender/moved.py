# runtime/rnaslicer/blender/moved.py: where data went that another Blender, or the proposal of 2010, has elsewhere.
"""One table for all messages. `instead` offers only ways that RNA of the running build has; tests follow each in every
Blender (tests/blender/expression/test_hints.py)."""

import functools

from ..basis.records import Record

_ALL = slice(None)


class Moved(Record):
    """Where to look instead: the first of `ways` that the running build has."""

    ways: tuple  # of items, from the same struct, or with `start` from the datablock that has it
    start: str = ""  # type of that datablock
    note: str = ""


_BAG = "layers", 0, "strips", 0, "channelbags", 0
_SMOOTH = "normals are split at sharp edges and faces; the modifier 'Smooth by Angle' finds those by an angle"


def _attribute(name, note=""):
    return Moved((("attributes", f'["{name}"]', "data", _ALL, "value"),), "Mesh", note)


# RNA type, name -> where it went.
TABLE = {
    ("Action", "fcurves"): Moved(((*_BAG, "fcurves"),), note="each slot has a channelbag"),
    ("Action", "groups"): Moved(((*_BAG, "groups"),), note="each slot has a channelbag"),
    ("Armature", "layers"): Moved((("collections",),)),
    ("BlendData", "annotations"): Moved((("grease_pencils",),)),
    ("BlendData", "grease_pencils_v3"): Moved((("grease_pencils",),)),
    ("Bone", "layers"): Moved((("collections",),)),
    ("Bone", "select"): Moved((("pose", "bones", _ALL, "select"),), "Object"),
    ("Brush", "curve"): Moved((("curve_distance_falloff",),)),
    ("Brush", "curve_distance_falloff"): Moved((("curve",),)),
    ("GreasePencilDrawing", "strokes"): Moved(
        (("attributes", '["position"]', "data", _ALL, "vector"),),
        note="strokes are Python's own; points lie in attributes, and 'curve_offsets' tells where each stroke begins"),
    ("GreasePencilFrame", "strokes"): Moved((("drawing", "attributes", '["position"]', "data", _ALL, "vector"),)),
    ("Mesh", "auto_smooth_angle"): Moved((("edges", _ALL, "use_edge_sharp"),), note=_SMOOTH),
    ("Mesh", "corner_normals"): Moved((("loops", _ALL, "normal"),), note="after mesh.calc_normals_split()"),
    ("Mesh", "edge_creases"): _attribute("crease_edge", "mesh.edge_creases_ensure() makes it"),
    ("Mesh", "face_maps"): Moved((("attributes",),)),
    ("Mesh", "faces"): Moved((("polygons",),)),
    ("Mesh", "normals"): Moved((("vertex_normals", _ALL, "vector"),),
                               note="those of polygons and corners have collections of their own"),
    ("Mesh", "sculpt_vertex_colors"): Moved((("color_attributes",),)),
    ("Mesh", "tessfaces"): Moved((("loop_triangles",),)),
    ("Mesh", "use_auto_smooth"): Moved((("edges", _ALL, "use_edge_sharp"),), note=_SMOOTH),
    ("Mesh", "uv_textures"): Moved((("uv_layers",),)),
    ("Mesh", "vertex_creases"): _attribute("crease_vert", "mesh.vertex_creases_ensure() makes it"),
    ("Mesh", "vertex_layers_float"): Moved((("attributes",),)),
    ("Mesh", "vertex_layers_int"): Moved((("attributes",),)),
    ("Mesh", "polygon_layers_float"): Moved((("attributes",),)),
    ("Mesh", "polygon_layers_int"): Moved((("attributes",),)),
    ("Mesh", "verts"): Moved((("vertices",),)),
    ("MeshEdge", "bevel_weight"): _attribute("bevel_weight_edge"),
    ("MeshEdge", "crease"): _attribute("crease_edge", "mesh.edge_creases_ensure() makes it"),
    ("MeshVertex", "bevel_weight"): _attribute("bevel_weight_vert"),
    ("NodeTree", "inputs"): Moved((("interface", "items_tree"),)),
    ("NodeTree", "outputs"): Moved((("interface", "items_tree"),)),
    ("Object", "draw_type"): Moved((("display_type",),)),
    ("Object", "hide"): Moved((("hide_viewport",),)),
    ("PoseBone", "select"): Moved((("bone", "select"),)),
    ("Scene", "node_tree"): Moved((("compositing_node_group",),)),
    ("SequenceEditor", "sequences"): Moved((("strips",),)),
    ("SequenceEditor", "sequences_all"): Moved((("strips_all",),)),
    ("SequenceEditor", "strips"): Moved((("sequences",),)),
    ("SequenceEditor", "strips_all"): Moved((("sequences_all",),)),
}

# RNA type, property -> how bpy sets what cannot be written here.
SET_OTHERWISE = {
    ("MeshLoop", "normal"): "mesh.normals_split_custom_set(normals) sets those of corners",
    ("MeshNormalValue", "vector"): "mesh.normals_split_custom_set(normals) sets those of corners",
}


def instead(rna, name):
    """A clause that says where a property went that the RNA type has not, or ''."""
    import bpy

    kind = rna
    while kind is not None:
        found = TABLE.get((kind.identifier, name))
        if found is not None:
            start = getattr(bpy.types, found.start).bl_rna if found.start else rna
            for way in found.ways:
                if leads(start, way):
                    where = f" from the {found.start}" if found.start else ""
                    return f"; in this Blender it is{where} {shown(way)}{'; ' + found.note if found.note else ''}"
        kind = kind.base
    return ""


def shown(way):
    """Items as they are typed."""
    return ", ".join(":" if item == _ALL else repr(item) for item in way)


def leads(rna, way):
    """Whether the running build declares what a way names, in a type or one that refines it."""
    kinds = [rna]
    for item in way:
        if not isinstance(item, str) or item.startswith("["):
            continue
        props = [kind.properties[item] for one in kinds for kind in _refined(one) if item in kind.properties]
        props = [prop for prop in props if not prop.is_runtime]  # a script's is not the build's, and may lead nowhere
        if not props:
            return False
        kinds = [prop.fixed_type for prop in props if prop.type in ("POINTER", "COLLECTION")]
    return True


def _refined(rna):
    """A type and those that refine it."""
    import bpy

    _make_classes()
    waiting, found = [getattr(bpy.types, rna.identifier, None)], [rna]
    while waiting:
        for cls in getattr(waiting.pop(), "__subclasses__", list)():
            if "bl_rna" in vars(cls) or hasattr(cls, "bl_rna"):
                found.append(cls.bl_rna)
                waiting.append(cls)
    return found


@functools.cache
def _make_classes():
    """bpy makes a type's class when it is first asked for; before, it is no subclass of anything."""
    import bpy

    for name in dir(bpy.types):
        getattr(bpy.types, name, None)
