# tests/blender/trails/test_trails_variants.py: layers of one name that are made again with other types, over and over
import random

import bpy
import numpy as np

from support import ATTRIBUTES, DOMAINS, EVERY, VERSION, random_mesh, same
from trail_ways import counts, natively

UPDATED = set(ATTRIBUTES) - ({"INT8"} if VERSION < (4, 0) else set())  # of which native code declines none
WAYS = ("one", "from", "many", "numbers", "mask", "matrix", "read")


def wrapper_of(way, meshes, name):
    from rnaslicer import Slicer
    mesh, layer = meshes[0], ("attributes", '["Layer"]', "data")
    if way == "many":
        return Slicer(meshes)[(EVERY, *layer, EVERY, name)]
    if way == "from":
        return Slicer(mesh)[(*layer, EVERY, name)]
    if way == "matrix":
        return Slicer(mesh.attributes["Layer"].data, transform=np.eye(4, dtype="f"))[:, name]
    data = mesh.attributes["Layer"].data
    picked = {"numbers": [1, 3, 2], "mask": np.arange(len(data)) % 3 == 0}.get(way, EVERY)
    return Slicer(data)[picked, name]


def plain(value):
    if hasattr(value, "col"):  # a matrix, which bpy's elements give as such
        return [list(row) for row in value]
    return list(value) if hasattr(value, "__len__") else value


def expected(way, meshes, name):
    def all_of(mesh):
        return [plain(getattr(one, name)) for one in mesh.attributes["Layer"].data]
    if way == "many":
        return [all_of(mesh) for mesh in meshes]
    values = all_of(meshes[0])
    return {"numbers": [values[i] for i in (1, 3, 2)], "mask": values[::3]}.get(way, values)


def made_again(meshes, data_type, domain, rng):
    for mesh in meshes:
        if "Layer" in mesh.attributes:
            mesh.attributes.remove(mesh.attributes["Layer"])
        data = mesh.attributes.new("Layer", data_type, domain).data
        name, format, _ = ATTRIBUTES[data_type]
        count = len(data) * np.array(plain(getattr(data[0], name))).size
        values = np.array([rng.randrange(2) for _ in range(count)], {"?": "?", "i": "i"}.get(format, "f"))
        if format == "f" and ATTRIBUTES[data_type][2] == 3:  # of length 1: a matrix keeps that of directions
            values = np.roll(np.eye(3, dtype="f"), rng.randrange(3), 0)[np.arange(len(data)) % 3].reshape(-1)
        data.foreach_set(name, values)


def rounds(ways, times, types=ATTRIBUTES, count=3):
    """Calls of each way on layers of all types and domains, one after the other; gives (enters that native code did, by
    way) of the last time round."""
    rng = random.Random(5)
    meshes = [random_mesh(random.Random(i), columns=5, rows=4, layers=False) for i in range(count)]
    entered = {}
    for time in range(times):
        for domain in DOMAINS:
            for data_type in types:
                made_again(meshes, data_type, domain, rng)
                name = ATTRIBUTES[data_type][0]
                for way in ways:
                    if way == "matrix" and ATTRIBUTES[data_type][2] != 3:
                        continue
                    wrapper, before = wrapper_of(way, meshes, name), counts()["enter"]
                    if way == "read":
                        same(wrapper.read().tolist(), expected("one", meshes, name))
                    else:
                        with wrapper as vw:
                            # A type that comes again enters natively, too, if only by another trail than the last.
                            now = counts()["enter"]
                            if time == times - 1:
                                entered[way] = entered.get(way, 0) + now[0] - before[0]
                            same(vw.memcache.tolist(), expected(way, meshes, name))
                            natively("refresh", vw.refresh)
                            if data_type in UPDATED:
                                natively("update", vw.update)
                            else:
                                vw.update()
                            same(vw.memcache.tolist(), expected(way, meshes, name))
    return entered


def test_each_type_keeps_its_trail():
    """However many types a layer had: each wrapper is followed by native code from its first refresh on, and enters so
    when the type has been met before."""
    types = len(DOMAINS) * len(ATTRIBUTES)
    entered = rounds(WAYS, 3)
    vectors = len(DOMAINS) * sum(one[2] == 3 for one in ATTRIBUTES.values())
    expected = {way: vectors if way == "matrix" else types for way in WAYS if way != "read"}
    assert entered == expected, (entered, expected)


def test_variants_are_bounded_and_forgotten():
    from rnaslicer import _core
    from rnaslicer.entered import variants
    from rnaslicer.transfer import trails
    trails.forget_all()
    most, variants._MOST = variants._MOST, 2
    try:
        rounds(("one", "many"), 2)
        assert all(len(others) <= 2 for others in trails.variants.values())
    finally:
        variants._MOST = most
    _core.forget_trails()
    rounds(("one",), 1, ["FLOAT"])
    assert not trails.variants


def test_many_of_two_types_in_one_call():
    """Some have one type, some another: no trail, the right values, and nothing is made anew without end."""
    from rnaslicer.transfer import trails
    rng = random.Random(6)
    meshes = [random_mesh(random.Random(i), columns=5, rows=4, layers=False) for i in range(4)]
    from rnaslicer import Slicer
    wrapper, made = Slicer(meshes)[:, "attributes", '["Layer"]', "data", :, "value"], []
    for turn in range(6):
        for i in range(4):
            made_again(meshes[i:i + 1], "FLOAT" if (i + turn) % 2 else "INT", "POINT", rng)
        with wrapper as vw:
            same(np.asarray(vw.memcache).astype("f").tolist(),
                 [[float(v) for v in row] for row in expected("many", meshes, "value")])
        made.append(trails._trails.get(wrapper._key))
    assert len(set(map(id, made[2:]))) == 1


def test_foreach_calls_of_other_types():
    from rnaslicer import foreach_get
    rng, mesh = random.Random(7), random_mesh(random.Random(7), columns=5, rows=4, layers=False)
    for _ in range(3):
        for data_type in ("FLOAT", "INT", "BOOLEAN", "INT8"):
            made_again([mesh], data_type, "POINT", rng)
            data = mesh.attributes["Layer"].data
            got = np.zeros(len(data), {"FLOAT": "f", "BOOLEAN": "?"}.get(data_type, "i"))
            foreach_get(data, "value", got)
            same(got.tolist(), expected("one", [mesh], "value"))


# ---- the geometry that is written to is looked at once

def test_routes_look_once():
    """Writes without a trail look at a mesh's geometry as often as those along one: once, until it is made anew."""
    from rnaslicer import Slicer
    mesh = random_mesh(random.Random(8))
    wrapper = Slicer(mesh.vertices)[:, "co"]
    wrapper._key, wrapper._expression = None, "positions"  # no trail
    with wrapper as vw:
        vw.update()
        before = counts()["look"]
        for _ in range(3):
            vw.update()
        remembered, looked = (now - was for now, was in zip(counts()["look"], before))
        assert not looked and remembered >= 3, (remembered, looked)
    mesh.clear_geometry()
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    with wrapper as vw:
        before = counts()["look"]
        vw.update()
        assert counts()["look"][1] > before[1]
