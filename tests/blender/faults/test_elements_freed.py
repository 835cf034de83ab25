# tests/blender/faults/test_elements_freed.py: collections whose elements Blender makes for a look, and frees after it
"""Normals of hair curves: asked for by index, or kept of an iteration, an element reads what was freed. foreach_get is right."""
import contextlib
import unittest

import bpy
import numpy as np
from fresh import undiscovered
from support import EVERY, VERSION, refused, same

HAS_NORMALS = "normals" in bpy.types.Curves.bl_rna.properties.keys()


def curves(name, sizes, shift=0):
    found = bpy.data.hair_curves.new(name)
    found.add_curves(sizes)
    for i, point in enumerate(found.points):
        point.position = i % 3, i * 0.3, i * 7 % 5 + shift
    return found


def normals(owner):
    flat = np.zeros(len(owner.normals) * 3, "f")
    owner.normals.foreach_get("vector", flat)
    return flat.reshape(-1, 3)


def stays(supplier, items, wanted):
    """At enter, refreshed while memory is used for other things, in part, and read."""
    from rnaslicer import Slicer
    text = f"{supplier!r:.60} {items}"
    with Slicer(supplier)[items] as vw:
        same(vw.memcache.tolist(), wanted.tolist(), f"{text} at enter")
        for _ in range(10):
            others = [np.random.rand(12, 3).astype("f") for _ in range(5)]
            vw.refresh()
            same(vw.memcache.tolist(), wanted.tolist(), f"{text} refreshed")
            vw.refresh(vw.memcache[:1])
            same(vw.memcache.tolist(), wanted.tolist(), f"{text} refreshed in part")
            same(np.asarray(vw.read()).tolist(), wanted.tolist(), f"{text} read")
            del others
    same(Slicer(supplier)[items].read().tolist(), wanted.tolist(), f"{text} read once")


def no_element():
    from rnaslicer import Slicer
    some = [curves(f"Freed{i}", [4, 3, 5], i) for i in range(3)]
    alone = curves("Alone", [1])
    ob = bpy.data.objects.new("Freed", some[0])
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    first = normals(some[0])
    for _ in range(3):
        for rows in (EVERY, slice(2, 5), slice(2, 3), slice(None, None, -1), [0, 2, -1]):
            stays(some[0].normals, (rows, "vector"), first[rows])
            stays(some, (EVERY, "normals", rows, "vector"), np.array([normals(one)[rows] for one in some]))
        stays(some[0], ("normals", EVERY, "vector", "zx"), first[:, [2, 0]])
        stays([ob, ob], (EVERY, "data", "normals", EVERY, "vector"), np.array([first, first]))
        stays(evaluated.normals, (EVERY, "vector"), first)
        stays(alone.normals, (EVERY, "vector"), normals(alone))
        stays([alone], (EVERY, "normals", EVERY, "vector"), normals(alone)[None])
        stays(some[0].curves, (EVERY, "first_point_index", some[0].normals, "vector"), first[[0, 4, 7]])
        for supplier, items in ((some[0].normals, (1, "vector")), (some[0], ("normals", -1, "vector", 0)),
                                (some, (EVERY, "normals", 1, "vector"))):
            with refused("ContextError", "frees", "slice"):
                Slicer(supplier)[items].__enter__()


@unittest.skipUnless(HAS_NORMALS, "no normals of hair curves")
def test_no_element_is_looked_at():
    no_element()


@unittest.skipUnless(HAS_NORMALS, "no normals of hair curves")
def test_no_element_is_looked_at_undiscovered():
    with undiscovered():
        no_element()


@unittest.skipUnless(HAS_NORMALS, "no normals of hair curves")
def test_they_are_made_for_each_look():
    """What is in the table is so, and of what else hair has nothing is."""
    from rnaslicer.blender.hazards import ELEMENTS_FREED
    owner = curves("Looks", [4, 3])
    owner.attributes.new("extra", "FLOAT", "POINT")
    for prop in owner.bl_rna.properties:
        if prop.type == "COLLECTION" and len(getattr(owner, prop.identifier)):
            looks = [iter(getattr(owner, prop.identifier)) for _ in range(2)]
            with contextlib.suppress(StopIteration):
                apart = len({next(look).as_pointer() for look in looks}) > 1
                assert apart == (prop.identifier == "normals" and VERSION in ELEMENTS_FREED.versions), prop.identifier
