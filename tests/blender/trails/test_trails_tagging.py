# tests/blender/trails/test_trails_tagging.py: whether an update leaves a datablock tagged, whatever discovery says
"""Discovery proposes which assignments tag their datablock, so that one that waits for evaluation is not tagged twice.
One without tags tells what is so: a wrong proposal leaves nothing untagged there."""
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, same
from trail_ways import natively, values

PLACES = {"place": (lambda mesh: mesh.vertices, "co"), "flag": (lambda mesh: mesh.vertices, "select"),
          "uv": (lambda mesh: mesh.uv_layers[0].data, "uv"), "smooth": (lambda mesh: mesh.polygons, "use_smooth"),
          "corner": (lambda mesh: mesh.loops, "vertex_index"),
          "attribute": (lambda mesh: mesh.attributes["F"].data, "value")}


class All:
    """A discovery that proposes that every assignment tags, or none."""

    def __init__(self, known, tags):
        self._known, self.tagging = known, self
        self._tags = tags

    def __getattr__(self, name):
        return getattr(self._known, name)

    def __contains__(self, key):
        return self._tags


def forget():
    from rnaslicer import _core
    from rnaslicer.transfer.writing import noticing
    noticing._tagging.clear()
    noticing._unclear.clear()
    _core.forget_trails()


def user():
    mesh = random_mesh(random.Random(11))
    mesh.attributes.new("F", "FLOAT", "POINT")
    ob = bpy.data.objects.new("User", mesh)
    bpy.context.scene.collection.objects.link(ob)
    return mesh


def tags(mesh):
    from rnaslicer.transfer.writing import noticing
    return noticing._tags(mesh)


def test_what_discovery_says():
    """Each place that it says tags a mesh does so when bpy assigns one of its own."""
    from rnaslicer import discovery
    found = discovery.known().tagging
    assert "Mesh MeshVertex.co" in found and "Mesh MeshUVLoop.uv" in found, found
    mesh = user()
    for key, name in (("MeshVertex.co", "place"), ("MeshUVLoop.uv", "uv")):
        bpy.context.view_layer.update()
        assert tags(mesh) == 0
        give, prop = PLACES[name]
        setattr(give(mesh)[0], prop, getattr(give(mesh)[0], prop))
        assert tags(mesh) != 0, key


def test_left_tagged(name):
    """Proposed or not, seen or not: after an update the mesh is tagged, and holds what was written."""
    from rnaslicer import Slicer
    from rnaslicer.transfer.writing import noticing
    give, prop = PLACES[name]
    right = noticing.known_of_build
    try:
        for proposed in (True, False):
            for waits in (True, False):
                all_ = All(right(), proposed)
                noticing.known_of_build = lambda all_=all_: all_
                forget()
                meshes = [user(), user()]
                bpy.context.view_layer.update()
                for mesh in meshes:  # the second one is written along a trail from its first update on
                    if waits:
                        mesh.update_tag()
                    with Slicer(give(mesh))[EVERY, prop] as vw:
                        for turn in range(4):
                            if prop != "vertex_index":
                                np.asarray(vw.memcache)[:] = turn % 2
                            (natively if turn else lambda _, update: update())("update", vw.update)
                            same(values(give(mesh), prop), np.asarray(vw.memcache).tolist())
                            assert tags(mesh) not in (0, None), (name, proposed, waits, turn)
                            if turn:
                                bpy.context.view_layer.update()
                                assert tags(mesh) == 0
    finally:
        noticing.known_of_build = right
        forget()


test_left_tagged.cases = {name: (name,) for name in PLACES}
