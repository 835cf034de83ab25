# tests/blender/lifetime/test_members.py: collections of datablocks (scene.objects), moved wherever these lie
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
from test_rosters import objects, of
from trail_ways import known, natively, read

COUNT = 40


def ways():
    """Collections of objects, each as what gives it now."""
    scene = bpy.context.scene
    other = bpy.data.collections.get("Other") or bpy.data.collections.new("Other")
    if other.name not in scene.collection.children:
        scene.collection.children.link(other)
        for ob in list(scene.collection.objects)[:COUNT // 2]:
            other.objects.link(ob)
        bpy.context.view_layer.update()
    return {"scene": lambda: bpy.context.scene.objects, "own": lambda: bpy.context.scene.collection.objects,
            "all": lambda: bpy.context.scene.collection.all_objects,
            "other": lambda: bpy.data.collections["Other"].objects,
            "layer": lambda: bpy.context.view_layer.objects}


def changed(vw, way):
    """Whether a call is refused for what the collection has now."""
    from rnaslicer.errors import ShapeChangedError
    try:
        getattr(vw, way)()
    except ShapeChangedError as error:
        assert "enter again" in str(error), error
        return True
    return False


# ---- what native code gives and writes

def test_what_native_code_does_is_what_bpy_does():
    from rnaslicer import Slicer
    rng = random.Random(seed())
    objects(rng, COUNT)
    for text, give in ways().items():
        for name in ("location", "scale", "pass_index", "color", "empty_display_size"):
            known(give(), EVERY, name)
            got, native = read(give(), EVERY, name)
            assert native == 1, (text, name)
            same(got, of(give(), name), (text, name))
            with Slicer(give())[:, name] as vw:
                assert vw.kernel.route == "direct", (text, name)
                fill_memcache(vw.memcache, random_values(rng, vw.format, np.asarray(vw.memcache).size, 0, 3))
                natively("update", vw.update)
                natively("refresh", vw.refresh)
                same(of(give(), name), vw.memcache.tolist(), (text, name))


def test_from_the_owner_and_implied():
    scene = bpy.context.scene
    objects()
    for supplier, items in ((scene, ("objects", EVERY, "location")), (scene, ("objects", "location", "zx")),
                            (scene.objects, (("location", "scale"),))):
        expected = read(supplier, *items)[0]
        known(supplier, *items)
        got, native = read(supplier, *items)
        assert native, items
        same(got, expected, items)
    same(read(scene, "objects", "location", "zx")[0], [[ob.location.z, ob.location.x] for ob in scene.objects])


def test_parts_are_not_all():
    """A slice, which native code has no way for, and regions, which it has."""
    from rnaslicer import Slicer
    objects()
    scene = bpy.context.scene
    known(scene.objects, EVERY, "location")
    for part in (slice(3, 9), slice(None, None, -1), slice(0, COUNT)):
        for _ in range(2):
            same(read(scene.objects, part, "location")[0], of(list(scene.objects)[part], "location"), part)
    with Slicer(scene.objects)[:, "location"] as vw:
        cache = np.asarray(vw.memcache)
        cache[...] = -1
        natively("refresh", lambda: vw.refresh(vw.memcache[4:9, 1:]))
        expected = np.full((COUNT, 3), -1, "f")
        expected[4:9, 1:] = [list(ob.location)[1:] for ob in list(scene.objects)[4:9]]
        same(cache.tolist(), expected.tolist())
        before = of(scene.objects, "location")
        cache[...] = 7
        vw.update(vw.memcache[2:4])
        same(of(scene.objects, "location"), before[:2] + [[7.0] * 3] * 2 + before[4:])


def test_a_write_moves_the_objects():
    from rnaslicer import Slicer
    objects()
    known(bpy.context.view_layer.objects, EVERY, "location")
    with Slicer(bpy.context.view_layer.objects)[:, "location"] as vw:
        np.asarray(vw.memcache)[...] = 5
        natively("update", vw.update)
    bpy.context.view_layer.update()
    assert all(tuple(ob.matrix_world.translation) == (5, 5, 5) for ob in bpy.context.scene.objects)


def test_what_lies_in_no_field_goes_through_bpy():
    scene = bpy.context.scene
    objects()
    for name in ("bound_box", "dimensions", "matrix_world", "hide_render", "display_type", "rotation_mode"):
        for _ in range(2):
            got, wanted = read(scene.objects, EVERY, name)[0], [getattr(ob, name) for ob in scene.objects]
            if type(wanted[0]) is str:
                items = bpy.types.Object.bl_rna.properties[name].enum_items
                wanted = [items[one].value for one in wanted]
            same(got, np.array([np.asarray(one) for one in wanted]).tolist(), name)


# ---- the collection changes

def test_others_in_their_places():
    """A refresh reads what the collection has now; an update is for those that were entered, whoever entered them."""
    from rnaslicer import Slicer
    made = objects()
    scene = bpy.context.scene
    for times in range(3):
        with Slicer(scene.objects)[:, "location"] as vw:
            assert times == 0 or vw._routes is None
            gone = made.pop(3)
            scene.collection.objects.unlink(gone)
            new = bpy.data.objects.new(f"New{times}", None)
            new.location = 77, 1, times
            scene.collection.objects.link(new)
            made.append(new)
            before = of(scene.objects, "location")
            assert changed(vw, "update") and changed(vw, "update")
            same(of(scene.objects, "location"), before)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), before)
            np.asarray(vw.memcache)[...] = 9
            assert changed(vw, "update")
            vw.refresh(vw.memcache[:2])
            assert changed(vw, "update")
            same(of(scene.objects, "location"), before)


def test_longer_and_shorter():
    from rnaslicer import Slicer
    made = objects()
    scene = bpy.context.scene
    known(scene.objects, EVERY, "location")
    with Slicer(scene.objects)[:, "location"] as vw:
        scene.collection.objects.unlink(made[5])
        assert changed(vw, "refresh") and changed(vw, "update")
        scene.collection.objects.link(made[5])
        natively("refresh", vw.refresh)
    with Slicer(scene.objects)[:, "location"] as vw:
        scene.collection.objects.link(bpy.data.objects.new("More", None))
        assert changed(vw, "refresh") and changed(vw, "update")


def test_one_removed_and_one_made():
    """The new one may get the memory of the old."""
    from rnaslicer import Slicer
    made = objects()
    scene = bpy.context.scene
    known(scene.objects, EVERY, "location")
    with Slicer(scene.objects)[:, "location"] as vw:
        bpy.data.objects.remove(made[-1])
        new = bpy.data.objects.new("New", None)
        scene.collection.objects.link(new)
        before = of(scene.objects, "location")
        np.asarray(vw.memcache)[...] = 4
        assert changed(vw, "update")
        same(of(scene.objects, "location"), before)
        vw.refresh()
        same(vw.memcache.tolist(), before)


def test_meshes_behind_others_in_their_places():
    """The same of what lies behind the datablocks: values must not go to others that came after them."""
    from rnaslicer import Slicer
    scene = bpy.context.scene

    def make(number):
        mesh = bpy.data.meshes.new(f"M{number}")
        mesh.vertices.add(9)
        for k, vertex in enumerate(mesh.vertices):
            vertex.co = number, k, k * k
        made = bpy.data.objects.new(f"M{number:03}", mesh)
        scene.collection.objects.link(made)
        return made

    made = [make(i) for i in range(8)]
    expression = EVERY, "data", "vertices", EVERY, "co"
    known(scene.objects, *expression)
    for times in range(2):
        with Slicer(scene.objects)[expression] as vw:
            assert vw._routes is None
            scene.collection.objects.unlink(made.pop(3))
            made.append(make(100 + times))
            before = [ob.data.vertices[0].co.x for ob in scene.objects]
            assert changed(vw, "update")
            vw.refresh()
            assert changed(vw, "update")
            assert [ob.data.vertices[0].co.x for ob in scene.objects] == before
    with Slicer(scene.objects)[expression] as vw:
        natively("update", vw.update)


def test_undo_and_redo():
    from rnaslicer import Slicer
    objects()
    bpy.ops.ed.undo_push(message="made")
    known(bpy.context.scene.objects, EVERY, "location")
    with Slicer(bpy.context.scene.objects)[:, "location"] as vw:
        for ob in bpy.context.scene.objects:
            ob.location.x = 50
        bpy.ops.ed.undo_push(message="moved")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), of(bpy.context.scene.objects, "location"))
        assert vw.memcache.tolist()[0][0] != 50
        np.asarray(vw.memcache)[...] = 3
        vw.update()
        same(of(bpy.context.scene.objects, "location"), [[3.0] * 3] * COUNT)
        natively("update", vw.update)
        bpy.ops.ed.redo()
        vw.refresh()
        same(vw.memcache.tolist(), of(bpy.context.scene.objects, "location"))


def test_the_collection_is_gone():
    from rnaslicer import Slicer
    objects()
    give = ways()["other"]
    known(give(), EVERY, "location")
    told = []
    with Slicer(give())[:, "location"] as vw:
        vw.on_lost.append(told.append)
        bpy.data.collections.remove(bpy.data.collections["Other"])
        for call in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Other"):
                call()
        assert told == [vw] and not vw.alive


# ---- permission

def test_linked():
    from rnaslicer import Slicer
    made = objects()
    scene = bpy.context.scene
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "lib.blend")
        bpy.data.libraries.write(path, set(made[:2]))
        with bpy.data.libraries.load(path, link=True) as (source, target):
            target.objects = source.objects[:]
    known(scene.objects, EVERY, "location")
    with Slicer(scene.objects)[:, "location"] as vw:  # a file with libraries: each is asked
        natively("update", vw.update)
    scene.collection.objects.link(target.objects[0])
    got, native = read(scene.objects, EVERY, "location")
    same(got, of(scene.objects, "location"))
    before = of(scene.objects, "location")
    with Slicer(scene.objects)[:, "location"] as vw, refused("ReadOnlyError", "linked"):
        np.asarray(vw.memcache)[...] = 1
        vw.update()
    same(of(scene.objects, "location"), before)
    # Parts without the linked one are written.
    at = list(scene.objects).index(target.objects[0])
    start, stop = (0, at) if at > 1 else (at + 1, len(scene.objects))
    with Slicer(scene.objects)[start:stop, "location"] as vw:
        np.asarray(vw.memcache)[...] = 2
        vw.update()
    with Slicer(scene.objects)[:, "location"] as vw:
        np.asarray(vw.memcache)[start + 1 : stop] = 3
        vw.update(vw.memcache[start + 1 : stop])
    before[start:stop] = [[2.0] * 3] + [[3.0] * 3] * (stop - start - 1)
    same(of(scene.objects, "location"), before)


def test_evaluated_collections_are_read_through_bpy():
    objects()
    graph = bpy.context.evaluated_depsgraph_get()
    scene = bpy.context.scene.evaluated_get(graph)
    for _ in range(2):
        got, native = read(scene.objects, EVERY, "location")
        assert not native
        same(got, of(scene.objects, "location"))


# ---- what it costs

def test_counted_calls():
    from rnaslicer import Slicer
    objects(count=300)
    scene = bpy.context.scene
    wrapper = Slicer(scene.objects)[:, "location"]

    def enter():
        with wrapper:
            pass

    enter()
    found = {"make": counted(lambda: Slicer(scene.objects)[:, "location"]), "enter": counted(enter)}
    with wrapper:
        found["refresh"], found["update"] = counted(wrapper.refresh), counted(wrapper.update)
    limits = {"make": 45, "enter": 45, "refresh": 6, "update": 10}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


def test_nothing_is_kept():
    from rnaslicer import Slicer
    made = objects()
    scene = bpy.context.scene
    known(scene.objects, EVERY, "location")
    gc.collect()
    references = [sys.getrefcount(ob) for ob in made]
    for _ in range(5):
        with Slicer(scene.objects)[:, "location"] as vw:
            vw.refresh()
            vw.update()
        del vw
    gc.collect()
    assert [sys.getrefcount(ob) for ob in made] == references
