# Corners for an exporter
#
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
    # a collection after an index: the position of each corner's vertex
    with Slicer(mesh.loops)[:, 'vertex_index', mesh.vertices, 'co', :] as co, \
            Slicer(mesh.loops)[:, 'normal', :] as normal, Slicer(mesh.uv_layers.active.data)[:, 'uv', :] as uv:
        return np.hstack([np.asarray(part.memcache) for part in (co, normal, uv)])


def example(size=10):
    mesh, row = bpy.data.meshes.new("Roof"), size + 1
    mesh.from_pydata([(x, y, abs(x - size / 2)) for y in range(row) for x in range(row)], [],
                     [(i, i + 1, i + row + 1, i + row) for i in range(size * row) if i % row != size])
    layer = mesh.uv_layers.new(name="UV")
    for corner, loop in zip(layer.data, mesh.loops):
        corner.uv = mesh.vertices[loop.vertex_index].co.xy / size
    mesh.update()
    if hasattr(mesh, 'calc_normals_split'):  # before Blender 4.1
        mesh.calc_normals_split()
    return (mesh,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
