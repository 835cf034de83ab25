# tests/blender/trails/test_trails_first.py: the first enter of many structs, whose trail the first few tell
"""Thousands are entered without resolving each in Python; what is not as the first few are is found all the same."""
import cProfile
import itertools

import bpy
import numpy as np

from support import EVERY, refused
from trail_ways import counts, natively

MANY = 300
CO = EVERY, "data", "vertices", EVERY, "co"
OF_EACH = 4  # Python calls; to resolve one takes hundreds


def forget():
    """So that each case is the session's first."""
    from rnaslicer.transfer import trails
    trails.forget_all()


def first(supplier, *items, **options):
    """(values of the first enter, how many of the structs' enters were native, Python calls)."""
    from rnaslicer import Slicer
    forget()
    profile, before = cProfile.Profile(), counts()["enter"][0]
    profile.enable()
    with Slicer(supplier, **options)[items] as vw:
        profile.disable()
        found = np.array(vw.memcache), vw.offsets and list(vw.offsets)
    # The few's own, and the whole.
    return (*found, counts()["enter"][0] - before == 2, sum(entry.callcount for entry in profile.getstats()))


def objects(count=MANY, length=lambda i: 5, change=None):
    made = []
    for i in range(count):
        mesh = bpy.data.meshes.new(f"First{i:04}")
        mesh.vertices.add(length(i))
        mesh.vertices.foreach_set("co", [i + k / 8 for k in range(3 * length(i))])
        ob = bpy.data.objects.new(mesh.name, mesh)
        ob.location, ob.scale = (i, 2, 3), (1, 1 + i % 3, -1)
        bpy.context.scene.collection.objects.link(ob)
        made.append(ob)
    bpy.context.view_layer.update()
    return made


def co_of(made):
    return [[tuple(vertex.co) for vertex in ob.data.vertices] for ob in made]


def suppliers(made):
    return {"list": made, "bpy.data": bpy.data.objects, "scene": bpy.context.scene.objects}


def test_few_tell_all(name):
    made = objects()
    for rows in (EVERY, slice(3, -2), slice(None, None, 2), slice(-5, 2, -1), slice(1, None, 1)):
        chosen = list(suppliers(made)[name])
        first(suppliers(made)[name], rows, *CO[1:])  # builds what a session needs once
        # Of two: now and then a proof that all are in a list is looked for again (blender/lists.py).
        found, _, native, calls = min((first(suppliers(made)[name], rows, *CO[1:]) for _ in range(2)), key=lambda one: one[3])
        assert native and calls < OF_EACH * MANY + 9200, (rows, native, calls)
        assert found.tolist() == [[list(one) for one in part] for part in co_of(chosen[rows])]


def test_no_calls_for_each(name):
    """More structs take no more Python than native code needs for each."""
    found = []
    for count in (200, 600):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        made = objects(count)
        first(suppliers(made)[name], *CO)  # builds what a session needs once
        found.append(first(suppliers(made)[name], *CO)[3])
    assert found[1] - found[0] <= OF_EACH * 400, found


test_few_tell_all.cases = test_no_calls_for_each.cases = {name: (name,) for name in ("list", "bpy.data", "scene")}


def test_with_options(name):
    made = objects(length=lambda i: 2 + i % 3)
    options = {"flat": {"ragged": "flat"}, "pad": {"ragged": "pad", "fill": -7},
               "double": {"ragged": "flat", "dtype": "d"}, "world": {"ragged": "flat", "transform": "WORLD"}}[name]
    found, offsets, native, _ = first(made, *CO, **options)
    rows = [[tuple(ob.matrix_world @ vertex.co) if name == "world" else tuple(vertex.co) for vertex in ob.data.vertices]
            for ob in made]
    assert native
    if name == "pad":
        rows = [part + [(-7,) * 3] * (4 - len(part)) for part in rows]
    else:
        assert offsets == [0, *itertools.accumulate(map(len, rows))]
        rows = [row for part in rows for row in part]
    np.testing.assert_allclose(found, rows, 1e-6, 1e-6)


test_with_options.cases = {name: (name,) for name in ("flat", "pad", "double", "world")}


def test_rows_of_what_lies_in_the_datablocks_themselves():
    """A trail of the whole list moves all of it, in its order: it is none of other rows."""
    from rnaslicer import Slicer
    made = objects()
    for known in (False, True):
        for names in ("location", ("location", "scale"), "hide_render", "rotation_mode"):
            for rows in (slice(None, None, -1), slice(2, None), slice(30, -3, 2)):
                forget()
                if known:
                    Slicer(made)[:, names].read()
                want = Slicer(made[rows], dtype="d")[:, names].read().tolist()
                with Slicer(made, dtype="d")[rows, names] as vw:
                    assert vw.memcache.tolist() == want, (known, names, rows)
                assert Slicer(made, dtype="d")[rows, names].read().tolist() == want
    forget()
    with Slicer(made)[2:, "location"] as vw:
        made[0].location = made[299].location = 7, 7, 7
        np.asarray(vw.memcache)[:] += 1
        vw.update()
    assert tuple(made[0].location) == (7, 7, 7) and tuple(made[2].location) == (3, 3, 4)
    assert tuple(made[299].location) == (300, 3, 4)


def test_curves():
    ob = bpy.data.objects.new("First", None)
    for i in range(MANY):
        ob[f"p{i}"] = 0.0
        ob.keyframe_insert(f'["p{i}"]', frame=0)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    for i, curve in enumerate(curves):
        curve.keyframe_points.add(7)
        for j, key in enumerate(curve.keyframe_points):
            key.co = j, i + j / 2
    for names in (("co",), ("co", "handle_left")):
        found, _, native, _ = first(curves, EVERY, "keyframe_points", EVERY, names)
        assert native
        assert found.tolist() == [[[list(getattr(key, name)) for name in names] for key in curve.keyframe_points]
                                  for curve in curves]


def test_read_and_update(into):
    """Not entered, and written along that trail: what bpy has then, of each."""
    from rnaslicer import Slicer
    made = objects()
    forget()
    out = np.empty((MANY, 5, 3), np.float32) if into else None
    found = np.asarray(Slicer(made)[CO].read(*([out] if into else [])))
    assert found.tolist() == [[list(one) for one in part] for part in co_of(made)]
    forget()
    with Slicer(made)[CO] as vw:
        before = counts()["update"]
        wanted = np.array(vw.memcache)
        wanted[3:] = -2 * wanted[3:]
        np.asarray(vw.memcache)[...] = wanted
        vw.update(vw.memcache[3:])
        assert counts()["update"][0] == before[0] + 1
        assert np.array(co_of(made)).tolist() == wanted.tolist()
        bpy.data.objects.remove(made[70])
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "First0070"):
                use()


test_read_and_update.cases = {"new": (False,), "out": (True,)}


# ---- parts

def test_parts(name):
    """From the second enter on natively, by whatever rows; read, refreshed, and nothing else is written."""
    from rnaslicer import Slicer
    made = objects(9)
    chosen = list(suppliers(made)[name])
    for rows in (slice(1, 3), slice(None, None, 2), slice(None, None, -1), slice(7, 1, -3), slice(-2, None),
                 slice(4, 5), slice(2, 3, 1 << 70), slice(8, None, -1 << 70), slice(0, None, 8), slice(1, 99)):
        for time in range(3):
            with Slicer(suppliers(made)[name])[(rows, *CO[1:])] as vw:
                assert vw.memcache.tolist() == [[list(one) for one in part] for part in co_of(chosen[rows])], rows
                if time:
                    before = np.array(co_of(chosen))
                    wanted = before.copy()
                    wanted[rows] = np.array(vw.memcache) + time
                    np.asarray(vw.memcache)[...] += time
                    natively("update", vw.update)
                    assert np.array_equal(co_of(chosen), wanted), rows
                    natively("refresh", vw.refresh)
                    assert np.array_equal(vw.memcache, wanted[rows]), rows
        with Slicer(suppliers(made)[name])[(rows, *CO[1:])] as vw:
            assert vw._known is not None, rows


test_parts.cases = {name: (name,) for name in ("list", "bpy.data", "scene")}


def test_parts_of_what_is_lost():
    """One that is listed and not picked is lost: the sequence is."""
    from rnaslicer import Slicer
    made = objects(9)
    for _ in range(2):
        with Slicer(made)[(slice(None, 4), *CO[1:])] as vw:
            pass
    with Slicer(made)[(slice(None, 4), *CO[1:])] as vw:
        assert vw._known is not None
        bpy.data.objects.remove(made[7])
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "First0007"):
                use()


def test_parts_when_others_come():
    """A part of a collection that grows is another part: it says so. Where one is renamed, others are read."""
    from rnaslicer import Slicer
    made, rows = objects(9), slice(None, None, 2)
    for _ in range(2):
        with Slicer(bpy.data.objects)[(rows, *CO[1:])] as vw:
            pass
    with Slicer(bpy.data.objects)[(rows, *CO[1:])] as vw:
        assert vw._known is not None
        made[0].name = "Zero"  # the last now
        vw.refresh()
        chosen = list(bpy.data.objects)[rows]
        assert vw.memcache.tolist() == [[list(one) for one in part] for part in co_of(chosen)]
        with refused("ShapeChangedError"):
            vw.update()
        bpy.data.objects.remove(made[3])
        with refused("ShapeChangedError"):
            vw.refresh()


# ---- one of them is otherwise

def test_others(name):
    """The one that differs stands far behind the first few."""
    from rnaslicer import Slicer
    at, items, options, error, told = 170, CO, {}, "ExpressionError", ()
    made = objects(length=(lambda i: 5 if i != at else 6) if name == "longer" else
                   (lambda i: 0 if i < 40 else 5) if name == "first are empty" else
                   (lambda i: 1 if i < 40 else 5) if name == "first are short" else lambda i: 5)
    one = made[at]
    if name == "longer":
        told = "lengths differ", one.name
    elif name == "another type":
        made[at] = bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
        told = "Curve",
    elif name == "nothing behind":
        made[at] = bpy.data.objects.new("Empty", None)
        told = "None",
    elif name in ("another layer", "no layer"):
        for i, ob in enumerate(made):
            if i != at:
                ob.data.attributes.new("Layer", "FLOAT", "POINT").data[2].value = i
            elif name == "another layer":
                ob.data.attributes.new("Layer", "INT", "POINT").data[2].value = i
        items, told = (EVERY, "data", "attributes", ["Layer"], "data", EVERY, "value"), ("Layer",)
        error = "ExpressionError" if name == "no layer" else ""
    else:
        options, error = {"ragged": "flat"}, ""
    for _ in range(2):
        forget()
        for _ in range(2):
            for use in (Slicer(made, **options)[items].__enter__, Slicer(made, **options)[items].read):
                if error:
                    with refused(error, *told):
                        use()
                    continue
                found = use()
                rows = np.array(found.memcache if hasattr(found, "memcache") else found)
                assert rows.tolist() == wanted(name, made), name
                if hasattr(found, "close"):
                    found.close()


def wanted(name, made):
    if name == "another layer":  # both types as one
        return [[[one.value for one in ob.data.attributes["Layer"].data]] for ob in made]
    return [list(row) for part in co_of(made) for row in part]


test_others.cases = {name: (name,) for name in (
    "longer", "another type", "nothing behind", "another layer", "no layer", "first are empty", "first are short")}


def test_layers_that_only_some_have(some):
    """A flag that is a layer where one is set: the first few have it, or only others do."""
    from rnaslicer import Slicer
    made = objects()
    for i, ob in enumerate(made):
        if (i < 100) == some or i == 200:
            ob.data.vertices.foreach_set("hide", [(i + k) % 3 == 0 for k in range(5)])
    for _ in range(2):
        forget()
        for _ in range(2):
            with Slicer(made)[:, "data", "vertices", :, "hide"] as vw:
                assert vw.memcache.tolist() == [[one.hide for one in ob.data.vertices] for ob in made]


test_layers_that_only_some_have.cases = {"first": (True,), "others": (False,)}


def test_values_that_vary_later(prop="select"):
    """All alike in the first few: that is no proof for the others, each of which is compared."""
    from rnaslicer import Slicer
    from rnaslicer.layout import proof
    proof.forget()
    made = objects()
    for i, ob in enumerate(made):
        ob.data.vertices.foreach_set(prop, [i > 100 and (i + k) % 2 == 0 for k in range(5)])
    for _ in range(3):
        with Slicer(made)[:, "data", "vertices", :, prop] as vw:
            assert vw.memcache.tolist() == [[getattr(one, prop) for one in ob.data.vertices] for ob in made]


def test_edited(_=None):
    """One of them is in edit mode: its values are those that bpy gives, and nothing is written."""
    from rnaslicer import Slicer
    made = objects()
    bpy.context.view_layer.objects.active = made[200]
    made[200].select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        forget()
        with Slicer(made)[CO] as vw:
            assert vw.memcache.tolist() == [[list(one) for one in part] for part in co_of(made)]
            with refused("ReadOnlyError", "edit mode"):
                vw.update()
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


def test_another_slice_is_another_trail():
    """What the few were picked by is no trail of what is selected, nor of what selects just these."""
    from rnaslicer import Slicer
    made = objects()
    forget()
    for rows in (EVERY, slice(0, 16), slice(0, 16, 1), slice(5, None), slice(0, 16), slice(-200, -20), EVERY):
        for _ in range(2):
            with Slicer(bpy.data.objects)[(rows, *CO[1:])] as vw:
                chosen = list(bpy.data.objects)[rows]
                assert vw.memcache.tolist() == [[list(one) for one in part] for part in co_of(chosen)], rows
    made[2].data.vertices[1].co.x = 77
    with Slicer(bpy.data.objects)[CO] as vw:
        assert vw.memcache.tolist()[2][1][0] == 77


# ---- learning that fails

def test_learning_that_fails(where):
    """Whatever is wrong in what makes a trail: the wrapper is entered, read and written without."""
    from rnaslicer import Slicer, _core
    from rnaslicer.entered import learning
    made = objects(40 if where == "few structs" else MANY)
    mesh, original, tried = made[0].data, _core.Trail, []

    def broken(description):
        tried.append(description)
        raise AttributeError("a fault in what makes trails")

    forget()
    _core.Trail = broken
    try:
        for _ in range(2):
            if where == "one":
                with Slicer(mesh.vertices)[:, "co"] as vw:
                    assert vw.memcache.tolist() == [list(one.co) for one in mesh.vertices]
                    np.asarray(vw.memcache)[1] = 9
                    vw.update()
                    vw.refresh()
                assert list(mesh.vertices[1].co) == [9, 9, 9]
                assert Slicer(mesh.vertices)[:, "co"].read().tolist() == [list(one.co) for one in mesh.vertices]
            else:
                with Slicer(made)[CO] as vw:
                    assert vw.memcache.tolist() == [[list(one) for one in part] for part in co_of(made)]
                    vw.update()
    finally:
        _core.Trail = original
    assert tried and learning.TROUBLE and "a fault in what makes trails" in learning.TROUBLE[0]
    learning.TROUBLE.clear()
    with Slicer(mesh.vertices)[:, "co"] as vw:
        assert vw.memcache.tolist() == [list(one.co) for one in mesh.vertices]


test_learning_that_fails.cases = {name: (name,) for name in ("one", "few structs", "many structs")}
