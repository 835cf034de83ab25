# tests/blender/trails/trail_objects.py: objects with meshes, and what is right for all of them
"""By the plain specification, object by object."""
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, random_objects, refused, same, spec
from trail_ways import counts

CO = EVERY, "data", "vertices", EVERY, "co"


def scene(sizes=((3, 4), (5, 2), (3, 3), (3, 4)), seed=1):
    """Objects with meshes of these sizes, mirrored, sheared by their parent and moved."""
    rng = random.Random(seed)
    objects = []
    for i, (columns, rows) in enumerate(sizes):
        objects += random_objects(rng, random_mesh(rng, columns, rows, f"Each{i}"), 1)
    for ob, other in zip(objects, objects[1:]):
        ob.parent = other  # turned and scaled without proportion: sheared
    objects[0].scale.x *= -1
    objects[-1].scale.y *= -1
    bpy.context.view_layer.update()
    return objects


def alike(seed=2, count=4):
    return scene(((4, 3),) * count, seed)


def world(ob):
    return [list(row) for row in ob.matrix_world]


def expected(objects, items, matrices=None, **options):
    """By the specification, object by object: `items` from each."""
    matrices = [world(ob) for ob in objects] if matrices is None else matrices
    return [spec.evaluate(ob, items, transform=matrix, **options).tolist() for ob, matrix in zip(objects, matrices)]


def rows_of(parts):
    return [row for part in parts for row in part]


def padded(parts, fill, width=None):
    width = max(map(len, parts)) if width is None else width
    return [part + [fill] * (width - len(part)) for part in parts]


def lengths(objects):
    return [len(ob.data.vertices) for ob in objects]


def denied(error, function, *fragments):
    with refused(error, *fragments):
        function()


def both_ways(make, options, change, regions):
    """What native code writes, and what the routes write to a copy, for the whole and for regions."""
    from rnaslicer import Slicer, _core
    found = []
    for native in (True, False):
        objects = make()
        with Slicer(objects, **options)[CO] as vw:
            for region in regions:
                cache = np.asarray(vw.memcache)
                change(cache)
                if not native:
                    _core.forget_trails()
                before = counts()["update"][0]
                vw.update(*(() if region is None else (vw.memcache[region],)))
                assert (counts()["update"][0] > before) == native, (options, region)
                vw.refresh()
        found.append([[list(v.co) for v in ob.data.vertices] for ob in objects])
    same(*found, str(options))
