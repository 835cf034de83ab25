# tests/blender/transfer/test_permissions.py: what must not be written is refused before anything is touched, with the reason
import os
import random
import tempfile
import unittest

import bpy
import numpy as np

from support import EVERY, VERSION, fill_memcache, plain, random_image, random_mesh, refused, snapshot


def library():
    """A file with an object, its mesh with shape keys, a material with nodes."""
    mesh = random_mesh(random.Random(1), 3, 3, "Mesh", layers=False)
    ob = bpy.data.objects.new("Object", mesh)
    bpy.context.scene.collection.objects.link(ob)
    for name in ("Basis", "Key"):
        ob.shape_key_add(name=name)
    ob.vertex_groups.new(name="Group").add(range(len(mesh.vertices)), 0.5, "ADD")
    ob.modifiers.new("Displace", "DISPLACE")
    material = mesh.materials[0] = bpy.data.materials.new("Material")
    material.use_nodes = True
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    bpy.data.libraries.write(path, {ob, mesh, material}, fake_user=True)
    return path


def linked():
    """(object, mesh, material) of the library, linked into an empty file."""
    path = library()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects, wanted.materials = ["Object"], ["Material"]
    ob = wanted.objects[0]
    bpy.context.scene.collection.objects.link(ob)
    return ob, ob.data, wanted.materials[0]


def overridden():
    """The same as overrides."""
    ob, mesh, material = linked()
    ob = ob.override_create(remap_local_usages=True)
    mesh = ob.data.override_create(remap_local_usages=True)
    ob.data = mesh
    return ob, mesh, material.override_create(remap_local_usages=True)


def refuse(supplier, subscript, error, *fragments):
    """An update of other values is refused, and values and names of what is there stay."""
    from rnaslicer import Slicer
    with Slicer(supplier)[subscript] as vw:
        before = plain(vw.memcache.tolist())
        layers = [(mesh, len(mesh.attributes)) for mesh in bpy.data.meshes]
        numbers = np.asarray(vw.memcache)
        numbers[...] = ~numbers if numbers.dtype == bool else numbers + 1
        with refused(error, *fragments):
            vw.update()
        vw.refresh()
        assert plain(vw.memcache.tolist()) == before, (subscript, "was written")
        assert [(mesh, len(mesh.attributes)) for mesh in bpy.data.meshes] == layers, "layers were made"


def accept(supplier, subscript):
    from rnaslicer import Slicer
    with Slicer(supplier)[subscript] as vw:
        assert not vw.readonly
        numbers = np.asarray(vw.memcache)
        numbers[...] = 0.25
        vw.update()
        vw.refresh()
        assert (np.asarray(vw.memcache) == 0.25).all(), subscript


def test_linked():
    ob, mesh, material = linked()
    local = bpy.data.objects.new("Local", mesh)
    for supplier, subscript, name in (
            (ob, ("location",), "Object"), (mesh.vertices, (EVERY, "co"), "Mesh"), (mesh.vertices[0], ("co",), "Mesh"),
            (mesh.polygons, (EVERY, "use_smooth"), "Mesh"), (mesh.uv_layers[0].data, (EVERY, "uv"), "Mesh"),
            (mesh.shape_keys.key_blocks, (EVERY, "slider_max"), "Key"),
            (mesh.shape_keys.key_blocks[1].data, (EVERY, "co"), "Key"), (ob.modifiers, (EVERY, "strength"), "Object"),
            (material.node_tree.nodes, (EVERY, "location"), "Nodetree"), (material, ("diffuse_color",), "Material"),
            (local, ("data", "vertices", EVERY, "co"), "Mesh"), (bpy.data.objects, (EVERY, "location"), "Object"),
            ([local, ob], (EVERY, "location"), "Object")):
        refuse(supplier, subscript, "ReadOnlyError", "linked", name, "library.blend")
    accept(local, ("location",))


def test_overrides_keep_what_can_be_overridden():
    """Refused is exactly what a saved and reloaded file would not have."""
    ob, mesh, material = overridden()
    kept = ((ob, ("location",)), (ob.modifiers, (EVERY, "strength")), (mesh.shape_keys.key_blocks, (EVERY, "value")),
            (material, ("roughness",)))
    lost = ((mesh.vertices, (EVERY, "co")), (mesh.vertices, (EVERY, "select")), (mesh.uv_layers[0].data, (EVERY, "uv")),
            (mesh.shape_keys.key_blocks[1].data, (EVERY, "co")), (material.node_tree.nodes, (EVERY, "location")),
            (material, ("node_tree", "nodes", EVERY, "location")), (mesh.vertices[0], ("co",)),
            (mesh.vertices, (EVERY, "groups", EVERY, "weight")))
    for supplier, subscript in lost:
        refuse(supplier, subscript, "ReadOnlyError", "override", "lost")
    for supplier, subscript in kept:
        accept(supplier, subscript)
    mesh.vertices[0].co = (7, 7, 7)  # bpy takes it
    path = os.path.join(tempfile.mkdtemp(), "main.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    ob = next(each for each in bpy.data.objects if each.override_library)
    assert list(ob.location) == [0.25] * 3 and ob.modifiers[0].strength == 0.25
    assert ob.data.override_library and ob.data.shape_keys.key_blocks[1].value == 0.25
    assert list(ob.data.vertices[0].co) != [7, 7, 7], "Blender keeps it now: the refusal is too strict"


def test_evaluated_data():
    mesh = random_mesh(random.Random(2), 3, 3, layers=False)
    ob = bpy.data.objects.new("Object", mesh)
    bpy.context.scene.collection.objects.link(ob)
    graph = bpy.context.evaluated_depsgraph_get()
    evaluated = ob.evaluated_get(graph)
    refuse(evaluated, ("location",), "ReadOnlyError", "evaluated")
    refuse(evaluated.data.vertices, (EVERY, "co"), "ReadOnlyError", "evaluated")
    refuse(evaluated.to_mesh().vertices, (EVERY, "co"), "ReadOnlyError", "evaluated")


def test_edit_mode():
    kinds = {"MESH": (lambda data: (data.vertices, (EVERY, "co"))),
             "CURVE": (lambda data: (data.splines[0].points, (EVERY, "co"))),
             "LATTICE": (lambda data: (data.points, (EVERY, "co_deform"))),
             "META": (lambda data: (data.elements, (EVERY, "co")))}
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.splines.new("POLY").points.add(9)
    ball = bpy.data.metaballs.new("Ball")
    ball.elements.new()
    for data in (random_mesh(random.Random(3), 3, 3, layers=False), curve, bpy.data.lattices.new("Lattice"), ball):
        ob = bpy.data.objects.new("Object", data)
        bpy.context.scene.collection.objects.link(ob)
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        try:
            if getattr(data, "is_editmode", False):
                refuse(*kinds[ob.type](data), "ReadOnlyError", "edit mode")
            accept(ob, ("location",))
        finally:
            bpy.ops.object.mode_set(mode="OBJECT")


class Restricted(bpy.types.Operator):
    """Its poll is where bpy refuses all writes to datablocks, in the background, too."""

    bl_idname, bl_label = "test.restricted", "Restricted"
    todo = raised = None

    @classmethod
    def poll(cls, context):
        try:
            cls.todo()
        except BaseException as error:
            cls.raised = error
        return True


def in_restricted_context(todo):
    """Calls `todo` where writes are refused."""
    bpy.utils.register_class(Restricted)
    try:
        Restricted.todo, Restricted.raised = staticmethod(todo), None
        bpy.ops.test.restricted.poll()
        if Restricted.raised:
            raise Restricted.raised
    finally:
        bpy.utils.unregister_class(Restricted)


def test_restricted_contexts():
    """bpy refuses element assignments there, but lets foreach_set pass; we refuse on every route."""
    mesh = random_mesh(random.Random(4), 4, 4)
    ob = bpy.data.objects.new("Object", mesh)
    ob.vertex_groups.new(name="Group").add(range(len(mesh.vertices)), 0.5, "ADD")
    for name in ("Basis", "Key"):
        ob.shape_key_add(name=name)
    image = random_image(random.Random(5))
    before = snapshot(mesh)
    ways = [(mesh.vertices, (EVERY, "co")), (mesh.vertices, (EVERY, "select")), (mesh.polygons, (EVERY, "use_smooth")),
            (mesh.attributes["FLOAT_POINT"].data, (EVERY, "value")), (mesh.uv_layers[0].data, (EVERY, "uv")),
            (mesh.vertex_colors[0].data, (EVERY, "color")), (ob, ("location",)), (bpy.data.objects, (EVERY, "scale")),
            (mesh.shape_keys.key_blocks[1].data, (EVERY, "co")), (image.pixels, (EVERY,)),
            (mesh.vertices, (EVERY, "groups", 0, "weight")), (mesh.vertices, (EVERY, "groups", EVERY, "weight"))]
    if (4, 0) <= VERSION < (5, 0):  # whose layers are made before they are written
        ways.append((mesh.uv_layers[0].data, (EVERY, "pin_uv")))

    def all_refused():
        try:
            ob.location.x = 1.0
        except AttributeError:
            pass
        else:
            raise unittest.SkipTest("this Blender lets poll write")
        for supplier, subscript in ways:
            refuse(supplier, subscript, "ContextError", "context", "nothing was written")
    in_restricted_context(all_refused)
    assert snapshot(mesh) == before
    accept(mesh.vertices, (EVERY, "co"))


def test_reading_in_restricted_contexts():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(6), 4, 4)

    def read():
        with Slicer(mesh.vertices)[:, "co", :] as vw:
            vw.refresh()
            assert plain(vw.memcache.tolist()) == plain([v.co for v in mesh.vertices])
    in_restricted_context(read)


def test_readonly_says_so_before():
    """`readonly` is True where every update would be refused, and False where only this moment refuses."""
    from rnaslicer import Slicer
    ob, mesh, _ = overridden()
    with Slicer(mesh.vertices)[:, "co"] as vw, Slicer(mesh.polygons)[:, "normal"] as normals, Slicer(ob)["location"] as place:
        assert vw.readonly and normals.readonly and not place.readonly
        fill_memcache(normals.memcache, [0.0] * (3 * len(mesh.polygons)))
        with refused("ReadOnlyError", "normal"):
            normals.update()


def test_regions_beside_linked_objects():
    """Of a list with linked objects the region of those that are not may be written, and no other."""
    from rnaslicer import Slicer
    linked()
    for i in range(4):
        bpy.data.objects.new(f"Own{i}", None)
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        own = [i for i, ob in enumerate(bpy.data.objects) if ob.library is None]
        assert 4 <= len(own) < len(bpy.data.objects) and own == list(range(own[0], own[-1] + 1))
        for i in range(len(bpy.data.objects)):
            vw.memcache[i, 0] = i + 3
        with refused("ReadOnlyError", "linked"):
            vw.update()
        with refused("ReadOnlyError", "linked"):
            vw.update(vw.memcache[::-1, 0])
        vw.update(vw.memcache[own[0] : own[-1] + 1])
        assert [ob.location.x for ob in bpy.data.objects if ob.library is None] == [i + 3 for i in own]
        assert all(ob.location.x < 3 for ob in bpy.data.objects if ob.library is not None)
