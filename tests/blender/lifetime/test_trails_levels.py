# tests/blender/lifetime/test_trails_levels.py: what lies behind elements of what many datablocks have, which one native run moves
"""bpy says what is right. `natively` says who did it."""
import os
import random
import tempfile

import bpy
import numpy as np

from support import EVERY, refused, same, seed
from test_counted_calls import REFRESH, SHOT_THROUGH, UPDATE, counted
from trail_levels import COUNT, SCENES, curve, mesh
from trail_ways import counts, known, natively, read


def both(scene):
    """A list of the datablocks, and the collection of them."""
    return list(scene.structs), scene.every()


def is_refused(vw, errors=("ShapeChangedError",), reads=True):
    """What is otherwise now is said, and nothing moved."""
    from rnaslicer import errors as module
    before = vw.memcache.tolist()
    for call in (vw.refresh, vw.update) if reads else (vw.update,):
        try:
            call()
        except module.SlicerError as error:
            assert type(error).__name__ in errors, (type(error), error)
        else:
            raise AssertionError(call)
    same(vw.memcache.tolist(), before)


def test_moved(name):
    """Entered, refreshed and updated by native code, all of it and parts."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    if scene is None:
        return
    rng = random.Random(seed())
    for supplier in both(scene):
        same(known(supplier, *scene.items), scene.values())
        with Slicer(supplier)[scene.items] as vw:
            write = (lambda f: natively("update", f)) if scene.writes else (lambda f: f())
            cache = np.asarray(vw.memcache)
            assert vw.kernel.route == "direct"
            cache[...] = np.rint(cache * 64 + 5 * (cache + 1)) / 1024
            write(vw.update)
            same(scene.values(), cache.tolist())
            for _ in range(4):
                part = tuple(slice(rng.randrange(n), None, rng.choice((1, 2))) for n in cache.shape)
                expected = np.array(scene.values(), cache.dtype)
                cache[...] = 0.25
                vw.update(vw.memcache[part])
                expected[part] = 0.25
                same(scene.values(), expected.tolist())
                cache[...] = 0.5
                vw.refresh(vw.memcache[part])
                shown = np.full_like(cache, 0.5)
                shown[part] = expected[part]
                same(cache.tolist(), shown.tolist())
            vw.refresh()
            last = scene.inner(scene.structs[-1])[-1]
            value = getattr(last[1], scene.name)
            setattr(last[1], scene.name, [7 + 0 * x for x in value] if hasattr(value, "__len__") else 0.125)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), scene.values())
        same(known(supplier, slice(4, 1, -1), *scene.items[1:]), scene.values()[4:1:-1])


test_moved.cases = {name: (name,) for name in SCENES}


def test_from_the_first_few():
    """Of many datablocks a trail is made of the first few: no Python for the others."""
    scene = SCENES["maps"]()
    more = [mesh(i, name="More") for i in range(150)]
    for supplier, structs in ((scene.structs + more, scene.structs + more), (bpy.data.meshes, bpy.data.meshes)):
        before = counts()["enter"][0]
        got, _ = read(supplier, *scene.items)
        assert counts()["enter"][0] > before
        same(got, scene.values(structs))


def test_counted_calls(name):
    """No Python for each datablock, let alone for what is behind it."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    if scene is None:
        return
    for supplier in (scene.structs, scene.every()):
        known(supplier, *scene.items)

        def enter():
            with wrapper:
                pass

        wrapper = Slicer(supplier)[scene.items]
        found = {"enter": counted(enter)}
        with wrapper as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update) if scene.writes else 0
        limits = {"enter": SHOT_THROUGH, "refresh": REFRESH, "update": UPDATE}
        assert all(found[way] <= limits[way] for way in limits), found


test_counted_calls.cases = {name: (name,) for name in SCENES}


# ---- what may happen between enter and refresh

def changes():
    """Name -> (scene, change of its structs so that another shape or none is there, errors)."""
    def remove_map(structs):
        structs[2].uv_layers.remove(structs[2].uv_layers[1])

    def more_maps(structs):
        structs[-1].uv_layers.new(name="More")

    def more_corners(structs):
        structs[1].loops.add(1)

    def no_keys(structs):
        structs[3].shape_key_clear()

    def fewer_keys(structs):
        structs[3].shape_key_remove(structs[3].data.shape_keys.key_blocks[1])

    def other_type(structs):
        structs[2].data = bpy.data.meshes.new("Empty")

    def grow_spline(structs):
        structs[0].splines[2].points.add(1)

    def moved_spline(structs):  # as many in all
        structs[0].splines.remove(structs[0].splines[0])
        structs[1].splines.new("POLY").points.add(4)

    def more_keys(structs):
        from trail_lists import fcurves
        fcurves(structs[1])[2].keyframe_points.insert(1000, 1)

    def fewer_curves(structs):
        from trail_lists import fcurves
        curves = fcurves(structs[-1])
        curves.remove(curves[0])

    def more_layers(structs):
        if not hasattr(structs[1], "fcurves"):
            bag = structs[1].layers[0].strips[0].channelbag(structs[1].slots.new("OBJECT", "More"), ensure=True)
            bag.fcurves.new("location", index=0)
        else:
            structs[1].fcurves.new("scale", index=0)

    def fewer_constraints(structs):
        list_ = structs[4].pose.bones[1].constraints
        list_.remove(list_[0])

    return {"map removed": ("maps", remove_map), "map added": ("maps", more_maps), "corner added": ("maps", more_corners),
            "map removed behind": ("maps of objects", lambda structs: remove_map([ob.data for ob in structs])),
            "without keys": ("keys", no_keys), "key removed": ("keys", fewer_keys), "another mesh": ("keys", other_type),
            "point added": ("splines", grow_spline), "spline moved": ("splines", moved_spline),
            "keyframe added": ("actions", more_keys), "curve removed": ("actions", fewer_curves),
            "bag added": ("actions", more_layers), "bag added, level": ("bags", more_layers),
            "constraint removed": ("bones", fewer_constraints)}


def test_changed(name):
    """A change at whatever level is said, whoever learns of it."""
    from rnaslicer import Slicer
    scene_name, change = changes()[name]
    for which in range(2):
        scene = SCENES[scene_name]()
        if scene is None:
            return
        known(both(scene)[which], *scene.items)
        with Slicer(both(scene)[which])[scene.items] as vw:
            natively("refresh", vw.refresh)
            change(scene.structs)
            is_refused(vw, ("ShapeChangedError", "ExpressionError"))


test_changed.cases = {name: (name,) for name in changes()}


def removers():
    return {"maps": bpy.data.meshes, "maps of objects": bpy.data.objects, "keys": bpy.data.objects,
            "splines": bpy.data.curves, "actions": bpy.data.actions, "bones": bpy.data.objects}


def test_removed(name):
    """Of a list one lost is lost; a collection is shorter."""
    from rnaslicer import Slicer
    for which, error in enumerate(("SupplierLostError", "ShapeChangedError")):
        scene = SCENES[name]()
        known(both(scene)[which], *scene.items)
        lost = []
        with Slicer(both(scene)[which])[scene.items] as vw:
            vw.on_lost.append(lambda *_: lost.append(1))
            removers()[name].remove(scene.structs[3])
            is_refused(vw, (error,))
            if error == "SupplierLostError":
                assert lost


test_removed.cases = {name: (name,) for name in removers()}


def test_other_order(name):
    """A collection of bpy.data's is sorted by name: what an index counts is another datablock then. A list holds its
    own."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    for supplier in both(scene):
        known(supplier, *scene.items)
    with Slicer(scene.every())[scene.items] as vw:
        scene.structs[1].name = "zzz"
        before = scene.values()
        with refused("ShapeChangedError"):
            vw.update()
        same(scene.values(), before)
        vw.refresh()
        same(vw.memcache.tolist(), scene.values(scene.every()))
    expected = scene.values()
    with Slicer(scene.structs)[scene.items] as vw:
        scene.structs[2].name = "zzzz"
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), expected)
        if scene.writes:
            natively("update", vw.update)
            same(scene.values(), expected)


test_other_order.cases = {name: (name,) for name in removers()}


def test_made_anew():
    """A map removed and made anew is the last one; another mesh in an object's place leads to its own."""
    from rnaslicer import Slicer
    scene = SCENES["maps of objects"]()
    for supplier in both(scene):
        known(supplier, *scene.items)
        with Slicer(supplier)[scene.items] as vw:
            maps = scene.structs[1].data.uv_layers
            maps.remove(maps[0])
            for i, corner in enumerate(maps.new(name="Map0").data):
                corner.uv = 5, i
            scene.structs[4].data = scene.structs[3].data.copy()
            scene.structs[4].data.uv_layers[1].data[3].uv = 8, 9
            vw.refresh()
            same(vw.memcache.tolist(), scene.values())
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            same(scene.values(), vw.memcache.tolist())


def test_a_constraint_of_another_type():
    from rnaslicer import Slicer
    scene = SCENES["bones"]()
    known(scene.structs, *scene.items)
    with Slicer(scene.structs)[scene.items] as vw:
        one = scene.structs[2].pose.bones[1].constraints
        one.remove(one[1])
        one.new("TRACK_TO").influence = 0.75
        vw.refresh()
        same(vw.memcache.tolist(), scene.values())


def test_a_struct_of_another_type():
    """Where the type on the way is another one that has the same, the trail declines as the routes refuse."""
    from rnaslicer import Slicer
    scene = SCENES["splines"]()
    obs = [bpy.data.objects[one.name] for one in scene.structs]
    items = EVERY, "data", *scene.items[1:]
    same(known(obs, *items), scene.values())
    other = curve(COUNT, "SURFACE")
    with Slicer(obs)[items] as vw:
        obs[2].data = bpy.data.curves["Curve3"]
        natively("refresh", vw.refresh)
    obs.append(bpy.data.objects[other.name])
    with refused("ExpressionError"):
        with Slicer(obs)[items]:
            pass
    with refused("ExpressionError"):
        with Slicer(bpy.data.objects)[items]:
            pass


def test_nothing_there(name, take):
    """A level without elements, or none at all, is refused as it always was, known trail or not."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    known(scene.structs, *scene.items)
    take(scene.structs)
    for supplier in both(scene):
        for _ in range(2):
            with refused("ExpressionError"):
                with Slicer(supplier)[scene.items]:
                    pass


def without_maps(structs):
    while structs[2].uv_layers:
        structs[2].uv_layers.remove(structs[2].uv_layers[0])


test_nothing_there.cases = {
    "maps": ("maps", without_maps), "no maps": ("maps", lambda structs: [without_maps([0, 0, one]) for one in structs]),
    "keys": ("keys", lambda structs: structs[1].shape_key_clear()),
    "splines": ("splines", lambda structs: structs[5].splines.clear())}


# ---- what may not be written

def in_a_library(scene):
    """A file with the middle one of a scene's datablocks; its name."""
    path = os.path.join(tempfile.mkdtemp(prefix="rnaslicer-levels-"), "library.blend")
    bpy.data.libraries.write(path, {scene.structs[COUNT // 2]})
    return path


def test_a_linked_one_in_the_middle():
    """Read, never written; nothing before it is, either."""
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    path, name = in_a_library(scene), scene.structs[COUNT // 2].name
    with bpy.data.libraries.load(path, link=True) as (_, given):
        given.meshes = [name]
    structs = list(scene.structs)
    structs[COUNT // 2] = given.meshes[0]
    assert structs[COUNT // 2].library is not None
    known(scene.structs, *scene.items)
    with Slicer(structs)[scene.items] as vw:
        expected = scene.values(structs)
        same(vw.memcache.tolist(), expected)
        np.asarray(vw.memcache)[...] = 9
        with refused("ReadOnlyError"):
            vw.update()
        same(scene.values(structs), expected)
        vw.refresh()
        same(vw.memcache.tolist(), expected)


def test_one_in_edit_mode():
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    known(scene.structs, *scene.items)
    bpy.context.view_layer.objects.active = bpy.data.objects[scene.structs[3].name]
    with Slicer(scene.structs)[scene.items] as vw:
        expected = scene.values()
        bpy.ops.object.mode_set(mode="EDIT")
        np.asarray(vw.memcache)[...] = 9
        is_refused(vw, ("ReadOnlyError", "ShapeChangedError", "ExpressionError"), reads=False)
        bpy.ops.object.mode_set(mode="OBJECT")
        same(scene.values(), expected)


def test_copies_keep_their_own():
    """Arrays that a copy shares are its own once they are written, at each level."""
    from rnaslicer import Slicer
    for name in ("maps", "splines", "actions"):
        scene = SCENES[name]()
        known(scene.structs, *scene.items)
        before = scene.values()
        copies = [one.copy() for one in scene.structs]
        with Slicer(scene.structs)[scene.items] as vw:
            np.asarray(vw.memcache)[...] += 3
            natively("update", vw.update)
            same(scene.values(), vw.memcache.tolist())
        same(scene.values(copies), before)


def test_evaluated_after_a_write():
    """Objects in the scene show what was written behind each of their levels."""
    from rnaslicer import Slicer
    scene = SCENES["keys"]()
    known(scene.structs, *scene.items)
    for ob in scene.structs:
        ob.data.shape_keys.key_blocks[1].value = 1
    bpy.context.view_layer.update()
    with Slicer(scene.structs)[scene.items] as vw:
        np.asarray(vw.memcache)[...] += 2
        natively("update", vw.update)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for ob in scene.structs:
        found = [list(v.co) for v in ob.evaluated_get(depsgraph).data.vertices]
        same(found, [list(p.co) for p in ob.data.shape_keys.key_blocks[1].data])


# ---- events

def test_undo():
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    names = [one.name for one in scene.structs]
    bpy.ops.ed.undo_push(message="made")
    known(scene.structs, *scene.items)
    with Slicer(scene.structs)[scene.items] as vw, Slicer(bpy.data.meshes)[scene.items] as all_of:
        bpy.data.meshes[names[1]].uv_layers[1].data[0].uv = 3, 3
        bpy.ops.ed.undo_push(message="one")
        bpy.ops.ed.undo()
        for one in (vw, all_of):
            one.refresh()
            same(one.memcache.tolist(), scene.values([bpy.data.meshes[name] for name in names]))
            np.asarray(one.memcache)[...] += 1
            one.update()
            same(scene.values([bpy.data.meshes[name] for name in names]), one.memcache.tolist())


def test_a_file_is_loaded():
    from rnaslicer import Slicer
    scene = SCENES["actions"]()
    known(scene.structs, *scene.items)
    lost = []
    with Slicer(scene.structs)[scene.items] as vw:
        vw.on_lost.append(lambda *_: lost.append(1))
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        is_refused(vw, ("SupplierLostError",))
    assert lost


def test_at_random():
    """Many steps, each checked against bpy: what changes the shape is said, else values are bpy's."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    rng = random.Random(seed())
    scene = SCENES["maps of objects"]()
    known(scene.structs, *scene.items)
    for supplier in both(scene):
        vw = Slicer(supplier)[scene.items].open()
        for _ in range(60):
            ob = rng.choice(scene.structs)
            step = rng.randrange(7)
            if step == 0:
                ob.data = rng.choice(scene.structs).data
            elif step == 1 and len(ob.data.uv_layers) > 1:
                ob.data.uv_layers.remove(ob.data.uv_layers[0])
            elif step == 2:
                ob.data.uv_layers.new()
            elif step == 3:
                ob.data.uv_layers[-1].data[rng.randrange(8)].uv = rng.random(), 1
            elif step == 4:
                ob.data = ob.data.copy()
            elif step == 5:
                bpy.context.view_layer.update()
            widths = {len(one.data.uv_layers) for one in scene.structs}
            try:
                vw.refresh()
                same(vw.memcache.tolist(), scene.values())
                if step == 6:
                    np.asarray(vw.memcache)[...] = np.asarray(vw.memcache)[::-1].copy()
                    vw.update()
                    if len({one.data for one in scene.structs}) == COUNT:
                        same(scene.values(), vw.memcache.tolist())
            except SlicerError:
                assert widths != {2}
                for one in scene.structs:
                    while len(one.data.uv_layers) > 2:
                        one.data.uv_layers.remove(one.data.uv_layers[0])
                    while len(one.data.uv_layers) < 2:
                        one.data.uv_layers.new()
        vw.close()


# ---- layers by their names, of a collection's meshes

def test_named_attributes_written():
    """An index picks the mesh, none its layer. A copy shares the array before it is written."""
    from rnaslicer import Slicer
    for name in ('["F"]', ["F"]):
        scene = SCENES["maps"]()
        obs = [bpy.data.objects[one.name] for one in scene.structs]
        items = "attributes", name, "data", EVERY, "value"
        for give, through in ((lambda: scene.structs, (EVERY, *items)), (lambda: bpy.data.meshes, (EVERY, *items)),
                              (lambda: obs, (EVERY, "data", *items)), (lambda: bpy.data.objects, (EVERY, "data", *items))):
            known(give(), *through)
            kept = scene.values()
            with Slicer(give())[through] as vw:
                cache = np.asarray(vw.memcache)
                cache[...] += 1
                natively("update", vw.update)
                found = [[one.value for one in each.attributes["F"].data] for each in scene.structs]
                same(cache.reshape(COUNT, -1).tolist(), found)
                natively("update", lambda: vw.update(vw.memcache[1:3]))
            same(scene.values(), kept)
        known(scene.structs, EVERY, *items)
        copy = scene.structs[2].copy()
        before = [one.value for one in copy.attributes["F"].data]
        with Slicer(scene.structs)[(EVERY, *items)] as vw:
            np.asarray(vw.memcache)[...] += 1
            natively("update", vw.update)
        same([one.value for one in copy.attributes["F"].data], before)


def test_an_attribute_made_anew_in_another_type():
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    items = EVERY, "attributes", '["F"]', "data", EVERY, "value"
    known(bpy.data.meshes, *items)
    with Slicer(bpy.data.meshes)[items] as vw:
        one = scene.structs[2].attributes
        one.remove(one["F"])
        one.new("F", "INT", "POINT")
        is_refused(vw)
        one.remove(one["F"])
        one.new("F", "FLOAT", "CORNER")
        is_refused(vw)
        one.remove(one["F"])
        for i, point in enumerate(one.new("F", "FLOAT", "POINT").data):
            point.value = 40 + i
        vw.refresh()
        same(vw.memcache.tolist()[2], [40.0 + i for i in range(6)])


def test_attributes_by_index():
    """Which attribute an index picks of each is another one: routes write, whatever its name is."""
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    at = scene.structs[0].attributes.find("F")
    if any(one.attributes.find("F") != at for one in scene.structs):
        return
    items = EVERY, "attributes", at, "data", EVERY, "value"
    for supplier in both(scene):
        known(supplier, *items)
        with Slicer(supplier)[items] as vw:
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            same([[one.value for one in each.attributes["F"].data] for each in scene.structs], vw.memcache.tolist())


# ---- the lengths that indices count are told by their own names

def test_lengths_on_the_way():
    from rnaslicer import Slicer
    scene = SCENES["actions"]()
    if hasattr(scene.structs[0], "fcurves"):
        return
    for beyond, at in ((scene.beyond, 2), ((*scene.beyond[:6], "fcurves", 1, "keyframe_points"), 3)):
        items = EVERY, *beyond, EVERY, "co"
        for supplier in both(scene):
            known(supplier, *items)
            with Slicer(supplier)[items] as vw:
                assert vw.kernel.route == "direct" and vw.kernels  # routes that are made now compare each with its own
                vw.refresh()
                vw.update()
                scene.structs[at].layers[0].strips[0].channelbag(
                    scene.structs[at].slots.new("OBJECT", "More"), ensure=True)
                is_refused(vw)
            scene = SCENES["actions"]()
