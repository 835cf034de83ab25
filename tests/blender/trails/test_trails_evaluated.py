# tests/blender/trails/test_trails_evaluated.py: native code reads evaluated data, found anew each time, writes none
import random
import unittest

import bmesh
import bpy

from support import EVERY, plain, random_mesh, refused, same
from trail_ways import counts, natively, read, values


def graph():
    return bpy.context.evaluated_depsgraph_get()


def shown(mesh, *modifiers):
    ob = bpy.data.objects.new("Shown", mesh)
    bpy.context.scene.collection.objects.link(ob)
    for kind, settings in modifiers:
        modifier = ob.modifiers.new(kind, kind)
        for name, value in settings.items():
            setattr(modifier, name, value)
    bpy.context.view_layer.update()
    return ob


def hair(count):
    mesh, made = bpy.data.meshes.new("Grid"), bmesh.new()
    bmesh.ops.create_grid(made, x_segments=5, y_segments=5, size=1)
    made.to_mesh(mesh)
    made.free()
    ob = shown(mesh, ("PARTICLE_SYSTEM", {}))
    settings = ob.particle_systems[0].settings
    settings.type, settings.count, settings.hair_step = "HAIR", count, 3
    bpy.context.view_layer.update()
    return ob


def test_meshes():
    from rnaslicer import Slicer
    ob = shown(random_mesh(random.Random(1)), ("ARRAY", {"count": 2}))
    give = lambda: ob.evaluated_get(graph()).data.vertices  # noqa: E731
    for _ in range(3):
        got, native = read(give(), EVERY, "co")
        same(got, values(give(), "co"))
    assert native
    with Slicer(give())[:, "co"] as vw:
        ob.data.vertices[3].co = 7, 8, 9
        ob.data.update()
        graph()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), values(give(), "co"))
        assert [7, 8, 9] in vw.memcache.tolist()
        held, done = values(give(), "co"), counts()["update"][0]
        with refused("ReadOnlyError", "evaluated"):
            vw.update()
        same(values(give(), "co"), held)
        assert counts()["update"][0] == done
        ob.modifiers[0].count = 3
        graph()
        with refused("ShapeChangedError"):
            vw.refresh()
        with refused("SlicerError"):
            vw.update()
    with refused("ReadOnlyError", "evaluated"):
        Slicer(give())[:, "co"].write(Slicer(give())[:, "co"].read())


def test_the_original_has_a_trail_of_its_own():
    """What is known of originals, which may be written, is not taken for evaluated data, nor the other way round."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(2))
    ob = shown(mesh)
    ways = [(lambda: mesh.vertices, False), (lambda: ob.evaluated_get(graph()).data.vertices, True)]
    for give, is_evaluated in ways * 2:
        for _ in range(3):
            got, _ = read(give(), EVERY, "co")
            same(got, values(give(), "co"))
        with Slicer(give())[:, "co"] as vw:
            if is_evaluated:
                with refused("ReadOnlyError"):
                    vw.update()
            else:
                vw.update()


def test_hair_keys():
    from rnaslicer import Slicer
    ob = hair(40)
    give = lambda: ob.evaluated_get(graph()).particle_systems[0].particles  # noqa: E731
    if not len(give()) or not len(give()[0].hair_keys):
        raise unittest.SkipTest("this Blender made no hair")
    items = EVERY, "hair_keys", EVERY, "co_local"
    for _ in range(3):
        got, native = read(give(), *items)
        same(got, [[plain(key.co_local) for key in one.hair_keys] for one in give()])
    assert native
    with Slicer(give())[items] as vw:
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), got)
        ob.particle_systems[0].settings.count = 20
        graph()
        with refused("ShapeChangedError"):
            vw.refresh()


def test_lost():
    from rnaslicer import Slicer
    ob = shown(random_mesh(random.Random(3)), ("ARRAY", {"count": 2}))
    give = lambda: ob.evaluated_get(graph()).data.vertices  # noqa: E731
    for _ in range(3):
        read(give(), EVERY, "co")
    with Slicer(give())[:, "co"] as vw:
        natively("refresh", vw.refresh)
        held = vw.memcache.tolist()
        bpy.data.objects.remove(ob)
        graph()
        with refused("SupplierLostError", "removed"):
            vw.refresh()
        same(vw.memcache.tolist(), held)
