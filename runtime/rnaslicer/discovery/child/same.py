# runtime/rnaslicer/discovery/child/same.py: confirms which properties another layer or collection holds.
"""Runs in the throw-away child only. Names propose (elsewhere.py); here values vary, so that agreement of every
element tells one layer from another, and missing layers show their defaults. In the user's session agreement is
then enough, also where all values are alike."""

import bpy

from ...blender import calibrate
from ...blender.rna import TOPOLOGY
from . import trial
from ..found import CLAMPS, LAYER, PLACES, TAGS, UNLISTED
from ..handed import handed

COLUMNS, ROWS = 7, 5
INTS = -(1 << 31), (1 << 31) - 1


def confirmed(pokes, rng):
    """(element, property) of everything that this build stores where the names say; (LAYER, name) of the
    mesh's layers then; (CLAMPS, "element.property") of integers whose setter clamps as RNA declares; (UNLISTED, key)
    of layers that no attribute lists; (TAGS, "class of ID element.property") of floats that tag their ID; (PLACES,
    "name: numbers") of what a session looks for first."""
    mesh = _mesh(rng)
    mesh.calc_loop_triangles()
    mesh.uv_layers.new(name="UV")
    places = [lambda name=name: getattr(mesh, name)
              for name in ("vertices", "edges", "polygons", "loops", "loop_triangles")]
    places += [lambda: mesh.uv_layers[0].data, *_points(rng)]
    found = []
    for get in places:
        for name in get()[0].bl_rna.properties.keys():
            if handed.confirms(get, name, lambda get=get, name=name: _vary(get, name, rng)):
                kind = get()[0].bl_rna.identifier
                found.append((kind, name))
                if _clamps(get()[0], name):
                    found.append((CLAMPS, f"{kind}.{name}"))
    found += [(TAGS, key) for key in _tagging(pokes, rng)]
    found += [(LAYER, name) for name in mesh.attributes.keys()]
    found += [(UNLISTED, key) for key in _unlisted(mesh, rng)]
    found += [(PLACES, f"{name}: {' '.join(map(str, numbers))}") for name, numbers in (*calibrate.told(), *handed.places())]
    return found


def _tagging(pokes, rng):
    """Of a mesh of its own, whose topology nothing has varied."""
    mesh = _mesh(rng)
    mesh.uv_layers.new(name="UV")
    for get in (lambda: mesh.vertices, lambda: mesh.uv_layers[0].data, *_points(rng)):
        yield from trial.tagging(pokes, get()[0])


def _unlisted(mesh, rng):
    """Keys of the layers of corner normals (3.4) and tangents."""
    for corner in mesh.uv_layers[0].data:  # both ways round, so that signs vary
        corner.uv = rng.random(), rng.random()
    if hasattr(mesh, "calc_normals_split"):
        mesh.calc_normals_split()
    mesh.calc_tangents()
    for name in ("normal", "tangent", "bitangent_sign"):
        yield from handed.confirmed_layers(mesh.loops, name)


def _clamps(element, name):
    """Whether assigning an integer beyond RNA's hard range stores the nearer end of it
    (hazards.UNCLAMPED). What indexes a mesh's own elements is left alone."""
    prop = element.bl_rna.properties[name]
    if prop.type != "INT" or prop.is_readonly or (element.bl_rna.identifier, name) in TOPOLOGY:
        return False
    low, high, before = prop.hard_min, prop.hard_max, getattr(element, name)
    for asked, stored in ((low - 1, low), (INTS[0], low), (high + 1, high), (INTS[1], high), (low, low)):
        if INTS[0] <= asked <= INTS[1]:
            setattr(element, name, asked)
            if getattr(element, name) != stored:
                return False
    setattr(element, name, before)
    return True


def _mesh(rng):
    """Quads and triangles, so that lengths vary, without layers that a setter would make."""
    mesh = bpy.data.meshes.new("Same")
    width, faces = COLUMNS + 1, []
    for row in range(ROWS):
        for column in range(COLUMNS):
            a = row * width + column
            quad = (a, a + 1, a + width + 1, a + width)
            faces += [quad[:3], (quad[0], quad[2], quad[3])] if rng.random() < 0.4 else [quad]
    mesh.from_pydata([(i % width, i // width, rng.random()) for i in range(width * (ROWS + 1))], [], faces)
    for attribute in [a.name for a in mesh.attributes if a.name.startswith((".select", ".hide", "sharp"))]:
        mesh.attributes.remove(mesh.attributes[attribute])
    for _ in range(5):
        mesh.materials.append(None)
    return mesh


def _points(rng):
    """Points and curves of hair, points of a cloud, where this build makes them."""
    if hasattr(bpy.data, "hair_curves"):
        hair = bpy.data.hair_curves.new("Same")
        if hasattr(hair, "add_curves"):
            hair.add_curves([rng.randint(2, 6) for _ in range(9)])
            yield lambda: hair.points
            yield lambda: hair.curves
    clouds = getattr(bpy.data, "pointclouds", None)
    if hasattr(clouds, "new"):
        cloud = clouds.new("Same")
        if hasattr(cloud, "resize"):
            cloud.resize(20)
            yield lambda: cloud.points


def _vary(get, name, rng):
    """Random values through bpy's own setter; read-only ones vary by themselves."""
    coll = get()
    prop = coll[0].bl_rna.properties[name]
    if prop.is_readonly or (coll[0].bl_rna.identifier, name) == ("MeshLoop", "edge_index"):
        return
    for flags in ("pin", "vertex_selection", "edge_selection"):  # hazards.UV_FLAGS_WRITE
        for _ in getattr(coll.data, flags, ()) if coll[0].bl_rna.identifier == "MeshUVLoop" else ():
            break
    for element in get():
        value = {"BOOLEAN": lambda: rng.random() < 0.5, "INT": lambda: rng.randrange(5),
                 "FLOAT": rng.random}[prop.type]()
        setattr(element, name, value)
