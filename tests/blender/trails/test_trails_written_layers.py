# tests/blender/trails/test_trails_written_layers.py: flags of UV corners, small integers, skin, one corner, edges of a list, strokes
"""Which an update wrote by the routes alone: now native code does. A twin that bpy writes says what is right."""
import os
import random
import tempfile
import unittest

import bpy
import numpy as np

import derived_scenes as scenes
from counted_calls import REFRESH, UPDATE, counted
from support import EVERY, VERSION, random_mesh, refused, same
from test_trails_tagging import tags
from trail_ways import natively, values

FLAGS = ("select", "pin_uv", "select_edge")


def user(mesh):
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("User", mesh))
    return mesh


def mesh(**size):
    made = user(random_mesh(random.Random(3), **size))
    flag_layers(made)
    made.uv_layers["UV"].data[0].pin_uv = True
    return made


def flag_layers(made):
    """Has Blender make those of a UV map's flags, where it makes none for an assignment (hazards.UV_FLAGS_WRITE)."""
    for name in ("pin", "vertex_selection", "edge_selection") if (4, 0) <= VERSION < (5, 0) else ():
        for _ in getattr(made.uv_layers["UV"], name):
            break


def skinned():
    made = mesh(columns=3, rows=2)
    ob = bpy.context.view_layer.objects.active = next(one for one in bpy.data.objects if one.data == made)
    ob.modifiers.new("Skin", "SKIN")
    bpy.ops.object.modifier_add(type="SKIN")
    for i, one in enumerate(made.skin_vertices[0].data):
        one.radius = i / 64, 0.5
    return made


def strokes():
    if VERSION >= (4, 0):
        raise unittest.SkipTest("no such strokes")
    return scenes.grease_pencil()


def corners(name):
    return lambda made: made.uv_layers["UV"].data, (EVERY, name)


# name -> (what makes a datablock, its elements, items, least and most of what is written, Blenders before)
KINDS = {
    "uv select": (mesh, *corners("select"), 0, 1, (5, 0)),
    "uv edge": (mesh, *corners("select_edge"), 0, 1, (5, 0)),
    "uv pin": (mesh, *corners("pin_uv"), 0, 1, (99,)),
    "INT8": (mesh, lambda made: made.attributes["INT8_POINT"].data, (EVERY, "value"), -128, 127, (99,)),
    "INT8 beyond": (mesh, lambda made: made.attributes["INT8_CORNER"].data, (EVERY, "value"), -300, 300, (99,)),
    "skin": (skinned, lambda made: made.skin_vertices[0].data, (EVERY, "radius"), 0, 2, (4, 0)),
    "stroke": (strokes, lambda made: made.layers[0].frames[0].strokes[0].points, (EVERY, "co"), -3, 3, (4, 0)),
    "uv of one": (mesh, lambda made: made.uv_layers["UV"].data, (5, "uv"), -3, 3, (99,)),
    "colour of one": (mesh, lambda made: made.vertex_colors["Col"].data, (-2, "color"), 0, 1, (99,)),
    "flag of one": (mesh, lambda made: made.uv_layers["UV"].data, (5, "pin_uv"), 0, 1, (4, 0)),
}


def cases(names=KINDS):
    return {name: (name,) for name in names if VERSION < KINDS[name][-1]}


def random_like(rng, vw, low, high):
    shape = np.asarray(vw.memcache).shape
    if vw.format == "f":
        return np.array([rng.uniform(low, high) for _ in range(int(np.prod(shape)))], "f").reshape(shape)
    return np.array([rng.randint(low, high) for _ in range(int(np.prod(shape)))]).reshape(shape)


def assigned(coll, items, cache, rows):
    """The same by bpy."""
    if type(items[0]) is int:
        setattr(coll[items[0]], items[1], cache.tolist())
    for row in rows if type(items[0]) is slice else ():
        setattr(coll[row], items[1], cache[row].tolist())


def told(made, coll, prop):
    """All that an update might touch."""
    if not isinstance(made, bpy.types.Mesh):
        return values(coll, prop)
    flags = [values(made.uv_layers["UV"].data, name) for name in FLAGS if hasattr(made.uv_layers["UV"].data[0], name)]
    return [values(coll, prop), values(made.uv_layers["UV"].data, "uv"), *flags,
            *(values(made.attributes[f"INT8_{domain}"].data, "value") for domain in ("POINT", "CORNER"))]


def test_written(name):
    """All and in part, beside a copy that shares what it can and stays as it is."""
    from rnaslicer import Slicer
    make, coll, items, low, high, _ = KINDS[name]
    made, twin, rng = make(), make(), random.Random(8)
    for _ in range(2):
        with Slicer(coll(made))[items] as vw:
            vw.update()
    for turn in range(6):
        copy = made.copy()
        before = told(copy, coll(copy), items[1])
        bpy.context.view_layer.update()
        with Slicer(coll(made))[items] as vw:
            np.asarray(vw.memcache)[...] = random_like(rng, vw, low, high)
            cache = np.asarray(vw.memcache)
            is_part = type(items[0]) is slice and turn % 2
            view = vw.memcache[1::3] if is_part else None
            natively("update", lambda vw=vw, view=view: vw.update(view))
            rows = range(len(cache)) if type(items[0]) is slice else ()
            assigned(coll(twin), items, cache, rows[1::3] if is_part else rows)
            same(told(made, coll(made), items[1]), told(twin, coll(twin), items[1]), turn)
            assert tags(made) not in (0, None), turn  # whether bpy tags it or not: geometry is evaluated anew
            natively("refresh", vw.refresh)
            assert turn or counted(vw.update) <= UPDATE and counted(vw.refresh) <= REFRESH
        same(told(copy, coll(copy), items[1]), before, turn)


test_written.cases = cases()


def test_refused(name):
    """Nothing is written in edit mode, to what is linked, or once the layer is gone."""
    from rnaslicer import Slicer
    make, coll, items, *_ = KINDS[name]
    made = make()
    for _ in range(2):
        with Slicer(coll(made))[items] as vw:
            vw.update()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.blend")
        other = make()
        kind = "meshes" if isinstance(made, bpy.types.Mesh) else "grease_pencils"
        wanted = other.name
        bpy.data.libraries.write(path, {other})
        with bpy.data.libraries.load(path, link=True) as (there, here):
            setattr(here, kind, [wanted])
        linked = getattr(here, kind)[0]
        before = told(linked, coll(linked), items[1])
        with Slicer(coll(linked))[items] as vw:
            np.asarray(vw.memcache)[...] = 0
            with refused("ReadOnlyError", "linked"):
                vw.update()
        same(told(linked, coll(linked), items[1]), before)
        bpy.data.libraries.remove(linked.library)
    if not isinstance(made, bpy.types.Mesh):
        return
    bpy.context.view_layer.objects.active = next(ob for ob in bpy.data.objects if ob.data == made)
    with Slicer(coll(made))[items] as vw:
        natively("update", vw.update)
        before = told(made, coll(made), items[1])
        np.asarray(vw.memcache)[...] = 0
        bpy.ops.object.mode_set(mode="EDIT")
        with refused("SlicerError"):
            vw.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        same(told(made, coll(made), items[1]), before)


test_refused.cases = cases()


def pencil(name="Pencil"):
    if VERSION >= (4, 0):
        raise unittest.SkipTest("no such strokes")
    made = bpy.data.grease_pencils.new(name)
    layer = made.layers.new("Layer")
    for i in range(4):
        frame = layer.frames.new(i + 1)
        for k in range(3):
            frame.strokes.new().points.add(5)
            for j, point in enumerate(frame.strokes[k].points):
                point.co, point.pressure = (i, k, j), (i + j) / 9
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, made))
    return made


def test_strokes_of_frames():
    """Of all frames, of the strokes of one; a copy of the pencil stays as it is."""
    from rnaslicer import Slicer
    rng = random.Random(2)

    def told(of, name):
        return [[values(stroke.points, name) for stroke in frame.strokes] for frame in of.layers[0].frames]

    for name in ("co", "pressure"):
        made, twin = pencil(), pencil()
        for _ in range(2):
            with Slicer(made.layers[0].frames)[:, "strokes", :, "points", :, name] as vw:
                vw.update()
            with Slicer(made.layers[0].frames[1].strokes)[:, "points", :, name] as vw:
                vw.update()
        for turn in range(4):
            copy = made.copy()
            before = told(copy, name)
            bpy.context.view_layer.update()
            frames = made.layers[0].frames if turn % 2 else made.layers[0].frames[1].strokes
            items = (EVERY, "strokes", EVERY, "points", EVERY, name)[0 if turn % 2 else 2:]
            with Slicer(frames)[items] as vw:
                cache = np.asarray(vw.memcache)
                cache[...] = np.array([rng.uniform(0, 1) for _ in range(cache.size)], "f").reshape(cache.shape)
                natively("update", vw.update)
                assert turn or counted(vw.update) <= UPDATE
                for i, rows in enumerate(cache if turn % 2 else [cache]):
                    for k, row in enumerate(rows):
                        for j, value in enumerate(row.tolist()):
                            setattr(twin.layers[0].frames[i if turn % 2 else 1].strokes[k].points[j], name, value)
            same(told(made, name), told(twin, name), (name, turn))
            same(told(copy, name), before, (name, turn))
            assert tags(made) not in (0, None)
        with Slicer(made.layers[0].frames)[:, "strokes", :, "points", :, name] as vw:
            made.layers[0].frames[2].strokes[1].points.add(1)
            before = told(made, name)
            with refused("ShapeChangedError"):
                vw.update()
            same(told(made, name), before)


def test_a_corner_of_a_layer_made_again():
    """What bpy gave for the corner is gone: it is found anew, or said to be lost."""
    from rnaslicer import Slicer
    made = mesh()
    for _ in range(3):
        with Slicer(made.uv_layers["UV"].data)[5, "uv"] as vw:
            vw.update()
    with Slicer(made.uv_layers["UV"].data)[5, "uv"] as vw:
        made.uv_layers.remove(made.uv_layers["UV"])
        with refused("SupplierLostError"):
            vw.update()
        made.uv_layers.new(name="UV")
        np.asarray(vw.memcache)[...] = 7, 8
        vw.update()
        assert tuple(made.uv_layers["UV"].data[5].uv) == (7, 8)
        assert tuple(made.uv_layers["UV"].data[4].uv) != (7, 8)


def test_flags_whose_layer_is_missing(name):
    """Of a map that has none yet: False, until an update that is not, which makes it. Another map's is left alone."""
    from rnaslicer import Slicer
    if name not in bpy.types.MeshUVLoop.bl_rna.properties:
        raise unittest.SkipTest("no such flag")
    known = mesh()
    for _ in range(3):
        with Slicer(known.uv_layers["UV"].data)[:, name] as vw:
            vw.update()
    for turn in range(2):
        made, twin = (user(random_mesh(random.Random(3), layers=False)) for _ in range(2))
        for one in (made, twin):
            one.uv_layers.new(name="Other")
        flag_layers(twin)
        with Slicer(made.uv_layers["UV"].data)[:, name] as vw:
            cache = np.asarray(vw.memcache)
            if turn or VERSION >= (4, 0):
                same(cache.tolist(), [False] * len(cache))
            vw.update()
            cache[...] = [i % 3 == turn for i in range(len(cache))]
            for _ in range(2):
                vw.update()
            natively("update", vw.update)
            for corner, value in zip(twin.uv_layers["UV"].data, cache.tolist()):
                setattr(corner, name, value)
        for layer in ("UV", "Other"):
            same(values(made.uv_layers[layer].data, name), values(twin.uv_layers[layer].data, name))
        with Slicer(made.uv_layers["UV"].data)[:, name] as vw:
            same(vw.memcache.tolist(), values(made.uv_layers["UV"].data, name))


test_flags_whose_layer_is_missing.cases = {name: (name,) for name in FLAGS}


def test_a_map_of_another_name():
    """The layer of a flag has the map's name: what is known of one map says nothing of another."""
    from rnaslicer import Slicer
    made = mesh()
    made.uv_layers.new(name="Other")
    for name in ("UV", "Other", "UV"):
        for _ in range(3):
            with Slicer(made.uv_layers[name].data)[:, "pin_uv"] as vw:
                vw.update()
        with Slicer(made.uv_layers[name].data)[:, "pin_uv"] as vw:
            np.asarray(vw.memcache)[...] = [(i + len(name)) % 3 == 0 for i in range(len(vw.memcache))]
            vw.update()
            natively("update", vw.update)
    for name in ("UV", "Other"):
        assert values(made.uv_layers[name].data, "pin_uv") == [
            (i + len(name)) % 3 == 0 for i in range(len(made.loops))], name
    with Slicer(made.uv_layers["UV"].data)[:, "pin_uv"] as vw:
        made.uv_layers["UV"].name = "Renamed"
        with refused("SupplierLostError"):
            vw.update()
    with Slicer(made.uv_layers["Renamed"].data)[:, "pin_uv"] as vw:
        same(vw.memcache.tolist(), [(i + 2) % 3 == 0 for i in range(len(made.loops))])


# ---- edges of a list

def test_edges_of_a_list():
    """In 3.4 their seams are bits, in 4.3 and 5.2 a layer, which is missing until bpy makes it."""
    from rnaslicer import Slicer
    meshes, twins = [mesh() for _ in range(3)], [mesh() for _ in range(3)]
    rng = random.Random(4)

    def some(of):
        return [edge for one in of for i, edge in enumerate(one.edges) if i % 4 == 1]

    for _ in range(2):
        with Slicer(some(meshes))[:, "use_seam"] as vw:
            vw.update()
    for turn in range(4):
        bpy.context.view_layer.update()
        with Slicer(some(meshes))[:, "use_seam"] as vw:
            cache = np.asarray(vw.memcache)
            cache[...] = [rng.random() < 0.5 for _ in cache]
            natively("update", vw.update)
            for edge, value in zip(some(twins), cache.tolist()):
                edge.use_seam = value
        for one, twin in zip(meshes, twins):
            for name in ("use_seam", "use_edge_sharp", "select"):
                same(values(one.edges, name), values(twin.edges, name), (turn, name))
            assert tags(one) not in (0, None), turn


def test_edges_whose_layer_has_another_name():
    """3.4 keeps seams in the edges: an attribute of that name is a script's. Else bpy could not make the layer."""
    from rnaslicer import Slicer
    made = user(random_mesh(random.Random(3), layers=False))
    for _ in range(2):
        with Slicer(list(made.edges)[::4])[:, "use_seam"] as vw:
            vw.update()
    other = user(random_mesh(random.Random(3), layers=False))
    for edge in other.edges:
        edge.use_seam = False
    for name in ("uv_seam", ".uv_seam"):
        if name in other.attributes:
            other.attributes.remove(other.attributes[name])
        for i, one in enumerate(other.attributes.new(name, "FLOAT", "EDGE").data):
            one.value = i
    with Slicer(list(other.edges)[::4])[:, "use_seam"] as vw:
        np.asarray(vw.memcache)[...] = True
        if VERSION < (4, 0):
            natively("update", vw.update)
            assert values(other.edges, "use_seam") == [i % 4 == 0 for i in range(len(other.edges))]
        else:
            with refused("ReadOnlyError", "attribute"):
                vw.update()
    for name in ("uv_seam", ".uv_seam"):
        same(values(other.attributes[name].data, "value"), [float(i) for i in range(len(other.edges))])
