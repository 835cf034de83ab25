# tests/blender/trails/test_trails_divided_parts.py: regions of what elements divide among them, and what corners lead to
"""A region of padded rows writes its real values, in C order, and nothing beside them: what is converted would lose by
being written again. bpy's own values are the oracle, by a loop."""
import random

import numpy as np

from support import EVERY, refused, same
from test_foreach import calls
from test_trails_portions import CORNERS, WEIGHTS, made, rows
from trail_ways import counts, known, natively

HALF = [[0.5, 0, 0, 1], [0, 0.25, 0, 2], [0, 0, 2, 3]]  # exact both ways
REGIONS = [(EVERY, slice(0, 2)), (slice(None, None, 2), EVERY), (slice(1, None, 3), slice(1, None, 2)),
           (slice(None, None, -2), slice(None, None, -1)), (slice(5, 6), slice(0, 1))]


def led(mesh):
    return EVERY, "vertices", EVERY, mesh.vertices, "co"


def forms(mesh):
    """name -> (supplier, items, options)."""
    co = led(mesh)
    return {
        "weights": (mesh.vertices, WEIGHTS, {}),
        "weights as bytes": (mesh.vertices, WEIGHTS, {"dtype": "B", "normalized": True}),
        "corners": (mesh.polygons, CORNERS, {}),
        "corners as int64": (mesh.polygons, CORNERS, {"dtype": "q"}),
        "places": (mesh.polygons, co, {}),
        "places as doubles": (mesh.polygons, co, {"dtype": "d"}),
        "places as int16": (mesh.polygons, co, {"dtype": "h"}),
        "one component": (mesh.polygons, (*co, "y"), {}),
        "two components": (mesh.polygons, (*co, "zx"), {"dtype": "d"}),
        "through a matrix": (mesh.polygons, co, {"transform": HALF, "dtype": "d"}),
    }


def seen(mesh, name, ragged, fill, width=None):
    """What bpy gives for it, as the cache has it."""
    if name.startswith("weights"):
        found = [[round(weight * 255) if "bytes" in name else weight for weight in row] for row in rows(mesh, WEIGHTS)]
    elif name.startswith("corners"):
        found = rows(mesh, CORNERS)
    else:
        found = [[place(mesh, at, name) for at in row] for row in rows(mesh, CORNERS)]
    if ragged == "flat":
        return np.array(sum(found, []))
    width = width or max(map(len, found))
    nothing = np.full(np.shape(found[0][0]), fill).tolist()
    return np.array([row + [nothing] * (width - len(row)) for row in found])


def place(mesh, at, name):
    co = list(mesh.vertices[at].co)
    if name == "one component":
        return co[1]
    if name == "two components":
        return [co[2], co[0]]
    if name == "through a matrix":
        return [sum(m * c for m, c in zip(row, (*co, 1))) for row in HALF]
    return [round(c) for c in co] if "int16" in name else co


def entered(mesh, name, ragged, **more):
    from rnaslicer import Slicer
    supplier, items, options = forms(mesh)[name]
    return Slicer(supplier, ragged=ragged, **options, **more)[items]


def learnt(name, ragged):
    _, mesh = made(30, "Learnt", ragged == "error")
    with entered(mesh, name, ragged) as vw:
        vw.update()
    supplier, items, options = forms(mesh)[name]
    known(supplier, *items, ragged=ragged, **options)


def numbers(name, rng, shape, vertices):
    """Values that are written without loss."""
    if name.startswith("corners"):
        return rng.integers(0, vertices, shape)
    if name.startswith("weights"):
        return rng.integers(0, 256, shape) if "bytes" in name else rng.integers(0, 65, shape) / 64
    return rng.integers(-500, 500, shape) * 2.0


def test_all(name, ragged):
    """Enter, refresh and update of all, of other meshes along the trail of one."""
    learnt(name, ragged)
    for count, more in ((50, {}), (7, {}), (20, {"width": 6, "fill": 3} if ragged == "pad" else {})):
        _, mesh = made(count, f"Other{count}", ragged == "error")
        before = counts()["enter"][0]
        with entered(mesh, name, ragged, **more) as vw:
            assert counts()["enter"][0] == before + 1
            cache = np.asarray(vw.memcache)
            wanted = seen(mesh, name, ragged, more.get("fill", 0), more.get("width"))
            assert cache.shape == wanted.shape and (cache == wanted).all()
            if ragged == "pad":
                same(vw.lengths.tolist(), list(map(len, rows(mesh, CORNERS if "weights" not in name else WEIGHTS))))
            cache[...] = numbers(name, np.random.default_rng(count), cache.shape, 2 * count)
            whole = name not in ("one component", "two components", "corners as int64")
            (lambda do: natively("update", do) if whole else do())(vw.update)
            cache[...] = 0
            natively("refresh", vw.refresh) if name != "corners as int64" else vw.refresh()
            wanted = seen(mesh, name, ragged, more.get("fill", 0), more.get("width"))
            assert (cache == wanted).all()


def test_parts(name, ragged):
    """Written by a loop, in the cache's C order: where rows share an element the last that the region has wins."""
    learnt(name, ragged)
    rng = np.random.default_rng(len(name))
    regions = REGIONS if ragged != "flat" else [(slice(3, 40),), (slice(1, None, 3),), (slice(None, None, -2),)]
    for at, region in enumerate(regions):
        _, mesh = made(24, f"Parts{at}", ragged == "error")
        with entered(mesh, name, ragged) as vw:
            cache = np.asarray(vw.memcache)
            cache[...] = numbers(name, rng, cache.shape, len(mesh.vertices))
            asked = cache.copy()
            real = np.ones(cache.shape[:1 if ragged == "flat" else 2], bool)
            if ragged == "pad":
                real = np.arange(cache.shape[1]) < np.asarray(vw.lengths)[:, None]
            expected = exact(mesh, name)
            elements = np.array(sum(rows(mesh, CORNERS), [])) if targets(name) else np.arange(real.sum())
            order = np.full(real.shape, -1)
            order[real] = elements
            picked = np.zeros(real.shape, bool)
            picked[region] = True
            for index in map(tuple, np.argwhere(picked & real)):
                assign(expected, order[index], asked[index], name)
            if name == "corners as int64" or name in ("one component", "two components"):
                vw.update(vw.memcache[region])
            else:
                natively("update", lambda: vw.update(vw.memcache[region]))
            same(exact(mesh, name), expected, (name, ragged, region))
            cache[...] = 7
            natively("refresh", lambda: vw.refresh(vw.memcache[region]))
            wanted = np.full_like(cache, 7)
            wanted[region] = seen(mesh, name, ragged, 0)[region]
            assert (cache == wanted).all(), (name, ragged, region)


def targets(name):
    return not name.startswith(("weights", "corners"))


def exact(mesh, name):
    """What is written, flat, bit for bit."""
    if name.startswith("weights"):
        return sum(rows(mesh, WEIGHTS), [])
    if name.startswith("corners"):
        return sum(rows(mesh, CORNERS), [])
    return [list(vertex.co) for vertex in mesh.vertices]


def assign(expected, at, value, name):
    if name == "weights as bytes":
        expected[at] = float(np.float32(float(value) / 255))
    elif not targets(name):
        expected[at] = value.item()
    elif name == "one component":
        expected[at][1] = float(np.float32(value))
    elif name == "two components":
        expected[at][2], expected[at][0] = value.tolist()
    elif name == "through a matrix":
        inverse = np.linalg.inv(np.vstack([HALF, [0, 0, 0, 1]]))
        expected[at] = (inverse @ [*value, 1])[:3].astype(np.float32).tolist()
    else:
        expected[at] = np.asarray(value, np.float32).tolist()


def test_changes(name, ragged):
    """What a script has overwritten since, fills too, and what Blender has."""
    learnt(name, ragged)
    _, mesh = made(24, "Changes", ragged == "error")
    with entered(mesh, name, ragged) as vw:
        cache = np.asarray(vw.memcache)
        wanted = cache.copy()
        same(vw.changes().tolist(), [])
        for at in (2, 3, 7):
            cache[at, ...] = 3 - cache[at]
        cache[5].reshape(-1)[-1:] += 1
        expected = np.flatnonzero((cache != wanted).reshape(len(cache), -1).any(1))
        found = [row for pair in vw.changes().tolist() for row in range(*pair)]
        same(found, expected.tolist())
        assert (cache == wanted).all() and len(found) >= 3
        cache[...] = 3 - cache
        found = [row for pair in vw.changes(vw.memcache[4:8]).tolist() for row in range(*pair)]
        same(found, [4, 5, 6, 7])


EACH = {f"{name}, {ragged}": (name, ragged) for ragged in ("pad", "flat", "error") for name in (
    "weights", "weights as bytes", "corners", "corners as int64", "places", "places as doubles", "places as int16",
    "one component", "two components", "through a matrix")}
test_all.cases = EACH
test_parts.cases = EACH
test_changes.cases = EACH


def test_changes_of_fills_behind_many():
    """Where native code writes the fill of rows of several meshes."""
    from rnaslicer import Slicer
    meshes = [made(count, f"Many{count}")[1] for count in (8, 4, 6)]
    items = EVERY, "vertices", EVERY, "co"
    known(meshes, *items, ragged="pad")
    with Slicer(meshes, ragged="pad")[items] as vw:
        np.asarray(vw.memcache)[1, -1] = 5
        same(vw.changes().tolist(), [[1, 2]])
        assert (np.asarray(vw.memcache)[1, -1] == 0).all()


def test_parts_of_what_is_converted_are_one_call():
    """Where no trail is known (each second element), too: nothing is done row by row."""
    from rnaslicer import Slicer

    def updates(count, which):
        _, mesh = made(count, "Calls")
        supplier, items, options = forms(mesh)[which]
        with Slicer(supplier, ragged="pad", **options)[(slice(None, None, 2), *items[1:])] as vw:
            return calls(vw.update, vw.memcache[:, :2])
    for which in ("weights as bytes", "corners as int64"):
        updates(12, which)
        few, many = updates(12, which), updates(212, which)
        assert (many - few) / 100 < 30, (which, few, many)


def test_what_corners_lead_to_changes():
    """The collection that they name, its elements' number, how corners are divided, an index that leads nowhere."""
    learnt("places", "pad")
    _, mesh = made(12)
    with entered(mesh, "places", "pad") as vw:
        mesh.vertices.add(1)
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "vertices had 24 elements"):
                use()
    with entered(mesh, "places", "pad") as vw:
        before = vw.memcache.tolist()
        mesh.loops[5].vertex_index = 99
        for use in (vw.refresh, vw.update, vw.changes, lambda: vw.update(vw.memcache[1:3])):
            with refused("ValueRangeError", "is 99"):
                use()
        same(vw.memcache.tolist(), before)
        mesh.loops[5].vertex_index = 1
        natively("refresh", vw.refresh)


def test_two_meshes():
    """Corners of one mesh lead to vertices of another; each call finds both."""
    from rnaslicer import Slicer
    learnt("places", "pad")
    _, one = made(12, "One")
    _, other = made(16, "Other")
    rng = random.Random(3)
    with Slicer(one.polygons, ragged="pad")[:, "vertices", :, other.vertices, "co"] as vw:
        for vertex in other.vertices:
            vertex.co = [rng.random() for _ in range(3)]
        natively("refresh", vw.refresh)
        for row, polygon in zip(vw.memcache.tolist(), one.polygons):
            same(row[:len(polygon.vertices)], [list(other.vertices[at].co) for at in polygon.vertices])
        kept = [list(vertex.co) for vertex in one.vertices]
        natively("update", vw.update)
        same([list(vertex.co) for vertex in one.vertices], kept)
