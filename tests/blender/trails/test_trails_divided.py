# tests/blender/trails/test_trails_divided.py: the corners of many meshes' polygons, along one trail
"""`Slicer(objects)[:, 'data', 'polygons', :, 'vertices']`. bpy says what is right; native code must have done it, and decline
where anything is not as it was."""
import os
import tempfile

import bpy
import numpy as np

from counted_calls import FROM_LIST, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively, read

ITEMS = EVERY, "data", "polygons", EVERY, "vertices"


def filled(mesh, quads, corners=4, turn=0):
    """The mesh made anew: so many polygons of as many corners each."""
    mesh.clear_geometry()
    faces = [[(i + k + turn) % (quads + corners) for k in range(corners)] for i in range(quads)]
    mesh.from_pydata([(i, i % 2, 0) for i in range(quads + corners)], [], faces)


def made(count=4, quads=12, corners=4, name="Divided"):
    """Objects, each with a mesh of its own."""
    found = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"{name}{i}")
        filled(mesh, quads, corners, i)
        found.append(bpy.data.objects.new(f"{name}{i}", mesh))
        bpy.context.scene.collection.objects.link(found[-1])
    bpy.context.view_layer.update()
    return found


def expected(objects):
    return [[plain(list(polygon.vertices)) for polygon in ob.data.polygons] for ob in objects]


def learnt(**options):
    known(made(name="Learnt"), *ITEMS, **options)


def test_values():
    """Other meshes, and as many corners as these have, along the trail of some; all of it is written."""
    from rnaslicer import Slicer
    learnt()
    for count, quads, corners in ((3, 20, 4), (5, 9, 3), (2, 2, 6), (2, 300, 4)):
        objects = made(count, quads, corners)
        got, native = read(objects, *ITEMS)
        assert native, (count, quads, corners)
        same(got, expected(objects))
        for items in (ITEMS, (*ITEMS, EVERY)):
            with Slicer(objects)[items] as vw:
                assert vw.memcache.shape == (count, quads, corners)
                np.asarray(vw.memcache)[...] = np.roll(vw.memcache, 1, 2)
                natively("update", vw.update) if items is ITEMS else vw.update()
                same(vw.memcache.tolist(), expected(objects))
        with Slicer(objects)[ITEMS] as vw:
            for ob in objects:
                ob.data.polygons[1].vertices = list(ob.data.polygons[1].vertices)[::-1]
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), expected(objects))
            out = np.zeros(vw.memcache.shape, "i")
            vw.read(out)
            same(out.tolist(), expected(objects))
        out[...] = 0
        Slicer(objects)[ITEMS].read(out)
        same(out.tolist(), expected(objects))
        Slicer(objects)[ITEMS].write(np.roll(out, 1, 2))
        same(expected(objects), np.roll(out, 1, 2).tolist())


def test_one_polygon_each():
    """Where one polygon is alone in its mesh, how many corners it has is told by their number (3.4: by its own)."""
    objects = made(3, 1, 5)
    for _ in range(3):
        same(read(objects, *ITEMS)[0], expected(objects))


def test_parts():
    from rnaslicer import Slicer
    learnt()
    objects = made()
    for part in ((slice(1, 3),), (slice(None), slice(2, 9, 3)), (slice(None), slice(None), slice(1, 3)), (2, slice(4, 6), 1),
                 (slice(None, None, -2), slice(5, None, -1))):
        with Slicer(objects)[ITEMS] as vw:
            wanted = np.array(expected(objects))
            np.asarray(vw.memcache)[...] = -1
            vw.refresh(vw.memcache[part])
            only = np.full(wanted.shape, -1)
            only[part] = wanted[part]
            same(vw.memcache.tolist(), only.tolist(), str(part))
            vw.refresh()
            changed = np.array(vw.memcache)
            changed[part] = (changed[part] + 1) % 12
            np.asarray(vw.memcache)[...] = changed
            vw.update(vw.memcache[part])
            wanted[part] = changed[part]
            same(expected(objects), wanted.tolist(), str(part))
    for rows in (slice(3, 9), slice(None, None, -1), [1, 5, 7]):
        for _ in range(3):
            got = read(objects, EVERY, "data", "polygons", rows, "vertices")[0]
            same(got, np.array(expected(objects))[:, rows].tolist())


def test_formats():
    for dtype in "iqfd":
        learnt(dtype=dtype)
        objects = made(3, 7)
        got, native = read(objects, *ITEMS, dtype=dtype)
        assert native
        assert (np.array(got) == np.array(expected(objects))).all()


def test_collections_and_keys():
    """The meshes of the file, of a scene's objects, and by their names."""
    from rnaslicer import Slicer
    objects = made()
    names = [ob.data.name for ob in objects]
    for supplier, items in ((bpy.data.meshes, (EVERY, "polygons", EVERY, "vertices")), (bpy.context.scene.objects, ITEMS),
                            (bpy.data.meshes, (names, "polygons", EVERY, "vertices")),
                            ([ob.data for ob in objects], (EVERY, "polygons", EVERY, "vertices"))):
        same(known(supplier, *items), expected(objects))
        with Slicer(supplier)[items] as vw:
            np.asarray(vw.memcache)[...] = np.roll(vw.memcache, 1, 2)
            natively("update", vw.update)
            same(vw.memcache.tolist(), expected(objects))
    with Slicer(bpy.data.meshes)[:, "polygons", :, "vertices"] as vw:
        objects[0].data.name = "Zzz"  # the list is sorted anew
        with refused("ShapeChangedError", "changed places"):
            vw.update()


def test_other_geometry(way):
    """More, fewer or other polygons in one mesh, or corners in another way: named, whether native code or the routes see it."""
    from rnaslicer import Slicer
    learnt()
    objects = made()
    with Slicer(objects)[ITEMS] as vw:
        mesh = objects[2].data
        if way == "grow":
            filled(mesh, 15)
        elif way == "shrink":
            filled(mesh, 5)
        elif way == "triangles":
            filled(mesh, 16, 3)  # as many corners
        elif way == "mixed":
            mesh.clear_geometry()
            mesh.from_pydata([(i, 0, 0) for i in range(20)], [], [(0, 1, 2), (2, 3, 4, 5, 6), *[(i, i + 1, i + 2, i + 3) for i in range(10)]])
        else:
            mesh.clear_geometry()
        before = vw.memcache.tolist()
        for move in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[0])):
            with refused("ShapeChangedError"):
                move()
        same(vw.memcache.tolist(), before)
    if way == "mixed":
        for _ in range(2):
            with refused("ExpressionError", "the lengths differ"):
                read(objects, *ITEMS)
    filled(mesh, 12)
    with Slicer(objects)[ITEMS] as vw:
        filled(mesh, 12, turn=5)  # as it was, elsewhere in memory
        vw.refresh()
        same(vw.memcache.tolist(), expected(objects))


test_other_geometry.cases = {way: (way,) for way in ("grow", "shrink", "triangles", "mixed", "cleared")}


def test_bad_numbers_and_half_built():
    from rnaslicer import Slicer
    learnt()
    objects = made()
    with Slicer(objects)[ITEMS] as vw:
        before = expected(objects)
        np.asarray(vw.memcache)[...] = 0
        np.asarray(vw.memcache)[-1, -1, -1] = len(objects[-1].data.vertices)
        with refused("ValueRangeError", "vertices"):
            vw.update()
        same(expected(objects), before)  # nothing is written before all are checked
        objects[1].data.loops.add(4)
        objects[1].data.polygons.add(1)
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                move()


def test_edit_mode_undo_and_loss():
    from rnaslicer import Slicer
    learnt()
    objects = made()
    wrapper = Slicer(objects)[ITEMS]
    with wrapper:
        bpy.context.view_layer.objects.active = objects[1]
        bpy.ops.object.mode_set(mode="EDIT")
        with refused("ReadOnlyError", "edit mode"):
            wrapper.update()
        bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.ed.undo_push(message="before")
    filled(objects[0].data, 12, turn=3)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    objects = [bpy.data.objects[f"Divided{i}"] for i in range(4)]
    with wrapper:
        same(wrapper.memcache.tolist(), expected(objects))
        wrapper.refresh()
        bpy.data.meshes.remove(objects[3].data)
        for move in (wrapper.refresh, wrapper.update):
            with refused("SupplierLostError"):
                move()


def test_shared_and_linked():
    """A copy stays as it is; what is linked is not written, nor anything before it."""
    from rnaslicer import Slicer
    learnt()
    objects = made()
    twin = objects[2].data.copy()
    before = [list(polygon.vertices) for polygon in twin.polygons]
    with Slicer(objects)[ITEMS] as vw:
        np.asarray(vw.memcache)[...] = np.roll(vw.memcache, 1, 2)
        natively("update", vw.update)
        same(vw.memcache.tolist(), expected(objects))
    same([list(polygon.vertices) for polygon in twin.polygons], before)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "divided.blend")
        bpy.data.libraries.write(path, {objects[0]})
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.objects = [objects[0].name]
        mixed, before = [*objects[:3], into.objects[0]], expected(objects)
        with Slicer(mixed)[ITEMS] as vw:
            np.asarray(vw.memcache)[...] = np.roll(vw.memcache, 1, 2)
            with refused("ReadOnlyError", "linked"):
                vw.update()
        same(expected(objects), before)


def test_forgotten():
    """Trails that are forgotten while entered."""
    from rnaslicer import Slicer, _core
    learnt()
    objects = made()
    with Slicer(objects)[ITEMS] as vw:
        _core.forget_trails()
        vw.refresh()
        same(vw.memcache.tolist(), expected(objects))
        vw.update()
        natively("refresh", vw.refresh)


def test_counted():
    from rnaslicer import Slicer
    objects = made(20)

    def one_shot():
        with Slicer(objects)[ITEMS]:
            pass

    found = {"one-shot": counted(one_shot)}
    with Slicer(objects)[ITEMS] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
    limits = {"one-shot": FROM_LIST, "refresh": REFRESH, "update": UPDATE}
    assert all(found[way] <= limits[way] for way in limits), found
