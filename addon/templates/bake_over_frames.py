# A mesh with its modifiers, frame by frame: (frames, vertices, 3).
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(ob, frames):
    positions = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        positions.append([vertex.co.copy() for vertex in evaluated.data.vertices])
    return np.array(positions, np.float32)


def by_slicer(ob, frames):
    positions = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        with Slicer(evaluated.data.vertices)[:, 'co', :] as vw:
            positions.append(np.array(vw.memcache))  # a copy: the next frame has values of its own
    return np.stack(positions)


def example():
    mesh = bpy.data.meshes.new("Pond")
    mesh.from_pydata([(0.2 * x - 2, 0.2 * y - 2, 0) for y in range(21) for x in range(21)], [],
                     [(i, i + 1, i + 22, i + 21) for i in range(419) if i % 21 != 20])
    ob = bpy.data.objects.new("Pond", mesh)
    bpy.context.collection.objects.link(ob)
    ob.modifiers.new("Wave", 'WAVE')
    return ob, range(1, 21)


if __name__ == "__main__":
    print(by_slicer(*example()).shape)
