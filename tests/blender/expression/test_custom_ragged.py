# tests/blender/expression/test_custom_ragged.py: custom properties behind collections, and arrays of them, joined and padded
import bpy
import spec
from support import refused, same

EVERY = slice(None)


def scene(counts):
    """Collections with so many objects each; of the objects numbers, arrays of one length and of several, in a group, too."""
    homes = []
    for count in counts:
        homes.append(bpy.data.collections.new("Ragged"))
        for at in range(count):
            ob = bpy.data.objects.new("Ragged", None)
            ob["number"], ob["three"], ob["some"] = at, [1.0, 2.0, at], list(range(1 + at))
            ob["group"] = {"some": [at] * (2 - at % 2)}
            homes[-1].objects.link(ob)
    return homes


def check(supplier, items, **settings):
    """As specified, again and again; and written."""
    import numpy as np
    from rnaslicer import Slicer
    for _ in range(3):
        wanted = spec.evaluate(supplier, items, **settings)
        with Slicer(supplier, **settings)[items] as vw:
            assert (tuple(vw.shape), vw.format) == (wanted.shape, wanted.format), (items, settings, vw.shape, wanted.shape)
            same(vw.memcache.tolist(), wanted.tolist(), f"{items} {settings}")
            assert (wanted.offsets is None) == (vw.offsets is None), items
            if wanted.offsets is not None:
                same(vw.offsets.tolist(), list(wanted.offsets), f"offsets of {items}")
            values = np.asarray(vw.memcache)
            values += 1
            vw.update()
            now = spec.evaluate(supplier, items, **settings)
            if settings.get("ragged") != "pad":
                same(now.tolist(), values.tolist(), f"{items} {settings} after an update")
            values -= 1
            vw.update()


def test_behind_as_many_each():
    """As many objects in each collection is no reason to leave the axes apart."""
    scene((2, 2))
    for supplier in (bpy.data.collections, list(bpy.data.collections)):
        for settings in ({}, {"ragged": "flat"}, {"ragged": "pad"}, {"ragged": "pad", "width": 3, "fill": 7}):
            check(supplier, (EVERY, "objects", EVERY, '["number"]'), **settings)
            check(supplier, (EVERY, "objects", EVERY, '["three"]', 0), **settings)


def test_behind_lengths_that_differ():
    scene((1, 3, 2))
    for supplier in (bpy.data.collections, list(bpy.data.collections)):
        for settings in ({"ragged": "flat"}, {"ragged": "pad"}, {"ragged": "pad", "width": 4}):
            check(supplier, (EVERY, "objects", EVERY, '["number"]'), **settings)
            check(supplier, (EVERY, "objects", EVERY, '["group"]', '["some"]', 0), **settings)


def test_two_levels():
    from rnaslicer import Slicer
    scene((2, 2))
    with refused("ExpressionError", "one level"):
        Slicer(bpy.data.collections, ragged="flat")[:, "objects", :, '["three"]'].__enter__()


def test_arrays():
    """Of a collection's structs as of a Python sequence of them."""
    scene((2, 3))
    home = bpy.data.collections[1].objects
    for supplier in (home, list(home), bpy.data.objects, list(bpy.data.objects)):
        for rows in (EVERY, slice(None, None, -1), [1, 0, 1]):
            for settings in ({"ragged": "flat"}, {"ragged": "pad"}):
                check(supplier, (rows, '["three"]'), **settings)
                check(supplier, (rows, '["some"]'), **settings)
                check(supplier, (rows, '["group"]', '["some"]'), **settings)
                check(supplier, (rows, '["three"]', "zx"), **settings)
                check(supplier, (rows, '["three"]', slice(1, None)), **settings)
                check(supplier, (rows, '["some"]', 0), **settings)
            check(supplier, (rows, '["three"]'))
