# tests/blender/transfer/counted_calls.py: counts Python calls, for the tests of how many a transfer takes
import cProfile
import gc

import bpy
from rnaslicer import _core

ONE_SHOT, REFRESH, UPDATE = 6, 6, 10  # of one collection; bpy's own attribute on the way is counted, too
SHOT_THROUGH = 45  # read and written at once through a matrix or indices, or many structs entered
FROM_LIST = 45  # of a list: native code captures it, Python finds the trail; as many however many they are
BY_PYTHON = 90  # what Python captures each time: a scene's own collection, datablocks by their names
LOCATION = "location" if bpy.app.version < (5, 0) else "location_absolute"  # of nodes


def counted(function):
    """Calls of the third run: the first resolves and proves, the second may still learn. What falls to Python's
    collector just then is not the call's."""
    function()
    function()
    _core.take_recent()  # what earlier tests left there goes one by one as new comes: that is not counted
    profile = cProfile.Profile()
    gc.disable()
    try:
        profile.enable()
        function()
        profile.disable()
    finally:
        gc.enable()
    return sum(entry.callcount for entry in profile.getstats()) - 1  # disable itself


def lists():
    """Name -> (function that gives the collection, property) of what lies in linked lists: bones of a pose, nodes of one
    type and of several, modifiers."""
    ob = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(40):
        ob.data.edit_bones.new(f"Bone{i}").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    for i, bone in enumerate(ob.pose.bones):
        bone.location = (i, 2, i)
    trees = [bpy.data.node_groups.new("Tree", "ShaderNodeTree") for _ in range(2)]
    for i in range(40):
        trees[0].nodes.new("ShaderNodeMath").location = (i, 2 * i)
        trees[1].nodes.new("ShaderNodeMath" if i % 3 else "ShaderNodeValue").location = (i, 2 * i)
    user = bpy.data.objects.new("Modified", bpy.data.meshes.new("Modified"))
    bpy.context.scene.collection.objects.link(user)
    for i in range(40):
        user.modifiers.new("Displace", "DISPLACE").strength = i
    bpy.context.view_layer.update()
    return {"bones": (lambda: ob.pose.bones, "location"), "nodes": (lambda: trees[0].nodes, LOCATION),
            "mixed nodes": (lambda: trees[1].nodes, LOCATION), "modifiers": (lambda: user.modifiers, "strength")}
