# tests/blender/trails/test_trails_corner_lists.py: Python lists of corners, edges and polygons: numbers that lead to others
"""Native code reads them as any list of structs; an update compares each number with what its own mesh has before anything is
written, so that stays Python's."""
import bpy

from counted_calls import FROM_LIST, REFRESH, counted
from support import EVERY, plain, refused, same
from trail_ways import known, natively, read


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


def test_written():
    """Each number is what the same assignments by bpy leave; normals and edges follow as after them."""
    from rnaslicer import Slicer
    ours, bpys = meshes(), meshes()
    corners = [one for mesh in ours for one in mesh.loops]
    for _ in range(3):
        with Slicer(corners)[:, "vertex_index"] as vw:
            for mesh, other in zip(ours, bpys):
                turned = [loop.vertex_index for loop in other.loops]
                turned = turned[:other.polygons[0].loop_total][1:] + turned[:1] + turned[other.polygons[0].loop_total:]
                for loop, number in zip(other.loops, turned):
                    loop.vertex_index = number
                other.update()
            wanted = [loop.vertex_index for mesh in bpys for loop in mesh.loops]
            for i, number in enumerate(wanted):
                vw.memcache[i] = number
            vw.update()
            same([loop.vertex_index for mesh in ours for loop in mesh.loops], wanted)
            vw.refresh()
            same(vw.memcache.tolist(), wanted)
        for mesh, other in zip(ours, bpys):
            same([plain(one.normal) for one in mesh.polygons], [plain(one.normal) for one in other.polygons])
            same([plain(one.normal) for one in mesh.vertices], [plain(one.normal) for one in other.vertices])


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
