# bench/scenes/headline.py: the figures of the README: a million positions against both bulk calls of bpy, and fixed costs
import bpy
import numpy as np
from rnaslicer import Slicer

from measure import Memcpy, alternate

EVERY = slice(None)


def measure(small):
    """{'read': …, 'write': …, 'costs': …}, each {way: times}."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    mesh = bpy.data.meshes.new("Million")
    mesh.vertices.add(1000 if small else 1_000_000)
    co = np.random.default_rng(1).random((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_set("co", co.ravel())
    mesh.update()
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        vw.memcache[:] = co
        reads = {"slicer": vw.refresh, "vertices": lambda: mesh.vertices.foreach_get("co", co.ravel()),
                 "memcpy": Memcpy(co.nbytes)}
        writes = {"slicer": vw.update, "vertices": lambda: mesh.vertices.foreach_set("co", co.ravel())}
        if "position" in mesh.attributes:
            reads["attribute"] = lambda: mesh.attributes["position"].data.foreach_get("vector", co.ravel())
            writes["attribute"] = lambda: mesh.attributes["position"].data.foreach_set("vector", co.ravel())
        found = {"read": alternate(reads, 60, 3.0), "write": alternate(writes, 40, 4.0)}
    found["costs"] = costs()
    return {name: {way: times.as_json() for way, times in ways.items()} for name, ways in found.items()}


def costs():
    """What a transfer of eight vertices costs, where nothing but the fixed part is left."""
    mesh = bpy.data.meshes.new("Eight")
    mesh.from_pydata([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], [], [])
    objects = [bpy.data.objects.new("Empty", None) for _ in range(100)]
    buffer = np.empty(24, np.float32)

    def enter():
        with Slicer(mesh.vertices)[:, "co", :]:
            pass

    def enter_list():
        with Slicer(objects)[:, "location", :]:
            pass

    with Slicer(mesh.vertices)[:, "co", :] as vw:
        many = {"enter": enter, "refresh": vw.refresh, "update": vw.update,
                "foreach_get": lambda: mesh.vertices.foreach_get("co", buffer),
                "loop": lambda: [tuple(vertex.co) for vertex in mesh.vertices]}
        times = alternate({name: _repeated(way) for name, way in many.items()}, 60, 1.5)
    for name in many:
        times[name] = times[name].scaled(1 / REPEATS)
    times.update(alternate({"enter 100 objects": enter_list}, 30, 1.0))
    return times


REPEATS = 20


def _repeated(way):
    def repeated():
        for _ in range(REPEATS):
            way()
    return repeated
