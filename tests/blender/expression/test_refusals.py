# tests/blender/expression/test_refusals.py: writes that Blender would lose, spread or crash on, found by a review of the routes
import random
import unittest

import bpy
import numpy as np

from support import EVERY, VERSION, random_mesh, refused


def test_topology_by_any_way():
    """The attribute behind the corners' vertices, found by index, is checked as by name."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1), 4, 4, layers=False)
    names = [a.name for a in mesh.attributes]
    for i in [names.index(n) for n in (".corner_vert", ".edge_verts", ".corner_edge") if n in names]:
        for subscript in ((i, "data", EVERY, "value"), ([i], "data", EVERY, "value"), (i, "data", 0, "value")):
            with Slicer(mesh.attributes)[subscript] as vw:
                np.asarray(vw.memcache)[...] = 10**8
                with refused("ValueRangeError"):
                    vw.update()
    bpy.context.view_layer.update()


def test_topology_in_every_format():
    """What is beyond the mesh is refused as it was asked for, also beyond 32 bits; what is inside is written."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(2), 4, 4, layers=False)
    before = [c.vertex_index for c in mesh.loops]
    for dtype, wrong in (("i", -1), ("i", len(mesh.vertices)), ("q", -1), ("q", 1 << 32), ("q", -(1 << 40)), ("h", -1),
                         ("Q", 1 << 63), ("d", 1e300), ("f", -1.0)):
        with Slicer(mesh.loops, dtype=dtype)[EVERY, "vertex_index"] as vw:
            cache = np.asarray(vw.memcache)
            for row in (0, 7, len(before) - 1):
                right = cache[row]
                cache[row] = wrong
                with refused("ValueRangeError", "vertex_index"):
                    vw.update()
                cache[row] = right
            assert [c.vertex_index for c in mesh.loops] == before, (dtype, wrong)
            cache[...] = cache[::-1].copy()
            vw.update()
            assert [c.vertex_index for c in mesh.loops] == before[::-1], dtype
            cache[...] = cache[::-1].copy()
            vw.update()


def test_some_elements_read_only():
    """Nothing is written where one of the elements refuses."""
    from rnaslicer import Slicer
    bpy.data.objects.new("A", bpy.data.cameras.new("A"))
    bpy.data.objects.new("B", random_mesh(random.Random(1), 3, 3, layers=False))
    with Slicer(bpy.data.objects)[EVERY, "use_mesh_mirror_y"] as vw:
        np.asarray(vw.memcache)[...] = True
        with refused("ReadOnlyError"):
            vw.update()
    assert not any(ob.use_mesh_mirror_y for ob in bpy.data.objects)


def test_copies_of_uv_and_colors_keep_theirs():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1), 4, 4)
    ways = [("uv_layers", "uv", "vector"), ("uv_layers", "data", "uv"), ("vertex_colors", "data", "color")]
    for group, member, name in ways:
        if not hasattr(getattr(mesh, group)[0], member):
            continue
        copy = mesh.copy()
        values = [tuple(getattr(e, name)) for e in getattr(getattr(copy, group)[0], member)]
        copy2 = mesh.copy()
        with Slicer(getattr(getattr(mesh, group)[0], member))[EVERY, name] as vw:
            np.asarray(vw.memcache)[...] = 0.25
            vw.update()
        for other in (copy, copy2):
            assert [tuple(getattr(e, name)) for e in getattr(getattr(other, group)[0], member)] == values, (group, member)


def test_shape_keys_in_edit_mode():
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("O", random_mesh(random.Random(1), 3, 3, layers=False))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    ob.shape_key_add(name="Basis")
    data = ob.shape_key_add(name="Key").data
    with Slicer(data)[EVERY, "co"] as vw:
        bpy.ops.object.mode_set(mode="EDIT")
        try:
            with refused("ReadOnlyError", "edit mode"):
                vw.update()
        finally:
            bpy.ops.object.mode_set(mode="OBJECT")


def test_lattices_take_their_points():
    """The number of points is made real by the property's update callback, which foreach_set leaves out."""
    from rnaslicer import Slicer
    lattices = [bpy.data.lattices.new(n) for n in "ab"]
    with Slicer(bpy.data.lattices)[EVERY, "points_u"] as vw:
        np.asarray(vw.memcache)[...] = 5
        vw.update()
    assert [len(lattice.points) for lattice in lattices] == [20, 20]


def test_temporary_data_is_not_main():
    from rnaslicer import Slicer
    from rnaslicer.blender.hazards import temporary
    if VERSION < (4, 3):
        raise unittest.SkipTest("3.4 has no such lists to read")
    with temporary(bpy.data.temp_data()) as data:
        with refused("ExpressionError"):
            Slicer(data.meshes)
