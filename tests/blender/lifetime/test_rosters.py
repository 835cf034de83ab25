# tests/blender/lifetime/test_rosters.py: lists of thousands of datablocks, which native code captures, asks and moves
"""bpy says what is right. `natively` says who did it."""
import gc
import random
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np

from counted_calls import counted
from support import EVERY, fill_memcache, random_values, refused, same, seed
from trail_ways import counts, known, natively, read

COUNT = 40


def objects(rng=None, count=COUNT, linked=True):
    """In an order that is not that of their names, with values of their own."""
    rng = rng or random.Random(1)
    made = [bpy.data.objects.new(f"O{rng.randrange(10**6)}", None) for _ in range(count)]
    for i, ob in enumerate(made):
        ob.location, ob.scale = [rng.uniform(-9, 9) for _ in range(3)], (1, 2 + i, 3)
        ob.pass_index, ob.hide_render, ob.empty_display_size = i, i % 3 == 0, 1 + i
        if linked:
            bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return made


def is_roster(made):
    from rnaslicer import Slicer
    from rnaslicer.supplier.roster import Roster
    return type(Slicer(made)._path) is Roster


def of(made, name):
    return [list(value) if hasattr(value, "__len__") else value for value in (getattr(ob, name) for ob in made)]


# ---- what native code gives and writes

def test_what_native_code_does_is_what_bpy_does():
    from rnaslicer import Slicer
    rng = random.Random(seed())
    made = objects(rng)
    assert is_roster(made) and is_roster(tuple(made))
    for name in ("location", "scale", "rotation_euler", "pass_index", "color", "empty_display_size"):
        known(made, EVERY, name)
        for some in (made, made[::-1], made[5:9], [made[3], made[1], made[3]]):
            got, native = read(some, EVERY, name)
            assert native == 1, (name, len(some))
            same(got, of(some, name), name)
        with Slicer(made)[:, name] as vw:
            fill_memcache(vw.memcache, random_values(rng, vw.format, np.asarray(vw.memcache).size, 0, 3))
            natively("update", vw.update)
            held = vw.memcache.tolist()
            natively("refresh", vw.refresh)
            same(of(made, name), vw.memcache.tolist(), name)
            if name in ("location", "scale", "pass_index"):
                same(vw.memcache.tolist(), held, name)


def test_names_and_implied_axis():
    made = objects()
    known(made, ("location", "scale"))
    got, native = read(made, ("location", "scale"))
    assert native
    same(got, [[list(ob.location), list(ob.scale)] for ob in made])
    known(made, "location", "zx")
    got, native = read(made, "location", "zx")
    assert native
    same(got, [[ob.location.z, ob.location.x] for ob in made])


def test_regions():
    from rnaslicer import Slicer
    made = objects()
    known(made, EVERY, "location")
    with Slicer(made)[:, "location"] as vw:
        cache = np.asarray(vw.memcache)
        cache[...] = -1
        natively("refresh", lambda: vw.refresh(vw.memcache[4:9, 1:]))
        expected = np.full((COUNT, 3), -1, "f")
        expected[4:9, 1:] = [list(ob.location)[1:] for ob in made[4:9]]
        same(cache.tolist(), expected.tolist())
        before = of(made, "location")
        cache[...] = 7
        vw.update(vw.memcache[2:4])
        same(of(made, "location"), before[:2] + [[7.0] * 3] * 2 + before[4:])


def test_a_write_moves_the_objects():
    from rnaslicer import Slicer
    made = objects()
    known(made, EVERY, "location")
    with Slicer(made)[:, "location"] as vw:
        np.asarray(vw.memcache)[...] = 5
        natively("update", vw.update)
    bpy.context.view_layer.update()
    assert all(tuple(ob.matrix_world.translation) == (5, 5, 5) for ob in made)


def test_read_and_write_at_once():
    from rnaslicer import Slicer
    made = objects()
    known(made, EVERY, "location")
    wrapper = Slicer(made)[:, "location"]
    before = counts()["enter"][0]
    same(wrapper.read().tolist(), of(made, "location"))
    assert counts()["enter"][0] == before + 1
    out = np.zeros((COUNT, 3), "f")
    wrapper.read(out)
    same(out.tolist(), of(made, "location"))
    wrapper.write(out + 1)
    same(of(made, "location"), (out + 1).tolist())


def test_meshes_behind_a_roster():
    from rnaslicer import Slicer
    meshes = []
    for i in range(12):
        mesh = bpy.data.meshes.new(f"M{(7 * i) % 12}")
        mesh.vertices.add(3 + i % 4)
        for k, vertex in enumerate(mesh.vertices):
            vertex.co = i, k, 0
        meshes.append(mesh)
    known(meshes, EVERY, "vertices", EVERY, "co", ragged="flat")
    for some in (meshes, meshes[::-1]):
        got, native = read(some, EVERY, "vertices", EVERY, "co", ragged="flat")
        assert native
        same(got, [list(vertex.co) for mesh in some for vertex in mesh.vertices])
    with Slicer(meshes, ragged="flat")[:, "vertices", :, "co"] as vw:
        np.asarray(vw.memcache)[:, 2] = 8
        natively("update", vw.update)
    assert all(vertex.co.z == 8 for mesh in meshes for vertex in mesh.vertices)


# ---- what is no roster

def test_lists_that_are_none():
    made = objects()
    lights = [bpy.data.lights.new(f"L{i}", kind) for i, kind in enumerate(("POINT", "SUN", "POINT"))]
    evaluated = [ob.evaluated_get(bpy.context.evaluated_depsgraph_get()) for ob in made]
    for some in (lights, evaluated, [], [made[0], evaluated[1]]):
        assert not is_roster(some)
    same(read(evaluated, EVERY, "location")[0], of(evaluated, "location"))
    same(read(lights, EVERY, "energy")[0], of(lights, "energy"))
    with refused("ExpressionError", "item 1"):
        from rnaslicer import Slicer
        Slicer([made[0], 5])


def test_one_that_is_gone_before():
    from rnaslicer import Slicer
    made = objects()
    bpy.data.objects.remove(made[3])
    with refused("SupplierLostError", "item 3"):
        Slicer(made)


# ---- what may happen to them

def test_one_lost_is_lost():
    from rnaslicer import Slicer
    from rnaslicer.errors import SupplierLostError
    made, told = objects(), []
    known(made, EVERY, "location")
    outside = Slicer(made)[:, "location"]
    with Slicer(made)[:, "location"] as vw:
        vw.on_lost.append(told.append)
        assert vw.alive
        name = made[17].name
        bpy.data.objects.remove(made[17])
        bpy.data.objects.new("New", None)  # may get its memory
        assert not vw.alive
        for call in (vw.refresh, vw.update, outside.read, lambda: outside.shape):
            try:
                call()
            except SupplierLostError as error:
                assert name in str(error) and "removed" in str(error), error
            else:
                raise AssertionError(call)
        assert told == [vw]


def test_renamed_and_reordered():
    from rnaslicer import Slicer
    made = objects()
    known(made, EVERY, "location")
    with Slicer(made)[:, "location"] as vw:
        for i, ob in enumerate(made):
            ob.name = f"Z{COUNT - i}"
        np.asarray(vw.memcache)[...] = 0
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), of(made, "location"))


def test_undo_and_redo():
    from rnaslicer import Slicer
    made = objects()
    names = [ob.name for ob in made]
    bpy.ops.ed.undo_push(message="made")
    known(made, EVERY, "location")
    with Slicer(made)[:, "location"] as vw:
        for ob in made:
            ob.location.x = 50
        bpy.ops.ed.undo_push(message="moved")
        bpy.ops.ed.undo()
        now = [bpy.data.objects[name] for name in names]
        vw.refresh()
        same(vw.memcache.tolist(), of(now, "location"))
        assert vw.memcache.tolist()[0][0] != 50
        natively("refresh", vw.refresh)
        np.asarray(vw.memcache)[...] = 3
        natively("update", vw.update)
        same(of(now, "location"), [[3.0] * 3] * COUNT)
        bpy.ops.ed.redo()
        now = [bpy.data.objects[name] for name in names]
        vw.refresh()
        same(vw.memcache.tolist(), of(now, "location"))


def test_an_undo_is_no_loss():
    """`on_lost` is for what is gone, whatever the supplier is."""
    from rnaslicer import Slicer
    made, told = objects(), []
    layer = bpy.context.view_layer
    layer.update()
    held = [Slicer(made)[:, "location"], Slicer(made[0])["location", :], Slicer(made[:3])[:, "location"],
            Slicer(bpy.data.objects)[:, "location"], Slicer(layer.depsgraph.objects)[:, "location"],
            Slicer(made[0].evaluated_get(layer.depsgraph))["location", :], Slicer([bpy.data.objects[0], layer.depsgraph.objects[
                0]])[:, "location"]]
    for vw in held:
        vw.on_lost.append(told.append)
        vw.__enter__()
        assert vw.alive, vw
    bpy.ops.ed.undo_push(message="one")
    made[0].location.x += 1
    bpy.ops.ed.undo_push(message="two")
    del made
    bpy.ops.ed.undo()
    assert not told and all(vw.alive for vw in held[:4]), told
    for vw in held:
        vw.__exit__(None, None, None)


def test_undo_of_what_made_them():
    from rnaslicer import Slicer
    from rnaslicer.errors import SupplierLostError
    bpy.ops.ed.undo_push(message="empty")
    made, told = objects(), []
    bpy.ops.ed.undo_push(message="made")
    with Slicer(made)[:, "location"] as vw:
        vw.on_lost.append(told.append)
        bpy.ops.ed.undo()
        assert told == [vw] and not vw.alive
        try:
            vw.refresh()
        except SupplierLostError as error:
            assert "undo" in str(error), error
        else:
            raise AssertionError
        bpy.ops.ed.redo()
        assert vw.alive
        vw.refresh()


def test_a_file_load_ends_them():
    from rnaslicer import Slicer
    from rnaslicer.errors import SupplierLostError
    made = objects()
    with Slicer(made)[:, "location"] as vw:
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        try:
            vw.refresh()
        except SupplierLostError as error:
            assert "another file was loaded" in str(error), error
        else:
            raise AssertionError


def test_a_uid_that_is_another_s():
    """Whoever has the reference but not the uid is not who was captured."""
    from rnaslicer import _core
    made = objects()
    roster = _core.roster_of(made, bpy.data.objects.values(), None) or _core.roster_of(
        made, bpy.data.objects.values(), places())
    assert roster.structs() == made and roster.is_there()
    assert not roster.renew(made[::-1], None if places() is None else places())
    assert roster.structs() == made
    lying = tuple(at + 4 for at in places())
    assert not _core.roster_of(made, bpy.data.objects.values(), None) or not _core.roster_of(
        made, bpy.data.objects.values(), None).know(lying)


def places():
    from rnaslicer.blender.sdna import sdna
    from rnaslicer.supplier.uids import id_places
    sdna()
    return id_places()


# ---- permission

def test_overridden_and_linked():
    from rnaslicer import Slicer
    made = objects()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "lib.blend")
        bpy.data.libraries.write(path, set(made[:2]))
        with bpy.data.libraries.load(path, link=True) as (source, target):
            target.objects = source.objects[:]
    linked = list(target.objects)
    known(made, EVERY, "location")
    with Slicer(made)[:, "location"] as vw:  # a file with libraries: each is asked
        natively("update", vw.update)
    same(read(linked, EVERY, "location")[0], of(linked, "location"))
    with Slicer(linked)[:, "location"] as vw, refused("ReadOnlyError", "linked"):
        vw.update()


def test_what_bpy_refuses():
    from rnaslicer import Slicer
    made = objects()
    with Slicer(made)[:, "bound_box"] as vw, refused("ReadOnlyError", "read-only"):
        vw.update()


# ---- what it costs

def test_counted_calls():
    from rnaslicer import Slicer
    made = objects(count=300)
    wrapper = Slicer(made)[:, "location"]

    def enter():
        with wrapper:
            pass

    enter()
    found = {"make": counted(lambda: Slicer(made)[:, "location"]), "enter": counted(enter)}
    with wrapper:
        found["refresh"], found["update"] = counted(wrapper.refresh), counted(wrapper.update)
    limits = {"make": 45, "enter": 45, "refresh": 6, "update": 10}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


def test_nothing_is_kept():
    from rnaslicer import Slicer, _core
    made = objects()
    known(made, EVERY, "location")
    gc.collect()
    rosters, references = _core.live_rosters(), [sys.getrefcount(ob) for ob in made]
    for _ in range(5):
        with Slicer(made)[:, "location"] as vw:
            vw.refresh()
            vw.update()
            assert _core.live_rosters() == rosters + 1
        del vw
        Slicer(made)[:, "location"].read()
    gc.collect()
    assert _core.live_rosters() == rosters
    assert [sys.getrefcount(ob) for ob in made] == references
