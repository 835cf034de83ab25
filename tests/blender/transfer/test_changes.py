# tests/blender/transfer/test_changes.py: changes(), and MemCaches handed on by DLPack
import random

import bpy

from support import random_mesh, refused, same


def test_changes_are_ranges_of_rows():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1))
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        found = vw.changes()
        assert found.shape == (0, 2) and found.format == "q", (found.shape, found.format)
        for i in (3, 4, 5, 9, len(mesh.vertices) - 1):
            mesh.vertices[i].co.y += 1
        same(vw.changes().tolist(), [[3, 6], [9, 10], [len(mesh.vertices) - 1, len(mesh.vertices)]])
        same(vw.memcache.tolist(), [list(v.co) for v in mesh.vertices])
        same(vw.changes().tolist(), [])


def test_bits_count():
    """NaN equals itself, and 0 is another than -0."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(2))
    data = mesh.attributes["FLOAT_POINT"].data
    data[2].value, data[7].value = float("nan"), 0.0
    with Slicer(data)[:, "value"] as vw:
        same(vw.changes().tolist(), [])
        mesh.attributes["FLOAT_POINT"].data[7].value = -0.0
        same(vw.changes().tolist(), [[7, 8]])


def test_of_a_region():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(3))
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        for i in (1, 20, 30):
            mesh.vertices[i].co.x += 2
        same(vw.changes(vw.memcache[10:25]).tolist(), [[20, 21]])
        same(vw.changes(vw.memcache[:, 1:]).tolist(), [])
        same(vw.changes().tolist(), [[1, 2], [30, 31]])
    with refused("ContextError", "not entered"):
        vw.changes()
    with Slicer(bpy.data.objects.new("O", None))["location", :] as vw:
        same(vw.changes().tolist(), [])


def oracle(vw, change):
    """changes() after `change()` against the two arrays; gives the route's name."""
    import numpy
    before = numpy.asarray(vw.memcache).copy()
    change()
    found = vw.changes()
    now = numpy.asarray(vw.memcache)
    differs = numpy.array([a.tobytes() != b.tobytes() for a, b in zip(before, now)])
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate(([0], differs, [0]))))
    same(found.tolist(), edges.reshape(-1, 2).tolist())
    assert differs.any(), "the test changes nothing"
    same(vw.changes().tolist(), [])
    return vw.kernel.route


def test_on_every_route_and_in_every_layout():
    import numpy
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(4))
    count, rng = len(mesh.vertices), random.Random(5)

    def move(*_):
        for i in rng.sample(range(count), 5):
            mesh.vertices[i].co.z += 1

    routes = set()
    for expression in ((slice(None), "co"), (slice(None), ("co", "normal")), (slice(None), "co", "zyx"),
                       (slice(None, None, -2), "co", 2), (slice(None), "undeformed_co")):
        with Slicer(mesh.vertices)[expression] as vw:
            routes.add(oracle(vw, move))
    with Slicer(mesh.polygons)[:, "center", :] as vw:
        routes.add(oracle(vw, lambda: mesh.vertices.foreach_set("co", [rng.random() for _ in range(3 * count)])))
    with Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co"] as vw:
        oracle(vw, move)
    with Slicer(mesh.vertices, transform=numpy.diag([2.0, 3, 4, 1]))[:, "co", :] as vw:
        oracle(vw, move)
    objects = [bpy.data.objects.new("O", mesh if i else mesh.copy()) for i in range(3)]
    with Slicer(objects)[:, "data", "vertices", :, "co"] as vw:
        oracle(vw, move)
    with Slicer(objects)[:, "location"] as vw:
        routes.add(oracle(vw, lambda: setattr(objects[1], "location", (1, 2, 3))))
    with Slicer(objects)[:, "matrix_world"] as vw:
        routes.add(oracle(vw, lambda: (setattr(objects[1], "matrix_world", [[2, 0, 0, 1]] + [[0, 1, 0, 0]] * 3))))
    image = bpy.data.images.new("I", 8, 4)
    with Slicer(image)["pixels", :, :, :] as vw:  # bpy fills the cache itself
        routes.add(oracle(vw, lambda: setattr(image, "pixels", [rng.random() for _ in range(128)])))
    assert "direct" in routes and len(routes) > 1, routes


def test_many_rows_in_parts():
    import numpy
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("M")
    mesh.vertices.add(300_000)
    rows = (0, 5460, 5461, 5462, 150_000, 299_999)

    def move():
        for i in rows:
            mesh.vertices[i].co.y += 1

    with Slicer(mesh.vertices)[:, "co"] as vw:
        oracle(vw, move)
        oracle(vw, lambda: mesh.vertices.foreach_set("co", numpy.random.rand(900_000).astype("f")))


def test_numpy_takes_it_by_dlpack():
    import numpy
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(4))
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        assert vw.memcache.__dlpack_device__() == (1, 0)
        for part in (vw.memcache, vw.memcache[3:40:4, ::-1], vw.memcache[5], vw.memcache[:0]):
            given, plain = numpy.from_dlpack(part), numpy.asarray(part)
            assert given.shape == plain.shape and given.strides == plain.strides and given.dtype == plain.dtype
            assert given.tobytes() == plain.tobytes()
        kept = numpy.from_dlpack(vw.memcache)
        vw.memcache[0, 0] = 41.0
        assert kept[0, 0] == 41.0  # the same memory
    assert kept[0, 0] == 41.0  # which lives on
    for dtype in "bBhHiIqQefd":
        with Slicer(mesh.polygons, dtype=dtype)[:, "material_index"] as vw:
            assert numpy.from_dlpack(vw.memcache).tolist() == vw.memcache.tolist(), dtype
