# tests/blender/trails/trail_layers.py: meshes and drawings with layers, for the tests of what trails remember of them
import unittest

import bpy

from support import EVERY, VERSION
from trail_ways import counts

LAYER = EVERY, "attributes", '["Layer"]', "data", EVERY, "value"
SELECT = EVERY, "vertices", EVERY, "select"
POINTS = EVERY, "drawing", "attributes", '["position"]', "data", EVERY, "vector"
COUNT = 12
# Before 5.0 two layers may have one name, in two domains.
UNIQUE = VERSION >= (5, 0)


def told(function, count, asked=0):
    """Runs it; `count` layers must have been found as they were, and `asked` others by bpy."""
    before = counts()["layer"]
    result = function()
    after = counts()["layer"]
    assert (after[0] - before[0], after[1] - before[1]) == (count, asked), (before, after, count, asked)
    return result


def ring(i=0, name="Layer", domain="POINT"):
    """A closed chain: as many vertices as edges."""
    mesh = bpy.data.meshes.new("Ring")
    mesh.from_pydata([(k, k % 3, i) for k in range(COUNT)], [(k, (k + 1) % COUNT) for k in range(COUNT)], [])
    fresh(mesh, i, name, domain)
    return mesh


def fresh(mesh, i=0, name="Layer", domain="POINT", kind="FLOAT"):
    for k, one in enumerate(mesh.attributes.new(name, kind, domain).data):
        one.value = k % 2 if kind == "BOOLEAN" else k + 100 * i


def values(meshes, name="Layer"):
    return [[one.value for one in mesh.attributes[name].data] for mesh in meshes]


def lost(vw):
    """One of the layers is gone: which error says so depends on who had been asked before."""
    from rnaslicer.errors import ShapeChangedError, SupplierLostError
    try:
        vw.refresh()
    except (ShapeChangedError, SupplierLostError) as error:
        assert "Ring" in str(error)
        return
    raise AssertionError("a layer was read that is gone")


def pencil(frames=5, strokes=(6, 5)):
    if VERSION < (4, 3):
        raise unittest.SkipTest("no such drawings")
    layer = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Pencil").layers.new("Layer")
    for i in range(frames):
        layer.frames.new(i + 1).drawing.add_strokes(list(strokes))
    frames = layer.frames
    draw(frames)
    return frames


def draw(frames):
    for i, frame in enumerate(frames):
        for k, point in enumerate(frame.drawing.attributes["position"].data):
            point.vector = i, k, i * k


def drawn(frames):
    return [[list(point.vector) for point in frame.drawing.attributes["position"].data] for frame in frames]
