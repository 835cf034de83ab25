# tests/blender/lifetime/test_ways_of_preferences.py: structs of preferences, key maps and groups, to which no path leads
import bpy

from support import EVERY, refused
from test_ways import factory, holds, rows, takes


def test_preferences():
    factory()
    preferences = bpy.context.preferences
    theme = preferences.themes[0]
    holds(preferences, ("view", "ui_scale"), lambda: preferences.view.ui_scale)
    holds(preferences.inputs, "mouse_double_click_time", lambda: preferences.inputs.mouse_double_click_time)
    holds(preferences.themes, (EVERY, "view_3d", "grid"), lambda: [list(theme.view_3d.grid)])
    holds(theme.view_3d, ("grid", "rgb"), lambda: list(theme.view_3d.grid)[:3])
    holds(theme.view_3d.space, "header", lambda: list(theme.view_3d.space.header))
    before = theme.view_3d.outline_width
    takes(theme.view_3d, "outline_width", lambda: theme.view_3d.outline_width, 2 if before != 2 else 3)
    theme.view_3d.outline_width = before


def test_key_maps():
    configs = bpy.context.window_manager.keyconfigs
    keymap = configs.addon.keymaps.new("Tested")
    items = [keymap.keymap_items.new("wm.save_as_mainfile", key, "PRESS") for key in "ABC"]
    active = lambda: [item.active for item in keymap.keymap_items]
    holds(keymap.keymap_items, (EVERY, "active"), active)
    holds(configs.addon.keymaps, (EVERY, "is_modal"), lambda: [one.is_modal for one in configs.addon.keymaps])
    holds(items[1], "active", lambda: True)
    takes(keymap.keymap_items, (EVERY, "active"), active, False)
    from rnaslicer import Slicer
    with Slicer(items[1])["id"] as vw:  # an item is its number, whatever comes before it
        number = items[1].id
        keymap.keymap_items.remove(items[0])
        vw.refresh()
        assert vw.memcache[()] == number
        keymap.keymap_items.remove(keymap.keymap_items.from_id(number))
        with refused("SupplierLostError", f"id={number}"):
            vw.refresh()
    configs.addon.keymaps.remove(keymap)


def test_views():
    factory()
    area = next(one for one in bpy.data.screens["Layout"].areas if one.type == "VIEW_3D")
    view = area.spaces.active.region_3d
    holds(view, "view_matrix", lambda: [list(row) for row in view.view_matrix])
    holds(view, ("view_location",), lambda: list(view.view_location))
    holds(area.spaces.active, "lens", lambda: area.spaces.active.lens)
    takes(view, "view_location", lambda: list(view.view_location), 2.5)


def test_properties_of_key_maps_operators():
    """A type of its own for each operator; the item may get another operator, or go."""
    from rnaslicer import Slicer
    keymap = bpy.context.window_manager.keyconfigs.addon.keymaps.new("Tested")
    items = [keymap.keymap_items.new("transform.translate", key, "PRESS") for key in "AB"]
    items[1].properties.value, items[1].properties["own"] = (1, 2, 3), 4
    value = lambda: list(items[1].properties.value)
    holds(items[1].properties, ("value", EVERY), value)
    holds(items[1].properties, '["own"]', lambda: 4)
    holds(keymap.keymap_items, (EVERY, "properties", "value"), lambda: [list(item.properties.value) for item in items])
    takes(items[1].properties, "value", value, 7.5)
    with Slicer(items[1].properties)["value"] as vw:
        number = items[1].id
        keymap.keymap_items.remove(items[0])
        vw.refresh()
        assert vw.memcache.tolist() == [7.5, 2, 3]
        for operator in ("transform.rotate", "wm.save_as_mainfile"):
            keymap.keymap_items.from_id(number).idname = operator
            for use in (vw.refresh, vw.update):
                with refused("SlicerError", "value", f"id={number}"):
                    use()
        keymap.keymap_items.remove(keymap.keymap_items.from_id(number))
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", f"id={number}"):
                use()
    bpy.context.window_manager.keyconfigs.addon.keymaps.remove(keymap)


def leave_operators_properties():
    """A class of bpy's whose RNA type is freed: reading it crashes 3.4 and 4.3."""
    class Passed(bpy.types.Operator):
        bl_idname, bl_label = "rnaslicer_tests.passed", "Passed"
        value: bpy.props.IntProperty()

        def execute(self, context):
            seen.append(type(self.properties))
            return {"FINISHED"}

    seen = []
    bpy.utils.register_class(Passed)
    bpy.ops.rnaslicer_tests.passed()
    bpy.utils.unregister_class(Passed)
    LEFT.extend(seen)


LEFT = []


def test_groups_beside_what_has_no_path():
    """What add-ons register on view layers, nodes and the like; its class may go, and come again."""
    from rnaslicer import Slicer

    def made(name):
        kinds = [type(f"{name}{part}", (bpy.types.PropertyGroup,), {"__annotations__": notes}) for part, notes in (
            ("Part", {"x": bpy.props.FloatProperty(), "number": bpy.props.IntProperty()}), ("", {}))]
        bpy.utils.register_class(kinds[0])
        kinds[1].__annotations__["parts"] = bpy.props.CollectionProperty(type=kinds[0])
        bpy.utils.register_class(kinds[1])
        bpy.types.ViewLayer.tested = bpy.props.PointerProperty(type=kinds[1])
        return kinds

    leave_operators_properties()
    kinds = made("TestedGroup")
    try:
        layer = bpy.context.scene.view_layers.new("Other")
        for i in range(3):
            layer.tested.parts.add().x = i + 0.5
        x = lambda: rows(layer.tested.parts, "x")
        holds(layer.tested.parts, (EVERY, "x"), x)
        holds(layer.tested, ("parts", EVERY, "x"), x)
        holds(layer.tested.parts[1], "x", lambda: 1.5)
        holds([part for part in layer.tested.parts], (EVERY, "number"), lambda: [0, 0, 0])
        takes(layer.tested.parts, (EVERY, "x"), x, 9.5)
        with Slicer(layer.tested.parts)[:, "x"] as vw:
            for kind in reversed(kinds):
                bpy.utils.unregister_class(kind)
            for use in (vw.refresh, vw.update):
                with refused("SlicerError", "tested"):
                    use()
            kinds = made("TestedGroup")
            with refused("ShapeChangedError", "TestedGroup"):  # made anew, it may have anything
                vw.refresh()
        bpy.types.ViewLayer.other = bpy.props.PointerProperty(type=kinds[1])
        bpy.types.ViewLayer.tested = bpy.props.FloatProperty(default=1.5)  # where a way was known
        layer.other.parts.add().x = 4.5
        holds(layer.other.parts, (EVERY, "x"), lambda: [4.5])
        del bpy.types.ViewLayer.other
        bpy.types.ViewLayer.tested = bpy.props.PointerProperty(type=kinds[1])
        layer.tested.parts.clear()
        layer.tested.parts.add().x = 6.5
        with Slicer(layer.tested.parts)[:, "x"] as vw:
            assert vw.memcache.tolist() == [6.5]
            bpy.context.scene.view_layers.remove(layer)
            for use in (vw.refresh, vw.update):
                with refused("SupplierLostError", "Other"):
                    use()
    finally:
        del bpy.types.ViewLayer.tested
        for kind in reversed(kinds):
            bpy.utils.unregister_class(kind)


def test_groups_in_the_preferences_of_add_ons():
    class TestedPart(bpy.types.PropertyGroup):
        x: bpy.props.FloatProperty()

    class TestedPreferences(bpy.types.AddonPreferences):
        bl_idname = "tested_add_on"
        parts: bpy.props.CollectionProperty(type=TestedPart)
        scale: bpy.props.FloatProperty(default=2)

    addon = bpy.context.preferences.addons.new()
    addon.module = "tested_add_on"
    for kind in (TestedPart, TestedPreferences):
        bpy.utils.register_class(kind)
    try:
        ours = addon.preferences
        for i in range(3):
            ours.parts.add().x = i + 0.5
        holds(ours, "scale", lambda: 2.0)
        holds(ours.parts, (EVERY, "x"), lambda: rows(ours.parts, "x"))
        holds(ours.parts[1], "x", lambda: 1.5)
        takes(ours.parts, (EVERY, "x"), lambda: rows(ours.parts, "x"), 9.5)
    finally:
        for kind in (TestedPreferences, TestedPart):
            bpy.utils.unregister_class(kind)
        bpy.context.preferences.addons.remove(addon)


def test_types_lead_to_each_other():
    """What RNA declares is told in well under the time that anybody would notice, and never goes where Blender crashes."""
    from rnaslicer.blender.hazards import LEADS_ASTRAY
    from rnaslicer.supplier import types
    for name in ("CurveMapPoint", "CurveMapping", "ThemeView3D", "KeyMapItem", "RegionView3D", "ParticleHairKey"):
        target = types.towards(getattr(bpy.types, name).bl_rna)
        for owner in (bpy.types.Scene, bpy.types.Brush, bpy.types.Preferences, bpy.types.WindowManager, bpy.types.Object):
            for steps in range(1, 6):
                for found in target.leads(owner.bl_rna, steps):
                    assert (owner.__name__, found) not in LEADS_ASTRAY
    distance = lambda owner, name: types.towards(getattr(bpy.types, name).bl_rna).distance(owner.bl_rna)
    assert distance(bpy.types.Brush, "CurveMapPoint") == 3
    assert distance(bpy.types.Preferences, "ThemeView3D") == 2
    assert distance(bpy.types.Mesh, "ThemeView3D") > 9
    assert distance(bpy.types.ToolSettings, "CurveMapping") == 2, "what a type inherits"
