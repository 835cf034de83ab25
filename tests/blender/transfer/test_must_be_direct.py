# tests/blender/transfer/test_must_be_direct.py: what must move at memory speed in every Blender that has it, row by row
"""One case for each property that must take the direct route: equal to getattr, straight from memory, and after
an update what was written is read back by getattr. Where a version has no such property the row is skipped."""
import random
import unittest

import bpy

import census_geometry
import census_settings
from support import (ATTRIBUTES, DOMAINS, VERSION, fill_memcache, flat, random_keyframes, random_mesh,
                     random_objects, same)

COUNT = 20
INDICES = {"vertices", "vertex_index", "edge_index"}  # in any other order they would not fit each other
# Refused, as Blender crashes where they change; what moves other elements (a bone's children); what 3.4's setter
# normalises (test_unlisted_layers.py).
UNWRITTEN = {"loop_start", "loop_total", "matrix", "normal"}


# ---- suppliers

def mesh(rng):
    made = random_mesh(rng)
    for i in range(0, len(made.vertices), 3):
        made.vertices[i].hide = True
    for elements in (made.edges, made.polygons):
        for i in range(0, len(elements), 3):
            elements[i].hide = True
    if VERSION < (4, 0):
        made.calc_normals_split()
    made.calc_tangents()
    made.calc_loop_triangles()
    return made


def of_mesh(name):
    return lambda rng: getattr(mesh(rng), name)


def uv(rng):
    return mesh(rng).uv_layers["UV"].data


def uv_vectors(rng):
    layer = mesh(rng).uv_layers["UV"]
    if not hasattr(layer, "uv"):
        raise unittest.SkipTest("no such name in this Blender")
    return layer.uv


def attribute(owner, data_type, domain):
    def supplier(rng):
        made = OWNERS[owner](rng)
        name = f"{data_type}_{domain}"
        if name not in made.attributes:
            census_geometry.custom_attributes(made, (domain,), rng)
        return made.attributes[name].data
    return supplier


def hair(rng):
    census_geometry.hair_curves(rng)
    return bpy.data.hair_curves[0]


def cloud(rng):
    census_geometry.point_clouds(rng)
    return bpy.data.pointclouds[0]


def hair_points(rng):
    return hair(rng).points


def cloud_points(rng):
    return cloud(rng).points


OWNERS = {"mesh": mesh, "hair curves": hair, "point cloud": cloud}


def shape_key(rng):
    ob = bpy.data.objects.new("Keys", random_mesh(rng, layers=False))
    census_geometry.shape_keys(ob, rng)
    return ob.data.shape_keys.key_blocks["Key1"].data


def keyframes(rng):
    _, curve = random_keyframes(rng, COUNT)
    for key in curve.keyframe_points:
        for name in ("handle_left_type", "handle_right_type"):
            setattr(key, name, rng.choice(("FREE", "ALIGNED")))
        for name in ("interpolation", "easing", "type"):
            setattr(key, name, rng.choice(census_geometry.choices(key, name)))
        key.handle_left, key.handle_right = census_geometry.vector(rng, 2), census_geometry.vector(rng, 2)
        for name in ("select_control_point", "select_left_handle", "select_right_handle"):
            setattr(key, name, rng.random() < 0.5)
    return curve.keyframe_points


def spline(kind):
    def supplier(rng):
        curve = bpy.data.curves.new("Curve", "CURVE")
        curve.dimensions = "3D"
        census_geometry.add_spline(curve, kind, COUNT, rng)
        return curve.splines[0].bezier_points if kind == "BEZIER" else curve.splines[0].points
    return supplier


def lattice(rng):
    census_geometry.lattices(rng)
    return bpy.data.lattices[0].points


def particles(rng):
    ob = census_settings.particle_emitter(rng)
    ob.particle_systems[0].settings.display_percentage, ob.particle_systems[0].settings.lifetime = 50, 9
    bpy.context.scene.frame_set(12)
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).particle_systems[0].particles


def pose(rng):
    census_geometry.armatures(rng)
    bones = bpy.context.object.pose.bones
    for bone in bones:
        bone.rotation_euler = census_geometry.vector(rng)
    bpy.context.view_layer.update()
    return bones


def objects(rng):
    made = random_objects(rng, random_mesh(rng, 3, 3, layers=False), COUNT)
    for ob in made:
        ob.rotation_quaternion = census_geometry.vector(rng, 4, -1, 1)
        ob.hide_viewport, ob.hide_select, ob.show_name, ob.show_wire, ob.show_in_front = (
            rng.random() < 0.5 for _ in range(5))
    bpy.context.view_layer.update()
    return bpy.data.objects


def nodes(rng):
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(COUNT):
        tree.nodes.new(("ShaderNodeMath", "ShaderNodeMixShader")[i % 2]).location = census_geometry.vector(rng, 2)
    return tree.nodes


# ---- rows

ROWS = [
    ("mesh.vertices", of_mesh("vertices"), "co normal select hide"),
    ("mesh.edges", of_mesh("edges"), "vertices select hide use_seam use_edge_sharp"),
    ("mesh.polygons", of_mesh("polygons"), "loop_start loop_total material_index use_smooth select hide"),
    ("mesh.loops", of_mesh("loops"), "vertex_index edge_index normal tangent bitangent_sign"),
    ("mesh.loop_triangles", of_mesh("loop_triangles"), "vertices loops polygon_index"),
    ("uv_layer.data", uv, "uv"),
    ("uv_layer.uv", uv_vectors, "vector"),
    ("vertex_colors.data", lambda rng: mesh(rng).vertex_colors["Col"].data, "color"),
    ("byte color", attribute("mesh", "BYTE_COLOR", "POINT"), "color color_srgb"),
    ("byte color of corners", attribute("mesh", "BYTE_COLOR", "CORNER"), "color color_srgb"),
    ("float color", attribute("mesh", "FLOAT_COLOR", "POINT"), "color"),
    ("color_attributes.data", lambda rng: mesh(rng).color_attributes["BYTE_COLOR_POINT"].data, "color color_srgb"),
    ("shape key", shape_key, "co"),
    ("keyframes", keyframes, "co handle_left handle_right handle_left_type handle_right_type interpolation easing type "
                             "select_control_point select_left_handle select_right_handle"),
    ("bezier points", spline("BEZIER"), "co handle_left handle_right radius tilt weight_softbody"),
    ("NURBS points", spline("NURBS"), "co radius tilt weight weight_softbody"),
    ("lattice points", lattice, "co_deform"),
    ("hair points", hair_points, "position radius"),
    ("point cloud", cloud_points, "co radius"),
    ("particles", particles, "location velocity angular_velocity rotation size birth_time die_time lifetime "
                             "is_exist is_visible alive_state"),
    ("pose bones", pose, "location rotation_quaternion rotation_euler scale matrix"),
    ("objects", objects, "location rotation_euler rotation_quaternion scale matrix_world hide_viewport hide_render "
                         "hide_select show_name show_wire show_in_front"),
    ("nodes", nodes, "location" if VERSION < (5, 0) else "location_absolute"),
]
ROWS += [(f"{owner} attribute {data_type} {domain}", attribute(owner, data_type, domain), ATTRIBUTES[data_type][0])
         for owner, domains in (("mesh", DOMAINS), ("hair curves", ("POINT", "CURVE")), ("point cloud", ("POINT",)))
         for domain in domains for data_type in ATTRIBUTES]


def test_must_be_direct(supplier, name):
    from rnaslicer import Slicer
    coll = supplier(random.Random(11))
    if name not in coll[0].bl_rna.properties:
        raise unittest.SkipTest("no such property in this Blender")
    wanted = [by_number(element, name) for element in coll]
    with Slicer(coll)[:, name] as vw:
        route = vw.kernel.route
        same(vw.memcache.tolist(), wanted, "read")
        assert route == "direct", f"takes the {route} route"
        if vw.readonly or name in UNWRITTEN:
            return
        turned = wanted if name in INDICES else wanted[::-1]
        fill_memcache(vw.memcache, flat(turned))
        vw.update()
        same([by_number(element, name) for element in vw.supplier], turned, "written")


test_must_be_direct.cases = {f"{title}.{name}": (supplier, name)
                             for title, supplier, names in ROWS for name in names.split()}


def by_number(element, name):
    """What getattr gives; an enum by its number, a matrix by rows."""
    prop, value = element.bl_rna.properties[name], getattr(element, name)
    if prop.type == "ENUM":
        return prop.enum_items[value].value
    if hasattr(value, "__len__"):
        return [list(part) if hasattr(part, "__len__") else part for part in value]
    return value


def test_vertex_weights():
    """A row of its own: no collection that bpy could read in bulk."""
    from rnaslicer import Slicer
    rng = random.Random(12)
    ob = bpy.data.objects.new("Weights", random_mesh(rng, layers=False))
    census_geometry.vertex_weights(ob, rng)
    for name in ("weight", "group"):
        with Slicer(ob.data.vertices, ragged="flat")[:, "groups", :, name] as vw:
            same(vw.memcache.tolist(), [getattr(g, name) for v in ob.data.vertices for g in v.groups], name)
            assert vw.kernel.route == "direct", f"{name} takes the {vw.kernel.route} route"


def test_integers_beyond_the_declared_range():
    """3.4's setter of material_index clamps to nothing, later ones do: the update stores what they store. Where
    discovery saw that, values need not be looked at before the kernel clamps them."""
    from rnaslicer import Slicer, discovery
    assert ("MeshPolygon.material_index" in discovery.known().clamped) == (VERSION >= (4, 3))
    polygons = mesh(random.Random(13)).polygons
    values = [(-9, 59, 2)[i % 3] for i in range(len(polygons))]
    for polygon, value in zip(polygons, values):
        polygon.material_index = value
    wanted = [polygon.material_index for polygon in polygons]
    for polygon in polygons:
        polygon.material_index = 1
    with Slicer(polygons)[:, "material_index"] as vw:
        assert vw.kernel.route == "direct"
        fill_memcache(vw.memcache, values)
        vw.update(vw.memcache[3:])
        same([polygon.material_index for polygon in polygons], [1, 1, 1, *wanted[3:]], "region")
        vw.update()
        same([polygon.material_index for polygon in polygons], wanted, "whole")


def test_a_missing_radius_is_made():
    """Hair (and in 5.2 point clouds) come without radii: read as a number of bpy's, made by the setter."""
    for supplier in (cloud_points, hair_points):
        check_radius(supplier(random.Random(14)))


def check_radius(points):
    from rnaslicer import Slicer
    values = [i / 8 for i in range(len(points))]
    with Slicer(points)[:, "radius"] as vw:
        same(vw.memcache.tolist(), [point.radius for point in points], "read")
        fill_memcache(vw.memcache, values)
        vw.update(vw.memcache[2:5])
        same([point.radius for point in vw.supplier][2:5], values[2:5], "region")
        vw.update()
        same([point.radius for point in vw.supplier], values, "whole")
