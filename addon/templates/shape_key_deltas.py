# Shape key deltas
#
# How far each shape key moves each vertex from the key that it is relative to: (keys, vertices, 3).
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh):
    return np.array([[point.co - base.co for point, base in zip(key.data, key.relative_key.data)]
                     for key in mesh.shape_keys.key_blocks], np.float32)


def by_slicer(mesh):
    keys = mesh.shape_keys.key_blocks
    with Slicer(keys)[:, 'data', :, 'co', :] as vw:
        positions = np.asarray(vw.memcache)
        return positions - positions[[keys.find(key.relative_key.name) for key in keys]]


def example(size=100):
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0.1 * i, 0.3 * i, 0) for i in range(size)], [], [])
    ob = bpy.data.objects.new("Face", mesh)
    bpy.context.collection.objects.link(ob)
    for number, name in enumerate(("Basis", "Smile", "Frown")):
        key = ob.shape_key_add(name=name)
        for point in key.data:
            point.co.z = number * point.co.x
    mesh.shape_keys.key_blocks["Frown"].relative_key = mesh.shape_keys.key_blocks["Smile"]
    return (mesh,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
