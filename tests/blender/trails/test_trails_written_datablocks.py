# tests/blender/trails/test_trails_written_datablocks.py: lists of meshes, curves, shape keys, armatures, which bpy assigns each
"""Of such an update asks more than of objects: their mode, whose shape keys they are; and tells each what is stale. A twin
that bpy writes says what is right."""
import os
import random
import tempfile

import bpy
import numpy as np

from counted_calls import REFRESH, UPDATE, counted
from support import EVERY, refused, same
from test_trails_tagging import tags
from trail_ways import natively, values

COUNT = 6


def user(data, name="User"):
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def mesh(name="Mesh"):
    data = bpy.data.meshes.new(name)
    data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 2)], [], [(0, 1, 3, 2)])
    user(data)
    return data


def keys():
    ob = user(mesh("Keyed"))
    for i in range(3):
        ob.shape_key_add(name=f"Key{i}")
    key = ob.data.shape_keys
    key.use_relative = False
    ob.data.shape_keys.key_blocks[2].data[0].co.z = 8
    return key


def curve():
    data = bpy.data.curves.new("Curve", "CURVE")
    data.splines.new("POLY").points.add(3)
    user(data)
    return data


def armature():
    data = bpy.data.armatures.new("Armature")
    user(data)
    return data


def lattice():
    data = bpy.data.lattices.new("Lattice")
    user(data)
    return data


# name -> (what makes one, property, least and most, whether bpy's assignment tags)
KINDS = {
    "mesh's space": (mesh, "use_auto_texspace", 0, 1), "mesh's mirror": (mesh, "use_mirror_topology", 0, 1),
    "keys' time": (keys, "eval_time", 0, 30), "curve's render": (curve, "render_resolution_u", 1, 9),
    "curve's bevel": (curve, "bevel_depth", 0, 2), "lattice's outside": (lattice, "use_outside", 0, 1),
    "armature's pose": (armature, "pose_position", 0, 1), "mesh's fake user": (mesh, "use_fake_user", 0, 1),
}


def cases(names=KINDS):
    return {name: (name,) for name in names}


def learnt(make, prop):
    from rnaslicer import Slicer
    for _ in range(2):
        some = [make() for _ in range(COUNT)]
        for _ in range(2):
            with Slicer(some)[:, prop] as vw:
                vw.update()


def change(rng, vw, low, high):
    cache = np.asarray(vw.memcache)
    cache[...] = [rng.uniform(low, high) if vw.format == "f" else rng.randint(low, high) for _ in cache]
    return cache


def assigned(some, prop, numbers):
    for one, number in zip(some, numbers):
        items = getattr(one.bl_rna.properties[prop], "enum_items", None)
        setattr(one, prop, next(item.identifier for item in items if item.value == number) if items else number)


def derived(some):
    """What the users look like, evaluated."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    users = {ob.data: ob for ob in bpy.data.objects}
    found = []
    for one in some:
        ob = users.get(getattr(one, "user", one))
        shown = ob.evaluated_get(graph).data
        found.append([tuple(vertex.co) for vertex in shown.vertices] if hasattr(shown, "vertices") else None)
    return found


def test_written(name):
    """All, a part, and two of one name for the other; each is tagged, by whom ever."""
    from rnaslicer import Slicer
    make, prop, low, high = KINDS[name]
    learnt(make, prop)
    some, twins, rng = [make() for _ in range(COUNT)], [make() for _ in range(COUNT)], random.Random(9)
    for turn in range(5):
        bpy.context.view_layer.update()
        with Slicer(some)[:, prop] as vw:
            cache, part = change(rng, vw, low, high), slice(2, 5) if turn == 3 else EVERY
            before = [tags(one) for one in some]
            natively("update", lambda vw=vw, part=part: vw.update(vw.memcache[part]))
            assigned(twins[part], prop, cache[part].tolist())
            same(values(some, prop), values(twins, prop), turn)
            natively("refresh", vw.refresh)
            assert turn or counted(vw.update) <= UPDATE and counted(vw.refresh) <= REFRESH
        bpys, ours = [tags(one) for one in twins], [tags(one) for one in some]
        written = range(COUNT)[part]
        if make is armature:
            assert ours == bpys, (turn, ours, bpys)
        else:  # bpy's own tags, and one where there are none
            assert all(ours[i] and ours[i] & bpys[i] == bpys[i] for i in written), (turn, ours, bpys)
        assert all(ours[i] == before[i] for i in set(range(COUNT)) - set(written)), (turn, ours, before)
        same(derived(some), derived(twins), turn)


test_written.cases = cases()


def test_tagged_by_the_routes_too(name):
    """Each, not the first one only."""
    from rnaslicer import Slicer, _core
    make, prop, low, high = KINDS[name]
    some = [make() for _ in range(COUNT)]
    bpy.context.view_layer.update()
    for _ in range(2):
        _core.forget_trails()
        with Slicer(some)[:, prop] as vw:
            vw._run = None
            change(random.Random(1), vw, low, high)
            vw.update()
            assert all(tags(one) for one in some), [tags(one) for one in some]
        bpy.context.view_layer.update()


test_tagged_by_the_routes_too.cases = cases([name for name, (make, *_) in KINDS.items() if make is not armature])


def test_of_a_collection(name):
    """All of bpy.data's."""
    from rnaslicer import Slicer
    make, prop, low, high = KINDS[name]
    some, rng = [make() for _ in range(COUNT)], random.Random(2)
    lists = {"Mesh": "meshes", "Key": "shape_keys", "Curve": "curves", "Armature": "armatures", "Lattice": "lattices"}
    every = getattr(bpy.data, lists[type(some[0]).__name__])
    for _ in range(3):
        with Slicer(every)[:, prop] as vw:
            vw.update()
    bpy.context.view_layer.update()
    with Slicer(every)[:, prop] as vw:
        cache = change(rng, vw, low, high)
        numbers = cache.tolist()
        natively("update", vw.update)
        found = values(every, prop)
        ours = [tags(one) for one in every]
        bpy.context.view_layer.update()
        assigned(list(every), prop, numbers)
        same(found, values(every, prop))
        assert make is armature or all(ours), ours


test_of_a_collection.cases = cases()


def linked(make, folder):
    path, other = os.path.join(folder, "library.blend"), make()
    owner = getattr(other, "user", other)
    kind, name = {"Mesh": "meshes", "Curve": "curves", "Armature": "armatures", "Lattice": "lattices"}[type(owner).__name__], owner.name
    bpy.data.libraries.write(path, {owner})
    with bpy.data.libraries.load(path, link=True) as (_, here):
        setattr(here, kind, [name])
    found = getattr(here, kind)[0]
    return found if owner == other else found.shape_keys


def test_refused_before_the_first_write(name):
    """One that is linked, edited, or sculpted with dynamic topology; of keys: their mesh."""
    from rnaslicer import Slicer
    make, prop, low, high = KINDS[name]
    learnt(make, prop)
    some = [make() for _ in range(COUNT)]
    with Slicer(some)[:, prop] as vw:
        natively("update", vw.update)
        before = values(some, prop)
        change(random.Random(5), vw, low, high)
        owner = getattr(some[3], "user", some[3])
        bpy.context.view_layer.objects.active = ob = next(one for one in bpy.data.objects if one.data == owner)
        modes = ["EDIT", "SCULPT"] if type(some[3]) is bpy.types.Mesh else ["EDIT"]
        for mode in modes:
            if mode == "EDIT" or hasattr(bpy.ops.sculpt, "dynamic_topology_toggle"):
                bpy.ops.object.mode_set(mode=mode)
                if mode == "SCULPT":
                    bpy.ops.sculpt.dynamic_topology_toggle()
                    if not ob.use_dynamic_topology_sculpting:
                        bpy.ops.object.mode_set(mode="OBJECT")
                        continue
                with refused("ReadOnlyError", {"EDIT": "edit mode", "SCULPT": "sculpted"}[mode]):
                    vw.update()
                same(values(some, prop), before, mode)
                bpy.ops.object.mode_set(mode="OBJECT")
    with tempfile.TemporaryDirectory() as folder:
        mixed = [*some, linked(make, folder)]
        with Slicer(mixed)[:, prop] as vw:
            change(random.Random(6), vw, low, high)
            before = values(mixed, prop)
            for _ in range(2):
                with refused("ReadOnlyError", "linked"):
                    vw.update()
                same(values(mixed, prop), before)
        bpy.data.libraries.remove(bpy.data.libraries[0])


test_refused_before_the_first_write.cases = cases()


def test_one_is_lost(name):
    from rnaslicer import Slicer
    make, prop, low, high = KINDS[name]
    learnt(make, prop)
    some = [make() for _ in range(COUNT)]
    with Slicer(some)[:, prop] as vw:
        change(random.Random(5), vw, low, high)
        before = values(some[:2], prop)
        owner = getattr(some[3], "user", some[3])
        lists = {"Mesh": "meshes", "Curve": "curves", "Armature": "armatures", "Lattice": "lattices"}
        getattr(bpy.data, lists[type(owner).__name__]).remove(owner)
        with refused("SupplierLostError"):
            vw.update()
        same(values(some[:2], prop), before)


test_one_is_lost.cases = cases()
