# tests/blender/trails/test_trails_corner_lists.py: Python lists of corners, edges and polygons: numbers that lead to others
"""Native code reads them as any list of structs; an update compares each number with what its own mesh has before anything is
written, and brings each mesh up to date once. What divides corners stays Python's."""
import bpy

from counted_calls import FROM_LIST, REFRESH, UPDATE, counted
from support import EVERY, plain, refused, same
from test_trails_tagging import tags
from trail_ways import counts, known, natively, read


def fan(name, corners):
    """One polygon of so many corners, and triangles beside it."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i, i * i % 5, i % 3) for i in range(corners + 2)], [],
                     [tuple(range(corners)), (0, 1, corners), (1, 2, corners + 1), (2, 0, corners)])
    return mesh


def meshes():
    return [fan(f"Fan {corners}", corners) for corners in (5, 8, 3)]


CASES = {"corners' vertices": ("loops", "vertex_index"), "corners' edges": ("loops", "edge_index"),
         "edges' vertices": ("edges", "vertices"), "polygons' starts": ("polygons", "loop_start"),
         "polygons' lengths": ("polygons", "loop_total")}


def told(structs, prop):
    return [plain(getattr(one, prop)) for one in structs]


def test_values(collection, prop):
    from rnaslicer import Slicer
    every = meshes()
    for some in (every, every[:1]):
        structs = [one for mesh in some for i, one in enumerate(getattr(mesh, collection)) if i % 3 != 1]
        assert len({str(value) for value in told(structs, prop)}) > 1
        known(structs, EVERY, prop)
        with Slicer(structs)[:, prop] as vw:
            same(plain(vw.memcache.tolist()), told(structs, prop))
            natively("refresh", vw.refresh)
            assert counted(vw.refresh) <= REFRESH
            natively("refresh", lambda: vw.refresh(vw.memcache[1:3]))
            same(plain(vw.memcache.tolist()), told(structs, prop))
        got, native = read(structs[::-1], EVERY, prop)
        assert native
        same(plain(got), told(structs[::-1], prop))

    def one_shot():
        with Slicer(structs)[:, prop]:
            pass

    assert counted(one_shot) <= FROM_LIST


test_values.cases = CASES


def turned(mesh):
    """The vertices of the corners, those of the first polygon one further."""
    numbers, count = [loop.vertex_index for loop in mesh.loops], mesh.polygons[0].loop_total
    return numbers[1:count] + numbers[:1] + numbers[count:]


def derived(mesh):
    return [plain(one.normal) for one in mesh.polygons], [plain(one.normal) for one in mesh.vertices], [
        plain(one.vertices) for one in mesh.edges], [tuple(one.vertices) for one in mesh.loop_triangles], [
            plain(one.vector) for one in getattr(mesh, "corner_normals", ())]


def test_written():
    """Each number is what the same assignments by bpy leave; normals, triangles and edges follow as after them. So it is where
    a copy has the same arrays, which keeps its own numbers."""
    from rnaslicer import Slicer
    ours, bpys = meshes(), meshes()
    known([one for mesh in ours for one in mesh.loops], EVERY, "vertex_index")
    for round_ in range(4):
        copies = [mesh.copy() for mesh in ours] if round_ % 2 else []
        kept = [[loop.vertex_index for loop in mesh.loops] for mesh in copies]
        corners = [one for mesh in ours for one in mesh.loops]
        with Slicer(corners)[:, "vertex_index"] as vw:
            for mesh, other in zip(ours, bpys):
                for loop, number in zip(other.loops, turned(other)):
                    loop.vertex_index = number
                other.update()
                for each in (mesh, other):
                    each.vertices[0].co = each.vertices[0].co
                    each.calc_loop_triangles()
            wanted = [loop.vertex_index for mesh in bpys for loop in mesh.loops]
            for i, number in enumerate(wanted):
                vw.memcache[i] = number
            natively("update", vw.update)
            assert counted(vw.update) <= UPDATE
            same([loop.vertex_index for mesh in ours for loop in mesh.loops], wanted)
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), wanted)
        for mesh, other in zip(ours, bpys):
            mesh.calc_loop_triangles()
            other.calc_loop_triangles()
            same(derived(mesh), derived(other))
        for mesh, numbers in zip(copies, kept):
            same([loop.vertex_index for loop in mesh.loops], numbers)
            bpy.data.meshes.remove(mesh)


# name -> (collection, property, whether native code writes it)
WRITTEN = {"corners' vertices": ("loops", "vertex_index", True), "corners' edges": ("loops", "edge_index", True),
           "edges' vertices": ("edges", "vertices", True), "polygons' smooth": ("polygons", "use_smooth", True),
           "edges' sharp": ("edges", "use_edge_sharp", True), "vertices' places": ("vertices", "co", True)}


def other_value(now, i):
    if type(now) is bool:
        return i % 3 == 0
    if type(now) is int:
        return (now + i) % 3
    return [i / 4, 1, 2] if len(now) == 3 else [i % 3, (i + 1) % 3]


def test_told(collection, prop, native):
    """Of meshes that were evaluated each is tagged, also where a part is written, and those alone of which some is."""
    from rnaslicer import Slicer
    ours, bpys = meshes(), meshes()
    for mesh in (*ours, *bpys):
        bpy.context.scene.collection.objects.link(bpy.data.objects.new("User", mesh))
    known([one for mesh in ours for one in getattr(mesh, collection)], EVERY, prop)
    for part in (None, slice(0, 3), slice(-4, None), slice(None, None, 5)):
        bpy.context.view_layer.update()
        ones, others = ([one for mesh in some for one in getattr(mesh, collection)] for some in (ours, bpys))
        with Slicer(ones)[:, prop] as vw:
            rows = range(len(ones))[part or EVERY]
            for i in rows:
                value = other_value(plain(getattr(others[i], prop)), i)
                vw.memcache[i] = value
                setattr(others[i], prop, value)
            bpy.context.view_layer.update()
            before = counts()["update"][0]
            vw.update() if part is None else vw.update(vw.memcache[part])
            assert counts()["update"][0] == before + native
            for i, mesh in enumerate(ours):
                first = sum(len(getattr(one, collection)) for one in ours[:i])
                count = len(getattr(mesh, collection))
                assert bool(tags(mesh)) == any(first <= at < first + count for at in rows), (part, i)
        bpy.context.view_layer.update()
        for mesh, other in zip(ours, bpys):
            other.update()
            other.vertices[0].co = other.vertices[0].co
            same(told(getattr(mesh, collection), prop), told(getattr(other, collection), prop))
            kept = slice(2, 4) if prop == "vertex_index" else EVERY  # a polygon that names a vertex twice: normals by chance
            same(derived(mesh)[kept], derived(other)[kept])
            graph = bpy.context.evaluated_depsgraph_get()
            users = [next(ob for ob in bpy.data.objects if ob.data == one) for one in (mesh, other)]
            evaluated = [user.evaluated_get(graph).data for user in users]
            same(told(getattr(evaluated[0], collection), prop), told(getattr(evaluated[1], collection), prop))


test_told.cases = WRITTEN


def test_single():
    """One corner, edge alone: as of many."""
    from rnaslicer import Slicer
    mesh = fan("One", 5)
    for name, prop, value in (("loops", "vertex_index", 4), ("edges", "vertices", [2, 4])):
        for at in (0, 1, 3):
            known(getattr(mesh, name), at, prop)
            with Slicer(getattr(mesh, name))[at, prop] as vw:
                before = vw.memcache.tolist()
                for i in range(len(value) if type(value) is list else 1):
                    for wrong in (len(mesh.vertices), -1):
                        vw.memcache[i if type(value) is list else ...] = wrong
                        with refused("ValueRangeError", f"would be {wrong}", "nothing was written"):
                            vw.update()
                    same(plain(getattr(getattr(mesh, name)[at], prop)), before)
                    vw.refresh()
                vw.memcache[...] = value
                natively("update", vw.update)
                assert counted(vw.update) <= UPDATE
                same(plain(getattr(getattr(mesh, name)[at], prop)), value)
                vw.memcache[...] = before
                natively("update", vw.update)


def test_attributes():
    """The same numbers as an attribute's, of which one is alone or several are in a list: each leads somewhere, or is refused."""
    from rnaslicer import Slicer
    mesh, twin = fan("One", 5), fan("Twin", 5)
    if ".corner_vert" not in mesh.attributes:
        return
    for turn in range(3):
        for supplier, items, at in ((mesh.attributes[".corner_vert"].data, (3, "value"), 3),
                                    (mesh.attributes, ('[".corner_vert"]', "data", 4, "value"), 4),
                                    (list(mesh.attributes[".corner_vert"].data)[2:5], (EVERY, "value"), 2)):
            with Slicer(supplier)[items] as vw:
                before = told(mesh.loops, "vertex_index")
                first = 0 if vw.shape else ...
                for wrong in (len(mesh.vertices), -1):
                    vw.memcache[first] = wrong
                    with refused("ValueRangeError", f"would be {wrong}", "nothing was written"):
                        vw.update()
                same(told(mesh.loops, "vertex_index"), before)
                vw.memcache[first] = turn
                vw.update()
            twin.loops[at].vertex_index = turn
            twin.update()
            twin.vertices[0].co = twin.vertices[0].co
            same(told(mesh.loops, "vertex_index"), told(twin.loops, "vertex_index"))
            same(derived(mesh)[2:4], derived(twin)[2:4])


def test_refused():
    """Each leads to what its own mesh has; of one that leads elsewhere nothing is written, wherever it stands."""
    from rnaslicer import Slicer
    every = meshes()
    corners = [one for mesh in every for one in mesh.loops]
    before = told(corners, "vertex_index")
    known(corners, EVERY, "vertex_index")
    with Slicer(corners)[:, "vertex_index"] as vw:
        for at, number in ((0, len(every[0].vertices)), (len(corners) - 1, len(every[2].vertices)), (3, -1)):
            vw.memcache[:] = before
            vw.memcache[at] = number
            with refused("ValueRangeError", f"loops[{corners[at].index}]", f"would be {number}", "nothing was written"):
                vw.update()
            with refused("ValueRangeError"):
                vw.update(vw.memcache[at:at + 1])
            vw.update(vw.memcache[at + 1:at + 2] if at == 0 else vw.memcache[:1])
            same(told(corners, "vertex_index"), before)
        longest = len(every[0].loops) + 2  # the second mesh has that vertex, the others have not
        assert len(every[0].vertices) < len(every[1].vertices)
        vw.memcache[:] = before
        vw.memcache[longest] = len(every[0].vertices)
        vw.update(vw.memcache[longest:longest + 1])
        assert corners[longest].vertex_index == len(every[0].vertices)
    ends = [one for mesh in every for one in mesh.edges]
    before = told(ends, "vertices")
    with Slicer(ends)[:, "vertices"] as vw:
        vw.memcache[2, 1] = 999
        with refused("ValueRangeError", "edges[2]", "999", "nothing was written"):
            vw.update()
        same(told(ends, "vertices"), before)
    starts = [one for mesh in every for one in mesh.polygons]
    before = told(starts, "loop_start")
    with Slicer(starts)[:, "loop_start"] as vw:
        vw.memcache[5] += 2
        with refused("ValueRangeError", "polygons[1]", "nothing was written"):
            vw.update()
        same(told(starts, "loop_start"), before)
        vw.memcache[5] -= 2
        vw.update()
        same(told(starts, "loop_start"), before)


def test_gone():
    from rnaslicer import Slicer
    every = meshes()
    corners = [one for mesh in every for one in mesh.loops]
    known(corners, EVERY, "vertex_index")
    with Slicer(corners)[:, "vertex_index"] as vw:
        bpy.data.meshes.remove(every[1])
        for act in (vw.refresh, vw.update):
            with refused("SupplierLostError"):
                act()
