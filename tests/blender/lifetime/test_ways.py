# tests/blender/lifetime/test_ways.py: structs to which Blender tells no path: found by ways, lost by name, never a guess
import bpy

from support import EVERY, VERSION, refused, same

SCENES = {}


def scene(function):
    SCENES[function.__name__] = function
    return function


def holds(supplier, subscript, get, **options):
    """The expression holds what `get()` gives, when entered and refreshed."""
    from rnaslicer import Slicer
    with Slicer(supplier, **options)[subscript] as vw:
        same(vw.memcache.tolist(), get(), str(vw))
        vw.refresh()
        same(vw.memcache.tolist(), get(), str(vw))


def takes(supplier, subscript, get, value):
    """An update of the first value arrives as bpy shows it, and nothing else changes."""
    from rnaslicer import Slicer
    with Slicer(supplier)[subscript] as vw:
        wanted = vw.memcache.tolist()
        vw.memcache[(0,) * len(vw.shape)] = value
        vw.update()
        now, shape = get(), vw.shape
        same(vw.memcache.tolist(), now, str(vw))
        if shape:
            changed, first, before = now, now, wanted
            while hasattr(first, "__len__"):
                changed, first, before = first[1:], first[0], before[0] if not hasattr(before[0], "__len__") else before[0]
            assert first == value, (str(vw), now)
            if len(now) > 1:
                same(now[1:], wanted[1:], str(vw))
        else:
            assert now == value != wanted, (str(vw), now)


def factory():
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    return bpy.data.objects["Cube"]


def rows(elements, name):
    return [list(getattr(one, name)) if hasattr(getattr(one, name), "__len__") else getattr(one, name) for one in elements]


# ---- drawings and strokes

def pencil():
    """(datablock, layer, frames 1 and 3) with strokes."""
    kinds = bpy.data.grease_pencils_v3 if VERSION < (5, 0) else bpy.data.grease_pencils
    data = kinds.new("Pencil")
    layer = data.layers.new("Lines")
    frames = [layer.frames.new(number) for number in (1, 3)]
    frames[0].drawing.add_strokes([2])
    frames[1].drawing.add_strokes([3, 4])
    return data, layer, frames


def test_drawings():
    data, layer, frames = pencil()
    drawing = frames[1].drawing
    position = lambda: rows(drawing.attributes["position"].data, "vector")
    holds(drawing.attributes["position"].data, (EVERY, "vector"), position)
    holds(drawing.attributes["position"], EVERY, position)
    holds(drawing, ("attributes", '["position"]', EVERY), position)
    holds(drawing.curve_offsets, (EVERY, "value"), lambda: [0, 3, 7])
    holds(drawing.attributes["position"].data[2], "vector", lambda: position()[2])
    holds([frame.drawing for frame in frames], (EVERY, "attributes", '["position"]', 0),
          lambda: [list(frame.drawing.attributes["position"].data[0].vector) for frame in frames])
    holds(layer.frames, (EVERY, "frame_number"), lambda: [1, 3])
    holds(data, ("layers", 0, "frames", 1, "drawing", "attributes", '["position"]', "data", EVERY, "vector"), position)
    takes(drawing.attributes["position"].data, (EVERY, "vector"), position, 4.5)
    from rnaslicer import Slicer
    with Slicer(drawing.curve_offsets)[:, "value"] as vw:
        vw.memcache[1] = 9
        with refused("ValueRangeError", "nothing was written"):
            vw.update()
    with refused("ExpressionError", "no property"):
        Slicer(drawing)["attributes2", 0].__enter__()


test_drawings.min_version = (4, 3)


def test_a_drawing_is_its_frame():
    """By the frame's number: frames that come and go before it change nothing; without it the drawing is lost."""
    from rnaslicer import Slicer, SupplierLostError
    _, layer, frames = pencil()
    with Slicer(frames[1].drawing.attributes["position"].data)[:, "vector", "x"] as vw:
        frames[1].drawing.attributes["position"].data[4].vector = 9, 8, 7
        layer.frames.new(2).drawing.add_strokes([7])
        vw.refresh()
        assert vw.memcache.tolist() == [0, 0, 0, 0, 9, 0, 0]
        layer.frames.remove(2)
        layer.frames.remove(1)
        vw.refresh()
        assert vw.memcache.tolist() == [0, 0, 0, 0, 9, 0, 0]
        layer.frames.remove(3)
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "Lines", "frame_number=3"):
                use()
        assert not vw.alive
    _, layer, frames = pencil()
    with Slicer(frames[1].drawing.attributes["position"].data)[:, "vector"] as vw:
        layer.id_data.layers.remove(layer)
        lost = []
        vw.on_lost.append(lost.append)
        try:
            vw.refresh()
        except SupplierLostError as error:
            assert "Lines" in str(error)
        else:
            raise AssertionError("a drawing of a removed layer was read")
        assert lost == [vw]


test_a_drawing_is_its_frame.min_version = (4, 3)


def test_strokes():
    if VERSION < (4, 3):
        layers = bpy.data.grease_pencils.new("Old").layers
    elif VERSION >= (5, 0):
        layers = bpy.data.annotations.new("Notes").layers
    else:  # 4.3 lets no script draw annotations
        layers = bpy.data.grease_pencils.new("Notes").layers
        holds(layers.new("A").frames, (EVERY, "frame_number"), lambda: [])
        return
    layer = layers.new("A")
    frames = [layer.frames.new(number) for number in (2, 5)]
    for frame in frames:
        for count in (3, 3):
            frame.strokes.new().points.add(count)
    stroke = frames[1].strokes[1]
    holds(stroke.points, (EVERY, "co"), lambda: rows(stroke.points, "co"))
    takes(stroke.points, (EVERY, "co"), lambda: rows(stroke.points, "co"), 2.5)
    holds(frames[1].strokes, (EVERY, "points", EVERY, "co"), lambda: [rows(one.points, "co") for one in frames[1].strokes])
    holds([frames[0].strokes[0], stroke], (EVERY, "points", EVERY, "co", 1),
          lambda: [[p.co[1] for p in one.points] for one in (frames[0].strokes[0], stroke)])
    holds(stroke.points[1], "co", lambda: list(stroke.points[1].co))
    if VERSION < (4, 3):
        holds(frames[0].strokes, (EVERY, "line_width"), lambda: rows(frames[0].strokes, "line_width"))
        takes(frames[0].strokes, (EVERY, "line_width"), lambda: rows(frames[0].strokes, "line_width"), 7)
    from rnaslicer import Slicer
    with Slicer(stroke.points)[:, "co"] as vw:
        layer.frames.remove(frames[1])
        with refused("SupplierLostError", "frame_number=5"):
            vw.refresh()


# ---- curve mappings

@scene
def brush():
    one = bpy.data.brushes.new("Mapped", mode="SCULPT")
    return one.curve_distance_falloff if hasattr(one, "curve_distance_falloff") else one.curve


@scene
def rgb_curves():
    material = bpy.data.materials.new("Mapped")
    material.use_nodes = True
    for kind in ("ShaderNodeRGBCurve", "ShaderNodeRGBCurve"):
        node = material.node_tree.nodes.new(kind)
    return node.mapping


@scene
def film():
    return bpy.context.scene.view_settings.curve_mapping


@scene
def falloff():
    return getattr(bpy.data.lights["Light"], "falloff_curve", None)


def test_curve_mappings(name):
    factory()
    if name == "film":
        bpy.context.scene.view_settings.use_curve_mapping = True
    mapping = SCENES[name]()
    if mapping is None:
        return  # lights have none any more
    curve = mapping.curves[len(mapping.curves) - 1]
    location = lambda: rows(curve.points, "location")
    holds(curve.points, (EVERY, "location"), location)
    holds(mapping, ("curves", EVERY, "points", EVERY, "location"), lambda: [rows(c.points, "location") for c in mapping.curves])
    holds(mapping, ("clip_max_x",), lambda: mapping.clip_max_x)
    holds(curve.points[1], "location", lambda: location()[1])
    takes(curve.points, (EVERY, "location"), location, 0.0625)


test_curve_mappings.cases = {name: (name,) for name in SCENES}


def test_a_mapping_goes_with_its_node():
    from rnaslicer import Slicer
    mapping = rgb_curves()
    tree = mapping.id_data
    with Slicer(mapping.curves[3].points)[:, "location"] as vw:
        tree.nodes.new("ShaderNodeRGB")
        vw.refresh()
        tree.nodes.remove(tree.nodes["RGB Curves.001"])
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError", "RGB Curves.001"):
                use()
    with Slicer(tree.nodes["RGB Curves"].mapping.curves[0].points)[:, "location"] as vw:
        tree.nodes["RGB Curves"].mapping.curves[0].points.new(0.5, 0.5)
        with refused("ShapeChangedError"):
            vw.refresh()


# ---- evaluated particles, creases

def test_hair_keys_of_one_particle():
    ob = factory()
    ob.modifiers.new("Hair", "PARTICLE_SYSTEM")
    settings = ob.particle_systems[0].settings
    settings.type, settings.count = "HAIR", 7
    bpy.context.view_layer.update()
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    particle = evaluated.particle_systems[0].particles[3]
    keys = rows(particle.hair_keys, "co_local")
    holds(particle.hair_keys, (EVERY, "co_local"), lambda: keys)
    holds(particle, ("hair_keys", EVERY, "time"), lambda: rows(particle.hair_keys, "time"))
    from rnaslicer import Slicer
    with Slicer(particle.hair_keys)[:, "co_local"] as vw:
        with refused("ReadOnlyError"):
            vw.update()
        settings.count = 2
        bpy.context.view_layer.update()
        with refused("SupplierLostError", "particles[3]"):
            vw.refresh()


def test_creases_of_3_4():
    if VERSION >= (4, 0):
        return
    ob = factory()
    bpy.context.view_layer.objects.active = ob
    bpy.ops.mesh.customdata_crease_vertex_add()
    bpy.ops.mesh.customdata_crease_edge_add()
    for name in ("vertex_creases", "edge_creases"):
        layer = getattr(ob.data, name)[0]
        values = lambda layer=layer: rows(layer.data, "value")
        holds(layer.data, (EVERY, "value"), values)
        holds(layer, EVERY, values)
        holds(ob.data, (name, 0, "data", EVERY, "value"), values)
        takes(layer.data, (EVERY, "value"), values, 0.5)


# ---- preferences, key maps, views

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
