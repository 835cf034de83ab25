# tests/blender/trails/test_trails_main_lists.py: all of a list of bpy.data, or of a table, in native code
"""Datablocks come and go, are renamed and so sorted anew, while a wrapper is entered. bpy says what is right."""
import bpy
import numpy as np

from counted_calls import REFRESH, UPDATE, counted
from support import EVERY, refused, same
from trail_ways import known, natively, values

ONE_SHOT = 25  # it is asked whose datablocks those are


def objects(count=40):
    for i in range(count):
        ob = bpy.data.objects.new(f"Main{i:03}", None)
        ob.location = i, 2 * i, 3
        ob.hide_render = bool(i % 3)
        ob.pass_index = 5 * i
        ob.empty_display_size = 1 + i
        bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return bpy.data.objects


def test_values():
    obs = objects()
    for name in ("location", "hide_render", "pass_index", "empty_display_size", "matrix_world"):
        same(known(obs, EVERY, name), values(obs, name), name)


def test_calls():
    from rnaslicer import Slicer
    obs = objects()
    for name in ("location", "hide_render", "pass_index"):
        def one_shot():
            with Slicer(obs)[:, name]:
                pass

        assert counted(one_shot) <= ONE_SHOT, name
        natively("enter", one_shot)
        with Slicer(obs)[:, name] as vw:
            assert vw.kernel.route == "direct"
            assert counted(vw.refresh) <= REFRESH and counted(vw.update) <= UPDATE, name
            natively("refresh", vw.refresh)
            natively("refresh", lambda: vw.refresh(vw.memcache[3:20:2]))
            natively("update", vw.update)


def test_tables():
    mesh = bpy.data.meshes.new("Table")
    for i in range(12):
        material = bpy.data.materials.new(f"In{i}")
        material.roughness = i / 16
        material.diffuse_color = i, 1, 2, 3
        mesh.materials.append(material)
    for name in ("roughness", "diffuse_color"):
        same(known(mesh.materials, EVERY, name), values(mesh.materials, name))


def test_members_change_while_entered():
    from rnaslicer import Slicer
    obs = objects()
    known(obs, EVERY, "location")
    with Slicer(obs)[:, "location"] as vw:
        obs["Main007"].name = "Zzz"  # sorts the list anew
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), values(obs, "location"))
        before = values(obs, "location")
        np.asarray(vw.memcache)[:] = 99
        with refused("ShapeChangedError", "places"):
            vw.update()
        same(values(obs, "location"), before)
        gone = obs["Main003"]
        bpy.data.objects.remove(gone)
        with refused("ShapeChangedError"):
            vw.refresh()
        one = bpy.data.objects.new("Main003", None)
        one.location = 4, 5, 6
        vw.refresh()  # as many
        same(vw.memcache.tolist(), values(obs, "location"))
        with refused("ShapeChangedError"):
            vw.update()


def test_written():
    from rnaslicer import Slicer
    obs = objects()
    known(obs, EVERY, "location")
    with Slicer(obs)[:, "location"] as vw:
        new = np.arange(3 * len(obs), dtype="f4").reshape(-1, 3)
        np.asarray(vw.memcache)[:] = new
        natively("update", vw.update)
        same(values(obs, "location"), new.tolist())
        np.asarray(vw.memcache)[4:9] = -1
        vw.update(vw.memcache[4:6])
        new[4:6] = -1
        same(values(obs, "location"), new.tolist())
    bpy.context.view_layer.update()
    same([ob.matrix_world.translation[:] for ob in obs], [tuple(row) for row in new.tolist()])


def test_other_files():
    from rnaslicer import Slicer
    obs = objects()
    known(obs, EVERY, "pass_index")
    vw = Slicer(bpy.data.objects)[:, "pass_index"]
    vw.__enter__()
    bpy.ops.wm.read_homefile(use_empty=True)
    with refused("ShapeChangedError"):
        vw.refresh()
    vw.__exit__(None, None, None)
    obs = objects(17)
    same(known(obs, EVERY, "pass_index"), values(obs, "pass_index"))


def test_only_lists_of_the_file_itself():
    """Lists of temporary data have the same names, and are none of bpy.data's."""
    import unittest
    from rnaslicer import Slicer
    from rnaslicer.blender.hazards import temporary
    if bpy.app.version < (4, 3):
        raise unittest.SkipTest("3.4 has no such lists to read")
    obs = objects(5)
    same(known(obs, EVERY, "location"), values(obs, "location"))
    with temporary(bpy.data.temp_data()) as other:
        for _ in range(3):
            with refused("ExpressionError", "temporary data"):
                Slicer(other.objects)
            same(known(obs, EVERY, "location"), values(obs, "location"))


def test_after_a_load():
    """A list that was held is one of a file that is gone; the new file's is entered along the trail."""
    from rnaslicer import Slicer
    obs = objects(5)
    known(obs, EVERY, "location")
    bpy.ops.wm.read_homefile(use_empty=True)
    new = objects(3)
    same(natively("enter", lambda: Slicer(new)[:, "location"].read()).tolist(), values(new, "location"))
