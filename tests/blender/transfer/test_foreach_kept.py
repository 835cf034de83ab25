# tests/blender/transfer/test_foreach_kept.py: what bpy's own foreach_set loses of elements one by one
"""It passes over what it may not write: hazards.FOREACH_PASSES_OVER. At first calls, later ones and along trails."""
import os
import tempfile

import bpy
import numpy

from support import VERSION, random_mesh, refused
from test_foreach_counted import each_time
import random


def linked(**lists):
    """Datablocks of these names, linked from a file that has them: list in bpy.data -> the only one."""
    made = [(name, new("Linked")) for name, new in lists.items()]
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    bpy.data.libraries.write(path, {one for _, one in made}, fake_user=True)
    for name, one in made:
        getattr(bpy.data, name).remove(one)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        for name in lists:
            setattr(wanted, name, ["Linked"])
    return {name: getattr(wanted, name)[0] for name in lists}


def numbers(coll, name, value):
    """All forms in which its values may be given."""
    first = getattr(coll[0], name)
    count = len(coll) * (len(first) if hasattr(first, "__len__") else 1)
    kind = type(first[0] if hasattr(first, "__len__") else first)
    yield [kind(value)] * count
    yield tuple([kind(value)] * count)
    yield numpy.full(count, value, {float: "f", int: "i", bool: "?"}[kind])
    yield numpy.full((count, 1), value, "d" if kind is float else "q")


def test_linked_datablocks():
    from rnaslicer import foreach_get, foreach_set
    found = linked(objects=lambda name: bpy.data.objects.new(name, None), materials=bpy.data.materials.new)
    mesh = bpy.data.meshes.new("Mesh")
    mesh.materials.append(bpy.data.materials.new("Own"))
    mesh.materials.append(found["materials"])
    own = bpy.data.objects.new("Own", mesh)
    for one in (own, found["objects"]):
        bpy.context.scene.collection.objects.link(one)
    bpy.context.view_layer.update()
    scene = bpy.context.scene
    for coll, name in ((bpy.data.objects, "location"), (bpy.data.objects, "hide_render"), (bpy.data.objects, "pass_index"),
                       (scene.objects, "location"), (scene.collection.objects, "location"),
                       (bpy.context.view_layer.objects, "pass_index"), (mesh.materials, "roughness"),
                       (bpy.data.materials, "roughness"), (bpy.data.materials, "diffuse_color")):
        before = [0.0] * len(list(numbers(coll, name, 0))[0])
        coll.foreach_get(name, before)
        for _ in each_time():
            for given in numbers(coll, name, 1):
                with refused("ReadOnlyError", "element", "'Linked'", "linked from", "nothing was written"):
                    foreach_set(coll, name, given)
                now = list(before)
                foreach_get(coll, name, now)
                assert now == before, (coll, name)
    bpy.data.objects.remove(found["objects"])
    for _ in each_time():
        for given in numbers(bpy.data.objects, "location", 3):
            foreach_set(bpy.data.objects, "location", given)
            assert tuple(own.location) == (3, 3, 3)
            own.location = 0, 0, 0


def test_overrides():
    """Are written where the override keeps the property, as by a wrapper."""
    from rnaslicer import foreach_set
    found = linked(objects=lambda name: bpy.data.objects.new(name, None))["objects"]
    override = found.override_create()
    bpy.data.objects.remove(found) if False else None
    coll = bpy.data.collections.new("Overridden").objects
    coll.link(override)
    for _ in each_time():
        for given in numbers(coll, "location", 5):
            override.location = 0, 0, 0
            foreach_set(coll, "location", given)
            assert tuple(override.location) == (5, 5, 5)
        lost = [one.identifier for one in override.bl_rna.properties if one.type in ("BOOLEAN", "INT", "FLOAT")
                and not one.is_readonly and not override.is_property_overridable_library(one.identifier)
                and not getattr(one, "is_array", False)]
        for name in lost[:3]:
            with refused("ReadOnlyError", "override", name):
                foreach_set(coll, name, [getattr(override, name)])


def test_locked_elements():
    """Elements decide one by one whether a property may be written."""
    from rnaslicer import foreach_set
    ob = bpy.data.objects.new("Locked", bpy.data.lattices.new("Locked"))
    ob.data.points_u = 3
    ob.shape_key_add(name="Key")  # with which a lattice's numbers of points are read-only
    bpy.data.lattices.new("Free").points_u = 4
    coll = bpy.data.lattices
    before = [one.points_u for one in coll]
    for _ in each_time():
        for given in numbers(coll, "points_u", 7):
            with refused("ReadOnlyError", "read-only", "nothing was written"):
                foreach_set(coll, "points_u", given)
            assert [one.points_u for one in coll] == before


def test_evaluated_elements():
    from rnaslicer import foreach_set
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("One", None))
    coll = bpy.context.evaluated_depsgraph_get().objects
    for _ in each_time():
        for given in numbers(coll, "location", 7):
            with refused("ReadOnlyError", "evaluated"):
                foreach_set(coll, "location", given)


def test_edited_elements():
    """A mesh's own values are kept in edit mode, and so is what its materials hold: only its collections are overwritten."""
    from rnaslicer import foreach_set
    mesh = random_mesh(random.Random(3))
    for i in range(len(mesh.materials)):
        mesh.materials[i] = bpy.data.materials.new("Kept")
    ob = bpy.data.objects.new("Edited", mesh)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        for _ in each_time():
            with refused("ReadOnlyError", "edit mode"):
                foreach_set(mesh.vertices, "select", [True] * len(mesh.vertices))
            for value in (True, False):
                foreach_set(bpy.data.meshes, "use_mirror_x", [value] * len(bpy.data.meshes))
                bpy.ops.object.mode_set(mode="OBJECT")
                assert mesh.use_mirror_x is value
                bpy.ops.object.mode_set(mode="EDIT")
            foreach_set(mesh.materials, "roughness", [.25] * len(mesh.materials))
            assert {one.roughness for one in mesh.materials} == {.25}
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


def test_flags_of_uv_maps():
    """The layer of a flag that was never set is made first: 4.3 spoils memory (hazards.UV_FLAGS_WRITE)."""
    from rnaslicer import foreach_get, foreach_set
    names = [name for name in ("pin_uv", "select", "select_edge") if name in bpy.types.MeshUVLoop.bl_rna.properties]
    for _ in each_time():
        for name in names:
            for form in (list, tuple, numpy.array, lambda flags: numpy.array(flags, "i1"),
                         lambda flags: numpy.array(flags)[:, None]):
                mesh = random_mesh(random.Random(5), layers=False)
                for index in range(4):
                    mesh.uv_layers.new(name=f"Map {index}")
                for index in (2, 0):
                    wanted = [i % 3 == index for i in range(len(mesh.loops))]
                    foreach_set(mesh.uv_layers[index].data, name, form(wanted))
                    found = [False] * len(wanted)
                    foreach_get(mesh.uv_layers[index].data, name, found)
                    assert found == wanted == [getattr(one, name) for one in mesh.uv_layers[index].data], (name, form)
                assert not any(getattr(one, name) for one in mesh.uv_layers[1].data)
                bpy.data.meshes.remove(mesh)


def test_flags_that_are_refused_leave_no_layer():
    """In 4.3, where ours makes it: 3.4 has bits, and bpy's own call makes that of 5.2 before it looks at the values."""
    if not (4, 0) <= VERSION < (5, 0):
        return
    from rnaslicer import foreach_set
    names = [name for name in ("pin_uv", "select", "select_edge") if name in bpy.types.MeshUVLoop.bl_rna.properties]
    for _ in each_time():
        for name in names:
            mesh = random_mesh(random.Random(5), layers=False)
            made = list(mesh.attributes.keys())
            count = len(mesh.loops)
            for items in (["a"] * count, [0] * (count - 1) + [2], numpy.ones(count, "f"), numpy.ones((count, 1), "d"), [None] * count,
                          memoryview(numpy.ones(count, "f")), b"abc" * count):
                with refused("ExpressionError", name):
                    foreach_set(mesh.uv_layers[0].data, name, items)
            assert list(mesh.attributes.keys()) == made, name
            bpy.data.meshes.remove(mesh)
