# tests/blender/transfer/test_building_looks.py: native code's look at geometry beside the one that says what is wrong
import contextlib
import random
from unittest import mock

import bpy

from support import VERSION, seed
from test_building_derived import whole


@contextlib.contextmanager
def without_looks():
    """Python's own look, which nothing remembers."""
    from rnaslicer.layout import layers
    from rnaslicer.layout import whole as python
    with mock.patch.object(layers, "sees_surface", return_value=False), mock.patch.object(
            layers, "sees_all", return_value=False), mock.patch.object(python, "_whole", {}):
        yield python


def spoiled(mesh, rng):
    """Some of its numbers are random, from -2 to some beyond the last; as they were afterwards. At times none."""
    before = []
    for elements, name, width, of in (("polygons", "loop_start", 1, "loops"), ("polygons", "loop_total", 1, "loops"),
                                      ("loops", "vertex_index", 1, "vertices"), ("loops", "edge_index", 1, "edges"),
                                      ("edges", "vertices", 2, "vertices")):
        if name == "loop_total" and VERSION >= (4, 0):
            continue
        coll = getattr(mesh, elements)
        numbers = [0] * (width * len(coll))
        coll.foreach_get(name, numbers)
        before.append((coll, name, numbers))
        if rng.random() < 0.3:
            changed = list(numbers)
            for _ in range(rng.choice((1, 1, 2, 9))):
                changed[rng.choice((0, -1, rng.randrange(len(changed))))] = rng.choice(
                    (-2, 0, 1, len(getattr(mesh, of)) - 1, len(getattr(mesh, of)), 1 << 30, rng.randrange(9)))
            coll.foreach_set(name, changed)
    return before


def test_of_meshes():
    """Both say the same, whatever the numbers are."""
    from rnaslicer import Slicer
    from rnaslicer.layout import layers
    rng = random.Random(seed())
    mesh = whole()
    for name in ("vertex_normals", "polygon_normals"):  # the session has learnt where layers lie
        Slicer(mesh)[name, :, "vector"].read()
    for name in ("loops", "edges"):
        with Slicer(getattr(mesh, name))[:, "index"]:
            pass
    with Slicer(mesh.loops)[:, "vertex_index"]:
        pass
    assert layers.sees_surface(mesh) and layers.sees_all(mesh)
    seen = {True: 0, False: 0}
    for _ in range(400):
        before = spoiled(mesh, rng)
        with without_looks() as python:
            surface = python.surface_fault(mesh) is None
            everything = python._derived_fault(mesh) is None
        found = layers.sees_surface(mesh), layers.sees_all(mesh)
        assert found == (surface, everything), (found, python.fault(mesh))
        seen[everything] += 1
        for coll, name, numbers in before:
            coll.foreach_set(name, numbers)
    assert min(seen.values()) > 40, seen


def test_of_parts():
    """Meshes that have only some of their elements."""
    from rnaslicer.layout import layers
    for counts in ((0, 0, 0, 0), (5, 0, 0, 0), (5, 3, 0, 0), (5, 0, 4, 0), (5, 3, 4, 0), (5, 0, 4, 1), (5, 3, 4, 1), (0, 3, 0, 0)):
        mesh = bpy.data.meshes.new("Part")
        for name, count in zip(("vertices", "edges", "loops", "polygons"), counts):
            getattr(mesh, name).add(count)
        if counts[3]:
            mesh.polygons.foreach_set("loop_start", [0])
        with without_looks() as python:
            surface = python.surface_fault(mesh) is None
            everything = python._derived_fault(mesh) is None
        assert not layers.sees_surface(mesh) or surface, counts
        assert not layers.sees_all(mesh) or everything, counts


def test_of_hair():
    from rnaslicer.layout import layers
    rng = random.Random(seed())
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([5] * 10)
    given = [one.value for one in curves.curve_offset_data]
    with without_looks() as python:
        python.fault(curves)
    assert layers.sees_all(curves)
    for _ in range(200):
        changed = list(given)
        for _ in range(rng.randrange(3)):
            changed[rng.randrange(len(changed))] = rng.choice((-1, 0, 5, 45, 49, 50, 51, 1 << 30))
        curves.curve_offset_data.foreach_set("value", changed)
        with without_looks() as python:
            is_whole = python.fault(curves) is None
        assert layers.sees_all(curves) == is_whole, changed
        curves.curve_offset_data.foreach_set("value", given)


test_of_hair.min_version = (4, 3)
