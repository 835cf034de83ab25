# Move vertices
#
# Vertex positions as a NumPy array: changed at once, written back at once.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh):
    for vertex in mesh.vertices:
        vertex.co.z += 0.5 * vertex.co.x
    mesh.update()


def by_slicer(mesh):
    with Slicer(mesh.vertices)[:, 'co', :] as vw:
        co = np.asarray(vw.memcache)  # no copy: (vertices, 3), float32
        co[:, 2] += 0.5 * co[:, 0]
        vw.update()  # from here on Blender has it; normals and bounds follow


def example(size=40):
    mesh = bpy.data.meshes.new("Ramp")
    mesh.from_pydata([(x, y, 0.1 * x * y) for y in range(size) for x in range(size)], [], [])
    bpy.context.collection.objects.link(bpy.data.objects.new("Ramp", mesh))
    return (mesh,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
