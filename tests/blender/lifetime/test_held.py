# tests/blender/lifetime/test_held.py: what bpy lets dangle, held by a wrapper while it goes: errors by name
"""Each is used again and again after it went, with other data in its place: ASan watches (cmake/run/sanitize.sh)."""
import random

import bpy

from support import EVERY, VERSION, random_mesh, random_objects, refused, same


def uses(vw):
    return vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[1:]), lambda: vw.supplier


def goes(vw, words):
    """Every use is refused by name, and the MemCache stays what it was."""
    before = vw.memcache.tolist()
    for use in uses(vw):
        with refused("SlicerError", *words):
            use()
    assert vw.memcache.tolist() == before
    assert not vw.alive


def clutter():
    """Blender's allocator gives what was freed to others."""
    made = [bpy.data.meshes.new("Clutter") for _ in range(8)]
    for i, mesh in enumerate(made):
        mesh.vertices.add(3 + 50 * i)
        for k in range(4):
            mesh.attributes.new(f"A{k}", "FLOAT_VECTOR", "POINT")
    for mesh in made:
        bpy.data.meshes.remove(mesh)


def test_instances_over_evaluations():
    from rnaslicer import Slicer
    rng = random.Random(3)
    obs = random_objects(rng, random_mesh(rng, 4, 3, layers=False), 3)
    obs[0].instance_type, obs[1].parent = "VERTS", obs[0]
    layer = bpy.context.view_layer
    layer.update()
    graph = layer.depsgraph
    with (Slicer(graph.object_instances)[:, "matrix_world"] as vw,
          Slicer(graph)["object_instances", :, "object", "location"] as through,
          Slicer(graph.objects)[:, "matrix_world"] as objects):
        for i in range(12):
            obs[2].location.x = i
            if i % 3 == 2:
                obs[1].data = obs[1].data.copy()
            layer.update()
            clutter()
            for one in (vw, through, objects):
                one.refresh()
            same(vw.memcache.tolist(), [[list(row) for row in one.matrix_world] for one in graph.object_instances])
            same(through.memcache.tolist(), [list(one.object.location) for one in graph.object_instances])
        bpy.data.meshes.remove(obs[0].data)
        layer.update()
        clutter()
        for one in (vw, through):
            with refused("ShapeChangedError", "instances"):
                one.refresh()
        for ob in list(bpy.data.objects):
            bpy.data.objects.remove(ob)
        layer.update()
        for one in (vw, through, objects):
            with refused("ShapeChangedError"):
                one.refresh()
    other = bpy.context.scene.view_layers.new("Other")
    other.update()
    if other.depsgraph is not None:
        with Slicer(other.depsgraph.object_instances)[:, "random_id"] as vw:
            bpy.context.scene.view_layers.remove(other)
            clutter()
            for use in (vw.refresh, lambda: vw.supplier):
                with refused("SupplierLostError", "Other"):
                    use()


def test_drawings_of_a_removed_layer():
    from rnaslicer import Slicer
    kinds = bpy.data.grease_pencils_v3 if VERSION < (5, 0) else bpy.data.grease_pencils
    data = kinds.new("Pencil")
    layers = [data.layers.new(name) for name in ("Kept", "Gone")]
    for layer in layers:
        drawing = layer.frames.new(1).drawing
        drawing.add_strokes([30, 40])
    drawing = layers[1].frames[0].drawing
    views = [Slicer(drawing.attributes["position"].data)[:, "vector"], Slicer(drawing)["curve_offsets", :, "value"],
             Slicer([layer.frames[0].drawing for layer in layers])[:, "attributes", '["position"]', 3]]
    for vw in views:
        vw.__enter__()
    layers[0].frames[0].drawing.resize_strokes(sizes=[31], indices=[0])
    clutter()
    for vw in views[:2]:
        vw.refresh()
    with refused("ShapeChangedError", "Kept"):
        views[2].refresh()
    drawing = None
    data.layers.remove(layers[1])
    clutter()
    for vw in views:
        goes(vw, ("Gone",))
    again = data.layers.new("Gone").frames.new(1).drawing  # of that name, and shorter
    again.add_strokes([2])
    for vw in views[:2]:
        with refused("ShapeChangedError"):
            vw.refresh()
    for vw in views:
        vw.__exit__(None, None, None)


test_drawings_of_a_removed_layer.min_version = (4, 3)


def test_strokes_of_a_removed_layer():
    """3.4's Grease Pencil, 5.x's annotations."""
    from rnaslicer import Slicer
    if (4, 3) <= VERSION < (5, 0):
        return  # lets no script draw any
    data = (bpy.data.grease_pencils if VERSION < (4, 3) else bpy.data.annotations).new("Strokes")
    layer = data.layers.new("Gone")
    frame = layer.frames.new(1)
    strokes = [frame.strokes.new() for _ in range(3)]
    for stroke in strokes:
        stroke.points.add(50)
    with (Slicer(strokes[1].points)[:, "co"] as vw, Slicer(frame.strokes)[:, "points", :, "co"] as every,
          Slicer(strokes)[:, "points", 0, "co"] as some):
        frame.strokes.remove(frame.strokes[2])
        clutter()
        vw.refresh()
        with refused("ShapeChangedError"):
            every.refresh()
        with refused("SupplierLostError"):
            some.refresh()
        data.layers.remove(layer)
        clutter()
        for one in (vw, every, some):
            goes(one, ("Gone",))


def test_mappings_of_a_removed_node():
    from rnaslicer import Slicer
    material = bpy.data.materials.new("Mapped")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.new("ShaderNodeRGBCurve")
    mapping = tree.nodes["RGB Curves"].mapping
    for i in range(20):
        mapping.curves[3].points.new(i / 20, 0.5)
    with (Slicer(mapping.curves[3].points)[:, "location"] as vw, Slicer(tree.nodes)[:, "location"] as nodes,
          Slicer(mapping)["curves", :, "points", 0, "location"] as every, Slicer(mapping)["clip_min_x"] as one):
        mapping.curves[3].points.new(0.99, 0.5)  # moves them
        clutter()
        for view in (vw, every):
            with refused("ShapeChangedError", "curves[3].points"):
                view.refresh()
        one.refresh()
        tree.nodes.remove(tree.nodes["RGB Curves"])
        clutter()
        for view in (vw, every):
            goes(view, ("RGB Curves",))
        for use in (one.refresh, one.update):
            with refused("SupplierLostError", "RGB Curves"):
                use()
        with refused("ShapeChangedError"):
            nodes.refresh()
        tree.nodes.new("ShaderNodeRGB").name = "RGB Curves"  # another type, of that name
        for view in (vw, every):
            goes(view, ("RGB Curves",))
        bpy.data.materials.remove(material)
        clutter()
        for view in (vw, every):
            goes(view, ("Mapped",))


def test_a_collection_of_groups_that_grows_and_moves():
    from rnaslicer import Slicer

    class Held(bpy.types.PropertyGroup):
        number: bpy.props.IntProperty()
        co: bpy.props.FloatVectorProperty()

    bpy.utils.register_class(Held)
    bpy.types.Object.held = bpy.props.CollectionProperty(type=Held)
    try:
        ob = bpy.data.objects.new("Held", None)
        for i in range(3):
            ob.held.add().number = i
        moved = set()
        with (Slicer(ob.held)[:, "number"] as vw, Slicer(ob.held)[1:3, "co"] as part,
              Slicer(ob.held[2])["number"] as one, Slicer([ob.held[0], ob.held[2]])[:, "number"] as listed):
            for i in range(3, 400):
                moved.add(ob.held[0].as_pointer())
                ob.held.add().number = i
                if i % 37 == 0:
                    clutter()
                    for use in (vw.refresh, vw.update, part.refresh, part.update):
                        with refused("ShapeChangedError", "3"):
                            use()
                    one.refresh()
                    listed.refresh()
                    assert one.memcache[()] == 2 and listed.memcache.tolist() == [0, 2]
                    one.update()
                    listed.update()
            assert len(moved) > 2, "it never moved"
            same([group.number for group in ob.held], list(range(400)))
            ob.held.clear()
            clutter()
            for use in (one.refresh, one.update, listed.refresh, listed.update):
                with refused("SupplierLostError", "held"):
                    use()
            for i in range(3):
                ob.held.add().number = 7
            vw.refresh()  # as many: found anew
            assert vw.memcache.tolist() == [7] * 3
    finally:
        del bpy.types.Object.held
        bpy.utils.unregister_class(Held)


def test_id_properties_that_change_their_type():
    from rnaslicer import Slicer
    obs = [bpy.data.objects.new(f"Held{i}", None) for i in range(3)]
    mesh = bpy.data.meshes.new("Shown")
    mesh.vertices.add(40)
    for ob in obs:
        ob["curve"] = [float(i) for i in range(500)]
        ob["group"] = {"x": 1.0}
        ob["mesh"] = mesh
    with Slicer(obs)[:, '["curve"]'] as vw, Slicer(obs)[:, '["group"]', '["x"]'] as group, Slicer(obs[1])[
            '["mesh"]', "vertices", :, "co"] as through:
        for value in (1.5, [1.0] * 499, [1] * 500, [True] * 500, "text", {"x": 1.0}, [{"x": 1.0}], mesh, None):
            for key in ("curve", "group", "mesh"):
                if value is None:
                    del obs[1][key]
                else:
                    obs[1][key] = value
            clutter()
            for use in (vw.refresh, vw.update):
                with refused("ShapeChangedError", "Held1", '["curve"]'):
                    use()
            for use in (group.refresh, group.update):
                if value == {"x": 1.0}:
                    use()
                    continue
                with refused("ShapeChangedError", "Held1", '["group"]["x"]'):
                    use()
            for use in (through.refresh, through.update):
                if value == mesh:
                    use()
                    continue
                with refused("SupplierLostError", "Held1", "mesh"):
                    use()
        assert list(obs[0]["curve"]) == [float(i) for i in range(500)], "an update that was refused has written"
        obs[1]["curve"] = [2.0] * 500
        vw.refresh()
        assert vw.memcache[1, 7] == 2.0
