# tests/blender/lifetime/test_attribute_classes.py: the class of bpy's object tells an attribute's data type
"""Native code asks each class once for its data type (runtime/trail/layers.cpp)."""
import bpy

from support import EVERY, same
from trail_ways import known, read


def kinds_of_attributes():
    """The data types of this build."""
    return [item.identifier for item in bpy.types.Attribute.bl_rna.properties["data_type"].enum_items]


def test_each_data_type_has_a_class_of_its_own():
    mesh = bpy.data.meshes.new("Mesh")
    mesh.vertices.add(4)
    classes = {}
    for kind in kinds_of_attributes():
        try:
            attribute = mesh.attributes.new(kind, kind, "POINT")
        except (TypeError, RuntimeError):  # not on meshes
            continue
        assert attribute is not None, kind
        classes.setdefault(type(mesh.attributes[kind]), set()).add(kind)
    assert len(classes) > 7, classes
    assert all(len(kinds) == 1 for cls, kinds in classes.items() if cls is not bpy.types.Attribute), classes


def grid_of_indices():
    mesh = bpy.data.meshes.new("Mesh")
    mesh.from_pydata([(i % 7, i // 7, 0) for i in range(14)], [], [(i, i + 1, i + 8, i + 7) for i in range(6)])
    return mesh


def stand(mesh, kind):
    """A layer of that type under the name of the materials' indices; none: no layer. Whether bpy makes such."""
    if "material_index" in mesh.attributes:
        mesh.attributes.remove(mesh.attributes["material_index"])
    made = kind and mesh.attributes.new("material_index", kind, "FACE")
    for i, one in enumerate(made.data if made else ()):
        one.value = i + 1
    return kind is None or made is not None


def test_a_layer_of_another_type_under_the_name():
    """What Blender makes of a layer that is not of integers (5.x converts it) is right in wrappers that were entered
    before, by native code or by the routes, with the layer or without."""
    from rnaslicer import Slicer, _core
    for first in ("INT", None):
        for native in (True, False):
            mesh = grid_of_indices()
            stand(mesh, first)
            if native:
                known(mesh.polygons, EVERY, "material_index")
            else:
                _core.forget_trails()
            with Slicer(mesh.polygons)[:, "material_index"] as vw:
                for kind in ("FLOAT", "INT", "INT8", None, "FLOAT", None, "INT"):
                    if not stand(mesh, kind):  # 3.4, 4.3: the name is Blender's own
                        continue
                    expected = [polygon.material_index for polygon in mesh.polygons]
                    assert kind != "INT" or expected == [1, 2, 3, 4, 5, 6], expected
                    for _ in range(2):
                        vw.refresh()
                        same(vw.memcache.tolist(), expected, f"{first}, {native}, {kind}")
                    same(read(mesh.polygons, EVERY, "material_index")[0], expected)
