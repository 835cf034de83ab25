# tests/blender/expression/test_made_again.py: what native code makes of an expression that was made before
"""`Slicer(...)[...]` remembers what it made by the text of way and expression; what only looks alike must not be taken
for it, and what is made again must be as at first."""
import copy
import gc
import inspect
import random
import weakref
from unittest.mock import patch

import bpy

from support import random_mesh


class Text(str):
    pass


class Number(int):
    pass


class Index:
    def __index__(self):
        return 1


def alike():
    """Expressions of vertices of which each looks like another."""
    every = slice(None)
    return [(every, "co"), "co", ("co",), (every, "co", every), (every, "co", 1), (every, "co", "y"),
            (every, "co", "xy"), (every, "co", ("x", "y")), (every, "co", [0, 1]), (every, "co", [True, False, True]),
            (1, "co"), (1, "co", 1), (slice(1), "co"), (slice(1, None), "co"), (slice(None, None, 1), "co"),
            (slice(None, None, -1), "co"), (slice(-1, None), "co"), (slice(0, 1), "co"), (..., "co"), (Text("co"),),
            (every, Text("co")),
            (every, "co", Number(1)), (every, "co", Index()), (slice(Number(1), None), "co"), (slice(Index()), "co"),
            ([1], "co"), ([0, 1], "co"), (every, ("co",)), (every, ("select", "hide")), (every, "select"),
            (every, "hide"),
            (slice(0, 1 << 40), "co"), (slice(-1 << 40, 2), "co")]


def made(slicer, expression):
    """(text, shape, values), or the error."""
    try:
        with slicer[expression] as vw:
            return repr(vw), vw.shape, vw.memcache.tolist()
    except Exception as error:
        return type(error).__name__, str(error)


def test_alike():
    from rnaslicer import Slicer, _core
    mesh, other = random_mesh(random.Random(11)), random_mesh(random.Random(12))
    bpy.context.view_layer.update()
    for one in (mesh, other):
        slicer = Slicer(one.vertices)
        first = [made(slicer, each) for each in alike()]
        again = [made(slicer, each) for each in alike()]
        assert again == first
        plain = [(repr(slicer._sliced(each)), slicer._sliced(each)._items) for each in alike() if "Error" not in
                 made(slicer, each)[0]]
        native = [(repr(slicer[each]), slicer[each]._items) for each in alike() if "Error" not in made(slicer, each)[0]]
        assert native == plain
        for each in alike():
            if "Error" not in made(slicer, each)[0]:
                assert vars(slicer[each]).keys() == vars(slicer._sliced(each)).keys(), each
                assert slicer[each]._key == slicer._sliced(each)._key, each
    assert _core.trail_counts()["enter"][0] > 0


def test_steps_are_no_items():
    """Items that are called as the steps of a path are, beside that path."""
    from rnaslicer import Slicer
    mesh, every = random_mesh(random.Random(14)), slice(None)
    short, long = (every, "co"), (every, "co", "attr", "vertices")
    for slicer, items in ((Slicer(mesh.vertices), short), (Slicer(mesh), long), (Slicer(mesh.vertices), short)):
        assert slicer[items]._items == slicer._sliced(items)._items, items


def test_settings_tell_apart():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(13))
    formats = {"f": {}, "d": {"dtype": "d"}, "e": {"dtype": "e"}, "H": {"dtype": "H", "normalized": True}}
    for _ in range(3):
        for wanted, settings in formats.items():
            with Slicer(mesh.vertices, **settings)[:, "co"] as vw:
                assert vw.format == wanted


def test_suppliers_tell_apart():
    """The same text of datablocks of other types, and of other ways of one."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(14))
    curve = bpy.data.curves.new("C", "CURVE")
    curve.splines.new("BEZIER").bezier_points.add(4)
    curve.splines.new("POLY").points.add(2)
    ways = [(mesh.vertices, len(mesh.vertices)), (mesh.edges, len(mesh.edges)), (mesh.polygons, len(mesh.polygons)),
            (mesh.loops, len(mesh.loops))]
    for _ in range(3):
        for collection, length in ways:
            assert Slicer(collection)[:, "index"].shape == (length,)
        assert Slicer(curve.splines[0].bezier_points)[:, "co"].shape == (5, 3)
        assert Slicer(curve.splines[1].points)[:, "co"].shape == (3, 4)


def test_a_list_of_keys_that_changes():
    """An expression is what it says when the wrapper is made."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(15))
    names = [mesh.vertex_colors[0].name]
    for _ in range(3):
        assert Slicer(mesh.vertex_colors)[names, "data", :, "color"].shape[0] == 1
    mesh.vertex_colors.new(name="Second")
    names.append("Second")
    assert Slicer(mesh.vertex_colors)[names, "data", :, "color"].shape[0] == 2


def test_each_has_its_own_callbacks():
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(16))
    one, other = (Slicer(mesh.vertices)[:, "co"] for _ in range(2))
    one.on_lost.append(print)
    assert other.on_lost == [] and one is not other


def test_ways_asked_for_lately():
    """A collection is looked for where others of its kind were, and counts only if it is that one."""
    from rnaslicer import Slicer, _core
    from rnaslicer.supplier import capture
    meshes = [random_mesh(random.Random(seed)) for seed in (17, 18)]
    lattice = bpy.data.lattices.new("Likely")
    names = "vertices", "edges", "loops", "polygons", "uv_layers", "vertex_colors"
    given = [(mesh, name) for mesh in meshes for name in names] + [(lattice, "points")]
    for _ in range(3):
        for owner, name in given:
            path = Slicer(getattr(owner, name))._path
            assert path.root.find() == owner and path.steps == (("attr", name),), (owner, name, path)
            layer = meshes[0].uv_layers[0].data
            assert Slicer(layer)._path.follow() == layer
    Slicer(meshes[0].loops)
    with patch.dict(capture._ways, clear=True):
        assert _core.known_path(meshes[1].loops).steps == (("attr", "loops"),)  # without its path


def test_native_fields():
    """What native code keeps of slicers and wrappers is collected, copied and named as Python's own would be."""
    from rnaslicer import Slicer

    class Own(Slicer):
        pass
    mesh = random_mesh(random.Random(19))
    for _ in range(3):  # the first captures by Python
        slicer = Own(mesh.vertices)
        wrapper = slicer[:, "co"]
        assert wrapper._memcache is wrapper._run is wrapper._view is None and wrapper.on_lost == []
        wrapper.on_lost.append(wrapper)
        slicer.own = slicer
        again = copy.copy(wrapper)
        assert again.on_lost == [wrapper] and again.on_lost is not wrapper.on_lost
        gone = weakref.ref(wrapper), weakref.ref(slicer)
        del wrapper, slicer
        gc.collect()
        assert gone[0]() is not None  # the copy tells it of a loss
        with again:
            assert again.memcache.tolist() == [list(v.co) for v in mesh.vertices]
        del again
        gc.collect()
        assert [one() for one in gone] == [None, None]
    assert "supplier, *, dtype=None, ragged='error'" in str(inspect.signature(Slicer))
    for wrong, says in ((lambda: Slicer(), "needs a supplier"), (lambda: Slicer(mesh.vertices, "d"), "one supplier, not 2"),
                        (lambda: Slicer(mesh.vertices, kind="d"), "no setting 'kind'")):
        try:
            wrong()
        except TypeError as error:
            assert says in str(error), error
        else:
            raise AssertionError("arguments that no Slicer has")
    unmade = Slicer.__new__(Slicer)
    try:
        unmade[:, "co"]
    except AttributeError:
        pass
    assert Slicer(supplier=mesh.vertices)[:, "co"].shape == (len(mesh.vertices), 3)
