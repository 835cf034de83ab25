# tests/blender/expression/test_pad.py: ragged='pad', nested collections of different lengths as one rectangular axis
import itertools
import random

import bpy

from test_foreach import calls
from support import EVERY, check_oracle, fill_memcache, random_mesh, random_values, refused, same, snapshot, spec
from spec import transform as through


def weighted(rng):
    """A mesh whose vertices are in none to four groups."""
    mesh = random_mesh(rng, 6, 5, layers=False)
    ob = bpy.data.objects.new("Weighted", mesh)
    groups = [ob.vertex_groups.new(name=f"G{i}") for i in range(4)]
    for i in range(len(mesh.vertices)):
        for group in rng.sample(groups, rng.randrange(5)):
            group.add([i], rng.random(), "REPLACE")
    return mesh


def curves(rng):
    curve = bpy.data.curves.new("C", "CURVE")
    for kind, count in (("BEZIER", 3), ("BEZIER", 1), ("BEZIER", 6)):
        spline = curve.splines.new(kind)
        spline.bezier_points.add(count - 1)
        for point in spline.bezier_points:
            point.co = [rng.uniform(-5, 5) for _ in range(3)]
    return curve


def expressions(rng):
    mesh, curve = weighted(rng), curves(rng)
    return [(mesh.polygons, (EVERY, "vertices")), (mesh.polygons, (slice(9, 2, -2), "vertices", EVERY)),
            (mesh.vertices, (EVERY, "groups", EVERY, "weight")), (mesh.vertices, (EVERY, "groups", EVERY, "group")),
            (mesh.vertices, (EVERY, "groups", EVERY, ("weight", "group"))),
            (curve.splines, (EVERY, "bezier_points", EVERY, "co", EVERY)),
            (curve.splines, (EVERY, "bezier_points", EVERY, "co", "zx")),
            (curve.splines, ([2, 0], "bezier_points", EVERY, "tilt"))]


def test_reading():
    from rnaslicer import Slicer
    for supplier, subscript in expressions(random.Random(1)):
        expected, _ = check_oracle(supplier, subscript, ragged="pad")
        check_oracle(supplier, subscript, ragged="pad", width=max(expected.lengths) + 2, fill=-1)
        check_oracle(supplier, subscript, ragged="pad", dtype="d", fill=0.5)
        check_oracle(supplier, subscript, ragged="pad", dtype="h", fill=7)
        with Slicer(supplier, ragged="pad")[subscript] as vw:
            same(vw.lengths.tolist(), expected.lengths)
            assert vw.lengths.format == "q" and vw.offsets is None


def test_writing():
    """The real ones are written, whole or by region; what stands for nothing is not."""
    from rnaslicer import Slicer
    rng = random.Random(2)
    for pick in (2, 5, 6, 7):
        for region in (None, slice(1, 3), slice(2, 0, -1)):
            supplier, subscript = expressions(random.Random(3))[pick]
            expected = spec.evaluate(supplier, subscript, ragged="pad")
            values = random_values(rng, expected.format, len(expected.slots), 0, 1)
            each = len(values) // expected.shape[0]
            rows = range(expected.shape[0]) if region is None else range(expected.shape[0])[region]
            before = expected.values()
            for k, slot in enumerate(expected.slots):
                if slot is not None and k // each in rows:
                    before[k] = values[k]
            with Slicer(supplier, ragged="pad")[subscript] as vw:
                fill_memcache(vw.memcache, values)
                vw.update(*(() if region is None else (vw.memcache[region],)))
                vw.refresh()
                same([v for v in _flat(vw.memcache.tolist())], before, f"{subscript} {region}")
            same(spec.evaluate(supplier, subscript, ragged="pad").values(), before, f"{subscript} {region}")


def _flat(nested):
    return [x for part in nested for x in _flat(part)] if isinstance(nested, list) else [nested]


def test_what_else_it_goes_with():
    mesh = weighted(random.Random(4))
    check_oracle(mesh.vertices, (EVERY, "groups", EVERY, "weight"), ragged="pad", dtype="H", normalized=True)
    check_oracle(mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co", EVERY), ragged="pad")
    check_oracle(mesh.vertices, (EVERY, "co", EVERY), ragged="pad")  # nothing is ragged


def matrices(rng, count):
    """So many matrices, no two alike."""
    return [[[rng.uniform(-2, 2) + 3 * (i == j) for j in range(3)] + [rng.uniform(-9, 9)] for i in range(3)]
            for _ in range(count)]


def many_points(rng):
    """Objects with meshes of different sizes, one of them empty; splines; polygons' vertices."""
    objects = []
    for number, size in enumerate((3, 0, 7, 1)):
        mesh = bpy.data.meshes.new(f"M{number}")
        mesh.from_pydata([[rng.uniform(-5, 5) for _ in range(3)] for _ in range(size)], [], [])
        objects.append(bpy.data.objects.new(f"O{number}", mesh))
    mesh = random_mesh(rng, 4, 4, layers=False)
    return [(objects, (EVERY, "data", "vertices", EVERY, "co", EVERY)),
            (objects, (slice(None, None, -1), "data", "vertices", EVERY, "co", "zx")),
            (objects[:3], (EVERY, "data", "vertices", EVERY, "co", EVERY)),
            (curves(rng).splines, (EVERY, "bezier_points", EVERY, ("co", "handle_left"))),
            (mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co", EVERY))]


def test_a_matrix_for_each_element():
    """One for each entry of the first axis, whatever its length; more or fewer are refused with the right count."""
    from rnaslicer import Slicer
    rng = random.Random(8)
    for supplier, items in many_points(rng):
        count = len(supplier)
        for transform in (matrices(rng, count), matrices(rng, count)):  # resolved, then along what was learnt
            expected, _ = check_oracle(supplier, items, ragged="pad", transform=transform)
            check_oracle(supplier, items, ragged="pad", transform=transform, dtype="d", fill=7,
                         width=max(expected.lengths) + 1)
        for wrong in (count - 1, count + 1, sum(expected.lengths)):
            with refused("ExpressionError", f"there are {wrong} matrices where the first axis has {count} elements"):
                Slicer(supplier, ragged="pad", transform=matrices(rng, wrong))[items].__enter__()


def test_writing_through_a_matrix_for_each_element():
    """What was moved by the matrices in the cache comes back through each one's inverse; a region alone moves alone."""
    from rnaslicer import Slicer
    rng = random.Random(9)
    for pick, region in ((0, None), (0, slice(2, 3)), (2, slice(0, None, 2)), (3, None), (3, slice(2, 0, -1))):
        supplier, items = many_points(rng)[pick]
        transform = matrices(rng, len(supplier))
        was = spec.evaluate(supplier, items, ragged="pad", fill=0)
        values = [rng.uniform(-5, 5) for _ in was.slots]
        each, before = len(values) // was.shape[0], was.values()
        rows = range(was.shape[0]) if region is None else range(was.shape[0])[region]
        expected = list(before)
        for k in range(0, len(values), 3):
            if was.slots[k] is not None and k // each in rows:
                expected[k:k + 3] = [spec.to_format(x, "f")
                                     for x in through.back("point", transform[k // each], values[k:k + 3])]
        for again in range(2):
            with Slicer(supplier, ragged="pad", dtype="d", transform=transform)[items] as vw:
                fill_memcache(vw.memcache, values)
                vw.update(*(() if region is None else (vw.memcache[region],)))
            found = spec.evaluate(supplier, items, ragged="pad", fill=0)
            same(found.values(), expected, f"{items} {region} {again}")
            for slot, value in zip(was.slots, before):
                if slot is not None:
                    slot.write(value)


def test_nothing_that_could_have_lists():
    """A mesh without vertices among others: no rows, of the width that is asked for; what comes is noticed."""
    from rnaslicer import Slicer
    mesh, empty = weighted(random.Random(11)), bpy.data.meshes.new("Empty")
    ob = bpy.data.objects.new("Empty", empty)
    scene = bpy.context.scene
    scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    hollow = bpy.data.curves.new("Hollow", "CURVE")
    for supplier, items, inner in (
            (empty.vertices, (EVERY, "groups", EVERY, "weight"), ()),
            (empty.vertices, ("groups", ("weight",)), (1,)), (empty, ("vertices", EVERY, "groups", "weight"), ()),
            (mesh.vertices, (slice(3, 3), "groups", EVERY, "weight"), ()), (empty.polygons, (EVERY, "vertices"), ()),
            (empty.polygons, (EVERY, "vertices", EVERY, empty.vertices, "co", "zx"), (2,)),
            (mesh.polygons, (slice(5, 2), "vertices", EVERY, mesh.vertices, "co"), (3,)),
            (hollow.splines, (EVERY, "bezier_points", EVERY, ("co", "handle_left"), "xy"), (2, 2))):
        for options, outer in (({"ragged": "flat"}, (0,)), ({"ragged": "pad"}, (0, 0)),
                               ({"ragged": "pad", "width": 3, "fill": 7, "dtype": "h"}, (0, 3))):
            for _ in range(2):
                with Slicer(supplier, **options)[items] as vw:
                    assert vw.shape == (*outer, *inner), (items, options, vw.shape)
                    assert (vw.offsets or vw.lengths).tolist() == ([0] if len(outer) == 1 else [])
                    vw.refresh()
                    vw.update()
                    assert not vw.readonly and not vw.changes().tolist()
                    values = vw.read()
                Slicer(supplier, **options)[items].write(values)
        for _ in range(2):  # of none each has as many as the other
            assert Slicer(supplier)[items].read().shape == (0, 0, *inner), items
    to_corners = "data", "polygons", EVERY, "vertices", EVERY, empty.vertices, "co"
    assert Slicer(ob, ragged="pad", transform="WORLD")[to_corners].read().shape == (0, 0, 3)
    with Slicer(empty.vertices, ragged="flat")[:, "groups", :, "weight"] as vw, \
            Slicer(empty.polygons, ragged="pad", width=4)[:, "vertices"] as corners:
        empty.from_pydata([(i, i % 2, 0) for i in range(4)], [], [(0, 1, 2, 3)])
        for use in (vw.refresh, vw.update, vw.changes, corners.refresh, corners.update):
            with refused("ShapeChangedError", "had 0", "enter again"):
                use()
    same(Slicer(empty.polygons, ragged="pad", width=5)[:, "vertices"].read().tolist(), [[0, 1, 2, 3, 0]])
    with Slicer([], of=bpy.types.VertexGroupElement)[:, "weight"] as vw:
        vw.update()
    with Slicer(empty.vertices, ragged="flat")[1:1, "groups", :, "weight"] as vw:
        bpy.data.meshes.remove(empty)
        with refused("SupplierLostError", "removed"):
            vw.refresh()


def test_what_is_never_written_says_so():
    """`readonly` asks of all properties and datablocks in the rows, not of the first."""
    from rnaslicer import Slicer
    mesh = weighted(random.Random(13))
    for supplier, items in ((mesh.vertices, (EVERY, "groups", EVERY, ("weight", "group"))),
                            (mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, ("co", "normal")))):
        view = Slicer(supplier, ragged="pad")[items]
        assert view.readonly
        for _ in range(2):
            with view:
                assert view.readonly
                with refused("ReadOnlyError", "read-only"):
                    view.update()
    own = bpy.data.objects.new("Own", mesh)
    bpy.context.scene.collection.objects.link(own)
    other = bpy.data.objects.new("Other", random_mesh(random.Random(14), 3, 2))
    bpy.context.scene.collection.objects.link(other)
    bpy.context.view_layer.update()
    items = EVERY, "data", "vertices", EVERY, "co"
    assert not Slicer([own, other], ragged="pad")[items].readonly
    evaluated = other.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert Slicer([own, evaluated], ragged="pad")[items].readonly


def test_settings_of_other_kinds():
    """What NumPy counts is a width; what is no number is refused by what was given."""
    import numpy
    from rnaslicer import Slicer
    mesh = weighted(random.Random(12))
    with Slicer(mesh.vertices, ragged="pad", width=numpy.int64(6))[:, "groups", :, "weight"] as vw:
        assert vw.shape == (len(mesh.vertices), 6)
    for width in (numpy.float32(6), 6.0, "6", True, -1, numpy.array([6, 7]), 1 << 31):
        with refused("ExpressionError", "width is an int", repr(width)):
            Slicer(mesh.vertices, ragged="pad", width=width)
    for ragged in (numpy.zeros(3), None, "padded", ["pad"]):
        with refused("ExpressionError", "'flat' or 'pad'"):
            Slicer(mesh.vertices, ragged=ragged)
    for fill in (numpy.zeros(3), numpy.zeros(()), "0", 1, None):
        with refused("ExpressionError", "for ragged='pad'"):
            Slicer(mesh.vertices, fill=fill)
    Slicer(mesh.vertices, fill=0.0)


def test_an_update_of_all_changes_nothing_else():
    from rnaslicer import Slicer
    mesh = weighted(random.Random(5))
    before = snapshot(mesh)
    with Slicer(mesh.vertices, ragged="pad", fill=9)[:, "groups", :, "weight"] as vw:
        vw.update()
    same(sorted(snapshot(mesh).items(), key=str), sorted(before.items(), key=str))


def test_what_was_not_asked_stays():
    """An update of a part leaves the other places of its rows alone: what was rounded is not written there, and what
    was read does not undo what another row writes to the same vertex."""
    from rnaslicer import Slicer
    rng = random.Random(7)
    mesh, curve = weighted(rng), curves(rng)
    for supplier, items, options in (
            (mesh.vertices, (EVERY, "groups", EVERY, "weight"), {"dtype": "B", "normalized": True}),
            (curve.splines, (EVERY, "bezier_points", EVERY, "co"), {"dtype": "b"}),
            (curve.splines, (EVERY, "bezier_points", EVERY, "co"), {"transform": [[3, 0, 1, 0.1], [0, 7, 0, 0.3],
                                                                                  [0, 0, 11, 0.7]]})):
        before = spec.evaluate(supplier, items, ragged="flat").tolist()
        with Slicer(supplier, ragged="pad", **options)[items] as vw:
            lengths = vw.lengths.tolist()
            asked = [(i, 1) for i in range(0, len(lengths), 2) if lengths[i] > 1]
            cache = vw.memcache
            for at in asked:
                cache[at] = 0 if cache.ndim == 2 else [0] * 3
            vw.update(cache[::2, 1:2])
        after, at = spec.evaluate(supplier, items, ragged="flat").tolist(), 0
        for i, length in enumerate(lengths):
            for k in range(length):
                assert (i, k) in asked or after[at + k] == before[at + k], (items, options, i, k)
            at += length
    items = EVERY, "vertices", EVERY, mesh.vertices, "co"
    with Slicer(mesh.polygons, ragged="pad")[items] as vw:
        before, one = [list(v.co) for v in mesh.vertices], mesh.polygons[2].vertices[1]
        assert one == mesh.polygons[3].vertices[0]
        vw.memcache[2, 1] = [9] * 3
        vw.update(vw.memcache[2:4, 1:2])
    same([list(v.co) for v in mesh.vertices], [[9.0] * 3 if i == one else co for i, co in enumerate(before)])


def test_regions_of_polygons_vertices():
    """What a region has not stays, however its rows lie."""
    from rnaslicer import Slicer
    rng = random.Random(8)
    mesh = random_mesh(rng, 6, 5, layers=False)
    for _ in range(60):
        before = [list(polygon.vertices) for polygon in mesh.polygons]
        with Slicer(mesh.polygons, ragged="pad")[:, "vertices"] as vw:
            rows, places = (slice(*sorted(rng.sample(range(n + 1), 2)), rng.choice((1, 1, 2, 3))) for n in vw.shape)
            fill_memcache(vw.memcache, iter(lambda: rng.randrange(len(mesh.vertices)), None))
            asked = vw.memcache.tolist()
            vw.update(vw.memcache[rows, places])
        for row, column in itertools.product(range(len(before))[rows], range(len(asked[0]))[places]):
            if column < len(before[row]):
                before[row][column] = asked[row][column]
        assert [list(polygon.vertices) for polygon in mesh.polygons] == before, (rows, places)


def test_a_region_of_many_rows_is_one_transfer():
    from rnaslicer import Slicer

    def updates(columns, rows):
        with Slicer(random_mesh(rng, columns, rows, layers=False).polygons, ragged="pad")[:, "vertices"] as vw:
            return [calls(vw.update, vw.memcache[region]) for region in (slice(1, None), slice(None, None, 2))]
    rng = random.Random(9)
    updates(2, 2)
    few, many = updates(4, 4), updates(30, 20)
    assert all(there < here + 60 for here, there in zip(few, many)), (few, many)


def test_weights_where_there_were_none():
    """Nothing is real at enter; weights that came since are a change, for an update as for a refresh."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(5), 2, 2, layers=False)
    ob = bpy.data.objects.new("Bare", mesh)
    with Slicer(mesh.vertices, ragged="pad")[:, "groups", :, "weight"] as vw:
        vw.update()
        ob.vertex_groups.new(name="G").add([1], 0.5, "REPLACE")
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "groups"):
                move()


def test_refusals():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(6), layers=False)
    first = next(i for i, p in enumerate(mesh.polygons) if len(p.vertices) == 4)
    with refused("ExpressionError", f"element {first} has 4", "width of 3"):
        Slicer(mesh.polygons, ragged="pad", width=3)[:, "vertices"].__enter__()
    for options, words in (({"width": 4}, "ragged='pad'"), ({"fill": 1}, "ragged='pad'"),
                           ({"ragged": "pad", "width": -1}, "0 or more"), ({"ragged": "pad", "width": 2.5}, "int"),
                           ({"ragged": "cut"}, "'pad'")):
        with refused("ExpressionError", words):
            Slicer(mesh.polygons, **options)
    for fill in ("x", None, 1e300, 2**40):
        with refused("ExpressionError", "fill="):
            Slicer(mesh.polygons, ragged="pad", fill=fill)[:, "vertices"].__enter__()


def test_a_matrix_for_each_element_and_a_wrong_number():
    """As many as rows that are padded, not as there are values in them."""
    from rnaslicer import Slicer
    rng = random.Random(7)
    mesh, curve = weighted(rng), curves(rng)
    objects = [bpy.data.objects.new("O", one) for one in (mesh, random_mesh(rng, 2, 2), random_mesh(rng, 3, 1), mesh)]
    for supplier, subscript, writes in (
            (curve.splines, (EVERY, "bezier_points", EVERY, "co"), True), (objects, (EVERY, "data", "vertices", EVERY, "co", "zy"), False),
            (objects, (slice(1, 3), "data", "vertices", EVERY, "co"), True),
            (mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co"), False)):
        count = Slicer(supplier, ragged="pad")[subscript].shape[0]
        given = [[[i + 1, 0, 0, i], [0, 1, 0.5 * i, 0], [0, 0, 1, -i]] for i in range(count)]
        expected, _ = check_oracle(supplier, subscript, ragged="pad", transform=given, fill=-3)
        with Slicer(supplier, ragged="pad", transform=given)[subscript] as vw:
            before = spec.evaluate(supplier, subscript, ragged="pad").tolist()
            if writes:  # back to where they were, but for rounding
                vw.update()
                vw.update(vw.memcache[0])
        after = spec.evaluate(supplier, subscript, ragged="pad").tolist()
        for a, b in zip(flat(before), flat(after)):
            assert abs(a - b) <= 1e-5 * max(1, abs(a)), (subscript, a, b)
    with refused("ExpressionError", "there are 6 matrices where the first axis has 3 elements"):
        Slicer(curve.splines, ragged="pad", transform=given[:6])[:, "bezier_points", :, "co"].__enter__()
    rows = sum(len(spline.bezier_points) for spline in curve.splines)
    check_oracle(curve.splines, (EVERY, "bezier_points", EVERY, "co"), ragged="flat", transform=given[:rows])


def flat(values):
    return [number for value in values for number in flat(value)] if isinstance(values, list) else [values]


def test_two_levels():
    from rnaslicer import Slicer
    weighted(random.Random(3)), weighted(random.Random(5))
    for form in ("flat", "pad"):
        with refused("ExpressionError", "'flat' and 'pad' join one level"):
            Slicer(bpy.data.meshes, ragged=form)[:, "vertices", :, "groups", :, "weight"].__enter__()
