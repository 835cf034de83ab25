# tests/blender/trails/test_trails_evaluated_own.py: evaluated objects' own values: matrices, places, what drivers gave
"""`evaluated_get` tells what is right, anew each time; what is gone or written to is refused with the routes' words."""
import bpy
import numpy as np

from counted_calls import REFRESH, SHOT_THROUGH, counted
from support import EVERY, refused, same
from trail_ways import known, natively

NAMES = ("matrix_world", "location", "scale", "pass_index", "hide_render", "rotation_mode", "color", "dimensions")


def objects(count=4):
    made = []
    for i in range(count):
        data = (None, bpy.data.lights.new("L", "POINT"), bpy.data.cameras.new("C"), bpy.data.meshes.new("M"))[i % 4]
        ob = bpy.data.objects.new(f"Own{i}", data)
        ob.location, ob.scale, ob.pass_index = (i, 2, 3), (1 + i, 1, 1), i
        bpy.context.scene.collection.objects.link(ob)
        made.append(ob)
    bpy.context.view_layer.update()
    return made


def evaluated(ob):
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get())


def told(ob, name):
    value = getattr(evaluated(ob), name)
    if name == "rotation_mode":
        return value
    return [list(row) for row in value] if name == "matrix_world" else list(value) if hasattr(value, "__len__") else value


def value_of(cache, name):
    number = cache.tolist()
    return {item.value: item.identifier for item in bpy.types.Object.bl_rna.properties[name].enum_items}[number] if (
        name == "rotation_mode") else number


def test_values():
    from rnaslicer import Slicer
    for name in NAMES:
        obs = objects()
        for _ in range(2):
            Slicer(evaluated(obs[0]))[name].read()
        for ob in obs:
            vw = Slicer(evaluated(ob))[name]
            natively("enter", vw.open)
            vw.close()
            same(value_of(Slicer(evaluated(ob))[name].read(), name), told(ob, name), (name, ob.name))


def test_calls():
    from rnaslicer import Slicer
    ob = objects(1)[0]
    for name in NAMES:
        one = evaluated(ob)

        def one_shot():
            with Slicer(one)[name]:  # noqa: B023
                pass

        enters = counted(one_shot)
        with Slicer(one)[name] as vw:
            refreshes = counted(vw.refresh)
            natively("refresh", vw.refresh)
        natively("enter", one_shot)
        assert enters <= SHOT_THROUGH and refreshes <= REFRESH, (name, enters, refreshes)


def test_calls_of_meshes():
    """What an evaluated mesh has is found as easily."""
    from rnaslicer import Slicer
    bpy.ops.mesh.primitive_grid_add()
    bpy.context.object.modifiers.new("A", "ARRAY")
    ob = bpy.context.object
    one = evaluated(ob)
    items = "data", "vertices", EVERY, "co"

    def one_shot():
        with Slicer(one)[items]:
            pass

    enters = counted(one_shot)
    with Slicer(one)[items] as vw:
        assert enters <= SHOT_THROUGH and counted(vw.refresh) <= REFRESH
        same(vw.memcache.tolist(), [list(v.co) for v in evaluated(ob).data.vertices])


def test_evaluations_are_followed():
    """Each refresh reads what was evaluated last, not what waits for evaluation."""
    from rnaslicer import Slicer
    ob, other = objects(2)
    known(evaluated(other), "matrix_world")
    with Slicer(evaluated(ob))["matrix_world"] as vw:
        before = vw.memcache.tolist()
        for step in range(3):
            ob.location.x = 100 + step
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), before)
            bpy.context.view_layer.update()
            natively("refresh", vw.refresh)
            before = vw.memcache.tolist()
            assert before[0][3] == 100 + step
        bpy.context.scene.frame_set(7)
        natively("refresh", vw.refresh)
        ob.name = "Own renamed"
        bpy.context.view_layer.update()
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), told(ob, "matrix_world"))


def test_it_cannot_be_written():
    from rnaslicer import Slicer
    ob = objects(1)[0]
    for name in ("location", "matrix_world", "pass_index"):
        for _ in range(3):
            with Slicer(evaluated(ob))[name] as vw:
                assert vw.readonly
                before = vw.memcache.tolist()
                np.asarray(vw.memcache)[...] = 5
                with refused("ReadOnlyError", "evaluated"):
                    vw.update()
                vw.refresh()
                same(vw.memcache.tolist(), before)
            with refused("ReadOnlyError", "evaluated"):
                Slicer(evaluated(ob))[name].write(np.asarray(before, "f4" if name != "pass_index" else "i4"))


def test_what_is_gone():
    from rnaslicer import Slicer
    def removed(ob, _):
        bpy.data.objects.remove(ob)

    def unlinked(ob, _):
        for one in ob.users_collection:
            one.objects.unlink(ob)
        bpy.context.view_layer.update()

    def layer_removed(_, scene):
        scene.view_layers.remove(scene.view_layers["Other"])

    def scene_removed(_, scene):
        bpy.data.scenes.remove(scene)

    for change in (removed, unlinked, layer_removed, scene_removed):
        ob = objects(1)[0]
        scene = bpy.data.scenes.new("Other")
        layer = scene.view_layers.new("Other")
        scene.collection.objects.link(ob)
        graph = layer.depsgraph
        if change in (layer_removed, scene_removed):
            with bpy.context.temp_override(scene=scene, view_layer=layer):
                graph = bpy.context.evaluated_depsgraph_get()
            if not ob.evaluated_get(graph).is_evaluated:
                continue
        else:
            graph = bpy.context.evaluated_depsgraph_get()
        for _ in range(2):
            with Slicer(ob.evaluated_get(graph))["location"] as vw:
                pass
        with Slicer(ob.evaluated_get(graph))["location"] as vw:
            before = vw.memcache.tolist()
            change(ob, scene)
            with refused("SupplierLostError"):
                vw.refresh()
            same(vw.memcache.tolist(), before)
        if scene.name in bpy.data.scenes if change is not scene_removed else False:
            bpy.data.scenes.remove(scene)


def test_of_two_view_layers():
    """The same object has another copy in each; the root that was found last is not taken for the other."""
    from rnaslicer import Slicer
    ob = objects(1)[0]
    scene = bpy.context.scene
    layers = [scene.view_layers[0], scene.view_layers.new("Second")]
    graphs = []
    for layer in layers:
        with bpy.context.temp_override(scene=scene, view_layer=layer):
            graphs.append(bpy.context.evaluated_depsgraph_get())
    for _ in range(3):
        for layer, graph in zip(layers, graphs):
            one = ob.evaluated_get(graph)
            if one.is_evaluated:
                path = Slicer(one)._path
                assert path.root.find().as_pointer() == one.as_pointer()
                assert path.root._layer == layer.name


def test_after_undo_and_load():
    from rnaslicer import Slicer
    ob = objects(1)[0]
    bpy.ops.ed.undo_push(message="before")
    ob.location.x = 50
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="after")
    known(evaluated(ob), "location")
    with Slicer(evaluated(ob))["location"] as vw:
        bpy.ops.ed.undo()
        bpy.context.view_layer.update()
        vw.refresh()
        same(vw.memcache.tolist(), told(bpy.data.objects["Own0"], "location"))
        same(Slicer(evaluated(bpy.data.objects["Own0"]))["location"].read().tolist(), vw.memcache.tolist())
        bpy.ops.wm.read_homefile(use_empty=True)
        with refused("SupplierLostError"):
            vw.refresh()
    ob = objects(1)[0]
    same(Slicer(evaluated(ob))["location"].read().tolist(), told(ob, "location"))


def test_lists_of_datablocks_are_read_only():
    """Materials of an evaluated mesh are copies: a write to them is lost with the next evaluation."""
    from rnaslicer import Slicer
    ob = objects(4)[3]
    for i in range(2):
        ob.data.materials.append(bpy.data.materials.new(f"M{i}"))
    bpy.context.view_layer.update()
    ways = ((lambda one: one, ("data", "materials", EVERY, "metallic")), (lambda one: one.data, ("materials", EVERY, "metallic")),
            (lambda one: one.data.materials, (EVERY, "metallic")), (lambda one: one.data.materials, ([0, 1], "metallic")))
    for supplier, items in ways:
        for _ in range(3):  # the trail of the file's own must not do for copies
            with Slicer(supplier(ob))[items] as vw:
                vw.update()
        for _ in range(4):
            with Slicer(supplier(evaluated(ob)))[items] as vw:
                vw.memcache[:] = [0.5, 0.5]
                with refused("ReadOnlyError"):
                    vw.update()
            with refused("ReadOnlyError"):
                Slicer(supplier(evaluated(ob)))[items].write(np.full(2, 0.5, "f"))
        same([material.metallic for material in evaluated(ob).data.materials], [0.0, 0.0])
