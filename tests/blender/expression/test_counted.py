# tests/blender/expression/test_counted.py: collections that bpy counts one by one (lattice points): quick all the same, and no change of length unseen
import array
import random
import time

import bpy

from support import EVERY, fill_memcache, refused, same
from trail_ways import known, natively, read


def lattice(*grid):
    data = bpy.data.lattices.new("Lattice")
    data.points_u, data.points_v, data.points_w = grid
    rng = random.Random(4)
    for point in data.points:
        point.co_deform = [rng.uniform(-1, 1) for _ in range(3)]
    return data


def seconds(call, times=9):
    """Of the processor: other work on the machine counts for nothing."""
    found = []
    for _ in range(times):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def test_no_transfer_counts():
    """What counts takes at least as long as counting, however often it is tried."""
    from rnaslicer import Slicer
    points = lattice(64, 64, 64).points
    count = len(points)

    def counts(call, beside=lambda: 0.0):
        return all(seconds(call) >= 0.8 * seconds(lambda: len(points)) + beside() for _ in range(20))

    bpy.data.objects.new("Object", points.id_data).vertex_groups.new(name="g").add([count - 1], 0.5, "REPLACE")
    for name in ("co_deform", "select", "weight_softbody"):
        with Slicer(points)[:, name] as vw:
            for call in (vw.refresh, lambda: vw.refresh(vw.memcache[count - 9 : count - 4]), vw.update,
                         lambda: vw.update(vw.memcache[count - 9 : count - 4])):
                assert not counts(call), name
    with Slicer(points, ragged="flat")[:, "groups", :, "weight"] as vw:
        assert not counts(vw.refresh)
    with Slicer(points)[:, "co"] as vw:  # which bpy works out for each point
        values = array.array("f", bytes(12 * count))
        assert not counts(vw.refresh, lambda: seconds(lambda: points.foreach_get("co", values)))


def test_other_lengths_are_seen():
    from rnaslicer import Slicer
    data = lattice(5, 4, 3)
    for name in ("co_deform", "co"):
        for grid in ((5, 4, 4), (5, 4, 2), (1, 1, 1), (6, 5, 4)):
            data.points_u, data.points_v, data.points_w = 5, 4, 3
            with Slicer(data.points)[:, name] as vw:
                data.points_u, data.points_v, data.points_w = grid
                length = grid[0] * grid[1] * grid[2]
                with refused("ShapeChangedError", "60", str(length)):
                    vw.refresh()
                if name == "co_deform":
                    with refused("ShapeChangedError", "60", str(length)):
                        vw.update()
            with Slicer(data.points)[:, name] as vw:
                assert vw.shape == (length, 3)


def test_by_a_trail():
    """Other lattices along it, in turns: what one has counted says nothing of another."""
    from rnaslicer import Slicer
    known(lattice(5, 4, 3).points, EVERY, "co_deform")
    some = [lattice(*grid) for grid in ((6, 2, 2), (5, 4, 3), (1, 1, 2), (9, 8, 7), (6, 2, 2))]
    for _ in range(2):
        for data in some:
            got, native = read(data.points, EVERY, "co_deform")
            assert native
            same(got, [list(point.co_deform) for point in data.points])
    wrappers = [Slicer(data.points)[:, "co_deform"] for data in some]
    for vw in wrappers:
        vw.open()
    for at in range(3):
        for data, vw in zip(some, wrappers):
            wanted = [[x + at, y, z] for x, y, z in vw.memcache.tolist()]
            fill_memcache(vw.memcache, [x for row in wanted for x in row])
            natively("update", vw.update)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), [list(point.co_deform) for point in data.points])
            last = vw.memcache[len(data.points) - 1:]
            natively("update", lambda last=last: vw.update(last))
    some[0].points_u = 7
    for use in (wrappers[0].refresh, wrappers[0].update):
        with refused("ShapeChangedError", "24", "28"):
            use()
    for vw in wrappers:
        vw.close()


def test_a_lattice_that_is_edited():
    from rnaslicer import Slicer
    data = lattice(5, 4, 3)
    ob = bpy.data.objects.new("Lattice", data)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    known(data.points, EVERY, "co_deform")
    with Slicer(data.points)[:, "co_deform"] as vw:
        bpy.ops.object.mode_set(mode="EDIT")
        vw.refresh()
        same(vw.memcache.tolist(), [list(point.co_deform) for point in data.points])
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.update()
        natively("refresh", vw.refresh)


def test_another_grid_of_as_many_points():
    from rnaslicer import Slicer
    data = lattice(5, 4, 3)
    with Slicer(data)["points", :, "co_deform", :] as vw:
        data.points_u, data.points_v, data.points_w = 3, 4, 5
        vw.refresh()
        same(vw.memcache.tolist(), [list(point.co_deform) for point in data.points])
        turned = vw.memcache.tolist()[::-1]
        fill_memcache(vw.memcache, [x for row in turned for x in row])
        vw.update()
    same([list(point.co_deform) for point in data.points], turned)


def test_elements_by_index():
    from rnaslicer import Slicer
    data = lattice(5, 4, 3)
    wanted = [list(point.co_deform) for point in data.points]
    for items, expected in (((-1, "co_deform"), wanted[-1]), ((59, "co_deform"), wanted[59]),
                            (([59, -60, 3], "co_deform"), [wanted[59], wanted[0], wanted[3]]),
                            ((slice(None, None, -7), "co_deform"), wanted[::-7])):
        with Slicer(data.points)[items] as vw:
            same(vw.memcache.tolist(), expected, str(items))
    lone = lattice(1, 1, 1)
    with Slicer(lone.points)[EVERY, "co_deform"] as vw:
        same(vw.memcache.tolist(), [list(lone.points[0].co_deform)])
