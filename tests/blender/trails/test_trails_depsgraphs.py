# tests/blender/trails/test_trails_depsgraphs.py: what a depsgraph's objects have, by trails
"""Blender evaluates what waits before anything is read. bpy says what is right; native code must have done it."""
import bpy

from counted_calls import REFRESH, counted
from support import EVERY, plain, refused, same
from trail_ways import counts, known, natively, read

TO_CAPTURE = 45  # calls to make and enter


def made(count=9, name="Seen"):
    found = [bpy.data.objects.new(f"{name}{i}", None) for i in range(count)]
    for i, ob in enumerate(found):
        bpy.context.scene.collection.objects.link(ob)
        ob.location, ob.scale = (i, 2 * i, -i), (1, 2, i + 1)
        ob.pass_index, ob.rotation_mode = i, "QUATERNION" if i % 2 else "XYZ"
    bpy.context.view_layer.update()
    return found


def graph():
    return bpy.context.evaluated_depsgraph_get()


FORMS = {"location": "location", "matrices": "matrix_world", "numbers": "pass_index", "enums": "rotation_mode", "flags": "hide_render",
         "computed": "dimensions"}


def of_bpy(prop):
    items = bpy.types.Object.bl_rna.properties[prop].enum_items if prop == "rotation_mode" else None
    return [items[getattr(ob, prop)].value if items else plain(getattr(ob, prop)) for ob in graph().objects]


def test_values(prop):
    from rnaslicer import Slicer
    objects = made()
    known(graph().objects, EVERY, prop)
    with Slicer(graph().objects)[:, prop] as vw:
        same(vw.memcache.tolist(), of_bpy(prop))
        objects[3].location, objects[4].pass_index, objects[5].rotation_mode = (7, 8, 9), 77, "ZYX"
        objects[6].hide_render = True
        # Read at once: what waits is evaluated first.
        natively("refresh", vw.refresh)
        values = vw.memcache.tolist()
        same(values, of_bpy(prop))
        natively("refresh", lambda: vw.refresh(vw.memcache[2:5]))
        with refused("ReadOnlyError"):
            vw.update()
        assert counted(vw.refresh) <= REFRESH
    got, native = read(graph().objects, EVERY, prop)
    assert native
    same(got, of_bpy(prop))


# 3.4 gives no enums of what cannot be written by foreach_get (hazards.FOREACH_LINKED_ENUMS).
test_values.cases = {name: (prop,) for name, prop in FORMS.items() if name != "enums" or bpy.app.version >= (4, 0)}


def test_more_fewer_and_others():
    from rnaslicer import Slicer
    objects = made()
    known(graph().objects, EVERY, "location")
    with Slicer(graph().objects)[:, "location"] as vw:
        before = len(graph().objects)
        bpy.data.objects.remove(objects[2])
        with refused("ShapeChangedError", f"had {before}", f"has {before - 1} now"):
            vw.refresh()
        made(1, "Another")  # as many again, others
        vw.refresh()
        same(vw.memcache.tolist(), of_bpy("location"))
        made(2, "More")
        with refused("ShapeChangedError"):
            vw.refresh()


def test_other_view_layers():
    """Each depsgraph is its own layer's; a layer that is not the context's is evaluated, too; one that goes is lost."""
    from rnaslicer import Slicer
    objects = made()
    known(graph().objects, EVERY, "location")
    scene = bpy.data.scenes.new("Other")
    scene.collection.objects.link(objects[4])
    scene.view_layers[0].update()
    other = scene.view_layers[0].depsgraph
    for _ in range(3):
        with Slicer(other.objects)[:, "location"] as vw:
            objects[4].location = 5, 5, 5
            vw.refresh()
            same(vw.memcache.tolist(), [[5.0, 5.0, 5.0]])
            same(read(graph().objects, EVERY, "location")[0], of_bpy("location"))
            objects[4].location = 6, 6, 6
    with Slicer(other.objects)[:, "location"] as vw:
        bpy.data.scenes.remove(scene)
        with refused("SupplierLostError"):
            vw.refresh()


def test_lists_of_the_file_have_the_same_names():
    """bpy.data.objects and depsgraph.objects are other collections, whichever was learnt first."""
    from rnaslicer import Slicer
    made()
    for _ in range(3):
        same(read(bpy.data.objects, EVERY, "location")[0], [list(ob.location) for ob in bpy.data.objects])
        same(read(graph().objects, EVERY, "location")[0], of_bpy("location"))
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        vw.update()


def test_handlers():
    """One that runs within the evaluation that reading asks for may read as well, after it; before it that is refused."""
    from rnaslicer import ContextError, Slicer
    objects = made()
    known(graph().objects, EVERY, "location")
    told = []

    def after(_scene, depsgraph):
        with Slicer(depsgraph.objects)[:, "location"] as vw:
            told.append(vw.memcache.tolist())

    def before(_scene, *_):
        try:
            read(graph_of.objects, EVERY, "location")
        except ContextError as error:
            told.append(str(error))

    graph_of = graph()
    with Slicer(graph_of.objects)[:, "location"] as vw:
        bpy.app.handlers.depsgraph_update_post.append(after)
        try:
            objects[1].location.x = 99
            vw.refresh()
        finally:
            bpy.app.handlers.depsgraph_update_post.remove(after)
        same(told[-1], of_bpy("location"))
        same(vw.memcache.tolist(), told[-1])
        bpy.app.handlers.depsgraph_update_pre.append(before)
        try:
            objects[1].location.x = 98
            vw.refresh()
        finally:
            bpy.app.handlers.depsgraph_update_pre.remove(before)
        assert "about to be evaluated" in told[-1], told[-1]
        same(vw.memcache.tolist(), of_bpy("location"))
        vw.refresh()


def test_undo():
    from rnaslicer import Slicer
    objects = made()
    known(graph().objects, EVERY, "location")
    wrapper = Slicer(graph().objects)[:, "location"]
    bpy.ops.ed.undo_push(message="before")
    objects[0].location = 9, 9, 9
    bpy.ops.ed.undo_push(message="after")
    with wrapper:
        bpy.ops.ed.undo()
        wrapper.refresh()
        same(wrapper.memcache.tolist(), of_bpy("location"))


def test_counted():
    from rnaslicer import Slicer
    made()

    def one_shot():
        with Slicer(graph().objects)[:, "location"]:
            pass

    known(graph().objects, EVERY, "location")
    before = counts()["enter"][0]
    assert counted(one_shot) <= TO_CAPTURE
    assert counts()["enter"][0] >= before + 2
