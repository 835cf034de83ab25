# tests/blender/trails/test_trails_listed.py: lists of one datablock along trails: bones, nodes, modifiers, splines
"""Each test follows a trail until native code does it; bpy says what is right, also after elements have come, gone,
changed places and types, or where a list may not be written."""
import bpy
import numpy as np

import derived_scenes as scenes
from support import EVERY, refused, same
from trail_lists import PARTS, add, agrees_or_names, edited, lists, rig, told, values
from trail_ways import known, natively


def test_read(name):
    give, names, _ = lists()[name]
    for prop in names:
        expected = values(give(), prop)
        if read_route(give(), prop) != "direct":
            assert prop in ("matrix_basis", "color"), (name, prop)
            continue
        same(known(give(), EVERY, prop), expected, prop)
        for part in PARTS:
            if len(range(len(expected))[part]) < 2:
                continue
            same(known(give(), part, prop), expected[part], f"{prop} {part}")


test_read.cases = {name: (name,) for name in ("bones", "nodes", "nodes of a kind", "modifiers", "constraints",
                                              "key blocks", "splines", "metaball elements", "f-curves")}


def read_route(coll, name):
    from rnaslicer import Slicer
    with Slicer(coll)[:, name] as vw:
        return vw.kernel.route


def test_written(name):
    """Whole and in part; what is beside a part stays."""
    from rnaslicer import Slicer
    give, _, names = lists()[name]
    for prop in names:
        known(give(), EVERY, prop)
        with Slicer(give())[:, prop] as vw:
            vw.update()
            vw.update()
            rows = np.asarray(vw.memcache)
            for part in (EVERY, slice(1, None, 2)):
                before = np.array(values(give(), prop), rows.dtype)
                rows[...] = before[::-1]
                if rows.dtype == np.float32:
                    rows *= 0.5
                wanted = before.copy()
                wanted[part] = rows[part]
                natively("update", lambda part=part: vw.update(None if part == EVERY else vw.memcache[part]))
                same(values(give(), prop), wanted.tolist(), f"{name} {prop} {part}")
            natively("refresh", vw.refresh)
            same(vw.memcache.tolist(), wanted.tolist())


test_written.cases = {name: (name,) for name in ("bones", "nodes", "nodes of a kind", "modifiers", "constraints",
                                                 "splines", "metaball elements", "f-curves")}


def test_read_and_write_once():
    from rnaslicer import Slicer
    ob = rig()
    out = np.zeros((24, 3), "f")
    for _ in range(3):
        Slicer(ob.pose.bones)[:, "location"].read(out)
    same(out.tolist(), values(ob.pose.bones, "location"))
    for i in range(3):
        Slicer(ob.pose.bones)[:, "location"].write(out + i)
        same(values(ob.pose.bones, "location"), (out + i).tolist())
    record = np.zeros(24, [("a", "f4"), ("co", "3f4")])
    Slicer(ob.pose.bones)[:, "location"].read(record["co"])
    Slicer(ob.pose.bones)[:, "location"].read(record["co"])
    same(record["co"].tolist(), values(ob.pose.bones, "location"))


def test_several_properties():
    from rnaslicer import Slicer
    ob = rig()
    got = known(ob.pose.bones, EVERY, ("location", "scale"))
    same(got, [[told(bone.location), told(bone.scale)] for bone in ob.pose.bones])
    with Slicer(ob.pose.bones)[:, ("location", "scale"), "zx"] as vw:
        np.asarray(vw.memcache)[...] = np.arange(24 * 4).reshape(24, 2, 2)
        vw.update()
        vw.update()
    assert list(ob.pose.bones[5].location) == [21, 10, 20] and list(ob.pose.bones[5].scale) == [23, 6, 22]


# ---- elements come, go and change places


def test_bones_come_and_go():
    from rnaslicer import Slicer
    ob = rig()
    known(ob.pose.bones, EVERY, "location")

    def give():
        bpy.context.view_layer.update()  # makes the pose for the armature's bones
        return ob.pose.bones
    changes = {
        "added": lambda bones: add(bones, "New"), "removed": lambda bones: bones.remove(bones["Bone3"]),
        "exchanged": lambda bones: (bones.remove(bones["Bone5"]), add(bones, "Other")),
        "first": lambda bones: bones.remove(bones[0]), "renamed": lambda bones: setattr(bones[2], "name", "Called"),
        "parented": lambda bones: setattr(bones[1], "parent", bones[4]), "nothing": lambda bones: None}
    for what, change in changes.items():
        with Slicer(ob.pose.bones)[:, "location"] as vw:
            natively("refresh", vw.refresh)
            edited(ob, change)
            give()
            agrees_or_names(vw, give, "location")
        same(known(give(), EVERY, "location"), values(give(), "location"), what)
    ob.pose.bones[4].name = "By a script"
    same(known(give(), EVERY, "location"), values(give(), "location"))


def test_a_write_after_bones_changed():
    from rnaslicer import Slicer
    ob = rig()
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        vw.update()
        natively("update", vw.update)
        edited(ob, lambda bones: (bones.remove(bones["Bone7"]), add(bones, "Late")))
        bpy.context.view_layer.update()
        np.asarray(vw.memcache)[...] = np.arange(72).reshape(24, 3)
        natively("update", vw.update)
        same(values(ob.pose.bones, "location"), vw.memcache.tolist())


def test_in_edit_mode():
    """The pose's bones are what they were; an armature's own are written while it is edited, the curve's are not."""
    from rnaslicer import Slicer
    ob, curve = rig(), scenes.curve()
    holder = next(one for one in bpy.context.scene.objects if one.data == curve)
    known(curve.splines, EVERY, "resolution_u")
    with Slicer(ob.pose.bones)[:, "location"] as pose, Slicer(curve.splines)[:, "resolution_u"] as splines:
        pose.update()
        splines.update()
        natively("update", pose.update)
        natively("update", splines.update)
        bpy.context.view_layer.objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        pose.refresh()
        same(pose.memcache.tolist(), values(ob.pose.bones, "location"))
        np.asarray(pose.memcache)[...] = 4
        pose.update()
        assert all(tuple(bone.location) == (4, 4, 4) for bone in ob.pose.bones)
        bpy.ops.object.mode_set(mode="OBJECT")
        bpy.context.view_layer.objects.active = holder
        bpy.ops.object.mode_set(mode="EDIT")
        splines.refresh()
        same(splines.memcache.tolist(), values(curve.splines, "resolution_u"))
        with refused("ReadOnlyError", "edit mode"):
            splines.update()
        bpy.ops.object.mode_set(mode="OBJECT")
        splines.update()
    with Slicer(curve.splines)[:, "resolution_u"] as splines:
        natively("update", splines.update)
