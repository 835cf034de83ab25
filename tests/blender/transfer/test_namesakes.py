# tests/blender/transfer/test_namesakes.py: attributes of a script that have the name of a layer that bpy makes itself
import unittest
import bpy

from support import VERSION, refused

# collection, property, the layer's name in bpy, another name of other versions
LAYERS = [("vertices", "select", ".select_vert"), ("vertices", "hide", ".hide_vert"), ("edges", "hide", ".hide_edge"),
          ("edges", "select", ".select_edge"), ("polygons", "select", ".select_poly"), ("polygons", "hide", ".hide_poly"),
          ("edges", "use_seam", ".uv_seam"), ("edges", "use_seam", "uv_seam"), ("edges", "use_edge_sharp", "sharp_edge"),
          ("polygons", "use_smooth", "sharp_face"), ("polygons", "material_index", "material_index")]
KINDS = [("FLOAT", "POINT"), ("BOOLEAN", "POINT"), ("INT", "CORNER"), ("BOOLEAN", "FACE"), ("BOOLEAN", "EDGE"),
         ("INT", "FACE"), ("FLOAT", "EDGE")]
UNIQUE = VERSION >= (5, 0)  # names among all domains


def plain_mesh(n=5):
    width = n + 1
    mesh = bpy.data.meshes.new("Plain")
    mesh.from_pydata([(i % width, i // width, 0) for i in range(width * width)], [],
                     [(a, a + 1, a + width + 1, a + width) for r in range(n) for a in range(r * width, r * width + n)])
    for name in [a.name for a in mesh.attributes if a.name.startswith((".select", ".hide", "sharp"))]:
        mesh.attributes.remove(mesh.attributes[name])
    return mesh


def values(mesh, owner, name):
    return [getattr(element, name) for element in getattr(mesh, owner)]


def cases():
    for owner, name, layer in LAYERS:
        for kind in KINDS:
            mesh = plain_mesh()
            if mesh.attributes.new(layer, *kind) is not None:
                yield owner, name, layer, kind, mesh


def pattern(mesh, owner, name):
    first = values(mesh, owner, name)[0]
    other = 3 if name == "material_index" else not first
    return [other if i % 3 else first for i in range(len(getattr(mesh, owner)))]


def used(owner, name, layer):
    """Whether this build keeps the property in a layer of that name."""
    mesh = plain_mesh()
    before = set(mesh.attributes.keys())
    for element, value in zip(getattr(mesh, owner), pattern(mesh, owner, name)):
        setattr(element, name, value)
    return layer in set(mesh.attributes.keys()) - before


def blocked(owner, name, layer, kind):
    """Whether Blender cannot make its layer: it loses assignments then (3.4, 4.3) or crashes (5.2)."""
    domain = {"vertices": "POINT", "edges": "EDGE", "polygons": "FACE"}[owner]
    return used(owner, name, layer) and kind != ("INT" if layer == "material_index" else "BOOLEAN", domain) and (UNIQUE or kind[1] == domain)


def test_read_beside_a_namesake():
    """What bpy's setters do while the wrapper is entered is read."""
    from rnaslicer import Slicer
    for owner, name, layer, kind, mesh in cases():
        if blocked(owner, name, layer, kind):
            continue
        with Slicer(getattr(mesh, owner))[:, name] as vw:
            assert vw.memcache.tolist() == values(mesh, owner, name), (name, layer, kind)
            for element, value in zip(getattr(mesh, owner), pattern(mesh, owner, name)):
                setattr(element, name, value)
            vw.refresh()
            assert vw.memcache.tolist() == values(mesh, owner, name), (name, layer, kind)


def test_write_beside_a_namesake():
    """An update stores what the same assignments store, or is refused where they are lost or crash."""
    from rnaslicer import Slicer
    for owner, name, layer, kind, mesh in cases():
        wanted = pattern(mesh, owner, name)
        with Slicer(getattr(mesh, owner))[:, name] as vw:
            for i, value in enumerate(wanted):
                vw.memcache[i] = value
            if not blocked(owner, name, layer, kind):
                vw.update()
                assert values(mesh, owner, name) == wanted, (name, layer, kind)
                continue
            with refused("ReadOnlyError", "rename"):
                vw.update()
            assert set(values(mesh, owner, name)) == {wanted[0]}, (name, layer, kind)


def test_layers_that_go():
    """Where a layer goes while a wrapper is entered, values are what bpy gives without it."""
    from rnaslicer import Slicer
    points = [(bpy.data.hair_curves.new("Hair"), "add_curves", [3, 4, 9])] if VERSION >= (4, 0) else []
    if VERSION >= (5, 0):
        points.append((bpy.data.pointclouds.new("Cloud"), "resize", 16))
    used = []
    for owner, add, count in points:
        if not hasattr(owner, add):
            continue
        getattr(owner, add)(count)
        used.append((owner, "points", "radius"))
    mesh = plain_mesh()
    used += [(mesh, owner, name) for owner, name, _ in LAYERS]
    for owner, coll, name in used:
        for i, element in enumerate(getattr(owner, coll)):
            first = element.path_resolve(name)
            setattr(element, name, i / 7 if isinstance(first, float) else i % 3 if type(first) is int else bool(i % 3))
        with Slicer(getattr(owner, coll))[:, name] as vw:
            assert vw.memcache.tolist() == values(owner, coll, name), name
            for layer in {a.name for a in owner.attributes} & {"radius", *(layer for _, _, layer in LAYERS)}:
                owner.attributes.remove(owner.attributes[layer])
            vw.refresh()
            assert vw.memcache.tolist() == values(owner, coll, name), name
            number = 0.01 if name == "radius" else 2 if name == "material_index" else True
            for i in range(len(vw.memcache)):
                vw.memcache[i] = number
            wanted = [vw.memcache[0]] * len(vw.memcache)
            vw.update()
            assert values(owner, coll, name) == wanted, name


def test_flags_of_uv_maps():
    """The flags of a map whose layer's name a script's attribute has: as assigned, or refused where that is lost."""
    from rnaslicer import ReadOnlyError, Slicer
    for name, layer in (("pin_uv", ".pn.U"), ("select", ".vs.U"), ("select_edge", ".es.U")):
        for kind in KINDS:
            mesh = plain_mesh()
            mesh.uv_layers.new(name="U")
            if not hasattr(mesh.uv_layers[0].data[0], name) or mesh.attributes.new(layer, *kind) is None:
                continue
            layers = mesh.attributes.keys()
            with Slicer(mesh.uv_layers[0].data)[:, name] as vw:
                before = vw.memcache.tolist()
                wanted = [bool(i % 3) for i in range(len(before))]
                for i, value in enumerate(wanted):
                    vw.memcache[i] = value
                try:
                    vw.update()
                except ReadOnlyError as error:
                    assert "rename" in str(error) and mesh.attributes.keys() == layers, (name, kind)
                    wanted = before
                assert [getattr(corner, name) for corner in mesh.uv_layers[0].data] == wanted, (name, kind)
            if kind == ("INT", "CORNER") and (4, 0) < VERSION < (5, 0):
                with refused("ReadOnlyError", "rename"), Slicer(mesh.uv_layers[0].data[3])[name] as vw:
                    vw.update()


def test_the_names_come_from_discovery():
    """A scratch mesh in the user's file would be seen by his handlers; it is made only where nothing is known."""
    from rnaslicer import discovery
    from rnaslicer.layout import findings
    if discovery.known() is None:
        raise unittest.SkipTest("no discovery run is kept")
    real = findings._made
    findings._made = None
    try:
        assert {".select_vert", "material_index"} <= findings.made()
    finally:
        findings._made = real
    assert real() & set(findings.made()) >= {".select_vert", ".hide_edge", "material_index"}
