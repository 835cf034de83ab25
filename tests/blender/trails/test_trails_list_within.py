# tests/blender/trails/test_trails_list_within.py: Python lists of structs that lie within datablocks, by trails
import bpy
import numpy as np

from support import EVERY, refused, same
from test_trails_drawings import arrays, drawn, pencil
from trail_lists import fcurves, rig
from trail_ways import known, natively

POINTS = EVERY, "attributes", ["position"], "data", EVERY, "vector"


def curve(count=9):
    made = bpy.data.curves.new("Within", "CURVE")
    for i in range(count):
        spline = made.splines.new("POLY")
        spline.points.add(4)
        for j, point in enumerate(spline.points):
            point.co, point.radius = (i, j, i * j, 1), i + j / 8
    return made


def action(count=9):
    ob = bpy.data.objects.new("Within", None)
    for i in range(count):
        ob[f"p{i}"] = 0.0
        for frame in range(4):
            ob[f"p{i}"] = i + frame / 2
            ob.keyframe_insert(f'["p{i}"]', frame=frame)
    return ob.animation_data.action


def kinds():
    """Name -> (function that gives the list, items, what bpy gives, a change of values)."""
    splines, keyed, ob = curve(), action(), rig(9)
    for i, bone in enumerate(ob.pose.bones):
        for j in range(2):
            bone.constraints.new(("COPY_LOCATION", "LIMIT_ROTATION")[(i + j) % 2]).influence = (i + j) / 16

    def of(give, name, prop):
        return lambda: [[tuple(value) if hasattr(value := getattr(one, prop), "__len__") else value
                         for one in getattr(struct, name)] for struct in give()]

    def put(give, name, prop, value):
        return lambda: setattr(getattr(give()[3], name)[1], prop, value)

    found = {}
    for key, give, name, prop, value in (
            ("splines", lambda: list(splines.splines), "points", "radius", 77),
            ("in another order", lambda: [splines.splines[i] for i in (1, 1, 8, 2, 5)], "points", "co", (7, 7, 7, 1)),
            ("f-curves", lambda: list(fcurves(keyed)), "keyframe_points", "co", (1, 77)),
            ("bones", lambda: list(ob.pose.bones), "constraints", "influence", 0.25)):
        found[key] = give, (EVERY, name, EVERY, prop), of(give, name, prop), put(give, name, prop, value)
    return found


def test_read_refreshed_and_written(name):
    from rnaslicer import Slicer
    give, items, told, change = kinds()[name]

    def values(vw):
        return [[tuple(one) if type(one) is list else one for one in part] for part in vw.memcache.tolist()]

    for time in range(3):
        with Slicer(give())[items] as vw:
            assert values(vw) == told(), time
            change()
            natively("refresh", vw.refresh)
            assert values(vw) == told(), time
            np.asarray(vw.memcache)[3] *= 0.5
            wanted = values(vw)
            vw.update()  # the routes find each struct anew
            assert told() == wanted or name == "f-curves"  # whose keys are sorted
            vw.refresh()
            assert values(vw) == told(), time
    with Slicer(give())[(slice(None, None, -2), *items[1:])] as vw:
        assert values(vw) == told()[::-2]
    with Slicer(give())[items] as vw:
        assert vw._known is not None, name


test_read_refreshed_and_written.cases = {name: (name,) for name in ("splines", "in another order", "f-curves", "bones")}


def test_what_changes_between_calls(change):
    from rnaslicer import Slicer
    made, keyed = curve(), action()
    give = (lambda: list(fcurves(keyed))) if "curve" in change else (lambda: list(made.splines))
    items = (EVERY, "keyframe_points", EVERY, "co") if "curve" in change else (EVERY, "points", EVERY, "co")
    for _ in range(2):
        with Slicer(give())[items]:
            pass
    with Slicer(give())[items] as vw:
        assert vw._known is not None
        error = "SupplierLostError"
        if change == "spline removed":
            made.splines.remove(made.splines[3])
        elif change == "longer spline":
            made.splines[3].points.add(1)
            error = "ShapeChangedError"
        elif change == "datablock removed":
            bpy.data.curves.remove(made)
        else:  # the others are who they were
            fcurves(keyed).remove(fcurves(keyed)[3])
        for use in (vw.refresh, vw.update):
            with refused(error):
                use()
    if change == "f-curve removed":
        with Slicer(give())[items] as vw:
            assert [[tuple(one) for one in part] for part in vw.memcache.tolist()] == [
                [tuple(key.co) for key in one.keyframe_points] for one in fcurves(keyed)]


test_what_changes_between_calls.cases = {change: (change,) for change in (
    "spline removed", "longer spline", "datablock removed", "f-curve removed")}


def test_f_curves_are_told_by_their_path():
    """One that is removed and made again further behind: the same, wherever it stands."""
    from rnaslicer import Slicer
    keyed = action()
    give = lambda: list(fcurves(keyed))  # noqa: E731
    for _ in range(2):
        with Slicer(give())[:, "keyframe_points", :, "co"]:
            pass
    with Slicer(give())[:, "keyframe_points", :, "co"] as vw:
        assert vw._known is not None
        before = vw.memcache.tolist()
        fcurves(keyed).remove(fcurves(keyed)[2])
        again = fcurves(keyed).new('["p2"]', index=0)
        again.keyframe_points.add(4)
        for i, key in enumerate(again.keyframe_points):
            key.co = i, 50 + i
        vw.refresh()
        wanted = before[:2] + [[[i, 50 + i] for i in range(4)]] + before[3:]
        assert vw.memcache.tolist() == wanted


def drawings_of(data):
    return [frame.drawing for frame in data.layers[0].frames]


def test_drawings():
    """Read, refreshed, written; of frames that are told by their number, wherever they stand."""
    from rnaslicer import Slicer
    data = pencil()
    for time in range(3):
        with Slicer(drawings_of(data))[POINTS] as vw:
            same(vw.memcache.tolist(), drawn(data))
            data.layers[0].frames[1].drawing.attributes["position"].data[2].vector = (time, 5, 5)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), drawn(data))
            np.asarray(vw.memcache)[2] += 1
            wanted = vw.memcache.tolist()
            vw.update()
            same(drawn(data), wanted)
    with Slicer(drawings_of(data)[1:])[POINTS] as vw:
        assert vw._known is not None
        wanted = vw.memcache.tolist()
        data.layers[0].frames.remove(1)
        vw.refresh()
        same(vw.memcache.tolist(), wanted)
        data.layers[0].frames[1].drawing.add_strokes([1])
        with refused("ShapeChangedError"):
            vw.refresh()
    with Slicer(drawings_of(data)[::2])[POINTS] as vw:
        data.layers[0].frames.remove(2)
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError"):
                use()


def test_reading_leaves_arrays_of_drawings_shared():
    from rnaslicer import Slicer, _core
    data = pencil(strokes=(9, 9))
    mesh = bpy.data.meshes.new("Mesh")
    mesh.vertices.add(20)
    for i, one in enumerate(mesh.attributes.new("Other", "FLOAT_VECTOR", "POINT").data):
        one.vector = i, 1, 2
    known(mesh.attributes["Other"].data, EVERY, "vector", EVERY)  # what was proven there holds for drawings, too
    _core.forget_trails()
    for _ in range(3):
        with Slicer(drawings_of(data))[POINTS]:
            pass
    copy = data.copy()
    again = copy.copy()
    assert arrays(copy) == arrays(again), "Blender does not share them"
    with Slicer(drawings_of(copy))[POINTS] as vw:
        assert vw._known is not None
        natively("refresh", vw.refresh)
        assert arrays(copy) == arrays(again)
        before = drawn(again)
        np.asarray(vw.memcache)[...] += 1
        vw.update()
        same(drawn(copy), vw.memcache.tolist())
        same(drawn(again), before)


def test_after_undo():
    """bpy's references are dead, each struct is found by its way."""
    from rnaslicer import Slicer
    made = curve()
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Within", made))
    for _ in range(2):
        with Slicer(list(made.splines))[:, "points", :, "radius"]:
            pass
    bpy.ops.ed.undo_push(message="before")
    with Slicer(list(made.splines))[:, "points", :, "radius"] as vw:
        assert vw._known is not None
        wanted = vw.memcache.tolist()
        made.splines[4].points[1].radius = 50
        bpy.ops.ed.undo_push(message="after")
        bpy.ops.ed.undo()
        vw.refresh()
        assert vw.memcache.tolist() == wanted
        assert wanted == [[one.radius for one in spline.points] for spline in bpy.data.curves["Within"].splines]
