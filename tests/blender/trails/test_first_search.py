# tests/blender/trails/test_first_search.py: how many calls the first enter of a kind takes, which resolves, proves and learns
"""As cProfile counts them, functions in C included, once the session has learnt what all kinds need. They have no noise."""
import cProfile
import gc

import bpy

from support import plain
from trail_ways import read

MOST = 1250  # of 3.4's 1500, whose structs are told by their sizes
MOST_OF_STRUCTS = 1600


def scene():
    """Name -> (function that gives the collection, property)."""
    mesh = bpy.data.meshes.new("Searched")
    mesh.from_pydata([(i, i + 1, i + 2) for i in range(27)], [], [(0, 1, 2), (3, 4, 5), (6, 7, 8)])
    mesh.uv_layers.new(name="UV")
    mesh.attributes.new("F", "FLOAT", "POINT")
    for i, vertex in enumerate(mesh.vertices):
        vertex.select = i % 3 == 0
    ob = bpy.data.objects.new("Searched", mesh)
    bpy.context.scene.collection.objects.link(ob)
    for frame in range(1, 20, 3):
        ob.location.x = frame
        ob.keyframe_insert("location", index=0, frame=frame)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    return {"co": (lambda: mesh.vertices, "co"), "select": (lambda: mesh.vertices, "select"),
            "vertex_index": (lambda: mesh.loops, "vertex_index"), "edge": (lambda: mesh.edges, "vertices"),
            "uv": (lambda: mesh.uv_layers["UV"].data, "uv"), "float": (lambda: mesh.attributes["F"].data, "value"),
            "keys": (lambda: curves[0].keyframe_points, "co")}


def test_first_of_a_kind(name):
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    from rnaslicer.transfer import trails
    every = scene()
    for give, prop in every.values():  # what all kinds share
        with Slicer(give())[:, prop]:
            pass
    proof.forget()
    trails.forget_all()
    give, prop = every[name]
    supplier, profile = give(), cProfile.Profile()
    gc.disable()
    try:
        profile.enable()
        with Slicer(supplier)[:, prop] as vw:
            profile.disable()
            assert plain(vw.memcache.tolist()) == [plain(getattr(one, prop)) for one in give()]
    finally:
        profile.disable()
        gc.enable()
    calls = {getattr(entry.code, "co_name", entry.code): entry.callcount for entry in profile.getstats()}
    assert {"_agrees", "described"} <= calls.keys(), "nothing was proven or learnt"
    most = MOST if bpy.app.version >= (4, 0) else MOST_OF_STRUCTS
    assert sum(calls.values()) <= most, sum(calls.values())
    assert read(give(), slice(None), prop)[1] == 1, "no trail was learnt"


test_first_of_a_kind.cases = {name: (name,) for name in ("co", "select", "vertex_index", "edge", "uv", "float", "keys")}


def test_addresses_are_compared():
    """Of elements by index and by iteration, their classes, too."""
    from rnaslicer.layout import places
    mesh = bpy.data.meshes.new("Stride")
    mesh.vertices.add(30)
    verts = list(mesh.vertices)
    base, kind, size = verts[0].as_pointer(), type(verts[0]), verts[1].as_pointer() - verts[0].as_pointer()
    assert places.array_stride(mesh.vertices) == size
    assert places._lie(kind, base, size, (0, 5, 29), [verts[0], verts[5], verts[29]])
    for elements in ([verts[0], verts[4], verts[29]], [verts[0], None, verts[29]], [verts[0], mesh, verts[29]],
                     [verts[0], verts[5]], [verts[0], verts[5], verts[29], verts[1]]):
        assert not places._lie(kind, base, size, (0, 5, 29), elements), elements
