# The matrices of all bones at each frame: (frames, bones, 4, 4).
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
            pose[:] = np.asarray(vw.memcache)
    return poses


def example():
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    bpy.ops.object.mode_set(mode='EDIT')
    for number in range(8):
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
    print(by_slicer(*example()).shape)
