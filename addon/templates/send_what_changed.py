# Send only what changed
#
# Another process looks at shared (memory of multiprocessing.shared_memory, say): bring it up to date and tell it which
# rows are new.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(mesh, shared):
    rows = []
    for i, vertex in enumerate(mesh.vertices):
        co = np.array(vertex.co, np.float32)
        if (co != shared[i]).any():
            shared[i] = co
            rows.append(i)
    return rows


def by_slicer(mesh, shared):
    with Slicer(mesh.vertices)[:, 'co', :] as vw:  # kept entered, it needs no `shared` to compare with
        vw.memcache[:] = shared
        rows = []
        for start, stop in vw.changes().tolist():  # ranges of rows that differ from what it held
            shared[start:stop] = vw.memcache[start:stop]
            rows += range(start, stop)
    return rows


def example(size=500):
    mesh = bpy.data.meshes.new("Cloth")
    mesh.from_pydata([(i, 0, 0) for i in range(size)], [], [])
    shared = np.zeros((size, 3), np.float32)
    mesh.vertices.foreach_get('co', shared.ravel())
    for i in (*range(7, 19), size // 2, size - 1):
        mesh.vertices[i].co.z = 1
    return mesh, shared


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
