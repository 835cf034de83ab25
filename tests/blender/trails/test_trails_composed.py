# tests/blender/trails/test_trails_composed.py: trails with more than a copy give and write what the routes do
"""The plain specification says what is right; native code must have done it, and decline where something is not as it
was."""
import random

import bpy
import numpy as np

from support import EVERY, fill_memcache, random_mesh, refused, same, spec
from trail_ways import counts, known, natively, read, values


def sheared(rng):
    rows = [[rng.uniform(-2, 2) + (3 if i == j else 0) for j in range(3)] + [rng.uniform(-9, 9)] for i in range(3)]
    rows[0] = [-x for x in rows[0]]
    return rows


def denied(error, function, *fragments):
    with refused(error, *fragments):
        function()


def world(ob):
    return [list(row) for row in ob.matrix_world]


def scene_with(mesh):
    ob = bpy.data.objects.new("Of " + mesh.name, mesh)
    ob.matrix_basis = [*sheared(random.Random(3)), (0, 0, 0, 1)]
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return ob


# ---- what native code gives and writes

def test_matrices():
    rng = random.Random(1)
    first, second = random_mesh(rng), random_mesh(rng, 5, 7, "Second")
    for prop in ("co", "normal") if hasattr(bpy.types.Mesh, "vertex_normals") else ("co",):
        for rest in ((), (EVERY,), ("zx",), ("y",), (("xyz", "zzx"),)):
            items = (EVERY, prop, *rest)
            try:
                known(first.vertices, *items, transform=sheared(rng))
            except AssertionError:  # normals are computed: no trail
                assert prop == "normal"
                continue
            for mesh in (second, first):
                matrix = sheared(rng)
                read(mesh.vertices, *items, transform=matrix)
                got, native = read(mesh.vertices, *items, transform=matrix)
                assert native, items
                same(got, spec.evaluate(mesh.vertices, items, transform=matrix).tolist(), str(items))
            each = [sheared(rng) for _ in second.vertices]
            if rest != ("y",):
                known(second.vertices, *items, transform=each)
                got, native = read(second.vertices, *items, transform=each)
                assert native, items
                same(got, spec.evaluate(second.vertices, items, transform=each).tolist(), str(items))


def test_rows():
    rng = random.Random(2)
    mesh, matrix = random_mesh(rng), sheared(random.Random(4))
    for rows in (slice(None, None, -1), slice(3, 17, 4), slice(-9, None)):
        for options in ({}, {"dtype": "d"}, {"dtype": "h", "normalized": True}):
            known(mesh.vertices, rows, "co", transform=matrix, **options)
            got, native = read(mesh.vertices, rows, "co", transform=matrix, **options)
            assert native
            same(got, spec.evaluate(mesh.vertices, (rows, "co"), transform=matrix, **options).tolist(), str(rows))


def both_ways(give, items, options, change):
    """What native code writes, and what the routes write to a copy, for the whole and for regions."""
    from rnaslicer import Slicer, _core
    found = []
    for native in (True, False):
        mesh = random_mesh(random.Random(7))
        ob = scene_with(mesh)
        with Slicer(give(ob), **options)[items] as vw:
            vw.update()
            for region in (None, slice(3, 9), slice(None, None, -3)):
                fill_memcache(vw.memcache, change(np.asarray(vw.memcache)).ravel().tolist())
                if not native:
                    _core.forget_trails()
                view = None if region is None else vw.memcache[region]
                before = counts()["update"][0]
                vw.update(view)
                assert (counts()["update"][0] > before) == native, (items, region)
                vw.refresh()
        found.append(values(mesh.vertices, "co") + values(mesh.vertex_colors["Col"].data, "color"))
    same(*found, str(items))


def test_writing():
    matrix = sheared(random.Random(5))
    for rows in (EVERY, slice(2, None, 2)):
        both_ways(lambda ob: ob.data.vertices, (rows, "co"), {"transform": matrix}, lambda a: a + 1)
        both_ways(lambda ob: ob.data.vertices, (rows, "co", "zyx"), {"transform": matrix}, lambda a: a * 2)
    both_ways(lambda ob: ob, ("data", "vertices", EVERY, "co"), {"transform": "WORLD"}, lambda a: a - 3)
    both_ways(lambda ob: ob, ("data", "vertices", EVERY, "co"), {}, lambda a: a * 3)
    both_ways(lambda ob: ob.data, ("vertices", EVERY, "co", "y"), {}, lambda a: a * 3)
    both_ways(lambda ob: ob.data.vertex_colors["Col"].data, (EVERY, "color"), {"dtype": "B", "normalized": True},
              lambda a: 255 - a)


def test_components_are_for_the_routes():
    """What a vector lacks comes from what it is: native code declines, and the values are right all the same."""
    from rnaslicer import Slicer
    mesh, matrix = random_mesh(random.Random(8)), sheared(random.Random(9))
    with Slicer(mesh.vertices, transform=matrix)[:, "co", "xz"] as vw:
        vw.update()
        fill_memcache(vw.memcache, [1.0] * (2 * len(mesh.vertices)))
        done = counts()["update"][0]
        vw.update()
        assert counts()["update"][0] == done
        vw.refresh()
        assert np.allclose(np.asarray(vw.memcache), 1, atol=1e-4)


def test_all_bytes_of_colors():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(10))
    colors = mesh.vertex_colors["Col"].data
    with Slicer(colors, dtype="B", normalized=True)[:, "color"] as vw:
        vw.update()
        for start in range(0, 256, 16):
            wanted = [(start + i) % 256 for i in range(4 * len(colors))]
            fill_memcache(vw.memcache, wanted)
            natively("update", vw.update)
            natively("refresh", vw.refresh)
            same(np.asarray(vw.memcache).ravel().tolist(), wanted)


def test_one_shots():
    from rnaslicer import Slicer
    mesh, matrix = random_mesh(random.Random(11)), sheared(random.Random(12))
    known(mesh.vertices, EVERY, "co", transform=matrix)
    out = np.zeros((len(mesh.vertices), 3), "f")
    expected = spec.evaluate(mesh.vertices, (EVERY, "co"), transform=matrix)
    natively("enter", lambda: Slicer(mesh.vertices, transform=matrix)[:, "co"].read(out))
    same(out.tolist(), expected.tolist())
    before = values(mesh.vertices, "co")
    Slicer(mesh.vertices, transform=matrix)[:, "co"].write(out + 1)
    after = Slicer(mesh.vertices, transform=matrix)[:, "co"].read()
    assert np.allclose(np.asarray(after), out + 1, atol=1e-4) and values(mesh.vertices, "co") != before
    denied("RegionError", lambda: Slicer(mesh.vertices, transform=matrix)[:, "co"].read(np.zeros((3, 3), "f")))


# ---- what is not as it was

def test_world_moves_and_is_singular():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(13))
    ob = scene_with(mesh)
    items = "data", "vertices", EVERY, "co"
    known(ob, *items, transform="WORLD")
    with Slicer(ob, transform="WORLD")[items] as vw:
        ob.location = 5, 6, 7
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), spec.evaluate(ob, items, transform=world(ob)).tolist())
        held = vw.memcache.tolist()
        ob.scale = 0, 1, 1
        bpy.context.view_layer.update()
        denied("ValueRangeError", vw.refresh, "singular")
        denied("ValueRangeError", vw.update)
        same(vw.memcache.tolist(), held)
        ob.scale = 2, 1, 1
        bpy.context.view_layer.update()
        other = random_mesh(random.Random(14), name="Other")
        ob.data = other
        if len(other.vertices) == len(held):
            vw.refresh()
            same(vw.memcache.tolist(), spec.evaluate(ob, items, transform=world(ob)).tolist())
        ob.data = random_mesh(random.Random(15), 3, 3, "Small")
        denied("ShapeChangedError", vw.refresh)
        denied("ShapeChangedError", vw.update)
    bpy.data.objects.remove(ob)
    denied("SupplierLostError", vw.__enter__)


def test_pointers_lead_elsewhere():
    """A known way from an object to its vertices is not taken where its data is a curve, or linked."""
    from rnaslicer import Slicer
    ob = scene_with(random_mesh(random.Random(16)))
    known(ob, "data", "vertices", EVERY, "co")
    curve = bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
    denied("ExpressionError", lambda: read(curve, "data", "vertices", EVERY, "co"), "vertices")
    empty = bpy.data.objects.new("Empty", None)
    denied("ExpressionError", lambda: read(empty, "data", "vertices", EVERY, "co"))
    with Slicer(ob)["data", "vertices", :, "co"] as vw:
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        denied("ReadOnlyError", vw.update)
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.update()


def test_number_of_matrices():
    mesh = random_mesh(random.Random(17))
    each = [sheared(random.Random(i)) for i in range(len(mesh.vertices))]
    known(mesh.vertices, EVERY, "co", transform=each)
    for few in (each[1:], each[:1]):
        denied("ExpressionError", lambda few=few: read(mesh.vertices, EVERY, "co", transform=few), "matrices")
    same(read(mesh.vertices, EVERY, "co", transform=each[:1] * len(each))[0],
         spec.evaluate(mesh.vertices, (EVERY, "co"), transform=each[0]).tolist())


def test_what_is_no_matrix():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(18))
    good = sheared(random.Random(19))
    for bad in ("world", 3, good[:2], [*good, (0, 0, 1, 1)], [row[:3] for row in good], [[float("nan")] * 4] * 3,
                [*good[:2], good[1]], [good, good[:2]], ["abcd"] * 3, [[None] * 4] * 3):
        denied("SlicerError", lambda bad=bad: Slicer(mesh.vertices, transform=bad))
    for fine in (np.array(good), np.array(good, "f"), tuple(map(tuple, good)), iter(good), [iter(row) for row in good]):
        Slicer(mesh.vertices, transform=fine)


def test_settings_are_not_mixed_up():
    """Bytes as fractions and bytes as they are, a matrix and none: each has its own trail."""
    mesh, matrix = random_mesh(random.Random(20)), sheared(random.Random(21))
    for options in ({}, {"dtype": "h"}, {"dtype": "h", "normalized": True}, {"transform": matrix},
                    {"dtype": "h", "transform": matrix}, {"dtype": "h", "normalized": True, "transform": matrix}) * 2:
        for _ in range(3):
            same(read(mesh.vertices, EVERY, "co", **options)[0],
                 spec.evaluate(mesh.vertices, (EVERY, "co"), **options).tolist(), str(options))
