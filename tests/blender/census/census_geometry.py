# tests/blender/census/census_geometry.py: pieces of the census's scene: helpers, geometry, armatures, animation
"""Each function adds one kind of data with random values; census_scene.py calls them."""
import contextlib

import bpy

from support import ATTRIBUTES, DOMAINS, VERSION, fill, fill_attribute, random_mesh


# ---- helpers

def vector(rng, count=3, low=-5.0, high=5.0):
    return [rng.uniform(low, high) for _ in range(count)]


def link(name, data):
    """A new object in the scene."""
    ob = unlinked(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def unlinked(name, data):
    """A new object that no scene evaluates."""
    return bpy.data.objects.new(name, data)


def activate(ob):
    bpy.context.view_layer.objects.active = ob
    for other in bpy.context.view_layer.objects:
        other.select_set(other is ob)


def curves_of(action):
    """The f-curves of an action in the version's form."""
    if hasattr(action, "fcurves"):
        return action.fcurves
    return action.layers[0].strips[0].channelbags[0].fcurves


def choices(struct, name):
    """The items of an enum that a setter may take."""
    return [item.identifier for item in struct.bl_rna.properties[name].enum_items]


# ---- meshes

def meshes(rng):
    mesh = random_mesh(rng, 6, 5, "Full")
    more_layers(mesh, rng)
    ob = link("Full", mesh)
    ob.location, ob.rotation_euler, ob.scale = vector(rng), vector(rng), vector(rng, 3, 0.5, 2)
    vertex_weights(ob, rng)
    shape_keys(ob, rng)
    mesh.calc_loop_triangles()
    if VERSION < (4, 0):
        mesh.calc_normals_split()
    mesh.calc_tangents()
    skinned = random_mesh(rng, 3, 3, "Skinned", layers=False)  # evaluated by nothing: Blender could not write it
    for i in range(2):
        unlinked("Skinned", skinned).modifiers.new(f"Skin{i}", "SKIN")  # makes the mesh's skin layer
    for layer in skinned.skin_vertices:
        fill(layer.data, "radius", lambda: vector(rng, 2, 0.1, 2), 2)
        for point in layer.data:
            point.use_root, point.use_loose = rng.random() < 0.5, rng.random() < 0.5
    plain = random_mesh(rng, 3, 2, "Plain", layers=False)
    for i in range(3):
        link(f"Copy{i}", plain).location = vector(rng)
    single = bpy.data.meshes.new("One triangle")
    single.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    bpy.data.meshes.new("Empty")
    for each in (mesh, plain, single):  # 3.4 writes the first mark, which makes the layer, to element 0
        if "use_freestyle_mark" in bpy.types.MeshPolygon.bl_rna.properties:
            each.polygons[0].use_freestyle_mark = each.edges[0].use_freestyle_mark = True


def more_layers(mesh, rng):
    second = mesh.uv_layers.new(name="Second")
    fill(second.data, "uv", lambda: vector(rng, 2), 2)
    if VERSION < (4, 0):
        for layer in mesh.uv_layers:
            for loop in layer.data:
                loop.pin_uv, loop.select, loop.select_edge = (rng.random() < 0.5 for _ in range(3))
        mesh.sculpt_vertex_colors.new(name="Sculpt")
        mesh.vertex_layers_float.new(name="Old float")
        mesh.vertex_layers_int.new(name="Old int")
        mesh.polygon_layers_float.new(name="Old float")
        mesh.polygon_layers_int.new(name="Old int")
        fill(mesh.vertices, "bevel_weight", rng.random)
        fill(mesh.edges, "bevel_weight", rng.random)
        fill(mesh.edges, "crease", rng.random)
        for elements in (mesh.face_maps.new(name="Maps").data,):
            fill(elements, "value", lambda: rng.randrange(4))
    for data_type, name, count, value in (("INT16_2D", "value", 2, lambda: rng.randint(-99, 99)),
                                          ("FLOAT4", "value", 4, rng.random)):
        if data_type in choices(bpy.types.Attribute, "data_type"):
            for domain in DOMAINS:
                data = mesh.attributes.new(f"{data_type}_{domain}", data_type, domain).data
                for element in data:
                    value_name = name if hasattr(element, name) else "vector"
                    setattr(element, value_name, [value() for _ in range(count)])
    for domain in DOMAINS:
        mesh.attributes.new(f"STRING_{domain}", "STRING", domain)
    if VERSION >= (4, 3):
        for name, domain in (("crease_edge", "EDGE"), ("crease_vert", "POINT"), ("bevel_weight_edge", "EDGE"),
                             ("bevel_weight_vert", "POINT"), (".sculpt_mask", "POINT")):
            fill(mesh.attributes.new(name, "FLOAT", domain).data, "value", rng.random)
    if VERSION >= (4, 3) and VERSION < (5, 0):  # its flags crash while their layers are missing (BLENDER-FACTS.md)
        for layer in [layer.name for layer in mesh.uv_layers]:
            for kind in ("vs", "es", "pn"):
                mesh.attributes.new(f".{kind}.{layer}", "BOOLEAN", "CORNER")


def vertex_weights(ob, rng):
    for g in range(3):
        group = ob.vertex_groups.new(name=f"Group{g}")
        group.lock_weight = g == 1
        for v in range(len(ob.data.vertices)):
            if rng.random() < 0.6:
                group.add([v], rng.random(), "REPLACE")


def shape_keys(ob, rng):
    ob.shape_key_add(name="Basis")
    for k in range(2):
        key = ob.shape_key_add(name=f"Key{k}")
        key.slider_min, key.slider_max, key.value = -1.0 - k, 1.0 + k, rng.random()
        key.mute, key.interpolation = k == 1, rng.choice(choices(key, "interpolation"))
        for point in key.data:
            if hasattr(point, "co"):
                point.co = vector(rng)


# ---- curves, surfaces, texts, lattices, metaballs

def splines(rng):
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.dimensions = "3D"
    for kind, count in (("BEZIER", 5), ("POLY", 4), ("NURBS", 6), ("BEZIER", 3)):
        add_spline(curve, kind, count, rng)
    shape_keys(link("Curve", curve), rng)
    only = bpy.data.curves.new("Bezier only", "CURVE")
    for _ in range(2):
        add_spline(only, "BEZIER", 4, rng)
    shape_keys(unlinked("Bezier only", only), rng)
    bpy.ops.surface.primitive_nurbs_surface_surface_add()
    for point in bpy.context.object.data.splines[0].points:
        point.co, point.radius = vector(rng, 4, 0.5, 3), rng.random()
    text = bpy.data.curves.new("Text", "FONT")
    text.body = "census"
    for i, character in enumerate(text.body_format):
        character.use_bold, character.use_italic, character.material_index = i % 2 == 0, i % 3 == 0, i
        character.kerning = rng.uniform(-1, 1) if VERSION >= (4, 0) else rng.randint(-9, 9)
    for i, box in enumerate(text.text_boxes):
        box.x, box.width = i + 0.5, 2.0
    unlinked("Text", text)


def add_spline(curve, kind, count, rng):
    spline = curve.splines.new(kind)
    spline.use_cyclic_u, spline.resolution_u = rng.random() < 0.5, rng.randint(1, 9)
    if kind == "BEZIER":
        spline.bezier_points.add(count - 1)
        for point in spline.bezier_points:
            point.handle_left_type = point.handle_right_type = "FREE"
            point.co, point.handle_left, point.handle_right = vector(rng), vector(rng), vector(rng)
            point.radius, point.tilt, point.weight_softbody = rng.random(), rng.random(), rng.random()
            point.hide, point.select_control_point = rng.random() < 0.5, rng.random() < 0.5
            point.select_left_handle = rng.random() < 0.5
    else:
        spline.points.add(count - 1)
        for point in spline.points:
            point.co, point.radius, point.tilt = vector(rng, 4, 0.5, 3), rng.random(), rng.random()
            point.weight, point.weight_softbody = rng.random(), rng.random()
            point.hide, point.select = rng.random() < 0.5, rng.random() < 0.5


def lattices(rng):
    lattice = bpy.data.lattices.new("Lattice")
    lattice.points_u, lattice.points_v, lattice.points_w = 3, 4, 2
    for point in lattice.points:
        point.co_deform, point.select, point.weight_softbody = vector(rng), rng.random() < 0.5, rng.random()
    ob = link("Lattice", lattice)
    group = ob.vertex_groups.new(name="Weights")
    group.add(list(range(0, len(lattice.points), 2)), 0.5, "REPLACE")
    shape_keys(ob, rng)


def metaballs(rng):
    ball = bpy.data.metaballs.new("Ball")
    for kind in choices(bpy.types.MetaElement, "type"):
        element = ball.elements.new(type=kind)
        element.co, element.radius, element.stiffness = vector(rng), rng.uniform(0.5, 2), rng.uniform(1, 5)
        element.use_negative, element.hide = rng.random() < 0.5, rng.random() < 0.5
    link("Ball", ball)


# ---- armatures and data without elements of their own

def armatures(rng):
    ob = link("Armature", bpy.data.armatures.new("Armature"))
    activate(ob)
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for i in range(12):
        bone = ob.data.edit_bones.new(f"Bone{i:02d}")
        bone.head, bone.tail = vector(rng), vector(rng)
        bone.parent, parent = parent, (bone if i % 4 else None)
        bone.roll, bone.bbone_segments = rng.random(), 1 + i % 3
    bpy.ops.object.mode_set(mode="OBJECT")
    if hasattr(ob.data, "collections"):
        for i in range(3):
            group = ob.data.collections.new(f"Bones{i}")
            for bone in list(ob.data.bones)[i::3]:
                group.assign(bone)
    else:
        for i in range(3):
            ob.pose.bone_groups.new(name=f"Bones{i}")
    for i, bone in enumerate(ob.pose.bones):
        bone.location, bone.scale = vector(rng), vector(rng, 3, 0.5, 2)
        bone.rotation_quaternion, bone.lock_location = vector(rng, 4, -1, 1), (True, False, i % 2 == 0)
        if i % 3 == 0:
            bone.constraints.new("IK").chain_count = 1
            bone.constraints.new("LIMIT_ROTATION").max_x = rng.random()


def simple_data(rng):
    for i in range(3):
        camera = bpy.data.cameras.new(f"Camera{i}")
        camera.lens, camera.type = rng.uniform(10, 90), ("PERSP", "ORTHO", "PANO")[i]
        for _ in range(3):
            camera.background_images.new().alpha = rng.random()
        link(camera.name, camera)
    for kind in choices(bpy.types.Light, "type"):
        light = bpy.data.lights.new(kind.title(), kind)
        light.energy, light.color = rng.uniform(1, 50), vector(rng, 3, 0, 1)
        unlinked(light.name, light)
    kinds = bpy.data.lightprobes.bl_rna.functions["new"].parameters["type"].enum_items
    for kind in kinds.keys():
        bpy.data.lightprobes.new(f"Probe {kind}", kind)
    for i in range(2):
        bpy.data.speakers.new(f"Speaker{i}").volume = rng.random()
        bpy.data.volumes.new(f"Volume{i}")
        empty = unlinked(f"Empty{i}", None)
        empty.empty_display_size = rng.random()
        empty.delta_location, empty.lock_scale, empty.rotation_mode = vector(rng), (True, False, i == 0), "XYZ"


# ---- animation

def actions(rng):
    for i in range(2):
        ob = link(f"Animated{i}", None)
        for frame in range(6):
            ob.location, ob.rotation_euler = vector(rng), vector(rng)
            for path in ("location", "rotation_euler"):
                ob.keyframe_insert(path, frame=3 * frame + 1)
        action = ob.animation_data.action
        action.pose_markers.new("Marker").frame = 5
        for curve in list(curves_of(action))[:3]:
            curve.color, curve.mute = vector(rng, 3, 0, 1), rng.random() < 0.5
            for key in curve.keyframe_points:
                key.handle_left_type = key.handle_right_type = "FREE"
                key.handle_left, key.handle_right = vector(rng, 2), vector(rng, 2)
                key.interpolation = rng.choice(choices(key, "interpolation"))
                key.easing = rng.choice(choices(key, "easing"))
                key.select_control_point, key.amplitude = rng.random() < 0.5, rng.random()
            for kind in ("CYCLES", "GENERATOR", "NOISE", "ENVELOPE", "LIMITS", "STEPPED", "FNGENERATOR"):
                modifier = curve.modifiers.new(kind)
                modifier.mute = modifier.use_influence = rng.random() < 0.5
                # An ENVELOPE stays without control points: 4.3.2 crashed once in control_points.add().
        curves_of(action)[3].convert_to_samples(1, 9)
    if hasattr(action, "groups"):
        for i in range(3):
            action.groups.new(f"Group{i}").color_set = "THEME01"


def drivers_and_nla(rng):
    ob = bpy.data.objects["Animated0"]
    ob["prop"] = 1.5
    for i in range(3):
        curve = ob.driver_add("scale", i)
        for kind in ("SINGLE_PROP", "TRANSFORMS", "ROTATION_DIFF"):
            variable = curve.driver.variables.new()
            variable.type = kind
            for target in variable.targets:
                target.id = ob
        curve.driver.type = "AVERAGE"
    other = bpy.data.objects["Animated1"]
    for _ in range(3):
        track = other.animation_data.nla_tracks.new()
    for i in range(3):
        strip = track.strips.new(f"Strip{i}", 1 + 40 * i, ob.animation_data.action)
        strip.influence, strip.blend_in, strip.repeat = rng.random(), rng.random(), 1 + i


# ---- hair, points, Grease Pencil

def hair_curves(rng):
    if "add_curves" in bpy.types.Curves.bl_rna.functions:
        curves = bpy.data.hair_curves.new("Hair")
        curves.add_curves([3, 5, 4])
    else:  # 3.4 makes some by an operator only
        bpy.ops.object.curves_random_add()
        curves = bpy.context.object.data
    for point in list(curves.points)[:400]:
        point.position = vector(rng)
    custom_attributes(curves, ("POINT", "CURVE"), rng)


def point_clouds(rng):
    if "resize" in bpy.types.PointCloud.bl_rna.functions:
        cloud = bpy.data.pointclouds.new("Points")
        cloud.resize(17)
    else:
        with experimental("use_new_point_cloud_type"):
            bpy.ops.object.pointcloud_add()
        cloud = bpy.context.object.data
    for point in cloud.points:
        point.co = vector(rng)
    custom_attributes(cloud, ("POINT",), rng)


@contextlib.contextmanager
def experimental(name):
    """What Blender keeps behind a developers' option."""
    preferences = bpy.context.preferences
    before = preferences.view.show_developer_ui, getattr(preferences.experimental, name)
    preferences.view.show_developer_ui = True
    setattr(preferences.experimental, name, True)
    try:
        yield
    finally:
        preferences.view.show_developer_ui = before[0]
        setattr(preferences.experimental, name, before[1])


def custom_attributes(owner, domains, rng):
    for data_type in ATTRIBUTES:
        for domain in domains:
            attribute = owner.attributes.new(f"{data_type}_{domain}", data_type, domain)
            if len(attribute.data):
                fill_attribute(attribute, rng)


def grease_pencils(rng):
    blocks = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils)
    block = blocks.new("Pencil")
    for i in range(3):
        layer = block.layers.new(f"Layer{i}")
        layer.opacity = rng.random()
        for number in (1, 7, 15):
            frame = layer.frames.new(number)
            if hasattr(frame, "drawing"):
                drawn_strokes(frame.drawing, rng)
            else:
                old_strokes(frame, rng)
    if hasattr(block, "layer_groups"):
        for i in range(3):
            block.layer_groups.new(f"Group{i}")
    link("Pencil", block)


def drawn_strokes(drawing, rng):
    drawing.add_strokes([3, 4, 2])
    for stroke in drawing.strokes:
        stroke.cyclic, stroke.softness = rng.random() < 0.5, rng.random()
        for point in stroke.points:
            point.position, point.radius, point.opacity = vector(rng), rng.random(), rng.random()
            point.vertex_color = vector(rng, 4, 0, 1)
    custom_attributes(drawing, ("POINT", "CURVE"), rng)


def old_strokes(frame, rng):
    for count in (3, 5):
        stroke = frame.strokes.new()
        stroke.line_width, stroke.hardness = rng.randint(1, 99), rng.random()
        stroke.points.add(count)
        for point in stroke.points:
            point.co, point.pressure, point.strength = vector(rng), rng.random(), rng.random()
            point.vertex_color, point.select = vector(rng, 4, 0, 1), rng.random() < 0.5


def annotations(rng):
    blocks = getattr(bpy.data, "annotations", bpy.data.grease_pencils)
    if VERSION < (4, 3):
        return  # there they are Grease Pencils
    block = blocks.new("Notes")
    for i in range(2):
        layer = block.layers.new(f"Note{i}")
        layer.color = vector(rng, 3, 0, 1)
        frame = layer.frames.new(3 * i)
        for _ in range(3 if hasattr(frame.strokes, "new") else 0):
            frame.strokes.new().points.add(4)
