# tests/blender/trails/test_trails_gather.py: trails of gathers, and what they outlive
"""bpy says what is right; native code must have done it where nothing has changed, and never where something has."""
import random

import bpy
import numpy as np

from support import EVERY, check_oracle, flat, nest, random_mesh, random_values, refused, same, snapshot, spec
from trail_ways import counts, known, natively, read


def expressions(mesh):
    """(supplier, items): by one index, by several, by levels."""
    mesh.calc_loop_triangles()
    corners, vertices = mesh.loops, mesh.vertices
    yield corners, (EVERY, "vertex_index", vertices, "co")
    yield corners, (slice(None, None, -1), "vertex_index", vertices, "co", "zx")
    yield corners, (slice(2, 60, 7), "vertex_index", vertices, "co", "y")
    yield corners, (EVERY, "vertex_index", vertices, ("co", "normal"), EVERY)
    yield mesh, ("loops", EVERY, "vertex_index", vertices, "co")
    yield mesh.edges, (EVERY, "vertices", EVERY, vertices, "co", EVERY)
    yield mesh.edges, (EVERY, "vertices", 1, vertices, "co", 0)
    yield corners, (EVERY, "edge_index", mesh.edges, "vertices", EVERY, vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "vertices", EVERY, vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "loops", EVERY, corners, "vertex_index", vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "loops", EVERY, mesh.uv_layers["UV"].data, "uv", EVERY)
    yield corners, (EVERY, "vertex_index", mesh.attributes["INT8_POINT"].data, "value")
    yield corners, (EVERY, "vertex_index", mesh.attributes["BYTE_COLOR_POINT"].data, "color")


def test_reading():
    """Learnt from one mesh, followed for others; in each format."""
    meshes = [random_mesh(random.Random(i), 5 + i, 4 + i, f"Mesh {i}") for i in range(3)]
    count = 0
    for dtype in (None, "d", "h"):
        for mesh in meshes:
            for supplier, items in expressions(mesh):
                expected = spec.evaluate(supplier, items, dtype=dtype).tolist()
                for _ in range(3):
                    got, native = read(supplier, *items, dtype=dtype)
                    same(got, expected, f"{items} {dtype}")
                count += native
    assert count >= 90, count


def test_writing():
    """As assigning one by one, in C order; regions, too; what nothing names stays."""
    from rnaslicer import Slicer
    rng, native = random.Random(2), 0
    ours, theirs = random_mesh(random.Random(3)), random_mesh(random.Random(3))
    for (supplier, items), (other, same_items) in zip(expressions(ours), expressions(theirs)):
        # 3.4 splits quads anew between our writes and the plain ones; test_gather.py writes through triangles there.
        if ("co", "normal") in items or bpy.app.version < (4, 0) and supplier == ours.loop_triangles:
            continue
        with Slicer(supplier)[items] as vw:
            vw.update()
            for rows in (None, range(3, 9), range(1, len(vw.memcache), 2)):
                asked = nest(random_values(rng, vw.format, vw.memcache.nbytes // vw.memcache.itemsize), vw.shape)
                vw.memcache[...] = asked
                for mesh in (ours, theirs):  # which splits quads by where their vertices are
                    mesh.calc_loop_triangles()
                before = counts()["update"]
                vw.update(None if rows is None else vw.memcache[rows.start : rows.stop : rows.step])
                native += counts()["update"][0] - before[0]
                spec.assign(*some_rows(other, same_items, rows),
                            flat(asked if rows is None else [asked[i] for i in rows]))
        for mesh in (ours, theirs):
            mesh.update()
        ours_now, theirs_now = snapshot(ours), snapshot(theirs)
        for key in ours_now:
            same(ours_now[key], theirs_now[key], f"{items}: {key}")
    assert native >= 15, native


def some_rows(supplier, items, rows):
    """The expression for some of its rows."""
    if rows is None:
        return supplier, items
    at = next(i for i, item in enumerate(items) if isinstance(item, slice))
    every = range(len(getattr(supplier, items[0]) if at else supplier))[items[at]]
    return supplier, (*items[:at], [every[i] for i in rows], *items[at + 1 :])


def test_two_indices_through_one_layer():
    """Both are of the layer's one property at last, but come from different ones."""
    mesh = random_mesh(random.Random(5))
    count = min(len(mesh.vertices), len(mesh.edges))
    layer = mesh.attributes.new("To", "INT", "EDGE")
    for i, one in enumerate(layer.data):
        one.value = (7 * i + 3) % count
    items = (EVERY, ("vertex_index", "edge_index"), mesh.attributes["To"].data, "value", mesh.vertices, "co")
    to = mesh.attributes["To"].data
    expected = [[list(mesh.vertices[to[i].value].co) for i in (loop.vertex_index, loop.edge_index)]
                for loop in mesh.loops]
    for _ in range(3):
        same(read(mesh.loops, *items)[0], expected)


def test_an_index_goes_bad():
    """The element with it is named, nothing is written; good again, native code goes on."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(6))
    data = mesh.attributes["INT_POINT"].data
    data.foreach_set("value", [i % len(mesh.vertices) for i in range(len(data))])
    known(data, EVERY, "value", mesh.vertices, "co")
    with Slicer(data)[:, "value", mesh.vertices, "co"] as vw:
        natively("refresh", vw.refresh)
        vw.update()
        natively("update", vw.update)
        for bad in (-1, len(mesh.vertices), 2**31 - 1):
            mesh.attributes["INT_POINT"].data[11].value = bad
            before = [list(v.co) for v in mesh.vertices]
            np.asarray(vw.memcache)[...] += 1
            for use in (vw.update, vw.refresh, vw.changes, Slicer(data)[:, "value", mesh.vertices, "co"].read,
                        lambda: Slicer(data)[:, "value", mesh.vertices, "co"].write(vw.memcache)):
                with refused("ValueRangeError", "[11].value", str(bad), "vertices"):
                    use()
            same([list(v.co) for v in mesh.vertices], before)
            natively("refresh", lambda: vw.refresh(vw.memcache[12:]))
            natively("update", lambda: vw.update(vw.memcache[12:]))
        mesh.attributes["INT_POINT"].data[11].value = 3
        natively("refresh", vw.refresh)
        natively("update", vw.update)


def test_the_indices_become_others():
    """Numbers that change between calls are read anew."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(7))
    data = mesh.attributes["INT_POINT"].data
    data.foreach_set("value", [0] * len(data))
    with Slicer(data)[:, "value", mesh.vertices, "co"] as vw:
        for k in range(1, 5):
            mesh.attributes["INT_POINT"].data.foreach_set("value", [(k * i) % len(data) for i in range(len(data))])
            natively("refresh", vw.refresh) if k > 1 else vw.refresh()
            same(vw.memcache.tolist(), [list(mesh.vertices[(k * i) % len(data)].co) for i in range(len(data))])


def test_a_layer_made_again_with_another_type():
    """Of the values, and of the indices."""
    from rnaslicer import Slicer
    kinds = [("FLOAT", "INT"), ("INT", "BOOLEAN"), ("BOOLEAN", "INT8"), ("INT8", "FLOAT")]
    for before, after in (*kinds, *kinds):
        mesh = random_mesh(random.Random(8))
        mesh.attributes.new("Made", before, "POINT")
        for _ in range(3):
            read(mesh.loops, EVERY, "vertex_index", mesh.attributes["Made"].data, "value")
        with Slicer(mesh.loops)[:, "vertex_index", mesh.attributes["Made"].data, "value"] as vw:
            vw.refresh()
            mesh.attributes.remove(mesh.attributes["Made"])
            made = mesh.attributes.new("Made", after, "POINT")
            for i, one in enumerate(made.data):
                one.value = i % 2
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "Made"):
                    use()
        check_oracle(mesh.loops, (EVERY, "vertex_index", mesh.attributes["Made"].data, "value"))
    mesh = random_mesh(random.Random(9))
    mesh.attributes.new("Index", "INT", "POINT")
    for _ in range(3):
        read(mesh.attributes["Index"].data, EVERY, "value", mesh.vertices, "co")
    with Slicer(mesh.attributes["Index"].data)[:, "value", mesh.vertices, "co"] as vw:
        mesh.attributes.remove(mesh.attributes["Index"])
        mesh.attributes.new("Index", "FLOAT", "POINT")
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "Index"):
                use()
    with refused("ExpressionError", "no integer"):
        Slicer(mesh.attributes["Index"].data)[:, "value", mesh.vertices, "co"].read()


def test_lengths_and_datablocks():
    from rnaslicer import Slicer
    mesh, other = random_mesh(random.Random(10)), random_mesh(random.Random(11), 14, 11, "Other")
    known(mesh.loops, EVERY, "vertex_index", mesh.vertices, "co")
    got, native = read(mesh.loops, EVERY, "vertex_index", other.vertices, "co")  # the same trail, another mesh's
    assert native
    same(got, [list(other.vertices[loop.vertex_index].co) for loop in mesh.loops])
    with Slicer(mesh.loops)[:, "vertex_index", other.vertices, "co"] as vw:
        natively("refresh", vw.refresh)
        other.vertices.add(3)
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "vertices"):
                use()
        bpy.data.meshes.remove(other)
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Other"):
                use()


def test_geometry_that_is_not_whole():
    """Triangles and normals are computed from corners that lead nowhere: never asked for, native or not."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(12))
    mesh.calc_loop_triangles()
    known(mesh.loop_triangles, EVERY, "loops", EVERY, mesh.loops, "vertex_index", mesh.vertices, "co")
    known(mesh.loops, EVERY, "vertex_index", mesh.vertices, "normal")
    half = bpy.data.meshes.new("Half")
    half.vertices.add(4)
    half.loops.add(4)
    half.polygons.add(1)
    half.polygons[0].loop_start = 0
    if bpy.app.version < (4, 0):
        half.polygons[0].loop_total = 4
    for number in (4, 1 << 30):
        half.loops[2].vertex_index = number
        for supplier, items in ((half.loop_triangles, (EVERY, "loops", EVERY, half.loops, "vertex_index")),
                                (half.loops, (EVERY, "vertex_index", half.vertices, "normal")),
                                (half.vertices, (EVERY, "normal"))):
            with refused("ContextError", "Half"):
                Slicer(supplier)[items].read()


def test_geometry_that_is_not_whole_in_one_place():
    """Of many: wherever the one corner lies that leads nowhere, or the one polygon that is not among the corners."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Many")
    mesh.vertices.add(12)
    mesh.loops.add(400)
    mesh.polygons.add(100)
    mesh.loops.foreach_set("vertex_index", [i * 5 % 12 for i in range(400)])
    mesh.polygons.foreach_set("loop_start", range(0, 400, 4))
    if bpy.app.version < (4, 0):
        mesh.polygons.foreach_set("loop_total", [4] * 100)
    mesh.vertices.foreach_set("co", [i * i % 7 for i in range(36)])
    mesh.update(calc_edges=True)
    expression = Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "normal"]
    for _ in range(3):
        same(expression.read(), [list(mesh.vertices[loop.vertex_index].normal) for loop in mesh.loops])

    def is_refused(element, name, number):
        was = getattr(element(), name)
        setattr(element(), name, number)
        with refused("ContextError", "Many"):
            expression.read()
        setattr(element(), name, was)
        mesh.update()
        expression.read()

    for at in (0, 1, 63, 64, 65, 200, 399):
        is_refused(lambda at=at: mesh.loops[at], "vertex_index", 12)
        is_refused(lambda at=at: mesh.loops[at], "vertex_index", 1 << 30)
    for at in (0, 1, 50, 98, 99):
        is_refused(lambda at=at: mesh.polygons[at], "loop_start", 1 << 20)
        if bpy.app.version < (4, 0):
            is_refused(lambda at=at: mesh.polygons[at], "loop_total", 401)
            is_refused(lambda at=at: mesh.polygons[at], "loop_total", 1)


def test_a_step_that_few_rows_do_not_tell():
    """A trail learnt where a slice takes one element only."""
    one, nine = bpy.data.meshes.new("One"), bpy.data.meshes.new("Nine")
    for mesh, count in ((one, 1), (nine, 9)):
        mesh.vertices.add(count)
        mesh.attributes.new("Index", "INT", "POINT")
        for i in range(count):
            mesh.vertices[i].co = (i, 0, 0)
            mesh.attributes["Index"].data[i].value = i
    for rows in (slice(None, None, 3), slice(None, None, -2)):
        for mesh in (one, one, nine, nine):
            same(read(mesh.vertices, rows, "co")[0], [list(v.co) for v in mesh.vertices[:][rows]])
            same(read(mesh.vertices, rows, "co", transform=[[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]])[0],
                 [[2 * x for x in v.co] for v in mesh.vertices[:][rows]])
            same(read(mesh.attributes["Index"].data, rows, "value", mesh.vertices, "co")[0],
                 [list(v.co) for v in mesh.vertices[:][rows]])


def test_ended_while_native_code_asks():
    """Whether geometry is whole is asked of Python before a write where native code does not see it, which may run
    anything: here it ends the context."""
    from rnaslicer import Slicer, _core
    from rnaslicer.layout import layers
    from rnaslicer.transfer import described
    ask, armed, places_for = described.may_derive, [], layers.places_for

    def asked(*arguments, **options):
        while armed:
            armed.pop().close()
        return ask(*arguments, **options)

    described.may_derive, layers.places_for = asked, lambda kind: None
    layers.forget_looks()
    _core.forget_trails()
    try:
        meshes = [random_mesh(random.Random(i)) for i in (8, 9)]
        known(meshes[0].loops, EVERY, "vertex_index", meshes[0].vertices, "co")
        mesh = meshes[1]
        before = [list(vertex.co) for vertex in mesh.vertices]
        vw = Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co"].open()
        np.asarray(vw.memcache)[...] = 7
        armed.append(vw)
        try:
            vw.update()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        else:
            said = "nothing"
        assert not armed, "nothing was asked: the test tells nothing"
        assert "Error" in said, said
        assert [list(vertex.co) for vertex in mesh.vertices] == before, said
    finally:
        described.may_derive, layers.places_for = ask, places_for
        _core.forget_trails()


def test_triangles_of_one_mesh_and_vertices_of_another():
    """What a look at the triangles' mesh has asked for is that mesh's: another one's vertices, corners and lengths are not."""
    from rnaslicer import Slicer
    mesh, other = (random_mesh(random.Random(5), 6, 5, name) for name in ("Asked", "Other"))
    known(mesh.loop_triangles, EVERY, "vertices", EVERY, mesh.vertices, "co")
    other.vertices.add(3)
    for vertex in other.vertices:
        vertex.co = vertex.co[0] + 100, vertex.index, 0.5
    mesh.calc_loop_triangles()
    for target in (other, mesh):
        known(mesh.loop_triangles, EVERY, "vertices", EVERY, target.vertices, "co")
        with Slicer(mesh.loop_triangles)[:, "vertices", :, target.vertices, "co"] as vw:
            for step in range(3):
                target.vertices[step].co = step, 7, 7
                mesh.calc_loop_triangles()
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(), [[list(target.vertices[i].co) for i in triangle.vertices]
                                            for triangle in mesh.loop_triangles])
            target.vertices.add(1)
            with refused("ShapeChangedError", "vertices"):
                vw.refresh()
