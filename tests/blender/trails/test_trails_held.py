# tests/blender/trails/test_trails_held.py: arrays of which the struct that has them tells where they lie
"""bpy says what is right. `natively` says who did it, `told` that no element was asked where it lies."""
import random

import bpy
import numpy as np

from support import EVERY, refused, same, seed
from trail_ways import counts, known, natively

POINTS = "splines", EVERY, "points", EVERY, "co"
KEYS = EVERY, "keyframe_points", EVERY, "co"


def told(function, count, asked=0):
    """Runs it; pointers must have told of `count` arrays, and of no more than `asked` others bpy."""
    before = counts()["array"]
    result = function()
    after = counts()["array"]
    assert after[0] - before[0] == count and after[1] - before[1] <= asked, (before, after, count, asked)
    return result


def curve(splines=6, points=5, kind="POLY"):
    made = bpy.data.curves.new("Curve", "CURVE")
    for i in range(splines):
        spline = made.splines.new(kind)
        spline.points.add(points - 1)
        for k, point in enumerate(spline.points):
            point.co = i, k, i * k, 1
    return made


def places(made):
    return [[list(point.co) for point in spline.points] for spline in made.splines]


def fcurves(count=6, keys=5):
    action = bpy.data.actions.new("Action")
    if hasattr(action, "fcurves"):
        curves = action.fcurves
    else:
        slot = action.slots.new("OBJECT", "Slot")
        curves = action.layers.new("Layer").strips.new(type="KEYFRAME").channelbag(slot, ensure=True).fcurves
    for i in range(count):
        made = curves.new(f'["{i}"]', index=0)
        made.keyframe_points.add(keys)
        for k, point in enumerate(made.keyframe_points):
            point.co = k, i * k
    return curves


def keys(curves):
    return [[list(point.co) for point in one.keyframe_points] for one in curves]


def test_splines():
    from rnaslicer import Slicer
    made = curve()
    same(known(made, *POINTS), places(made))
    with Slicer(made)[POINTS] as vw:
        told(lambda: natively("refresh", vw.refresh), 6)
        made.splines[3].points[2].co = 9, 8, 7, 6
        told(lambda: natively("refresh", vw.refresh), 6)
        same(vw.memcache.tolist(), places(made))
        np.asarray(vw.memcache)[...] += 1
        natively("update", vw.update)
        same(places(made), vw.memcache.tolist())

    def enter():
        with Slicer(made)[POINTS] as vw:
            same(vw.memcache.tolist(), places(made))

    told(lambda: natively("enter", enter), 3)  # the first, the one in the middle and the last are compared with bpy
    other = curve(8)
    with Slicer(other)[POINTS] as vw:  # not met before: all are compared
        same(vw.memcache.tolist(), places(other))
    before = counts()["array"]
    natively("enter", lambda: Slicer(curve(5))[POINTS].read())
    assert counts()["array"][0] == before[0], "an array was trusted that nobody compared"


def test_splines_change():
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError

    def grows(made):
        made.splines[2].points.add(1)

    def goes(made):
        made.splines.remove(made.splines[2])

    def other_kind(made):
        made.splines[2].type = "BEZIER"

    def surface(made):
        made.splines.remove(made.splines[2])
        made.splines.new("BEZIER")

    for change in (grows, goes, other_kind, surface):
        made = curve()
        known(made, *POINTS)
        with Slicer(made)[POINTS] as vw:
            vw.refresh()
            change(made)
            before = vw.memcache.tolist()
            for call in (vw.refresh, vw.update):
                try:
                    call()
                except SlicerError:
                    pass
                else:
                    raise AssertionError(change)
            same(vw.memcache.tolist(), before)


def test_splines_made_anew():
    """Perhaps at the very places, with as many points."""
    from rnaslicer import Slicer
    made = curve()
    known(made, *POINTS)
    with Slicer(made)[POINTS] as vw:
        for i in range(20):
            made.splines.remove(made.splines[i % 6])
            spline = made.splines.new("POLY")
            spline.points.add(4)
            for k, point in enumerate(spline.points):
                point.co = -i, k, i, 2
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), places(made))
            natively("enter", lambda: same(Slicer(made)[POINTS].read().tolist(), places(made)))
            np.asarray(vw.memcache)[...] *= -1
            vw.update()
            same(places(made), vw.memcache.tolist())


def test_splines_in_edit_mode():
    """bpy's own splines are what is read, whatever is edited."""
    from rnaslicer import Slicer
    made = curve()
    ob = bpy.data.objects.new("Curve", made)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    known(made, *POINTS)
    with Slicer(made)[POINTS] as vw:
        for mode in ("EDIT", "OBJECT"):
            bpy.ops.object.mode_set(mode=mode)
            vw.refresh()
            same(vw.memcache.tolist(), places(made))
            if mode == "EDIT":
                bpy.ops.curve.select_all(action="SELECT")
                bpy.ops.transform.translate(value=(1, 2, 3))
                vw.refresh()
                same(vw.memcache.tolist(), places(made))
                with refused("ReadOnlyError", "edit mode"):
                    vw.update()


def test_fcurves():
    """Inserting a key and taking one away moves the array, which has as many in the end."""
    from rnaslicer import Slicer
    curves = fcurves()
    known(curves, *KEYS)
    with Slicer(curves)[KEYS] as vw:
        told(lambda: natively("refresh", vw.refresh), 6)
        for i in range(12):
            points = curves[i % 6].keyframe_points
            points.insert(20 + i, i)
            points.remove(points[0])
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), keys(curves))
            told(lambda: natively("refresh", vw.refresh), 6)
            same(vw.memcache.tolist(), keys(curves))
        curves[1].keyframe_points.insert(90, 1)
        with refused("ShapeChangedError"):
            vw.refresh()


def test_several_properties():
    from rnaslicer import Slicer
    curves = fcurves()
    names = "co", "handle_left", "handle_right"
    items = EVERY, "keyframe_points", EVERY, names
    known(curves, *items)
    with Slicer(curves)[items] as vw:
        curves[2].keyframe_points[1].handle_right = 4, 5
        told(lambda: natively("refresh", vw.refresh), 18)
        same(vw.memcache.tolist(), [[[list(getattr(point, name)) for name in names] for point in one.keyframe_points]
                                    for one in curves])


def test_at_random():
    """Splines and F-curves come, go and grow; each enter, and each refresh that is no error, gives bpy's values."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    rng = random.Random(seed())
    made, curves = curve(), fcurves()
    known(made, *POINTS)
    known(curves, *KEYS)
    entered = []

    def step():
        kind = rng.randrange(9)
        splines, points = made.splines, rng.choice(made.splines).points if len(made.splines) else None
        one = rng.choice(curves).keyframe_points
        if kind == 0 and len(splines) < 9:
            splines.new("POLY").points.add(4)
        elif kind == 1 and len(splines) > 2:
            splines.remove(rng.choice(splines))
        elif kind == 2 and len(points) < 6:
            points.add(1)
        elif kind == 3:
            points[rng.randrange(len(points))].co = [rng.random() for _ in range(4)]
        elif kind == 4:
            one.insert(rng.random() * 50, rng.random(), options={"FAST"})
        elif kind == 5 and len(one) > 5:
            one.remove(rng.choice(one), fast=True)
        elif kind == 6 and len(curves) > 2:
            curves.remove(rng.choice(curves))
        elif kind == 7 and len(curves) < 8:
            curves.new(f'["new {rng.random()}"]', index=0).keyframe_points.add(5)

    for _ in range(400):
        step()
        for supplier, items, now in ((made, POINTS, lambda: places(made)), (curves, KEYS, lambda: keys(curves))):
            try:
                vw = Slicer(supplier)[items].__enter__()
            except SlicerError:
                assert len(set(map(len, now()))) != 1
                continue
            same(vw.memcache.tolist(), now())
            entered.append((vw, now))
        for vw, now in entered[-6:]:
            try:
                vw.refresh()
            except SlicerError:
                assert np.shape(vw.memcache)[:2] != (len(now()), len(now()[0])) or len(set(map(len, now()))) != 1
                continue
            same(vw.memcache.tolist(), now())
        while len(entered) > 6:
            entered.pop(0)[0].__exit__(None, None, None)


def test_undo():
    from rnaslicer import Slicer
    curve()
    bpy.ops.ed.undo_push(message="made")
    known(bpy.data.curves["Curve"], *POINTS)
    with Slicer(bpy.data.curves["Curve"])[POINTS] as vw:
        bpy.data.curves["Curve"].splines[1].points[1].co = 5, 5, 5, 5
        bpy.ops.ed.undo_push(message="changed")
        vw.refresh()
        for _ in range(2):
            bpy.ops.ed.undo()
            vw.refresh()
            same(vw.memcache.tolist(), places(bpy.data.curves["Curve"]))
            bpy.ops.ed.redo()
            vw.refresh()
            same(vw.memcache.tolist(), places(bpy.data.curves["Curve"]))
