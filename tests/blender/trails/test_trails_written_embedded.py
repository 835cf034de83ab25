# tests/blender/trails/test_trails_written_embedded.py: lists of node trees and poses, which lie within other datablocks, written
"""A twin that bpy writes says what is right; `natively` says who did it."""
import contextlib
import os
import random
import tempfile

import bpy
import numpy as np

from counted_calls import REFRESH, UPDATE, counted
from support import EVERY, refused, same
from test_trails_tagging import tags
from trail_lists import LOCATION, fcurves, rig
from trail_ways import natively, values

COUNT = 12


def materials(nodes=3, name="Within"):
    made = []
    for i in range(COUNT):
        material = bpy.data.materials.new(f"{name}{i}")
        material.use_nodes = True
        material.node_tree.nodes.clear()
        for k in range(nodes):
            material.node_tree.nodes.new(("ShaderNodeMath", "ShaderNodeValue")[k % 2]).width = 100 + i + k
        made.append(material)
    return made


def rigs(name="Within"):
    return [rig(5, f"{name}{i}") for i in range(4)]


def trees_of(owners):
    return [one.node_tree for one in owners]


# name -> (owners, the list's structs of them, items, what bpy writes, least and most)
KINDS = {
    "trees' flag": (materials, trees_of, (EVERY, "use_fake_user"), None, 0, 1),
    "nodes' width": (materials, trees_of, (EVERY, "nodes", EVERY, "width"), "nodes", 100, 300),
    "nodes' place": (materials, trees_of, (EVERY, "nodes", EVERY, LOCATION), "nodes", -99, 99),
    "nodes' flag": (materials, trees_of, (EVERY, "nodes", EVERY, "mute"), "nodes", 0, 1),
    "bones' place": (rigs, lambda owners: [ob.pose for ob in owners], (EVERY, "bones", EVERY, "location"), "bones", -3, 3),
}


def cases():
    return {name: (name,) for name in KINDS}


@contextlib.contextmanager
def linked(one):
    """The same, linked from a library that is gone after it."""
    kind, name = "objects" if type(one) is bpy.types.Object else "materials", one.name
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        bpy.data.libraries.write(path, {one})
        with bpy.data.libraries.load(path, link=True) as (_, here):
            setattr(here, kind, [name])
        found = getattr(here, kind)[0]
        library = found.library
        yield found
        bpy.data.libraries.remove(library)


def learnt(give, items):
    from rnaslicer import Slicer
    for _ in range(2):
        with Slicer(give())[items] as vw:
            vw.update()


def told(structs, inner, prop):
    return values(structs, prop) if inner is None else [values(getattr(one, inner), prop) for one in structs]


def assigned(structs, inner, prop, cache, rows):
    for i in rows:
        for k, one in enumerate([structs[i]] if inner is None else getattr(structs[i], inner)):
            setattr(one, prop, (cache[i] if inner is None else cache[i, k]).tolist())


def change(rng, vw, low, high):
    cache = np.asarray(vw.memcache)
    some = [rng.uniform(low, high) if vw.format == "f" else rng.randint(low, high) for _ in range(cache.size)]
    cache[...] = np.array(some).reshape(cache.shape)
    return cache


def ids(owners):
    return owners if type(owners[0]) is bpy.types.Object else trees_of(owners)


def test_written(name):
    from rnaslicer import Slicer
    make, structs, items, inner, low, high = KINDS[name]
    owners, twins, rng = make(), make(), random.Random(7)
    learnt(lambda: structs(owners), items)
    for turn in range(5):
        bpy.context.view_layer.update()
        with Slicer(structs(owners))[items] as vw:
            cache = change(rng, vw, low, high)
            part = slice(2, 4) if turn == 3 else EVERY
            natively("update", lambda vw=vw, part=part: vw.update(vw.memcache[part]))
            assigned(structs(twins), inner, items[-1], cache, range(len(cache))[part])
            same(told(structs(owners), inner, items[-1]), told(structs(twins), inner, items[-1]), turn)
            natively("refresh", vw.refresh)
            assert turn or counted(vw.update) <= UPDATE and counted(vw.refresh) <= REFRESH
        assert [tags(one) for one in ids(owners)] == [tags(one) for one in ids(twins)], turn
    bpy.context.view_layer.update()
    if inner == "bones":
        graph = bpy.context.evaluated_depsgraph_get()
        places = [[[list(row) for row in bone.matrix] for ob in some for bone in ob.evaluated_get(graph).pose.bones]
                  for some in (owners, twins)]
        same(*places)


test_written.cases = cases()


def test_one_is_not_to_be_written(name):
    """Linked, with the others: nothing is written before that is said."""
    from rnaslicer import Slicer
    make, structs, items, inner, *_ = KINDS[name]
    owners = make()
    learnt(lambda: structs(owners), items)
    with linked(make()[0]) as other:
        mixed = [*owners, other]
        for _ in range(2):
            with Slicer(structs(mixed))[items] as vw:
                before = told(structs(mixed), inner, items[-1])
                np.asarray(vw.memcache)[...] = 1
                with refused("ReadOnlyError", "linked"):
                    vw.update()
                same(told(structs(mixed), inner, items[-1]), before)


test_one_is_not_to_be_written.cases = cases()


def test_one_is_overridden(name):
    """A library override keeps only some properties: as the routes say, whether they were asked before or not."""
    from rnaslicer import Slicer
    make, structs, items, inner, *_ = KINDS[name]
    owners = make()
    learnt(lambda: structs(owners), items)
    with linked(make()[0]) as other:
        over = other.override_create()
        said = []
        for some in ([*owners, over], [over]):
            with Slicer(structs(some))[items] as vw:
                np.asarray(vw.memcache)[...] = 1
                try:
                    vw.update()
                    said.append("written")
                    assert all(one == told(structs(some), inner, items[-1])[0] for one in told(structs(some), inner, items[-1]))
                except Exception as error:
                    said.append(type(error).__name__)
        assert said[0] == said[1], said


test_one_is_overridden.cases = cases()


def test_one_is_lost(name):
    from rnaslicer import Slicer
    make, structs, items, inner, *_ = KINDS[name]
    owners = make()
    learnt(lambda: structs(owners), items)
    with Slicer(structs(owners))[items] as vw:
        np.asarray(vw.memcache)[...] = 1
        before = told(structs(owners[:2]), inner, items[-1])
        (bpy.data.objects if type(owners[0]) is bpy.types.Object else bpy.data.materials).remove(owners[2])
        with refused("SupplierLostError"):
            vw.update()
        same(told(structs(owners[:2]), inner, items[-1]), before)


test_one_is_lost.cases = cases()


def test_some_of_a_list(name):
    """By a slice, a step back, indices, a mask: whoever writes them, those and no others."""
    from rnaslicer import Slicer
    make, structs, items, inner, low, high = KINDS[name]
    owners, twins, rng = make(), make(), random.Random(3)
    learnt(lambda: structs(owners), items)
    count = len(owners)
    for rows in (slice(1, 4), slice(None, None, -2), [3, 0], [False, True] * (count // 2)):
        numbers = np.arange(count)[rows].tolist()
        for _ in range(3):
            with Slicer(structs(owners))[(rows, *items[1:])] as vw:
                cache = change(rng, vw, low, high)
                vw.update()
                for i, at in enumerate(numbers):
                    assigned(structs(twins)[at:at + 1], inner, items[-1], cache[i:i + 1], range(1))
            same(told(structs(owners), inner, items[-1]), told(structs(twins), inner, items[-1]), rows)


test_some_of_a_list.cases = cases()


def test_one_twice():
    """Reached twice: the last one counts."""
    from rnaslicer import Slicer
    owners = rigs()
    give = lambda: [ob.pose for ob in (*owners, owners[0])]  # noqa: E731
    learnt(give, (EVERY, "bones", EVERY, "location"))
    with Slicer(give())[:, "bones", :, "location"] as vw:
        cache = np.asarray(vw.memcache)
        cache[...] = np.arange(cache.size, dtype="f").reshape(cache.shape)
        natively("update", vw.update)
        same([values(ob.pose.bones, "location") for ob in owners], [cache[-1].tolist(), *cache[1:-1].tolist()])


def test_more_keys_than_one():
    """F-curves of one key each leave no trail that those of more would never replace."""
    from rnaslicer import Slicer

    def action(keys):
        ob = bpy.data.objects.new("Keyed", None)
        for frame in range(keys):
            ob.location = frame, 1, 2 * frame
            ob.keyframe_insert("location", frame=frame)
        return fcurves(ob.animation_data.action)

    for keys in (1, 11, 1, 11):
        curves = action(keys)
        for _ in range(3):
            with Slicer(curves)[:, "keyframe_points", :, "co"] as vw:
                vw.update()
        vw = natively("enter", Slicer(curves)[:, "keyframe_points", :, "co"].open)
        natively("refresh", vw.refresh)
        np.asarray(vw.memcache)[..., 1] += 1
        natively("update", vw.update)
        same(vw.memcache.tolist(), [values(curve.keyframe_points, "co") for curve in curves])
        vw.close()


def test_a_single_one_of_a_library():
    """The way to it is one step from what is linked, or overridden; a trail was learnt of the file's own."""
    from rnaslicer import Slicer
    (owner, *_, other) = materials()
    for give in (lambda of: Slicer(of)["node_tree", "use_fake_user"], lambda of: Slicer(of.node_tree)["use_fake_user"],
                 lambda of: Slicer(of)["node_tree", "nodes", EVERY, "width"]):
        for _ in range(3):
            with give(owner) as vw:
                vw.update()
    with linked(other) as one:
        for give in (lambda: Slicer(one)["node_tree", "use_fake_user"], lambda: Slicer(one.node_tree)["use_fake_user"],
                     lambda: Slicer(one)["node_tree", "nodes", EVERY, "width"]):
            with give() as vw:
                before = np.array(vw.memcache)
                np.asarray(vw.memcache)[...] = before + 1 if before.dtype != bool else ~before
                with refused("ReadOnlyError", "linked"):
                    vw.update()
                same(np.asarray(give().read()).tolist(), before.tolist())
