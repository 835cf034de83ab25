# tests/blender/trails/test_trails_telling.py: attributes whose names tell what an update asks, among others
"""A list's key has no names of layers. What is written to topology is compared with lengths, a position moves bounds: a trail
that was made for other attributes knows nothing of that."""
import random
import unittest

import bpy
import numpy as np

from support import EVERY, random_mesh, refused
from unproven import undiscovered


def meshes():
    """Attributes of numbers for each corner, and of vectors for each vertex, that are nothing to Blender."""
    mesh = random_mesh(random.Random(7), 5, 4)
    for name in "AB":
        mesh.attributes.new(name, "INT", "CORNER")
        mesh.attributes.new(f"V{name}", "FLOAT_VECTOR", "POINT")
    if ".corner_vert" not in mesh.attributes:
        raise unittest.SkipTest("topology is in no attribute here")
    return mesh


def forms(mesh):
    """Form -> what makes a wrapper of the attributes that have these names."""
    from rnaslicer import Slicer
    return {"keys": lambda names, field: Slicer(mesh.attributes)[list(names), "data", EVERY, field],
            "of the mesh": lambda names, field: Slicer(mesh)["attributes", list(names), "data", EVERY, field],
            "list": lambda names, field: Slicer([mesh.attributes[name] for name in names])[:, "data", EVERY, field],
            "behind": lambda names, field: Slicer([bpy.data.objects["Of it"]])[
                :, "data", "attributes", list(names), "data", EVERY, field]}


def each_form(test):
    for known in (True, False):
        for form in ("keys", "of the mesh", "list", "behind"):
            if known:
                run(test, form)
            else:
                with undiscovered():
                    run(test, form)


def run(test, form):
    mesh = meshes()
    ob = bpy.data.objects.get("Of it") or bpy.data.objects.new("Of it", mesh)
    ob.data = mesh
    if ob.name not in bpy.context.scene.collection.objects:
        bpy.context.scene.collection.objects.link(ob)
    test(mesh, ob, forms(mesh)[form], form)


def test_topology():
    """A number that leads nowhere would crash Blender at its next evaluation."""
    def topology(mesh, _, made, form):
        def now():
            return [[one.value for one in mesh.attributes[name].data] for name in (".corner_vert", ".corner_edge")]

        was = now()
        for _ in range(3):
            with made("AB", "value") as vw:
                vw.update()
        for names in (("A", ".corner_vert"), (".corner_vert", "A"), (".corner_edge", ".corner_vert"),
                      (".corner_vert", ".corner_edge")):
            for beyond in (len(mesh.edges), -1):
                with made(names, "value") as vw:
                    np.asarray(vw.memcache)[..., names.index(".corner_vert"), 3] = beyond
                    with refused("ValueRangeError"):
                        vw.update()
                assert now() == was, (form, names)
            with made(names, "value") as vw:
                vw.update()
            assert now() == was, (form, names)

    each_form(topology)


def test_position():
    """Bounds follow a position that is written among other vectors."""
    def moved(mesh, ob, made, form):
        for _ in range(3):
            with made(("VA", "VB"), "vector") as vw:
                vw.update()
        for names in (("VA", "position"), ("position", "VA")):
            for step in range(2):
                bpy.context.view_layer.update()
                list(ob.bound_box)
                with made(names, "vector") as vw:
                    np.asarray(vw.memcache)[..., names.index("position"), :, :] += 1, 2, 3 + step
                    vw.update()
                bpy.context.view_layer.update()
                least = np.min([tuple(one.co) for one in mesh.vertices], axis=0)
                assert np.allclose(np.min([tuple(corner) for corner in ob.bound_box], axis=0), least), (form, names)

    each_form(moved)


def test_position_of_one_vertex():
    """One element of each of several attributes; bounds stayed as they were (4.3)."""
    def moved(mesh, ob, made, form):
        for _ in range(3):
            with made(("VA", "VB"), "vector") as vw:
                vw.update()
        from rnaslicer import Slicer
        layers = mesh.attributes
        wrappers = (lambda names: Slicer([layers[name] for name in names])[:, "data", 1, "vector"],
                    lambda names: Slicer(layers)[list(names), "data", 1, "vector"],
                    lambda names: Slicer([layers[name] for name in names])[[-1, 0, -1], "data", -1, "vector"])
        for make in wrappers:
            for step, names in enumerate((("VA", "position"), ("position", "VA"), ("VA", "VB"), ("VB", "position")) * 2):
                bpy.context.view_layer.update()
                list(ob.bound_box)
                with make(names) as vw:
                    np.asarray(vw.memcache)[...] = -50 - 3 * step
                    vw.update()
                bpy.context.view_layer.update()
                least = np.min([tuple(one.co) for one in mesh.vertices], axis=0)
                assert np.allclose(np.min([tuple(corner) for corner in ob.bound_box], axis=0), least), (form, names)

    each_form(moved)
