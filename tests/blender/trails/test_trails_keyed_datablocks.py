# tests/blender/trails/test_trails_keyed_datablocks.py: what lies behind datablocks that names pick from lists of bpy.data
import bpy

from counted_calls import REFRESH, SHOT_THROUGH, UPDATE, counted
from support import refused
from trail_ways import natively

EVERY = slice(None)


def scene_of(count):
    names = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"Keyed{i:03}")
        mesh.from_pydata([(i, k, 0) for k in range(4)], [], [(0, 1, 2, 3)])
        ob = bpy.data.objects.new(f"Keyed{i:03}", mesh)
        bpy.context.scene.collection.objects.link(ob)
        names.append(mesh.name)
    bpy.context.view_layer.update()
    return names


#: Name -> (list, items after the names, values of one datablock).
WAYS = {
    "meshes": (lambda: bpy.data.meshes, ("vertices", EVERY, "co"), lambda mesh: [list(v.co) for v in mesh.vertices]),
    "objects": (lambda: bpy.data.objects, ("data", "vertices", EVERY, "co"),
                lambda ob: [list(v.co) for v in ob.data.vertices]),
}


def test_calls(name):
    from rnaslicer import Slicer
    give, items, value = WAYS[name]
    names = scene_of(100)[::-2]

    def one_shot():
        with Slicer(give())[(names, *items)]:
            pass

    found = {"one-shot": counted(one_shot)}
    with Slicer(give())[(names, *items)] as vw:
        assert vw.memcache.tolist() == [value(give()[key]) for key in names]
        found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        natively("refresh", vw.refresh)
        vw.memcache[7] = 5
        natively("update", vw.update)
        assert value(give()[names[7]]) == [[5, 5, 5]] * 4
        assert vw.memcache.tolist() == [value(give()[key]) for key in names]
    natively("enter", one_shot)
    limits = {"one-shot": SHOT_THROUGH, "refresh": REFRESH, "update": UPDATE}
    assert all(found[way] <= limits[way] for way in limits), (found, limits)


test_calls.cases = {name: (name,) for name in WAYS}


def test_names_are_looked_up_each_time(name, before):
    """After a renaming, a removal or of another size: the same whether a trail was known or not."""
    from rnaslicer import Slicer
    give, items, value = WAYS[name]
    names = scene_of(6)
    for _ in range(before):
        with Slicer(give())[(names, *items)] as vw:
            vw.refresh()
            vw.update()
    with Slicer(give())[(names, *items)] as vw:
        first, second = give()[names[0]], give()[names[1]]
        first.name, second.name = "between", names[0]
        first.name = names[1]
        vw.refresh()
        assert vw.memcache.tolist() == [value(give()[key]) for key in names]
        assert vw.memcache.tolist()[:2] == [value(second), value(first)]
        vw.memcache[0] = 8
        vw.update()
        assert value(second) == [[8, 8, 8]] * 4 != value(first)
        first.name = "gone"
        for call in (vw.refresh, vw.update):
            with refused("SupplierLostError", names[1]):
                call()
        first.name = names[1]
        vw.refresh()
        getattr(second, "data", second).vertices.add(1)
        with refused("ShapeChangedError"):
            vw.refresh()
        give().remove(give()[names[3]])
        with refused("SupplierLostError", names[3]):
            vw.update()
    with refused("ExpressionError", "Keyed003"):
        Slicer(give())[(names, *items)].read()


test_names_are_looked_up_each_time.cases = {f"{name}, {before}": (name, before) for name in WAYS for before in (0, 3)}


def test_own_values_stay_as_they_were():
    """Names and components of the datablocks' own values are no way on."""
    from rnaslicer import Slicer
    names = scene_of(5)
    for i, key in enumerate(names):
        bpy.data.objects[key].location = i, 2 * i, 3 * i
    for _ in range(3):
        with Slicer(bpy.data.objects)[names, "location", "zx"] as vw:
            assert vw.memcache.tolist() == [[3 * i, i] for i in range(5)]
            vw.refresh()
            vw.update()
        with Slicer(bpy.data.objects)[names, ("location", "scale"), :] as vw:
            assert vw.memcache.tolist()[2] == [[2, 4, 6], [1, 1, 1]]
