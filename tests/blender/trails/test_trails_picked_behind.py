# tests/blender/trails/test_trails_picked_behind.py: updates of what lies behind picked elements that are no datablocks
"""bpy says what is right. Each is found anew after a write, for which its number in the collection counts."""
import bpy
import numpy as np

from support import EVERY, same
from trail_lists import rig


def layered():
    mesh = bpy.data.meshes.new("Layered")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0)], [], [(0, 1, 2)])
    for i in range(6):
        for k, one in enumerate(mesh.uv_layers.new(name=f"UV {i}").data):
            one.uv = i, k
    return mesh.uv_layers


def constrained():
    bones = rig(6).pose.bones
    for i, bone in enumerate(bones):
        for k in range(2):
            bone.constraints.new("LIMIT_LOCATION").influence = (i + k / 2) / 8
    return bones


OF = {"layers": (layered, ("data", EVERY, "uv"), lambda one: [list(corner.uv) for corner in one.data]),
      "lists": (constrained, ("constraints", EVERY, "influence"), lambda one: [each.influence for each in one.constraints])}
PICKS = {"numbers": [4, 2], "twice": [3, 1, 3], "from the end": [-1, 0], "mask": [True, False, True, False, False, True],
         "slice": slice(1, 6, 2), "range": range(5, 0, -2)}


def test_updates(of, picks):
    from rnaslicer import Slicer
    make, items, values = OF[of]
    coll = make()
    numbers = np.arange(6)[np.asarray(PICKS[picks]) if type(PICKS[picks]) is list else PICKS[picks]].tolist()
    for _ in range(3):  # by the routes, then natively
        before = [values(one) for one in coll]
        with Slicer(coll)[(PICKS[picks], *items)] as vw:
            same(vw.memcache.tolist(), [before[i] for i in numbers])
            cache = np.asarray(vw.memcache)
            for row, _ in enumerate(numbers):
                cache[row] = (row + 1) / 16
            vw.update()
            for row, i in enumerate(numbers):
                before[i] = vw.memcache[row].tolist()
            same([values(one) for one in coll], before)
            cache[...] = 0.5
            vw.update(vw.memcache[1:])
            for i in numbers[1:]:
                before[i] = vw.memcache[1].tolist()
            same([values(one) for one in coll], before)
        with Slicer(coll)[(PICKS[picks], *items)].edit() as vw:
            np.asarray(vw.memcache)[0] = 0.25
        before[numbers[0]] = (np.zeros_like(before[numbers[0]]) + 0.25).tolist()
        if numbers.count(numbers[0]) == 1:
            same([values(one) for one in coll], before)


test_updates.cases = {f"{of} {picks}": (of, picks) for of in OF for picks in PICKS}
