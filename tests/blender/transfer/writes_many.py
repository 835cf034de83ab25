# tests/blender/transfer/writes_many.py: what is written without entering, in many forms: suppliers, and bpy's own values
import bpy

from counted_calls import LOCATION
from support import EVERY, plain

COUNT = 24  # structs


def link(name, data):
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def meshes(sizes):
    """Objects whose meshes have so many quads each."""
    found = []
    for number, size in enumerate(sizes):
        mesh = bpy.data.meshes.new(f"Mesh{number}")
        mesh.from_pydata([(i, k, number) for i in range(size + 1) for k in range(2)], [],
                         [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(size)])
        mesh.uv_layers.new(name="UV")
        found.append(link(f"Of{number}", mesh))
    return found


def _fcurves():
    ob = link("Keyed", None)
    for frame in range(12):
        ob.location, ob.scale = (frame, 2, frame / 8), (1, frame, 3)
        ob.keyframe_insert("location", frame=frame)
        ob.keyframe_insert("scale", frame=frame)
    action = ob.animation_data.action
    return action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves


def _shape_keys():
    ob = link("Shaped", meshes([9])[0].data)
    for number in range(8):
        ob.shape_key_add(name=f"Key {number}")
        for i, point in enumerate(ob.data.shape_keys.key_blocks[number].data):
            point.co = (i, number, 1)
    return ob.data.shape_keys


def _bones():
    rig = link("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(COUNT):
        rig.data.edit_bones.new(f"Bone{i}").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig.pose.bones


def ways():
    """Name -> (supplier, items, options, function that gives bpy's values): a fresh scene for each."""
    equal, ragged, curves, shaped, bones = meshes([5] * COUNT), meshes(range(1, COUNT)), _fcurves(), _shape_keys(), _bones()
    mesh = meshes([COUNT])[0].data
    small = mesh.attributes.new("Small", "INT8", "POINT")
    small.data.foreach_set("value", [i % 100 for i in range(len(small.data))])
    mask = [i % 3 == 0 for i in range(len(mesh.vertices))]
    curve = bpy.data.curves.new("Splines", "CURVE")
    link("Splines", curve)
    for _ in range(COUNT):
        curve.splines.new("NURBS").points.add(4)
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for _ in range(COUNT):
        tree.nodes.new("ShaderNodeMath")
    bpy.context.view_layer.update()
    keys = "co", "handle_left", "handle_right"
    co = EVERY, "data", "vertices", EVERY, "co"
    return {
        "meshes": (equal, co, {}, lambda: [[plain(v.co) for v in ob.data.vertices] for ob in equal]),
        "meshes, flat": (ragged, co, {"ragged": "flat"}, lambda: [plain(v.co) for ob in ragged for v in ob.data.vertices]),
        "uv": (equal, (EVERY, "data", "uv_layers", '["UV"]', "data", EVERY, "uv"), {},
               lambda: [[plain(one.uv) for one in ob.data.uv_layers["UV"].data] for ob in equal]),
        "keys": (curves, (EVERY, "keyframe_points", EVERY, keys), {},
                 lambda: [[[plain(getattr(key, name)) for name in keys] for key in one.keyframe_points] for one in curves]),
        "keys of one": (curves[1].keyframe_points, (EVERY, keys), {},
                        lambda: [[plain(getattr(key, name)) for name in keys] for key in curves[1].keyframe_points]),
        "shape keys": (shaped, ("key_blocks", EVERY, "data", EVERY, "co"), {},
                       lambda: [[plain(one.co) for one in block.data] for block in shaped.key_blocks]),
        "some shape keys": (shaped.key_blocks, (slice(2, 7, 2), "data", EVERY, "co"), {},
                            lambda: [[plain(one.co) for one in block.data] for block in shaped.key_blocks[2:7][::2]]),
        "key values": (shaped.key_blocks, (EVERY, "slider_max"), {}, lambda: [one.slider_max for one in shaped.key_blocks]),
        "splines": (curve, ("splines", EVERY, "points", EVERY, "co"), {},
                    lambda: [[plain(one.co) for one in spline.points] for spline in curve.splines]),
        "inputs": (tree.nodes, (EVERY, "inputs", EVERY, "default_value"), {},
                   lambda: [[one.default_value for one in node.inputs] for node in tree.nodes]),
        "nodes": (tree.nodes, (EVERY, LOCATION), {}, lambda: [plain(getattr(node, LOCATION)) for node in tree.nodes]),
        "list": (equal, (EVERY, "location"), {}, lambda: [plain(ob.location) for ob in equal]),
        "list, two": (equal, (EVERY, ("location", "delta_scale")), {},
                      lambda: [[plain(ob.location), plain(ob.delta_scale)] for ob in equal]),
        "objects": (bpy.data.objects, (EVERY, "location"), {}, lambda: [plain(ob.location) for ob in bpy.data.objects]),
        "bones": (bones, (EVERY, ("location", "scale")), {},
                  lambda: [[plain(bone.location), plain(bone.scale)] for bone in bones]),
        "small": (mesh, ("attributes", '["Small"]', "data", EVERY, "value"), {}, lambda: [one.value for one in small.data]),
        "mask": (mesh.vertices, (mask, "co"), {}, lambda: [plain(v.co) for v, is_one in zip(mesh.vertices, mask) if is_one]),
        "numbers": (mesh.vertices, ([7, 3, 30], "co"), {}, lambda: [plain(mesh.vertices[i].co) for i in (7, 3, 30)]),
        "matrices": (bones, (EVERY, "matrix_basis"), {}, None),
    }
