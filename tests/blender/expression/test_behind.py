# tests/blender/expression/test_behind.py: the points of all curves in bulk against each curve's own
import random
import unittest
from unittest.mock import patch

import bpy
import numpy as np

from support import EVERY, check_oracle, fill_memcache, refused, same, seed


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


def is_again(curves, rest=("position",), **options):
    """Enters, and says whether the routes of an earlier enter were taken; values are bpy's."""
    from rnaslicer import Slicer
    from rnaslicer.entered import trailed
    taken = []

    def noted(*args):
        taken.append(entered(*args))
        return taken[-1]
    entered = trailed.entered_again
    with patch.object(trailed, "entered_again", noted):
        with Slicer(curves.curves, **options)[:, "points", :, *rest] as vw:
            wanted = [[getattr(p, rest[0]) for p in curve.points] for curve in curves.curves]
            same(vw.memcache.tolist(), [[list(v) if hasattr(v, "__len__") else v for v in row] for row in wanted])
            assert vw.kernel.route == "direct"
    return taken[0] is not None


def test_entered_again():
    """Each enter after the first takes its routes, which ask for all that these depend on."""
    from rnaslicer import Slicer
    curves, other = hair([4] * 40), hair([4] * 40)
    assert not is_again(curves) and is_again(curves) and not is_again(other) and is_again(other)
    curves.points[17].position = 7, 8, 9
    assert is_again(curves)
    with Slicer(curves.curves)[:, "points", :, "position"] as vw:
        with Slicer(curves.curves)[:, "points", :, "position"] as second:
            vw.memcache[:] = [[[i, k, 1.0] for k in range(4)] for i in range(40)]
            vw.update()
            second.refresh()
            same(second.memcache.tolist(), vw.memcache.tolist())
    assert is_again(curves)
    if hasattr(curves, "resize_curves"):
        curves.resize_curves([5] + [4] * 39)
        with refused("ExpressionError", "the lengths differ", "curves[0] has 5"):
            is_again(curves)
        curves.resize_curves([5] * 40)
        assert not is_again(curves) and is_again(curves)
    curves.add_curves([5 if hasattr(curves, "resize_curves") else 4])
    assert not is_again(curves) and is_again(curves)
    assert not is_again(curves, ("radius",)) and is_again(curves, ("radius",))
    curves.attributes.remove(curves.attributes["radius"])
    is_again(curves, ("radius",))
    curves.attributes.new("radius", "FLOAT_VECTOR", "POINT")
    is_again(curves, ("position",))
    proof_forgotten(curves)


def proof_forgotten(curves):
    from rnaslicer.layout import proof
    assert is_again(curves)
    proof.forget()
    assert not is_again(curves) and is_again(curves)


def test_entered_again_after_undo():
    from rnaslicer import Slicer
    curves = hair([4] * 40)
    curves.name = "Undone"
    assert not is_again(curves) and is_again(curves)
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
        is_again(curves)
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
