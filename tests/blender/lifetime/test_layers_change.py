# tests/blender/lifetime/test_layers_change.py: a layer whose name another one has now, or that was made anew
import bpy

from support import VERSION, fill_memcache, refused, same

COUNT = 12


def ring():
    """A closed chain: as many vertices as edges; no faces."""
    mesh = bpy.data.meshes.new("Ring")
    mesh.from_pydata([(i, i % 3, 0) for i in range(COUNT)], [(i, (i + 1) % COUNT) for i in range(COUNT)], [])
    return mesh


def faces():
    """Four triangles apart: as many corners as vertices."""
    mesh = bpy.data.meshes.new("Faces")
    mesh.from_pydata([(i, i % 3, 0) for i in range(COUNT)], [], [(i, i + 1, i + 2) for i in range(0, COUNT, 3)])
    return mesh


def other_layers():
    """(mesh, data type and domain before and after, property) of layers with as many elements."""
    yield ring(), ("INT", "EDGE"), ("INT", "POINT"), "value"
    yield ring(), ("FLOAT_VECTOR", "POINT"), ("FLOAT_VECTOR", "EDGE"), "vector"
    yield faces(), ("BOOLEAN", "POINT"), ("BOOLEAN", "CORNER"), "value"
    yield faces(), ("BYTE_COLOR", "CORNER"), ("BYTE_COLOR", "POINT"), "color"
    yield faces(), ("FLOAT_COLOR", "POINT"), ("FLOAT_COLOR", "CORNER"), "color"
    yield faces(), ("FLOAT_COLOR", "POINT"), ("BYTE_COLOR", "POINT"), "color"
    yield faces(), ("INT8", "CORNER"), ("INT", "CORNER"), "value"
    yield ring(), ("FLOAT", "EDGE"), ("INT", "EDGE"), "value"


def values(mesh, name):
    return [list(one) if hasattr(one, "__len__") else one
            for one in (getattr(element, name) for element in mesh.attributes["Layer"].data)]


def wrappers(mesh, name):
    from rnaslicer import Slicer
    data = mesh.attributes["Layer"].data
    return [Slicer(data)[:, name], Slicer(mesh.attributes["Layer"])["data", 2:, name],
            Slicer(mesh)["attributes", ["Layer"], "data", :, name],
            Slicer(mesh)["attributes", ["Layer"], "data", 3, name],
            Slicer(mesh)["attributes", ["Stays", "Layer"], "data", 3, name]]


def refuse(vw, *words):
    for use in (vw.refresh, vw.update):
        with refused("ShapeChangedError", *words):
            use()


def test_made_anew():
    for mesh, before, after, name in other_layers():
        mesh.attributes.new("Stays", *before)
        mesh.attributes.new("Layer", *before)
        for wrapper in wrappers(mesh, name):
            with wrapper as vw:
                mesh.attributes.remove(mesh.attributes["Layer"])
                mesh.attributes.new("Layer", *after)
                held, stored = vw.memcache.tolist(), values(mesh, name)
                words = (before[1], after[1]) if before[1] != after[1] else ()
                refuse(vw, "Layer", *words)
                same(vw.memcache.tolist(), held)
                same(values(mesh, name), stored)
                assert vw.alive
                mesh.attributes.remove(mesh.attributes["Layer"])
                with refused("SupplierLostError", "Layer"):
                    vw.refresh()
                mesh.attributes.new("Layer", *before)
                vw.refresh()  # name, type and domain are what they were
                vw.update()


def test_name_taken():
    for mesh, before, after, name in other_layers():
        mesh.attributes.new("Stays", *before)
        mesh.attributes.new("Layer", *before)
        mesh.attributes.new("Other", *after)
        for wrapper in wrappers(mesh, name):
            with wrapper as vw:
                mesh.attributes["Layer"].name = "Was"
                mesh.attributes["Other"].name = "Layer"
                stored = values(mesh, name)
                refuse(vw, "Layer")
                same(values(mesh, name), stored)
                mesh.attributes["Layer"].name = "Other"
                mesh.attributes["Was"].name = "Layer"
                vw.refresh()


def test_equal_layers_are_their_names():
    """Of two layers of equal type and domain the name says which one is meant (docs/contexts.md)."""
    from rnaslicer import Slicer
    mesh = ring()
    for name, value in (("Layer", 1.0), ("Other", 2.0)):
        mesh.attributes.new(name, "FLOAT", "POINT")
        mesh.attributes[name].data.foreach_set("value", [value] * COUNT)
    with Slicer(mesh.attributes["Layer"].data)[:, "value"] as vw:
        for now, then in (("Layer", "Third"), ("Other", "Layer"), ("Third", "Other")):
            mesh.attributes[now].name = then
        vw.refresh()
        same(vw.memcache.tolist(), [2.0] * COUNT)
        fill_memcache(vw.memcache, [5.0] * COUNT)
        vw.update()
        same([one.value for one in mesh.attributes["Layer"].data], [5.0] * COUNT)
        same([one.value for one in mesh.attributes["Other"].data], [1.0] * COUNT)


def test_layers_of_one_kind():
    """UV maps, vertex colours, shape keys, bones: the name is all there is."""
    from rnaslicer import Slicer
    mesh = faces()
    for name in "UV", "Second":
        mesh.uv_layers.new(name=name)
    with Slicer(mesh.uv_layers["UV"].data)[:, "uv", :] as vw:
        mesh.uv_layers["UV"].name = "Was"
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "UV"):
                use()
        mesh.uv_layers["Second"].name = "UV"
        mesh.uv_layers["UV"].data[2].uv = 3, 4
        vw.refresh()
        same(vw.memcache[2].tolist(), [3.0, 4.0])
    ob = bpy.data.objects.new("Keys", mesh)
    for name in "Basis", "One", "Two":
        ob.shape_key_add(name=name)
    keys = mesh.shape_keys.key_blocks
    with Slicer(keys["One"].data)[:, "co", :] as vw, Slicer(keys["One"])["value"] as value:
        keys["Two"].name = "One"  # Blender keeps names apart
        keys["One"].value, keys["One"].data[5].co.z = 0.5, 7
        vw.refresh()
        value.refresh()
        assert vw.memcache[5, 2] == 7 and value.memcache[()] == 0.5
        keys["One"].name = "Was"
        for wrapper in (vw, value):
            with refused("SupplierLostError", "One"):
                wrapper.refresh()
            with refused("SupplierLostError", "One"):
                wrapper.update()


def test_domains_of_curves():
    """Curves of one point each have as many points as curves."""
    from rnaslicer import Slicer
    if VERSION < (4, 3):
        return  # no way to make such curves
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([1] * COUNT)
    curves.attributes.new("Layer", "FLOAT", "POINT")
    with Slicer(curves.attributes["Layer"].data)[:, "value"] as vw:
        curves.attributes.remove(curves.attributes["Layer"])
        curves.attributes.new("Layer", "FLOAT", "CURVE")
        refuse(vw, "POINT", "CURVE")
