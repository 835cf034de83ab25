# tests/blender/transfer/test_counted_calls.py: how many Python calls a transfer takes: they have no noise
"""As cProfile counts them, functions in C included. Small data is all calls: what is known must not be asked of
Python again. Each way runs natively, or the count says so."""
import random

import bpy

from counted_calls import ONE_SHOT, REFRESH, SHOT_THROUGH, UPDATE, counted, lists
from support import random_keyframes, random_mesh
from trail_ways import natively


def suppliers():
    """Name -> (function that gives the collection, property). The mesh and the action have users."""
    mesh = random_mesh(random.Random(5))
    for _ in getattr(mesh.uv_layers["UV"], "pin", ()):  # hazards.UV_FLAGS_WRITE
        break
    mesh.uv_layers["UV"].data[0].pin_uv = True  # else there is no such layer
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("User", mesh))
    _, curve = random_keyframes(random.Random(6))
    lattice = bpy.data.lattices.new("Lattice")
    lattice.points_u, lattice.points_v, lattice.points_w = 5, 4, 3
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Lattice", lattice))
    bpy.context.view_layer.update()
    return {
        "lattice": (lambda: lattice.points, "co_deform"), "lattice's weight": (lambda: lattice.points, "weight_softbody"),
        "co": (lambda: mesh.vertices, "co"), "select": (lambda: mesh.vertices, "select"),
        "vertex_index": (lambda: mesh.loops, "vertex_index"), "edge": (lambda: mesh.edges, "vertices"),
        "material_index": (lambda: mesh.polygons, "material_index"), "smooth": (lambda: mesh.polygons, "use_smooth"),
        "uv": (lambda: mesh.uv_layers["UV"].data, "uv"), "color": (lambda: mesh.vertex_colors["Col"].data, "color"),
        "float": (lambda: mesh.attributes["FLOAT_POINT"].data, "value"),
        "int8": (lambda: mesh.attributes["INT8_POINT"].data, "value"), "pin": (lambda: mesh.uv_layers["UV"].data, "pin_uv"),
        "keys": (lambda: curve.keyframe_points, "co"), **lists(),
    }


def test_one(name):
    from rnaslicer import Slicer
    give, prop = suppliers()[name]

    def one_shot():
        with Slicer(give())[:, prop]:
            pass

    found = {"one-shot": counted(one_shot)}
    with Slicer(give())[:, prop] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        natively("refresh", vw.refresh)
        natively("update", vw.update)
        part = vw.memcache[3:9]
        found["region"] = counted(lambda: vw.refresh(part))
        natively("refresh", lambda: vw.refresh(part))
    natively("enter", one_shot)
    limits = {"one-shot": ONE_SHOT, "refresh": REFRESH, "update": UPDATE, "region": REFRESH}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_one.cases = {name: (name,) for name in ("co", "select", "vertex_index", "edge", "material_index", "smooth", "uv",
                                             "color", "float", "int8", "pin", "keys", "bones", "nodes", "mixed nodes",
                                             "modifiers", "lattice", "lattice's weight")}


def of_size(count):
    """Name -> (collection, items): rows of different lengths in a mesh of so many vertices and polygons."""
    mesh = bpy.data.meshes.new("Rows")
    mesh.from_pydata([(i, k, 0) for i in range(count) for k in range(2)], [], [
        face for i in range(0, 2 * count - 2, 2) for face in
        ([(i, i + 2, i + 3, i + 1)] if i % 14 else [(i, i + 2, i + 3), (i, i + 3, i + 1)])])
    ob = bpy.data.objects.new("Rows", mesh)
    for number in range(3):
        ob.vertex_groups.new(name=f"G{number}").add(range(number, 2 * count, number + 1), 0.5, "REPLACE")
    return {"weights": (mesh.vertices, (slice(None), "groups", slice(None), "weight")),
            "corners": (mesh.polygons, (slice(None), "vertices"))}


def test_divided_rows(name, ragged):
    """Of one collection: no Python for each element, however many there are."""
    from rnaslicer import Slicer
    for count in (40, 4000):
        supplier, items = of_size(count)[name]
        bpy.context.view_layer.update()

        def one_shot():
            with Slicer(supplier, ragged=ragged)[items]:
                pass

        with Slicer(supplier, ragged=ragged)[items] as vw:
            vw.update()  # Blender may have to be asked once how meshes keep their layers
        found = {"one-shot": counted(one_shot)}
        with Slicer(supplier, ragged=ragged)[items] as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
            natively("refresh", vw.refresh)
            natively("update", vw.update)
            assert ragged == "flat" or len(vw.lengths) == len(supplier)
        natively("enter", one_shot)
        limits = {"one-shot": ONE_SHOT, "refresh": REFRESH, "update": UPDATE}
        assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_divided_rows.cases = {f"{name}, {ragged}": (name, ragged) for name in ("weights", "corners")
                           for ragged in ("pad", "flat")}


def test_a_layer_made_again_with_another_type():
    """The trail of what had its name before declines; another one is learnt in its place, and each time it changes."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(7))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("User", mesh))
    for kind in ("FLOAT", "BOOLEAN", "INT", "FLOAT"):
        mesh.attributes.new("Again", kind, "POINT")
        bpy.context.view_layer.update()
        with Slicer(mesh.attributes["Again"].data)[:, "value"] as vw:  # resolved and learnt
            natively("refresh", vw.refresh)
            natively("update", vw.update)
        natively("enter", lambda: Slicer(mesh.attributes["Again"].data)[:, "value"].open().close())
        mesh.attributes.remove(mesh.attributes["Again"])


def test_tags_that_could_not_tell():
    """A mesh that waits for evaluation when its trail is made hides whether bpy's assignment tags it; later ones show it."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(8))
    mesh.update_tag()
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.update()
        vw.update()
        natively("update", vw.update)
        bpy.context.view_layer.update()
        natively("update", vw.update)


def more_ways():
    """Name -> (function that gives the supplier, items, Slicer's options): more than a copy, and struct suppliers."""
    mesh = random_mesh(random.Random(9))
    ob = bpy.data.objects.new("More", mesh)
    ob.location, ob.scale = (1, 2, 3), (1, 2, -3)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    mesh.calc_loop_triangles()
    triangles, corners, vertices = mesh.loop_triangles, mesh.loops, mesh.vertices
    every, matrix = slice(None), [[2, 0, 1, 4], [0, -3, 0, 5], [0, 1, 1, 6]]
    of_each = [matrix] * len(mesh.vertices)
    color = mesh.vertex_colors["Col"]
    return {
        "matrix": (lambda: mesh.vertices, (every, "co"), {"transform": matrix}),
        "Matrix": (lambda: mesh.vertices, (every, "co"), {"transform": ob.matrix_world.copy()}),
        "doubles": (lambda: mesh.vertices, (every, "co"), {"transform": matrix, "dtype": "d"}),
        "each": (lambda: mesh.vertices, (every, "co"), {"transform": of_each}),
        "world": (lambda: ob, ("data", "vertices", every, "co"), {"transform": "WORLD"}),
        "bytes": (lambda: color.data, (every, "color"), {"dtype": "B", "normalized": True}),
        "words": (lambda: mesh.vertices, (every, "co"), {"dtype": "h", "normalized": True}),
        "struct": (lambda: mesh, ("vertices", every, "co"), {}),
        "behind": (lambda: ob, ("data", "vertices", every, "co"), {}),
        "gather": (lambda: corners, (every, "vertex_index", vertices, "co"), {}),
        "gather of a struct": (lambda: mesh, ("loops", every, "vertex_index", vertices, "co"), {}),
        "gather by two": (lambda: mesh.edges, (every, "vertices", every, vertices, "co", every), {}),
        "gather swizzled": (lambda: corners, (slice(3, 60, 7), "vertex_index", vertices, "co", "zx"), {"dtype": "d"}),
        "gather of flags": (lambda: corners, (every, "edge_index", mesh.edges, "use_seam"), {}),
        "gather of colors": (lambda: triangles, (every, "loops", every, color.data, "color"), {}),
        "gather through a matrix": (lambda: corners, (every, "vertex_index", vertices, "co"), {"transform": matrix}),
        "gather by two through many": (lambda: mesh.edges, (every, "vertices", every, vertices, "co", every),
                                       {"transform": [matrix] * len(mesh.edges), "dtype": "d"}),
        "gather through the world's": (lambda: ob, ("data", "loops", every, "vertex_index", vertices, "co"),
                                       {"transform": "WORLD"}),
        "gather by levels": (lambda: triangles, (every, "loops", every, corners, "vertex_index", vertices, "co"), {}),
    }


def test_more(name):
    from rnaslicer import Slicer
    give, items, options = more_ways()[name]

    def one_shot():
        with Slicer(give(), **options)[items]:
            pass

    found = {"one-shot": counted(one_shot)}
    with Slicer(give(), **options)[items] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        natively("refresh", vw.refresh)
        natively("update", vw.update)
        part = vw.memcache[3:9]
        found["region"] = counted(lambda: vw.refresh(part))
        natively("refresh", lambda: vw.refresh(part))
        natively("update", lambda: vw.update(part))
        found["changes"], found["changes of a part"] = counted(vw.changes), counted(lambda: vw.changes(part))
        natively("refresh", vw.changes)
        out = bytearray(vw.memcache.nbytes)
        out = memoryview(out).cast("B").cast(vw.format, vw.shape)
    found["read"] = counted(lambda: Slicer(give(), **options)[items].read(out))
    found["write"] = counted(lambda: Slicer(give(), **options)[items].write(out))
    natively("enter", one_shot)
    limits = {"one-shot": ONE_SHOT, "refresh": REFRESH, "update": UPDATE, "region": REFRESH, "changes": REFRESH,
              "changes of a part": REFRESH, "read": SHOT_THROUGH, "write": SHOT_THROUGH}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_more.cases = {name: (name,) for name in (
    "matrix", "Matrix", "doubles", "each", "world", "bytes", "words", "struct", "behind", "gather",
    "gather of a struct", "gather by two", "gather swizzled", "gather of flags", "gather of colors", "gather by levels",
    "gather through a matrix", "gather by two through many", "gather through the world's")}


def all_alike():
    """Collections whose storage only discovery tells, all values of each the same, and the property."""
    curve = bpy.data.curves.new("Alike", "CURVE")
    bezier, nurbs = curve.splines.new("BEZIER"), curve.splines.new("NURBS")
    bezier.bezier_points.add(40)
    nurbs.points.add(40)
    few = curve.splines.new("NURBS")
    few.points.add(5)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Alike", curve))
    bpy.context.view_layer.update()
    nodes = bpy.data.node_groups.new("Alike", "ShaderNodeTree").nodes
    for _ in range(40):
        nodes.new("ShaderNodeMath")
    return {"nodes": (lambda: nodes, "width"), "hidden": (lambda: nodes, "hide"),
            "bezier": (lambda: bezier.bezier_points, "select_control_point"), "tilt": (lambda: nurbs.points, "tilt"),
            "nurbs": (lambda: nurbs.points, "select"), "few": (lambda: few.points, "select")}


def test_alike(name):
    """Each enter compares as many as a proof does; where they differ once, nothing is in doubt any more."""
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    proof.forget()
    give, prop = all_alike()[name]

    def one_shot():
        with Slicer(give())[:, prop] as vw:
            assert vw.kernel.route == "direct"
            return vw.memcache.tolist()

    def enter():
        with Slicer(give())[:, prop]:
            pass

    one_shot()
    found = counted(enter)
    assert found <= ONE_SHOT, found
    natively("enter", enter)
    for at in (17 % len(give()), 3, -1):
        value = getattr(give()[at], prop)
        setattr(give()[at], prop, not value if isinstance(value, bool) else value + 1)
        for _ in range(3):
            assert one_shot() == [getattr(one, prop) for one in give()]
    natively("enter", enter)


test_alike.cases = {name: (name,) for name in ("bezier", "tilt", "nurbs", "few", "nodes", "hidden")}


def test_layer_made_since_the_enter():
    """A layer that was missing at the enter, and that bpy's first assignment made, is a layer like others: native
    code need not decline because the values are no longer its default."""
    from rnaslicer import Slicer
    cloud = bpy.data.pointclouds.new("Cloud")
    if not hasattr(cloud, "resize"):
        return
    cloud.resize(300)
    with Slicer(cloud.points)[:, "radius"] as vw:
        assert "radius" not in cloud.attributes
        cloud.points[0].radius = 2  # makes it
        assert "radius" in cloud.attributes
        vw.memcache[:] = [i + 0.5 for i in range(300)]
        natively("update", vw.update)
        assert [point.radius for point in cloud.points] == [i + 0.5 for i in range(300)]
        cloud.attributes.remove(cloud.attributes["radius"])
        vw.memcache[:] = [i + 0.25 for i in range(300)]
        vw.update()
        assert [point.radius for point in cloud.points] == [i + 0.25 for i in range(300)]
