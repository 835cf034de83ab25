# tests/blender/transfer/test_changes.py: changes(), and MemCaches handed on by DLPack
import random

import bpy

from support import random_mesh, refused, same


def test_changes_are_ranges_of_rows():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1))
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        found = vw.changes()
        assert found.shape == (0, 2) and found.format == "q", (found.shape, found.format)
        for i in (3, 4, 5, 9, len(mesh.vertices) - 1):
            mesh.vertices[i].co.y += 1
        same(vw.changes().tolist(), [[3, 6], [9, 10], [len(mesh.vertices) - 1, len(mesh.vertices)]])
        same(vw.memcache.tolist(), [list(v.co) for v in mesh.vertices])
        same(vw.changes().tolist(), [])


def test_bits_count():
    """NaN equals itself, and 0 is another than -0."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(2))
    data = mesh.attributes["FLOAT_POINT"].data
    data[2].value, data[7].value = float("nan"), 0.0
    with Slicer(data)[:, "value"] as vw:
        same(vw.changes().tolist(), [])
        mesh.attributes["FLOAT_POINT"].data[7].value = -0.0
        same(vw.changes().tolist(), [[7, 8]])


def test_of_a_region():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(3))
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        for i in (1, 20, 30):
            mesh.vertices[i].co.x += 2
        same(vw.changes(vw.memcache[10:25]).tolist(), [[20, 21]])
        same(vw.changes(vw.memcache[:, 1:]).tolist(), [])
        same(vw.changes().tolist(), [[1, 2], [30, 31]])
    with refused("ContextError", "not entered"):
        vw.changes()
    with Slicer(bpy.data.objects.new("O", None))["location", :] as vw:
        same(vw.changes().tolist(), [])


def test_numpy_takes_it_by_dlpack():
    import numpy
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(4))
    with Slicer(mesh.vertices)[:, "co", :] as vw:
        assert vw.memcache.__dlpack_device__() == (1, 0)
        for part in (vw.memcache, vw.memcache[3:40:4, ::-1], vw.memcache[5], vw.memcache[:0]):
            given, plain = numpy.from_dlpack(part), numpy.asarray(part)
            assert given.shape == plain.shape and given.strides == plain.strides and given.dtype == plain.dtype
            assert given.tobytes() == plain.tobytes()
        kept = numpy.from_dlpack(vw.memcache)
        vw.memcache[0, 0] = 41.0
        assert kept[0, 0] == 41.0  # the same memory
    assert kept[0, 0] == 41.0  # which lives on
    for dtype in "bBhHiIqQefd":
        with Slicer(mesh.polygons, dtype=dtype)[:, "material_index"] as vw:
            assert numpy.from_dlpack(vw.memcache).tolist() == vw.memcache.tolist(), dtype
