# Bake over frames
#
# A mesh with its modifiers, frame by frame: (frames, vertices, 3). Most of the time goes into Blender's own evaluation.
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
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    with Slicer(evaluated.data.vertices)[:, 'co', :] as vw:  # follows from one evaluation to the next
        positions = np.empty((len(frames), *vw.shape), np.float32)
        for frame, row in zip(frames, positions):
            bpy.context.scene.frame_set(frame)
            vw.refresh()
            row[:] = vw.memcache
    return positions


def example(size=20):
    mesh, row = bpy.data.meshes.new("Pond"), size + 1
    mesh.from_pydata([(4 * x / size - 2, 4 * y / size - 2, 0) for y in range(row) for x in range(row)], [],
                     [(i, i + 1, i + row + 1, i + row) for i in range(size * row) if i % row != size])
    ob = bpy.data.objects.new("Pond", mesh)
    bpy.context.collection.objects.link(ob)
    ob.modifiers.new("Wave", 'WAVE')
    return ob, range(1, 21)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
