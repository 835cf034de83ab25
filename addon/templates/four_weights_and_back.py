# Four weights of each vertex, and back
#
# Groups and weights as (vertices, 4), as game engines want them; weights made to sum up to 1 and written back.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh):
    groups, weights = [], []
    for vertex in mesh.vertices:
        total = sum(entry.weight for entry in vertex.groups)
        for entry in vertex.groups:
            entry.weight /= total
        groups.append(([entry.group for entry in vertex.groups] + [0] * 4)[:4])
        weights.append(([entry.weight for entry in vertex.groups] + [0.0] * 4)[:4])
    return np.array([groups, weights])


def by_slicer(mesh):
    # pad: rows of equal width; what is not there is 0, and an update leaves it alone
    with Slicer(mesh.vertices, ragged='pad', width=4)[:, 'groups', :, 'weight'] as vw, \
            Slicer(mesh.vertices, ragged='pad', width=4)[:, 'groups', :, 'group'] as groups:
        weights = np.asarray(vw.memcache)  # (vertices, 4)
        weights /= weights.sum(axis=1, keepdims=True)
        vw.update()
        return np.array([np.asarray(groups.memcache), weights])


def example(size=200):
    mesh = bpy.data.meshes.new("Leg")
    mesh.from_pydata([(0.1 * i, 0, 0) for i in range(size)], [], [])
    ob = bpy.data.objects.new("Leg", mesh)
    bpy.context.collection.objects.link(ob)
    for number in range(4):
        group = ob.vertex_groups.new(name=f"Bone {number}")
        for index in range(number // 2, size, 1 + number):
            group.add([index], 0.1 + (index * 7 + number) % 11 / 11, 'REPLACE')
    for index in range(size):
        ob.vertex_groups[index % 3].add([index], 0.5, 'REPLACE')
    return (mesh,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
