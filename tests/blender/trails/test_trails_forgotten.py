# tests/blender/trails/test_trails_forgotten.py: wrappers that are entered while all trails are forgotten get theirs back
"""Kernels cleared, a class registered anew, something proven otherwise: then the routes do a call, and make the trail."""
import bpy
import numpy as np

from support import EVERY, refused, same
from trail_ways import natively


def objects(count=3):
    for ob in list(bpy.data.objects):
        bpy.data.objects.remove(ob)
    made = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"M{i}")
        mesh.from_pydata([(i, k, k % 3) for k in range(8)], [], [(0, 1, 2, 3), (2, 3, 4, 5), (4, 5, 6)])
        ob = bpy.data.objects.new(f"O{i}", mesh)
        bpy.context.scene.collection.objects.link(ob)
        ob.location.x = i
        for k in range(2):
            ob.modifiers.new("M", "DISPLACE").strength = i + k / 4
        made.append(ob)
    bpy.context.view_layer.update()
    return made


EXPRESSIONS = {
    "places": lambda obs: (obs[0].data.vertices, (EVERY, "co"), {}),
    "a part": lambda obs: (obs[0].data.vertices, (slice(1, 7, 2), "co", "z"), {}),
    "numbers": lambda obs: (obs[0].data.vertices, ([3, 1], "co"), {}),
    "datablocks": lambda obs: (bpy.data.objects, (EVERY, "location"), {}),
    "some": lambda obs: (bpy.data.objects, ([2, 0], "location"), {}),
    "a list": lambda obs: (obs, (EVERY, ("location", "scale")), {}),
    "behind": lambda obs: (obs, (EVERY, "data", "vertices", EVERY, "co"), {}),
    "behind, flat": lambda obs: (bpy.data.objects, (EVERY, "data", "vertices", EVERY, "co"), {"ragged": "flat"}),
    "modifiers": lambda obs: (obs[1].modifiers, (EVERY, "strength"), {}),
    "modifiers behind": lambda obs: (obs, (EVERY, "modifiers", EVERY, "strength"), {}),
    "gathered": lambda obs: (obs[0].data.loops, (EVERY, "vertex_index", obs[0].data.vertices, "co"), {}),
    "through a matrix": lambda obs: (obs[1], ("data", "vertices", EVERY, "co"), {"transform": "WORLD"}),
    "polygons": lambda obs: (obs[0].data.polygons, (EVERY, "vertices"), {"ragged": "flat"}),
    "one struct": lambda obs: (obs[2], (("location", "scale"),), {}),
    "told by bpy": lambda obs: (obs[0].data.polygons, (EVERY, "area"), {}),
}


def by_kernels():
    import rnaslicer
    rnaslicer.clear_cache()


def by_proof():
    from rnaslicer import _core
    _core.forget_trails()


def by_number():
    """More expressions than are kept."""
    from rnaslicer.transfer import trails
    trails.forget_all()
    by_proof()


def test_trails_come_back(name):
    from rnaslicer import Slicer
    obs = objects()
    supplier, items, options = EXPRESSIONS[name](obs)
    for _ in range(3):
        with Slicer(supplier, **options)[items] as vw:
            vw.refresh()
    for forget in (by_kernels, by_proof, by_number):
        with Slicer(supplier, **options)[items] as vw, Slicer(supplier, **options)[items] as other:
            natively("refresh", vw.refresh)
            cache = np.asarray(vw.memcache)
            before = cache.copy()
            forget()
            for one in (vw, other):
                np.asarray(one.memcache)[...] = 0
                one.refresh()  # by the routes, or along the trail that the first made
                same(one.memcache.tolist(), before.tolist())
                natively("refresh", one.refresh)
                same(one.memcache.tolist(), before.tolist())
            if vw.readonly:
                continue
            forget()
            other.update()
            natively("refresh", other.refresh)
            same(other.memcache.tolist(), before.tolist())


test_trails_come_back.cases = {name: (name,) for name in EXPRESSIONS}


def test_a_class_is_registered_anew():
    """Another add-on's classes: the trail of others comes back."""
    from rnaslicer import Slicer

    class ForgottenGroup(bpy.types.PropertyGroup):
        x: bpy.props.FloatProperty()

    obs = objects()
    with Slicer(obs[0].data.vertices)[:, "co"] as vw:
        vw.refresh()
        for _ in range(2):
            bpy.utils.register_class(ForgottenGroup)
            bpy.types.Object.forgotten = bpy.props.CollectionProperty(type=ForgottenGroup)
            try:
                for _ in range(3):
                    obs[0].forgotten.add()
                Slicer(obs[0].forgotten)[:, "x"].read()
            finally:
                del bpy.types.Object.forgotten
                bpy.utils.unregister_class(ForgottenGroup)
            vw.refresh()
            natively("refresh", vw.refresh)


def test_another_order():
    """An update for the datablocks of enter is refused as before; refreshes go on."""
    from rnaslicer import Slicer
    obs = objects()
    for _ in range(3):
        with Slicer(bpy.data.objects)[:, "location"] as vw:
            vw.refresh()
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        obs[0].name = "Z"
        by_kernels()
        for _ in range(3):
            vw.refresh()
            same(vw.memcache.tolist(), [list(ob.location) for ob in bpy.data.objects])
            with refused("ShapeChangedError", "changed places"):
                vw.update()
