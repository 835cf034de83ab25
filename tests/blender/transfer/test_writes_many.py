# tests/blender/transfer/test_writes_many.py: write and read(out=) without entering, of what lies in many collections
"""Both follow the trails that entering and updating follow: as few calls, the same values at the first call and the tenth,
whatever the buffer is like. bpy says what is right."""
import os
import tempfile

import bpy
import numpy as np

from counted_calls import BY_PYTHON, FROM_LIST, REFRESH, SHOT_THROUGH, UPDATE, counted
from groups_data import owner, registered
from support import EVERY, VERSION, refused, same
from trail_ways import natively
from writes_many import COUNT, meshes, ways

# Without "small" in 3.4, where the update of an entered one declines, too.
NAMES = ("meshes", "meshes, flat", "uv", "keys", "keys of one", "shape keys", "some shape keys", "key values", "splines",
         "inputs", "nodes", "list", "list, two", "objects", "bones", "matrices", "mask", "numbers",
         *(("small",) if VERSION > (4, 0) else ()))


def of_kind(name):
    from rnaslicer import Slicer
    supplier, items, options, now = ways()[name]
    return (lambda: Slicer(supplier, **options)[items]), now, FROM_LIST if (
        name == "objects" or type(supplier) is list) else SHOT_THROUGH


def random_like(shape, number):
    """Small numbers that a float holds as they are."""
    return np.random.default_rng(number).integers(-64, 64, shape).astype("f") / 8


def test_few_calls(name):
    make, _, most = of_kind(name)
    values = np.asarray(make().read()).copy()
    found = counted(lambda: make().write(values)), counted(lambda: make().read(out=values))
    assert max(found) <= most, found


test_few_calls.cases = {name: (name,) for name in NAMES}


def test_values(name):
    make, now, _ = of_kind(name)
    shape = make().read().shape
    for number in range(10):
        values = random_like(shape, number)
        if name == "key values":
            values = np.abs(values)
        if name == "small":  # whole numbers
            values = (np.round(values) + 0.0).astype(make().read().format)
        make().write(values)
        if now is None:  # what a matrix is made of rounds
            continue
        same(now(), values.tolist(), str(number))
        out = np.full(shape, 99, values.dtype)
        make().read(out=out)
        same(out.tolist(), values.tolist(), str(number))


test_values.cases = {name: (name,) for name in NAMES}


def buffers(values):
    """Name -> a buffer of these values, with guards where it has gaps, and what holds it."""
    padded = np.full((*values.shape[:-1], values.shape[-1] + 2), 77, values.dtype)
    padded[..., 1:-1] = values
    field = np.zeros(values.shape, [("before", "u1"), ("value", values.dtype), ("after", "u2")])
    field["value"] = values
    flipped = values[::-1].copy()[::-1]
    transposed = np.asfortranarray(values)
    return {"packed": (values, None), "padded": (padded[..., 1:-1], padded), "field": (field["value"], field),
            "flipped": (flipped, None), "transposed": (transposed, None)}


def test_buffers(name):
    """Any strides and formats: one write from each, one read into each, twice."""
    make, now, _ = of_kind(name)
    shape = make().read().shape
    for number, code in enumerate("fdfd"):
        for like in ("packed", "padded", "field", "flipped", "transposed"):
            values = random_like(shape, number + len(like)).astype(code)
            given, _ = buffers(values)[like]
            make().write(given)
            same(now(), values.tolist(), f"{code} {like}")
            out, holder = buffers(np.full(shape, -5, code))[like]
            make().read(out=out)
            same(out.tolist(), values.tolist(), f"{code} {like}")
            if like == "padded":
                assert (holder[..., 0] == 77).all() and (holder[..., -1] == 77).all()


test_buffers.cases = {name: (name,) for name in ("meshes", "meshes, flat", "keys", "keys of one", "shape keys", "inputs",
                                                 "list", "bones", "mask")}


def test_an_entered_one_goes_on_natively():
    """What is learnt of layers has all trails made anew: also that of a wrapper that stays entered."""
    from rnaslicer import _core
    make, now, _ = of_kind("shape keys")
    with make():
        pass
    with make() as vw:
        _core.forget_trails()
        for number in range(3):
            np.asarray(vw.memcache)[...] = values = random_like(vw.shape, number)
            vw.update()
            same(now(), values.tolist())
        assert counted(vw.update) <= UPDATE
        assert counted(vw.refresh) <= REFRESH
        same(vw.memcache.tolist(), values.tolist())


def test_scripts_properties():
    """One, and two of different types, whose update went on in Python."""
    from rnaslicer import Slicer
    with registered():
        ob = owner()
        for names in ("x", "whole"), ("vec",):
            make = lambda: Slicer(ob.direct, dtype="d")[:, names]
            for number in range(4):
                values = np.abs(np.round(random_like(make().read().shape, number))).astype("d")
                make().write(values)
                out = np.zeros_like(values)
                make().read(out=out)
                assert out.tolist() == values.tolist()
                same([[np.asarray(getattr(one, name), "d").tolist() for name in names] for one in ob.direct], values.tolist())
            assert max(counted(lambda: make().write(values)), counted(lambda: make().read(out=out))) <= BY_PYTHON
            with make() as vw:
                np.asarray(vw.memcache)[...] = values = values[::-1].copy()
                vw.update()
                vw.update()
                natively("update", vw.update)
                assert counted(vw.update) <= UPDATE * len(names)
                same([[np.asarray(getattr(one, name), "d").tolist() for name in names] for one in ob.direct], values.tolist())


def test_entered_as_well():
    make, now, _ = of_kind("meshes")
    with make() as vw:
        held = vw.memcache.tolist()
        for number in range(3):
            values = random_like(vw.shape, number)
            vw.write(values)
            same(now(), values.tolist())
            vw.write(values.astype("d") * 2)
            same(now(), (values * 2).tolist())
            out = np.zeros(vw.shape, "f")
            vw.read(out=out)
            same(out.tolist(), (values * 2).tolist())
        assert vw.memcache.tolist() == held


def test_padded_rows():
    from rnaslicer import Slicer
    some = meshes(range(1, COUNT))
    make = lambda: Slicer(some, ragged="pad", fill=-3)[:, "data", "vertices", :, "co"]
    for number in range(4):
        values = random_like(make().read().shape, number)
        make().write(values)
        same([[list(v.co) for v in ob.data.vertices] for ob in some],
             [row[:len(ob.data.vertices)] for ob, row in zip(some, values.tolist())])
        out = np.zeros(values.shape, "f")
        make().read(out=out)
        for ob, row, wanted in zip(some, out.tolist(), values.tolist()):
            count = len(ob.data.vertices)
            assert row[:count] == wanted[:count] and row[count:] == [[-3] * 3] * (len(row) - count)


def test_what_does_not_fit_writes_nothing():
    make, now, _ = of_kind("meshes")
    values = random_like(make().read().shape, 1)
    make().write(values)
    make().write(values)
    for other in (values[:-1], values[:, :-1], values[..., :2], values.reshape(-1, 3), values[:0]):
        with refused("RegionError", "shape"):
            make().write(other)
        with refused("RegionError", "shape"):
            make().read(out=other.copy())
    with refused("ExpressionError"):
        make().write(values.astype(">f4"))
    with refused("RegionError", "read-only"):
        frozen = values.copy()
        frozen.flags.writeable = False
        make().read(out=frozen)
    same(now(), values.tolist())


def test_what_changes_meanwhile():
    """Another length, a layer gone, edit mode, linked data: told, with nothing written, after calls that went along a trail."""
    from rnaslicer import Slicer
    some = meshes([5] * COUNT)
    make = lambda: Slicer(some)[:, "data", "vertices", :, "co"]
    uv = lambda: Slicer(some)[:, "data", "uv_layers", '["UV"]', "data", :, "uv"]
    now = lambda: [[list(v.co) for v in ob.data.vertices] for ob in some]
    values, maps = random_like(make().read().shape, 1), random_like(uv().read().shape, 2)
    for _ in range(3):
        make().write(values)
        uv().write(maps)
    for other in (some[0], some[9], some[-1]):
        other.data.vertices.add(1)
        with refused("ExpressionError", "13"):
            make().write(values + 1)
        with refused("ExpressionError", "13"):
            make().read(out=values.copy())
        same(now()[1:8], values[1:8].tolist())
        other.data = meshes([5])[0].data
        make().write(values)
        same(now(), values.tolist())
        other.data.uv_layers.remove(other.data.uv_layers["UV"])
        with refused("SlicerError", "UV"):
            uv().write(maps + 1)
        same([list(one.uv) for one in some[4].data.uv_layers["UV"].data], maps[4].tolist())
        other.data.uv_layers.new(name="UV")
        uv().write(maps)
    bpy.context.view_layer.objects.active = some[7]
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        with refused("ReadOnlyError", "edit mode"):
            make().write(values + 1)
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
    same(now(), values.tolist())
    make().write(values + 2)
    same(now(), (values + 2).tolist())


def test_linked_among_others():
    from rnaslicer import Slicer
    some = meshes([5] * 4)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "linked.blend")
        bpy.data.libraries.write(path, {some[1].data})
        with bpy.data.libraries.load(path, link=True) as (there, to):
            to.meshes = there.meshes
    make = lambda: Slicer(some)[:, "data", "vertices", :, "co"]
    values = random_like(make().read().shape, 3)
    for _ in range(3):
        make().write(values)
    some[2].data = to.meshes[0]
    with refused("ReadOnlyError"):
        make().write(values + 1)
    same([list(v.co) for v in some[0].data.vertices], values[0].tolist())


def test_rows_of_one_collection():
    """Corners of polygons and weights, flat and padded: read into a buffer, and written, as few calls as an enter."""
    from rnaslicer import Slicer
    ob = meshes([40])[0]
    for number in range(3):
        ob.vertex_groups.new(name=f"G{number}").add(range(number, 80, number + 1), 0.5, "REPLACE")
    bpy.context.view_layer.update()
    for collection, items in (("polygons", (EVERY, "vertices")), ("vertices", (EVERY, "groups", EVERY, "weight"))):
        for ragged in ("flat", "pad"):
            make = lambda: Slicer(getattr(ob.data, collection), ragged=ragged)[items]
            values = np.asarray(make().read()).copy()
            out = np.zeros_like(values)
            assert counted(lambda: make().read(out=out)) <= SHOT_THROUGH
            assert out.tolist() == values.tolist()
            assert counted(lambda: make().write(values)) <= SHOT_THROUGH
            if collection == "vertices":
                make().write(values / 2)
                assert np.asarray(make().read()).tolist() == (values / 2).tolist()
                make().write(np.asfortranarray((values / 4).astype("d")))
                assert np.asarray(make().read()).tolist() == (values / 4).tolist()


def test_none_of_what_bpy_assigns():
    """An empty collection of a kind that bpy assigns one by one takes nothing, also after others were written."""
    from rnaslicer import Slicer
    ob = bpy.data.objects.new("Groups", bpy.data.meshes.new("Groups"))
    none = bpy.data.objects.new("None", bpy.data.meshes.new("None"))
    for i in range(3):
        ob.vertex_groups.new(name=str(i))
    for _ in range(4):
        Slicer(ob.vertex_groups)[:, "lock_weight"].write(np.array([True, False, True]))
        Slicer(none.vertex_groups)[:, "lock_weight"].write(np.zeros(0, "?"))
        assert [one.lock_weight for one in ob.vertex_groups] == [True, False, True]
