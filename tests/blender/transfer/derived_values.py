# tests/blender/transfer/derived_values.py: everything Blender derives from its data, as plain comparable numbers
"""`at_once` is what original data tells without an evaluation; `evaluated` what the scene is after one."""
import bpy
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from census_geometry import curves_of
from support import VERSION, plain

RAYS = [(Vector((x + 0.37, y + 0.21, 30.0)), Vector((0.01, 0.02, -1))) for x in range(-3, 9, 2) for y in range(-3, 9, 2)]


def at_once(meshes=None):
    seen = {}
    for name, mesh in (meshes or dict(bpy.data.meshes)).items():
        mesh.calc_loop_triangles()
        seen[name, "triangles"] = [(list(t.vertices), t.polygon_index, plain(t.normal)) for t in mesh.loop_triangles]
        seen[name, "mesh"] = mesh_values(mesh)
    for action in bpy.data.actions:
        for i, curve in enumerate(curves_of(action)):
            seen[action.name, i] = plain([curve.evaluate(frame / 2) for frame in range(99)])
            seen[action.name, i, "range"] = plain(curve.range())
    for curve in bpy.data.curves:
        for i, spline in enumerate(curve.splines):
            seen[curve.name, i] = [[plain(p.co), plain(getattr(p, "handle_left", ())), plain(getattr(p, "handle_right", ())),
                                    plain(p.radius), plain(p.tilt)] for p in (*spline.bezier_points, *spline.points)]
    return seen


def evaluated():
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    seen = {}
    for ob in bpy.context.scene.objects:
        copy = ob.evaluated_get(graph)
        for which, either in (("object", ob), ("evaluated", copy)):
            seen[ob.name, which] = plain([list(r) for r in either.matrix_world]), plain([list(c) for c in either.bound_box])
            seen[ob.name, which, "dimensions"] = plain(either.dimensions)
        if ob.type in ("MESH", "CURVE", "META"):
            mesh = copy.to_mesh()
            if mesh is not None:
                seen[ob.name, "as mesh"] = mesh_values(mesh)
            copy.to_mesh_clear()
        if ob.type == "MESH":
            rays_and_trees(ob, copy, graph, seen)
            keys = copy.data.shape_keys
            seen[ob.name, "keys"] = plain([k.value for k in keys.key_blocks]) if keys else None
        if ob.pose:
            seen[ob.name, "pose"] = plain([[list(r) for r in bone.matrix] for bone in ob.pose.bones])
        if ob.type in ("CURVES", "POINTCLOUD"):
            seen[ob.name, "attributes"] = attribute_values(copy.data)
        if ob.type in ("GPENCIL", "GREASEPENCIL"):
            seen[ob.name, "strokes"] = strokes(copy.data)
        if ob.type == "LATTICE":
            seen[ob.name, "points"] = plain([p.co_deform for p in copy.data.points])
        seen[ob.name, "materials"] = [plain(slot.material.evaluated_get(graph).diffuse_color)
                                      for slot in ob.material_slots if slot.material]
        seen[ob.name, "visible"] = ob.visible_get(), copy.hide_render
    return seen


def at_another_frame():
    """Where animated things are two frames on."""
    scene = bpy.context.scene
    if not bpy.data.actions:
        return {}
    scene.frame_set(scene.frame_current + 2)
    seen = {ob.name: plain([list(r) for r in ob.matrix_world]) for ob in scene.objects}
    scene.frame_set(scene.frame_current - 2)
    return seen


def rays_and_trees(ob, copy, graph, seen):
    if not len(copy.data.polygons):
        return
    if not ob.visible_get():  # ray_cast wants an evaluated mesh
        return
    for which, either in (("object", ob), ("evaluated", copy)):
        if either.data.polygons:
            seen[ob.name, which, "rays"] = [plain(either.ray_cast(*ray)) for ray in RAYS]
            seen[ob.name, which, "closest"] = [plain(either.closest_point_on_mesh(ray[0])) for ray in RAYS]
    tree = BVHTree.FromObject(ob, graph)
    seen[ob.name, "tree"] = [[plain(v) for v in tree.ray_cast(*ray) if v is not None] for ray in RAYS]
    seen[ob.name, "scene ray"] = [plain([list(v) for v in bpy.context.scene.ray_cast(graph, *ray)[1:3]]) for ray in RAYS[::5]]


def mesh_values(mesh):
    seen = {"co": plain([v.co for v in mesh.vertices]), "edges": [list(e.vertices) for e in mesh.edges],
            "edge flags": [(e.use_seam, e.use_edge_sharp, e.hide) for e in mesh.edges],
            "faces": [(list(p.vertices), p.material_index, p.use_smooth, p.hide) for p in mesh.polygons],
            "hide": [v.hide for v in mesh.vertices], "select": [v.select for v in mesh.vertices],
            "weights": plain([[(g.group, g.weight) for g in v.groups] for v in mesh.vertices]),
            "uv": [plain([e.uv for e in layer.data]) for layer in mesh.uv_layers],
            "colors": [plain([e.color for e in layer.data]) for layer in mesh.vertex_colors],
            "attributes": attribute_values(mesh)}
    seen["normals"] = plain([v.normal for v in mesh.vertices]), plain([p.normal for p in mesh.polygons])
    if VERSION >= (4, 3):
        seen["corner normals"] = plain([n.vector for n in mesh.corner_normals])
    else:
        mesh.calc_normals_split()
        seen["corner normals"] = plain([loop.normal for loop in mesh.loops])
    return seen


def attribute_values(owner):
    found = {}
    for attribute in owner.attributes:
        for name in ("value", "vector", "color"):
            if name in attribute.bl_rna.properties["data"].fixed_type.properties or len(attribute.data) and hasattr(
                    attribute.data[0], name):
                found[attribute.name] = attribute.domain, plain([getattr(e, name) for e in attribute.data])
    return found


def strokes(pencil):
    found = []
    for layer in pencil.layers:
        for frame in layer.frames:
            if hasattr(frame, "drawing"):
                found.append(attribute_values(frame.drawing))
            else:
                found += [plain([(p.co, p.pressure, p.strength) for p in stroke.points]) for stroke in frame.strokes]
    return found


class Updates:
    """What depsgraph_update_post tells while this is open: for each call, the datablocks and what of them."""

    def __enter__(self):
        self.calls = []
        bpy.app.handlers.depsgraph_update_post.append(self)
        return self

    def __exit__(self, *_):
        bpy.app.handlers.depsgraph_update_post.remove(self)

    def __call__(self, scene, graph):
        self.calls.append(sorted((type(u.id).__name__, u.id.name, "geometry" * u.is_updated_geometry,
                                  "transform" * u.is_updated_transform, "shading" * u.is_updated_shading)
                                 for u in graph.updates))
