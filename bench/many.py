# bench/many.py: thousands of small collections in one transfer, beside the loop of bpy's bulk calls that a script writes
"""Runs in Blender (`./run bench many`): blender -b --python bench/many.py -- [--json FILE]

The ways are run in turns; figures are medians of the ratios of neighbours in time. The loop reads or writes each
collection by foreach_get and foreach_set into one NumPy array, and tags what it wrote.
"""
import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import many_lists  # noqa: E402
from measure import alternate, load, machine  # noqa: E402

ALL = slice(None)
ROW = "  {:<46}{:>10}{:>10}{:>10}{:>12}{:>12}{:>9}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    print(f"\n  Blender {bpy.app.version_string}, {machine()}, load {load()}")
    print(ROW.format("what, × the loop", "enter", "refresh", "update", "loop reads", "loop writes", "routes"))
    rows = []
    for make in (meshes, fcurves, fcurve_kinds, fcurve_types, hair, hair_keys, splines, beziers, drawings, layers,
                 shape_keys, bones, nodes, objects, scene_objects, groups, group_vectors, *many_lists.MAKERS):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        made = make()
        if made is not None:
            rows += measured(*made)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"blender": bpy.app.version_string, "machine": machine(), "load": load(),
                                            "rows": rows}, indent=1))


# Each gives (text, supplier, expression, loop that reads, loop that writes or None, goals for enter, refresh, update;
# perhaps `Units`).


class Units(NamedTuple):
    """What is measured in u, too: once for each collection, `one` gives the mesh whose vertices' u is meant; `told`
    gives the meshes of which an update assigns a vertex through bpy, which tells Blender. That is counted apart."""

    count: int
    one: Any
    told: Any
    goals: tuple

    def assignments(self):
        """bpy's own part of an update, and nothing else."""
        vertices = [mesh.vertices[0] for mesh in self.told()]
        places = [tuple(vertex.co) for vertex in vertices]

        def assign():
            for vertex, place in zip(vertices, places):
                vertex.co = place

        return assign

    def __call__(self):
        mesh = self.one()
        for _ in range(self.count):
            vertices = mesh.vertices
            len(vertices)
            vertices[0].as_pointer()


def meshes(count=1000, size=300):
    scene, co = bpy.context.scene, np.random.default_rng(1).random(3 * size, "f")
    for i in range(count):
        mesh = bpy.data.meshes.new(f"M{i}")
        mesh.vertices.add(size)
        mesh.vertices.foreach_set("co", co)
        scene.collection.objects.link(bpy.data.objects.new(f"M{i}", mesh))
    bpy.context.view_layer.update()
    out = np.empty((count, 3 * size), "f")

    def read():
        for row, ob in zip(out, scene.objects):
            ob.data.vertices.foreach_get("co", row)

    def write():
        for row, ob in zip(out, scene.objects):
            ob.data.vertices.foreach_set("co", row)
            ob.data.update_tag()

    bare = bpy.app.version < (4, 0)  # there foreach is a bare copy: the goals are in bpy's own calls
    return (f"{count} meshes × {size} vertices, co", lambda: scene.objects, (ALL, "data", "vertices", ALL, "co"), read,
            write, (None, None, None) if bare else (0.3, 0.12, 0.3),
            Units(count, lambda: scene.objects[0].data, lambda: [ob.data for ob in scene.objects], (5, 2.5, 8))
            if bare else None)


def action_with(count, keys):
    action = bpy.data.actions.new("Many")
    if hasattr(action, "fcurves"):
        curves = action.fcurves
    else:
        slot = action.slots.new("OBJECT", "Many")
        curves = action.layers.new("Layer").strips.new(type="KEYFRAME").channelbag(slot, ensure=True).fcurves
    values = np.stack([np.arange(keys), np.random.default_rng(1).random(keys)], 1).astype("f").ravel()
    for i in range(count):
        points = curves.new(f'["number {i}"]', index=0).keyframe_points
        points.add(keys)
        points.foreach_set("co", values)
    for curve in curves:
        curve.update()
    return curves


def fcurves(count=300, keys=250):
    curves = action_with(count, keys)
    out = np.empty((count, 2 * keys), "f")

    def read():
        for row, curve in zip(out, curves):
            curve.keyframe_points.foreach_get("co", row)

    def write():
        for row, curve in zip(out, curves):
            curve.keyframe_points.foreach_set("co", row)
            curve.update()

    return (f"{count} F-curves × {keys} keys, co", lambda: curves, (ALL, "keyframe_points", ALL, "co"), read, write,
            (0.6, 0.2, 0.5))


def fcurve_kinds(count=60, keys=250):
    curves = action_with(count, keys)
    names = "co", "handle_left", "handle_right"
    out = np.empty((3, count, 2 * keys), "f")

    def read():
        for rows, name in zip(out, names):
            for row, curve in zip(rows, curves):
                curve.keyframe_points.foreach_get(name, row)

    return (f"{count} F-curves × {keys} keys, three places", lambda: curves, (ALL, "keyframe_points", ALL, names), read,
            None, (1.5, 0.5, None))


def fcurve_types(count=60, keys=250):
    curves = action_with(count, keys)
    for curve in curves:
        for i, point in enumerate(curve.keyframe_points):
            point.interpolation = ("BEZIER", "LINEAR", "CONSTANT")[i % 3]
    out = np.empty((count, keys), "i")

    def read():
        for row, curve in zip(out, curves):
            curve.keyframe_points.foreach_get("interpolation", row)

    return (f"{count} F-curves × {keys} keys, interpolation", lambda: curves,
            (ALL, "keyframe_points", ALL, "interpolation"), read, None, (1.5, 0.5, None))


def hair(count=2000, size=8):
    curves = bpy.data.hair_curves.new("Hair") if hasattr(bpy.data, "hair_curves") else None
    if not hasattr(curves, "add_curves"):  # 3.4
        return None
    curves.add_curves([size] * count)
    out = np.empty(3 * size * count, "f")
    return (f"{count} hair curves × {size} points", lambda: curves.curves, (ALL, "points", ALL, "position"),
            lambda: curves.points.foreach_get("position", out), None, (1.5, 0.5, None))


def hair_keys(count=1000):
    mesh = bpy.data.meshes.new("Grid")
    mesh.from_pydata([(i % 11, i // 11, 0) for i in range(121)], [],
                     [(i, i + 1, i + 12, i + 11) for i in range(109) if i % 11 < 10])
    ob = bpy.data.objects.new("Hair", mesh)
    bpy.context.scene.collection.objects.link(ob)
    ob.modifiers.new("Hair", "PARTICLE_SYSTEM")
    settings = ob.particle_systems[0].settings
    settings.type, settings.count, settings.hair_step = "HAIR", count, 5
    bpy.context.view_layer.update()

    def give():
        return ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).particle_systems[0].particles

    if len(give()) != count or not give()[0].hair_keys:
        return None
    out = np.empty((count, 3 * len(give()[0].hair_keys)), "f")

    def read():
        for row, particle in zip(out, give()):
            particle.hair_keys.foreach_get("co_local", row)

    return f"{count} particles' hair keys", give, (ALL, "hair_keys", ALL, "co_local"), read, None, (1.5, 0.5, None)


def splines(kind="POLY", name="points", width=4, count=400, size=30):
    curve = bpy.data.curves.new("Splines", "CURVE")
    values = np.random.default_rng(1).random(width * size).astype("f")
    for _ in range(count):
        points = getattr(curve.splines.new(kind), name)
        points.add(size - 1)  # a new one has one
        points.foreach_set("co", values)
    out = np.empty((count, width * size), "f")

    def read():
        for row, spline in zip(out, curve.splines):
            getattr(spline, name).foreach_get("co", row)

    return (f"{count} splines × {size} {name}, co", lambda: curve, ("splines", ALL, name, ALL, "co"), read, None,
            (1.5, 0.5, None))


def beziers():
    return splines("BEZIER", "bezier_points", 3)


def layers(count=10, frames=20, strokes=10, size=10):
    if bpy.app.version < (4, 3):
        return None
    data = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Layers")
    for i in range(count):
        layer = data.layers.new(f"Layer {i}")
        for k in range(frames):
            layer.frames.new(k + 1).drawing.add_strokes([size] * strokes)
    out = np.empty((count, frames, 3 * size * strokes), "f")

    def read():
        for rows, layer in zip(out, data.layers):
            for row, frame in zip(rows, layer.frames):
                frame.drawing.attributes["position"].data.foreach_get("vector", row)

    expression = ALL, "frames", ALL, "drawing", "attributes", '["position"]', "data", ALL, "vector"
    return (f"{count} layers × {frames} drawings × {size * strokes} points", lambda: data.layers, expression, read,
            None, (1.5, 0.5, None))


def drawings(count=100, strokes=20, size=10):
    blocks = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils)  # an empty collection is false
    layers = blocks.new("Drawings").layers
    frames = layers.new("Layer").frames
    if bpy.app.version < (4, 3):  # of another kind
        return None
    for i in range(count):
        frames.new(i + 1).drawing.add_strokes([size] * strokes)
    out = np.empty((count, 3 * size * strokes), "f")

    def read():
        for row, frame in zip(out, frames):
            frame.drawing.attributes["position"].data.foreach_get("vector", row)

    return (f"{count} drawings × {strokes * size} points, position", lambda: frames,
            (ALL, "drawing", "attributes", '["position"]', "data", ALL, "vector"), read, None, (1.5, 0.5, None))


def shape_keys(count=20, size=20_000):
    mesh = bpy.data.meshes.new("Keys")
    mesh.vertices.add(size)
    ob = bpy.data.objects.new("Keys", mesh)
    bpy.context.scene.collection.objects.link(ob)
    for i in range(count):
        ob.shape_key_add(name=f"Key{i}")
    blocks, out = mesh.shape_keys.key_blocks, np.empty((count, 3 * size), "f")

    def read():
        for row, block in zip(out, blocks):
            block.data.foreach_get("co", row)

    return (f"{count} shape keys × {size} points, co", lambda: mesh.shape_keys.key_blocks, (ALL, "data", ALL, "co"), read,
            None, (1.5, 0.5, None))


def bones(count=500):
    armature = bpy.data.armatures.new("Bones")
    ob = bpy.data.objects.new("Bones", armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(count):
        bone = armature.edit_bones.new(f"B{i}")
        bone.tail = 0, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    out = np.empty(3 * count, "f")
    return (f"{count} pose bones, location", lambda: ob.pose.bones, (ALL, "location"),
            lambda: ob.pose.bones.foreach_get("location", out), lambda: set_and_assign(ob.pose.bones, "location", out),
            (1.5, 0.5, 4.0))


def set_and_assign(coll, name, values):
    """foreach_set, which tells nobody, and one assignment, which does."""
    coll.foreach_set(name, values)
    last = coll[-1]
    setattr(last, name, getattr(last, name))


def nodes(count=300):
    tree = bpy.data.node_groups.new("Nodes", "ShaderNodeTree")
    for i in range(count):
        tree.nodes.new("ShaderNodeMath")
    name = "location_absolute" if bpy.app.version >= (5, 0) else "location"  # that is counted from the frame there
    out = np.empty(2 * count, "f")
    return (f"{count} nodes, {name}", lambda: tree.nodes, (ALL, name), lambda: tree.nodes.foreach_get(name, out),
            lambda: set_and_assign(tree.nodes, name, out), (None, None, 3.0))


def objects(count=6000):
    made = [bpy.data.objects.new(f"O{i}", None) for i in range(count)]

    def read():
        return [ob.location for ob in made]

    return f"list of {count} objects, location", lambda: made, (ALL, "location"), read, None, (3.5, 0.3, None)


def scene_objects(count=6000):
    scene = bpy.context.scene
    for i in range(count):
        scene.collection.objects.link(bpy.data.objects.new(f"O{i:05}", None))
    values = [[float(i), 0.0, 1.0] for i in range(count)]

    def read():
        return [ob.location for ob in scene.objects]

    def write():
        for ob, value in zip(scene.objects, values):
            ob.location = value

    return (f"scene.objects, {count}, location", lambda: scene.objects, (ALL, "location"), read, write, (3.5, 0.3, 1.0))


def group_vectors():
    return groups(width=3)


def groups(count=10_000, width=1):
    prop = bpy.props.FloatProperty() if width == 1 else bpy.props.FloatVectorProperty(size=width)
    cls = type(f"BenchGroup{width}", (bpy.types.PropertyGroup,), {"__annotations__": {"number": prop}})
    bpy.utils.register_class(cls)
    bpy.types.Scene.bench_groups = bpy.props.CollectionProperty(type=cls)
    found = bpy.context.scene.bench_groups
    for _ in range(count):
        found.add()
    out = np.empty(count * width, "f")
    what = "a number" if width == 1 else "a vector"
    return (f"{count} PropertyGroups, {what}", lambda: bpy.context.scene.bench_groups, (ALL, "number"),
            lambda: found.foreach_get("number", out), lambda: found.foreach_set("number", out), (1.5, 0.5, None))


def measured(text, give, expression, read, write, goals, units=None):
    """A row, and with units another one."""
    from rnaslicer import Slicer

    def enter():
        with Slicer(give())[expression]:
            pass

    enter()
    with Slicer(give())[expression] as vw:
        ways = {"read": read, "enter": enter, "refresh": vw.refresh}
        if write is not None:
            read()
            ways.update(write=write, update=vw.update)
        if units is not None:
            ways.update(units=units, bpys=units.assignments())
        times = alternate(ways, rounds=15, seconds=6.0)
        routes = vw.kernel.route
    runs = {way: times[way].runs for way in times}

    def own_of(way, apart):
        return runs[apart] if way == "update" and apart else [0.0] * len(runs[way])

    def row(text, goals, *loops, apart=None):
        found = [median((a - c) / b for a, b, c in zip(runs[way], runs[loop], own_of(way, apart)))
                 if way in runs else None
                 for way, loop in zip(("enter", "refresh", "update"), loops)]
        missed = [way for way, one, goal in zip(("enter", "refresh", "update"), found, goals)
                  if one is not None and goal is not None and one > goal]
        loops = f"{median(runs['read']) * 1e3:.2f} ms", f"{median(runs['write']) * 1e3:.2f} ms" if write else ""
        print(ROW.format(text, *("" if one is None else f"{one:.2f}" for one in found), *loops, routes)
              + (f"  MISSED {', '.join(missed)}" if missed else ""), flush=True)
        return {"what": text, "enter": found[0], "refresh": found[1], "update": found[2], "goals": goals,
                "route": routes, "missed": missed}

    rows = [row(text, goals, "read", "read", "write")]
    if units is not None:
        rows.append(row("the same for each of them, in u", units.goals, "units", "units", "units", apart="bpys"))
    return rows


main()
