# tests/blender/trails/test_trails_nested_lists.py: lists whose elements may have others within them, learnt where none has
import bpy
import numpy as np

from support import EVERY, VERSION, same
from trail_lists import add, edited, rig, values
from trail_ways import known, read


BEHIND, BETWEEN = ((3, 4), (4, 5)), ((0, 1), (1, 2), (4, 5))  # behind all others: whatever is at the head has its index


def family(name="Family", pairs=BEHIND):
    """Bones with children, which the armature's list of bones gives, too."""
    def grow(bones):
        for i in range(6):
            add(bones, f"Bone{i}", i)
        for parent, child in pairs:
            bones[f"Bone{child}"].parent = bones[f"Bone{parent}"]
    ob = rig(0, name)
    edited(ob, grow)
    assert len(ob.data.bones) == 6
    return ob


def test_bones_with_children():
    plain = rig(6)
    for nested in (family(), family("Between", BETWEEN)):
        for name in ("hide", "head_local", "matrix_local"):
            known(plain.data.bones, EVERY, name)
            same(read(nested.data.bones, EVERY, name)[0], values(nested.data.bones, name))
            same(known(plain.data.bones, EVERY, name), values(plain.data.bones, name))


def test_bones_with_children_are_written():
    from rnaslicer import Slicer
    plain, nested = rig(6), family()
    known(plain.data.bones, EVERY, "hide")
    with Slicer(nested.data.bones)[:, "hide"] as vw:
        assert vw.shape == (6,)
        np.asarray(vw.memcache)[:] = True
        vw.update()
    assert all(bone.hide for bone in nested.data.bones) and not any(bone.hide for bone in plain.data.bones)
    Slicer(nested.data.bones)[:, "hide"].write(np.array([1, 0, 1, 0, 0, 1], bool))
    same(values(nested.data.bones, "hide"), [True, False, True, False, False, True])


def test_bones_that_get_children_while_entered():
    from rnaslicer import Slicer
    ob = rig(6)
    known(ob.data.bones, EVERY, "head_local")
    with Slicer(ob.data.bones)[:, "head_local"] as vw:
        edited(ob, lambda bones: setattr(bones["Bone5"], "parent", bones["Bone4"]))
        vw.refresh()
        same(vw.memcache.tolist(), values(ob.data.bones, "head_local"))
        edited(ob, lambda bones: setattr(bones["Bone5"], "parent", None))
        vw.refresh()
        same(vw.memcache.tolist(), values(ob.data.bones, "head_local"))


def test_armatures_of_many_objects():
    from rnaslicer import Slicer
    obs = [rig(3, "A"), rig(4, "B"), family(), rig(2, "C")]
    for some in (obs[:2], obs[:2], obs, obs[2:], obs):
        with Slicer(some, ragged="flat")[:, "data", "bones", :, "head_local"] as vw:
            same(vw.memcache.tolist(), [value for ob in some for value in values(ob.data.bones, "head_local")])


def editor(name):
    """Strips of a scene's, and what makes a meta strip of the last two."""
    scene = bpy.data.scenes.new(name)
    made = scene.sequence_editor_create()
    strips = made.strips if VERSION >= (5, 0) else made.sequences
    length = {"length": 9} if VERSION >= (5, 0) else {"frame_end": 9}
    for i in range(5):
        strips.new_effect(f"Strip{i}", "COLOR", channel=i + 1, frame_start=1, **length)
    return made


def test_strips_within_strips():
    every = "strips_all" if VERSION >= (5, 0) else "sequences_all"
    plain, nested = editor("Plain"), editor("Nested")
    strips = nested.strips if VERSION >= (5, 0) else nested.sequences
    meta = strips.new_meta("Meta", 9, 1)
    for name in ("Strip3", "Strip4"):
        strips[name].move_to_meta(meta)
    assert len(getattr(nested, every)) == 6 and len(strips) == 4
    for collection in (every, "strips" if VERSION >= (5, 0) else "sequences"):
        for name in ("channel", "mute", "select"):
            read(getattr(plain, collection), EVERY, name)
            same(read(getattr(plain, collection), EVERY, name)[0], values(getattr(plain, collection), name))
            same(read(getattr(nested, collection), EVERY, name)[0], values(getattr(nested, collection), name))


def test_keying_sets_that_are_built_in():
    """bpy gives Blender's own behind the scene's: where none was registered, the scene's were all."""
    import keyingsets_builtins
    scene, name = bpy.context.scene, "use_insertkey_needed"
    for i in range(3):
        scene.keying_sets.new(name=f"Mine{i}")
    keyingsets_builtins.unregister()
    try:
        known(scene.keying_sets_all, EVERY, name)
    finally:
        keyingsets_builtins.register()
    assert len(scene.keying_sets_all) > 3
    same(read(scene.keying_sets_all, EVERY, name)[0], values(scene.keying_sets_all, name))
