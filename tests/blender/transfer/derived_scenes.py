# tests/blender/transfer/derived_scenes.py: scenes in which every kind of data has something that is derived from it
"""Each function makes a scene with a fixed seed and returns the datablock that is written. Everything
that looks at it is in the scene: objects with and without modifiers, a vertex parent, drivers."""
import random

import bpy

from census_geometry import activate, curves_of, link, vector
from support import VERSION, fill, random_mesh


LAYERS = ("FLOAT_POINT", "FLOAT_EDGE", "INT_FACE", "INT_CORNER", "BOOLEAN_POINT", "BOOLEAN_FACE", "FLOAT_VECTOR_POINT",
          "FLOAT_VECTOR_CORNER", "FLOAT2_EDGE", "FLOAT2_CORNER", "INT8_EDGE", "INT8_CORNER", "FLOAT_COLOR_POINT",
          "FLOAT_COLOR_CORNER", "BYTE_COLOR_POINT", "BYTE_COLOR_CORNER")
FLAGS = {"crease_edge": ("FLOAT", "EDGE"), "sharp_face": ("BOOLEAN", "FACE"), "sharp_edge": ("BOOLEAN", "EDGE"),
         ".select_vert": ("BOOLEAN", "POINT"), ".hide_vert": ("BOOLEAN", "POINT"), "material_index": ("INT", "FACE")}


def mesh(keys=False):
    """One mesh and five that look at it: bare, subdivided, displaced by weight, child, driven."""
    rng = random.Random(11)
    mesh = random_mesh(rng, 5, 4, "Mesh", layers=False)
    for vertex in mesh.vertices:
        vertex.hide = False
    for name in LAYERS:
        mesh.attributes.new(name, *name.rsplit("_", 1))
    for name, (kind, domain) in FLAGS.items() if VERSION >= (4, 3) else ():
        if name not in mesh.attributes:
            mesh.attributes.new(name, kind, domain)
    bare, subdivided, displaced = (link(name, mesh) for name in ("Bare", "Subdivided", "Displaced"))
    subdivided.modifiers.new("Subdivision", "SUBSURF").levels = 1
    bare.vertex_groups.new(name="Group").add(range(len(mesh.vertices)), 0.25, "REPLACE")
    if "Group" not in displaced.vertex_groups:
        displaced.vertex_groups.new(name="Group")
    modifier = displaced.modifiers.new("Displace", "DISPLACE")
    modifier.vertex_group, modifier.strength = "Group", 2.0
    if keys:
        for name in ("Basis", "Key"):
            bare.shape_key_add(name=name)
        key = mesh.shape_keys.key_blocks["Key"]
        key.value = 0.5
        fill(key.data, "co", lambda: vector(rng), 3)
    child = link("Child", None)
    child.parent, child.parent_type, child.parent_vertices[0] = bare, "VERTEX", 3
    driven("MESH", mesh, "vertices[3].co[2]")
    return mesh


def driven(kind, datablock, path):
    """An empty whose place follows a value."""
    empty = link("Driven", None)
    driver = empty.driver_add("location", 0).driver
    driver.type = "SUM"
    target = driver.variables.new().targets[0]
    target.id_type, target.id, target.data_path = kind, datablock, path


def keyed_mesh():
    return mesh(keys=True)


def shape_keys():
    return mesh(keys=True).shape_keys


def curve():
    rng = random.Random(12)
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.dimensions, curve.bevel_depth, curve.bevel_resolution, curve.resolution_u = "3D", 0.2, 0, 2
    bezier = curve.splines.new("BEZIER")
    bezier.bezier_points.add(11)
    kinds = ("AUTO", "VECTOR", "ALIGNED", "FREE")
    for i, point in enumerate(bezier.bezier_points):
        point.co, point.radius, point.tilt = vector(rng), rng.random(), rng.random()
        point.handle_left_type = point.handle_right_type = kinds[i % 4]
        point.handle_left, point.handle_right = vector(rng), vector(rng)
    nurbs = curve.splines.new("NURBS")
    nurbs.points.add(11)
    for point in nurbs.points:
        point.co, point.radius = vector(rng, 4, 0.5, 3), rng.random()
    nurbs.use_endpoint_u = True
    link("Curve", curve).modifiers.new("Wave", "WAVE")
    link("Bare", curve)
    driven("CURVE", curve, "splines[1].points[2].co[0]")
    return curve


def lattice():
    rng = random.Random(13)
    lattice = bpy.data.lattices.new("Lattice")
    lattice.points_u, lattice.points_v, lattice.points_w = 3, 4, 2
    ob = link("Lattice", lattice)
    ob.scale = (12, 12, 12)
    deformed = link("Deformed", random_mesh(rng, 5, 4, "Mesh", layers=False))
    deformed.modifiers.new("Lattice", "LATTICE").object = ob
    return lattice


def metaballs():
    ball = bpy.data.metaballs.new("Ball")
    ball.resolution = 0.4
    for i in range(4):
        ball.elements.new().co = (1.2 * i, 0, 0)
    link("Ball", ball)
    return ball


def armature():
    """An object with a posed armature, a mesh that it deforms."""
    rng = random.Random(14)
    ob = link("Armature", bpy.data.armatures.new("Armature"))
    activate(ob)
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for i in range(9):
        bone = ob.data.edit_bones.new(f"Bone{i}")
        bone.head, bone.tail = (i, 0, 0), (i + 0.5, 1, i / 3)
        bone.parent, parent = parent, (bone if i % 3 else None)
    bpy.ops.object.mode_set(mode="OBJECT")
    deformed = link("Deformed", random_mesh(rng, 5, 4, "Mesh", layers=False))
    for i in range(9):
        deformed.vertex_groups.new(name=f"Bone{i}").add([i, i + 9, i + 18], 0.75, "REPLACE")
    deformed.modifiers.new("Armature", "ARMATURE").object = ob
    ob.pose.bones["Bone4"].constraints.new("COPY_LOCATION").target = deformed
    return ob


def edited_armature():
    ob = armature()
    activate(ob)
    bpy.ops.object.mode_set(mode="EDIT")
    return ob.data


def objects():
    """Objects with a child, a constraint, a driver; the first is what the others follow."""
    rng = random.Random(15)
    data = random_mesh(rng, 2, 2, "Mesh", layers=False)
    for i in range(9):
        ob = link(f"Object{i}", data)
        ob.location, ob.rotation_euler, ob.scale = vector(rng), vector(rng), vector(rng, 3, 0.5, 2)
        ob.rotation_mode = ("XYZ", "QUATERNION")[i % 2]
    for i in (1, 2):
        bpy.data.objects[f"Object{i}"].parent = bpy.data.objects["Object0"]
    bpy.data.objects["Object3"].constraints.new("COPY_LOCATION").target = bpy.data.objects["Object4"]
    bpy.data.objects["Object5"].modifiers.new("Mirror", "MIRROR").mirror_object = bpy.data.objects["Object6"]
    driven("OBJECT", bpy.data.objects["Object7"], "location.x")
    return bpy.context.scene


def action():
    """An animated object, and one that follows it."""
    rng = random.Random(16)
    ob = link("Animated", None)
    for i in range(12):
        ob.location, ob.rotation_euler = vector(rng), vector(rng)
        for name in ("location", "rotation_euler"):
            ob.keyframe_insert(name, frame=4 * i + 1)
    for curve in curves_of(ob.animation_data.action):
        for i, key in enumerate(curve.keyframe_points):
            key.handle_left_type = key.handle_right_type = ("FREE", "ALIGNED", "AUTO", "VECTOR")[i % 4]
    link("Follower", None).constraints.new("COPY_LOCATION").target = ob
    bpy.context.scene.frame_set(11)
    return ob.animation_data.action


def image():
    """A picture that displaces a mesh."""
    rng = random.Random(17)
    image = bpy.data.images.new("Image", 6, 5, float_buffer=True)
    image.pixels.foreach_set([rng.random() for _ in range(len(image.pixels))])
    texture = bpy.data.textures.new("Texture", "IMAGE")
    texture.image = image
    ob = link("Displaced", random_mesh(rng, 5, 4, "Mesh", layers=False))
    modifier = ob.modifiers.new("Displace", "DISPLACE")
    modifier.texture, modifier.texture_coords, modifier.uv_layer = texture, "UV", "UV"
    fill(ob.data.uv_layers["UV"].data, "uv", lambda: vector(rng, 2, 0, 1), 2)
    return image


def byte_image():
    float_image = image()
    picture = bpy.data.images.new("Bytes", 6, 5)
    bpy.data.textures["Texture"].image = picture
    bpy.data.images.remove(float_image)
    return picture


def nodes():
    """Geometry nodes that move a mesh by a value."""
    rng = random.Random(18)
    tree = bpy.data.node_groups.new("Move", "GeometryNodeTree")
    for side in ("INPUT", "OUTPUT"):
        if VERSION >= (4, 0):
            tree.interface.new_socket("Geometry", in_out=side, socket_type="NodeSocketGeometry")
        else:
            getattr(tree, side.lower() + "s").new("NodeSocketGeometry", "Geometry")
    start, move, end = (tree.nodes.new(k) for k in ("NodeGroupInput", "GeometryNodeSetPosition", "NodeGroupOutput"))
    mix, value = tree.nodes.new("ShaderNodeCombineXYZ"), tree.nodes.new("ShaderNodeValue")
    value.name, mix.name = "Value", "Mix"
    tree.links.new(start.outputs[0], move.inputs[0])
    tree.links.new(move.outputs[0], end.inputs[0])
    tree.links.new(value.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], move.inputs["Offset"])
    link("Moved", random_mesh(rng, 3, 3, "Mesh", layers=False)).modifiers.new("Nodes", "NODES").node_group = tree
    return tree


def nla_strips():
    """Strips of one action, in two tracks that add to one another."""
    ob = link("Strips", None)
    for frame in (1, 9):
        ob.location.x = frame
        ob.keyframe_insert("location", frame=frame)
    action, ob.animation_data.action = ob.animation_data.action, None
    for t in range(2):
        track = ob.animation_data.nla_tracks.new()
        for i in range(4):
            strip = track.strips.new(f"Strip{i}", 1 + 20 * i, action)
            strip.blend_type, strip.use_animated_influence = "ADD", t == 1
    return ob


def hair():
    if VERSION < (4, 0):
        bpy.ops.object.curves_random_add()
        ob = bpy.context.object
        ob.name = ob.data.name = "Hair"
        return ob.data
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([3, 5, 4])
    link("Hair", curves)
    return curves


def point_cloud():
    cloud = bpy.data.pointclouds.new("Points")
    cloud.resize(17)
    link("Points", cloud)
    return cloud


def grease_pencil():
    pencil = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Pencil")
    frame = pencil.layers.new("Layer").frames.new(1)
    if hasattr(frame, "drawing"):
        frame.drawing.add_strokes([9, 12])
    else:
        for count in (9, 12):
            frame.strokes.new().points.add(count)
    link("Pencil", pencil)
    return pencil


def settings():
    """Modifiers, constraints, materials: values that objects have beside their data."""
    rng = random.Random(19)
    ob = link("Object", random_mesh(rng, 3, 3, "Mesh", layers=False))
    ob.location.x = 5.0
    ob.data.materials.clear()
    for i in range(4):
        ob.modifiers.new(f"Displace{i}", "DISPLACE").strength = i / 3
        limit = ob.constraints.new("LIMIT_LOCATION")
        limit.use_max_x, limit.max_x = True, 1.0
        ob.data.materials.append(bpy.data.materials.new(f"Material{i}"))
    return ob
