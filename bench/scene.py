# bench/scene.py: the data that demo and benchmark work on: Suzanne, subdivided, with every kind of layer
import math

import bpy
import numpy as np


def suzanne(levels):
    """A mesh of 500 · 4**levels faces, about as many vertices and four times as many corners."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mesh.primitive_monkey_add()
    ob = bpy.context.object
    ob.name = ob.data.name = "Suzanne"
    modifier = ob.modifiers.new("Subdivision", "SUBSURF")
    modifier.levels = levels
    bpy.ops.object.modifier_apply(modifier=modifier.name)
    return ob


def add_layers(mesh, attributes=()):
    """Byte colours 'Col', an edge-free UV map 'UV' and the attributes [(name, type, domain)], all with values."""
    rng = np.random.default_rng(1)
    if "Col" not in mesh.vertex_colors:
        mesh.vertex_colors.new(name="Col")
    colors = mesh.vertex_colors["Col"].data
    colors.foreach_set("color", (rng.integers(0, 256, 4 * len(colors)) / 255).astype(np.float32))
    if not mesh.uv_layers:
        mesh.uv_layers.new(name="UV")
    for name, data_type, domain in attributes:
        mesh.attributes.new(name, data_type, domain)
        data = mesh.attributes[name].data
        prop, make = {"FLOAT": ("value", lambda n: rng.random(n, np.float32)),
                      "INT": ("value", lambda n: rng.integers(-2**31, 2**31, n, dtype=np.int32)),
                      "BOOLEAN": ("value", lambda n: rng.random(n) < 0.5),
                      "FLOAT_VECTOR": ("vector", lambda n: rng.random(3 * n, np.float32)),
                      "FLOAT_COLOR": ("color", lambda n: rng.random(4 * n, np.float32)),
                      "BYTE_COLOR": ("color_srgb", lambda n: (rng.integers(0, 256, 4 * n) / 255).astype(np.float32)),
                      }[data_type]
        data.foreach_set(prop, make(len(data)))
    mesh.vertices.foreach_set("select", rng.random(len(mesh.vertices)) < 0.5)
    mesh.update()


def keyframes(ob, count):
    """An f-curve of the object with `count` keys."""
    ob.keyframe_insert("location", index=2, frame=0)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    points = curves[0].keyframe_points
    points.add(count - len(points))
    values = np.empty((count, 2), np.float32)
    values[:, 0] = np.arange(count)
    values[:, 1] = np.sin(values[:, 0] / 9)
    points.foreach_set("co", values.ravel())
    curves[0].update()
    return curves[0]


def objects(count):
    """`count` empties in bpy.data, placed on a spiral."""
    for i in range(count):
        ob = bpy.data.objects.new(f"Empty{i:05d}", None)
        ob.location = (math.cos(i) * i, math.sin(i) * i, i)
