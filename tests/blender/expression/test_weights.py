# tests/blender/expression/test_weights.py: vertex weights in bulk against bpy's own, one by one
import contextlib
import random

import bpy

from support import EVERY, VERSION, check_oracle, fill_memcache, refused, same, seed

SHARES = VERSION >= (4, 0)
WEIGHTS = (EVERY, "groups", EVERY, "weight")


def weighted(rng, count=60, groups=4, name="Mesh"):
    """An object whose mesh has vertices in none to all groups."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(rng.random(), rng.random(), i) for i in range(count)], [], [])
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    for g in range(groups):
        group = ob.vertex_groups.new(name=f"Group{g}")
        for i in range(count):
            if rng.random() < 0.4:
                group.add([i], rng.random(), "REPLACE")
    if count > 2 and groups > 1:
        ob.vertex_groups[0].add([count // 2], 0.5, "REPLACE")
        ob.vertex_groups[1].remove([count // 2])
    return ob


def by_loop(elements, name="weight"):
    return [getattr(g, name) for element in elements for g in element.groups]


def offsets_by_loop(elements):
    found = [0]
    for element in elements:
        found.append(found[-1] + len(element.groups))
    return found


def assign_by_loop(elements, values):
    values = iter(values)
    for element in elements:
        for g in element.groups:
            g.weight = next(values)


def entered(supplier, subscript=WEIGHTS, **options):
    from rnaslicer import Slicer
    return Slicer(supplier, ragged="flat", **options)[subscript]


def is_direct(vw):
    return [kernel.route for kernel in vw.kernels] == ["direct"] and "loop pointers" in vw.kernel.plan


def test_reading():
    rng = random.Random(seed())
    mesh = weighted(rng).data
    for subscript in (WEIGHTS, (EVERY, "groups", EVERY, "group"), (EVERY, "groups", "weight"), ("groups", "weight"),
                      (EVERY, "groups", EVERY, ("group", "weight")), (slice(5, 40, 3), "groups", EVERY, "weight"),
                      (slice(None, None, -1), "groups", EVERY, "weight"), (slice(50, 3, -4), "groups", EVERY, "group"),
                      ([7, 3, 3, -1, 0], "groups", EVERY, "weight"), ([i % 3 == 0 for i in range(60)], "groups", ..., "weight"),
                      (..., "groups", EVERY, "weight"), (slice(8, 9), "groups", "weight")):
        expected, route = check_oracle(mesh.vertices, subscript, ragged="flat")
        assert route == "direct", subscript
    for dtype in "dieB?":
        check_oracle(mesh.vertices, WEIGHTS, ragged="flat", dtype=dtype)
    picked = list(mesh.vertices)[50:3:-4]
    with entered(mesh.vertices, (slice(50, 3, -4), "groups", EVERY, "weight")) as vw:
        same(vw.memcache.tolist(), by_loop(picked))
        assert vw.offsets.tolist() == offsets_by_loop(picked) and vw.offsets.format == "q"
        assert is_direct(vw)
    with entered(mesh, ("vertices", EVERY, "groups", EVERY, "weight")) as vw:
        same(vw.memcache.tolist(), by_loop(mesh.vertices))
        assert vw.offsets.tolist() == offsets_by_loop(mesh.vertices) and is_direct(vw)
    with entered(mesh.vertices, (EVERY, "groups", EVERY, ("group", "weight"))) as vw:
        assert vw.shape == (len(by_loop(mesh.vertices)), 2) and vw.format == "d"


def test_what_is_not_for_bulk_still_works():
    from rnaslicer import Slicer
    mesh = weighted(random.Random(seed()), 30).data
    for subscript in ((EVERY, "groups", slice(0, 1), "weight"), (EVERY, "groups", slice(None, None, -1), "weight"),
                      (9, "groups", EVERY, "weight")):
        check_oracle(mesh.vertices, subscript, ragged="flat")
    with refused("ExpressionError", "weigth", "'weight'"):
        with entered(mesh.vertices, (EVERY, "groups", EVERY, "weigth")):
            pass
    with entered(mesh.vertices, (slice(0, 0), "groups", EVERY, "weight")) as vw:
        assert vw.shape == (0,) and vw.offsets.tolist() == [0]
    with Slicer(mesh.vertices)[0:0, "groups", :, "weight"] as vw:
        assert vw.shape == (0, 0)


def test_equal_lengths_make_an_axis():
    from rnaslicer import Slicer
    rng = random.Random(seed())
    ob = weighted(rng, 20, 0)
    mesh = ob.data
    with Slicer(mesh.vertices)[WEIGHTS] as vw:
        assert vw.shape == (20, 0) and vw.offsets is None
    for g in range(3):
        group = ob.vertex_groups.new(name=f"Group{g}")
        for i in range(20):
            group.add([i], rng.random(), "REPLACE")
    for rows in (EVERY, slice(15, 2, -3)):
        with Slicer(mesh.vertices)[rows, "groups", EVERY, "weight"] as vw:
            assert is_direct(vw) and vw.offsets is None
            same(vw.memcache.tolist(), [[g.weight for g in v.groups] for v in list(mesh.vertices)[rows]])
            fill_memcache(vw.memcache, [rng.random() for _ in range(len(vw.memcache) * 3)])
            wanted = vw.memcache.tolist()
            vw.update()
            same([[g.weight for g in v.groups] for v in list(mesh.vertices)[rows]], wanted)
            before = by_loop(mesh.vertices)
            vw.memcache[1, 2] = 0.125
            vw.memcache[3, 1] = 0.75
            vw.update(vw.memcache[1:2, 1:])
            changed = list(mesh.vertices)[rows][1].groups[2]
            assert changed.weight == 0.125
            assert sum(a != b for a, b in zip(before, by_loop(mesh.vertices))) == 1
    with Slicer(mesh.vertices)[:, "groups", :, ("group", "weight")] as vw:
        assert vw.shape == (20, 3, 2)
        same(vw.memcache.tolist(), [[[float(g.group), g.weight] for g in v.groups] for v in mesh.vertices])
    ob.vertex_groups[1].remove([7])
    for k in (0, 1):  # one of each: no axis
        for options in ({}, {"ragged": "flat"}):
            with Slicer(mesh.vertices, **options)[::-2, "groups", k, "weight"] as vw:
                assert is_direct(vw) and vw.offsets is None and vw.shape == (10,)
                same(vw.memcache.tolist(), [v.groups[k].weight for v in list(mesh.vertices)[::-2]])
                before, picked = by_loop(mesh.vertices), [rng.random() for _ in range(10)]
                fill_memcache(vw.memcache, picked)
                wanted = vw.memcache.tolist()
                vw.update(vw.memcache[3:])
                same([v.groups[k].weight for v in list(mesh.vertices)[::-2]][3:], wanted[3:])
                assert sum(a != b for a, b in zip(before, by_loop(mesh.vertices))) == 7
                ob.vertex_groups[0].remove([3])
                with refused("ShapeChangedError", "vertices[3].groups had 3", "has 2"):
                    vw.refresh()
                ob.vertex_groups[0].add([3], 0.5, "REPLACE")
    for k in (2, -1):
        with refused("ExpressionError", "vertices[7]") if k == 2 else contextlib.nullcontext():
            with Slicer(mesh.vertices)[:, "groups", k, "weight"] as vw:
                same(vw.memcache.tolist(), [v.groups[k].weight for v in mesh.vertices])
    with refused("ExpressionError", "the lengths differ", "vertices[7] has 2", "ragged='flat'"):
        with Slicer(mesh.vertices)[WEIGHTS]:
            pass


def test_no_assignments():
    ob = weighted(random.Random(seed()), 25, 0)
    mesh = ob.data
    group = None
    for _ in range(2):  # without a layer, then with one that is empty
        with entered(mesh.vertices) as vw:
            assert vw.shape == (0,) and vw.offsets.tolist() == [0] * 26
            vw.refresh()
            vw.update()
        group = group or ob.vertex_groups.new(name="Group")
        group.add([3], 1.0, "REPLACE")
        with entered(mesh.vertices) as vw:
            assert vw.shape == (1,) and vw.memcache.tolist() == [1.0]
            ob.vertex_groups["Group"].remove([3])
            with refused("ShapeChangedError", "vertices[3]"):
                vw.refresh()
    with entered(mesh.vertices) as vw:
        ob.vertex_groups["Group"].add([24], 1.0, "REPLACE")
        with refused("ShapeChangedError", "vertices[24].groups had 0", "has 1"):
            vw.refresh()
        ob.vertex_groups.clear()
        vw.refresh()


def test_one_vertex():
    ob = weighted(random.Random(seed()), 1, 0)
    ob.vertex_groups.new(name="Group").add([0], 0.25, "REPLACE")
    with entered(ob.data.vertices) as vw:
        assert vw.memcache.tolist() == [0.25] and vw.offsets.tolist() == [0, 1]
        vw.memcache[0] = 0.5
        vw.update()
    assert ob.data.vertices[0].groups[0].weight == 0.5


def test_the_place_is_found_by_its_data():
    """Nothing learnt before, other layers beside it, and the first assignment far from the ends."""
    from rnaslicer.layout import deform
    ob = weighted(random.Random(seed()), 500, 0)
    mesh = ob.data
    for i in range(5):
        mesh.attributes.new(f"Attribute{i}", ("FLOAT", "INT", "FLOAT_VECTOR", "BOOLEAN", "BYTE_COLOR")[i], "POINT")
    deform.forget()
    with entered(mesh.vertices) as vw:
        assert vw.shape == (0,)
    ob.vertex_groups.new(name="Group").add([123], 0.5, "REPLACE")
    for i in range(3):  # the layer changes places
        with entered(mesh.vertices) as vw:
            assert vw.offsets.tolist() == [0] * 124 + [1] * 377 and vw.memcache.tolist() == [0.5]
            assert is_direct(vw)
        mesh.attributes.remove(mesh.attributes[f"Attribute{i}"])


def test_unknown_builds_take_bpys_way():
    from rnaslicer.layout import deform
    mesh = weighted(random.Random(seed()), 12).data
    known = deform.build
    try:
        for unknown in (None, known()._replace(count_at=12), known()._replace(stride=24),
                        known()._replace(size=16), known()._replace(offsets={"group": 4, "weight": 0})):
            deform.build = lambda form=unknown: form
            deform.forget()
            with entered(mesh.vertices) as vw:
                same(vw.memcache.tolist(), by_loop(mesh.vertices))
                assert len(vw.kernels) > 1
    finally:
        deform.build = known
        deform.forget()
