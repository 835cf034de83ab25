# tests/blender/trails/test_trails_two_names.py: seams, whose layer is missing and has another name in other Blenders
import unittest

import bpy
import numpy as np

from counted_calls import ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, VERSION

NAMES = "uv_seam", ".uv_seam"
SEAM = EVERY, "use_seam"
CHANGES = "none", *NAMES, "another type", "by bpy"


def strip(count=8):
    mesh = bpy.data.meshes.new("Strip")
    mesh.from_pydata([(i, 0, 0) for i in range(count)], [(i, i + 1) for i in range(count - 1)], [])
    return mesh


def one_shot(mesh):
    from rnaslicer import Slicer
    with Slicer(mesh.edges)[SEAM] as vw:
        return np.array(vw.memcache).tolist()


def learnt():
    """A trail of what has no such layer."""
    one_shot(strip())
    one_shot(strip())


def changed(mesh, change):
    if change in NAMES:
        mesh.attributes.new(change, "BOOLEAN", "EDGE").data.foreach_set("value", [i % 2 for i in range(len(mesh.edges))])
    elif change == "another type":
        for name in NAMES:
            mesh.attributes.new(name, "FLOAT", "POINT").data.foreach_set("value", [1.0] * len(mesh.vertices))
    elif change == "by bpy":
        mesh.edges[2].use_seam = True
    mesh.update()


def bpys(mesh):
    return [one.use_seam for one in mesh.edges]


@unittest.skipIf(VERSION < (4, 0), "seams are flags of the edges here")
def test_read(change):
    """The layer comes once the trail is known, on another mesh and on one that is entered."""
    from rnaslicer import Slicer
    learnt()
    mesh = strip()
    changed(mesh, change)
    assert one_shot(mesh) == bpys(mesh)
    mesh = strip()
    with Slicer(mesh.edges)[SEAM] as vw:
        changed(mesh, change)
        vw.refresh()
        assert np.array(vw.memcache).tolist() == bpys(mesh)


@unittest.skipIf(VERSION < (4, 0), "seams are flags of the edges here")
def test_written(change):
    from rnaslicer import Slicer
    learnt()
    for entered_before in (False, True):
        mesh = strip()
        if not entered_before:
            changed(mesh, change)
        if change == "another type" and VERSION >= (5, 0):
            continue  # bpy itself cannot make the layer then
        with Slicer(mesh.edges)[SEAM] as vw:
            if entered_before:
                changed(mesh, change)
                vw.refresh()
            np.asarray(vw.memcache)[1::2] = True
            np.asarray(vw.memcache)[::2] = False
            vw.update()
        assert bpys(mesh) == [bool(i % 2) for i in range(len(mesh.edges))]
        assert one_shot(mesh) == bpys(mesh)


test_read.cases = {change: (change,) for change in CHANGES}
test_written.cases = {change: (change,) for change in CHANGES}


@unittest.skipIf(VERSION < (4, 0), "seams are flags of the edges here")
def test_counted():
    from rnaslicer import Slicer
    mesh = strip()

    def entered():
        with Slicer(mesh.edges)[SEAM]:
            pass

    assert counted(entered) <= ONE_SHOT
    with Slicer(mesh.edges)[SEAM] as vw:
        assert counted(vw.refresh) <= REFRESH and counted(vw.update) <= UPDATE
