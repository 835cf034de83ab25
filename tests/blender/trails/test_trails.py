# tests/blender/trails/test_trails.py: what native code gives and writes along a trail is what bpy does
"""Each test follows a trail until native code does it; bpy says what is right."""
import random

import bpy
import numpy as np

from support import EVERY, fill_memcache, plain, random_keyframes, random_mesh, random_values, refused, same, seed
from trail_ways import counts, known, natively, read, values


# ---- what native code gives and writes

def test_what_native_code_does_is_what_bpy_does():
    from rnaslicer import Slicer
    rng = random.Random(seed())
    mesh = random_mesh(rng)
    _, curve = random_keyframes(rng)
    cases = [(lambda: mesh.vertices, "co"), (lambda: mesh.vertices, "select"), (lambda: mesh.edges, "use_seam"),
             (lambda: mesh.polygons, "material_index"), (lambda: mesh.uv_layers["UV"].data, "uv"),
             (lambda: mesh.vertex_colors["Col"].data, "color"), (lambda: mesh.attributes["INT_EDGE"].data, "value"),
             (lambda: mesh.attributes["FLOAT_VECTOR_FACE"].data, "vector"), (lambda: curve.keyframe_points, "co")]
    for give, name in cases:
        known(give(), EVERY, name)
        for rows in (EVERY, slice(None, None, -1), slice(3, 17, 4), slice(-9, None)):
            read(give(), rows, name)
            got, native = read(give(), rows, name)
            assert native, (name, rows)
            expected = [getattr(one, name) for one in list(give())[rows]]
            same(got, [list(one) if hasattr(one, "__len__") else one for one in expected], f"{name} {rows}")
        with Slicer(give())[:, name] as vw:
            vw.update()
            if name in ("color", "select", "use_seam"):
                fill_memcache(vw.memcache, [0 if vw.format == "f" else False] * np.asarray(vw.memcache).size)
            else:
                fill_memcache(vw.memcache, random_values(rng, vw.format, np.asarray(vw.memcache).size, 0, 3))
            natively("update", vw.update)
            held = vw.memcache.tolist()
            same([list(one) if hasattr(one, "__len__") else one for one in (getattr(e, name) for e in give())], held, name)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), held, name)


def test_trail_of_one_serves_others():
    first, second = random_mesh(random.Random(1)), random_mesh(random.Random(2), 3, 5, "Other")
    known(first.vertices, EVERY, "co")
    known(second.vertices, EVERY, "co")  # captures it
    got, native = read(second.vertices, EVERY, "co")
    assert native
    same(got, [list(v.co) for v in second.vertices])
    curves = [random_keyframes(random.Random(i), 5 + i)[1] for i in range(3)]
    for curve in curves:
        known(curve.keyframe_points, EVERY, "co")
    for curve in curves:
        got, native = read(curve.keyframe_points, EVERY, "co")
        assert native
        same(got, [list(k.co) for k in curve.keyframe_points])


def test_each_f_curve_of_an_action():
    action, curve = random_keyframes(random.Random(3))
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    made = [curves.new(f'["n{i}"]', index=i % 2) for i in range(6)]
    for i, one in enumerate(made):
        one.keyframe_points.add(4)
        for k, point in enumerate(one.keyframe_points):
            point.co = k, i
    known(curve.keyframe_points, EVERY, "co")
    for i, one in enumerate(made):
        read(one.keyframe_points, EVERY, "co")
        got, native = read(one.keyframe_points, EVERY, "co")
        assert native
        same(got, [[float(k), float(i)] for k in range(4)])
    curves.remove(made[0])
    for one in made[1:]:
        got, native = read(one.keyframe_points, EVERY, "co")
        assert native and got[0][1] == made.index(one)


# ---- regions of nested views

def test_regions_of_many():
    from rnaslicer import Slicer
    scene = bpy.context.scene
    for i in range(5):
        mesh = bpy.data.meshes.new(f"M{i}")
        mesh.vertices.add(7)
        scene.collection.objects.link(bpy.data.objects.new(f"O{i}", mesh))
    objects, expression = [ob for ob in scene.objects if ob.type == "MESH"], (EVERY, "data", "vertices", EVERY, "co")
    part = (slice(1, 5, 2), slice(2, 6), slice(0, 2))
    for supplier in (objects,):
        known(supplier, *expression)
        with Slicer(supplier)[expression] as vw:
            vw.update()
            cache, want = np.asarray(vw.memcache), np.zeros((5, 7, 3), "f")
            for ob in objects:
                for vertex in ob.data.vertices:
                    vertex.co = 0, 0, 0
            cache[...] = np.arange(cache.size).reshape(cache.shape)
            want[part] = cache[part]
            natively("update", lambda: vw.update(vw.memcache[part]))
            same([[list(v.co) for v in ob.data.vertices] for ob in objects], want.tolist())
            cache[...] = -1
            natively("refresh", lambda: vw.refresh(vw.memcache[part]))
            expected = np.full_like(want, -1)
            expected[part] = want[part]
            same(cache.tolist(), expected.tolist())


def test_regions_of_ragged():
    from rnaslicer import Slicer
    lengths, objects = (3, 2, 8, 2, 4), []
    for i, length in enumerate(lengths):
        mesh = bpy.data.meshes.new(f"R{i}")
        mesh.vertices.add(length)
        objects.append(bpy.data.objects.new(f"R{i}", mesh))
    expression = EVERY, "data", "vertices", EVERY, "co"
    known(objects, *expression, ragged="flat")
    with Slicer(objects, ragged="flat")[expression] as vw:
        assert vw.offsets.tolist() == [0, 3, 5, 13, 15, 19]
        vw.update()
        cache = np.asarray(vw.memcache)
        for part in (slice(2, 15, 3), slice(4, 5), slice(0, 19, 2), slice(13, 19)):
            for ob in objects:
                for vertex in ob.data.vertices:
                    vertex.co = 0, 0, 0
            cache[...] = np.arange(1, cache.size + 1).reshape(cache.shape)
            want = np.zeros_like(cache)
            want[part, 1:] = cache[part, 1:]
            natively("update", lambda part=part: vw.update(vw.memcache[part, 1:]))
            same([list(v.co) for ob in objects for v in ob.data.vertices], want.tolist(), part)
            cache[...] = -1
            natively("refresh", lambda part=part: vw.refresh(vw.memcache[part, 1:]))
            expected = np.full_like(cache, -1)
            expected[part, 1:] = want[part, 1:]
            same(cache.tolist(), expected.tolist(), part)


# ---- who must not be written

def test_a_copy_keeps_its_values():
    """Arrays that copies share (4.3, 5.2) are un-shared for each of many, not only for the first."""
    from rnaslicer import Slicer
    for elements, name in (("vertices", "co"), ("vertices", "select"), ("edges", "use_seam"), ("edges", "vertices"),
                           ("polygons", "material_index"), ("loops", "vertex_index")):
        objects = []
        for i in range(4):
            mesh = random_mesh(random.Random(i), 4, 3, f"Copied{i}", layers=False)
            for vertex in mesh.vertices:
                vertex.select = True
            objects.append(bpy.data.objects.new(mesh.name, mesh))
        expression = EVERY, "data", elements, EVERY, name
        known(objects, *expression)
        with Slicer(objects)[expression] as vw:
            vw.update()
            copies = [ob.data.copy() for ob in objects]
            held = [values(getattr(copy, elements), name) for copy in copies]
            flags = np.asarray(vw.memcache)
            if name == "co":
                flags += 1
            elif flags.dtype == bool:
                flags[...] = ~flags
            else:
                flags[...] = np.flip(flags, axis=1)
            natively("update", vw.update)
            assert [values(getattr(copy, elements), name) for copy in copies] == held, name
            now = [values(getattr(ob.data, elements), name) for ob in objects]
            assert now == plain(vw.memcache.tolist()) and all(a != b for a, b in zip(now, held)), name


def test_one_of_many_may_not_be_written():
    from rnaslicer import Slicer
    objects = []
    for i in range(3):
        mesh = bpy.data.meshes.new(f"W{i}")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        objects.append(bpy.data.objects.new(f"W{i}", mesh))
        bpy.context.scene.collection.objects.link(objects[-1])
    expression = EVERY, "data", "vertices", EVERY, "co"
    known(objects, *expression)
    with Slicer(objects)[expression] as vw:
        vw.update()
        natively("update", vw.update)
        before = [values(ob.data.vertices, "co") for ob in objects]
        np.asarray(vw.memcache)[...] += 1
        bpy.context.view_layer.objects.active = objects[2]
        bpy.ops.object.mode_set(mode="EDIT")
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        assert [values(ob.data.vertices, "co") for ob in objects] == before
        natively("update", vw.update)


def test_active_objects_are_asked_for_their_mode():
    """In memory where their view layers are in order, by bpy where they wait to be made anew."""
    from rnaslicer import Slicer
    from rnaslicer.transfer.writing.sculpting import mode_places
    mesh, scene = random_mesh(random.Random(11), layers=False), bpy.context.scene  # with layers the toggle crashes 4.3
    ob = bpy.data.objects.new("Sculpted", mesh)
    scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    assert len(mode_places()) == 10 and mode_places()[-2] > 0  # confirmed in every Blender that is tested
    known(mesh.vertices, EVERY, "co")
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.update()
        natively("update", vw.update)
        other = bpy.data.objects.new("Other", None)
        scene.collection.objects.link(other)
        natively("update", vw.update)
        second = bpy.data.scenes.new("Second")
        natively("update", vw.update)
        bpy.data.objects.remove(other)
        natively("update", vw.update)
        bpy.data.scenes.remove(second)
        natively("update", vw.update)
        bpy.ops.object.mode_set(mode="SCULPT")
        before = counts()["update"]
        vw.update()  # by the routes, which ask whether its topology is dynamic
        assert counts()["update"] == (before[0], before[1] + 1)
        bpy.ops.sculpt.dynamic_topology_toggle()
        if ob.use_dynamic_topology_sculpting:
            with refused("ReadOnlyError", "dynamic topology"):
                vw.update()
            bpy.ops.sculpt.dynamic_topology_toggle()
        bpy.ops.object.mode_set(mode="OBJECT")
    with Slicer(mesh.vertices)[:, "co"] as vw:
        natively("update", vw.update)


def test_numbers_that_lead_nowhere():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(4))
    with Slicer(mesh.loops)[:, "vertex_index"] as vw:
        vw.update()
        natively("update", vw.update)
        held = vw.memcache[7]
        vw.memcache[7] = len(mesh.vertices)
        with refused("ValueRangeError"):
            vw.update()
        assert mesh.loops[7].vertex_index == held
    with Slicer(mesh.polygons)[:, "material_index"] as vw:
        vw.update()
        natively("update", vw.update)
        vw.memcache[3] = 40000  # more than an old short
        vw.update()
        after = mesh.polygons[3].material_index
        mesh.polygons[3].material_index = 40000
        assert after == mesh.polygons[3].material_index


def test_numbers_of_a_region_that_lead_nowhere():
    """Only those that are written are asked where they lead."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(9))
    with Slicer(mesh.edges)[:, "vertices"] as vw:
        vw.update()
        now = np.asarray(vw.memcache)
        held = now.copy()
        for rows, axes in ((slice(1, None, 3), slice(None)), (slice(None, None, -2), slice(1, 2)), (slice(4, 9), 0)):
            part = vw.memcache[rows, axes]
            natively("update", lambda part=part: vw.update(part))
            now[...] = len(mesh.vertices) + 5
            now[rows, axes] = held[rows, axes]
            natively("update", lambda part=part: vw.update(part))
            same([list(one.vertices) for one in mesh.edges], held.tolist())
            now[...] = held
            part[-1:] = -1 if part.ndim == 1 else [[-1] * part.shape[1]]
            with refused("ValueRangeError", "-1"):
                vw.update(part)
            same([list(one.vertices) for one in mesh.edges], held.tolist())
            now[...] = held
    with Slicer(mesh.polygons)[:, "material_index"] as vw:
        vw.update()
        np.asarray(vw.memcache)[1::2] = 5
        natively("update", lambda: vw.update(vw.memcache[1::4]))
        same([one.material_index for one in mesh.polygons][1::4], [5] * len(range(1, len(mesh.polygons), 4)))
        assert mesh.polygons[3].material_index != 5
        vw.memcache[3] = 40000
        vw.update(vw.memcache[1::4])
        natively("update", lambda: vw.update(vw.memcache[1::4]))
        assert mesh.polygons[3].material_index < 32768


def test_a_half_built_mesh():
    """A trail of whole meshes meets one whose corners lead nowhere yet: nothing is derived from it."""
    from rnaslicer import Slicer
    whole = random_mesh(random.Random(5))
    known(whole.vertices, EVERY, "co")
    with Slicer(whole.vertices)[:, "co"] as vw:
        vw.update()
        natively("update", vw.update)
    mesh = bpy.data.meshes.new("Built")
    mesh.vertices.add(4)  # in no scene: evaluating it would be Blender's end, without us
    mesh.loops.add(4)
    mesh.polygons.add(1)
    with Slicer(mesh.vertices)[:, "co"] as vw:
        np.asarray(vw.memcache)[...] = np.arange(12).reshape(4, 3)
        vw.update()
        vw.update()
    assert list(mesh.vertices[3].co) == [9, 10, 11]


def test_a_region_that_leaves_out_what_is_edited():
    """The routes check every datablock of the wrapper, and so does native code."""
    from rnaslicer import Slicer
    objects = []
    for name in ("One", "Two"):
        ob = bpy.data.objects.new(name, random_mesh(random.Random(8), layers=False))
        bpy.context.scene.collection.objects.link(ob)
        objects.append(ob)
    with Slicer(objects)[:, "data", "polygons", :, "material_index"] as vw:
        vw.update(vw.memcache[:1])
        bpy.context.view_layer.objects.active = objects[1]
        bpy.ops.object.mode_set(mode="EDIT")
        for view in (vw.memcache[:1], vw.memcache[1:], None):
            with refused("ReadOnlyError", "edit mode"):
                vw.update(view)
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.update(vw.memcache[:1])
