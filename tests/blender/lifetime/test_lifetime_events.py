# tests/blender/lifetime/test_lifetime_events.py: what wrappers are told, when, and what it costs while nothing happens
import random
import time

import bpy

from support import fill_memcache, random_mesh, refused, same


def mesh(name="Random", seed=1):
    made = random_mesh(random.Random(seed), 6, 5, name=name, layers=False)
    made.use_fake_user = True
    return made


def entered(supplier, told):
    """A wrapper on vertex positions whose losses are counted."""
    from rnaslicer import Slicer
    vw = Slicer(supplier.vertices)[:, "co"]
    vw.on_lost.append(told.append)
    return vw


def evaluate():
    bpy.context.scene.update_tag()
    bpy.context.view_layer.update()


def today():
    return time.strftime("%H:%M")


def test_told_at_the_next_evaluation():
    told = []
    m = mesh()
    with entered(m, told) as vw:
        evaluate()
        assert told == []
        bpy.data.meshes.remove(m)
        assert told == [], "Blender tells of no deletion"
        assert not vw.alive and told == [], "alive asks, it does not call"
        evaluate()
        assert told == [vw]
        evaluate()
        bpy.context.scene.frame_set(3)
        assert told == [vw], "once"
        with refused("SupplierLostError", "Random", "removed", today()):
            vw.refresh()
        assert told == [vw]


def test_told_at_the_next_frame():
    told = []
    m = mesh()
    with entered(m, told) as vw:
        bpy.data.meshes.remove(m)
        bpy.context.scene.frame_set(3)
        assert told == [vw]


def test_told_at_the_next_touch():
    told = []
    m = mesh()
    with entered(m, told) as vw:
        bpy.data.meshes.remove(m)
        with refused("SupplierLostError"):
            vw.update()
        assert told == [vw]


def test_not_told_after_leaving():
    told = []
    m = mesh()
    with entered(m, told):
        pass
    bpy.data.meshes.remove(m)
    evaluate()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert told == []


def test_told_again_after_each_return():
    """Once per loss: undo brings the mesh back, redo takes it away again."""
    told = []
    m = mesh()
    bpy.ops.ed.undo_push(message="made")
    with entered(m, told) as vw:
        before = vw.memcache.tolist()
        bpy.data.meshes.remove(m)
        bpy.ops.ed.undo_push(message="removed")
        evaluate()
        assert told == [vw]
        bpy.ops.ed.undo()
        assert vw.alive and told == [vw]
        fill_memcache(vw.memcache, [0.0] * 126)
        vw.refresh()
        same(vw.memcache.tolist(), before)
        bpy.ops.ed.redo()
        assert told == [vw] * 2, "told by the redo's own handler"
        assert not vw.alive
        with refused("SupplierLostError", "redo", today()):
            vw.refresh()
        bpy.ops.ed.undo()
        vw.update()
        bpy.ops.ed.redo()
        assert told == [vw] * 3


def test_undone_creation():
    told = []
    bpy.ops.ed.undo_push(message="nothing")
    m = mesh()
    bpy.ops.ed.undo_push(message="made")
    with entered(m, told) as vw:
        before = vw.memcache.tolist()
        bpy.ops.ed.undo()
        assert told == [vw]
        mesh()  # one of the same name is another
        with refused("SupplierLostError", "undo", today()):
            vw.refresh()
    told.clear()
    bpy.data.meshes.remove(bpy.data.meshes["Random"])
    bpy.ops.ed.undo_push(message="nothing again")
    m = mesh()
    bpy.ops.ed.undo_push(message="made")
    with entered(m, told) as vw:
        bpy.ops.ed.undo()
        assert told == [vw] and not vw.alive
        bpy.ops.ed.redo()
        vw.refresh()
        same(vw.memcache.tolist(), before)


def test_removal_before_an_undo_is_not_blamed_on_it():
    m, other = mesh(), mesh("Other")
    bpy.ops.ed.undo_push(message="made")
    other.vertices[0].co.x = 3
    bpy.ops.ed.undo_push(message="changed")
    m = bpy.data.meshes["Random"]
    with entered(m, []) as vw:
        bpy.data.meshes.remove(m)
        bpy.ops.ed.undo_push(message="removed")
        bpy.data.meshes["Other"].vertices[0].co.x = 4
        bpy.ops.ed.undo_push(message="changed again")
        bpy.ops.ed.undo()
        with refused("SupplierLostError", "it was removed"):
            vw.refresh()


def test_file_load_tells_which():
    told = []
    m = mesh()
    with entered(m, told) as vw:
        held = vw.memcache.tolist()
        part = vw.memcache[2:4, 0]
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        assert told == [vw] and not vw.alive
        mesh()
        with refused("SupplierLostError", "another file was loaded", today()):
            vw.update()
        same(vw.memcache.tolist(), held, "the cache is the user's")
        same(part.tolist(), [row[0] for row in held[2:4]])
        vw.memcache[0, 0] = 5.0
    assert told == [vw]


def test_load_of_a_saved_file():
    """The same datablock of the same file is another after a load."""
    import os
    import tempfile
    m = mesh()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "saved.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        with entered(bpy.data.meshes["Random"], []) as vw:
            bpy.ops.wm.open_mainfile(filepath=path)
            assert "Random" in bpy.data.meshes
            with refused("SupplierLostError", "saved.blend"):
                vw.refresh()
    assert m


def test_factory_settings():
    import rnaslicer
    told = []
    m = mesh()
    with entered(m, told) as vw:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        assert told == [vw]
        rnaslicer.events.resume()  # where it came with the add-on: that is off now, and heard of no load
        with refused("SupplierLostError", "gone"):
            vw.refresh()
    bpy.ops.wm.read_userpref()  # the add-on is on again


def test_paths_that_break_while_the_datablock_lives():
    from rnaslicer import Slicer
    told = []
    m = mesh()
    bpy.ops.ed.undo_push(message="without")
    m = bpy.data.meshes["Random"]
    m.attributes.new("layer", "FLOAT", "POINT")
    bpy.ops.ed.undo_push(message="with")
    vw = Slicer(bpy.data.meshes["Random"].attributes["layer"].data)[:, "value"]
    vw.on_lost.append(told.append)
    with vw:
        bpy.ops.ed.undo()
        assert told == [vw], "looked at after an undo"
        with refused("SupplierLostError", "layer", "undo", today()):
            vw.refresh()
        bpy.ops.ed.redo()
        vw.refresh()
        m = bpy.data.meshes["Random"]
        m.attributes.remove(m.attributes["layer"])
        assert not vw.alive
        with refused("SupplierLostError", "layer", "removed or renamed", today()):
            vw.refresh()
        assert told == [vw] * 2
        m.attributes.new("layer", "FLOAT", "POINT")
        vw.refresh()
        m.attributes.remove(m.attributes["layer"])
        with refused("SupplierLostError"):
            vw.supplier
        assert told == [vw] * 3, "a refresh worked in between: another loss"


def test_a_callback_that_fails_or_leaves():
    from rnaslicer import Slicer
    told = []
    m = mesh()
    vw, other = Slicer(m.vertices)[:, "co"], Slicer(m.vertices)[:, "co", 0]

    def fails(wrapper):
        told.append("fails")
        raise ValueError("a script's mistake, printed by this test")

    vw.on_lost += [fails, lambda w: told.append("leaves"), lambda w: w.__exit__(None, None, None)]
    other.on_lost.append(lambda w: told.append("other"))
    with other:
        vw.__enter__()
        bpy.data.meshes.remove(m)
        evaluate()
        assert sorted(told) == ["fails", "leaves", "other"], told
        with refused("ContextError", "not entered"):
            vw.refresh()


def test_cleared_handlers_come_back():
    """A script that empties Blender's lists costs news until the next enter, nothing else."""
    told = []
    m = mesh()
    with entered(m, told) as vw:
        bpy.app.handlers.depsgraph_update_post.clear()
        bpy.data.meshes.remove(m)
        evaluate()
        assert told == [] and not vw.alive
        with entered(mesh("Other"), []):
            evaluate()
        assert told == [vw]


def test_many_wrappers_ask_each_datablock_once():
    """An evaluation asks 10 IDs, not 1000 wrappers."""
    from rnaslicer import Slicer
    from rnaslicer.supplier import events, identity
    meshes = [mesh(f"Mesh{i}", i) for i in range(10)]
    told = []
    wrappers = [Slicer(m.vertices)[i, "co"] for m in meshes for i in range(42)]
    asked = {"roots": 0, "wrappers": 0}
    is_there, notice = identity.IDRoot.is_there, type(wrappers[0])._notice

    def counted_root(self):
        asked["roots"] += 1
        return is_there(self)

    def counted_wrapper(self):
        asked["wrappers"] += 1
        return notice(self)

    for vw in wrappers:
        vw.on_lost.append(told.append)
        vw.__enter__()
    try:
        identity.IDRoot.is_there, type(wrappers[0])._notice = counted_root, counted_wrapper
        events._on_evaluation()
        assert asked == {"roots": 10, "wrappers": 0}, asked
        bpy.data.meshes.remove(meshes[4])
        events._on_evaluation()
        assert asked == {"roots": 20, "wrappers": 42} and len(told) == 42, asked
        events._on_evaluation()
        assert asked == {"roots": 30, "wrappers": 42}, asked
    finally:
        identity.IDRoot.is_there, type(wrappers[0])._notice = is_there, notice
        for vw in wrappers:
            vw.__exit__(None, None, None)
    assert not events._watched


def test_dropped_wrappers_are_forgotten():
    import gc
    from rnaslicer.supplier import events
    m = mesh()
    vw = entered(m, [])
    vw.__enter__()
    assert events._watched
    del vw
    gc.collect()
    evaluate()
    assert not events._watched


def test_two_wrappers_on_the_same_data():
    """The later update wins; a refresh shows it."""
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co"] as one, Slicer(m)["vertices", :, "co"] as other:
        fill_memcache(one.memcache, [1.0] * 126)
        fill_memcache(other.memcache, [2.0] * 126)
        one.update()
        other.update()
        one.refresh()
        same(one.memcache.tolist(), other.memcache.tolist())
        one.memcache[0, 0] = 3.0
        one.update(one.memcache[0:1])
        other.refresh()
        same(other.memcache.tolist()[0], [3.0, 2.0, 2.0])
        bpy.data.meshes.remove(m)
        for vw in (one, other):
            with refused("SupplierLostError"):
                vw.refresh()
