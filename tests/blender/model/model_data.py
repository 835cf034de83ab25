# tests/blender/model/model_data.py: the model's paths in bpy: making datablocks, reading and writing them element by element
"""A path is (kind, name, property): ("vertices", None, "co"), ("attribute", "A0007", "vector"), ("uv", …, "uv"),
("key", …, "co"), ("spline", 0, "tilt"), ("fcurve", ("location", 1), "co"), ("pixels", None, "pixels"),
("object", None, "location"), ("bones", None, "location"), ("groups", None, "weight"), ("modifiers", None, "factor"),
("light", None, "energy"), ("drawing", (layer, frame number), "vector"), ("nodes", None, "location"). Everything here is plain bpy and getattr, without rnaslicer."""
import bpy

from model_state import Id, Layer

PER_ELEMENT = ("vertices", "edges", "polygons")
# property of a mesh's attribute of that type, its format, its width
ATTRIBUTES = {"FLOAT_VECTOR": ("vector", "f", 3), "INT": ("value", "i", 1), "BOOLEAN": ("value", "?", 1),
              "FLOAT": ("value", "f", 1), "INT8": ("value", "i", 1)}
FACES = ((0, 1, 4, 3), (1, 2, 5, 4))


def elements(id_, path):
    """The bpy collection (or the array of pixels, or [the object]) now."""
    kind, name, _ = path
    if kind in PER_ELEMENT:
        return getattr(id_, kind)
    if kind == "attribute":
        return id_.attributes[name].data
    if kind == "uv":
        return id_.uv_layers[name].data
    if kind == "key":
        return id_.shape_keys.key_blocks[name].data
    if kind == "spline":
        return id_.splines[name].bezier_points
    if kind == "fcurve":
        return next(c for c in curves_of(id_) if (c.data_path, c.array_index) == name).keyframe_points
    if kind == "groups":
        return [group for vertex in id_.vertices for group in vertex.groups]
    if kind == "bones":
        return id_.pose.bones
    if kind == "modifiers":
        return id_.modifiers
    if kind == "drawing":
        return next(frame for frame in id_.layers[name[0]].frames if frame.frame_number == name[1]).drawing.attributes[
            "position"].data
    if kind == "nodes":
        return id_.node_tree.nodes
    return id_.pixels if kind == "pixels" else [id_]


def curves_of(action):
    if hasattr(action, "fcurves"):
        return action.fcurves
    if not action.layers:
        action.layers.new("Layer").strips.new(type="KEYFRAME")
    slot = action.slots[0] if action.slots else action.slots.new("OBJECT", "Slot")
    return action.layers[0].strips[0].channelbag(slot, ensure=True).fcurves


def read(id_, path):
    """Flat values, one getattr for each element."""
    found = elements(id_, path)
    if path[0] == "pixels":
        return list(found)
    values = []
    for element in found:
        value = getattr(element, path[2])
        values += list(value) if hasattr(value, "__len__") else [value]
    return values


def write(id_, path, layer, rows):
    """Assigns the model's values of these rows, one by one."""
    found, width = elements(id_, path), layer.width
    for row in rows:
        part = layer.values[row * width:(row + 1) * width]
        if path[0] == "pixels":
            found[row] = part[0]
        else:
            setattr(found[row], path[2], part if width > 1 else part[0])


def layer(id_, path, format, width, kind=None):
    """A Layer with the values that bpy gives."""
    return Layer(kind or path[0], format, width, read(id_, path), lengths(id_, path))


def lengths(id_, path):
    """How many values each vertex has, of weights."""
    return tuple(len(vertex.groups) for vertex in id_.vertices) if path[0] == "groups" else None


# ---- what there is

def mesh_layers(mesh):
    """The layers that every mesh has."""
    made = {("vertices", None, "co"): ("f", 3), ("vertices", None, "select"): ("?", 1),
            ("edges", None, "use_seam"): ("?", 1), ("polygons", None, "material_index"): ("i", 1),
            ("polygons", None, "use_smooth"): ("?", 1), ("groups", None, "weight"): ("f", 1)}
    return {path: layer(mesh, path, *how) for path, how in made.items()}


def new_mesh(name, grow):
    mesh = bpy.data.meshes.new(name)
    points = [(i % 3, i // 3, 0.25 * i) for i in range(6)] + [(i, 0, 0) for i in range(grow % 7)]
    mesh.from_pydata(points, [], FACES)
    return mesh, Id("meshes", name, mesh_layers(mesh))


def add_attribute(mesh, name, data_type, domain="POINT"):
    mesh.attributes.new(name, data_type, domain)
    prop, format, width = ATTRIBUTES[data_type]
    path = ("attribute", name, prop)
    return path, layer(mesh, path, format, width, f"{data_type} {domain}")


def add_uv(mesh, name):
    mesh.uv_layers.new(name=name)
    path = ("uv", name, "uv")
    return path, layer(mesh, path, "f", 2)


def add_key(ob, name):
    ob.shape_key_add(name=name, from_mix=False)
    path = ("key", name, "co")
    return path, layer(ob.data, path, "f", 3)


def spline_layers(curve, index):
    made = {("spline", index, "co"): ("f", 3), ("spline", index, "tilt"): ("f", 1), ("spline", index, "radius"): ("f", 1)}
    return {path: layer(curve, path, *how) for path, how in made.items()}


def new_curve(name, points):
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions = "3D"
    found = Id("curves", name, {})
    for index in range(2):
        curve.splines.new("BEZIER").bezier_points.add(1 + (points + index) % 5)
        found.layers |= spline_layers(curve, index)
    return curve, found


def add_fcurve(action, name, keys):
    points = curves_of(action).new(name[0], index=name[1]).keyframe_points
    for i in range(keys):
        points.insert(4 * i + 1, 0.5 * i)
    path = ("fcurve", name, "co")
    return path, layer(action, path, "f", 2)


def new_image(name, width):
    image = bpy.data.images.new(name, 1 + width % 5, 3, float_buffer=True)
    path = ("pixels", None, "pixels")
    return image, Id("images", name, {path: layer(image, path, "f", 1)})


def new_light(name, kind):
    light = bpy.data.lights.new(name, kind)
    path = ("light", None, "energy")
    return light, Id("lights", name, {path: layer(light, path, "f", 1, kind)})


def object_layers(ob):
    made = {("object", None, "location"): ("f", 3), ("object", None, "scale"): ("f", 3), ("object", None, "pass_index"): ("i", 1),
            ("object", None, "hide_render"): ("?", 1)}
    return {path: layer(ob, path, *how) for path, how in made.items()} | dict([modifiers_layer(ob)])


def modifiers_layer(ob):
    """What all of the model's types of modifiers have, each elsewhere in its struct."""
    path = ("modifiers", None, "factor")
    return path, layer(ob, path, "f", 1, "modifiers " + " ".join(one.type for one in ob.modifiers))


def new_rig(name):
    """An armature's object; the model knows the pose only."""
    armature = bpy.data.armatures.new(name)
    armature.use_fake_user = True
    ob, known = new_object(name, armature, None)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(3):
        armature.edit_bones.new(f"Bone{i}").tail = i, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    for prop in ("location", "scale"):
        known.layers["bones", None, prop] = layer(ob, ("bones", None, prop), "f", 3)
    return ob, known


def new_object(name, data, number):
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob, Id("objects", name, object_layers(ob), number)


# ---- drawings and nodes

def pencil_home():
    """The list of Grease Pencil's datablocks with drawings; None where there are none (3.4)."""
    if bpy.app.version < (4, 3):
        return None
    return "grease_pencils" if bpy.app.version >= (5, 0) else "grease_pencils_v3"


def pencil_layers(pencil):
    """Positions of all drawings that have points."""
    made = {}
    for layer_ in pencil.layers:
        for frame in layer_.frames:
            if "position" in frame.drawing.attributes and len(frame.drawing.attributes["position"].data):
                path = ("drawing", (layer_.name, frame.frame_number), "vector")
                made[path] = layer(pencil, path, "f", 3)
    return made


def new_pencil(name, points):
    pencil = getattr(bpy.data, pencil_home()).new(name)
    for i in range(2):
        pencil.layers.new(f"Y{i}").frames.new(1 + i).drawing.add_strokes([2 + points % 4, 1])
    return pencil, Id(pencil_home(), name, pencil_layers(pencil))


def node_layers(material):
    """What all nodes have."""
    kind = "nodes " + " ".join(node.bl_idname for node in material.node_tree.nodes)
    made = {("nodes", None, "location"): ("f", 2), ("nodes", None, "mute"): ("?", 1)}
    return {path: layer(material, path, *how, kind) for path, how in made.items()}


def new_material(name, kinds):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    material.node_tree.nodes.clear()
    for kind in kinds:
        material.node_tree.nodes.new(kind)
    return material, Id("materials", name, node_layers(material))
