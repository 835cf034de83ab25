# tests/blender/trails/test_trails_picked.py: some of a list, by their numbers, which one native run moves
"""bpy says what is right. `natively` says who did it."""
import bpy
import numpy as np

from support import EVERY, check_oracle, refused, same
from trail_levels import COUNT, SCENES, is_refused, mesh
from trail_ways import known, natively, read


def test_picked(name):
    """Numbers and masks pick structs of a list, each use its own; one trail is for all."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    if scene is None:
        return
    n, rest = COUNT, scene.items[1:]
    ways = [[4, 0, 2], np.array([5, -1, 0]), [i % 2 == 0 for i in range(n)], np.arange(n) > 2, range(1, 5, 2), [3],
            range(-1, -4, -1), list(range(n))[::-1], [1, 1, 2]]
    known(scene.structs, [0, 1], *rest)
    for way in ways:
        flags = list(way)
        at = [i for i, keep in enumerate(flags) if keep] if type(flags[0]) in (bool, np.bool_) else flags
        got, native = read(scene.structs, way, *rest)
        assert native, way
        same(got, [scene.values()[i] for i in at])
        with Slicer(scene.structs)[(way, *rest)] as vw:
            before, cache = scene.values(), np.asarray(vw.memcache)
            for k in range(len(at)):
                cache[k] = (1 + k) / 16
            (lambda f: natively("update", f) if scene.writes else f())(vw.update)
            for k, i in enumerate(at):
                before[i] = cache[k].tolist()
            same(scene.values(), before)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), [scene.values()[i] for i in at])
            natively("refresh", lambda: vw.refresh(vw.memcache[-1:]))
    for wrong in ([0, n], [-n - 1], [True] * (n + 1), [False] * n, range(n + 1)):
        with refused("ExpressionError"):
            with Slicer(scene.structs)[(wrong, *rest)]:
                pass


test_picked.cases = {name: (name,) for name in SCENES if name != "bones"}


def test_picked_in_other_ways():
    """One level, datablocks' own values, structs within datablocks, rows of different lengths, matrices: right values,
    natively or not."""
    scene = SCENES["maps"]()
    obs = [bpy.data.objects[one.name] for one in scene.structs]
    for i, ob in enumerate(obs):
        ob.location = i, 2, 3
        ob.data.vertices.add(i)
    bpy.context.view_layer.update()
    layers = [one.uv_layers[1] for one in scene.structs]
    for way in ([4, 0, 2], [True, False, True, True, False, True], [2, 1, 0, 3, 5, 4]):
        flat = {"ragged": "flat"}
        for supplier, items, options in (
                (obs, ("location",), {}), (obs, ("data", "vertices", EVERY, "co"), flat),
                (obs, ("data", "vertices", EVERY, "co"), {"ragged": "pad", "fill": -1}),
                (obs, ("data", "loops", EVERY, "vertex_index"), {}), (layers, ("data", EVERY, "uv"), {}),
                (obs, (("location", "scale"),), {}), (scene.structs, ("uv_layers", 1, "data", EVERY, "uv"), {}),
                (scene.structs, ("uv_layers", ["Map1"], "data", EVERY, "uv"), {})):
            for _ in range(3):
                check_oracle(supplier, (way, *items), **options)
        at = [i for i, keep in enumerate(way) if keep] if type(way[0]) is bool else way
        items = "data", "vertices", EVERY, "co"
        expected, _ = read([obs[i] for i in at], EVERY, *items, transform="WORLD", **flat)
        for _ in range(3):
            same(read(obs, way, *items, transform="WORLD", **flat)[0], expected)


def test_picked_of_thousands():
    """Learnt from the first few; one lost is lost, picked or not."""
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    structs = scene.structs + [mesh(i, name="More") for i in range(180)]
    way = list(range(180))[::-1]
    got, native = read(structs, way, *scene.items[1:])
    assert native
    same(got, [scene.values([structs[i]])[0] for i in way])
    with Slicer(structs)[(way, *scene.items[1:])] as vw:
        bpy.data.meshes.remove(structs[-1])
        is_refused(vw, ("SupplierLostError",))


# ---- of collections of bpy.data, of scenes, of F-curves

def of_collections():
    """Name -> (supplier, items after the numbers, what bpy has of one struct)."""
    scene = SCENES["maps"]()
    obs = [bpy.data.objects[one.name] for one in scene.structs]
    for i, ob in enumerate(obs):
        for j in range(2):
            ob.modifiers.new("M", "DISPLACE").strength = i + j / 4
    bpy.context.view_layer.update()
    items = "data", "uv_layers", 0, "data", EVERY, "uv"

    def uvs(ob):
        return [list(one.uv) for one in ob.data.uv_layers[0].data]
    return {
        "bpy.data": (lambda: bpy.data.objects, items, uvs),
        "scene": (lambda: bpy.context.scene.objects, items, uvs),
        "meshes": (lambda: bpy.data.meshes, ("vertices", EVERY, "co"), lambda one: [list(v.co) for v in one.vertices]),
        "lists": (lambda: bpy.data.objects, ("modifiers", EVERY, "strength"), lambda ob: [m.strength for m in ob.modifiers]),
    }


def test_picked_of_collections(name):
    from rnaslicer import Slicer
    give, items, told = of_collections()[name]
    n = len(give())
    ways = [[4, 0, 2], np.array([5, -1, 0]), [i % 2 == 0 for i in range(n)], np.arange(n) > 2, list(range(n))[::-1], [1, 1, 2]]
    for _ in range(2):
        with Slicer(give())[([0, 1], *items)] as vw:
            vw.update()
    for way in ways:
        flags = list(way)
        at = [i for i, keep in enumerate(flags) if keep] if type(flags[0]) in (bool, np.bool_) else flags
        got, native = read(give(), way, *items)
        assert native, way
        same(got, [told(list(give())[i]) for i in at])
        with Slicer(give())[(way, *items)] as vw:
            before, cache = [told(one) for one in give()], np.asarray(vw.memcache)
            for k in range(len(at)):
                cache[k] = (1 + k) / 16
            natively("update", vw.update)
            for k, i in enumerate(at):
                before[i] = cache[k].tolist()
            same([told(one) for one in give()], before)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), [before[i] for i in at])
            natively("refresh", lambda: vw.refresh(vw.memcache[-1:]))
    for wrong in ([0, n], [-n - 1], [True] * (n + 1)):
        with refused("ExpressionError"):
            with Slicer(give())[(wrong, *items)]:
                pass
    from rnaslicer import ExpressionError
    try:  # of nothing there is nothing, where RNA tells the form of what is behind it
        assert not Slicer(give())[([False] * n, *items)].read().nbytes
    except ExpressionError:
        assert name != "meshes"
    with Slicer(give())[([-1, 2], *items)] as vw:  # numbers from the end count those that were there at enter
        natively("refresh", vw.refresh)
        _another(name, give)
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()


test_picked_of_collections.cases = {name: (name,) for name in ("bpy.data", "scene", "meshes", "lists")}


def _another(name, give):
    made = bpy.data.meshes.new("Another")
    if name != "meshes":
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("Another", made))
    bpy.context.view_layer.update()


def test_picked_of_a_collection_in_another_order():
    """A number counts another datablock after a renaming: read as now, never written."""
    from rnaslicer import Slicer
    give, items, told = of_collections()["bpy.data"]
    for _ in range(3):
        with Slicer(give())[([4, 1], *items)] as vw:
            pass
    with Slicer(give())[([4, 1], *items)] as vw:
        natively("refresh", vw.refresh)
        bpy.data.objects[4].name = "000"
        vw.refresh()
        same(vw.memcache.tolist(), [told(list(give())[i]) for i in (4, 1)])
        before = [told(one) for one in give()]
        np.asarray(vw.memcache)[...] = 9
        with refused("ShapeChangedError", "changed places"):
            vw.update()
        same([told(one) for one in give()], before)


def test_picked_of_a_large_collection():
    """Learnt from the first few that are picked; another type among the rest is told."""
    from rnaslicer import Slicer
    SCENES["maps"]()
    for i in range(300):
        bpy.data.objects.new(f"Late{i:03}", mesh(i, name="Late") if i % 2 else None)
    meshes = np.array([one.type == "MESH" for one in bpy.data.objects])
    items = "data", "uv_layers", 0, "data", EVERY, "uv"
    got, native = read(bpy.data.objects, meshes, *items)
    assert native
    same(got, [[list(one.uv) for one in ob.data.uv_layers[0].data] for ob in bpy.data.objects if ob.type == "MESH"])
    meshes[[one.type for one in bpy.data.objects].index("EMPTY", 200)] = True
    for _ in range(2):
        with refused("ExpressionError", "None"):
            with Slicer(bpy.data.objects)[(meshes, *items)]:
                pass
