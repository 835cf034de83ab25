# tests/blender/trails/test_trails_asked.py: values that only foreach_get tells, entered and refreshed in native code
"""What Blender computes, and elements that lie nowhere in a row. bpy says what is right."""
import random

import bpy
import numpy as np

from counted_calls import ONE_SHOT, REFRESH, counted
from support import EVERY, VERSION, plain, random_mesh, refused, same, seed
from trail_lists import edited, rig
from trail_ways import counts, known, natively, read, values

COMPUTED = ("area", "center", "normal", "index")


def faces(rng):
    mesh = random_mesh(rng, 9, 7, layers=False)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(mesh.name, mesh))
    return mesh


def nested(count=12):
    """An armature whose bones lie within others."""
    ob = rig(count)

    def within(bones):
        for i in range(1, count):
            if i % 3:
                bones[f"Bone{i}"].parent = bones[f"Bone{i - 1}"]
    edited(ob, within)
    return ob


def enters(function):
    """It is entered in native code: of two in a row at most one is Python's, who looks now and then if memory tells."""
    before = counts()["enter"][0]
    function()
    function()
    assert counts()["enter"][0] > before


def fewest(function):
    """Counted calls of an enter for which Python does not look."""
    return min(counted(function), counted(function))


def test_computed_values():
    rng = random.Random(seed())
    meshes = [faces(rng), faces(rng)]
    for name in COMPUTED:
        known(meshes[0].polygons, EVERY, name)
        for mesh in meshes:
            for v in mesh.vertices:
                v.co = [rng.uniform(-3, 3) for _ in range(3)]
            mesh.update()
            same(read(mesh.polygons, EVERY, name)[0], values(mesh.polygons, name), name)
            enters(lambda: read(mesh.polygons, EVERY, name))


def test_parts_and_formats():
    from rnaslicer import Slicer
    mesh = faces(random.Random(seed()))
    wanted = np.array([p.center[:] for p in mesh.polygons], "f4")
    for items, part in (((slice(2, None, 3), "center"), wanted[2::3]), ((EVERY, "center", slice(None, 2)), wanted[:, :2]),
                        ((EVERY, "center", "zx"), wanted[:, [2, 0]]), ((slice(None, None, -1), "center"), wanted[::-1])):
        same(known(mesh.polygons, *items), part.tolist(), items)
    with Slicer(mesh.polygons, dtype="d")[:, "center"] as vw:
        same(vw.memcache.tolist(), wanted.astype("f8").tolist())
    with Slicer(mesh.polygons)[:, ("center", "normal")] as vw:
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), [[plain(p.center), plain(p.normal)] for p in mesh.polygons])
    with Slicer(mesh.polygons)[:, "center"] as vw:
        cache = np.asarray(vw.memcache)
        for part in (vw.memcache[3:40], vw.memcache[::2, 1:], vw.memcache[5:7]):
            cache[:] = 7
            vw.refresh(part)
            refreshed = np.asarray(part).copy()
            assert (cache == 7).sum() == cache.size - refreshed.size
            np.asarray(part)[:] = 7
            assert (cache == 7).all()
            cache[:] = wanted
            assert (np.asarray(part) == refreshed).all()
    out = np.zeros((len(mesh.polygons), 3), "f4")
    for _ in range(3):
        out[:] = 0
        Slicer(mesh.polygons)[:, "center"].read(out)
        assert (out == wanted).all()
    wide = np.zeros((len(mesh.polygons), 3), "f8")
    Slicer(mesh.polygons)[:, "center"].read(wide)
    assert (wide == wanted).all()


def test_calls():
    from rnaslicer import Slicer
    mesh, ob = faces(random.Random(seed())), nested()
    for collection, name in ((mesh.polygons, "area"), (mesh.polygons, "normal"), (mesh.vertices, "index"),
                             (ob.data.bones, "head_local"), (ob.data.bones, "matrix_local")):
        def one_shot():
            with Slicer(collection)[:, name]:
                pass

        assert fewest(one_shot) <= ONE_SHOT, name
        enters(one_shot)
        with Slicer(collection)[:, name] as vw:
            assert vw.kernel.route == "foreach", name
            assert counted(vw.refresh) <= REFRESH, name
            natively("refresh", vw.refresh)


def test_bones_within_bones():
    from rnaslicer import Slicer
    ob = nested()
    for name in ("head_local", "use_deform", "matrix_local"):
        same(known(ob.data.bones, EVERY, name), values(ob.data.bones, name), name)
    with Slicer(ob.data.bones)[:, "head_local"] as vw:
        edited(ob, lambda bones: setattr(bones["Bone3"], "head", (7, 8, 9)))
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), values(ob.data.bones, "head_local"))
        edited(ob, lambda bones: bones.remove(bones["Bone5"]))
        with refused("ShapeChangedError", "12", "11"):
            vw.refresh()
    with Slicer(ob.data.bones)[:, "use_deform"] as vw:
        np.asarray(vw.memcache)[:] = [i % 2 for i in range(11)]
        vw.update()
        same(values(ob.data.bones, "use_deform"), [bool(i % 2) for i in range(11)])
        vw.refresh()
        same(vw.memcache.tolist(), [bool(i % 2) for i in range(11)])


def test_geometry_that_changes_while_entered():
    from rnaslicer import Slicer
    mesh = faces(random.Random(seed()))
    known(mesh.polygons, EVERY, "area")
    with Slicer(mesh.polygons)[:, "area"] as vw:
        mesh.polygons.add(1)
        with refused("ShapeChangedError"):
            vw.refresh()
    bpy.data.meshes.remove(mesh)  # to evaluate it may crash 3.4 (hazards.HALF_BUILT)
    mesh = faces(random.Random(seed()))
    known(mesh.polygons, EVERY, "area")
    with Slicer(mesh.polygons)[:, "area"] as vw:
        before = mesh.loops[3].vertex_index
        mesh.loops[3].vertex_index = 100000  # Blender would crash
        with refused("ContextError", "cannot be computed"):
            vw.refresh()
        mesh.loops[3].vertex_index = before
        natively("refresh", vw.refresh)
        bpy.data.meshes.remove(mesh)
        with refused("SupplierLostError"):
            vw.refresh()


def test_memory_tells_later():
    """A collection of one element tells no place in memory; more do, and then it is taken."""
    from rnaslicer import Slicer
    ob = rig(1)
    pose = ob.pose.bones
    for i in range(5):
        pose[0].location = (i, 2, 3)
        same(known(pose, EVERY, "location"), [[float(i), 2.0, 3.0]])
    edited(ob, lambda bones: [setattr(bones.new(f"More{i}"), "tail", (0, 0, 1)) for i in range(9)])
    for i, bone in enumerate(ob.pose.bones):
        bone.location = (i, i, 5)
    routes = []
    for _ in range(20):
        with Slicer(ob.pose.bones)[:, "location"] as vw:
            same(vw.memcache.tolist(), values(ob.pose.bones, "location"))
            routes.append(vw.kernel.route)
    assert routes[-1] == "direct", routes


def test_others_of_the_kind():
    """A trail is followed for all datablocks of a kind: evaluated ones, too, and those in edit mode."""
    rng = random.Random(seed())
    mesh, other = faces(rng), faces(rng)
    known(mesh.polygons, EVERY, "area")
    ob = next(ob for ob in bpy.data.objects if ob.data == other)
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    same(read(evaluated.polygons, EVERY, "area")[0], values(evaluated.polygons, "area"))
    with_copy = other.copy()
    same(read(with_copy.polygons, EVERY, "area")[0], values(with_copy.polygons, "area"))
    if VERSION >= (4, 3):
        drawing = bpy.data.hair_curves.new("Empty")
        same(read(drawing.curves, EVERY, "first_point_index")[0], [])


def test_behind_many():
    from rnaslicer import Slicer
    rng = random.Random(seed())
    obs = [next(ob for ob in bpy.data.objects if ob.data == mesh) for mesh in (faces(rng) for _ in range(9))]
    items = EVERY, "data", "polygons", EVERY

    def wanted(name):
        return [values(ob.data.polygons, name) for ob in obs]

    for name in COMPUTED:
        same(known(obs, *items, name), wanted(name), name)

        def one_shot():
            with Slicer(obs)[(*items, name)]:
                pass

        enters(one_shot)
        assert fewest(one_shot) <= 4 * len(obs) + 60, name
    with Slicer(obs)[(*items, "area")] as vw:
        obs[3].data.vertices[5].co.z += 2
        obs[3].data.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), wanted("area"))
        obs[4].data.polygons.add(1)
        with refused("ShapeChangedError"):
            vw.refresh()
    obs[4].data = faces(rng)
    obs[5].data = random_mesh(rng, 4, 3, layers=False)
    for _ in range(3):
        with Slicer(obs, ragged="flat")[(*items, "area")] as vw:
            same(vw.memcache.tolist(), [one for values in wanted("area") for one in values])
            natively("refresh", vw.refresh)
    before = obs[2].data.loops[7].vertex_index
    obs[2].data.loops[7].vertex_index = 99999
    with refused("ContextError", "cannot be computed"):
        Slicer(obs, ragged="flat")[(*items, "area")].read()
    obs[2].data.loops[7].vertex_index = before
