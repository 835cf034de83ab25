# tests/blender/transfer/test_building_curves.py: hair curves and drawings, whole and not: their offsets, their points
import unittest

import bpy
import numpy as np

from support import EVERY, VERSION, refused, same


def hair():
    """(what has the offsets, the name of the collection, the points' positions, how to slice from a datablock) of 10
    hair curves."""
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([5] * 10)
    return curves, "curve_offset_data", lambda: curves.attributes["position"].data, (curves, ())


def drawing():
    """The same of a Grease Pencil drawing."""
    data = bpy.data.grease_pencils if VERSION >= (5, 0) else bpy.data.grease_pencils_v3
    pencil = data.new("Pencil")
    made = pencil.layers.new("Layer").frames.new(1).drawing
    made.add_strokes([5] * 10)

    def found():
        return pencil.layers[0].frames[0].drawing
    return made, "curve_offsets", lambda: found().attributes["position"].data, (
        pencil.layers, (0, "frames", 0, "drawing"))


def test_curves(make):
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such curves")
    from rnaslicer import Slicer
    owner, name, positions, (root, way) = make()
    of_offsets = lambda: Slicer(root)[(*way, name, EVERY, "value")]
    of_positions = lambda: Slicer(root)[(*way, "attributes", ["position"], "data", EVERY, "vector")]
    offsets = getattr(owner, name)
    count = len(positions())
    given = [o.value for o in offsets]
    other = [0, 2] + [7 * i for i in range(1, 8)] + [49, count]
    assert given[-1] == count and len(other) == len(given)
    with of_offsets() as vw:
        for row, value in ((0, 1), (3, 4), (3, 50), (10, 49), (10, 51), (4, -1)):
            vw.refresh()
            vw.memcache[row] = value
            with refused("ValueRangeError", "nothing was written"):
                vw.update()
            with refused("ValueRangeError", "nothing was written"):
                vw.update(vw.memcache[row:row + 1])
        assert [o.value for o in getattr(owner, name)] == given
        np.asarray(vw.memcache)[...] = other
        vw.update()
    assert [o.value for o in getattr(owner, name)] == other
    # Not whole: values arrive, and nothing is told to evaluate it.
    getattr(owner, name).foreach_set("value", [1 << 29] * len(given))
    values = np.random.default_rng(1).random((count, 3), dtype="f")
    with of_positions() as vw:
        np.asarray(vw.memcache)[...] = values
        vw.update()
        vw.update(vw.memcache[:, 3:9])
    same([list(p.vector) for p in positions()], values.tolist(), "positions")
    getattr(owner, name).foreach_set("value", given)
    with of_positions() as vw:
        np.asarray(vw.memcache)[...] = values[::-1]
        vw.update()
    same([list(p.vector) for p in positions()], values[::-1].tolist(), "positions")


test_curves.cases = {"hair": (hair,), "Grease Pencil": (drawing,)}


def test_borders_of_curves_are_not_copied():
    """They are compared where they lie; of curves without points, too, and of the last one as well."""
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such curves")
    from rnaslicer import Slicer, _core
    from rnaslicer.layout import whole
    owner, name, positions, _ = hair()
    given = [o.value for o in owner.curve_offset_data]
    read, real = [], _core.read_memory

    def counting(address, size):
        read.append(size)
        return real(address, size)
    try:
        with Slicer(owner.attributes)[["position"], "data", EVERY, "vector"] as vw:
            vw.update()
            _core.read_memory = counting
            vw.update()
        assert not read or max(read) <= 8, read
    finally:
        _core.read_memory = real
    for offsets, at in ((given, None), ([0, 5, 5, *given[3:]], None), ([0, 20, *given[2:]], 1), ([1, *given[1:]], 0),
                        ([*given[:-1], 49], 9), ([*given[:-2], 51, 50], 8), ([0, -1, *given[2:]], 0)):
        owner.curve_offset_data.foreach_set("value", offsets)
        why = whole.fault(owner)
        assert why is None if at is None else f"curve {at} of" in why, (offsets, why)
    owner.curve_offset_data.foreach_set("value", given)
