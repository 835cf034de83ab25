# tests/blender/package/readme_routes.py: what each row of README's table "What works where" stands for
import bpy

import test_must_be_direct as made
from pages import names
from support import EVERY

WEIGHTS = (EVERY, "groups", EVERY, "weight")


class RowOfYours(bpy.types.PropertyGroup):
    """Registered while the test runs."""

    mass: bpy.props.FloatProperty()


def all_of(*wanted):
    """A row's cases: (supplier, subscript, settings) of the titles in test_must_be_direct's rows."""
    def cases(rng, _):
        for title, supplier, properties in made.ROWS:
            for name in properties.split():
                if any(_is(title, start) and name in (only or [name]) for start, *only in wanted):
                    yield supplier(rng), (EVERY, name), {}
    return cases


def _is(title, wanted):
    """Of attributes all data types and domains."""
    return title == wanted or wanted.endswith("attribute") and title.startswith(wanted)


def of_meshes(rng, given):
    yield from all_of(["mesh.vertices", "co", "select", "hide"], ["mesh.edges"], ["mesh.loops", "vertex_index"],
                      ["mesh.polygons", "material_index", "use_smooth", "select", "hide"],
                      ["uv_layer.data"], ["vertex_colors.data"],
                      ["mesh attribute"], ["byte color of corners"])(rng, given)
    yield given["mesh"].vertices, WEIGHTS, {"ragged": "flat"}


def of_drawings(_, given):
    pencil = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils).new("Pencil")
    frame = pencil.layers.new("Layer").frames.new(1)
    if hasattr(frame, "drawing"):
        frame.drawing.add_strokes([10, 20])
        yield pencil, ("layers", 0, "frames", 0, "drawing", "attributes", ["position"], "data", EVERY, "vector"), {}
    else:
        stroke = frame.strokes.new()
        stroke.points.add(10)
        yield stroke.points, (EVERY, "co"), {}


def of_shapes(rng, given):
    yield from all_of(["shape key"], ["bezier points", "co", "radius"], ["NURBS points", "co", "radius"],
                      ["lattice points"], ["hair points"], ["point cloud"])(rng, given)
    yield from of_drawings(rng, given)


def by_bpy(_, given):
    yield given["image"], ("pixels",), {}
    yield given["ob"], ("location",), {}


def of_tables(*_):
    bpy.types.Scene.rows_of_yours = bpy.props.CollectionProperty(type=RowOfYours)
    for number in range(4):
        bpy.context.scene.rows_of_yours.add().mass = number
    yield bpy.context.scene.rows_of_yours, (EVERY, "mass"), {}


def of_faces(_, given):
    for name in ("normal", "area", "center"):
        yield given["mesh"].polygons, (EVERY, name), {}


ROWS = {
    "meshes: positions, flags, uv, colours, indices, attributes, weights": of_meshes,
    "meshes: normals of vertices and corners, triangles": all_of(["mesh.vertices", "normal"], ["mesh.loops", "normal"],
                                                                 ["mesh.loop_triangles"]),
    "meshes: normal, area and centre of polygons": of_faces,
    "shape keys, curves, lattices, hair, point clouds, Grease Pencil": of_shapes,
    "keyframes: co, handles, interpolation": all_of(["keyframes"]),
    "bones of a pose: location, rotation, scale": all_of(["pose bones", "location", "rotation_quaternion", "rotation_euler",
                                                          "scale"]),
    "objects: transforms, flags": all_of(["objects"]),
    "tables of PropertyGroups, once each row has a value of its own": of_tables,
    "image pixels, single structs": by_bpy,
}


# What the table is too short for, by Blender and a part of the expression: corners' normals can be written there, until
# Blender computes them anew; INT8 attributes are assigned each, for discovery saw no assignment store just those bits.
BUT = (((3, 4), ".loops)[:, 'normal']"), ((3, 4), "INT8_"))


def cases_of(row, rng):
    """(supplier, subscript, settings) of all that a row stands for and this Blender has."""
    bpy.utils.register_class(RowOfYours)
    try:
        for supplier, subscript, settings in ROWS[row](rng, names()):
            if _has(supplier, subscript):
                yield supplier, subscript, settings
    finally:
        if hasattr(bpy.types.Scene, "rows_of_yours"):
            del bpy.types.Scene.rows_of_yours
        bpy.utils.unregister_class(RowOfYours)


def _has(supplier, subscript):
    if not hasattr(supplier, "foreach_get") or len(subscript) != 2:
        return True
    return len(supplier) and subscript[1] in supplier[0].bl_rna.properties
