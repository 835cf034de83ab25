# tests/blender/trails/test_trails_same.py: structs that are what they were when bpy gave their arrays
"""bpy is not asked for the array of such: `told` counts them. Whatever happens to a struct, bpy says what is right."""
import bpy
import numpy as np

from support import EVERY, refused, same
from test_trails_held import KEYS, POINTS, curve, fcurves, keys, places
from trail_ways import counts, known, natively


def told(function, structs, changed=0):
    """Runs it; so many structs must have told, and so many must have changed."""
    before = counts()["struct"]
    result = function()
    after = counts()["struct"]
    assert (after[0] - before[0], after[1] - before[1]) == (structs, changed), (before, after, structs, changed)
    return result


def test_who_is_asked():
    from rnaslicer import Slicer
    for make, items, now in ((curve, POINTS, places), (fcurves, KEYS, keys)):
        made, other = make(), make()
        known(made, *items)
        with Slicer(made)[items] as vw:
            told(lambda: natively("refresh", vw.refresh), 6)
            np.asarray(vw.memcache)[...] += 1
            natively("update", vw.update)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), now(made))
            told(lambda: natively("refresh", vw.refresh), 6)
            told(lambda: natively("enter", lambda: same(Slicer(made)[items].read().tolist(), now(made))), 3)
            # Of the same trail, in turns: each asks for its own.
            with Slicer(other)[items] as ow:
                for _ in range(3):
                    told(lambda: natively("refresh", vw.refresh), 6)
                    told(lambda: natively("refresh", ow.refresh), 6)
                same(vw.memcache.tolist(), now(made))
                same(ow.memcache.tolist(), now(other))


def test_what_an_enter_saw_is_known_to_all():
    """Of what was entered before, too."""
    from rnaslicer import Slicer
    curves = fcurves()
    known(curves, *KEYS)
    with Slicer(curves)[KEYS] as vw:
        told(vw.refresh, 6)
        for one in curves:  # moves them
            one.keyframe_points.insert(50, 1)
            one.keyframe_points.remove(one.keyframe_points[0])
        moved = keys(curves)
        natively("enter", lambda: same(Slicer(curves)[KEYS].read().tolist(), moved))
        told(lambda: natively("refresh", vw.refresh), 6)
        same(vw.memcache.tolist(), moved)


def test_a_value_that_only_changed():
    from rnaslicer import Slicer
    curves = fcurves()
    known(curves, *KEYS)
    with Slicer(curves)[KEYS] as vw:
        curves[4].keyframe_points[3].co = 3.5, 99
        told(lambda: natively("refresh", vw.refresh), 6)
        same(vw.memcache.tolist(), keys(curves))
        curves[4].mute = True  # another byte of the struct: bpy is asked
        told(lambda: natively("refresh", vw.refresh), 5, changed=1)
        same(vw.memcache.tolist(), keys(curves))
        told(lambda: natively("refresh", vw.refresh), 6)


def test_others_in_their_place():
    """A struct that goes leaves its memory to the next of its kind, and perhaps its array, too."""
    from rnaslicer import Slicer
    curves = fcurves()
    known(curves, *KEYS)
    with Slicer(curves)[KEYS] as vw:
        for i in range(20):
            curves.remove(curves[i % 6])
            new = curves.new(f'["new {i}"]', index=0)
            new.keyframe_points.add(5)
            for k, point in enumerate(new.keyframe_points):
                point.co = k + i, -k
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), keys(curves))
            natively("enter", lambda: same(Slicer(curves)[KEYS].read().tolist(), keys(curves)))
        curves.remove(curves[3])
        with refused("ShapeChangedError"):
            vw.refresh()


def test_as_many_in_another_way():
    """A spline of the other kind, or of another number of points, has as long a list of splines."""
    from rnaslicer import Slicer
    for change in (lambda made: setattr(made.splines[5], "type", "BEZIER"), lambda made: made.splines[5].points.add(1)):
        made = curve()
        known(made, *POINTS)
        with Slicer(made)[POINTS] as vw:
            told(vw.refresh, 6)
            change(made)
            before = vw.memcache.tolist()
            with refused("ShapeChangedError"):
                vw.refresh()
            same(vw.memcache.tolist(), before)


def test_rows_of_different_lengths_and_parts():
    from rnaslicer import Slicer
    curves = fcurves()
    for i, one in enumerate(curves):
        for k in range(i):
            one.keyframe_points.insert(30 + k, k)
    for options in ({"ragged": "flat"}, {"ragged": "pad", "fill": -1}):
        known(curves, *KEYS, **options)
        with Slicer(curves, **options)[KEYS] as vw:
            curves[2].keyframe_points[3].co = 3, 77
            told(lambda: natively("refresh", vw.refresh), 6)
            same(vw.memcache.tolist(), Slicer(curves, **options)[KEYS].read().tolist())
    part, curves = (slice(1, None), "keyframe_points", EVERY, "co"), fcurves()
    known(curves, *part)
    with Slicer(curves)[part] as vw:
        curves[5].keyframe_points[2].co = 2, 55
        told(lambda: natively("refresh", lambda: vw.refresh(vw.memcache[3:, ::2])), 5)
        same(vw.memcache[3:, ::2].tolist(), [one[::2] for one in keys(curves)[4:]])
