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


def test_numbers_beside_arrays():
    """What is a number in one struct and an array in the next has no axis in common."""
    from rnaslicer import Slicer
    homes = scene((1, 2))
    homes[0].objects[0]["number"] = [1, 0, 2]
    for supplier, items in ((homes, (EVERY, "objects", -1, '["number"]')), (list(bpy.data.objects), (EVERY, '["number"]')),
                            (bpy.data.objects, (EVERY, '["number"]'))):
        for ragged in ("flat", "pad"):
            with refused("ExpressionError", "number"):
                Slicer(supplier, ragged=ragged)[items].__enter__()


def test_another_form_since():
    """A part that names nothing, too, is refused where what it is a part of has changed."""
    from rnaslicer import Slicer
    (home,) = scene((2,))
    for supplier in (list(home.objects), home.objects):
        for ragged in ("error", "flat", "pad"):
            for ob in home.objects:
                ob["number"] = 3
            with Slicer(supplier, ragged=ragged)[:, '["number"]'] as vw:
                vw.update(vw.memcache[0:0])
                home.objects[1]["number"] = [1, 2]
                for use in (vw.refresh, vw.update):
                    with refused("ShapeChangedError", "number"):
                        use(vw.memcache[0:0])
                    with refused("ShapeChangedError", "number"):
                        use()


def test_none_of_it_where_one_is_gone():
    """Arrays of which each is a part of its own: a refresh that the last refuses has read none."""
    from rnaslicer import Slicer
    (home,) = scene((3,))
    for supplier in (list(home.objects), home.objects):
        for name, items in (("three", ()), ("some", (0,))):
            for ob in home.objects:
                ob[name] = [1.0, 2.0]
            with Slicer(supplier, ragged="flat")[(EVERY, f'["{name}"]', *items)] as vw:
                before = vw.memcache.tolist()
                home.objects[0][name] = [5.0, 6.0]
                del home.objects[2][name]
                with refused("ShapeChangedError", name):
                    vw.refresh()
                same(vw.memcache.tolist(), before, "what was refused has read nothing")
            home.objects[2][name] = [1.0, 2.0]
