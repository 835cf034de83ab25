# tests/blender/trails/test_trails_levels_changed.py: the same, changed between enter and refresh
"""A change at whatever level is said, or what bpy has now is given."""
import random

import bpy
import numpy as np

from support import EVERY, refused, same, seed
from trail_levels import COUNT, SCENES, both, curve, is_refused, linked
from trail_lists import fcurves, told
from trail_ways import known, natively


def changes():
    """Name -> (scene, change of its structs so that another shape or none is there, errors)."""
    def remove_map(structs):
        structs[2].uv_layers.remove(structs[2].uv_layers[1])

    def more_maps(structs):
        structs[-1].uv_layers.new(name="More")

    def more_corners(structs):
        structs[1].loops.add(1)

    def no_keys(structs):
        structs[3].shape_key_clear()

    def fewer_keys(structs):
        structs[3].shape_key_remove(structs[3].data.shape_keys.key_blocks[1])

    def other_type(structs):
        structs[2].data = bpy.data.meshes.new("Empty")

    def grow_spline(structs):
        structs[0].splines[2].points.add(1)

    def moved_spline(structs):  # as many in all
        structs[0].splines.remove(structs[0].splines[0])
        structs[1].splines.new("POLY").points.add(4)

    def more_keys(structs):
        fcurves(structs[1])[2].keyframe_points.insert(1000, 1)

    def fewer_curves(structs):
        curves = fcurves(structs[-1])
        curves.remove(curves[0])

    def more_layers(structs):
        if not hasattr(structs[1], "fcurves"):
            bag = structs[1].layers[0].strips[0].channelbag(structs[1].slots.new("OBJECT", "More"), ensure=True)
            bag.fcurves.new("location", index=0)
        else:
            structs[1].fcurves.new("scale", index=0)

    def fewer_constraints(structs):
        list_ = structs[4].pose.bones[1].constraints
        list_.remove(list_[0])

    return {"map removed": ("maps", remove_map), "map added": ("maps", more_maps),
            "corner added": ("maps", more_corners),
            "map removed behind": ("maps of objects", lambda structs: remove_map([ob.data for ob in structs])),
            "without keys": ("keys", no_keys), "key removed": ("keys", fewer_keys),
            "another mesh": ("keys", other_type),
            "point added": ("splines", grow_spline), "spline moved": ("splines", moved_spline),
            "keyframe added": ("actions", more_keys), "curve removed": ("actions", fewer_curves),
            "bag added": ("actions", more_layers), "bag added, level": ("bags", more_layers),
            "constraint removed": ("bones", fewer_constraints)}


def test_changed(name):
    """A change at whatever level is said, whoever learns of it."""
    from rnaslicer import Slicer
    scene_name, change = changes()[name]
    for which in range(2):
        scene = SCENES[scene_name]()
        if scene is None:
            return
        known(both(scene)[which], *scene.items)
        with Slicer(both(scene)[which])[scene.items] as vw:
            natively("refresh", vw.refresh)
            change(scene.structs)
            is_refused(vw, ("ShapeChangedError", "SupplierLostError"))


test_changed.cases = {name: (name,) for name in changes()}


def removers():
    return {"maps": bpy.data.meshes, "maps of objects": bpy.data.objects, "keys": bpy.data.objects,
            "splines": bpy.data.curves, "actions": bpy.data.actions, "bones": bpy.data.objects}


def test_removed(name):
    """Of a list one lost is lost; a collection is shorter."""
    from rnaslicer import Slicer
    for which, error in enumerate(("SupplierLostError", "ShapeChangedError")):
        scene = SCENES[name]()
        known(both(scene)[which], *scene.items)
        lost = []
        with Slicer(both(scene)[which])[scene.items] as vw:
            vw.on_lost.append(lambda *_: lost.append(1))
            removers()[name].remove(scene.structs[3])
            is_refused(vw, (error,))
            if error == "SupplierLostError":
                assert lost


test_removed.cases = {name: (name,) for name in removers()}


def test_other_order(name):
    """A collection of bpy.data's is sorted by name: what an index counts is another datablock then. A list holds its
    own."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    for supplier in both(scene):
        known(supplier, *scene.items)
    with Slicer(scene.every())[scene.items] as vw:
        scene.structs[1].name = "zzz"
        before = scene.values()
        with refused("ShapeChangedError"):
            vw.update()
        same(scene.values(), before)
        vw.refresh()
        same(vw.memcache.tolist(), scene.values(scene.every()))
    expected = scene.values()
    with Slicer(scene.structs)[scene.items] as vw:
        scene.structs[2].name = "zzzz"
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), expected)
        if scene.writes:
            natively("update", vw.update)
            same(scene.values(), expected)


test_other_order.cases = {name: (name,) for name in removers()}


def test_made_anew():
    """A map removed and made anew is the last one; another mesh in an object's place leads to its own."""
    from rnaslicer import Slicer
    scene = SCENES["maps of objects"]()
    for supplier in both(scene):
        known(supplier, *scene.items)
        with Slicer(supplier)[scene.items] as vw:
            maps = scene.structs[1].data.uv_layers
            maps.remove(maps[0])
            for i, corner in enumerate(maps.new(name="Map0").data):
                corner.uv = 5, i
            scene.structs[4].data = scene.structs[3].data.copy()
            scene.structs[4].data.uv_layers[1].data[3].uv = 8, 9
            vw.refresh()
            same(vw.memcache.tolist(), scene.values())
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            same(scene.values(), vw.memcache.tolist())


def test_a_constraint_of_another_type():
    from rnaslicer import Slicer
    scene = SCENES["bones"]()
    known(scene.structs, *scene.items)
    with Slicer(scene.structs)[scene.items] as vw:
        one = scene.structs[2].pose.bones[1].constraints
        one.remove(one[1])
        one.new("TRACK_TO").influence = 0.75
        vw.refresh()
        same(vw.memcache.tolist(), scene.values())


def test_colors_made_anew_in_another_type():
    """Of another type they hold something else; of another domain there are as many or not, and both is said."""
    from rnaslicer import Slicer
    for kind, domain in (("BYTE_COLOR", "POINT"), ("FLOAT_COLOR", "CORNER"), ("FLOAT_COLOR", "POINT")):
        scene = SCENES["colors"]()
        for supplier in both(scene):
            known(supplier, *scene.items)
            with Slicer(supplier)[scene.items] as vw:
                layers = scene.structs[3].color_attributes
                names = [one.name for one in layers]
                layers.remove(layers[names[1]])
                made = layers.new(names[1], kind, domain)
                for point in made.data:
                    point.color = 0.5, 1, 0, 1
                if (kind, domain) != ("FLOAT_COLOR", "POINT"):
                    is_refused(vw)
                else:
                    vw.refresh()
                    same(vw.memcache.tolist(), scene.values())
                layers.remove(layers[names[1]])
                layers.new(names[1], "FLOAT_COLOR", "POINT")


def test_a_struct_of_another_type():
    """Where the type on the way is another one that has the same, the trail declines as the routes refuse."""
    from rnaslicer import Slicer
    scene = SCENES["splines"]()
    obs = [bpy.data.objects[one.name] for one in scene.structs]
    items = EVERY, "data", *scene.items[1:]
    same(known(obs, *items), scene.values())
    other = curve(COUNT, "SURFACE")
    with Slicer(obs)[items] as vw:
        obs[2].data = bpy.data.curves["Curve3"]
        natively("refresh", vw.refresh)
    obs.append(bpy.data.objects[other.name])
    with refused("ExpressionError"):
        with Slicer(obs)[items]:
            pass
    with refused("ExpressionError"):
        with Slicer(bpy.data.objects)[items]:
            pass


def test_nothing_there(name, take):
    """A level without elements is refused, known trail or not; where all are without there is nothing of each."""
    from rnaslicer import Slicer
    scene = SCENES[name]()
    known(scene.structs, *scene.items)
    take(scene.structs)
    for supplier in both(scene):
        for _ in range(2):
            if name == "maps" and not any(len(one.uv_layers) for one in scene.structs):
                with Slicer(supplier)[scene.items] as vw:
                    assert vw.shape[:3] == (len(supplier), 0, 0), vw.shape
                continue
            with refused("ExpressionError"):
                with Slicer(supplier)[scene.items]:
                    pass


def without_maps(structs):
    while structs[2].uv_layers:
        structs[2].uv_layers.remove(structs[2].uv_layers[0])


test_nothing_there.cases = {
    "maps": ("maps", without_maps), "no maps": ("maps", lambda structs: [without_maps([0, 0, one]) for one in structs]),
    "keys": ("keys", lambda structs: structs[1].shape_key_clear()),
    "splines": ("splines", lambda structs: structs[5].splines.clear())}


# ---- events

def test_undo():
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    names = [one.name for one in scene.structs]
    bpy.ops.ed.undo_push(message="made")
    known(scene.structs, *scene.items)
    with Slicer(scene.structs)[scene.items] as vw, Slicer(bpy.data.meshes)[scene.items] as all_of:
        bpy.data.meshes[names[1]].uv_layers[1].data[0].uv = 3, 3
        bpy.ops.ed.undo_push(message="one")
        bpy.ops.ed.undo()
        for one in (vw, all_of):
            one.refresh()
            same(one.memcache.tolist(), scene.values([bpy.data.meshes[name] for name in names]))
            np.asarray(one.memcache)[...] += 1
            one.update()
            same(scene.values([bpy.data.meshes[name] for name in names]), one.memcache.tolist())


def test_a_file_is_loaded():
    from rnaslicer import Slicer
    scene = SCENES["actions"]()
    known(scene.structs, *scene.items)
    lost = []
    with Slicer(scene.structs)[scene.items] as vw:
        vw.on_lost.append(lambda *_: lost.append(1))
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        is_refused(vw, ("SupplierLostError",))
    assert lost


def test_at_random():
    """Many steps, each checked against bpy: what changes the shape is said, else values are bpy's."""
    from rnaslicer import Slicer
    from rnaslicer.errors import SlicerError
    rng = random.Random(seed())
    scene = SCENES["maps of objects"]()
    known(scene.structs, *scene.items)
    for supplier in both(scene):
        vw = Slicer(supplier)[scene.items].open()
        for _ in range(60):
            ob = rng.choice(scene.structs)
            step = rng.randrange(7)
            if step == 0:
                ob.data = rng.choice(scene.structs).data
            elif step == 1 and len(ob.data.uv_layers) > 1:
                ob.data.uv_layers.remove(ob.data.uv_layers[0])
            elif step == 2:
                ob.data.uv_layers.new()
            elif step == 3:
                ob.data.uv_layers[-1].data[rng.randrange(8)].uv = rng.random(), 1
            elif step == 4:
                ob.data = ob.data.copy()
            elif step == 5:
                bpy.context.view_layer.update()
            widths = {len(one.data.uv_layers) for one in scene.structs}
            try:
                vw.refresh()
                same(vw.memcache.tolist(), scene.values())
                if step == 6:
                    np.asarray(vw.memcache)[...] = np.asarray(vw.memcache)[::-1].copy()
                    vw.update()
                    if len({one.data for one in scene.structs}) == COUNT:
                        same(scene.values(), vw.memcache.tolist())
            except SlicerError:
                assert widths != {2}
                for one in scene.structs:
                    while len(one.data.uv_layers) > 2:
                        one.data.uv_layers.remove(one.data.uv_layers[0])
                    while len(one.data.uv_layers) < 2:
                        one.data.uv_layers.new()
        vw.close()


def test_data_of_another_type():
    """Attributes of meshes and of hair: what a mesh's trail does after a write is none of the hair's."""
    from rnaslicer import Slicer
    scene = SCENES["maps"]()
    obs = [bpy.data.objects[one.name] for one in scene.structs]
    hair = bpy.data.hair_curves.new("Hair")
    if not hasattr(hair, "add_curves"):  # 3.4 and 4.3 differ in what can be made
        return
    hair.add_curves([6])
    for at, name in enumerate(("F", "position")):
        layer = hair.attributes.get(name) or hair.attributes.new(name, "FLOAT", "POINT")
        for i, one in enumerate(layer.data):
            setattr(one, ("value", "vector")[at], (i, (i, 2, 3))[at])
    other = linked("Hair", hair)
    for name, prop in (("F", "value"), ("position", "vector")):
        beyond = "data", "attributes", f'["{name}"]', "data", EVERY, prop
        known(obs, EVERY, *beyond)
        for structs in ([*obs[:3], other], [other, *obs]):
            for _ in range(2):
                with refused("ExpressionError", "Curves", "Mesh"):
                    with Slicer(structs)[(EVERY, *beyond)]:
                        pass
        with Slicer(obs[:2])[(EVERY, *beyond)] as vw:
            obs[1].data, before = scene.structs[2], obs[1].data
            natively("refresh", vw.refresh)
            obs[1].data = before
        for _ in range(2):
            for one in (other, obs[0], other):  # each by what is known of its own
                with Slicer(one)[beyond] as vw:
                    np.asarray(vw.memcache)[...] += 1
                    vw.update()
                    data = one.data.attributes[name].data
                    same(vw.memcache.tolist(), [told(getattr(each, prop)) for each in data])
        known([other, other], EVERY, *beyond)
