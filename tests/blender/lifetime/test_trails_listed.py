# tests/blender/lifetime/test_trails_listed.py: lists of one datablock along trails: bones, nodes, modifiers, splines
"""Each test follows a trail until native code does it; bpy says what is right, also after elements have come, gone,
changed places and types, or where a list may not be written."""
import os
import random
import tempfile

import bpy
import numpy as np

import derived_scenes as scenes
from support import EVERY, VERSION, refused, same
from trail_ways import counts, known, natively, read

PARTS = (EVERY, slice(None, None, -1), slice(1, 9, 3), slice(-2, None))
LOCATION = "location" if VERSION < (5, 0) else "location_absolute"


def values(collection, name):
    """As bpy tells them, as lists."""
    return [told(getattr(one, name)) for one in collection]


def told(value):
    return [told(one) for one in value] if hasattr(value, "__len__") else value


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


def test_read(name):
    give, names, _ = lists()[name]
    for prop in names:
        expected = values(give(), prop)
        if read_route(give(), prop) != "direct":
            assert prop in ("matrix_basis", "color"), (name, prop)
            continue
        same(known(give(), EVERY, prop), expected, prop)
        for part in PARTS:
            if len(range(len(expected))[part]) < 2:
                continue
            same(known(give(), part, prop), expected[part], f"{prop} {part}")


test_read.cases = {name: (name,) for name in ("bones", "nodes", "nodes of a kind", "modifiers", "constraints",
                                              "key blocks", "splines", "metaball elements", "f-curves")}


def read_route(coll, name):
    from rnaslicer import Slicer
    with Slicer(coll)[:, name] as vw:
        return vw.kernel.route


def test_written(name):
    """Whole and in part; what is beside a part stays."""
    from rnaslicer import Slicer
    give, _, names = lists()[name]
    for prop in names:
        known(give(), EVERY, prop)
        with Slicer(give())[:, prop] as vw:
            vw.update()
            vw.update()
            rows = np.asarray(vw.memcache)
            for part in (EVERY, slice(1, None, 2)):
                before = np.array(values(give(), prop), rows.dtype)
                rows[...] = before[::-1]
                if rows.dtype == np.float32:
                    rows *= 0.5
                wanted = before.copy()
                wanted[part] = rows[part]
                natively("update", lambda part=part: vw.update(None if part == EVERY else vw.memcache[part]))
                same(values(give(), prop), wanted.tolist(), f"{name} {prop} {part}")
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), wanted.tolist())


test_written.cases = {name: (name,) for name in ("bones", "nodes", "nodes of a kind", "modifiers", "constraints",
                                                 "splines", "metaball elements", "f-curves")}


def test_read_and_write_once():
    from rnaslicer import Slicer
    ob = rig()
    out = np.zeros((24, 3), "f")
    for _ in range(3):
        Slicer(ob.pose.bones)[:, "location"].read(out)
    same(out.tolist(), values(ob.pose.bones, "location"))
    for i in range(3):
        Slicer(ob.pose.bones)[:, "location"].write(out + i)
        same(values(ob.pose.bones, "location"), (out + i).tolist())
    record = np.zeros(24, [("a", "f4"), ("co", "3f4")])
    Slicer(ob.pose.bones)[:, "location"].read(record["co"])
    Slicer(ob.pose.bones)[:, "location"].read(record["co"])
    same(record["co"].tolist(), values(ob.pose.bones, "location"))


def test_several_properties():
    from rnaslicer import Slicer
    ob = rig()
    got = known(ob.pose.bones, EVERY, ("location", "scale"))
    same(got, [[told(bone.location), told(bone.scale)] for bone in ob.pose.bones])
    with Slicer(ob.pose.bones)[:, ("location", "scale"), "zx"] as vw:
        np.asarray(vw.memcache)[...] = np.arange(24 * 4).reshape(24, 2, 2)
        vw.update()
        vw.update()
    assert list(ob.pose.bones[5].location) == [21, 10, 20] and list(ob.pose.bones[5].scale) == [23, 6, 22]


# ---- elements come, go and change places

def agrees_or_names(vw, give, name):
    """A refresh gives what bpy has now, or says that the shape is another."""
    if len(give()) != vw.shape[0]:
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
        return
    vw.refresh()
    same(vw.memcache.tolist(), values(give(), name))


def test_bones_come_and_go():
    from rnaslicer import Slicer
    ob = rig()
    known(ob.pose.bones, EVERY, "location")

    def give():
        bpy.context.view_layer.update()  # makes the pose for the armature's bones
        return ob.pose.bones
    changes = {
        "added": lambda bones: add(bones, "New"), "removed": lambda bones: bones.remove(bones["Bone3"]),
        "exchanged": lambda bones: (bones.remove(bones["Bone5"]), add(bones, "Other")),
        "first": lambda bones: bones.remove(bones[0]), "renamed": lambda bones: setattr(bones[2], "name", "Called"),
        "parented": lambda bones: setattr(bones[1], "parent", bones[4]), "nothing": lambda bones: None}
    for what, change in changes.items():
        with Slicer(ob.pose.bones)[:, "location"] as vw:
            natively("refresh", vw.refresh)
            edited(ob, change)
            give()
            agrees_or_names(vw, give, "location")
        same(known(give(), EVERY, "location"), values(give(), "location"), what)
    ob.pose.bones[4].name = "By a script"
    same(known(give(), EVERY, "location"), values(give(), "location"))


def test_a_write_after_bones_changed():
    from rnaslicer import Slicer
    ob = rig()
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        vw.update()
        natively("update", vw.update)
        edited(ob, lambda bones: (bones.remove(bones["Bone7"]), add(bones, "Late")))
        bpy.context.view_layer.update()
        np.asarray(vw.memcache)[...] = np.arange(72).reshape(24, 3)
        natively("update", vw.update)
        same(values(ob.pose.bones, "location"), vw.memcache.tolist())


def test_in_edit_mode():
    """The pose's bones are what they were; an armature's own are written while it is edited, the curve's are not."""
    from rnaslicer import Slicer
    ob, curve = rig(), scenes.curve()
    holder = next(one for one in bpy.context.scene.objects if one.data == curve)
    known(curve.splines, EVERY, "resolution_u")
    with Slicer(ob.pose.bones)[:, "location"] as pose, Slicer(curve.splines)[:, "resolution_u"] as splines:
        pose.update()
        splines.update()
        natively("update", pose.update)
        natively("update", splines.update)
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        pose.refresh()
        same(pose.memcache.tolist(), values(ob.pose.bones, "location"))
        np.asarray(pose.memcache)[...] = 4
        pose.update()
        assert all(tuple(bone.location) == (4, 4, 4) for bone in ob.pose.bones)
        bpy.ops.object.mode_set(mode="OBJECT")
        bpy.context.view_layer.objects.active = holder
        bpy.ops.object.mode_set(mode="EDIT")
        splines.refresh()
        same(splines.memcache.tolist(), values(curve.splines, "resolution_u"))
        with refused("ReadOnlyError", "edit mode"):
            splines.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        splines.update()
    with Slicer(curve.splines)[:, "resolution_u"] as splines:
        natively("update", splines.update)


def test_bones_of_edit_mode():
    from rnaslicer import Slicer
    ob = rig(5)
    bpy.context.view_layer.objects.active = ob
    for _ in range(2):
        bpy.ops.object.mode_set(mode="EDIT")
        for _ in range(2):
            with Slicer(ob.data.edit_bones)[:, "head"] as vw:
                same(vw.memcache.tolist(), values(ob.data.edit_bones, "head"))
                np.asarray(vw.memcache)[:, 2] += 1
                vw.update()
                same(values(ob.data.edit_bones, "head"), vw.memcache.tolist())
                bpy.ops.object.mode_set(mode="OBJECT")
                try:
                    vw.refresh()
                except Exception as error:
                    assert type(error).__name__ in ("ShapeChangedError", "SupplierLostError"), error
                else:
                    raise AssertionError("bones were read that are not there")
                bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.object.mode_set(mode="OBJECT")


def test_another_armature():
    from rnaslicer import Slicer
    ob, other, longer = rig(), rig(name="Other"), rig(30, "Longer")
    known(ob.pose.bones, EVERY, "location")
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        for data in (other.data, longer.data):
            ob.data = data
            bpy.context.view_layer.update()
            agrees_or_names(vw, lambda: ob.pose.bones, "location")
        edited(ob, lambda bones: [bones.remove(bone) for bone in list(bones)])
        bpy.context.view_layer.update()
        assert len(ob.pose.bones) == 0
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        assert vw.shape == (0, 3)


def test_short_lists():
    """One element, whose list begins and ends with it; none; then many again."""
    from rnaslicer import Slicer
    known(rig().pose.bones, EVERY, "location")
    ob = rig(1)
    same(known(ob.pose.bones, EVERY, "location"), [[0.0, 0.0, 0.0]])
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        vw.update()
        np.asarray(vw.memcache)[...] = 3
        natively("update", vw.update)
        assert tuple(ob.pose.bones[0].location) == (3, 3, 3)
        edited(ob, lambda bones: bones.remove(bones[0]))
        bpy.context.view_layer.update()
        agrees_or_names(vw, lambda: ob.pose.bones, "location")
    two = tree(count=2)
    same(known(two.nodes, EVERY, LOCATION), values(two.nodes, LOCATION))
    two.nodes.remove(two.nodes[0])
    same(known(two.nodes, EVERY, LOCATION), values(two.nodes, LOCATION))


def test_nodes_come_and_go():
    from rnaslicer import Slicer
    made = tree()
    known(made.nodes, EVERY, LOCATION)
    with Slicer(made.nodes)[:, LOCATION] as vw:
        vw.update()
        natively("update", vw.update)
        made.nodes.remove(made.nodes[3])
        agrees_or_names(vw, lambda: made.nodes, LOCATION)
        made.nodes.new("ShaderNodeValue").location = (99, 98)
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), values(made.nodes, LOCATION))
        np.asarray(vw.memcache)[...] += 5
        vw.update()  # by bpy's calls: types have changed places since the context was entered
        same(values(made.nodes, LOCATION), vw.memcache.tolist())
        made.nodes.remove(made.nodes[0])
        made.nodes.new("ShaderNodeMixShader").location = (7, 6)  # of a type that was not there
        vw.refresh()
        same(vw.memcache.tolist(), values(made.nodes, LOCATION))
        made.nodes.clear()
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()
    bpy.data.node_groups.remove(made)
    other = tree(count=9)
    same(known(other.nodes, EVERY, LOCATION), values(other.nodes, LOCATION))


def test_trees_of_many_kinds():
    """Each tree may have types that the ones before had not: one trail is made for all of them."""
    kinds = ("ShaderNodeMath", "ShaderNodeValue", "ShaderNodeMixShader", "ShaderNodeTexNoise", "NodeReroute")
    trees = [tree(kinds[:i]) for i in range(1, 6)]
    for one in trees:
        known(one.nodes, EVERY, LOCATION)
    for one in trees:
        got, native = read(one.nodes, EVERY, LOCATION)
        assert native
        same(got, values(one.nodes, LOCATION))


def test_other_types_in_a_list():
    """What has another property of the name, or holds it elsewhere, is named and not read."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Modified", bpy.data.meshes.new("Modified"))
    for i in range(5):
        ob.modifiers.new("M", "DISPLACE").strength = i
    known(ob.modifiers, EVERY, "strength")
    other = bpy.data.objects.new("Other", bpy.data.meshes.new("Other"))
    for i in range(5):
        other.modifiers.new("M", "WAVE").time_offset = i
    for i, one in enumerate(other.modifiers):
        one.height = i / 2
    got, _ = read(other.modifiers, EVERY, "height")
    same(got, values(other.modifiers, "height"))
    with Slicer(ob.modifiers)[:, "strength"] as vw:
        natively("refresh", vw.refresh)
        held = vw.memcache.tolist()
        ob.modifiers.clear()
        for _ in range(5):
            ob.modifiers.new("M", "BEVEL")
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "DisplaceModifier", "BevelModifier"):
                use()
        assert vw.memcache.tolist() == held
        ob.modifiers.clear()
        for i in range(5):
            ob.modifiers.new("M", "DISPLACE").strength = 9 - i
        vw.refresh()
        same(vw.memcache.tolist(), values(ob.modifiers, "strength"))
    with Slicer(ob.modifiers)[:, "show_viewport"] as vw:
        ob.modifiers.remove(ob.modifiers[0])
        ob.modifiers.new("M", "SUBSURF").show_viewport = False
        vw.refresh()
        assert vw.memcache.tolist() == [True] * 4 + [False]


def test_undo():
    from rnaslicer import Slicer
    bpy.context.preferences.edit.use_global_undo = True
    ob = rig()
    bpy.ops.ed.undo_push(message="made")
    before = known(ob.pose.bones, EVERY, "location")
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        vw.update()
        np.asarray(vw.memcache)[...] += 1
        natively("update", vw.update)
        bpy.ops.ed.undo_push(message="moved")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before)
        natively("refresh", vw.refresh)
        bpy.ops.ed.redo()
        vw.refresh()
        same(vw.memcache.tolist(), (np.array(before, "f") + np.float32(1)).tolist())
        np.asarray(vw.memcache)[...] = 5
        vw.update()
        same(values(bpy.data.objects["Rig"].pose.bones, "location"), [[5.0, 5.0, 5.0]] * 24)
        bpy.data.objects.remove(bpy.data.objects["Rig"])
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError"):
                use()


# ---- who may not be written, and who hears

def linked(ob):
    """(its linked self, the library's folder); the own one is gone."""
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, "lists.blend")
    bpy.data.libraries.write(path, {ob})
    name = ob.name
    bpy.data.objects.remove(ob)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects = [name]
    return wanted.objects[0], folder


def test_linked_and_overridden():
    from rnaslicer import Slicer
    own = rig(name="Own")
    with Slicer(own.pose.bones)[:, "location"] as vw:
        vw.update()
        natively("update", vw.update)
    ob, folder = linked(rig(name="Foreign"))
    with folder:
        before = values(ob.pose.bones, "location")
        same(known(ob.pose.bones, EVERY, "location"), before)
        with Slicer(ob.pose.bones)[:, "location"] as vw:
            natively("refresh", vw.refresh)
            np.asarray(vw.memcache)[...] = 7
            with refused("ReadOnlyError", "Foreign"):
                vw.update()
        same(values(ob.pose.bones, "location"), before)
        override = ob.override_create()
        bpy.context.scene.collection.objects.link(override)
        with Slicer(override.pose.bones)[:, "location"] as vw:
            np.asarray(vw.memcache)[...] = 8
            declined = counts()["update"]
            vw.update()  # of an override Python says what is kept
            assert counts()["update"] == (declined[0], declined[1] + 1)
        same(values(override.pose.bones, "location"), [[8.0, 8.0, 8.0]] * 24)


def test_nodes_within_a_material():
    """Its tree is no datablock of its own: the material's library counts."""
    from rnaslicer import Slicer
    material = bpy.data.materials.new("Material")
    if VERSION < (5, 0):
        material.use_nodes = True
    for i in range(12):
        material.node_tree.nodes.new("ShaderNodeMath").location = (i, 2 * i)
    known(material.node_tree.nodes, EVERY, LOCATION)
    with Slicer(material.node_tree.nodes)[:, LOCATION] as vw:
        vw.update()
        np.asarray(vw.memcache)[...] += 3
        natively("update", vw.update)
        same(values(material.node_tree.nodes, LOCATION), vw.memcache.tolist())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "nodes.blend")
        bpy.data.libraries.write(path, {material}, fake_user=True)
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.materials = ["Material"]
        nodes = wanted.materials[0].node_tree.nodes
        before = values(nodes, LOCATION)
        with Slicer(nodes)[:, LOCATION] as vw:
            np.asarray(vw.memcache)[...] = 1
            with refused("ReadOnlyError", "nodes.blend"):
                vw.update()
        same(values(nodes, LOCATION), before)


def test_scripts_that_hear():
    """While a script's class of nodes is registered each node is assigned; then all at once again."""
    from rnaslicer import Slicer

    class ScriptNode(bpy.types.ShaderNodeCustomGroup):
        bl_idname, bl_label = "TrailScriptNode", "Script"

    made = tree()
    with Slicer(made.nodes)[:, LOCATION] as vw:
        vw.update()
        natively("update", vw.update)
        bpy.utils.register_class(ScriptNode)
        try:
            before = counts()["update"]
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            assert counts()["update"] == (before[0], before[1] + 1)
            same(values(made.nodes, LOCATION), vw.memcache.tolist())
        finally:
            bpy.utils.unregister_class(ScriptNode)
        natively("update", vw.update)

        class Between(bpy.types.ShaderNodeCustomGroup):  # not registered itself
            pass

        class Derived(Between):
            bl_idname, bl_label = "TrailDerivedNode", "Derived"
        natively("update", vw.update)
        bpy.utils.register_class(Derived)  # which makes bpy.types.ShaderNodeCustomGroup anew in 5.2
        before = counts()["update"]
        vw.update()
        bpy.utils.unregister_class(Derived)
        assert counts()["update"] == (before[0], before[1] + 1)


def test_a_class_of_nodes_made_anew():
    """Unregistered and registered under the same name: another type, which nothing that was learnt is used for."""
    from rnaslicer import Slicer
    for i in range(3):
        cls = type("AgainNode", (bpy.types.ShaderNodeCustomGroup,), {"bl_idname": "TrailAgainNode", "bl_label": "Again"})
        bpy.utils.register_class(cls)
        try:
            made = tree(("TrailAgainNode", "ShaderNodeMath"), 8)
            for _ in range(3):
                same(read(made.nodes, EVERY, LOCATION)[0], values(made.nodes, LOCATION))
            with Slicer(made.nodes)[:, LOCATION] as vw:
                np.asarray(vw.memcache)[...] += i
                vw.update()
                same(values(made.nodes, LOCATION), vw.memcache.tolist())
        finally:
            bpy.data.node_groups.remove(made)
            bpy.utils.unregister_class(cls)


def test_groups_of_scripts_have_no_trail():
    """Their elements are ID-properties in one array, and a class registered anew may lay them out otherwise."""
    for i in range(2):
        kind = bpy.props.FloatProperty() if i == 0 else bpy.props.IntProperty()
        cls = type("TrailGroup", (bpy.types.PropertyGroup,), {"__annotations__": {"number": kind}})
        bpy.utils.register_class(cls)
        bpy.types.Scene.trail_groups = bpy.props.CollectionProperty(type=cls)
        try:
            found = bpy.context.scene.trail_groups
            for k in range(6):
                found.add().number = k + i
            for _ in range(3):
                got, native = read(found, EVERY, "number")
                assert not native
                same(got, [k + i if i else float(k) for k in range(6)])
            found.clear()
        finally:
            del bpy.types.Scene.trail_groups
            bpy.utils.unregister_class(cls)


def test_alike():
    """A pose at rest: as long as all are alike each enter compares as a proof does, by bpy's bulk call; one that
    differs is found wherever it is."""
    from rnaslicer.layout import proof
    proof.forget()
    ob = rig()
    for bone in ob.pose.bones:
        bone.location = (0, 0, 0)
    same(known(ob.pose.bones, EVERY, "location"), [[0.0, 0.0, 0.0]] * 24)
    same(known(ob.pose.bones, EVERY, "location", "z"), [0.0] * 24)
    for at in (17, 3, -1, 0):
        ob.pose.bones[at].location = (at, 2, 3)
        for _ in range(3):
            same(read(ob.pose.bones, EVERY, "location")[0], values(ob.pose.bones, "location"))
    same(known(ob.pose.bones, EVERY, "location"), values(ob.pose.bones, "location"))


def test_random_lists():
    """Nodes and bones come, go, move; at each step what is read, or a named refusal, is what bpy has."""
    from rnaslicer import Slicer
    rng, made = random.Random(4), tree()
    kinds = ("ShaderNodeMath", "ShaderNodeValue", "ShaderNodeMixShader")
    with Slicer(made.nodes)[:, LOCATION] as vw:
        shape = vw.shape
        for _ in range(120):
            act = rng.randrange(4)
            if act == 0 and len(made.nodes) > 1:
                made.nodes.remove(rng.choice(made.nodes[:]))
            elif act == 1:
                made.nodes.new(rng.choice(kinds)).location = (rng.random(), 5)
            elif act == 2 and len(made.nodes):
                rng.choice(made.nodes[:]).location = (rng.random(), rng.random())
            elif len(made.nodes) == shape[0]:
                np.asarray(vw.memcache)[...] = rng.random()
                vw.update()
                same(values(made.nodes, LOCATION), vw.memcache.tolist())
            agrees_or_names(vw, lambda: made.nodes, LOCATION)
            if len(made.nodes):
                same(read(made.nodes, EVERY, LOCATION)[0], values(made.nodes, LOCATION))
