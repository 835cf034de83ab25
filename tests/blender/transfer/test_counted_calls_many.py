# tests/blender/transfer/test_counted_calls_many.py: how many Python calls a transfer of hundreds of structs takes
"""None for what lies behind each, and few for each struct: test_counted_calls.py has those of one collection."""
import random

import bpy

from counted_calls import FROM_LIST, REFRESH, SHOT_THROUGH, UPDATE, counted, lists
from support import random_keyframes
from trail_ways import natively

MANY = 200  # structs
EACH_SHOT, EACH_REFRESH, EACH_UPDATE = 4, 1, 2


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


def test_lists_behind_each():
    """The constraints of each bone: no Python for each bone, let alone for each constraint."""
    from rnaslicer import Slicer
    bones = lists()["bones"][0]()
    for i, bone in enumerate(bones):
        for k in range(3):
            bone.constraints.new(("COPY_LOCATION", "LIMIT_ROTATION")[(i + k) % 2]).influence = (i + k) / 64
    items = slice(None), "constraints", slice(None), "influence"

    def one_shot():
        with Slicer(bones)[items]:
            pass

    found = {"one-shot": counted(one_shot)}
    with Slicer(bones)[items] as vw:
        found["refresh"] = counted(vw.refresh)
        natively("refresh", vw.refresh)
    natively("enter", one_shot)
    assert found["one-shot"] <= SHOT_THROUGH and found["refresh"] <= REFRESH, found


def ones():
    """Name -> (objects or keys, items): one struct behind each of many."""
    every, scene, keyed = slice(None), bpy.context.scene, []
    for i in range(MANY):
        ob = bpy.data.objects.new(f"One{i}", bpy.data.meshes.new("One"))
        scene.collection.objects.link(ob)
        ob.constraints.new("COPY_LOCATION").influence = i / 256
        ob.constraints[0].owner_space = ("WORLD", "LOCAL")[i % 2]
        ob.modifiers.new("Sub", "SUBSURF").levels = i % 6
        ob.data.vertices.add(3)
        ob.shape_key_add(name="Basis")
        ob.shape_key_add(name="Key 1").value = i / 256
        keyed.append(ob)
    bpy.context.view_layer.update()
    return {"only constraint": (keyed, (every, "constraints", every, "influence")),
            "its enum": (keyed, (every, "constraints", every, "owner_space")),
            "first constraint": (keyed, (every, "constraints", 0, "influence")),
            "modifier by key": (keyed, (every, "modifiers", '["Sub"]', "levels")),
            "shape key by key": ([ob.data.shape_keys for ob in keyed], (every, "key_blocks", '["Key 1"]', "value")),
            "two properties": (keyed, (every, ("location", "scale")))}


def test_one_behind_each():
    """The only element of each list, or one by its place or key; written by bpy, without a step of Python."""
    from rnaslicer import Slicer
    for name, (supplier, items) in ones().items():
        def one_shot():
            with Slicer(supplier)[items]:
                pass

        found = {"one-shot": counted(one_shot)}
        with Slicer(supplier)[items] as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
            natively("refresh", vw.refresh)
            natively("update", vw.update)
        natively("enter", one_shot)
        assert found["one-shot"] <= FROM_LIST and found["refresh"] <= REFRESH and found["update"] <= UPDATE, (name, found)


def test_few_calls_of_one():
    """Shape keys of one datablock, bones by their names, components that indices pick."""
    from rnaslicer import Slicer
    every, (ob, *_), bones = slice(None), ones()["two properties"][0], lists()["bones"][0]()
    for i in range(30):
        ob.shape_key_add(name=f"More {i}").value = i / 64
    co = ob.data.vertices
    for i, vertex in enumerate(co):
        vertex.co = i, 2 * i, 4 * i
    for make in (lambda: Slicer(ob.data.shape_keys)["key_blocks", every, "value"],
                 lambda: Slicer(ob.data.shape_keys.key_blocks)[:, "value"],
                 lambda: Slicer(bones)[["Bone1", "Bone7"], "location"], lambda: Slicer(co)[:, "co", [2, 0]]):
        def one_shot():
            with make():
                pass

        found = {"one-shot": counted(one_shot)}
        with make() as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
            natively("refresh", vw.refresh)
            natively("update", vw.update)
        assert found["one-shot"] <= SHOT_THROUGH and found["refresh"] <= REFRESH and found["update"] <= UPDATE, found


def many_in_a_list():
    give, items = many_meshes()
    objects = list(give())
    return (lambda: objects), items


def test_many(make, **options):
    from rnaslicer import Slicer
    give, items = make()
    bpy.context.view_layer.update()

    def one_shot():
        with Slicer(give(), **options)[items]:
            pass

    found = {"enter": counted(one_shot)}
    with Slicer(give(), **options)[items] as vw:
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        for direction, move in (("refresh", vw.refresh), ("update", vw.update)):
            natively(direction, move)
            natively(direction, lambda move=move: move(vw.memcache[5:9]))
            natively(direction, lambda move=move: move(vw.memcache[::7, 3:5]))
    natively("enter", one_shot)
    limits = {"enter": EACH_SHOT * MANY, "refresh": EACH_REFRESH * MANY, "update": EACH_UPDATE * MANY}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


def test_many_in_world_space(make):
    test_many(make, transform="WORLD")


def test_many_padded(make):
    test_many(make, ragged="pad", width=40, fill=-1)


test_many.cases = {"meshes": (many_meshes,), "curves": (many_curves,)}
test_many_in_world_space.cases = {"scene": (many_meshes,), "list": (many_in_a_list,)}
test_many_padded.cases = {"scene": (many_meshes,), "list": (many_in_a_list,), "curves": (many_curves,)}


def test_many_normals():
    """Computed from each mesh's polygons and corners, which must lead somewhere: looked at without Python."""
    from rnaslicer import Slicer
    scene, count = bpy.context.scene, MANY // 4
    for i in range(count):
        mesh = bpy.data.meshes.new(f"Normals{i}")
        mesh.from_pydata([(x, y, (x * y + i) % 3) for x in range(4) for y in range(4)], [],
                         [(4 * x + y, 4 * x + y + 1, 4 * x + y + 5, 4 * x + y + 4) for x in range(3) for y in range(3)])
        scene.collection.objects.link(bpy.data.objects.new(mesh.name, mesh))
    bpy.context.view_layer.update()
    items = (slice(None), "data", "vertices", slice(None), "normal")

    def one_shot():
        with Slicer(scene.objects)[items] as vw:
            return vw.memcache.tolist()

    found = {"enter": counted(one_shot)}
    with Slicer(scene.objects)[items] as vw:
        found["refresh"] = counted(vw.refresh)
        natively("refresh", vw.refresh)
        assert vw.memcache.tolist() == [[list(v.normal) for v in ob.data.vertices] for ob in scene.objects]
    assert found["enter"] <= EACH_SHOT * count and found["refresh"] <= EACH_REFRESH * count, found
    broken = scene.objects[count // 2].data
    before = broken.loops[5].vertex_index
    broken.loops[5].vertex_index = 1 << 20
    for read in (one_shot, Slicer(scene.objects)[items].read):
        try:
            read()
        except Exception as error:
            assert type(error).__name__ == "ContextError" and broken.name in str(error), error
        else:
            raise AssertionError("normals of corners that lead nowhere were asked for")
    broken.loops[5].vertex_index = before
    natively("enter", one_shot)


def test_what_bpy_computes_of_each():
    """Asked of each struct by bpy, but not by a step of Python for each."""
    from rnaslicer import Slicer
    objects = []
    for i in range(MANY):
        mesh = bpy.data.meshes.new("Computed")
        mesh.from_pydata([(0, 0, 0), (i, 2, 3)], [(0, 1)], [])
        objects.append(bpy.data.objects.new("Computed", mesh))
        bpy.context.scene.collection.objects.link(objects[-1])
    bpy.context.view_layer.update()
    for items in ((slice(None), "dimensions"), (slice(None), "dimensions", ("zx", "yy")), (slice(3, 90, 7), "dimensions", "y")):
        with Slicer(objects)[items] as vw:
            told = [list(ob.dimensions) for ob in objects[items[0]]]
            if items[2:] == (("zx", "yy"),):
                told = [[[z, x], [y, y]] for x, y, z in told]
            elif items[2:]:
                told = [y for _, y, _ in told]
            assert vw.kernels[0].route == "element" and vw.memcache.tolist() == told
            if items[0] == slice(None):  # of some each of the others is looked for, too
                assert counted(vw.refresh) <= MANY * EACH_REFRESH, counted(vw.refresh)
            part = vw.memcache[1:11:3]
            part[...] = 0
            vw.refresh(part)
            assert vw.memcache.tolist() == told
