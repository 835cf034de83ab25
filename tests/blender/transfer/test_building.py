# tests/blender/transfer/test_building.py: meshes built step by step, every write by Slicer, as by foreach_set
import pathlib
import random
import re

import bpy

from mesh_steps import (CORNERS, EDGES, HAS_TOTALS, POINTS, QUADS, STEPS, begun, by_foreach, by_halves, by_slicer, complete,
                        everything)
from support import EVERY, check, refused, same


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
