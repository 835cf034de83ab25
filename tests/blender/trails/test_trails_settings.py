# tests/blender/trails/test_trails_settings.py: settings and collections as items are taken in native code, and not mixed up
"""A Slicer with plain settings, and an expression with collections, are made without Python where such were made before.
The specification says what is right; what is wrong is refused as at first."""
import contextlib
import gc
import math
import random

import bpy
import numpy as np

from support import EVERY, random_mesh, same, spec
from trail_ways import counts, read

MATRIX = [[2, 0, 1, 4], [0, -3, 0, 5], [0, 1, 1, 6]]
CALLS = 6  # of Python to make, enter and leave; bpy's attribute on the way is one


@contextlib.contextmanager
def refused(kinds, *fragments):
    """The block must raise one of these, whose message holds all fragments."""
    try:
        yield
    except kinds as error:
        assert all(fragment in str(error) for fragment in fragments), (fragments, error)
    else:
        raise AssertionError(f"no {kinds}")


def counted(function):
    import cProfile
    profile = cProfile.Profile()
    profile.enable()
    function()
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats()) - 1


def natively_made(give, items, **options):
    """The values of a third time, of which Python has done next to nothing."""
    from rnaslicer import Slicer

    def once():
        with Slicer(give(), **options)[items()]:
            pass

    once()
    once()
    calls, before = counted(once), counts()["enter"]
    assert calls <= CALLS, (calls, options)
    values, native = read(give(), *items(), **options)
    assert native and counts()["enter"] == (before[0] + 1, before[1]), options
    return values


def scene():
    mesh = random_mesh(random.Random(3))
    ob = bpy.data.objects.new("Settings", mesh)
    ob.location, ob.scale = (1, 2, 3), (1, 2, -3)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.update()
    return ob, mesh


def test_each_has_its_own():
    """In turns, so that what was made for one would show in another."""
    _, mesh = scene()
    other = [[1, 0, 0, 0.5], [0, 1, 0, 0.25], [0, 0, 2, 0]]
    every = [{}, {"dtype": "d"}, {"dtype": "h"}, {"dtype": "h", "normalized": True}, {"dtype": "b", "normalized": True},
             {"transform": MATRIX}, {"transform": other}, {"transform": other, "dtype": "d"},
             {"transform": [MATRIX, other] * (len(mesh.vertices) // 2) + [other] * (len(mesh.vertices) % 2)},
             {"transform": None, "normalized": False, "dtype": None, "ragged": "error", "width": None},
             {"transform": MATRIX, "dtype": "h", "normalized": True}]
    for _ in range(2):
        for options in every:
            got = natively_made(lambda: mesh.vertices, lambda: (EVERY, "co"), **options)
            told = {name: value for name, value in options.items() if name not in ("ragged", "width")}
            same(got, spec.evaluate(mesh.vertices, (EVERY, "co"), **told).tolist(), str(options)[:80])


def test_pads_have_their_own():
    _, mesh = scene()
    ob = bpy.context.scene.collection.objects[0]
    for number in range(3):
        ob.vertex_groups.new(name=f"G{number}").add(range(0, len(mesh.vertices), number + 1), 0.25, "REPLACE")
    items = EVERY, "groups", EVERY, "weight"
    real = [[one.weight for one in vertex.groups] for vertex in mesh.vertices]
    for _ in range(2):
        for width, fill in ((3, 0), (4, 0), (4, -1), (7, 0.5), (None, True), (5, 2)):
            got = natively_made(lambda: mesh.vertices, lambda: items, ragged="pad", width=width, fill=fill)
            same(got, [row + [float(fill)] * ((width or 3) - len(row)) for row in real], f"{width} {fill}")
        got = natively_made(lambda: mesh.vertices, lambda: items, ragged="flat")
        same(got, sum(real, []), "flat")


def test_flat_rows_have_their_offsets():
    """They end with the context, and are those of now."""
    from rnaslicer import Slicer
    _, mesh = scene()
    for _ in range(3):
        with Slicer(mesh.polygons, ragged="flat")[:, "vertices", :] as vw:
            offsets = vw.offsets
            assert offsets.format == "q" and offsets.tolist() == [0, *np.cumsum([p.loop_total for p in mesh.polygons])]
            assert offsets.wrapper is vw
        with refused(ValueError):
            offsets.tolist()


def test_wrong_settings_are_refused_as_at_first():
    from rnaslicer import ExpressionError, Slicer
    _, mesh = scene()
    natively_made(lambda: mesh.vertices, lambda: (EVERY, "co"), transform=MATRIX, dtype="d")
    nan = [[math.nan, 0, 0, 0], *MATRIX[1:]]
    singular = [MATRIX[0], MATRIX[0], MATRIX[2]]
    for options, text in (
            ({"transform": singular}, "singular"), ({"transform": nan}, "finite"), ({"transform": [[1, 0], [0, 1]]}, "rows"),
            ({"transform": "world"}, "WORLD"), ({"transform": [*MATRIX, [0, 0, 1, 1]]}, "last row"),
            ({"transform": [[1j, 0, 0, 0], *MATRIX[1:]]}, "complex"), ({"transform": [MATRIX, singular]}, "singular"),
            ({"normalized": True}, "needs a dtype"), ({"normalized": True, "dtype": "f"}, "needs a dtype"),
            ({"dtype": "x"}, "none of"), ({"dtype": ">f4"}, "byte order"), ({"width": 3}, "are for ragged='pad'"),
            ({"fill": 3}, "are for ragged='pad'"), ({"ragged": "pad", "width": -1}, "width is an int"),
            ({"ragged": "pad", "width": True}, "width is an int"), ({"ragged": "pad", "width": 1 << 31}, "width is an int"),
            ({"ragged": "padded"}, "must be"), ({"ragged": None}, "must be"), ({"transforms": MATRIX}, "transform"),
            ({"of": bpy.types.Object}, "Python sequence")):
        with refused((ExpressionError, ValueError), text):
            Slicer(mesh.vertices, **options)
    for options in ({"normalized": 0, "dtype": "B"}, {"normalized": 1, "dtype": "B"}, {"fill": 0}, {"dtype": "f4"}):
        with Slicer(mesh.vertices, **options)[:, "co"] as vw:  # spelled in another way
            assert vw.memcache.format == {"B": "B"}.get(options.get("dtype"), "f")


def test_a_matrix_is_taken_when_the_slicer_is_made():
    from mathutils import Matrix
    from rnaslicer import Slicer
    _, mesh = scene()
    matrix = Matrix.Translation((1, 2, 3))
    for step in range(4):
        matrix[0][3] = step
        wrapper = Slicer(mesh.vertices, transform=matrix)[:, "co"]
        matrix[0][3] = 99
        got = wrapper.read().tolist()
        same([row[0] for row in got], [float(np.float32(np.float64(v.co.x) + step)) for v in mesh.vertices], step)


def test_code_of_a_matrix_may_do_anything():
    """It is asked for its rows while the Slicer is made."""
    from rnaslicer import Slicer
    _, mesh = scene()
    given = {"transform": None, "dtype": "d"}

    class Rows:
        def __len__(self):
            return 3

        def __getitem__(self, at):
            given.clear()
            gc.collect()
            if at > 2:
                raise IndexError
            return list(MATRIX[at])

    for _ in range(3):
        given.update(transform=Rows(), dtype="d")
        got = Slicer(mesh.vertices, **given)[:, "co"].read()
        assert got.format == "d"
        same(got.tolist(), spec.evaluate(mesh.vertices, (EVERY, "co"), transform=MATRIX, dtype="d").tolist(), "rows")


def test_other_collections():
    """Of another mesh, of another kind, or of the same mesh by another way: each gives its own."""
    _, first = scene()
    second = random_mesh(random.Random(4), name="Second")
    second.vertices.foreach_set("co", np.arange(3 * len(second.vertices), dtype="f"))
    corners = np.array([loop.vertex_index for loop in first.loops])
    edges = np.array([loop.edge_index for loop in first.loops])
    for _ in range(3):
        for mesh in (first, second):
            co = np.array([v.co for v in mesh.vertices], "f")
            if len(co) > corners.max():
                got = natively_made(lambda: first.loops, lambda: (EVERY, "vertex_index", mesh.vertices, "co"))
                same(got, co[corners].tolist(), mesh.name)
        got = natively_made(lambda: first.loops, lambda: (EVERY, "edge_index", first.edges, "vertices", EVERY))
        same(got, np.array([list(e.vertices) for e in first.edges])[edges].tolist(), "edges")
        got = natively_made(lambda: first.loops, lambda: (EVERY, "edge_index", first.edges, "vertices", 0, first.vertices,
                                                          "co", "z"))
        same(got, [first.vertices[first.edges[e].vertices[0]].co.z for e in edges], "levels")


def test_collections_that_do_not_fit_are_refused():
    from rnaslicer import ExpressionError, Slicer, SlicerError
    _, mesh = scene()
    small = bpy.data.meshes.new("Small")
    small.vertices.add(2)

    def items(target):
        return slice(None), "vertex_index", target.vertices, "co"

    natively_made(lambda: mesh.loops, lambda: items(mesh))
    with refused((IndexError, SlicerError), "Small"):
        Slicer(mesh.loops)[items(small)].read()
    with refused(ExpressionError):
        Slicer(mesh.vertices)[:, "co", mesh.vertices, "co"].read()
    wrapper = Slicer(mesh.loops)[items(mesh)]
    assert "vertices" in repr(wrapper) and "collection 2" not in repr(wrapper), wrapper
    other = mesh.copy()
    lost = Slicer(mesh.loops)[items(other)]
    assert "Small" not in repr(lost) and other.name in repr(lost), lost
    bpy.data.meshes.remove(other)
    with refused(ReferenceError):
        lost.read()
    natively_made(lambda: mesh.loops, lambda: items(mesh))


def test_an_index_that_leads_nowhere():
    from rnaslicer import Slicer
    _, mesh = scene()
    natively_made(lambda: mesh.loops, lambda: (EVERY, "vertex_index", mesh.vertices, "co"))
    was = mesh.loops[5].vertex_index
    mesh.loops[5].vertex_index = 1 << 20
    for function in (Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co"].read,
                     Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co"].open):
        with refused((IndexError, ValueError), "5"):
            function()
    mesh.loops[5].vertex_index = was
    natively_made(lambda: mesh.loops, lambda: (EVERY, "vertex_index", mesh.vertices, "co"))


def test_world_matrix_that_became_singular():
    from rnaslicer import Slicer
    ob, mesh = scene()
    items = "data", "vertices", EVERY, "co"
    natively_made(lambda: ob, lambda: items, transform="WORLD")
    ob.scale = (0, 1, 1)
    bpy.context.view_layer.update()
    wrapper = Slicer(ob, transform="WORLD")[items]
    for _ in range(2):
        with refused(ValueError, "singular"):
            wrapper.open()
        with refused(RuntimeError):
            wrapper.memcache  # nothing is left of it
    ob.scale = (2, 1, 1)
    bpy.context.view_layer.update()
    got = natively_made(lambda: ob, lambda: items, transform="WORLD")
    same(got, spec.evaluate(mesh.vertices, (EVERY, "co"), transform=[list(row) for row in ob.matrix_world]).tolist(), "world")


def test_names_in_a_list_are_those_of_now():
    """A list in an expression may change: an error names the expression as it was typed this time."""
    from rnaslicer import Slicer
    _, mesh = scene()
    names = ["UV"]
    for _ in range(3):
        read(mesh, "uv_layers", names, "data", EVERY, "uv")
    names[0] = "Nowhere"
    with refused(Exception, "Nowhere"):
        Slicer(mesh)["uv_layers", names, "data", :, "uv"].read()


def test_weights_after_layers_moved():
    """Where a mesh has its layers is remembered, and compared: more layers move them."""
    from rnaslicer import Slicer
    _, mesh = scene()
    ob = bpy.context.scene.collection.objects[0]
    last = len(mesh.vertices) - 1
    for where in ([last], [3, last], [0, 3], [0], range(last + 1)):
        ob.vertex_groups.clear()
        for number in range(2):
            ob.vertex_groups.new(name=f"G{number}").add(list(where), 0.25 + number / 4, "REPLACE")
        bpy.context.view_layer.update()
        for step in range(4):
            with Slicer(mesh.vertices, ragged="flat")[:, "groups", :, "weight"] as vw:
                assert vw.memcache.tolist() == [one.weight for v in mesh.vertices for one in v.groups]
                for k in range(6):
                    mesh.attributes.new(f"More {step} {k}", "FLOAT", "POINT")
                vw.refresh()
                vw.memcache[:] = (np.asarray(vw.memcache) / 2).tolist()
                vw.update()
                assert vw.memcache.tolist() == [one.weight for v in mesh.vertices for one in v.groups]
            for k in range(6):
                mesh.attributes.remove(mesh.attributes[f"More {step} {k}"])
