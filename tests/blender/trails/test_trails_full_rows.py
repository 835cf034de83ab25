# tests/blender/trails/test_trails_full_rows.py: padded rows that are all full, borders that the mesh tells, weights that are shared
"""bpy says what is right; native code must have done it, without asking what it knows."""
import bpy
import numpy as np

from support import EVERY, refused, same
from trail_ways import counts, known, natively

QUADS, WEIGHTS = (EVERY, "vertices"), (EVERY, "groups", EVERY, "weight")


def grid(side=6, name="Grid", cut=()):
    """A mesh of quads; those that are `cut` lack a corner."""
    mesh = bpy.data.meshes.new(name)
    faces = [(i, i + 1, i + side + 1, i + side) for row in range(side - 1) for i in range(row * side, row * side + side - 1)]
    faces = [face[:3] if at in cut else face for at, face in enumerate(faces)]
    mesh.from_pydata([(i % side, i // side, i) for i in range(side * side)], [], faces)
    ob = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return ob, mesh


def corners(mesh):
    return [list(polygon.vertices) for polygon in mesh.polygons]


def padded(rows, fill, width):
    return [row + [fill] * (width - len(row)) for row in rows]


def test_full_rows():
    """All quads: the cache is the corners one behind the other; as wide as more, or with one row that is short, it is not."""
    from rnaslicer import Slicer
    _, mesh = grid(name="Learnt")
    with Slicer(mesh.polygons, ragged="pad", fill=-1)[QUADS] as vw:
        vw.update()
    known(mesh.polygons, *QUADS, ragged="pad", fill=-1)
    for cut in ((), (3,), (0, 24), tuple(range(25))):
        for width in (None, 4, 7):
            _, mesh = grid(cut=cut)
            if len(cut) < 25:
                known(mesh.polygons, *QUADS, ragged="pad", fill=-1, width=width)
            wide = width or (3 if len(cut) == 25 else 4)
            with Slicer(mesh.polygons, ragged="pad", fill=-1, width=width)[QUADS] as vw:
                same(vw.memcache.tolist(), padded(corners(mesh), -1, wide))
                cache = np.asarray(vw.memcache)
                cache[cache >= 0] = 35 - cache[cache >= 0]
                wanted = cache.tolist()
                natively("update", vw.update)
                same(padded(corners(mesh), -1, wide), wanted)
                same(vw.memcache.tolist(), wanted)
                cache[...] = 9
                natively("refresh", vw.refresh)
                same(vw.memcache.tolist(), wanted)
                mesh.loops[6].vertex_index = 20
                row, place = place_of(corners(mesh), 6)
                same(vw.changes().tolist(), [[row, row + 1]])
                same(vw.memcache[row, place], 20)
                cache[...] = 9
                vw.refresh(vw.memcache[2:5, 1:3])
                found = np.full((25, wide), 9)
                found[2:5, 1:3] = np.array(padded(corners(mesh), -1, wide))[2:5, 1:3]
                same(vw.memcache.tolist(), found.tolist())


def place_of(rows, at):
    """(row, place in it) of one of the values that rows divide."""
    for row, values in enumerate(rows):
        if at < len(values):
            return row, at
        at -= len(values)
    raise AssertionError


def test_full_rows_of_what_corners_lead_to():
    from rnaslicer import Slicer
    for cut in ((), (4,)):
        _, mesh = grid(cut=cut)
        items = (*QUADS, EVERY, mesh.vertices, "co")
        known(mesh.polygons, *items, ragged="pad", fill=-1)
        with Slicer(mesh.polygons, ragged="pad", fill=-1)[items] as vw:
            cache = np.asarray(vw.memcache)
            wanted = padded([[list(mesh.vertices[i].co) for i in row] for row in corners(mesh)], [-1.0] * 3, 4)
            same(cache.tolist(), wanted)
            cache[cache >= 0] += 1
            natively("update", vw.update)
            cache[...] = 0
            natively("refresh", vw.refresh)
            same(cache.tolist(), padded([[list(mesh.vertices[i].co) for i in row] for row in corners(mesh)], [-1.0] * 3, 4))


def test_borders_are_told():
    """Where polygons begin the mesh itself says: no polygon is asked for, also when Blender shares them again; a mesh that
    is made anew, with as many, is asked for, and one that is divided in another way is refused."""
    from rnaslicer import Slicer
    _, mesh = grid(cut=(7, 9))
    known(mesh.polygons, *QUADS, ragged="pad")
    with Slicer(mesh.polygons, ragged="pad")[QUADS] as vw:
        vw.update()
    with Slicer(mesh.polygons, ragged="pad")[QUADS] as vw:
        for _ in range(3):
            before = counts()["array"]
            natively("refresh", vw.refresh)
            natively("update", vw.update)
            told, asked = (now - then for now, then in zip(counts()["array"], before))
            assert (told, asked) == ((0, 0) if bpy.app.version < (4, 0) else (4, 0)), (told, asked)
            bpy.context.view_layer.update()
        points = [tuple(vertex.co) for vertex in mesh.vertices]
        faces = corners(mesh)
        mesh.clear_geometry()
        mesh.from_pydata(points, [], faces)
        vw.refresh()
        same(vw.memcache.tolist(), padded(faces, 0, 4))
        mesh.clear_geometry()
        mesh.from_pydata(points, [], faces[9:] + faces[:9])
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()


def weighted(side=6, name="Weighted"):
    ob, mesh = grid(side, name)
    for number in range(3):
        group = ob.vertex_groups.new(name=f"G{number}")
        for at in range(2 + number, side * side - 1, number + 1):  # neither the first nor the last
            group.add([at], (at % 9) / 16 + number / 64, "REPLACE")
    bpy.context.view_layer.update()
    return ob, mesh


def weights(mesh):
    return [[one.weight for one in vertex.groups] for vertex in mesh.vertices]


def test_shared_weights():
    """An update while a copy, or what was evaluated, shares them; the next one while nobody does; of all and of a part."""
    from rnaslicer import Slicer
    _, mesh = weighted(name="Learnt")
    with Slicer(mesh.vertices, ragged="pad")[WEIGHTS] as vw:
        vw.update()
    known(mesh.vertices, *WEIGHTS, ragged="pad")
    for part in (EVERY, slice(5, 20), (slice(3, 30, 4), slice(0, 1))):
        ob, mesh = weighted()
        with Slicer(mesh.vertices, ragged="pad")[WEIGHTS] as vw:
            cache, wanted = np.asarray(vw.memcache), np.array(padded(weights(mesh), 0.0, 3))
            same(cache.tolist(), wanted.tolist())
            real = np.arange(3) < np.asarray(vw.lengths)[:, None]
            for number in range(1, 6):
                copy = mesh.copy() if number % 2 else None
                if number == 4:
                    bpy.context.view_layer.update()
                before = weights(mesh) if copy is None else weights(copy.copy())
                cache[...] = number / 8
                some = np.zeros_like(real)
                some[part] = real[part]
                wanted[some] = number / 8
                natively("update", lambda: vw.update(None if part is EVERY else vw.memcache[part]))
                same(padded(weights(mesh), 0.0, 3), wanted.tolist())
                if copy is not None:
                    same(weights(copy), before)
                natively("refresh", vw.refresh)
                same(cache.tolist(), wanted.tolist())


def test_weights_that_lie_elsewhere():
    """Between two updates Blender gives every vertex's weights another place; one that has another number is refused."""
    from rnaslicer import Slicer
    ob, mesh = weighted()
    with Slicer(mesh.vertices, ragged="pad")[WEIGHTS] as vw:
        vw.update()
    known(mesh.vertices, *WEIGHTS, ragged="pad")
    with Slicer(mesh.vertices, ragged="pad")[WEIGHTS] as vw:
        every = list(range(36))
        for number in range(1, 4):
            held = [[one.group for one in vertex.groups] for vertex in mesh.vertices]
            for group in ob.vertex_groups:
                group.remove(every)
            for at, groups in enumerate(held):
                for index in groups:
                    ob.vertex_groups[index].add([at], 1, "REPLACE")
            np.asarray(vw.memcache)[...] = number / 8
            natively("update", vw.update)
            assert set(sum(weights(mesh), [])) == {number / 8}
        ob.vertex_groups["G0"].remove([10])
        ob.vertex_groups["G0"].add([0], 0.5, "REPLACE")  # as many in all
        before = weights(mesh)
        with refused("ShapeChangedError", "vertices[0].groups had 0"):
            vw.update()
        same(weights(mesh), before)


def test_the_first_update_of_weights_forgets_no_trail():
    """Where meshes keep their layers is learnt when the trail is made, not by the first update, after which an entered
    wrapper would be without a trail."""
    from rnaslicer import Slicer, _core
    from rnaslicer.layout import layers
    layers.forget()
    _, mesh = weighted()
    known(mesh.vertices, *WEIGHTS, ragged="pad")
    before = _core.trails_forgotten()
    with Slicer(mesh.vertices, ragged="pad")[WEIGHTS] as vw:
        for _ in range(3):
            natively("update", vw.update)
            natively("refresh", vw.refresh)
    assert _core.trails_forgotten() == before
