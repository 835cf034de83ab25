# tests/blender/trails/test_trails_ones_written.py: what bpy assigns one by one, by native code: parts of rows, enums, shape keys
"""bpy says what is right; `natively` says who did it."""
import os
import random
import tempfile

import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from test_trails_ones import ALL, COUNT, FIRST, firsts, learnt, objects, written
from trail_ways import natively


def test_tuples_and_enums():
    some = objects(constraints=2)
    items = EVERY, "constraints", 0, ("influence", "enabled" if VERSION >= (5, 0) else "influence")
    vw = learnt(some, items)
    same(vw.memcache.tolist(), [[float(getattr(ob.constraints[0], name)) for name in items[-1]] for ob in some])
    vw.close()
    spaces = EVERY, "constraints", EVERY, "owner_space"
    for rows, supplier in ((2, some), (1, objects("One"))):
        for ob in supplier[::2]:
            ob.constraints[0].owner_space = "LOCAL"
        vw = learnt(supplier, spaces)
        local = supplier[0].constraints[0].bl_rna.properties["owner_space"].enum_items["LOCAL"].value
        written(vw, np.full((COUNT, rows), local))
        assert all(one.owner_space == "LOCAL" for ob in supplier for one in ob.constraints)
        np.asarray(vw.memcache)[7, 0] = 12345
        with refused("ValueRangeError"):
            vw.update()
        assert all(one.owner_space == "LOCAL" for ob in supplier for one in ob.constraints)
        vw.close()
    pairs = EVERY, ("location", "scale")
    vw = learnt(some, pairs)
    values = np.arange(COUNT * 6, dtype="f").reshape(COUNT, 2, 3)
    written(vw, values)
    same([[list(ob.location), list(ob.scale)] for ob in some], values.tolist())
    vw.close()
    modes = learnt(some, (EVERY, "rotation_mode"))
    written(modes, np.arange(COUNT) % 7)
    items = some[0].bl_rna.properties["rotation_mode"].enum_items
    assert [items[ob.rotation_mode].value for ob in some] == modes.memcache.tolist()
    modes.close()


def test_shape_keys():
    keyed = objects("Keyed", 20)
    for i, ob in enumerate(keyed):
        ob.data.vertices.add(3)
        ob.shape_key_add(name="Basis")
        ob.shape_key_add(name="Key 1").value = i / 32
    for supplier, items in (([ob.data.shape_keys for ob in keyed], ()), (keyed, ("data", "shape_keys"))):
        items = (EVERY, *items, "key_blocks", '["Key 1"]', "value")
        vw = learnt(supplier, items)
        same(vw.memcache.tolist(), [ob.data.shape_keys.key_blocks["Key 1"].value for ob in keyed])
        written(vw, np.linspace(0, 2, 20, dtype="f"))  # clamped
        same([ob.data.shape_keys.key_blocks["Key 1"].value for ob in keyed], np.minimum(vw.memcache, 1).tolist())
        keyed[3].data.shape_keys.key_blocks["Key 1"].name = "Renamed"
        with refused("SlicerError", "Renamed"):
            vw.refresh()
        keyed[3].data.shape_keys.key_blocks["Renamed"].name = "Key 1"
        vw.close()


def test_shape_keys_of_one():
    """Each has limits of its own, which bpy's assignment keeps: written as a loop writes them, all and a part."""
    from rnaslicer import Slicer
    made = []
    for ob in objects("Limits", 2):
        ob.data.vertices.add(3)
        for i in range(30):
            key = ob.shape_key_add(name=f"Key {i}")
            key.slider_min, key.slider_max = (0, -0.5)[i % 2], (1, 0.5)[i % 3 == 0]
        made.append(ob.data.shape_keys)
    rng = random.Random(11)
    for turn in range(4):
        values = [rng.uniform(-1, 2) for _ in range(30)]
        with Slicer(made[0].key_blocks)[:, "value"] as vw:
            np.asarray(vw.memcache)[:] = values
            natively("update", vw.update) if turn > 1 else vw.update()
        for key, value in zip(made[1].key_blocks, values):
            key.value = value
        same(*([key.value for key in one.key_blocks] for one in made))


def test_components_by_indices():
    from rnaslicer import Slicer
    for turn in range(2):
        (ob,) = objects("Components", 1)
        ob.data.vertices.add(50)
        for i, vertex in enumerate(ob.data.vertices):
            vertex.co = i, i / 2, i / 4
        for picks in ([2, 0], [0, 2], [1], [-1, 0, -1]):
            for _ in range(2):
                with Slicer(ob.data.vertices)[:, "co", picks] as vw:
                    same(vw.memcache.tolist(), [[vertex.co[i] for i in picks] for vertex in ob.data.vertices])
                    np.asarray(vw.memcache)[:] += 1 + turn
                    vw.update()
                    same(vw.memcache.tolist(), [[vertex.co[i] for i in picks] for vertex in ob.data.vertices])


def test_linked_data_is_refused_before_the_first_write():
    from rnaslicer import Slicer
    some = objects()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        (other,) = objects("Linked", 1)
        bpy.data.libraries.write(path, {other})
        bpy.data.objects.remove(other)
        with bpy.data.libraries.load(path, link=True) as (there, here):
            here.objects = there.objects
        mixed = [*some, *here.objects]
        for items in (FIRST, ALL):
            for _ in range(3):
                with Slicer(mixed)[items] as vw:
                    before = firsts(mixed)
                    np.asarray(vw.memcache)[...] = 0.375
                    with refused("ReadOnlyError"):
                        vw.update()
                    same(firsts(mixed), before)
        bpy.data.libraries.remove(here.objects[0].library)
