# tests/blender/trails/test_trails_single.py: numbers of one struct, entered, refreshed and updated in native code
"""What bpy's getattr gives, and its setattr makes of what is given. bpy says what is right."""
import collections
import random

import bpy

import census_scene
from census_walk import Walk, properties
from census_write import unwritten, valid, writable
from counted_calls import REFRESH, SHOT_THROUGH, UPDATE, counted
from support import plain, refused, same
from trail_lists import rig
from trail_ways import counts, known, natively, read


def scene():
    """Name -> (function that gives the supplier, items, function that gives bpy's value)."""
    bpy.ops.mesh.primitive_cube_add(location=(1, 2, 3), rotation=(0.1, 0.2, 0.3))
    ob = bpy.context.object
    ob.modifiers.new("M", "SUBSURF")
    bone = rig(3).pose.bones["Bone1"]
    light = bpy.data.objects.new("Light", bpy.data.lights.new("Light", "SPOT"))
    shape = bpy.context.scene
    return {
        "location": (lambda: ob, ("location",), lambda: ob.location),
        "component": (lambda: ob, ("location", 0), lambda: ob.location[0]),
        "swizzle": (lambda: ob, ("location", "zx"), lambda: ob.location.zx),
        "matrix": (lambda: ob, ("matrix_world",), lambda: ob.matrix_world),
        "cell": (lambda: ob, ("matrix_basis", 1, 2), lambda: ob.matrix_basis[1][2]),
        "flag": (lambda: ob, ("hide_render",), lambda: ob.hide_render),
        "flags": (lambda: ob, ("lock_location",), lambda: ob.lock_location),
        "enum": (lambda: ob, ("rotation_mode",), None),
        "vertex": (lambda: ob.data.vertices, (5, "co"), lambda: ob.data.vertices[5].co),
        "last vertex": (lambda: ob.data.vertices, (-1, "co"), lambda: ob.data.vertices[-1].co),
        "render": (lambda: shape, ("render", "resolution_x"), lambda: shape.render.resolution_x),
        "bone": (lambda: bone, ("rotation_quaternion",), lambda: bone.rotation_quaternion),
        "modifier": (lambda: ob, ("modifiers", '["M"]', "levels"), lambda: ob.modifiers["M"].levels),
        "data": (lambda: light, ("data", "energy"), lambda: light.data.energy),
        "angle": (lambda: light.data, ("spot_size",), lambda: light.data.spot_size),
        "display": (lambda: ob, ("display", "show_shadows"), lambda: ob.display.show_shadows),
    }


def test_counted(name):
    from rnaslicer import Slicer
    give, items, value = scene()[name]
    bpy.context.view_layer.update()

    def one_shot():
        with Slicer(give())[items] as vw:
            return vw.memcache.tolist()

    found = {"one-shot": counted(one_shot)}
    natively("enter", one_shot)
    natively("enter", lambda: Slicer(give())[items].read())
    if value is not None:
        same(one_shot(), value())
    with Slicer(give())[items] as vw:
        found["refresh"] = counted(vw.refresh)
        natively("refresh", vw.refresh)
        may = name != "matrix" and name != "cell"
        found["update"] = counted(vw.update) if may else 0
        if may:
            natively("update", vw.update)
    limits = {"one-shot": SHOT_THROUGH, "refresh": REFRESH, "update": UPDATE}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_counted.cases = {name: (name,) for name in (
    "location", "component", "swizzle", "matrix", "cell", "flag", "flags", "enum", "vertex", "last vertex", "render", "bone",
    "modifier", "data", "angle", "display")}


def test_values_of_rna():
    """Of the structs that RNA reaches: what getattr gives, entered natively; what setattr leaves, beside it as well."""
    from rnaslicer import Slicer, SlicerError
    rng = random.Random(5)
    census_scene.build(rng)
    entered = written = 0
    for site in list(Walk(visits=2, many=2).sites([])):
        try:
            names = () if site.is_collection else properties(site.place, False, collections.Counter())[0]
            struct = names and site.place.follow()
        except (AttributeError, KeyError, IndexError, TypeError, ReferenceError):
            continue
        for name in names:
            if rng.random() < 0.8 or name == "pixels":  # a sample; those have test_trails_images.py
                continue
            try:
                with Slicer(struct)[name] as vw:
                    first = memoryview(vw.memcache).tobytes()
                before = counts()["enter"][0]
                with Slicer(site.place.follow())[name] as vw:
                    if counts()["enter"][0] == before:
                        continue
                    entered += 1
                    label = f"{site.place}.{name}"
                    assert memoryview(vw.memcache).tobytes() == first, label
                    wanted = getattr(site.place.follow(), name)
                    if type(wanted) is not str:
                        same(vw.memcache.tolist(), wanted, label)
                    written += _is_written(site, name, vw, rng, label)
            except (SlicerError, ReferenceError):
                continue
    assert entered > 300 and written > 100, (entered, written)


def _kept(value):
    """A copy of a value as bpy gives it."""
    if isinstance(value, (str, int, float, set)):
        return value
    return value.copy() if hasattr(value, "copy") else tuple(value)


def _is_written(site, name, vw, rng, label):
    """Whether native code wrote a random value, to what setattr makes of it."""
    struct = site.place.follow()
    if unwritten(site, struct.bl_rna, name) or not writable([struct], name):
        return False
    was = _kept(getattr(struct, name))
    value, flat = valid(rng, struct, name)
    try:
        setattr(struct, name, value)
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return False
    wanted = _kept(getattr(site.place.follow(), name))
    vw.refresh()
    if type(wanted) is not str:
        same(vw.memcache.tolist(), wanted, label)
    for one in (was, value):
        setattr(site.place.follow(), name, one)
    again = plain(getattr(site.place.follow(), name))
    setattr(site.place.follow(), name, was)
    if again != plain(wanted):  # a setter that depends on what was there before (white points of nodes)
        return False
    cache = memoryview(vw.memcache).cast("B").cast(vw.format)
    for i, one in enumerate(flat):
        cache[i] = one
    before = counts()["update"][0]
    vw.update()
    same(getattr(site.place.follow(), name), wanted, label)
    return counts()["update"][0] > before


def test_what_is_on_the_way():
    """Another class, another length, nothing at all: the routes say it, and what is new is learnt."""
    from rnaslicer import ShapeChangedError, Slicer, SupplierLostError
    obs = [bpy.data.objects.new(f"O{i}", bpy.data.lights.new(f"L{i}", kind)) for i, kind in enumerate(("SPOT", "SUN"))]
    for ob in obs * 2:
        ob.data.energy = 7
        assert known(ob, "data", "energy") == 7
    for ob in obs:
        assert read(ob, "data", "energy") == (7, 1)
    mesh = bpy.data.meshes.new("M")
    mesh.vertices.add(8)
    known(mesh.vertices, 5, "co")
    vw = Slicer(mesh.vertices)[5, "co"]
    with vw:
        mesh.vertices.add(1)
        refused(ShapeChangedError, vw.refresh)
        refused(ShapeChangedError, vw.update)
    with vw:
        natively("refresh", vw.refresh)
    ob = bpy.data.objects.new("Modified", mesh)
    for kind in ("SUBSURF", "MULTIRES"):
        ob.modifiers.clear()
        ob.modifiers.new("M", kind)
        assert known(ob, "modifiers", '["M"]', "levels") == ob.modifiers["M"].levels
    with Slicer(ob)["modifiers", '["M"]', "levels"] as vw:
        ob.modifiers.clear()
        ob.modifiers.new("M", "SUBSURF")
        refused(ShapeChangedError, vw.refresh)
        refused(ShapeChangedError, vw.update)
        ob.modifiers.clear()
        refused(SupplierLostError, vw.refresh)


def test_refusals():
    """What the routes refuse is refused, with nothing written; numbers that bpy clamps are clamped."""
    from rnaslicer import ReadOnlyError, Slicer, ValueRangeError
    bpy.ops.mesh.primitive_cube_add()
    ob = bpy.context.object
    for name in ("rotation_mode", "dimensions", "pass_index", "color"):
        known(ob, name)
    with Slicer(ob)["rotation_mode"] as vw:
        natively("update", vw.update)
        was = ob.rotation_mode
        vw.memcache[()] = 99
        refused(ValueRangeError, vw.update)
        assert ob.rotation_mode == was
    with Slicer(ob)["pass_index"] as vw:
        vw.memcache[()] = -5
        natively("update", vw.update)
        assert ob.pass_index == 0
    known(ob, "matrix_local")
    known(ob, "is_instancer")
    with Slicer(ob)["is_instancer"] as vw:
        refused(ReadOnlyError, vw.update)
    known(ob.data.vertices, 3, "co")
    with Slicer(ob.data.vertices)[3, "co"] as vw:
        vw.memcache[0] = 9
        natively("update", vw.update)
        assert ob.data.vertices[3].co.x == 9
        bpy.ops.object.mode_set(mode="EDIT")
        refused(ReadOnlyError, vw.update)
        bpy.ops.object.mode_set(mode="OBJECT")
        natively("update", vw.update)


def test_parts_and_formats():
    """Some components, other formats, buffers of the caller's."""
    import numpy as np
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("O", None)
    ob.location = (1, 2, 3)
    known(ob, "location", "zx")
    with Slicer(ob)["location", "zx"] as vw:
        vw.memcache[0], vw.memcache[1] = 30, 10
        natively("update", vw.update)
        assert list(ob.location) == [10, 2, 30]
        vw.memcache[1] = 11
        vw.update(vw.memcache[1:])
        assert list(ob.location) == [11, 2, 30]
    known(ob, "location", dtype="d")
    with Slicer(ob, dtype="i")["location"] as vw:
        assert vw.memcache.tolist() == [11, 2, 30]
    out = np.empty(3, "f4")
    known(ob, "location")
    natively("enter", lambda: Slicer(ob)["location"].read(out))
    assert out.tolist() == [11, 2, 30]
    Slicer(ob)["location"].write(np.array([4, 5, 6], "f4"))
    assert list(ob.location) == [4, 5, 6]
    cell = np.empty((), "f4")
    known(ob, "location", 1)
    with Slicer(ob)["location", 1] as vw:
        vw.read(cell)
        cell[...] = 8
        vw.write(cell)
    assert list(ob.location) == [4, 8, 6]
    wide = np.empty((2, 3), "f4")
    refused(Exception, lambda: Slicer(ob)["location"].read(wide))
    known(ob, "matrix_basis")
    with Slicer(ob)["matrix_basis"] as vw:
        vw.memcache[0, 3] = 12
        vw.update()
        assert ob.location.x == 12


def test_evaluated_and_embedded():
    """Of an evaluated object the same way tells its own values, and refuses an update; a node's are those of its tree."""
    from rnaslicer import ReadOnlyError, Slicer
    bpy.ops.mesh.primitive_cube_add(location=(1, 2, 3))
    ob = bpy.context.object
    known(ob, "location")
    known(ob.data.vertices, 5, "co")
    bpy.context.view_layer.update()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    for supplier, items in ((evaluated, ("location",)), (evaluated.data.vertices, (5, "co"))):
        with Slicer(supplier)[items] as vw:
            vw.refresh()
            same(vw.memcache.tolist(), evaluated.location if items[0] == "location" else evaluated.data.vertices[5].co)
            refused(ReadOnlyError, vw.update)
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    node = tree.nodes.new("ShaderNodeMath")
    for ratio in (0.25, 0.5):
        node.inputs[0].default_value = ratio
        assert known(node.inputs, 0, "default_value") == ratio
    with Slicer(node.inputs)[0, "default_value"] as vw:
        vw.memcache[()] = 0.75
        natively("update", vw.update)
        assert node.inputs[0].default_value == 0.75


def test_what_else_a_wrapper_says():
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("O", None)
    known(ob, "location")
    with Slicer(ob)["location"] as vw:
        assert vw.changes().tolist() == []
        ob.location.y = 4
        assert vw.changes().tolist() == [[1, 2]]
        assert vw.memcache.tolist() == [0, 4, 0]
        assert vw.kernel.route == "element" and not vw.readonly and vw.alive and vw.supplier == ob
        natively("update", vw.update)
        bpy.data.objects.remove(ob)
        assert not vw.alive


def test_suppliers_by_their_text():
    """Structs by keys and names are taken by native code: each leads to itself, also where a name is another's later."""
    from rnaslicer import Slicer
    ob = rig(4)
    for _ in range(3):
        for i, bone in enumerate(ob.pose.bones):
            bone.location.x = i
            assert Slicer(bone)["location", 0].read()[()] == i
    ob.data.bones["Bone1"].name, ob.data.bones["Bone2"].name = "Other", "Bone1"
    for i, bone in enumerate(ob.pose.bones):
        assert Slicer(bone)["location", 0].read()[()] == i, bone
    scene = bpy.context.scene
    for _ in range(3):
        with Slicer(scene.render)["resolution_x"] as vw:
            vw.memcache[()] = 640
            vw.update()
        assert scene.render.resolution_x == 640
