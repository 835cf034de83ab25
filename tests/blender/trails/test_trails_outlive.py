# tests/blender/trails/test_trails_outlive.py: trails that outlive what they were made for
"""Each test follows a trail until native code does it, then changes what it was made for: the right value, or a named
error."""
import os
import random
import tempfile

import bpy
import numpy as np

from support import EVERY, plain, random_mesh, refused, same
from trail_ways import known, layer, natively, read, values


# ---- layers and classes

def test_a_layer_made_again_with_another_type():
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Layers")
    mesh.from_pydata([(i, 0, 0) for i in range(6)], [(i, (i + 1) % 6) for i in range(6)], [])
    pairs = [("FLOAT", "INT"), ("INT", "BOOLEAN"), ("BOOLEAN", "INT8"), ("INT8", "FLOAT"), ("FLOAT_VECTOR", "FLOAT2")]
    native = 0
    for _ in range(2):  # the second time round all trails are there
        for before, after in pairs:
            name = "vector" if before == "FLOAT_VECTOR" else "value"
            layer(mesh, before)
            native += sum(read(mesh.attributes["Layer"].data, EVERY, name)[1] for _ in range(3))
            wrapper = Slicer(mesh.attributes["Layer"].data)[:, name]
            with wrapper as vw:
                vw.refresh()
                made = layer(mesh, after)
                for use in (vw.refresh, vw.update):
                    try:
                        use()
                    except Exception as error:
                        assert type(error).__module__.startswith("rnaslicer"), error
                same([plain(getattr(one, name)) for one in made.data],
                     [plain(getattr(one, name)) for one in layer(mesh, after).data])  # nothing was written into it
            got, _ = read(mesh.attributes["Layer"].data, EVERY, name)
            assert plain(got) == values(mesh.attributes["Layer"].data, name), (before, after)
            with wrapper as vw:
                assert plain(vw.memcache.tolist()) == values(mesh.attributes["Layer"].data, name)
    assert native >= 8, native


def group(prop):
    return type("TrailGroup", (bpy.types.PropertyGroup,), {"__annotations__": {"number": prop}})


def test_a_class_registered_anew():
    from rnaslicer import Slicer
    props = [bpy.props.FloatProperty(), bpy.props.IntProperty(), bpy.props.FloatVectorProperty(size=3),
             bpy.props.BoolProperty()]
    for prop in (*props, *props):
        cls = group(prop)
        bpy.utils.register_class(cls)
        bpy.types.Object.trail_groups = bpy.props.CollectionProperty(type=cls)
        ob = bpy.data.objects.new("Owner", None)
        for i in range(5):
            ob.trail_groups.add()
            if "number" in ob.trail_groups[i].bl_rna.properties and prop is not props[2]:
                ob.trail_groups[i].number = i % 2
        for _ in range(3):
            got, _ = read(ob.trail_groups, EVERY, "number")
            assert plain(got) == values(ob.trail_groups, "number"), prop
        wrapper = Slicer(ob.trail_groups)[:, "number"]
        with wrapper as vw:
            vw.update()
            bpy.utils.unregister_class(cls)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "unregistered"):
                    use()
        del bpy.types.Object.trail_groups
        with refused("SupplierLostError"):
            wrapper.__enter__()


def test_a_property_of_scripts_beside_a_trail():
    """Blender's own types get a property while trails on them are known, and lose it."""
    mesh = random_mesh(random.Random(6))
    expected = known(mesh.vertices, EVERY, "co")
    for _ in range(2):
        bpy.types.Mesh.trail_number = bpy.props.IntProperty()
        mesh.trail_number = 3
        same(known(mesh.vertices, EVERY, "co"), expected)
        del bpy.types.Mesh.trail_number
        same(known(mesh.vertices, EVERY, "co"), expected)


# ---- files, undo, libraries

def test_a_file_is_loaded():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(7), name="Kept")
    mesh.use_fake_user = True
    expected = known(mesh.vertices, EVERY, "co")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trails.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        with Slicer(mesh.vertices)[:, "co"] as vw:
            natively("refresh", vw.refresh)
            bpy.ops.wm.open_mainfile(filepath=path)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "loaded"):
                    use()
        mesh = bpy.data.meshes["Kept"]
        read(mesh.vertices, EVERY, "co")
        got, native = read(mesh.vertices, EVERY, "co")
        assert native
        same(got, expected)
        bpy.ops.wm.read_homefile(use_factory_startup=True)


def test_undo_and_redo():
    from rnaslicer import Slicer
    bpy.context.preferences.edit.use_global_undo = True
    mesh = random_mesh(random.Random(8), name="Undone")
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Undone", mesh))
    bpy.ops.ed.undo_push(message="made")
    before = known(mesh.vertices, EVERY, "co")
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.update()
        np.asarray(vw.memcache)[...] += 1
        natively("update", vw.update)
        bpy.ops.ed.undo_push(message="moved")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before)
        natively("refresh", vw.refresh)
        bpy.ops.ed.redo()
        vw.refresh()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), (np.array(before, "f") + np.float32(1)).tolist())
        np.asarray(vw.memcache)[...] = 5
        vw.update()
        assert list(bpy.data.meshes["Undone"].vertices[2].co) == [5, 5, 5]


def test_a_library_is_reloaded():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(9), name="Linked")
    expected = known(mesh.vertices, EVERY, "co")
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.update()
        natively("update", vw.update)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trail_library.blend")
        bpy.data.libraries.write(path, {mesh}, fake_user=True)
        bpy.data.meshes.remove(mesh)
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.meshes = ["Linked"]
        linked = wanted.meshes[0]
        same(known(linked.vertices, EVERY, "co"), expected)
        with Slicer(linked.vertices)[:, "co"] as vw:
            natively("refresh", vw.refresh)
            with refused("ReadOnlyError", "linked"):
                vw.update()
            bpy.data.libraries[0].reload()
            with refused("SupplierLostError", "reloaded"):
                vw.refresh()
        same(read(bpy.data.meshes["Linked"].vertices, EVERY, "co")[0], expected)


def test_vertices_come_and_go():
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Grows")
    mesh.vertices.add(5)
    known(mesh.vertices, EVERY, "co")
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.update()
        mesh.vertices.add(2)
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
    got, native = read(mesh.vertices, EVERY, "co")
    assert native and len(got) == 7
    mesh.clear_geometry()
    assert read(mesh.vertices, EVERY, "co")[0] == []


def test_trails_are_bounded():
    from rnaslicer.transfer import trails
    mesh = bpy.data.meshes.new("Many")
    mesh.vertices.add(3)
    most, trails._MOST = trails._MOST, 5
    try:
        for i in range(12):
            assert len(read(mesh.vertices, slice(None, i + 1), "co")[0]) == min(i + 1, 3)
            assert len(trails._trails) <= 5
    finally:
        trails._MOST = most
