# tests/blender/trails/test_trails_kept_leads.py: a layer that is still there, to which the expression leads no more
"""What a mesh still has is not what an index, a slice or a name reaches by now. bpy says what is right."""
import bpy

from support import EVERY, refused, same
from trail_layers import LAYER, fresh, ring, values

VALUES = "data", EVERY, "value"


def edges(count=1):
    """Meshes with layers of vertices A to D, and of edges E1 to E4."""
    meshes = [ring(i) for i in range(count)]
    for i, mesh in enumerate(meshes):
        for name in "ABCD":
            fresh(mesh, i, name)
        for k in range(1, 5):
            fresh(mesh, 10 * k + i, f"E{k}", "EDGE")
    return meshes


def numbers(mesh):
    return {one.name: [x.value for x in one.data] for one in mesh.attributes if one.data_type == "FLOAT"}


def shift(mesh):
    """What comes behind the layers of vertices moves down by one, and there are as many."""
    mesh.attributes.remove(mesh.attributes["A"])
    mesh.attributes.new("Late", "FLOAT", "CORNER")


def follows(supplier, items, expected, change, **options):
    """Entered as known, refreshed so that layers are remembered, changed: the values are those that bpy reaches."""
    from rnaslicer import Slicer
    for _ in range(3):
        with Slicer(supplier, **options)[items] as vw:
            vw.refresh()
    with Slicer(supplier, **options)[items] as vw:
        for _ in range(3):
            vw.refresh()
        change()
        vw.refresh()
        same(vw.memcache.tolist(), expected())


def test_an_index_leads_to_another_layer():
    meshes = edges(3)
    at = [one.name for one in meshes[0].attributes].index("E2")
    reached = lambda: [[one.value for one in mesh.attributes[at].data] for mesh in meshes]
    follows(meshes, (EVERY, "attributes", at, *VALUES), reached, lambda: [shift(mesh) for mesh in meshes])


def test_a_slice_leads_to_other_layers():
    (mesh,) = edges()
    at = [one.name for one in mesh.attributes].index("E1")
    reached = lambda: [[one.value for one in layer.data] for layer in list(mesh.attributes)[at:at + 3]]
    follows(mesh.attributes, (slice(at, at + 3), *VALUES), reached, lambda: shift(mesh))


def test_an_update_writes_nothing_elsewhere():
    from rnaslicer import Slicer
    (mesh,) = edges()
    at = [one.name for one in mesh.attributes].index("E1")
    items = slice(at, at + 3), *VALUES
    for _ in range(3):
        with Slicer(mesh.attributes)[items] as vw:
            vw.refresh()
    with Slicer(mesh.attributes)[items] as vw:
        for _ in range(3):
            vw.refresh()
        shift(mesh)
        vw.refresh()
        before = numbers(mesh)
        vw.update()
    same(numbers(mesh), before)


def test_maps_hidden_and_shown():
    """bpy skips layers by their names."""
    mesh = bpy.data.meshes.new("Triangle")
    mesh.from_pydata([(0, 0, 9), (1, 0, 9), (1, 1, 9)], [], [(0, 1, 2)])
    for k, name in enumerate("UVWX"):
        mesh.uv_layers.new(name=name)
        for one in mesh.uv_layers[name].data:
            one.uv = k, k
    hidden = ".a_X"
    mesh.uv_layers["X"].name = hidden
    if hidden in mesh.uv_layers:  # 3.4 hides none
        return

    def change():
        mesh.attributes["U"].name = ".a_U"
        mesh.attributes[hidden].name = "X"
    reached = lambda: [[list(one.uv) for one in layer.data] for layer in mesh.uv_layers]
    follows(mesh.uv_layers, (EVERY, "data", EVERY, "uv"), reached, change)


def test_names_changed_in_place():
    """A short name that lies on the heap, because it was longer once: the layer's own bytes have what is left of an
    older one."""
    from rnaslicer import Slicer
    long = "a name that is long enough for the heap"
    for first in "Attribute.001", "temperature.001", "v.001":
        meshes = [ring(i) for i in range(3)]
        for i, mesh in enumerate(meshes):
            fresh(mesh, i, first)
            fresh(mesh, 50 + i, "other")
            mesh.attributes[first].name = long
            mesh.attributes[long].name = "001"
        items = EVERY, "attributes", '["001"]', *VALUES
        for _ in range(3):
            with Slicer(meshes)[items] as vw:
                vw.refresh()
        with Slicer(meshes)[items] as vw:
            for _ in range(4):
                vw.refresh()
                layers = meshes[1].attributes
                for old, new in (("001", "002"), ("other", "001"), ("002", "other")):
                    layers[old].name = new
                vw.refresh()
                same(vw.memcache.tolist(), values(meshes, "001"), first)


def test_another_domain_under_composed_routes():
    """Padded and transformed values are told what native code saw at enter, too."""
    from mathutils import Matrix
    from rnaslicer import Slicer
    from rnaslicer.errors import ShapeChangedError
    vectors = (*LAYER[:-1], "vector")
    moved = Matrix.Translation((1, 2, 3))
    for items, kind, options in ((LAYER, "FLOAT", {"ragged": "pad"}), (LAYER, "FLOAT", {"ragged": "pad", "width": 20}),
                                 (LAYER, "FLOAT", {"ragged": "pad", "dtype": "d"}),
                                 (vectors, "FLOAT_VECTOR", {"transform": moved}),
                                 (vectors, "FLOAT_VECTOR", {"transform": moved, "ragged": "flat"}),
                                 (vectors, "FLOAT_VECTOR", {"transform": moved, "ragged": "pad"})):
        meshes = [ring(i) for i in range(4)]
        if kind != "FLOAT":
            for mesh in meshes:
                mesh.attributes.remove(mesh.attributes["Layer"])
                mesh.attributes.new("Layer", kind, "POINT")
        for _ in range(3):
            with Slicer(meshes, **options)[items] as vw:
                vw.refresh()
        with Slicer(meshes, **options)[items] as vw:
            layers = meshes[2].attributes
            layers.remove(layers["Layer"])
            made = layers.new("Layer", kind, "EDGE")
            before = [list(one.vector) if kind != "FLOAT" else one.value for one in made.data]
            refused(vw.refresh, ShapeChangedError, "Layer")
            refused(vw.update, ShapeChangedError, "Layer")
            now = [list(one.vector) if kind != "FLOAT" else one.value for one in layers["Layer"].data]
            same(now, before, str(options))
