# tests/blender/transfer/test_traps.py: collections and properties whose memory is not what it looks like: values must be bpy's all the same
"""Each supplier here has misled a reader of raw memory before: wrong or shared declared storage, index-encoded
pointers, lists and scattered allocations that look like arrays, getters that disagree with iteration."""
import math
import random

import bpy

from support import (EVERY, VERSION, check, check_oracle, fill_memcache, random_mesh, random_objects, same, spec)


def reads(supplier, *names):
    for name in names:
        check_oracle(supplier, (EVERY, name))


def writes(supplier_of, name, values):
    """Update through rnaslicer; expect what bpy's setter makes of the same values, element by element."""
    from rnaslicer import Slicer
    before = [getattr(e, name) for e in supplier_of()]
    before = [list(b) if hasattr(b, "__len__") and not isinstance(b, str) else b for b in before]
    spec.assign(supplier_of(), (EVERY, name), values)
    expected = spec.evaluate(supplier_of(), (EVERY, name)).tolist()
    for element, value in zip(supplier_of(), before):
        setattr(element, name, value)
    with Slicer(supplier_of())[:, name] as vw:
        fill_memcache(vw.memcache, values)
        vw.update()
    same(spec.evaluate(supplier_of(), (EVERY, name)).tolist(), expected, name)


def node_tree():
    rng = random.Random(1)
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(12):
        node = tree.nodes.new("ShaderNodeMath" if i % 3 else "ShaderNodeMix" if VERSION >= (4, 3) else "ShaderNodeMixRGB")
        node.location = (rng.uniform(-500, 500), rng.uniform(-500, 500))
        node.width = rng.uniform(100, 300)
        node.mute = rng.random() < 0.5
    return tree


def test_nodes_are_a_list():
    tree = node_tree()
    reads(tree.nodes, "location", "width", "mute", "select", "hide")
    writes(lambda: tree.nodes, "location", [float(i) for i in range(24)])
    writes(lambda: tree.nodes, "mute", [i % 3 == 0 for i in range(12)])


def test_sockets_keep_their_value_elsewhere():
    """Their default_value declares an offset that belongs to another struct: a raw write there corrupts memory."""
    node = node_tree().nodes[1]
    for i, socket in enumerate(node.inputs):
        socket.default_value = i + 0.25
    reads(node.inputs, "default_value", "hide")
    writes(lambda: node.inputs, "default_value", [2.5 * i for i in range(len(node.inputs))])


def test_material_slots_have_no_memory():
    """as_pointer() of a slot is a base plus the slot's number."""
    ob = random_objects(random.Random(2), random_mesh(random.Random(3), 3, 3, layers=False), 1)[0]
    ob.material_slots[1].link = ob.material_slots[3].link = "OBJECT"
    reads(ob.material_slots, "link")
    numbers = [1, 0, 1, 1]
    writes(lambda: ob.material_slots, "link", numbers)


def test_enums_that_share_a_word():
    objects = random_objects(random.Random(4), random_mesh(random.Random(5), 3, 3, layers=False))
    for i, ob in enumerate(objects):
        ob.empty_image_side = ("DOUBLE_SIDED", "FRONT", "BACK")[i % 3]
        ob.instance_type = ("NONE", "VERTS", "FACES")[i % 3]
        ob.show_empty_image_orthographic = i % 2 == 0
        ob.show_instancer_for_render = i % 4 == 0
    names = ("empty_image_side", "instance_type", "show_empty_image_orthographic", "show_instancer_for_render",
             "hide_render", "hide_select", "lock_location", "rotation_mode", "color", "pass_index")
    reads(bpy.data.objects, *names)
    items = [item.value for item in bpy.types.Object.bl_rna.properties["empty_image_side"].enum_items]
    others = {n: spec.evaluate(bpy.data.objects, (EVERY, n)).tolist() for n in names if n != "empty_image_side"}
    writes(lambda: bpy.data.objects, "empty_image_side", [items[(i + 1) % 3] for i in range(len(objects))])
    for name, values in others.items():
        same(spec.evaluate(bpy.data.objects, (EVERY, name)).tolist(), values, f"{name} beside empty_image_side")


def test_curve_mapping_points():
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    node = tree.nodes.new("ShaderNodeFloatCurve")
    curve = node.mapping.curves[0]
    for i in range(6):
        curve.points.new(i / 7 + 0.05, i / 9)
    for i, point in enumerate(curve.points):
        point.handle_type = ("AUTO", "VECTOR", "AUTO_CLAMPED")[i % 3]
        point.select = i % 2 == 0
    for name in ("location", "handle_type", "select"):  # Blender tells no path to the points, but the node has one
        check_oracle(node, ("mapping", "curves", 0, "points", EVERY, name))


def test_color_ramps():
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    ramp = tree.nodes.new("ShaderNodeValToRGB").color_ramp
    for i in range(5):
        ramp.elements.new(0.1 + i / 7).color = (i / 5, 0.5, 1 - i / 5, 1)
    reads(ramp.elements, "color", "position", "alpha")


def armature(count=60):
    """Bones lie so regularly in 3.4 that they pass for an array."""
    ob = bpy.data.objects.new("Armature", bpy.data.armatures.new("Armature"))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for i in range(count):
        bone = ob.data.edit_bones.new(f"Bone{i:02d}")
        bone.head, bone.tail = (i, 0, math.sin(i)), (i, 0.5, math.cos(i) + 2)
        bone.parent, parent = parent, (bone if i % 5 else None)
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob


def test_bones_are_scattered():
    ob = armature()
    reads(ob.data.bones, "head", "tail", "matrix", "matrix_local", "use_deform", "envelope_distance")
    reads(ob.pose.bones, "location", "rotation_quaternion", "matrix", "rotation_mode", "lock_location")
    writes(lambda: ob.pose.bones, "location", [i / 3 for i in range(180)])
    writes(lambda: ob.pose.bones, "rotation_quaternion", [1.0, 0.5, 0.25, 0.125] * 60)
    writes(lambda: ob.data.bones, "envelope_distance", [float(i) for i in range(60)])
    check(ob.pose.bones, (EVERY, "bone", "head_local"), [list(p.bone.head_local) for p in ob.pose.bones], "f")


def test_lists_of_all_kinds():
    scene = bpy.context.scene
    for i in range(5):
        scene.timeline_markers.new(f"Marker{i}", frame=7 * i)
    reads(scene.timeline_markers, "frame", "select")
    palette = bpy.data.palettes.new("Palette")
    for i in range(5):
        palette.colors.new().color = (i / 5, 0.5, 0.25)
    reads(palette.colors, "color", "strength")
    ball = bpy.data.metaballs.new("Ball")
    for i in range(5):
        element = ball.elements.new()
        element.co, element.use_negative, element.radius = (i, 2 * i, 1), i % 2 == 0, 1 + i
    reads(ball.elements, "co", "use_negative", "radius", "rotation", "type", "use_scale_stiffness")
    ob = random_objects(random.Random(6), random_mesh(random.Random(7), 3, 3, layers=False), 1)[0]
    for i in range(4):
        ob.modifiers.new(f"Modifier{i}", "SUBSURF").levels = i
    reads(ob.modifiers, "show_viewport", "show_render", "type", "levels")
    for i in range(4):
        ob.constraints.new("COPY_LOCATION").influence = i / 4
    reads(ob.constraints, "influence", "mute")
    reads(scene.objects, "location")
    reads(bpy.context.view_layer.objects, "scale")
    reads(scene.collection.objects, "location", "hide_render")


def test_lattices_and_splines():
    lattice = bpy.data.lattices.new("Lattice")
    lattice.points_u, lattice.points_v = 3, 4
    for i, point in enumerate(lattice.points):
        point.co_deform = (i, 1, i / 2)
    reads(lattice.points, "co", "co_deform", "select", "weight_softbody")
    writes(lambda: lattice.points, "co_deform", [i / 7 for i in range(3 * len(lattice.points))])
    curve = bpy.data.curves.new("Curve", "CURVE")
    for kind in ("NURBS", "POLY"):
        spline = curve.splines.new(kind)
        spline.points.add(6)
        for i, point in enumerate(spline.points):
            point.co, point.radius, point.hide = (i, 1, 2, 1 + i / 4), i / 3, i % 2 == 0
    reads(curve.splines[0].points, "co", "radius", "hide", "tilt", "select")
    check(curve.splines, (EVERY, "points", EVERY, "co", "w"), [[p.co[3] for p in s.points] for s in curve.splines], "f")
    reads(curve.splines, "type", "resolution_u", "use_cyclic_u", "order_u", "point_count_u")
    writes(lambda: curve.splines[0].points, "hide", [i % 3 == 0 for i in range(7)])


def test_shape_keys_clamp_to_their_sliders():
    ob = random_objects(random.Random(8), random_mesh(random.Random(9), 3, 3, layers=False), 1)[0]
    ob.shape_key_add(name="Basis")
    for i in range(3):
        key = ob.shape_key_add(name=f"Key{i}")
        key.slider_min, key.slider_max = -1.0 - i, 1.0 + i
    keys = lambda: ob.data.shape_keys.key_blocks  # noqa: E731
    reads(keys(), "value", "slider_min", "slider_max", "mute", "interpolation")
    writes(keys, "value", [9.0, -9.0, 9.0, -0.5])


def test_clamped_numbers():
    """Setters clamp to the hard range, and so must updates; some round on the way."""
    objects = random_objects(random.Random(10), random_mesh(random.Random(11), 3, 3, layers=False), 4)
    assert objects
    writes(lambda: bpy.data.objects, "pass_index", [-5, 40000, 12, 2**31 - 1])
    writes(lambda: bpy.data.objects, "empty_display_size", [-1.0, 0.0, 5.0, 1e9])
    curve = bpy.data.curves.new("Curve", "CURVE")
    for _ in range(3):
        curve.splines.new("NURBS").points.add(5)
    writes(lambda: curve.splines, "resolution_u", [-3, 5000, 7])
    points = lambda: curve.splines[0].points  # noqa: E731
    writes(points, "weight_softbody", [-1.0, 0.5, 1e6, 50.0, 200.0, 0.0])
    writes(points, "radius", [-1.0, 0.5, 1e6, 50.0, 200.0, 0.0])


def test_uv_flags():
    """In 5.2 `pin` by index gives elements of another array than by iteration; iteration is right."""
    mesh = random_mesh(random.Random(12), 4, 3, layers=False)
    layer = mesh.uv_layers["UV"]
    reads(layer.data, "uv")
    if VERSION >= (4, 3):
        if VERSION >= (5, 0):
            mesh.attributes.new("pin_uv", "BOOLEAN", "CORNER")
        reads(layer.uv, "vector")
        reads(mesh.corner_normals, "vector")
    if VERSION == (3, 4):
        for i, loop in enumerate(layer.data):
            loop.pin_uv, loop.select = i % 2 == 0, i % 3 == 0
        reads(layer.data, "pin_uv", "select", "select_edge")
        writes(lambda: mesh.uv_layers["UV"].data, "pin_uv", [i % 5 == 0 for i in range(len(mesh.loops))])
        same([loop.select for loop in layer.data], [i % 3 == 0 for i in range(len(mesh.loops))], "the flag beside it")


def test_computed_values():
    mesh = random_mesh(random.Random(13), layers=False)
    mesh.calc_loop_triangles()
    reads(mesh.polygons, "center", "area", "normal")
    reads(mesh.loop_triangles, "vertices", "loops", "polygon_index", "area", "normal")
    reads(mesh.vertices, "normal", "index", "undeformed_co")
    reads(mesh.edges, "index", "is_loose")
    reads(mesh.loops, "index", "edge_index")
    ob = random_objects(random.Random(14), mesh, 2)[0]
    reads(bpy.data.objects, "matrix_world", "matrix_local", "matrix_basis", "bound_box", "dimensions")
    check(ob, ("bound_box", EVERY, 2), [c[2] for c in ob.bound_box], "f")


def test_matrices_are_written_by_rows():
    random_objects(random.Random(15), random_mesh(random.Random(16), 3, 3, layers=False), 3)
    from rnaslicer import Slicer
    with Slicer(bpy.data.objects)[:, "matrix_basis", :3, 3] as vw:
        fill_memcache(vw.memcache, [float(i) for i in range(9)])
        vw.update()
    for i, ob in enumerate(bpy.data.objects):
        got = list(ob.matrix_basis.translation)
        assert all(abs(g - (3 * i + k)) < 1e-5 for k, g in enumerate(got)), got


def test_hair_curves_and_points():
    """Geometry whose attributes live beside the elements."""
    if not hasattr(bpy.data, "hair_curves"):
        return
    curves = bpy.data.hair_curves.new("Hair")
    if not hasattr(curves, "add_curves"):
        return  # 3.4 has no way to add any
    curves.add_curves([3, 5, 4])
    for i, point in enumerate(curves.points):
        point.position = (i, 0.5, i / 3)
    reads(curves.points, "position", "radius")
    reads(curves.curves, "first_point_index", "points_length")


def test_slices_of_empty_collections():
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Empty")
    for elements, name, shape in (("vertices", "co", (0, 3)), ("edges", "vertices", (0, 2)), ("loops", "vertex_index", (0,))):
        with Slicer(getattr(mesh, elements))[:, name] as vw:
            assert tuple(vw.shape) == shape, vw.shape
            assert vw.memcache.tolist() == []
            vw.refresh()
            vw.update()
