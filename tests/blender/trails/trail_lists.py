# tests/blender/trails/trail_lists.py: bones, nodes and other lists, for the tests of their trails
import bpy

import derived_scenes as scenes
from support import EVERY, VERSION, refused, same

PARTS = (EVERY, slice(None, None, -1), slice(1, 9, 3), slice(-2, None))
LOCATION = "location" if VERSION < (5, 0) else "location_absolute"


def values(collection, name):
    """As bpy tells them, as lists."""
    return [told(getattr(one, name)) for one in collection]


def told(value):
    return [told(one) for one in value] if hasattr(value, "__len__") and type(value) is not str else value


def rig(count=24, name="Rig"):
    """A posed armature whose bones are told from each other."""
    ob = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(ob)
    edited(ob, lambda bones: [add(bones, f"Bone{i}", i) for i in range(count)])
    for i, bone in enumerate(ob.pose.bones):
        bone.location, bone.rotation_quaternion, bone.scale = (i, 2 * i, -i), (1, i / 9, 0, 2), (1, 1 + i, 3)
    return ob


def add(bones, name, at=0):
    bone = bones.new(name)
    bone.head, bone.tail = (at, 0, 0), (at, 1, 0)


def edited(ob, change):
    """Changes an armature's bones in edit mode."""
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    change(ob.data.edit_bones)
    bpy.ops.object.mode_set(mode="OBJECT")


def tree(kinds=("ShaderNodeMath", "ShaderNodeValue", "ShaderNodeMath"), count=24):
    made = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(count):
        made.nodes.new(kinds[i % len(kinds)]).location = (3 * i, i + 1)
    return made


def fcurves(action):
    return action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves


def lists():
    """Name -> (function that gives the list, properties to read, those that are written at once). Nothing is all
    alike: of that tests of discovery have more."""
    ob, nodes, curve, ball = rig(), tree(), scenes.curve(), bpy.data.metaballs.new("Ball")
    plain_tree, settings, action = tree(("ShaderNodeMath",)), scenes.settings(), scenes.action()
    key = scenes.shape_keys()
    for i in range(20):
        ball.elements.new().co = (i, 0, 1)
    for i, element in enumerate(ball.elements):
        element.radius = 1 + i / 4
    for i, block in enumerate(key.key_blocks):
        block.value = i / 8
    for i, one in enumerate(settings.modifiers):
        one.show_viewport = i % 2
    for i, one in enumerate(settings.constraints):
        one.influence = i / 8
    for i, spline in enumerate(curve.splines):
        spline.resolution_u = 3 + i
    for i, one in enumerate(fcurves(action)):
        one.mute, one.color = i % 2, (0, i / 8, 1)
    return {
        "bones": (lambda: ob.pose.bones, ("location", "rotation_quaternion", "scale", "matrix_basis", "matrix"),
                  ("location", "rotation_quaternion", "scale")),
        "nodes": (lambda: nodes.nodes, (LOCATION, "location"), (LOCATION,)),
        "nodes of a kind": (lambda: plain_tree.nodes, (LOCATION,), (LOCATION,)),
        "modifiers": (lambda: settings.modifiers, ("show_viewport",), ("show_viewport",)),
        "constraints": (lambda: settings.constraints, ("influence",), ("influence",)),
        "key blocks": (lambda: key.key_blocks, ("value",), ()),
        "splines": (lambda: curve.splines, ("resolution_u",), ("resolution_u",)),
        "metaball elements": (lambda: ball.elements, ("co", "radius"), ("co", "radius")),
        "f-curves": (lambda: fcurves(action), ("mute", "color"), ("mute",)),
    }


def agrees_or_names(vw, give, name):
    """A refresh gives what bpy has now, or says that the shape is another."""
    if len(give()) != vw.shape[0]:
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
        return
    vw.refresh()
    same(vw.memcache.tolist(), values(give(), name))
