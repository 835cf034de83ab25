# tests/blender/trails/test_trails_nested.py: collections behind elements of elements, which one native run moves
"""bpy says what is right. `natively` says who did it."""
import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from trail_ways import known, natively, read

POINTS = EVERY, "splines", EVERY, "points", EVERY, "weight"
FRAMES = (EVERY, "frames", EVERY, "drawing", "attributes", '["position"]', "data", EVERY, "vector")


def masks(layers=3, splines=4, points=6):
    mask = bpy.data.masks.new("Mask")
    for i in range(layers):
        layer = mask.layers.new(name=f"L{i}")
        for j in range(splines):
            spline = layer.splines.new()
            spline.points.add(points - 1)  # it has one
            for k, point in enumerate(spline.points):
                point.weight = (1 + i * 49 + j * 7 + k) / 200
    return mask


def weights(mask):
    return [[[point.weight for point in spline.points] for spline in layer.splines] for layer in mask.layers]


def curve(kind="POLY", splines=5, points=7):
    made = bpy.data.curves.new("Curve", "CURVE")
    for i in range(splines):
        spline = made.splines.new(kind)
        own = spline.bezier_points if kind == "BEZIER" else spline.points
        own.add(points - 1)
        for k, point in enumerate(own):
            point.co = (i, k, i * k + 1) if kind == "BEZIER" else (i, k, i * k + 1, 2)
    return made


def places(made, name):
    return [[list(point.co) for point in getattr(spline, name)] for spline in made.splines]


def drawings(layers=3, frames=4, points=5):
    data = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Drawings")
    for i in range(layers):
        layer = data.layers.new(f"L{i}")
        for j in range(frames):
            drawing = layer.frames.new(j + 1).drawing
            drawing.add_strokes([points, 2])
            for k, one in enumerate(drawing.attributes["position"].data):
                one.vector = i, j, k
    return data


def is_refused(vw):
    """Whatever the lengths are now is said, and nothing moved."""
    from rnaslicer.errors import ExpressionError, ShapeChangedError
    before = vw.memcache.tolist()
    for call in (vw.refresh, vw.update):
        try:
            call()
        except (ShapeChangedError, ExpressionError) as error:
            assert "length" in str(error) or "elements" in str(error) or "shape" in str(error), error
        else:
            raise AssertionError(call)
    same(vw.memcache.tolist(), before)


# ---- from the struct that has the collection

def test_splines_from_their_curve():
    from rnaslicer import Slicer
    for kind, name in (("POLY", "points"), ("BEZIER", "bezier_points")):
        made = curve(kind)
        expression = "splines", EVERY, name, EVERY, "co"
        same(known(made, *expression), places(made, name))
        same(known(made.splines, *expression[1:]), places(made, name))
        other = curve(kind, 8, 3)
        got, native = read(other, *expression)
        assert native
        same(got, places(other, name))
        with Slicer(made)[expression] as vw:
            np.asarray(vw.memcache)[...] += 1
            natively("update", vw.update)
            same(places(made, name), vw.memcache.tolist())
            natively("refresh", vw.refresh)
            natively("refresh", lambda: vw.refresh(vw.memcache[1:3, 2:]))


def test_splines_of_an_object():
    ob = bpy.data.objects.new("Curve", curve())
    expression = "data", "splines", EVERY, "points", EVERY, "co"
    same(known(ob, *expression), places(ob.data, "points"))
    ob.data = curve(splines=9)
    got, native = read(ob, *expression)
    assert native
    same(got, places(ob.data, "points"))


def test_a_spline_grows_or_goes():
    from rnaslicer import Slicer
    expression = "splines", EVERY, "points", EVERY, "co"
    known(curve(), *expression)
    for change in (lambda splines: splines[2].points.add(1), lambda splines: splines.remove(splines[2])):
        made = curve()
        with Slicer(made)[expression] as vw:
            change(made.splines)
            is_refused(vw)


# ---- two levels

def test_points_of_the_splines_of_layers():
    from rnaslicer import Slicer
    mask = masks()
    same(known(mask.layers, *POINTS), weights(mask))
    for one in (mask, masks(2, 5, 3)):
        for supplier, items in ((one.layers, POINTS), (one, ("layers", *POINTS))):
            known(supplier, *items)
            got, native = read(supplier, *items)
            assert native
            same(got, weights(one))
    with Slicer(mask.layers)[POINTS] as vw:
        assert vw.memcache.shape == (3, 4, 6)
        mask.layers[1].splines[2].points[3].weight = 0.125
        natively("refresh", vw.refresh)
        assert vw.memcache[1, 2, 3] == 0.125
        cache = np.asarray(vw.memcache)
        cache[...] = cache[::-1].copy()
        vw.update()
        same(weights(mask), cache.tolist())
        cache[...] = 0
        vw.update(vw.memcache[1:, 1:3, ::2])  # parts go through the routes
        expected = np.array(vw.memcache)
        vw.refresh()
        expected = np.array(weights(mask))
        assert (expected[1:, 1:3, ::2] == 0).all() and (expected[0] != 0).all() and (expected[:, 0] != 0).all()
        same(cache.tolist(), expected.tolist())
        cache[...] = -1
        vw.refresh(vw.memcache[2:, :1])
        same(cache[2:, :1].tolist(), expected[2:, :1].tolist())
        assert (cache[:2] == -1).all()


def test_a_part_of_the_outer_collection():
    mask = masks(5)
    part = slice(1, 4), *POINTS[1:]
    same(known(mask.layers, *part), weights(mask)[1:4])
    one_of_each = EVERY, "splines", 1, "points", EVERY, "weight"
    same(known(mask.layers, *one_of_each), [layer[1] for layer in weights(mask)])


def test_other_lengths():
    from rnaslicer import Slicer
    mask = masks()
    known(mask.layers, *POINTS)

    def more_points():
        mask.layers[1].splines[0].points.add(1)

    def more_splines():
        mask.layers[2].splines.new().points.add(5)

    def other_layers():
        mask.layers.remove(mask.layers[0])

    for change in (more_points, more_splines, other_layers):
        with Slicer(mask.layers)[POINTS] as vw:
            change()
            is_refused(vw)
        bpy.data.masks.remove(mask)
        mask = masks()


def test_moved_from_layer_to_layer():
    """As many in all, and not in each."""
    from rnaslicer import Slicer
    mask = masks()
    known(mask.layers, *POINTS)
    with Slicer(mask.layers)[POINTS] as vw:
        mask.layers[0].splines.remove(mask.layers[0].splines[0])
        mask.layers[2].splines.new().points.add(5)
        is_refused(vw)


def test_frames_of_layers():
    from rnaslicer import Slicer
    if bpy.app.version < (4, 3):
        return
    data = drawings()
    expected = [[[[float(i), float(j), float(k)] for k in range(7)] for j in range(4)] for i in range(3)]
    same(known(data.layers, *FRAMES), expected)
    same(known(data, "layers", *FRAMES), expected)
    with Slicer(data.layers)[FRAMES] as vw:
        data.layers[1].frames[2].drawing.attributes["position"].data[3].vector = 9, 8, 7
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist()[1][2][3], [9.0, 8.0, 7.0])
        np.asarray(vw.memcache)[...] += 1
        vw.update()
        found = [[[list(one.vector) for one in frame.drawing.attributes["position"].data] for frame in layer.frames]
                 for layer in data.layers]
        same(found, vw.memcache.tolist())
        data.layers[2].frames.remove(3)
        data.layers[2].frames.new(33).drawing.add_strokes([7])
        for one in data.layers[2].frames[-1].drawing.attributes["position"].data:
            one.vector = 5, 5, 5
        vw.refresh()
        same(vw.memcache.tolist()[2][-1], [[5.0, 5.0, 5.0]] * 7)


def test_undo():
    from rnaslicer import Slicer
    masks()
    bpy.ops.ed.undo_push(message="made")
    known(bpy.data.masks["Mask"].layers, *POINTS)
    with Slicer(bpy.data.masks["Mask"].layers)[POINTS] as vw:
        bpy.data.masks["Mask"].layers[0].splines[0].points[0].weight = 1
        bpy.ops.ed.undo_push(message="one")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), weights(bpy.data.masks["Mask"]))
        bpy.data.masks.remove(bpy.data.masks["Mask"])
        for call in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Mask"):
                call()


def counted_twice(elements):
    """(datablock, expression with several indices on the way into collections of other lengths, which native code
    counts): where this Blender has such; `elements` tells two of a kind apart."""
    if VERSION < (4, 3):
        pencil = bpy.data.grease_pencils.new("Pencil")
        for i in range(elements):
            frame = pencil.layers.new(f"L{i}").frames.new(1)
            for _ in range(2):
                frame.strokes.new().points.add(3)
        return pencil, ("layers", 0, "frames", 0, "strokes", EVERY, "points", EVERY, "co")
    if VERSION < (4, 4):
        return None
    action = bpy.data.actions.new("Action")
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    for i in range(elements):
        bag = strip.channelbag(action.slots.new("OBJECT", f"S{i}"), ensure=True)
        for index in range(3):
            bag.fcurves.new("location", index=index).keyframe_points.add(4)
    return action, ("layers", 0, "strips", 0, "channelbags", 0, "fcurves", EVERY, "keyframe_points", EVERY, "co")


def test_what_indices_count_is_compared_way_by_way():
    """Routes that are made after native code has entered compare what that counted: each length with its own."""
    from rnaslicer import Slicer
    for elements in (1, 2, 3):
        made = counted_twice(elements)
        if made is None:
            return
        block, items = made
        known(block, *items)
        with Slicer(block)[items] as vw:
            assert vw.kernel.route == "direct" and vw.kernels
            vw.refresh()
            vw.update()
    with Slicer(block)[items] as vw:
        if VERSION < (4, 3):
            block.layers.new("More")
        else:
            block.layers[0].strips[0].channelbag(block.slots.new("OBJECT", "More"), ensure=True)
        with refused("ShapeChangedError", "had 3 elements", "has 4 now"):
            vw.refresh()
