# Vertex weights as a table
#
# All weights of a mesh as one table: a row for each vertex, a column for each group. bpy has no foreach way to weights.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(ob):
    table = np.zeros((len(ob.data.vertices), len(ob.vertex_groups)), np.float32)
    for vertex in ob.data.vertices:
        for entry in vertex.groups:
            table[vertex.index, entry.group] = entry.weight
    return table


def by_slicer(ob):
    vertices = ob.data.vertices
    table = np.zeros((len(vertices), len(ob.vertex_groups)), np.float32)
    with Slicer(vertices, ragged='flat')[:, 'groups', :, 'group'] as groups, \
            Slicer(vertices, ragged='flat')[:, 'groups', :, 'weight'] as weights:
        # the entries of vertex i are offsets[i] to offsets[i + 1]
        rows = np.repeat(np.arange(len(vertices)), np.diff(np.asarray(groups.offsets)))
        table[rows, np.asarray(groups.memcache)] = np.asarray(weights.memcache)
    return table


def example(size=200):
    mesh = bpy.data.meshes.new("Arm")
    mesh.from_pydata([(0.1 * i, 0, 0) for i in range(size)], [], [])
    ob = bpy.data.objects.new("Arm", mesh)
    bpy.context.collection.objects.link(ob)
    for number in range(4):
        group = ob.vertex_groups.new(name=f"Bone {number}")
        for index in range(size * number // 5, min(size, size * (number + 2) // 5)):
            group.add([index], 1 - abs(5 * index / size - number - 1), 'REPLACE')
    return (ob,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
