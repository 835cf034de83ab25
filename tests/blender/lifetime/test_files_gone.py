# tests/blender/lifetime/test_files_gone.py: what is entered says what has changed, also where the package's files are gone
"""As after an update of the add-on: what is loaded goes on, and nothing is loaded any more."""
import contextlib

import bpy

from support import refused


@contextlib.contextmanager
def gone():
    import rnaslicer
    before, rnaslicer._loaded_from = rnaslicer._loaded_from, "another build"
    try:
        yield
    finally:
        rnaslicer._loaded_from = before


def test_entered_wrappers_tell_what_has_changed():
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Gone")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)], [], [(0, 1, 3, 2), (0, 1, 2)])
    for name in "KL":
        mesh.attributes.new(name, "FLOAT", "POINT")
    ob = bpy.data.objects.new("Gone", mesh)
    for name in "abc":
        ob.shape_key_add(name=name)
    for _ in range(3):
        for vw in (Slicer(mesh.polygons)[:, "area"], Slicer(mesh.attributes)[["K", "L"], "data", :, "value"],
                   Slicer(mesh.shape_keys.key_blocks)[["a", "b"], "value"]):
            with vw:
                vw.refresh()
    area = Slicer(mesh.polygons)[:, "area"]
    layers = Slicer(mesh.attributes)[["K", "L"], "data", :, "value"]
    keys = Slicer(mesh.shape_keys.key_blocks)[["a", "b"], "value"]
    with area, layers, keys, gone():
        mesh.attributes.remove(mesh.attributes["K"])
        mesh.shape_keys.key_blocks["b"].name = "other"
        for vw in (layers, keys):
            try:
                vw.refresh()
            except Exception as error:
                assert type(error).__name__ in ("ShapeChangedError", "SupplierLostError"), (type(error), error)
            else:
                raise AssertionError(f"{vw} was refreshed")
        ob.shape_key_clear()
        mesh.clear_geometry()
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        with refused("ShapeChangedError"):
            area.refresh()
        with refused("ExpressionError", "nosuch"):
            Slicer(mesh.vertices)[:, "nosuch"].read()
