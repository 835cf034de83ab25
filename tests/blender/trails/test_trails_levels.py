# tests/blender/trails/test_trails_levels.py: levels of collections behind many datablocks, which one native run moves
"""bpy says what is right. `natively` says who did it."""
import os
import random
import tempfile

import bpy
import numpy as np

from support import EVERY, check_oracle, refused, same, seed
from test_counted_calls import REFRESH, SHOT_THROUGH, UPDATE, counted
from trail_levels import COUNT, SCENES, both, is_refused, mesh
from trail_ways import counts, known, natively, read


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


# ---- layers by their names, of a collection's meshes

def test_named_attributes_written():
    """An index picks the mesh, none its layer. A copy shares the array before it is written."""
    from rnaslicer import Slicer
    for name in ('["F"]', ["F"]):
        scene = SCENES["maps"]()
        obs = [bpy.data.objects[one.name] for one in scene.structs]
        items = "attributes", name, "data", EVERY, "value"
        behind = EVERY, "data", *items
        for give, through in ((lambda: scene.structs, (EVERY, *items)), (lambda: bpy.data.meshes, (EVERY, *items)),
                              (lambda: obs, behind), (lambda: bpy.data.objects, behind)):
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


# ---- the specification

def test_specified(name):
    """The executable specification knows each form."""
    scene = SCENES[name]()
    if scene is None:
        return
    for supplier in both(scene):
        for _ in range(2):
            check_oracle(supplier, scene.items)
            check_oracle(supplier, (slice(None, None, 2), *scene.items[1:]), dtype="d")


test_specified.cases = {name: (name,) for name in SCENES}
