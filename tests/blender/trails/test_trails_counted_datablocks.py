# tests/blender/trails/test_trails_counted_datablocks.py: a datablock that an index counts: bpy.data.objects[5, 'location']
"""Renaming sorts the lists of bpy.data anew, so that an index counts another datablock: a refresh reads that, an update is
for the one that was entered."""
import bpy
import numpy as np

from counted_calls import BY_PYTHON, ONE_SHOT, REFRESH, SHOT_THROUGH, UPDATE, counted
from support import refused, same
from trail_ways import known, natively, read


def objects(count=8):
    made = []
    for i in range(count):
        ob = bpy.data.objects.new(f"Counted{i}", bpy.data.cameras.new(f"Counted{i}") if i % 2 else None)
        ob.location, ob.pass_index = (i, 2 * i, 3), i
        bpy.context.scene.collection.objects.link(ob)
        made.append(ob)
    bpy.context.view_layer.update()
    return made


def suppliers():
    """Name -> (supplier, items before the property, what gives the datablock)."""
    objects()
    scene = bpy.context.scene
    return {"bpy.data.objects": (bpy.data.objects, (5,), lambda: bpy.data.objects[5]),
            "from the end": (bpy.data.objects, (-2,), lambda: bpy.data.objects[-2]),
            "bpy.data": (bpy.data, ("objects", 3), lambda: bpy.data.objects[3]),
            "scene.objects": (scene.objects, (2,), lambda: scene.objects[2]),
            "scene's collection": (scene.collection.objects, (1,), lambda: scene.collection.objects[1])}


def test_values_and_calls(name):
    from rnaslicer import Slicer
    supplier, items, give = suppliers()[name]
    for prop in ("location", "matrix_world", "pass_index", "rotation_mode"):
        def one_shot():
            with Slicer(supplier)[(*items, prop)]:  # noqa: B023
                pass

        found = {"one-shot": counted(one_shot)}
        with Slicer(supplier)[(*items, prop)] as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
            natively("refresh", vw.refresh)
            natively("update", vw.update)
            if prop in ("location", "pass_index"):
                np.asarray(vw.memcache)[...] += 3
                natively("update", vw.update)
                value = getattr(give(), prop)
                same(vw.memcache.tolist(), list(value) if prop == "location" else value)
        natively("enter", one_shot)
        most = {"bpy.data": SHOT_THROUGH, "scene's collection": BY_PYTHON}.get(name, ONE_SHOT)  # those are captured in Python
        assert found["one-shot"] <= most and found["refresh"] <= REFRESH and found["update"] <= UPDATE, (prop, found)


test_values_and_calls.cases = {name: (name,) for name in ("bpy.data.objects", "from the end", "bpy.data", "scene.objects",
                                                          "scene's collection")}


def at(ob):
    return list(bpy.data.objects).index(ob)


def changes(obs):
    """Name -> (what changes, error of an update, of a refresh; '' for none). The fourth object is entered."""
    def itself():
        obs[4].name = "zzz"

    def another_past_it():
        obs[1].name = "zzz"

    def another():
        obs[7].name = "Counted70"

    def removed():
        bpy.data.objects.remove(obs[4])

    def replaced():
        bpy.data.objects.remove(obs[4])
        bpy.data.objects.new("Counted4", None)

    def more():
        bpy.data.objects.new("zzz", None)

    return {"itself renamed": (itself, "ShapeChangedError", ""), "another renamed past it": (another_past_it, "ShapeChangedError", ""),
            "another renamed": (another, "", ""), "removed": (removed, "ShapeChangedError", "ShapeChangedError"),
            "replaced": (replaced, "ShapeChangedError", ""), "one more": (more, "ShapeChangedError", "ShapeChangedError")}


def test_changed_while_entered(name, native, first):
    """Natively and by the routes; also after a refresh that has read another one."""
    from rnaslicer import Slicer, _core
    obs = objects()
    number = at(obs[4])
    known(bpy.data.objects, number, "location")
    with Slicer(bpy.data.objects)[number, "location"] as vw:
        if not native:
            vw._by_routes()
            _core.forget_trails()
        change, on_update, on_refresh = changes(obs)[name]
        change()
        for call, error in ((vw.refresh, on_refresh), (vw.update, on_update)) if first == "refresh" else (
                (vw.update, on_update), (vw.refresh, on_refresh), (vw.update, on_update)):
            there = {ob.name: list(ob.location) for ob in bpy.data.objects}
            if call == vw.update:
                np.asarray(vw.memcache)[...] += 1
            if error:
                with refused(error):
                    call()
                same({ob.name: list(ob.location) for ob in bpy.data.objects}, there)
                continue
            call()
            same(vw.memcache.tolist(), list(bpy.data.objects[number].location))


test_changed_while_entered.cases = {
    f"{name}, {native}, {first}": (name, native, first) for name in (
        "itself renamed", "another renamed past it", "another renamed", "removed", "replaced", "one more")
    for native in (True, False) for first in ("refresh", "update")}


def test_writes_are_compared_as_updates_are(learnt):
    """`write` while entered reaches what was entered, or is refused: another object may be there by now."""
    from rnaslicer import Slicer, _core
    for supplier, items in ((bpy.data.objects, (4, "location")), (bpy.data.objects, (slice(None), "location")),
                            (bpy.data, ("objects", slice(None), "location"))):
        obs = objects()
        if not learnt:
            _core.forget_trails()
        known(supplier, *items)
        with Slicer(supplier)[items] as vw:
            values = np.asarray(vw.memcache) + 1
            vw.write(values)
            obs[0].name, obs[4].name = "zzz", "aaa"
            if not learnt:
                _core.forget_trails()
            there = {ob.name: list(ob.location) for ob in bpy.data.objects}
            for given in (values, values.astype("f8"), values[..., ::-1]):
                with refused("ShapeChangedError"):
                    vw.write(given)
            same({ob.name: list(ob.location) for ob in bpy.data.objects}, there)


test_writes_are_compared_as_updates_are.cases = {"by trails": (True,), "by routes": (False,)}


def test_undo():
    from rnaslicer import Slicer
    obs = objects()
    number = at(obs[4])
    bpy.ops.ed.undo_push(message="before")
    obs[4].location.x = 77
    bpy.ops.ed.undo_push(message="after")
    known(bpy.data.objects, number, "location")
    with Slicer(bpy.data.objects)[number, "location"] as vw:
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), [4.0, 8.0, 3.0])
        vw.memcache[0] = 5
        vw.update()
        same(list(bpy.data.objects["Counted4"].location), [5.0, 8.0, 3.0])


def test_data_behind_it():
    """What a pointer of it leads to stays with the routes: native code compares the datablock that is written."""
    obs = objects()
    number = at(obs[5])
    for _ in range(3):
        same(read(bpy.data.objects, number, "data", "lens")[0], obs[5].data.lens)
    obs[5].data = obs[3].data
    obs[3].data.lens = 33
    same(read(bpy.data.objects, number, "data", "lens")[0], 33.0)


def test_a_linked_one():
    import os
    import tempfile
    from rnaslicer import Slicer
    obs = objects()
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    bpy.data.libraries.write(path, {obs[4]})
    known(bpy.data.objects, at(obs[4]), "location")
    bpy.data.objects.remove(obs[4])
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Counted4"]
    number = at(into.objects[0])
    for _ in range(3):
        with Slicer(bpy.data.objects)[number, "location"] as vw:
            vw.memcache[0] = 9
            with refused("ReadOnlyError", "linked"):
                vw.update()
            same(list(into.objects[0].location), [4.0, 8.0, 3.0])
