# tests/blender/census/census_settings.py: pieces of the census's scene: nodes, materials, images, modifiers, scenes
"""Each function adds one kind of data with random values; census_scene.py calls them."""
import bpy

from census_geometry import activate, choices, link, unlinked, vector
from support import VERSION, random_mesh


# ---- nodes

def subclasses(*names):
    """Names of the RNA types that derive from the named ones."""
    bases = tuple(getattr(bpy.types, name) for name in names if hasattr(bpy.types, name))
    kinds = (getattr(bpy.types, name) for name in dir(bpy.types))
    return sorted(k.__name__ for k in kinds if isinstance(k, type) and issubclass(k, bases) and k not in bases)


def tree_of_all(name, kind, nodes, rng):
    """A node tree with one node of each type that bpy lets us make."""
    tree = bpy.data.node_groups.new(name, kind)
    for identifier in nodes:
        try:
            node = tree.nodes.new(identifier)
        except RuntimeError:  # base classes, and nodes of other trees
            continue
        node.location, node.width = vector(rng, 2, -900, 900), rng.uniform(100, 300)
    return tree


def shader_trees(rng):
    tree = tree_of_all("All shader nodes", "ShaderNodeTree", subclasses("ShaderNode"), rng)
    for _ in range(3):
        for identifier in ("ShaderNodeMath", "ShaderNodeMixShader"):
            tree.nodes.new(identifier).location = vector(rng, 2, -900, 900)
    math_nodes = [node for node in tree.nodes if node.bl_idname == "ShaderNodeMath"]
    for a, b in zip(math_nodes, math_nodes[1:]):
        tree.links.new(a.outputs[0], b.inputs[1])
    ramp = next(node for node in tree.nodes if node.bl_idname == "ShaderNodeValToRGB").color_ramp
    for i in range(5):
        ramp.elements.new(0.1 + i / 7).color = vector(rng, 4, 0, 1)
    curve = next(node for node in tree.nodes if node.bl_idname == "ShaderNodeFloatCurve").mapping.curves[0]
    for i in range(6):
        curve.points.new(i / 7 + 0.05, rng.random()).handle_type = ("AUTO", "VECTOR")[i % 2]


def other_trees(rng):
    tree = tree_of_all("All geometry nodes", "GeometryNodeTree", subclasses("GeometryNode", "FunctionNode"), rng)
    for kind in ("NodeSocketFloat", "NodeSocketVector", "NodeSocketInt", "NodeSocketBool", "NodeSocketColor"):
        if hasattr(tree, "interface"):
            tree.interface.new_socket(kind, in_out="INPUT", socket_type=kind)
        else:
            tree.inputs.new(kind, kind)
    tree_of_all("All compositor nodes", "CompositorNodeTree", subclasses("CompositorNode"), rng)
    tree_of_all("All texture nodes", "TextureNodeTree", subclasses("TextureNode"), rng)


# ---- materials, textures, images, worlds

def materials(rng):
    for i in range(3):
        material = bpy.data.materials.new(f"Material{i}")
        material.use_nodes = i != 1
        material.diffuse_color, material.roughness = vector(rng, 4, 0, 1), rng.random()
        if hasattr(bpy.data.materials, "create_gpencil_data"):
            bpy.data.materials.create_gpencil_data(material)
            material.grease_pencil.color = vector(rng, 4, 0, 1)
        bpy.data.meshes["Full"].materials[i] = material


def textures(rng):
    for kind in choices(bpy.types.Texture, "type"):
        texture = bpy.data.textures.new(kind.title(), kind)
        texture.intensity, texture.use_color_ramp = rng.random(), True


def images(rng):
    for name, is_float, tiled in (("Bytes", False, False), ("Floats", True, False), ("Tiles", False, True)):
        image = bpy.data.images.new(name, 7, 5, alpha=True, float_buffer=is_float, tiled=tiled)
        if tiled:
            image.tiles.new(1002)
        image.pixels.foreach_set([rng.random() for _ in range(len(image.pixels))])


def worlds(rng):
    for i in range(2):
        world = bpy.data.worlds.new(f"World{i}")
        world.use_nodes, world.color = i == 0, vector(rng, 3, 0, 1)


def palettes_and_masks(rng):
    palette = bpy.data.palettes.new("Palette")
    for _ in range(5):
        color = palette.colors.new()
        color.color, color.strength = vector(rng, 3, 0, 1), rng.random()
    mask = bpy.data.masks.new("Mask")
    for i in range(2):
        layer = mask.layers.new(name=f"Layer{i}")
        layer.alpha = rng.random()
        for spline in [layer.splines.new() for _ in range(3)]:
            spline.points.add(4)
            for point in spline.points:
                point.co, point.weight, point.select = vector(rng, 2), rng.random(), rng.random() < 0.5
    for i in range(2):
        bpy.data.brushes.new(f"Brush{i}", mode="SCULPT").strength = rng.random()


def line_styles(rng):
    style = bpy.data.linestyles.new("Style")
    for group in ("color", "alpha", "thickness", "geometry"):
        modifiers = getattr(style, f"{group}_modifiers")
        function = modifiers.bl_rna.functions["new"]
        for kind in (item.identifier for item in function.parameters["type"].enum_items):
            try:
                modifiers.new(kind, kind)
            except RuntimeError:
                pass
    style.texture_slots.add()


# ---- objects' lists

def collections(rng):
    scene = bpy.context.scene.collection
    for i in range(3):
        child = bpy.data.collections.new(f"Collection{i}")
        scene.children.link(child)
        child.hide_render, child.instance_offset = i == 1, vector(rng)
        for ob in list(bpy.data.objects)[i::5]:
            child.objects.link(ob) if ob.name not in child.objects else None
        scene = child


def modifiers(rng):
    """One modifier of each type, on an object that nothing evaluates."""
    owners = [unlinked("Modified mesh", bpy.data.meshes["Plain"]),
              unlinked("Modified pencil", bpy.data.objects["Pencil"].data)]
    for ob in owners:
        for kind in choices(bpy.types.Modifier, "type"):
            if kind != "PARTICLE_SYSTEM":
                try:
                    ob.modifiers.new(kind, kind)
                except (RuntimeError, TypeError):
                    pass
        if hasattr(ob, "grease_pencil_modifiers") and ob.type == "GPENCIL":
            for kind in choices(bpy.types.GpencilModifier, "type"):
                ob.grease_pencil_modifiers.new(kind, kind)
            for kind in choices(bpy.types.ShaderFx, "type"):
                ob.shader_effects.new(kind, kind)
    for i in range(4):
        unlinked("Levels", bpy.data.meshes["Plain"]).modifiers.new("Subdivision", "SUBSURF").levels = i
        owners[0].modifiers.new(f"More{i}", "SUBSURF").levels = i
    if VERSION >= (4, 3):
        for kind in choices(bpy.types.ShaderFx, "type"):
            try:
                owners[1].shader_effects.new(kind, kind)
            except RuntimeError:
                pass


def constraints(rng):
    ob = unlinked("Constrained", None)
    for kind in choices(bpy.types.Constraint, "type"):
        constraint = ob.constraints.new(kind)
        constraint.influence, constraint.mute = rng.random(), rng.random() < 0.5
        if kind == "ARMATURE":
            for _ in range(3):
                constraint.targets.new().weight = rng.random()


def physics(rng):
    """Rigid bodies, a force field, settings of each particle type."""
    for i in range(2):
        ob = link(f"Body{i}", bpy.data.meshes["One triangle"])
        activate(ob)
        bpy.ops.rigidbody.object_add()
        ob.rigid_body.mass = rng.uniform(1, 9)
    bpy.ops.object.effector_add(type="WIND")
    bpy.context.object.field.strength = rng.uniform(1, 9)


def particle_emitter(rng):
    """Emitted particles and hair; both exist in the evaluated object only."""
    mesh = random_mesh(rng, 4, 4, "Emitter", layers=False)
    ob = link("Emitter", mesh)
    for kind in ("EMITTER", "HAIR"):
        ob.modifiers.new(kind, "PARTICLE_SYSTEM")
        settings = ob.particle_systems[-1].settings
        settings.type, settings.count = kind, 20
        if kind == "EMITTER":
            settings.frame_start, settings.frame_end, settings.lifetime = 1, 5, 200
    return ob


# ---- scenes

def markers(rng):
    scene = bpy.context.scene
    for i in range(4):
        scene.timeline_markers.new(f"Marker{i}", frame=rng.randrange(200)).select = i % 2 == 0
    bpy.data.scenes.new("Second").frame_end = 99


def render_settings(rng):
    scene = bpy.context.scene
    for i in range(3):
        keys = scene.keying_sets.new(name=f"Keys{i}")
        for path in ("location", "scale", "rotation_euler"):
            keys.paths.add(bpy.data.objects["Full"], path)
    view = scene.view_layers.new("Layer")
    view.pass_alpha_threshold = rng.random()
    for i in range(2):
        view.aovs.add().name = f"AOV{i}"
        view.lightgroups.add(name=f"Group{i}")
    for i in range(3):
        view.freestyle_settings.linesets.new(f"Lines{i}").linestyle = bpy.data.linestyles["Style"]
    scene.render.resolution_percentage = rng.randint(10, 90)
    scene.cursor.location, scene.unit_settings.scale_length = vector(rng), rng.uniform(0.5, 2)
    scene.view_settings.use_curve_mapping = True


def strips(rng):
    editor = bpy.context.scene.sequence_editor_create()
    found = getattr(editor, "strips", None) or editor.sequences if hasattr(editor, "sequences") else editor.strips
    length = {"length": 20} if "length" in found.bl_rna.functions["new_effect"].parameters else None
    made = []
    for i, kind in enumerate(("COLOR", "TEXT", "ADJUSTMENT", "COLOR", "SPEED", "GLOW", "GAUSSIAN_BLUR", "TRANSFORM")):
        inputs = {}
        if kind in ("SPEED", "GLOW", "GAUSSIAN_BLUR", "TRANSFORM"):
            inputs = {"input1" if length else "seq1": made[0]}
        try:
            strip = found.new_effect(name=f"{kind}{i}", type=kind, channel=i + 1, frame_start=5 * i + 1,
                                     **(length or {"frame_end": 5 * i + 21}), **inputs)
        except (RuntimeError, TypeError):  # 5.2 has no such type any more
            continue
        strip.blend_alpha, strip.mute = rng.random(), rng.random() < 0.5
        made.append(strip)
    for kind in ("BRIGHT_CONTRAST", "CURVES", "COLOR_BALANCE", "HUE_CORRECT", "MASK", "TONEMAP", "WHITE_BALANCE"):
        made[0].modifiers.new(kind, kind)


def texts(rng):
    text = bpy.data.texts.new("Text")
    text.from_string("\n".join("x" * rng.randrange(9) for _ in range(5)))
