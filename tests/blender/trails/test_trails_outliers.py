# tests/blender/trails/test_trails_outliers.py: kinds of data that fell off the native trail: strips, parts of polygons, what is searched for, nothing
"""bpy says what is right, `natively` who did it; calls are counted."""
import contextlib
from unittest.mock import patch

import bpy
import numpy as np

from counted_calls import ONE_SHOT, REFRESH, SHOT_THROUGH, UPDATE, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively


SEARCHED = 60  # each way that was found to collections of the kind is followed until one leads to that at hand


def opened(wrapper):
    return contextlib.closing(natively("enter", wrapper.open))


def strips(count=8):
    """(sequence editor, its strips, name of these)."""
    scene = bpy.data.scenes.new("Strips")
    editor = scene.sequence_editor_create()
    every = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = "length" in every.bl_rna.functions["new_effect"].parameters
    for i in range(count):
        end = {"length": 20} if length else {"frame_end": 5 * i + 21}
        every.new_effect(name=f"S{i}", type="COLOR" if i % 3 else "ADJUSTMENT", channel=i + 1, frame_start=5 * i + 1, **end)
    return editor, every, "strips" if hasattr(editor, "strips") else "sequences"


def test_strips():
    """Their list lies in a struct that RNA calls otherwise than DNA: the scene's pointer tells which."""
    from rnaslicer import Slicer
    from rnaslicer.blender import lists
    lists.forget()
    editor, every, name = strips()
    for prop in ("channel", "mute", "select"):
        known(every, EVERY, prop)
        with opened(Slicer(getattr(editor, name))[:, prop]) as vw:
            assert vw.kernel.route == "direct", (prop, vw.kernel.route)
            same(vw.memcache.tolist(), [plain(getattr(one, prop)) for one in every])
            every[2].mute, every[3].select, every[4].channel = True, False, 30
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), [plain(getattr(one, prop)) for one in every])
            assert counted(vw.refresh) <= REFRESH and counted(vw.update) <= UPDATE
            values = vw.memcache.tolist()[::-1] if prop != "channel" else [40 + i for i in range(len(every))]
            vw.memcache[:] = values
            vw.update()
            same([plain(getattr(one, prop)) for one in every], values)
            every.remove(every[0])
            for move in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "had 8" if prop == "channel" else "elements"):
                    move()
    found = counted(lambda: Slicer(getattr(editor, name))[:, "channel"].open().close())
    assert found <= SHOT_THROUGH, found


def test_strips_of_several_classes():
    """What bpy computes for elements of several classes: each is asked which it is of at each call."""
    from rnaslicer import Slicer
    editor, every, name = strips()
    for prop in ("frame_final_duration", "frame_final_start", "blend_alpha"):
        known(every, EVERY, prop)
        with opened(Slicer(getattr(editor, name))[:, prop]) as vw:
            same(vw.memcache.tolist(), [plain(getattr(one, prop)) for one in every])
            assert counted(vw.refresh) <= REFRESH and counted(vw.update) <= UPDATE
            values = np.asarray(vw.memcache)
            values[...] = values / 2 if prop == "blend_alpha" else values + 7
            held = vw.memcache.tolist()
            natively("update", vw.update)
            same([plain(getattr(one, prop)) for one in every], held)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), held)
            last = every[-1]
            kind, channel, start = "ADJUSTMENT" if last.type == "COLOR" else "COLOR", last.channel, int(last.frame_final_start)
            every.remove(last)
            end = {"length": 20} if "length" in every.bl_rna.functions["new_effect"].parameters else {"frame_end": start + 20}
            every.new_effect(name="Z", type=kind, channel=channel, frame_start=start, **end)
            vw.refresh()  # the very same property of another class
            same(vw.memcache.tolist(), [plain(getattr(one, prop)) for one in every])
        with opened(Slicer(getattr(editor, name))[:, prop]) as vw:
            every.remove(every[0])
            for move in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "elements"):
                    move()
        # Now and then Python looks whether memory tells the values by now.
        found = min(counted(lambda: Slicer(getattr(editor, name))[:, prop].open().close()) for _ in range(2))
        assert found <= SHOT_THROUGH, found


def test_some_strips_by_routes(rows):
    """What native code saw at enter of all elements is told to routes that were made since: of those that they select."""
    from rnaslicer import Slicer
    from rnaslicer.blender import lists
    _, every, _ = strips()
    every[1].mute = True
    lists.forget()
    with contextlib.ExitStack() as entered:
        with patch.object(lists, "_prove", lambda *_: None):  # bpy is asked
            known(every, rows, "mute")
            vw = entered.enter_context(opened(Slicer(every)[rows, "mute"]))
        every[2].mute = every[6].mute = True
        with Slicer(every)[:, "mute"] as other:
            assert other.kernel.route == "direct", other.kernel.route
        vw.refresh(vw.memcache[0:0])  # which native code leaves to the routes
        vw.refresh(vw.memcache[0:1])
        vw.update(vw.memcache[0:0])
        vw.refresh()
        same(vw.memcache.tolist(), [one.mute for one in every][rows])


test_some_strips_by_routes.cases = {"the last": (slice(-2, None),), "every second": (slice(None, None, 2),),
                                    "backwards": (slice(None, None, -1),)}


def test_strips_within():
    """A meta strip has strips of its own, which are no part of the editor's list."""
    from rnaslicer import Slicer
    editor, every, name = strips()
    meta = every.new_meta(name="Meta", channel=20, frame_start=1)
    inner = getattr(meta, name)
    for i in range(4):
        every[i].move_to_meta(meta)
    for coll in (every, inner) * 2:
        with Slicer(coll)[:, "channel"] as vw:
            same(vw.memcache.tolist(), [one.channel for one in coll])
    assert len(inner) == 4


def meshes():
    found = []
    for count, cut in ((12, 0), (7, 0), (20, 5)):
        mesh = bpy.data.meshes.new("Quads")
        faces = [(i, i + 2, i + 3, i + 1) for i in range(0, 2 * count - 2, 2)]
        faces[:cut] = [face[:3] for face in faces[:cut]]
        mesh.from_pydata([(i, k, 0) for i in range(count) for k in range(2)], [], faces)
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("Quads", mesh))
        found.append(mesh)
    bpy.context.view_layer.update()
    return found


PARTS = {"in the middle": slice(3, 6), "from the end": slice(-4, -1), "open": slice(2, None)}


def test_polygons_in_part(name, ragged):
    from rnaslicer import Slicer
    rows, options = PARTS[name], {"ragged": ragged}
    quads, other, mixed = meshes()
    first = mixed if ragged != "error" else quads
    with Slicer(first.polygons, **options)[rows, "vertices"] as vw:
        vw.update()
    known(first.polygons, rows, "vertices", **options)
    for mesh in (quads, other, *((mixed,) if ragged != "error" else ())):
        wanted = [list(one.vertices) for one in mesh.polygons][rows]
        with opened(Slicer(mesh.polygons, **options)[rows, "vertices"]) as vw:
            if ragged == "flat":
                same(vw.memcache.tolist(), sum(wanted, []))
                assert vw.offsets.tolist() == np.cumsum([0, *map(len, wanted)]).tolist()
            elif ragged == "pad":
                same([row[:n] for row, n in zip(vw.memcache.tolist(), vw.lengths)], wanted)
            else:
                same(vw.memcache.tolist(), wanted)
            before = [list(one.vertices) for one in mesh.polygons]
            cache = np.asarray(vw.memcache)
            real = cache >= 0 if ragged != "pad" else np.arange(cache.shape[1]) < np.asarray(vw.lengths)[:, None]
            cache[real] = len(mesh.vertices) - 1 - cache[real]
            natively("update", vw.update)
            after = [[len(mesh.vertices) - 1 - at for at in row] if i in range(len(before))[rows] else row
                     for i, row in enumerate(before)]
            same([list(one.vertices) for one in mesh.polygons], after)
            held, cache[...] = cache.copy(), 0
            natively("refresh", vw.refresh)
            assert (np.asarray(vw.memcache)[real] == held[real]).all()
            cache[real] = len(mesh.vertices)
            with refused("ValueRangeError"):
                vw.update()
            same([list(one.vertices) for one in mesh.polygons], after)
            cache[...] = held
            found = {"refresh": counted(vw.refresh), "update": counted(vw.update)}
            assert found["refresh"] <= REFRESH and found["update"] <= UPDATE, found
            found = counted(lambda: Slicer(mesh.polygons, **options)[rows, "vertices"].open().close())
            assert found <= SHOT_THROUGH, found
            mesh.vertices.add(1)
            mesh.loops.add(3)
            mesh.polygons.add(1)
            mesh.polygons[-1].loop_start = len(mesh.loops) - 3
            if not mesh.polygons[-1].is_property_readonly("loop_total"):
                mesh.polygons[-1].loop_total = 3
            mesh.polygons[-1].vertices = (0, 1, 2)
            for move in (vw.refresh, vw.update):
                with refused("ShapeChangedError"):
                    move()


test_polygons_in_part.cases = {f"{name}, {ragged}": (name, ragged) for name in PARTS for ragged in ("error", "flat", "pad")}


def lattice(points=(5, 4, 3)):
    data = bpy.data.lattices.new("Lattice")
    data.points_u, data.points_v, data.points_w = points
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Lattice", data))
    bpy.context.view_layer.update()
    return data


def test_lattice():
    """Places that Blender computes, in a collection that it counts one by one."""
    from rnaslicer import Slicer
    data, other = lattice(), lattice((2, 7, 3))
    for rows in (EVERY, slice(3, 9)):
        known(data.points, rows, "co")
        for one in (data, other):
            with opened(Slicer(one.points)[rows, "co"]) as vw:
                same(vw.memcache.tolist(), [list(point.co) for point in one.points][rows])
                assert counted(vw.refresh) <= REFRESH
                one.points_u += 1
                for move in (vw.refresh, vw.update):
                    with refused("ShapeChangedError" if move == vw.refresh else "SlicerError"):
                        move()
        found = counted(lambda: Slicer(data.points)[rows, "co"].open().close())
        assert found <= ONE_SHOT, found


def searched():
    """name -> (functions that give collections to which bpy knows no path, property)."""
    mask = bpy.data.masks.new("Mask")
    splines = [mask.layers.new(name="Layer").splines.new() for _ in range(1)] + [mask.layers["Layer"].splines.new()]
    for spline in splines:
        spline.points.add(5)
    tree = bpy.data.node_groups.new("Curves", "ShaderNodeTree")
    nodes = [tree.nodes.new("ShaderNodeFloatCurve") for _ in range(2)]
    for node in nodes:
        for i in range(4):
            node.mapping.curves[0].points.new(0.1 + i / 9, i / 9)
    return {"mask points": ([lambda i=i: mask.layers["Layer"].splines[i].points for i in range(2)], "co"),
            "curve mapping": ([lambda i=i: tree.nodes[i].mapping.curves[0].points for i in range(2)], "location")}


def test_searched_once(name):
    """The way that was found is tried first the next time; it counts where it leads to what is handed over."""
    from rnaslicer import Slicer
    gives, prop = searched()[name]
    for i, give in enumerate(gives * 2):
        for k, point in enumerate(give()):
            setattr(point, prop, (0.1 * i + 0.01 * k, 0.02 * k))
        bpy.context.view_layer.update()
        for other in gives:
            with Slicer(other())[:, prop] as vw:
                same(vw.memcache.tolist(), [list(getattr(point, prop)) for point in other()])
    for give in gives:
        found = counted(lambda: Slicer(give())[:, prop].open().close())
        assert found <= SEARCHED, found


test_searched_once.cases = {name: (name,) for name in ("mask points", "curve mapping")}


def test_searched_and_gone():
    """What was found may be gone, and something else in its place."""
    from rnaslicer import Slicer
    mask = bpy.data.masks.new("Mask")
    layer = mask.layers.new(name="Layer")
    first, second = layer.splines.new(), layer.splines.new()
    first.points.add(3)
    second.points.add(4)
    for _ in range(2):
        with Slicer(layer.splines[1].points)[:, "co"] as vw:
            assert vw.shape[0] == len(layer.splines[1].points)
    layer.splines.remove(layer.splines[0])
    with Slicer(layer.splines[0].points)[:, "co"] as vw:
        assert vw.shape[0] == len(layer.splines[0].points)
    bpy.data.masks.remove(mask)
    mask = bpy.data.masks.new("Mask")
    mask.layers.new(name="Layer").splines.new().points.add(6)
    with Slicer(mask.layers[0].splines[0].points)[:, "co"] as vw:
        assert vw.shape[0] == len(mask.layers[0].splines[0].points)


def empties():
    """name -> (function that gives a collection with elements or without, items)."""
    mesh, none = meshes()[0], bpy.data.meshes.new("None")
    full, bare = bpy.data.objects.new("Full", mesh), bpy.data.objects.new("Bare", none)
    for ob in (full, bare):
        bpy.context.scene.collection.objects.link(ob)
    for i in range(3):
        full.vertex_groups.new(name=f"G{i}")
        full.modifiers.new("Displace", "DISPLACE")
    bpy.context.view_layer.update()
    return {"vertices": (lambda has: (mesh if has else none).vertices, (EVERY, "co")),
            "flags": (lambda has: (mesh if has else none).polygons, (EVERY, "use_smooth")),
            "vertices behind": (lambda has: full if has else bare, ("data", "vertices", EVERY, "co"))}, full, bare


def test_without_elements(name):
    """Where a trail is known, nothing is found along it, too."""
    from rnaslicer import Slicer
    give, items = empties()[0][name]
    known(give(True), *items)
    with opened(Slicer(give(False))[items]) as vw:
        assert vw.shape[0] == 0 and len(vw.shape) == (1 if name == "flags" else 2)
        natively("refresh", vw.refresh)
        vw.update()
        vw.refresh()
        assert vw.memcache.tolist() == []
    found = counted(lambda: Slicer(give(False))[items].open().close())
    assert found <= ONE_SHOT, found
    with Slicer(give(False))[items] as vw:
        coll = give(False) if name != "vertices behind" else give(False).data.vertices
        coll.add(2)
        for move in (vw.refresh, vw.update):
            with refused("ShapeChangedError", "had 0 elements"):
                move()


test_without_elements.cases = {name: (name,) for name in ("vertices", "flags", "vertices behind")}




def test_without_elements_of_no_declared_kind():
    """What a collection could hold may lack the property: the trail of others is not taken."""
    from rnaslicer import Slicer
    _, full, bare = empties()
    with Slicer(bare.modifiers)[:, "strength"] as vw:
        wanted = vw.shape, vw.format
    known(full.modifiers, EVERY, "strength")
    with Slicer(bare.modifiers)[:, "strength"] as vw:
        assert (vw.shape, vw.format) == wanted
