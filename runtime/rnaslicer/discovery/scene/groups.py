# runtime/rnaslicer/discovery/scene/groups.py: scratch data of all kinds, in groups that are probed one by one.
"""Each group builds its data in the throw-away child and returns the roots from which elements are
reached. At least two of everything that is to be told apart from what several elements share."""

import bpy

from .objects import LAST_GROUPS, OBJECT_GROUPS
from .pieces import attributes, choices, curves_of, fill, linked, vector


def keyframes(rng):
    """Keyframes, f-curves, their samples."""
    roots = []
    for i in range(2):
        ob = linked(f"Animated{i}", None)
        for frame in range(6):
            ob.location, ob.rotation_euler = vector(rng), vector(rng)
            for path in ("location", "rotation_euler"):
                ob.keyframe_insert(path, frame=3 * frame + 1)
        action = ob.animation_data.action
        for curve in curves_of(action):
            curve.color, curve.mute = vector(rng, 3, 0, 1), rng.random() < 0.5
            for key in curve.keyframe_points:
                key.handle_left_type = key.handle_right_type = "FREE"
        curves_of(action)[1].convert_to_samples(1, 9)
        if hasattr(action, "groups") and hasattr(action.groups, "new"):
            action.groups.new("Group")
        roots.append(action)
    return roots


def splines(rng):
    """Bezier and NURBS points, splines, shape keys of curves."""
    roots = []
    for i in range(2):
        curve = bpy.data.curves.new("Curve", "CURVE")
        curve.dimensions = "3D"
        for kind, count in (("BEZIER", 5), ("POLY", 4), ("NURBS", 6)):
            spline = curve.splines.new(kind)
            if kind == "BEZIER":
                spline.bezier_points.add(count - 1)
                for point in spline.bezier_points:
                    point.handle_left_type = point.handle_right_type = "FREE"
                    point.co, point.handle_left, point.handle_right = vector(rng), vector(rng), vector(rng)
            else:
                spline.points.add(count - 1)
                for point in spline.points:
                    point.co = vector(rng, 4, 0.5, 3)
        roots.append(curve)
    return roots


def curve_keys(rng):
    """Shape keys of curves: of Bezier points only, and of NURBS only."""
    roots = []
    for kind in ("BEZIER", "NURBS"):
        curve = bpy.data.curves.new("Keyed", "CURVE")
        spline = curve.splines.new(kind)
        getattr(spline, "bezier_points" if kind == "BEZIER" else "points").add(5)
        roots.append(keyed(linked("Keyed", curve), rng))
    return roots


def keyed(ob, rng):
    """An object with three shape keys; their datablock."""
    for name in ("Basis", "One", "Two"):
        ob.shape_key_add(name=name).slider_max = 0.75
    return ob.data.shape_keys


def meshes(rng):
    """Mesh elements, corner data, attributes; layers that assignments would make are there before."""
    roots = []
    for i in range(2):
        mesh = grid(rng, f"Mesh{i}")
        for element, name, value in ((mesh.vertices, "hide", True), (mesh.edges, "hide", True),
                                     (mesh.polygons, "hide", True), (mesh.vertices, "select", True),
                                     (mesh.edges, "select", True), (mesh.polygons, "select", True),
                                     (mesh.edges, "use_seam", True), (mesh.edges, "use_edge_sharp", True),
                                     (mesh.polygons, "use_smooth", False), (mesh.polygons, "material_index", 1),
                                     (mesh.vertices, "bevel_weight", 0.5), (mesh.edges, "bevel_weight", 0.5),
                                     (mesh.edges, "crease", 0.5)):
            if name in element[0].bl_rna.properties:
                setattr(element[0], name, value)
        for each in (mesh.polygons, mesh.edges):
            if "use_freestyle_mark" in each[0].bl_rna.properties:
                each[0].use_freestyle_mark = True
        fill(mesh.uv_layers.new(name="UV").data, "uv", lambda: vector(rng, 2), 2)
        fill(mesh.vertex_colors.new(name="Color").data, "color", lambda: vector(rng, 4, 0, 1), 4)
        attributes(mesh, ("POINT",), rng)
        for name in ("vs", "es", "pn"):  # hazards.UV_FLAGS_WRITE
            if uv_flags_are_layers(mesh):
                mesh.attributes.new(f".{name}.UV", "BOOLEAN", "CORNER")
        mesh.update()
        mesh.calc_loop_triangles()
        roots.append(mesh)
    return roots


def uv_flags_are_layers(mesh):
    """True from 4.x on, where uv flags are layers of their own."""
    return "position" in mesh.attributes


def grid(rng, name, columns=5, rows=4):
    """A grid of quads, some split, with random positions, flags and shading."""
    width, faces = columns + 1, []
    for row in range(rows):
        for column in range(columns):
            a = row * width + column
            quad = (a, a + 1, a + width + 1, a + width)
            faces += [quad[:3], (quad[0], *quad[2:])] if len(faces) % 5 == 0 else [quad]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(i % width, i // width, 0.0) for i in range(width * (rows + 1))], [], faces)
    for _ in range(3):
        mesh.materials.append(None)
    fill(mesh.vertices, "co", lambda: vector(rng), 3)
    for elements, flags in ((mesh.vertices, ("select", "hide")), (mesh.edges, ("select", "use_seam")),
                            (mesh.polygons, ("select", "use_smooth"))):
        for flag in flags:
            fill(elements, flag, lambda: rng.random() < 0.5)
    return mesh


def mesh_layers(rng):
    """Weights, skin, shape keys, creases."""
    roots = []
    for i in range(2):
        mesh = grid(rng, f"Layers{i}")
        ob = linked(f"Layers{i}", mesh)
        for g in range(3):
            group = ob.vertex_groups.new(name=f"Group{g}")
            for v in range(len(mesh.vertices)):
                if rng.random() < 0.8:
                    group.add([v], rng.random(), "REPLACE")
        ob.modifiers.new("Skin", "SKIN").show_viewport = False
        if "crease" in bpy.types.MeshEdge.bl_rna.properties:  # makes 3.4's layers
            mesh.edges[0].crease = 0.5
        for layers in ("vertex_layers_float", "vertex_layers_int", "polygon_layers_float", "polygon_layers_int"):
            if hasattr(mesh, layers):
                getattr(mesh, layers).new(name="Layer")
        if hasattr(mesh, "face_maps"):
            mesh.face_maps.new(name="Map")
        roots += [mesh, keyed(ob, rng), ob]
    return roots


def lattices(rng):
    """Lattice points and their shape keys."""
    roots = []
    for i in range(2):
        lattice = bpy.data.lattices.new("Lattice")
        lattice.points_u, lattice.points_v, lattice.points_w = 3, 3, 2
        for point in lattice.points:
            point.co_deform = vector(rng)
        roots += [lattice, keyed(linked("Lattice", lattice), rng)]
    return roots


def metaballs(rng):
    """Metaball elements of each kind."""
    ball = bpy.data.metaballs.new("Ball")
    for kind in choices(bpy.types.MetaElement, "type"):
        ball.elements.new(type=kind).co = vector(rng)
    return [ball]


def texts(rng):
    """Text objects: characters and boxes."""
    roots = []
    for i in range(2):
        text = bpy.data.curves.new("Text", "FONT")
        text.body = "discovery"
        for j, character in enumerate(text.body_format):
            character.use_bold, character.material_index = j % 2 == 0, j % 5
        roots.append(text)
    return roots


def masks_and_palettes(rng):
    """Mask points, palette colours."""
    roots = []
    for i in range(2):
        mask = bpy.data.masks.new("Mask")
        for j in range(3):
            layer = mask.layers.new(name=f"Layer{j}")
            for _ in range(3):
                spline = layer.splines.new()
                spline.points.add(4)
                for point in spline.points:
                    point.co = vector(rng, 2)
        palette = bpy.data.palettes.new("Palette")
        for _ in range(4):
            palette.colors.new().color = vector(rng, 3, 0, 1)
        roots += [mask, palette]
    return roots


# In the order of what matters most: a run that is out of time leaves out the last ones.
GROUPS = {f.__name__: f for f in (keyframes, splines, meshes, mesh_layers, curve_keys, lattices, metaballs,
                                  masks_and_palettes, *OBJECT_GROUPS, texts, *LAST_GROUPS)}
