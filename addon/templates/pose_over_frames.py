# Pose over frames
#
# The matrices of all bones at each frame: (frames, bones, 4, 4). Most of the time goes into Blender's own evaluation.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(rig, frames):
    poses = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        poses.append([bone.matrix.copy() for bone in rig.pose.bones])
    return np.array(poses, np.float32)


def by_slicer(rig, frames):
    poses = np.empty((len(frames), len(rig.pose.bones), 4, 4), np.float32)
    with Slicer(rig.pose.bones)[:, 'matrix', :, :] as vw:
        for frame, pose in zip(frames, poses):
            bpy.context.scene.frame_set(frame)
            vw.refresh()
            pose[:] = vw.memcache
    return poses


def example(size=8):
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    bpy.ops.object.mode_set(mode='EDIT')
    for number in range(size):
        bone = rig.data.edit_bones.new(f"Finger {number}")
        bone.head, bone.tail, bone.parent = (number, 0, 1), (number, 0, 2), rig.data.edit_bones[0]
    bpy.ops.object.mode_set(mode='OBJECT')
    root = rig.pose.bones[0]
    root.rotation_mode = 'XYZ'
    for frame, angle in ((1, 0.0), (20, 1.5)):
        root.rotation_euler.x = angle
        root.keyframe_insert("rotation_euler", frame=frame)
    return rig, range(1, 21)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
