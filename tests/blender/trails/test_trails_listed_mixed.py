# tests/blender/trails/test_trails_listed_mixed.py: lists of several types whose values are all alike, as most flags of modifiers are
"""Values that are alike do not tell where they lie: each enter compares as many as a proof, one of each type among them."""
import random

import bpy
import numpy as np

from counted_calls import FROM_LIST, ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, refused, same
from trail_ways import natively, values

KINDS = "BEVEL", "ARRAY", "MIRROR", "SUBSURF", "DISPLACE", "SOLIDIFY"


def modified(count=12, name="Mixed"):
    ob = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    bpy.context.scene.collection.objects.link(ob)
    for i in range(count):
        ob.modifiers.new(f"M{i}", KINDS[i % len(KINDS)])
    return ob


def nodes(count=12):
    tree = bpy.data.node_groups.new("Mixed", "ShaderNodeTree")
    for i in range(count):
        tree.nodes.new(("ShaderNodeMath", "ShaderNodeValue", "ShaderNodeGamma")[i % 3])
    return tree


def test_calls_of_values_alike():
    from rnaslicer import Slicer
    ob, tree = modified(), nodes()
    bpy.context.view_layer.update()
    for give, name, most in ((lambda: ob.modifiers, "show_render", ONE_SHOT), (lambda: ob.modifiers, "show_viewport", ONE_SHOT),
                             (lambda: tree.nodes, "hide", ONE_SHOT), (lambda: tree.nodes, "mute", ONE_SHOT)):
        def one_shot():
            with Slicer(give())[:, name]:  # noqa: B023
                pass

        found = {"one-shot": counted(one_shot)}
        with Slicer(give())[:, name] as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
            natively("refresh", vw.refresh)
            natively("update", vw.update)
            same(vw.memcache.tolist(), values(give(), name))
        natively("enter", one_shot)
        assert found["one-shot"] <= most and found["refresh"] <= REFRESH and found["update"] <= UPDATE, (name, found)


def test_of_many():
    from rnaslicer import Slicer
    obs = [modified(6, f"Mixed{i}") for i in range(5)]
    items = EVERY, "modifiers", EVERY, "show_render"

    def one_shot():
        with Slicer(obs)[items]:
            pass

    found = counted(one_shot)
    with Slicer(obs)[items] as vw:
        vw.update()  # the first of such lists learns what Blender is told
        natively("refresh", vw.refresh)
        np.asarray(vw.memcache)[1:3, ::2] = False
        natively("update", vw.update)
        same([values(ob.modifiers, "show_render") for ob in obs], vw.memcache.tolist())
    assert found <= FROM_LIST, found


def test_one_differs_later():
    """Each place and type in turn, while alike and after."""
    from rnaslicer import Slicer
    ob = modified()
    for _ in range(2):
        same(Slicer(ob.modifiers)[:, "show_render"].read().tolist(), [True] * 12)
    for i, one in enumerate(ob.modifiers):
        one.show_render = False
        with Slicer(ob.modifiers)[:, "show_render"] as vw:
            same(vw.memcache.tolist(), values(ob.modifiers, "show_render"), i)
            one.show_render = True
            vw.refresh()
            same(vw.memcache.tolist(), [True] * 12, i)
            vw.memcache[i] = False
            vw.update()
            same(values(ob.modifiers, "show_render"), vw.memcache.tolist(), i)
            one.show_render = True


def test_types_change_while_entered():
    from rnaslicer import Slicer
    rng, ob = random.Random(3), modified()
    for step in range(40):
        with Slicer(ob.modifiers)[:, "show_render"] as vw:
            same(vw.memcache.tolist(), values(ob.modifiers, "show_render"), step)
            name = ob.modifiers[rng.randrange(12)].name
            ob.modifiers.remove(ob.modifiers[name])
            with refused("ShapeChangedError"):
                vw.refresh()
            ob.modifiers.new(name, rng.choice(KINDS)).show_render = rng.random() < 0.8
            if rng.random() < 0.5 and hasattr(ob.modifiers, "move"):  # 3.4 has none
                ob.modifiers.move(rng.randrange(12), rng.randrange(12))
            vw.refresh()
            same(vw.memcache.tolist(), values(ob.modifiers, "show_render"), step)
            np.asarray(vw.memcache)[...] = [rng.random() < 0.7 for _ in range(12)]
            vw.update()
            same(values(ob.modifiers, "show_render"), vw.memcache.tolist(), step)
            if step % 5 == 0:
                for one in ob.modifiers:
                    one.show_render = True


def test_undo():
    from rnaslicer import Slicer
    ob = modified()
    bpy.ops.ed.undo_push(message="before")
    ob.modifiers[3].show_render = False
    bpy.ops.ed.undo_push(message="after")
    for _ in range(2):
        with Slicer(ob.modifiers)[:, "show_render"] as vw:
            vw.refresh()
    with Slicer(bpy.data.objects["Mixed"].modifiers)[:, "show_render"] as vw:
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), [True] * 12)
        vw.memcache[4] = False
        vw.update()
        same(values(bpy.data.objects["Mixed"].modifiers, "show_render"), vw.memcache.tolist())
