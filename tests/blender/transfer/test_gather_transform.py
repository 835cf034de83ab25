# tests/blender/transfer/test_gather_transform.py: what indices lead to, through a matrix: one pass of one kernel
"""The plain specification says what is right; kernels are counted, so that no second one makes a copy between."""
import random

import bpy
import numpy as np

from trail_ways import counts, known, natively, read
from support import EVERY, check_oracle, fill_memcache, random_mesh, random_objects, refused, same, spec
from spec import transform as plain
from test_transform import sheared


def expressions(mesh):
    """(supplier, items): by one index, by several, by levels; whole vectors and parts of them."""
    mesh.calc_loop_triangles()
    corners, vertices = mesh.loops, mesh.vertices
    vectors = mesh.attributes["FLOAT_VECTOR_POINT"].data
    yield corners, (EVERY, "vertex_index", vertices, "co")
    yield corners, (slice(None, None, -1), "vertex_index", vertices, "co", "zx")
    yield corners, (slice(2, 60, 7), "vertex_index", vertices, "co", "y")
    yield corners, (EVERY, "vertex_index", vertices, "co", ("xyz", "zzx"))
    yield corners, (EVERY, "vertex_index", vertices, ("co", "normal"), EVERY)
    yield mesh, ("loops", EVERY, "vertex_index", vertices, "normal")
    yield mesh.edges, (EVERY, "vertices", EVERY, vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "vertices", EVERY, vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "loops", EVERY, corners, "vertex_index", vectors, "vector", EVERY)


def by_bpy(mesh):
    """The same where bpy computes the vectors, or holds the indices."""
    yield mesh.loop_triangles, (EVERY, "polygon_index", mesh.polygons, "center")
    yield mesh.loop_triangles, (EVERY, "polygon_index", mesh.polygons, "center", "zx")
    yield mesh.loop_triangles, (EVERY, "polygon_index", mesh.polygons, "normal", "y")
    yield mesh.loops, ([5, 1, 5], "vertex_index", mesh.vertices, "co", "yx")
    yield mesh.loops, (7, "vertex_index", mesh.vertices, "co", "yx")


def moved_by(function):
    """How many transfers kernels have made."""
    from rnaslicer import inspection
    before = sum(one.calls for one in inspection.kernels())
    function()
    return sum(one.calls for one in inspection.kernels()) - before


def test_reading():
    """In every format; a mesh that the trail was not learnt from, too."""
    rng, native = random.Random(1), 0
    meshes = [random_mesh(random.Random(i), 5 + i, 4 + i, f"Mesh {i}") for i in range(2)]
    for options in ({}, {"dtype": "d"}, {"dtype": "e"}, {"dtype": "h", "normalized": True}):
        matrix = sheared(rng)
        for mesh in meshes:
            for supplier, items in expressions(mesh):
                expected = spec.evaluate(supplier, items, transform=matrix, **options).tolist()
                for _ in range(2):
                    got, done = read(supplier, *items, transform=matrix, **options)
                    same(got, expected, f"{items} {options}")
                native += done
            for supplier, items in by_bpy(mesh):
                check_oracle(supplier, items, transform=matrix, **options)
    assert native >= 60, native


def test_one_pass():
    from rnaslicer import Slicer
    mesh, matrix = random_mesh(random.Random(2)), sheared(random.Random(3))
    for supplier, items in ((mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co")),
                            (mesh.edges, (EVERY, "vertices", EVERY, mesh.vertices, "normal"))):
        with Slicer(supplier, transform=matrix)[items] as vw:
            text = str(vw.kernel.plan)
            assert "through stride" in text and "\ntransform " in text, text
            for who in ("routes", "native code"):
                assert moved_by(vw.refresh) == 1, (who, items)
            if "co" in items:
                vw.update()
                packed_indices = 1  # an update looks at all of them before the first write
                assert moved_by(vw.update) == 1 + packed_indices, items
    with Slicer(mesh.vertices, transform=matrix)[:, "co"] as vw:  # without indices
        vw.update()
        assert moved_by(lambda: natively("update", vw.update)) == 1
        assert moved_by(lambda: natively("update", lambda: vw.update(vw.memcache[3:9]))) == 1


def test_writing():
    """By native code and by routes; all and regions; what nothing names stays; the last in C order wins."""
    from rnaslicer import Slicer, _core
    rng = random.Random(4)
    for native in (True, False):
        mesh, matrix = random_mesh(random.Random(5)), sheared(rng)
        mesh.calc_loop_triangles()
        vertices = mesh.vertices
        for supplier, items in ((mesh.loops, (EVERY, "vertex_index", vertices, "co")),
                                (mesh.loops, (slice(40, 3, -2), "vertex_index", vertices, "co")),
                                (mesh.edges, (EVERY, "vertices", EVERY, vertices, "co"))):
            indices = np.array(spec.evaluate(supplier, items[:-2]).tolist())
            with Slicer(supplier, dtype="d", transform=matrix)[items] as vw:
                vw.update()
                for rows in (EVERY, slice(2, 9), slice(None, None, -3)):
                    asked = np.array([rng.uniform(-5, 5) for _ in range(3 * indices.size)]).reshape(*indices.shape, 3)
                    fill_memcache(vw.memcache, asked.ravel().tolist())
                    expected = [list(v.co) for v in vertices]
                    some = np.sort(np.arange(len(indices))[rows])  # a region's order is the cache's
                    for at, vector in zip(indices[some].ravel().tolist(), asked[some].reshape(-1, 3).tolist()):
                        expected[at] = [spec.to_format(x, "f") for x in plain.back("point", matrix, vector)]
                    if not native:
                        _core.forget_trails()
                    before = counts()["update"][0]
                    vw.update(None if rows == EVERY else vw.memcache[rows])
                    assert (counts()["update"][0] > before) == native, (items, rows)
                    same([list(v.co) for v in vertices], expected, f"{items} {rows}")


def test_writing_components():
    """What a vector lacks comes from what it is; native code leaves that to the routes."""
    from rnaslicer import Slicer
    mesh, matrix = random_mesh(random.Random(6)), sheared(random.Random(7))
    with Slicer(mesh.loops, dtype="d", transform=matrix)[:, "vertex_index", mesh.vertices, "co"] as vw:
        vw.update()
        for rows, columns, named in ((range(4, 40, 5), slice(0, 2), (0, 1)),
                                     (range(50, 60), slice(2, None, -2), (2, 0))):
            before = [list(v.co) for v in mesh.vertices]
            expected = list(before)
            part = vw.memcache[rows.start : rows.stop : rows.step, columns]
            values = np.asarray(part)
            values[...] = np.arange(values.size).reshape(values.shape)
            for row, wanted in zip(rows, values.tolist()):
                at = mesh.loops[row].vertex_index
                vector = plain.through("point", matrix, before[at])
                for component, x in zip(named, wanted):
                    vector[component] = x
                expected[at] = [spec.to_format(x, "f") for x in plain.back("point", matrix, vector)]
            vw.update(part)
            same([list(v.co) for v in mesh.vertices], expected)


def test_a_matrix_for_each():
    """For each entry of the first axis, not for each vector; too few are refused, known or not."""
    from rnaslicer import Slicer
    rng = random.Random(8)
    mesh, other = random_mesh(rng, 5, 4), random_mesh(rng, 4, 4, "Other")
    for one in (mesh, mesh, other):
        matrices = [sheared(rng) for _ in one.edges]
        items = (EVERY, "vertices", EVERY, one.vertices, "co", EVERY)
        expected = spec.evaluate(one.edges, items, transform=matrices).tolist()
        same(read(one.edges, *items, transform=matrices)[0], expected)
        with refused("ExpressionError", "matrices"):
            read(one.edges, *items, transform=matrices[1:])
    with Slicer(mesh.edges, transform=[sheared(rng) for _ in mesh.edges])[:, "vertices", :, mesh.vertices, "co"] as vw:
        vw.update()
        natively("update", lambda: vw.update(vw.memcache[5:]))
        natively("refresh", lambda: vw.refresh(vw.memcache[:4]))


def test_an_index_goes_bad():
    """The element with it is named, nothing is written; good again, native code goes on."""
    from rnaslicer import Slicer
    mesh, matrix = random_mesh(random.Random(9)), sheared(random.Random(10))
    data = mesh.attributes["INT_POINT"].data
    data.foreach_set("value", [i % len(mesh.vertices) for i in range(len(data))])
    known(data, EVERY, "value", mesh.vertices, "co", transform=matrix)
    with Slicer(data, transform=matrix)[:, "value", mesh.vertices, "co"] as vw:
        vw.update()
        for bad in (-1, len(mesh.vertices), 2**31 - 1):
            mesh.attributes["INT_POINT"].data[11].value = bad
            before = [list(v.co) for v in mesh.vertices]
            np.asarray(vw.memcache)[...] += 1
            for use in (vw.update, vw.refresh, Slicer(data, transform=matrix)[:, "value", mesh.vertices, "co"].read,
                        lambda: Slicer(data, transform=matrix)[:, "value", mesh.vertices, "co"].write(vw.memcache)):
                with refused("ValueRangeError", "[11].value", str(bad), "vertices"):
                    use()
            same([list(v.co) for v in mesh.vertices], before)
        mesh.attributes["INT_POINT"].data[11].value = 3
        natively("refresh", vw.refresh)
        natively("update", vw.update)


def test_one_shots():
    from rnaslicer import Slicer
    mesh, matrix = random_mesh(random.Random(11)), sheared(random.Random(12))
    items = EVERY, "vertex_index", mesh.vertices, "co"
    known(mesh.loops, *items, transform=matrix)
    out = np.zeros((len(mesh.loops), 3), "f")
    natively("enter", lambda: Slicer(mesh.loops, transform=matrix)[items].read(out))
    same(out.tolist(), spec.evaluate(mesh.loops, items, transform=matrix).tolist())
    Slicer(mesh.loops, transform=matrix)[items].write(out + 1)
    assert np.allclose(Slicer(mesh.loops, transform=matrix)[items].read(), out + 1, atol=1e-4)
    same(read(mesh.loops, *items)[0], [list(mesh.vertices[loop.vertex_index].co) for loop in mesh.loops])


def test_world():
    """The matrix of the object that the way to the indices passes through, asked at each call."""
    from rnaslicer import Slicer
    rng = random.Random(15)
    mesh = random_mesh(rng)
    mesh.calc_loop_triangles()
    ob = random_objects(rng, mesh)[0]
    for items in (("data", "loop_triangles", EVERY, "vertices", EVERY, mesh.vertices, "co"),
                  ("data", "loops", EVERY, "vertex_index", mesh.vertices, "normal")):
        with Slicer(ob, transform="WORLD")[items] as vw:
            for _ in range(3):
                ob.location.x += 5
                ob.scale.y *= -1.5
                bpy.context.view_layer.update()
                vw.refresh()
                matrix = [list(row) for row in ob.matrix_world]
                same(vw.memcache.tolist(), spec.evaluate(ob, items, transform=matrix).tolist(), str(items))
            ob.scale = (0, 1, 1)
            bpy.context.view_layer.update()
            with refused("ValueRangeError", "singular"):
                vw.refresh()
            ob.scale = (1, 1, 1)
            bpy.context.view_layer.update()
    with refused("ExpressionError", "'WORLD'", "Slicer(ob)"):
        Slicer(mesh.loops, transform="WORLD")[:, "vertex_index", mesh.vertices, "co"].read()


def test_numbers_that_are_not_finite():
    """A NaN is always the same one, by any way; an infinity spoils its own vector only."""
    mesh = random_mesh(random.Random(13))
    for at, bad in ((3, float("nan")), (5, float("inf")), (len(mesh.vertices) - 1, -float("inf")), (17, 3e38)):
        mesh.vertices[at].co.y = bad
    matrix = sheared(random.Random(14))
    for items in ((EVERY, "co"), (EVERY, "co", "y")):
        check_oracle(mesh.vertices, items, transform=matrix)
        check_oracle(mesh.loops, (EVERY, "vertex_index", mesh.vertices, *items[1:]), transform=matrix)
        check_oracle(mesh.loops, (EVERY, "vertex_index", mesh.vertices, *items[1:]), transform=matrix, dtype="d")
