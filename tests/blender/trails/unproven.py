# tests/blender/trails/unproven.py: what a fresh machine has: nothing discovered, values that are all alike
import random

import bpy

from counted_calls import LOCATION, lists
from fresh import undiscovered  # noqa: F401  (for tests of both)
from support import random_keyframes

ALL = slice(None)


def grid(name="Grid", side=8):
    """The object of a mesh whose flags, colours and weights are all alike."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i, k, 0) for i in range(side) for k in range(side)], [], [
        (i * side + k, i * side + k + 1, (i + 1) * side + k + 1, (i + 1) * side + k)
        for i in range(side - 1) for k in range(side - 1)])
    mesh.vertex_colors.new(name="Col")
    mesh.uv_layers.new(name="UV")
    for kind in ("BYTE_COLOR", "BOOLEAN", "INT8"):
        mesh.attributes.new(kind, kind, "POINT")
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def _curves():
    _, curve = random_keyframes(random.Random(6))
    data = bpy.data.curves.new("Curve", "CURVE")
    data.splines.new("BEZIER").bezier_points.add(19)
    for _ in range(9):
        data.splines.new("POLY").points.add(3)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Curve", data))
    return curve, data


def _strips():
    editor = bpy.context.scene.sequence_editor_create()
    name = "strips" if hasattr(editor, "strips") else "sequences"
    length = "length" if bpy.app.version >= (5, 0) else "frame_end"
    for i in range(6):
        getattr(editor, name).new_effect(name=f"S{i}", type="COLOR", channel=1 + i, frame_start=1, **{length: 30})
    return lambda: getattr(editor, name)


def of_meshes():
    """Name -> (function that gives the supplier, items, Slicer's options)."""
    mesh, byte = grid().data, "color_srgb" if bpy.app.version >= (3, 5) else "color"
    many = [grid(f"Of many {i}", 5) for i in range(4)]
    bytes_now = lambda: mesh.attributes["BYTE_COLOR"].data  # noqa: E731
    found = {name: (lambda of=of: getattr(mesh, of), (ALL, prop), {}) for name, of, prop in (
        ("select", "vertices", "select"), ("hide", "vertices", "hide"), ("seam", "edges", "use_seam"),
        ("sharp", "edges", "use_edge_sharp"), ("smooth", "polygons", "use_smooth"),
        ("material", "polygons", "material_index"), ("two", "vertices", ("select", "hide")))}
    return {**found, "some": (lambda: mesh.vertices, (slice(1, None, 3), "select"), {}),
            "picked": (lambda: mesh.vertices, ([1, 5, 7, 5], "select"), {}),
            "masked": (lambda: mesh.polygons, ([i % 3 == 0 for i in range(len(mesh.polygons))], "use_smooth"), {}),
            "picked colors": (lambda: mesh.vertex_colors["Col"].data, ([1, 5, 7], "color"), {}),
            "reversed": (lambda: mesh.vertices, (slice(None, None, -1), "hide"), {}),
            "floats": (lambda: mesh.vertices, (ALL, "select"), {"dtype": "f"}),
            "color": (lambda: mesh.vertex_colors["Col"].data, (ALL, "color"), {}),
            "red": (lambda: mesh.vertex_colors["Col"].data, (ALL, "color", "r"), {}),
            "color by key": (lambda: mesh.vertex_colors, (["Col"], "data", ALL, "color", ALL), {}),
            "bytes": (bytes_now, (ALL, byte), {}),
            "bytes as such": (bytes_now, (ALL, byte), {"dtype": "B", "normalized": True}),
            "flags": (lambda: mesh.attributes["BOOLEAN"].data, (ALL, "value"), {}),
            "small": (lambda: mesh.attributes["INT8"].data, (ALL, "value"), {}),
            "many": (lambda: many, (ALL, "data", "vertices", ALL, "select"), {}),
            "many faces": (lambda: many, (ALL, "data", "polygons", ALL, "use_smooth"), {})}


def of_structs():
    """The same of lists, tables and datablocks."""
    known, (curve, data), strips = lists(), _curves(), _strips()
    bones, nodes, mixed, modifiers = (known[name][0] for name in ("bones", "nodes", "mixed nodes", "modifiers"))
    rig = bones().id_data
    for _ in range(12):
        rig.constraints.new("COPY_LOCATION")
    empties = [bpy.data.objects.new(f"Empty {i:02}", None) for i in range(12)]
    for one in empties:
        bpy.context.scene.collection.objects.link(one)
    materials, keys = [bpy.data.materials.new(f"M{i}") for i in range(9)], lambda: curve.keyframe_points
    one_of = {name: (give, (ALL, prop), {}) for name, give, prop in (
        ("keys", keys, "co"), ("interpolation", keys, "interpolation"), ("key flags", keys, "select_control_point"),
        ("scale of bones", bones, "scale"), ("places of nodes", nodes, LOCATION), ("width of nodes", nodes, "width"),
        ("hidden nodes", mixed, "hide"), ("colors of nodes", mixed, "color"),
        ("shown modifiers", modifiers, "show_viewport"), ("influence", lambda: rig.constraints, "influence"),
        ("muted", lambda: rig.constraints, "mute"), ("strips", strips, "mute"), ("blending", strips, "blend_alpha"),
        ("cyclic", lambda: data.splines, "use_cyclic_u"), ("objects", lambda: empties, "location"),
        ("turned", lambda: empties, "rotation_euler"), ("rendered", lambda: empties, "hide_render"),
        ("pass", lambda: empties, "pass_index"), ("world", lambda: empties, "matrix_world"),
        ("shown as", lambda: empties, "display_type"), ("all objects", lambda: bpy.data.objects, "location"),
        ("all passes", lambda: bpy.data.objects, "pass_index"),
        ("of the scene", lambda: bpy.context.scene.objects, "scale"), ("materials", lambda: materials, "diffuse_color"),
        ("all materials", lambda: bpy.data.materials, "roughness"))}
    return {**one_of, "objects by keys": (lambda: bpy.data.objects, (["Empty 07", "Empty 03"], "location"), {}),
            "some objects": (lambda: bpy.context.scene.objects, ([5, 2, 3], "location"), {}),
            "axis": (lambda: empties, (ALL, "location", "zx"), {}),
            "two of objects": (lambda: empties, (ALL, ("location", "scale"), ALL), {}),
            "some nodes": (nodes, (slice(1, None, 4), "width"), {})}
