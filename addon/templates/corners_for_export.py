# What a renderer or an exporter wants for each corner of each face: position, normal, uv.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh):
    uvs = mesh.uv_layers.active.data
    return np.array([(*mesh.vertices[loop.vertex_index].co, *loop.normal, *uvs[loop.index].uv)
                     for loop in mesh.loops], np.float32)


def by_slicer(mesh):
    with Slicer(mesh.vertices)[:, 'co', :] as co, Slicer(mesh.loops)[:, 'vertex_index'] as vertex, \
            Slicer(mesh.loops)[:, 'normal', :] as normal, Slicer(mesh.uv_layers.active.data)[:, 'uv', :] as uv:
        positions = np.asarray(co.memcache)[np.asarray(vertex.memcache)]
        return np.hstack((positions, np.asarray(normal.memcache), np.asarray(uv.memcache)))


def example():
    mesh = bpy.data.meshes.new("Roof")
    mesh.from_pydata([(x, y, abs(x - 5)) for y in range(6) for x in range(11)], [],
                     [(i, i + 1, i + 12, i + 11) for i in range(54) if i % 11 != 10])
    layer = mesh.uv_layers.new(name="UV")
    for corner, loop in zip(layer.data, mesh.loops):
        corner.uv = mesh.vertices[loop.vertex_index].co.xy / 10
    mesh.update()
    if hasattr(mesh, 'calc_normals_split'):  # before Blender 4.1
        mesh.calc_normals_split()
    return (mesh,)


if __name__ == "__main__":
    print(by_slicer(*example()).shape)
