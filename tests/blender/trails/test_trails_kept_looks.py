# tests/blender/trails/test_trails_kept_looks.py: the layer of corners that is looked at before Blender computes triangles
"""A mesh that still has it as bpy gave it is not asked again, and what stands in it is looked at each time."""
import bpy

from support import EVERY, refused, same
from trail_ways import counts, known, natively

TRIANGLES = EVERY, "vertices"


def quads(name, count=12):
    """A strip of so many quads."""
    mesh = bpy.data.meshes.new(name)
    build(mesh, count)
    return mesh


def build(mesh, count):
    mesh.from_pydata([(x, y, 0) for x in range(count + 1) for y in (0, 1)], [],
                     [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(count)])
    mesh.calc_loop_triangles()


def triangles(mesh):
    mesh.calc_loop_triangles()
    return [list(one.vertices) for one in mesh.loop_triangles]


def asked(do):
    """How often a layer was looked for by its name."""
    before = counts()["layer"][1]
    do()
    return counts()["layer"][1] - before


def corner(mesh, value):
    """Gives the first corner's index, and what it was."""
    old = mesh.loops[0].vertex_index
    mesh.loops[0].vertex_index = value
    return old


def test_a_layer_that_is_still_there():
    from rnaslicer import Slicer
    mesh = quads("Kept look")
    same(known(mesh.loop_triangles, *TRIANGLES), triangles(mesh))
    with Slicer(mesh.loop_triangles)[TRIANGLES] as vw:
        natively("refresh", vw.refresh)
        assert asked(lambda: natively("refresh", vw.refresh)) == 0
        mesh.attributes.new("More", "FLOAT", "CORNER")
        natively("refresh", vw.refresh)
        mesh.attributes.remove(mesh.attributes["More"])
        natively("refresh", vw.refresh)
        assert asked(lambda: natively("refresh", vw.refresh)) == 0
        same(vw.memcache.tolist(), triangles(mesh))


def test_an_index_that_leads_nowhere_by_now():
    from rnaslicer import Slicer
    mesh = quads("Bad look")
    known(mesh.loop_triangles, *TRIANGLES)
    with Slicer(mesh.loop_triangles)[TRIANGLES] as vw:
        natively("refresh", vw.refresh)
        before = vw.memcache.tolist()
        for bad in (1000, len(mesh.vertices), -1):
            if bad < 0 and bpy.app.version < (4, 0):
                continue  # unsigned there: bpy takes none
            good = corner(mesh, bad)
            with refused("ContextError"):
                vw.refresh()
            same(vw.memcache.tolist(), before)
            corner(mesh, good)
            vw.refresh()
            same(vw.memcache.tolist(), triangles(mesh))


def test_a_mesh_that_is_made_anew():
    """As many of all again: the layer, or its array, lies where the old one lay, or elsewhere."""
    from rnaslicer import Slicer
    mesh = quads("Anew")
    known(mesh.loop_triangles, *TRIANGLES)
    with Slicer(mesh.loop_triangles)[TRIANGLES] as vw:
        for round_ in range(8):
            natively("refresh", vw.refresh)
            mesh.clear_geometry()
            build(mesh, 12)
            good = corner(mesh, 10 ** 6)
            with refused("ContextError"):
                vw.refresh()
            corner(mesh, good)
            vw.refresh()
            same(vw.memcache.tolist(), triangles(mesh))


def test_in_edit_mode():
    from rnaslicer import Slicer
    mesh = quads("Edited")
    ob = bpy.data.objects.new("Edited", mesh)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    known(mesh.loop_triangles, *TRIANGLES)
    with Slicer(mesh.loop_triangles)[TRIANGLES] as vw:
        natively("refresh", vw.refresh)
        expected = vw.memcache.tolist()
        bpy.ops.object.mode_set(mode="EDIT")
        try:
            vw.refresh()
            same(vw.memcache.tolist(), expected)
        finally:
            bpy.ops.object.mode_set(mode="OBJECT")
        mesh.calc_loop_triangles()
        vw.refresh()
        same(vw.memcache.tolist(), triangles(mesh))
