# tests/blender/trails/test_trails_evaluated_lists.py: lists of evaluated objects, and of their data: found anew, followed natively
import array
import math

import bpy

from counted_calls import REFRESH, counted
from support import refused
from trail_ways import natively

MANY = 40
EVERY = slice(None)


def scene_of(count=MANY):
    """Objects with meshes of their own that a modifier moves."""
    objects = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"Evaluated{i:03}")
        mesh.from_pydata([(i, k, 0) for k in range(4)], [], [(0, 1, 2, 3)])
        ob = bpy.data.objects.new(f"Evaluated{i:03}", mesh)
        ob.location = i, 2 * i, -i
        modifier = ob.modifiers.new("Displace", "DISPLACE")
        modifier.strength, modifier.mid_level, modifier.direction = i, 0, "X"
        bpy.context.scene.collection.objects.link(ob)
        objects.append(ob)
    bpy.context.view_layer.update()
    return objects


def evaluated(objects):
    graph = bpy.context.evaluated_depsgraph_get()
    return [ob.evaluated_get(graph) for ob in objects]


#: Name -> (suppliers from evaluated objects, items, values of one evaluated object as bpy gives them).
WAYS = {
    "objects": (lambda obs: obs, (EVERY, "location"), lambda ob: list(ob.location)),
    "vertices": (lambda obs: obs, (EVERY, "data", "vertices", EVERY, "co"), lambda ob: [list(v.co) for v in ob.data.vertices]),
    "meshes": (lambda obs: [ob.data for ob in obs], (EVERY, "vertices", EVERY, "co"),
               lambda ob: [list(v.co) for v in ob.data.vertices]),
}


def test_values_of_now(name):
    """After each evaluation those of the data that it made, from the first call on."""
    from rnaslicer import Slicer
    suppliers, items, value = WAYS[name]
    objects = scene_of()

    def expected():
        return [value(ob) for ob in evaluated(objects)]

    with Slicer(suppliers(evaluated(objects)))[items] as vw:
        for turn in range(4):
            vw.refresh()
            assert vw.memcache.tolist() == expected(), turn
            for i, ob in enumerate(objects):
                ob.location.x += 1
                ob.data.vertices[0].co.z = turn + i / 8
                ob.data.update()
            bpy.context.view_layer.update()
        vw.refresh()
        assert vw.memcache.tolist() == expected()
        assert counted(vw.refresh) <= REFRESH
        natively("refresh", vw.refresh)
    again = suppliers(evaluated(objects))
    natively("enter", lambda: Slicer(again)[items].open().close())
    with Slicer(again)[items] as vw:
        assert vw.memcache.tolist() == expected()
    out = array.array("f", bytes(4 * math.prod(vw.shape)))
    Slicer(again)[items].read(memoryview(out).cast("B").cast("f", vw.shape))
    flat = [x for one in expected() for part in one for x in (part if isinstance(part, list) else [part])]
    assert out.tolist() == flat


test_values_of_now.cases = {name: (name,) for name in WAYS}


def test_nothing_is_written(name):
    """Neither the first time nor along the trail, whatever moves the values."""
    from rnaslicer import Slicer
    suppliers, items, value = WAYS[name]
    objects = scene_of(8)
    before = [value(ob) for ob in evaluated(objects)], [list(v.co) for v in objects[3].data.vertices]
    for _ in range(3):
        supplier = suppliers(evaluated(objects))
        with Slicer(supplier)[items] as vw:
            assert vw.readonly
            held = memoryview(vw.memcache.tobytes()).cast("f", vw.shape)
            for _ in range(3):
                vw.memcache[3] = 7
                with refused("ReadOnlyError"):
                    vw.update()
                with refused("ReadOnlyError"):
                    vw.write(vw.memcache)
        with refused("ReadOnlyError"):
            Slicer(supplier)[items].write(held)
    assert ([value(ob) for ob in evaluated(objects)], [list(v.co) for v in objects[3].data.vertices]) == before


test_nothing_is_written.cases = {name: (name,) for name in WAYS}


def test_one_that_is_gone(name):
    """Removed, taken out of the view layer, or of another size: said, and never another's values."""
    from rnaslicer import Slicer
    suppliers, items, value = WAYS[name]
    objects = scene_of(8)
    with Slicer(suppliers(evaluated(objects)))[items] as vw:
        vw.refresh()
        natively("refresh", vw.refresh)
        objects[2].name = "Another name"
        bpy.context.view_layer.update()
        vw.refresh()
        assert vw.memcache.tolist() == [value(ob) for ob in evaluated(objects)]
        collection = bpy.context.scene.collection
        collection.objects.unlink(objects[5])
        bpy.context.view_layer.update()
        with refused("SupplierLostError"):
            vw.refresh()
        collection.objects.link(objects[5])
        bpy.context.view_layer.update()
        vw.refresh()
        assert vw.memcache.tolist() == [value(ob) for ob in evaluated(objects)]
        bpy.data.objects.remove(objects[5])
        bpy.context.view_layer.update()
        with refused("SupplierLostError"):
            vw.refresh()


test_one_that_is_gone.cases = {name: (name,) for name in WAYS}


def test_one_of_another_size():
    from rnaslicer import Slicer
    objects = scene_of(8)
    with Slicer(evaluated(objects))[:, "data", "vertices", :, "co"] as vw:
        vw.refresh()
        objects[4].data.vertices.add(1)
        objects[4].data.update()
        bpy.context.view_layer.update()
        with refused("ShapeChangedError"):
            vw.refresh()


def test_meshes_that_several_show():
    """One evaluated mesh of two objects, with others that one object shows, captured together and alone."""
    from rnaslicer import Slicer
    objects = scene_of(4)
    for ob in objects:
        ob.modifiers.clear()
    objects[1].data = objects[0].data
    bpy.context.view_layer.update()
    meshes = [ob.data for ob in evaluated(objects)]
    for supplier in (meshes, meshes[:1], meshes[2:]):
        found = [[list(v.co) for v in mesh.vertices] for mesh in supplier]
        for _ in range(3):
            with Slicer(supplier)[:, "vertices", :, "co"] as vw:
                assert vw.memcache.tolist() == found
                vw.refresh()
                assert vw.memcache.tolist() == found


def test_many_are_captured_once_each():
    """No walk over all objects for each of them: twice as many take twice the calls."""
    from rnaslicer import Slicer
    objects = scene_of(240)
    for suppliers in (lambda obs: obs, lambda obs: [ob.data for ob in obs]):
        few, all_of_them = suppliers(evaluated(objects)[:120]), suppliers(evaluated(objects))
        first, both = counted(lambda: Slicer(few)), counted(lambda: Slicer(all_of_them))
        assert both < 2 * first and both < 70 * len(objects), (first, both)


def test_names_after_a_rename():
    """Those of now, of datablocks that were sliced under others."""
    from rnaslicer import Slicer
    made = []
    for i in range(3):
        made.append(bpy.data.objects.new(f"Named{i}", bpy.data.meshes.new("Named")))
        bpy.context.scene.collection.objects.link(made[-1])
    bpy.context.view_layer.update()
    kept = [Slicer(ob) for ob in made]
    for ob in made:
        ob.name = "Re" + ob.name
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    text = repr(Slicer([ob.evaluated_get(graph) for ob in made])[:, "location"])
    assert "'ReNamed0'" in text and "'ReNamed1'" in text and kept, text
