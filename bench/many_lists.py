# bench/many_lists.py: more of many.py: Python lists of structs, and what scripts registered
"""As there. The script has gathered its list already; the loop reads it by getattr into NumPy, and assigns each."""
import bpy
import numpy as np

ALL = slice(None)


def row(text, structs, name, goals, width=1, items=None):
    """Beside a loop over the structs, all of which are of one list."""
    out = np.zeros((len(structs), width) if width > 1 else len(structs), "f")

    def read():
        out[...] = [getattr(one, name) for one in structs]

    def write():
        for one, value in zip(structs, out.tolist()):
            setattr(one, name, value)

    supplier, expression = items or (structs, (ALL, name))
    return text, lambda: supplier, expression, read, write, goals


def objects(count):
    found = [bpy.data.objects.new(f"O{i:05}", None) for i in range(count)]
    for ob in found:
        bpy.context.scene.collection.objects.link(ob)
    return found


def modifiers(count=1000):
    mesh = bpy.data.meshes.new("Modified")
    for i in range(count):
        ob = bpy.data.objects.new(f"M{i:05}", mesh)
        ob.modifiers.new("Displace", "DISPLACE").strength = i
    found = [ob.modifiers[0] for ob in bpy.data.objects]
    return row(f"list of {count} objects' modifiers, strength", found, "strength", (None, None, None))


def keyframes(count=40, keys=100):
    action = bpy.data.actions.new("Many")
    if hasattr(action, "fcurves"):
        curves = action.fcurves
    else:
        slot = action.slots.new("OBJECT", "Many")
        curves = action.layers.new("Layer").strips.new(type="KEYFRAME").channelbag(slot, ensure=True).fcurves
    for i in range(count):
        points = curves.new(f'["number {i}"]', index=0).keyframe_points
        points.add(keys)
        points.foreach_set("co", np.stack([np.arange(keys), np.full(keys, i)], 1).astype("f").ravel())
        points.foreach_set("select_control_point", np.arange(keys) % 2 == 0)
    found = [key for curve in curves for key in curve.keyframe_points if key.select_control_point]
    return row(f"list of {len(found)} selected keyframes, co", found, "co", (None, None, None), 2)


def sockets(count=500):
    materials = [bpy.data.materials.new(f"S{i}") for i in range(count)]
    for material in materials:
        material.use_nodes = True
    found = [material.node_tree.nodes["Principled BSDF"].inputs["Roughness"] for material in materials]
    return row(f"list of {count} materials' sockets, default_value", found, "default_value", (None, None, None))


def scripted(count=6000):
    """One property of thousands of objects, as add-ons have it."""
    bpy.types.Object.bench_number = bpy.props.FloatProperty()
    return row(f"list of {count} objects, a script's number", objects(count), "bench_number", (None, None, None))


def scripted_groups(count=2000):
    cls = type("BenchPointed", (bpy.types.PropertyGroup,), {"__annotations__": {"number": bpy.props.FloatProperty()}})
    bpy.utils.register_class(cls)
    bpy.types.Object.bench_pointed = bpy.props.PointerProperty(type=cls)
    obs = objects(count)
    return row(f"list of {count} objects, a number of a script's group", [ob.bench_pointed for ob in obs], "number",
               (None, None, None), 1, (obs, (ALL, "bench_pointed", "number")))


MAKERS = modifiers, keyframes, sockets, scripted, scripted_groups
