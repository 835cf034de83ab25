# bench/small_derived.py: what a call of more than a copy costs on small data: through indices, a matrix, padded, compared
"""A part of `./run bench small` (small.py), in the same u. The bytes touched are counted by hand here: those of Blender's
memory that are read, those of the cache, halved; a gather reads its indices, too. What is taken off as the copy is a
memcpy of them, times what the figures of large data allow such a pass (`PASS`, the goals of derived.py): what a kernel may
take there is no cost of the call here. Beside it stands what is left where no more than the memcpy is taken off."""
from statistics import median

import bpy
import numpy as np

from measure import Memcpy, alternate, counted

SIZES = (64, 400, 2500, 10_000)
# × memcpy; of a refresh, where that is what it is compared with; of padded rows nothing is said.
PASS = {"gather": 1.6, "bytes": 1.6, "transform": 1.3, "changes": 1.6, "rows": 1.0}
ALL = slice(None)
WIDTH = 4  # of a padded row
ROW = "  {:<10}{:<38}{:>14}{:>14}{:>14}{:>14}{:>8}"


def derived_rows(scene, goals, calls):
    """A row for each size and expression; prints them as it goes. scene(size): a grid's mesh, and what else it has."""
    print(ROW.format("size", "more than a copy", "one-shot", "refresh", "update", "calls", ""))
    rows = []
    for size in SIZES:
        mesh, _ = scene(size)
        dressed(mesh)
        for name, give, element, touched, kind in cases(mesh):
            rows.append(measured(size, mesh, name, give, element, touched, PASS[kind], goals, calls))
    return rows


def dressed(mesh):
    """With what the grid of other rows lacks: weights of three groups, byte colours, triangles, a place in the world."""
    ob = the_object()
    count = len(mesh.vertices)
    for number in range(3):
        ob.vertex_groups.new(name=f"G{number}").add(range(0, count, number + 1), 0.5, "REPLACE")
    layer = mesh.color_attributes.new("Bytes", "BYTE_COLOR", "POINT")
    layer.data.foreach_set("color", np.random.default_rng(1).random(4 * count, np.float32))
    mesh.calc_loop_triangles()
    ob.location, ob.rotation_euler, ob.scale = (1, 2, 3), (0.3, 0.2, 0.1), (1, 2, 0.5)
    bpy.context.view_layer.update()


def the_object():
    return bpy.context.scene.collection.objects[0]


def cases(mesh):
    """(text, what makes the wrapper, (an element of what an update writes, its property), bytes touched by a read, kind of
    pass)."""
    from rnaslicer import Slicer
    ob = the_object()
    matrix = ob.matrix_world.copy()
    vertices, corners, triangles = len(mesh.vertices), len(mesh.loops), len(mesh.loop_triangles)
    layer = mesh.color_attributes["Bytes"].data
    color = "color_srgb" if hasattr(layer[0], "color_srgb") else "color"
    weights = sum(len(vertex.groups) for vertex in mesh.vertices)
    co = np.dtype("f4").itemsize * 3
    span = (mesh.vertices[1].as_pointer() - mesh.vertices[0].as_pointer()) * vertices
    vertex = (lambda: mesh.vertices[0]), "co"
    yield ("loops.vertex_index → vertices.co", lambda: Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co"], vertex,
           (corners * 4, 2 * corners * co), "gather")
    yield ("loop_triangles.vertices → vertices.co",
           lambda: Slicer(mesh.loop_triangles)[:, "vertices", :, mesh.vertices, "co"], vertex,
           (triangles * 12, 6 * triangles * co), "gather")
    yield ("vertices.co, transform=matrix", lambda: Slicer(mesh.vertices, transform=matrix)[:, "co"], vertex,
           (span, vertices * co), "transform")
    yield ("data.vertices.co, transform='WORLD'", lambda: Slicer(ob, transform="WORLD")["data", "vertices", :, "co"],
           vertex, (span, vertices * co), "transform")
    yield (f"{color}, dtype='B', normalized",
           lambda: Slicer(mesh.color_attributes["Bytes"].data, dtype="B", normalized=True)[:, color],
           ((lambda: mesh.color_attributes["Bytes"].data[0]), color), (4 * vertices, 4 * vertices), "bytes")
    yield ("vertices.groups.weight, padded",
           lambda: Slicer(mesh.vertices, ragged="pad", width=WIDTH)[:, "groups", :, "weight"],
           ((lambda: mesh.vertices[0].groups[0]), "weight"), (16 * vertices + 8 * weights, 4 * WIDTH * vertices), "rows")
    yield ("polygons.vertices, padded", lambda: Slicer(mesh.polygons, ragged="pad", width=WIDTH)[:, "vertices", :],
           ((lambda: mesh.loops[0]), "vertex_index"), (4 * len(mesh.polygons) + 4 * corners, 4 * WIDTH * len(mesh.polygons)),
           "rows")
    yield ("vertices.co, changes()", lambda: Slicer(mesh.vertices)[:, "co"], None, (span, vertices * co),
           "changes")


def measured(size, mesh, name, give, element, touched, allowed, goals, most):
    def unit():
        vertices = mesh.vertices
        len(vertices)
        vertices[0].as_pointer()

    def one_shot():
        with give():
            pass

    def assignments():
        for _ in range(2):
            one, prop = element[0](), element[1]
            setattr(one, prop, getattr(one, prop))

    def computed():  # an assignment to a vertex drops the triangles: whoever asks for them next has bpy make them anew
        if "triangles" in name:
            mesh.loop_triangles[0].as_pointer()

    one_shot()
    with give() as vw:
        ways = {"one-shot": one_shot, "refresh": vw.refresh, "update": vw.update} if element else {"refresh": vw.changes}
        bpy.context.view_layer.update()  # whether bpy's own assignment tags the mesh shows where it has no tag yet
        vw.update()
        times = alternate({"u": unit, "computed": computed, **ways, **({"assignments": assignments} if element else {}),
                           "copy": Memcpy(sum(touched) // 2)}, rounds=400, seconds=3.0)
        calls = {way: counted(do) for way, do in ways.items()}
        route = vw.kernel.route
    runs = {way: times[way].runs for way in times}

    def beyond(way, times):
        others = runs["assignments"] if way == "update" else [0] * len(runs["u"])
        return median((all_ - times * copy - other) / u
                      for u, all_, copy, other in zip(runs["u"], runs[way], runs["copy"], others))

    found = {way: beyond(way, allowed) for way in ways}
    bare = {way: beyond(way, 1) for way in ways}
    missed = [way for way in found if found[way] > goals[way] or calls[way] > most[way]]
    cells = [f"{found[way]:.1f} ({bare[way]:.1f})" if way in found else "" for way in goals]
    print(ROW.format(f"{size:,}", name, *cells, "/".join(str(calls[way]) for way in goals if way in calls), route)
          + (f"  MISSED {', '.join(missed)}" if missed else ""), flush=True)
    return {"size": size, "what": name, "route": route, "beyond": found, "bare": bare, "calls": calls,
            "u": median(runs["u"]), "missed": missed}
