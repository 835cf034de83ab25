# tests/blender/trails/test_trails_curve_modifiers.py: the modifiers of one F-curve, captured as its keyframes are
"""Which curve of its list it is, its data path and index tell; native code compares where these lead."""
import bpy

from counted_calls import ONE_SHOT, UPDATE, counted
from support import EVERY, refused, same
from trail_lists import fcurves
from trail_ways import read, values


def animated(name, count):
    ob = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(ob)
    for frame in (1, 5):
        ob.location = frame, 2, 3
        ob.keyframe_insert("location", frame=frame)
    for k, curve in enumerate(fcurves(ob.animation_data.action)):
        for i in range(count + k):
            curve.modifiers.new("NOISE").strength = i + k / 2 + count
    return ob


def test_values():
    from rnaslicer import Slicer
    one, other = animated("One", 2), animated("Other", 3)
    for ob in (one, other, one):
        for curve in fcurves(ob.animation_data.action):
            for _ in range(3):
                same(read(curve.modifiers, EVERY, "strength")[0], values(curve.modifiers, "strength"))
            same(read(curve.keyframe_points, EVERY, "co")[0], [list(key.co) for key in curve.keyframe_points])
            assert Slicer(curve.modifiers)._path.steps[-1] == ("attr", "modifiers")
            assert Slicer(curve.keyframe_points)._path.steps[-1] == ("attr", "keyframe_points")
    curve = fcurves(other.animation_data.action)[1]

    def one_shot():
        with Slicer(curve.modifiers)[:, "strength"]:
            pass

    assert counted(one_shot) <= ONE_SHOT
    with Slicer(curve.modifiers)[:, "strength"] as vw:
        vw.memcache[:] = range(10, 10 + len(vw.memcache))
        vw.update()
        same(values(curve.modifiers, "strength"), vw.memcache.tolist())
        assert counted(vw.update) <= UPDATE
        curve.modifiers.new("NOISE")
        with refused("ShapeChangedError"):
            vw.refresh()


def test_drivers():
    one = animated("One", 2)
    for axis in range(3):
        curve = one.driver_add("scale", axis)
        for i in range(axis + 2):
            curve.modifiers.new("NOISE").strength = 10 * axis + i
    for curve in (*one.animation_data.drivers, *fcurves(one.animation_data.action)):
        noises = [i for i, modifier in enumerate(curve.modifiers) if modifier.type == "NOISE"]
        for _ in range(3):
            same(read(curve.modifiers, noises, "strength")[0], [curve.modifiers[i].strength for i in noises])


def test_curve_gone():
    from rnaslicer import Slicer
    one = animated("One", 2)
    curves = fcurves(one.animation_data.action)
    for _ in range(3):
        read(curves[1].modifiers, EVERY, "strength")
    with Slicer(curves[1].modifiers)[:, "strength"] as vw:
        curves.remove(curves[1])
        with refused("SupplierLostError"):
            vw.refresh()
    for curve in curves:
        same(read(curve.modifiers, EVERY, "strength")[0], values(curve.modifiers, "strength"))
