# tests/blender/expression/test_keys_follow_names.py: keys in an expression are looked up at each call, by every way
"""What is captured is the supplier; a name within the expression is whoever has it now, as in bpy's paths."""
import bpy
import numpy as np

from support import EVERY, refused, same

NAMES = "ABCD"


def forget():
    from rnaslicer.transfer import trails
    trails.forget_all()


def objects():
    for ob in list(bpy.data.objects):
        bpy.data.objects.remove(ob)
    made = []
    for i, name in enumerate(NAMES):
        ob = bpy.data.objects.new(name, bpy.data.meshes.new(name))
        bpy.context.scene.collection.objects.link(ob)
        ob.location.x = i
        ob.data.vertices.add(2)
        ob.data.vertices.foreach_set("co", [i] * 6)
        ob.modifiers.new("M", "DISPLACE").strength = i
        made.append(ob)
    return made


def bones():
    armature = bpy.data.armatures.new("Rig")
    ob = bpy.data.objects.new("Rig", armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for name in NAMES:
        armature.edit_bones.new(name).tail = 0, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    for i, bone in enumerate(ob.pose.bones):
        bone.location.x = i
    return ob


def of(supplier, items, number):
    """(structs that are renamed, supplier, items, the number that tells each)."""
    made = objects()
    return made, lambda: supplier(made), items, number


SCENES = {
    "objects": lambda: of(lambda _: bpy.data.objects, (["A", "B"], "location", 0), lambda ob: ob.location.x),
    "one object": lambda: of(lambda _: bpy.data.objects, ('["A"]', "location", "xxx"), lambda ob: ob.location.x),
    "of a scene": lambda: of(lambda _: bpy.context.scene.objects, (["A", "B"], "location", 0), lambda ob: ob.location.x),
    "behind": lambda: of(lambda _: bpy.data.objects, (["A", "B"], "data", "vertices", EVERY, "co", 0),
                         lambda ob: ob.data.vertices[0].co.x),
    "lists behind": lambda: of(lambda _: bpy.data.objects, (["A", "B"], "modifiers", EVERY, "strength"),
                               lambda ob: ob.modifiers[0].strength),
    "bones": lambda: (lambda ob: (list(ob.data.bones), lambda: ob.pose.bones, (["A", "B"], "location", 0),
                                  lambda bone: ob.pose.bones[bone.name].location.x))(bones()),
}


def renamed(structs, one, other):
    a, b = (next(struct for struct in structs if struct.name == name) for name in (one, other))
    a.name = "between"
    b.name = one
    a.name = other


def test_names_are_looked_up(name):
    from rnaslicer import Slicer
    for uses in range(4):  # none before, so that nothing is known, or some, along trails
        structs, supplier, items, number = SCENES[name]()
        forget()
        for _ in range(uses):
            with Slicer(supplier())[items] as vw:
                vw.refresh()
                vw.update()
        keys = ["A"] if isinstance(items[0], str) else items[0]

        def told():
            found = {struct.name: number(struct) for struct in structs}
            return [found[key] for key in keys]
        once = Slicer(supplier())[items]
        with Slicer(supplier())[items] as vw:
            renamed(structs, "A", "D")
            for found in (once.read(), vw.refresh() or vw.memcache):
                same(np.array(found).reshape(len(keys), -1)[:, 0].tolist(), told())
            others = [number(struct) for struct in structs if struct.name not in keys]
            np.asarray(vw.memcache)[...] = 9
            vw.update()
            assert told() == [9.0] * len(keys)
            assert [number(struct) for struct in structs if struct.name not in keys] == others
            next(struct for struct in structs if struct.name == "A").name = "Z"
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "'A'"):
                    use()
            with refused("ExpressionError", "'A'"):
                once.read()


test_names_are_looked_up.cases = {name: (name,) for name in SCENES}
