# tests/blender/lifetime/test_addresses.py: native code reads bpy's objects for what as_pointer() tells
"""bpy says what is right: of each struct it is asked beside the reading. `asks` counts how often native code asked."""
import bpy

from support import EVERY, same
from trail_ways import counts, known, natively


def asks(function):
    """(how many addresses native code read, how many it asked bpy for)."""
    before = counts()["address"]
    function()
    after = counts()["address"]
    return after[0] - before[0], after[1] - before[1]


def scattered(count=40):
    """Structs of many classes, several of each: datablocks, elements, layers, nodes, and what RNA itself consists of."""
    mesh = bpy.data.meshes.new("Mesh")
    mesh.from_pydata([(i, i * i, 0) for i in range(count)], [], [(i, i + 1, i + 2) for i in range(count - 2)])
    mesh.attributes.new("Layer", "FLOAT", "FACE")
    mesh.uv_layers.new()
    obs = [bpy.data.objects.new(f"Ob{i}", mesh) for i in range(count)]
    for ob in obs:
        bpy.context.scene.collection.objects.link(ob)
        ob.modifiers.new("Array", "ARRAY")
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for kind in ("ShaderNodeMath", "ShaderNodeRGB", "NodeFrame"):
        tree.nodes.new(kind)
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.splines.new("POLY").points.add(5)
    bpy.context.view_layer.update()
    evaluated = obs[0].evaluated_get(bpy.context.evaluated_depsgraph_get())
    found = [mesh, *obs, *mesh.vertices, *mesh.edges, *mesh.polygons, *mesh.loops, *mesh.attributes, *mesh.uv_layers]
    found += [tree, *tree.nodes, *(socket for node in tree.nodes for socket in node.inputs), curve, *curve.splines]
    found += [*curve.splines[0].points, *(ob.modifiers[0] for ob in obs), evaluated, evaluated.data]
    found += [bpy.context.scene, bpy.context.preferences, bpy.context.view_layer, *bpy.context.view_layer.objects]
    found += [bpy.types.Object.bl_rna, *bpy.types.Object.bl_rna.properties, *bpy.types.Object.bl_rna.functions]
    return found + [bpy.context.scene.render, bpy.data, bpy.context.window_manager, *bpy.data.screens]


def test_it_is_what_bpy_tells():
    from rnaslicer import _core
    found = scattered()
    for one in found:
        assert _core.address_of(one) == one.as_pointer(), one
    read, asked = asks(lambda: same([_core.address_of(one) for one in found], [one.as_pointer() for one in found]))
    assert (read, asked) == (len(found), 0), (read, asked, len(found))


def test_of_classes_that_scripts_make():
    """Whatever a class adds lies behind what bpy has of each object, or before it."""
    from rnaslicer import _core

    class Mixin:
        __slots__ = ()

    class Slotted:
        __slots__ = ("one", "two")

    class Plain(bpy.types.PropertyGroup):
        number: bpy.props.IntProperty()

    class Mixed(Mixin, bpy.types.PropertyGroup):
        number: bpy.props.IntProperty()

    class Packed(bpy.types.PropertyGroup):
        __slots__ = ()
        number: bpy.props.IntProperty()

    for cls in (Plain, Mixed, Packed):
        for _ in range(2):  # registered anew, too
            bpy.utils.register_class(cls)
            bpy.types.Scene.groups = bpy.props.CollectionProperty(type=cls)
            try:
                groups = bpy.context.scene.groups
                for _ in range(20):
                    groups.add()
                for one in (*groups, *groups):
                    assert _core.address_of(one) == one.as_pointer(), one
                groups.clear()
            finally:
                del bpy.types.Scene.groups
                bpy.utils.unregister_class(cls)


def test_of_what_is_gone_it_is_what_bpy_tells():
    from rnaslicer import _core

    def told(ask):
        try:
            return ask()
        except ReferenceError:
            return None

    obs = [bpy.data.objects.new(f"Ob{i}", None) for i in range(20)]
    for one in obs:
        _core.address_of(one)
    for one in obs:
        bpy.data.objects.remove(one)
    for one in obs:
        assert told(lambda: _core.address_of(one)) == told(lambda: bpy.types.bpy_struct.as_pointer(one)), "a dead one"


def test_what_is_no_struct_is_refused():
    from rnaslicer import _core
    mesh = bpy.data.meshes.new("Mesh")
    _core.address_of(mesh)
    for one in (3, None, "text", object(), mesh.vertices, bpy.types.Mesh, mesh.bl_rna.properties):
        try:
            found = _core.address_of(one)
        except TypeError:
            continue
        raise AssertionError(f"{one!r} has an address: {found}")


def test_a_refresh_of_many_asks_for_none():
    from rnaslicer import Slicer
    scene, size = bpy.context.scene, 8
    obs = []
    for i in range(50):
        mesh = bpy.data.meshes.new(f"M{i}")
        mesh.vertices.add(size)
        mesh.vertices[i % size].co = i, 1, 2
        obs.append(bpy.data.objects.new(f"M{i:02}", mesh))
        obs[-1].location.x = i
        scene.collection.objects.link(obs[-1])
    bpy.context.view_layer.update()
    curve = bpy.data.curves.new("Curve", "CURVE")
    for _ in range(30):
        curve.splines.new("POLY").points.add(size - 1)
    for supplier, items, least in ((obs, (EVERY, "location"), 50), (scene.objects, (EVERY, "location"), 50),
                                   (scene.objects, (EVERY, "data", "vertices", EVERY, "co"), 50),
                                   (curve, ("splines", EVERY, "points", EVERY, "co"), 30)):
        known(supplier, *items)
        with Slicer(supplier)[items] as vw:
            natively("refresh", vw.refresh)  # the first one remembers layers
            read, asked = asks(lambda: natively("refresh", vw.refresh))
            assert asked == 0 and read >= least, (items, read, asked)
            assert read <= 2 * least + 2, (items, read)  # of a mesh, and of the layer that holds its positions
    with Slicer(obs)[:, "location"] as vw:  # right after objects went and others took their places
        obs[7].location.x = 77
        vw.refresh()
        same(vw.memcache.tolist(), [list(ob.location) for ob in obs])
