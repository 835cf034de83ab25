# tests/blender/expression/test_behind.py: the points of all curves in bulk against each curve's own
import contextlib
import random
import unittest

import bpy
import numpy as np

from support import EVERY, check_oracle, fill_memcache, refused, same, seed
from trail_ways import known, natively


def hair(sizes, rng=None):
    """Curves of so many points each, all values different."""
    curves = bpy.data.hair_curves.new("Hair") if hasattr(bpy.data, "hair_curves") else None
    if not hasattr(curves, "add_curves"):
        raise unittest.SkipTest("this Blender makes no curves")
    rng = rng or random.Random(seed())
    curves.add_curves(sizes)
    curves.points.foreach_set("position", [rng.uniform(-9, 9) for _ in range(3 * sum(sizes))])
    curves.points.foreach_set("radius", [rng.uniform(0, 9) for _ in range(sum(sizes))])
    return curves


def positions(curves):
    return [[list(point.position) for point in curve.points] for curve in curves.curves]


def test_equal_lengths():
    from rnaslicer import Slicer
    curves = hair([4] * 30)
    for rows in (EVERY, slice(3, 20), slice(None, None, -1), slice(2, None, 3), [4, 4, 1], slice(5, 6)):
        for rest in ((EVERY, "position"), ("position", "zx"), (EVERY, "position", EVERY), (EVERY, "radius"),
                     (slice(1, 3), "position"), (2, "position"), (..., "position")):
            check_oracle(curves.curves, (rows, "points", *rest))
    check_oracle(curves, ("curves", EVERY, "points", EVERY, "position"))
    check_oracle(curves.curves, (EVERY, "points", EVERY, "position"), dtype="d")
    matrix = [[2.0, 0, 1, 4], [0, -3, 0, 5], [0, 1, 1, 6]]
    check_oracle(curves.curves, (EVERY, "points", EVERY, "position"), transform=matrix)
    check_oracle(curves.curves, (EVERY, "points", EVERY, "position"), transform=[matrix] * 30)
    with Slicer(curves.curves)[:, "points", :, "position"] as vw:
        assert len(vw.kernels) == 1 and vw.kernel.route == "direct" and vw.shape == (30, 4, 3)
        assert len(vw.leaves()) == 1


def test_several_properties():
    from rnaslicer import Slicer
    curves = hair([3] * 8)
    curves.attributes.new("spare", "FLOAT_VECTOR", "POINT")
    with Slicer(curves.curves)[:, "points", :, ("position", "position"), :] as vw:
        wanted = positions(curves)
        same(vw.memcache.tolist(), [[[p, p] for p in row] for row in wanted])
        vw.memcache[2:4, 1] = [[7.0] * 3] * 2
        vw.update()
        assert positions(curves)[2][1] == [7.0] * 3


def test_lengths_that_differ():
    from rnaslicer import Slicer
    sizes = [3, 5, 2, 7, 4]
    curves = hair(sizes)
    for rows in (EVERY, slice(1, 4)):
        for ragged in ("flat", "pad"):
            check_oracle(curves.curves, (rows, "points", EVERY, "position"), ragged=ragged)
            check_oracle(curves.curves, (rows, "points", EVERY, "radius"), ragged=ragged)
    with Slicer(curves.curves, ragged="flat")[:, "points", :, "position"] as vw:
        assert vw.offsets.tolist() == [0, 3, 8, 10, 17, 21]
        before = vw.memcache.tolist()
        vw.memcache[4:9] = [[1.0, 2.0, 3.0]] * 5
        vw.update(vw.memcache[4:9])
        same([p for row in positions(curves) for p in row], before[:4] + [[1.0, 2.0, 3.0]] * 5 + before[9:])
    with refused("ExpressionError", "the lengths differ", "curves[0] has 3", "ragged='flat'"):
        with Slicer(curves.curves)[:, "points", :, "position"]:
            pass


def test_writing_regions():
    from rnaslicer import Slicer
    curves = hair([4] * 9)
    for part in ((EVERY,), (slice(2, 7),), (slice(None, None, -2),), (EVERY, slice(1, 3)), (slice(1, 8, 3), slice(3, None, -2)),
                 (4, 2), (EVERY, EVERY, 1), (slice(3, 5), 0, slice(0, 2))):
        held = np.array(positions(curves), "f")
        with Slicer(curves.curves)[:, "points", :, "position", :] as vw:
            new = np.asarray(vw.memcache) + 100
            fill_memcache(vw.memcache, new.ravel().tolist())
            vw.update(vw.memcache[part])
            held[part] = new[part]
            same(positions(curves), held.tolist(), str(part))
            vw.memcache[...] = 0.0
            vw.refresh(vw.memcache[part])
            expected = np.zeros_like(held)
            expected[part] = held[part]
            same(vw.memcache.tolist(), expected.tolist(), str(part))


def opened(wrapper):
    """Entered by native code."""
    return contextlib.closing(natively("enter", wrapper.open))


def natively_entered(curves, rest=("position",), rows=EVERY, **options):
    """Enters along a trail; values are bpy's."""
    from rnaslicer import Slicer
    with opened(Slicer(curves.curves, **options)[rows, "points", :, rest[0]]) as vw:
        wanted = [[getattr(p, rest[0]) for p in curve.points] for curve in curves.curves[rows]]
        same(vw.memcache.tolist(), [[list(v) if hasattr(v, "__len__") else v for v in row] for row in wanted])
        assert vw.kernel.route == "direct"


def learnt(curves, name="position", rows=EVERY, **options):
    known(curves.curves, rows, "points", EVERY, name, **options)


def test_entered_by_native_code():
    """Each enter after the first of a session, whosever curves they are; what it depends on is asked each time."""
    from rnaslicer import Slicer
    curves, other = hair([4] * 40), hair([4] * 7)
    learnt(curves)
    natively_entered(curves)
    natively_entered(other)
    curves.points[17].position = 7, 8, 9
    natively_entered(curves)
    with Slicer(curves.curves)[:, "points", :, "position"] as vw:
        with Slicer(curves.curves)[:, "points", :, "position"] as second:
            vw.memcache[:] = [[[i, k, 1.0] for k in range(4)] for i in range(40)]
            natively("update", vw.update)
            natively("refresh", second.refresh)
            same(second.memcache.tolist(), vw.memcache.tolist())
            same(positions(curves), vw.memcache.tolist())
    if hasattr(curves, "resize_curves"):
        curves.resize_curves([5] + [4] * 39)
        with refused("ExpressionError", "the lengths differ", "curves[0] has 5"):
            Slicer(curves.curves)[:, "points", :, "position"].open()
        curves.resize_curves([5] * 40)
        natively_entered(curves)
    curves.add_curves([5 if hasattr(curves, "resize_curves") else 4])
    natively_entered(curves)
    learnt(curves, "radius")
    natively_entered(curves, ("radius",))
    curves.attributes.remove(curves.attributes["radius"])
    learnt(curves, "radius")
    curves.attributes.new("radius", "FLOAT_VECTOR", "POINT")
    natively_entered(curves)


def test_a_part_by_native_code():
    """Some curves in a row: read, written, and compared with how all of them divide the points."""
    from rnaslicer import Slicer
    curves, rows = hair([4] * 12), slice(3, 9)
    learnt(curves, rows=rows)
    natively_entered(curves, rows=rows)
    for part in (None, EVERY, slice(1, 3), slice(None, None, -2), (EVERY, slice(1, 3)), (4, 2), (EVERY, EVERY, 1)):
        with opened(Slicer(curves.curves)[rows, "points", :, "position"]) as vw:
            held, before = np.array(positions(curves), "f"), vw.memcache.tolist()
            new = np.asarray(vw.memcache) + 100
            fill_memcache(vw.memcache, new.ravel().tolist())
            region = None if part is None else vw.memcache[part]
            update = vw.update if part is None else lambda: vw.update(region)
            natively("update", update) if part is None or part == EVERY else update()
            at = EVERY if part is None else part
            held[rows][at] = new[at]
            same(positions(curves), held.tolist(), str(part))
            fill_memcache(vw.memcache, np.zeros_like(new).ravel().tolist())
            natively("refresh", vw.refresh if part is None else lambda: vw.refresh(region))
            wanted = np.zeros_like(new)
            wanted[at] = held[rows][at]
            same(vw.memcache.tolist(), wanted.tolist(), str(part))
            assert before != vw.memcache.tolist()


def test_a_part_of_different_lengths():
    from rnaslicer import Slicer
    curves, rows = hair([3, 5, 2, 7, 4, 6]), slice(1, 4)
    for ragged in ("flat", "pad"):
        learnt(curves, rows=rows, ragged=ragged)
        learnt(curves, ragged=ragged)
        for picked in (rows, EVERY):
            with opened(Slicer(curves.curves, ragged=ragged)[picked, "points", :, "position"]) as vw:
                wanted = positions(curves)[picked]
                if ragged == "flat":
                    assert vw.offsets.tolist() == np.cumsum([0, *map(len, wanted)]).tolist()
                    same(vw.memcache.tolist(), [p for row in wanted for p in row])
                else:
                    same(vw.lengths.tolist(), list(map(len, wanted)))
                    same([row[:n] for row, n in zip(vw.memcache.tolist(), vw.lengths)], wanted)
                values = np.asarray(vw.memcache)
                values *= 2
                natively("update", vw.update)
                same(positions(curves)[picked], [[[c * 2 for c in p] for p in row] for row in wanted])
    with refused("ExpressionError", "the lengths differ"):
        Slicer(curves.curves)[rows, "points", :, "position"].open()


def test_a_part_of_other_points():
    """What is outside the part counts, too: it says where the part's points lie."""
    from rnaslicer import Slicer
    curves = hair([4] * 6)
    if not hasattr(curves, "resize_curves"):
        raise unittest.SkipTest("this Blender does not resize curves")
    learnt(curves, rows=slice(2, 5))
    for sizes in ([3, 5, 4, 4, 4, 4], [5, 4, 4, 4, 4, 3], [4, 4, 4, 4, 4, 5]):
        curves = hair([4] * 6)
        with opened(Slicer(curves.curves)[2:5, "points", :, "position"]) as vw:
            held = vw.memcache.tolist()
            curves.resize_curves(sizes)
            now = positions(curves)
            for move in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[2:3])):
                with refused("ShapeChangedError"):
                    move()
            same(vw.memcache.tolist(), held)
            same(positions(curves), now)
            curves.add_curves([4])
            with refused("ShapeChangedError", "had 6 elements"):
                vw.update()


def test_by_native_code_after_undo():
    from rnaslicer import Slicer
    curves = hair([4] * 40)
    curves.name = "Undone"
    learnt(curves)
    wrapper = Slicer(curves.curves)[:, "points", :, "position"]
    bpy.ops.ed.undo_push(message="before")
    curves.points[3].position = 1, 2, 3
    curves.add_curves([4])
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    curves = bpy.data.hair_curves["Undone"]
    for _ in range(2):
        with wrapper:
            same(wrapper.memcache.tolist(), positions(curves))
            assert wrapper.shape[0] == 40
            wrapper.refresh()
            same(wrapper.memcache.tolist(), positions(curves))
        natively_entered(curves)
    curves.name = "Renamed"
    with wrapper:
        curves.name = "Again"
        natively("refresh", wrapper.refresh)
        natively("update", wrapper.update)
    bpy.data.hair_curves.remove(curves)
    with refused("SupplierLostError"):
        with wrapper:
            pass
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with refused("SupplierLostError"):
        with wrapper:
            pass


def test_one_shots():
    from rnaslicer import Slicer
    curves = hair([4] * 9)
    wrapper = Slicer(curves.curves)[:, "points", :, "position"]
    spread = np.zeros((9, 8, 3), "f")[:, ::2]
    for out in (np.zeros((9, 4, 3), "f"), np.zeros((9, 4, 3), "d"), spread, np.zeros((3, 4, 9), "f").T):
        same(wrapper.read(out).tolist(), positions(curves))
        wrapper.write(out * 2)
        same(positions(curves), (out * 2).tolist())


def test_points_divided_in_another_way():
    from rnaslicer import Slicer
    curves = hair([4] * 6)
    with Slicer(curves.curves)[:, "points", :, "position"] as vw:
        held, kept = vw.memcache.tolist(), positions(curves)
        if not hasattr(curves, "resize_curves"):
            raise unittest.SkipTest("this Blender does not resize curves")
        curves.resize_curves([3, 5, 4, 4, 4, 4])
        now = positions(curves)
        for move in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[2:4])):
            with refused("ShapeChangedError", "divided"):
                move()
        same(vw.memcache.tolist(), held)
        same(positions(curves), now)
        assert kept != now
        curves.add_curves([4])
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                move()
    with refused("ExpressionError", "the lengths differ"):
        with vw:
            pass
