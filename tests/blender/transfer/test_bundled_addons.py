# tests/blender/transfer/test_bundled_addons.py: Blender's own exporters and importers with our foreach calls in them
"""Each foreach_get and foreach_set in the sources of the FBX and glTF add-ons becomes a call that makes bpy's own, then ours,
and compares: what was read; for writes what bpy then reads of them."""
import array
import ast
import contextlib
import importlib.machinery
import random
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import addon_utils
import bpy
import numpy
import rnaslicer

from support import random_mesh

ADDONS = ("io_scene_fbx", "io_scene_gltf2")
FORMATS = {"FLOAT": "f4", "INT": "i4", "BOOLEAN": "?", "ENUM": "i4"}
done = {"foreach_get": 0, "foreach_set": 0}


def both(collection, call):
    """What stands for `collection.foreach_get` or `.foreach_set`."""
    if not isinstance(collection, bpy.types.bpy_prop_collection):
        return getattr(collection, call)  # a pixels array, or a method of the add-on's own

    def foreach(name, values):
        done[call] += 1
        (get_both if call == "foreach_get" else set_both)(collection, name, values)
    return foreach


def get_both(collection, name, buffer):
    before = numpy.array(buffer)
    collection.foreach_get(name, buffer)
    expected = numpy.array(buffer)
    buffer[:] = array.array(buffer.typecode, before.tolist()) if isinstance(buffer, array.array) else before
    rnaslicer.foreach_get(collection, name, buffer)
    assert numpy.array(buffer).tobytes() == expected.tobytes(), (collection, name, buffer, expected)


def set_both(collection, name, values):
    kind = collection[0].bl_rna.properties[name] if len(collection) else None
    if kind is None or kind.type not in FORMATS:
        rnaslicer.foreach_set(collection, name, values)
        return
    before = read_back(collection, name, kind)
    collection.foreach_set(name, values)
    expected = read_back(collection, name, kind)
    collection.foreach_set(name, before)
    rnaslicer.foreach_set(collection, name, values)
    assert read_back(collection, name, kind).tobytes() == expected.tobytes(), (collection, name, values)


def read_back(collection, name, kind):
    values = numpy.empty(len(collection) * (getattr(kind, "array_length", 0) or 1), FORMATS[kind.type])
    collection.foreach_get(name, values)
    return values


class Both(ast.NodeTransformer):
    def visit_Attribute(self, node):
        self.generic_visit(node)
        if node.attr not in done:
            return node
        called = ast.Call(ast.Name("foreach_both", ast.Load()), [node.value, ast.Constant(node.attr)], [])
        return ast.fix_missing_locations(ast.copy_location(called, node))


class Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return compile(Both().visit(ast.parse(self.get_data(path))), path, "exec")

    def exec_module(self, module):
        module.foreach_both = both
        super().exec_module(module)


class Finder:
    """First of sys.meta_path: the add-ons' modules as they are, but for the calls."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in ADDONS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


@contextlib.contextmanager
def rewritten():
    def loaded_anew():
        for addon in ADDONS:
            addon_utils.disable(addon)
            for name in [name for name in sys.modules if name.partition(".")[0] == addon]:
                del sys.modules[name]
            if addon_utils.enable(addon) is None:
                raise unittest.SkipTest(f"this Blender has no {addon}")

    sys.meta_path.insert(0, Finder)
    try:
        loaded_anew()
        yield
    finally:
        sys.meta_path.remove(Finder)
        loaded_anew()


def scene(rng):
    """A skinned and animated mesh with layers, materials and shape keys; another with a modifier."""
    mesh = random_mesh(rng, layers=False)
    ob = bpy.data.objects.new("Skinned", mesh)
    bpy.context.collection.objects.link(ob)
    for slot in range(4):
        mesh.materials[slot] = bpy.data.materials.new(f"M{slot}")
    ob.shape_key_add(name="Basis")
    for point in ob.shape_key_add(name="Key").data:
        point.co.x += rng.random()
    armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(3):
        bone = armature.data.edit_bones.new(f"B{i}")
        bone.head, bone.tail = (i, 0, 0), (i, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in armature.pose.bones:
        group = ob.vertex_groups.new(name=bone.name)
        for vertex in range(len(mesh.vertices)):
            group.add([vertex], rng.random(), "REPLACE")
        for frame in (1, 9):
            bone.location = [rng.random() for _ in range(3)]
            bone.keyframe_insert("location", frame=frame)
    ob.modifiers.new("Armature", "ARMATURE").object = armature
    ob.parent = armature
    other = bpy.data.objects.new("Subdivided", random_mesh(rng, 4, 4, "Other", layers=False))
    other.modifiers.new("Subdivision", "SUBSURF")
    bpy.context.collection.objects.link(other)


def test_exporters_and_importers_with_our_calls():
    done.update(foreach_get=0, foreach_set=0)
    # glTF of 3.4 is older than Debian's NumPy.
    older = mock.patch.object(numpy, "bool", getattr(numpy, "bool", bool), create=True)
    with rewritten(), older, tempfile.TemporaryDirectory() as folder:
        scene(random.Random(5))
        fbx, gltf = (str(Path(folder, name)) for name in ("scene.fbx", "scene.glb"))
        bpy.ops.export_scene.fbx(filepath=fbx, mesh_smooth_type="EDGE")
        bpy.ops.export_scene.gltf(filepath=gltf, export_format="GLB")
        bpy.ops.import_scene.fbx(filepath=fbx)
        bpy.ops.import_scene.gltf(filepath=gltf)
    assert done["foreach_get"] > 30 and done["foreach_set"] > 60, done
