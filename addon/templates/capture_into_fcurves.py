# Motion capture into f-curves
#
# Rotations of many bones over many frames, given as one array, into f-curves that exist: (curves, frames).
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(curves, values):
    for curve, row in zip(curves, values):
        for frame, (key, value) in enumerate(zip(curve.keyframe_points, row)):
            key.co = frame, value
        curve.update()


def by_slicer(curves, values):
    with Slicer(curves)[:, 'keyframe_points', :, 'co', :] as vw:
        keys = np.asarray(vw.memcache)  # (curves, frames, 2)
        keys[:, :, 0] = np.arange(values.shape[1])
        keys[:, :, 1] = values
        vw.update()
    for curve in curves:  # handles are computed from the keys only now
        curve.update()


def example(size=25):
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    bpy.ops.object.mode_set(mode='EDIT')
    for number in range(1, 25):
        bone = rig.data.edit_bones.new(f"Joint {number}")
        bone.head, bone.tail, bone.parent = (number, 0, 1), (number, 0, 2), rig.data.edit_bones[0]
    bpy.ops.object.mode_set(mode='OBJECT')
    for bone in rig.pose.bones:
        bone.keyframe_insert("rotation_quaternion", frame=0)
    action = rig.animation_data.action
    curves = action.fcurves if hasattr(action, 'fcurves') else action.layers[0].strips[0].channelbags[0].fcurves
    for curve in curves:
        curve.keyframe_points.add(size - 1)
    return curves, np.sin(np.arange(len(curves) * size, dtype=np.float32) / 9).reshape(len(curves), size)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
