# tests/blender/transfer/mesh_steps.py: a mesh that is built step by step, for the tests of building
import random

import bpy
import numpy as np

from support import EVERY, VERSION

WIDE = 6
POINTS = [(float(x), float(y), 0.25 * x * y) for y in range(WIDE) for x in range(WIDE)]
QUADS = [(i, i + 1, i + WIDE + 1, i + WIDE) for i in range(WIDE * (WIDE - 1)) if i % WIDE < WIDE - 1]
EDGES = sorted({tuple(sorted((q[k], q[(k + 1) % 4]))) for q in QUADS for k in range(4)})
CORNERS = [v for quad in QUADS for v in quad]
CORNER_EDGES = [EDGES.index(tuple(sorted((q[k], q[(k + 1) % 4])))) for q in QUADS for k in range(4)]
HAS_TOTALS = VERSION < (4, 0)

# name: (collection, property, values, whether only of a mesh whose edges are given)
STEPS = {
    "co": ("vertices", "co", POINTS, False),
    "vertex": ("loops", "vertex_index", CORNERS, False),
    "start": ("polygons", "loop_start", range(0, len(CORNERS), 4), False),
    "total": ("polygons", "loop_total", [4] * len(QUADS), False),
    "smooth": ("polygons", "use_smooth", [i % 3 == 0 for i in range(len(QUADS))], False),
    "material": ("polygons", "material_index", [i % 5 for i in range(len(QUADS))], False),
    "hide": ("vertices", "hide", [i % 4 == 0 for i in range(len(POINTS))], False),
    "ends": ("edges", "vertices", EDGES, True),
    "edge": ("loops", "edge_index", CORNER_EDGES, True),
    "seam": ("edges", "use_seam", [i % 2 == 0 for i in range(len(EDGES))], True),
    "sharp": ("edges", "use_edge_sharp", [i % 3 == 0 for i in range(len(EDGES))], True),
    "weight": ("attributes", "W", [i / 8 for i in range(len(QUADS))], False),
}
if not HAS_TOTALS:
    del STEPS["total"]
    STEPS["corner_vert"] = ("attributes", ".corner_vert", CORNERS, False)
    STEPS["sharp_face"] = ("attributes", "sharp_face", [i % 3 != 0 for i in range(len(QUADS))], False)


def begun(rng, with_edges, name):
    """The elements, with nothing set."""
    mesh = bpy.data.meshes.new(name)
    adds = [("vertices", POINTS), ("loops", CORNERS), ("polygons", QUADS)] + [("edges", EDGES)] * with_edges
    rng.shuffle(adds)
    for collection, elements in adds:
        getattr(mesh, collection).add(len(elements))
    mesh.attributes.new("W", "FLOAT", "FACE")
    if not HAS_TOTALS:
        mesh.attributes.new("sharp_face", "BOOLEAN", "FACE")
    return mesh


def target(mesh, collection, name):
    return (mesh.attributes[name].data, "value") if collection == "attributes" else (getattr(mesh, collection), name)


def by_foreach(mesh, collection, name, values):
    supplier, name = target(mesh, collection, name)
    supplier.foreach_set(name, np.asarray(values).ravel())


def by_slicer(mesh, collection, name, values):
    from rnaslicer import Slicer
    supplier, name = target(mesh, collection, name)
    with Slicer(supplier)[EVERY, name] as vw:
        np.asarray(vw.memcache)[...] = np.asarray(values)
        vw.update()


def by_halves(mesh, collection, name, values):
    """In two regions, the second first."""
    from rnaslicer import Slicer
    supplier, name = target(mesh, collection, name)
    with Slicer(supplier)[EVERY, name] as vw:
        half = len(values) // 2
        np.asarray(vw.memcache)[...] = np.asarray(values)
        vw.update(vw.memcache[half:])
        vw.update(vw.memcache[:half])


def everything(mesh):
    found = {}
    for collection, names in (("vertices", "co normal hide select"), ("edges", "vertices use_seam use_edge_sharp"),
                              ("loops", "vertex_index edge_index normal"),
                              ("polygons", "loop_start loop_total use_smooth material_index normal area center")):
        for name in names.split():
            found[collection, name] = [list(v) if hasattr(v, "__len__") else v
                                       for v in (getattr(e, name) for e in getattr(mesh, collection))]
    for attribute in mesh.attributes:
        if attribute.data_type in ("FLOAT", "INT", "BOOLEAN"):
            found[attribute.name] = [e.value for e in attribute.data]
    return found


def complete(mesh):
    mesh.update()
    changed = mesh.validate()
    if HAS_TOTALS:
        mesh.calc_normals_split()
    return changed


def half_built(start=1 << 29, edges=True):
    """A mesh whose polygons begin where no corner is."""
    mesh = begun(random.Random(1), edges, "Half")
    by_foreach(mesh, "polygons", "loop_start", [start] * len(QUADS))
    if HAS_TOTALS:
        by_foreach(mesh, "polygons", "loop_total", [start] * len(QUADS))
    return mesh
