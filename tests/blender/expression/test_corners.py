# tests/blender/expression/test_corners.py: the vertices of all polygons in bulk against each polygon's own
import random

import bpy

from support import EVERY, check_oracle, fill_memcache, random_mesh, refused, same, seed
from test_foreach import calls


def by_loop(polygons):
    return [list(p.vertices) for p in polygons]


def flat(lists):
    return [x for part in lists for x in part]


def quads(columns=6, rows=5):
    mesh = bpy.data.meshes.new("Quads")
    width = columns + 1
    corners = [y * width + x for y in range(rows) for x in range(columns)]
    mesh.from_pydata([(i % width, i // width, 0) for i in range(width * (rows + 1))], [],
                     [(a, a + 1, a + width + 1, a + width) for a in corners])
    return mesh


def test_reading():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(seed()))
    for rows in (EVERY, slice(10, 60, 3), slice(None, None, -1), [7, 3, 3, -1], [i % 5 == 1 for i in range(len(mesh.polygons))]):
        for rest in ((), (EVERY,), (...,)):
            check_oracle(mesh.polygons, (rows, "vertices", *rest), ragged="flat")
    for dtype in "qfB":
        check_oracle(mesh.polygons, (EVERY, "vertices"), ragged="flat", dtype=dtype)
    with Slicer(mesh, ragged="flat")["polygons", 5:50, "vertices"] as vw:
        assert len(vw.kernels) == 1 and vw.kernel.route == "direct"
        offsets = vw.offsets.tolist()
        for i, p in enumerate(mesh.polygons[5:50]):
            assert vw.memcache[offsets[i] : offsets[i + 1]].tolist() == list(p.vertices)
    with refused("ExpressionError", "the lengths differ", "polygons[0] has", "ragged='flat'"):
        with Slicer(mesh.polygons)[:, "vertices"]:
            pass
    check_oracle(quads().polygons, (EVERY, "vertices", 1))
    check_oracle(quads().polygons, (EVERY, "vertices", slice(None, None, -1)))


def test_equal_lengths_make_an_axis():
    from rnaslicer import Slicer
    mesh = quads()
    for rows in (EVERY, slice(None, 3, -2), [5, 2, 9]):
        check_oracle(mesh.polygons, (rows, "vertices"))
        with Slicer(mesh.polygons)[rows, "vertices"] as vw:
            assert len(vw.kernels) == 1 and vw.kernel.route == "direct" and vw.offsets is None
            wanted = vw.memcache.tolist()
            for part in ((slice(1, 3),), (slice(None, None, -1),), (slice(None), slice(1, 3)),
                         (slice(None, None, 2), slice(3, None, -2)), (slice(0, 1), 2)):
                picked = [[False] * 4 for _ in wanted]
                for i in range(len(wanted))[part[0]]:
                    columns = range(4)[part[1]] if len(part) > 1 else range(4)
                    for k in columns if hasattr(columns, "__iter__") else [columns]:
                        picked[i][k] = True
                fill_memcache(vw.memcache, [-1] * (4 * len(wanted)))
                vw.refresh(vw.memcache[part])
                same(vw.memcache.tolist(), [[v if p else -1 for v, p in zip(*both)] for both in zip(wanted, picked)], part)


def test_writing():
    from rnaslicer import Slicer
    rng = random.Random(seed())
    for mesh in (random_mesh(rng), quads()):
        twin = mesh.copy()
        options = {"ragged": "flat"} if mesh.name != "Quads" else {}
        with Slicer(mesh.polygons, **options)[:, "vertices"] as vw:
            before = flat(by_loop(mesh.polygons))
            turned = flat([p[1:] + p[:1] for p in by_loop(mesh.polygons)])
            fill_memcache(vw.memcache, turned)
            if not options:
                vw.update(vw.memcache[3:7])
                same(flat(by_loop(mesh.polygons)), before[:12] + turned[12:28] + before[28:])
            vw.update()
            same(flat(by_loop(mesh.polygons)), turned)
            same(flat(by_loop(twin.polygons)), before)
            fill_memcache(vw.memcache, [*turned[:-1], len(mesh.vertices)])
            with refused("ValueRangeError", "vertices"):
                vw.update()
            same(flat(by_loop(mesh.polygons)), turned)


def test_other_borders_are_seen():
    """As many polygons and corners as before, and other ones."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Mesh")
    vertices = [(i, i * i, 0) for i in range(8)]
    mesh.from_pydata(vertices, [], [(0, 1, 2), (3, 4, 5, 6, 7)])
    with Slicer(mesh.polygons, ragged="flat")[:, "vertices"] as vw:
        mesh.clear_geometry()
        mesh.from_pydata(vertices, [], [(0, 1, 2, 3), (4, 5, 6, 7)])
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "polygons", "another way"):
                move()
        mesh.clear_geometry()
        mesh.from_pydata(vertices, [], [(3, 4, 5), (0, 1, 2, 6, 7)])
        vw.refresh()
        same(vw.memcache.tolist(), [3, 4, 5, 0, 1, 2, 6, 7])
        mesh.clear_geometry()
        with refused("ShapeChangedError"):
            vw.refresh()


def test_values_of_their_vertices():
    """All polygons' vertices are one index: not a gather for each polygon."""
    from rnaslicer import Slicer
    rng = random.Random(7)
    mesh = random_mesh(rng)
    vertices = mesh.vertices
    for ragged in ("flat", "pad"):
        for items in ((EVERY, "vertices", EVERY, vertices, "co"), (slice(3, 40, 2), "vertices", vertices, "co", "zx"),
                      (EVERY, "vertices", EVERY, vertices, ("co", "normal")), ([5, 2, 9], "vertices", vertices, "select")):
            check_oracle(mesh.polygons, items, ragged=ragged)
        with Slicer(mesh.polygons, ragged=ragged)[2:30, "vertices", :, vertices, "co"] as vw:
            fill_memcache(vw.memcache, iter(rng.random, None))
            expected = [list(vertex.co) for vertex in vertices]
            rows = vw.memcache.tolist()
            for polygon in mesh.polygons[2:30]:
                for place, at in enumerate(polygon.vertices):
                    expected[at] = rows.pop(0) if ragged == "flat" else rows[polygon.index - 2][place]
            vw.update()
            assert [list(vertex.co) for vertex in vertices] == expected, ragged
            mesh.polygons[4].vertices = mesh.polygons[4].vertices[1:] + mesh.polygons[4].vertices[:1]
            vw.refresh()
        check_oracle(mesh.polygons, (EVERY, "vertices", EVERY, vertices, "co"), ragged=ragged)
    few, many = (entering(quads(n, n).polygons) for n in (3, 30))
    assert many < few + 60, (few, many)


def entering(polygons):
    """Calls of a first enter, and of a refresh and an update."""
    from rnaslicer import Slicer

    def moved():
        with Slicer(polygons)[:, "vertices", :, polygons.data.vertices, "co"] as vw:
            vw.refresh()
            vw.update()
    return calls(moved)
