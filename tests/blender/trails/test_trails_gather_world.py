# tests/blender/trails/test_trails_gather_world.py: gathers through an object's matrix, by trails
"""The plain specification says what is right, by the matrix that the object has now."""
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, random_objects, refused, same, spec
from trail_ways import counts, known, natively, read


def scene(seed=1):
    """(objects of one mesh, the first the second's parent; the mesh)."""
    rng = random.Random(seed)
    mesh = random_mesh(rng, 5, 4)
    mesh.calc_loop_triangles()
    objects = random_objects(rng, mesh, 3)
    objects[1].parent = objects[0]
    bpy.context.view_layer.update()
    return objects, mesh


def world(ob):
    return [list(row) for row in ob.matrix_world]


def expressions(mesh):
    vertices = mesh.vertices
    yield "loops", EVERY, "vertex_index", vertices, "co"
    yield "loops", slice(3, 40, 3), "vertex_index", vertices, "normal"
    yield "loops", EVERY, "vertex_index", vertices, ("co", "normal"), EVERY
    yield "loop_triangles", EVERY, "vertices", EVERY, vertices, "co", "zx"
    yield "loop_triangles", EVERY, "loops", EVERY, mesh.loops, "vertex_index", vertices, "co"


def test_read_and_refreshed():
    """Learnt of one object, followed for others of the same mesh, and when it moves."""
    from rnaslicer import Slicer
    objects, mesh = scene()
    for rest in expressions(mesh):
        for options in ({}, {"dtype": "d"}):
            items = "data", *rest
            known(objects[0], *items, transform="WORLD", **options)
            for ob in objects:
                got, native = read(ob, *items, transform="WORLD", **options)
                assert native, items
                same(got, spec.evaluate(ob, items, transform=world(ob), **options).tolist(), str(items))
            with Slicer(objects[2], transform="WORLD", **options)[items] as vw:
                objects[2].location.x += 3
                objects[2].scale.z *= -2
                bpy.context.view_layer.update()
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(),
                     spec.evaluate(objects[2], items, transform=world(objects[2]), **options).tolist(), str(items))


def test_through_the_parent():
    """The last object on the way counts; where there is none now it is said."""
    from rnaslicer import Slicer
    objects, mesh = scene()
    items = "parent", "data", "loops", EVERY, "vertex_index", mesh.vertices, "co"
    known(objects[1], *items, transform="WORLD")
    got, native = read(objects[1], *items, transform="WORLD")
    assert native
    same(got, spec.evaluate(objects[0], items[1:], transform=world(objects[0])).tolist())
    with Slicer(objects[1], transform="WORLD")[items] as vw:
        objects[1].parent = objects[2]
        vw.refresh()
        same(vw.memcache.tolist(), spec.evaluate(objects[2], items[1:], transform=world(objects[2])).tolist())
        objects[1].parent = None
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "parent is None"):
                use()


def test_written():
    """Through the inverse of the matrix of now, whole and in part, as the routes write."""
    from rnaslicer import Slicer, _core
    found = []
    for native in (True, False):
        objects, mesh = scene(7)
        items = "data", "loops", EVERY, "vertex_index", mesh.vertices, "co"
        for _ in range(2):
            with Slicer(objects[1], transform="WORLD")[items]:
                pass
        with Slicer(objects[1], transform="WORLD")[items] as vw:
            for region in (EVERY, slice(4, 9), slice(1, 50, 4)):
                objects[1].location.y += 1
                bpy.context.view_layer.update()
                vw.refresh()
                np.asarray(vw.memcache)[...] += np.arange(3, dtype=np.float32)
                if not native:
                    _core.forget_trails()
                before = counts()["update"][0]
                vw.update(vw.memcache[region])
                assert (counts()["update"][0] > before) == native, region
        found.append([list(one.co) for one in mesh.vertices])
    same(*found)


def test_no_inverse():
    from rnaslicer import Slicer
    objects, mesh = scene()
    ob, items = objects[2], ("data", "loops", EVERY, "vertex_index", mesh.vertices, "co")
    known(ob, *items, transform="WORLD")
    with Slicer(ob, transform="WORLD")[items] as vw:
        before = vw.memcache.tolist()
        ob.scale = 0, 1, 1
        bpy.context.view_layer.update()
        for use in (vw.refresh, vw.update, Slicer(ob, transform="WORLD")[items].read):
            with refused("ValueRangeError", "singular"):
                use()
        assert vw.memcache.tolist() == before
        bpy.data.objects.remove(ob)
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError"):
                use()


def test_what_is_given_stays_another_trail():
    """The same expression with and without matrices, given ones and the object's."""
    objects, mesh = scene()
    items = "data", "loops", EVERY, "vertex_index", mesh.vertices, "co"
    matrix = [[2, 0, 0, 1], [0, 3, 0, 0], [0, 0, 1, 0]]
    for _ in range(3):
        for transform, used in ((None, None), ("WORLD", world(objects[0])), (matrix, matrix)):
            got = read(objects[0], *items, transform=transform)[0]
            same(got, spec.evaluate(objects[0], items, **({} if used is None else {"transform": used})).tolist())
