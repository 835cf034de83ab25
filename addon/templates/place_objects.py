# Place many objects
#
# Locations of many objects from an array. foreach_set tags nothing: Blender does not move the objects until something else
# tells it to, so the foreach way has to tag each of them.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(objects, places):
    for ob, place in zip(objects, places):
        ob.location = place
    bpy.context.view_layer.update()


def by_slicer(objects, places):
    with Slicer(objects)[:, 'location', :] as vw:
        np.asarray(vw.memcache)[:] = places
        vw.update()
    bpy.context.view_layer.update()


def example(size=50):
    collection = bpy.data.collections.new("Swarm")
    bpy.context.collection.children.link(collection)
    for _ in range(size):
        collection.objects.link(bpy.data.objects.new("Bird", None))
    bpy.context.view_layer.update()
    return collection.objects, np.random.default_rng(1).random((size, 3), np.float32)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
