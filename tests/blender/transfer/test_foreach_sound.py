# tests/blender/transfer/test_foreach_sound.py: what bpy's own foreach_get and foreach_set lose, mix up or crash of
import array
import random

import bpy
import numpy

from support import random_mesh, refused


def test_classes_registered_anew():
    """Whether a value is read-only is not kept of what a script registers."""
    from rnaslicer import foreach_set
    scene = bpy.context.scene
    for is_readonly in (False, True, False, True):
        options = {"get": lambda _: 7} if is_readonly else {}
        made = type("ForeachAnew", (bpy.types.PropertyGroup,), {
            "__annotations__": {"x": bpy.props.IntProperty(**options)}})
        bpy.utils.register_class(made)
        bpy.types.Scene.foreach_anew = bpy.props.CollectionProperty(type=made)
        scene.foreach_anew.clear()
        for _ in range(4):
            scene.foreach_anew.add()
        for values in ([3] * 4, array.array("i", [4] * 4), numpy.full(4, 5, "i")):
            if is_readonly:
                with refused("ReadOnlyError", "x", "read-only"):
                    foreach_set(scene.foreach_anew, "x", values)
            else:
                foreach_set(scene.foreach_anew, "x", values)
                assert [one.x for one in scene.foreach_anew] == list(values)
        del bpy.types.Scene.foreach_anew
        bpy.utils.unregister_class(made)


def test_read_only_without_a_way():
    from rnaslicer import foreach_set
    bpy.data.objects.new("One", None)
    count = len(bpy.data.objects)
    for values in ([5] * count, array.array("i", [5] * count)):
        for _ in range(2):
            with refused("ReadOnlyError", "users", "read-only"):
                foreach_set(bpy.data.objects, "users", values)


def test_empty_slots():
    """bpy's own calls take the next element for them, and crash of one that comes first."""
    from rnaslicer import foreach_get, foreach_set
    mesh = bpy.data.meshes.new("Slots")
    for first in (True, False):
        mesh.materials.clear()
        for index in range(3):
            mesh.materials.append(None if index == (0 if first else 1) else bpy.data.materials.new("One"))
        for call in (foreach_get, foreach_set):
            for buffer in ([0] * 3, array.array("i", [0] * 3)):
                with refused("ExpressionError", "None", str(0 if first else 1)):
                    call(mesh.materials, "pass_index", buffer)
    mesh.materials[1] = bpy.data.materials.new("One")
    foreach_set(mesh.materials, "pass_index", [1, 2, 3])
    found = [0] * 3
    foreach_get(mesh.materials, "pass_index", found)
    assert found == [1, 2, 3]


def test_sequences_by_their_length():
    """bpy asks for as many items as a sequence says that it has, by their places."""
    from rnaslicer import foreach_set
    mesh = random_mesh(random.Random(8), layers=False)
    count = 3 * len(mesh.vertices)

    class Endless:
        __iter__ = None

        def __len__(self):
            return count

        def __getitem__(self, i):
            return i / 2

    foreach_set(mesh.vertices, "co", Endless())
    assert [x for one in mesh.vertices for x in one.co] == [i / 2 for i in range(count)]


def test_corners_without_polygons():
    """Normals are refused between loops.add and polygons.add: Blender would crash."""
    from rnaslicer import Slicer, foreach_get
    for _ in range(2):
        whole = random_mesh(random.Random(9))
        foreach_get(whole.vertices, "normal", [0.0] * 3 * len(whole.vertices))
        Slicer(whole.vertices)[:, "normal"].read()
    mesh = bpy.data.meshes.new("Corners")
    mesh.vertices.add(4)
    mesh.loops.add(40)
    mesh.loops.foreach_set("vertex_index", [i % 4 for i in range(40)])
    for _ in range(2):
        for buffer in ([0.0] * 12, numpy.zeros(12, "f"), numpy.zeros((4, 3))):
            with refused("ContextError", "polygons"):
                foreach_get(mesh.vertices, "normal", buffer)
        for items in ((slice(None), "normal"), (0, "normal")):
            with refused("SlicerError", "polygons"):
                Slicer(mesh.vertices)[items].read()
        with refused("SlicerError", "polygons"):
            Slicer(mesh)["loop_triangles", 0, "area"].read()
    for buffer in ([0.0], numpy.zeros(1, "f")):
        with refused("ContextError", "polygons"):  # bpy would ask the first element what it has
            foreach_get(mesh.loop_triangles, "nothing", buffer)
    foreach_get(mesh.vertices, "co", [0.0] * 12)
