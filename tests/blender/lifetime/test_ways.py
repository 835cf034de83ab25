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
