# tests/blender/lifetime/test_cut_curves.py: F-curves whose path Blender has cut within a letter
"""A bone's name is cut after 63 bytes, wherever that is, and so is the path of the curves that animate it: bpy raises
UnicodeDecodeError for that path. Their keyframes can be read and written all the same."""
import bpy

from support import EVERY, VERSION, same
from trail_lists import edited, fcurves

CUT = "é" * 40


def animated():
    """The curves of two bones, one of which has a cut name; the action has drivers of such a path, too."""
    ob = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(ob)
    edited(ob, lambda bones: [setattr(bones.new(name), "tail", (0, 0, 1)) for name in ("Plain", CUT)])
    for i, bone in enumerate(ob.pose.bones):
        for frame in range(3):
            bone.location = i, frame, i * frame
            bone.keyframe_insert("location", frame=frame)
    ob.pose.bones[1].driver_add("scale", 0).driver.expression = "1.5"
    return ob


def is_cut(curve):
    try:
        return curve.data_path is None
    except UnicodeDecodeError:
        return True


def test_read_and_written():
    """Each alone, all in a list, and their keyframes as suppliers of their own."""
    from rnaslicer import Slicer
    ob = animated()
    curves = list(fcurves(ob.animation_data.action))
    driver = ob.animation_data.drivers[0]
    assert [is_cut(curve) for curve in curves[3:]] == [VERSION < (5, 0)] * 3
    for _ in range(3):
        for some in (curves, curves[::-1], curves[3:], [*curves, driver], [driver]):
            with Slicer(some)[EVERY, "mute"] as vw:
                same(vw.memcache.tolist(), [curve.mute for curve in some])
                vw.memcache[...] = [i % 2 == 0 for i in range(len(some))]
                vw.update()
                same([curve.mute for curve in some], vw.memcache.tolist())
                vw.refresh()
        for i, curve in enumerate(curves):
            with Slicer(curve.keyframe_points)[:, "co", 1] as vw:
                same(vw.memcache.tolist(), [key.co[1] for key in curve.keyframe_points])
                vw.memcache[0] = i
                vw.update()
            assert curve.keyframe_points[0].co[1] == i
            with Slicer(curve)["keyframe_points", :, "co"] as vw:
                same(vw.memcache.tolist(), [list(key.co) for key in curve.keyframe_points])
        with Slicer(curves)[:, "keyframe_points", :, "co"] as vw:
            same(vw.memcache.tolist(), [[list(key.co) for key in curve.keyframe_points] for curve in curves])


def test_behind_such_curves():
    """What is found by way of the list of curves is found where one of them is cut, too."""
    from rnaslicer import Slicer
    ob = animated()
    curves = list(fcurves(ob.animation_data.action))
    modifiers = [curve.modifiers.new("NOISE") for curve in curves]
    keys = [curve.keyframe_points[1] for curve in curves]
    drivers = [ob.animation_data.drivers[0].driver]
    for _ in range(3):
        for some, name in ((modifiers, "strength"), (keys, "amplitude"), (drivers, "use_self")):
            with Slicer(some)[EVERY, name] as vw:
                same(vw.memcache.tolist(), [getattr(one, name) for one in some])
