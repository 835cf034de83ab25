# bench/counted_scenes.py: more of counted_data.py: what is animated, shaded, evaluated, drawn
"""As there."""
import bpy

from counted_pieces import ALL, MANY, a_mesh, active, armature, linked, row


def bones():
    ob = armature(MANY)
    for i, bone in enumerate(ob.pose.bones):
        bone.location = i, 0, 1
        bone.constraints.new("COPY_LOCATION").influence = i / 20
    bpy.context.view_layer.update()
    yield row("pose bones' location", lambda: ob.pose.bones, ALL, "location")
    yield row("pose bones' matrix", lambda: ob.pose.bones, ALL, "matrix")
    yield row("pose bones' matrix_basis", lambda: ob.pose.bones, ALL, "matrix_basis")
    yield row("pose bones' head", lambda: ob.pose.bones, ALL, "head")
    yield row("bones' head_local", lambda: ob.data.bones, ALL, "head_local")
    yield row("bones' length", lambda: ob.data.bones, ALL, "length")
    yield row("bones' use_deform", lambda: ob.data.bones, ALL, "use_deform")
    yield row("bones' matrix_local", lambda: ob.data.bones, ALL, "matrix_local")
    yield row("pose bones' constraints' influence", lambda: ob.pose.bones, ALL, "constraints", ALL, "influence")
    yield row("pose bones' first constraint", lambda: ob.pose.bones, ALL, "constraints", 0, "influence")
    active(ob)
    bpy.ops.object.mode_set(mode="EDIT")
    yield row("edit bones' head", lambda: ob.data.edit_bones, ALL, "head")
    yield row("edit bones' roll", lambda: ob.data.edit_bones, ALL, "roll")
    bpy.ops.object.mode_set(mode="OBJECT")


def constraints():
    ob = linked("Constrained", a_mesh("Constrained", 3))
    for i in range(MANY):
        ob.constraints.new("COPY_LOCATION" if i % 2 else "LIMIT_LOCATION").influence = i / 20
        ob.modifiers.new("M", "DISPLACE" if i % 2 else "BEVEL").show_render = i % 2 == 0
    yield row("constraints' influence", lambda: ob.constraints, ALL, "influence")
    yield row("modifiers' show_render", lambda: ob.modifiers, ALL, "show_render")


def curves():
    curve = bpy.data.curves.new("Curve", "CURVE")
    for i in range(4):
        spline = curve.splines.new("BEZIER")
        spline.bezier_points.add(MANY - 1)
        curve.splines.new("NURBS").points.add(MANY - 1)
    linked("Curve", curve)
    bpy.context.view_layer.update()
    yield row("bezier points' co", lambda: curve.splines[0].bezier_points, ALL, "co")
    yield row("spline points' co", lambda: curve.splines[1].points, ALL, "co")
    yield row("splines' points' co", lambda: curve.splines, ALL, "points", ALL, "co", ragged="flat")
    yield row("splines' resolution_u", lambda: curve.splines, ALL, "resolution_u")
    font = bpy.data.curves.new("Font", "FONT")
    font.body = "Many letters"
    yield row("letters' material_index", lambda: font.body_format, ALL, "material_index")
    yield row("letters' kerning", lambda: font.body_format, ALL, "kerning")
    yield row("text boxes' width", lambda: font.text_boxes, ALL, "width")


def ramps():
    texture = bpy.data.textures.new("Ramp", "BLEND")
    texture.use_color_ramp = True
    for i in range(6):
        texture.color_ramp.elements.new(0.1 + i / 9)
    yield row("ramp elements' color", lambda: texture.color_ramp.elements, ALL, "color")
    yield row("ramp elements' position", lambda: texture.color_ramp.elements, ALL, "position")
    tree = bpy.data.node_groups.new("Ramp", "ShaderNodeTree")
    node = tree.nodes.new("ShaderNodeValToRGB")
    yield row("node's ramp elements' color", lambda: tree.nodes[0].color_ramp.elements, ALL, "color")
    mapping = tree.nodes.new("ShaderNodeFloatCurve").mapping
    for i in range(6):
        mapping.curves[0].points.new(0.1 + i / 9, i / 9)
    yield row("mapping points' location", lambda: tree.nodes[1].mapping.curves[0].points, ALL, "location")
    brush = bpy.data.brushes[0] if len(bpy.data.brushes) else bpy.data.brushes.new("Brush", mode="SCULPT")
    yield row("brush's curve points' location", lambda: brush.curve.curves[0].points, ALL, "location")


def node_trees():
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(MANY):
        tree.nodes.new("ShaderNodeMath" if i % 2 else "ShaderNodeValue").location = i, i
    math = [node for node in tree.nodes if node.bl_idname == "ShaderNodeMath"]
    for one, other in zip(math, math[1:]):
        tree.links.new(one.outputs[0], other.inputs[0])
    material = bpy.data.materials.new("Nodes")
    materials = [bpy.data.materials.new(f"Many{i}") for i in range(MANY)]
    yield row("nodes' width", lambda: tree.nodes, ALL, "width")
    yield row("nodes' inputs' default_value", lambda: math[0].inputs, ALL, "default_value")
    yield row("node's outputs' hide", lambda: math[0].outputs, ALL, "hide")
    yield row("links' is_muted", lambda: tree.links, ALL, "is_muted")
    yield row("material's use_nodes", lambda: material, "use_nodes")
    yield row("materials' use_nodes", lambda: materials, ALL, "use_nodes")
    yield row("materials' roughness", lambda: materials, ALL, "roughness")
    yield row("bpy.data.materials' roughness", lambda: bpy.data.materials, ALL, "roughness")
    yield row("bpy.data.materials' diffuse_color", lambda: bpy.data.materials, ALL, "diffuse_color")


def particles():
    mesh = a_mesh("Emitter", 4)
    hairy, emitter = linked("Hairy", mesh), linked("Emitter", mesh)
    for ob, kind in ((hairy, "HAIR"), (emitter, "EMITTER")):
        ob.modifiers.new(kind, "PARTICLE_SYSTEM")
        settings = ob.particle_systems[-1].settings
        settings.type, settings.count = kind, 20
        if kind == "EMITTER":
            settings.frame_start, settings.frame_end, settings.lifetime = 1, 2, 200
    bpy.context.scene.frame_set(8)
    depsgraph = bpy.context.evaluated_depsgraph_get()

    def system(ob):
        return ob.evaluated_get(depsgraph).particle_systems[0]

    yield row("particles' location", lambda: system(emitter).particles, ALL, "location")
    yield row("particles' size", lambda: system(emitter).particles, ALL, "size")
    if bpy.app.version >= (4, 0):
        yield row("particles' hair keys' co", lambda: system(hairy).particles, ALL, "hair_keys", ALL, "co")
    yield row("original's hair keys' co_local", lambda: hairy.particle_systems[0].particles, ALL, "hair_keys", ALL, "co_local")
    yield row("particle settings' count", lambda: bpy.data.particles, ALL, "count")
    yield row("particle systems' seed", lambda: hairy.particle_systems, ALL, "seed")


def depsgraphs():
    for i in range(MANY):
        linked(f"Seen{i}", None).location = i, 0, 0
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    evaluated = [one.evaluated_get(depsgraph) for one in bpy.context.scene.objects]
    yield row("depsgraph.objects' location", lambda: depsgraph.objects, ALL, "location")
    yield row("depsgraph.objects' matrix_world", lambda: depsgraph.objects, ALL, "matrix_world")
    yield row("instances' matrix_world", lambda: depsgraph.object_instances, ALL, "matrix_world")
    yield row("instances' random_id", lambda: depsgraph.object_instances, ALL, "random_id")
    yield row("depsgraph.ids", lambda: depsgraph.updates, ALL, "is_updated_transform")
    yield row("a list of evaluated objects", lambda: evaluated, ALL, "location")
    yield row("evaluated object's vertices", lambda: next(
        one for one in evaluated if one.type == "MESH").data.vertices, ALL, "co")


def pencils():
    blocks = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils)
    block = blocks.new("Pencil")
    layer = block.layers.new("Layer")
    for number in range(1, 5):
        frame = layer.frames.new(number)
        if hasattr(frame, "drawing"):
            frame.drawing.add_strokes([4] * 5)
            continue
        for _ in range(5):
            frame.strokes.new().points.add(4)
    linked("Pencil", block)
    frames = block.layers[0].frames
    if hasattr(frames[0], "drawing"):
        yield row("drawing's position", lambda: frames[0].drawing.attributes["position"].data, ALL, "vector")
        yield row("drawing's strokes' points' position", lambda: frames[0].drawing.strokes, ALL, "points", ALL, "position")
        yield row("layer's drawings' positions", lambda: block.layers[0].frames, ALL, "drawing", "attributes", '["position"]',
                  "data", ALL, "vector")
    else:
        yield row("stroke's points' co", lambda: frames[0].strokes[0].points, ALL, "co")
        yield row("strokes' points' co", lambda: frames[0].strokes, ALL, "points", ALL, "co")
        yield row("frames' strokes' points' co", lambda: block.layers[0].frames, ALL, "strokes", ALL, "points", ALL, "co")
        yield row("strokes' line_width", lambda: frames[0].strokes, ALL, "line_width")
    yield row("pencil frames' frame_number", lambda: block.layers[0].frames, ALL, "frame_number")
    yield row("pencil layers' opacity", lambda: block.layers, ALL, "opacity")


def animation():
    ob = linked("Animated", None)
    for frame in range(1, MANY):
        ob.location = frame, 2 * frame, 1
        ob.keyframe_insert("location", frame=frame)
    action = ob.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
    noise = curves[0].modifiers.new("NOISE")
    noise.strength = 2
    for i in range(3):
        track = ob.animation_data.nla_tracks.new()
        for j in range(3):
            track.strips.new(f"S{j}", 1 + 40 * j, action)
    for axis in range(3):
        ob.driver_add("scale", axis)
    yield row("keyframes' co", lambda: curves[0].keyframe_points, ALL, "co")
    yield row("keyframes' interpolation", lambda: curves[0].keyframe_points, ALL, "interpolation")
    yield row("f-curves' keys' co", lambda: curves, ALL, "keyframe_points", ALL, "co")
    yield row("f-curves' mute", lambda: curves, ALL, "mute")
    yield row("f-curves' array_index", lambda: curves, ALL, "array_index")
    yield row("f-curve's modifiers' strength", lambda: curves[0].modifiers, ALL, "strength")
    yield row("nla tracks' mute", lambda: ob.animation_data.nla_tracks, ALL, "mute")
    yield row("nla strips' frame_start", lambda: ob.animation_data.nla_tracks[0].strips, ALL, "frame_start")
    yield row("nla tracks' strips' frame_start", lambda: ob.animation_data.nla_tracks, ALL, "strips", ALL, "frame_start")
    yield row("drivers' mute", lambda: ob.animation_data.drivers, ALL, "mute")


def palettes():
    palette = bpy.data.palettes.new("Palette")
    for i in range(MANY):
        palette.colors.new().color = (i / 20, 0.5, 0)
    yield row("palette colors' color", lambda: palette.colors, ALL, "color")
    text = bpy.data.texts.new("Text")
    text.write("one\ntwo\nthree\n")
    for i in range(MANY):
        bpy.data.speakers.new(f"S{i}").volume = i / 20
        bpy.data.cameras.new(f"C{i}").lens = 20 + i
        bpy.data.lights.new(f"L{i}", "POINT").energy = i
        bpy.data.worlds.new(f"W{i}").color = (i / 20, 0.5, 0)
    yield row("speakers' volume", lambda: bpy.data.speakers, ALL, "volume")
    yield row("cameras' lens", lambda: bpy.data.cameras, ALL, "lens")
    yield row("lights' energy", lambda: bpy.data.lights, ALL, "energy")
    yield row("scenes' frame_end", lambda: bpy.data.scenes, ALL, "frame_end")
    yield row("worlds' color", lambda: bpy.data.worlds, ALL, "color")
    yield row("view layers' use", lambda: bpy.context.scene.view_layers, ALL, "use")
    yield row("collections' hide_render", lambda: bpy.context.scene.collection.children, ALL, "hide_render")
    yield row("scene's frame_current", lambda: bpy.context.scene, "frame_current")


def images():
    image = bpy.data.images.new("Pixels", 4, 4)
    yield row("image's pixels", lambda: image, "pixels", ALL, ALL, ALL)
    yield row("image.pixels, flat", lambda: image.pixels, ALL)


def groups():
    class Row(bpy.types.PropertyGroup):
        number: bpy.props.FloatProperty()
        vector: bpy.props.FloatVectorProperty()

    bpy.utils.register_class(Row)
    bpy.types.Scene.rows_of_bench = bpy.props.CollectionProperty(type=Row)
    rows_ = bpy.context.scene.rows_of_bench
    for i in range(MANY):
        one = rows_.add()
        one.number, one.vector = i, (i, 1, 2)
    yield row("property groups' number", lambda: bpy.context.scene.rows_of_bench, ALL, "number")
    yield row("property groups' vector", lambda: bpy.context.scene.rows_of_bench, ALL, "vector")
    ob = linked("Custom", None)
    objects = [ob, *(linked(f"Custom{i}", None) for i in range(MANY))]
    for one in objects:
        one["number"], one["vector"] = 1.5, [1.0, 2.0, 3.0]
    cameras = [bpy.data.cameras.new(f"Custom{i}") for i in range(MANY)]
    for one in bpy.data.cameras:
        one["number"] = 3
    yield row("custom property", lambda: ob, '["number"]')
    yield row("custom array", lambda: ob, '["vector"]')
    yield row("custom property of a list", lambda: objects, ALL, '["number"]')
    yield row("custom array of a list", lambda: objects, ALL, '["vector"]')
    yield row("custom property of all cameras", lambda: bpy.data.cameras, ALL, '["number"]')
    yield row("custom property of a list of cameras", lambda: cameras, ALL, '["number"]')


def volumes():
    mesh = a_mesh("Skin", 5)
    ob = active(linked("Skin", mesh))
    ob.modifiers.new("Skin", "SKIN")
    bpy.ops.object.modifier_add(type="SKIN")
    yield row("skin vertices' radius", lambda: mesh.skin_vertices[0].data, ALL, "radius")
    yield row("edges' use_seam", lambda: mesh.edges, ALL, "use_seam")
    yield row("edges' vertices", lambda: mesh.edges, ALL, "vertices")
    yield row("loops' normal", lambda: mesh.loops, ALL, "normal")
    yield row("vertices' normal", lambda: mesh.vertices, ALL, "normal")
    mesh.calc_loop_triangles()
    yield row("triangles' vertices", lambda: mesh.loop_triangles, ALL, "vertices")
    cloud = bpy.data.pointclouds.new("Cloud")
    cloud.resize(MANY)
    yield row("cloud points' co", lambda: cloud.points, ALL, "co")
    yield row("cloud points' radius", lambda: cloud.points, ALL, "radius")


MAKERS = (bones, constraints, curves, ramps, node_trees, particles, depsgraphs, pencils, animation, palettes, images,
          groups, volumes)
