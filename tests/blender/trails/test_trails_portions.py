# tests/blender/trails/test_trails_portions.py: what a mesh's elements divide among them, by trails: corners, weights
"""bpy says what is right; native code must have done it, and decline where anything is not as it was."""
import os
import tempfile

import bpy
import numpy as np

from support import EVERY, refused, same
from trail_ways import counts, known, natively, read

WEIGHTS, CORNERS = (EVERY, "groups", EVERY, "weight"), (EVERY, "vertices")


def made(count, name="Portions", even=False):
    """(object, mesh) of two rows of `count` vertices: quads, unless `even` some of them divided; three groups."""
    mesh = bpy.data.meshes.new(name)
    faces = []
    for i in range(0, 2 * count - 2, 2):
        quad = (i, i + 2, i + 3, i + 1)
        faces += [quad] if even or i % 14 else [quad[:3], (quad[0], *quad[2:])]
    mesh.from_pydata([(i, k, 0) for i in range(count) for k in range(2)], [], faces)
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    for number in range(3):
        group = ob.vertex_groups.new(name=f"G{number}")
        for at in range(0 if even else number, 2 * count, 1 if even else number + 1):
            group.add([at], (at % 9) / 10 + number / 64, "REPLACE")
    bpy.context.view_layer.update()
    return ob, mesh


def elements(mesh, items):
    return mesh.polygons if items is CORNERS else mesh.vertices


def rows(mesh, items):
    if items is CORNERS:
        return [list(polygon.vertices) for polygon in mesh.polygons]
    return [[one.weight for one in vertex.groups] for vertex in mesh.vertices]


def expected(mesh, items, ragged, fill=-1, width=None):
    found = rows(mesh, items)
    if ragged == "flat":
        return sum(found, [])
    width = max(map(len, found)) if width is None else width
    fill = fill if items is CORNERS else float(fill)
    return [row + [fill] * (width - len(row)) for row in found]


def options(ragged):
    return {"ragged": ragged, "fill": -1} if ragged == "pad" else {"ragged": ragged}


def entered(mesh, items, ragged="pad", **more):
    from rnaslicer import Slicer
    return Slicer(elements(mesh, items), **options(ragged), **more)[items]


def learnt(items, ragged="pad", even=False):
    _, mesh = made(30, "Learnt", even)
    with entered(mesh, items, ragged) as vw:
        vw.update()  # where meshes keep their layers may have to be learnt for it, once in a session
    known(elements(mesh, items), *items, **options(ragged))


def test_every_width():
    """Narrow rows are moved whole, wide ones item by item; the first and last rows are empty, short or full."""
    from rnaslicer import Slicer
    learnt(WEIGHTS)
    ob, mesh = made(40, "Widths", True)
    for group in ob.vertex_groups:
        for at in range(len(mesh.vertices)):
            if (7 * at + 3 * group.index) % 5 < 3 - at % 3 or at < 2:
                group.remove([at])
    for width in range(max(map(len, rows(mesh, WEIGHTS))), 11):
        for dtype in "fdBH":
            more = {"ragged": "pad", "width": width, "fill": 3, "dtype": dtype, "normalized": dtype in "BH"}
            known(mesh.vertices, *WEIGHTS, **more)
            with Slicer(mesh.vertices, **more)[WEIGHTS] as vw:
                lengths, cache = np.asarray(vw.lengths), np.asarray(vw.memcache)
                real = np.arange(width) < lengths[:, None]
                written = np.random.default_rng(width).integers(0, 200, cache.shape)
                cache[...] = written if dtype in "BH" else written / 256
                most = {"B": 255, "H": 65535}.get(dtype, 256)
                natively("update", vw.update)
                wanted = np.array([row + [0.0] * (width - len(row)) for row in rows(mesh, WEIGHTS)])
                assert np.abs(wanted - written / most)[real].max() < 1e-7
                before, cache[...] = cache.copy(), 0
                natively("refresh", vw.refresh)
                assert (cache[real] == before[real]).all() and (cache[~real] == 3).all(), (width, dtype)


def test_values(items, ragged):
    """Other meshes along the trail of one; widths and fills of their own; the update of all and of a part."""
    even = ragged == "error"
    learnt(items, ragged, even)
    for count, more in ((50, {}), (7, {}), (20, {"width": 6} if ragged == "pad" else {})):
        _, mesh = made(count, f"Other{count}", even)
        got, native = read(elements(mesh, items), *items, **options(ragged), **more)
        assert native
        same(got, expected(mesh, items, ragged, **more))
        with entered(mesh, items, ragged, **more) as vw:
            cache = np.asarray(vw.memcache)
            if ragged == "pad":
                same(vw.lengths.tolist(), list(map(len, rows(mesh, items))))
            if ragged == "flat":
                same(vw.offsets.tolist(), np.cumsum([0, *map(len, rows(mesh, items))]).tolist())
            if items is CORNERS:
                cache[cache >= 0] = 2 * count - 1 - cache[cache >= 0]
            else:
                cache[cache >= 0] /= 2
            wanted = cache.tolist()
            natively("update", vw.update)
            same(expected(mesh, items, ragged, **more), wanted)
            cache[...] = 3
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), wanted)
            part = vw.memcache[3:9]
            np.asarray(part)[...] = 1
            vw.update(part)
            found = np.array(expected(mesh, items, ragged, **more))
            assert (found[3:9][found[3:9] >= 0] == 1).all() and (found[9:] == np.array(wanted)[9:]).all()
            vw.refresh(vw.memcache[5:])
            same(np.array(vw.memcache)[5:].tolist(), found[5:].tolist())


test_values.cases = {f"{name}, {ragged}": (items, ragged) for name, items in (("weights", WEIGHTS), ("corners", CORNERS))
                     for ragged in ("pad", "flat", "error")}


def test_formats_and_buffers():
    for items, dtypes in ((WEIGHTS, "dfh"), (CORNERS, "iqd")):
        for dtype in dtypes:
            _, mesh = made(12, "Formats")
            known(elements(mesh, items), *items, ragged="pad", fill=0, dtype=dtype)
            with entered(mesh, items, dtype=dtype) as vw:
                wanted = np.array(expected(mesh, items, "pad"))
                assert (np.array(vw.memcache) == (np.rint(wanted) if dtype == "h" else wanted)).all()
                natively("update", vw.update) if items is WEIGHTS or dtype == "i" else vw.update()
            out = np.zeros_like(wanted, dtype=dtype)
            entered(mesh, items).read(out)
            assert (out == np.array(expected(mesh, items, "pad")).astype(dtype)).all()
            if dtype in "fi":
                out[...] = np.where(wanted < 0, wanted, 1)
                entered(mesh, items).write(out)
                same(expected(mesh, items, "pad"), out.tolist())


def test_weights_come_and_go():
    """A vertex gets more groups, another loses one: the shape is another, for a refresh and for an update; entered
    again, all is there."""
    learnt(WEIGHTS)
    learnt(WEIGHTS, "flat")
    for ragged in ("pad", "flat"):
        ob, mesh = made(12)
        with entered(mesh, WEIGHTS, ragged) as vw:
            before = rows(mesh, WEIGHTS)
            for change in (lambda: ob.vertex_groups["G2"].add([4], 0.5, "REPLACE"),
                           lambda: ob.vertex_groups["G0"].remove([9])):  # as many as before again
                change()
                for use in (vw.refresh, vw.update):
                    with refused("ShapeChangedError", "vertices[4].groups had"):
                        use()
            assert rows(mesh, WEIGHTS) != before and 0.5 in rows(mesh, WEIGHTS)[4]
        got, native = read(mesh.vertices, *WEIGHTS, **options(ragged))
        assert native
        same(got, expected(mesh, WEIGHTS, ragged))


def test_weights_change_places():
    """As many of each vertex, somewhere else in memory: read and written where they are now."""
    learnt(WEIGHTS)
    ob, mesh = made(12)
    with entered(mesh, WEIGHTS) as vw:
        for at in range(24):
            ob.vertex_groups["G0"].remove([at])
        for at in range(24):
            ob.vertex_groups["G0"].add([at], 0.25, "REPLACE")
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), expected(mesh, WEIGHTS, "pad"))
        np.asarray(vw.memcache)[...] = 0.75
        natively("update", vw.update)
        assert set(sum(rows(mesh, WEIGHTS), [])) == {0.75}


def test_all_weights_go():
    learnt(WEIGHTS)
    ob, mesh = made(12)
    with entered(mesh, WEIGHTS) as vw:
        ob.vertex_groups.clear()
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
    got, _ = read(mesh.vertices, *WEIGHTS, **options("flat"))
    same(got, [])


def test_vertices_come():
    for items in (WEIGHTS, CORNERS):
        learnt(items)
        _, mesh = made(12)
        with entered(mesh, items) as vw:
            mesh.vertices.add(2)
            mesh.polygons.add(1)
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError" if items is WEIGHTS else "SlicerError"):
                    use()


def test_corners_divided_in_another_way():
    """As many polygons and corners: two of them have changed lengths."""
    learnt(CORNERS)
    for ragged in ("pad", "flat"):
        _, mesh = made(12)
        with entered(mesh, CORNERS, ragged) as vw:
            found = [list(polygon.vertices) for polygon in mesh.polygons]
            at = next(i for i, one in enumerate(found) if len(one) == 4)
            other = next(i for i, one in enumerate(found) if len(one) == 3)
            found[at], found[other] = found[other], found[at]
            points = [tuple(vertex.co) for vertex in mesh.vertices]
            mesh.clear_geometry()
            mesh.from_pydata(points, [], found)
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError"):
                    use()
            same(rows(mesh, CORNERS), found)
        got, native = read(mesh.polygons, *CORNERS, **options(ragged))
        assert native
        same(got, expected(mesh, CORNERS, ragged))


def test_corners_that_lead_nowhere_are_not_written():
    learnt(CORNERS)
    _, mesh = made(12)
    before = rows(mesh, CORNERS)
    with entered(mesh, CORNERS) as vw:
        np.asarray(vw.memcache)[3, 1] = 24
        with refused("ValueRangeError"):
            vw.update()
        same(rows(mesh, CORNERS), before)
        natively("refresh", vw.refresh)


def test_a_copy_is_left_alone():
    """Layers are shared until one is written."""
    for items in (WEIGHTS, CORNERS):
        learnt(items)
        _, mesh = made(12)
        copy = mesh.copy()
        before = rows(copy, items)
        with entered(mesh, items) as vw:
            cache = np.asarray(vw.memcache)
            cache[cache >= 0] = 1
            natively("update", vw.update)
        same(rows(copy, items), before)
        same(read(elements(copy, items), *items, **options("pad"))[0], expected(copy, items, "pad"))
        assert set(sum(rows(mesh, items), [])) == {1}


def test_edit_mode():
    for items in (WEIGHTS, CORNERS):
        learnt(items)
        ob, mesh = made(12)
        bpy.context.view_layer.objects.active = ob
        with entered(mesh, items) as vw:
            bpy.ops.object.mode_set(mode="EDIT")
            with refused("ReadOnlyError", "edit mode"):
                vw.update()
            bpy.ops.object.mode_set(mode="OBJECT")
            vw.update()
            same(vw.memcache.tolist(), expected(mesh, items, "pad"))


def test_undo_load_and_removal():
    bpy.context.preferences.edit.use_global_undo = True
    for items in (WEIGHTS, CORNERS):
        learnt(items)
        _, mesh = made(12, "Undone")
        bpy.ops.ed.undo_push(message="made")
        with entered(mesh, items) as vw:
            before = vw.memcache.tolist()
            cache = np.asarray(vw.memcache)
            cache[cache >= 0] = 1
            natively("update", vw.update)
            bpy.ops.ed.undo_push(message="written")
            bpy.ops.ed.undo()
            vw.refresh()
            same(vw.memcache.tolist(), before)
            bpy.ops.ed.redo()
            vw.refresh()
            same(vw.memcache.tolist(), expected(bpy.data.meshes["Undone"], items, "pad"))
            bpy.data.meshes.remove(bpy.data.meshes["Undone"])
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError"):
                    use()
        _, mesh = made(12, "Loaded")
        with tempfile.TemporaryDirectory() as folder, entered(mesh, items) as vw:
            path = os.path.join(folder, "portions.blend")
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "loaded"):
                    use()
            mesh = bpy.data.meshes["Loaded"]
            same(read(elements(mesh, items), *items, **options("pad"))[0], expected(mesh, items, "pad"))
            bpy.ops.wm.read_homefile(use_factory_startup=True)


def test_what_is_forgotten():
    """Without what the session has seen of a mesh's weights native code declines, and learns anew."""
    from rnaslicer.layout import deform
    learnt(WEIGHTS)
    _, mesh = made(12)
    with entered(mesh, WEIGHTS) as vw:
        deform.forget()
        before = counts()["refresh"]
        vw.refresh()
        assert counts()["refresh"] == (before[0], before[1] + 1)
        same(vw.memcache.tolist(), expected(mesh, WEIGHTS, "pad"))


def test_too_long():
    learnt(WEIGHTS)
    ob, mesh = made(12)
    with refused("ExpressionError", "width of 2"):
        read(mesh.vertices, *WEIGHTS, ragged="pad", width=2)
    same(read(mesh.vertices, *WEIGHTS, ragged="pad", width=3)[0], expected(mesh, WEIGHTS, "pad", 0))


def test_what_blender_makes_of_it():
    """An armature's modifier sees weights that native code wrote, as those that bpy assigned."""
    learnt(WEIGHTS)
    ob, mesh = made(12, even=True)
    modifier = ob.modifiers.new("Mask", "MASK")
    modifier.vertex_group, modifier.threshold = "G0", 0.5
    with entered(mesh, WEIGHTS, "error") as vw:
        vw.update()
        bpy.context.view_layer.update()
        for weight, count in ((1, 24), (0, 0), (1, 24)):
            np.asarray(vw.memcache)[...] = weight
            natively("update", vw.update)
            bpy.context.view_layer.update()
            assert len(ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices) == count
