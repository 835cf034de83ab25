# tests/blender/transfer/test_foreach_items.py: items that bpy's own foreach_set cannot convert
"""bpy takes -1 for each such item, writes them all, and raises then: every flag is set afterwards."""
import array
import random

import bpy
import numpy as np

from support import plain, random_mesh, refused


class Whole:
    def __index__(self):
        return 1


class Raises:
    """Of code of its own, which may raise anything."""

    def __index__(self):
        return {}["none"]

    __float__ = __index__


def scene():
    """Name -> (collection, property, what it is now, items that are no numbers of its kind)."""
    mesh = random_mesh(random.Random(5), 3, 2)
    curve = bpy.data.curves.new("Items", "CURVE")
    spline = curve.splines.new("POLY")
    spline.points.add(3)
    objects = [bpy.data.objects.new(f"Items {i}", mesh) for i in range(4)]
    for i, ob in enumerate(objects):
        bpy.context.scene.collection.objects.link(ob)
        ob.location = i, 2, 3
        bpy.context.scene.timeline_markers.new(f"Marker {i}", frame=i)
    floats = np.linspace(0, 1, 4), np.zeros(4, "f4"), array.array("f", [0, 0, 0, 0]), [0, 1, 0.5, 1], (0.0, 0, 0, 0)
    worse = [0, None, 0, 0], [0, Raises(), 0, 0], (0, 0, "1", 0), [[0], 0, 0, 0], [0, 1, 2**70, 0]
    return {
        "flags of points": (spline.points, "select", (*floats, *worse)),
        "flags of objects": (bpy.data.objects, "hide_render", (*floats, *worse)),
        "numbers": (bpy.context.scene.timeline_markers, "frame", (*floats, *worse, [0, 2**31, 0, 0], np.full(4, 2**40))),
        "enums": (bpy.data.objects, "rotation_mode", (*floats, *worse)),
        "places": (bpy.data.objects, "location", ([0] * 11 + [None], [0] * 11 + [Raises()], ["0"] * 12, [0] * 11 + [10**400])),
        "places of vertices": (mesh.vertices, "co", ([0] * (3 * len(mesh.vertices) - 1) + ["x"],)),
        "seams": (mesh.edges, "use_seam", (np.zeros(len(mesh.edges)), [0.0] * len(mesh.edges))),
    }


def test_nothing_is_written(name):
    from rnaslicer import foreach_set
    collection, prop, all_items = scene()[name]
    bpy.context.view_layer.update()
    before = [plain(getattr(one, prop)) for one in collection]
    for items in all_items:
        with refused("ExpressionError", f"foreach_set({prop!r})", "item ", "nothing was written"):
            foreach_set(collection, prop, items)
        assert [plain(getattr(one, prop)) for one in collection] == before, items


test_nothing_is_written.cases = {name: (name,) for name in (
    "flags of points", "flags of objects", "numbers", "enums", "places", "places of vertices", "seams")}


def test_what_can_be_converted():
    """Whatever is an index, and NumPy's own flags with strides or for numbers are refused whole, or written."""
    from rnaslicer import ExpressionError, foreach_set
    made = scene()
    flags = np.array([True, False, False, True])
    for name in ("flags of points", "flags of objects", "numbers"):
        collection, prop, _ = made[name]
        before = [getattr(one, prop) for one in collection]
        for some in (np.repeat(flags, 3)[::3], flags[::-1], flags, list(flags), [Whole(), 0, False, 1], flags.astype("u1"),
                     memoryview(flags), np.array([1, 0, 0, 1], "q")):
            try:
                foreach_set(collection, prop, some)
                before = [int(item.__index__() if type(item) is Whole else item) for item in some]
            except ExpressionError as error:
                assert "nothing was written" in str(error) and getattr(some, "dtype", type(some[0])) in (bool, np.bool_), some
            assert [getattr(one, prop) for one in collection] == before, some
