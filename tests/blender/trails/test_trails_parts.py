# tests/blender/trails/test_trails_parts.py: some of a list, a table or bpy.data's datablocks
"""bpy says what is right. `natively` says who did it. What a call gives must not depend on whether a trail is known."""
import functools
import random

import bpy
import numpy as np

from counted_calls import REFRESH, UPDATE, counted
from support import random_mesh, refused, same, seed
from trail_lists import LOCATION, edited, rig, tree
from trail_parts import selections
from trail_ways import known, natively, read, values

PICKING = 60  # counted calls to make and enter what is picked


# ---- elements of lists by their numbers

def lists():
    """Name -> (function that gives the list, property)."""
    ob, nodes, ball = rig(), tree(), bpy.data.metaballs.new("Ball")
    for i in range(24):
        ball.elements.new().radius = i + 1
        ob.constraints.new("COPY_LOCATION" if i % 2 else "CHILD_OF").influence = i / 32
    made = random_mesh(random.Random(3))
    ob = bpy.data.objects.new("Keyed", made)
    for i in range(24):
        ob.shape_key_add(name=f"K{i}").value = i / 32
    return {"bones": (lambda: bpy.data.objects["Rig"].pose.bones, "location"),
            "rotations": (lambda: bpy.data.objects["Rig"].pose.bones, "rotation_quaternion"),
            "rest": (lambda: bpy.data.armatures["Rig"].bones, "head_local"),
            "constraints": (lambda: bpy.data.objects["Rig"].constraints, "influence"),
            "nodes": (lambda: bpy.data.node_groups["Tree"].nodes, LOCATION),
            "elements": (lambda: bpy.data.metaballs["Ball"].elements, "radius"),
            "keys": (lambda: bpy.data.shape_keys[0].key_blocks, "value")}


def test_numbers_of_lists(name):
    from rnaslicer import Slicer
    give, prop = lists()[name]
    for _ in range(2):
        with Slicer(give())[[1, 2], prop] as vw:
            if not vw.readonly:
                vw.update()
    for at, numbers in selections(random.Random(seed()), len(give())):
        native = None
        for _ in range(2):
            got, native = read(give(), at, prop)
            same(got, [values(give(), prop)[i] for i in numbers])
        # Bones in rest lie in no list where some are within others; then bpy tells all values, and some by numbers.
        assert native or len(numbers) < 2 or type(at) is range or name == "rest", at
        if native:
            with Slicer(give())[at, prop] as vw:
                vw.refresh()  # at an enter Python looks now and then whether memory tells what foreach_get told
                natively("refresh", vw.refresh)
                assert counted(vw.refresh) <= REFRESH
                part = functools.partial(vw.refresh, vw.memcache[-1:])
                part() if vw.kernel.route == "foreach" else natively("refresh", part)  # bpy is asked one by one
        with Slicer(give())[at, prop] as vw:
            if vw.readonly or not numbers:
                continue
            expected, cache = values(give(), prop), np.asarray(vw.memcache)
            for k, i in enumerate(numbers):
                cache[k] = (1 + k) / 64
                expected[i] = cache[k].tolist()
            vw.update()
            same(values(give(), prop), expected)
            cache[-1] = 1 / 4
            expected[numbers[-1]] = cache[-1].tolist()
            vw.update(vw.memcache[-1:])
            same(values(give(), prop), expected)

    def once():
        with Slicer(give())[[1, 2, 5], prop]:
            pass
    assert counted(once) <= PICKING or name in ("nodes", "rest"), counted(once)


test_numbers_of_lists.cases = {name: (name,) for name in (
    "bones", "rotations", "rest", "constraints", "nodes", "elements", "keys")}


def test_lists_change_while_numbers_are_entered():
    from rnaslicer import Slicer
    ob, other = rig(), rig(12, "Other")
    ob.constraints.clear()
    for i in range(8):
        ob.constraints.new("CHILD_OF" if i == 3 else "COPY_LOCATION").influence = i / 8
    known(ob.constraints, [5, 1, 3], "influence")
    with Slicer(ob.constraints)[[5, 1, 3], "influence"] as vw:
        ob.constraints.move(5, 0)
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), [ob.constraints[i].influence for i in (5, 1, 3)])
        ob.constraints.remove(ob.constraints[0])
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
        ob.constraints.new("LIMIT_SCALE").influence = .25  # of another type
        vw.refresh()
        same(vw.memcache.tolist(), [ob.constraints[i].influence for i in (5, 1, 3)])
    known(ob.pose.bones, [20, 3], "location")
    with refused("ExpressionError"):
        with Slicer(other.pose.bones)[[20, 3], "location"]:
            pass
    with Slicer(ob.pose.bones)[[20, 3], "location"] as vw:
        edited(ob, lambda bones: bones.remove(bones["Bone7"]))
        bpy.context.view_layer.update()
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()


# ---- some of bpy.data's datablocks

def objects(count=24):
    for i in range(count):
        ob = bpy.data.objects.new(f"Main{i:03}", None)
        ob.location, ob.hide_render, ob.pass_index = (i, 2 * i, 3), bool(i % 3), 5 * i
        bpy.context.scene.collection.objects.link(ob)
    own = bpy.data.collections.new("Own")
    for ob in list(bpy.data.objects):
        own.objects.link(ob)
    mesh = bpy.data.meshes.new("Table")
    for i in range(12):
        material = bpy.data.materials.new(f"In{i}")
        material.roughness, material.diffuse_color = i / 16, (i, 1, 2, 3)
        mesh.materials.append(material)
    bpy.context.view_layer.update()
    return bpy.data.objects


DATABLOCKS = {
    "main": (lambda: bpy.data.objects, ("location", "pass_index", "hide_render", "matrix_world")),
    "scene": (lambda: bpy.context.scene.objects, ("location", "pass_index")),
    "layer": (lambda: bpy.context.view_layer.objects, ("location",)),
    "collection": (lambda: bpy.data.collections["Own"].objects, ("scale", "hide_render")),
    "materials": (lambda: bpy.data.meshes["Table"].materials, ("roughness", "diffuse_color")),
}


def test_parts_of_datablocks(name):
    from rnaslicer import Slicer
    objects()
    give, props = DATABLOCKS[name]
    for prop in props:
        for at in ([1, 2], slice(2, 5)):
            for _ in range(2):
                with Slicer(give())[at, prop] as vw:
                    vw.update()
        for at, numbers in selections(random.Random(seed()), len(give())):
            for _ in range(2):
                got, native = read(give(), at, prop)
                same(got, [values(give(), prop)[i] for i in numbers])
            assert native or not numbers, (prop, at)
            if not numbers:
                continue
            with Slicer(give())[at, prop] as vw:
                natively("refresh", vw.refresh)
                natively("refresh", lambda: vw.refresh(vw.memcache[-1:]))
                assert counted(vw.refresh) <= REFRESH
                expected, cache = values(give(), prop), np.asarray(vw.memcache)
                for k, i in enumerate(numbers if prop != "matrix_world" else ()):
                    cache[k] = k % 2 if prop == "hide_render" else (1 + k) / 64 if cache.dtype.kind == "f" else k
                    expected[i] = cache[k].tolist()
                (lambda f: f() if prop == "matrix_world" else natively("update", f))(vw.update)
                same(values(give(), prop), expected)

        def once():
            with Slicer(give())[[1, 2, 5], prop]:
                pass
        once(), once()
        assert counted(once) <= PICKING + 20, counted(once)


test_parts_of_datablocks.cases = {name: (name,) for name in DATABLOCKS}


def test_names_of_datablocks():
    """Each time those that have the names then, as bpy.data.objects['Name'] has it."""
    from rnaslicer import Slicer
    obs = objects()
    for names in (["Main003", "Main001", "Main020"], ["Main007"], ["Main002", "Main002"], ["Main011", "Main004"]):
        for prop in ("location", "pass_index", "hide_render", "matrix_world"):
            for _ in range(2):
                got, native = read(obs, names, prop)
                same(got, values([obs[name] for name in names], prop))
            assert native or len(names) == 1, (names, prop)
    known(obs, ["Main003", "Main001"], "location")
    with Slicer(obs)[["Main003", "Main001"], "location"] as vw:
        assert counted(vw.refresh) <= REFRESH
        natively("refresh", vw.refresh)
        np.asarray(vw.memcache)[:] = [[1, 2, 3], [4, 5, 6]]
        assert counted(vw.update) <= UPDATE
        natively("update", vw.update)
        assert [obs[name].location[:] for name in ("Main003", "Main001")] == [(1, 2, 3), (4, 5, 6)]
        obs["Main020"].name = "Main000x"  # sorts the list anew
        natively("refresh", vw.refresh)
        obs["Main001"].name = "Gone"
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Main001"):
                use()
        obs["Main005"].name = "Main001"  # another has it now
        vw.refresh()
        same(vw.memcache.tolist(), [obs["Main003"].location[:], obs["Main001"].location[:]])
        bpy.data.objects.remove(obs["Main003"])
        with refused("SupplierLostError", "Main003"):
            vw.update()
    with refused("ExpressionError", "Main003"):
        with Slicer(obs)[["Main003", "Main001"], "location"]:
            pass


def test_datablocks_change_while_a_part_is_entered():
    from rnaslicer import Slicer
    obs = objects()
    for at in (slice(5, 9), [8, 5, 6, 7], range(5, 9)):
        known(obs, at, "location")
        numbers = list(range(len(obs))[at]) if type(at) is slice else list(at)
        with Slicer(obs)[at, "location"] as vw:
            obs[20].name = obs[20].name + "x"  # no other order
            natively("update", vw.update)
            obs[0].name = "Zzz"  # sorts the list anew
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), [values(obs, "location")[i] for i in numbers])
            before = values(obs, "location")
            np.asarray(vw.memcache)[:] = 99
            with refused("ShapeChangedError", "places"):
                vw.update()
            same(values(obs, "location"), before)
            obs["Zzz"].name = "Aaa"
            bpy.data.objects.remove(obs[20])  # none of the part
            with refused("ShapeChangedError"):
                vw.refresh()
            with refused("ShapeChangedError"):
                vw.update()
    for at in (slice(-3, None), [-1, 0]):
        known(obs, at, "location")
        with Slicer(obs)[at, "location"] as vw:
            bpy.data.objects.new("Another", None)
            with refused("ShapeChangedError"):
                vw.refresh()


def test_slots_come_and_go():
    from rnaslicer import Slicer
    objects()
    mesh = bpy.data.meshes["Table"]
    known(mesh.materials, [3, 0, 5], "roughness")
    with Slicer(mesh.materials)[[3, 0, 5], "roughness"] as vw:
        mesh.materials[7] = None
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
        mesh.materials[7] = bpy.data.materials.new("Instead")
        vw.refresh()
        with refused("ShapeChangedError"):
            vw.update()
    mesh.materials[3] = None
    with refused("ExpressionError", "None"):
        with Slicer(mesh.materials)[[3, 0, 5], "roughness"]:
            pass


CHANGES = {
    "nothing": lambda rng, obs: None,
    "rename": lambda rng, obs: setattr(rng.choice(obs), "name", f"{rng.choice('AMZ')}{rng.randrange(99)}"),
    "remove": lambda rng, obs: bpy.data.objects.remove(rng.choice(obs)),
    "add": lambda rng, obs: bpy.data.objects.new(f"{rng.choice('AMZ')}{rng.randrange(99)}", None),
    "undo": lambda rng, obs: (bpy.ops.ed.undo_push(message="a"), setattr(obs[3], "location", (7, 8, 9)),
                              bpy.ops.ed.undo_push(message="b"), bpy.ops.ed.undo()),
    "load": lambda rng, obs: bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True),
}


def outcome(function, told):
    try:
        function()
    except Exception as error:
        return type(error).__name__
    return told()


def some(rng, obs, by_name):
    """Random numbers or names of objects."""
    if by_name:
        return [ob.name for ob in rng.sample(list(obs), rng.randrange(2, 6))]
    return rng.choice(list(selections(rng, len(obs))))[0]


def test_the_same_with_a_trail_and_without(change):
    """Values, or the type of the error, for random parts, after a change while entered."""
    from rnaslicer import Slicer, _core
    rng = random.Random(seed())
    for round_ in range(16):
        number = rng.randrange(1 << 30)
        found = []
        for is_known in (True, False):
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            bpy.ops.ed.undo_push(message="empty")
            objects()
            own = random.Random(number)
            at = some(own, bpy.data.objects, round_ % 2)
            _core.forget_trails()
            if is_known:
                for _ in range(2):
                    read(bpy.data.objects, at, "location")
            with Slicer(bpy.data.objects)[at, "location"] as vw:
                CHANGES[change](own, list(bpy.data.objects))
                results = []
                for use in (vw.refresh, vw.update, vw.refresh, lambda: vw.update(vw.memcache[:1])):
                    results.append(outcome(use, vw.memcache.tolist))
                    if use == vw.refresh and len(vw.memcache):
                        np.asarray(vw.memcache)[0] += 1
                results.append([(ob.name, tuple(ob.location)) for ob in bpy.data.objects])
            found.append(results)
        assert found[0] == found[1], (round_, at, [pair for pair in zip(*found) if pair[0] != pair[1]])


test_the_same_with_a_trail_and_without.cases = {name: (name,) for name in CHANGES}
