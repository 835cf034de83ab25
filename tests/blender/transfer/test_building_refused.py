# tests/blender/transfer/test_building_refused.py: meshes that are not whole: what is refused of them, and what is not
import random

import numpy as np

from mesh_steps import CORNERS, HAS_TOTALS, POINTS, QUADS, STEPS, begun, by_foreach, by_slicer, complete, half_built
from support import EVERY, check, refused, same


def test_what_is_derived_is_refused():
    """Where Blender's own call crashes, and from what is whole it is right."""
    from rnaslicer import Slicer, SlicerError
    mesh = half_built()
    derived = [("vertices", "normal"), ("polygons", "normal"), ("polygons", "area"), ("polygons", "center"),
               ("vertex_normals", "vector"), ("polygon_normals", "vector")]
    derived += [] if HAS_TOTALS else [("loops", "normal"), ("corner_normals", "vector")]
    for collection, name in derived:
        with refused("ContextError", "Half", name):
            Slicer(getattr(mesh, collection))[EVERY, name].__enter__()
        for expression in (EVERY, (EVERY, "mistyped"), (EVERY, '["key"]')):
            with refused("SlicerError"):
                Slicer(getattr(mesh, collection))[expression].__enter__()
    for expression in ((EVERY, "vertices"), (EVERY, "vertices", EVERY), (0, "vertices")):
        for ragged in ("error", "flat", "pad"):
            with refused("SlicerError", "polygon 0"):
                Slicer(mesh.polygons, ragged=ragged)[expression].__enter__()
    for expression in ((EVERY, "vertices", EVERY), (EVERY, "vertices", EVERY, mesh.vertices, "co", EVERY)):
        with refused("SlicerError", "Half"):
            Slicer(mesh.loop_triangles)[expression].__enter__()
    with refused("SlicerError", "Half"):
        Slicer([mesh.polygons[0], mesh.polygons[1]])[EVERY, "area"].__enter__()
    for name in ("loop_total", "index", "use_smooth", "material_index", "select"):
        with Slicer(mesh.polygons)[EVERY, name] as vw:
            assert vw.shape == (len(QUADS),), name
    for name in STEPS:
        by_slicer(mesh, *STEPS[name][:3])
    for collection, name in derived:
        check(getattr(mesh, collection), (EVERY, name), [list(v) if hasattr(v, "__len__") else v for v in
                                                         (getattr(e, name) for e in getattr(mesh, collection))])
    with Slicer(mesh.vertices)[EVERY, "normal"] as vw:
        by_foreach(mesh, "polygons", "loop_start", [1 << 29] * len(QUADS))
        mesh.vertices.add(1)
        with refused("SlicerError"):
            vw.refresh()
    assert issubclass(SlicerError, Exception)


def test_scattered():
    """Through indices of a half-built mesh."""
    from rnaslicer import Slicer
    mesh = half_built()
    by_slicer(mesh, *STEPS["vertex"][:3])
    with Slicer(mesh.loops)[EVERY, "vertex_index", mesh.vertices, "co", EVERY] as vw:
        np.asarray(vw.memcache)[...] = np.array(POINTS)[CORNERS]
        vw.update()
        vw.update(vw.memcache[3:9])
    same([list(v.co) for v in mesh.vertices], [list(p) for p in POINTS], "scattered")


def test_whole_stays_whole():
    """A write that would leave gaps is refused by the first element that does; nothing is written."""
    from rnaslicer import Slicer
    mesh = begun(random.Random(1), True, "Whole")
    for name in STEPS:
        by_slicer(mesh, *STEPS[name][:3])
    complete(mesh)
    before = [(p.loop_start, p.loop_total) for p in mesh.polygons]
    faults = [(0, 4), (0, -1), (1, 0), (1, 8), (3, 1 << 30), (len(QUADS) - 1, len(CORNERS)), (2, -(1 << 31))]
    for dtype in ("i", "q", "d"):
        for row, value in faults:
            with Slicer(mesh.polygons, dtype=dtype)[EVERY, "loop_start"] as vw:
                vw.memcache[row] = value
                for region in (None, vw.memcache[row:row + 1]):
                    with refused("ValueRangeError", f"polygons[{row}]", f"would be {value},", "nothing was written"):
                        vw.update(region)
        with Slicer(mesh.polygons, dtype=dtype)[EVERY, "loop_start"] as vw:
            vw.memcache[5] = 19  # between those of its neighbours
            if HAS_TOTALS:
                with refused("ValueRangeError", "loop_start"):
                    vw.update()
            else:
                vw.update()
                assert [p.loop_total for p in mesh.polygons][4:6] == [3, 5]
            vw.memcache[5] = 20
            vw.update()
        assert [(p.loop_start, p.loop_total) for p in mesh.polygons] == before, dtype
    with Slicer(mesh.polygons)[EVERY, "loop_total"] as vw:
        vw.memcache[3] = 5
        with refused("ValueRangeError" if HAS_TOTALS else "ReadOnlyError", "loop_total"):
            vw.update()
    assert [(p.loop_start, p.loop_total) for p in mesh.polygons] == before
    with refused("ValueRangeError", "[3]"):
        with Slicer(mesh.polygons[3])["loop_start"] as vw:
            vw.memcache[()] = 40
            vw.update()


def test_numbers_outside_are_refused_of_half_built_ones():
    from rnaslicer import Slicer
    mesh = half_built()
    for values in ([-1] * len(QUADS), [len(CORNERS)] * len(QUADS), range(len(QUADS), 0, -1)):
        with Slicer(mesh.polygons)[EVERY, "loop_start"] as vw:
            np.asarray(vw.memcache)[...] = values
            with refused("ValueRangeError", "loop_start"):
                vw.update()
    assert mesh.polygons[0].loop_start == 1 << 29
