# tests/blender/trails/test_embedded_again.py: node trees and scenes' collections, captured as the first time
"""Who had such a datablock last is asked first. What a capture gives must not depend on that."""
import random

import bpy

from counted_calls import counted
from support import EVERY, same, seed
from trail_lists import LOCATION
from trail_ways import read, values

CAPTURED = 110  # counted calls to make, enter and leave


def make(count=4):
    for i in range(count):
        material = bpy.data.materials.new(f"M{i}")
        material.use_nodes = True
        for k in range(i + 1):
            material.node_tree.nodes.new("ShaderNodeMath").location = i, k
    bpy.data.worlds.new("W").use_nodes = True
    for scene in (bpy.data.scenes.new("S"), bpy.context.scene):
        for i in range(3):
            ob = bpy.data.objects.new(f"In {scene.name}", None)
            ob.location = i, 2 * i, 3
            scene.collection.objects.link(ob)


def suppliers():
    for owner in (*bpy.data.materials, *bpy.data.worlds):
        if owner.node_tree is not None:
            yield owner.node_tree.nodes, LOCATION
    for scene in bpy.data.scenes:
        yield scene.collection.objects, "location"


def said(coll, prop):
    from rnaslicer import Slicer
    with Slicer(coll)[:, prop] as vw:
        assert vw.supplier == coll
        return repr(vw), vw.memcache.tolist()


CHANGES = {
    "nothing": lambda rng: None,
    "remove": lambda rng: len(bpy.data.materials) > 2 and bpy.data.materials.remove(rng.choice(list(bpy.data.materials))),
    "add": lambda rng: setattr(bpy.data.materials.new("Added"), "use_nodes", True),
    "copy": lambda rng: rng.choice(list(bpy.data.materials)).copy(),
    "rename": lambda rng: setattr(rng.choice(list(bpy.data.materials)), "name", f"M{rng.randrange(9)}"),
    "scene": lambda rng: len(bpy.data.scenes) < 4 and bpy.data.scenes.new("Added"),
    "no scene": lambda rng: len(bpy.data.scenes) > 2 and bpy.data.scenes.remove(bpy.data.scenes[-1]),
    "undo": lambda rng: (bpy.ops.ed.undo_push(message="a"), bpy.data.materials.new("Undone"),
                         bpy.ops.ed.undo_push(message="b"), bpy.ops.ed.undo()),
    "load": lambda rng: (bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True), make()),
}


def test_as_the_first_time():
    from rnaslicer.supplier.capture import _owners as embedded
    rng = random.Random(seed())
    make()
    for step in range(40):
        change = rng.choice(list(CHANGES))
        CHANGES[change](rng)
        for coll, prop in list(suppliers()):
            before = said(coll, prop)
            same(before[1], values(coll, prop), (step, change))
            kept = dict(embedded)
            embedded.clear()
            assert said(coll, prop) == before, (step, change)
            embedded.clear()
            embedded.update(kept)


def test_calls():
    """As many, however many materials there are."""
    make(20)
    for coll, prop in list(suppliers()):
        for _ in range(3):
            said(coll, prop)
        if len(coll) and prop == "location":
            assert counted(lambda: read(coll, EVERY, prop)) <= CAPTURED, coll  # noqa: B023
    nodes = bpy.data.materials["M19"].node_tree.nodes
    assert counted(lambda: read(nodes, EVERY, LOCATION)) <= CAPTURED
