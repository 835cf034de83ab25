# tests/blender/expression/test_gather.py: a collection as an item after an integer property: gather and scatter
import random

import bpy

from test_foreach import calls
from support import EVERY, check_oracle, fill_memcache, plain, random_mesh, random_values, refused, same, snapshot, spec


def corner_expressions(mesh):
    """(supplier, subscript) through one index and through several."""
    mesh.calc_loop_triangles()
    yield mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co", EVERY)
    yield mesh.loops, (slice(None, None, -1), "vertex_index", mesh.vertices, "co")
    yield mesh.loops, (slice(2, 60, 7), "vertex_index", mesh.vertices, "co", "zx")
    yield mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co", "y")
    yield mesh.loops, ([5, 0, 5, 3], "vertex_index", mesh.vertices, "select")
    yield mesh.loops, (EVERY, "vertex_index", mesh.vertices, "hide")
    yield mesh.loops, (EVERY, "vertex_index", mesh.vertices, ("co", "normal"), EVERY)
    yield mesh.loops, (7, "vertex_index", mesh.vertices, "co", EVERY)
    yield mesh.loops, (EVERY, "edge_index", mesh.edges, "vertices", EVERY, mesh.vertices, "co", EVERY)
    yield mesh.edges, (EVERY, "vertices", EVERY, mesh.vertices, "co", EVERY)
    yield mesh.edges, (EVERY, "vertices", mesh.vertices, "co", ("xxx", "yyy"), EVERY)
    yield mesh.edges, (EVERY, "vertices", 1, mesh.vertices, "co", 0)
    yield mesh.loop_triangles, (EVERY, "vertices", EVERY, mesh.vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "loops", EVERY, mesh.loops, "vertex_index", mesh.vertices, "co", EVERY)
    yield mesh.loop_triangles, (EVERY, "polygon_index", mesh.polygons, "material_index")
    yield mesh.loop_triangles, (EVERY, "loops", EVERY, mesh.uv_layers["UV"].data, "uv", EVERY)
    yield mesh.loop_triangles, (EVERY, "loops", EVERY, mesh.vertex_colors["Col"].data, "color", EVERY)
    yield mesh.loops, (EVERY, "vertex_index", mesh.attributes["FLOAT4X4_POINT"].data if "FLOAT4X4_POINT" in
                       mesh.attributes else mesh.vertices, "value" if "FLOAT4X4_POINT" in mesh.attributes else "co")
    yield mesh.loops, (EVERY, "vertex_index", mesh.attributes["INT8_POINT"].data, "value")
    yield mesh.polygons, ([2, 3], "vertices", EVERY, mesh.vertices, "co", EVERY)


def test_reading():
    mesh = random_mesh(random.Random(1))
    for supplier, subscript in corner_expressions(mesh):
        check_oracle(supplier, subscript)


def test_formats():
    mesh = random_mesh(random.Random(2))
    for dtype in spec.FORMATS:
        check_oracle(mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co", EVERY), dtype=dtype)
        check_oracle(mesh.loops, (EVERY, "vertex_index", mesh.attributes["BOOLEAN_POINT"].data, "value"), dtype=dtype)
    for dtype in "bBhHiI":
        check_oracle(mesh.loops, (EVERY, "vertex_index", mesh.attributes["BYTE_COLOR_POINT"].data, "color", EVERY),
                     dtype=dtype, normalized=True)


def test_scattering():
    """The same as assigning one by one, in C order: the last one wins, what nothing names stays."""
    from rnaslicer import Slicer
    rng = random.Random(3)
    for pick in range(9):
        ours, theirs = random_mesh(random.Random(4)), random_mesh(random.Random(4))
        for mesh in (ours, theirs):
            mesh.calc_loop_triangles()

        def expression(mesh):
            return [
                (mesh.loops, (slice(3, 200, 2), "vertex_index", mesh.vertices, "co", EVERY)),
                (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "co", "zx")),
                (mesh.loops, (EVERY, "vertex_index", mesh.vertices, "select")),
                (mesh.edges, (slice(0, 40), "vertices", EVERY, mesh.vertices, "co", EVERY)),
                (mesh.loops, (slice(0, 90), "edge_index", mesh.edges, "use_seam")),
                (mesh.loop_triangles, (slice(1, 30), "vertices", EVERY, mesh.vertices, "co", EVERY)),
                (mesh.loop_triangles, (slice(1, 30), "polygon_index", mesh.polygons, "use_smooth")),
                (mesh.loops, (slice(5, 9), "vertex_index", mesh.attributes["FLOAT_VECTOR_POINT"].data, "vector", EVERY)),
                (mesh.loop_triangles, (slice(1, 30), "loops", EVERY, mesh.loops, "vertex_index", mesh.vertices, "co",
                                       EVERY)),
            ][pick]

        supplier, subscript = expression(ours)
        with Slicer(supplier)[subscript] as vw:
            count = len(spec.evaluate(supplier, subscript).slots)
            values = random_values(rng, vw.format, count)
            fill_memcache(vw.memcache, values)
            vw.update()
        spec.assign(*expression(theirs), values)
        for mesh in (ours, theirs):
            mesh.update()
        same(sorted(snapshot(ours).items(), key=str), sorted(snapshot(theirs).items(), key=str), str(pick))


def test_scattering_a_region():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(5))
    expected = {v.index: list(v.co) for v in mesh.vertices}
    with Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co", :] as vw:
        values = vw.memcache[10:30:3, ::-2]
        for i, row in enumerate(range(10, 30, 3)):
            for j, component in enumerate((2, 0)):
                vw.memcache[row, component] = expected[mesh.loops[row].vertex_index][component] = float(i + 10 * j)
        vw.update(values)
    same([list(v.co) for v in mesh.vertices], list(expected.values()))


def test_a_bad_index_is_named():
    """Nothing is written, also where other indices are good."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(6))
    data = mesh.attributes["INT_POINT"].data
    numbers = [i % len(mesh.polygons) for i in range(len(data))]
    data.foreach_set("value", numbers)
    with Slicer(data)[:, "value", mesh.polygons, "material_index"] as vw:
        for bad in (-1, len(mesh.polygons), 2**31 - 1):
            mesh.attributes["INT_POINT"].data[11].value = bad
            before = [p.material_index for p in mesh.polygons]
            fill_memcache(vw.memcache, [1] * len(numbers))
            with refused("ValueRangeError", "[11].value", str(bad), "polygons", str(len(mesh.polygons))):
                vw.update()
            same([p.material_index for p in mesh.polygons], before)
            with refused("ValueRangeError", "[11].value", str(bad)):
                vw.refresh()
            vw.refresh(vw.memcache[12:])  # elsewhere is nothing wrong
            vw.update(vw.memcache[12:])
        mesh.attributes["INT_POINT"].data[11].value = 3
        vw.refresh()
        same(vw.memcache.tolist(), [mesh.polygons[e.value].material_index for e in mesh.attributes["INT_POINT"].data])


def test_other_lengths_and_other_meshes():
    """The collection may be another datablock's; one that has grown is another."""
    from rnaslicer import Slicer
    mesh, other = random_mesh(random.Random(7)), random_mesh(random.Random(8), 14, 11)
    check_oracle(mesh.loops, (EVERY, "vertex_index", other.vertices, "co", EVERY))
    with Slicer(mesh.loops)[:, "vertex_index", other.vertices, "co", :] as vw:
        other.vertices.add(3)
        with refused("ShapeChangedError", "vertices"):
            vw.refresh()
        with refused("ShapeChangedError", "vertices"):
            vw.update()


def test_refusals():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(9))
    for subscript, *words in (
        ((EVERY, "vertex_index", mesh.vertices), "vertices", "name a numeric property"),
        ((EVERY, "vertex_index", mesh.vertices, "coo"), "'co'"),
        ((mesh.vertices, "co"), "vertices"),
    ):
        with refused("ExpressionError", *words):
            Slicer(mesh.loops)[subscript].__enter__()
    with refused("ExpressionError", "no integer"):
        Slicer(mesh.vertices)[:, "co", :, mesh.vertices, "co", :].__enter__()
    with refused("ReadOnlyError", "read-only"):
        with Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "normal", :] as vw:
            assert vw.readonly
            vw.update()


def test_text_and_kernel():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(10))
    with Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co", :] as vw:
        assert "vertices" in repr(vw) and "vertex_index" in repr(vw), repr(vw)
        assert "\nthrough stride" in vw.kernel.plan, vw.kernel.plan
        assert vw.kernel.route == "direct"
        assert plain(vw.memcache.tolist()) == plain([list(mesh.vertices[l.vertex_index].co) for l in mesh.loops])
    # What is known of the elements saves a look at each of them.
    (leaf,) = Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co", :].leaves()
    for known, (plain_leaf,) in ((leaf.index, Slicer(mesh.loops)[:, "vertex_index"].leaves()),
                                 (leaf.target, Slicer(mesh.vertices)[:, "co", :].leaves())):
        assert (known.exact, known.alike, known.uniform) == (plain_leaf.exact, plain_leaf.alike, plain_leaf.uniform)


def test_few_indices_of_an_element_are_lanes():
    """As a loop they would be too short for a kernel's vectors: rows with a step, or with more between them (3.4's
    edges), were interpreted."""
    from rnaslicer import Slicer
    import numpy as np
    mesh = random_mesh(random.Random(11))
    mesh.calc_loop_triangles()
    for supplier in (mesh.edges, mesh.loop_triangles):
        with Slicer(supplier)[:, "vertices", :, mesh.vertices, "co"] as vw:
            if supplier == mesh.edges:  # indices that are copied first are one loop of all
                assert vw.kernel.plan.count("\nloop ") == 1 and "\nlanes 2x3" in vw.kernel.plan, vw.kernel.plan
            now = np.asarray(vw)
            for part in (np.s_[::2], np.s_[7:40:3, 1], np.s_[::-1, ::-1, 1:], np.s_[3, 0], np.s_[:, :2, 0], np.s_[:]):
                before = now.copy()
                for one in mesh.vertices:
                    one.co.x, one.co.z = one.co.z + 1, one.co.x
                expected = before.copy()
                expected[part] = np.float32([[mesh.vertices[at].co for at in one.vertices] for one in supplier])[part]
                vw.refresh(vw.memcache[part])
                assert (now == expected).all(), part
                vw.refresh()


def test_a_bad_index_of_several_is_named():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(12))
    with Slicer(mesh.edges)[:, "vertices", :, mesh.vertices, "co"] as vw:
        mesh.edges[5].vertices = mesh.edges[5].vertices[0], len(mesh.vertices)
        before = vw.memcache.tolist()
        with refused("ValueRangeError", "edges[5].vertices", f"is {len(mesh.vertices)}", "vertices"):
            vw.refresh()
        vw.refresh(vw.memcache[6:])
        mesh.edges[5].vertices = mesh.edges[5].vertices[0], 0
        same(vw.memcache[:5].tolist(), before[:5])


def padded_by_loop(mesh, asked, rows, places):
    """The vertices as a loop over a region of polygons' corners leaves them: the last one wins."""
    found = [list(vertex.co) for vertex in mesh.vertices]
    for row in range(len(mesh.polygons))[rows]:
        for place in range(len(asked[0]))[places]:
            if place < len(mesh.polygons[row].vertices):
                found[mesh.polygons[row].vertices[place]] = asked[row][place]
    return found


def test_regions_of_padded_rows():
    """Corners share vertices: what a region has is written in its order, all else stays."""
    from rnaslicer import Slicer
    rng = random.Random(17)
    mesh = random_mesh(rng, 8, 7, layers=False)
    items = EVERY, "vertices", EVERY, mesh.vertices, "co"
    regions = [(EVERY, slice(0, 2)), (slice(None, None, 2), EVERY), (slice(1, None, 3), slice(1, None, 2))]
    for rows, places in regions + [(slice(*sorted(rng.sample(range(40), 2))), slice(rng.randrange(3), None))
                                   for _ in range(20)]:
        for options in ({}, {"dtype": "d"}):
            with Slicer(mesh.polygons, ragged="pad", width=5, **options)[items] as vw:
                fill_memcache(vw.memcache, iter(lambda: rng.randrange(1000), None))
                asked = vw.memcache.tolist()
                expected = padded_by_loop(mesh, asked, rows, places)
                vw.update(vw.memcache[rows, places])
            same([list(vertex.co) for vertex in mesh.vertices], expected, (rows, places))


def test_a_region_of_many_padded_rows_asks_once():
    from rnaslicer import Slicer

    def updates(columns, rows):
        mesh = random_mesh(random.Random(5), columns, rows, layers=False)
        with Slicer(mesh.polygons, ragged="pad")[:, "vertices", :, mesh.vertices, "co"] as vw:
            return [calls(vw.update, vw.memcache[region]) for region in (slice(None, None, 2), (EVERY, slice(0, 2)))]
    updates(3, 3)
    few, many = updates(6, 6), updates(24, 18)
    each = [(there - here) / (24 * 18 - 6 * 6) for here, there in zip(few, many)]
    assert max(each) < 20, (few, many)  # what Python does for a row; native code is asked once


def test_a_bad_index_in_a_region_is_named():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(6), 8, 7, layers=False)
    with Slicer(mesh.polygons, ragged="pad")[:, "vertices", :, mesh.vertices, "co"] as vw:
        before = [list(vertex.co) for vertex in mesh.vertices]
        mesh.loops[mesh.polygons[20].loop_start].vertex_index = 999
        vw.memcache[::2] = 5
        with refused("ValueRangeError", "is 999"):
            vw.update(vw.memcache[::2])
        same([list(vertex.co) for vertex in mesh.vertices], before)
        mesh.loops[mesh.polygons[20].loop_start].vertex_index = 0
