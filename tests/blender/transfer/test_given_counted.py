# tests/blender/transfer/test_given_counted.py: what a caller's buffer takes in calls, whatever its strides and type
"""Entered no more than a refresh or an update; else no more than an enter. Small layouts have no kernel made for them."""
import bpy
import numpy as np

from counted_calls import REFRESH, SHOT_THROUGH, UPDATE, counted
from rnaslicer import _core
from support import EVERY, refused, same
from test_counted_calls import suppliers
from trail_ways import natively

NAMES = "co", "select", "vertex_index", "uv", "color", "keys", "bones", "nodes", "many", "part", "gathered"


def wrapper(name):
    from rnaslicer import Slicer
    every = suppliers()
    mesh = every["co"][0]()
    if name == "many":
        obs = [bpy.data.objects.new(f"Copy{i}", mesh.id_data.copy()) for i in range(3)]
        return Slicer(obs)[:, "data", "vertices", EVERY, "co"]
    if name == "part":
        return Slicer(mesh)[3:40, "co"]
    if name == "gathered":
        return Slicer(mesh.id_data.loops)[:, "vertex_index", mesh, "co"]
    give, prop = every[name]
    return Slicer(give())[:, prop]


def buffers(values):
    """Name -> an array with the values: of the same type each but the last."""
    structs = np.zeros(len(values), {"names": ["of"], "formats": [(values.dtype, values.shape[1:])], "offsets": [4],
                                     "itemsize": 8 + values[0].nbytes})
    backward = np.empty_like(values)[::-1]
    wide = np.empty(values.shape, "d" if values.dtype == "f" else "q")
    found = {"packed": np.empty_like(values), "field": structs["of"], "backward": backward,
             "turned": np.empty_like(values, order="F"), "wide": wide}
    for one in found.values():
        one[...] = values
    return found


def test_given(name):
    vw = wrapper(name)
    values = np.array(vw.read())
    other = values if name in ("vertex_index", "gathered") else np.ascontiguousarray(values[::-1])
    for kind, buffer in buffers(values).items():
        def read():
            vw.read(out=buffer)

        def write():
            vw.write(buffer)

        for _ in range(2):  # bpy's routes, then what is known
            buffer[...] = 0
            read()
            same(buffer.tolist(), values.tolist(), kind)
            write()
        found = {"read": counted(read), "write": counted(write)}
        assert all(found[way] <= 2 * SHOT_THROUGH if name == "many" else found[way] <= SHOT_THROUGH for way in found), (kind, found)
        with vw:
            if kind != "wide":
                natively("refresh", read)
                natively("update", write)
                found = {"read": counted(read), "write": counted(write)}
                assert found["read"] <= REFRESH and found["write"] <= UPDATE, (kind, found)
            for now in (other, values):
                buffer[...] = now
                write()
                buffer[...] = 0
                read()
                same(buffer.tolist(), now.tolist(), kind)
        same(np.array(vw.read()).tolist(), values.tolist(), kind)


test_given.cases = {name: (name,) for name in NAMES}


def test_small_layouts_have_no_kernel():
    from rnaslicer import Slicer
    mesh = suppliers()["co"][0]().id_data
    with Slicer(mesh.vertices)[:, "co"] as vw:
        values = np.array(vw.memcache)
        known = {kernel.signature for kernel in _core.kernels()}
        for size in range(16, 64, 4):
            structs = np.zeros(len(values), {"names": ["of"], "formats": ["3f4"], "offsets": [4], "itemsize": size})
            for _ in range(4):
                vw.read(out=structs["of"])
                vw.write(structs["of"])
            same(structs["of"].tolist(), values.tolist())
        assert {kernel.signature for kernel in _core.kernels()} == known


def test_wide_fields_have_one():
    """Few bytes that lie among many: no copy on the way, each value at its place, all else as it was."""
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new("Wide")
    mesh.vertices.add(270_000)
    values = np.arange(270_000) % 3 == 0
    mesh.vertices.foreach_set("select", values)
    structs = np.zeros(len(values), {"names": ["before", "of", "behind"], "formats": ["u4", "?", "u4"],
                                     "offsets": [0, 7, 92], "itemsize": 96})
    structs["before"] = structs["behind"] = 0xABCDEF01
    for vw in (Slicer(mesh.vertices)[:, "select"], Slicer(mesh.vertices)[:, "select"].open()):
        for _ in range(3):
            structs["of"] = ~values
            vw.read(out=structs["of"])
            assert (structs["of"] == values).all()
            values = ~values
            structs["of"] = values
            vw.write(structs["of"])
            assert (np.asarray(vw.read()) == values).all()
    assert (structs["before"] == 0xABCDEF01).all() and (structs["behind"] == 0xABCDEF01).all()
    for place in (4, 8, 88):
        assert not structs.view("u1").reshape(-1, 96)[:, place].any()
    assert any(" cache 96\n" in kernel.plan for kernel in _core.kernels())
    vw.close()


def chosen(name):
    """(collection, property, numbers that it takes, one that it does not)."""
    mesh = suppliers()["co"][0]().id_data
    if name == "interpolation":
        keys = suppliers()["keys"][0]()
        return keys, name, (0, 1, 2), 77
    coll = {"vertex_index": mesh.loops, "vertices": mesh.edges}[name]
    return coll, name, range(len(mesh.vertices)), len(mesh.vertices)


def test_wide_numbers_that_are_chosen(name):
    """Of NumPy's own integers: indices and enums, whole and in part."""
    from rnaslicer import Slicer
    coll, prop, takes, refuses = chosen(name)
    rng = np.random.default_rng(5)
    narrow = Slicer(coll, dtype="i")[:, prop]
    with Slicer(coll, dtype="q")[:, prop] as vw:
        vw.update()
        for _ in range(3):
            before = np.array(narrow.read())
            vw.memcache[...] = rng.choice(takes, vw.shape)
            natively("update", vw.update)
            same(narrow.read().tolist(), vw.memcache.tolist())
            for beyond in (refuses, -1, 1 << 40):
                was = vw.memcache.tolist()
                np.asarray(vw.memcache).flat[3] = beyond
                with refused("ValueRangeError"):
                    vw.update()
                same(narrow.read().tolist(), was)
                np.asarray(vw.memcache)[...] = was
            part = vw.memcache[4:9]
            part[...] = rng.choice(takes, part.shape)
            if name != "interpolation":  # keys are written whole
                natively("update", lambda: vw.update(part))
            vw.update(part)
            same(narrow.read().tolist(), vw.memcache.tolist())
        narrow.write(before)
        assert counted(vw.update) <= UPDATE


test_wide_numbers_that_are_chosen.cases = {name: (name,) for name in ("vertex_index", "vertices", "interpolation")}


def unaligned(values):
    """The same on memory that begins anywhere."""
    array = np.ndarray(values.shape, values.dtype, bytearray(values.nbytes + 1), 1)
    array[...] = values
    return array


def test_unaligned(name):
    """What is compared, narrowed or padded is read as numbers; a map of a file may begin at any byte. (Compiled code moves
    them all the same: it is the sanitizers that see it.)"""
    from rnaslicer import Slicer
    if name in ("vertex_index", "vertices", "interpolation"):
        coll, prop, takes, refuses = chosen(name)
        vw = Slicer(coll)[:, prop]
    else:
        mesh, takes = suppliers()["co"][0]().id_data, None
        vw = Slicer(mesh.polygons, ragged="pad", fill=7)[:, "vertices"] if name == "padded" else Slicer(mesh.vertices)[
            unaligned(np.array([5, 2, 9])), "co"]
    for entered in (False, True):
        if entered:
            vw.open()
        for _ in range(3):
            values = np.array(vw.read())
            for kind in (values.dtype, "q" if values.dtype.kind == "i" else "d"):
                array = unaligned(values.astype(kind))
                array[...] = 0
                vw.read(out=array)
                same(array.tolist(), values.tolist())
                vw.write(array)
                if takes is not None:
                    for beyond in (refuses, -1):
                        array.flat[3] = beyond
                        with refused("ValueRangeError"):
                            vw.write(array)
                same(np.array(vw.read()).tolist(), values.tolist())
    vw.close()


test_unaligned.cases = {name: (name,) for name in ("vertex_index", "vertices", "interpolation", "padded", "picked")}
