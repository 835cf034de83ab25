# tests/blender/trails/test_trails_each.py: vectors behind many objects, each through a matrix of its own, by trails
"""The plain specification says what is right, object by object; native code must have done it, and decline where
something is not as it was."""
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import numpy as np

from support import EVERY, fill_memcache, random_mesh, random_objects, random_values, same, spec
from test_trails_composed import sheared
from trail_objects import CO, alike, both_ways, denied, expected, lengths, padded, rows_of, scene
from trail_ways import counts, known, natively, read


# ---- what native code gives

def test_worlds():
    """Every form, from a list, a tuple and a scene's objects; another list is followed at once."""
    for rest in (("co",), ("co", EVERY), ("co", "zx"), ("co", "y"), ("normal",), (("co", "normal"), EVERY)):
        items = "data", "vertices", EVERY, *rest
        for options in ({}, {"dtype": "d"}, {"dtype": "h", "normalized": True}):
            known(alike(), EVERY, *items, transform="WORLD", **options)
            objects = alike(3, 6)
            for supplier in (objects, tuple(objects)):
                got, native = read(supplier, EVERY, *items, transform="WORLD", **options)
                assert native, (items, options)
                same(got, expected(objects, items, **options), str(items))
            known(scene(), EVERY, *items, transform="WORLD", ragged="flat", **options)
            objects = scene(((2, 2), (7, 3), (2, 9)), 4)
            got, native = read(objects, EVERY, *items, transform="WORLD", ragged="flat", **options)
            assert native, (items, options)
            same(got, rows_of(expected(objects, items, **options)), str(items))


def test_collections_of_objects():
    from rnaslicer import Slicer
    alike()
    objects = bpy.context.scene.objects
    for _ in range(2):
        same(read(objects, *CO, transform="WORLD")[0], expected(objects, CO[1:]))
    assert read(objects, *CO, transform="WORLD")[1]
    part = slice(1, 3), *CO[1:]
    known(objects, *part, transform="WORLD")
    with Slicer(objects, transform="WORLD")[part] as vw:
        objects[2].location.x += 3
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), expected(objects[1:3], CO[1:]))


def test_parts_of_lists():
    """What is listed and not picked is not entered, the second time, too; nor written."""
    from rnaslicer import Slicer
    objects = alike()
    for options in ({}, {"transform": "WORLD"}, {"ragged": "flat"}, {"ragged": "pad"}):
        matrices = None if "transform" in options else [None] * len(objects)
        wanted = expected(objects, CO[1:], matrices)
        for part in (slice(1, 3), slice(0, 2), slice(None, None, -1), slice(None, None, 2), slice(1, None)):
            for _ in range(3):
                got = read(objects, part, *CO[1:], **options)[0]
                same(got, rows_of(wanted[part]) if options.get("ragged") == "flat" else wanted[part], str(part))
    for part, last in ((slice(1, 3), 2), (slice(None, None, -1), 0)):
        with Slicer(objects)[(part, *CO[1:])] as vw:
            np.asarray(vw.memcache)[-1] = last
            vw.update(vw.memcache[-1:])
        assert all(list(v.co) == [last] * 3 for v in objects[last].data.vertices)
        assert not any(list(v.co) == [last] * 3 for ob in objects if ob != objects[last] for v in ob.data.vertices)


def test_given_matrices():
    """One for all, or one for each object; of another number none."""
    rng, objects = random.Random(5), alike()
    one, each = sheared(rng), [sheared(rng) for _ in objects]
    for given, of_each in ((one, [one] * len(objects)), (each, each)):
        known(objects, *CO, transform=given)
        got, native = read(objects, *CO, transform=given)
        assert native
        same(got, expected(objects, CO[1:], of_each))
    denied("ExpressionError", lambda: read(objects, *CO, transform=each[1:]), "3 matrices", "4 elements")
    ragged = scene()
    rows = [sheared(rng) for _ in range(sum(lengths(ragged)))]
    got, _ = read(ragged, *CO, transform=rows, ragged="flat")
    at, parts = 0, []
    for ob, count in zip(ragged, lengths(ragged)):
        parts.append(spec.evaluate(ob.data.vertices, (EVERY, "co"), transform=rows[at:at + count]).tolist())
        at += count
    same(got, rows_of(parts))


def test_empty_meshes():
    """Between others they have no rows; they are counted, and an update goes by them."""
    from rnaslicer import Slicer
    for options in ({"ragged": "flat"}, {"ragged": "pad"}, {"ragged": "flat", "transform": "WORLD"},
                    {"ragged": "pad", "transform": "WORLD"}):
        objects = scene()
        for ob in (objects[0], objects[2]):
            ob.data = bpy.data.meshes.new("Empty")
        known(objects, *CO, **options)
        matrices = None if "transform" in options else [None] * len(objects)
        with Slicer(objects, **options)[CO] as vw:
            parts = expected(objects, CO[1:], matrices)
            same(vw.memcache.tolist(), rows_of(parts) if options["ragged"] == "flat" else padded(parts, [0.0] * 3))
            natively("refresh", vw.refresh)
            np.asarray(vw.memcache)[...] += 1
            natively("update", vw.update)
            after = expected(objects, CO[1:], matrices)
            assert np.allclose(rows_of(after), np.array(rows_of(parts)) + 1, atol=1e-4)
            objects[0].data.vertices.add(1)
            denied("ShapeChangedError", vw.refresh)
            denied("ShapeChangedError", vw.update)


# ---- what it writes

def test_writing():
    def change(cache):
        cache[...] = cache * 2 + 1

    equal = None, slice(1, 3), (EVERY, slice(2, 7, 2)), (slice(None, None, -2), slice(0, 5)), (2, 3)
    flat = None, slice(5, 23), slice(None, None, 7), 3
    for transform in ({}, {"transform": "WORLD"}):
        both_ways(alike, transform, change, equal)
        both_ways(scene, {"ragged": "flat", **transform}, change, flat)
        both_ways(scene, {"ragged": "pad", **transform}, change, equal)
        both_ways(scene, {"ragged": "pad", "width": 40, **transform}, change, equal)


def test_one_mesh_of_several_objects():
    """Each writes by its own matrix, the last one wins: as one after the other."""
    def make():
        mesh = random_mesh(random.Random(8), 4, 4)
        return random_objects(random.Random(9), mesh, 3)

    def change(cache):
        cache += np.arange(len(cache)).reshape(-1, 1, 1)

    both_ways(make, {"transform": "WORLD"}, change, (None, (slice(0, 2), slice(3, 9)), (1, slice(0, 2))))


def test_components_are_for_the_routes():
    from rnaslicer import Slicer
    objects = alike()
    with Slicer(objects, transform="WORLD")[(*CO, "xz")] as vw:
        vw.update()
        fill_memcache(vw.memcache, [1.0] * (vw.memcache.nbytes // 4))
        done = counts()["update"][0]
        vw.update()
        assert counts()["update"][0] == done
        vw.refresh()
        assert np.allclose(np.asarray(vw.memcache), 1, atol=1e-3)


def test_once():
    from rnaslicer import Slicer
    for options, make in (({"transform": "WORLD"}, alike), ({"ragged": "pad", "fill": 4}, scene)):
        known(make(), *CO, **options)
        objects = make()
        wanted = Slicer(objects, **options)[CO].read().tolist()
        out = np.zeros(np.array(wanted).shape, "f")
        Slicer(objects, **options)[CO].read(out)
        same(out.tolist(), wanted)
        Slicer(objects, **options)[CO].write(out + 1)
        again = np.asarray(Slicer(objects, **options)[CO].read())
        real = np.array(wanted) != 4
        assert np.allclose(again[real], (out + 1)[real], atol=1e-3)


# ---- what is not as it was

def test_matrices_change():
    from rnaslicer import Slicer
    objects = alike()
    known(objects, *CO, transform="WORLD")
    with Slicer(objects, transform="WORLD")[CO] as vw:
        objects[1].location = 5, 6, 7
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), expected(objects, CO[1:]))
        held, before = vw.memcache.tolist(), [list(v.co) for v in objects[0].data.vertices]
        objects[-1].scale = 0, 1, 1
        bpy.context.view_layer.update()
        np.asarray(vw.memcache)[...] += 1
        denied("ValueRangeError", vw.refresh, "singular", "world matrix")
        denied("ValueRangeError", vw.update, "singular")
        same([list(v.co) for v in objects[0].data.vertices], before)  # nothing was written
        same(vw.memcache.tolist(), (np.array(held, "f") + np.float32(1)).tolist())
        objects[-1].scale = 1, 1, 1
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
    objects[-1].scale = 0, 1, 1
    bpy.context.view_layer.update()
    denied("ValueRangeError", lambda: read(objects, *CO, transform="WORLD"), "singular")


def test_objects_change():
    """Exchanged in the list, with data of another length or type, without any, and removed."""
    from rnaslicer import Slicer
    for options in ({"transform": "WORLD"}, {"ragged": "pad"}, {"ragged": "flat", "transform": "WORLD"}):
        objects = alike()
        known(objects, *CO, **options)
        got, native = read(objects[::-1], *CO, **options)
        assert native
        parts = expected(objects[::-1], CO[1:], None if "transform" in options else [None] * len(objects))
        same(got, rows_of(parts) if options.get("ragged") == "flat" else parts)
        with Slicer(objects, **options)[CO] as vw:
            held, own = vw.memcache.tolist(), objects[1].data
            for size in (5, 2):
                objects[1].data = random_mesh(random.Random(10), size, size, "Other")
                denied("ShapeChangedError", vw.refresh)
                denied("ShapeChangedError", vw.update)
            objects[1].data = own
            own.vertices.add(1)
            denied("ShapeChangedError", vw.refresh)
            same(vw.memcache.tolist(), held)
        objects = alike()
        empty = bpy.data.objects.new("Nothing", None)
        denied("ExpressionError", lambda: read([*objects, empty], *CO, **options), "None")
        curve = bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
        denied("ExpressionError", lambda: read([*objects, curve], *CO, **options))
        heard = []
        with Slicer(objects, **options)[CO] as vw:
            vw.on_lost.append(heard.append)
            bpy.data.objects.remove(objects[2])
            denied("SupplierLostError", vw.refresh)
            denied("SupplierLostError", vw.update)
        assert heard


def test_edit_mode_and_linked():
    from rnaslicer import Slicer
    for options in ({"transform": "WORLD"}, {"ragged": "pad"}):
        objects = alike()
        known(objects, *CO, **options)
        before = [list(v.co) for v in objects[0].data.vertices]
        with Slicer(objects, **options)[CO] as vw:
            np.asarray(vw.memcache)[...] += 1
            bpy.context.view_layer.objects.active = objects[-1]
            bpy.ops.object.mode_set(mode="EDIT")
            denied("ReadOnlyError", vw.update)
            bpy.ops.object.mode_set(mode="OBJECT")
            same([list(v.co) for v in objects[0].data.vertices], before)
            natively("update", vw.update)


def test_linked_meshes():
    from rnaslicer import Slicer
    with TemporaryDirectory() as folder:
        library = str(Path(folder) / "library.blend")
        bpy.data.libraries.write(library, {random_mesh(random.Random(11), 4, 3, "Linked")})
        with bpy.data.libraries.load(library, link=True) as (_, into):
            into.meshes = ["Linked"]
        linked = next(mesh for mesh in bpy.data.meshes if mesh.library)
        for options in ({"transform": "WORLD"}, {"ragged": "pad"}):
            objects = alike()
            known(objects, *CO, **options)
            objects[2].data = linked
            before = [list(v.co) for v in objects[0].data.vertices]
            got, native = read(objects, *CO, **options)
            assert native
            with Slicer(objects, **options)[CO] as vw:
                same(vw.memcache.tolist(), got)
                np.asarray(vw.memcache)[...] += 1
                denied("ReadOnlyError", vw.update)
            same([list(v.co) for v in objects[0].data.vertices], before)


def test_evaluated():
    """No trail is for them; their matrices and values are those of the evaluation."""
    objects = alike()
    objects[0].modifiers.new("Moved", "DISPLACE").strength = 0.5
    graph = bpy.context.evaluated_depsgraph_get()
    graph.update()
    evaluated = [ob.evaluated_get(graph) for ob in objects]
    wanted = expected(evaluated, CO[1:])
    for _ in range(3):
        same(read([ob.evaluated_get(graph) for ob in objects], *CO, transform="WORLD")[0], wanted)


def test_broken_corners():
    """Normals beside positions: Blender would follow what leads nowhere, so it is not asked."""
    from rnaslicer import Slicer
    objects, items = alike(), (EVERY, "data", "vertices", EVERY, ("co", "normal"))
    for options in ({}, {"transform": "WORLD"}):
        known(objects, *items, **options)
        loop = objects[2].data.loops[5]
        with Slicer(objects, **options)[items] as vw:
            own, loop.vertex_index = loop.vertex_index, 1 << 20
            denied("ContextError", vw.refresh, objects[2].data.name)
            denied("ContextError", Slicer(objects, **options)[items].read, objects[2].data.name)
            loop.vertex_index = own
            natively("refresh", vw.refresh)


def test_undo():
    from rnaslicer import Slicer
    for options in ({"transform": "WORLD"}, {"ragged": "pad"}):
        objects = alike()
        names = [ob.name for ob in objects]
        bpy.ops.ed.undo_push(message="made")
        known(objects, *CO, **options)
        with Slicer(objects, **options)[CO] as vw:
            objects[0].data.vertices[0].co.x += 1
            bpy.ops.ed.undo_push(message="moved")
            bpy.ops.ed.undo()
            vw.refresh()
            now = [bpy.data.objects[name] for name in names]
            matrices = None if "transform" in options else [None] * len(now)
            same(vw.memcache.tolist(), expected(now, CO[1:], matrices))


def test_random_regions():
    """Random parts of padded and world-space caches, written by trail, against the routes."""
    from rnaslicer import Slicer, _core
    rng = random.Random(12)
    for options in ({"ragged": "pad", "width": 23}, {"ragged": "pad", "transform": "WORLD"}):
        for _ in range(8):
            found, seed = [], rng.random()
            for native in (True, False):
                own, objects = random.Random(seed), scene()
                with Slicer(objects, **options)[CO] as vw:
                    shape = vw.memcache.shape
                    fill_memcache(vw.memcache, random_values(own, "f", vw.memcache.nbytes // 4, -5, 5))
                    region = tuple(slice(*sorted(own.sample(range(extent + 1), 2)), own.choice((1, 1, 2, 3)))
                                   for extent in shape[:2])
                    if not native:
                        _core.forget_trails()
                    vw.update(vw.memcache[region])
                found.append([[list(v.co) for v in ob.data.vertices] for ob in objects])
            same(*found, f"{options} {region}")
