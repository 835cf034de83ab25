# tests/blender/transfer/test_building_derived.py: what Blender computes from geometry that is not whole: refused, however it is asked for
import bpy
import numpy as np

from support import EVERY, VERSION, refused, same

COMPUTED = [("vertex_normals", "vector", 3), ("polygon_normals", "vector", 3), ("loop_triangles", "vertices", 3),
            ("loop_triangles", "normal", 3)]
OF_ELEMENTS = [("vertices", "normal", 3), ("polygons", "normal", 3), ("polygons", "center", 3), ("polygons", "area", 1)]
if VERSION >= (4, 1):
    COMPUTED += [("corner_normals", "vector", 3), ("loop_triangle_polygons", "value", 1)]
    OF_ELEMENTS += [("loops", "normal", 3)]
BORDERS = "loop_start", "loop_total"


def whole(name="Whole"):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(x, y, x * y / 8) for y in range(6) for x in range(6)], [],
                     [(i, i + 1, i + 7, i + 6) for i in range(29) if i % 6 < 5])
    mesh.calc_loop_triangles()
    return mesh


def break_(mesh, start=1 << 29):
    """Its polygons begin where no corner is, as while it is built."""
    for name in BORDERS[:1] if VERSION >= (4, 0) else BORDERS:
        mesh.polygons.foreach_set(name, [start] * len(mesh.polygons))


def begun():
    mesh = bpy.data.meshes.new("Begun")
    for name, count in (("vertices", 36), ("edges", 60), ("loops", 100), ("polygons", 25)):
        getattr(mesh, name).add(count)
    break_(mesh)
    return mesh


def forms(owner, name):
    """Expressions from the mesh: one element, some, all, and from a list of meshes."""
    return [(owner, 0, name), (owner, -1, name), (owner, [0, 2], name), (owner, slice(0, 3), name), (owner, EVERY, name),
            (owner, (0, 0)[0], name, 0 if name != "value" else EVERY)][:5 if name in ("value", "area") else 6]


def test_single_elements():
    """Asking bpy for one of them computes all: of a mesh that is new, and along trails that whole ones have taught."""
    from rnaslicer import Slicer
    for owner, name, _ in COMPUTED + OF_ELEMENTS:
        for expression in forms(owner, name):
            with refused("ContextError", "Begun", "complete the geometry"):
                Slicer(begun())[expression].read()
            for number in range(3):
                mesh = whole(f"Whole {number}")
                wanted = np.asarray(Slicer(mesh)[expression].read()).tolist()
                with Slicer(mesh)[expression] as vw:
                    vw.refresh()
                    same(vw.memcache.tolist(), wanted)
            for use in (lambda vw: vw.__enter__(), lambda vw: vw.read()):
                with refused("ContextError", "Begun", "complete the geometry"):
                    use(Slicer(begun())[expression])
                with refused("ContextError", "Begun", "complete the geometry"):
                    use(Slicer([mesh, begun()])[(EVERY, *expression)])


def begin_anew(mesh):
    """Cleared and begun again with as many elements, in the memory that was freed. Gives what completes it."""
    starts, totals = ([getattr(p, name) for p in mesh.polygons] for name in BORDERS)
    corners = [(one.vertex_index, one.edge_index) for one in mesh.loops]
    ends = [i for edge in mesh.edges for i in edge.vertices]
    counts = {name: len(getattr(mesh, name)) for name in ("vertices", "edges", "loops", "polygons")}
    mesh.clear_geometry()
    for name, count in counts.items():
        getattr(mesh, name).add(count)
    break_(mesh)

    def complete():
        mesh.edges.foreach_set("vertices", ends)
        mesh.loops.foreach_set("vertex_index", [vertex for vertex, _ in corners])
        mesh.loops.foreach_set("edge_index", [edge for _, edge in corners])
        mesh.polygons.foreach_set("loop_start", starts)
        if VERSION < (4, 0):
            mesh.polygons.foreach_set("loop_total", totals)
        mesh.update()
        mesh.calc_loop_triangles()
    return complete


def test_begun_anew_while_held():
    """With as many elements, at the address where those of before lay: refused until it is whole again."""
    from rnaslicer import Slicer, SlicerError
    refusals = 0
    for owner, name, _ in COMPUTED + OF_ELEMENTS:
        for expression in forms(owner, name):
            mesh = whole()
            with Slicer(mesh.vertices)[:, "co"] as positions:
                positions.update()
            with Slicer(mesh)[expression] as vw:
                vw.refresh()
                held = vw.memcache.tolist()
                complete = begin_anew(mesh)
                for use in (vw.refresh, vw.changes, vw.read, vw.update):
                    with refused("SlicerError", "Whole"):
                        use()
                same(vw.memcache.tolist(), held)
                complete()
                try:
                    vw.refresh()
                    refusals += 1
                except SlicerError as error:  # of triangles there were none meanwhile
                    assert "loop_triangle" in owner, error
    assert refusals > 20


def test_written_while_begun_anew():
    """An update of what was whole before stores its values, and nothing is called that reads the rest: 4.3 and 5.2 make
    edges, from corners that are none, where somebody calls mesh.update()."""
    from rnaslicer import Slicer
    from rnaslicer.layout import whole as module
    looks, real = [], module.borders_fault
    for kind in ("vertices", "loops", "polygons"):
        mesh = whole()
        supplier, name = {"vertices": (mesh.vertices, "co"), "loops": (mesh.loops, "vertex_index"),
                          "polygons": (mesh.polygons, "use_smooth")}[kind]
        for _ in range(3):
            with Slicer(supplier)[:, name] as vw:
                vw.update()
        values = vw.read().tolist()
        complete = begin_anew(mesh)
        with Slicer(getattr(mesh, kind))[:, name] as vw:
            np.asarray(vw.memcache)[...] = values
            looks.clear()
            module.borders_fault = lambda mesh: looks.append(mesh) or real(mesh)
            try:
                vw.update()
            finally:
                module.borders_fault = real
            assert looks, kind
            vw.update(vw.memcache[2:5])
        with refused("ContextError", "Whole"):
            Slicer(mesh.vertices)[:, "normal"].read()
        complete()
        same([list(v) if kind == "vertices" else v for v in (getattr(one, name) for one in getattr(mesh, kind))], values)


def test_by_foreach_get():
    """Where bpy's own call would crash, whatever the buffer."""
    from rnaslicer import foreach_get
    mesh = begun()
    for owner, name, width in COMPUTED[:3] + OF_ELEMENTS:
        elements, count = getattr(mesh, owner), len(getattr(mesh, owner))
        if not count:
            continue
        made = whole()
        for kind in ("f", "d"):
            for shape in ((count * width,), (count, width)):
                for _ in range(2):
                    with refused("ContextError", "Begun", "complete the geometry"):
                        foreach_get(elements, name, np.zeros(shape, kind))
        with refused("ContextError", "Begun"):
            foreach_get(elements, name, [0.0] * (count * width))
        theirs, ours = (np.zeros(len(getattr(made, owner)) * width, "f") for _ in range(2))
        getattr(made, owner).foreach_get(name, theirs)
        foreach_get(getattr(made, owner), name, ours)
        same(ours.tolist(), theirs.tolist(), name)


def test_read_only_of_half_built_ones():
    """bpy's foreach_set passes over them in silence, and touches nothing."""
    from rnaslicer import foreach_set
    for mesh in (begun(), whole()):
        for owner, name, width in OF_ELEMENTS:
            if VERSION < (4, 0) and owner == "loops":
                continue
            elements = getattr(mesh, owner)
            count = len(elements) * width
            for values in ([0.0] * count, np.zeros(count, "f"), np.zeros(count, "d"), np.zeros((len(elements), width), "f"),
                           np.zeros(count, ">f4"), tuple([0.0] * count)):
                with refused("ReadOnlyError", name):
                    foreach_set(elements, name, values)


def test_curves():
    """Normals of hair curves whose offsets are not there yet."""
    from rnaslicer import Slicer, foreach_get
    if VERSION < (4, 3):
        return
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([5] * 10)
    for expression in (("normals", slice(3, 4), "vector"), ("normals", EVERY, "vector"), ("normals", [1, 2], "vector", 0)):
        wanted = Slicer(curves)[expression].read().tolist()
        given = [one.value for one in curves.curve_offset_data]
        with Slicer(curves)[expression] as vw:
            curves.curve_offset_data.foreach_set("value", [1 << 29] * 11)
            for use in (vw.refresh, vw.read, Slicer(curves)[expression].__enter__):
                with refused("ContextError", "Hair", "complete the geometry"):
                    use()
            with refused("ContextError", "Hair"):
                foreach_get(curves.normals, "vector", np.zeros(150, "f"))
            curves.curve_offset_data.foreach_set("value", given)
            vw.refresh()
            same(vw.memcache.tolist(), wanted)


def test_corners_of_no_polygon():
    """3.4 makes as many triangles as corners and polygons say, and fills those that polygons have: the others crash."""
    import rnaslicer
    if bpy.app.version >= (4, 0):  # the last polygon has all corners
        return
    mesh = bpy.data.meshes.new("Stray")
    mesh.from_pydata([(k, k % 2, 0) for k in range(6)], [], [(0, 1, 2, 3), (2, 3, 4, 5)])
    for known in range(2):
        for name, width in (("vertices", 3), ("area", 1)):
            mesh.calc_loop_triangles()
            if known:
                rnaslicer.Slicer(mesh.loop_triangles)[:, name].read()
            stray = mesh.copy()
            stray.loops.add(3)
            for use in (rnaslicer.Slicer(stray.loop_triangles)[:, name].read, rnaslicer.Slicer(stray.polygons)[:, "area"].read,
                        lambda: rnaslicer.foreach_get(stray.loop_triangles, name, [0] * width * len(stray.loop_triangles))):
                with refused("ContextError", "corners"):
                    use()
