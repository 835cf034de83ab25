# tests/blender/transfer/test_large.py: sizes at which several threads, streaming stores and vector tails come in
import random

import bpy
import numpy as np

from support import EVERY

SIDE = 620  # 384 400 vertices, 1.5 million corners


def grid():
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=SIDE, y_subdivisions=SIDE)
    mesh = bpy.context.object.data
    rng = np.random.default_rng(1)
    mesh.vertices.foreach_set("co", rng.random(3 * len(mesh.vertices), np.float32))
    for name, data_type in (("f", "FLOAT"), ("c", "FLOAT_COLOR"), ("b", "BOOLEAN")):
        mesh.attributes.new(name, data_type, "CORNER")
    mesh.attributes["f"].data.foreach_set("value", rng.random(len(mesh.loops), np.float32))
    mesh.attributes["c"].data.foreach_set("color", rng.random(4 * len(mesh.loops), np.float32))
    mesh.attributes["b"].data.foreach_set("value", rng.random(len(mesh.loops)) < 0.5)
    return mesh


def bulk(collection, name, components, dtype=np.float32):
    values = np.empty(len(collection) * components, dtype)
    collection.foreach_get(name, values)
    return values.reshape(-1, components) if components > 1 else values


def test_reading():
    from rnaslicer import Slicer
    mesh = grid()
    co = bulk(mesh.vertices, "co", 3)
    edges = bulk(mesh.edges, "vertices", 2, np.int32)
    corners = bulk(mesh.loops, "vertex_index", 1, np.int32)
    values, colors, flags = (bulk(mesh.attributes[n].data, p, k, t) for n, p, k, t in
                             (("f", "value", 1, np.float32), ("c", "color", 4, np.float32), ("b", "value", 1, np.bool_)))
    data = lambda name: mesh.attributes[name].data  # noqa: E731
    for supplier, subscript, dtype, expected in (
            (mesh.vertices, (EVERY, "co"), None, co), (mesh.vertices, (EVERY, "co"), "d", co.astype(np.float64)),
            (mesh.vertices, (EVERY, "co", "z"), None, co[:, 2]), (mesh.vertices, (EVERY, "co", "zyx"), None, co[:, ::-1]),
            (mesh.vertices, (EVERY, "co", ("xxx", "yyy", "zzz"), EVERY), None, np.repeat(co[:, :, None], 3, axis=2)),
            (mesh.vertices, (slice(None, None, -3), "co"), None, co[::-3]), (mesh.vertices, (slice(7, -9), "co"), None, co[7:-9]),
            (mesh.edges, (EVERY, "vertices"), None, edges), (mesh.edges, (EVERY, "vertices"), "q", edges.astype(np.int64)),
            (mesh.loops, (EVERY, "vertex_index"), None, corners), (mesh.loops, (EVERY, "vertex_index"), "d", corners.astype(float)),
            (data("f"), (EVERY, "value"), None, values), (data("f"), (EVERY, "value"), "e", values.astype(np.float16)),
            (data("c"), (EVERY, "color"), None, colors), (data("c"), (EVERY, "color", "bgr"), None, colors[:, 2::-1]),
            (data("b"), (EVERY, "value"), None, flags), (data("b"), (EVERY, "value"), "f", flags.astype(np.float32))):
        with Slicer(supplier, dtype=dtype)[subscript] as vw:
            cache = np.asarray(vw.memcache)
            assert cache.dtype == expected.dtype and np.array_equal(cache, expected), (subscript, dtype, vw.kernel.plan)
            cache[...] = 0
            vw.refresh(vw.memcache[100:-100])
            assert np.array_equal(cache[100:-100], expected[100:-100]), (subscript, dtype, "region")
            assert not cache[:100].any() and not cache[-100:].any(), (subscript, dtype, "beyond the region")


def test_writing():
    from rnaslicer import Slicer
    mesh = grid()
    rng = np.random.default_rng(2)
    for data_of, prop, components, subscript, place in (
            (lambda: mesh.vertices, "co", 3, (EVERY, "co"), EVERY),
            (lambda: mesh.vertices, "co", 3, (EVERY, "co", "y"), (EVERY, 1)),
            (lambda: mesh.vertices, "co", 3, (slice(5, -5, 2), "co"), slice(5, -5, 2)),
            (lambda: mesh.attributes["f"].data, "value", 1, (EVERY, "value"), EVERY),
            (lambda: mesh.attributes["c"].data, "color", 4, (EVERY, "color", "ab"), (EVERY, [3, 2]))):
        expected = bulk(data_of(), prop, components)
        with Slicer(data_of())[subscript] as vw:
            values = rng.random(tuple(vw.shape), np.float32)
            np.asarray(vw.memcache)[...] = values
            vw.update()
        expected[place] = values
        assert np.array_equal(bulk(data_of(), prop, components), expected), subscript
        with Slicer(data_of())[subscript] as vw:
            start = random.Random(3).randrange(1000)
            np.asarray(vw.memcache)[...] = 1 - values
            vw.update(vw.memcache[start:-start:3])
            part = expected[place]
            part[start:-start:3] = 1 - values[start:-start:3]
        expected[place] = part
        assert np.array_equal(bulk(data_of(), prop, components), expected), (subscript, "region")
