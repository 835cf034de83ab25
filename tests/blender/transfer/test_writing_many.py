# tests/blender/transfer/test_writing_many.py: writes of many elements: the layer that is missing, IDs, a refusal half-way
import array
import os
import tempfile

import bpy
import numpy as np

from support import EVERY, refused


def test_the_first_value_that_is_another():
    from rnaslicer.transfer.direct import _first_other
    for code, usual, other in (("?", False, True), ("?", True, False), ("f", 0.0, 1.5), ("f", 1.0, 0.0), ("i", 0, 7)):
        for count in (1, 5, 1 << 14, (1 << 14) + 1, 50_000):
            values = np.full(count, usual, code)
            assert _first_other(memoryview(values), usual) is None, (code, count)
            for at in {0, count // 2, count - 1}:
                values[at] = other
                assert _first_other(memoryview(values), usual) == at, (code, count, at)
                values[at] = usual
    values = array.array("f", [0.0, -0.0, float("nan")])
    assert _first_other(memoryview(values), 0.0) == 2


def test_a_missing_layer_is_made_for_the_last_of_many():
    mesh = bpy.data.meshes.new("Many")
    mesh.vertices.add(40_000)
    from rnaslicer import Slicer
    with Slicer(mesh.vertices)[:, "hide"] as vw:
        vw.update()
        assert not any(vertex.hide for vertex in mesh.vertices)
        vw.memcache[39_999] = True
        vw.update()
    assert [i for i, vertex in enumerate(mesh.vertices) if vertex.hide] == [39_999]


def test_ids_are_written_each():
    made = [bpy.data.objects.new(f"Each{i}", None) for i in range(40)]
    from rnaslicer import Slicer
    with Slicer(bpy.data.objects)[:, "location", EVERY] as vw:
        values = np.asarray(vw.memcache)
        values[...] = np.arange(values.size, dtype=np.float32).reshape(values.shape)
        vw.update()
        for ob, row in zip(bpy.data.objects, values.tolist()):
            assert list(ob.location) == row
        values[:, 1] = -1
        vw.update(vw.memcache[3:7, 1])
        moved = [i for i, ob in enumerate(bpy.data.objects) if ob.location.y == -1]
        assert moved == [3, 4, 5, 6]
    with Slicer(bpy.data.objects)[::-3, "location", "zx"] as vw:
        np.asarray(vw.memcache)[...] = [5, 6]
        vw.update()
    assert [list(ob.location)[::2] for ob in list(bpy.data.objects)[::-3]] == [[6, 5]] * len(range(len(bpy.data.objects))[::-3])
    assert len(made) == 40


def test_linked_ids_among_others_are_refused():
    from rnaslicer import Slicer
    for i in range(3):
        bpy.data.objects.new(f"Own{i}", None)
    far = bpy.data.objects.new("Far", None)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "far.blend")
        bpy.data.libraries.write(file, {far})
        bpy.data.objects.remove(far)
        with bpy.data.libraries.load(file, link=True) as (_, to):
            to.objects = ["Far"]
        before = {ob.name: list(ob.location) for ob in bpy.data.objects}
        with Slicer(bpy.data.objects)[:, "location", EVERY] as vw:
            np.asarray(vw.memcache)[...] = 7
            with refused("ReadOnlyError", "Far", "far.blend"):
                vw.update()
        assert {ob.name: list(ob.location) for ob in bpy.data.objects} == before
