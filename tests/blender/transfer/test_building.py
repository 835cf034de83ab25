# tests/blender/transfer/test_building.py: meshes and curves built step by step, every write by Slicer, as by foreach_set
import pathlib
import random
import re
import unittest

import bpy
import numpy as np

from support import EVERY, VERSION, check, refused, same

WIDE = 6
POINTS = [(float(x), float(y), 0.25 * x * y) for y in range(WIDE) for x in range(WIDE)]
QUADS = [(i, i + 1, i + WIDE + 1, i + WIDE) for i in range(WIDE * (WIDE - 1)) if i % WIDE < WIDE - 1]
EDGES = sorted({tuple(sorted((q[k], q[(k + 1) % 4]))) for q in QUADS for k in range(4)})
CORNERS = [v for quad in QUADS for v in quad]
CORNER_EDGES = [EDGES.index(tuple(sorted((q[k], q[(k + 1) % 4])))) for q in QUADS for k in range(4)]
HAS_TOTALS = VERSION < (4, 0)

# name: (collection, property, values, whether only of a mesh whose edges are given)
STEPS = {
    "co": ("vertices", "co", POINTS, False),
    "vertex": ("loops", "vertex_index", CORNERS, False),
    "start": ("polygons", "loop_start", range(0, len(CORNERS), 4), False),
    "total": ("polygons", "loop_total", [4] * len(QUADS), False),
    "smooth": ("polygons", "use_smooth", [i % 3 == 0 for i in range(len(QUADS))], False),
    "material": ("polygons", "material_index", [i % 5 for i in range(len(QUADS))], False),
    "hide": ("vertices", "hide", [i % 4 == 0 for i in range(len(POINTS))], False),
    "ends": ("edges", "vertices", EDGES, True),
    "edge": ("loops", "edge_index", CORNER_EDGES, True),
    "seam": ("edges", "use_seam", [i % 2 == 0 for i in range(len(EDGES))], True),
    "sharp": ("edges", "use_edge_sharp", [i % 3 == 0 for i in range(len(EDGES))], True),
    "weight": ("attributes", "W", [i / 8 for i in range(len(QUADS))], False),
}
if not HAS_TOTALS:
    del STEPS["total"]
    STEPS["corner_vert"] = ("attributes", ".corner_vert", CORNERS, False)
    STEPS["sharp_face"] = ("attributes", "sharp_face", [i % 3 != 0 for i in range(len(QUADS))], False)


def begun(rng, with_edges, name):
    """The elements, with nothing set."""
    mesh = bpy.data.meshes.new(name)
    adds = [("vertices", POINTS), ("loops", CORNERS), ("polygons", QUADS)] + [("edges", EDGES)] * with_edges
    rng.shuffle(adds)
    for collection, elements in adds:
        getattr(mesh, collection).add(len(elements))
    mesh.attributes.new("W", "FLOAT", "FACE")
    if not HAS_TOTALS:
        mesh.attributes.new("sharp_face", "BOOLEAN", "FACE")
    return mesh


def target(mesh, collection, name):
    return (mesh.attributes[name].data, "value") if collection == "attributes" else (getattr(mesh, collection), name)


def by_foreach(mesh, collection, name, values):
    supplier, name = target(mesh, collection, name)
    supplier.foreach_set(name, np.asarray(values).ravel())


def by_slicer(mesh, collection, name, values):
    from rnaslicer import Slicer
    supplier, name = target(mesh, collection, name)
    with Slicer(supplier)[EVERY, name] as vw:
        np.asarray(vw.memcache)[...] = np.asarray(values)
        vw.update()


def by_halves(mesh, collection, name, values):
    """In two regions, the second first."""
    from rnaslicer import Slicer
    supplier, name = target(mesh, collection, name)
    with Slicer(supplier)[EVERY, name] as vw:
        half = len(values) // 2
        np.asarray(vw.memcache)[...] = np.asarray(values)
        vw.update(vw.memcache[half:])
        vw.update(vw.memcache[:half])


def everything(mesh):
    found = {}
    for collection, names in (("vertices", "co normal hide select"), ("edges", "vertices use_seam use_edge_sharp"),
                              ("loops", "vertex_index edge_index normal"),
                              ("polygons", "loop_start loop_total use_smooth material_index normal area center")):
        for name in names.split():
            found[collection, name] = [list(v) if hasattr(v, "__len__") else v
                                       for v in (getattr(e, name) for e in getattr(mesh, collection))]
    for attribute in mesh.attributes:
        if attribute.data_type in ("FLOAT", "INT", "BOOLEAN"):
            found[attribute.name] = [e.value for e in attribute.data]
    return found


def complete(mesh):
    mesh.update()
    changed = mesh.validate()
    if HAS_TOTALS:
        mesh.calc_normals_split()
    return changed


def test_any_order(put, with_edges):
    """The same mesh as by foreach_set in the same order, before and after Blender completes it."""
    rng = random.Random(5)
    names = [name for name in STEPS if with_edges or not STEPS[name][3]]
    orders = [names, names[::-1]] + [rng.sample(names, len(names)) for _ in range(10)]
    for order in orders:
        built = begun(random.Random(7), with_edges, "Built")
        wanted = begun(random.Random(7), with_edges, "Wanted")
        for name in order:
            put(built, *STEPS[name][:3])
            by_foreach(wanted, *STEPS[name][:3])
            assert len(built.edges) == len(wanted.edges), (order, name)
        assert complete(built) == complete(wanted), order
        a, b = everything(built), everything(wanted)
        assert list(a) == list(b), order
        for key in a:
            same(a[key], b[key], f"{key} after {order}")
        assert len(built.edges) == len(EDGES)


test_any_order.cases = {f"{put.__name__}, {'edges given' if given else 'edges computed'}": (put, given)
                        for put in (by_slicer, by_halves) for given in (True, False)}


def test_evaluated_between_the_steps():
    """The mesh belongs to an object that is evaluated after each write: no write of ours asks for an evaluation
    of what is not whole (3.4 crashes there, and survives between the steps of foreach_set)."""
    chance = random.Random(11)
    for order in [list(STEPS), list(STEPS)[::-1]] + [chance.sample(list(STEPS), len(STEPS)) for _ in range(12)]:
        mesh = bpy.data.meshes.new("Built")
        ob = bpy.data.objects.new("Built", mesh)
        bpy.context.scene.collection.objects.link(ob)
        mesh.attributes.new("W", "FLOAT", "FACE")
        if not HAS_TOTALS:
            mesh.attributes.new("sharp_face", "BOOLEAN", "FACE")
        bpy.context.view_layer.update()
        rng = random.Random(3)
        for collection, elements in (("vertices", POINTS), ("loops", CORNERS), ("polygons", QUADS), ("edges", EDGES)):
            getattr(mesh, collection).add(len(elements))
        garbage = [rng.randrange(1 << 29, 1 << 30) for _ in QUADS]
        mesh.polygons.foreach_set("loop_start", garbage)
        if HAS_TOTALS:
            mesh.polygons.foreach_set("loop_total", garbage)
        for name in order:
            by_slicer(mesh, *STEPS[name][:3])
            bpy.context.view_layer.update()
        complete(mesh)
        bpy.context.view_layer.update()
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        same([list(v.co) for v in evaluated.vertices], [list(p) for p in POINTS], str(order))
        bpy.data.objects.remove(ob)


def half_built(start=1 << 29, edges=True):
    """A mesh whose polygons begin where no corner is."""
    mesh = begun(random.Random(1), edges, "Half")
    by_foreach(mesh, "polygons", "loop_start", [start] * len(QUADS))
    if HAS_TOTALS:
        by_foreach(mesh, "polygons", "loop_total", [start] * len(QUADS))
    return mesh


def test_what_is_derived_is_refused():
    """Where Blender's own call crashes, and from what is whole it is right."""
    from rnaslicer import Slicer, SlicerError
    mesh = half_built()
    derived = [("vertices", "normal"), ("polygons", "normal"), ("polygons", "area"), ("polygons", "center"),
               ("vertex_normals", "vector"), ("polygon_normals", "vector")]
    derived += [] if HAS_TOTALS else [("loops", "normal"), ("corner_normals", "vector")]
    for collection, name in derived:
        with refused("ContextError", "Half", name):
            Slicer(getattr(mesh, collection))[EVERY, name].__enter__()
        for expression in (EVERY, (EVERY, "mistyped"), (EVERY, '["key"]')):
            with refused("SlicerError"):
                Slicer(getattr(mesh, collection))[expression].__enter__()
    for expression in ((EVERY, "vertices"), (EVERY, "vertices", EVERY), (0, "vertices")):
        for ragged in ("error", "flat", "pad"):
            with refused("SlicerError", "polygon 0"):
                Slicer(mesh.polygons, ragged=ragged)[expression].__enter__()
    for expression in ((EVERY, "vertices", EVERY), (EVERY, "vertices", EVERY, mesh.vertices, "co", EVERY)):
        with refused("SlicerError", "Half"):
            Slicer(mesh.loop_triangles)[expression].__enter__()
    with refused("SlicerError", "Half"):
        Slicer([mesh.polygons[0], mesh.polygons[1]])[EVERY, "area"].__enter__()
    for name in ("loop_total", "index", "use_smooth", "material_index", "select"):
        with Slicer(mesh.polygons)[EVERY, name] as vw:
            assert vw.shape == (len(QUADS),), name
    for name in STEPS:
        by_slicer(mesh, *STEPS[name][:3])
    for collection, name in derived:
        check(getattr(mesh, collection), (EVERY, name), [list(v) if hasattr(v, "__len__") else v for v in
                                                         (getattr(e, name) for e in getattr(mesh, collection))])
    with Slicer(mesh.vertices)[EVERY, "normal"] as vw:
        by_foreach(mesh, "polygons", "loop_start", [1 << 29] * len(QUADS))
        mesh.vertices.add(1)
        with refused("SlicerError"):
            vw.refresh()
    assert issubclass(SlicerError, Exception)


def test_scattered():
    """Through indices of a half-built mesh."""
    from rnaslicer import Slicer
    mesh = half_built()
    by_slicer(mesh, *STEPS["vertex"][:3])
    with Slicer(mesh.loops)[EVERY, "vertex_index", mesh.vertices, "co", EVERY] as vw:
        np.asarray(vw.memcache)[...] = np.array(POINTS)[CORNERS]
        vw.update()
        vw.update(vw.memcache[3:9])
    same([list(v.co) for v in mesh.vertices], [list(p) for p in POINTS], "scattered")


def test_polygons_without_edges_have_normals():
    """What needs no edges is read before Blender has made them."""
    mesh = begun(random.Random(1), False, "No edges")
    for name in STEPS:
        if not STEPS[name][3]:
            by_slicer(mesh, *STEPS[name][:3])
    check(mesh.polygons, (EVERY, "normal"), [list(p.normal) for p in mesh.polygons])
    check(mesh.polygons, (EVERY, "vertices", EVERY), [list(p.vertices) for p in mesh.polygons])
    check(mesh.vertices, (EVERY, "normal"), [list(v.normal) for v in mesh.vertices])
    assert not len(mesh.edges)


def test_whole_stays_whole():
    """A write that would leave gaps is refused by the first element that does; nothing is written."""
    from rnaslicer import Slicer
    mesh = begun(random.Random(1), True, "Whole")
    for name in STEPS:
        by_slicer(mesh, *STEPS[name][:3])
    complete(mesh)
    before = [(p.loop_start, p.loop_total) for p in mesh.polygons]
    faults = [(0, 4), (0, -1), (1, 0), (1, 8), (3, 1 << 30), (len(QUADS) - 1, len(CORNERS)), (2, -(1 << 31))]
    for dtype in ("i", "q", "d"):
        for row, value in faults:
            with Slicer(mesh.polygons, dtype=dtype)[EVERY, "loop_start"] as vw:
                vw.memcache[row] = value
                for region in (None, vw.memcache[row:row + 1]):
                    with refused("ValueRangeError", "loop_start", "nothing was written"):
                        vw.update(region)
        with Slicer(mesh.polygons, dtype=dtype)[EVERY, "loop_start"] as vw:
            vw.memcache[5] = 19  # between those of its neighbours
            if HAS_TOTALS:
                with refused("ValueRangeError", "loop_start"):
                    vw.update()
            else:
                vw.update()
                assert [p.loop_total for p in mesh.polygons][4:6] == [3, 5]
            vw.memcache[5] = 20
            vw.update()
        assert [(p.loop_start, p.loop_total) for p in mesh.polygons] == before, dtype
    with Slicer(mesh.polygons)[EVERY, "loop_total"] as vw:
        vw.memcache[3] = 5
        with refused("ValueRangeError" if HAS_TOTALS else "ReadOnlyError", "loop_total"):
            vw.update()
    assert [(p.loop_start, p.loop_total) for p in mesh.polygons] == before
    with refused("ValueRangeError", "[3]"):
        with Slicer(mesh.polygons[3])["loop_start"] as vw:
            vw.memcache[()] = 40
            vw.update()


def test_numbers_outside_are_refused_of_half_built_ones():
    from rnaslicer import Slicer
    mesh = half_built()
    for values in ([-1] * len(QUADS), [len(CORNERS)] * len(QUADS), range(len(QUADS), 0, -1)):
        with Slicer(mesh.polygons)[EVERY, "loop_start"] as vw:
            np.asarray(vw.memcache)[...] = values
            with refused("ValueRangeError", "loop_start"):
                vw.update()
    assert mesh.polygons[0].loop_start == 1 << 29


def test_built_anew_as_it_was():
    """A mesh that was whole, cleared and begun again with as many elements, is not taken for whole."""
    mesh = begun(random.Random(1), False, "Again")
    wanted = begun(random.Random(1), False, "Wanted")
    for _ in range(4):
        for put, one in ((by_slicer, mesh), (by_foreach, wanted)):
            for name in STEPS:
                if not STEPS[name][3]:
                    put(one, *STEPS[name][:3])
            complete(one)
        same(everything(mesh)["edges", "vertices"], everything(wanted)["edges", "vertices"])
        for one in (mesh, wanted):
            one.clear_geometry()
            for collection, elements in (("vertices", POINTS), ("loops", CORNERS), ("polygons", QUADS)):
                getattr(one, collection).add(len(elements))
            for name, kind in (("W", "FLOAT"), ("sharp_face", "BOOLEAN")):
                if name not in one.attributes:
                    one.attributes.new(name, kind, "FACE")
        by_foreach(mesh, "polygons", "loop_start", [1 << 29] * len(QUADS))


def test_fresh_corners_without_vertices():
    """Corners and edges that name vertex 0 where there is none."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("No vertices")
    mesh.loops.add(40)
    mesh.polygons.add(10)
    mesh.edges.add(12)
    ob = bpy.data.objects.new("No vertices", mesh)
    for name, value in (("use_smooth", True), ("material_index", 2), ("select", True), ("loop_start", range(0, 40, 4))):
        by_slicer(mesh, "polygons", name, [value] * 10 if not isinstance(value, range) else value)
    by_slicer(mesh, "edges", "use_edge_sharp", [True] * 12)
    with Slicer(mesh.loops)[EVERY, "vertex_index"] as vw:
        with refused("ValueRangeError", "vertex_index"):
            vw.update()
    assert all(p.material_index == 2 for p in mesh.polygons) and ob.data == mesh


def test_large_is_looked_at_once():
    """A mesh that is whole is not looked at again at each update."""
    from rnaslicer import Slicer
    from rnaslicer.layout import whole
    mesh = begun(random.Random(1), True, "Once")
    for name in STEPS:
        by_slicer(mesh, *STEPS[name][:3])
    looks, real = [], whole.borders_fault
    whole.borders_fault = lambda mesh: looks.append(mesh) or real(mesh)
    try:
        with Slicer(mesh.vertices)[EVERY, "co"] as vw:
            for _ in range(5):
                vw.update()
    finally:
        whole.borders_fault = real
    assert len(looks) <= 1, len(looks)


# ---- curves

def hair():
    """(what has the offsets, the name of the collection, the points' positions, how to slice from a datablock) of 10
    hair curves."""
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([5] * 10)
    return curves, "curve_offset_data", lambda: curves.attributes["position"].data, (curves, ())


def drawing():
    """The same of a Grease Pencil drawing."""
    data = bpy.data.grease_pencils if VERSION >= (5, 0) else bpy.data.grease_pencils_v3
    pencil = data.new("Pencil")
    made = pencil.layers.new("Layer").frames.new(1).drawing
    made.add_strokes([5] * 10)

    def found():
        return pencil.layers[0].frames[0].drawing
    return made, "curve_offsets", lambda: found().attributes["position"].data, (
        pencil.layers, (0, "frames", 0, "drawing"))


def test_curves(make):
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such curves")
    from rnaslicer import Slicer
    owner, name, positions, (root, way) = make()
    of_offsets = lambda: Slicer(root)[(*way, name, EVERY, "value")]
    of_positions = lambda: Slicer(root)[(*way, "attributes", ["position"], "data", EVERY, "vector")]
    offsets = getattr(owner, name)
    count = len(positions())
    given = [o.value for o in offsets]
    other = [0, 2] + [7 * i for i in range(1, 8)] + [49, count]
    assert given[-1] == count and len(other) == len(given)
    with of_offsets() as vw:
        for row, value in ((0, 1), (3, 4), (3, 50), (10, 49), (10, 51), (4, -1)):
            vw.refresh()
            vw.memcache[row] = value
            with refused("ValueRangeError", "nothing was written"):
                vw.update()
            with refused("ValueRangeError", "nothing was written"):
                vw.update(vw.memcache[row:row + 1])
        assert [o.value for o in getattr(owner, name)] == given
        np.asarray(vw.memcache)[...] = other
        vw.update()
    assert [o.value for o in getattr(owner, name)] == other
    # Not whole: values arrive, and nothing is told to evaluate it.
    getattr(owner, name).foreach_set("value", [1 << 29] * len(given))
    values = np.random.default_rng(1).random((count, 3), dtype="f")
    with of_positions() as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()
        vw.update(vw.memcache[:, 3:9])
    same([list(p.vector) for p in positions()], values.tolist(), "positions")
    getattr(owner, name).foreach_set("value", given)
    with of_positions() as vw:
        np.asarray(vw.memcache)[...] = values[::-1]
        vw.update()
    same([list(p.vector) for p in positions()], values[::-1].tolist(), "positions")


test_curves.cases = {"hair": (hair,), "Grease Pencil": (drawing,)}


def test_borders_of_curves_are_not_copied():
    """They are compared where they lie; of curves without points, too, and of the last one as well."""
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such curves")
    from rnaslicer import Slicer, _core
    from rnaslicer.layout import whole
    owner, name, positions, _ = hair()
    given = [o.value for o in owner.curve_offset_data]
    read, real = [], _core.read_memory

    def counting(address, size):
        read.append(size)
        return real(address, size)
    try:
        with Slicer(owner.attributes)[["position"], "data", EVERY, "vector"] as vw:
            vw.update()
            _core.read_memory = counting
            vw.update()
        assert not read or max(read) <= 8, read
    finally:
        _core.read_memory = real
    for offsets, at in ((given, None), ([0, 5, 5, *given[3:]], None), ([0, 20, *given[2:]], 1), ([1, *given[1:]], 0),
                        ([*given[:-1], 49], 9), ([*given[:-2], 51, 50], 8), ([0, -1, *given[2:]], 0)):
        owner.curve_offset_data.foreach_set("value", offsets)
        why = whole.fault(owner)
        assert why is None if at is None else f"curve {at} of" in why, (offsets, why)
    owner.curve_offset_data.foreach_set("value", given)


def test_recipe():
    """The block of docs/building.md."""
    text = (pathlib.Path(__file__).resolve().parents[3] / "docs/building.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    names = {}
    exec(compile(block, "docs/building.md", "exec"), names)
    mesh, wanted = names["mesh"], bpy.data.meshes.new("Wanted")
    wanted.from_pydata(names["points"].tolist(), [], names["corners"].tolist())
    wanted.polygons.foreach_set("use_smooth", [True] * len(wanted.polygons))
    wanted.update()
    a, b = everything(mesh), everything(wanted)
    for key in b:
        if isinstance(key, tuple) and key != ("vertices", "select"):
            same(a[key], b[key], str(key))
