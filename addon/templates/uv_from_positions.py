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
    with Slicer(mesh.vertices)[:, 'co', 'xy'] as co, Slicer(mesh.loops)[:, 'vertex_index'] as vertex, \
            Slicer(mesh.uv_layers.active.data)[:, 'uv', :] as uv:
        np.asarray(uv.memcache)[:] = np.asarray(co.memcache)[np.asarray(vertex.memcache)]
        uv.update()


def example():
    mesh = bpy.data.meshes.new("Sheet")
    mesh.from_pydata([(0.1 * x, 0.2 * y, 0) for y in range(6) for x in range(11)], [],
                     [(i, i + 1, i + 12, i + 11) for i in range(54) if i % 11 != 10])
    mesh.uv_layers.new(name="UV")
    return (mesh,)


if __name__ == "__main__":
    by_slicer(*example())
