# bench/counted_pieces.py: what counted_data.py and counted_scenes.py make their data of
import random

import bpy

ALL, MANY = slice(None), 12
RNG = random.Random(1)


def row(name, give, *items, **options):
    return name, (give, items, options)


def linked(name, data):
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def active(ob):
    bpy.context.view_layer.objects.active = ob
    ob.select_set(True)
    return ob


def a_mesh(name="Mesh", count=40):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i, k, RNG.random()) for i in range(count) for k in range(2)], [],
                     [(i, i + 2, i + 3, i + 1) for i in range(0, 2 * count - 2, 2)])
    mesh.uv_layers.new(name="UV")
    return mesh


def armature(count):
    ob = active(linked("Rig", bpy.data.armatures.new("Rig")))
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for i in range(count):
        bone = ob.data.edit_bones.new(f"B{i}")
        bone.head, bone.tail, bone.parent = (0, 0, i), (0, 0, i + 1), parent
        parent = bone
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob
