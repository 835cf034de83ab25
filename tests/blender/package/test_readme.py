# tests/blender/package/test_readme.py: README.md keeps its word: its code in a fresh Blender, its claims, its table.
import random
import unittest

import bpy
import numpy as np

import readme_routes
from pages import rows, run_blocks
from support import VERSION

PAGE = "README.md"


def test_code_in_a_fresh_blender():
    """With Blender's own start file, as a new user meets it."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    assert run_blocks(PAGE, {"__name__": "__main__"}) == 1
    assert bpy.context.object.data.vertices[0].co.z != 0


def test_every_trap_is_tested():
    assert len(list(rows(PAGE, "you write", "what happens", "in"))) == len(TRAPS)


def bounds(ob):
    return [tuple(corner) for corner in ob.bound_box]


def positions_by_attribute():
    """(what follows from foreach, what follows from Slicer, what is right)."""
    from rnaslicer import Slicer
    if VERSION < (4, 0):
        raise unittest.SkipTest("no such attribute")
    results = []
    for way in ("foreach", "slicer", "loop"):
        bpy.ops.mesh.primitive_monkey_add()
        ob, mesh = bpy.context.object, bpy.context.object.data
        bpy.context.view_layer.update()
        bounds(ob)  # asked for, and so kept
        data = mesh.attributes["position"].data
        co = np.empty((len(data), 3), np.float32)
        data.foreach_get("vector", co.ravel())
        co[:, 2] *= 7
        if way == "foreach":
            data.foreach_set("vector", co.ravel())
            mesh.update()
        elif way == "slicer":
            with Slicer(mesh.attributes["position"].data)[:, "vector", :] as vw:
                vw.memcache[:] = co
                vw.update()
        else:
            for vertex, row in zip(mesh.vertices, co):
                vertex.co = row
            mesh.update()
        bpy.context.view_layer.update()
        results.append(bounds(ob))
    return results


def objects_locations():
    from rnaslicer import Slicer
    results = []
    for way in ("foreach", "slicer", "loop"):
        objects = bpy.data.collections.new(way)
        bpy.context.collection.children.link(objects)
        for _ in range(4):
            objects.objects.link(bpy.data.objects.new("Empty", None))
        objects, places = objects.objects, np.arange(12, dtype=np.float32).reshape(4, 3)
        bpy.context.view_layer.update()
        if way == "foreach":
            objects.foreach_set("location", places.ravel())
        elif way == "slicer":
            with Slicer(objects)[:, "location", :] as vw:
                vw.memcache[:] = places
                vw.update()
        else:
            for ob, place in zip(objects, places):
                ob.location = place
        bpy.context.view_layer.update()
        results.append([tuple(ob.matrix_world.translation) for ob in objects])
    return results


def pose_bones():
    from rnaslicer import Slicer
    results = []
    for way in ("foreach", "slicer", "loop"):
        bpy.ops.object.armature_add()
        bones = bpy.context.object.pose.bones
        bpy.context.view_layer.update()
        if way == "foreach":
            bones.foreach_set("location", np.full(3, 2, np.float32))
        elif way == "slicer":
            with Slicer(bones)[:, "location", :] as vw:
                vw.memcache[:] = np.full((1, 3), 2, np.float32)
                vw.update()
        else:
            bones[0].location = 2, 2, 2
        bpy.context.view_layer.update()
        results.append([tuple(row) for row in bones[0].matrix])
    return results


def handle_types():
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Animated", None)
    bpy.context.collection.objects.link(ob)
    for frame in range(4):
        ob.keyframe_insert("location", index=0, frame=9 * frame)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    keys = curves[0].keyframe_points
    items = keys[0].bl_rna.properties["handle_left_type"].enum_items
    for i, key in enumerate(keys):
        key.handle_left_type = ("VECTOR", "FREE")[i % 2]
    found = np.full(4, 1717986918, np.int32)
    keys.foreach_get("handle_left_type", found)
    with Slicer(keys)[:, "handle_left_type"] as vw:
        return found.tolist(), vw.memcache.tolist(), [items[key.handle_left_type].value for key in keys]


TRAPS = {"positions": (positions_by_attribute, ((4, 3),)), "objects": (objects_locations, None),
         "bones": (pose_bones, None), "handles": (handle_types, ((3, 4),)), "empty slots": (None, None)}


def test_trap(make, wrong_in):
    """Slicer is right everywhere, foreach wrong where the table says so."""
    foreach, slicer, right = make()
    assert slicer == right, (slicer, right)
    if VERSION in (wrong_in or (VERSION,)):
        assert foreach != right, "no trap any more: the README should say so"
    else:
        assert foreach == right, "another version has it, too: the README should say so"


test_trap.cases = {name: trap for name, trap in TRAPS.items() if trap[0]}


def test_empty_slots():
    from rnaslicer import Slicer, SlicerError
    mesh = bpy.data.meshes.new("Slots")
    for roughness in (0.25, None, 0.75):
        mesh.materials.append(None if roughness is None else bpy.data.materials.new("Material"))
        if roughness is not None:
            mesh.materials[-1].roughness = roughness
    found = np.full(3, -1, np.float32)
    mesh.materials.foreach_get("roughness", found)
    assert found.tolist() == [0.25, 0.75, -1], found
    try:
        with Slicer(mesh.materials)[:, "roughness"] as vw:
            raise AssertionError(vw.memcache.tolist())
    except SlicerError as error:
        assert "materials" in str(error), error


# ---- what works where

def test_the_table_has_these_rows():
    assert [cells[0] for cells in rows(PAGE, "data", "read", "write")] == list(readme_routes.ROWS)


def test_what_works_where(row):
    """Each row's properties take the routes that the table names: memory read by a kernel, and written by one."""
    from rnaslicer import Slicer
    _, *named = next(cells for cells in rows(PAGE, "data", "read", "write") if cells[0] == row)
    wrong, count = [], 0
    for supplier, subscript, settings in readme_routes.cases_of(row, random.Random(5)):
        with Slicer(supplier, **settings)[subscript] as vw:
            assert vw.memcache.nbytes, vw
            found, count, what = [_READ[vw.kernel.route], _written(vw)], count + 1, repr(vw)
        if found != named and not any(VERSION == version and part in what for version, part in readme_routes.BUT):
            wrong.append((what, found))
    assert count and not wrong, wrong


_READ = {"direct": "direct", "foreach": "bpy", "element": "bpy"}


def _written(vw):
    """What the table calls the way of an update."""
    if vw.readonly:
        return "Blender computes them"
    before = vw.kernel.update.calls
    vw.update()
    if vw.kernel.route != "direct":
        return "bpy"
    return "direct" if vw.kernel.update.calls > before else "each is assigned by bpy: about as fast as the loop"


test_what_works_where.cases = {row: (row,) for row in readme_routes.ROWS}
