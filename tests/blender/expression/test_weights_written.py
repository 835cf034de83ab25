# tests/blender/expression/test_weights_written.py: vertex weights written in bulk, against bpy's own, one by one
import random
import struct

import bpy

from support import EVERY, fill_memcache, plain, random_values, refused, same, seed
from test_weights import SHARES, assign_by_loop, by_loop, entered, is_direct, offsets_by_loop, weighted


def test_writing():
    rng = random.Random(seed())
    ob, twin = weighted(rng), None
    mesh = ob.data
    twin = mesh.copy()
    for dtype in (None, "d", "i"):
        with entered(mesh.vertices, dtype=dtype) as vw:
            values = random_values(rng, vw.format, len(vw.memcache), -2, 2)
            fill_memcache(vw.memcache, values)
            vw.update()
        assign_by_loop(twin.vertices, values)
        for name in ("weight", "group"):
            same(by_loop(mesh.vertices, name), by_loop(twin.vertices, name), (dtype, name))
        assert mesh.vertices[0].co == twin.vertices[0].co


def test_extremes_are_stored_as_bpy_stores_them():
    nan, inf = float("nan"), float("inf")
    values = [nan, -nan, inf, -inf, 0.0, -0.0, 1.0, 1.0000001, 0.99999994, 1e-40, -1e-40, 3e38, -1e-30, 0.1, -1, 2]
    ob = weighted(random.Random(seed()), len(values), 0)
    ob.vertex_groups.new(name="Group").add(list(range(len(values))), 0.5, "REPLACE")
    twin = ob.data.copy()
    with entered(ob.data.vertices) as vw:
        for i, value in enumerate(values):
            vw.memcache[i] = value
        vw.update()
    assign_by_loop(twin.vertices, values)
    same(by_loop(ob.data.vertices), by_loop(twin.vertices))
    for v, w in zip(ob.data.vertices, twin.vertices):
        assert struct.pack("f", v.groups[0].weight)[3] == struct.pack("f", w.groups[0].weight)[3], w.groups[0].weight


def test_regions():
    rng = random.Random(seed())
    ob = weighted(rng)
    mesh = ob.data
    for rows in (EVERY, slice(50, 3, -2)):
        with entered(mesh.vertices, (rows, "groups", EVERY, "weight")) as vw:
            count = len(vw.memcache)
            for _ in range(12):
                part = slice(rng.randrange(count), rng.randrange(count + 1), rng.randint(1, 4))
                if rng.random() < 0.4:
                    part = slice(part.stop - 1, part.start, -part.step)
                picked = set(range(count)[part])
                held = vw.memcache.tolist()
                fill_memcache(vw.memcache, [rng.random() for _ in range(count)])
                asked = vw.memcache.tolist()
                vw.update(vw.memcache[part])
                assert vw.memcache.tolist() == asked
                wanted = [asked[i] if i in picked else held[i] for i in range(count)]
                same(by_loop(list(mesh.vertices)[rows]), wanted, part)
                fill_memcache(vw.memcache, [9.0] * count)
                vw.refresh(vw.memcache[part])
                same(vw.memcache.tolist(), [wanted[i] if i in picked else 9.0 for i in range(count)], part)
                vw.refresh()


def test_many():
    """More than one call of the kernel takes, with a stretch of vertices without any."""
    rng = random.Random(seed())
    mesh = bpy.data.meshes.new("Many")
    mesh.vertices.add(30_000)
    ob = bpy.data.objects.new("Many", mesh)
    bpy.context.scene.collection.objects.link(ob)
    chosen = [i for i in range(30_000) if not 9000 < i < 21_000]
    for g in range(5):
        ob.vertex_groups.new(name=f"Group{g}").add(rng.sample(chosen, 15_000), rng.random(), "REPLACE")
    values = [rng.random() for _ in range(75_000)]
    assign_by_loop(mesh.vertices, values)
    for rows, dtype in ((EVERY, None), (EVERY, "d"), (slice(None, None, -1), None), (slice(20, None, 2), "e")):
        picked = list(mesh.vertices)[rows]
        with entered(mesh.vertices, (rows, "groups", EVERY, "weight"), dtype=dtype) as vw:
            assert vw.offsets.tolist() == offsets_by_loop(picked) and is_direct(vw)
            if dtype != "e":
                same(vw.memcache.tolist(), by_loop(picked))
            groups = by_loop(picked, "group")
            fill_memcache(vw.memcache, vw.memcache.tolist()[::-1])
            vw.memcache[7] = 0.0
            wanted = vw.memcache.tolist()
            vw.update()
            same(by_loop(picked), wanted)
            same(by_loop(picked, "group"), groups)
            vw.memcache[:] = vw.memcache[::-1]
            vw.refresh()
            same(vw.memcache.tolist(), wanted)
            late = ob.vertex_groups.new(name="Late")
            late.add([picked[-1].index], 1.0, "REPLACE")
            with refused("ShapeChangedError", f"vertices[{picked[-1].index}].groups"):
                vw.refresh()
            same(vw.memcache.tolist(), wanted)  # nothing moved before that was seen
            ob.vertex_groups.remove(late)


def test_the_last_of_repeated_rows_wins():
    mesh = weighted(random.Random(seed())).data
    i = next(i for i, v in enumerate(mesh.vertices) if len(v.groups) == 2)
    with entered(mesh.vertices, ([i, i, i], "groups", EVERY, "weight")) as vw:
        fill_memcache(vw.memcache, [0.1, 0.2, 0.3, 0.4, 0.5, 0.625])
        vw.update()
    same([g.weight for g in mesh.vertices[i].groups], [0.5, 0.625])


def test_changed_assignments_are_named():
    ob = weighted(random.Random(seed()))
    mesh = ob.data
    i = next(i for i, v in enumerate(mesh.vertices) if i > 5 and len(v.groups) == 2)
    with entered(mesh.vertices) as vw, entered(mesh.vertices, (slice(None, None, -1), "groups", EVERY, "weight")) as back:
        before, held = by_loop(mesh.vertices), vw.memcache.tolist()
        ob.vertex_groups.new(name="Late").add([i], 1.0, "REPLACE")
        changed = by_loop(mesh.vertices)
        for wrapper in (vw, back):
            for move in (wrapper.refresh, wrapper.update):
                with refused("ShapeChangedError", f"vertices[{i}].groups had 2", "has 3"):
                    move()
        same(by_loop(mesh.vertices), changed)
        same(vw.memcache.tolist(), held)
        ob.vertex_groups["Late"].remove([i])
        vw.refresh()
        same(vw.memcache.tolist(), before)
        mesh.vertices.add(1)
        with refused("ShapeChangedError", "60 elements", "61"):
            vw.refresh()
    with entered(mesh.vertices) as vw:
        ob.vertex_groups.clear()
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "groups had", "has 0"):
                move()


def test_writes_reach_no_copy():
    rng = random.Random(seed())
    for order in range(6):
        ob = weighted(rng, name=f"Mesh{order}")
        mesh = ob.data
        ob.modifiers.new("Array", "ARRAY") if order % 2 else None
        with entered(mesh.vertices) as vw:
            copy = mesh.copy() if order < 4 else None
            if order >= 2:
                bpy.ops.ed.undo_push(message="here")
            evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
            was, seen = by_loop(mesh.vertices), by_loop(evaluated.vertices)
            if order == 3:
                vw.refresh()
            fill_memcache(vw.memcache, [rng.random() for _ in was])
            wanted = vw.memcache.tolist()
            vw.update(vw.memcache if order else vw.memcache[:])
            same(by_loop(mesh.vertices), wanted)
            same(by_loop(evaluated.vertices), seen)
            if copy is not None:
                same(by_loop(copy.vertices), was)
            evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
            same(by_loop(evaluated.vertices)[: len(wanted)], wanted)


def test_undo_brings_the_old_weights_back():
    rng = random.Random(seed())
    mesh = weighted(rng).data
    bpy.ops.ed.undo_push(message="weights")
    before = by_loop(mesh.vertices)
    with entered(mesh.vertices) as vw:
        fill_memcache(vw.memcache, [rng.random() for _ in before])
        wanted = vw.memcache.tolist()
        vw.update()
        bpy.ops.ed.undo_push(message="written")
        bpy.ops.ed.undo()
        same(by_loop(bpy.data.meshes["Mesh"].vertices), before)
        vw.refresh()
        same(vw.memcache.tolist(), before)
        bpy.ops.ed.redo()
        same(by_loop(bpy.data.meshes["Mesh"].vertices), wanted)
        vw.refresh()
        same(vw.memcache.tolist(), wanted)


def test_reading_copies_nothing():
    """Of a mesh met before: what is shared with the evaluated mesh stays shared."""
    from rnaslicer.layout import deform
    ob = weighted(random.Random(seed()))
    with entered(ob.data.vertices) as vw:
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        place = deform._proven["Mesh"]
        where = [deform._address(m, place) for m in (ob.data, evaluated)]
        assert (where[0] == where[1]) == SHARES
        vw.refresh()
        with entered(ob.data.vertices) as again:
            same(again.memcache.tolist(), vw.memcache.tolist())
        assert [deform._address(m, place) for m in (ob.data, evaluated)] == where
        with entered(evaluated.vertices) as other:
            assert other.readonly and is_direct(other)
            same(other.memcache.tolist(), vw.memcache.tolist())
        same(vw.memcache.tolist(), by_loop(ob.data.vertices))


def effects(ob):
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return [plain(v.co) for v in evaluated.data.vertices]


def test_effects_follow():
    rng = random.Random(seed())
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    rig.data.bones[0].name = "Group0"
    rig.pose.bones[0].location = (1, 2, 3)
    pair = [weighted(random.Random(5), name=name) for name in ("One", "Two")]
    for ob in pair:
        ob.modifiers.new("Armature", "ARMATURE").object = rig
        displace = ob.modifiers.new("Displace", "DISPLACE")
        displace.vertex_group, displace.direction = "Group1", "Z"
        mask = ob.modifiers.new("Mask", "MASK")
        mask.vertex_group, mask.threshold, mask.invert_vertex_group = "Group2", 0.5, True
    for _ in range(3):
        assert effects(pair[0]) == effects(pair[1])
        before = effects(pair[0])
        with entered(pair[0].data.vertices) as vw:
            fill_memcache(vw.memcache, [rng.random() for _ in vw.memcache])
            vw.update()
            assign_by_loop(pair[1].data.vertices, vw.memcache.tolist())
        assert effects(pair[0]) == effects(pair[1]) != before


def test_permissions():
    ob = weighted(random.Random(seed()))
    mesh = ob.data
    with entered(mesh.vertices, (EVERY, "groups", EVERY, ("group", "weight"))) as vw:
        assert vw.readonly
        with refused("ReadOnlyError", "VertexGroupElement.group"):
            vw.update()
    bpy.context.view_layer.objects.active = ob
    with entered(mesh.vertices) as vw:
        values = vw.memcache.tolist()
        assert not vw.readonly
        bpy.ops.object.mode_set(mode="EDIT")
        vw.refresh()
        same(vw.memcache.tolist(), values)
        with refused("ReadOnlyError", "edit mode"):
            vw.update()
        with entered(mesh.vertices) as edited:
            same(edited.memcache.tolist(), values)
        bpy.ops.object.mode_set(mode="OBJECT")
        vw.update()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    with entered(evaluated.vertices) as vw:
        same(vw.memcache.tolist(), values)
        with refused("ReadOnlyError", "evaluated"):
            vw.update()


def test_linked_weights_are_read_only():
    import os
    import tempfile
    rng = random.Random(seed())
    mesh = weighted(rng).data
    values = by_loop(mesh.vertices)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        bpy.data.libraries.write(path, {mesh})
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.meshes = ["Mesh"]
        linked = wanted.meshes[0]
        with entered(linked.vertices) as vw:
            same(vw.memcache.tolist(), values)
            assert vw.readonly
            with refused("ReadOnlyError", "linked"):
                vw.update()
