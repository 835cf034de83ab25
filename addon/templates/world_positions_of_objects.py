# The vertices of many objects in world space, as one array.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(objects):
    return np.array([ob.matrix_world @ vertex.co for ob in objects for vertex in ob.data.vertices])


def by_slicer(objects):
    positions = []
    with Slicer(objects)[:, 'matrix_world', :3, :] as vw:
        matrices = np.asarray(vw.memcache)  # (objects, 3, 4)
        for ob, matrix in zip(objects, matrices):
            with Slicer(ob.data.vertices)[:, 'co', :] as vertices:
                positions.append(np.asarray(vertices.memcache) @ matrix[:, :3].T + matrix[:, 3])
    return np.concatenate(positions)


def example():
    mesh = bpy.data.meshes.new("Block")
    mesh.from_pydata([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], [], [])
    objects = []
    for number in range(50):
        ob = bpy.data.objects.new("Block", mesh)
        ob.location = number % 10, number // 10, 0
        ob.rotation_euler.z = 0.1 * number
        bpy.context.collection.objects.link(ob)
        objects.append(ob)
    bpy.context.view_layer.update()  # matrix_world follows location and rotation only now
    return (objects,)


if __name__ == "__main__":
    print(by_slicer(*example()).shape)
