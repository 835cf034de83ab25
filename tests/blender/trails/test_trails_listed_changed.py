# tests/blender/trails/test_trails_listed_changed.py: trails of lists that change, of others' data, of scripts' classes
import os
import random
import tempfile

import bpy
import numpy as np

from support import EVERY, VERSION, refused, same
from trail_lists import LOCATION, agrees_or_names, edited, rig, tree, values
from trail_ways import counts, known, natively, read


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
