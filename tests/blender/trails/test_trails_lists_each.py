# tests/blender/trails/test_trails_lists_each.py: many lists whose elements bpy assigns one by one, in native code
import cProfile
import pstats

import bpy
import numpy as np

from support import EVERY, refused
from test_trails_lists_written import learnt
from trail_ways import natively

def keyed(count=6):
    """Objects whose meshes have shape keys."""
    made = []
    for i in range(count):
        data = bpy.data.meshes.new("Keyed")
        data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        made.append(bpy.data.objects.new(f"Keyed{i}", data))
        bpy.context.scene.collection.objects.link(made[-1])
        for j in range(3):
            made[-1].shape_key_add(name=f"Key{j}").value = (i + j) / 16
        data.shape_keys.key_blocks[2].data[0].co.z = 8
    bpy.context.view_layer.update()
    return made


VALUE = EVERY, "data", "shape_keys", "key_blocks", EVERY, "value"


def key_values(made):
    return [[one.value for one in ob.data.shape_keys.key_blocks] for ob in made]


def test_each_assigned():
    """Clamped as bpy clamps, and evaluated anew, each datablock."""
    made = keyed()
    vw = learnt(made, VALUE)
    rows = np.asarray(vw.memcache)
    rows[...] = np.arange(18).reshape(6, 3) / 8 - 1
    natively("update", vw.update)
    assert key_values(made) == np.clip(rows, 0, 1).tolist()
    natively("refresh", vw.refresh)
    assert key_values(made) == rows.tolist()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    before = [ob.evaluated_get(depsgraph).data.vertices[0].co.z for ob in made]
    rows[...] = [[0, 0, i / 8] for i in range(6)]
    natively("update", vw.update)
    bpy.context.view_layer.update()
    after = [ob.evaluated_get(depsgraph).data.vertices[0].co.z for ob in made]
    assert after == [float(i) for i in range(6)] and after != before
    vw.memcache[3, 1] = 0.5
    vw.update(vw.memcache[3:4])  # of a part by the routes
    assert key_values(made)[3] == [0, 0.5, 0.375]
    natively("update", vw.update)
    profile = cProfile.Profile()
    profile.runcall(vw.update)
    assert sum(one[1] for one in pstats.Stats(profile).stats.values()) <= 8, pstats.Stats(profile).stats
    vw.close()


def test_each_assigned_after_changes(change):
    made = keyed()
    vw = learnt(made, VALUE)
    np.asarray(vw.memcache)[...] = 0.25
    rest, before = made[:2] + made[3:], key_values(made[:2] + made[3:])
    if change == "removed":
        made[2].shape_key_remove(made[2].data.shape_keys.key_blocks[1])
        error = "ShapeChangedError",
    elif change == "added":
        made[2].shape_key_add(name="More")
        error = "ShapeChangedError",
    elif change == "emptied":
        made[2].shape_key_clear()
        error = "SlicerError", "None"
    elif change == "edited":
        bpy.context.view_layer.objects.active = made[2]
        bpy.ops.object.mode_set(mode="EDIT")
        error = "ReadOnlyError", "edit mode"
    elif change == "object removed":
        bpy.data.objects.remove(made[2])
        error = "SupplierLostError",
    else:
        bpy.data.meshes.remove(made[2].data)
        error = "SupplierLostError",
    for _ in range(2):
        with refused(*error):
            vw.update()
    if change == "edited":
        bpy.ops.object.mode_set(mode="OBJECT")
    if change != "mesh removed":
        assert key_values(rest) == before


test_each_assigned_after_changes.cases = {change: (change,) for change in (
    "removed", "added", "emptied", "edited", "object removed", "mesh removed")}
