# tests/blender/transfer/test_memory.py: contexts leave nothing behind, and mathutils takes what they hold
import gc
import random
import time

import bpy
import mathutils

from support import EVERY, random_mesh, random_objects, same


def resident():
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def test_memory_stays_flat():
    """100 000 contexts; fewer only where they would use over a minute of the processor."""
    from rnaslicer import Slicer, _core
    mesh = random_mesh(random.Random(1), layers=False)
    wrapper = Slicer(mesh.vertices)[:, "co", :]

    def contexts(count, until):
        for done in range(count):
            with wrapper:
                pass
            if time.process_time() > until:
                return done
        return count

    contexts(5000, float("inf"))
    gc.collect()
    live, before = _core.live(), resident()
    assert contexts(100_000, time.process_time() + 60) > 5000
    gc.collect()
    assert resident() - before < 2 << 20, f"grew by {resident() - before} bytes"
    after = _core.live()
    for counter in ("objects", "leases", "bytes", "trails", "runs", "segments"):
        assert after[counter] == live[counter], (counter, live, after)


def test_trails_and_what_follows_them_end():
    """Runs and segments with their context, however many collections it has; trails that are forgotten when they are
    learnt anew."""
    from rnaslicer import Slicer, _core
    rng = random.Random(4)
    mesh = random_mesh(rng, layers=False)
    objects = random_objects(rng, mesh, 7)
    gc.collect()
    start = _core.live()

    def wrappers():
        yield Slicer(mesh.vertices)[:, "co", :]
        yield Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co"]
        yield Slicer(mesh.vertices, transform=[[2, 0, 0, 1], [0, 1, 0, 2], [0, 0, 1, 3]])[:, "co"]
        yield Slicer(objects)[:, "location"]
        yield Slicer(objects)[:, "data", "vertices", :, "co"]
        yield Slicer(objects, ragged="pad")[:, "data", "vertices", :, "co"]
        yield Slicer(objects, transform="WORLD")[:, "data", "vertices", :, "co"]
        yield Slicer(mesh.polygons, ragged="flat")[:, "vertices"]

    trails = []
    for _ in range(6):
        for _ in range(3):
            for vw in wrappers():
                with vw:
                    vw.refresh()
                    vw.update()
                vw.write(vw.read())
            with Slicer(objects)[:, "data", "vertices", :, "co"] as vw:
                vw.refresh()
                assert _core.live()["runs"] == start["runs"] + 1, _core.live()
                assert _core.live()["segments"] >= start["segments"], _core.live()
        del vw
        gc.collect()
        after = _core.live()
        for counter in ("objects", "leases", "bytes", "runs", "segments"):
            assert after[counter] == start[counter], (counter, start, after)
        trails.append(after["trails"])
        _core.forget_trails()
    # Those that were known at the start are forgotten with the first ones.
    assert start["trails"] < trails[0] and len(set(trails[1:])) == 1, (start, trails)


def test_cycles_are_collected():
    """A wrapper, its MemCache and a callback that knows both."""
    from rnaslicer import Slicer, _core
    mesh = random_mesh(random.Random(2), layers=False)
    gc.collect()
    before = _core.live()["objects"]
    for _ in range(10):
        wrapper = Slicer(mesh.vertices)[:, "co", :]
        wrapper.__enter__()
        view = wrapper.memcache[1:3]
        wrapper.on_lost.append(lambda _, view=view: view)
        del wrapper, view  # never left: only the collector can end it
    gc.collect()
    assert _core.live()["objects"] == before, _core.live()


def test_mathutils_takes_memcaches():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(3), layers=False)
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        same(list(mathutils.Vector(vw.memcache[3])), list(mesh.vertices[3].co))
        vw.memcache[4] = mathutils.Vector((1, 2, 3))
        vw.update(vw.memcache[4:5])
    same(list(mesh.vertices[4].co), [1.0, 2.0, 3.0])


def test_renamed_objects_change_places():
    """bpy.data.objects is sorted by name: the rows of an update would reach other objects."""
    from rnaslicer import ShapeChangedError, Slicer
    objects = [bpy.data.objects.new(name, None) for name in "abc"]
    with Slicer(bpy.data.objects)[EVERY, "location", :] as vw:
        vw.memcache[0, 0] = 5.0
        objects[0].name = "z"
        try:
            vw.update()
        except ShapeChangedError as error:
            assert "places" in str(error)
        else:
            raise AssertionError("written to other objects")
    assert all(tuple(o.location) == (0, 0, 0) for o in objects)
