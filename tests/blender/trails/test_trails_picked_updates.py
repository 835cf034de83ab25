# tests/blender/trails/test_trails_picked_updates.py: updates of picked elements and datablocks, whole and in parts
"""Of several properties, of those that bpy assigns one by one, of elements named twice. What lies beside stays as it is; the
same at the first call and along a trail."""
import random

import bpy
import numpy as np

from support import random_mesh, refused, seed
from test_trails_assigned import action, keys, material_nodes, nested, parts, ramp
from trail_lists import rig, told, tree
from trail_ways import counts, natively

COUNT = 12


def objects():
    for i in range(COUNT):
        bpy.data.objects.new(f"Main{i:02}", None).pass_index = i
    return bpy.data.objects


def constraints():
    ob = bpy.data.objects.new("Constrained", None)
    for i in range(COUNT):
        ob.constraints.new("COPY_LOCATION" if i % 2 else "CHILD_OF")
    return ob.constraints


def modifiers():
    ob = bpy.data.objects.new("Modified", random_mesh(random.Random(1), 3, 2, layers=False))
    for _ in range(COUNT):
        ob.modifiers.new("M", "SUBSURF")
    return ob.modifiers


def materials():
    mesh = bpy.data.meshes.new("Table")
    for i in range(COUNT):
        mesh.materials.append(bpy.data.materials.new(f"In{i}"))
    return mesh.materials


# Name -> (what is made, properties, whether native code updates them)
CASES = {
    "bones": (lambda: rig(COUNT).pose.bones, ("location",), True),
    "bones' two": (lambda: rig(COUNT).pose.bones, ("location", "scale"), True),
    "bones' modes": (lambda: rig(COUNT).pose.bones, ("rotation_mode",), True),
    "bones' locks": (lambda: rig(COUNT).pose.bones, ("lock_ik_x", "lock_ik_y", "lock_ik_z"), None),
    "nested": (lambda: nested(COUNT).data.bones, ("envelope_distance",), None),
    "constraints": (constraints, ("influence",), None),
    "constraints' flags": (constraints, ("mute", "show_expanded"), None),
    "modifiers": (modifiers, ("levels",), True),
    "modifiers' two": (modifiers, ("levels", "render_levels"), True),
    "modifiers' flags": (modifiers, ("show_viewport", "show_render"), True),
    "modifiers' enums": (modifiers, ("subdivision_type",), True),
    "nodes": (lambda: tree(("ShaderNodeMath",), COUNT).nodes, ("operation",), True),
    "material's nodes": (material_nodes, ("use_custom_color", "show_options"), None),
    "colour ramp": (ramp, ("color",), None),
    "keys": (keys, ("value",), True),
    "curves": (action, ("extrapolation",), True),
    "objects": (objects, ("location",), True),
    "objects' two": (objects, ("location", "scale"), True),
    "objects' modes": (objects, ("rotation_mode",), True),
    "objects' flags": (objects, ("hide_render", "hide_viewport"), True),
    "materials": (materials, ("roughness", "metallic"), True),
    "materials' colours": (materials, ("diffuse_color",), True),
}


def picks(rng, structs):
    """Items, with the numbers that each names."""
    count = len(structs)
    some = [rng.randrange(-count, count) for _ in range(5)]
    yield some, [i % count for i in some]
    mask = [bool(i % 2) for i in range(count)]
    yield mask, [i for i in range(count) if mask[i]]
    yield range(count - 1, 0, -2), list(range(count - 1, 0, -2))
    yield slice(2, None, 2), list(range(2, count, 2))
    if structs == bpy.data.objects:
        names = [structs[i].name for i in (3, 1, 3, 6)]
        yield names, [3, 1, 3, 6]


def now(structs, props):
    """All values of each, by bpy."""
    found = [[getattr(one, prop) for prop in props] for one in structs]
    return [[one if isinstance(one, str) else told(one) for one in row] for row in found]


def random_value(rng, rna):
    if rna.type == "ENUM":
        return rng.choice(list(rna.enum_items)).value
    if rna.type == "BOOLEAN":
        return rng.random() < 0.5
    return rng.randrange(0, 6) if rna.type == "INT" else rng.randrange(1, 64) / 64


def as_bpy(rna, value):
    """A number of the cache, or a row of them, as getattr has it."""
    if rna.type == "ENUM":
        return next(item.identifier for item in rna.enum_items if item.value == int(value))
    return value.tolist()


def test_as_the_loop(name):
    from rnaslicer import Slicer
    rng = random.Random(seed())
    make, props, is_native = CASES[name]
    structs = make()
    rnas = [structs[0].bl_rna.properties[prop] for prop in props]
    with Slicer(structs)[:, props if len(props) > 1 else props[0]] as vw:  # values that are told from each other
        cache = np.asarray(vw.memcache)
        cache[...] = np.array([random_value(rng, rnas[0]) for _ in range(cache.size)], cache.dtype).reshape(cache.shape)
        vw.update()
    for at, numbers in picks(rng, structs):
        for _ in range(3):
            with Slicer(structs)[at, props if len(props) > 1 else props[0]] as vw:
                cache = np.asarray(vw.memcache)
                by_prop = cache if len(props) > 1 else cache[:, None]
                for part in parts(rng, cache.shape):
                    vw.refresh()
                    expected, held = now(structs, props), cache.copy()
                    cache[part] = np.array([random_value(rng, rnas[0]) for _ in range(cache[part].size)],
                                           cache.dtype).reshape(cache[part].shape)
                    changed = np.zeros(cache.shape, bool)
                    changed[part] = True
                    moves = changed.reshape(len(numbers), len(props), -1)
                    for k, i in enumerate(numbers):
                        for p, rna in enumerate(rnas):
                            if moves[k, p].all():
                                expected[i][p] = as_bpy(rna, by_prop[k, p])
                            elif moves[k, p].any():  # some components
                                for c in np.flatnonzero(moves[k, p]):
                                    expected[i][p][c] = by_prop[k, p][c].item()
                    view = None if part == (Ellipsis,) else vw.memcache[part]
                    before = counts()["update"]
                    vw.update(view)
                    done = counts()["update"]
                    assert now(structs, props) == expected, (name, at, part, now(structs, props), expected)
                    cache[part] = held[part]  # as it was, which a refresh finds again
                    vw.refresh(view)
                    assert [as_bpy(rnas[0], one) for one in by_prop[:, 0]] == [
                        expected[i][0] for i in numbers] or len(set(numbers)) < len(numbers), (name, at, part)
            assert is_native is None or done[0] == before[0] + 1, (name, at, part, before, done)


test_as_the_loop.cases = {name: (name,) for name in CASES}


def test_places_change_before_a_part_is_written():
    from rnaslicer import Slicer
    obs = objects()
    for _ in range(3):
        with Slicer(obs)[[1, 3, 5], ("location", "scale")] as vw:
            vw.update()
    with Slicer(obs)[[1, 3, 5], ("location", "scale")] as vw:
        np.asarray(vw.memcache)[:] = 2
        natively("update", lambda: vw.update(vw.memcache[1:, :, :2]))
        assert [tuple(obs[i].location) for i in (1, 3, 5, 2)] == [(0, 0, 0), (2, 2, 0), (2, 2, 0), (0, 0, 0)]
        natively("update", lambda: vw.update(vw.memcache[:, 1]))
        assert [tuple(obs[i].scale) for i in (1, 3, 5, 2)] == [(2, 2, 2)] * 3 + [(1, 1, 1)]
        assert tuple(obs[1].location) == (0, 0, 0)
        obs[0].name = "Zzz"  # sorts the list anew
        with refused("ShapeChangedError", "places"):
            vw.update(vw.memcache[1:])
        assert all(tuple(ob.location) in ((0, 0, 0), (2, 2, 0)) for ob in obs)


def test_matrices_of_picked_bones():
    """Two rigs: one written through picked rows and parts of them, the other by a loop."""
    from mathutils import Euler, Matrix
    from rnaslicer import Slicer
    rng = random.Random(seed())
    bones, others = rig(COUNT, "One").pose.bones, rig(COUNT, "Other").pose.bones
    for at, numbers in picks(rng, bones):
        for part in (slice(None), slice(1, 3), slice(None, None, -2)):
            with Slicer(bones)[at, "matrix_basis"] as vw:
                cache = np.asarray(vw.memcache)
                for i, k in zip(np.array(numbers)[part], range(len(numbers))[part]):
                    turned = Euler([rng.uniform(-1, 1) for _ in range(3)]).to_matrix().to_4x4()
                    turned.translation = rng.uniform(-1, 1), 2, 3
                    cache[k] = turned
                order = range(len(numbers))[part]
                for k in order if order.step > 0 else order[::-1]:
                    others[numbers[k]].matrix_basis = Matrix(cache[k].tolist())
                vw.update(vw.memcache[min(order):max(order) + 1:abs(order.step)])
                found = [[told(bone.location), told(bone.rotation_quaternion), told(bone.scale)] for bone in bones]
                assert found == [[told(bone.location), told(bone.rotation_quaternion), told(bone.scale)] for bone in others], (at, part)


def test_a_number_that_is_no_item_among_picked():
    """Nothing is written; one that is not in the part does not matter."""
    from rnaslicer import Slicer
    for structs in (rig(COUNT).pose.bones, objects()):
        for _ in range(4):
            with Slicer(structs)[[4, 1, 6], "rotation_mode"] as vw:
                cache = np.asarray(vw.memcache)
                xyz = structs[0].bl_rna.properties["rotation_mode"].enum_items["XYZ"].value
                cache[:] = xyz, 99, xyz
                before = [one.rotation_mode for one in structs]
                for part in (None, vw.memcache[1:]):
                    with refused("ValueRangeError", "99"):
                        vw.update(part)
                    assert [one.rotation_mode for one in structs] == before
                vw.update(vw.memcache[::2])
                assert [structs[i].rotation_mode for i in (4, 6)] == ["XYZ", "XYZ"] and structs[1].rotation_mode == before[1]
                structs[4].rotation_mode = structs[6].rotation_mode = "QUATERNION"
