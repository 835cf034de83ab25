# Corner colours from faces
#
# Faces to corners: each corner gets the colour of its face's material slot.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh, palette):
    colors = mesh.vertex_colors.active.data
    for polygon in mesh.polygons:
        for corner in polygon.loop_indices:
            colors[corner].color = palette[polygon.material_index]


def by_slicer(mesh, palette):
    with Slicer(mesh.polygons)[:, 'material_index'] as slots, Slicer(mesh.polygons)[:, 'loop_total'] as corners, \
            Slicer(mesh.vertex_colors.active.data)[:, 'color', :] as colors:
        np.asarray(colors.memcache)[:] = np.repeat(palette[np.asarray(slots.memcache)], corners.memcache, axis=0)
        colors.update()


def example(size=10):
    mesh, row = bpy.data.meshes.new("Quilt"), size + 1
    mesh.from_pydata([(x, y, 0) for y in range(row) for x in range(row)], [],
                     [(i, i + 1, i + row + 1, i + row) for i in range(size * row) if i % row != size])
    mesh.vertex_colors.new(name="Col")
    for number in range(7):
        mesh.materials.append(None)
    mesh.polygons.foreach_set('material_index', np.arange(len(mesh.polygons), dtype=np.int32) % 7)
    return mesh, np.linspace(0, 1, 28, dtype=np.float32).reshape(7, 4)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
