# tests/blender/trails/test_trails_padded.py: collections of different lengths behind many structs, padded, by trails
"""bpy and the plain specification say what is right; native code must have done it, and decline where something is not
as it was."""
import bpy
import numpy as np

from support import EVERY, fill_memcache, same
from trail_objects import CO, alike, denied, expected, lengths, padded, scene
from trail_ways import known, natively, read


def test_padded():
    """Other lists, widths and fills along one trail."""
    from rnaslicer import Slicer
    for options in ({}, {"transform": "WORLD"}, {"dtype": "d"}):
        known(scene(), *CO, ragged="pad", **options)
        for objects, more in ((scene(((2, 2), (7, 3), (2, 9)), 6), {}), (alike(), {}),
                              (scene(), {"width": 29, "fill": -1.5}), (scene(), {"fill": True})):
            found = {key: value for key, value in options.items() if key == "dtype"}
            matrices = None if "transform" in options else [None] * len(objects)
            parts = expected(objects, CO[1:], matrices, **found)
            fill = float(more.get("fill", 0))
            wanted = padded(parts, [fill] * 3, more.get("width"))
            got, native = read(objects, *CO, ragged="pad", **options, **more)
            assert native, (options, more)
            same(got, wanted, str(more))
            with Slicer(objects, ragged="pad", **options, **more)[CO] as vw:
                same(vw.lengths.tolist(), lengths(objects))
                assert vw.lengths.format == "q" and vw.offsets is None
                fill_memcache(vw.memcache, [7.0] * (vw.memcache.nbytes // vw.memcache.itemsize))
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(), wanted)


def keyed(counts):
    """F-curves with so many keys each."""
    action = bpy.data.actions.new("Padded")
    ob = bpy.data.objects.new("Animated", None)
    ob.animation_data_create().action = action
    for i in range(len(counts)):
        ob[f"number {i}"] = 1.5
        ob.keyframe_insert(f'["number {i}"]', frame=0)
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    for curve, count in zip(curves, counts):
        curve.keyframe_points.add(max(count - 1, 0))
        for k, point in enumerate(curve.keyframe_points):
            point.co = k, k * count
        if not count:
            curve.keyframe_points.remove(curve.keyframe_points[0])
    return curves


def test_padded_curves():
    from rnaslicer import Slicer
    items = EVERY, "keyframe_points", EVERY, "co"
    known(keyed((3, 5, 1)), *items, ragged="pad")
    for counts in ((4, 2, 7, 1), (3, 0, 5, 0)):
        curves = keyed(counts)
        wanted = padded([[list(key.co) for key in curve.keyframe_points] for curve in curves], [-1.0] * 2)
        got, native = read(curves, *items, ragged="pad", fill=-1)
        assert native, counts
        same(got, wanted)
        with Slicer(curves, ragged="pad", fill=-1)[items] as vw:
            np.asarray(vw.memcache)[..., 1] += 1
            vw.update()
            natively("refresh", vw.refresh)
            same(vw.lengths.tolist(), list(counts))
            same([[key.co[1] for key in curve.keyframe_points] for curve in curves],
                 [[row[1] + 1 for row in rows[:count]] for rows, count in zip(wanted, counts)])


def test_padded_points_of_strokes():
    """A curve's splines, from the curve and by themselves."""
    data = bpy.data.curves.new("Strokes", "CURVE")
    for count in (4, 1, 6):
        spline = data.splines.new("POLY")
        spline.points.add(count - 1)
        for k, point in enumerate(spline.points):
            point.co = count, k, 1, 1
    wanted = padded([[list(point.co) for point in spline.points] for spline in data.splines], [0.0] * 4)
    for supplier, items in ((data, ("splines", EVERY, "points", EVERY, "co")),
                            (data.splines, (EVERY, "points", EVERY, "co"))):
        same(known(supplier, *items, ragged="pad"), wanted)


def test_padded_layers():
    items = EVERY, "data", "uv_layers", 0, "data", EVERY, "uv"
    known(scene(), *items, ragged="pad")
    objects = scene(((2, 2), (6, 3)), 7)
    got, native = read(objects, *items, ragged="pad")
    assert native
    same(got, padded([[list(one.uv) for one in ob.data.uv_layers[0].data] for ob in objects], [0.0] * 2))


def test_regions_of_padded_rows():
    """A refresh of a part puts the fill there and nowhere else."""
    from rnaslicer import Slicer
    known(scene(), *CO, ragged="pad", fill=9)
    objects = scene()
    with Slicer(objects, ragged="pad", fill=9)[CO] as vw:
        whole = np.array(vw.memcache)
        for region in (slice(1, 3), (EVERY, slice(3, 14, 3)), (slice(None, None, -2), slice(2, 40), slice(0, 3, 2)),
                       (1, 12), (EVERY, -1, 1)):
            np.asarray(vw.memcache)[...] = -7
            wanted = np.full_like(whole, -7)
            wanted[region] = whole[region]
            natively("refresh", lambda: vw.refresh(vw.memcache[region]))
            same(vw.memcache.tolist(), wanted.tolist(), str(region))


def test_as_many_in_all():
    """Padded to one width, and as wide as before, but divided in another way."""
    from rnaslicer import Slicer
    objects = scene(((3, 4), (2, 2), (3, 3)))
    known(objects, *CO, ragged="pad")
    with Slicer(objects, ragged="pad")[CO] as vw:
        objects[1].data, objects[2].data = objects[2].data, objects[1].data
        denied("ShapeChangedError", vw.refresh, "had 9 elements", "has 16")
        denied("ShapeChangedError", vw.update, "had 9 elements", "has 16")


def test_too_long():
    objects = scene()
    known(objects, *CO, ragged="pad", width=20)
    denied("ExpressionError", lambda: read(objects, *CO, ragged="pad", width=19), "element 0 has 20", "width of 19")
    objects[2].data.vertices.add(20)
    denied("ExpressionError", lambda: read(objects, *CO, ragged="pad", width=20), "element 2 has 36", "width of 20")


def test_no_fill():
    objects = scene()
    items = EVERY, "data", "polygons", EVERY, "material_index"
    known(objects, *items, ragged="pad")
    for fill in ("x", None, 1e300, 2**40):
        denied("ExpressionError", lambda fill=fill: read(objects, *items, ragged="pad", fill=fill), "fill=")
