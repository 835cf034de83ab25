# tests/blender/inspection/test_small_data.py: small data never waits for a compiler
import os
import random
import tempfile
from contextlib import contextmanager

import bpy

from support import EVERY, random_mesh, same

TURNED = [[0, 2, 0, 1], [-1, 0, 0, 2], [0, 0, 1, 3]]


@contextmanager
def empty_folder():
    """Nothing is compiled yet and nothing is on disk; gives the folder of kernels."""
    import rnaslicer
    before = rnaslicer.configure()
    with tempfile.TemporaryDirectory() as folder:
        rnaslicer.configure(jit=True, disk_cache=True, cache_directory=folder)
        rnaslicer.clear_cache()
        try:
            yield folder
        finally:
            rnaslicer.configure(**{name: before[name] for name in ("jit", "disk_cache", "cache_directory")})
            rnaslicer.clear_cache()


def compiled(folder):
    import rnaslicer
    return ([one.signature for one in rnaslicer.kernels() for entry in (one.refresh, one.update) if entry.codes]
            + [name for name in os.listdir(folder) if name.endswith(".o") or "rnaslicer_" in name])


def points(count):
    mesh = bpy.data.meshes.new("Small")
    mesh.from_pydata([(i, 0.5 * i, -i) for i in range(count)], [(i, i + 1) for i in range(0, count, 2)], [])
    return mesh


def expressions(mesh, objects):
    """(supplier, items, settings) of each kind of transfer."""
    yield mesh.vertices, (EVERY, "co"), {}
    yield mesh.vertices, (EVERY, "co", "zx"), {}
    yield mesh.vertices, (slice(None, None, 2), "co", "y"), {"dtype": "d"}
    yield mesh.vertices, (EVERY, "select"), {}
    yield mesh.vertices, (EVERY, "co"), {"transform": TURNED}
    yield mesh.vertices, (EVERY, "co"), {"transform": [TURNED] * len(mesh.vertices)}
    yield mesh.vertices, (EVERY, "co"), {"dtype": "h", "normalized": True}
    yield mesh.edges, (EVERY, "vertices", EVERY, mesh.vertices, "co"), {}
    yield mesh.edges, (EVERY, "vertices", EVERY, mesh.vertices, "co", "zy"), {"transform": TURNED}
    yield objects, (EVERY, "location", "xz"), {}
    yield objects, (EVERY, "data", "vertices", EVERY, "co", "xz"), {}
    yield objects, (EVERY, "data", "vertices", EVERY, "co", "yx"), {"ragged": "flat"}
    yield objects, (EVERY, "data", "vertices", EVERY, "co", "yz"), {"ragged": "pad", "width": 20}
    yield objects, (EVERY, "data", "vertices", EVERY, "co"), {"transform": "WORLD"}


def linked(mesh, count):
    made = [bpy.data.objects.new("Small", mesh) for _ in range(count)]
    for ob in made:
        bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return made


def test_small_data_compiles_nothing():
    from rnaslicer import Slicer
    mesh = points(8)
    objects = linked(mesh, 2)
    with empty_folder() as folder:
        for supplier, items, settings in expressions(mesh, objects):
            vw = Slicer(supplier, **settings)[items]
            for _ in range(3):  # by routes, then along trails
                with vw:
                    vw.refresh()
                    vw.update()
                    vw.changes()
                    vw.refresh(vw.memcache[1:])
                    for one in vw.kernels:
                        assert one.origin == "interpreter", (items, settings, one)
                vw.write(vw.read())
                assert compiled(folder) == [], (items, settings, compiled(folder))


def test_what_is_met_again_with_more_elements_is_compiled():
    from rnaslicer import Slicer
    few, many = points(8), points(2000)
    with empty_folder() as folder:
        for _ in range(3):
            with Slicer(few.vertices)[:, "co", "zx"] as vw:
                signature = vw.kernel.signature
        assert compiled(folder) == []
        with Slicer(many.vertices)[:, "co", "zx"] as vw:
            assert vw.kernel.signature == signature
            assert vw.kernel.origin == ("compiled" if vw.kernel.route == "direct" else vw.kernel.origin), vw.kernel
            same(vw.memcache.tolist(), [[v.co.z, v.co.x] for v in many.vertices])
        assert compiled(folder)
        with Slicer(few.vertices)[:, "co", "zx"] as vw:  # with the code that is there now
            assert vw.kernel.origin != "interpreter"
            same(vw.memcache.tolist(), [[v.co.z, v.co.x] for v in few.vertices])


def test_many_small_segments_are_much():
    from rnaslicer import Slicer
    objects = linked(points(8), 100)
    with empty_folder() as folder:
        with Slicer(objects)[:, "data", "vertices", :, "co", "zx"] as vw:
            same(vw.memcache.tolist()[7], [[v.co.z, v.co.x] for v in objects[7].data.vertices])
            if vw.kernel.route == "direct":
                assert compiled(folder), vw.kernel


def test_what_the_interpreter_moves_is_the_same():
    """Of a mesh that is larger than what is interpreted: its kernels gave these values before."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(1), 4, 4)
    large = random_mesh(random.Random(1), 40, 40)
    for items in ((EVERY, "co", "zx"), (EVERY, "normal"), (EVERY, "select")):
        with empty_folder():
            with Slicer(mesh.vertices, dtype="d")[items] as vw:
                interpreted = vw.memcache.tolist()
            with Slicer(large.vertices, dtype="d")[items]:
                pass
            with Slicer(mesh.vertices, dtype="d")[items] as vw:
                same(vw.memcache.tolist(), interpreted)
