# tests/blender/trails/trail_levels.py: levels of collections behind many datablocks, for the tests of their trails
"""Each scene has datablocks that are told from each other, what leads on from each, and what bpy gives for all."""
from typing import Any, Callable, NamedTuple

import bpy

from support import EVERY, same
from trail_lists import edited, fcurves

COUNT = 6
BAGS = "layers", EVERY, "strips", EVERY, "channelbags", EVERY, "fcurves"  # actions have such since 4.4
FIRST = "layers", 0, "strips", 0, "channelbags", 0, "fcurves"


class Scene(NamedTuple):
    structs: list
    every: Callable[[], Any]  # the collection of all of them
    beyond: tuple  # items, from one of them to the last collection
    inner: Callable[[Any], list]  # the last collections behind a struct, in order
    name: str
    shape: tuple = ()  # of what `inner` gives; none: as many as there are
    writes: bool = True  # native code writes them, too

    @property
    def items(self):
        return EVERY, *self.beyond, EVERY, self.name

    def values(self, structs=None):
        """As bpy tells them."""
        return [nested([values(one, self.name) for one in self.inner(struct)], self.shape)
                for struct in (self.structs if structs is None else structs)]


def nested(rows, shape):
    for width in reversed(shape[1:]):
        rows = [rows[i:i + width] for i in range(0, len(rows), width)]
    return rows


def values(collection, name):
    found = [getattr(one, name) for one in collection]
    return [list(one) if hasattr(one, "__len__") else one for one in found]


def clear():
    """Nothing that an expression on all of bpy.data's would meet."""
    for ob in list(bpy.data.objects):
        bpy.data.objects.remove(ob)
    for all_of in (bpy.data.meshes, bpy.data.curves, bpy.data.actions, bpy.data.armatures):
        for one in list(all_of):
            all_of.remove(one)


def linked(name, data):
    ob = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def mesh(at, layers=2, name="Mesh"):
    """Two quads, with maps, an attribute and an object."""
    made = bpy.data.meshes.new(f"{name}{at}")
    made.from_pydata([(at, i, i % 3) for i in range(6)], [], [(0, 1, 2, 3), (2, 3, 4, 5)])
    for k in range(layers):
        for i, corner in enumerate(made.uv_layers.new(name=f"Map{k}").data):
            corner.uv = at / 8, k + i / 64
    for i, one in enumerate(made.attributes.new("F", "FLOAT", "POINT").data):
        one.value = at + i / 8
    linked(f"{name}{at}", made)
    return made


def maps():
    clear()
    return Scene([mesh(i) for i in range(COUNT)], lambda: bpy.data.meshes, ("uv_layers", EVERY, "data"),
                 lambda one: [layer.data for layer in one.uv_layers], "uv")


def maps_of_objects():
    clear()
    obs = [mesh(i).name for i in range(COUNT)]
    return Scene([bpy.data.objects[name] for name in obs], lambda: bpy.data.objects,
                 ("data", "uv_layers", EVERY, "data"), lambda one: [layer.data for layer in one.data.uv_layers], "uv")


def colors():
    """Attributes, of which an index picks each: routes write them."""
    clear()
    meshes = [mesh(i) for i in range(COUNT)]
    for at, one in enumerate(meshes):
        for k in range(2):
            for i, point in enumerate(one.color_attributes.new(f"Col{k}", "FLOAT_COLOR", "POINT").data):
                point.color = at / 8, k, i / 8, 1
    return Scene(meshes, lambda: bpy.data.meshes, ("color_attributes", EVERY, "data"),
                 lambda one: [layer.data for layer in one.color_attributes], "color", writes=False)


def keyed(at):
    ob = bpy.data.objects[mesh(at).name]
    for k in range(3):
        block = ob.shape_key_add(name=f"Key{k}", from_mix=False)
        block.value = 0
        for i, point in enumerate(block.data):
            point.co = at, k, i / 8
    return ob


def keys():
    clear()
    return Scene([keyed(i) for i in range(COUNT)], lambda: bpy.data.objects,
                 ("data", "shape_keys", "key_blocks", EVERY, "data"),
                 lambda one: [block.data for block in one.data.shape_keys.key_blocks], "co")


def curve(at, kind="CURVE"):
    made = bpy.data.curves.new(f"Curve{at}", kind)
    for k in range(3):
        spline = made.splines.new("POLY" if kind == "CURVE" else "NURBS")
        spline.points.add(4)
        for i, point in enumerate(spline.points):
            point.co = at, k, i / 8, 1 + i
    linked(f"Curve{at}", made)
    return made


def splines():
    clear()
    return Scene([curve(i) for i in range(COUNT)], lambda: bpy.data.curves, ("splines", EVERY, "points"),
                 lambda one: [spline.points for spline in one.splines], "co")


def animated(at, count=3, keys=5):
    """An action with that many F-curves."""
    made = bpy.data.actions.new(f"Action{at}")
    made.use_fake_user = True
    curves = made.fcurves if hasattr(made, "fcurves") else made.layers.new("Layer").strips.new(
        type="KEYFRAME").channelbag(made.slots.new("OBJECT", "Slot"), ensure=True).fcurves
    for k in range(count):
        found = curves.new("location", index=k)
        found.keyframe_points.add(keys)
        for i, key in enumerate(found.keyframe_points):
            key.co = 10 * i, at + k / 8 + i / 64
        found.update()
    return made


def actions():
    clear()
    made = [animated(i) for i in range(COUNT)]
    beyond = ("fcurves",) if hasattr(made[0], "fcurves") else FIRST
    return Scene(made, lambda: bpy.data.actions, (*beyond, EVERY, "keyframe_points"),
                 lambda one: [each.keyframe_points for each in fcurves(one)], "co")


def bags():
    """The same by every layer, strip and channelbag."""
    scene = actions()
    return None if hasattr(scene.structs[0], "fcurves") else scene._replace(
        beyond=(*BAGS, EVERY, "keyframe_points"), shape=(1, 1, 1, 3))


def bones():
    """Constraints of several types, in linked lists."""
    clear()
    rigs = [linked(f"Rig{i}", bpy.data.armatures.new(f"Rig{i}")) for i in range(COUNT)]
    for at, rig in enumerate(rigs):
        edited(rig, lambda edit: [setattr(edit.new(f"B{k}"), "tail", (0, 0, 1)) for k in range(3)])
        for k, bone in enumerate(rig.pose.bones):
            for i, kind in enumerate(("COPY_LOCATION", "LIMIT_ROTATION")):
                bone.constraints.new(kind).influence = (at + k / 8 + i / 64) / 8
    return Scene(rigs, lambda: bpy.data.objects, ("pose", "bones", EVERY, "constraints"),
                 lambda one: [bone.constraints for bone in one.pose.bones], "influence", writes=False)


SCENES = {"maps": maps, "maps of objects": maps_of_objects, "colors": colors, "keys": keys, "splines": splines,
          "actions": actions, "bags": bags, "bones": bones}


def both(scene):
    """A list of the datablocks, and the collection of them."""
    return list(scene.structs), scene.every()


def is_refused(vw, errors=("ShapeChangedError",), reads=True):
    """What is otherwise now is said, and nothing moved."""
    from rnaslicer import errors as module
    before = vw.memcache.tolist()
    for call in (vw.refresh, vw.update) if reads else (vw.update,):
        try:
            call()
        except module.SlicerError as error:
            assert type(error).__name__ in errors, (type(error), error)
        else:
            raise AssertionError(call)
    same(vw.memcache.tolist(), before)
