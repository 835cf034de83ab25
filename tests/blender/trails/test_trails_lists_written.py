# tests/blender/trails/test_trails_lists_written.py: many lists written at once, one element of each assigned by bpy
"""Native code checks all lists before it writes the first; what it may not write it declines, and the routes write it or
say why not. bpy says what is right."""
import cProfile
import os
import pstats
import tempfile

import bpy
import numpy as np

from support import EVERY, VERSION, refused
from test_trails_lists_behind import INFLUENCE, SHOWN, modified, posed, shown, told
from trail_lists import LOCATION, edited, tree
from trail_ways import counts, natively

LOCATIONS = EVERY, "pose", "bones", EVERY, "location"


def declined(function):
    """Runs it; native code must have left it to the routes."""
    before = counts()["update"]
    function()
    assert counts()["update"] == (before[0], before[1] + 1), (before, counts()["update"])


def learnt(supplier, items, **options):
    """A wrapper that native code updates."""
    from rnaslicer import Slicer
    for _ in range(2):
        with Slicer(supplier, **options)[items] as vw:
            vw.update()  # which the routes prove, once
    vw = Slicer(supplier, **options)[items].open()
    natively("update", vw.update)
    return vw


def rigs(count=5):
    return [posed((2,) * 4, name=f"Rig{i}") for i in range(count)]


def curves(count=6, splines=3):
    made = []
    for i in range(count):
        data = bpy.data.curves.new("Curve", "CURVE")
        for j in range(splines):
            data.splines.new("POLY").resolution_u = 2 + i + j
        made.append(bpy.data.objects.new(f"Curve{i}", data))
        bpy.context.scene.collection.objects.link(made[-1])
    return made


def trees(count=5):
    made = [bpy.data.materials.new(f"M{i}") for i in range(count)]
    for i, one in enumerate(made):
        if VERSION < (5, 0):
            one.use_nodes = True
        one.node_tree.nodes.clear()
        for j in range(3):
            one.node_tree.nodes.new("ShaderNodeMath" if j % 2 else "ShaderNodeValue").location = (i, j)
    return made


def scenes():
    """Name -> (supplier, items, what bpy has)."""
    name, lengths = LOCATION, (2, 0, 3, 1)
    obs, made, mats, bent, ob = rigs(), modified(), trees(), curves(), posed(lengths, name="Ragged")
    return {
        "bones": (obs, LOCATIONS, {}, lambda: [[list(b.location) for b in one.pose.bones] for one in obs]),
        "modifiers": (made, SHOWN, {}, lambda: shown(made)),
        "of bpy.data": (bpy.data.materials, (EVERY, "node_tree", "nodes", EVERY, name), {}, lambda: [
            [list(getattr(n, name)) for n in one.node_tree.nodes] for one in bpy.data.materials]),
        "splines": (bent, (EVERY, "data", "splines", EVERY, "resolution_u"), {}, lambda: [
            [s.resolution_u for s in one.data.splines] for one in bent]),
        "of bones": (obs[0].pose.bones, INFLUENCE, {}, lambda: told(obs[0])),
        "flat": (ob.pose.bones, INFLUENCE, {"ragged": "flat"}, lambda: sum(told(ob), [])),
        "in levels": (obs, (EVERY, "pose", "bones", EVERY, "constraints", EVERY, "influence"), {}, lambda: [
            told(one) for one in obs]),
    }


def test_as_bpy(name):
    """Whole and in part, and nothing beside."""
    supplier, items, options, give = scenes()[name]
    vw = learnt(supplier, items, **options)
    rows = np.asarray(vw.memcache)
    rng = np.random.default_rng(7)
    for part in (..., slice(1, None, 2), (slice(0, 3), slice(1, None)), (slice(None), 0)):
        if rows.ndim == 1 and isinstance(part, tuple):
            part = slice(1, 3)
        vw.update(rows[part])  # assigns elements of other types, perhaps, which the routes prove once
        before = np.array(give(), rows.dtype)
        made = rng.integers(0, 2, rows.shape) if rows.dtype == bool else rng.integers(2, 60, rows.shape) / (
            64 if rows.dtype == np.float32 else 1)
        rows[...] = made
        wanted = before.copy()
        wanted[part] = rows[part]
        natively("update", lambda part=part: vw.update() if part is ... else vw.update(rows[part]))
        assert np.array_equal(np.array(give(), rows.dtype), wanted), part
        rows[...] = 0
        kept = rows.copy()
        kept[part] = wanted[part]
        natively("refresh", lambda part=part: vw.refresh() if part is ... else vw.refresh(rows[part]))
        assert np.array_equal(rows, kept), part
        natively("refresh", vw.refresh)
        assert np.array_equal(rows, wanted)
    vw.close()


test_as_bpy.cases = {name: (name,) for name in (
    "bones", "modifiers", "of bpy.data", "splines", "of bones", "flat", "in levels")}


def test_a_class_each_alone_in_its_list():
    """Of these the routes tell nothing: bpy assigns all, natively."""
    from rnaslicer.transfer import trails
    from rnaslicer.transfer.direct import AS_ASSIGNED
    trails.forget_all()
    AS_ASSIGNED.clear()
    test_as_bpy("flat")
    test_as_bpy("modifiers")


def test_counted_calls():
    """No step of Python for any of them."""
    vw = learnt(modified(60), SHOWN)
    for run in (vw.refresh, vw.update):
        profile = cProfile.Profile()
        profile.runcall(run)
        assert sum(one[1] for one in pstats.Stats(profile).stats.values()) <= 8, run
    vw.close()


def test_evaluated_after():
    """Blender derives from it what it derives after assignments: each list's datablock is told."""
    made = modified(4, ("DISPLACE",))
    for i, ob in enumerate(made):
        ob.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        for one in ob.modifiers:
            one.strength, one.mid_level, one.show_viewport = i + 1, 0, True
    vw = learnt(made, SHOWN)

    def heights():
        depsgraph = bpy.context.evaluated_depsgraph_get()
        return [round(ob.evaluated_get(depsgraph).data.vertices[0].co.z) for ob in made]
    assert heights() == [3, 6, 9, 12]
    np.asarray(vw.memcache)[:, 1] = False
    natively("update", vw.update)
    bpy.context.view_layer.update()
    assert heights() == [2, 4, 6, 8]
    np.asarray(vw.memcache)[2] = False
    natively("update", lambda: vw.update(vw.memcache[2:3]))
    bpy.context.view_layer.update()
    assert heights() == [2, 4, 0, 8]
    vw.close()


def test_shared_data():
    """One list behind several objects: the last one counts, as where bpy assigns all in turn."""
    made = curves()
    made[4].data = made[1].data
    vw = learnt(made, (EVERY, "data", "splines", EVERY, "resolution_u"))
    rows = np.asarray(vw.memcache)
    rows[...] = np.arange(18).reshape(6, 3) + 3
    natively("update", vw.update)
    assert [s.resolution_u for s in made[1].data.splines] == rows[4].tolist()
    vw.refresh()
    assert rows[1].tolist() == rows[4].tolist()
    vw.close()


# ---- changes between calls

def _first(made):
    return made[3].modifiers


CHANGES = {
    "removed": lambda made: _first(made).remove(_first(made)[1]),
    "emptied": lambda made: _first(made).clear(),
    "added": lambda made: _first(made).new("More", "DISPLACE"),
    "as many in all": lambda made: (_first(made).remove(_first(made)[0]), made[4].modifiers.new("More", "DISPLACE")),
    "another type": lambda made: (_first(made).remove(_first(made)[2]), _first(made).new("More", "WAVE")),
    "last of another type": lambda made: (_first(made).remove(_first(made)[2]), _first(made).new("More", "SUBSURF")),
    "all anew": lambda made: (_first(made).clear(), [_first(made).new(f"N{i}", "DISPLACE") for i in range(3)]),
    "object removed": lambda made: bpy.data.objects.remove(made[3]),
    "moved": lambda made: _moved(made[3]),
}


def _moved(ob):
    with bpy.context.temp_override(object=ob, active_object=ob):
        bpy.ops.object.modifier_move_to_index(modifier=ob.modifiers[0].name, index=2)


def test_changed(change):
    made = modified()
    vw = learnt(made, SHOWN)
    held = shown(made)
    np.asarray(vw.memcache)[...] = [[not value for value in row] for row in held]
    CHANGES[change](made)
    if change in ("another type", "last of another type", "all anew", "moved"):
        vw.update()
        assert shown(made) == vw.memcache.tolist()
        return
    rest = made[:3] + made[5:]
    before = shown(rest)
    for _ in range(2):
        with refused("SupplierLostError" if change == "object removed" else "ShapeChangedError"):
            vw.update()
    assert shown(rest) == before


test_changed.cases = {change: (change,) for change in CHANGES}


def test_bones_changed():
    obs = rigs()
    vw = learnt(obs, LOCATIONS)
    edited(obs[2], lambda bones: bones.remove(bones[1]))
    bpy.context.view_layer.update()
    np.asarray(vw.memcache)[...] = 5
    before = [[list(bone.location) for bone in ob.pose.bones] for ob in obs]
    with refused("ShapeChangedError"):
        vw.update()
    assert before == [[list(bone.location) for bone in ob.pose.bones] for ob in obs]
    edited(obs[2], lambda bones: setattr(bones.new("Late"), "tail", (0, 1, 0)))
    bpy.context.view_layer.update()
    vw.update()
    assert all(tuple(bone.location) == (5, 5, 5) for ob in obs for bone in ob.pose.bones)


def test_driven():
    """A driver or an F-curve does not keep bpy from assigning."""
    obs = rigs()
    obs[1].pose.bones[2].driver_add("location", 0).driver.expression = "7"
    obs[2].pose.bones[1].keyframe_insert("location", frame=1)
    vw = learnt(obs, LOCATIONS)
    np.asarray(vw.memcache)[...] = 3
    natively("update", vw.update)
    assert all(tuple(bone.location) == (3, 3, 3) for ob in obs for bone in ob.pose.bones)
    vw.close()


def test_linked():
    """One that is not the file's own keeps all from being written, also where nothing of it is."""
    made = modified(4)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lists.blend")
        foreign = modified(1, name="Foreign")[0]
        bpy.data.libraries.write(path, {foreign})
        bpy.data.objects.remove(foreign)
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.objects = ["Foreign0000"]
        every = [*made, wanted.objects[0]]
        learnt(made, SHOWN).close()
        from rnaslicer import Slicer
        for _ in range(2):
            with Slicer(every)[SHOWN] as vw:
                before = shown(every)
                np.asarray(vw.memcache)[...] ^= True
                for part in (vw.memcache, vw.memcache[:2]):
                    with refused("ReadOnlyError", "Foreign"):
                        vw.update(part)
                assert shown(every) == before
        override = wanted.objects[0].override_create()
        every[-1] = override
        with Slicer(every)[SHOWN] as vw:
            np.asarray(vw.memcache)[...] ^= True
            declined(vw.update)
            assert shown(every) == vw.memcache.tolist()


def test_in_edit_mode():
    made = curves()
    vw = learnt(made, (EVERY, "data", "splines", EVERY, "resolution_u"))
    before = [[s.resolution_u for s in ob.data.splines] for ob in made]
    bpy.context.view_layer.objects.active = made[4]
    bpy.ops.object.mode_set(mode="EDIT")
    np.asarray(vw.memcache)[...] = 9
    for part in (vw.memcache, vw.memcache[:2]):
        with refused("ReadOnlyError", "edit mode"):
            vw.update(part)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert before == [[s.resolution_u for s in ob.data.splines] for ob in made]
    natively("update", vw.update)
    assert all(s.resolution_u == 9 for ob in made for s in ob.data.splines)
    vw.close()


def test_subscribers():
    """Who subscribed to an element that is not assigned hears all the same: bpy assigns each."""
    made, heard, owner = modified(), [], object()
    vw = learnt(made, SHOWN)
    bpy.msgbus.subscribe_rna(key=made[4].modifiers[0].path_resolve("show_viewport", False), owner=owner, args=(),
                             notify=lambda: heard.append(1))
    try:
        np.asarray(vw.memcache)[...] ^= True
        declined(vw.update)
        assert shown(made) == vw.memcache.tolist()
    finally:
        bpy.msgbus.clear_by_owner(owner)
    natively("update", vw.update)
    vw.close()


def test_scripts_nodes():
    """While a script's class of nodes is registered each node is assigned."""
    class ListsNode(bpy.types.ShaderNodeCustomGroup):
        bl_idname, bl_label = "TrailListsNode", "Script"

    made = [tree(count=4) for _ in range(4)]
    vw = learnt(made, (EVERY, "nodes", EVERY, LOCATION))
    bpy.utils.register_class(ListsNode)
    try:
        np.asarray(vw.memcache)[...] += 1
        declined(vw.update)
    finally:
        bpy.utils.unregister_class(ListsNode)
    assert [[list(getattr(n, LOCATION)) for n in one.nodes] for one in made] == vw.memcache.tolist()
    natively("update", vw.update)
    vw.close()


def test_undone():
    made = modified()
    bpy.ops.ed.undo_push(message="before")
    vw = learnt(made, SHOWN)
    before = shown(made)
    made[0].modifiers[0].show_viewport ^= True
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    vw.refresh()
    made = [bpy.data.objects[f"Modified{i:04}"] for i in range(9)]
    assert shown(made) == before == vw.memcache.tolist()
    np.asarray(vw.memcache)[...] ^= True
    vw.update()
    assert shown(made) == vw.memcache.tolist()
    natively("update", vw.update)
    vw.close()
