# bench/scenes/instances.py: what a depsgraph instances, as matrices and ids
import bpy
import numpy as np
from rnaslicer import Slicer

from task import Task


def forest(small):
    """An object that shows another at each of its vertices."""
    count = 200 if small else 100_000
    mesh = bpy.data.meshes.new("Ground")
    mesh.vertices.add(count)
    mesh.vertices.foreach_set("co", 100 * np.random.default_rng(1).random(3 * count, np.float32))
    ground, tree = bpy.data.objects.new("Ground", mesh), bpy.data.objects.new("Tree", bpy.data.meshes.new("Tree"))
    for ob in (ground, tree):
        bpy.context.collection.objects.link(ob)
    tree.parent, ground.instance_type = ground, "VERTS"
    tree.rotation_euler = 0.1, 0.2, 0.3
    bpy.context.view_layer.update()
    return bpy.context.evaluated_depsgraph_get()


def by_loop(depsgraph):
    matrices, ids = [], []
    for instance in depsgraph.object_instances:
        matrices.append([list(row) for row in instance.matrix_world])
        ids.append(instance.random_id)
    return [np.array(matrices, np.float32), np.array(ids)]


def by_hand(depsgraph):
    instances = depsgraph.object_instances
    count = len(instances)
    matrices, ids = np.empty((count, 4, 4), np.float32), np.empty(count, np.int32)
    instances.foreach_get("matrix_world", matrices.ravel())
    instances.foreach_get("random_id", ids)
    return [matrices.transpose(0, 2, 1), ids]


def views(depsgraph):
    instances = Slicer(depsgraph.object_instances)
    return instances[:, "matrix_world"], instances[:, "random_id"]


def work(_, matrices, ids):
    return [np.asarray(matrices.memcache), np.asarray(ids.memcache)]


TASKS = (Task("100 000 instances to matrices and ids", forest, by_loop, views, work, by_hand),)
