# runtime/rnaslicer/discovery/scene/objects.py: scratch objects, bones, nodes, particles and their like.
"""More groups of groups.py."""

import bpy

from .pieces import activate, attributes, choices, linked, vector


def objects(rng):
    """Objects with their transforms; evaluated once, so that matrices say where they are."""
    roots = []
    for i in range(6):
        ob = linked(f"Object{i}", None)
        ob.location, ob.rotation_euler, ob.scale = vector(rng), vector(rng), vector(rng, 3, 0.5, 2)
        ob.lock_location, ob.pass_index = (i % 2 == 0, i % 3 == 0, i > 2), rng.randrange(1000)
        roots.append(ob)
    for child, parent in zip(roots[2:], roots[:4]):  # else matrix_local looks like matrix_world
        child.parent, child.matrix_parent_inverse = parent, [vector(rng, 4) for _ in range(4)]
    bpy.context.view_layer.update()
    return roots


def bones(rng):
    """Bones and pose bones, posed and evaluated."""
    roots = []
    for i in range(2):
        ob = linked(f"Armature{i}", bpy.data.armatures.new(f"Armature{i}"))
        activate(ob)
        bpy.ops.object.mode_set(mode="EDIT")
        parent = None
        for b in range(6):
            bone = ob.data.edit_bones.new(f"Bone{b}")
            bone.head, bone.tail, bone.roll = vector(rng), vector(rng), rng.random()
            bone.parent, parent = parent, (bone if b % 3 else None)
        bpy.ops.object.mode_set(mode="OBJECT")
        for bone in ob.pose.bones:
            bone.location, bone.scale = vector(rng), vector(rng, 3, 0.5, 2)
            bone.rotation_quaternion = vector(rng, 4, -1, 1)
        roots += [ob, ob.data]
    bpy.context.view_layer.update()
    return roots


def ramps_and_curves(rng):
    """Colour ramps and curve mappings, in texture and node."""
    roots = []
    for i in range(2):
        texture = bpy.data.textures.new("Ramp", "BLEND")
        texture.use_color_ramp = True
        for j in range(4):
            texture.color_ramp.elements.new(0.1 + j / 6).color = vector(rng, 4, 0, 1)
        tree = bpy.data.node_groups.new("Curve", "ShaderNodeTree")
        curve = tree.nodes.new("ShaderNodeFloatCurve").mapping.curves[0]
        for j in range(4):
            curve.points.new(j / 5 + 0.05, rng.random())
        roots += [texture, tree]
    return roots


def nodes(rng):
    """Nodes, their sockets (whose values lie behind a pointer) and links."""
    roots = []
    for i in range(3):
        tree = bpy.data.node_groups.new("Nodes", "ShaderNodeTree")
        made = []
        for kind in ("ShaderNodeMath", "ShaderNodeMath", "ShaderNodeMath", "ShaderNodeMixRGB",
                     "ShaderNodeBsdfPrincipled", "ShaderNodeMapping", "ShaderNodeValue", "NodeFrame",
                     "NodeReroute"):
            made.append(tree.nodes.new(kind))
            made[-1].location = vector(rng, 2, -900, 900)
        for node in made[:3] if i < 2 else ():  # one tree without
            node.parent = made[-2]  # the frame
        tree.links.new(made[0].outputs[0], made[1].inputs[1])
        tree.links.new(made[1].outputs[0], made[2].inputs[1])
        tree.links.new(made[2].outputs[0], made[3].inputs[0])
        roots.append(tree)
    return roots


def particles(rng):
    """Particles and hair; both live in evaluated objects only."""
    mesh = bpy.data.meshes.new("Emitter")
    mesh.from_pydata([(0, 0, 0), (3, 0, 0), (3, 3, 1), (0, 3, 0)], [], [(0, 1, 2, 3)])
    obs = [linked("Emitter", mesh), linked("Hairy", mesh)]
    for ob, kind in zip(obs, ("EMITTER", "HAIR")):
        ob.modifiers.new(kind, "PARTICLE_SYSTEM")
        settings = ob.particle_systems[-1].settings
        settings.type, settings.count = kind, 15
        if kind == "EMITTER":
            settings.frame_start, settings.frame_end, settings.lifetime = 1, 5, 200
    bpy.context.scene.frame_set(12)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    return [ob.evaluated_get(depsgraph) for ob in obs]


def modifiers_and_constraints(rng):
    """Two of each type on each of two objects that nothing evaluates."""
    mesh = bpy.data.meshes.new("Modified")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    roots = []
    for i in range(2):
        ob = bpy.data.objects.new("Modified", mesh)
        for kind in choices(bpy.types.Modifier, "type"):
            if kind not in ("PARTICLE_SYSTEM", "FLUID", "COLLISION", "SOFT_BODY", "CLOTH", "OCEAN"):
                try:
                    for _ in range(2):
                        ob.modifiers.new(kind, kind)
                except (RuntimeError, TypeError):  # some there may be once only, or not on meshes
                    pass
        for kind in choices(bpy.types.Constraint, "type"):
            for _ in range(2):
                ob.constraints.new(kind)
        roots.append(ob)
    return roots


def simple_data(rng):
    """Datablocks that are a row of bpy.data: cameras, lights, materials, worlds, ..."""
    roots = []
    for i in range(3):
        roots += [bpy.data.cameras.new("Camera"), bpy.data.materials.new("Material"),
                  bpy.data.worlds.new("World"), bpy.data.speakers.new("Speaker"),
                  bpy.data.images.new("Image", 4, 4), bpy.data.collections.new("Collection")]
        for kind in ("POINT", "SUN", "SPOT", "AREA"):
            roots.append(bpy.data.lights.new("Light", kind))
    return roots


def hair_and_points(rng):
    """Hair curves and point clouds, with attributes."""
    roots = []
    for i in range(2):
        if "add_curves" in bpy.types.Curves.bl_rna.functions:
            curves = bpy.data.hair_curves.new("Hair")
            curves.add_curves([3, 5, 4, 2])
        else:  # 3.4 makes some by an operator only
            bpy.ops.object.curves_random_add()
            curves = bpy.context.object.data
        for point in list(curves.points)[:100]:
            point.position = vector(rng)
        attributes(curves, ("POINT",), rng)
        roots.append(curves)
        if cloud := point_cloud():
            for point in cloud.points:
                point.co = vector(rng)
            roots.append(cloud)
    return roots


def point_cloud():
    """A new one, or None: before 5.x they are behind a developers' option."""
    if "resize" in bpy.types.PointCloud.bl_rna.functions:
        cloud = bpy.data.pointclouds.new("Points")
        cloud.resize(12)
        return cloud
    bpy.context.preferences.view.show_developer_ui = True
    bpy.context.preferences.experimental.use_new_point_cloud_type = True
    bpy.ops.object.pointcloud_add()
    return bpy.context.object.data


def grease_pencils(rng):
    """Grease Pencil in the version's form, annotations."""
    blocks, roots = getattr(bpy.data, "grease_pencils_v3", bpy.data.grease_pencils), []
    for i in range(2):
        block = blocks.new("Pencil")
        for j in range(3):
            layer = block.layers.new(f"Layer{j}")
            for number in (1, 7, 15):
                frame = layer.frames.new(number)
                if hasattr(frame, "drawing"):
                    frame.drawing.add_strokes([3, 4])
                    continue
                for count in (3, 5):
                    stroke = frame.strokes.new()
                    stroke.points.add(count)
                    for point in stroke.points:
                        point.co = vector(rng)
        roots.append(block)
        notes = getattr(bpy.data, "annotations", bpy.data.grease_pencils)
        if notes is not blocks and type(notes) is not type(blocks) or hasattr(bpy.data, "annotations"):
            block = notes.new("Notes")
            for j in range(3):
                layer = block.layers.new(f"Note{j}")
                for number in (1, 3, 5):
                    strokes = layer.frames.new(number).strokes
                    if hasattr(strokes, "new"):
                        strokes.new().points.add(4)
            roots.append(block)
    return roots


def markers_and_strips(rng):
    """What a scene keeps in lists: markers, strips, keying sets, view layers."""
    scene = bpy.context.scene
    for i in range(4):
        scene.timeline_markers.new(f"Marker{i}", frame=7 * i)
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = "length" in strips.bl_rna.functions["new_effect"].parameters
    for i in range(3):
        for j, kind in enumerate(("COLOR", "TEXT", "ADJUSTMENT")):
            end = {"length": 20} if length else {"frame_end": 5 * i + 21}
            strips.new_effect(name=f"{kind}{i}", type=kind, channel=3 * i + j + 1, frame_start=5 * i + 1, **end)
    for i in range(3):
        scene.view_layers.new(f"Layer{i}")
        scene.keying_sets.new(name=f"Keys{i}")
    return [(scene, {"timeline_markers", "sequence_editor", "view_layers", "keying_sets"})]


def drivers_and_nla(rng):
    """Drivers with their variables; tracks and strips; f-curve modifiers."""
    roots = []
    for i in range(2):
        ob = linked(f"Driven{i}", None)
        for axis in range(3):
            variables = ob.driver_add("scale", axis).driver.variables
            for kind in ("SINGLE_PROP", "TRANSFORMS"):
                variables.new().type = kind
        ob.keyframe_insert("location", frame=1)
        action = ob.animation_data.action
        curves = action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves
        for kind in ("CYCLES", "GENERATOR", "NOISE", "LIMITS", "STEPPED", "FNGENERATOR"):
            curves[0].modifiers.new(kind)
        for t in range(3):
            track = ob.animation_data.nla_tracks.new()
            for j in range(3):
                track.strips.new(f"Strip{j}", 1 + 40 * j, action)
        roots += [action, ob]  # drivers have f-curves, too, which have no keys
    return roots


OBJECT_GROUPS = (objects, bones, ramps_and_curves, nodes, particles, hair_and_points, grease_pencils)
LAST_GROUPS = (markers_and_strips, drivers_and_nla, simple_data, modifiers_and_constraints)
