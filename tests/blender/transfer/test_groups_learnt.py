# tests/blender/transfer/test_groups_learnt.py: what finding out how ID properties are kept leaves behind: nothing
import gc

import bpy

from support import VERSION


def classes():
    gc.collect()
    return sum(one.__name__ == "RNASLICER_scratch" for one in bpy.types.PropertyGroup.__subclasses__())


def state():
    manager = bpy.data.window_managers[0]
    groups = {one.name: one.bl_system_properties_get() is not None for one in (manager, *bpy.data.texts)} if (
        VERSION >= (5, 0)) else {}
    return groups, {one.name: list(one.keys()) for one in (manager, *bpy.data.texts)}, [
        len(getattr(bpy.data, prop.identifier)) for prop in bpy.data.bl_rna.properties if prop.type == "COLLECTION"]


def test_nothing_is_left():
    """No property, no empty group of them (5.x), no datablock, and no news for handlers; the class goes where Blender
    lets it go (before 5.x it never does)."""
    from rnaslicer.blender.groups import idproperties
    bpy.data.texts.new("Kept")
    bpy.context.view_layer.update()
    heard, before, there = [], state(), classes()
    bpy.app.handlers.depsgraph_update_post.append(heard_of := lambda *_: heard.append(1))
    try:
        idproperties.forget()
        assert idproperties.known() is not None
        bpy.context.view_layer.update()
    finally:
        bpy.app.handlers.depsgraph_update_post.remove(heard_of)
    assert state() == before and not heard
    assert classes() == there if VERSION >= (5, 0) else classes() <= there + 1
    assert not hasattr(bpy.types.Text, "rnaslicer_scratch")


def test_tries_where_nobody_may_write():
    """While something is drawn, and while add-ons register: one class waits, however often it is asked for."""
    from rnaslicer.blender.groups import idproperties
    there, register = classes(), bpy.utils.register_class

    def refuses(_):
        raise RuntimeError("register_class(...): can't run in readonly state")
    idproperties.forget()
    bpy.utils.register_class = refuses
    try:
        assert [idproperties.known() for _ in range(20)] == [None] * 20
    finally:
        bpy.utils.register_class = register
    assert classes() <= there + 1
    assert idproperties.known() is not None
    assert classes() == there if VERSION >= (5, 0) else classes() <= there + 1
