# runtime/rnaslicer/discovery/scene_objects.py: scratch objects, bones, nodes, particles and their like.
"""More groups of scene.py."""

import bpy

from .scene_pieces import activate, choices, linked, vector


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
    for i in range(2):
        tree = bpy.data.node_groups.new("Nodes", "ShaderNodeTree")
        made = []
        for kind in ("ShaderNodeMath", "ShaderNodeMath", "ShaderNodeMath", "ShaderNodeMixRGB",
                     "ShaderNodeBsdfPrincipled", "ShaderNodeMapping", "ShaderNodeValue", "NodeFrame",
                     "NodeReroute"):
            made.append(tree.nodes.new(kind))
            made[-1].location = vector(rng, 2, -900, 900)
        for node in made[:3]:
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
    """Two of each type, on objects that nothing evaluates."""
    mesh = bpy.data.meshes.new("Modified")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    roots = []
    for i in range(2):
        ob = bpy.data.objects.new("Modified", mesh)
        for kind in choices(bpy.types.Modifier, "type"):
            if kind not in ("PARTICLE_SYSTEM", "FLUID", "COLLISION", "SOFT_BODY", "CLOTH", "OCEAN"):
                try:
                    ob.modifiers.new(kind, kind)
                except (RuntimeError, TypeError):
                    pass
        for kind in choices(bpy.types.Constraint, "type"):
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


OBJECT_GROUPS = (objects, bones, ramps_and_curves, nodes, particles, modifiers_and_constraints, simple_data)
