# tests/blender/trails/test_trails_behind.py: trails past an index, and to what Blender computes from geometry
"""What an export reads of thousands of meshes. bpy says what is right, `natively` who did it."""
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, refused, same
from trail_ways import counts, known, natively, read


def objects(count=6):
    made = []
    for i in range(count):
        mesh = random_mesh(random.Random(i), 3 + i % 3, 4, layers=False)
        made.append(bpy.data.objects.new(f"O{i}", mesh))
        bpy.context.scene.collection.objects.link(made[-1])
        if hasattr(mesh, "calc_loop_triangles"):
            mesh.calc_loop_triangles()
    bpy.context.view_layer.update()
    return made


UV = EVERY, "data", "uv_layers", 0, "data", EVERY, "uv"
COMPUTED = ((("vertices", EVERY, "normal"), lambda mesh: [list(v.normal) for v in mesh.vertices]),
            (("loop_triangles", EVERY, "vertices"), lambda mesh: [list(t.vertices) for t in mesh.loop_triangles]))


def test_past_an_index():
    from rnaslicer import Slicer
    made = objects()
    known(made, *UV, ragged="flat")
    for some in (made, made[::-1]):
        got, native = read(some, *UV, ragged="flat")
        assert native
        same(got, [list(uv.uv) for ob in some for uv in ob.data.uv_layers[0].data])
    with Slicer(made, ragged="flat")[UV] as vw:
        np.asarray(vw.memcache)[...] = 0.25
        natively("update", vw.update)
        assert all(tuple(uv.uv) == (0.25, 0.25) for ob in made for uv in ob.data.uv_layers[0].data)
        natively("refresh", vw.refresh)


def test_past_an_index_from_the_end():
    """It may lead elsewhere where there are more: nothing is remembered."""
    made = objects()
    last = EVERY, "data", "uv_layers", -1, "data", EVERY, "uv"
    for _ in range(3):
        read(made, *last, ragged="flat")
    made[2].data.uv_layers.new(name="More")
    got, native = read(made, *last, ragged="flat")
    assert not native
    same(got, [list(uv.uv) for ob in made for uv in ob.data.uv_layers[-1].data])


def test_another_layer_before_a_refresh():
    """As many layers as at enter, or an error."""
    from rnaslicer import Slicer
    made = objects()
    known(made, *UV, ragged="flat")
    with Slicer(made, ragged="flat")[UV] as vw:
        natively("refresh", vw.refresh)
        made[3].data.uv_layers.new(name="More")
        with refused("ShapeChangedError", "uv_layers"):
            vw.refresh()
        with refused("ShapeChangedError", "uv_layers"):
            vw.update()


def test_what_blender_computes():
    from rnaslicer import Slicer
    made = objects()
    for way, wanted in COMPUTED:
        items = (EVERY, "data", *way)
        known(made, *items, ragged="flat")
        got, native = read(made, *items, ragged="flat")
        assert native, way
        same(got, [row for ob in made for row in wanted(ob.data)], str(way))
        with Slicer(made, ragged="flat")[items] as vw:
            for ob in made:
                for vertex in ob.data.vertices:
                    vertex.co.z = vertex.co.x * vertex.co.y % 1.7
                ob.data.update()
                if hasattr(ob.data, "calc_loop_triangles"):
                    ob.data.calc_loop_triangles()
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), [row for ob in made for row in wanted(ob.data)], str(way))
            with refused("ReadOnlyError", "read-only"):
                vw.update()


def test_of_geometry_that_is_not_whole():
    """Computing from it would crash Blender: native code asks first, each time."""
    from rnaslicer import Slicer
    made = objects()
    for way, _ in COMPUTED:
        items = (EVERY, "data", *way)
        known(made, *items, ragged="flat")
        with Slicer(made, ragged="flat")[items] as vw:
            natively("refresh", vw.refresh)
            mesh = made[4].data
            corners = [corner.vertex_index for corner in mesh.loops]
            mesh.loops.foreach_set("vertex_index", [1 << 20] * len(corners))
            before = counts()["refresh"]
            with refused("ContextError", "cannot be computed"):
                vw.refresh()
            assert counts()["refresh"] == (before[0], before[1] + 1)
            mesh.loops.foreach_set("vertex_index", corners)
            mesh.update()
            if hasattr(mesh, "calc_loop_triangles"):
                mesh.calc_loop_triangles()
            natively("refresh", vw.refresh)
