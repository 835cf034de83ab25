# tests/blender/trails/test_trails_ones.py: one struct behind each of many: the only element of each list, or one by its place or key
"""bpy says what is right, object by object; `natively` says who did it."""
import random

import bpy
import numpy as np

from support import EVERY, refused, same
from test_trails_lists_behind import posed
from trail_ways import natively

ALL = EVERY, "constraints", EVERY, "influence"
FIRST = EVERY, "constraints", 0, "influence"
NAMED = EVERY, "modifiers", '["Sub"]', "levels"
COUNT = 40


def objects(name="Ob", count=COUNT, constraints=1, by=1 / 64):
    made = []
    for i in range(count):
        ob = bpy.data.objects.new(f"{name}{i:03}", bpy.data.meshes.new(name))
        bpy.context.scene.collection.objects.link(ob)
        for k in range(constraints):
            ob.constraints.new(("COPY_LOCATION", "LIMIT_ROTATION")[k % 2]).influence = i * by + k / 128
        ob.modifiers.new("Sub", "SUBSURF").levels = i % 6
        made.append(ob)
    bpy.context.view_layer.update()
    return made


def influences(some):
    return [[one.influence for one in ob.constraints] for ob in some]


def firsts(some):
    return [ob.constraints[0].influence for ob in some]


def learnt(supplier, items, **options):
    """A wrapper that native code has entered."""
    from rnaslicer import Slicer
    for _ in range(3):
        with Slicer(supplier, **options)[items]:
            pass
    return natively("enter", Slicer(supplier, **options)[items].open)


def layouts(vw):
    return {(type(route).__name__, type(getattr(route, "layout", (None,))[0]).__name__) for route in vw._by_routes()[1]}


def written(vw, values):
    """An update by native code, compared with what bpy holds after."""
    np.asarray(vw.memcache)[...] = values
    natively("update", vw.update)


# ---- lists of one

def test_only_elements():
    """None of them proves anything alone; together they do, and native code reads and has bpy write them."""
    from rnaslicer import Slicer
    from rnaslicer.blender import lists
    lists.forget()  # longer ones of another test
    some = objects()
    vw = learnt(some, ALL)
    same(vw.memcache.tolist(), influences(some))
    assert layouts(vw) == {("DirectRoute", "Alone")}, layouts(vw)
    for i, ob in enumerate(some):
        ob.constraints[0].influence = 1 - i / 64
    natively("refresh", vw.refresh)
    same(vw.memcache.tolist(), influences(some))
    natively("refresh", lambda: vw.refresh(vw.memcache[3:7]))
    written(vw, np.linspace(0, 1, COUNT, dtype="f").reshape(COUNT, 1))
    same(influences(some), vw.memcache.tolist())
    vw.close()
    others = objects("Other", 7)
    same(natively("enter", Slicer(others)[ALL].open).memcache.tolist(), influences(others))


def test_one_object_is_no_proof():
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    proof.forget()
    (ob,) = objects(count=1)
    for supplier in ([ob], [ob, ob]):
        with Slicer(supplier)[ALL] as vw:
            same(vw.memcache.tolist(), influences(supplier))
            assert all(kind != "DirectRoute" for kind, _ in layouts(vw)), layouts(vw)
    assert not proof.proven()


def test_a_wrong_proposal_is_refused():
    """What a file says wrongly of the only elements' storage bpy contradicts: of one among many it is not taken."""
    from rnaslicer import Slicer, discovery
    from rnaslicer.layout import proof, sources
    some, proposing = objects(), sources._in_list
    proof.forget()
    known = discovery.known()

    def moved(prop, found):
        for storage, how in proposing(prop, found):
            yield storage._replace(offset=storage.offset + 4), how

    sources._in_list = moved
    try:
        with Slicer(some)[ALL] as vw:
            same(vw.memcache.tolist(), influences(some))
            assert all(kind != "DirectRoute" for kind, _ in layouts(vw)), (layouts(vw), known)
    finally:
        sources._in_list = proposing
        proof.forget()


def test_values_all_alike():
    """Default values tell nothing apart: what a file says of them is compared at each enter, and what differs later is
    right."""
    from rnaslicer.layout import proof
    proof.forget()
    some = objects(by=0.0)
    from rnaslicer import Slicer
    for at in range(6):
        some[at].constraints[0].influence = at / 8
        with Slicer(some)[ALL] as vw:
            same(vw.memcache.tolist(), influences(some))
            some[at].constraints[0].influence = 0.75
            vw.refresh()
            same(vw.memcache.tolist(), influences(some))


def test_none_or_one():
    some = objects(count=COUNT) + objects("None", constraints=0)
    some = [ob for pair in zip(some[:COUNT], some[COUNT:]) for ob in pair]
    vw = learnt(some, ALL, ragged="flat")
    same(vw.memcache.tolist(), firsts(some[::2]))
    assert vw.offsets.tolist() == [(i + 1) // 2 for i in range(2 * COUNT + 1)]
    written(vw, np.linspace(1, 0, COUNT, dtype="f"))
    same(firsts(some[::2]), vw.memcache.tolist())
    some[1].constraints.new("COPY_ROTATION")
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    vw.close()


def test_only_elements_get_company():
    """Lists grow while they are entered, before and after; the storage of many is proven as ever."""
    from rnaslicer import Slicer
    some = objects()
    vw = learnt(some, ALL)
    for ob in some:
        ob.constraints.new("LIMIT_ROTATION").influence = 0.25
    before = influences(some)
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    same(influences(some), before)
    vw.close()
    vw = learnt(some, ALL)
    same(vw.memcache.tolist(), influences(some))
    assert layouts(vw) == {("DirectRoute", "Linked")}, layouts(vw)
    vw.close()
    for ob in some:
        ob.constraints.remove(ob.constraints[0])
    same(natively("enter", Slicer(some)[ALL].open).memcache.tolist(), influences(some))


def test_only_elements_replaced():
    """By another of another type, whose property is the very same; and by none."""
    some = objects()
    vw = learnt(some, ALL)
    some[5].constraints.remove(some[5].constraints[0])
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    some[5].constraints.new("LIMIT_SCALE").influence = 0.125
    vw.refresh()
    same(vw.memcache.tolist(), influences(some))
    vw.memcache[5, 0] = 0.5
    vw.update()
    same(influences(some), vw.memcache.tolist())
    vw.close()


def test_only_elements_of_other_types():
    """A property that only one type has: another one's memory is not read."""
    items = EVERY, "modifiers", EVERY, "levels"
    some = objects()
    vw = learnt(some, items)
    same(vw.memcache.tolist(), [[ob.modifiers[0].levels] for ob in some])
    some[3].modifiers.clear()
    some[3].modifiers.new("Sub", "MIRROR")
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    vw.close()


def test_a_lost_object():
    for items in (ALL, FIRST, NAMED):
        some = objects()
        vw = learnt(some, items)
        bpy.data.objects.remove(some[4])
        for move in (vw.refresh, vw.update):
            with refused("SupplierLostError"):
                move()
        vw.close()


# ---- one by its place or key

def test_by_place_and_key():
    some = objects(constraints=2)
    for items, get in ((FIRST, firsts), (NAMED, lambda some: [ob.modifiers["Sub"].levels for ob in some])):
        for supplier in (some, bpy.context.scene.objects):
            vw = learnt(supplier, items)
            same(vw.memcache.tolist(), get(supplier))
            vw.close()
        vw = learnt(some, items)
        written(vw, np.arange(COUNT) % 5 / (8 if items is FIRST else 1))
        same(get(some), vw.memcache.tolist())
        for ob in some:
            ob.constraints[0].influence, ob.modifiers[0].levels = 0.5, 3
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), get(some))
        before = vw.memcache.tolist()
        some[2].constraints[0].influence, some[2].modifiers[0].levels = 0.25, 1
        natively("refresh", lambda: vw.refresh(vw.memcache[::2]))
        same(vw.memcache.tolist(), [get(some)[2] if i == 2 else one for i, one in enumerate(before)])
        vw.close()


def test_picks():
    """Slices, indices and masks on lists, scenes and bones, of each form, twice: what is picked now."""
    from rnaslicer import Slicer
    rng = random.Random(3)
    some = objects(constraints=2)
    for i, ob in enumerate(some):
        for _ in range(i % 3):
            ob.constraints.new("COPY_SCALE").influence = i / 99
    rig = posed((2,) * 12, name="Rig")
    for i, bone in enumerate(rig.pose.bones):
        bone.constraints[0].influence = i / 32
    forms = ((("constraints", 0, "influence"), lambda one: one.constraints[0].influence),
             (("constraints", 1, "influence"), lambda one: one.constraints[1].influence),
             (("constraints", -1, "influence"), lambda one: one.constraints[-1].influence),
             (("constraints", 0, ("influence", "influence")), lambda one: [one.constraints[0].influence] * 2))
    bones = list(rig.pose.bones)
    for supplier in (some, bpy.context.scene.objects[:COUNT], some[::-1], rig.pose.bones, bones, bones[3:]):
        every = list(supplier)
        mask = [rng.random() < 0.5 for _ in every]
        picks = [rng.randrange(-len(every), len(every)) for _ in range(9)]
        for items, get in forms:
            for rows, picked in ((EVERY, every), (slice(2, 7), every[2:7]), (slice(None, None, -2), every[::-2]),
                                 (picks, [every[i] for i in picks]), (mask, [o for o, keep in zip(every, mask) if keep])):
                for _ in range(3):
                    with Slicer(supplier)[(rows, *items)] as vw:
                        same(vw.memcache.tolist(), [get(one) for one in picked], str((rows, items)))
                        for one in picked[:2]:
                            one.constraints[-1].influence = rng.random()
                        vw.refresh()
                        same(vw.memcache.tolist(), [get(one) for one in picked], str((rows, items)))
                        values = np.asarray(vw.memcache)
                        values[...] = rng.random()
                        vw.update()
                        same(vw.memcache.tolist(), [get(one) for one in picked], str((rows, items)))


def test_places_that_moved():
    """A list that is longer or shorter now, and an element that has changed places: as by bpy, now."""
    some = objects(constraints=2)
    vw = learnt(some, FIRST)
    some[3].constraints.move(1, 0)
    vw.refresh()
    same(vw.memcache.tolist(), firsts(some))
    some[3].constraints.new("COPY_SCALE")
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    vw.close()


def test_keys_renamed():
    some = objects()
    vw = learnt(some, NAMED)
    some[6].modifiers[0].name = "Another"
    for move in (vw.refresh, vw.update):
        with refused("SlicerError", "Another"):
            move()
    some[6].modifiers[0].name = "Sub"
    natively("refresh", vw.refresh)
    some[6].modifiers.clear()
    some[6].modifiers.new("Sub", "MIRROR")
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    vw.close()


def test_behind_pointers():
    """What pointers lead to; of another class it is an error."""
    from rnaslicer import Slicer
    lamps = []
    for i in range(COUNT):
        light = bpy.data.lights.new("Light", ("POINT", "SUN")[i % 2])
        light.energy = i
        lamps.append(bpy.data.objects.new(f"Lamp{i:03}", light))
        bpy.context.scene.collection.objects.link(lamps[-1])
    some, suns = lamps[::2], lamps[1::2]
    vw = learnt(some, (EVERY, "data", "energy"))
    same(vw.memcache.tolist(), [ob.data.energy for ob in some])
    same(Slicer(suns)[:, "data", "energy"].read().tolist(), [ob.data.energy for ob in suns])
    written(vw, np.arange(len(some)) + 0.5)
    same([ob.data.energy for ob in some], vw.memcache.tolist())
    some[0].data.energy = 99
    natively("refresh", vw.refresh)
    same(vw.memcache.tolist(), [ob.data.energy for ob in some])
    some[0].data = some[1].data  # twice the same
    natively("refresh", vw.refresh)
    same(vw.memcache.tolist(), [ob.data.energy for ob in some])
    some[1].data.type = "SPOT"
    for move in (vw.refresh, vw.update):
        with refused("ShapeChangedError"):
            move()
    vw.close()
