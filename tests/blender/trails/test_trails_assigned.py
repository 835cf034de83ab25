# tests/blender/trails/test_trails_assigned.py: what bpy assigns element by element, in native code: as a loop's assignments
"""Values of any kind, whole and in parts: native code leaves what the same assignments by bpy leave. bpy says what is
right."""
import math
import random

import bpy
import numpy as np

from support import EVERY, VERSION, random_mesh, same, seed
from trail_lists import edited, fcurves, rig, told, tree
from trail_ways import natively

ODD = (math.nan, math.inf, -math.inf, 1e30, -1e30, 1e-40, -0.0, 0.0, 0.5, -7.25, 3.0, 400.0)


def nested(count=12, name="Nested"):
    """An armature whose bones lie within others."""
    ob = rig(count, name)
    edited(ob, lambda bones: [setattr(bones[f"Bone{i}"], "parent", bones[f"Bone{i - 1}"]) for i in range(1, count) if i % 3])
    return ob


def bezier(count=12):
    curve = bpy.data.curves.new("Bezier", "CURVE")
    curve.dimensions = "3D"
    points = curve.splines.new("BEZIER").bezier_points
    points.add(count - 1)
    for i, point in enumerate(points):
        point.co, point.handle_left, point.handle_right = (i, i % 3, 0), (i - 0.3, 0, 1), (i + 0.3, 1, 0)
    return points


def keys():
    ob = bpy.data.objects.new("Keyed", random_mesh(random.Random(1), 3, 2, layers=False))
    for i in range(6):
        ob.shape_key_add(name=f"Key{i}")
    return ob.data.shape_keys.key_blocks


def material_nodes():
    material = bpy.data.materials.new("Material")
    if VERSION < (5, 0):
        material.use_nodes = True
    for _ in range(9):
        material.node_tree.nodes.new("ShaderNodeMath")
    return material.node_tree.nodes


def ramp():
    elements = material_nodes().new("ShaderNodeValToRGB").color_ramp.elements
    for i in range(5):
        elements.new(i / 6)
    return elements


def action():
    ob = bpy.data.objects.new("Animated", None)
    for frame in range(5):
        ob.keyframe_insert("location", frame=frame)
        ob.keyframe_insert("scale", frame=frame)
    return fcurves(ob.animation_data.action)


def objects():
    return [bpy.data.objects.new(f"Ob{i}", None) for i in range(9)]


def constrained():
    made = objects()
    for ob in made:
        for _ in range(3):
            ob.constraints.new("LIMIT_LOCATION")
    return made


def modified():
    mesh = random_mesh(random.Random(1), 3, 2, layers=False)
    made = [bpy.data.objects.new(f"Modified{i}", mesh) for i in range(6)]
    for ob in made:
        ob.modifiers.new("M", "SUBSURF")
    return made


def rigs():
    return [nested(7, f"Nested{i}") for i in range(4)]


def balls():
    elements = bpy.data.metaballs.new("Ball").elements
    for _ in range(9):
        elements.new()
    return elements


# Name -> (what is made, items, function that gives all structs in the cache's order, property)
def all_of(made):
    return list(made)


CASES = {
    "nested flag": (lambda: nested().data.bones, (EVERY, "use_deform"), all_of),
    "nested float": (lambda: nested().data.bones, (EVERY, "envelope_distance"), all_of),
    "nested int": (lambda: nested().data.bones, (EVERY, "bbone_segments"), all_of),
    "nested enum": (lambda: nested().data.bones, (EVERY, "inherit_scale"), all_of),
    "nested reversed": (lambda: nested().data.bones, (slice(None, None, -1), "envelope_weight"), lambda bones: list(bones)[::-1]),
    "nested some": (lambda: nested().data.bones, (slice(1, 9, 3), "head_radius"), lambda bones: list(bones)[1:9:3]),
    "pose matrix": (lambda: rig(9).pose.bones, (EVERY, "matrix_basis"), all_of),
    "pose mode": (lambda: rig(9).pose.bones, (EVERY, "rotation_mode"), all_of),
    "pose lock": (lambda: rig(9).pose.bones, (EVERY, "lock_ik_x"), all_of),
    "pose stiffness": (lambda: rig(9).pose.bones, (EVERY, "ik_stiffness_x"), all_of),
    "handle type": (bezier, (EVERY, "handle_left_type"), all_of),
    "key values": (keys, (EVERY, "value"), all_of),
    "nodes": (lambda: tree(("ShaderNodeMath",), 9).nodes, (EVERY, "operation"), all_of),
    "material's nodes": (material_nodes, (slice(2, None), "width"), lambda nodes: list(nodes)[2:]),
    "colour ramp": (ramp, (EVERY, "color"), all_of),
    "extrapolation": (action, (EVERY, "extrapolation"), all_of),
    "metaballs": (balls, (EVERY, "type"), all_of),
    "objects": (objects, (EVERY, "location"), all_of),
    "objects' modes": (objects, (EVERY, "rotation_mode"), all_of),
    "objects' flags": (objects, (EVERY, "lock_location"), all_of),
    "constraints": (constrained, (EVERY, "constraints", EVERY, "influence"), lambda obs: [c for ob in obs for c in ob.constraints]),
    "modifiers": (modified, (EVERY, "modifiers", '["M"]', "levels"), lambda obs: [ob.modifiers["M"] for ob in obs]),
    "modifiers' place": (modified, (EVERY, "modifiers", 0, "show_viewport"), lambda obs: [ob.modifiers[0] for ob in obs]),
    "poses' modes": (rigs, (EVERY, "pose", "bones", EVERY, "rotation_mode"), lambda obs: [b for ob in obs for b in ob.pose.bones]),
    "bones' flags": (rigs, (EVERY, "data", "bones", EVERY, "use_deform"), lambda obs: [b for ob in obs for b in ob.data.bones]),
    "bones' floats": (rigs, (EVERY, "data", "bones", EVERY, "bbone_rollin"), lambda obs: [b for ob in obs for b in ob.data.bones]),
    "bones' enums": (rigs, (EVERY, "data", "bones", EVERY, "inherit_scale"), lambda obs: [b for ob in obs for b in ob.data.bones]),
}
IN_PYTHON = {("bones' enums", (3, 4)), ("nested enum", (3, 4))}  # hazards.FOREACH_SMALL_ENUMS: foreach_get does not tell


def kept(structs, name):
    """As bpy tells them now, a copy."""
    found = [getattr(one, name) for one in structs]
    return found if type(found[0]) is str else told(found)


def random_values(rng, structs, name, count):
    """As many numbers, also such as bpy's setter does not keep."""
    prop = structs[0].bl_rna.properties[name]
    if prop.type == "ENUM":
        return [rng.choice([item.value for item in prop.enum_items]) for _ in range(count)]
    if prop.type == "BOOLEAN":
        return [rng.random() < 0.5 for _ in range(count)]
    if prop.type == "INT":
        return [rng.choice((rng.randrange(0, 9), -5, 10**6)) for _ in range(count)]
    if name == "matrix_basis":
        return [rng.uniform(-2, 2) for _ in range(count)]
    return [rng.choice((*ODD, rng.uniform(-1, 1), rng.uniform(-1, 1))) for _ in range(count)]


def assigned(struct, name, row):
    """A row of the cache as a script would assign it."""
    prop = struct.bl_rna.properties[name]
    if prop.type == "ENUM":
        return next(item.identifier for item in prop.enum_items if item.value == int(row))
    if name == "matrix_basis":
        from mathutils import Matrix
        return Matrix([[float(x) for x in line] for line in row])
    return row.tolist()


def parts(rng, shape):
    """All, and random parts of at least one item."""
    yield (Ellipsis,)
    for _ in range(5):
        part = []
        for extent in shape:
            start = rng.randrange(extent)
            part.append(slice(start, rng.randrange(start + 1, extent + 1), rng.randrange(1, 4)))
        yield tuple(part)
    yield (slice(0, 1),)


def test_as_the_loop(name):
    """Two of a kind: one written by native code, the other by a loop; the same again and again."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    make, items, structs_of = CASES[name]
    supplier, other, prop = make(), make(), items[-1]
    is_native = (name, VERSION) not in IN_PYTHON
    for _ in range(3):
        with Slicer(supplier)[items] as vw:
            vw.update()
            vw.refresh()
    for struct in structs_of(other):
        setattr(struct, prop, getattr(struct, prop))
    shape = np.shape(kept(structs_of(supplier)[:1], prop)[0])
    with Slicer(supplier)[items] as vw:
        cache = np.asarray(vw.memcache)
        for part in parts(rng, cache.shape):
            vw.refresh()
            view = None if part == (Ellipsis,) else vw.memcache[part]
            values = random_values(rng, structs_of(supplier), prop, cache[part].size)
            cache[part] = np.array(values, cache.dtype).reshape(cache[part].shape)
            changed = np.zeros(cache.shape, bool)
            changed[part] = True
            moved = changed.reshape(-1, *shape).reshape(len(structs_of(other)), -1).any(axis=1)
            for struct, row, moves in zip(structs_of(other), cache.reshape(-1, *shape), moved):
                if moves:
                    setattr(struct, prop, assigned(struct, prop, row))
            natively("update", lambda: vw.update(view)) if is_native else vw.update(view)
            same(kept(structs_of(supplier), prop), kept(structs_of(other), prop), f"{name} {part}")
            if is_native:
                natively("refresh", lambda: vw.refresh(view))


test_as_the_loop.cases = {name: (name,) for name in CASES}
