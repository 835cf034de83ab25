# tests/blender/expression/test_depsgraphs_evaluated.py: a depsgraph is read after what waits for evaluation
"""Where an object was removed its depsgraph leads to freed memory until then. `asked` is bpy, after an evaluation."""
import threading

import bpy

from support import EVERY, refused, same
from test_instances import asked, instanced, read


def remove_some():
    """And has their memory used again."""
    for ob in list(bpy.data.objects)[3::2]:
        bpy.data.objects.remove(ob)
    for i in range(200):
        bpy.data.texts.new("junk").write("junk" * i)


def test_after_objects_were_removed():
    """Until Blender evaluates, its depsgraph leads to the memory of removed objects: bpy's own iteration reads it."""
    from rnaslicer import Slicer
    layer, _ = instanced(40)
    with Slicer(layer.depsgraph.object_instances)[:, "matrix_world"] as places, Slicer(layer.depsgraph.objects)[
            :, "matrix_world"] as objects:
        count = len(places.memcache)
        assert len(objects.memcache) == len(bpy.context.scene.objects)
        remove_some()
        with refused("ShapeChangedError", f"had {count} instances"):
            places.refresh()
        with refused("ShapeChangedError"):
            objects.refresh()
    for ob in list(bpy.data.objects)[3::3]:
        bpy.data.objects.remove(ob)
    found = read(layer.depsgraph.object_instances, (EVERY, "matrix_world"))
    same(found, asked(layer.depsgraph, "matrix_world"))
    for ob in list(bpy.data.objects)[3::3]:
        bpy.data.objects.remove(ob)
    found = read(layer, ("depsgraph", "object_instances", EVERY, "matrix_world"))
    same(found, asked(layer.depsgraph, "matrix_world"))


def test_lists_of_an_evaluated_scene(objects):
    """They lead to the memory of removed objects as well: what waits is evaluated first."""
    from rnaslicer import Slicer
    layer, _ = instanced(40)
    hidden = bpy.data.objects.new("Hidden", None)  # not in the depsgraph: the lists have the original
    layer.active_layer_collection.collection.objects.link(hidden)
    hidden.hide_viewport = True
    graph = bpy.context.evaluated_depsgraph_get()
    with Slicer(objects(graph))[:, "location"] as vw:
        count = len(vw.memcache)
        bpy.data.objects.remove(hidden)
        remove_some()
        with refused("ShapeChangedError", f"had {count} elements"):
            vw.refresh()
    now = objects(bpy.context.evaluated_depsgraph_get())
    with Slicer(now)[:, "location"] as vw:
        same(vw.memcache.tolist(), [tuple(ob.location) for ob in now])
        bpy.data.objects[0].location.x = 77
        vw.refresh()
        now = objects(bpy.context.evaluated_depsgraph_get())
        same(vw.memcache.tolist(), [tuple(ob.location) for ob in now])


test_lists_of_an_evaluated_scene.cases = {
    "scene": (lambda graph: graph.scene_eval.objects,), "layer": (lambda graph: graph.view_layer_eval.objects,)}


def test_an_evaluated_collection_that_nothing_leads_back_to():
    from rnaslicer import Slicer
    layer, _ = instanced(9)
    evaluated = layer.active_layer_collection.collection.evaluated_get(bpy.context.evaluated_depsgraph_get())
    with Slicer(evaluated.objects)[:, "location"] as vw:
        vw.refresh()
        bpy.data.objects.remove(bpy.data.objects[0])
        with refused("SupplierLostError", "until Blender next evaluates"):
            vw.refresh()


def test_other_layers_are_evaluated_before_they_are_read():
    from rnaslicer import Slicer
    layer, _ = instanced(20)
    other = bpy.context.scene.view_layers.new("Other")
    other.update()
    with Slicer(other)["depsgraph", "object_instances", :, "matrix_world"] as vw:
        for ob in list(bpy.data.objects)[3::2]:
            bpy.data.objects.remove(ob)
        with refused("ShapeChangedError", "instances"):
            vw.refresh()
    with Slicer(other)["depsgraph", "object_instances", :, "matrix_world"] as vw:
        same(vw.memcache.tolist(), asked(other.depsgraph, "matrix_world"))
        assert bpy.context.view_layer == layer


def test_handlers_before_and_after_an_evaluation():
    """Reading evaluates, which runs these handlers again: the one before it is refused, the one after it reads."""
    from rnaslicer import ContextError, Slicer
    layer, obs = instanced()
    said = []
    with Slicer(layer.depsgraph.object_instances)[:, "matrix_world"] as vw:
        def read_now(*_):
            try:
                vw.refresh()
                said.append(vw.memcache.tolist()[0][0][3])
            except ContextError as error:
                said.append(str(error))

        for handlers, wanted in ((bpy.app.handlers.depsgraph_update_pre, 1), (bpy.app.handlers.depsgraph_update_post, 0)):
            del said[:]
            handlers.append(read_now)
            try:
                for x in (3.0, 4.0):
                    obs[0].location.x = x
                    layer.update()
            finally:
                handlers.remove(read_now)
            refusals = [one for one in said if isinstance(one, str)]
            assert all("depsgraph_update_post" in one for one in refusals) and bool(refusals) == bool(wanted), said
            assert len(said) > len(refusals), said


def test_news_evaluate_nothing():
    """Each event asks whether the depsgraph is there: in a handler before an undo nothing may be evaluated."""
    from rnaslicer import Slicer, events
    layer, obs = instanced(20)
    seen = obs[0].evaluated_get(layer.depsgraph).location.x
    with Slicer(layer.depsgraph.object_instances)[:, "matrix_world"] as vw:
        obs[0].location.x = 7.0
        bpy.data.objects.remove(obs[3])
        events._look(True)
        assert vw.alive and obs[0].evaluated_get(layer.depsgraph).location.x == seen
        with refused("ShapeChangedError"):
            vw.refresh()
        assert obs[0].evaluated_get(layer.depsgraph).location.x == 7.0


def test_no_evaluation_on_another_thread():
    from rnaslicer import ContextError, Slicer
    layer, obs = instanced()
    graph, said = layer.depsgraph, []
    vw = Slicer(graph.object_instances)[:, "matrix_world"]
    obs[0].location.x = 5.0

    def ask():
        for use in (lambda: Slicer(graph.object_instances), lambda: vw.supplier, lambda: vw.shape):
            try:
                use()
            except ContextError as error:
                said.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(said) == 3 and all("main thread" in one for one in said), said
    assert obs[0].evaluated_get(graph).location.x != 5.0


def test_a_handler_after_an_evaluation_of_ours():
    """It reads as it does after Blender's own; one that changes data each time is refused before it goes round for ever."""
    from rnaslicer import ContextError, Slicer
    layer, obs = instanced()
    said = []

    def heard(*_):
        try:
            with Slicer(layer.depsgraph)["object_instances", :, "matrix_world"] as one:
                said.append(len(one.memcache))
        except ContextError as error:
            said.append(str(error))

    def changing(*_):
        obs[1].location.x += 1
        heard()

    with Slicer(layer.depsgraph.object_instances)[:, "matrix_world"] as vw:
        for handler in (heard, changing):
            del said[:]
            bpy.app.handlers.depsgraph_update_post.append(handler)
            try:
                obs[0].location.x += 1
                vw.refresh()
            finally:
                bpy.app.handlers.depsgraph_update_post.remove(handler)
            assert said[-1] == len(vw.memcache), said
            assert (handler is changing) == any(isinstance(one, str) and "again and again" in one for one in said), said
