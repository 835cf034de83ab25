# tests/blender/trails/test_trails_keys.py: shape keys, which one native run writes
"""bpy says what is right. `natively` says who did it."""
import os
import tempfile

import bpy
import numpy as np

from support import EVERY, refused, same
from trail_ways import counts, known, natively

KEYS = EVERY, "data", EVERY, "co", EVERY


def keyed(data=None, keys=4, name="Head"):
    """(object, points of a key as floats) of a mesh, curve or lattice."""
    if data is None:
        data = bpy.data.meshes.new(name)
        data.from_pydata([(i % 4, i // 4, i) for i in range(12)], [], [(0, 1, 5, 4), (1, 2, 6, 5)])
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    for i in range(keys):
        for k, point in enumerate(ob.shape_key_add(name=f"Key {i}").data):
            point.co = i, k, i * k
    ob.data.shape_keys.key_blocks[keys - 1].value = 1
    bpy.context.view_layer.update()
    return ob


def places(ob):
    return [[list(point.co) for point in key.data] for key in ob.data.shape_keys.key_blocks]


def lattice():
    return bpy.data.lattices.new("Cage")


def curve():
    made = bpy.data.curves.new("Curve", "CURVE")
    made.splines.new("POLY").points.add(6)
    return made


def test_keys_of(make):
    """A trail is of Keys, whatever uses them; the elements' type tells curves' points, which have none."""
    from rnaslicer import Slicer
    known(keyed(keys=3).data.shape_keys.key_blocks, *KEYS)
    ob = keyed(make and make())
    blocks = ob.data.shape_keys.key_blocks
    does = known(blocks, *KEYS) and natively if make is not curve else lambda _, move: move()
    with Slicer(blocks)[KEYS] as vw:
        vw.update()  # notes whether assignments tag
        for part in (slice(None), slice(1, None), slice(2, 3)):
            cache, before = np.asarray(vw.memcache), np.array(places(ob), "f")
            cache += 1
            does("update", lambda part=part: vw.update(vw.memcache[part]))
            before[part] += 1
            same(places(ob), before.tolist())
            does("refresh", vw.refresh)
        cache[...] = 7
        does("update", lambda: vw.update(vw.memcache[1:, ::2]))
        before[1:, ::2] = 7
        same(places(ob), before.tolist())


test_keys_of.cases = {"mesh": (None,), "lattice": (lattice,), "curve": (curve,)}


def shown(ob):
    graph = bpy.context.evaluated_depsgraph_get()
    return [list(vertex.co) for vertex in ob.evaluated_get(graph).data.vertices]


def test_keys_show():
    """What is written to a key is evaluated, as after bpy's own assignments."""
    from rnaslicer import Slicer
    ob = keyed()
    with Slicer(ob.data.shape_keys.key_blocks)[KEYS] as vw:
        for way in (vw.update, lambda: natively("update", vw.update)):
            bpy.context.view_layer.update()
            before = np.array(shown(ob))
            np.asarray(vw.memcache)[3] += 1
            way()
            bpy.context.view_layer.update()
            assert np.allclose(np.array(shown(ob)) - before, 1), (before, shown(ob))


def test_keys_come_go_and_change_places():
    from rnaslicer import Slicer
    for change, stays in ((lambda ob: ob.shape_key_remove(ob.data.shape_keys.key_blocks[2]), False),
                          (lambda ob: ob.shape_key_add(name="New"), False), (swapped, True)):
        ob = keyed()
        known(ob.data.shape_keys.key_blocks, *KEYS)
        with Slicer(ob.data.shape_keys.key_blocks)[KEYS] as vw:
            change(ob)
            if not stays:
                for call in (vw.refresh, vw.update):
                    with refused("ShapeChangedError", "had 4 elements"):
                        call()
                continue
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), places(ob))
            np.asarray(vw.memcache)[...] *= 2
            expected = vw.memcache.tolist()
            vw.update()
            same(places(ob), expected)


def swapped(ob):
    bpy.context.view_layer.objects.active = ob
    ob.active_shape_key_index = 1
    bpy.ops.object.shape_key_move(type="DOWN")
    assert [key.name for key in ob.data.shape_keys.key_blocks][1:3] == ["Key 2", "Key 1"]


def test_keys_in_edit_mode():
    """Of the mesh that uses them: leaving would overwrite them."""
    from rnaslicer import Slicer
    ob = keyed()
    known(ob.data.shape_keys.key_blocks, *KEYS)
    with Slicer(ob.data.shape_keys.key_blocks)[KEYS] as vw:
        vw.update()
        natively("update", vw.update)
        np.asarray(vw.memcache)[...] = 9
        before = places(ob)
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        for part in (vw.memcache, vw.memcache[2:]):
            with refused("ReadOnlyError", "edit mode"):
                vw.update(part)
        bpy.ops.object.mode_set(mode="OBJECT")
        same(places(ob), before)
        natively("update", vw.update)


def test_keys_of_what_is_not_whole():
    """The mesh is being built: values arrive, and nothing that reads it is called."""
    from rnaslicer import Slicer
    ob = keyed()
    known(ob.data.shape_keys.key_blocks, *KEYS)
    with Slicer(ob.data.shape_keys.key_blocks)[KEYS] as vw:
        vw.update()
        natively("update", vw.update)
        ob.data.loops.add(4)
        ob.data.polygons.add(1)  # its start is whatever lay in memory
        ob.data.polygons[2].loop_start = 1 << 20
        np.asarray(vw.memcache)[...] += 3
        before = counts()["update"]
        vw.update()
        assert counts()["update"][0] == before[0], "native code wrote"
        same(places(ob), vw.memcache.tolist())
    mesh = ob.data  # not to be evaluated: that would crash Blender
    bpy.data.objects.remove(ob)
    bpy.data.meshes.remove(mesh)


def test_keys_of_others():
    """Linked keys are refused, and those of an override, though the Key itself is none."""
    from rnaslicer import Slicer
    ob = keyed()
    with Slicer(ob.data.shape_keys.key_blocks)[KEYS] as vw:
        vw.update()
        natively("update", vw.update)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        bpy.data.libraries.write(path, {ob})
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.objects = [ob.name]
        linked = wanted.objects[0]
        for other in (linked, linked.override_create()):
            if other is not linked:
                other.data.override_create(remap_local_usages=True)
                if other.data.library:
                    continue
            before = places(other)
            with Slicer(other.data.shape_keys.key_blocks)[KEYS] as vw:
                np.asarray(vw.memcache)[...] = 5
                with refused("ReadOnlyError", "linked" if other is linked else "override"):
                    vw.update()
            same(places(other), before)
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
