# bench/counted_lists.py: more of counted_data.py: Python lists of structs, as scripts gather them
"""As there. Each list is made once: what is counted is what Slicer does with it."""
import bpy

from counted_pieces import ALL, MANY, a_mesh, armature, linked, row


def keyframes():
    curves = []
    for i in range(3):
        ob = linked(f"Keyed{i}", None)
        for frame in range(1, MANY):
            ob.location = frame, 2 * frame, 1
            ob.keyframe_insert("location", frame=frame)
        action = ob.animation_data.action
        curves += action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    keys = [key for curve in curves for key in curve.keyframe_points][::2]
    yield row("list: 50 keyframes of 9 curves, co", lambda: keys, ALL, "co")
    yield row("list: keyframes' interpolation", lambda: keys, ALL, "interpolation")
    yield row("list: keyframes of one curve, co", lambda: list(curves[0].keyframe_points)[3:9], ALL, "co")
    yield row("list: 9 curves' keyframes, co", lambda: curves, ALL, "keyframe_points", ALL, "co")
    yield row("list: 9 curves' mute", lambda: curves, ALL, "mute")


def trees():
    materials = [bpy.data.materials.new(f"Listed{i}") for i in range(MANY)]
    for material in materials:
        material.use_nodes = True
    yield row("list: 12 node trees' use_fake_user", lambda: [m.node_tree for m in materials], ALL, "use_fake_user")
    yield row("list: node trees' nodes' width", lambda: [m.node_tree for m in materials], ALL, "nodes", ALL, "width")
    nodes = [node for m in materials for node in m.node_tree.nodes]
    yield row("list: 24 nodes' location", lambda: nodes, ALL, "location")
    sockets = [m.node_tree.nodes["Principled BSDF"].inputs["Roughness"] for m in materials]
    yield row("list: 12 sockets' default_value", lambda: sockets, ALL, "default_value")


def evaluated():
    obs = [linked(f"Evaluated{i}", a_mesh(f"Evaluated{i}", 5)) for i in range(MANY)]
    for ob in obs:
        ob.modifiers.new("M", "DISPLACE")
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    yield row("list: 12 evaluated objects' location", lambda: [ob.evaluated_get(graph) for ob in obs], ALL, "location")
    yield row("list: evaluated objects' data, co",
              lambda: [ob.evaluated_get(graph) for ob in obs], ALL, "data", "vertices", ALL, "co")
    yield row("list: 12 evaluated meshes' co", lambda: [ob.evaluated_get(graph).data for ob in obs], ALL, "vertices", ALL, "co")


def elements():
    meshes = [a_mesh(f"Elements{i}") for i in range(3)]
    rigs = [armature(MANY) for _ in range(3)]
    for name, prop in (("vertices", "co"), ("loops", "vertex_index"), ("polygons", "material_index"), ("edges", "use_seam"),
                       ("edges", "vertices"), ("polygons", "use_smooth"), ("loops", "edge_index")):
        one = [each for i, each in enumerate(getattr(meshes[0], name)) if i % 3 == 0]
        many = [each for mesh in meshes for i, each in enumerate(getattr(mesh, name)) if i % 3 == 0]
        yield row(f"list: {len(one)} {name} of a mesh, {prop}", lambda one=one: one, ALL, prop)
        yield row(f"list: {len(many)} {name} of 3 meshes, {prop}", lambda many=many: many, ALL, prop)
    yield row("one corner's vertex_index", lambda: meshes[0].loops, 5, "vertex_index")
    bones = [bone for rig in rigs for bone in rig.pose.bones]
    yield row("list: 36 pose bones of 3 rigs, location", lambda: bones, ALL, "location")
    yield row("list: 12 pose bones of a rig, location", lambda: bones[:12], ALL, "location")
    yield row("list: 36 bones of 3 rigs, use_deform", lambda: [b.bone for b in bones], ALL, "use_deform")
    obs = [linked(f"Of{i}", a_mesh(f"Of{i}", 5)) for i in range(MANY)]
    for ob in obs:
        ob.modifiers.new("M", "DISPLACE")
        ob.constraints.new("COPY_LOCATION")
        ob.vertex_groups.new(name="G")
        ob.shape_key_add(name="Basis")
        ob.data.materials.append(None)
    yield row("list: 12 modifiers' strength", lambda: [ob.modifiers[0] for ob in obs], ALL, "strength")
    yield row("list: 12 constraints' influence", lambda: [ob.constraints[0] for ob in obs], ALL, "influence")
    yield row("list: 12 key blocks' value", lambda: [ob.data.shape_keys.key_blocks[0] for ob in obs], ALL, "slider_max")
    yield row("list: 12 key blocks' points", lambda: [ob.data.shape_keys.key_blocks[0] for ob in obs], ALL, "data", ALL, "co")
    yield row("list: 12 vertex groups' lock", lambda: [ob.vertex_groups[0] for ob in obs], ALL, "lock_weight")
    yield row("list: 12 uv layers' uv", lambda: [ob.data.uv_layers[0] for ob in obs], ALL, "data", ALL, "uv")
    yield row("list: 12 material slots' link", lambda: [ob.material_slots[0] for ob in obs], ALL, "link")
    yield row("list: 12 pose's bones", lambda: [rig.pose for rig in rigs], ALL, "bones", ALL, "location")
    yield row("list: 12 shape keys' eval_time", lambda: [ob.data.shape_keys for ob in obs], ALL, "eval_time")


def splines():
    curves = [bpy.data.curves.new(f"Splines{i}", "CURVE") for i in range(3)]
    for curve in curves:
        for _ in range(4):
            curve.splines.new("POLY").points.add(5)
            curve.splines.new("BEZIER").bezier_points.add(5)
    every = [spline for curve in curves for spline in curve.splines]
    points = [point for spline in every for point in spline.points]
    yield row("list: 24 splines' use_cyclic_u", lambda: every, ALL, "use_cyclic_u")
    yield row("list: 12 splines' points, co", lambda: [s for s in every if s.type == "POLY"], ALL, "points", ALL, "co")
    yield row("list: 72 spline points' co", lambda: points, ALL, "co")
    yield row("list: 24 bezier points' co", lambda: [p for s in every for p in s.bezier_points][::3], ALL, "co")


def scripted():
    class Inner(bpy.types.PropertyGroup):
        number: bpy.props.FloatProperty()

    class Outer(bpy.types.PropertyGroup):
        number: bpy.props.FloatProperty()
        vector: bpy.props.FloatVectorProperty()
        inner: bpy.props.PointerProperty(type=Inner)
        rows: bpy.props.CollectionProperty(type=Inner)

    for kind in (Inner, Outer):
        bpy.utils.register_class(kind)
    bpy.types.Object.of_bench = bpy.props.PointerProperty(type=Outer)
    obs = [linked(f"Scripted{i}", None) for i in range(MANY)]
    for i, ob in enumerate(obs):
        for k in range(3):
            ob.of_bench.rows.add().number = k
        ob.of_bench.number = ob.of_bench.inner.number = i
    yield row("list: 12 groups' number", lambda: [ob.of_bench for ob in obs], ALL, "number")
    yield row("list: 12 groups' vector", lambda: [ob.of_bench for ob in obs], ALL, "vector")
    yield row("list: 12 inner groups' number", lambda: [ob.of_bench.inner for ob in obs], ALL, "number")
    yield row("list: 36 rows' number", lambda: [one for ob in obs for one in ob.of_bench.rows], ALL, "number")
    yield row("list: 12 groups' rows", lambda: [ob.of_bench for ob in obs], ALL, "rows", ALL, "number")
    yield row("list: objects: group's number", lambda: obs, ALL, "of_bench", "number")


def several():
    meshes = [a_mesh(f"Several{i}") for i in range(MANY)]
    obs = [linked(f"Several{i}", mesh) for i, mesh in enumerate(meshes)]
    bpy.context.view_layer.update()
    for name, prop in (("vertices", "co"), ("vertices", "select"), ("vertices", "normal"), ("edges", "is_loose"),
                       ("edges", "vertices"), ("polygons", "area"), ("polygons", "normal"), ("polygons", "center"),
                       ("loops", "tangent"), ("loops", "normal"), ("loops", "vertex_index")):
        yield row(f"12 meshes' {name}' {prop}", lambda: meshes, ALL, name, ALL, prop)
    yield row("12 objects' location", lambda: obs, ALL, "location")
    yield row("12 meshes, update of use_auto_texspace", lambda: meshes, ALL, "use_auto_texspace")
    yield row("12 objects' matrix_world", lambda: obs, ALL, "matrix_world")
    groups = [bpy.data.node_groups.new(f"Several{i}", "ShaderNodeTree") for i in range(MANY)]
    for group in groups:
        for _ in range(8):
            group.nodes.new("ShaderNodeMath")
    yield row("12 node groups' use_fake_user", lambda: groups, ALL, "use_fake_user")
    for prop in ("location", "width", "mute"):
        yield row(f"one node group's 8 nodes' {prop}", lambda: groups[0].nodes, ALL, prop)
        yield row(f"12 node groups' nodes' {prop}", lambda: groups, ALL, "nodes", ALL, prop)


def formats():
    mesh = a_mesh("Formats")
    linked("Formats", mesh)
    yield row("co, dtype='d'", lambda: mesh.vertices, ALL, "co", dtype="d")
    yield row("use_smooth, dtype='i'", lambda: mesh.polygons, ALL, "use_smooth", dtype="i")
    yield row("vertex_index, dtype='q'", lambda: mesh.loops, ALL, "vertex_index", dtype="q")


MAKERS = keyframes, trees, evaluated, elements, splines, scripted, several, formats
