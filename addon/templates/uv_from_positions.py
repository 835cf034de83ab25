# UV from positions
#
# Corners get a value of their vertex: here uv from x and y.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh):
    uvs = mesh.uv_layers.active.data
    for loop in mesh.loops:
        uvs[loop.index].uv = mesh.vertices[loop.vertex_index].co.xy


def by_slicer(mesh):
    with Slicer(mesh.loops)[:, 'vertex_index', mesh.vertices, 'co', 'xy'] as co, \
            Slicer(mesh.uv_layers.active.data)[:, 'uv', :] as uv:
        uv.memcache[:] = co.memcache
        uv.update()


def example(size=10):
    mesh, row = bpy.data.meshes.new("Sheet"), size + 1
    mesh.from_pydata([(0.1 * x, 0.2 * y, 0) for y in range(row) for x in range(row)], [],
                     [(i, i + 1, i + row + 1, i + row) for i in range(size * row) if i % row != size])
    mesh.uv_layers.new(name="UV")
    return (mesh,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
