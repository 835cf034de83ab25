# tests/blender/trails/test_trails_few.py: collections of no or one element among those that a trail is made from
"""Such are moved by bpy, and no layout is told by them: the trail is described by another struct, wherever that stands."""
import itertools

import bpy
import numpy as np

EVERY = slice(None)
LENGTHS = [(1, 4, 2), (0, 1, 4), (1, 1, 3), (3, 0, 4), (4, 2, 1), (2, 3, 0), (1, 3, 3)]
FORMS = ("flat", "pad")


def forget():
    """So that each case makes a trail of its own."""
    from rnaslicer import _core
    _core.forget_trails()


def rows_of(vw, form, structs):
    """The values of each struct."""
    all_rows = np.asarray(vw.memcache)
    if form == "pad":
        return [all_rows[i, :count] for i, count in enumerate(structs)]
    return np.split(all_rows, np.cumsum(structs)[:-1])


def check(supplier, items, form, lengths, oracle, write, **options):
    """Read thrice, then updated: by the routes, by the trail that they made, and by what is written."""
    from rnaslicer import Slicer
    forget()
    for time in range(3):
        with Slicer(supplier(), ragged=form, **options)[items] as vw:
            for _ in range(2):
                for i, (got, wanted) in enumerate(zip(rows_of(vw, form, lengths), oracle())):
                    np.testing.assert_allclose(got, np.reshape(wanted, got.shape), 1e-6, 1e-6,
                                               f"{form} {lengths} {items} struct {i}, enter {time}")
                vw.refresh()
            if write and time:
                wanted = [one * 2 + time for one in map(np.array, oracle())]
                for part, values in zip(rows_of(vw, form, lengths), wanted):
                    part[...] = values.reshape(part.shape)
                vw.update()
                for i, (got, values) in enumerate(zip(oracle(), wanted)):
                    np.testing.assert_allclose(got, values, 1e-6, 1e-6, f"written: {form} {lengths} {items} struct {i}")


def test_splines(form, lengths):
    curve = bpy.data.curves.new("Few", "CURVE")
    for i, count in enumerate(lengths):
        spline = curve.splines.new("BEZIER" if count else "POLY")  # without Bézier points
        if count > 1:
            spline.bezier_points.add(count - 1)
        for j, point in enumerate(spline.bezier_points):
            point.radius, point.tilt, point.co = 10 * i + j + 1, 0.25 * j - i, (i, j, i * j + 1)
    structs = curve.splines
    for names in (("radius",), ("radius", "tilt"), ("tilt", "radius"), ("co",), ("co", "handle_left")):
        def oracle(names=names):
            return [[[np.array(getattr(point, name)) for name in names] for point in spline.bezier_points]
                    for spline in structs]
        check(lambda: curve.splines, (EVERY, "bezier_points", EVERY, names), form, lengths, oracle,
              all(name in ("radius", "tilt") for name in names))


def test_meshes(form, lengths):
    objects = []
    for i, count in enumerate(lengths):
        mesh = bpy.data.meshes.new("Few")
        mesh.from_pydata([(i, j, i + j) for j in range(count)], [], [])
        ob = bpy.data.objects.new("Few", mesh)
        ob.location = i, 2, 3
        bpy.context.collection.objects.link(ob)
        objects.append(ob)
    bpy.context.view_layer.update()

    def plain():
        return [[tuple(vertex.co) for vertex in ob.data.vertices] for ob in objects]

    def world():
        return [[tuple(ob.matrix_world @ vertex.co) for vertex in ob.data.vertices] for ob in objects]

    items = (EVERY, "data", "vertices", EVERY, "co")
    check(lambda: objects, items, form, lengths, plain, True)
    check(lambda: objects, items, form, lengths, world, True, transform="WORLD")
    check(lambda: objects, (EVERY, "data", "vertices", EVERY, ("co", "normal")), form, lengths,
          lambda: [[(tuple(v.co), tuple(v.normal)) for v in ob.data.vertices] for ob in objects], False)


def keyed(lengths):
    """F-curves with so many keys each."""
    ob = bpy.data.objects.new("Few", None)
    for i in range(len(lengths)):
        ob[f"p{i}"] = 0.0
        ob.keyframe_insert(f'["p{i}"]', frame=0)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    for i, (curve, count) in enumerate(zip(curves, lengths)):
        curve.keyframe_points.add(max(count - 1, 0))
        for j, key in enumerate(curve.keyframe_points):
            key.co = j, i + j / 2
        if not count:
            curve.keyframe_points.clear() if hasattr(curve.keyframe_points, "clear") else (
                curve.keyframe_points.remove(curve.keyframe_points[0]))
    return curves


def test_keys(form, lengths):
    curves = keyed(lengths)
    check(lambda: curves, (EVERY, "keyframe_points", EVERY, "co"), form, lengths,
          lambda: [[tuple(key.co) for key in curve.keyframe_points] for curve in curves], False)


CASES = {f"{form} {lengths}": (form, lengths) for form, lengths in itertools.product(FORMS, LENGTHS)}
test_splines.cases = test_meshes.cases = test_keys.cases = CASES


def test_only_ones_among_others():
    """That many only elements have proven together how such lie makes them none of another kind than longer ones'."""
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    from trail_ways import known
    forget()
    for _ in range(3):
        with Slicer(keyed((1,) * 20))[:, "keyframe_points", :, "co"] as vw:
            assert vw.memcache.shape == (20, 1, 2)
    assert proof._alone
    for form, lengths in itertools.product(FORMS, ((1, 4, 2), (3, 5, 1))):
        forget()
        curves = keyed(lengths)
        got = known(curves, EVERY, "keyframe_points", EVERY, "co", ragged=form)
        each = [[list(key.co) for key in curve.keyframe_points] for curve in curves]
        longest = max(lengths)
        assert got == (sum(each, []) if form == "flat" else [one + [[0, 0]] * (longest - len(one)) for one in each])


def test_equally_short():
    """Without `ragged`: one element each, and the first alone short of a second property's layer."""
    from rnaslicer import Slicer
    forget()
    curve = bpy.data.curves.new("Few", "CURVE")
    for i in range(4):
        spline = curve.splines.new("BEZIER")
        spline.bezier_points[0].radius, spline.bezier_points[0].tilt = i + 1, -i
    for _ in range(3):
        with Slicer(curve.splines)[:, "bezier_points", :, ("radius", "tilt")] as vw:
            assert vw.memcache.tolist() == [[[i + 1, -i]] for i in range(4)]


def test_older_ones_are_dropped():
    """A trail that went stale takes all with it when it is met, whatever native code still holds of the others."""
    from rnaslicer import Slicer
    from trail_ways import known, natively
    meshes = [bpy.data.meshes.new("Few") for _ in range(2)]
    for mesh in meshes:
        mesh.vertices.add(5)
        mesh.vertices.foreach_set("co", np.arange(15, dtype=np.float32))
    known(meshes[0].vertices, EVERY, "co")
    forget()
    known(meshes[1].vertices, EVERY, "co", "x")
    known(meshes[1].vertices, EVERY, "co", "y")
    known(meshes[0].vertices, EVERY, "co")  # the one that is stale
    with Slicer(meshes[1].vertices)[:, "co", "x"] as vw:
        vw.update()
        vw.update()
        natively("update", vw.update)
