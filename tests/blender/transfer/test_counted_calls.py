# tests/blender/transfer/test_counted_calls.py: how many Python calls a transfer takes: they have no noise
"""As cProfile counts them, functions in C included. Small data is all calls: what is known must not be asked of
Python again. Each way runs natively, or the count says so."""
import cProfile
import random

import bpy

from support import random_keyframes, random_mesh

ONE_SHOT, REFRESH, UPDATE = 10, 6, 10  # of one collection
SHOT_THROUGH = 45  # through a matrix
MANY = 200  # structs
EACH_SHOT, EACH_REFRESH, EACH_UPDATE = 4, 1, 2


def counted(function):
    """Calls of the third run: the first resolves and proves, the second may still learn."""
    function()
    function()
    profile = cProfile.Profile()
    profile.enable()
    function()
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats()) - 1  # disable itself


def natively(direction, function):
    """Runs it; native code must have done it, and never declined."""
    from rnaslicer import _core
    done, declined = _core.trail_counts()[direction]
    function()
    now = _core.trail_counts()[direction]
    assert now == (done + 1, declined), (direction, now, (done, declined))


def suppliers():
    """Name -> (function that gives the collection, property). The mesh and the action have users."""
    mesh = random_mesh(random.Random(5))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("User", mesh))
    _, curve = random_keyframes(random.Random(6))
    bpy.context.view_layer.update()
    return {
        "co": (lambda: mesh.vertices, "co"), "select": (lambda: mesh.vertices, "select"),
        "vertex_index": (lambda: mesh.loops, "vertex_index"), "edge": (lambda: mesh.edges, "vertices"),
        "material_index": (lambda: mesh.polygons, "material_index"), "smooth": (lambda: mesh.polygons, "use_smooth"),
        "uv": (lambda: mesh.uv_layers["UV"].data, "uv"), "color": (lambda: mesh.vertex_colors["Col"].data, "color"),
        "float": (lambda: mesh.attributes["FLOAT_POINT"].data, "value"),
        "keys": (lambda: curve.keyframe_points, "co"),
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
                                             "color", "float", "keys")}


def many_meshes():
    scene = bpy.context.scene
    for i in range(MANY):
        mesh = bpy.data.meshes.new(f"Many{i}")
        mesh.vertices.add(30)
        scene.collection.objects.link(bpy.data.objects.new(f"Many{i}", mesh))
    return (lambda: scene.objects), (slice(None), "data", "vertices", slice(None), "co")


def many_curves():
    action, _ = random_keyframes(random.Random(7))
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    for curve in list(curves):
        curves.remove(curve)
    for i in range(MANY):
        curve = curves.new(f'["number {i}"]', index=0)
        curve.keyframe_points.add(20)
    return (lambda: curves), (slice(None), "keyframe_points", slice(None), "co")


def test_many(make):
    from rnaslicer import Slicer
    give, items = make()
    bpy.context.view_layer.update()

    def one_shot():
        with Slicer(give())[items]:
            pass

    found = {"enter": counted(one_shot)}
    with Slicer(give())[items] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        for direction, move in (("refresh", vw.refresh), ("update", vw.update)):
            natively(direction, move)
            natively(direction, lambda move=move: move(vw.memcache[5:9]))
            natively(direction, lambda move=move: move(vw.memcache[::7, 3:5]))
    natively("enter", one_shot)
    limits = {"enter": EACH_SHOT * MANY, "refresh": EACH_REFRESH * MANY, "update": EACH_UPDATE * MANY}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_many.cases = {"meshes": (many_meshes,), "curves": (many_curves,)}


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
    one_shot_most = SHOT_THROUGH if "transform" in options or "normalized" in options else ONE_SHOT
    limits = {"one-shot": one_shot_most, "refresh": REFRESH, "update": UPDATE, "region": REFRESH, "changes": REFRESH,
              "changes of a part": REFRESH}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_more.cases = {name: (name,) for name in ("matrix", "Matrix", "doubles", "each", "world", "bytes", "words",
                                              "struct", "behind")}
