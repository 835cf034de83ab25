# tests/blender/trails/test_trails_alike.py: values that are all alike cost no more than others
"""Such agree with whatever lies there, so a layout that only a file proposes stays in doubt: more elements are compared
than else, until they vary. Elements that are byte for byte what they were when these agreed need not be asked again."""
import itertools

import bpy
import numpy as np

from support import plain, same
from test_trails_held import fcurves
from trail_ways import known, natively
from test_trails_same import told

KEYS = slice(None), "keyframe_points", slice(None)


def is_in_doubt(name):
    from rnaslicer.layout import proof
    return any(key[-1] == name for key in proof._doubtful)


def values(curves, name):
    return [[plain(getattr(key, name)) for key in curve.keyframe_points] for curve in curves]


def numbers(curves, name):
    items = bpy.types.Keyframe.bl_rna.properties[name].enum_items
    return [[items[key].value for key in row] for row in values(curves, name)]


def test_alike():
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    proof.forget()
    curves = fcurves()
    for name, now in (("interpolation", numbers), ("handle_left_type", numbers), ("select_control_point", values)):
        known(curves, *KEYS, name)
        assert is_in_doubt(name)

        def read():
            same(natively("enter", lambda: Slicer(curves)[(*KEYS, name)].read().tolist()), now(curves, name))

        read()
        told(read, 3)  # the first, middle and last of six are asked each time
        for key in (key for curve in curves for key in curve.keyframe_points):
            key.co.y += 1
        read()  # other bytes: all are asked
        told(read, 3)
        assert is_in_doubt(name)


def test_until_they_vary():
    """In any element of any collection, as bpy has it at the next enter."""
    from rnaslicer import Slicer, _core
    from rnaslicer.layout import proof
    curves = fcurves()
    count = len(curves[0].keyframe_points)
    for i, k in itertools.product(range(len(curves)), range(count)):
        proof.forget()
        known(curves, *KEYS, "interpolation")
        known(curves, *KEYS, "interpolation")
        known(curves, *KEYS, "co")
        forgotten = _core.trails_forgotten()
        key = curves[i].keyframe_points[k]
        key.interpolation = "CONSTANT"

        def read():
            same(Slicer(curves)[(*KEYS, "interpolation")].read().tolist(), numbers(curves, "interpolation"))

        natively("enter", read)
        for other in curves[i].keyframe_points:
            other.co.y += 1
        told(lambda: natively("enter", read), 3)  # as much as of any other value
        natively("enter", lambda: Slicer(curves)[(*KEYS, "co")].read())
        assert _core.trails_forgotten() == forgotten  # no other trail has to be learnt anew
        key.interpolation = "BEZIER"


def test_of_a_wrong_file():
    """Where other values lie, which were alike, too, bpy's count once they vary: with others in the same bytes."""
    from rnaslicer import Slicer, discovery
    from rnaslicer.layout import proof
    from test_wrong_discovery import WRONG, changed
    right = discovery.known
    try:
        for label in ("shifted", "before", "without hop", "flag"):
            known_wrong = changed(WRONG[label])
            discovery.known = lambda: known_wrong
            for name in ("co", "handle_left", "handle_right"):
                proof.forget()
                curve = bpy.data.curves.new(label, "CURVE")
                for _ in range(5):
                    curve.splines.new("BEZIER").bezier_points.add(8)
                items = slice(None), "bezier_points", slice(None), name

                def read():
                    return np.array(Slicer(curve.splines)[items].read()).tolist()

                def now():
                    return [[plain(getattr(p, name)) for p in s.bezier_points] for s in curve.splines]

                for _ in range(3):
                    same(read(), now())
                for point in (point for spline in curve.splines for point in spline.bezier_points):
                    point.co = point.handle_left = point.handle_right = (float("nan"),) * 3
                for _ in range(2):  # NaN is like NaN, and tells as little
                    same(read(), now())
                for spline, point in ((1, 2), (3, 5), (0, 7)):
                    setattr(curve.splines[spline].bezier_points[point], name, (1, 2, 3))
                    same(read(), now())
    finally:
        discovery.known = right
        proof.forget()
