# tests/blender/expression/test_weights_lattice.py: weights of lattices, with which Blender itself crashes in places
import random

import bpy

from support import EVERY, check_oracle, fill_memcache, plain, refused, same, seed
from test_weights import WEIGHTS, by_loop, entered, offsets_by_loop, weighted


def lattice(rng):
    data = bpy.data.lattices.new("Lattice")
    data.points_u, data.points_v, data.points_w = 3, 4, 2
    ob = bpy.data.objects.new("Lattice", data)
    bpy.context.scene.collection.objects.link(ob)
    for g in range(3):
        group = ob.vertex_groups.new(name=f"Group{g}")
        for i in range(len(data.points)):
            if rng.random() < 0.5:
                group.add([i], rng.random(), "REPLACE")
    return ob


def test_lattices():
    """bpy crashes when a lattice's weight is assigned; written here, and read back through bpy."""
    rng = random.Random(seed())
    ob = lattice(rng)
    points = ob.data.points
    hook = ob.modifiers.new("Hook", "HOOK")
    hook.object = bpy.data.objects.new("Empty", None)
    bpy.context.scene.collection.objects.link(hook.object)
    hook.vertex_group, hook.object.location = "Group0", (3, 0, 0)
    twin = ob.data.copy()

    def deformed():
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        return [plain(p.co_deform) for p in evaluated.data.points]
    for subscript in (WEIGHTS, (slice(20, 1, -3), "groups", EVERY, ("group", "weight"))):
        assert check_oracle(points, subscript, ragged="flat")[1] == "direct"
    with entered(points) as vw:
        for _ in range(5):
            before, shape = by_loop(twin.points), deformed()
            fill_memcache(vw.memcache, [rng.uniform(-1, 2) for _ in before])
            wanted = [min(max(w, 0.0), 1.0) for w in vw.memcache.tolist()]
            vw.update()
            same(by_loop(points), wanted)
            assert vw.offsets.tolist() == offsets_by_loop(points)
            same(by_loop(twin.points), before)
            assert deformed() != shape
        ob.data.points_u = 5
        with refused("ShapeChangedError", "24 elements", "40"):
            vw.refresh()


def test_single_weights_of_lattices_are_refused():
    """bpy's own assignment crashes Blender at once or soon."""
    from rnaslicer import Slicer
    ob = lattice(random.Random(seed()))
    i = next(i for i, p in enumerate(ob.data.points) if len(p.groups) > 1)
    for subscript in (("points", i, "groups", EVERY, "weight"), ("points", i, "groups", 0, "weight"),
                      ("points", slice(i, i + 1), "groups", slice(0, 1), "weight")):
        with Slicer(ob.data)[subscript] as vw:
            assert vw.readonly
            with refused("ReadOnlyError", "crashes", "[:, 'groups', :, 'weight']"):
                vw.update()
    mesh = weighted(random.Random(seed())).data
    i = next(i for i, v in enumerate(mesh.vertices) if len(v.groups) > 1)
    with Slicer(mesh)["vertices", i, "groups", :, "weight"] as vw:
        fill_memcache(vw.memcache, [0.25] * len(vw.memcache))
        vw.update()
    same([g.weight for g in mesh.vertices[i].groups], [0.25] * len(mesh.vertices[i].groups))


def test_lattices_in_edit_mode():
    ob = lattice(random.Random(seed()))
    points = ob.data.points
    bpy.context.view_layer.objects.active = ob
    i = next(i for i, p in enumerate(points) if len(p.groups) > 1)
    with entered(points) as vw, entered(ob.data, ("points", i, "groups", EVERY, "group")) as one:
        values = vw.memcache.tolist()
        bpy.ops.object.mode_set(mode="EDIT")
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        with refused("ContextError", "edit mode"):
            one.refresh()
        with refused("ContextError", "edit mode", "crashes"):  # so does by_loop there
            vw.refresh()
        with refused("ContextError", "edit mode", "crashes"):
            with entered(ob.data.points):
                pass
        for subscript in (("points", 1, "groups", EVERY, "weight"), ("points", 1, "groups", 0, "weight"),
                          ("points", EVERY, "groups", slice(0, 1), "weight")):
            with refused("ContextError", "edit mode"):
                with entered(ob.data, subscript):
                    pass
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.refresh()
        same(vw.memcache.tolist(), values)
        vw.update()
