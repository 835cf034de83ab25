# tests/blender/expression/test_bad_indices.py: an index that leads nowhere is met before anything is moved
"""Whoever catches the error has the cache that was: what `changes()` compares with, and what an update would write."""
import bpy
import numpy as np

from support import EVERY, refused, same

FORMS = {
    "whole": lambda mesh: (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co"), {}),
    "as doubles": lambda mesh: (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co"), {"dtype": "d"}),
    "a component": lambda mesh: (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co", "y"), {}),
    "a copy's values": lambda mesh: (mesh.loops, (EVERY, "edge_index", mesh.edges, "vertices"), {}),
    "of flags": lambda mesh: (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "select"), {}),
    "through a matrix": lambda mesh: (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co"), {"transform": np.eye(4)}),
    "two levels": lambda mesh: (mesh.loops, (EVERY, "edge_index", mesh.edges, "vertices", 0, mesh.vertices, "co"), {}),
    "flat polygons": lambda mesh: (mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co"), {"ragged": "flat"}),
    "padded polygons": lambda mesh: (mesh.polygons, (EVERY, "vertices", EVERY, mesh.vertices, "co"), {"ragged": "pad"}),
    "every second": lambda mesh: (mesh.loops, (slice(None, None, 2), "vertex_index", mesh.vertices, "co"), {}),
}


def grid():
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=18, y_subdivisions=18)
    return bpy.context.object.data


def broken(mesh):
    """Corner 904 leads nowhere, by each of its indices; what mends it."""
    corner = mesh.loops[904]
    before = corner.vertex_index, corner.edge_index
    corner.vertex_index = corner.edge_index = 99_999

    def mend():
        mesh.loops[904].vertex_index, mesh.loops[904].edge_index = before
    return mend


def refuses(vw, cache, part):
    """Each use of an entered wrapper, whole, in `part` or into a buffer, refuses and moves nothing."""
    for use in (vw.refresh, vw.changes, lambda: vw.refresh(part), lambda: vw.changes(part)):
        with refused("ValueRangeError", "99999"):
            use()
        assert (cache == 1).all()
    out = np.full_like(cache, 1)
    with refused("ValueRangeError", "99999"):
        vw.read(out)
    assert (out == 1).all()


def test_nothing_is_half_read(form):
    from rnaslicer import Slicer
    for _ in range(3):  # by the routes, then by a trail
        mesh = grid()
        supplier, items, options = FORMS[form](mesh)
        with Slicer(supplier, **options)[items] as vw:
            cache = np.asarray(vw.memcache)
            wanted = cache.copy()
            cache[...] = 1
            mend = broken(mesh)
            for part in (vw.memcache[::2], vw.memcache[100:]):
                refuses(vw, cache, part)
            with refused("ValueRangeError", "99999"):
                vw.update()
            mend()
            rows = np.flatnonzero((wanted != 1).reshape(len(wanted), -1).any(1))
            found = [row for pair in vw.changes().tolist() for row in range(*pair)]
            same(found, rows.tolist())
            assert (cache == wanted).all()


test_nothing_is_half_read.cases = {form: (form,) for form in FORMS}


def test_a_later_part_leads_nowhere():
    """Of several indices in one expression the last is bad: no part before it is moved."""
    from rnaslicer import Slicer
    for last in ("use_seam", "vertices"):
        for _ in range(3):
            mesh = grid()
            with Slicer(mesh.loops)[:, ("vertex_index", "edge_index"), mesh.edges, last] as vw:
                cache = np.asarray(vw.memcache)
                wanted = cache.copy()
                cache[...] = 1
                before, mesh.loops[904].edge_index = mesh.loops[904].edge_index, 99_999
                refuses(vw, cache, vw.memcache[4::2])
                vw.refresh(vw.memcache[:904])  # where none is bad
                assert (cache[:904] == wanted[:904]).all() and (cache[904:] == 1).all()
                mesh.loops[904].edge_index = before
                vw.refresh()
                assert (cache == wanted).all()
