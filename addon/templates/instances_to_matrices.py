# Instances to matrices and ids
#
# What a depsgraph shows: matrices (instances, 4, 4), and the ids that tell them apart. Objects that stand for themselves are
# among them; is_instance tells. Blender makes each instance while it counts and while it reads, and that is most of the time.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(depsgraph):
    matrices, ids = [], []
    for instance in depsgraph.object_instances:
        matrices.append([list(row) for row in instance.matrix_world])
        ids.append(instance.random_id)
    return np.array(matrices, np.float32), np.array(ids, np.int32)


def by_slicer(depsgraph):
    instances = Slicer(depsgraph.object_instances)
    with instances[:, 'matrix_world'] as matrices, instances[:, 'random_id'] as ids:
        return np.asarray(matrices.memcache), np.asarray(ids.memcache)


def example(size=50):
    if f"Forest of {size}" not in bpy.data.scenes:  # the ids depend on names, too
        mesh = bpy.data.meshes.new("Ground")
        mesh.from_pydata([(x, x % 7, 0.1 * x) for x in range(size)], [], [])
        ground, tree = bpy.data.objects.new("Ground", mesh), bpy.data.objects.new("Tree", bpy.data.meshes.new("Tree"))
        scene = bpy.data.scenes.new(f"Forest of {size}")
        for ob in (ground, tree):
            scene.collection.objects.link(ob)
        tree.parent, ground.instance_type = ground, 'VERTS'  # the tree stands at each vertex
    layer = bpy.data.scenes[f"Forest of {size}"].view_layers[0]
    layer.update()
    return (layer.depsgraph,)  # of the scene at hand: bpy.context.evaluated_depsgraph_get()


if __name__ == "__main__":
    result = by_slicer(*example())
    print(*map(np.shape, result))
