# tests/blender/trails/test_trails_partitions.py: what divides corners and points among elements, written along trails
"""What is whole stays whole, or is not written (hazards.PARTITIONS). bpy says what is right; native code must have done it."""
import bpy
import numpy as np

from counted_calls import REFRESH, UPDATE, counted
from support import EVERY, refused, same
from trail_ways import counts, known, natively

HAS_TOTALS = bpy.app.version < (4, 0)  # polygons have a length of their own, which is compared with their starts
STARTS = EVERY, "data", "polygons", EVERY, "loop_start"


def filled(mesh, sizes):
    mesh.clear_geometry()
    count = max(sizes) + len(sizes)
    mesh.from_pydata([(i, i * i % 5, 0) for i in range(count)], [], [[i + k for k in range(size)] for i, size in enumerate(sizes)])


def made(count=4, sizes=(4, 3, 5) * 4):
    found = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"Divides{i}")
        filled(mesh, sizes)
        found.append(bpy.data.objects.new(f"Divides{i}", mesh))
        bpy.context.scene.collection.objects.link(found[-1])
    bpy.context.view_layer.update()
    return found


def starts(mesh):
    return [polygon.loop_start for polygon in mesh.polygons]


def derived(mesh):
    """What Blender computes from it."""
    mesh.calc_loop_triangles()
    return [list(polygon.vertices) for polygon in mesh.polygons], [tuple(polygon.normal) for polygon in mesh.polygons], len(
        mesh.loop_triangles)


def test_starts():
    """Divided in another way that is as whole: as after bpy's own call, also what is derived from it."""
    from rnaslicer import Slicer
    objects, twins = made(), made()
    known(objects, *STARTS)
    known(objects[0].data.polygons, EVERY, "loop_start")
    moved = [start + (0 if i % 3 == 0 or HAS_TOTALS else 1) for i, start in enumerate(starts(objects[0].data))]
    for twin in twins:
        twin.data.polygons.foreach_set("loop_start", moved)
        twin.data.update()
    with Slicer(objects)[STARTS] as vw:
        np.asarray(vw.memcache)[...] = moved
        natively("update", vw.update)
        for ob, twin in zip(objects, twins):
            same(starts(ob.data), moved)
            same(derived(ob.data), derived(twin.data))
        natively("refresh", vw.refresh)
    one, twin = objects[1].data, twins[1].data
    with Slicer(one.polygons)[:, "loop_start"] as vw:
        original = [0, *np.cumsum((4, 3, 5) * 4)[:-1].tolist()]
        np.asarray(vw.memcache)[...] = original
        natively("update", vw.update)
        twin.polygons.foreach_set("loop_start", original)
        twin.update()
        same(derived(one), derived(twin))


def test_what_leaves_gaps_is_refused():
    from rnaslicer import Slicer
    objects = made()
    known(objects, *STARTS)
    before = [starts(ob.data) for ob in objects]
    with Slicer(objects)[STARTS] as vw:
        for at, number in (((3, 0), 1), ((3, 4), before[3][3] + 1), ((3, 4), before[3][5]), ((3, 11), before[3][11] + 9),
                           ((3, 1), -1), ((1, 11), 1 << 30)):
            vw.refresh()
            np.asarray(vw.memcache)[at] = number
            with refused("ValueRangeError", "loop_start"):
                vw.update()
            same([starts(ob.data) for ob in objects], before)
        np.asarray(vw.memcache)[...] = before
        vw.update()
        vw.update(vw.memcache[1:3, 2:5])
        same([starts(ob.data) for ob in objects], before)


def test_half_built():
    """While polygons have no corners of their own yet the routes write, and nothing reads them."""
    from rnaslicer import Slicer
    objects = made()
    known(objects[0].data.polygons, EVERY, "loop_start")
    mesh = bpy.data.meshes.new("Half")
    mesh.vertices.add(9)
    mesh.loops.add(9)
    mesh.polygons.add(3)
    with Slicer(mesh.polygons)[:, "loop_start"] as vw:
        np.asarray(vw.memcache)[...] = 0, 3, 6
        vw.update()
    same(starts(mesh), [0, 3, 6])


def test_offsets_of_curves():
    from rnaslicer import Slicer
    if not hasattr(bpy.types.Curves.bl_rna, "functions") or "add_curves" not in bpy.types.Curves.bl_rna.functions:
        return
    curves = bpy.data.hair_curves.new("Divides")
    curves.add_curves([4, 3, 5] * 4)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Divides", curves))
    known(curves.curve_offset_data, EVERY, "value")
    with Slicer(curves.curve_offset_data)[:, "value"] as vw:
        moved = [min(number + (i % 3 == 1), len(curves.points)) for i, number in enumerate(vw.memcache.tolist())]
        np.asarray(vw.memcache)[...] = moved
        natively("update", vw.update)
        same([one.value for one in curves.curve_offset_data], moved)
        same([one.first_point_index for one in curves.curves], moved[:-1])
        bpy.context.view_layer.update()
        for at, number in ((12, 47), (0, 1), (5, 0), (3, 99)):
            vw.refresh()
            np.asarray(vw.memcache)[at] = number
            with refused("ValueRangeError"):
                vw.update()
            same([one.value for one in curves.curve_offset_data], moved)
        vw.refresh()
        assert counted(vw.update) <= UPDATE


def test_counted():
    from rnaslicer import Slicer
    objects = made(20)
    for supplier, items in ((objects, STARTS), (objects[0].data.polygons, (EVERY, "loop_start"))):
        known(supplier, *items)
        with Slicer(supplier)[items] as vw:
            assert counted(vw.refresh) <= REFRESH
            assert counted(vw.update) <= UPDATE


def test_lengths():
    """Where polygons have starts and lengths each is compared with the other: what is in turn stays so, or is not written;
    what is not is for the routes."""
    from rnaslicer import Slicer
    if not HAS_TOTALS:
        return
    lengths = EVERY, "data", "polygons", EVERY, "loop_total"
    objects = made()
    known(objects, *lengths)
    before = [[polygon.loop_total for polygon in ob.data.polygons] for ob in objects]
    with Slicer(objects)[lengths] as vw:
        natively("update", vw.update)
        assert counted(vw.update) <= UPDATE
        for at, number in (((3, 0), 3), ((3, 11), 6), ((1, 5), 1), ((0, 2), -1), ((2, 3), 1 << 30)):
            vw.refresh()
            np.asarray(vw.memcache)[at] = number
            with refused("ValueRangeError", "loop_total", "nothing was written"):
                vw.update()
            same([[polygon.loop_total for polygon in ob.data.polygons] for ob in objects], before)
    mesh = objects[2].data
    known(mesh.polygons, EVERY, "loop_total")
    for name in ("loop_start", "loop_total"):
        with Slicer(mesh.polygons)[:, name] as vw:
            natively("update", vw.update)
            filled(mesh, (3, 3, 3) * 4)  # of as many, which divide other corners
            with refused("ValueRangeError", name, "nothing was written"):
                vw.update()
            vw.refresh()
            natively("update", vw.update)
            filled(mesh, (4, 3, 5) * 4)
    order = [mesh.polygons[i].loop_start for i in range(12)]
    mesh.polygons.foreach_set("loop_start", [order[3], *order[1:3], order[0], *order[4:]])  # of as many corners
    for name in ("loop_start", "loop_total"):
        with Slicer(mesh.polygons)[:, name] as vw:
            before = counts()["update"][0]
            vw.update()
            assert counts()["update"][0] == before
    same(starts(mesh), [order[3], *order[1:3], order[0], *order[4:]])
