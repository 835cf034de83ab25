# tests/blender/trails/test_trails_instances.py: a depsgraph's instances, by trails
"""bpy says what is right, one instance after the other; native code must have done it. Blender tells of no instance that
comes or goes: whoever reads them counts them."""
import array

import bpy

from counted_calls import REFRESH, counted
from support import EVERY, plain, refused, same
from test_instances import NAMES, asked, instanced
from trail_ways import counts, known, natively, read

ONE_SHOT = 12


def graph():
    return bpy.context.evaluated_depsgraph_get()


def test_values(name):
    from rnaslicer import Slicer
    _, obs = instanced()
    known(graph().object_instances, EVERY, name)
    wanted = asked(graph(), name)
    with Slicer(graph().object_instances)[:, name] as vw:
        assert vw._view is None, "entered along the trail"
        same(plain(vw.memcache.tolist()), plain(wanted))
        obs[3].location.x, obs[1].scale = 77, (2, 3, 4)
        natively("refresh", vw.refresh)  # what waits is evaluated first
        same(plain(vw.memcache.tolist()), plain(asked(graph(), name)))
        natively("refresh", lambda: vw.refresh(vw.memcache[1:7:2]))
        same(plain(vw.memcache.tolist()), plain(asked(graph(), name)))
        assert counted(vw.refresh) <= REFRESH
        with refused("ReadOnlyError"):
            vw.update()
        same(plain(vw.read().tolist()), plain(asked(graph(), name)))
    for rows in (slice(2, None), slice(None, None, -3), slice(1, 6, 2), slice(-4, None)):
        known(graph().object_instances, rows, name)
        same(plain(read(graph().object_instances, rows, name)[0]), plain(asked(graph(), name)[rows]))


test_values.cases = {name: (name,) for name in NAMES}


def test_parts_types_and_several_at_once():
    from rnaslicer import Slicer
    instanced()
    matrices = [[row[3] for row in matrix[:3]] for matrix in asked(graph(), "matrix_world")]
    known(graph().object_instances, EVERY, "matrix_world", slice(3), 3)
    got, native = read(graph().object_instances, EVERY, "matrix_world", slice(3), 3)
    assert native
    same(got, matrices)
    known(graph().object_instances, EVERY, "matrix_world", dtype="d")
    got, native = read(graph().object_instances, EVERY, "matrix_world", dtype="d")
    assert native
    same(plain(got), plain(asked(graph(), "matrix_world")))
    flags = EVERY, ("is_instance", "show_self")
    known(graph().object_instances, *flags)
    with Slicer(graph().object_instances)[flags] as vw:
        same(vw.memcache.tolist(), [[i.is_instance, i.show_self] for i in graph().object_instances])
        natively("refresh", lambda: vw.refresh(vw.memcache[:, 1:]))
        same(vw.memcache.tolist(), [[i.is_instance, i.show_self] for i in graph().object_instances])
    got, _ = read(graph(), "object_instances", EVERY, "random_id")
    same(got, asked(graph(), "random_id"))
    out = array.array("i", [0]) * len(got)
    Slicer(graph().object_instances)[:, "random_id"].read(out)
    same(list(out), plain(got))


def test_more_and_fewer_between_enters():
    """Fewer by one, more by one, none, many: nothing tells of that but the reading itself."""
    from rnaslicer import Slicer
    layer, obs = instanced(8)
    for name in NAMES:
        known(graph().object_instances, EVERY, name)
    seen = set()
    for hidden in ((3,), (3, 4), (), (1,), (3, 4, 5, 6, 7), (), range(8), (0,), ()):
        for number, ob in enumerate(obs):
            ob.hide_viewport = number in hidden
        for name in NAMES:
            wanted = asked(graph(), name)
            seen.add(len(wanted))
            same(plain(read(graph().object_instances, EVERY, name)[0]), plain(wanted), (name, hidden))
            before = counts()["enter"][0]
            if wanted:
                read(graph().object_instances, EVERY, name)
                assert counts()["enter"][0] > before, (name, hidden)
    assert len(seen) > 4, seen
    with Slicer(graph().object_instances)[:, "random_id"] as vw:
        held, count = vw.memcache.tolist(), len(vw.memcache)
        for hidden in (3, 1):
            obs[hidden].hide_viewport = True
            with refused("ShapeChangedError", f"had {count} instances", f"has {len(graph().object_instances)} now"):
                vw.refresh()
            same(vw.memcache.tolist(), held)
            obs[hidden].hide_viewport = False
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), asked(graph(), "random_id"))


def test_layers_go_and_come():
    from rnaslicer import Slicer
    _, obs = instanced()
    known(graph().object_instances, EVERY, "matrix_world")
    scene = bpy.data.scenes.new("Other")
    scene.collection.objects.link(obs[3])
    scene.view_layers[0].update()
    for _ in range(3):
        other = scene.view_layers[0].depsgraph
        same(plain(read(other.object_instances, EVERY, "matrix_world")[0]), plain(asked(other, "matrix_world")))
        same(plain(read(graph().object_instances, EVERY, "matrix_world")[0]), plain(asked(graph(), "matrix_world")))
    with Slicer(other.object_instances)[:, "matrix_world"] as vw:
        scene.view_layers[0].name = "Renamed"
        with refused("SupplierLostError"):
            vw.refresh()
        scene.view_layers[0].name = "ViewLayer"
        natively("refresh", vw.refresh)
        bpy.data.scenes.remove(scene)
        with refused("SupplierLostError"):
            vw.refresh()
    wrapper = Slicer(graph().object_instances)[:, "matrix_world"]
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with refused("SupplierLostError", "loaded"):
        wrapper.__enter__()
    instanced()
    same(plain(read(graph().object_instances, EVERY, "matrix_world")[0]), plain(asked(graph(), "matrix_world")))


def test_handlers():
    """After an evaluation they read, before one they are refused."""
    from rnaslicer import ContextError, Slicer
    _, obs = instanced()
    known(graph().object_instances, EVERY, "matrix_world")
    told, held = [], graph()

    def after(_scene, depsgraph):
        told.append((read(depsgraph.object_instances, EVERY, "matrix_world")[0], asked(depsgraph, "matrix_world")))

    def before(*_):
        try:
            read(held.object_instances, EVERY, "matrix_world")
        except ContextError as error:
            told.append(str(error))

    with Slicer(held.object_instances)[:, "matrix_world"] as vw:
        for handlers, function in ((bpy.app.handlers.depsgraph_update_post, after),
                                   (bpy.app.handlers.depsgraph_update_pre, before)):
            handlers.append(function)
            try:
                obs[1].location.x += 9
                vw.refresh()
            finally:
                handlers.remove(function)
            same(plain(vw.memcache.tolist()), plain(asked(graph(), "matrix_world")))
        assert "about to be evaluated" in told[-1], told[-1]
        same(plain(told[0][0]), plain(told[0][1]))


def test_undo():
    from rnaslicer import Slicer
    _, obs = instanced()
    known(graph().object_instances, EVERY, "matrix_world")
    bpy.ops.ed.undo_push(message="before")
    obs[0].location = 9, 9, 9
    bpy.ops.ed.undo_push(message="after")
    with Slicer(graph().object_instances)[:, "matrix_world"] as vw:
        bpy.ops.ed.undo()
        vw.refresh()
        same(plain(vw.memcache.tolist()), plain(asked(graph(), "matrix_world")))


def test_counted():
    from rnaslicer import Slicer
    instanced()

    def one_shot():
        with Slicer(graph().object_instances)[:, "matrix_world"]:
            pass

    known(graph().object_instances, EVERY, "matrix_world")
    assert counted(one_shot) <= ONE_SHOT
    with Slicer(graph().object_instances)[:, "matrix_world"] as vw:
        assert vw.kernel.route == "foreach"
