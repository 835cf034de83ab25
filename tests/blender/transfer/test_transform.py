# tests/blender/transfer/test_transform.py: vectors through a matrix while they are copied, against plain float64
import math
import random

import bpy
import numpy as np
from mathutils import Matrix

from support import EVERY, check_oracle, fill_memcache, flat, random_mesh, random_objects, refused, same, spec
from spec import transform as plain


def sheared(rng):
    """A mirrored and sheared 4×4 matrix as nested lists of float64."""
    rows = [[rng.uniform(-2, 2) + (3 if i == j else 0) for j in range(3)] + [rng.uniform(-9, 9)] for i in range(3)]
    rows[0] = [-x for x in rows[0]]
    return rows + [[0.0, 0.0, 0.0, 1.0]]


def test_reading():
    rng = random.Random(1)
    mesh = random_mesh(rng)
    matrix = sheared(rng)
    for supplier, subscript in (
        (mesh.vertices, (EVERY, "co", EVERY)), (mesh.vertices, (slice(None, None, -3), "co", "zx")),
        (mesh.vertices, (EVERY, "co", "y")), (mesh.vertices, (EVERY, "co", ("xyz", "zzx"), EVERY)),
        (mesh.vertices, ([5, 1, 5], "co", EVERY)), (mesh.vertices, (EVERY, "normal", EVERY)),
        (mesh.polygons, (EVERY, "normal", EVERY)), (mesh.polygons, (EVERY, "center", EVERY)),
        (mesh.vertices, (3, "co", EVERY)), (mesh.attributes["FLOAT_VECTOR_POINT"].data, (EVERY, "vector", EVERY)),
        (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co", EVERY)),
        (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "normal", "z")),
    ):
        check_oracle(supplier, subscript, transform=matrix)
        check_oracle(supplier, subscript, transform=matrix[:3], dtype="d")
    for dtype in "efbBhHiIqQ?":
        check_oracle(mesh.vertices, (EVERY, "co", EVERY), transform=matrix, dtype=dtype)
    for dtype in "bBhHiI":
        check_oracle(mesh.vertices, (EVERY, "normal", EVERY), transform=matrix, dtype=dtype, normalized=True)


def test_matrix_types():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(2))
    matrix = Matrix(sheared(random.Random(3)))
    expected = spec.evaluate(mesh.vertices, (EVERY, "co", EVERY), transform=[list(row) for row in matrix]).tolist()
    for given in (matrix, [tuple(row) for row in matrix], [list(row) for row in matrix][:3],
                  memoryview(bytes(bytearray(b"".join(__import__("struct").pack("4d", *row) for row in matrix)))).cast(
                      "d", (4, 4)).tolist()):
        with Slicer(mesh.vertices, transform=given)[:, "co", :] as vw:
            same(vw.memcache.tolist(), expected)


def test_a_matrix_for_each_element():
    rng = random.Random(4)
    mesh = random_mesh(rng, 5, 4)
    matrices = [sheared(rng) for _ in mesh.vertices]
    check_oracle(mesh.vertices, (EVERY, "co", EVERY), transform=matrices)
    objects = random_objects(rng, mesh)
    of_objects = [sheared(rng) for _ in objects]
    check_oracle(objects, (EVERY, "data", "vertices", EVERY, "co", EVERY), transform=of_objects)
    check_oracle(objects, (EVERY, "location", EVERY), transform=of_objects)
    from rnaslicer import Slicer
    with refused("ExpressionError", "3 matrices"):
        Slicer(mesh.vertices, transform=of_objects[:3])[:, "co", :].__enter__()


def test_world():
    from rnaslicer import Slicer
    rng = random.Random(5)
    objects = random_objects(rng, random_mesh(rng, 4, 3))
    ob = objects[0]
    for moved in range(2):
        expected = spec.evaluate(ob, ("data", "vertices", EVERY, "co", EVERY), transform=rows(ob.matrix_world))
        if not moved:
            vw = Slicer(ob, transform="WORLD")["data", "vertices", :, "co", :]
            vw.__enter__()
        else:
            vw.refresh()
        same(vw.memcache.tolist(), expected.tolist())
        ob.location.x += 5
        ob.scale.y *= -1
        bpy.context.view_layer.update()
    vw.__exit__(None, None, None)
    with Slicer(objects, transform="WORLD")[:, "data", "vertices", :, "co", :] as vw:
        expected = spec.evaluate(objects, (EVERY, "data", "vertices", EVERY, "co", EVERY),
                                 transform=[rows(one.matrix_world) for one in objects])
        same(vw.memcache.tolist(), expected.tolist())
    with refused("ExpressionError", "'WORLD'", "Slicer(ob)"):
        Slicer(ob.data.vertices, transform="WORLD")[:, "co", :].__enter__()


def rows(matrix):
    return [list(row) for row in matrix]


def test_writing():
    """Through the inverse, whole vectors and parts of them; what was read comes back."""
    from rnaslicer import Slicer
    rng = random.Random(6)
    mesh = random_mesh(rng)
    matrix = sheared(rng)
    for subscript in ((EVERY, "co", EVERY), (EVERY, "co", "zxy"), (slice(3, 40, 4), "co", EVERY), (EVERY, "co", "y"),
                      (slice(9, None, -2), "co", "xz")):
        components = ["xyz".index(c) for c in (subscript[2] if isinstance(subscript[2], str) else "xyz")]
        expected = [list(v.co) for v in mesh.vertices]
        with Slicer(mesh.vertices, dtype="d", transform=matrix)[subscript] as vw:
            values = [rng.uniform(-5, 5) for _ in flat(vw.memcache.tolist())]
            fill_memcache(vw.memcache, values)
            vw.update()
        picked = range(len(expected))[subscript[0]]
        for row, i in enumerate(picked):
            vector = plain.through("point", matrix, expected[i])
            for k, component in enumerate(components):
                vector[component] = values[row * len(components) + k]
            expected[i] = [spec.to_format(x, "f") for x in plain.back("point", matrix, vector)]
        same([list(v.co) for v in mesh.vertices], expected, str(subscript))


def test_writing_a_region_through_an_index():
    from rnaslicer import Slicer
    rng = random.Random(7)
    mesh, matrix = random_mesh(rng), sheared(rng)
    expected = [list(v.co) for v in mesh.vertices]
    with Slicer(mesh.loops, dtype="d", transform=matrix)[:, "vertex_index", mesh.vertices, "co", :] as vw:
        for row in range(4, 20, 3):
            vector = [rng.uniform(-5, 5) for _ in range(3)]
            for k, x in enumerate(vector):
                vw.memcache[row, k] = x
            expected[mesh.loops[row].vertex_index] = [spec.to_format(x, "f") for x in plain.back("point", matrix, vector)]
        vw.update(vw.memcache[4:20:3])
    same([list(v.co) for v in mesh.vertices], expected)


def test_far_away_coordinates():
    """Millions of metres lose nothing where the offset goes before the cast."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(8))
    offset = [[1, 0, 0, 8_123_456.75], [0, 1, 0, -5_654_321.125], [0, 0, 1, 0.0]]
    with Slicer(mesh.vertices, dtype="d", transform=offset)[:, "co", :] as vw:
        same(vw.memcache.tolist(), [[v.co.x + 8_123_456.75, v.co.y - 5_654_321.125, v.co.z + 0.0] for v in mesh.vertices])
        before = [list(v.co) for v in mesh.vertices]
        vw.update()
        assert all(math.isclose(a, b, abs_tol=1e-8) for x, y in zip(before, mesh.vertices) for a, b in zip(x, y.co))


def test_refusals():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(9))
    good = sheared(random.Random(10))
    for bad, error, words in (
        (5, "ExpressionError", "3×4"), ("LOCAL", "ExpressionError", "3×4"), ([[1, 2], [3, 4]], "ExpressionError", "3×4"),
        (good[:3] + [[0, 0, 1, 1]], "ExpressionError", "last row"),
        ([[0.0] * 4] + good[1:], "ValueRangeError", "singular"),
        ([[math.nan] * 4] + good[1:], "ValueRangeError", "not finite"),
        ([good, [[1, 2, 3, math.inf]] + good[1:]], "ValueRangeError", "not finite"),
    ):
        with refused(error, words):
            Slicer(mesh.vertices, transform=bad)
    for supplier, subscript in ((mesh.vertices, (EVERY, "select")), (mesh.polygons, (EVERY, "area")),
                                (mesh.uv_layers["UV"].data, (EVERY, "uv", EVERY))):
        with refused("ExpressionError", "vectors of three"):
            Slicer(supplier, transform=good)[subscript].__enter__()
    ob = random_objects(random.Random(11), mesh)[0]
    with Slicer(ob, transform="WORLD")["data", "vertices", :, "co", :] as vw:
        ob.scale = (1, 0, 1)
        bpy.context.view_layer.update()
        with refused("ValueRangeError", "world matrix", "singular"):
            vw.refresh()


def test_settings_that_are_none():
    """In our words: what was given, and what may be."""
    import numpy as np
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(6), 3, 3)
    for nothing in (5, 2.5, True, [1, 2, 3], object(), np.float32(3), [[None] * 4] * 3, [["x"] * 4] * 3, "LOCAL", {}):
        with refused("ExpressionError", "3×4 or 4×4 matrix", "'WORLD'", f"{nothing!r} is none of these"):
            Slicer(mesh.vertices, transform=nothing)
    with refused("ExpressionError", "normalized is True or False, not array(", "compare"):
        Slicer(mesh.vertices, dtype="B", normalized=np.array([1, 0]))


def test_which_matrix_is_wrong():
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("M")
    mesh.vertices.add(4)
    for change, text in ((lambda one: one.fill(0), "in matrix 2 the last row"), (lambda one: one[0].fill(np.nan), "matrix 2 of the transform has"),
                         (lambda one: one[0].fill(0), "matrix 2 of the transform is singular")):
        matrices = np.stack([np.eye(4)] * 4)
        change(matrices[2])
        for given in (matrices, matrices.tolist()):
            with refused("ValueRangeError" if "of" in text else "ExpressionError", text):
                Slicer(mesh.vertices, transform=given)
