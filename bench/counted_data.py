# bench/counted_data.py: small data of many kinds, for bench/counted.py
"""Each function here yields rows (name, (function that gives the supplier, items, Slicer's options)) of data that it has
just made. A Blender that lacks the kind says so by an error, which is a row of its own."""
from pathlib import Path

import bpy

import counted_lists
import counted_scenes
from counted_pieces import ALL, MANY, a_mesh, armature, linked, row


def hair_curves():
    if "add_curves" in bpy.types.Curves.bl_rna.functions:
        curves = bpy.data.hair_curves.new("Hair")
        curves.add_curves([4] * 20)
    else:
        bpy.ops.object.curves_random_add()
        curves = bpy.context.object.data
    linked("Hair", curves)
    for i, point in enumerate(curves.points):
        point.position = (i, 2, i / 3)
    bpy.context.view_layer.update()
    ragged = {"ragged": "flat"} if len({len(one.points) for one in curves.curves}) > 1 else {}
    yield row("hair: points' position", lambda: curves.points, ALL, "position")
    yield row("hair: curves' points' position", lambda: curves.curves, ALL, "points", ALL, "position", **ragged)
    yield row("hair: the same flat", lambda: curves.curves, ALL, "points", ALL, "position", ragged="flat")
    yield row("hair: the same padded", lambda: curves.curves, ALL, "points", ALL, "position", ragged="pad")
    yield row("hair: curves' points' radius", lambda: curves.curves, ALL, "points", ALL, "radius", **ragged)
    yield row("hair: points of a slice of curves", lambda: curves.curves, slice(3, 9), "points", ALL, "position", **ragged)
    yield row("hair: the same flat, of a slice", lambda: curves.curves, slice(3, 9), "points", ALL, "position", ragged="flat")
    yield row("hair: points of picked curves", lambda: curves.curves, [1, 5, 7, 3], "points", ALL, "position", **ragged)
    yield row("hair: points of one curve", lambda: curves.curves, 3, "points", ALL, "position")
    yield row("hair: one point of each curve", lambda: curves.curves, ALL, "points", 0, "position")
    yield row("hair: curve 3's own points", lambda: curves.curves[3].points, ALL, "position")
    yield row("hair: first_point_index", lambda: curves.curves, ALL, "first_point_index")
    yield row("hair: curve_offset_data", lambda: curves.curve_offset_data, ALL, "value")


def polygons():
    meshes = [a_mesh(f"Poly{i}") for i in range(20)]
    obs = [linked(f"Poly{i}", mesh) for i, mesh in enumerate(meshes)]
    bpy.context.view_layer.update()
    mesh, names = meshes[0], [one.name for one in meshes]
    for name in ("loop_start", "loop_total", "use_smooth", "material_index"):
        yield row(f"polygons' {name}", lambda: mesh.polygons, ALL, name)
        yield row(f"polygons' {name} of many meshes", lambda: obs, ALL, "data", "polygons", ALL, name)
    yield row("polygons' vertices", lambda: mesh.polygons, ALL, "vertices")
    yield row("polygons' vertices in part", lambda: mesh.polygons, slice(3, 9), "vertices")
    yield row("polygons' vertices in part, flat", lambda: mesh.polygons, slice(3, 9), "vertices", ragged="flat")
    yield row("one polygon's vertices", lambda: mesh.polygons, 3, "vertices")
    yield row("polygons' vertices of many meshes", lambda: obs, ALL, "data", "polygons", ALL, "vertices")
    yield row("polygons' center", lambda: mesh.polygons, ALL, "center")
    yield row("polygons' normal", lambda: mesh.polygons, ALL, "normal")
    yield row("named meshes, one vertex", lambda: bpy.data.meshes, names, "vertices", 0, "co")
    yield row("named meshes, vertices", lambda: bpy.data.meshes, names, "vertices", ALL, "co")
    yield row("meshes, one vertex each", lambda: meshes, ALL, "vertices", 0, "co")
    yield row("uv of one corner", lambda: mesh.uv_layers["UV"].data, slice(5, 6), "uv")
    yield row("co of one vertex", lambda: mesh.vertices, slice(5, 6), "co")
    yield row("co of one vertex by index", lambda: mesh.vertices, 5, "co")
    yield row("uv of one corner by index", lambda: mesh.uv_layers["UV"].data, 5, "uv")
    if hasattr(mesh.uv_layers[0], "uv"):
        yield row("uv layer's uv", lambda: mesh.uv_layers[0].uv, ALL, "vector")
        for _ in mesh.uv_layers[0].pin:  # which makes the layer in 4.3, where assigning one spoils memory
            break
        mesh.uv_layers[0].data[0].pin_uv = True  # else there is none in 5.2
        yield row("uv layer's pin", lambda: mesh.uv_layers[0].pin, ALL, "value")
    if hasattr(mesh.uv_layers[0].data[0], "select"):
        yield row("uv select", lambda: mesh.uv_layers["UV"].data, ALL, "select")
    yield row("uv pin", lambda: mesh.uv_layers["UV"].data, ALL, "pin_uv")
    yield row("vertices of Python's list of vertices", lambda: list(mesh.vertices)[3:9], ALL, "co")
    yield row("a slice of bpy's vertices", lambda: mesh.vertices[3:9], ALL, "co")
    yield row("a slice of a list of objects", lambda: obs[3:9], slice(1, 4), "location")
    yield row("a list of objects", lambda: obs, ALL, "location")
    yield row("a list of one object", lambda: obs[:1], ALL, "location")
    yield row("a list of polygons", lambda: list(mesh.polygons)[3:9], ALL, "material_index")
    yield row("objects' bound_box", lambda: obs[0], "bound_box", ALL, ALL)
    yield row("objects' matrix_world", lambda: obs[0], "matrix_world", ALL, ALL)
    yield row("object's location", lambda: obs[0], "location")
    yield row("scene's objects' dimensions", lambda: bpy.context.scene.objects, ALL, "dimensions")
    yield row("scene's objects' location", lambda: bpy.context.scene.objects, ALL, "location")
    yield row("collection's objects' location", lambda: bpy.context.scene.collection.objects, ALL, "location")
    yield row("view layer's objects' location", lambda: bpy.context.view_layer.objects, ALL, "location")


def attributes():
    mesh = a_mesh("Attributes")
    linked("Attributes", mesh)
    bpy.context.view_layer.update()
    for kind in ("FLOAT", "INT", "BOOLEAN", "INT8", "FLOAT_VECTOR", "FLOAT_COLOR", "BYTE_COLOR", "FLOAT2", "INT32_2D",
                 "INT16_2D", "QUATERNION", "FLOAT4X4"):
        try:
            mesh.attributes.new(kind, kind, "POINT")
        except TypeError:
            continue
        prop = {"FLOAT_VECTOR": "vector", "FLOAT2": "vector", "FLOAT_COLOR": "color", "BYTE_COLOR": "color"}.get(kind, "value")
        yield row(f"attribute {kind}", lambda kind=kind: mesh.attributes[kind].data, ALL, prop)


def deformed():
    mesh = a_mesh("Deformed")
    ob = linked("Deformed", mesh)
    for i in range(3):
        ob.vertex_groups.new(name=f"G{i}").add(range(i, 60), 0.5, "REPLACE")
        ob.shape_key_add(name=f"K{i}")
    bpy.context.view_layer.update()
    yield row("vertices' weights, padded", lambda: mesh.vertices, ALL, "groups", ALL, "weight", ragged="pad")
    yield row("vertex groups' lock_weight", lambda: ob.vertex_groups, ALL, "lock_weight")
    yield row("key blocks' value", lambda: mesh.shape_keys.key_blocks, ALL, "value")
    yield row("key block's co", lambda: mesh.shape_keys.key_blocks[1].data, ALL, "co")
    yield row("key blocks' data's co", lambda: mesh.shape_keys.key_blocks, ALL, "data", ALL, "co")
    yield row("one key block's value", lambda: mesh.shape_keys.key_blocks, slice(1, 2), "value")


def strips():
    scene = bpy.context.scene
    editor = scene.sequence_editor_create()
    every = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = "length" in every.bl_rna.functions["new_effect"].parameters
    for i in range(MANY):
        end = {"length": 20} if length else {"frame_end": 5 * i + 21}
        every.new_effect(name=f"Strip{i}", type="COLOR" if i % 3 else "ADJUSTMENT", channel=i + 1, frame_start=5 * i + 1, **end)
    meta = every.new_meta(name="Meta", channel=20, frame_start=1)
    inner = meta.strips if hasattr(meta, "strips") else meta.sequences
    for i in range(MANY):
        end = {"length": 20} if length else {"frame_end": 5 * i + 21}
        inner.new_effect(name=f"In{i}", type="COLOR", channel=i + 1, frame_start=5 * i + 1, **end)
    name = "strips" if hasattr(editor, "strips") else "sequences"
    def find(owner):
        return getattr(owner, name)
    for prop in ("channel", "frame_start", "frame_final_duration", "mute", "blend_alpha", "select"):
        yield row(f"strips' {prop}", lambda: find(editor), ALL, prop)
    yield row("all strips' channel", lambda: getattr(editor, f"{name}_all"), ALL, "channel")
    yield row("a meta strip's strips' channel", lambda: find(find(editor)["Meta"]), ALL, "channel")
    yield row("one strip's channel", lambda: find(editor)["Strip1"], "channel")
    yield row("strips' transform", lambda: find(editor)["Strip1"].transform, "offset_x")
    yield row("channels' mute", lambda: editor.channels, ALL, "mute")


def markers():
    scene = bpy.context.scene
    for i in range(MANY):
        scene.timeline_markers.new(f"M{i}", frame=3 * i)
    yield row("markers' frame", lambda: scene.timeline_markers, ALL, "frame")
    yield row("markers' select", lambda: scene.timeline_markers, ALL, "select")
    yield row("one marker's frame", lambda: scene.timeline_markers, slice(3, 4), "frame")
    action = bpy.data.actions.new("Marked")
    for i in range(MANY):
        action.pose_markers.new(f"P{i}").frame = i
    yield row("pose markers' frame", lambda: action.pose_markers, ALL, "frame")


def tracking():
    image = bpy.data.images.new("Clip", 8, 8)
    path = str(Path(bpy.app.tempdir) / "clip.png")
    image.filepath_raw, image.file_format = path, "PNG"
    image.save()
    clip = bpy.data.movieclips.load(path)
    tracks = clip.tracking.tracks
    for i in range(3):
        track = tracks.new(name=f"T{i}", frame=1)
        for frame in range(2, MANY + 2):
            track.markers.insert_frame(frame, co=(0.1 * i, frame / 20))
    yield row("tracks' weight", lambda: clip.tracking.tracks, ALL, "weight")
    yield row("track's markers' co", lambda: clip.tracking.tracks["T0"].markers, ALL, "co")
    yield row("track's markers' frame", lambda: clip.tracking.tracks["T0"].markers, ALL, "frame")
    yield row("tracks' markers' co", lambda: clip.tracking.tracks, ALL, "markers", ALL, "co")
    yield row("markers' corners", lambda: clip.tracking.tracks["T0"].markers, ALL, "pattern_corners")


def masks():
    mask = bpy.data.masks.new("Mask")
    layer = mask.layers.new(name="Layer")
    splines = [layer.splines.new() for _ in range(3)]
    for spline in splines:
        spline.points.add(4)
    yield row("mask points' co", lambda: mask.layers["Layer"].splines[0].points, ALL, "co")
    yield row("mask splines' weight", lambda: mask.layers["Layer"].splines, ALL, "use_cyclic")
    yield row("mask splines' points' co", lambda: mask.layers["Layer"].splines, ALL, "points", ALL, "co", ragged="flat")
    yield row("mask layers' alpha", lambda: mask.layers, ALL, "alpha")


def lattice():
    lattice = bpy.data.lattices.new("Lattice")
    lattice.points_u, lattice.points_v, lattice.points_w = 5, 4, 3
    linked("Lattice", lattice)
    bpy.context.view_layer.update()
    yield row("lattice points' co", lambda: lattice.points, ALL, "co")
    yield row("lattice points' co_deform", lambda: lattice.points, ALL, "co_deform")
    yield row("lattice points' select", lambda: lattice.points, ALL, "select")
    yield row("lattice points' co in part", lambda: lattice.points, slice(3, 9), "co")
    yield row("lattice points' co_deform in part", lambda: lattice.points, slice(3, 9), "co_deform")


def metaballs():
    ball = bpy.data.metaballs.new("Ball")
    linked("Ball", ball)
    for i in range(MANY):
        ball.elements.new().co = (i, 0, 1)
    for prop in ("co", "radius", "stiffness", "hide"):
        yield row(f"metaball elements' {prop}", lambda: ball.elements, ALL, prop)


def one_element():
    """Collections of exactly one."""
    ob = linked("One", a_mesh("One", 3))
    ob.modifiers.new("Displace", "DISPLACE").strength = 0.5
    ob.constraints.new("COPY_LOCATION").influence = 0.5
    ob.vertex_groups.new(name="Only")
    ob.data.materials.append(bpy.data.materials.new("Only"))
    point = bpy.data.meshes.new("Point")
    point.from_pydata([(1, 2, 3)], [], [])
    linked("Point", point)
    curve = bpy.data.curves.new("One", "CURVE")
    curve.splines.new("POLY")
    linked("One", curve)
    action = bpy.data.actions.new("One")
    linked("Keyed", None).animation_data_create().action = action
    bpy.context.view_layer.update()
    yield row("one vertex in all, co", lambda: point.vertices, ALL, "co")
    yield row("one vertex in all, select", lambda: point.vertices, ALL, "select")
    yield row("one point in all, co", lambda: curve.splines[0].points, ALL, "co")
    yield row("one spline in all", lambda: curve.splines, ALL, "use_cyclic_u")
    yield row("one modifier in all", lambda: ob.modifiers, ALL, "strength")
    yield row("one constraint in all", lambda: ob.constraints, ALL, "influence")
    yield row("one vertex group in all", lambda: ob.vertex_groups, ALL, "lock_weight")
    yield row("one material slot's color", lambda: ob.data.materials, ALL, "diffuse_color")
    yield row("one uv layer's active_render", lambda: ob.data.uv_layers, ALL, "active_render")
    other = linked("Keys", None)
    other.location = 1, 2, 3
    other.keyframe_insert("location", frame=1)
    made = other.animation_data.action
    curves = made.fcurves if hasattr(made, "fcurves") else made.layers[0].strips[0].channelbags[0].fcurves
    yield row("one key in all, co", lambda: curves[0].keyframe_points, ALL, "co")
    yield row("f-curves of one key each", lambda: curves, ALL, "keyframe_points", ALL, "co")
    yield row("f-curves' mute", lambda: curves, ALL, "mute")
    key = linked("Key1", a_mesh("Key1", 3))
    key.shape_key_add(name="Basis")
    yield row("one key block in all, value", lambda: key.data.shape_keys.key_blocks, ALL, "value")
    rig = armature(1)
    yield row("one pose bone in all", lambda: rig.pose.bones, ALL, "location")
    yield row("one bone in all", lambda: rig.data.bones, ALL, "envelope_distance")
    tree = bpy.data.node_groups.new("One", "ShaderNodeTree")
    tree.nodes.new("ShaderNodeMath")
    yield row("one node in all", lambda: tree.nodes, ALL, "width")
    cloud = bpy.data.lattices.new("L1")
    cloud.points_u = cloud.points_v = cloud.points_w = 1
    yield row("one lattice point in all", lambda: cloud.points, ALL, "co_deform")


MAKERS = (hair_curves, polygons, attributes, deformed, strips, markers, tracking, masks, lattice, metaballs, one_element,
          *counted_scenes.MAKERS, *counted_lists.MAKERS)


def rows():
    """All of them; data that cannot be made is told."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    for make in MAKERS:
        try:
            yield from make()
        except (AttributeError, RuntimeError, TypeError, KeyError) as error:
            print(f"  {make.__name__}: {type(error).__name__}: {str(error).splitlines()[0][:120]}", flush=True)
