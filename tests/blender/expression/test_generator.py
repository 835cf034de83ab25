# tests/blender/expression/test_generator.py: the generator of the 2010 proposal, and caches that outlive a statement
import random

import bpy

from support import random_mesh, same


def updater(name):
    """As the proposal writes it."""
    from rnaslicer import Slicer
    slicer = Slicer(bpy.data.meshes[name].polygons)
    with slicer["normal", :] as vw:
        subcache = yield vw.memcache
        while True:
            vw.refresh(subcache)
            subcache = yield float(sum(subcache.tolist()[0]))
            if subcache is None:
                return


def test_generator():
    mesh = random_mesh(random.Random(1), name="Proposal", layers=False)
    steps = updater("Proposal")
    memcache = next(steps)
    same(memcache.tolist(), [list(p.normal) for p in mesh.polygons], "first yield")
    for first in (0, 3, 20):
        for v in mesh.vertices:
            v.co.z += random.Random(first).random() * v.index
        total = steps.send(memcache[first:first + 2, :])
        same(total, float(sum(mesh.polygons[first].normal)), "sum of the first normal")
        same(memcache.tolist()[first:first + 2], [list(p.normal) for p in mesh.polygons[first:first + 2]], "region")
    try:
        steps.send(None)
    except StopIteration:
        pass
    else:
        raise AssertionError("the generator goes on after None")
    try:
        memcache.tolist()
    except ValueError:
        return
    raise AssertionError("the memcache outlives its context")


def test_generator_closed_early():
    mesh = random_mesh(random.Random(2), name="Proposal", layers=False)
    steps = updater(mesh.name)
    memcache = next(steps)
    steps.close()
    try:
        memcache[0, 0]
    except ValueError:
        return
    raise AssertionError("the memcache outlives its context")
