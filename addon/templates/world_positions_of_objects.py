# World positions of many objects
#
# The vertices of many objects in world space, as one array.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(objects):
    return np.array([ob.matrix_world @ vertex.co for ob in objects for vertex in ob.data.vertices], np.float32)


def by_slicer(objects):
    # flat: the vertices of all objects one after the other; those of object i are offsets[i] to offsets[i + 1]
    with Slicer(objects, ragged='flat', transform='WORLD')[:, 'data', 'vertices', :, 'co', :] as vw:
        return np.asarray(vw.memcache)


def example(size=50):
    meshes = []
    for number in range(5):
        mesh = bpy.data.meshes.new("Block")
        mesh.from_pydata([(x, y, z) for x in range(2 + number) for y in (0, 1) for z in (0, 1)], [], [])
        meshes.append(mesh)
    objects = []
    for number in range(size):
        ob = bpy.data.objects.new("Block", meshes[number % 5])
        ob.location = number % 10, number // 10, 0
        ob.rotation_euler.z = 0.1 * number
        bpy.context.collection.objects.link(ob)
        objects.append(ob)
    bpy.context.view_layer.update()  # matrix_world follows location and rotation only now
    return (objects,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
