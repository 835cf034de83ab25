# Motion capture onto bones
#
# Frames of a live capture onto the bones of a rig, as a timer does it; each time the pose must have followed. What
# foreach_set writes to pose bones tags nothing, so the foreach way has to tag the rig.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(rig, rotations):
    for frame in rotations:
        for bone, rotation in zip(rig.pose.bones, frame):
            bone.rotation_quaternion = rotation
        bpy.context.view_layer.update()


def by_slicer(rig, rotations):
    with Slicer(rig.pose.bones)[:, 'rotation_quaternion', :] as vw:
        for frame in rotations:
            vw.memcache[:] = frame
            vw.update()
            bpy.context.view_layer.update()


def example(size=8):
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    bpy.ops.object.mode_set(mode='EDIT')
    for number in range(1, size):
        bone = rig.data.edit_bones.new(f"Joint {number}")
        bone.head, bone.tail, bone.parent = (number, 0, 1), (number, 0, 2), rig.data.edit_bones[0]
    bpy.ops.object.mode_set(mode='OBJECT')
    turns = np.linspace(0, 1, 5 * size, dtype=np.float32).reshape(5, size)
    return rig, np.stack((np.cos(turns), np.sin(turns), np.zeros_like(turns), np.zeros_like(turns)), axis=-1)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
