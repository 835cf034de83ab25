# tests/blender/trails/test_trails_short.py: what native code has asked once, and asks less of from then on
"""bpy says what is right. `natively` says who did it."""
import unittest

import bpy
import numpy as np

from support import EVERY, refused, same
from trail_ways import natively

KEYS = EVERY, "co"


def grid(side):
    mesh = bpy.data.meshes.new("Grid")
    row = range(side - 1)
    mesh.from_pydata([(x, y, x * y) for y in range(side) for x in range(side)], [],
                     [(i := y * side + x, i + 1, i + side + 1, i + side) for y in row for x in row])
    return mesh


def bags(count=3):
    """Keys of the same path and index, each of a slot of its own."""
    action = bpy.data.actions.new("Action")
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    for i in range(count):
        bag = strip.channelbag(action.slots.new("OBJECT", f"Slot {i}"), ensure=True)
        keys = bag.fcurves.new("location", index=0).keyframe_points
        keys.add(4)
        for k, key in enumerate(keys):
            key.co = k, 10 * i + k
    return strip


def test_keys_are_of_their_slot():
    """The first bag is the likely one; another may stand there later."""
    from rnaslicer import Slicer
    if "fcurves" in bpy.types.Action.bl_rna.properties:
        raise unittest.SkipTest("actions have one list of curves here")
    strip = bags()
    wrappers = []
    for i, bag in enumerate(strip.channelbags):
        with Slicer(bag.fcurves[0].keyframe_points)[KEYS] as vw:
            same(vw.memcache.tolist(), [[float(k), float(10 * i + k)] for k in range(4)])
        wrappers.append(natively("enter", Slicer(bag.fcurves[0].keyframe_points)[KEYS].__enter__))
    strip.channelbags.remove(strip.channelbags[0])
    for i in (1, 2):
        np.asarray(wrappers[i].memcache)[...] = 0
        natively("refresh", wrappers[i].refresh)
        same(wrappers[i].memcache.tolist(), [[float(k), float(10 * i + k)] for k in range(4)])
        np.asarray(wrappers[i].memcache)[:, 1] += 100
        natively("update", wrappers[i].update)
        same([list(key.co) for key in strip.channelbags[i - 1].fcurves[0].keyframe_points],
             wrappers[i].memcache.tolist())
    with refused("SupplierLostError"):
        wrappers[0].refresh()
    for one in wrappers:
        one.__exit__(None, None, None)
    curves = strip.channelbags[1].fcurves  # a way that ends where a bag's own list stands
    for _ in range(2):
        same(Slicer(curves)[EVERY, "keyframe_points", EVERY, "co"].read().tolist(),
             [[list(key.co) for key in one.keyframe_points] for one in curves])


def corners(mesh):
    return [loop.vertex_index for loop in mesh.loops]


def refill(mesh, faces):
    """Other arrays, as long as those before."""
    places = [list(vertex.co) for vertex in mesh.vertices]
    mesh.clear_geometry()
    mesh.from_pydata(places, [], faces)


def test_arrays_made_anew():
    """Of an array that was written before the last element is not asked for again; of no other."""
    from rnaslicer import Slicer
    mesh = grid(5)
    faces = [list(polygon.vertices) for polygon in mesh.polygons]
    with Slicer(mesh.loops)[EVERY, "vertex_index"] as vw:
        vw.update()
    with Slicer(mesh.loops)[EVERY, "vertex_index"] as vw:
        cache = np.asarray(vw.memcache)
        for turn in range(6):
            cache[...] = np.concatenate([np.roll(face, turn) for face in faces])
            natively("update", vw.update)
            same(corners(mesh), cache.tolist())
            if turn % 2:
                refill(mesh, faces)
            else:
                copied = mesh.copy()  # shares its arrays where Blender shares
                before = corners(copied)
                cache[...] = np.concatenate([np.roll(face, turn + 2) for face in faces])
                natively("update", vw.update)
                same(corners(mesh), cache.tolist())
                same(corners(copied), before)
                bpy.data.meshes.remove(copied)
    with Slicer(mesh.vertices)[EVERY, "co"] as vw:
        vw.update()
    with Slicer(mesh.vertices)[EVERY, "co"] as vw:
        for turn in range(4):
            np.asarray(vw.memcache)[...] += 1
            natively("update", vw.update)
            same([list(vertex.co) for vertex in mesh.vertices], vw.memcache.tolist())
            refill(mesh, faces)


def test_places_stay():
    """A write of corners gives a vertex its own place again, which need not be a finite one."""
    from rnaslicer import Slicer
    mesh = grid(4)
    with Slicer(mesh.loops)[EVERY, "vertex_index"] as vw:
        vw.update()
    places = np.zeros(3 * len(mesh.vertices), "f")
    for first in ((1.5, -0.0, 2), (3, np.inf, -np.inf), (np.nan, 1e-45, 3.4028235e38)):
        mesh.vertices[0].co = 0, 0, 0
        mesh.vertices.foreach_get("co", places)
        places[:3] = first
        mesh.vertices.foreach_set("co", places)
        mesh.vertices.foreach_get("co", places)
        with Slicer(mesh.loops)[EVERY, "vertex_index"] as vw:
            natively("update", vw.update)
        now = np.zeros_like(places)
        mesh.vertices.foreach_get("co", now)
        same(now.view("i").tolist(), places.view("i").tolist())


def test_one_that_is_gone():
    """Its number lies where another's may lie by now."""
    from rnaslicer import Slicer
    for _ in range(3):
        mesh = grid(3)
        for _ in range(3):
            with Slicer(mesh.vertices)[EVERY, "co"] as vw:
                vw.refresh()
        vw = Slicer(mesh.vertices)[EVERY, "co"]
        vw.__enter__()
        natively("refresh", vw.refresh)
        bpy.data.meshes.remove(mesh)
        others = [grid(3) for _ in range(4)]
        with refused("SupplierLostError"):
            vw.refresh()
        with refused("SupplierLostError"):
            vw.update()
        vw.__exit__(None, None, None)
        for one in others:
            bpy.data.meshes.remove(one)
