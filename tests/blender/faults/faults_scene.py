# tests/blender/faults/faults_scene.py: a small scene with one of each kind of data, and all its values as bpy gives them
"""`build()` fills an empty factory file. `KINDS` are the representatives whose wrappers the fault table tries;
`snapshot()` is everything that a stray write could hit, read element by element."""
import bpy

from support import plain


def build():
    """Everything with values that differ from each other and from their defaults."""
    for name in ("Layered", "Keyed"):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(x, y, 0.125 * x) for y in range(3) for x in range(3)], [],
                         [(i, i + 1, i + 4, i + 3) for i in (0, 1, 3, 4)])
        for ob in both(name, mesh):
            ob.vertex_groups.new(name="Group").add([0, 2, 4], 0.5, "REPLACE")
    layered = bpy.data.meshes["Layered"]
    for name in ("before", "vec", "behind"):
        layered.attributes.new(name, "FLOAT_VECTOR", "POINT")
        for i, element in enumerate(layered.attributes[name].data):
            element.vector = i, i + 0.5, len(name)
    layered.uv_layers.new(name="UV")
    for i, element in enumerate(layered.uv_layers["UV"].data):
        element.uv = i, 0.5 * i
    keyed = bpy.data.objects["KeyedA"]
    for name in ("Basis", "Key", "Last"):
        keyed.shape_key_add(name=name, from_mix=False)
        for i, point in enumerate(keyed.data.shape_keys.key_blocks[name].data):
            point.co = point.co.x, i, len(name)
    _animate(bpy.data.objects["KeyedB"])
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.dimensions = "3D"
    both("Curve", curve)
    for count in (4, 3):
        points = curve.splines.new("BEZIER").bezier_points
        points.add(count - 1)
        for i, point in enumerate(points):
            point.co = i, count, 0.5
    _rig()
    for name, side in (("Pic", 4), ("Other", 2)):
        image = bpy.data.images.new(name, side, 3, float_buffer=True)
        image.pixels.foreach_set([i / 64 for i in range(len(image.pixels))])
    for ids in (bpy.data.meshes, bpy.data.curves, bpy.data.actions, bpy.data.armatures, bpy.data.images):
        for id_ in ids:
            id_.use_fake_user = True
    bpy.context.view_layer.update()


def both(name, data):
    """Two objects of the same data, in the scene."""
    made = [bpy.data.objects.new(name + letter, data) for letter in "AB"]
    for i, ob in enumerate(made):
        bpy.context.scene.collection.objects.link(ob)
        ob.location = i, len(name), 2.5
    return made


def _animate(ob):
    for frame in (1, 4, 9, 16):
        for axis in range(2):
            ob.location[axis] = frame * (axis + 0.5)
            ob.keyframe_insert("location", index=axis, frame=frame)
    ob.animation_data.action.name = "Act"
    second = bpy.data.objects["LayeredB"].animation_data_create()  # a second user of the action
    second.action = bpy.data.actions["Act"]
    if hasattr(second, "action_slot"):
        second.action_slot = ob.animation_data.action_slot
    bpy.context.scene.frame_set(3)


def _rig():
    armature = bpy.data.armatures.new("Rig")
    rigged = both("Rig", armature)[0]
    with editing(rigged):
        for i in range(3):
            bone = armature.edit_bones.new(f"Bone{i}")
            bone.head, bone.tail = (i, 0, 0), (i, 0, 1)
    for ob in bpy.data.objects:
        for i, bone in enumerate(ob.pose.bones if ob.pose else ()):
            bone.location = i, 0.25, len(bone.name)


class editing:
    """The block runs in the edit mode of an object."""

    def __init__(self, ob):
        self.ob = ob

    def __enter__(self):
        bpy.context.view_layer.objects.active = self.ob
        bpy.ops.object.mode_set(mode="EDIT")

    def __exit__(self, *_):
        bpy.ops.object.mode_set(mode="OBJECT")


def curves_of(action):
    """The F-curves of an action, whose place is another in 5.2."""
    return action.fcurves if hasattr(action, "fcurves") else action.layers[0].strips[0].channelbags[0].fcurves


def new_curve(action, path, axis):
    """One more F-curve."""
    return curves_of(action).new(path, index=axis)


# ---- everything, as bpy gives it

def _mesh(mesh, put):
    put("co", [v.co for v in mesh.vertices])
    put("edges", [e.vertices for e in mesh.edges])
    put("faces", [list(p.vertices) for p in mesh.polygons])
    put("loops", [corner.vertex_index for corner in mesh.loops])
    put("groups", [[(g.group, g.weight) for g in v.groups] for v in mesh.vertices])
    put("layers", sorted(a.name for a in mesh.attributes if not a.name.startswith(".")))
    for attribute in mesh.attributes:
        if attribute.data_type == "FLOAT_VECTOR" and attribute.name != "position":
            put("attribute " + attribute.name, [e.vector for e in attribute.data])
    for layer in mesh.uv_layers:
        put("uv " + layer.name, [e.uv for e in layer.data])
    for block in mesh.shape_keys.key_blocks if mesh.shape_keys else ():
        put("key " + block.name, [p.co for p in block.data])
        put("key value " + block.name, [block.value, block.slider_max])


def _action(action, put):
    for curve in curves_of(action):
        name = f"{curve.data_path}[{curve.array_index}]"
        put(f"keys {name}", [k.co for k in curve.keyframe_points])
        put(f"handles {name}", [[k.handle_left.x, k.handle_right.x, k.interpolation == "BEZIER"] for k in curve.keyframe_points])


def _curve(curve, put):
    for i, spline in enumerate(curve.splines):
        put(f"spline {i}", [p.co for p in spline.bezier_points])
        put(f"spline {i} tilts", [[p.tilt, p.radius, p.weight_softbody] for p in spline.bezier_points])


def _object(ob, put):
    put("location", ob.location)
    put("transform", [*ob.rotation_euler, *ob.scale, ob.pass_index, ob.hide_render])
    put("data", [ord(c) for c in ob.data.name] if ob.data else [])
    for bone in ob.pose.bones if ob.pose else ():
        put(f"bone {bone.name}", bone.location)
        put(f"bone {bone.name} turned", [*bone.rotation_quaternion, *bone.scale])


def _armature(armature, put):
    put("bones", [[*bone.head_local, *bone.tail_local] for bone in armature.bones])


def _image(image, put):
    put("size", image.size)
    put("pixels", list(image.pixels))


def snapshot():
    """{(list in bpy.data, name, library, what): values}."""
    seen = {}
    for name, read in (("meshes", _mesh), ("actions", _action), ("curves", _curve), ("objects", _object),
                       ("armatures", _armature), ("images", _image)):
        for id_ in getattr(bpy.data, name):
            if id_.name != "Render Result":
                read(id_, lambda what, values, id_=id_: seen.__setitem__(
                    (name, id_.name, bool(id_.library), what), plain(values)))
    return seen


# ---- the representatives

class Kind:
    """One representative. `home` is its list in bpy.data, `name` its datablock's name there, `wanted` the keys of
    the snapshot that an update of it changes. `linked`: of the library's datablock, not of the file's own."""

    home = name = ""
    linked = False

    def id(self):
        for id_ in getattr(bpy.data, self.home):
            if id_.name == self.name and bool(id_.library) == self.linked:
                return id_
        raise KeyError(self.name)

    def supplier(self):
        raise NotImplementedError

    def expression(self):
        return slice(None), self.property

    def mirror(self):
        """The values now, by getattr."""
        return [list(getattr(element, self.property)) for element in self.supplier()]

    def change(self):
        """Assigns other values through bpy."""
        for element in self.supplier():
            setattr(element, self.property, [x + 1.5 for x in getattr(element, self.property)])

    def __str__(self):
        return type(self).__name__.replace("_", " ")


class mesh_layer(Kind):
    home, name, property = "meshes", "Layered", "vector"
    user = "LayeredA"

    def supplier(self):
        return self.id().attributes["vec"].data

    def wanted(self, key):
        return key[0] == "meshes" and key[1] == self.name and key[3] == "attribute vec"


class shape_key(Kind):
    home, name, property = "meshes", "Keyed", "co"
    user = "KeyedA"

    def supplier(self):
        return self.id().shape_keys.key_blocks["Key"].data

    def wanted(self, key):
        return key[0] == "meshes" and key[1] == self.name and key[3] == "key Key"


class keyframes(Kind):
    home, name, property = "actions", "Act", "co"

    def supplier(self):
        return curves_of(self.id())[0].keyframe_points

    def wanted(self, key):
        return key[0] == "actions" and key[1] == self.name and key[3] in ("keys location[0]", "handles location[0]")


class curve_points(Kind):
    home, name, property = "curves", "Curve", "co"
    user = "CurveA"

    def supplier(self):
        return self.id().splines[0].bezier_points

    def wanted(self, key):
        return key[0] == "curves" and key[1] == self.name and key[3] == "spline 0"


class object_list(Kind):
    home, name, property = "objects", "LayeredA", "location"

    def supplier(self):
        return bpy.data.objects

    def wanted(self, key):
        return key[0] == "objects" and key[3] == "location"


class pose(Kind):
    home, name, property = "objects", "RigA", "location"
    user = "RigA"

    def supplier(self):
        return self.id().pose.bones

    def wanted(self, key):
        return key[0] == "objects" and key[1] == self.name and key[3].startswith("bone ") and key[3].count(" ") == 1


class image(Kind):
    home, name, property = "images", "Pic", "pixels"

    def supplier(self):
        return self.id().pixels

    def expression(self):
        return slice(None)

    def mirror(self):
        return list(self.supplier())

    def change(self):
        self.supplier().foreach_set([x + 1.5 for x in self.supplier()])

    def wanted(self, key):
        return key[0] == "images" and key[1] == self.name and key[3] == "pixels"


KINDS = (mesh_layer, shape_key, keyframes, curve_points, object_list, pose, image)
