# tests/blender/trails/test_trails_evaluated_shown.py: evaluated meshes, each frame another, captured as the first time
"""Who showed such data last is asked first. What a capture gives must not depend on that."""
import random

import bpy

from counted_calls import counted
from support import EVERY, random_mesh, same, seed
from trail_ways import read, values

CAPTURED = 110  # counted calls to make, enter and leave


def graph():
    return bpy.context.evaluated_depsgraph_get()


def scene(rng, count=5):
    for i in range(count):
        ob = bpy.data.objects.new(f"Shown{i}", random_mesh(rng, 4 + i, 3, f"Mesh{i}"))
        bpy.context.scene.collection.objects.link(ob)
        for _ in range(rng.randrange(3)):
            ob.modifiers.new("Array", "ARRAY").count = 2
    graph()


def objects():
    return sorted((ob for ob in bpy.context.view_layer.objects if ob.name[:5] == "Shown"), key=lambda ob: ob.name)


def said(ob):
    """What a capture of the data that an object shows says, and leads to."""
    from rnaslicer import Slicer
    data = ob.evaluated_get(graph()).data
    with Slicer(data.vertices)[:, "co"] as vw:
        assert vw.supplier == data.vertices, (vw.supplier, data.vertices)
        return repr(vw), vw.memcache.tolist()


def move(rng, obs):
    one = rng.choice(obs)
    one.data.vertices[1].co.x += 1
    one.data.update()


def shares(rng, obs):
    rng.choice(obs).data = rng.choice(obs).data


def links(rng, obs):
    other = rng.choice(obs).copy()  # shows the same mesh
    bpy.context.scene.collection.objects.link(other)


CHANGES = {
    "nothing": lambda rng, obs: None, "move": move, "shares": shares, "links": links,
    "modifier": lambda rng, obs: rng.choice(obs).modifiers.new("Another", "ARRAY"),
    "no modifier": lambda rng, obs: rng.choice(obs).modifiers.clear(),
    "rename": lambda rng, obs: setattr(rng.choice(obs).data, "name", f"Mesh{rng.randrange(7)}"),
    "rename object": lambda rng, obs: setattr(rng.choice(obs), "name", f"Shown{rng.randrange(9)}"),
    "remove": lambda rng, obs: bpy.data.objects.remove(rng.choice(obs)) if len(obs) > 3 else None,
    "keep": lambda rng, obs: setattr(rng.choice(obs).data, "use_fake_user", rng.random() < .5),
    "own": lambda rng, obs: setattr(rng.choice(obs), "data", random_mesh(rng, 5, 3, "Mesh")),
    "undo": lambda rng, obs: (bpy.ops.ed.undo_push(message="a"), move(rng, obs), bpy.ops.ed.undo_push(message="b"),
                              bpy.ops.ed.undo()),
}


def test_as_the_first_time():
    from rnaslicer.supplier.evaluated import _known
    from rnaslicer.supplier.capture import _owners as owners
    rng = random.Random(seed())
    scene(rng)
    bpy.ops.ed.undo_push(message="made")
    for step in range(120):
        change = rng.choice(list(CHANGES))
        CHANGES[change](rng, objects())
        bpy.context.view_layer.update()
        for ob in objects():
            before = said(ob)
            data = ob.evaluated_get(graph()).data
            same(before[1], values(data.vertices, "co"), (step, change))
            kept, alive = dict(owners), dict(_known)
            owners.clear(), _known.clear()
            assert said(ob) == before, (step, change, ob.name)
            owners.clear(), _known.clear()
            owners.update(kept), _known.update(alive)


def test_another_file():
    for _ in range(2):
        scene(random.Random(seed()))
        for ob in objects():
            for _ in range(2):
                said(ob)
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def test_another_view_layer():
    from rnaslicer import Slicer
    scene(random.Random(seed()))
    other = bpy.context.scene.view_layers.new("Other")
    ob = objects()[0]
    for layer in (bpy.context.view_layer, other, bpy.context.view_layer):
        layer.update()
        data = ob.evaluated_get(layer.depsgraph).data
        for _ in range(2):
            with Slicer(data.vertices)[:, "co"] as vw:
                same(vw.memcache.tolist(), values(data.vertices, "co"))
                assert vw.supplier == data.vertices


def test_calls():
    """As many, however many objects there are."""
    scene(random.Random(seed()), 30)
    ob = objects()[-1]
    ob.modifiers.new("Array", "ARRAY").count = 2
    for frame in range(6):
        ob.data.vertices[0].co.x = frame
        ob.data.update()
        graph()
        vertices = ob.evaluated_get(graph()).data.vertices
        found = counted(lambda: read(vertices, EVERY, "co"))
        assert frame < 2 or found <= CAPTURED, (frame, found)
