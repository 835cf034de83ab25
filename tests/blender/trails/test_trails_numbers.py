# tests/blender/trails/test_trails_numbers.py: elements that indices or a mask name, along a trail
"""bpy says what is right. `natively` says who did it."""
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, refused, same, seed
from trail_ways import known, natively, read, values

COUNT = 13 * 10  # vertices of a random mesh


def mesh():
    made = random_mesh(random.Random(seed()))
    for k, one in enumerate(made.attributes.new("Numbers", "FLOAT", "POINT").data):
        one.value = k / 2
    return made


def mask_of(count, step=3):
    return np.arange(count) % step == 0


PICKS = {
    "list": lambda count: [3, 1, count - 1, 0],
    "from the end": lambda count: [-1, 5, -count],
    "array": lambda count: np.arange(1, count, 7, dtype=np.int32),
    "mask": mask_of,
    "list of bools": lambda count: mask_of(count, 5).tolist(),
}
OF = {
    "co": (lambda one: one.vertices, (), "co"),
    "select": (lambda one: one.vertices, (), "select"),
    "seam": (lambda one: one.edges, (), "use_seam"),
    "attribute": (lambda one: one.attributes["Numbers"].data, (), "value"),
    "by name": (lambda one: one, ("vertices",), "co"),
    "by key": (lambda one: one, ("attributes", '["Numbers"]', "data"), "value"),
}


def reached(supplier, before):
    for name in before:
        supplier = supplier[name[2:-2]] if name[:1] == "[" else getattr(supplier, name)
    return supplier


def test_picked(picks, of):
    """Native code enters with other numbers and another datablock; only what is named is written."""
    from rnaslicer import Slicer
    supplier, before, prop = OF[of]
    first = supplier(mesh())
    count = len(reached(first, before))
    known(first, *before, [2, 4], prop)
    known(first, *before, mask_of(count, 4), prop)
    supplied = supplier(mesh())
    coll, picked = reached(supplied, before), PICKS[picks](count)
    numbers = np.arange(count)[np.asarray(picked)].tolist()
    expected = values(coll, prop)
    found, native = read(supplied, *before, picked, prop)
    assert native == 1, (of, picks)
    same(found, [expected[i] for i in numbers])
    with Slicer(supplied)[(*before, picked, prop)] as vw:
        vw.update()
        cache = np.asarray(vw.memcache)
        cache[...] = ~cache if cache.dtype == bool else cache + 3
        natively("update", vw.update)
        for i, value in zip(numbers, vw.memcache.tolist()):
            expected[i] = value
        same(values(coll, prop), expected)
        cache[...] = ~cache if cache.dtype == bool else cache * 2
        natively("update", lambda: vw.update(vw.memcache[1:3]))
        for i, value in zip(numbers[1:3], vw.memcache[1:3].tolist()):
            expected[i] = value
        same(values(coll, prop), expected)
        natively("refresh", lambda: vw.refresh(vw.memcache[::2]))
        same(vw.memcache[::2].tolist(), [expected[i] for i in numbers[::2]])
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), [expected[i] for i in numbers])
        vw.write(cache)
        same(vw.read().tolist(), vw.memcache.tolist())


test_picked.cases = {f"{of} {picks}": (picks, of) for of in OF for picks in PICKS}


def test_the_last_wins():
    from rnaslicer import Slicer
    one = mesh()
    known(one.vertices, [5, 6, 5], "co")
    with Slicer(one.vertices)[[5, 6, 5, 7, 5], "co"] as vw:
        vw.update()
        np.asarray(vw.memcache)[:] = np.arange(5)[:, None]
        natively("update", vw.update)
    same([list(one.vertices[i].co) for i in (5, 6, 7)], [[4.0] * 3, [1.0] * 3, [3.0] * 3])


def test_indices_are_checked():
    """Values that are indices must lead somewhere, of what is picked as of all."""
    from rnaslicer import Slicer
    one = mesh()
    known(one.edges, [0, 1, 2], "vertices")
    before = [list(edge.vertices) for edge in one.edges]
    with Slicer(one.edges)[[1, 4], "vertices"] as vw:
        natively("update", vw.update)
        vw.memcache[1, 1] = COUNT
        with refused("ValueRangeError", str(COUNT)):
            vw.update()
    same([list(edge.vertices) for edge in one.edges], before)


def test_numbers_that_are_not_there():
    from rnaslicer import Slicer
    one = mesh()
    known(one.vertices, [1, 2], "co")
    known(one.vertices, mask_of(COUNT), "co")
    for picked, words in (([1, COUNT], "out of range"), ([-COUNT - 1], "out of range"),
                          (mask_of(COUNT - 1), f"mask of {COUNT - 1}"), (mask_of(COUNT + 1), f"mask of {COUNT + 1}")):
        with refused("ExpressionError", words):
            read(one.vertices, picked, "co")
    for picked in ([], np.zeros(COUNT, bool)):
        same(read(one.vertices, picked, "co")[0], [])
    for picked in ([1, 2], mask_of(COUNT)):
        with Slicer(one.vertices)[picked, "co"] as vw:
            one.vertices.add(1)
            for call in (vw.refresh, vw.update):
                with refused("ShapeChangedError", f"{COUNT} elements", str(COUNT + 1)):
                    call()
        one = mesh()


def test_numbers_are_those_of_then():
    """An array that a script changes later names what it named when the expression was made."""
    from rnaslicer import Slicer
    one = mesh()
    picked = np.array([1, 2, 3])
    known(one.vertices, picked, "co")
    vw = Slicer(one.vertices)[picked, "co"]
    picked[:] = 50
    with vw:
        same(vw.memcache.tolist(), [list(one.vertices[i].co) for i in (1, 2, 3)])


def test_with_settings():
    """Types, several properties, what several wrappers share, buffers of the caller's."""
    from rnaslicer import Slicer
    one = mesh()
    picked = np.flatnonzero(mask_of(COUNT))
    expected = np.array([list(vertex.co) for vertex in one.vertices])[picked]
    for dtype in ("d", "e", "f"):
        known(one.vertices, picked, "co", dtype=dtype)
        found, native = read(one.vertices, picked, "co", dtype=dtype)
        assert native == 1
        same(found, expected.astype(dtype).tolist())
    wide = np.zeros((len(picked), 5))
    assert Slicer(one.vertices)[picked, "co"].read(wide[:, 1:4]).base is wide
    same(wide[:, 1:4].tolist(), expected.tolist())
    assert not wide[:, ::4].any()
    both = known(one.vertices, picked, ("select", "hide"))
    same(both, [[one.vertices[i].select, one.vertices[i].hide] for i in picked])
    last = known(one.vertices, picked, "co", "z")
    same(last, expected[:, 2].tolist())


def test_many_numbers():
    """More than a kernel's threads share."""
    from rnaslicer import Slicer
    count = 300_000
    one = bpy.data.meshes.new("Large")
    one.vertices.add(count)
    rng = np.random.default_rng(7)
    with Slicer(one.vertices)[:, "co"] as vw:
        whole = np.asarray(vw.memcache)
        whole[:] = rng.random((count, 3), np.float32)
        vw.update()
        picked = rng.permutation(count)[: count // 2]
        for numbers in ([4, 5], picked, whole[:, 0] < 0.5):
            with Slicer(one.vertices)[numbers, "co"] as some:
                assert (np.asarray(some.memcache) == whole[numbers]).all()
        with Slicer(one.vertices)[picked, "co"] as some:
            some.update()
            np.asarray(some.memcache)[:] *= 2
            natively("update", some.update)
        expected = whole.copy()
        expected[picked] *= 2
        vw.refresh()
        assert (whole == expected).all()


def test_all_by_an_ellipsis():
    one = mesh()
    same(known(one.vertices, ..., "co"), values(one.vertices, "co"))
    same(known(one, "vertices", ..., "co"), values(one.vertices, "co"))
    same(read(mesh().vertices, ..., "co")[1], 1)
