# tests/blender/trails/test_trails_alone.py: the way to one collection, where bpy is asked no more than it must be
"""A struct's pointer tells where its array lies, a way is joined to one path, a layer's likely way is tried before bpy
is asked for its path: bpy says what is right. `natively` says who did it."""
import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from trail_ways import counts, known, layer, natively, values

KEYS = EVERY, "co"


def told(function, count=1):
    """Runs it; a pointer must have told of `count` arrays, and bpy of none."""
    before = counts()["array"]
    result = function()
    after = counts()["array"]
    assert after == (before[0] + count, before[1]), (before, after)
    return result


def bags(count=2):
    """A new action and its lists of F-curves, one for each slot; before 5.x there is one."""
    action = bpy.data.actions.new("Action")
    if VERSION < (5, 0):
        return action, [action.fcurves]
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    slots = [action.slots.new("OBJECT", f"Slot {i}") for i in range(count)]
    return action, [strip.channelbag(slot, ensure=True).fcurves for slot in slots]


def filled(curves, path="location", index=1, by=1.0):
    curve = curves.new(path, index=index)
    curve.keyframe_points.add(5)
    for i, key in enumerate(curve.keyframe_points):
        key.co = i, by * i
    return curve


def places(curve):
    return [list(key.co) for key in curve.keyframe_points]


def test_keys():
    """The array of an F-curve that is entered alone, also where it was made anew with as many keys."""
    from rnaslicer import Slicer
    _, (curves, *_) = bags()
    curve, other = filled(curves), filled(curves, index=2, by=-3)
    for one in (curve, other):
        same(known(one.keyframe_points, *KEYS), places(one))
    with Slicer(curve.keyframe_points)[KEYS] as vw:
        natively("refresh", vw.refresh)
        for i in range(8):
            points = curve.keyframe_points
            points.insert(20 + i, 7 - i)
            points.remove(points[0])
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), places(curve))
            told(lambda: natively("refresh", vw.refresh))
            curve.keyframe_points[2].co.y = 40 + i
            natively("enter", lambda: same(Slicer(curve.keyframe_points)[KEYS].read().tolist(), places(curve)))
            np.asarray(vw.memcache)[:, 1] = -i
            natively("update", vw.update)
            same(places(curve), vw.memcache.tolist())
            same(places(other), [[float(k), float(-3 * k)] for k in range(5)])
        curve.keyframe_points.insert(90, 1)
        with refused("ShapeChangedError"):
            vw.refresh()


def test_an_array_that_was_not_compared():
    """Of another F-curve three elements are compared with bpy, at each enter."""
    from rnaslicer import Slicer
    _, (curves, *_) = bags()
    first = filled(curves)
    known(first.keyframe_points, *KEYS)
    other = filled(curves, index=2, by=5)
    before = counts()["array"]
    for _ in range(2):
        natively("enter", lambda: same(Slicer(other.keyframe_points)[KEYS].read().tolist(), places(other)))
    assert counts()["array"][0] == before[0], "an array was trusted that this enter has not compared"


def test_slots():
    """F-curves of the same path in several slots, the first of which goes: each stays its own."""
    from rnaslicer import Slicer
    action, lists = bags(3)
    if len(lists) < 2:
        lists = [bags()[1][0] for _ in range(3)]
    curves = [filled(one, by=10.0 * i + 1) for i, one in enumerate(lists)]
    for one in curves * 2:
        same(known(one.keyframe_points, *KEYS), places(one))
    wrappers = [Slicer(one.keyframe_points)[KEYS] for one in curves]
    for vw in wrappers:
        vw.open()
    for vw, one in zip(wrappers, curves):
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), places(one))
    if VERSION >= (5, 0):
        rest = [places(one) for one in curves[1:]]
        action.slots.remove(action.slots[0])
        for vw, values_ in zip(wrappers[1:], rest):
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), values_)
        with refused("SupplierLostError"):
            wrappers[0].refresh()
    for vw in wrappers:
        vw.close()


def test_layers_of_one_class():
    """The way to another layer is tried first and found wrong; names change, and layers are made anew."""
    mesh = bpy.data.meshes.new("Layers")
    mesh.vertices.add(9)
    for name in "ABC":
        layer(mesh, "FLOAT", name=name)
    for i, name in enumerate("ABCABC"):
        for k, one in enumerate(mesh.attributes[name].data):
            one.value = 100 * i + k
        same(known(mesh.attributes[name].data, EVERY, "value"), values(mesh.attributes[name].data, "value"))
    mesh.attributes["B"].name = "D"
    for name in "ADC":
        same(known(mesh.attributes[name].data, EVERY, "value"), values(mesh.attributes[name].data, "value"))
    layer(mesh, "FLOAT", name="B")
    mesh.attributes.remove(mesh.attributes["A"])
    for name in "BCD":
        same(known(mesh.attributes[name].data, EVERY, "value"), values(mesh.attributes[name].data, "value"))


def test_layers_are_updated_in_place():
    """Others come and go between updates: what is written is found anew at each, and no other layer changes."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Layers")
    mesh.vertices.add(9)
    layer(mesh, "FLOAT", name="A")
    known(mesh.attributes["A"].data, EVERY, "value")
    with Slicer(mesh.attributes["A"].data)[:, "value"] as vw:
        for i in range(12):
            layer(mesh, "FLOAT", name=f"other {i % 5}")
            others = [values(one.data, "value") for one in mesh.attributes if one.name.startswith("other")]
            np.asarray(vw.memcache)[:] = np.arange(9) * (i + 1)
            natively("update", vw.update)
            same(values(mesh.attributes["A"].data, "value"), vw.memcache.tolist())
            same([values(one.data, "value") for one in mesh.attributes if one.name.startswith("other")], others)


def test_evaluation_follows_topology():
    """Where assigning a vertex tags a mesh, its corners' own tag is left out: the evaluated mesh follows as well."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Corners")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2), (0, 2, 3)])
    ob = bpy.data.objects.new("Corners", mesh)
    bpy.context.scene.collection.objects.link(ob)

    def seen():
        bpy.context.view_layer.update()
        return [loop.vertex_index for loop in ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.loops]

    with Slicer(mesh.vertices)[:, "co"] as places_, Slicer(mesh.loops)[:, "vertex_index"] as corners:
        for turn in range(4):
            seen()
            places_.update()  # of a mesh without tags: what bpy's assignment does is seen
            seen()
            np.asarray(corners.memcache)[:] = np.roll([0, 1, 2], turn).tolist() + np.roll([0, 2, 3], turn).tolist()
            corners.update()
            assert seen() == corners.memcache.tolist(), turn


def test_scenes_come_and_go():
    """Their layers are looked at in memory before a mesh is written: as many as bpy counts, or bpy is asked."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Mesh")
    mesh.vertices.add(4)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Object", mesh))
    known(mesh.vertices, EVERY, "co")
    made = []
    with Slicer(mesh.vertices)[:, "co"] as vw:
        vw.update()
        for i in range(6):
            made.append(bpy.data.scenes.new(f"Scene {5 - i}"))
            natively("update", vw.update)
        for scene in made[::2] + made[1::2]:
            bpy.data.scenes.remove(scene)
            natively("update", vw.update)
