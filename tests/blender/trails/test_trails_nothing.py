# tests/blender/trails/test_trails_nothing.py: collections that are empty, entered, refreshed and updated along trails
"""Scripts go through many datablocks, of which some have none of what is asked for. Native code must have done it; bpy says how
many there are."""
import os
import tempfile

import bpy
import numpy as np

from counted_calls import ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, refused, same
from trail_ways import known, natively, read


def plain(name):
    ob = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    bpy.context.scene.collection.objects.link(ob)
    return ob


def add_places(ob):
    ob.data.from_pydata([(i, 1, 2) for i in range(5)], [(0, 1), (1, 2)], [(0, 1, 2)])


KINDS = {  # name -> (what an object leads to, items, what fills it, what empties it, shape of a row, written natively)
    "modifiers": (lambda ob: ob.modifiers, (EVERY, "show_render"), lambda ob: ob.modifiers.new("M", "BEVEL"),
                  lambda ob: ob.modifiers.clear(), (), True),
    "constraints": (lambda ob: ob.constraints, (EVERY, "influence"), lambda ob: ob.constraints.new("COPY_LOCATION"),
                    lambda ob: ob.constraints.clear(), (), True),
    "constraints by name": (lambda ob: ob, ("constraints", EVERY, ("influence", "error_location")),
                            lambda ob: ob.constraints.new("COPY_LOCATION"), lambda ob: ob.constraints.clear(), (2,), False),
    "groups": (lambda ob: ob.vertex_groups, (EVERY, "lock_weight"), lambda ob: ob.vertex_groups.new(name="G"),
               lambda ob: ob.vertex_groups.clear(), (), True),
    "vertices": (lambda ob: ob.data.vertices, (EVERY, "co"), add_places, lambda ob: ob.data.clear_geometry(), (3,), False),
    "behind": (lambda ob: ob, ("data", "vertices", EVERY, "co", "x"), add_places, lambda ob: ob.data.clear_geometry(), (), False),
    "edges": (lambda ob: ob.data.edges, (EVERY, "vertices"), add_places, lambda ob: ob.data.clear_geometry(), (2,), False),
    "flags": (lambda ob: ob.data.polygons, (EVERY, "use_smooth"), add_places, lambda ob: ob.data.clear_geometry(), (), False),
}


def test_values_and_calls(kind):
    from rnaslicer import Slicer
    give, items, fill, clear, row, writes = KINDS[kind]
    empty, other, full = plain("A"), plain("B"), plain("C")
    fill(full)
    for dtype in (None, "d"):
        known(give(empty), *items, dtype=dtype)
        with Slicer(give(other), dtype=dtype)[items] as vw:
            assert vw.memcache.shape == vw.shape == (0, *row) and vw.format == (dtype or vw.format)
            natively("refresh", vw.refresh)
            natively("update", vw.update) if writes else vw.readonly or vw.update()
            out = np.zeros((0, *row), vw.format)
        Slicer(give(other), dtype=dtype)[items].read(out)
        filled, _ = read(give(full), *items, dtype=dtype)
        assert len(filled) > 0
        for _ in range(3):  # in turns
            same(known(give(empty), *items, dtype=dtype), np.zeros((0, *row)).tolist())
            same(known(give(full), *items, dtype=dtype), filled)

    def one_shot():
        with Slicer(give(empty))[items]:
            pass

    known(give(empty), *items)
    found = {"one-shot": counted(one_shot)}
    with Slicer(give(empty))[items] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update) if writes else 0
    limits = {"one-shot": ONE_SHOT, "refresh": REFRESH, "update": UPDATE}
    assert all(found[way] <= limits[way] for way in limits), found


def test_no_more_empty(kind):
    from rnaslicer import Slicer
    give, items, fill, clear, row, _ = KINDS[kind]
    ob = plain("A")
    known(give(ob), *items)
    with Slicer(give(ob))[items] as vw:
        fill(ob)
        for move in (vw.refresh, *(() if vw.readonly else (vw.update,))):
            with refused("ShapeChangedError", "0 elements"):
                move()
        clear(ob)
        natively("refresh", vw.refresh)
        assert vw.memcache.shape == (0, *row)
        bpy.data.objects.remove(ob) if give(ob).id_data == ob else bpy.data.meshes.remove(ob.data)
        with refused("SupplierLostError"):
            vw.refresh()


def test_undo_and_load(kind):
    from rnaslicer import Slicer
    give, items, fill, *_ = KINDS[kind]
    ob = plain("A")
    known(give(ob), *items)
    bpy.ops.ed.undo_push(message="before")
    fill(ob)
    bpy.ops.ed.undo_push(message="after")
    with Slicer(give(ob))[items] as vw:
        count = len(vw.memcache)
        bpy.ops.ed.undo()
        with refused("ShapeChangedError"):
            vw.refresh()
        bpy.ops.ed.redo()
        vw.refresh()
        assert len(vw.memcache) == count > 0
    bpy.ops.ed.undo()
    ob = bpy.data.objects["A"]
    with Slicer(give(ob))[items] as vw:
        assert not len(vw.memcache)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "nothing.blend")
            bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
            bpy.ops.wm.open_mainfile(filepath=path)
        with refused("SupplierLostError"):
            vw.refresh()


def test_linked():
    from rnaslicer import Slicer
    ob = plain("Linked")
    known(ob.modifiers, EVERY, "show_render")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "linked.blend")
        bpy.data.libraries.write(path, {ob})
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.objects = ["Linked"]
        with Slicer(into.objects[0].modifiers)[:, "show_render"] as vw:
            vw.refresh()
            with refused("ReadOnlyError", "linked"):
                vw.update()


def test_other_data():
    """A pointer that leads to data of another kind by then, which has no such collection, or another one of the name."""
    from rnaslicer import Slicer
    ob, curve = plain("A"), bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
    text = bpy.data.objects.new("Text", bpy.data.curves.new("Text", "FONT"))
    for one in (curve, text):
        bpy.context.scene.collection.objects.link(one)
    same(known(ob, "data", "vertices", EVERY, "co"), [])
    with refused("ExpressionError", "vertices"):
        read(curve, "data", "vertices", EVERY, "co")
    with Slicer(ob)["data", "vertices", :, "co"] as vw:
        ob.data = bpy.data.meshes.new("Other")
        vw.refresh()
        add_places(ob)
        with refused("ShapeChangedError", "5"):
            vw.refresh()
    same(known(curve, "data", "splines", EVERY, "resolution_u"), [])
    assert type(text.data) is not type(curve.data)
    same(read(text, "data", "splines", EVERY, "resolution_u")[0], [])
    same(known(curve, "data", "splines", EVERY, "resolution_u"), [])


for one in (test_values_and_calls, test_no_more_empty, test_undo_and_load):
    one.cases = {name: (name,) for name in KINDS}
