# tests/blender/trails/test_trails_polygon.py: the vertices of one polygon
"""Polygons have corners as they like: native code reads those of one by its own foreach_get, once it has seen that the polygons
divide the corners. An update compares the numbers with the mesh's vertices, and brings it up to date."""
import bpy

from counted_calls import ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from test_trails_tagging import tags
from trail_ways import counts, natively, read

WAYS = {"counted": lambda mesh, at: (mesh.polygons, at, "vertices"), "the polygon": lambda mesh, at: (mesh.polygons[at], "vertices"),
        "its array": lambda mesh, at: (mesh.polygons[at].vertices, EVERY), "the mesh": lambda mesh, at: (mesh, "polygons", at, "vertices"),
        "in part": lambda mesh, at: (mesh.polygons, at, "vertices", slice(1, 3))}


def fan(name="Fan"):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i, i * i % 5, i % 3) for i in range(9)], [], [(0, 1, 2, 3, 4), (0, 1, 5), (1, 2, 6, 7), (2, 8, 4)])
    return mesh


def told(mesh, at, way):
    found = list(mesh.polygons[at].vertices)
    return found[1:3] if way == "in part" else found


def test_values(way):
    from rnaslicer import Slicer
    for mesh in (fan(), fan("Other")):
        for at in (0, 1, 2, 3, 1):
            supplier, *items = WAYS[way](mesh, at)
            for _ in range(2):
                same(read(supplier, *items)[0], told(mesh, at, way))
            got, native = read(supplier, *items)
            assert native, at
            same(got, told(mesh, at, way))
            with Slicer(supplier)[tuple(items)] as vw:
                mesh.polygons[at].vertices = list(mesh.polygons[at].vertices)[::-1]
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(), told(mesh, at, way))
                natively("refresh", lambda: vw.refresh(vw.memcache[1:]))
                same(plain(vw.read().tolist()), told(mesh, at, way))
                assert counted(vw.refresh) <= REFRESH
    same(read(mesh.polygons, -1, "vertices")[0], list(mesh.polygons[-1].vertices))


test_values.cases = {name: (name,) for name in WAYS}


def derived(mesh):
    return ([plain(one.normal) for one in mesh.polygons], [plain(one.normal) for one in mesh.vertices],
            [plain(one.vertices) for one in mesh.edges], [plain(one.vertices) for one in mesh.loop_triangles])


def test_written(way):
    """As bpy stores it, and with what follows as after it, also in the evaluated mesh; a copy keeps its own corners. A number
    that leads nowhere is refused before anything is written."""
    from rnaslicer import Slicer
    ours, bpys = fan(), fan("Twin")
    users = [bpy.data.objects.new("User", mesh) for mesh in (ours, bpys)]
    for user in users:
        bpy.context.scene.collection.objects.link(user)
    for _ in range(2):
        supplier, *items = WAYS[way](ours, 2)
        read(supplier, *items)
    for wanted, part in ([7, 6, 2, 1], None), ([6, 2, 1, 7], slice(1, None)), ([0, 1, 4, 8], slice(None, None, 2)):
        bpy.context.view_layer.update()
        copy = ours.copy()
        kept = list(copy.polygons[2].vertices)
        supplier, *items = WAYS[way](ours, 2)
        with Slicer(supplier)[tuple(items)] as vw:
            part = part if part is None or way != "in part" else slice(None)
            numbers = list(bpys.polygons[2].vertices)
            rows = range(4)[1:3] if way == "in part" else range(4)
            for i in rows:
                vw.memcache[i - rows[0]] = wanted[i]
            for i in rows[part or slice(None)]:
                numbers[i] = wanted[i]
            bpys.polygons[2].vertices = numbers
            bpys.update()
            natively("update", lambda: vw.update() if part is None else vw.update(vw.memcache[part]))
            assert tags(ours) and counted(vw.update) <= UPDATE
            natively("update", lambda: vw.update() if part is None else vw.update(vw.memcache[part]))
            vw.refresh()
            bpys.polygons[2].vertices = list(ours.polygons[2].vertices)  # all, by what was counted
            bpys.update()
            bpys.vertices[0].co = bpys.vertices[0].co
            if way == "in part" or part is None:
                same(list(ours.polygons[2].vertices), numbers)
            before = list(ours.polygons[2].vertices)
            for wrong in (9, -1):
                was = int(vw.memcache[1])
                vw.memcache[1] = wrong
                with refused("ValueRangeError", f"would be {wrong}", "nothing was written"):
                    vw.update()
                same(list(ours.polygons[2].vertices), before)
                vw.memcache[1] = was
        same(list(copy.polygons[2].vertices), kept)
        same(derived(ours), derived(bpys))
        bpy.context.view_layer.update()
        graph = bpy.context.evaluated_depsgraph_get()
        same(*(derived(user.evaluated_get(graph).data) for user in users))


test_written.cases = {name: (name,) for name in WAYS}


def test_twice():
    """Of two numbers for one corner both are looked at, and the last is written."""
    from rnaslicer import Slicer
    mesh = fan()
    items = 2, "vertices", [0, 3, 0]
    for _ in range(3):
        read(mesh.polygons, *items)
    with Slicer(mesh.polygons)[items] as vw:
        vw.memcache[:] = [8, 3, 5]
        vw.update()
        same(list(mesh.polygons[2].vertices), [5, 2, 6, 3])
        vw.memcache[0] = 9
        with refused("ValueRangeError", "would be 9", "nothing was written"):
            vw.update()
    for dtype, wrong in (("q", 2 ** 40), ("d", -0.25), ("d", -1.0), ("B", 200)):
        for _ in range(3):
            read(mesh.polygons, 1, "vertices", dtype=dtype)
        with Slicer(mesh.polygons, dtype=dtype)[1, "vertices"] as vw:
            natively("update", vw.update)
            vw.memcache[2] = wrong
            if wrong == -0.25:
                vw.update()
                continue
            with refused("ValueRangeError", "nothing was written"):
                vw.update()
    mesh.polygons[1].vertices = [0, 1, 5]


def test_other_geometry():
    """Another polygon of other corners, more or fewer polygons, none."""
    from rnaslicer import Slicer
    for way, part in (("counted", "had 4 elements"), ("the polygon", "")):
        mesh = fan()
        for _ in range(2):
            supplier, *items = WAYS[way](mesh, 1)
            read(supplier, *items)
        supplier, *items = WAYS[way](mesh, 1)
        with Slicer(supplier)[tuple(items)] as vw:
            assert vw.shape == (3,)
            mesh.clear_geometry()
            mesh.from_pydata([(i, i % 2, 0) for i in range(9)], [], [(0, 1, 2), (0, 1, 5, 3), (1, 2, 6), (2, 8, 4)])
            with refused("ShapeChangedError", "had 3 elements", "has 4 now"):
                vw.refresh()
            mesh.clear_geometry()
            mesh.from_pydata([(i, i % 2, 0) for i in range(9)], [], [(0, 1, 2), (6, 1, 5), (1, 2, 6)])
            if part:
                with refused("ShapeChangedError", part, "has 3 now"):
                    vw.refresh()
            else:
                vw.refresh()
                same(vw.memcache.tolist(), [6, 1, 5])
            mesh.clear_geometry()
            with refused("SlicerError"):
                vw.refresh()


def test_polygons_that_divide_nothing():
    """bpy would read beyond the corners, or for ever: refused, however it was read before."""
    from rnaslicer import Slicer
    mesh = fan()
    for _ in range(3):
        read(mesh.polygons, 1, "vertices")
    with Slicer(mesh.polygons)[1, "vertices"] as vw:
        broken = bpy.data.meshes.new("Broken")
        broken.vertices.add(9)
        broken.loops.add(6)
        broken.polygons.add(4)  # not one has a start of its own
        if bpy.app.version >= (4, 0):
            broken.polygons.foreach_set("loop_start", [0, 0, 5, 3])
        else:
            broken.polygons.foreach_set("loop_start", [0, 4, 5, 3])
            broken.polygons.foreach_set("loop_total", [3, 900, 2, 9])
        with refused("SlicerError", "complete the geometry first"):
            read(broken.polygons, 1, "vertices")
        natively("refresh", vw.refresh)


def test_gone():
    from rnaslicer import Slicer
    mesh = fan()
    for _ in range(2):
        read(mesh.polygons, 1, "vertices")
    with Slicer(mesh.polygons)[1, "vertices"] as vw:
        bpy.data.meshes.remove(mesh)
        with refused("SupplierLostError"):
            vw.refresh()


def test_counted():
    from rnaslicer import Slicer
    mesh = fan()

    def one_shot():
        with Slicer(mesh.polygons)[1, "vertices"]:
            pass

    for _ in range(2):
        one_shot()
    before = counts()["enter"][0]
    assert counted(one_shot) <= ONE_SHOT
    assert counts()["enter"][0] > before
