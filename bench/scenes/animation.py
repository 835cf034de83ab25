# bench/scenes/animation.py: tasks on keyframes, bones and strokes
import bpy
import numpy as np
from rnaslicer import Slicer

from task import Task, fcurves_of

# ---- 300 f-curves


def animated(small):
    """100 objects' worth of f-curves in one action: 300 × 1000 keys."""
    count, keys = (12, 30) if small else (300, 1000)
    mesh = bpy.data.meshes.new("Morph")
    mesh.vertices.add(3)
    ob = bpy.data.objects.new("Morph", mesh)
    bpy.context.collection.objects.link(ob)
    for number in range(count):
        ob[f"p{number}"] = 0.0
        ob.keyframe_insert(f'["p{number}"]', frame=0)
    curves = fcurves_of(ob.animation_data.action)
    frames = np.arange(keys, dtype=np.float32)
    for number, curve in enumerate(curves):
        curve.keyframe_points.add(keys - 1)
        curve.keyframe_points.foreach_set("co", np.column_stack((frames, np.sin(frames / 9 + number))).ravel())
        curve.update()
    return curves


def curves_by_loop(curves):
    for curve in curves:
        for key in curve.keyframe_points:
            x, y = key.co
            key.co = x + 1, y
            key.interpolation = "LINEAR"


LINEAR = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items["LINEAR"].value


def curves_by_hand(curves):
    for curve in curves:
        points = curve.keyframe_points
        co = np.empty((len(points), 2), np.float32)
        points.foreach_get("co", co.ravel())
        co[:, 0] += 1
        points.foreach_set("co", co.ravel())
        points.foreach_set("interpolation", np.full(len(points), LINEAR, np.int32))


def curves_views(curves):
    return Slicer(curves)[:, "keyframe_points", :, "co", :], Slicer(curves)[:, "keyframe_points", :, "interpolation"]


def curves_work(_, co, interpolation):
    np.asarray(co.memcache)[:, :, 0] += 1
    np.asarray(interpolation.memcache)[:] = LINEAR
    co.update()
    interpolation.update()


def curves_written(curves):
    return [np.array([[tuple(key.co) for key in curve.keyframe_points] for curve in curves]),
            np.array([[key.interpolation == "LINEAR" for key in curve.keyframe_points] for curve in curves])]


# ---- motion capture

def rig(bones):
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    bpy.ops.object.mode_set(mode="EDIT")
    for number in range(1, bones):
        bone = rig.data.edit_bones.new(f"Joint {number}")
        bone.head, bone.tail, bone.parent = (number, 0, 1), (number, 0, 2), rig.data.edit_bones[0]
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def captured(small):
    """(f-curves of all bones' rotations, (curves, frames) values)."""
    bones, frames = (5, 12) if small else (100, 250)
    ob = rig(bones)
    for bone in ob.pose.bones:
        bone.keyframe_insert("rotation_quaternion", frame=0)
    curves = fcurves_of(ob.animation_data.action)
    for curve in curves:
        curve.keyframe_points.add(frames - 1)
    values = np.sin(np.arange(len(curves) * frames, dtype=np.float32) / 9).reshape(len(curves), frames)
    return curves, values


def capture_by_loop(data):
    curves, values = data
    for curve, row in zip(curves, values):
        for frame, (key, value) in enumerate(zip(curve.keyframe_points, row)):
            key.co = frame, value
        curve.update()


def capture_by_hand(data):
    curves, values = data
    frames = np.arange(values.shape[1], dtype=np.float32)
    for curve, row in zip(curves, values):
        curve.keyframe_points.foreach_set("co", np.column_stack((frames, row)).ravel())
        curve.update()


def capture_views(data):
    return (Slicer(data[0])[:, "keyframe_points", :, "co", :],)


def capture_work(data, vw):
    curves, values = data
    keys = np.asarray(vw.memcache)
    keys[:, :, 0] = np.arange(values.shape[1])
    keys[:, :, 1] = values
    vw.update()
    for curve in curves:
        curve.update()


def capture_written(data):
    return [np.array([[(*key.co, *key.handle_left, *key.handle_right) for key in curve.keyframe_points]
                      for curve in data[0]])]


def live(small):
    bones, frames = (5, 4) if small else (100, 250)
    turns = np.linspace(0, 1, frames * bones, dtype=np.float32).reshape(frames, bones)
    zero = np.zeros_like(turns)
    return rig(bones), np.stack((np.cos(turns), np.sin(turns), zero, zero), axis=-1)


def live_by_loop(data):
    rig, rotations = data
    for frame in rotations.tolist():
        for bone, rotation in zip(rig.pose.bones, frame):
            bone.rotation_quaternion = rotation
        bpy.context.view_layer.update()


def live_by_hand(data):
    rig, rotations = data
    bones = rig.pose.bones
    for frame in rotations:
        bones.foreach_set("rotation_quaternion", frame.ravel())
        rig.update_tag()
        bpy.context.view_layer.update()


def live_views(data):
    return (Slicer(data[0].pose.bones)[:, "rotation_quaternion", :],)


def live_work(data, vw):
    for frame in data[1]:
        vw.memcache[:] = frame
        vw.update()
        bpy.context.view_layer.update()


def live_written(data):
    return [np.array([[tuple(row) for row in bone.matrix] for bone in data[0].pose.bones])]


# ---- Grease Pencil

def pencil(small):
    """One drawing for each frame."""
    frames, strokes = (3, 4) if small else (48, 100)
    pencil = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Pencil")
    layer = pencil.layers.new("Layer")
    for frame in range(frames):
        drawing = layer.frames.new(frame + 1).drawing
        drawing.add_strokes([50] * strokes)
        positions = drawing.attributes["position"].data
        positions.foreach_set("vector", np.arange(3 * len(positions), dtype=np.float32) / 64)
    return pencil


def pencil_by_loop(pencil):
    for number, frame in enumerate(pencil.layers[0].frames):
        for point in frame.drawing.attributes["position"].data:
            x, y, z = point.vector
            point.vector = x, y, z + number


def pencil_by_hand(pencil):
    for number, frame in enumerate(pencil.layers[0].frames):
        data = frame.drawing.attributes["position"].data
        co = np.empty((len(data), 3), np.float32)
        data.foreach_get("vector", co.ravel())
        co[:, 2] += number
        data.foreach_set("vector", co.ravel())
    pencil.update_tag()


def pencil_views(pencil):
    return (Slicer(pencil)["layers", 0, "frames", :, "drawing", "attributes", ["position"], "data", :, "vector", :],)


def pencil_work(_, vw):
    co = np.asarray(vw.memcache)  # (frames, 1, points, 3)
    co[..., 2] += np.arange(len(co), dtype=np.float32)[:, None, None]
    vw.update()


def pencil_written(pencil):
    return [np.array([[tuple(point.vector) for point in frame.drawing.attributes["position"].data]
                      for frame in pencil.layers[0].frames])]


TASKS = (
    Task("300 f-curves × 1000 keys, in and out", animated, curves_by_loop, curves_views, curves_work, curves_by_hand, curves_written),
    Task("capture of 100 bones × 250 frames, to keys", captured, capture_by_loop, capture_views, capture_work, capture_by_hand,
         capture_written),
    Task("the same live, with Blender's evaluation", live, live_by_loop, live_views, live_work, live_by_hand, live_written),
    Task("Grease Pencil, 48 drawings × 5000 points", pencil, pencil_by_loop, pencil_views, pencil_work, pencil_by_hand, pencil_written,
         since=(4, 3)),
)
