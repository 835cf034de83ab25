# bench/counted_data.py: small data of many kinds, for bench/counted.py
"""Each function here yields rows (name, (function that gives the supplier, items, Slicer's options)) of data that it has
just made. A Blender that lacks the kind says so by an error, which is a row of its own."""
import random
from pathlib import Path

import bpy

ALL, MANY = slice(None), 12
RNG = random.Random(1)


def row(name, give, *items, **options):
    return name, (give, items, options)


def linked(name, data):
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def active(ob):
    bpy.context.view_layer.objects.active = ob
    ob.select_set(True)
    return ob


def a_mesh(name="Mesh", count=40):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i, k, RNG.random()) for i in range(count) for k in range(2)], [],
                     [(i, i + 2, i + 3, i + 1) for i in range(0, 2 * count - 2, 2)])
    mesh.uv_layers.new(name="UV")
    return mesh


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


def armature(count):
    ob = active(linked("Rig", bpy.data.armatures.new("Rig")))
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for i in range(count):
        bone = ob.data.edit_bones.new(f"B{i}")
        bone.head, bone.tail, bone.parent = (0, 0, i), (0, 0, i + 1), parent
        parent = bone
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob


def bones():
    ob = armature(MANY)
    for i, bone in enumerate(ob.pose.bones):
        bone.location = i, 0, 1
        bone.constraints.new("COPY_LOCATION").influence = i / 20
    bpy.context.view_layer.update()
    yield row("pose bones' location", lambda: ob.pose.bones, ALL, "location")
    yield row("pose bones' matrix", lambda: ob.pose.bones, ALL, "matrix")
    yield row("pose bones' matrix_basis", lambda: ob.pose.bones, ALL, "matrix_basis")
    yield row("pose bones' head", lambda: ob.pose.bones, ALL, "head")
    yield row("bones' head_local", lambda: ob.data.bones, ALL, "head_local")
    yield row("bones' length", lambda: ob.data.bones, ALL, "length")
    yield row("bones' use_deform", lambda: ob.data.bones, ALL, "use_deform")
    yield row("bones' matrix_local", lambda: ob.data.bones, ALL, "matrix_local")
    yield row("pose bones' constraints' influence", lambda: ob.pose.bones, ALL, "constraints", ALL, "influence")
    yield row("pose bones' first constraint", lambda: ob.pose.bones, ALL, "constraints", 0, "influence")
    active(ob)
    bpy.ops.object.mode_set(mode="EDIT")
    yield row("edit bones' head", lambda: ob.data.edit_bones, ALL, "head")
    yield row("edit bones' roll", lambda: ob.data.edit_bones, ALL, "roll")
    bpy.ops.object.mode_set(mode="OBJECT")


def constraints():
    ob = linked("Constrained", a_mesh("Constrained", 3))
    for i in range(MANY):
        ob.constraints.new("COPY_LOCATION" if i % 2 else "LIMIT_LOCATION").influence = i / 20
        ob.modifiers.new("M", "DISPLACE" if i % 2 else "BEVEL").show_render = i % 2 == 0
    yield row("constraints' influence", lambda: ob.constraints, ALL, "influence")
    yield row("modifiers' show_render", lambda: ob.modifiers, ALL, "show_render")


def curves():
    curve = bpy.data.curves.new("Curve", "CURVE")
    for i in range(4):
        spline = curve.splines.new("BEZIER")
        spline.bezier_points.add(MANY - 1)
        curve.splines.new("NURBS").points.add(MANY - 1)
    linked("Curve", curve)
    bpy.context.view_layer.update()
    yield row("bezier points' co", lambda: curve.splines[0].bezier_points, ALL, "co")
    yield row("spline points' co", lambda: curve.splines[1].points, ALL, "co")
    yield row("splines' points' co", lambda: curve.splines, ALL, "points", ALL, "co", ragged="flat")
    yield row("splines' resolution_u", lambda: curve.splines, ALL, "resolution_u")
    font = bpy.data.curves.new("Font", "FONT")
    font.body = "Many letters"
    yield row("letters' material_index", lambda: font.body_format, ALL, "material_index")
    yield row("letters' kerning", lambda: font.body_format, ALL, "kerning")
    yield row("text boxes' width", lambda: font.text_boxes, ALL, "width")


def ramps():
    texture = bpy.data.textures.new("Ramp", "BLEND")
    texture.use_color_ramp = True
    for i in range(6):
        texture.color_ramp.elements.new(0.1 + i / 9)
    yield row("ramp elements' color", lambda: texture.color_ramp.elements, ALL, "color")
    yield row("ramp elements' position", lambda: texture.color_ramp.elements, ALL, "position")
    tree = bpy.data.node_groups.new("Ramp", "ShaderNodeTree")
    node = tree.nodes.new("ShaderNodeValToRGB")
    yield row("node's ramp elements' color", lambda: tree.nodes[0].color_ramp.elements, ALL, "color")
    mapping = tree.nodes.new("ShaderNodeFloatCurve").mapping
    for i in range(6):
        mapping.curves[0].points.new(0.1 + i / 9, i / 9)
    yield row("mapping points' location", lambda: tree.nodes[1].mapping.curves[0].points, ALL, "location")
    brush = bpy.data.brushes[0] if len(bpy.data.brushes) else bpy.data.brushes.new("Brush", mode="SCULPT")
    yield row("brush's curve points' location", lambda: brush.curve.curves[0].points, ALL, "location")


def node_trees():
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(MANY):
        tree.nodes.new("ShaderNodeMath" if i % 2 else "ShaderNodeValue").location = i, i
    math = [node for node in tree.nodes if node.bl_idname == "ShaderNodeMath"]
    for one, other in zip(math, math[1:]):
        tree.links.new(one.outputs[0], other.inputs[0])
    material = bpy.data.materials.new("Nodes")
    materials = [bpy.data.materials.new(f"Many{i}") for i in range(MANY)]
    yield row("nodes' width", lambda: tree.nodes, ALL, "width")
    yield row("nodes' inputs' default_value", lambda: math[0].inputs, ALL, "default_value")
    yield row("node's outputs' hide", lambda: math[0].outputs, ALL, "hide")
    yield row("links' is_muted", lambda: tree.links, ALL, "is_muted")
    yield row("material's use_nodes", lambda: material, "use_nodes")
    yield row("materials' use_nodes", lambda: materials, ALL, "use_nodes")
    yield row("materials' roughness", lambda: materials, ALL, "roughness")
    yield row("bpy.data.materials' roughness", lambda: bpy.data.materials, ALL, "roughness")
    yield row("bpy.data.materials' diffuse_color", lambda: bpy.data.materials, ALL, "diffuse_color")


def particles():
    mesh = a_mesh("Emitter", 4)
    hairy, emitter = linked("Hairy", mesh), linked("Emitter", mesh)
    for ob, kind in ((hairy, "HAIR"), (emitter, "EMITTER")):
        ob.modifiers.new(kind, "PARTICLE_SYSTEM")
        settings = ob.particle_systems[-1].settings
        settings.type, settings.count = kind, 20
        if kind == "EMITTER":
            settings.frame_start, settings.frame_end, settings.lifetime = 1, 2, 200
    bpy.context.scene.frame_set(8)
    depsgraph = bpy.context.evaluated_depsgraph_get()

    def system(ob):
        return ob.evaluated_get(depsgraph).particle_systems[0]

    yield row("particles' location", lambda: system(emitter).particles, ALL, "location")
    yield row("particles' size", lambda: system(emitter).particles, ALL, "size")
    if bpy.app.version >= (4, 0):
        yield row("particles' hair keys' co", lambda: system(hairy).particles, ALL, "hair_keys", ALL, "co")
    yield row("original's hair keys' co_local", lambda: hairy.particle_systems[0].particles, ALL, "hair_keys", ALL, "co_local")
    yield row("particle settings' count", lambda: bpy.data.particles, ALL, "count")
    yield row("particle systems' seed", lambda: hairy.particle_systems, ALL, "seed")


def depsgraphs():
    for i in range(MANY):
        linked(f"Seen{i}", None).location = i, 0, 0
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    evaluated = [one.evaluated_get(depsgraph) for one in bpy.context.scene.objects]
    yield row("depsgraph.objects' location", lambda: depsgraph.objects, ALL, "location")
    yield row("depsgraph.objects' matrix_world", lambda: depsgraph.objects, ALL, "matrix_world")
    yield row("instances' matrix_world", lambda: depsgraph.object_instances, ALL, "matrix_world")
    yield row("instances' random_id", lambda: depsgraph.object_instances, ALL, "random_id")
    yield row("depsgraph.ids", lambda: depsgraph.updates, ALL, "is_updated_transform")
    yield row("a list of evaluated objects", lambda: evaluated, ALL, "location")
    yield row("evaluated object's vertices", lambda: next(
        one for one in evaluated if one.type == "MESH").data.vertices, ALL, "co")


def pencils():
    blocks = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils)
    block = blocks.new("Pencil")
    layer = block.layers.new("Layer")
    for number in range(1, 5):
        frame = layer.frames.new(number)
        if hasattr(frame, "drawing"):
            frame.drawing.add_strokes([4] * 5)
            continue
        for _ in range(5):
            frame.strokes.new().points.add(4)
    linked("Pencil", block)
    frames = block.layers[0].frames
    if hasattr(frames[0], "drawing"):
        yield row("drawing's position", lambda: frames[0].drawing.attributes["position"].data, ALL, "vector")
        yield row("drawing's strokes' points' position", lambda: frames[0].drawing.strokes, ALL, "points", ALL, "position")
        yield row("layer's drawings' positions", lambda: block.layers[0].frames, ALL, "drawing", "attributes", '["position"]',
                  "data", ALL, "vector")
    else:
        yield row("stroke's points' co", lambda: frames[0].strokes[0].points, ALL, "co")
        yield row("strokes' points' co", lambda: frames[0].strokes, ALL, "points", ALL, "co")
        yield row("frames' strokes' points' co", lambda: block.layers[0].frames, ALL, "strokes", ALL, "points", ALL, "co")
        yield row("strokes' line_width", lambda: frames[0].strokes, ALL, "line_width")
    yield row("pencil frames' frame_number", lambda: block.layers[0].frames, ALL, "frame_number")
    yield row("pencil layers' opacity", lambda: block.layers, ALL, "opacity")


def animation():
    ob = linked("Animated", None)
    for frame in range(1, MANY):
        ob.location = frame, 2 * frame, 1
        ob.keyframe_insert("location", frame=frame)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    noise = curves[0].modifiers.new("NOISE")
    noise.strength = 2
    for i in range(3):
        track = ob.animation_data.nla_tracks.new()
        for j in range(3):
            track.strips.new(f"S{j}", 1 + 40 * j, action)
    for axis in range(3):
        ob.driver_add("scale", axis)
    yield row("keyframes' co", lambda: curves[0].keyframe_points, ALL, "co")
    yield row("keyframes' interpolation", lambda: curves[0].keyframe_points, ALL, "interpolation")
    yield row("f-curves' keys' co", lambda: curves, ALL, "keyframe_points", ALL, "co")
    yield row("f-curves' mute", lambda: curves, ALL, "mute")
    yield row("f-curves' array_index", lambda: curves, ALL, "array_index")
    yield row("f-curve's modifiers' strength", lambda: curves[0].modifiers, ALL, "strength")
    yield row("nla tracks' mute", lambda: ob.animation_data.nla_tracks, ALL, "mute")
    yield row("nla strips' frame_start", lambda: ob.animation_data.nla_tracks[0].strips, ALL, "frame_start")
    yield row("nla tracks' strips' frame_start", lambda: ob.animation_data.nla_tracks, ALL, "strips", ALL, "frame_start")
    yield row("drivers' mute", lambda: ob.animation_data.drivers, ALL, "mute")


def palettes():
    palette = bpy.data.palettes.new("Palette")
    for i in range(MANY):
        palette.colors.new().color = (i / 20, 0.5, 0)
    yield row("palette colors' color", lambda: palette.colors, ALL, "color")
    text = bpy.data.texts.new("Text")
    text.write("one\ntwo\nthree\n")
    for i in range(MANY):
        bpy.data.speakers.new(f"S{i}").volume = i / 20
        bpy.data.cameras.new(f"C{i}").lens = 20 + i
        bpy.data.lights.new(f"L{i}", "POINT").energy = i
    yield row("speakers' volume", lambda: bpy.data.speakers, ALL, "volume")
    yield row("cameras' lens", lambda: bpy.data.cameras, ALL, "lens")
    yield row("lights' energy", lambda: bpy.data.lights, ALL, "energy")
    yield row("scenes' frame_end", lambda: bpy.data.scenes, ALL, "frame_end")
    yield row("worlds' color", lambda: bpy.data.worlds, ALL, "color")
    yield row("view layers' use", lambda: bpy.context.scene.view_layers, ALL, "use")
    yield row("collections' hide_render", lambda: bpy.context.scene.collection.children, ALL, "hide_render")
    yield row("scene's frame_current", lambda: bpy.context.scene, "frame_current")


def images():
    image = bpy.data.images.new("Pixels", 4, 4)
    yield row("image's pixels", lambda: image, "pixels", ALL, ALL, ALL)
    yield row("image.pixels, flat", lambda: image.pixels, ALL)


def groups():
    class Row(bpy.types.PropertyGroup):
        number: bpy.props.FloatProperty()
        vector: bpy.props.FloatVectorProperty()

    bpy.utils.register_class(Row)
    bpy.types.Scene.rows_of_bench = bpy.props.CollectionProperty(type=Row)
    rows_ = bpy.context.scene.rows_of_bench
    for i in range(MANY):
        one = rows_.add()
        one.number, one.vector = i, (i, 1, 2)
    yield row("property groups' number", lambda: bpy.context.scene.rows_of_bench, ALL, "number")
    yield row("property groups' vector", lambda: bpy.context.scene.rows_of_bench, ALL, "vector")
    ob = linked("Custom", None)
    ob["number"] = 1.5
    yield row("custom property", lambda: ob, '["number"]')


def volumes():
    mesh = a_mesh("Skin", 5)
    ob = active(linked("Skin", mesh))
    ob.modifiers.new("Skin", "SKIN")
    bpy.ops.object.modifier_add(type="SKIN")
    yield row("skin vertices' radius", lambda: mesh.skin_vertices[0].data, ALL, "radius")
    yield row("edges' use_seam", lambda: mesh.edges, ALL, "use_seam")
    yield row("edges' vertices", lambda: mesh.edges, ALL, "vertices")
    yield row("loops' normal", lambda: mesh.loops, ALL, "normal")
    yield row("vertices' normal", lambda: mesh.vertices, ALL, "normal")
    mesh.calc_loop_triangles()
    yield row("triangles' vertices", lambda: mesh.loop_triangles, ALL, "vertices")
    cloud = bpy.data.pointclouds.new("Cloud")
    cloud.resize(MANY)
    yield row("cloud points' co", lambda: cloud.points, ALL, "co")
    yield row("cloud points' radius", lambda: cloud.points, ALL, "radius")


MAKERS = (hair_curves, polygons, attributes, deformed, strips, markers, tracking, masks, lattice, metaballs, one_element,
          bones, constraints, curves, ramps, node_trees, particles, depsgraphs, pencils, animation, palettes, images, groups,
          volumes)


def rows():
    """All of them; data that cannot be made is told."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    for make in MAKERS:
        try:
            yield from make()
        except (AttributeError, RuntimeError, TypeError, KeyError) as error:
            print(f"  {make.__name__}: {type(error).__name__}: {str(error).splitlines()[0][:120]}", flush=True)
